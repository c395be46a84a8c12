/* Inside of the builder, shared by builder.c (reading) and assemble.c (merging runs). */
#ifndef NS_INDEX_BUILDER_PARTS_H
#define NS_INDEX_BUILDER_PARTS_H

#include "index/builder.h"
#include "index/batch.h"

struct ns__builder {
    ns__builder_options options;
    ns__output output;
    ns__pool *pool;
    ns__batch_worker *workers; /* one for each thread of the pool */
    ns__batch *batch;          /* being filled, or NULL */
    ns__batch **flying;        /* handed to the pool, the oldest first */
    size_t flying_count, flying_room;
    unsigned small;    /* batches to come that are smaller than the others */
    uint32_t articles; /* added */
    ns__run *runs;
    size_t run_count, run_capacity;
    uint64_t run_bytes; /* of the runs in memory */
    ns__spool *spool;   /* of the others; NULL when there are none */
    uint64_t headline_terms;
    uint32_t *headlines; /* as ordinals, all articles' in order; NULL until the runs are merged */
    ns__buf meta;        /* of the record being added */
};

/* Merges the runs into the files of terms, postings and positions (frames open, not finished) and
 * fills headlines, and ref.terms, surfaces and counts. */
ns_status ns__builder_assemble(ns__builder *builder, ns_error *err);

#endif
