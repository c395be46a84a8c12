/* The heap of the best results, and the table from articles to their entry. */
#include "search/topk.h"

#include "base/count.h"

#include <stdlib.h>

bool ns__topk_init(ns__topk *top, uint32_t limit, bool passages, ns__arena *arena)
{
    uint32_t table = 4;
    while (!passages && table < limit * 2)
        table *= 2;
    *top = (ns__topk){.limit = limit, .table_mask = table - 1};
    top->hits = ns__arena_alloc(arena, limit * sizeof *top->hits);
    top->heap = ns__arena_alloc(arena, limit * sizeof *top->heap);
    top->where = ns__arena_alloc(arena, limit * sizeof *top->where);
    if (top->hits == NULL || top->heap == NULL || top->where == NULL)
        return false;
    if (passages)
        return true;
    top->table = ns__arena_alloc(arena, table * sizeof *top->table);
    if (top->table == NULL)
        return false;
    for (uint32_t i = 0; i < table; i++)
        top->table[i] = 0;
    return true;
}

static uint32_t home(const ns__topk *top, uint64_t article)
{
    return (uint32_t)((article * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & top->table_mask;
}

/* The slot of the article, or the empty one where it belongs. */
static uint32_t slot_of(const ns__topk *top, uint64_t article)
{
    uint32_t slot = home(top, article);
    while (top->table[slot] != 0 && top->hits[top->table[slot] - 1].article != article)
        slot = (slot + 1) & top->table_mask;
    return slot;
}

/* Empties a slot and moves up what had to step aside for it. */
static void table_remove(ns__topk *top, uint64_t article)
{
    uint32_t hole = slot_of(top, article), slot = hole;
    for (;;) {
        top->table[hole] = 0;
        uint32_t wanted;
        do {
            slot = (slot + 1) & top->table_mask;
            if (top->table[slot] == 0)
                return;
            wanted = home(top, top->hits[top->table[slot] - 1].article);
            /* stays when its home lies cyclically in (hole, slot] */
        } while (((slot - wanted) & top->table_mask) < ((slot - hole) & top->table_mask));
        NS_COUNT(TOPK_TABLE_MOVED);
        top->table[hole] = top->table[slot];
        hole = slot;
    }
}

/* The place of the article's entry, UINT32_MAX for none. */
static uint32_t find(const ns__topk *top, const ns__hit *hit)
{
    return top->table ? top->table[slot_of(top, hit->article)] - 1 : UINT32_MAX;
}

bool ns__topk_enters(const ns__topk *top, const ns__hit *hit)
{
    if (top->limit == 0)
        return false;
    if (top->count == top->limit) {
        const ns__hit *worst = &top->hits[top->heap[0]];
        bool better = ns__hit_better(hit, worst);
        if (hit->score == worst->score && better)
            NS_COUNT(TOPK_TIE_WON);
        else if (hit->score == worst->score)
            NS_COUNT(TOPK_TIE_LOST);
        if (!better)
            return false;
    }
    uint32_t place = find(top, hit);
    return place == UINT32_MAX || ns__hit_better(hit, &top->hits[place]);
}

static void set(ns__topk *top, uint32_t at, uint32_t place)
{
    top->heap[at] = place;
    top->where[place] = at;
}

static bool worse(const ns__topk *top, uint32_t place, uint32_t than)
{
    return ns__hit_better(&top->hits[than], &top->hits[place]);
}

/* The hit at heap index `at` became better, or is new on top. */
static void sift_down(ns__topk *top, uint32_t at)
{
    uint32_t place = top->heap[at];
    for (;;) {
        uint64_t child = 2 * (uint64_t)at + 1;
        if (child >= top->count)
            break;
        if (child + 1 < top->count && worse(top, top->heap[child + 1], top->heap[child]))
            child++;
        if (!worse(top, top->heap[child], place))
            break;
        set(top, at, top->heap[child]);
        at = (uint32_t)child;
    }
    set(top, at, place);
}

static void sift_up(ns__topk *top, uint32_t at)
{
    uint32_t place = top->heap[at];
    while (at > 0 && worse(top, place, top->heap[(at - 1) / 2])) {
        set(top, at, top->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    set(top, at, place);
}

void ns__topk_put(ns__topk *top, const ns__hit *hit)
{
    uint32_t place = find(top, hit);
    if (place != UINT32_MAX) { /* a better passage of the same article */
        NS_COUNT(TOPK_BETTER_PASSAGE);
        top->hits[place] = *hit;
        sift_down(top, top->where[place]);
        return;
    }
    bool full = top->count == top->limit;
    place = full ? top->heap[0] : top->count++;
    if (full)
        NS_COUNT(TOPK_EVICTED);
    if (full && top->table)
        table_remove(top, top->hits[place].article);
    top->hits[place] = *hit;
    if (top->table)
        top->table[slot_of(top, hit->article)] = place + 1;
    if (full) {
        sift_down(top, 0);
    } else {
        set(top, place, place);
        sift_up(top, place);
    }
}

static int by_rank(const void *a, const void *b)
{
    return ns__hit_better(a, b) ? -1 : ns__hit_better(b, a);
}

void ns__topk_finish(ns__topk *top)
{
    if (top->count > 0)
        qsort(top->hits, top->count, sizeof *top->hits, by_rank);
}
