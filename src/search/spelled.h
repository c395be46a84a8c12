/* Words as they are written, from what the index keeps of that: see segment/spellings.h.
 *
 * The same answers as those of stored text (literal.c). A spelling and the term that stands there
 * give the word; whether that is the one wanted is remembered, as few spellings of a term make up
 * most of its occurrences. */
#ifndef NS_SEARCH_SPELLED_H
#define NS_SEARCH_SPELLED_H

#include "search/exec.h"

/* Whether the run answers from there. */
bool ns__spelled_can(const ns__exec *run);

/* As ns__literals_stand. */
bool ns__spelled_stand(ns__exec *run, const ns__literal *literals, const uint32_t *slots,
                       uint32_t count, uint32_t passage, const uint32_t *headline, uint32_t i);

/* Forgets what was known of another search or segment; memory stays. */
void ns__spelled_forget(ns__spelled_text *scratch);
void ns__spelled_release(ns__spelled_text *scratch);

#endif
