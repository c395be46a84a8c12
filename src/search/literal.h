/* Words as they are written: =Apple.
 *
 * Postings know analysed terms alone. At the places of those of a literal word, the stored text,
 * cut into words again, is compared: a word with a capital as it is, others without case. */
#ifndef NS_SEARCH_LITERAL_H
#define NS_SEARCH_LITERAL_H

#include "search/exec.h"

/* Fills a literal from a token of the query's text; the bytes are copied to the arena. */
ns_status ns__literal_make(ns__str text, const ns__token *token, const ns__analyzer *analyzer,
                           ns__arena *arena, ns__literal *out, ns_error *err);

/* Whether literals, one behind the other, are what is written at token `i` of a text. */
bool ns__literals_at(const ns__literal *literals, uint32_t count, const ns__analyzer *analyzer,
                     ns__str text, const ns__tokens *tokens, size_t i);

/* The same for word `i` of the text of a passage, or of the headline of its article. False also
 * when the run failed. */
bool ns__literals_stand(ns__exec *run, const ns__literal *literals, uint32_t count,
                        uint32_t passage, bool title, size_t i);

void ns__literal_text_release(ns__literal_text *scratch);

#endif
