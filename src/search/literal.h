/* Words as they are written: =Apple.
 *
 * Postings know analysed terms alone. Where those of a literal word stand, the stored text is read,
 * cut into words again, and compared: a word with a capital as it is, others without case. */
#ifndef NS_SEARCH_LITERAL_H
#define NS_SEARCH_LITERAL_H

#include "search/exec.h"

/* Fills a literal from a token of the query's text; the bytes are copied to the arena. */
ns_status ns__literal_make(ns__str text, const ns__token *token, const ns__analyzer *analyzer,
                           ns__arena *arena, ns__literal *out, ns_error *err);

/* Whether the literals of a leaf stand at token `i` of a text. */
bool ns__literals_at(const ns__plan_leaf *leaf, const ns__analyzer *analyzer, ns__str text,
                     const ns__tokens *tokens, size_t i);

/* Whether they stand anywhere in the text of a passage, or the headline of its article. */
bool ns__literals_hold(ns__exec *run, uint32_t leaf, uint32_t passage, bool title);

void ns__literal_text_release(ns__literal_text *scratch);

#endif
