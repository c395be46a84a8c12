/* The engine for queries with a required leaf: the rarest one leads from unit to unit, block bounds
 * tell which units cannot enter the heap, and only what is left is decoded. */
#include "search/chunk.h"

static uint64_t leaf_cost(const ns__exec *run, uint32_t leaf)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    uint64_t cost = UINT64_MAX;
    for (uint32_t s = 0; s < of->slot_count; s++)
        if (run->lists[of->slots[s]].df < cost)
            cost = run->lists[of->slots[s]].df;
    return cost;
}

static uint32_t find_leader(const ns__exec *run)
{
    uint32_t leader = UINT32_MAX;
    for (uint32_t l = 0; l < run->plan->leaf_count; l++)
        if (run->plan->leaves[l].occur == NS__MUST &&
            (leader == UINT32_MAX || leaf_cost(run, l) < leaf_cost(run, leader)))
            leader = l;
    return leader;
}

/* Whether any passage of [first, end) might score enough, judged by block bounds. *until gets a
 * passage >= end up to which (excluded) the same answer holds. */
static bool may_enter(ns__exec *run, uint32_t first, uint32_t end, uint32_t *until)
{
    const ns__plan *plan = run->plan;
    double sum = 0;
    *until = NS_END;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        if (plan->groups[g].weight == 0)
            continue;
        double bound = 0;
        for (uint32_t c = 0; c < run->lists[g].count; c++)
            bound += (double)ns__cursor_bound(&run->lists[g].cursors[c], first, end, until);
        sum += plan->groups[g].factor * (bound < 1 ? bound : 1);
    }
    return sum >= ns__exec_bar(run);
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
            *next = found;
            return false;
        }
    }
    return true;
}

/* Scores the passages of one unit's article and hands over what matches. */
static void evaluate(ns__exec *run, ns__chunk *chunk, uint32_t passage)
{
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end) ||
        ns__segment_deleted(run->segment, article) ||
        !ns__chunk_gather(run, chunk, article, article + 1, true))
        return;
    if (!ns__exec_counts(run)) {
        ns__chunk_match(run, chunk, false);
        if (!ns__chunk_enters(run, chunk))
            return;
    }
    ns__chunk_match(run, chunk, true);
    ns__chunk_report(run, chunk, run->top->limit > 0);
}

void ns__search_conjunction(ns__exec *run)
{
    ns__chunk chunk = {0};
    uint32_t leader = find_leader(run), passage = 0;
    while (!ns__exec_failed(run) && (run->top->limit > 0 || ns__exec_counts(run))) {
        passage = ns__leaf_seek(run, leader, passage);
        uint32_t first, end, next;
        if (passage == NS_END || !ns__exec_unit(run, passage, &first, &end))
            return;
        if (!ns__exec_counts(run) && !may_enter(run, first, end, &next)) {
            run->reader->profile->windows_skipped++;
        } else if (has_all(run, leader, first, end, &next)) {
            uint32_t article;
            if (!ns__exec_article(run, passage, &article, &first, &end))
                return;
            evaluate(run, &chunk, passage);
            passage = end;
            continue;
        }
        /* On to the unit that holds `next`: the ones before it cannot matter. */
        if (next >= run->segment->articles.passages || !ns__exec_unit(run, next, &first, &end))
            return;
        passage = first > passage ? first : end;
    }
}
