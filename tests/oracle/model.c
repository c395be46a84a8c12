/* The brute-force engine. */
#include "oracle/model.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static void *grow(void *array, size_t *capacity, size_t need, size_t size)
{
    if (need <= *capacity)
        return array;
    *capacity = need + need / 2 + 64;
    void *bigger = realloc(array, *capacity * size);
    if (bigger == NULL)
        abort(); /* a test program */
    return bigger;
}
#define GROW(array, capacity, need) ((array) = grow((array), &(capacity), (need), sizeof *(array)))

bool model_init(model *m, const ns_index_settings *settings)
{
    *m = (model){.title_weight = settings->title_weight};
    GROW(m->first_passage, m->first_capacity, 1);
    m->first_passage[0] = 0;
    return ns__analyzer_open(&settings->analysis, &m->analyzer, NULL) == NS_OK;
}

static void add_posting(model *m, uint32_t term, uint32_t passage, uint32_t tf)
{
    if (term >= m->term_capacity) {
        size_t old = m->term_capacity;
        GROW(m->terms, m->term_capacity, (size_t)term + 1);
        memset(m->terms + old, 0, (m->term_capacity - old) * sizeof *m->terms);
    }
    term_list *list = &m->terms[term];
    if (list->count && list->items[list->count - 1].passage == passage) {
        list->items[list->count - 1].tf += tf;
        return;
    }
    GROW(list->items, list->capacity, list->count + 1);
    list->items[list->count++] = (posting){passage, tf};
}

static void add_passage(model *m, const ns__passage *passage)
{
    size_t p = m->passages, unused = m->passage_capacity;
    GROW(m->article_of, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->length, unused, p + 1);
    unused = m->passage_capacity;
    GROW(m->body_start, unused, p + 1);
    GROW(m->body_count, m->passage_capacity, p + 1);
    uint32_t title_terms = m->title_count[m->articles];
    m->article_of[p] = (uint32_t)m->articles;
    m->length[p] = passage->token_count + m->title_weight * title_terms;
    m->total_length += m->length[p];
    m->body_start[p] = (uint32_t)m->body_used;
    m->body_count[p] = passage->token_count;
    GROW(m->body, m->body_capacity, m->body_used + passage->token_count);
    for (uint32_t i = 0; i < passage->token_count; i++) {
        uint32_t term = m->cut.tokens.items[passage->first_token + i].term;
        m->body[m->body_used++] = term;
        add_posting(m, term, (uint32_t)p, 1);
    }
    if (m->title_weight > 0)
        for (uint32_t i = 0; i < title_terms; i++)
            add_posting(m, m->titles[m->title_start[m->articles] + i], (uint32_t)p,
                        m->title_weight);
    m->passages++;
}

bool model_add(model *m, ns__str code, ns__str title, ns__str body)
{
    size_t a = m->articles, unused = m->title_capacity;
    ns__lang lang = ns__analyzer_record_language(m->analyzer, code, body.length ? body : title);
    m->langs[lang] = true;
    m->scratch.count = 0;
    if (ns__analyzer_run(m->analyzer, lang, title, &m->scratch, NULL) != NS_OK ||
        ns__passages_cut(m->analyzer, lang, body, &m->cut, NULL) != NS_OK)
        return false;
    GROW(m->title_start, unused, a + 1);
    unused = m->title_capacity;
    GROW(m->deleted, unused, a + 1);
    GROW(m->title_count, m->title_capacity, a + 1);
    GROW(m->titles, m->titles_capacity, m->titles_used + m->scratch.count);
    m->deleted[a] = false;
    m->title_start[a] = (uint32_t)m->titles_used;
    m->title_count[a] = (uint32_t)m->scratch.count;
    for (size_t i = 0; i < m->scratch.count; i++)
        m->titles[m->titles_used++] = m->scratch.items[i].term;
    for (size_t i = 0; i < m->cut.count; i++)
        add_passage(m, &m->cut.items[i]);
    m->articles++;
    GROW(m->first_passage, m->first_capacity, m->articles + 1);
    m->first_passage[m->articles] = (uint32_t)m->passages;
    return true;
}

void model_release(model *m)
{
    for (size_t i = 0; i < m->term_capacity; i++)
        free(m->terms[i].items);
    free(m->terms);
    free(m->first_passage);
    free(m->article_of);
    free(m->length);
    free(m->body_start);
    free(m->body_count);
    free(m->body);
    free(m->title_start);
    free(m->title_count);
    free(m->titles);
    free(m->deleted);
    ns__tokens_release(&m->scratch);
    ns__passages_release(&m->cut);
    ns__analyzer_close(m->analyzer);
    *m = (model){0};
}

size_t model_df(const model *m, uint32_t term)
{
    return term < m->term_capacity ? m->terms[term].count : 0;
}

static void insert_term(const model *m, group *g, uint32_t term)
{
    size_t at = 0;
    ns__str text = ns__analyzer_term(m->analyzer, term);
    while (at < g->count) {
        int order = ns__str_compare(ns__analyzer_term(m->analyzer, g->terms[at]), text);
        if (order == 0)
            return;
        if (order > 0)
            break;
        at++;
    }
    memmove(g->terms + at + 1, g->terms + at, (g->count - at) * sizeof *g->terms);
    g->terms[at] = term;
    g->count++;
}

bool model_resolve(model *m, leaf *l)
{
    for (size_t s = 0; s < l->slots; s++) {
        group *g = &l->groups[s];
        g->count = 0;
        ns__str word = {(const uint8_t *)l->words[s], strlen(l->words[s])};
        for (uint32_t lang = 0; lang < 64; lang++) {
            if (!m->langs[lang])
                continue;
            m->scratch.count = 0;
            if (ns__analyzer_run(m->analyzer, lang, word, &m->scratch, NULL) != NS_OK ||
                m->scratch.count != 1 || (m->scratch.items[0].flags & NS_TOKEN_SINGLE) ||
                g->count == MAX_GROUP)
                return false;
            insert_term(m, g, m->scratch.items[0].term);
        }
    }
    return true;
}

/* ---- Searching: every step over arrays as long as the collection ---- */

/* Passages of a group with their summed tf, ascending. */
static posting *merge_group(const model *m, const group *g, size_t *count)
{
    size_t total = 0, used = 0, at[MAX_GROUP] = {0};
    for (size_t i = 0; i < g->count; i++)
        total += model_df(m, g->terms[i]);
    posting *out = malloc((total + 1) * sizeof *out);
    for (;;) {
        uint32_t least = UINT32_MAX, tf = 0;
        for (size_t i = 0; i < g->count; i++)
            if (at[i] < model_df(m, g->terms[i]) &&
                m->terms[g->terms[i]].items[at[i]].passage < least)
                least = m->terms[g->terms[i]].items[at[i]].passage;
        if (least == UINT32_MAX)
            break;
        for (size_t i = 0; i < g->count; i++)
            if (at[i] < model_df(m, g->terms[i]) &&
                m->terms[g->terms[i]].items[at[i]].passage == least)
                tf += m->terms[g->terms[i]].items[at[i]++].tf;
        out[used++] = (posting){least, tf};
    }
    *count = used;
    return out;
}

static bool in_group(const group *g, uint32_t term)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->terms[i] == term)
            return true;
    return false;
}

static bool has_phrase(const uint32_t *terms, size_t count, const leaf *l)
{
    for (size_t i = 0; i + l->slots <= count; i++) {
        size_t s = 0;
        while (s < l->slots && in_group(&l->groups[s], terms[i + s]))
            s++;
        if (s == l->slots)
            return true;
    }
    return false;
}

/* contains[p] for each passage. */
static bool *leaf_passages(const model *m, const leaf *l)
{
    bool *contains = calloc(m->passages + 1, 1);
    size_t count;
    posting *list = merge_group(m, &l->groups[0], &count);
    for (size_t i = 0; i < count; i++) {
        uint32_t p = list[i].passage, a = m->article_of[p];
        contains[p] = l->slots == 1 ||
                      has_phrase(m->body + m->body_start[p], m->body_count[p], l) ||
                      has_phrase(m->titles + m->title_start[a], m->title_count[a], l);
    }
    free(list);
    return contains;
}

static bool same_group(const group *a, const group *b)
{
    return a->count == b->count && memcmp(a->terms, b->terms, a->count * sizeof *a->terms) == 0;
}

typedef struct weighted {
    const group *g;
    double weight;
} weighted;

/* Distinct groups of the positive leaves in byte order of their first term. */
static size_t scored_groups(const model *m, const query *q, weighted *out)
{
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++) {
        const leaf *l = &q->leaves[i];
        for (size_t s = 0; l->occur != MUST_NOT && s < l->slots; s++) {
            size_t at = 0;
            while (at < count && !same_group(out[at].g, &l->groups[s]))
                at++;
            if (at < count) {
                out[at].weight += 1;
                continue;
            }
            at = count++;
            ns__str key = ns__analyzer_term(m->analyzer, l->groups[s].terms[0]);
            while (at > 0 &&
                   ns__str_compare(ns__analyzer_term(m->analyzer, out[at - 1].g->terms[0]), key) >
                       0) {
                out[at] = out[at - 1];
                at--;
            }
            out[at] = (weighted){&l->groups[s], 1};
        }
    }
    return count;
}

static double *score_all(const model *m, const query *q)
{
    weighted groups[MAX_LEAVES * MAX_SLOTS];
    size_t count = scored_groups(m, q, groups);
    double *scores = calloc(m->passages + 1, sizeof *scores);
    double average = m->passages ? (double)m->total_length / (double)m->passages : 0;
    for (size_t i = 0; i < count; i++) {
        size_t df = 0, postings;
        for (size_t t = 0; t < groups[i].g->count; t++)
            if (model_df(m, groups[i].g->terms[t]) > df)
                df = model_df(m, groups[i].g->terms[t]);
        double n = (double)m->passages, d = (double)df;
        double idf = ns__log(1.0 + (n - d + 0.5) / (d + 0.5));
        double w = groups[i].weight * idf;
        double c0 = q->k1 * (1.0 - q->b), c1 = average > 0 ? q->k1 * q->b / average : 0;
        posting *list = merge_group(m, groups[i].g, &postings);
        for (size_t p = 0; p < postings; p++) {
            double tf = (double)list[p].tf;
            double k = c0 + c1 * (double)m->length[list[p].passage];
            scores[list[p].passage] += w * (tf / (tf + k));
        }
        free(list);
    }
    return scores;
}

static int by_rank(const void *x, const void *y)
{
    const answer *a = x, *b = y;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return a->passage < b->passage ? -1 : a->passage > b->passage;
}

static bool qualifies(const model *m, const query *q, bool *const *contains, uint32_t first,
                      uint32_t end)
{
    (void)m;
    for (size_t i = 0; i < q->count; i++) {
        bool found = false;
        for (uint32_t p = first; p < end && !found; p++)
            found = contains[i][p];
        if (q->leaves[i].occur == MUST && !found)
            return false;
        if (q->leaves[i].occur == MUST_NOT && found)
            return false;
    }
    return true;
}

static bool matches(const query *q, bool *const *contains, uint32_t p)
{
    for (size_t i = 0; i < q->count; i++)
        if (q->leaves[i].occur != MUST_NOT && contains[i][p])
            return true;
    return false;
}

static void answer_article(const model *m, const query *q, bool *const *contains,
                           const double *scores, uint32_t article, answers *out)
{
    uint32_t first = m->first_passage[article], end = m->first_passage[article + 1];
    bool any = false;
    size_t best = 0;
    if (!q->passage_scope && !qualifies(m, q, contains, first, end))
        return;
    for (uint32_t p = first; p < end; p++) {
        if (!matches(q, contains, p) || (q->passage_scope && !qualifies(m, q, contains, p, p + 1)))
            continue;
        float score = (float)scores[p];
        out->passages++;
        if (any && !q->passages) {
            if (score > out->items[best].score)
                out->items[best] = (answer){article, p, score};
            continue;
        }
        GROW(out->items, out->capacity, out->count + 1);
        best = out->count;
        out->items[out->count++] = (answer){article, p, score};
        any = true;
    }
    out->articles += any;
}

bool model_search(const model *m, const query *q, answers *out)
{
    bool *contains[MAX_LEAVES];
    double *scores = score_all(m, q);
    for (size_t i = 0; i < q->count; i++)
        contains[i] = leaf_passages(m, &q->leaves[i]);
    out->count = 0;
    out->articles = out->passages = 0;
    for (uint32_t a = 0; a < m->articles; a++)
        if (!m->deleted[a])
            answer_article(m, q, contains, scores, a, out);
    if (out->count)
        qsort(out->items, out->count, sizeof *out->items, by_rank);
    for (size_t i = 0; i < q->count; i++)
        free(contains[i]);
    free(scores);
    return true;
}
