/* Postings that wait: see waiting.h. */
#include "search/waiting.h"

#include "base/count.h"

#include <string.h>

bool ns__waiting_open(ns__waiting *all, uint32_t limit, uint32_t most, float largest,
                      ns__arena *arena)
{
    const uint64_t twice = 2 * (uint64_t)limit;
    all->room = most > twice ? (uint32_t)twice : most;
    all->count = all->above = all->step = 0;
    all->limit = limit;
    all->scale = (NS_WAITING_STEPS - 1) / largest;
    const size_t room = (size_t)all->room + NS_BLOCK_ROOM;
    all->tfs = ns__arena_alloc(arena, room * sizeof *all->tfs);
    all->ids = ns__arena_alloc(arena, room * sizeof *all->ids);
    all->parts = ns__arena_alloc(arena, room * sizeof *all->parts);
    all->lengths = ns__arena_alloc(arena, room * sizeof *all->lengths);
    memset(all->counts, 0, sizeof all->counts);
    return all->tfs != NULL && all->ids != NULL && all->parts != NULL && all->lengths != NULL;
}

void ns__waiting_take(ns__waiting *all, uint32_t count)
{
    const float *parts = all->parts + all->count, scale = all->scale;
    const uint32_t step = all->step;
    uint32_t above = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t own = (uint32_t)(parts[i] * scale);
        all->counts[own]++;
        above += own >= step;
    }
    all->count += count;
    all->above += above;
    while (all->above - all->counts[all->step] >= all->limit)
        all->above -= all->counts[all->step++];
}

float ns__waiting_least(const ns__waiting *all)
{
    return (float)all->step / all->scale;
}

void ns__waiting_drop(ns__waiting *all, const ns__window_kernels *kernels, float need)
{
    const ns__alive these = {all->tfs, all->ids, all->parts, all->lengths};
    all->count = kernels->keep(&these, all->count, need, &these);
}

bool ns__waiting_make_room(ns__waiting *all, const ns__window_kernels *kernels, float need)
{
    if (all->count < all->room)
        return true;
    NS_COUNT(WAITING_ROOM);
    ns__waiting_drop(all, kernels, need);
    return all->count <= all->limit + (all->room - all->limit) / 2;
}
