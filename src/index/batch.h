/* A batch: records copied one behind the other, analysed and inverted at once by one worker.
 *
 * What a batch comes to depends on its records alone, not on the worker nor on what it did before,
 * but for the surface forms in the run: those that the worker has put into an earlier run are left
 * out. */
#ifndef NS_INDEX_BATCH_H
#define NS_INDEX_BATCH_H

#include "index/inverter.h"
#include "index/output.h"
#include "index/speller.h"
#include "ingest/record.h"
#include "os/pool.h"

/* What a worker keeps from batch to batch. */
typedef struct ns__batch_worker {
    ns__analyzer *analyzer;
    ns__inverter *inverter;
    ns__tokens title;
    ns__passages passages;
    ns__speller speller;
    bool failed; /* words of the batch that failed may be left: good for nothing but closing */
} ns__batch_worker;

ns_status ns__batch_worker_open(const ns_index_settings *settings, ns__batch_worker *out,
                                ns_error *err);
void ns__batch_worker_close(ns__batch_worker *worker); /* zeroed is fine */

/* The strings of a record that a batch keeps. */
typedef enum ns__batch_text {
    NS__BATCH_TITLE,
    NS__BATCH_BODY,
    NS__BATCH_META,
    NS__BATCH_ID,
    NS__BATCH_LANG,   /* as given */
    NS__BATCH_ORIGIN, /* with a 0 behind it */
    NS__BATCH_COLUMNS,
    NS__BATCH_TEXTS = NS__BATCH_COLUMNS + NS__COLUMN_COUNT
} ns__batch_text;

typedef struct ns__batch_article {
    uint64_t at[NS__BATCH_TEXTS + 1]; /* in batch->bytes */
    ns__stamp date;
    uint64_t line;
    /* Made by the worker. */
    size_t first_entry;
    uint32_t entry_count;
    uint32_t title_terms; /* words of the headline that can be searched */
    bool title_cut;       /* there are more: NS_MAX_TITLE_TERMS and NS_MAX_TITLE_POSTINGS */
    uint8_t lang;
    uint64_t fingerprint;
    size_t first_spelled; /* of its headline, in spelled */
} ns__batch_article;

typedef struct ns__batch {
    ns__job job; /* first */
    const ns_index_settings *settings;
    ns__batch_worker *workers; /* by number */
    uint64_t analyzer_bytes;   /* beyond this an analyser forgets */
    uint64_t text_bytes;       /* titles and bodies */
    ns__buf bytes;
    ns__batch_article *articles;
    size_t count, capacity;
    /* Made by the worker. */
    ns__passage_entry *entries;
    size_t entry_count, entry_capacity;
    uint32_t *sentences; /* of entry after entry */
    size_t sentence_count, sentence_capacity;
    ns__spelt spelled; /* with the setting exact */
    ns__run run;
    ns_status status;
    ns_error error;
} ns__batch;

/* Copies the record and its packed keys. */
ns_status ns__batch_add(ns__batch *batch, const ns__record *record, ns__str meta, ns_error *err);
/* The job: batch->status and error say how it went. */
void ns__batch_run(ns__job *job, unsigned worker);
ns__str ns__batch_text_of(const ns__batch *batch, const ns__batch_article *article, int text);
void ns__batch_release(ns__batch *batch);

#endif
