/* How each word is written: two sections of .pos, in indexes with the setting `exact`.
 *
 * Words stand by *units*: the headline of an article, then each of its passages, then the headline
 * of the next article, and so on; so headline a is unit first passage of a + a, passage p of
 * article a is unit p + a + 1. Of each word its spelling is kept (text/spelling.h), which with its
 * term, as the postings tell it, gives the word as written. Units stand in chunks of about a
 * million words, each with a table of its spellings, frequent ones first; a word is the number of
 * its spelling in a code in which small numbers are short. docs/format-postings.md has the exact
 * bytes. */
#ifndef NS_SEGMENT_SPELLINGS_H
#define NS_SEGMENT_SPELLINGS_H

#include "base/num.h"
#include "codec/frame.h"
#include "segment/roll.h"

/* ---- Writing ---- */
typedef struct ns__spellings_writer ns__spellings_writer;

ns_status ns__spellings_writer_open(ns__spellings_writer **out, ns_error *err);
/* Keeps nothing but what is coded from one chunk to the next: for little memory. Same bytes. */
void ns__spellings_writer_spare(ns__spellings_writer *writer);
/* From now on finished chunks are kept in the spool, which outlives the writer. */
void ns__spellings_writer_spool(ns__spellings_writer *writer, ns__spool *spool);
/* The number of a spelling, for as long as the epoch is the same: it changes when a unit ends. */
ns_status ns__spellings_number(ns__spellings_writer *writer, ns__str spelling, uint32_t *number,
                               ns_error *err);
uint32_t ns__spellings_epoch(const ns__spellings_writer *writer);
/* Adds the spelling of the next word of a unit; ends a unit. */
ns_status ns__spellings_add(ns__spellings_writer *writer, uint32_t number, ns_error *err);
ns_status ns__spellings_end_unit(ns__spellings_writer *writer, ns_error *err);
/* After the last unit: codes what is left and frees what coding needs. */
ns_status ns__spellings_end(ns__spellings_writer *writer, ns_error *err);
/* Writes the sections; frees the writer. */
ns_status ns__spellings_writer_finish(ns__spellings_writer *writer, ns__frame_writer *frame,
                                      ns_error *err);
void ns__spellings_writer_free(ns__spellings_writer *writer); /* NULL is fine */

/* ---- Reading ---- */
enum { NS__SPELLING_DIRECTORY = 12 /* bytes a chunk in the directory, behind 8 of its own */ };
typedef struct ns__spellings {
    const ns__frame *frame;
    ns__str data;
    const uint8_t *directory; /* of each chunk: u64 where it begins, u32 first unit */
    uint32_t chunks, units;   /* units 0: the segment has no spellings */
} ns__spellings;

/* Opens the sections, if the file has them. */
ns_status ns__spellings_open(const ns__frame *frame, uint32_t articles, uint32_t passages,
                             ns__spellings *out, ns_error *err);

static inline bool ns__spellings_are_kept(const ns__spellings *spellings)
{
    return spellings->units > 0;
}

/* What its sections take. */
static inline uint64_t ns__spellings_bytes(const ns__spellings *spellings)
{
    return spellings->data.length + (uint64_t)spellings->chunks * NS__SPELLING_DIRECTORY;
}

static inline uint32_t ns__spelling_unit(uint32_t article, uint32_t passage, bool title)
{
    return passage + article + !title; /* of a title: the first passage */
}

typedef struct ns__spelling_chunk {
    const ns__frame *frame;
    uint32_t index, first, units, count; /* count: of spellings */
    uint64_t bits;                       /* of codes */
    unsigned end_width, step_width;
    const uint8_t *ends, *bases, *steps, *codes;
    ns__str texts;
} ns__spelling_chunk;

/* The chunk of a unit (< units). */
ns_status ns__spelling_chunk_open(const ns__spellings *spellings, uint32_t unit,
                                  ns__spelling_chunk *out, ns_error *err);
/* A spelling of the chunk's, number < count; as stored. */
ns_status ns__spelling_text(const ns__spelling_chunk *chunk, uint32_t number, ns__str *out,
                            ns_error *err);

/* Goes over the words of a unit. */
typedef struct ns__spelling_cursor {
    uint64_t bit;
    uint32_t next; /* which word of the unit comes next */
} ns__spelling_cursor;

void ns__spelling_cursor_start(const ns__spelling_chunk *chunk, uint32_t unit,
                               ns__spelling_cursor *out);
/* The number of the next word's spelling, < count. */
ns_status ns__spelling_next(const ns__spelling_chunk *chunk, ns__spelling_cursor *cursor,
                            uint32_t *number, ns_error *err);
/* Passes over words up to word `to`, which is not before the next. */
ns_status ns__spelling_skip(const ns__spelling_chunk *chunk, ns__spelling_cursor *cursor,
                            uint32_t to, ns_error *err);

#endif
