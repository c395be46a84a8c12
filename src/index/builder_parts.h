/* Inside of the builder, shared by builder.c (reading) and assemble.c (merging runs). */
#ifndef NS_INDEX_BUILDER_PARTS_H
#define NS_INDEX_BUILDER_PARTS_H

#include "index/builder.h"
#include "index/inverter.h"
#include "index/output.h"
#include "index/run.h"

struct ns__builder {
    ns__builder_options options;
    ns__output output;
    ns__analyzer *analyzer;
    ns__inverter *inverter;
    ns__run *runs;
    size_t run_count, run_capacity;
    uint64_t run_bytes;     /* of the runs in memory */
    uint64_t batch_bytes;   /* text in the current batch */
    uint32_t batch_passage; /* its first passage */
    uint64_t headline_terms;
    uint32_t *headlines; /* as ordinals, all articles' in order; NULL until the runs are merged */

    /* Reused for every article. */
    ns__tokens title;
    ns__passages passages;
    ns__passage_entry *entries;
    size_t entry_capacity;
    uint32_t *sentences;
    size_t sentence_capacity;
    ns__buf meta;
};

/* Merges the runs into the files of terms, postings and positions (frames open, not finished) and
 * fills headlines, and ref.terms, surfaces and counts. */
ns_status ns__builder_assemble(ns__builder *builder, ns_error *err);

#endif
