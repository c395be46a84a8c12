/* Spellings: how a word is written, told from the term that it leads to.
 *
 * A spelling is a few bytes which, applied to a term, give the surface (folded) and the word as it
 * stands in the text: "+s, first letter a capital" makes Tariffs of tariff and Talks of talk. So
 * few of them say how all the words of a text are written. The bytes:
 *
 *   flags    1 byte: bits 0-1 the case: 0 as the surface, 1 its first letter in capital, 2 all
 *            letters; then what follows: 4 front, 8 drop, 16 add, 32 edit, 64 tail
 *   front    string that stands in front of the term
 *   drop     varint: bytes that the term loses at its end
 *   add      string that follows:         surface = front + term without its end + add
 *   edit     varint, varint, string: behind so many bytes of the surface, brought into its case, so
 *            many are exchanged for this
 *   tail     string that follows:         word = edited surface + tail
 *
 * A string is a varint number of bytes, and they. */
#ifndef NS_TEXT_SPELLING_H
#define NS_TEXT_SPELLING_H

#include "base/buf.h"

/* Appends the spelling of `raw`, valid UTF-8, whose surface and term these are. Memory failures
 * stay in out->failed; `scratch` is overwritten. */
void ns__spelling_make(ns__str term, ns__str surface, ns__str raw, ns__buf *scratch, ns__buf *out);

/* Replaces *surface and *raw by what the spelling makes of the term. False when it is malformed or
 * does not fit the term, or when memory is out (a buffer has failed then). */
bool ns__spelling_apply(ns__str spelling, ns__str term, ns__buf *surface, ns__buf *raw);

#endif
