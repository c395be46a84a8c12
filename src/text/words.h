/* Word borders by Unicode's rules (UAX #29, Unicode 15.0). */
#ifndef NS_TEXT_WORDS_H
#define NS_TEXT_WORDS_H

#include "base/bytes.h"
#include "text/unicode.h"

/* The end of the segment that begins at byte `at` of valid UTF-8 (at < length). `at` must be a
 * border: 0 or what an earlier call returned. What stands before a border never matters. *seen
 * (may be NULL) gets the properties of the segment's code points or-ed together: only its flags
 * mean anything. */
size_t ns__word_end(ns__str text, size_t at, unsigned *seen);

#endif
