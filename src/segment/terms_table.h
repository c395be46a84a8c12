/* A sorted table of byte strings, front-coded in blocks of 32, as terms and surface forms use it.
 *
 *   data      entries one behind the other; each: how many bytes it shares with the one before (0
 *             for the first of a block), the other bytes, a number `head`, and a tail
 *   offsets   where each block begins in the data
 *   prefixes  the first 8 bytes of each block's first string as a number that compares like them:
 *             bisection looks at the strings themselves only among equal ones
 *
 * docs/format-postings.md has the exact bytes. */
#ifndef NS_SEGMENT_TERMS_TABLE_H
#define NS_SEGMENT_TERMS_TABLE_H

#include "base/buf.h"
#include "segment/terms.h"

/* What `head` means for the tail. */
typedef enum ns__table_kind {
    NS__TABLE_TERMS,   /* value length << 1 | is_form; the value is the tail */
    NS__TABLE_SURFACES /* zigzag difference of the first ordinal << 1 | more; if more, a string */
} ns__table_kind;

#define NS_SECTION_COUNTS NS_FOURCC('h', 'e', 'a', 'd')
#define NS_SECTION_TERMS NS_FOURCC('t', 'e', 'r', 'm')
#define NS_SECTION_TERM_OFFSETS NS_FOURCC('t', 'o', 'f', 'f')
#define NS_SECTION_TERM_PREFIXES NS_FOURCC('t', 'p', 'r', 'e')
#define NS_SECTION_SURFACES NS_FOURCC('s', 'u', 'r', 'f')
#define NS_SECTION_SURFACE_OFFSETS NS_FOURCC('s', 'o', 'f', 'f')
#define NS_SECTION_SURFACE_PREFIXES NS_FOURCC('s', 'p', 'r', 'e')

/* ---- Writing ---- */

typedef struct ns__table_writer {
    ns__buf offsets, prefixes, entry;
    uint64_t bytes; /* of the data written; behind them those in `entry` */
    uint32_t count;
    uint8_t last[NS_MAX_TERM_BYTES];
    size_t last_length;
} ns__table_writer;

/* Starts an entry behind the others in writer->entry with its string; the caller adds head and tail
 * there and ends it. NS_ERR_ARGUMENT when the string is out of order or length. */
ns_status ns__table_begin(ns__table_writer *writer, ns__str text, ns_error *err);
void ns__table_end(ns__table_writer *writer, ns__frame_writer *frame);
/* Writes offsets and prefixes as sections, and frees. False when memory was out at some time. */
bool ns__table_finish(ns__table_writer *writer, ns__frame_writer *frame, uint32_t offsets_name,
                      uint32_t prefixes_name);
void ns__table_release(ns__table_writer *writer);

/* ---- Reading ---- */

typedef struct ns__table_entry {
    size_t shared;
    ns__str rest;
    uint64_t head;
    ns__str tail;
} ns__table_entry;

/* Entries of a block from its first on. Empty and bad when the block lies outside the data. */
ns__cur ns__table_block(const ns__terms_table *table, uint32_t block);
/* The next entry, after a string of `length_before` bytes (0 at the start of a block). False when
 * malformed. */
bool ns__table_next(ns__cur *cur, ns__table_kind kind, size_t length_before, ns__table_entry *out);

typedef struct ns__table_place {
    uint32_t index; /* of the first entry that is not below the key; count when there is none */
    bool exact;
    ns__table_entry entry; /* filled when exact */
} ns__table_place;

/* False when a block on the way is malformed: *at points to it. */
bool ns__table_find(const ns__terms_table *table, ns__table_kind kind, ns__str key,
                    ns__table_place *out, const uint8_t **at);

#endif
