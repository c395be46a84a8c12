/* Sets of places where a phrase may begin. */
#include "search/starts.h"

#include "base/count.h"

uint32_t ns__starts_leaf(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    uint32_t found = UINT32_MAX;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur != NS__MUST || leaf->slot_count == 1)
            continue;
        if (found != UINT32_MAX)
            return UINT32_MAX;
        found = l;
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            if (run->lists[leaf->slots[s]].term_count != 1) /* merged lists have no positions */
                return UINT32_MAX;
    }
    return found;
}

/* The places of a posting less `slot`, as a set; false when one of them lies behind the set. */
static inline bool gather(const uint32_t *places, uint32_t count, bool differences, uint32_t slot,
                          uint64_t bits[NS_STARTS_WORDS])
{
    const uint32_t keep = differences ? UINT32_MAX : 0;
    uint32_t place = 0;
    memset(bits, 0, NS_STARTS_WORDS * sizeof *bits);
    for (uint32_t i = 0; i < count; i++) {
        place = (place & keep) + places[i];
        if (place >= NS_STARTS)
            return false;
        uint32_t start = place - slot; /* far behind the set when there is none */
        if (start < NS_STARTS)
            bits[start / 64] |= UINT64_C(1) << (start % 64);
    }
    return true;
}

bool ns__starts_narrow(ns__exec *run, uint32_t leaf, uint32_t group, ns__cursor *cursor,
                       uint32_t at, ns__starts *starts)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    const uint32_t *places;
    uint32_t count;
    bool differences;
    if (!ns__cursor_places(cursor, at, &places, &count, &differences))
        return false;
    /* Without weight headlines leave no trace in the tf. */
    starts->titled &= run->segment->postings.title_weight == 0 || cursor->tfs[at] != count;
    for (uint32_t s = 0; s < of->slot_count; s++) {
        uint64_t bits[NS_STARTS_WORDS];
        if (of->slots[s] != group)
            continue;
        if (!gather(places, count, differences, s, bits)) {
            NS_COUNT(STARTS_UNSURE);
            starts->unsure = true;
            return true;
        }
        for (uint32_t w = 0; w < NS_STARTS_WORDS; w++)
            starts->bits[w] &= bits[w];
    }
    return true;
}
