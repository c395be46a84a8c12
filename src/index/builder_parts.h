/* Inside of the builder, shared by builder.c (reading) and assemble.c (merging runs). */
#ifndef NS_INDEX_BUILDER_PARTS_H
#define NS_INDEX_BUILDER_PARTS_H

#include "index/builder.h"
#include "index/batch.h"

/* Less than this has no room for things that depend on nothing but the articles side by side. */
static const uint64_t NS__LITTLE_MEMORY = 256ull << 20;

struct ns__builder {
    ns__builder_options options;
    ns__output output;
    ns__pool *pool;
    ns__batch_worker *workers;        /* one for each thread of the pool */
    ns__batch *batch;                 /* being filled, or NULL */
    ns__batch **flying;               /* handed to the pool, the oldest first */
    size_t flying_count, flying_room; /* room: for so many of usual size */
    uint64_t flying_bytes;            /* of text */
    bool sized;        /* batches have the size that suits best: the caller gave none */
    unsigned small;    /* batches to come that are smaller than the others */
    uint64_t expected; /* bytes of text still to come */
    uint32_t articles; /* added */
    ns__run *runs;
    size_t run_count, run_capacity;
    uint64_t run_bytes; /* of the runs in memory */
    ns__spool *spool;   /* of the others; NULL when there are none */
    uint64_t headline_terms;
    uint32_t *headlines; /* as ordinals, all articles' in order; NULL until the runs are merged */
    ns__buf meta;        /* of the record being added */
};

/* Whether the end of the text is coded and the article table written beside the merge, so that no
 * thread is without work; else before and after it. */
static inline bool ns__builder_overlaps(const ns__builder *builder)
{
    return builder->options.threads > 1 && builder->options.memory_bytes >= NS__LITTLE_MEMORY;
}

/* Merges the runs into the files of terms, postings and positions (frames open, not finished) and
 * fills headlines, and ref.terms, surfaces and counts. */
ns_status ns__builder_assemble(ns__builder *builder, ns_error *err);

#endif
