/* What a passage holds: words by their postings, phrases by positions and headlines.
 *
 * Whatever engine looks at a passage, whether it matches comes to what these functions say, and its
 * score to what those of score.h add up: sets, windows and chunks of passages only do the same for
 * many at once, and tests hold them to it. */
#ifndef NS_SEARCH_MATCH_H
#define NS_SEARCH_MATCH_H

#include "search/exec.h"

/* The first passage at or behind `passage` with a posting of the group; NS_END for none. */
uint32_t ns__group_seek(ns__exec *run, uint32_t group, uint32_t passage);
/* The group's tf in `passage`: 0 when it is not there. */
uint32_t ns__group_tf(ns__exec *run, uint32_t group, uint32_t passage);
/* The first passage at or behind `passage` with all slots of the leaf: a match of a word, a
 * candidate of a phrase. */
uint32_t ns__leaf_seek(ns__exec *run, uint32_t leaf, uint32_t passage);
/* Whether a leaf whose words are all present in `passage` (ns__leaf_seek found it) is contained
 * there: whether the slots of a phrase stand one behind the other there or in the headline,
 * operands near enough, all in the field asked for. True for words in any field. */
bool ns__leaf_holds(ns__exec *run, uint32_t leaf, uint32_t passage);
/* Whether a passage of [first, end) contains the leaf. */
bool ns__leaf_within(ns__exec *run, uint32_t leaf, uint32_t first, uint32_t end);

/* Whether a passage with some wanted or required word contains a leaf: a slot of a phrase alone is
 * none. */
bool ns__passage_matches(ns__exec *run, uint32_t passage);
/* Whether the passage's unit has no excluded leaf. */
bool ns__unit_free(ns__exec *run, uint32_t passage);
/* Whether it has every required leaf, too. */
bool ns__unit_allowed(ns__exec *run, uint32_t passage);

/* Body positions of a slot in `passage`, less `offset`, ascending, into run->slot: where a phrase
 * with this word would begin. Sets *titled when the word is in the headline too: its tf is more
 * than its positions. False when the run failed. */
bool ns__slot_starts(ns__exec *run, uint32_t group, uint32_t offset, uint32_t passage,
                     bool *titled);
/* The same, and run->starts keeps those that it had too, or with `first` takes them all. False also
 * when none is left. */
bool ns__slot_narrow(ns__exec *run, uint32_t group, uint32_t offset, uint32_t passage, bool first,
                     bool *titled);
/* Term ordinals of an article's headline, until the next call. False when the run failed. */
bool ns__exec_headline(ns__exec *run, uint32_t article, const uint32_t **ordinals, uint32_t *count);
/* Whether that term is one of the group's. */
bool ns__lists_have(const ns__lists *lists, uint32_t ordinal);

/* Whether run `r` of the plan stands in `passage` as a phrase. */
bool ns__run_holds(ns__exec *run, uint32_t r, uint32_t passage);
/* Where in `passage` it does first, in words: 0 when it stands in the headline; NS_END: nowhere. */
uint32_t ns__run_begins(ns__exec *run, uint32_t r, uint32_t passage);

#endif
