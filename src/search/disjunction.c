/* The engine for queries without required leaves: block-max MaxScore, a window at a time.
 *
 * For each window of passages the lists' block bounds give the most that each list can add. A
 * window whose sum stays below the bar is skipped. In the others
 *   - the lists that together cannot reach the bar are set aside (non-essential): a passage that
 *     matters has a posting in one of the others, the essential ones;
 *   - the window is cut into 64 cells, and only cells whose sum of bounds reaches the bar live;
 *   - essential postings of live cells are added up in float;
 *   - where that sum and what the set-aside lists can add reach the bar stands a candidate, which
 *     is scored exactly. Only this last step decides.
 * The windows with the highest sums go first, to raise the bar early. Turtle and Flood, "Query
 * evaluation: strategies and optimizations" (1995); Ding and Suel, "Faster top-k document retrieval
 * using block-max indexes" (2011); Mallia et al., "Faster learned sparse retrieval with block-max
 * pruning" (2024) for the order of windows. */
#include "search/window.h"

#include "base/count.h"

#include <stdlib.h>

enum { FIRST_WINDOWS = 4 };

/* The most that the list can add in each window, from block bounds. */
static void find_maxima(ns__window *win, ns__part *part)
{
    const ns__cursor *cursor = &part->scan;
    uint32_t size = win->size;
    for (uint32_t w = 0; w < win->windows; w++)
        part->maxima[w] = 0;
    if (cursor->list.decoded) {
        float bound = ns__block_bound(cursor, 0) * part->factor;
        for (uint32_t i = 0; i < cursor->list.df; i++)
            part->maxima[cursor->list.ids[i] / size] = bound;
        return;
    }
    for (uint32_t b = 0; b < cursor->list.blocks; b++) {
        float bound = ns__block_bound(cursor, b) * part->factor;
        uint32_t last = ns__plist_last(&cursor->list, b) / size;
        for (uint32_t w = ns__block_first(cursor, b) / size; w <= last; w++)
            part->maxima[w] = bound > part->maxima[w] ? bound : part->maxima[w];
    }
}

static bool open_parts(ns__window *win)
{
    ns__exec *run = win->run;
    ns__arena *arena = run->reader->arena;
    const ns__plan *plan = run->plan;
    size_t count = 0;
    for (uint32_t g = 0; g < plan->group_count; g++)
        count += plan->groups[g].weight > 0 ? run->lists[g].count : 0;
    win->parts = ns__arena_alloc(arena, count * sizeof *win->parts);
    win->live = ns__arena_alloc(arena, count * sizeof *win->live);
    win->first_part = ns__arena_alloc(arena, (plan->group_count + 1) * sizeof *win->first_part);
    win->in_cells = ns__arena_alloc(arena, plan->group_count * sizeof *win->in_cells);
    if (win->parts == NULL || win->live == NULL || win->first_part == NULL || win->in_cells == NULL)
        return false;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        win->first_part[g] = win->part_count;
        for (uint32_t c = 0; plan->groups[g].weight > 0 && c < run->lists[g].count; c++) {
            ns__part *part = &win->parts[win->part_count++];
            *part = (ns__part){.scan = ns__cursor_copy(&run->lists[g].cursors[c]),
                               .group = g,
                               .factor = ns__round_up(plan->groups[g].factor)};
            part->maxima = ns__arena_alloc(arena, win->windows * sizeof *part->maxima);
            if (part->maxima == NULL)
                return false;
            find_maxima(win, part);
        }
    }
    win->first_part[plan->group_count] = win->part_count;
    return true;
}

static bool group_in_window(const ns__window *win, uint32_t group, uint32_t w)
{
    for (uint32_t p = win->first_part[group]; p < win->first_part[group + 1]; p++)
        if (win->parts[p].maxima[w] > 0)
            return true;
    return false;
}

/* Adds the bonuses of runs whose words may all stand in a window. */
static void add_bonuses(ns__window *win)
{
    const ns__plan *plan = win->run->plan;
    for (uint32_t l = plan->leaf_count; l < plan->leaf_count + plan->run_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        for (uint32_t w = 0; w < win->windows; w++) {
            uint32_t s = 0;
            while (s < leaf->slot_count && group_in_window(win, leaf->slots[s], w))
                s++;
            win->totals[w] += s == leaf->slot_count ? ns__round_up(leaf->bonus) : 0;
        }
    }
}

static bool open_window(ns__window *win, ns__exec *run)
{
    *win = (ns__window){.run = run, .size = run->segment->postings.window_passages};
    uint32_t passages = run->segment->articles.passages;
    win->windows = passages / win->size + (passages % win->size != 0);
    win->cell = win->size / NS_WINDOW_CELLS > 0 ? win->size / NS_WINDOW_CELLS : 1;
    win->kernels = ns__window_kernels_for(run->reader->isa);
    ns__arena *arena = run->reader->arena;
    win->sums = ns__arena_alloc(arena, win->size * sizeof *win->sums);
    win->candidates = ns__arena_alloc(arena, win->size * sizeof *win->candidates);
    win->order = ns__arena_alloc(arena, win->size * sizeof *win->order);
    win->indices = ns__arena_alloc(arena, win->cell * sizeof *win->indices);
    win->totals = ns__arena_alloc(arena, win->windows * sizeof *win->totals);
    if (win->sums == NULL || win->candidates == NULL || win->order == NULL ||
        win->indices == NULL || win->totals == NULL || !open_parts(win)) {
        run->reader->status = ns__no_memory(run->reader->err);
        return false;
    }
    if (run->plan->musts + run->plan->nots > 0) {
        win->verdicts = ns__arena_alloc(arena, run->segment->articles.count);
        if (win->verdicts == NULL) {
            run->reader->status = ns__no_memory(run->reader->err);
            return false;
        }
        memset(win->verdicts, NS__UNKNOWN, run->segment->articles.count);
    }
    for (uint32_t w = 0; w < win->windows; w++) {
        float total = 0;
        for (uint32_t p = 0; p < win->part_count; p++)
            total += win->parts[p].maxima[w];
        win->totals[w] = total;
    }
    add_bonuses(win);
    win->slack = 1 + (float)(win->part_count + run->plan->run_count + 16) * 0x1p-22f;
    return true;
}

/* The windows of the highest sums, in falling order; returns how many. */
static uint32_t best_windows(const ns__window *win, uint32_t best[FIRST_WINDOWS])
{
    uint32_t count = 0;
    for (uint32_t w = 0; w < win->windows; w++) {
        if (win->totals[w] == 0)
            continue;
        uint32_t at = count < FIRST_WINDOWS ? count++ : FIRST_WINDOWS;
        for (; at > 0 && win->totals[w] > win->totals[best[at - 1]]; at--)
            if (at < FIRST_WINDOWS)
                best[at] = best[at - 1];
        if (at < FIRST_WINDOWS)
            best[at] = w;
    }
    return count;
}

void ns__search_disjunction(ns__exec *run)
{
    ns__window win;
    if (!open_window(&win, run))
        return;
    NS_COUNT(DISJUNCTION);
    uint32_t best[FIRST_WINDOWS];
    uint32_t count = best_windows(&win, best);
    for (uint32_t i = 0; i < count && !ns__exec_failed(run); i++) {
        ns__window_search(&win, best[i], true);
        win.totals[best[i]] = 0;
    }
    for (uint32_t w = 0; w < win.windows && !ns__exec_failed(run); w++)
        if (win.totals[w] > 0)
            ns__window_search(&win, w, false);
}
