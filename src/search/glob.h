/* Texts against patterns: * stands for any characters, ? for one; a backslash makes the character
 * behind it plain. */
#ifndef NS_SEARCH_GLOB_H
#define NS_SEARCH_GLOB_H

#include "base/buf.h"
#include "base/bytes.h"

/* Whether the whole text (valid UTF-8) fits. Time: at most the product of both lengths. */
bool ns__glob_fits(ns__str pattern, ns__str text);

/* Makes one space of blanks and control characters in a row, and nothing of those at the ends: so
 * values are compared. Valid UTF-8. */
void ns__even_blanks(ns__buf *text);

/* Whether no word goes on beyond text[at], where a character begins. */
bool ns__ends_word(ns__str text, size_t at);
/* Whether `words` stand in the text as whole words, one behind the other: no letter or digit of a
 * script with spaces goes on at either end. */
bool ns__has_words(ns__str text, ns__str words);

/* How many of the pattern's bytes come before its first *, ? or backslash. */
size_t ns__glob_literal(ns__str pattern);

/* Whether it has a * or ? that is not plain. */
bool ns__glob_is_pattern(ns__str pattern);
/* Copies the pattern without the backslashes that make plain to out[0 .. pattern.length); returns
 * how many bytes are left. */
size_t ns__glob_plain(ns__str pattern, uint8_t *out);

/* Whether two texts are at most `most` (1 or 2) insertions, deletions, changes or exchanges of
 * neighbouring characters apart: optimal string alignment. */
bool ns__edits_within(ns__str a, ns__str b, uint32_t most);

#endif
