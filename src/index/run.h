/* A run: one batch of articles, inverted and written down compactly until the segment is put
 * together. In memory, or in a temporary file that all runs share.
 *
 *   postings   of all terms in byte order of the terms, each as four arrays:
 *                gaps of the passages: to the passage before, the first: to 0, which is the batch's
 *                  first
 *                tfs in the body
 *                tfs in the headline
 *                positions in the body, those of each posting one behind the other: the first as it
 *                  is, then differences
 *   heads      in the same order, each: u8 flags (1: the term is also a form), varint length,
 * bytes, varint df, varint number of positions, u8 forms of the arrays surfaces   in byte order of
 * (form, rank): varint length, bytes, varint rank of its term headlines  of all articles in order:
 * varint rank of each word's term
 *
 * The form of an array is two bits of the last byte of the head, those of the first array lowest:
 * with 0 nothing is stored, all values are 0 (tfs in the body: 1), else values have 1, 2 or 4
 * bytes. So whole blocks are read with a few plain loops. A term's rank is its place among the
 * terms of the run. Only this library, in the same run of the program, reads it: no checksum, but
 * no read outside either. */
#ifndef NS_INDEX_RUN_H
#define NS_INDEX_RUN_H

#include "base/buf.h"
#include "base/error.h"
#include "os/file.h"

typedef struct ns__run {
    ns__buf bytes; /* empty once spilled */
    bool spilled;
    uint64_t at;                                          /* in the spool */
    uint64_t length, heads_at, surfaces_at, headlines_at; /* postings are at 0 */
    uint32_t terms, surfaces, headline_terms;
    uint32_t first_passage, passages; /* of the segment */
} ns__run;

enum { NS_RUN_IS_FORM = 1 };

/* ---- Writing ---- */

/* The postings of one term after the other, in front of their heads. */
typedef struct ns__run_writer {
    uint32_t *gaps, *tfs, *title_tfs, *positions; /* of the open term */
    size_t gap_capacity, tf_capacity, title_capacity, position_capacity;
    uint32_t df, position_count, passage; /* passage: the last */
    bool titled;                          /* else all title_tfs are 0, and not there */
    ns__buf heads;
} ns__run_writer;

/* Starts a term with room for its postings: at most so many, with at most so many positions. False
 * when memory is out. */
bool ns__run_begin_term(ns__run_writer *writer, size_t postings, size_t positions);
/* Adds a posting; its positions follow through ns__run_position. */
static inline void ns__run_posting(ns__run_writer *writer, uint32_t passage, uint32_t tf,
                                   uint32_t title_tf)
{
    writer->gaps[writer->df] = passage - writer->passage;
    writer->tfs[writer->df] = tf;
    writer->title_tfs[writer->df++] = title_tf;
    writer->passage = passage;
}
/* The first of a posting as it is, the others as differences. */
static inline void ns__run_position(ns__run_writer *writer, uint32_t gap)
{
    writer->positions[writer->position_count++] = gap;
}
/* Appends the postings to the run and the head to writer->heads. */
void ns__run_end_term(ns__run_writer *writer, ns__str name, uint8_t flags, ns__run *run);
/* All of a term that comes up once, in no headline: most do. The same bytes. */
void ns__run_single(ns__run_writer *writer, ns__str name, uint8_t flags, uint32_t passage,
                    uint32_t position, ns__run *run);
/* Moves the heads to the end of the run. */
void ns__run_end_terms(ns__run_writer *writer, ns__run *run);
void ns__run_writer_release(ns__run_writer *writer);

/* ---- Keeping ---- */

/* Moves the bytes of a run to the end of the spool, which tells of errors when it is finished. */
void ns__run_spill(ns__run *run, ns__spool *spool);
void ns__run_release(ns__run *run);

/* ---- Reading ---- */

/* One part of a run, read from front to back: `cur` has what is in memory of what is left. */
typedef struct ns__run_stream {
    ns__cur cur;
    const ns__spool *spool;
    uint64_t next, end; /* what is left in the spool */
    uint8_t *buffer;
    size_t room, buffer_bytes;
} ns__run_stream;

/* Makes `cur` hold at least `bytes`, or all that is left. Strings taken from it before are gone. */
ns_status ns__run_fill(ns__run_stream *stream, size_t bytes, ns_error *err);

static inline ns_status ns__run_need(ns__run_stream *stream, size_t bytes, ns_error *err)
{
    if (ns__cur_left(&stream->cur) >= bytes || stream->next == stream->end)
        return NS_OK;
    return ns__run_fill(stream, bytes, err);
}

/* Reading a run: three independent streams, each with a buffer of buffer_bytes when the run was
 * spilled. The spool is flushed; it and the run outlive the reader. */
typedef struct ns__run_reader {
    const ns__run *run;
    const ns__spool *spool;
    size_t buffer_bytes;
    ns__run_stream heads, surfaces, headlines;
} ns__run_reader;

void ns__run_open(const ns__run *run, const ns__spool *spool, size_t buffer_bytes,
                  ns__run_reader *out);
void ns__run_reader_close(ns__run_reader *reader);
void ns__run_stream_release(ns__run_stream *stream);
/* Makes the stream of surfaces read these bytes: taken over, or appended to the spool if there is
 * one. */
void ns__run_replace_surfaces(ns__run_reader *reader, ns__buf *bytes, ns__spool *spool);

/* What a head says about the postings of its term. */
typedef struct ns__run_piece {
    uint32_t df, positions;
    uint8_t forms;
} ns__run_piece;

/* More than a head and its name take. */
enum { NS__RUN_HEAD_BYTES = 1024 };

static inline uint8_t ns__run_head(ns__cur *cur, ns__str *name, ns__run_piece *piece)
{
    uint8_t flags = ns__cur_u8(cur);
    *name = ns__cur_str(cur);
    piece->df = ns__cur_varint32(cur);
    piece->positions = ns__cur_varint32(cur);
    piece->forms = ns__cur_u8(cur);
    return flags;
}

typedef enum ns__run_array {
    NS__RUN_GAPS,
    NS__RUN_TFS,
    NS__RUN_TITLE_TFS,
    NS__RUN_POSITIONS
} ns__run_array;

/* Bytes of a value of an array, 0 when none are stored. */
static inline unsigned ns__run_width(uint8_t forms, ns__run_array array)
{
    return (1u << (forms >> 2 * array & 3)) >> 1;
}

uint64_t ns__run_piece_bytes(const ns__run_piece *piece);
/* Values [first, first + count) of an array that begins at `at`. */
void ns__run_values(const uint8_t *at, uint8_t forms, ns__run_array array, size_t first,
                    size_t count, uint32_t *out);

#endif
