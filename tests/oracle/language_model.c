/* Brute force for the whole language: every condition on every passage. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oracle/language.h"
#include "text/fold.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* ---- Leaves and operands in a row of terms ---- */

static bool in_group(const group *g, uint32_t term)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->terms[i] == term)
            return true;
    return false;
}

bool has_capital(ns__str text)
{
    for (size_t at = 0; at < text.length;) {
        unsigned length;
        uint32_t code = ns__utf8_decode(text.data + at, &length);
        if (ns__sentence_class(ns__unicode(code)) == NS_SB_UPPER)
            return true;
        at += length;
    }
    return false;
}

bool exact_form(const model *m, ns__str raw, uint32_t number, bool cased, char out[64])
{
    ns__folder *folder = ns__analyzer_folder(m->analyzer);
    ns__str text = ns__analyzer_form(m->analyzer, number).surface;
    if (cased && ns__fold_written(folder, raw, text, NULL) != NS_OK)
        return false;
    if (cased)
        text = (ns__str){folder->written.data, folder->written.length};
    snprintf(out, 64, "%.*s", text.length < 60 ? (int)text.length : 0, (const char *)text.data);
    return text.length < 60;
}

static bool is_written(const model *m, const exact_word *word, const words_row *row, size_t i)
{
    char here[64];
    const ns__str raw = {row->text + row->starts[i], row->ends[i] - row->starts[i]};
    return exact_form(m, raw, row->forms[i], word->cased, here) &&
           strcmp(here, word->wanted[row->lang]) == 0;
}

size_t leaf_starts(const model *m, const leaf *l, const words_row *row, uint32_t *starts,
                   size_t room)
{
    size_t found = 0;
    for (size_t i = 0; l->slots > 0 && i + l->slots <= row->count && found < room; i++) {
        size_t s = 0;
        while (s < l->slots && in_group(&l->groups[s], row->terms[i + s]) &&
               (l->words == NULL || is_written(m, &l->words[s], row, i + s)))
            s++;
        if (s == l->slots)
            starts[found++] = (uint32_t)i;
    }
    return found;
}

static void add_spans(const model *m, const saying *s, const lnode *words, const words_row *row,
                      spans *out)
{
    const leaf *l = &s->q.leaves[words->first_leaf];
    static uint32_t starts[MAX_SPANS];
    size_t found = leaf_starts(m, l, row, starts, MAX_SPANS - out->count);
    for (size_t i = 0; i < found; i++)
        out->items[out->count++] = (span){starts[i], starts[i] + (uint32_t)l->slots};
}

void operand_spans(const model *m, const saying *s, const lnode *operand, const words_row *row,
                   spans *out)
{
    out->count = 0;
    if (operand->form == WORDS)
        add_spans(m, s, operand, row, out);
    for (size_t i = 0; operand->form == LIST && i < operand->count; i++)
        add_spans(m, s, &operand->children[i], row, out);
}

/* All choices of one place an operand; the words between them are the whole stretch less theirs. */
static bool choose(const lnode *near, const spans *of, size_t k, size_t *chosen, bool *used)
{
    bool any = false;
    uint32_t reach = near->distance + MAX_OPERANDS * MAX_SLOTS; /* farther is too far */
    if (k == near->count) {
        uint32_t first = UINT32_MAX, last = 0, own = 0;
        for (size_t i = 0; i < k; i++) {
            span at = of[i].items[chosen[i]];
            first = at.start < first ? at.start : first;
            last = at.end > last ? at.end : last;
            own += at.end - at.start;
        }
        if (last - first - own > near->distance)
            return false;
        for (size_t i = 0; used != NULL && i < k; i++)
            used[i * MAX_SPANS + chosen[i]] = true;
        return true;
    }
    for (chosen[k] = 0; chosen[k] < of[k].count && (used != NULL || !any); chosen[k]++) {
        span at = of[k].items[chosen[k]];
        bool clear = true;
        for (size_t i = 0; i < k && clear; i++) {
            span other = of[i].items[chosen[i]];
            clear = (other.end <= at.start || (at.end <= other.start && !near->ordered)) &&
                    at.start <= other.end + reach && other.start <= at.end + reach;
        }
        any |= clear && choose(near, of, k + 1, chosen, used);
    }
    return any;
}

bool near_holds(const lnode *near, const spans *of, bool *used)
{
    size_t chosen[MAX_OPERANDS];
    return choose(near, of, 0, chosen, used);
}

/* ---- Conditions ---- */

typedef struct judge {
    const model *m;
    const saying *s;
    uint8_t *body, *title; /* of each leaf: by passage, by article */
} judge;

static bool leaf_in_body(const judge *j, size_t l, uint32_t p)
{
    return j->body[l * j->m->passages + p];
}

static bool leaf_in_title(const judge *j, size_t l, uint32_t a)
{
    return j->title[l * j->m->articles + a];
}

static words_row row_of(const model *m, bool title, uint32_t article, uint32_t start,
                        uint32_t count)
{
    const written *words = title ? &m->title_words : &m->body_words;
    return (words_row){(title ? m->titles : m->body) + start,
                       words->forms + start,
                       words->starts + start,
                       words->ends + start,
                       m->said,
                       count,
                       m->facts[article].analysed_as};
}

static words_row body_row(const model *m, uint32_t passage)
{
    return row_of(m, false, m->article_of[passage], m->body_start[passage], m->body_count[passage]);
}

static words_row title_row(const model *m, uint32_t article)
{
    return row_of(m, true, article, m->title_start[article], m->title_count[article]);
}

static bool row_holds(const judge *j, const lnode *n, words_row row, const uint32_t *sentences,
                      size_t sentence_count)
{
    static spans of[MAX_OPERANDS];
    for (size_t i = 0; i < n->count; i++) {
        operand_spans(j->m, j->s, &n->children[i], &row, &of[i]);
        if (of[i].count == 0)
            return false;
    }
    if (n->form == NEAR)
        return near_holds(n, of, NULL);
    for (size_t u = 0; u < sentence_count; u++) {
        uint32_t start = sentences[u] >> 1, end = UINT32_MAX;
        if (n->paragraph && u > 0 && !(sentences[u] & 1))
            continue;
        for (size_t v = u + 1; v < sentence_count && end == UINT32_MAX; v++)
            if (!n->paragraph || (sentences[v] & 1))
                end = sentences[v] >> 1;
        size_t met = 0;
        for (size_t i = 0; i < n->count; i++)
            for (size_t k = 0; k < of[i].count; k++)
                if (of[i].items[k].start >= start && of[i].items[k].end <= end) {
                    met++;
                    break;
                }
        if (met == n->count)
            return true;
    }
    return false;
}

static bool near_in_passage(const judge *j, const lnode *n, uint32_t p)
{
    const model *m = j->m;
    static const uint32_t whole[1] = {1};
    uint32_t a = m->article_of[p];
    return (n->place != TITLE &&
            row_holds(j, n, body_row(m, p), m->sentences + m->sentence_start[p],
                      m->sentence_count[p])) ||
           (n->place != BODY && row_holds(j, n, title_row(m, a), whole, 1));
}

/* Whether a passage contains a WORDS, NEAR or UNIT. */
static bool contains(const judge *j, const lnode *n, uint32_t p)
{
    if (n->form != WORDS)
        return near_in_passage(j, n, p);
    for (size_t l = n->first_leaf; l < n->first_leaf + n->leaf_count; l++)
        if ((n->place != TITLE && leaf_in_body(j, l, p)) ||
            (n->place != BODY && leaf_in_title(j, l, j->m->article_of[p])))
            return true;
    return false;
}

/* ---- Values ---- */

/* Blanks in a row are one, those at the ends none. */
static void even_blanks(char *text)
{
    char *to = text;
    for (const char *at = text; *at; at++)
        if (!strchr(" \t\n", *at))
            *to++ = *at;
        else if (to > text && to[-1] != ' ')
            *to++ = ' ';
    to -= to > text && to[-1] == ' ';
    *to = 0;
}

static void fold(const char *text, char *out, size_t room)
{
    ns__folder folder = {0};
    size_t length = 0;
    if (ns__fold_text(&folder, (ns__str){(const uint8_t *)text, strlen(text)}, NULL) == NS_OK &&
        folder.term.length < room) {
        length = folder.term.length;
        if (length > 0)
            memcpy(out, folder.term.data, length);
    }
    out[length] = 0;
    even_blanks(out);
    ns__folder_release(&folder);
}

static bool goes_on(const char *at)
{
    unsigned length;
    unsigned what = ns__unicode(ns__utf8_decode((const uint8_t *)at, &length));
    return (what & (NS_UNICODE_ALNUM | NS_UNICODE_MARK)) != 0 && (what & NS_UNICODE_GRAM) == 0;
}

static bool value_fits(const char *value, const char *wanted)
{
    char have[4200], want[200];
    fold(value, have, sizeof have);
    fold(wanted, want, sizeof want);
    size_t length = strlen(want);
    if (length > 0 && want[length - 1] == '*')
        return have[0] != 0 && strncmp(have, want, length - 1) == 0;
    for (char *at = strstr(have, want); at != NULL && length > 0; at = strstr(at + 1, want)) {
        const char *before = at;
        do
            before--;
        while (before > have && ((uint8_t)*before & 0xc0) == 0x80);
        bool begins = at == have || !goes_on(before) || !goes_on(at);
        const char *last = at + length - 1;
        while (last > at && ((uint8_t)*last & 0xc0) == 0x80)
            last--;
        if (begins && (at[length] == 0 || !goes_on(last) || !goes_on(at + length)))
            return true;
    }
    return false;
}

static bool id_fits(const char *id, const char *wanted)
{
    const size_t length = strlen(wanted);
    if (length > 0 && wanted[length - 1] == '*')
        return strncmp(id, wanted, length - 1) == 0;
    return strcmp(id, wanted) == 0;
}

/* A day is that day in every zone, a time another one in each. */
static bool is_dated(const judge *j, uint32_t a, int64_t from, int64_t to)
{
    const article_facts *facts = &j->m->facts[a];
    const int64_t local = facts->date + (facts->timed ? j->s->zone_s : 0);
    return facts->date != INT64_MIN && local >= from && local < to;
}

/* Whether the whole search is about an article. */
static bool is_searched(const judge *j, uint32_t a)
{
    const saying *s = j->s;
    const int64_t since = s->since == INT64_MIN ? s->since : s->since + s->zone_s;
    const int64_t until = s->until == INT64_MAX ? s->until : s->until + s->zone_s;
    const bool all = s->since == INT64_MIN && s->until == INT64_MAX;
    return !j->m->deleted[a] && (all || is_dated(j, a, since, until));
}

static bool filter_holds(const judge *j, const lnode *n, uint32_t a)
{
    const article_facts *facts = &j->m->facts[a];
    if (n->form == ALL)
        return true;
    if (n->form == DATE)
        return is_dated(j, a, n->from, n->to);
    if (n->field == TITLED)
        return facts->titled;
    if (n->field == ID)
        return id_fits(j->m->ids[a], n->value);
    if (n->field == LANG)
        return value_fits(*facts->lang ? facts->lang : ns__lang_code(facts->analysed_as), n->value);
    return value_fits(n->field == SOURCE    ? facts->source
                      : n->field == SECTION ? facts->section
                      : n->field == URL     ? facts->url
                                            : facts->author,
                      n->value);
}

static bool is_filter(const lnode *n)
{
    return n->form == VALUE || n->form == DATE || n->form == ALL;
}

/* A filter, or a list of nothing else but filters and what is excluded. */
static bool is_filter_like(const lnode *n)
{
    if (n->form != LIST)
        return is_filter(n);
    for (size_t i = 0; i < n->count; i++)
        if (n->children[i].occur != MUST_NOT && !is_filter_like(&n->children[i]))
            return false;
    return true;
}

/* Whether passages [first, end) of one article satisfy a condition. */
static bool satisfies(const judge *j, const lnode *n, uint32_t first, uint32_t end)
{
    if (is_filter(n))
        return filter_holds(j, n, j->m->article_of[first]);
    if (n->form != LIST) {
        for (uint32_t p = first; p < end; p++)
            if (contains(j, n, p))
                return true;
        return false;
    }
    bool required = false, wanted = false, met = false;
    for (size_t i = 0; i < n->count; i++) {
        const lnode *child = &n->children[i];
        bool holds = satisfies(j, child, first, end);
        if ((child->occur == MUST && !holds) || (child->occur == MUST_NOT && holds))
            return false;
        required |= child->occur == MUST && !is_filter_like(child);
        wanted |= child->occur == SHOULD;
        met |= child->occur == SHOULD && holds;
    }
    return required || !wanted || met;
}

/* Whether a passage contains something that adds to scores. */
static bool is_found(const judge *j, const lnode *n, uint32_t p)
{
    if (n->form == LIST) {
        for (size_t i = 0; i < n->count; i++)
            if (is_found(j, &n->children[i], p))
                return true;
        return false;
    }
    return !is_filter(n) && n->positive && contains(j, n, p);
}

/* ---- Searching ---- */

static void find_leaves(judge *j)
{
    const model *m = j->m;
    size_t count = j->s->q.count;
    uint32_t at;
    j->body = calloc(count + 1, m->passages + 1);
    j->title = calloc(count + 1, m->articles + 1);
    for (size_t l = 0; l < count; l++) {
        const leaf *of = &j->s->q.leaves[l];
        memset(m->wanted, 0, m->term_capacity);
        for (size_t t = 0; of->slots > 0 && t < of->groups[0].count; t++)
            if (of->groups[0].terms[t] < m->term_capacity)
                m->wanted[of->groups[0].terms[t]] = 1;
        for (uint32_t p = 0; p < m->passages; p++)
            for (uint32_t i = m->body_start[p]; i < m->body_start[p] + m->body_count[p]; i++)
                if (m->wanted[m->body[i]]) {
                    words_row row = body_row(m, p);
                    j->body[l * m->passages + p] = (of->slots == 1 && of->words == NULL) ||
                                                   leaf_starts(m, of, &row, &at, 1) > 0;
                    break;
                }
        for (uint32_t a = 0; a < m->articles; a++)
            for (uint32_t i = m->title_start[a]; i < m->title_start[a] + m->title_count[a]; i++)
                if (m->wanted[m->titles[i]]) {
                    words_row row = title_row(m, a);
                    j->title[l * m->articles + a] = leaf_starts(m, of, &row, &at, 1) > 0;
                    break;
                }
    }
    memset(m->wanted, 0, m->term_capacity);
}

static void take_unit(const judge *j, uint32_t first, uint32_t end, size_t limit, answers *out,
                      answer *best, uint32_t *hits)
{
    if (!satisfies(j, &j->s->root, first, end))
        return;
    uint32_t before = *hits;
    for (uint32_t p = first; p < end; p++) {
        bool last = p + 1 == end && *hits == before && j->s->by_filter;
        bool found = is_found(j, &j->s->root, p);
        if (!found && !last)
            continue;
        uint32_t passage = found ? p : first;
        answer here = {j->m->article_of[p], passage, (float)j->m->scores[passage]};
        if (j->s->q.passages)
            model_keep(out, limit, here);
        if (*hits == 0 || here.score > best->score)
            *best = here;
        ++*hits;
    }
}

/* What only excludes finds nothing. */
static bool only_excludes(const lnode *root)
{
    for (size_t i = 0; i < root->count; i++)
        if (root->children[i].occur != MUST_NOT)
            return false;
    return true;
}

void saying_search(model *m, const saying *s, size_t limit, answers *out)
{
    judge j = {.m = m, .s = s};
    out->count = 0;
    out->articles = out->passages = 0;
    if (only_excludes(&s->root))
        return;
    model_score(m, &s->q);
    find_leaves(&j);
    for (uint32_t a = 0; a < m->articles; a++) {
        uint32_t first = m->first_passage[a], end = m->first_passage[a + 1], hits = 0;
        answer best = {0};
        if (!is_searched(&j, a))
            continue;
        if (!s->q.passage_scope)
            take_unit(&j, first, end, limit, out, &best, &hits);
        else
            for (uint32_t p = first; p < end; p++)
                take_unit(&j, p, p + 1, limit, out, &best, &hits);
        if (hits == 0)
            continue;
        if (!s->q.passages)
            model_keep(out, limit, best);
        out->articles++;
        out->passages += hits;
    }
    free(j.body);
    free(j.title);
}
