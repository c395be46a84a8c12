/* The pool of the best results, and the table from articles to their entry. */
#include "search/topk.h"

#include "base/count.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = UINT32_MAX };

/* Ranges of scores: the upper bits of a float, counted from those of 2^-8. What is below belongs to
 * the first, what is above to the last. */
enum { RANGES = 1024, RANGE_SHIFT = 17, FIRST_RANGE = (127 - 8) << (23 - RANGE_SHIFT) };

static bool is_few(const ns__topk *top)
{
    return top->limit <= NS_TOPK_FEW;
}

static void clear_table(ns__topk *top)
{
    memset(top->table, 0, ((size_t)top->table_mask + 1) * sizeof *top->table);
}

/* Many hits: room for twice as many, unless so many cannot come, and the table. */
static bool open_many(ns__topk *top, uint64_t most, ns__arena *arena)
{
    top->room = most > 2 * (uint64_t)top->limit ? 2 * top->limit : (uint32_t)most;
    if (top->room > top->limit) {
        top->selected = ns__arena_alloc(arena, top->room * sizeof(ns__hit *));
        top->counts = ns__arena_alloc(arena, RANGES * sizeof *top->counts);
        if (top->selected == NULL || top->counts == NULL)
            return false;
        memset(top->counts, 0, RANGES * sizeof *top->counts);
    }
    if (top->passages)
        return true;
    size_t table = 4;
    while (table < 2 * (size_t)top->room)
        table *= 2;
    top->table_mask = (uint32_t)(table - 1);
    top->table = ns__arena_alloc(arena, table * sizeof *top->table);
    if (top->table)
        clear_table(top);
    return top->table != NULL;
}

bool ns__topk_init(ns__topk *top, uint32_t limit, uint64_t most, bool passages, ns__arena *arena)
{
    *top = (ns__topk){.limit = limit, .room = limit, .passages = passages};
    top->bar = limit == 0 ? INFINITY : -1.0f;
    if (limit > NS_TOPK_FEW && !open_many(top, most > limit ? most : limit, arena))
        return false;
    top->hits = ns__arena_alloc(arena, top->room * sizeof *top->hits);
    return top->hits != NULL;
}

/* The slot of the article, or the empty one where it belongs. */
static uint32_t slot_of(const ns__topk *top, uint64_t article)
{
    uint32_t slot = (uint32_t)((article * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & top->table_mask;
    while (top->table[slot] != 0 && top->hits[top->table[slot] - 1].article != article)
        slot = (slot + 1) & top->table_mask;
    return slot;
}

/* The index of the article's entry, NONE when there is none. */
static uint32_t find(const ns__topk *top, uint64_t article)
{
    if (top->passages)
        return NONE;
    if (top->table)
        return top->table[slot_of(top, article)] - 1;
    for (uint32_t i = 0; i < top->count; i++)
        if (top->hits[i].article == article)
            return i;
    return NONE;
}

bool ns__topk_enters(const ns__topk *top, const ns__hit *hit)
{
    if (hit->score < top->bar)
        return false;
    if (top->full) {
        bool better = ns__hit_better(hit, &top->last);
        if (hit->score == top->bar && better)
            NS_COUNT(TOPK_TIE_WON);
        else if (hit->score == top->bar)
            NS_COUNT(TOPK_TIE_LOST);
        if (!better)
            return false;
    }
    uint32_t at = find(top, hit->article);
    return at == NONE || ns__hit_better(hit, &top->hits[at]);
}

static void raise_bar(ns__topk *top, const ns__hit *last)
{
    top->full = true;
    top->last = *last;
    top->bar = last->score;
}

static void find_worst(ns__topk *top)
{
    top->worst = 0;
    for (uint32_t i = 1; i < top->count; i++)
        if (ns__hit_better(&top->hits[top->worst], &top->hits[i]))
            top->worst = i;
    raise_bar(top, &top->hits[top->worst]);
}

/* ---- Choosing among many ---- */

static int by_rank(const void *a, const void *b)
{
    return ns__hit_better(a, b) ? -1 : ns__hit_better(b, a);
}

static int by_rank_of(const void *a, const void *b)
{
    return by_rank(*(ns__hit *const *)a, *(ns__hit *const *)b);
}

/* A number that orders scores as they are. */
static inline uint32_t order_of(float score)
{
    uint32_t bits;
    memcpy(&bits, &score, sizeof bits);
    return bits >> 31 ? ~bits : bits | UINT32_C(1) << 31;
}

static inline uint32_t range_of(float score)
{
    int32_t bits; /* as a number it orders scores that are not negative; others are below */
    memcpy(&bits, &score, sizeof bits);
    const int32_t place = (bits >> RANGE_SHIFT) - FIRST_RANGE;
    if (place < 0)
        return 0;
    return place < RANGES ? (uint32_t)place : RANGES - 1;
}

/* The least score of a range that is not the first. */
static inline float least_of(uint32_t range)
{
    const uint32_t bits = (range + FIRST_RANGE) << RANGE_SHIFT;
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* Counts a hit, and raises the bar to what `limit` hits reach. */
static inline void count_range(ns__topk *top, float score)
{
    const uint32_t range = range_of(score);
    top->counts[range]++;
    top->above += range >= top->range;
    if (top->above - top->counts[top->range] < top->limit)
        return;
    while (top->above - top->counts[top->range] >= top->limit)
        top->above -= top->counts[top->range++];
    const float least = least_of(top->range);
    top->bar = least > top->bar ? least : top->bar;
}

static void uncount_range(ns__topk *top, float score)
{
    const uint32_t range = range_of(score);
    top->counts[range]--;
    top->above -= range >= top->range;
}

/* The worst of the best `limit`, which is in the range that was counted for it. */
static const ns__hit *find_last(ns__topk *top)
{
    uint32_t rank = top->limit - 1 - (top->above - top->counts[top->range]), found = 0;
    for (uint32_t i = 0; i < top->count; i++)
        if (range_of(top->hits[i].score) == top->range)
            top->selected[found++] = &top->hits[i];
    qsort(top->selected, found, sizeof *top->selected, by_rank_of);
    return top->selected[rank];
}

/* Forgets the hits from `kept` on. */
static void forget(ns__topk *top, uint32_t kept)
{
    top->count = kept;
    if (top->table == NULL)
        return;
    clear_table(top);
    for (uint32_t i = 0; i < kept; i++)
        top->table[slot_of(top, top->hits[i].article)] = i + 1;
}

/* Leaves the best `limit`. */
static void cut(ns__topk *top)
{
    if (top->count > top->limit)
        raise_bar(top, find_last(top));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < top->count; i++) {
        top->hits[kept] = top->hits[i];
        kept += !ns__hit_better(&top->last, &top->hits[i]);
    }
    NS_COUNT(TOPK_CUT);
    forget(top, kept);
    if (top->counts == NULL)
        return;
    memset(top->counts, 0, RANGES * sizeof *top->counts);
    top->above = 0;
    for (uint32_t i = 0; i < kept; i++)
        count_range(top, top->hits[i].score);
}

/* Leaves the hits in the range of the worst of the best `limit` and in those above: a few more than
 * that, without choosing among them; when it would be many more, all but the best. Counts of lower
 * ranges are not looked at any more. */
static void make_room(ns__topk *top)
{
    if (top->above > top->limit + (top->room - top->limit) / 2) {
        cut(top);
        return;
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < top->count; i++) {
        top->hits[kept] = top->hits[i];
        kept += range_of(top->hits[i].score) >= top->range;
    }
    NS_COUNT(TOPK_ROOM);
    forget(top, kept);
}

void ns__topk_put_parts(ns__topk *top, float score, uint32_t segment, uint64_t article,
                        uint32_t passage)
{
    const ns__hit hit = {score, segment, article, passage, false};
    uint32_t at = find(top, article);
    if (at != NONE) {
        NS_COUNT(TOPK_BETTER_PASSAGE);
        if (top->counts != NULL)
            uncount_range(top, top->hits[at].score);
        top->hits[at] = hit; /* a better passage of the same article */
    } else if (top->count < top->room) {
        if (top->table)
            top->table[slot_of(top, article)] = top->count + 1;
        top->hits[top->count++] = hit;
    } else {
        NS_COUNT(TOPK_EVICTED);
        at = top->worst;
        top->hits[at] = hit;
    }
    if (top->counts != NULL) {
        count_range(top, score);
        if (top->count == top->room)
            make_room(top);
    } else if (top->full ? is_few(top) && at == top->worst : top->count == top->limit) {
        find_worst(top);
    }
}

/* ---- The end: sorting ---- */

static void sort_few(ns__hit *hits, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        ns__hit hit = hits[i];
        uint32_t at = i;
        for (; at > 0 && ns__hit_better(&hit, &hits[at - 1]); at--)
            hits[at] = hits[at - 1];
        hits[at] = hit;
    }
}

/* A hit and a number, the lower the better, that hardly two hits share: the score, as far as it
 * tells, and the article. */
typedef struct ranked {
    uint64_t key;
    const ns__hit *hit;
} ranked;

static inline ranked rank_of(const ns__hit *hit)
{
    const uint64_t article = hit->article < UINT32_MAX ? hit->article : UINT32_MAX;
    return (ranked){(uint64_t)~order_of(hit->score) << 32 | article, hit};
}

static inline bool goes_before(const ranked *a, const ranked *b)
{
    return a->key != b->key ? a->key < b->key : ns__hit_better(a->hit, b->hit);
}

static int by_key(const void *a, const void *b)
{
    return goes_before(a, b) ? -1 : goes_before(b, a);
}

/* Hits of one score mostly come in order, however many they are. */
static void sort_ranked(ranked *all, uint32_t count)
{
    enum { MOST_MOVES = 8 }; /* of each, or so */
    uint64_t moves = 0;
    for (uint32_t i = 1; i < count; i++) {
        const ranked one = all[i];
        uint32_t at = i;
        for (; at > 0 && goes_before(&one, &all[at - 1]); at--)
            all[at] = all[at - 1];
        all[at] = one;
        moves += i - at;
        if (moves > (uint64_t)MOST_MOVES * count) {
            qsort(all, count, sizeof *all, by_key);
            return;
        }
    }
}

/* The hits of `least` and more, in as many buckets as there are hits, or so: equal steps of what
 * their scores are as numbers. */
typedef struct spread {
    uint32_t least, most; /* order of a score */
    uint32_t shift, buckets, count;
    uint32_t *ends; /* of each bucket, the best first */
    ranked *hits;
} spread;

static inline uint32_t bucket_of(const spread *all, uint32_t order)
{
    return (all->most - order) >> all->shift;
}

/* Of the hits that may be among the best `limit`, as they are in the range of the worst of those or
 * above. */
static spread measure(const ns__topk *top)
{
    enum { MOST_BUCKETS = 1 << 16 };
    spread all = {.least = UINT32_MAX, .buckets = 1};
    uint32_t from = 0;
    if (top->count > top->limit && top->range > 0)
        from = order_of(least_of(top->range));
    for (uint32_t i = 0; i < top->count; i++) {
        const uint32_t order = order_of(top->hits[i].score);
        all.count += order >= from;
        all.least = order >= from && order < all.least ? order : all.least;
        all.most = order > all.most ? order : all.most;
    }
    while (all.buckets < all.count && all.buckets < MOST_BUCKETS)
        all.buckets *= 2;
    while (bucket_of(&all, all.least) >= all.buckets)
        all.shift++;
    return all;
}

/* Puts the hits where their bucket is. */
static void distribute(const ns__topk *top, spread *all)
{
    uint32_t sum = 0;
    memset(all->ends, 0, all->buckets * sizeof *all->ends);
    for (uint32_t i = 0; i < top->count; i++) {
        const uint32_t order = order_of(top->hits[i].score);
        if (order >= all->least)
            all->ends[bucket_of(all, order)]++;
    }
    for (uint32_t b = 0; b < all->buckets; b++) {
        const uint32_t own = all->ends[b];
        all->ends[b] = sum; /* now its beginning: it moves as hits come */
        sum += own;
    }
    for (uint32_t i = 0; i < top->count; i++) {
        const uint32_t order = order_of(top->hits[i].score);
        if (order >= all->least)
            all->hits[all->ends[bucket_of(all, order)]++] = rank_of(&top->hits[i]);
    }
}

bool ns__topk_finish(ns__topk *top, ns__arena *arena)
{
    if (top->count <= NS_TOPK_FEW && top->count <= top->limit) {
        sort_few(top->hits, top->count);
        return true;
    }
    spread all = measure(top);
    const uint32_t kept = top->count < top->limit ? top->count : top->limit;
    all.ends = ns__arena_alloc(arena, all.buckets * sizeof *all.ends);
    all.hits = ns__arena_alloc(arena, all.count * sizeof *all.hits);
    ns__hit *sorted = ns__arena_alloc(arena, kept * sizeof *sorted);
    if (all.ends == NULL || all.hits == NULL || sorted == NULL)
        return false;
    distribute(top, &all);
    for (uint32_t b = 0, from = 0; from < kept; from = all.ends[b++])
        sort_ranked(all.hits + from, all.ends[b] - from);
    for (uint32_t i = 0; i < kept; i++)
        sorted[i] = *all.hits[i].hit;
    top->hits = sorted;
    top->count = kept;
    return true;
}
