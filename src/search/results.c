/* Results as objects: where their memory comes from and goes to, and what they tell. */
#include "search/results.h"

static void release(ns__shelved *item)
{
    ns__free(item);
}

ns_results *ns__results_open(const ns_index *index)
{
    ns_results *results = (ns_results *)ns__shelf_take(index->results);
    if (results == NULL)
        results = ns__alloc64(sizeof *results + NS__RESULTS_ROOM);
    if (results == NULL)
        return NULL;
    *results = (ns_results){.shelved = {release},
                            .index = index,
                            .analyzer = &results->shows,
                            .explainer = &results->explains,
                            .explained_ns = &results->explaining_ns};
    ns__arena_begin(&results->arena, results + 1, NS__RESULTS_ROOM);
    return results;
}

void ns_results_free(ns_results *results)
{
    if (results == NULL)
        return;
    ns__analyzer_close(results->shows);
    ns__explainer_free(results->explains);
    ns__arena_release(&results->arena);
    ns__shelf_put(results->index->results, &results->shelved);
}

size_t ns_results_count(const ns_results *results)
{
    return results->count;
}

static void fetch_id(const ns_results *results, size_t i,
                     void (*fetch)(const ns__zstrings *ids, uint32_t place))
{
    if (i >= results->count)
        return;
    const ns__hit *hit = &results->items[i];
    const ns__zstrings *ids = &results->index->segments[hit->segment].articles.ids;
    fetch(ids, (uint32_t)(hit->article - results->index->first_article[hit->segment]));
}

/* Who takes results in turn is going to ask for the ids of the next ones. */
static void fetch_ids(const ns_results *results, size_t i)
{
    enum { NEXT = 6, SOON = 12 };
    for (size_t first = 0; i == 0 && first < SOON; first++)
        fetch_id(results, first, ns__zstrings_fetch_place);
    for (size_t first = 0; i == 0 && first < NEXT; first++)
        fetch_id(results, first, ns__zstrings_fetch);
    fetch_id(results, i + SOON, ns__zstrings_fetch_place);
    fetch_id(results, i + NEXT, ns__zstrings_fetch);
}

ns_result ns_results_get(const ns_results *results, size_t i)
{
    fetch_ids(results, i);
    const ns__hit *hit = &results->items[i];
    const ns__articles *articles = &results->index->segments[hit->segment].articles;
    uint32_t first = ns__article_first(articles, ns__hit_article(results, hit));
    return (ns_result){hit->score, hit->article, hit->passage - first,
                       results->copies ? results->copies[i] : 0};
}

ns_hits ns_results_hits(const ns_results *results)
{
    return results->hits;
}

bool ns_results_cut(const ns_results *results)
{
    return results->plan.cut;
}

bool ns_results_partial(const ns_results *results)
{
    return results->partial;
}

const ns_search_profile *ns_results_profile(const ns_results *results)
{
    return &results->profile;
}
