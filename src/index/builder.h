/* Making one segment: records in, five synced files out.
 *
 *   caller     add: copy into the batch that is open ... write finished batches, oldest first
 *   workers         analyse and invert full batches   ... compress blocks of text
 *
 * Batches that are done leave their article entries and stored text in the files, and a run of
 * postings each; finishing merges the runs term by term. The files are a function of the records
 * and the settings alone: where batches were cut, who worked on them and which runs were spilled
 * does not show. */
#ifndef NS_INDEX_BUILDER_H
#define NS_INDEX_BUILDER_H

#include "ingest/record.h"
#include "segment/segment.h"
#include "text/analyzer.h"

/* An article whose headline was cut: see NS_MAX_TITLE_TERMS and NS_MAX_TITLE_POSTINGS. */
typedef struct ns__builder_note {
    const char *origin;
    uint64_t line;
    ns__str id;
    size_t title_terms; /* words of the headline that can be searched */
} ns__builder_note;

typedef struct ns__builder_options {
    const ns_index_settings *settings; /* borrowed until the builder is gone */
    const char *directory;             /* too */
    uint64_t generation;               /* of the commit: part of the file names */
    uint64_t memory_bytes;             /* > 0 */
    uint64_t batch_bytes;              /* of text in a batch; 0: chosen by the builder */
    unsigned threads;                  /* > 0 */
    /* Called now and then while finishing; an error stops. NULL: not. */
    ns_status (*tick)(void *payload, const char *phase, ns_error *err);
    /* Called for each article with more words in its headline than can be searched, in order, some
     * time after it was added. NULL: not. */
    ns_status (*title_cut)(void *payload, const ns__builder_note *note, ns_error *err);
    void *payload;
} ns__builder_options;

typedef struct ns__builder ns__builder;

ns_status ns__builder_open(const ns__builder_options *options, ns__builder **out, ns_error *err);
/* Adds one article; its number is the count before. Errors may be those of articles added before;
 * after one the builder can only be freed. */
ns_status ns__builder_add(ns__builder *builder, const ns__record *record, ns_error *err);
uint32_t ns__builder_articles(const ns__builder *builder);
/* The id of an article that was added, into *into, replacing what it held. */
ns_status ns__builder_id(const ns__builder *builder, uint32_t article, ns__buf *into,
                         ns_error *err);
unsigned ns__builder_threads(const ns__builder *builder); /* that work: at most those asked for */
/* How much text is to come, about: batches are cut by it, the index does not depend on it. */
void ns__builder_expect(ns__builder *builder, uint64_t text_bytes);
/* Writes all files under their final names, each synced (the directory is not). Frees the builder;
 * on failure no file is left. At least one article must have been added. */
ns_status ns__builder_finish(ns__builder *builder, ns__segment_ref *ref, ns_error *err);
void ns__builder_free(ns__builder *builder); /* removes its temporary files; NULL is fine */

#endif
