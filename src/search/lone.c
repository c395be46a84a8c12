/* One word with one list, and nothing else: the best of its postings.
 *
 * Quantised bounds of half blocks tell where those are before anything is decoded. The k-th largest
 * bound is found by counting; blocks are looked at from there: those above it, those that have it,
 * and so on down until the bar is above what is left. */
#include "search/exec.h"
#include "search/strays.h"
#include "search/waiting.h"

#include "base/count.h"

enum { TOP_STEP = 255, FEW_LEFT = 8 };

typedef struct lone {
    ns__exec *run;
    const ns__strays *strays; /* lists that are left out; NULL: none */
    ns__cursor *cursor;
    const ns__window_kernels *kernels;
    double factor;
    float rounded; /* the factor, not below it */
    bool waits;    /* postings wait for their exact score */
    ns__waiting waiting;
    uint32_t count; /* what is left of some postings: */
    uint32_t slots[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM];
    float parts[NS_BLOCK_ROOM], lengths[NS_BLOCK_ROOM];
} lone;

/* One wanted word, and the quantised bounds hold. */
static bool is_one_word(const ns__plan *plan, const ns__segment *segment)
{
    const ns__postings *postings = &segment->postings;
    return !plan->tree && plan->group_count == 1 && plan->leaf_count == 1 && plan->shoulds == 1 &&
           plan->run_count == 0 && plan->bm25.k1 == postings->k1 && plan->bm25.b == postings->b &&
           plan->bm25.average == postings->average;
}

bool ns__lone_can(const ns__plan *plan, const ns_search_options *options,
                  const ns__segment *segment)
{
    return is_one_word(plan, segment) && plan->groups[0].term_count == 1 &&
           plan->filter_count == 0 && options->since == INT64_MIN && options->until == INT64_MAX;
}

bool ns__lone_suits(const ns__exec *run, const ns__strays *strays)
{
    const ns__lists *lists = &run->lists[0];
    if (!is_one_word(run->plan, run->segment) ||
        lists->cursors[strays->longest[0]].list.quant == NULL) /* merged in memory, or short */
        return false;
    for (uint32_t c = 0; c < lists->count; c++)
        if (c != strays->longest[0] && !ns__strays_has(strays, run, 0, c))
            return false;
    return true;
}

/* ---- Bars ---- */

/* The bar for parts in float, which may be a little too low. */
static float bar_of(const lone *all)
{
    const float threshold = ns__topk_threshold(all->run->top);
    return threshold < 0 ? -1.0f : threshold * (1 - 0x1p-18f);
}

/* Whether each posting is a result: then as many as are wanted set the bar, whichever they are. */
static bool each_counts(const lone *all)
{
    return all->run->top->passages && all->run->segment->deleted == NULL;
}

/* So many postings as are wanted have a part of at least `least`, but for rounding. */
static void raise(const lone *all, float least)
{
    ns__topk *top = all->run->top;
    least *= 1 - 0x1p-18f;
    if (least > top->bar) {
        NS_COUNT(LONE_RAISED);
        top->bar = least;
    }
}

/* ---- Postings ---- */

/* Scores a posting, and offers it. */
static void offer(const lone *all, uint32_t passage, uint32_t tf, float rounded_length)
{
    ns__exec *run = all->run;
    const ns__lengths *lengths = &run->segment->postings.lengths;
    const uint32_t length = ns__length_from(lengths, passage, rounded_length);
    const ns__bm25 *bm25 = &run->plan->bm25;
    ns__hit hit = {(float)ns__bm25_part(bm25, all->factor, tf, length), run->segment_index, 0,
                   passage, false};
    uint32_t article, first, end;
    run->reader->profile->candidates++;
    if (hit.score < ns__topk_threshold(run->top) ||
        (all->strays != NULL && ns__strays_hold(all->strays, passage)) ||
        !ns__exec_article(run, passage, &article, &first, &end))
        return;
    hit.article = ns__exec_number(run, article);
    if (ns__topk_enters(run->top, &hit) && !ns__segment_deleted(run->segment, article) &&
        run->reader->status >= 0) /* what waited is offered when the time is up too */
        ns__topk_put(run->top, &hit);
}

/* Scores the postings [from, to) of what is loaded, a half or all of a decoded list, which has no
 * shortest lengths; those that reach the bar go to `kept`. */
static uint32_t rate(lone *all, uint32_t from, uint32_t to, const ns__alive *kept)
{
    const ns__bm25 *bm25 = &all->run->plan->bm25;
    ns__rate_job job = {.ids = all->cursor->ids + from,
                        .tfs = all->cursor->tfs + from,
                        .count = to - from,
                        .slot = from,
                        .of = &all->run->segment->postings.lengths,
                        .factor = all->rounded,
                        .c0 = (float)bm25->c0,
                        .c1 = (float)bm25->c1,
                        .need = bar_of(all),
                        .slots = kept->slots,
                        .kept = kept->ids,
                        .parts = kept->sums,
                        .lengths = kept->lengths};
    job.least =
        ns__least_tf(&job, ns__plist_shortest(&all->cursor->list, all->cursor->loaded, from > 0));
    all->run->reader->profile->postings_scored += to - from;
    return all->kernels->rate(&job);
}

/* Where many more are left than are wanted, counting them by steps of their parts finds one that
 * enough of them reach, and not many more. */
static void raise_by_parts(const lone *all)
{
    enum { STEPS = 64 };
    const uint32_t limit = all->run->top->limit;
    const float scale = (STEPS - 1) / all->rounded;
    uint16_t counts[STEPS];
    if (all->count < limit + FEW_LEFT || !each_counts(all) || !(all->rounded > 0))
        return;
    memset(counts, 0, sizeof counts);
    for (uint32_t i = 0; i < all->count; i++)
        counts[(uint32_t)(all->parts[i] * scale)]++;
    uint32_t step = STEPS, found = 0;
    while (found < limit)
        found += counts[--step];
    raise(all, (float)step / scale);
}

/* Offers what waits. */
static void offer_waiting(lone *all)
{
    ns__waiting *waiting = &all->waiting;
    ns__waiting_drop(waiting, all->kernels, bar_of(all));
    for (uint32_t i = 0; i < waiting->count; i++)
        offer(all, waiting->ids[i], waiting->tfs[i], waiting->lengths[i]);
    waiting->count = 0;
}

/* Has what may enter of the postings [from, to) wait. */
static void wait_range(lone *all, uint32_t from, uint32_t to)
{
    ns__waiting *waiting = &all->waiting;
    const uint32_t at = waiting->count;
    uint32_t *tfs = waiting->tfs + at;
    const ns__alive kept = {tfs, waiting->ids + at, waiting->parts + at, waiting->lengths + at};
    const uint32_t count = rate(all, from, to, &kept);
    for (uint32_t i = 0; i < count; i++)
        tfs[i] = all->cursor->tfs[tfs[i]]; /* in place of the slots */
    ns__waiting_take(waiting, count);
    if (waiting->step > 0)
        raise(all, ns__waiting_least(waiting));
    if (!ns__waiting_make_room(waiting, all->kernels, bar_of(all))) {
        NS_COUNT(WAITING_FULL);
        offer_waiting(all);
    }
}

/* Offers what may enter of the postings [from, to). */
static void offer_range(lone *all, uint32_t from, uint32_t to)
{
    const ns__alive kept = {all->slots, all->ids, all->parts, all->lengths};
    if (all->waits) {
        wait_range(all, from, to);
        return;
    }
    all->count = rate(all, from, to, &kept);
    raise_by_parts(all);
    float bar = bar_of(all);
    for (uint32_t i = 0; i < all->count; i++) {
        if (all->parts[i] < bar)
            continue;
        offer(all, all->ids[i], all->cursor->tfs[all->slots[i]], all->lengths[i]);
        bar = bar_of(all);
    }
}

/* ---- Blocks ---- */

static bool reaches(const lone *all, uint8_t quant)
{
    return ns__quant_bound(quant) * all->rounded >= bar_of(all);
}

static void look_at(lone *all, uint32_t block)
{
    ns__cursor *cursor = all->cursor;
    const uint8_t *quant = cursor->list.quant + 2 * (size_t)block;
    const uint32_t half = cursor->list.block_postings / 2;
    if (ns__exec_expired(all->run))
        return;
    all->run->reader->profile->windows++;
    if (!ns__cursor_load(cursor, block) || !ns__cursor_load_tfs(cursor))
        return;
    const uint32_t middle = cursor->count < half ? cursor->count : half;
    if (reaches(all, quant[0]))
        offer_range(all, 0, middle);
    if (middle < cursor->count && reaches(all, quant[1]))
        offer_range(all, middle, cursor->count);
}

/* How many of the bounds are at least `least`. */
static size_t count_bounds(const uint8_t *bounds, size_t count, uint8_t least)
{
    enum { BYTES = 240 }; /* no more than a byte counts */
    size_t found = 0, i = 0;
    for (; count - i >= BYTES; i += BYTES) {
        uint8_t here = 0;
        for (int j = 0; j < BYTES; j++)
            here += bounds[i + (size_t)j] >= least;
        found += here;
    }
    for (; i < count; i++)
        found += bounds[i] >= least;
    return found;
}

/* The largest bound that at least `limit` half blocks have; 0 when there are not so many. */
static uint32_t kth_bound(const uint8_t *bounds, size_t count, size_t limit)
{
    uint32_t low = 0, high = TOP_STEP + 1; /* enough have the low one */
    if (count < limit)
        return 0;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (count_bounds(bounds, count, (uint8_t)middle) >= limit)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Half blocks that there are: the last block may have no second one. */
static size_t halves_of(const ns__plist *list)
{
    const uint32_t last = list->blocks - 1;
    return 2 * (size_t)last + (ns__plist_count(list, last) > list->block_postings / 2 ? 2 : 1);
}

static inline uint8_t best_of(const ns__plist *list, uint32_t block)
{
    const uint8_t a = list->quant[2 * (size_t)block], b = list->quant[2 * (size_t)block + 1];
    return a > b ? a : b;
}

/* The blocks that have a bound of at least `least`. */
static uint32_t choose(const ns__plist *list, uint32_t least, uint32_t *restrict blocks)
{
    const uint8_t *restrict quant = list->quant;
    const uint32_t count = list->blocks;
    uint32_t chosen = 0;
    for (uint32_t b = 0; b < count; b++) {
        blocks[chosen] = b;
        chosen += (quant[2 * (size_t)b] >= least) | (quant[2 * (size_t)b + 1] >= least);
    }
    return chosen;
}

/* Looks at the blocks whose best bound is in [from, to), forwards. */
static void look_between(lone *all, const uint32_t *blocks, uint32_t count, uint32_t from,
                         uint32_t to)
{
    const ns__plist *list = &all->cursor->list;
    for (uint32_t i = 0; i < count && !ns__exec_failed(all->run); i++) {
        const uint8_t best = best_of(list, blocks[i]);
        if (i + 1 < count && best_of(list, blocks[i + 1]) >= from)
            ns__plist_fetch_block(list, blocks[i + 1]);
        if (best >= from && best < to && reaches(all, best))
            look_at(all, blocks[i]);
    }
}

/* A bound that lower ones cannot reach the bar with; not above `most`. */
static uint32_t least_bound(const lone *all, uint32_t most)
{
    const float steps = bar_of(all) / all->rounded * TOP_STEP - 1; /* less one for rounding */
    if (!(steps > 0))
        return 0;
    return steps < (float)most ? (uint32_t)steps : most;
}

static void search_blocks(lone *all)
{
    ns__exec *run = all->run;
    const ns__plist *list = &all->cursor->list;
    const uint32_t kth = kth_bound(list->quant, halves_of(list), run->top->limit);
    uint32_t *blocks = ns__arena_alloc(run->reader->arena, (list->blocks + 1) * sizeof *blocks);
    if (blocks == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return;
    }
    /* The best posting of each of those half blocks has more than one step less. */
    if (kth > 0 && each_counts(all))
        raise(all, (float)(kth - 1) / TOP_STEP * all->rounded);
    const uint32_t least = least_bound(all, kth), count = choose(list, least, blocks);
    uint32_t from = kth + 1, to = TOP_STEP + 1;
    for (uint32_t step = 1; to > least && reaches(all, (uint8_t)(to - 1)); step *= 2) {
        look_between(all, blocks, count, from, to);
        to = from;
        from = from > step ? from - step : 0;
    }
}

/* Whether postings wait: many are wanted, and more are there. */
static bool they_wait(const lone *all)
{
    const ns__topk *top = all->run->top;
    return all->strays == NULL && each_counts(all) && top->limit > NS_TOPK_FEW &&
           all->cursor->list.df > top->limit && all->rounded > 0;
}

static void search_long(lone *all)
{
    ns__exec *run = all->run;
    all->waits = they_wait(all);
    if (all->waits && !ns__waiting_open(&all->waiting, run->top->limit, all->cursor->list.df,
                                        all->rounded, run->reader->arena)) {
        run->reader->status = ns__no_memory(run->reader->err);
        return;
    }
    if (all->waits)
        NS_COUNT(LONE_WAITS);
    search_blocks(all);
    if (all->waits && run->reader->status >= 0)
        offer_waiting(all);
}

void ns__search_lone(ns__exec *run, const ns__strays *strays)
{
    lone all;
    const ns__lists *lists = &run->lists[0];
    if (lists->count == 0)
        return;
    NS_COUNT(LONE);
    if (strays != NULL)
        NS_COUNT(LONE_STRAYS);
    all.run = run;
    all.strays = strays;
    all.cursor = &lists->cursors[strays != NULL ? strays->longest[0] : 0];
    all.kernels = ns__window_kernels_for(run->reader->isa);
    all.factor = run->plan->groups[0].factor;
    all.rounded = (float)(all.factor * (1 + 0x1p-22));
    all.waits = false;
    if (!all.cursor->list.decoded) {
        search_long(&all);
    } else if (!ns__exec_expired(run) && ns__cursor_load(all.cursor, 0)) {
        offer_range(&all, 0, all.cursor->count);
    }
}
