/* Places where a phrase may begin. */
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
            if (run->lists[leaf->slots[s]].term_count != run->lists[leaf->slots[s]].count)
                return UINT32_MAX; /* merged lists have no positions */
    }
    return found;
}

/* Places of a word in a passage, from its beginning or from the place before. */
typedef struct places {
    const uint32_t *at;
    uint32_t count;
    uint32_t keep; /* all ones where they are differences, else 0 */
} places;

/* Takes the places less `slot`; false when they do not fit. */
static bool fill(const places *of, uint32_t slot, ns__starts *starts)
{
    uint32_t place = 0, count = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        place = (place & of->keep) + of->at[i];
        if (place < slot)
            continue;
        if (count == NS_STARTS_ROOM || place - slot > UINT16_MAX)
            return false;
        starts->at[count++] = (uint16_t)(place - slot);
    }
    starts->count = (uint8_t)count;
    return true;
}

/* Keeps the starts that are among the places less `slot`. */
static void keep_common(const places *of, uint32_t slot, ns__starts *starts)
{
    uint32_t place = 0, kept = 0, next = 0, count = starts->count;
    for (uint32_t i = 0; i < of->count; i++) {
        place = (place & of->keep) + of->at[i];
        while (next < count && starts->at[next] + slot < place)
            next++;
        if (next == count)
            break;
        if (starts->at[next] + slot == place)
            starts->at[kept++] = starts->at[next++];
    }
    starts->count = (uint8_t)kept;
}

bool ns__starts_narrow(ns__exec *run, uint32_t leaf, uint32_t group, ns__cursor *cursor,
                       uint32_t at, ns__starts *starts)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    places here;
    bool differences;
    if (!ns__cursor_places(cursor, at, &here.at, &here.count, &differences))
        return false;
    if (here.at == NULL) {
        starts->unsure = true;
        return true;
    }
    here.keep = differences ? UINT32_MAX : 0;
    /* Without weight headlines leave no trace in the tf. */
    starts->titled &= run->segment->postings.title_weight == 0 || cursor->tfs[at] != here.count;
    for (uint32_t s = 0; s < of->slot_count; s++) {
        if (of->slots[s] != group)
            continue;
        if (!starts->all) {
            keep_common(&here, s, starts);
        } else if (!fill(&here, s, starts)) {
            NS_COUNT(STARTS_UNSURE);
            starts->unsure = true;
            return true;
        }
        starts->all = false;
    }
    return true;
}
