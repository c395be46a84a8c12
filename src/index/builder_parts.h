/* Inside of the builder, shared by builder.c (reading) and assemble.c (merging runs). */
#ifndef NS_INDEX_BUILDER_PARTS_H
#define NS_INDEX_BUILDER_PARTS_H

#include "base/hash.h"
#include "index/builder.h"
#include "index/inverter.h"
#include "index/run.h"

struct ns__builder {
    ns__builder_options options;
    ns__segment_ref ref; /* sums so far */
    ns__digest digest;   /* settings and every record */
    ns__analyzer *analyzer;
    ns__inverter *inverter;
    ns__frame_writer *frames[NS__SEGMENT_FILES]; /* open ones, under temporary names */
    ns__store_writer *store;
    ns__articles_writer *articles;
    ns__run *runs;
    size_t run_count, run_capacity;
    uint64_t run_bytes;     /* of the runs in memory */
    uint64_t batch_bytes;   /* text in the current batch */
    uint32_t batch_passage; /* its first passage */
    uint64_t headline_terms;
    uint32_t *headlines;  /* as ordinals, all articles' in order; NULL until the runs are merged */
    uint32_t files_named; /* bit f: file f has been finished and bears its final name */

    /* Reused for every article. */
    ns__tokens title;
    ns__passages passages;
    ns__passage_entry *entries;
    size_t entry_capacity;
    uint32_t *sentences;
    size_t sentence_capacity;
    ns__buf meta;
};

/* The path of a segment's file: under its temporary name, or under the one of the finished ref.
 * NULL when memory is out. */
char *ns__builder_path(const ns__builder *builder, int file, bool temporary);

/* Merges the runs into the files of terms, postings and positions (frames open, not finished) and
 * fills headlines, and ref.terms, surfaces and counts. */
ns_status ns__builder_assemble(ns__builder *builder, ns_error *err);

#endif
