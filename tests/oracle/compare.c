/* Comparing an answer with the model's: see compare.h. */
#include "oracle/compare.h"

#include <stdio.h>
#include <string.h>

#include "base/limits.h"

bool trial_differs(const trial *t, const char *what, double want, double got)
{
    const ns_search_options *o = &t->o;
    printf("DIFFERENCE in query %zu: %s: the model says %.9g, the engine %.9g\n  query: %s\n"
           "  limit %zu, passages %d, scope %d, k1 %g, b %g, no_pruning %d, from_text %d, isa %d, "
           "count %d, "
           "no_hits %d, leaves %zu\n",
           t->number, what, want, got, t->text, o->limit, o->passages, (int)o->scope, o->k1, o->b,
           o->no_pruning, o->from_text, o->isa, o->count, o->no_hits, t->q.count);
    return false;
}

/* Beyond NS_HITS_EXACT articles an uncounted query stops at the next one, and knows of one passage
 * in each; or it knows of its results. */
static bool same_hits(const trial *t, ns_hits hits)
{
    const answers *want = &t->want;
    bool all = t->o.count || want->articles <= NS_HITS_EXACT;
    uint64_t articles = all ? want->articles : NS_HITS_EXACT + 1;
    uint64_t passages = all ? want->passages : articles;
    if (!all && passages < want->count)
        passages = want->count;
    if (!all && articles < want->count && !t->o.passages)
        articles = want->count;
    if (t->o.no_hits) {
        all = false;
        articles = passages = 0;
    }
    if (hits.exact != all && t->q.count > 0)
        return trial_differs(t, "hits are exact", all, hits.exact);
    if (hits.articles != articles)
        return trial_differs(t, "articles hit", (double)articles, (double)hits.articles);
    return hits.passages == passages ||
           trial_differs(t, "passages hit", (double)passages, (double)hits.passages);
}

static bool same_result(const collection *c, const trial *t, size_t rank, ns_result got)
{
    const answer *a = &t->want.items[rank];
    uint32_t passage = a->passage - c->m.first_passage[a->article];
    if (memcmp(&got.score, &a->score, sizeof got.score) != 0)
        trial_differs(t, "score", (double)a->score, (double)got.score);
    else if (got.article != a->article)
        trial_differs(t, "article", a->article, (double)got.article);
    else if (got.passage != passage)
        trial_differs(t, "passage", passage, got.passage);
    else
        return true;
    printf("  at rank %zu of %zu\n", rank + 1, t->want.count);
    return false;
}

bool trial_compare(collection *c, const trial *t, ns_results **out)
{
    ns_results *results;
    ns_error err = {0};
    if (ns_search(c->index, t->text, strlen(t->text), &t->o, &results, &err) != NS_OK) {
        printf("DIFFERENCE in query %zu: the engine failed: %s\n  query: %s\n", t->number,
               err.message, t->text);
        return false;
    }
    bool same = ns_results_count(results) == t->want.count ||
                trial_differs(t, "number of results", (double)t->want.count,
                              (double)ns_results_count(results));
    for (size_t i = 0; same && i < t->want.count; i++)
        same = same_result(c, t, i, ns_results_get(results, i));
    same = same && same_hits(t, ns_results_hits(results));
    if (out != NULL && same)
        *out = results;
    else
        ns_results_free(results);
    return same;
}
