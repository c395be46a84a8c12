/* A run: one batch of articles, inverted and written down compactly until the segment is put
 * together. In memory, or in a temporary file that all runs share.
 *
 *   terms      in byte order, each: u8 flags (1: the term is also a form), varint length, bytes,
 *              u32 df, then df postings, passages ascending:
 *                varint gap << 2 | has title tf << 1 | (tf = 1)   gap to the passage before, the
 *                                                                 first: to 0; passages count from
 *                                                                 the batch's first
 *                varint tf in the body        unless it is 1
 *                varint tf in the headline    if flagged
 *                varint gaps of the positions in the body, the first: the position itself
 *   surfaces   in byte order of (form, rank): varint length, bytes, varint rank of its term
 *   headlines  of all articles in order: varint rank of each word's term
 *
 * A term's rank is its place among the terms of the run. Only this library, in the same run of the
 * program, reads it: no checksum, but no read outside either. */
#ifndef NS_INDEX_RUN_H
#define NS_INDEX_RUN_H

#include "base/buf.h"
#include "base/error.h"
#include "os/file.h"

typedef struct ns__run {
    ns__buf bytes; /* empty once spilled */
    bool spilled;
    uint64_t at; /* in the spool */
    uint64_t length, surfaces_at, headlines_at;
    uint32_t terms, surfaces, headline_terms;
    uint32_t first_passage, passages; /* of the segment */
} ns__run;

enum { NS_RUN_IS_FORM = 1 };
enum { NS_RUN_TF_ONE = 1, NS_RUN_TITLE = 2 };

/* Moves the bytes of a run to the end of the spool, which tells of errors when it is finished. */
void ns__run_spill(ns__run *run, ns__spool *spool);
void ns__run_release(ns__run *run);

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

/* Reading a run: three independent streams, each with a buffer of buffer_bytes, or what a single
 * posting needs, when the run was spilled. The spool is finished; it and the run outlive the
 * reader. */
typedef struct ns__run_reader {
    const ns__run *run;
    const ns__spool *spool;
    size_t buffer_bytes;
    ns__run_stream terms, surfaces, headlines;
} ns__run_reader;

void ns__run_open(const ns__run *run, const ns__spool *spool, size_t buffer_bytes,
                  ns__run_reader *out);
void ns__run_reader_close(ns__run_reader *reader);

#endif
