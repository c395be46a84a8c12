/* UTF-8: validation, replacement, decoding, counting. */
#ifndef NS_TEXT_UTF8_H
#define NS_TEXT_UTF8_H

#include "base/buf.h"

/* Length of the longest valid prefix (all of it when valid). Rejects overlong forms, surrogates
 * and code points above U+10FFFF. */
size_t ns__utf8_valid_prefix(ns__str text);

/* Appends text with each maximal ill-formed subsequence replaced by U+FFFD (Unicode 15 section
 * 3.9, the practice of the WHATWG encoding standard). Returns the number of replacements. */
size_t ns__utf8_sanitise(ns__str text, ns__buf *out);

/* Decodes the code point at text.data[at] of valid UTF-8; *length gets its bytes. */
uint32_t ns__utf8_decode(const uint8_t *at, unsigned *length);

/* Code points in valid UTF-8. */
size_t ns__utf8_count(ns__str text);

#endif
