/* What characters are in a query. */
#ifndef NS_QUERY_CHARACTERS_H
#define NS_QUERY_CHARACTERS_H

#include <stdbool.h>
#include <stdint.h>

/* The character at `at` < end, valid UTF-8; *length gets its bytes. */
uint32_t ns__peek(const uint8_t *text, uint32_t at, unsigned *length);

bool ns__is_query_space(uint32_t c);
bool ns__is_query_quote(uint32_t c);
bool ns__opens(uint32_t c);
bool ns__closes(uint32_t c);
bool ns__is_query_paren(uint32_t c); /* either of them */
/* Is the backslash at `at` one that makes the next character plain? */
bool ns__is_escape(const uint8_t *text, uint32_t at, uint32_t end);
/* A letter, a digit or a mark on one: what makes words. */
bool ns__is_word_character(uint32_t c);

#endif
