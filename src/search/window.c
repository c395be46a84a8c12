/* Filtering one window: which passages could enter the heap. Nothing here decides for a passage,
 * only against it, and only when an upper bound of its score stays below the bar. */
#include "search/window.h"

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

/* Sets aside the weakest lists as long as they cannot reach the bar together. */
static void find_essential(ns__window *win, float bar)
{
    float sum = 0;
    win->essential = 0;
    while (win->essential < win->live_count) {
        sum += win->live[win->essential]->most;
        if (sum >= bar)
            break;
        win->essential++;
    }
}

/* Adds the bounds of one list to the cells. */
static void add_cells(ns__window *win, ns__part *part, float *cells)
{
    float most[NS_WINDOW_CELLS] = {0};
    ns__cursor *cursor = &part->scan;
    uint32_t blocks = cursor->list.blocks;
    cursor->peeked = ns__cursor_find(cursor, win->first, cursor->peeked);
    for (uint32_t b = cursor->peeked; b < blocks; b++) {
        uint32_t from = ns__block_first(cursor, b), to = ns__plist_last(&cursor->list, b);
        if (from >= win->end)
            break;
        from = from > win->first ? from : win->first;
        to = to < win->end ? to : win->end - 1;
        float bound = ns__block_bound(cursor, b) * part->factor;
        for (uint32_t c = (from - win->first) / win->cell; c <= (to - win->first) / win->cell; c++)
            most[c] = bound > most[c] ? bound : most[c];
    }
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        cells[c] += most[c];
}

static void find_cells(ns__window *win, float bar)
{
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        win->aside[c] = win->cells[c] = 0;
    for (uint32_t i = 0; i < win->essential; i++)
        add_cells(win, win->live[i], win->aside);
    memcpy(win->cells, win->aside, sizeof win->cells);
    for (uint32_t i = win->essential; i < win->live_count; i++)
        add_cells(win, win->live[i], win->cells);
    win->alive = 0;
    for (uint32_t c = 0; c < NS_WINDOW_CELLS; c++)
        win->alive |= (uint64_t)(win->cells[c] > 0 && win->cells[c] >= bar) << c;
}

/* The cells that passages [from, to] lie in. */
static uint64_t cell_mask(const ns__window *win, uint32_t from, uint32_t to)
{
    uint32_t a = (from - win->first) / win->cell, b = (to - win->first) / win->cell;
    return (UINT64_MAX >> (63 - (b - a))) << a;
}

/* Adds the postings [from, to) of the loaded block to the sums. */
static void add_postings(ns__window *win, ns__part *part, uint32_t from, uint32_t to)
{
    float add[NS_BLOCK_MAX];
    const ns__cursor *cursor = &part->scan;
    const ns__bm25 *bm25 = &win->run->plan->bm25;
    const ns__lengths *lengths = &win->run->segment->postings.lengths;
    const uint32_t *ids = cursor->ids + from, *tfs = cursor->tfs + from;
    uint32_t count = to - from;
    const float c0 = (float)bm25->c0, c1 = (float)bm25->c1, factor = part->factor;
    if (lengths->width == 1)
        for (uint32_t i = 0; i < count; i++)
            add[i] = (float)lengths->data[ids[i]];
    else
        for (uint32_t i = 0; i < count; i++)
            add[i] = (float)ns__length_of(lengths, ids[i]);
    for (uint32_t i = 0; i < count; i++)
        add[i] = factor * ((float)tfs[i] / ((float)tfs[i] + (c0 + c1 * add[i])));
    float *sums = win->sums;
    for (uint32_t i = 0; i < count; i++)
        sums[ids[i] - win->first] += add[i];
    win->run->reader->profile->postings_scored += count;
}

/* Adds an essential list's postings that stand in live cells. */
static void add_list(ns__window *win, ns__part *part)
{
    ns__cursor *cursor = &part->scan;
    uint32_t blocks = cursor->list.blocks;
    for (uint32_t b = cursor->peeked; b < blocks; b++) {
        uint32_t from = ns__block_first(cursor, b), to = ns__plist_last(&cursor->list, b);
        if (from >= win->end)
            return;
        from = from > win->first ? from : win->first;
        to = to < win->end ? to : win->end - 1;
        if ((win->alive & cell_mask(win, from, to)) == 0)
            continue;
        if (!ns__cursor_load(cursor, b) || !ns__cursor_load_tfs(cursor))
            return;
        uint32_t at = 0, stop = cursor->count;
        if (cursor->ids[0] < win->first)
            at = ns__lower_bound(cursor->ids, 0, stop, win->first);
        if (cursor->ids[stop - 1] >= win->end)
            stop = ns__lower_bound(cursor->ids, at, stop, win->end);
        if (cursor->list.decoded && stop - at > NS_BLOCK_MAX)
            return; /* cannot be: such lists are shorter than a block */
        add_postings(win, part, at, stop);
    }
}

static void find_candidates(ns__window *win, float bar)
{
    win->candidate_count = 0;
    for (uint64_t rest = win->alive; rest != 0; rest &= rest - 1) {
        uint32_t cell = (uint32_t)__builtin_ctzll(rest);
        uint32_t from = cell * win->cell, to = from + win->cell;
        to = to < win->end - win->first ? to : win->end - win->first;
        float aside = win->aside[cell];
        for (uint32_t i = from; i < to; i++)
            if (win->sums[i] > 0 && win->sums[i] + aside >= bar)
                win->candidates[win->candidate_count++] =
                    (ns__candidate){win->first + i, win->sums[i] + aside};
    }
}

void ns__window_search(ns__window *win, uint32_t w)
{
    ns__exec *run = win->run;
    float bar = float_bar(win);
    run->reader->profile->windows++;
    if (win->totals[w] < bar) {
        run->reader->profile->windows_skipped++;
        return;
    }
    uint32_t passages = run->segment->articles.passages;
    win->first = w * win->size;
    win->end = passages - win->first > win->size ? win->first + win->size : passages;
    find_live(win, w);
    find_essential(win, bar);
    find_cells(win, bar);
    if (win->alive == 0) {
        run->reader->profile->windows_skipped++;
        return;
    }
    memset(win->sums, 0, win->size * sizeof *win->sums);
    for (uint32_t i = win->essential; i < win->live_count; i++)
        add_list(win, win->live[i]);
    find_candidates(win, bar);
    ns__window_judge(win);
}
