/* Strings that are one prefix and ascending numbers, as ids often are: wire-0041, wire-0042, …
 *
 *   varint   bytes of the prefix, then these
 *   u8       digits of every number, zeros in front; 0: no zeros in front
 *   varint   the first number, below 10^18
 *   values   for each other string: its number minus the one before minus 1 (see pfor.h)
 *
 * Worked bytes: "w-08", "w-09", "w-11" are 02 77 2d | 02 | 08 | 01 02: two digits, 8, steps minus
 * one of 0 and 1 in one bit each. */
#ifndef NS_CODEC_NUMBERED_H
#define NS_CODEC_NUMBERED_H

#include "base/buf.h"
#include "base/bytes.h"

enum { NS_NUMBERED_MOST = 256 };

/* Appends the strings, 1 .. NS_NUMBERED_MOST of them. False, and nothing appended, when they are
 * not of that kind. */
bool ns__numbered_encode(const ns__str *strings, size_t count, ns__buf *out);
/* Appends string `index` of the `count` that stand in `in` to *into. False when malformed (what was
 * appended does not count), or into->failed. */
bool ns__numbered_get(ns__str in, size_t count, size_t index, ns__buf *into);
/* The same into out[0 .. room); returns its bytes, 0 when malformed or longer than that. */
size_t ns__numbered_copy(ns__str in, size_t count, size_t index, uint8_t *out, size_t room);

#endif
