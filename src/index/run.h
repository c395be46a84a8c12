/* A run: one batch of articles, inverted and written down compactly until the segment is put
 * together. In memory, or in a temporary file that is mapped when it is read.
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
    char *path;    /* of the temporary file; NULL: in memory */
    uint64_t length, surfaces_at, headlines_at;
    uint32_t terms, surfaces, headline_terms;
    uint32_t first_passage, passages; /* of the segment */
} ns__run;

enum { NS_RUN_IS_FORM = 1 };
enum { NS_RUN_TF_ONE = 1, NS_RUN_TITLE = 2 };

/* Moves the bytes of a run to a new file; `path` is owned by the run from now on. */
ns_status ns__run_spill(ns__run *run, char *path, ns_error *err);
/* Frees the run and removes its file. */
void ns__run_release(ns__run *run);

/* Reading a run: three independent streams. */
typedef struct ns__run_reader {
    const ns__run *run;
    ns__map map;
    ns__cur terms, surfaces, headlines;
} ns__run_reader;

ns_status ns__run_open(const ns__run *run, ns__run_reader *out, ns_error *err);
void ns__run_reader_close(ns__run_reader *reader);

#endif
