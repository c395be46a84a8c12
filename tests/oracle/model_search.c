/* Queries of the brute-force engine: every step over arrays as long as the collection. */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/num.h"
#include "oracle/model.h"

/* ---- From written words to terms ---- */

void model_insert_term(const model *m, group *g, uint32_t term)
{
    size_t at = 0;
    ns__str text = ns__analyzer_term(m->analyzer, term);
    for (; at < g->count; at++) {
        int order = ns__str_compare(ns__analyzer_term(m->analyzer, g->terms[at]), text);
        if (order == 0)
            return;
        if (order > 0)
            break;
    }
    g->terms = realloc(g->terms, (g->count + 1) * sizeof *g->terms);
    memmove(g->terms + at + 1, g->terms + at, (g->count - at) * sizeof *g->terms);
    g->terms[at] = term;
    g->count++;
}

/* Whether the text is one cluster of a script without spaces, and nothing else. */
static bool is_cluster(model *m, const uint8_t *text, size_t length)
{
    m->scratch.count = 0;
    if (length == 0 ||
        ns__analyzer_run(m->analyzer, 0, (ns__str){text, length}, &m->scratch, NULL) != NS_OK)
        return false;
    const ns__token *token = m->scratch.items;
    return m->scratch.count == 1 && (token->flags & NS_TOKEN_SINGLE) && token->start == 0 &&
           token->end == length;
}

typedef struct bigram {
    uint32_t term;
    size_t df;
    ns__str text;
} bigram;

static int by_df(const void *x, const void *y)
{
    const bigram *a = x, *b = y;
    if (a->df != b->df)
        return a->df > b->df ? -1 : 1;
    return ns__str_compare(a->text, b->text);
}

/* A lone cluster also stands for the bigrams that begin or end with it: the most frequent
 * NS_MAX_EXPANSIONS, and eight times as many in all of a query. */
static void expand(model *m, query *q, group *g, uint32_t cluster)
{
    ns__str half = ns__analyzer_term(m->analyzer, cluster);
    bigram *found = malloc(m->term_capacity * sizeof *found);
    size_t count = 0, room = 8 * NS_MAX_EXPANSIONS - q->expansions;
    room = room < NS_MAX_EXPANSIONS ? room : NS_MAX_EXPANSIONS;
    for (uint32_t t = 0; t < m->term_capacity; t++) {
        if (m->terms[t].count == 0)
            continue;
        ns__str text = ns__analyzer_term(m->analyzer, t);
        if (text.length <= half.length)
            continue;
        size_t rest = text.length - half.length;
        if ((memcmp(text.data, half.data, half.length) == 0 &&
             is_cluster(m, text.data + half.length, rest)) ||
            (memcmp(text.data + rest, half.data, half.length) == 0 &&
             is_cluster(m, text.data, rest)))
            found[count++] = (bigram){t, m->terms[t].count, text};
    }
    if (count > 0)
        qsort(found, count, sizeof *found, by_df);
    for (size_t i = 0; i < count && i < room; i++)
        model_insert_term(m, g, found[i].term);
    q->expansions += count < room ? count : room;
    free(found);
}

/* The terms of token `at` over all languages that cut the text there in the same way. */
static void fill_group(model *m, query *q, const ns__tokens *tokens, size_t at, group *g)
{
    size_t first = 0;
    while (!m->langs[first])
        first++;
    const ns__token *base = &tokens[first].items[at];
    *g = (group){0};
    for (size_t lang = first; lang < ns__lang_count(); lang++) {
        if (!m->langs[lang] || at >= tokens[lang].count)
            continue;
        const ns__token *token = &tokens[lang].items[at];
        if (token->start == base->start && token->end == base->end)
            model_insert_term(m, g, token->term);
    }
    if (base->flags & NS_TOKEN_SINGLE)
        expand(m, q, g, base->term);
}

/* Whether the word is a run as a whole: of parts that are no bigrams, one of them one character. */
static bool is_short_cut(const ns__tokens *tokens, ns__str text)
{
    bool grams = false, single = false;
    for (size_t t = 0; t < tokens->count; t++) {
        size_t characters = 0;
        for (size_t at = tokens->items[t].start; at < tokens->items[t].end; at++)
            characters += (text.data[at] & 0xc0) != 0x80;
        grams |= (tokens->items[t].flags & NS_TOKEN_GRAM) != 0;
        single |= characters == 1;
    }
    return single && !grams;
}

static bool add_tokens(model *m, query *q, occur wish, bool quoted, ns__str text,
                       const ns__tokens *tokens, size_t count)
{
    bool phrase = quoted || wish != SHOULD, whole;
    size_t first = 0, run = 1;
    if (count == 0)
        return true;
    while (!m->langs[first])
        first++;
    whole = is_short_cut(&tokens[first], text);
    if (q->count + (phrase ? 1 : count) > MAX_LEAVES)
        return false;
    if (phrase && count > MAX_SLOTS && count <= NS_MAX_PHRASE_TERMS)
        return false;
    for (size_t t = 0; t < count; t += phrase ? count : 1) {
        leaf *l = &q->leaves[q->count++];
        *l = (leaf){.occur = wish, .weight = 1, .slots = phrase ? count : 1};
        l->parts = !phrase && whole;
        l->joined =
            !phrase && ((whole && t > 0) || (tokens[first].items[t].flags & NS_TOKEN_JOINED));
        l->gram = true;
        for (size_t s = 0; s < l->slots; s++)
            l->gram &= (tokens[first].items[t + s].flags & NS_TOKEN_GRAM) != 0;
        run = l->joined ? run + 1 : 1;
        if (l->slots > NS_MAX_PHRASE_TERMS)
            l->slots = 0;
        for (size_t s = 0; s < l->slots; s++)
            fill_group(m, q, tokens, t + s, &l->groups[s]);
        if (run > MAX_SLOTS)
            return false;
    }
    return true;
}

bool model_add_leaf(model *m, query *q, occur wish, bool quoted, ns__str text)
{
    ns__tokens tokens[64] = {{0}};
    size_t count = 0;
    bool good = true, any = false;
    for (uint32_t lang = 0; lang < ns__lang_count(); lang++) {
        if (!m->langs[lang])
            continue;
        good &= ns__analyzer_run(m->analyzer, lang, text, &tokens[lang], NULL) == NS_OK;
        if (!any)
            count = tokens[lang].count;
        any = true;
    }
    good = good && any && add_tokens(m, q, wish, quoted, text, tokens, count);
    for (size_t lang = 0; lang < 64; lang++)
        ns__tokens_release(&tokens[lang]);
    return good;
}

void model_query_release(query *q)
{
    for (size_t i = 0; i < q->count; i++) {
        free(q->leaves[i].words);
        for (size_t s = 0; s < q->leaves[i].slots; s++)
            free(q->leaves[i].groups[s].terms);
    }
    q->count = 0;
}

/* ---- What passages contain ---- */

static const term_list *list_of(const model *m, uint32_t term)
{
    static const term_list none;
    return term < m->term_capacity ? &m->terms[term] : &none;
}

/* Whether the slots stand one behind the other: bit s of wanted[term] says that the term fits slot
 * s (the shift-and method of Baeza-Yates and Gonnet, 1992). */
static bool has_phrase(const uint32_t *terms, size_t count, const uint8_t *wanted, size_t slots)
{
    unsigned state = 0;
    for (size_t i = 0; i < count; i++) {
        state = ((state << 1) | 1) & wanted[terms[i]];
        if (state >> (slots - 1) & 1)
            return true;
    }
    return false;
}

/* Marks (or unmarks) the slots that each term of a phrase fits. */
static void mark_wanted(const model *m, const leaf *l, bool mark)
{
    for (size_t s = 0; s < l->slots; s++)
        for (size_t t = 0; t < l->groups[s].count; t++) {
            uint32_t term = l->groups[s].terms[t];
            if (term < m->term_capacity)
                m->wanted[term] = mark ? (uint8_t)(m->wanted[term] | 1u << s) : 0;
        }
}

static void check_phrase(const model *m, const leaf *l, uint8_t *contains)
{
    mark_wanted(m, l, true);
    for (uint32_t p = 0; p < m->passages; p++) {
        if (!contains[p])
            continue;
        uint32_t a = m->article_of[p];
        contains[p] =
            has_phrase(m->body + m->body_start[p], m->body_count[p], m->wanted, l->slots) ||
            has_phrase(m->titles + m->title_start[a], m->title_count[a], m->wanted, l->slots);
    }
    mark_wanted(m, l, false);
}

/* contains[p]: 1 where passage p has the leaf. Some room of the model's, until its next search. */
static const uint8_t *leaf_passages(const model *m, const leaf *l, size_t room)
{
    uint8_t *slots = m->contains[room]; /* how many slots were found, the first ones */
    memset(slots, 0, m->passages);
    for (size_t s = 0; s < l->slots; s++)
        for (size_t t = 0; t < l->groups[s].count; t++) {
            const term_list *list = list_of(m, l->groups[s].terms[t]);
            for (const posting *at = list->items, *end = at + list->count; at < end; at++)
                if (slots[at->passage] == s)
                    slots[at->passage] = (uint8_t)(s + 1);
        }
    if (l->slots < 2)
        return slots;
    for (size_t p = 0, all = l->slots, count = m->passages; p < count; p++)
        slots[p] = slots[p] == all;
    check_phrase(m, l, slots);
    return slots;
}

/* ---- Scores ---- */

bool model_same_group(const group *a, const group *b)
{
    return a->count == b->count && memcmp(a->terms, b->terms, a->count * sizeof *a->terms) == 0;
}

static int compare_groups(const model *m, const group *a, const group *b)
{
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        int order = ns__str_compare(ns__analyzer_term(m->analyzer, a->terms[i]),
                                    ns__analyzer_term(m->analyzer, b->terms[i]));
        if (order != 0)
            return order;
    }
    return a->count < b->count ? -1 : a->count > b->count;
}

size_t model_groups(const model *m, const query *q, weighted out[MAX_LEAVES * MAX_SLOTS])
{
    size_t count = 0;
    for (size_t i = 0; i < q->count; i++) {
        const leaf *l = &q->leaves[i];
        for (size_t s = 0; l->occur != MUST_NOT && s < l->slots; s++) {
            size_t at = 0;
            while (at < count && !model_same_group(out[at].g, &l->groups[s]))
                at++;
            if (at < count) {
                out[at].weight += l->weight;
                continue;
            }
            for (at = count++; at > 0 && compare_groups(m, out[at - 1].g, &l->groups[s]) > 0; at--)
                out[at] = out[at - 1];
            out[at] = (weighted){&l->groups[s], l->weight, 0};
        }
    }
    return count;
}

static void score_group(const model *m, const query *q, weighted *of, double *scores)
{
    size_t df = 0;
    double n = (double)m->passages, average = n > 0 ? (double)m->total_length / n : 0;
    for (size_t t = 0; t < of->g->count; t++) {
        const term_list *list = list_of(m, of->g->terms[t]);
        df = list->count > df ? list->count : df;
        for (size_t i = 0; i < list->count; i++)
            m->tfs[list->items[i].passage] += list->items[i].tf;
    }
    double idf = ns__log(1.0 + (n - (double)df + 0.5) / ((double)df + 0.5));
    of->factor = of->weight * idf;
    double c0 = q->k1 * (1.0 - q->b), c1 = average > 0 ? q->k1 * q->b / average : 0;
    for (size_t t = 0; t < of->g->count; t++) {
        const term_list *list = list_of(m, of->g->terms[t]);
        for (size_t i = 0; i < list->count; i++) {
            uint32_t p = list->items[i].passage;
            double tf = (double)m->tfs[p], k = c0 + c1 * (double)m->length[p];
            if (m->tfs[p] > 0)
                scores[p] += of->factor * (tf / (tf + k));
            m->tfs[p] = 0; /* the group's next term may be here too: it is counted already */
        }
    }
}

/* A run gains half of its factors where it stands as a phrase. */
static void score_run(const model *m, const leaf *run, const weighted *groups, size_t count,
                      double *scores)
{
    double sum = 0;
    for (size_t s = 0; s < run->slots; s++)
        for (size_t i = 0; i < count; i++)
            if (model_same_group(groups[i].g, &run->groups[s]))
                sum += groups[i].factor;
    const uint8_t *contains = leaf_passages(m, run, 0);
    for (uint32_t p = 0; p < m->passages; p++)
        if (contains[p])
            scores[p] += 0.5 * sum;
}

static void open_scratch(model *m)
{
    if (m->scores != NULL)
        return; /* nothing is added any more */
    m->scores = calloc(m->passages + 1, sizeof *m->scores);
    m->tfs = calloc(m->passages + 1, sizeof *m->tfs);
    m->wanted = calloc(m->term_capacity + 1, 1);
    for (size_t i = 0; i <= MAX_LEAVES; i++)
        m->contains[i] = malloc(m->passages + 1);
}

void model_score(model *m, const query *q)
{
    open_scratch(m);
    weighted groups[MAX_LEAVES * MAX_SLOTS];
    size_t count = model_groups(m, q, groups);
    memset(m->scores, 0, m->passages * sizeof *m->scores);
    for (size_t i = 0; i < count; i++)
        score_group(m, q, &groups[i], m->scores);
    for (size_t i = 0, end; i < q->count; i = end) {
        leaf run = {.slots = 1, .groups = {q->leaves[i].groups[0]}};
        for (end = i + 1; end < q->count && is_joined(q, end); end++)
            run.groups[run.slots++] = q->leaves[end].groups[0];
        if (run.slots > 1)
            score_run(m, &run, groups, count, m->scores);
    }
}

/* ---- Results ---- */

static bool better(const answer *a, const answer *b)
{
    return a->score != b->score ? a->score > b->score : a->passage < b->passage;
}

/* Into the sorted array of the best `limit`. */
void model_keep(answers *out, size_t limit, answer found)
{
    if (out->count == limit && (limit == 0 || !better(&found, &out->items[limit - 1])))
        return;
    if (out->count == out->capacity) {
        out->capacity = out->capacity * 2 + 64;
        out->items = realloc(out->items, out->capacity * sizeof *out->items);
    }
    size_t at = out->count < limit ? out->count++ : limit - 1;
    for (; at > 0 && better(&found, &out->items[at - 1]); at--)
        out->items[at] = out->items[at - 1];
    out->items[at] = found;
}

/* Whether passages [first, end) together have every required leaf and no excluded one. */
static bool qualifies(const query *q, const uint8_t *const *contains, uint32_t first, uint32_t end)
{
    for (size_t i = 0; i < q->count; i++) {
        bool found = false;
        for (uint32_t p = first; p < end && !found && q->leaves[i].occur != SHOULD; p++)
            found = contains[i][p];
        if ((q->leaves[i].occur == MUST && !found) || (q->leaves[i].occur == MUST_NOT && found))
            return false;
    }
    return true;
}

static void answer_article(const model *m, const query *q, const uint8_t *const *contains,
                           const uint8_t *matches, uint32_t article, size_t limit, answers *out)
{
    uint32_t first = m->first_passage[article], end = m->first_passage[article + 1], hits = 0;
    answer best = {0};
    if (m->deleted[article] || (!q->passage_scope && !qualifies(q, contains, first, end)))
        return;
    for (uint32_t p = first; p < end; p++) {
        if (!matches[p] || (q->passage_scope && !qualifies(q, contains, p, p + 1)))
            continue;
        answer here = {article, p, (float)m->scores[p]};
        if (q->passages)
            model_keep(out, limit, here);
        if (hits++ == 0 || better(&here, &best))
            best = here;
    }
    if (hits == 0)
        return;
    if (!q->passages)
        model_keep(out, limit, best);
    out->articles++;
    out->passages += hits;
}

void model_search(model *m, const query *q, size_t limit, answers *out)
{
    const uint8_t *contains[MAX_LEAVES];
    open_scratch(m);
    uint8_t *matches = m->contains[MAX_LEAVES];
    model_score(m, q);
    memset(matches, 0, m->passages);
    for (size_t i = 0; i < q->count; i++) {
        const uint8_t *here = contains[i] = leaf_passages(m, &q->leaves[i], i);
        if (q->leaves[i].occur != MUST_NOT)
            for (size_t p = 0, count = m->passages; p < count; p++)
                matches[p] |= here[p];
    }
    out->count = 0;
    out->articles = out->passages = 0;
    const uint8_t *at = matches, *end = matches + m->passages;
    while (at < end && (at = memchr(at, 1, (size_t)(end - at))) != NULL) {
        uint32_t article = m->article_of[at - matches];
        answer_article(m, q, contains, matches, article, limit, out);
        at = matches + m->first_passage[article + 1];
    }
}
