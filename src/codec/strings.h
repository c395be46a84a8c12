/* Front-coded strings with random access: entries in blocks of 16, the first of a block whole, the
 * others as (bytes shared with the one before, the rest). Any order; sorted ones compress best.
 *
 *   u32 count, then u32 offset of each block from the data, then the data */
#ifndef NS_CODEC_STRINGS_H
#define NS_CODEC_STRINGS_H

#include "base/buf.h"

enum { NS_STRINGS_BLOCK = 16 };

typedef struct ns__strings_writer {
    ns__buf data, offsets, last;
    uint32_t count;
} ns__strings_writer;

void ns__strings_add(ns__strings_writer *writer, ns__str text);
/* Appends the finished table to *out; the writer is empty afterwards. Memory failures stay in
 * out->failed. */
void ns__strings_finish(ns__strings_writer *writer, ns__buf *out);
void ns__strings_release(ns__strings_writer *writer);

typedef struct ns__strings {
    const uint8_t *offsets, *data, *end;
    uint32_t count;
} ns__strings;

/* False when the table contradicts itself. `bytes` stays borrowed. */
bool ns__strings_open(ns__str bytes, ns__strings *out);
/* Entry `index` into *into (replacing what it held). False when malformed or out of range. */
bool ns__strings_get(const ns__strings *strings, uint32_t index, ns__buf *into);

#endif
