/* The plain engine: every passage with a word of the query is looked at, a chunk of articles at a
 * time. It also counts hits, which needs no scores and stops as soon as it may. */
#include "search/chunk.h"
#include "search/match.h"

#include <stdlib.h>

#include "base/count.h"

/* The first passage at or behind `passage` with any wanted or required word. */
static uint32_t next_passage(ns__exec *run, uint32_t passage)
{
    uint32_t found = NS_END;
    for (uint32_t g = 0; g < run->plan->group_count; g++) {
        if (run->plan->groups[g].weight == 0)
            continue;
        uint32_t id = ns__group_seek(run, g, passage);
        found = id < found ? id : found;
    }
    return found;
}

/* The end of a chunk that begins with this article: about a window of passages, and no more than
 * those before `before`, where an article begins. */
static uint32_t chunk_end(const ns__exec *run, uint32_t article, uint32_t first, uint32_t before)
{
    const ns__articles *articles = &run->segment->articles;
    uint64_t target = (uint64_t)first + run->segment->postings.window_passages;
    target = target < before ? target : before;
    if (target >= articles->passages)
        return articles->count;
    uint32_t end = ns__article_of(articles, (uint32_t)target);
    return end <= article ? article + 1 : end > articles->count ? articles->count : end;
}

/* Looks at a chunk that begins with the first passage at or behind *passage that has a word of the
 * query, unless that is at or behind `before`; *passage goes behind it. False when nothing is left
 * or the run failed. */
static bool search_chunk(ns__exec *run, ns__chunk *chunk, uint32_t *passage, uint32_t before,
                         bool score)
{
    uint32_t article, first, end;
    *passage = next_passage(run, *passage);
    if (ns__exec_expired(run) || *passage >= before ||
        !ns__exec_article(run, *passage, &article, &first, &end))
        return false;
    uint32_t article_end = chunk_end(run, article, first, before);
    uint32_t stop = ns__article_first(&run->segment->articles, article_end);
    if (stop < end || stop > run->segment->articles.passages)
        return ns__exec_corrupt(run);
    if (!ns__chunk_gather(run, chunk, article, article_end, score))
        return false;
    ns__chunk_match(run, chunk);
    ns__chunk_report(run, chunk, score);
    run->reader->profile->windows++;
    *passage = stop;
    return !ns__exec_failed(run);
}

typedef struct ranked {
    int64_t rank;
    uint32_t window;
} ranked;

static int by_rank(const void *x, const void *y)
{
    const ranked *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank > b->rank ? -1 : 1;
    return a->window < b->window ? -1 : a->window > b->window;
}

/* The passages of articles that begin in a window. */
static bool window_range(ns__exec *run, uint32_t window, uint32_t *from, uint32_t *to)
{
    const ns__articles *articles = &run->segment->articles;
    uint32_t size = articles->window_passages, article, first;
    uint64_t behind = ((uint64_t)window + 1) * size;
    *from = window * size;
    if (!ns__exec_article(run, *from, &article, &first, to))
        return false;
    *from = first < *from ? *to : first; /* the article of the window before reaches into it */
    *to = articles->passages;
    if (behind >= articles->passages)
        return true;
    uint32_t last;
    if (!ns__exec_article(run, (uint32_t)behind, &article, &last, &first))
        return false;
    *to = last < behind ? first : last;
    return true;
}

/* Windows in the order that the collector wants, without those that matter no more. As long as hits
 * are counted none is left out. */
static void search_ranked(ns__exec *run, bool score)
{
    ns__chunk chunk = {0};
    uint32_t windows = ns__articles_windows(&run->segment->articles);
    ranked *list = ns__arena_alloc(run->reader->arena, windows * sizeof *list);
    if (list == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return;
    }
    for (uint32_t w = 0; w < windows; w++) {
        list[w].window = w;
        (void)run->collector->rank_window(run, w, &list[w].rank);
    }
    if (windows > 1)
        qsort(list, windows, sizeof *list, by_rank);
    for (uint32_t w = 0; w < windows && !ns__exec_failed(run); w++) {
        uint32_t from, to;
        int64_t rank;
        if (!ns__exec_counts(run) && !run->collector->rank_window(run, list[w].window, &rank)) {
            run->reader->profile->windows_skipped++;
            continue;
        }
        if (!window_range(run, list[w].window, &from, &to))
            return;
        while (from < to && search_chunk(run, &chunk, &from, to, score))
            ;
    }
}

void ns__search_exhaustive(ns__exec *run, bool score)
{
    ns__chunk chunk = {0};
    uint32_t passage = 0;
    if (score)
        NS_COUNT(EXHAUSTIVE_SCORE);
    else if (ns__exec_counts(run))
        NS_COUNT(EXHAUSTIVE_COUNT);
    if (score && run->collector && run->collector->rank_window && !run->options->no_pruning) {
        search_ranked(run, score);
        return;
    }
    while (score || ns__exec_counts(run))
        if (!search_chunk(run, &chunk, &passage, NS_END, score))
            return;
}
