/* Queries all in capitals, as headlines are printed. There AND, OR, NOT and NEAR are words, unless
 * there are few others, as in OPEC NOT IRAN, or all that stands between them is one word each, as
 * in CIA OR FBI OR NSA: names are often capitals. */
#ifndef NS_QUERY_CAPITALS_H
#define NS_QUERY_CAPITALS_H

#include "query/lexer.h"

/* Whether the query is such a headline: five words or more without any other sign of the language,
 * two of them side by side. Where all words are required, OR is an operator: as a word it would be
 * required, too. Then *first gets the first of its AND, OR, NOT and NEAR. */
bool ns__is_headline(ns__query *query, bool required, ns__lexeme *first);
/* Adds a note on NOT among few words in capitals, which is read as written: strict reading takes
 * it.
 */
ns_status ns__query_note_capitals(ns__query *query, ns_error *err);

#endif
