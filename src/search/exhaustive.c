/* The plain engine: every passage with a word of the query is looked at, a chunk of articles at a
 * time. It also counts hits, which needs no scores and stops as soon as it may. */
#include "search/chunk.h"

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

/* The end of a chunk that begins with this article: about a window of passages. */
static uint32_t chunk_end(const ns__exec *run, uint32_t article, uint32_t first)
{
    const ns__articles *articles = &run->segment->articles;
    uint32_t window = run->segment->postings.window_passages;
    if (articles->passages - first <= window)
        return articles->count;
    uint32_t end = ns__article_of(articles, first + window);
    return end <= article ? article + 1 : end > articles->count ? articles->count : end;
}

void ns__search_exhaustive(ns__exec *run, bool score)
{
    ns__chunk chunk = {0};
    uint32_t passage = 0;
    if (score)
        NS_COUNT(EXHAUSTIVE_SCORE);
    else if (ns__exec_counts(run))
        NS_COUNT(EXHAUSTIVE_COUNT);
    while (score || ns__exec_counts(run)) {
        passage = next_passage(run, passage);
        uint32_t article, first, end;
        if (ns__exec_expired(run) || passage == NS_END ||
            !ns__exec_article(run, passage, &article, &first, &end))
            return;
        uint32_t article_end = chunk_end(run, article, first);
        uint32_t stop = ns__article_first(&run->segment->articles, article_end);
        if (stop < end || stop > run->segment->articles.passages) {
            ns__exec_corrupt(run);
            return;
        }
        if (!ns__chunk_gather(run, &chunk, article, article_end, score))
            return;
        ns__chunk_match(run, &chunk, true);
        ns__chunk_report(run, &chunk, score);
        if (ns__exec_failed(run))
            return;
        run->reader->profile->windows++;
        passage = stop;
    }
}
