/* Posting lists on their way from the runs to the files.
 *
 *   caller   merges the names of terms: adds pieces, which are what runs have of a term
 *   jobs     read the postings of a sheaf of terms and code them
 *   caller   appends what the jobs made to the files, the oldest first
 *
 * The files do not depend on who works, nor on where sheaves end. A sheaf that is too large for the
 * memory is coded by the caller when its turn comes, piece by piece straight into the files. */
#ifndef NS_INDEX_LISTS_H
#define NS_INDEX_LISTS_H

#include "index/run.h"
#include "os/pool.h"
#include "segment/list_coder.h"
#include "segment/terms.h"

/* Where from, and what of it. */
typedef struct ns__lists_options {
    const ns_index_settings *settings;
    const ns__lengths *lengths;
    double average;
    const ns__run *runs;
    size_t run_count;
    const ns__spool *spool; /* of runs that are spilled, flushed; or NULL */
    ns__pool *pool;
    uint64_t memory_bytes;
    uint64_t sheaf_bytes, huge_bytes; /* 0: chosen from the memory */
    ns__postings_writer *postings;
    ns__terms_writer *terms;
} ns__lists_options;

typedef struct ns__sheaf_piece {
    uint32_t run;
    ns__run_piece piece;
} ns__sheaf_piece;

/* A term of a sheaf: how far its pieces and names go. */
typedef struct ns__sheaf_term {
    size_t pieces, names;
    uint32_t df;
    bool is_form;
} ns__sheaf_term;

typedef struct ns__sheaf {
    ns__job job; /* first */
    struct ns__lists *lists;
    ns__list_coder *coder;
    ns__sheaf_piece *pieces;
    size_t piece_count, piece_capacity;
    ns__sheaf_term *terms;
    size_t term_count, term_capacity;
    ns__buf names;
    uint64_t *starts, *ends; /* by run: its bytes in the sheaf */
    const uint8_t **at;      /* by run: the next piece, when all are in memory */
    uint64_t bytes;
    ns__buf data; /* of spilled runs */
    ns_status status;
    ns_error error;
} ns__sheaf;

typedef struct ns__lists {
    ns__lists_options options;
    uint64_t *next; /* by run: where its next piece begins */
    uint64_t df;    /* of the open term */
    ns__buf value;
    ns__sheaf *sheaves; /* a ring: flying ones from the oldest on, then the open one */
    size_t sheaf_count, oldest, flying;
} ns__lists;

/* What the options point to is borrowed, and used by jobs until ns__lists_finish or ns__lists_close
 * returns. */
ns_status ns__lists_open(const ns__lists_options *options, ns__lists *out, ns_error *err);
/* Adds the next piece of a run to the open term; runs in order. */
ns_status ns__lists_add(ns__lists *lists, uint32_t run, const ns__run_piece *piece, ns_error *err);
ns_status ns__lists_end_term(ns__lists *lists, ns__str term, bool is_form, ns_error *err);
/* Returns when everything has been written. */
ns_status ns__lists_finish(ns__lists *lists, ns_error *err);
void ns__lists_close(ns__lists *lists);

#endif
