/* Strings in compressed blocks, for ids: what they have in common need not be at their beginning,
 * nor do they have to be sorted. Entries in blocks of 32; one is read by inflating its block, or
 * computed where they are numbers that ascend behind one prefix.
 *
 *   u32 count, u32 offset of each block from the first, then the blocks. A block:
 *     u8       0 plain, 1 deflated, 2 numbered: then see numbered.h
 *     varint   deflated: bytes of what was deflated
 *     bytes    plain, or a zlib stream of it (RFC 1950): varint length and bytes of each string */
#ifndef NS_CODEC_ZSTRINGS_H
#define NS_CODEC_ZSTRINGS_H

#include "codec/zblock.h"

enum { NS_ZSTRINGS_BLOCK = 32 };

typedef struct ns__zstrings_writer {
    ns__buf data, offsets, block;
    uint32_t count;
    ns__deflater *deflater;
} ns__zstrings_writer;

ns_status ns__zstrings_add(ns__zstrings_writer *writer, ns__str text, ns_error *err);
/* An entry added before, into *into, replacing what it held. False when there is none such or
 * memory is out: into->failed. */
bool ns__zstrings_peek(ns__zstrings_writer *writer, uint32_t index, ns__buf *into);
/* Appends the finished table to *out; the writer is empty afterwards. */
ns_status ns__zstrings_finish(ns__zstrings_writer *writer, ns__buf *out, ns_error *err);
void ns__zstrings_release(ns__zstrings_writer *writer);

typedef struct ns__zstrings {
    const uint8_t *offsets, *data, *end;
    uint32_t count;
} ns__zstrings;

/* False when the table contradicts itself. `bytes` stays borrowed; NS_PACK_SLACK bytes behind it
 * must be readable. */
bool ns__zstrings_open(ns__str bytes, ns__zstrings *out);

/* Keeps the block read last, of whichever table, also of a copy of its struct: the bytes of all
 * tables must stay as long as it is used. Zero-initialised is empty; one thread at a time. */
typedef struct ns__zstrings_reader {
    const uint8_t *from; /* the bytes that the block was made of, or NULL */
    ns__buf block;
    ns__inflater *inflater;
} ns__zstrings_reader;

/* Entry `index` into *into, replacing what it held. `reader` NULL: none is kept. False when
 * malformed, out of range, or into->failed. */
bool ns__zstrings_get(const ns__zstrings *strings, uint32_t index, ns__zstrings_reader *reader,
                      ns__buf *into);
/* The same into out[0 .. room) without any memory, where the entry is one of those that count up;
 * returns its bytes, 0 when it is none, malformed or longer than that. */
size_t ns__zstrings_copy_numbered(const ns__zstrings *strings, uint32_t index, uint8_t *out,
                                  size_t room);
/* Has the processor fetch what tells where entry `index` stands, in good time, and then the entry
 * itself, a little before it is read: those of results lie all over a large file. */
void ns__zstrings_fetch_place(const ns__zstrings *strings, uint32_t index);
void ns__zstrings_fetch(const ns__zstrings *strings, uint32_t index);
void ns__zstrings_reader_release(ns__zstrings_reader *reader);

#endif
