/* Filtering one window: which passages could enter the heap. Nothing here decides for a passage,
 * only against it, and only when an upper bound of its score stays below the bar. */
#include <float.h>

#include "search/window.h"

#include "base/count.h"

/* The bar for float sums. */
static float float_bar(const ns__window *win)
{
    float threshold = ns__topk_threshold(win->run->top);
    return threshold < 0 ? -1.0f : threshold / win->slack;
}

static void find_live(ns__window *win, uint32_t w)
{
    win->live_count = 0;
    for (uint32_t p = 0; p < win->part_count; p++) {
        ns__part *part = &win->parts[p];
        part->most = part->maxima[w];
        if (part->most == 0)
            continue;
        uint32_t at = win->live_count++;
        for (; at > 0 && win->live[at - 1]->most > part->most; at--)
            win->live[at] = win->live[at - 1];
        win->live[at] = part;
    }
}

/* Bounds of one list in each cell; leaves the cursor's peek at its first block here. */
static void find_part_cells(const ns__window *win, ns__part *part)
{
    ns__cursor *cursor = &part->scan;
    uint32_t blocks = cursor->list.blocks;
    memset(part->cells, 0, sizeof part->cells);
    if (cursor->list.decoded) {
        NS_COUNT(WINDOW_DECODED_LIST);
        const uint32_t *ids = cursor->list.ids, df = cursor->list.df;
        for (uint32_t i = ns__lower_bound(ids, 0, df, win->first); i < df && ids[i] < win->end; i++)
            part->cells[(ids[i] - win->first) / win->cell] = part->most;
        cursor->peeked = 0;
        return;
    }
    cursor->peeked = ns__cursor_find(cursor, win->first, cursor->peeked);
    for (uint32_t b = cursor->peeked; b < blocks; b++) {
        uint32_t from = ns__block_first(cursor, b), to = ns__plist_last(&cursor->list, b);
        if (from >= win->end)
            break;
        from = from > win->first ? from : win->first;
        to = to < win->end ? to : win->end - 1;
        float bound = ns__block_bound(cursor, b) * part->factor;
        for (uint32_t c = (from - win->first) / win->cell; c <= (to - win->first) / win->cell; c++)
            part->cells[c] = bound > part->cells[c] ? bound : part->cells[c];
    }
}

/* The bonuses that passages of each cell may gain: a run needs all of its words there. */
static void find_bonuses(ns__window *win)
{
    const ns__plan *plan = win->run->plan;
    memset(win->bonuses, 0, sizeof win->bonuses);
    win->most_bonus = 0;
    if (plan->run_count == 0)
        return;
    memset(win->in_cells, 0, plan->group_count * sizeof *win->in_cells);
    for (uint32_t i = 0; i < win->live_count; i++)
        for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
            win->in_cells[win->live[i]->group] |= (uint64_t)(win->live[i]->cells[c] > 0) << c;
    for (uint32_t l = plan->leaf_count; l < plan->leaf_count + plan->run_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        uint64_t cells = UINT64_MAX;
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            cells &= win->in_cells[leaf->slots[s]];
        for (; cells != 0; cells &= cells - 1)
            win->bonuses[__builtin_ctzll(cells)] += ns__round_up(leaf->bonus);
    }
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        if (win->bonuses[c] > win->most_bonus)
            win->most_bonus = win->bonuses[c];
}

static void find_cells(ns__window *win)
{
    memset(win->cells, 0, sizeof win->cells);
    for (uint32_t i = 0; i < win->live_count; i++) {
        find_part_cells(win, win->live[i]);
        for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
            win->cells[c] += win->live[i]->cells[c];
    }
    find_bonuses(win);
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        win->cells[c] += win->bonuses[c];
}

static uint64_t cells_above(const ns__window *win, float bar)
{
    uint64_t mask = 0;
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        mask |= (uint64_t)(win->cells[c] > 0 && win->cells[c] >= bar) << c;
    return mask;
}

/* The cells of `mask` with the highest bounds, `count` of them or a few more. */
static uint64_t best_cells(const ns__window *win, uint64_t mask, uint32_t count)
{
    uint64_t best = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = NS_WINDOW_CELLS;
        for (uint64_t rest = mask & ~best; rest != 0; rest &= rest - 1) {
            uint32_t c = (uint32_t)__builtin_ctzll(rest);
            if (at == NS_WINDOW_CELLS || win->cells[c] > win->cells[at])
                at = c;
        }
        if (at < NS_WINDOW_CELLS)
            best |= UINT64_C(1) << at;
    }
    return best;
}

/* Sets aside the weakest lists as long as they cannot reach the bar together, with any bonus. */
static void set_aside(ns__window *win, float bar)
{
    float sum = win->most_bonus;
    memset(win->beside, 0, sizeof win->beside);
    for (win->aside = 0; win->aside < win->live_count; win->aside++) {
        const ns__part *part = win->live[win->aside];
        sum += part->most;
        if (sum >= bar)
            return;
        for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
            win->beside[c] += part->cells[c];
    }
}

/* The cells that passages [from, to] lie in. */
static uint64_t cell_mask(const ns__window *win, uint32_t from, uint32_t to)
{
    uint32_t a = (from - win->first) / win->cell, b = (to - win->first) / win->cell;
    return (UINT64_MAX >> (63 - (b - a))) << a;
}

/* Adds a list's postings in blocks that reach into cells of `mask`. */
static void add_list(ns__window *win, ns__part *part, uint64_t mask)
{
    ns__cursor *cursor = &part->scan;
    const ns__bm25 *bm25 = &win->run->plan->bm25;
    ns__add_job job = {.lengths = &win->run->segment->postings.lengths,
                       .factor = part->factor,
                       .c0 = (float)bm25->c0,
                       .c1 = (float)bm25->c1,
                       .sums = win->sums,
                       .first = win->first};
    for (uint32_t b = cursor->peeked; b < cursor->list.blocks; b++) {
        uint32_t from = ns__block_first(cursor, b), to = ns__plist_last(&cursor->list, b);
        if (from >= win->end)
            return;
        from = from > win->first ? from : win->first;
        to = to < win->end ? to : win->end - 1;
        if ((mask & cell_mask(win, from, to)) == 0) {
            NS_COUNT(WINDOW_BLOCK_SKIPPED);
            continue;
        }
        if (!ns__cursor_load(cursor, b) || !ns__cursor_load_tfs(cursor))
            return;
        uint32_t at = 0, stop = cursor->count;
        if (cursor->ids[0] < win->first)
            at = ns__lower_bound(cursor->ids, 0, stop, win->first);
        if (cursor->ids[stop - 1] >= win->end)
            stop = ns__lower_bound(cursor->ids, at, stop, win->end);
        if (stop - at > NS_BLOCK_MAX)
            return; /* cannot be: no list has longer blocks */
        job.ids = cursor->ids + at;
        job.tfs = cursor->tfs + at;
        job.count = stop - at;
        win->kernels->add(&job);
        win->run->reader->profile->postings_scored += job.count;
    }
}

/* Passages of the cells whose sum and the lists set aside may reach the bar. Returns the cells they
 * stand in. */
static uint64_t find_candidates(ns__window *win, uint64_t mask, float bar)
{
    uint64_t kept = 0;
    win->candidate_count = 0;
    for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
        uint32_t c = (uint32_t)__builtin_ctzll(rest);
        uint32_t from = c * win->cell, to = from + win->cell;
        to = to < win->end - win->first ? to : win->end - win->first;
        float more = win->beside[c] + win->bonuses[c];
        float need = bar - more;
        need = need > 0 ? need : FLT_MIN; /* a passage with postings at least */
        uint32_t count = win->kernels->collect(win->sums, from, to, need, win->indices);
        for (uint32_t i = 0; i < count; i++)
            win->candidates[win->candidate_count++] =
                (ns__candidate){win->first + win->indices[i], win->sums[win->indices[i]] + more};
        kept |= (uint64_t)(count > 0) << c;
    }
    return kept;
}

/* Whether reading the next list is cheaper than looking up each candidate in it. */
static bool worth_adding(const ns__window *win, const ns__part *part)
{
    enum { LOOKUP = 32 }; /* costs about as much as adding so many postings */
    uint64_t here = (uint64_t)part->scan.list.df * win->size / win->run->segment->articles.passages;
    return (uint64_t)win->candidate_count * LOOKUP > here;
}

/* Searches some cells of the window. */
static void search_cells(ns__window *win, uint64_t mask)
{
    float bar = float_bar(win);
    set_aside(win, bar);
    if (win->aside > 0)
        NS_COUNT(WINDOW_SET_ASIDE);
    else
        NS_COUNT(WINDOW_NONE_ASIDE);
    for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
        uint32_t from = (uint32_t)__builtin_ctzll(rest) * win->cell;
        memset(win->sums + from, 0, win->cell * sizeof *win->sums);
    }
    for (uint32_t i = win->aside; i < win->live_count; i++)
        add_list(win, win->live[i], mask);
    mask = find_candidates(win, mask, bar);
    while (win->aside > 0 && worth_adding(win, win->live[win->aside - 1])) {
        NS_COUNT(WINDOW_TAKEN_BACK);
        win->aside--;
        memset(win->beside, 0, sizeof win->beside);
        for (uint32_t i = 0; i < win->aside; i++)
            for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
                win->beside[c] += win->live[i]->cells[c];
        add_list(win, win->live[win->aside], mask);
        mask = find_candidates(win, mask, bar);
    }
    ns__window_judge(win);
}

static void count_window(const ns__window *win, uint64_t mask)
{
    (void)win;
    if (mask == 0)
        NS_COUNT(WINDOW_NO_CELL);
    else if (~mask != 0)
        NS_COUNT(WINDOW_SOME_CELLS);
    else
        NS_COUNT(WINDOW_ALL_CELLS);
    if (win->end - win->first < win->size)
        NS_COUNT(WINDOW_LAST_PART);
}

void ns__window_search(ns__window *win, uint32_t w, bool best_first)
{
    enum { BEST = 8 };
    ns__exec *run = win->run;
    if (ns__exec_expired(run))
        return;
    run->reader->profile->windows++;
    uint64_t mask = 0;
    if (win->totals[w] >= float_bar(win)) {
        uint32_t passages = run->segment->articles.passages;
        win->first = w * win->size;
        win->end = passages - win->first > win->size ? win->first + win->size : passages;
        find_live(win, w);
        find_cells(win);
        mask = cells_above(win, float_bar(win));
        count_window(win, mask);
    } else {
        NS_COUNT(WINDOW_SKIPPED);
    }
    if (mask == 0)
        run->reader->profile->windows_skipped++;
    if (best_first && mask != 0) {
        NS_COUNT(WINDOW_BEST_FIRST);
        uint64_t best = best_cells(win, mask, BEST);
        search_cells(win, best);
        mask &= ~best & cells_above(win, float_bar(win));
    }
    if (mask != 0 && !ns__exec_failed(run))
        search_cells(win, mask);
}
