/* The model's words, articles and texts as the formula takes them: see ranking.h. */
#include "oracle/ranking.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "oracle/formula.h"

void ranking_choose(collection *c, trial *t)
{
    static const size_t limits[] = {1, 5, 10, 10, 25};
    if (!c->o.ranking || below(&c->seed, 8) == 0)
        return;
    t->q.passages = t->o.passages = false;
    t->o.ranking = NS_RANKING_CASCADE;
    t->o.exhaustive = below(&c->seed, 4) == 0;
    if (t->o.limit > 100)
        t->o.limit = below(&c->seed, 16) == 0 ? t->o.limit : limits[below(&c->seed, 5)];
}

static size_t limit_of(const collection *c, const trial *t)
{
    return t->o.limit < c->m.articles ? t->o.limit : c->m.articles;
}

size_t ranking_depth(const collection *c, const trial *t)
{
    if (t->o.ranking != NS_RANKING_CASCADE)
        return t->o.limit;
    return formula_depth(limit_of(c, t), t->o.exhaustive, c->m.articles);
}

static row row_of(const uint32_t *terms, uint32_t start, uint32_t count)
{
    return (row){terms + start, count};
}

/* Everything that a ranking needs room for. */
typedef struct room {
    weighted groups[MAX_LEAVES * MAX_SLOTS];
    formula_word words[MAX_LEAVES * MAX_SLOTS];
    size_t order[MAX_LEAVES * MAX_SLOTS], run_words[MAX_LEAVES];
    bool joined[MAX_LEAVES * MAX_SLOTS];
    formula_run runs[MAX_LEAVES], lines[MAX_LEAVES];
    uint8_t *members;
    row *rows; /* by passage */
    formula_entry *entries;
} room;

static void take_word(const model *m, const weighted *from, uint8_t *member, formula_word *out)
{
    *out = (formula_word){.member = member, .boost = from->weight};
    for (size_t t = 0; t < from->g->count; t++) {
        uint32_t term = from->g->terms[t];
        ns__str text = ns__analyzer_term(m->analyzer, term);
        uint64_t df = model_df(m, term);
        out->df = df > out->df ? df : out->df;
        out->stop |= formula_is_stop_word((const char *)text.data, text.length);
        if (term < m->term_capacity)
            member[term] = 1;
    }
}

static size_t word_of(const room *all, size_t count, const group *g)
{
    size_t w = 0;
    while (w < count && !model_same_group(all->groups[w].g, g))
        w++;
    return w;
}

/* Words of scripts without spaces that stand one behind the other in the query and weigh the same;
 * `order` has the words of all leaves but those that are excluded. */
static size_t find_lines(const query *q, const size_t *order, formula_run *lines)
{
    size_t count = 0, at = 0;
    for (size_t i = 0, end; i < q->count; i = end) {
        const leaf *first = &q->leaves[i];
        size_t words = 0;
        for (end = i; end < q->count; end++) {
            const leaf *l = &q->leaves[end];
            if (l->occur == MUST_NOT || !l->gram || l->slots == 0 || l->weight < first->weight ||
                l->weight > first->weight)
                break;
            words += l->slots;
        }
        if (words >= 2 && words <= NS_MAX_PHRASE_TERMS)
            lines[count++] = (formula_run){order + at, words};
        if (end == i)
            end++;
        if (words == 0 && first->occur != MUST_NOT)
            words = first->slots;
        at += words;
    }
    return count;
}

static formula make_formula(const model *m, const query *q, room *all)
{
    double words = (double)m->body_used + 3.0 * (double)m->titles_used;
    formula f = {.words = all->words,
                 .order = all->order,
                 .joined = all->joined,
                 .runs = all->runs,
                 .lines = all->lines,
                 .title_weight = m->title_weight,
                 .passages = m->passages,
                 .article_average = words > 0 ? words / (double)m->articles : 1,
                 .passage_average = (double)m->total_length / (double)m->passages};
    f.word_count = model_groups(m, q, all->groups);
    all->members = calloc(f.word_count + 1, m->term_capacity + 1);
    for (size_t w = 0; w < f.word_count; w++)
        take_word(m, &all->groups[w], all->members + w * (m->term_capacity + 1), &all->words[w]);
    size_t used = 0;
    for (size_t i = 0, end; i < q->count; i = end) {
        size_t first = used;
        for (end = i; end == i || (end < q->count && is_joined(q, end)); end++) {
            const leaf *l = &q->leaves[end];
            for (size_t s = 0; l->occur != MUST_NOT && s < l->slots; s++) {
                all->joined[f.order_count] = is_joined(q, end);
                all->order[f.order_count++] = word_of(all, f.word_count, &l->groups[s]);
            }
            if (l->slots == 1)
                all->run_words[used++] = word_of(all, f.word_count, &l->groups[0]);
        }
        if (end - i > 1)
            all->runs[f.run_count++] = (formula_run){all->run_words + first, used - first};
    }
    f.line_count = find_lines(q, all->order, all->lines);
    return f;
}

void ranking_apply(const collection *c, trial *t)
{
    const model *m = &c->m;
    answers *want = &t->want;
    if (t->o.ranking != NS_RANKING_CASCADE)
        return;
    room *all = calloc(1, sizeof *all);
    all->rows = calloc(m->passages + 1, sizeof *all->rows);
    all->entries = calloc(want->count + 1, sizeof *all->entries);
    formula f = make_formula(m, &t->q, all);
    for (size_t i = 0; i < want->count; i++) {
        const answer *from = &want->items[i];
        uint32_t first = m->first_passage[from->article], end = m->first_passage[from->article + 1];
        for (uint32_t p = first; p < end; p++)
            all->rows[p] = row_of(m->body, m->body_start[p], m->body_count[p]);
        all->entries[i] = (formula_entry){.article = from->article,
                                          .title = row_of(m->titles, m->title_start[from->article],
                                                          m->title_count[from->article]),
                                          .passages = all->rows + first,
                                          .passage_count = end - first,
                                          .best = from->passage - first};
    }
    size_t near = formula_near(limit_of(c, t), t->o.exhaustive, m->articles);
    formula_rank(&f, all->entries, want->count, want->count, near);
    for (size_t i = 0; i < want->count; i++) {
        const formula_entry *e = &all->entries[i];
        want->items[i] = (answer){.article = (uint32_t)e->article,
                                  .passage = m->first_passage[e->article] + (uint32_t)e->best,
                                  .score = (float)e->score};
    }
    if (want->count > t->o.limit)
        want->count = t->o.limit;
    free(all->members);
    free(all->rows);
    free(all->entries);
    free(all);
}
