/* Counting articles with a required leaf that is no word, or where some are deleted: the rarest one
 * leads from unit to unit. */
#include "search/chunk.h"
#include "search/match.h"

#include "base/count.h"

uint32_t ns__exec_leader(const ns__exec *run, uint64_t *cost)
{
    uint32_t leader = UINT32_MAX;
    *cost = 0;
    for (uint32_t l = 0; l < run->plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &run->plan->leaves[l];
        if (leaf->occur != NS__MUST)
            continue;
        uint64_t here = leaf->slot_count == 0 ? 0 : UINT64_MAX; /* 0: matches nothing */
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            if (run->lists[leaf->slots[s]].df < here)
                here = run->lists[leaf->slots[s]].df;
        if (leader == UINT32_MAX || here < *cost) {
            leader = l;
            *cost = here;
        }
    }
    return leader;
}

/* Looks for the other required leaves in the unit; false gives in *next a passage before which no
 * unit has all of them. */
static bool has_all(ns__exec *run, uint32_t leader, uint32_t first, uint32_t end, uint32_t *next)
{
    for (uint32_t l = 0; l < run->plan->leaf_count; l++) {
        if (l == leader || run->plan->leaves[l].occur != NS__MUST)
            continue;
        uint32_t found = ns__leaf_seek(run, l, first);
        if (found >= end) {
            NS_COUNT(CONJUNCTION_LACKS);
            *next = found;
            return false;
        }
    }
    return true;
}

/* Counts what matches in one unit's article. */
static void count_article(ns__exec *run, ns__chunk *chunk, uint32_t article)
{
    if (ns__segment_deleted(run->segment, article) ||
        !ns__chunk_gather(run, chunk, article, article + 1, false))
        return;
    ns__chunk_match(run, chunk);
    ns__chunk_report(run, chunk, false);
}

void ns__search_conjunction(ns__exec *run)
{
    ns__chunk chunk = {0};
    uint64_t cost, units = 0;
    uint32_t leader = ns__exec_leader(run, &cost), passage = 0;
    NS_COUNT(CONJUNCTION);
    while (!ns__exec_failed(run) && ns__exec_counts(run)) {
        passage = ns__leaf_seek(run, leader, passage);
        uint32_t first, end, next, article;
        if (units++ % 16 == 0 && ns__exec_expired(run))
            return;
        if (passage == NS_END || !ns__exec_unit(run, passage, &first, &end))
            return;
        if (has_all(run, leader, first, end, &next)) {
            if (!ns__exec_article(run, passage, &article, &first, &end))
                return;
            count_article(run, &chunk, article);
            passage = end;
            continue;
        }
        /* On to the unit that holds `next`: the ones before it cannot matter. */
        if (next >= run->segment->articles.passages || !ns__exec_unit(run, next, &first, &end))
            return;
        passage = first > passage ? first : end;
    }
}
