/* Words near each other: NEAR, ONEAR, slop, and words within one sentence or paragraph.
 *
 * An operand stands where one of its alternatives does: a place, words [start, end). A NEAR holds
 * where each operand has a place, none overlaps another, in the order of the query when that is
 * asked for, and the words between them are at most `distance` in all. Whether there are such
 * places is found exactly, by dynamic programming over the places in order of their starts with the
 * sets of operands placed so far. */
#ifndef NS_SEARCH_PROXIMITY_H
#define NS_SEARCH_PROXIMITY_H

#include "search/exec.h"

/* The first passage in [passage, end) that has words for all operands; at or behind `end`: none. */
uint32_t ns__near_seek(ns__exec *run, uint32_t leaf, uint32_t passage, uint32_t end);
/* Whether the leaf stands in the text of a passage, or in the headline of an article. */
bool ns__near_body(ns__exec *run, uint32_t leaf, uint32_t passage);
bool ns__near_headline(ns__exec *run, uint32_t leaf, uint32_t article);

/* Sorts places as the next two want them: by start, then end, then operand. */
void ns__places_sort(ns__place *places, size_t count);
/* Whether sorted places allow a NEAR; with `through` one of the places chosen must be that one.
 * False also when memory is out: then *status says so. */
bool ns__places_near(const ns__plan_leaf *leaf, const ns__place *places, size_t count,
                     const ns__place *through, ns__near *scratch, ns_status *status);
/* The first of sorted places at or behind `from` that does not begin before `end`. Walking on from
 * there, text by text, looks at each place once, however long the passage is. */
size_t ns__places_before(const ns__place *places, size_t count, size_t from, uint32_t end);
/* Whether all operands have a place within words [first, end). */
bool ns__places_within(const ns__plan_leaf *leaf, const ns__place *places, size_t count,
                       uint32_t first, uint32_t end);

#endif
