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

/* Takes the places less `slot`; false when they do not fit. */
static bool fill(const ns__posting_places *of, uint32_t slot, ns__starts *starts)
{
    const uint32_t keep = of->differences ? UINT32_MAX : 0;
    uint32_t place = 0, count = 0;
    for (uint32_t i = 0; i < of->count; i++) {
        place = (place & keep) + of->at[i];
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
static void keep_common(const ns__posting_places *of, uint32_t slot, ns__starts *starts)
{
    const uint32_t keep = of->differences ? UINT32_MAX : 0;
    uint32_t place = 0, kept = 0, next = 0, count = starts->count;
    for (uint32_t i = 0; i < of->count; i++) {
        place = (place & keep) + of->at[i];
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
    ns__posting_places here;
    if (!ns__cursor_places(cursor, at, &here))
        return false;
    if (here.at == NULL) {
        starts->unsure = true;
        return true;
    }
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

/* ---- Two words of many passages ---- */

/* The one slot of the leaf that is `group`; UINT32_MAX where there are more. */
static uint32_t only_slot(const ns__plan_leaf *of, uint32_t group)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t s = 0; s < of->slot_count; s++) {
        if (of->slots[s] != group)
            continue;
        if (found != UINT32_MAX)
            return UINT32_MAX;
        found = s;
    }
    return found;
}

/* Whether posting `at` is, or may be, of a headline too. */
static bool is_titled(const ns__exec *run, const ns__cursor *cursor, const ns__places *places,
                      uint32_t at)
{
    return run->segment->postings.title_weight == 0 ||
           cursor->tfs[at] != places->starts[at + 1] - places->starts[at];
}

/* Fills in the starts of one pair. False when the reader failed. */
static bool begin_pair(ns__exec *run, uint32_t leaf, const ns__starts_pairs *pairs, uint32_t i,
                       ns__starts *starts)
{
    ns__starts_begin(run, starts);
    return ns__starts_narrow(run, leaf, pairs->first_group, pairs->first, pairs->slots[i],
                             starts) &&
           (starts->unsure || ns__starts_narrow(run, leaf, pairs->other_group, pairs->other,
                                                pairs->postings[i], starts));
}

/* What was found of the two words of a phrase of two: where it is does not matter. */
static void begin_all(const ns__exec *run, const ns__starts_pairs *pairs, const ns__places *first,
                      const ns__places *other, ns__starts *starts, uint8_t *keep)
{
    const bool titles = run->segment->articles.headline_terms > 0;
    for (uint32_t i = 0; i < pairs->count; i++) {
        ns__starts *of = &starts[pairs->slots[i]];
        of->titled = titles && is_titled(run, pairs->first, first, pairs->slots[i]) &&
                     is_titled(run, pairs->other, other, pairs->postings[i]);
        of->count = keep[i];
        of->all = of->unsure = false;
        keep[i] |= of->titled;
    }
}

bool ns__starts_narrow_pairs(ns__exec *run, uint32_t leaf, const ns__starts_pairs *pairs,
                             ns__starts *starts, uint8_t *keep, bool *done)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    const uint32_t first = only_slot(of, pairs->first_group);
    const uint32_t other = only_slot(of, pairs->other_group);
    ns__pairs_job job = {.slots = pairs->slots,
                         .postings = pairs->postings,
                         .count = pairs->count,
                         .ahead = other - first,
                         .found = keep};
    *done = false;
    if (first == UINT32_MAX || other == UINT32_MAX)
        return true;
    bool ready;
    if (!ns__cursor_all_places(pairs->other, pairs->count, &job.other, &ready) || !ready)
        return !ns__exec_failed(run);
    if (!ns__cursor_all_places(pairs->first, pairs->count, &job.first, &ready) || !ready)
        return !ns__exec_failed(run);
    *done = true;
    NS_COUNT(STARTS_PAIRS);
    ns__pairs_kernel_for(run->reader->isa)(&job);
    if (of->slot_count == 2) {
        begin_all(run, pairs, &job.first, &job.other, starts, keep);
        return true;
    }
    const bool titles = run->segment->articles.headline_terms > 0;
    for (uint32_t i = 0; i < pairs->count; i++) {
        if (!keep[i] && !titles)
            continue;
        ns__starts *here = &starts[pairs->slots[i]];
        if (!begin_pair(run, leaf, pairs, i, here))
            return false;
        keep[i] = ns__starts_verdict_of(here) != NS__STARTS_NONE;
    }
    return true;
}
