/* Sets of passages in a window. */
#include "search/tally.h"
#include "search/match.h"

#include "base/count.h"

/* Adds the bits of a block that lie in the window. */
static void add_bits(const ns__tally *all, const ns__block_bits *view, uint64_t *set)
{
    const uint8_t *bits = view->bits;
    size_t bytes = view->bytes;
    uint32_t place = view->first - all->first;
    if (view->first < all->first) { /* from the byte on that holds the window's first bit */
        const size_t before = (all->first - view->first) / 8;
        if (before >= bytes)
            return;
        bits += before;
        bytes -= before;
        place = (uint32_t)(view->first + before * 8 - all->first); /* 0 .. 7 below 0 */
        if ((int32_t)place < 0) {
            set[0] |= (uint64_t)(*bits++ >> -place);
            bytes--;
            place += 8;
        }
    }
    const size_t most = (all->end - all->first - place + 7) / 8; /* what lies behind is cut off */
    bytes = bytes < most ? bytes : most;
    all->kernels->or_bits(bits, bytes, place % 64, set + place / 64);
}

/* Adds a block's ids one by one: as bytes where they are close together, since bits of one word
 * would wait for each other. */
static bool add_ids(const ns__tally *all, ns__cursor *cursor, uint32_t block, uint64_t *set,
                    bool *bytes)
{
    if (!ns__cursor_load(cursor, block))
        return false;
    const uint32_t *ids = cursor->ids;
    uint32_t from = 0, to = cursor->count;
    if (ids[0] < all->first)
        from = ns__lower_bound(ids, 0, to, all->first);
    if (ids[to - 1] >= all->end)
        to = ns__lower_bound(ids, from, to, all->end);
    if (from >= to)
        return true;
    if (*bytes || (ids[to - 1] - ids[from]) / 32 < to - from) {
        *bytes = true;
        all->kernels->mark(ids + from, to - from, all->first, all->bytes);
    } else {
        for (uint32_t i = from; i < to; i++)
            set[(ids[i] - all->first) / 64] |= UINT64_C(1) << ((ids[i] - all->first) % 64);
    }
    return true;
}

/* Adds the lists of a group: to the set, or with *bytes to all->bytes. */
static bool add_lists(ns__tally *all, uint32_t group, uint64_t *set, bool *bytes)
{
    const ns__unpack_kernels *kernels = all->run->reader->kernels;
    for (uint32_t c = 0; c < all->run->lists[group].count; c++) {
        ns__cursor *cursor = &all->cursors[group][c];
        uint32_t block = ns__cursor_find(cursor, all->first, cursor->block);
        for (; block < cursor->list.blocks && ns__block_first(cursor, block) < all->end; block++) {
            ns__block_bits view;
            ns__bits_room room;
            ns__block_place place;
            if (cursor->loaded != block &&
                ns__plist_bits(&cursor->list, kernels, block, &room, &view, &place)) {
                NS_COUNT(TALLY_BIT_BLOCK);
                add_bits(all, &view, set);
            } else if (!add_ids(all, cursor, block, set, bytes)) {
                return false;
            }
        }
        cursor->block = block > 0 ? block - 1 : 0;
    }
    return true;
}

bool ns__tally_add_groups(ns__tally *all, const uint32_t *groups, uint32_t count, uint64_t *set)
{
    bool bytes = false;
    for (uint32_t g = 0; g < count; g++)
        if (!add_lists(all, groups[g], set, &bytes))
            return false;
    if (bytes)
        all->kernels->pack(all->bytes, all->window, set);
    uint32_t size = all->end - all->first; /* a damaged block's bits may lie behind */
    set[all->words] = 0;
    if (size < all->window) {
        set[size / 64] &= (UINT64_C(1) << (size % 64)) - 1;
        memset(set + size / 64 + 1, 0, (all->words - size / 64) * sizeof *set);
    }
    return true;
}

bool ns__tally_is_empty(const ns__tally *all, const uint64_t *set)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < all->words; w++)
        any |= set[w];
    return any == 0;
}

/* Of `within` (NULL for all), the passages with every word of a leaf, into all->leaf. */
bool ns__tally_find_leaf(ns__tally *all, uint32_t leaf, const uint64_t *within)
{
    const ns__plan_leaf *of = &all->run->plan->leaves[leaf];
    memset(all->leaf, 0, ((size_t)all->words + 1) * sizeof *all->leaf);
    for (uint32_t s = 0; s < of->slot_count; s++) {
        uint32_t slot = s;
        if (all->run->phrases[leaf].order != NULL)
            slot = all->run->phrases[leaf].order[s];
        uint64_t *set = s == 0 ? all->leaf : all->slot;
        if (s > 0)
            memset(all->slot, 0, ((size_t)all->words + 1) * sizeof *all->slot);
        if (!ns__tally_add_group(all, of->slots[slot], set))
            return false;
        if (s == 0 && within == NULL)
            continue;
        const uint64_t *also = s == 0 ? within : all->slot;
        for (uint32_t w = 0; w < all->words; w++)
            all->leaf[w] &= also[w];
        if (ns__tally_is_empty(all, all->leaf))
            break;
    }
    return true;
}

/* Takes out of `set` the passages where the phrase does not stand. */
void ns__tally_verify(ns__tally *all, uint32_t leaf, uint64_t *set)
{
    if (all->run->plan->leaves[leaf].slot_count == 1)
        return;
    for (uint32_t w = 0; w < all->words; w++)
        for (uint64_t rest = set[w]; rest != 0; rest &= rest - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(rest);
            if (ns__exec_failed(all->run))
                return;
            if (!ns__leaf_holds(all->run, leaf, all->first + w * 64 + bit))
                set[w] &= ~(UINT64_C(1) << bit);
        }
}
