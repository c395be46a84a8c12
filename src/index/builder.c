/* From records to the files of a segment. */
#include "index/builder_parts.h"

#include "base/limits.h"
#include "base/mem.h"

enum {
    LEAST_BATCH = 256 << 10, /* of text; larger batches make fewer runs to merge */
    MOST_BATCH = 8 << 20,
    SMALL_BATCHES = 3,    /* each half of the next: the others have work sooner */
    SMALLEST_PART = 8,    /* of a usual batch, at the end: none works alone on the last for long */
    TEXT_SHARE = 32,      /* of the memory, for text that waits to be coded, */
    LAST_TEXT_SHARE = 16, /* and at the end, for what waits beside the merge of lists */
    RECORD_ROOM = 1 << 20 /* of text beyond NS_MAX_RECORD_BYTES that still fits 32 bits */
};
static const uint64_t MAX_TEXT = UINT32_MAX - RECORD_ROOM;

/* Batches in flight take their texts about six times over while they are worked on. With little
 * memory there must be room for what does not depend on it: samples of stored text, buffers. */
static uint64_t batch_bytes(uint64_t memory, size_t flying)
{
    uint64_t bytes = memory / (memory < NS__LITTLE_MEMORY ? 60 : 16) / flying;
    return bytes < LEAST_BATCH ? LEAST_BATCH : bytes > MOST_BATCH ? MOST_BATCH : bytes;
}

static ns_status open_workers(ns__builder *builder, ns_error *err)
{
    NS_TRY(ns__pool_open(builder->options.threads, &builder->pool, err));
    const unsigned threads = builder->options.threads = ns__pool_threads(builder->pool);
    builder->flying_room = (size_t)threads + 2;
    builder->flying = ns__zalloc(builder->flying_room * SMALLEST_PART + 1, sizeof *builder->flying);
    builder->workers = ns__zalloc(threads, sizeof *builder->workers);
    if (builder->flying == NULL || builder->workers == NULL)
        return ns__no_memory(err);
    for (unsigned i = 0; i < threads; i++)
        NS_TRY(ns__batch_worker_open(builder->options.settings, &builder->workers[i], err));
    return NS_OK;
}

ns_status ns__builder_open(const ns__builder_options *options, ns__builder **out, ns_error *err)
{
    *out = NULL;
    ns__builder *builder = ns__zalloc(1, sizeof *builder);
    if (builder == NULL)
        return ns__no_memory(err);
    builder->options = *options;
    builder->expected = UINT64_MAX;
    ns_status status = open_workers(builder, err);
    if (status == NS_OK && builder->options.batch_bytes == 0) {
        builder->options.batch_bytes =
            batch_bytes(builder->options.memory_bytes, builder->flying_room);
        builder->small = builder->options.threads > 1 ? SMALL_BATCHES : 0;
        builder->sized = true;
    }
    if (status == NS_OK)
        status = ns__output_open(
            &builder->output, options->settings, options->directory, options->generation,
            builder->options.memory_bytes >= NS__LITTLE_MEMORY, builder->pool, err);
    if (status == NS_OK) /* work for the others while records are read */
        status = ns__store_writer_queue(builder->output.store,
                                        builder->options.memory_bytes / TEXT_SHARE, err);
    if (status < 0) {
        ns__builder_free(builder);
        return status;
    }
    *out = builder;
    return NS_OK;
}

static void close_workers(ns__builder *builder)
{
    for (unsigned i = 0; builder->workers && i < builder->options.threads; i++)
        ns__batch_worker_close(&builder->workers[i]);
    ns__free(builder->workers);
    builder->workers = NULL;
}

static void free_batch(ns__batch *batch)
{
    if (batch == NULL)
        return;
    ns__batch_release(batch);
    ns__free(batch);
}

void ns__builder_free(ns__builder *builder)
{
    if (builder == NULL)
        return;
    ns__output_abandon(&builder->output); /* waits for its jobs */
    ns__pool_close(builder->pool);
    close_workers(builder);
    for (size_t i = 0; i < builder->flying_count; i++)
        free_batch(builder->flying[i]);
    ns__free(builder->flying);
    free_batch(builder->batch);
    for (size_t i = 0; i < builder->run_count; i++)
        ns__run_release(&builder->runs[i]);
    ns__free(builder->runs);
    ns__spool_close(builder->spool);
    ns__free(builder->headlines);
    ns__buf_release(&builder->meta);
    ns__free(builder);
}

uint32_t ns__builder_articles(const ns__builder *builder)
{
    return builder->articles;
}

static ns_status copy_id(const ns__batch *batch, uint32_t at, ns__buf *into, ns_error *err)
{
    const ns__str id = ns__batch_text_of(batch, &batch->articles[at], NS__BATCH_ID);
    ns__buf_clear(into);
    ns__buf_append(into, id.data, id.length);
    return into->failed ? ns__no_memory(err) : NS_OK;
}

/* The last articles are in the open batch, those before in batches that fly, the first are written.
 */
ns_status ns__builder_id(const ns__builder *builder, uint32_t article, ns__buf *into, ns_error *err)
{
    ns__articles_writer *written = builder->output.articles;
    uint32_t first = ns__articles_count(written);
    if (article < first)
        return ns__articles_written_id(written, article, into, err);
    for (size_t i = 0; i < builder->flying_count; i++) {
        const ns__batch *batch = builder->flying[i];
        if (article - first < batch->count)
            return copy_id(batch, article - first, into, err);
        first += (uint32_t)batch->count;
    }
    if (builder->batch != NULL && article - first < builder->batch->count)
        return copy_id(builder->batch, article - first, into, err);
    return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
}

unsigned ns__builder_threads(const ns__builder *builder)
{
    return builder->options.threads;
}

/* ---- Writing finished batches ---- */

static ns_status open_spool(ns__builder *builder, ns_error *err)
{
    char *path = ns__path_join(builder->options.directory, "tmp-runs");
    ns_status status = path ? ns__spool_create(path, &builder->spool, err) : ns__no_memory(err);
    ns__free(path);
    return status;
}

/* What runs in memory may take. */
static uint64_t runs_room(const ns__builder *builder)
{
    const uint64_t memory = builder->options.memory_bytes;
    return memory / (memory < NS__LITTLE_MEMORY ? 64 : 4);
}

/* Moves the run of a batch to the runs, spilled when those in memory take their share. */
static ns_status keep_run(ns__builder *builder, ns__run *made, ns_error *err)
{
    if (NS_RESERVE(builder->runs, builder->run_capacity, builder->run_count + 1) < 0)
        return ns__no_memory(err);
    ns__run *run = &builder->runs[builder->run_count];
    uint32_t first = 0;
    if (builder->run_count > 0)
        first = run[-1].first_passage + run[-1].passages;
    *run = *made;
    *made = (ns__run){0};
    run->first_passage = first;
    builder->run_count++;
    builder->headline_terms += run->headline_terms;
    if (builder->run_bytes + run->length <= runs_room(builder)) {
        builder->run_bytes += run->length;
        ns__buf_trim(&run->bytes);
        return NS_OK;
    }
    if (builder->spool == NULL) {
        NS_TRY(open_spool(builder, err));
        ns__output_spool(&builder->output, builder->spool);
    }
    ns__run_spill(run, builder->spool);
    return NS_OK;
}

/* How the words of an article are written: headline, then passages. */
static ns_status write_spelled(ns__builder *builder, ns__batch *batch,
                               const ns__batch_article *article, ns_error *err)
{
    ns__spellings_writer *writer = builder->output.spellings;
    size_t at = article->first_spelled;
    NS_TRY(ns__spelt_write(&batch->spelled, at, article->title_terms, writer, err));
    at += article->title_terms;
    for (uint32_t p = 0; p < article->entry_count; p++) {
        const uint32_t count = batch->entries[article->first_entry + p].terms;
        NS_TRY(ns__spelt_write(&batch->spelled, at, count, writer, err));
        at += count;
    }
    return NS_OK;
}

static ns_status write_article(ns__builder *builder, ns__batch *batch,
                               const ns__batch_article *article, ns_error *err)
{
    ns__article_entry entry = {
        .id = ns__batch_text_of(batch, article, NS__BATCH_ID),
        .date = article->date,
        .lang = article->lang,
        .title_terms = article->title_terms,
        .fingerprint = article->fingerprint,
        .passages = batch->entries + article->first_entry,
        .passage_count = article->entry_count,
    };
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        entry.columns[c] = ns__batch_text_of(batch, article, NS__BATCH_COLUMNS + c);
    ns__output_text text = {ns__batch_text_of(batch, article, NS__BATCH_TITLE),
                            ns__batch_text_of(batch, article, NS__BATCH_BODY),
                            ns__batch_text_of(batch, article, NS__BATCH_META)};
    NS_TRY(ns__output_add(&builder->output, &entry, &text, err));
    if (builder->output.spellings)
        NS_TRY(write_spelled(builder, batch, article, err));
    if (!article->title_cut || builder->options.title_cut == NULL)
        return NS_OK;
    ns__builder_note note = {
        .origin = (const char *)ns__batch_text_of(batch, article, NS__BATCH_ORIGIN).data,
        .line = article->line,
        .id = entry.id,
        .title_terms = article->title_terms,
    };
    return builder->options.title_cut(builder->options.payload, &note, err);
}

static ns_status write_batch(ns__builder *builder, ns__batch *batch, ns_error *err)
{
    if (batch->status < 0) {
        if (err)
            *err = batch->error;
        return batch->status;
    }
    for (size_t i = 0; i < batch->count; i++)
        NS_TRY(write_article(builder, batch, &batch->articles[i], err));
    return keep_run(builder, &batch->run, err);
}

/* Waits for the oldest batch and writes it. */
static ns_status land_batch(ns__builder *builder, ns_error *err)
{
    ns__batch *batch = builder->flying[0];
    ns__pool_wait(builder->pool, &batch->job);
    builder->flying_count--;
    builder->flying_bytes -= batch->text_bytes;
    memmove(builder->flying, builder->flying + 1, builder->flying_count * sizeof *builder->flying);
    ns_status status = write_batch(builder, batch, err);
    free_batch(batch);
    return status;
}

/* Hands the open batch to the workers, and only then writes another: they have work meanwhile. */
static ns_status launch_batch(ns__builder *builder, ns_error *err)
{
    if (builder->batch == NULL)
        return NS_OK;
    builder->flying[builder->flying_count++] = builder->batch;
    builder->flying_bytes += builder->batch->text_bytes;
    ns__pool_submit(builder->pool, &builder->batch->job);
    builder->batch = NULL;
    builder->small -= builder->small > 0;
    while (builder->flying_count > builder->flying_room * SMALLEST_PART ||
           builder->flying_bytes >= (builder->flying_room + 1) * builder->options.batch_bytes)
        NS_TRY(land_batch(builder, err));
    return NS_OK;
}

/* ---- Adding ---- */

/* Beyond this an analyser forgets the words that it knows. */
static uint64_t analyzer_bytes(const ns__builder *builder)
{
    const uint64_t memory = builder->options.memory_bytes;
    return memory / (memory < NS__LITTLE_MEMORY ? 20 : 12) / builder->options.threads;
}

/* Of text, after which a batch is full. The last ones are smaller and smaller, so that all threads
 * end at about the same time. */
static uint64_t full_batch(const ns__builder *builder)
{
    const uint64_t usual = builder->options.batch_bytes, least = usual / SMALLEST_PART;
    uint64_t bytes = usual >> builder->small;
    const uint64_t share = builder->expected / (2 * builder->options.threads);
    if (!builder->sized || builder->options.threads == 1)
        return bytes;
    bytes = bytes < share ? bytes : share;
    return bytes < least ? least : bytes;
}

static ns_status open_batch(ns__builder *builder, ns_error *err)
{
    ns__batch *batch = builder->batch = ns__zalloc(1, sizeof *batch);
    if (batch == NULL)
        return ns__no_memory(err);
    batch->job.run = ns__batch_run;
    batch->settings = builder->options.settings;
    batch->workers = builder->workers;
    batch->analyzer_bytes = analyzer_bytes(builder);
    const uint64_t bytes = full_batch(builder);
    if (builder->sized && !ns__buf_reserve(&batch->bytes, (size_t)(bytes + bytes / 8)))
        return ns__no_memory(err); /* seldom too little: growing copies */
    return NS_OK;
}

void ns__builder_expect(ns__builder *builder, uint64_t text_bytes)
{
    builder->expected = text_bytes;
}

ns_status ns__builder_add(ns__builder *builder, const ns__record *record, ns_error *err)
{
    ns__buf_clear(&builder->meta);
    ns__record_pack_fields(record, &builder->meta);
    if (builder->meta.failed)
        return ns__no_memory(err);
    if (record->title.length > MAX_TEXT || record->body.length > MAX_TEXT ||
        builder->meta.length > MAX_TEXT)
        return ns__fail(err, NS_ERR_LIMIT, "a record may have at most 4 GB of text");
    if (builder->batch == NULL)
        NS_TRY(open_batch(builder, err));
    ns__str meta = {builder->meta.data, builder->meta.length};
    NS_TRY(ns__batch_add(builder->batch, record, meta, err));
    builder->articles++;
    bool full = builder->batch->text_bytes >= full_batch(builder);
    return full ? launch_batch(builder, err) : NS_OK;
}

/* ---- Finishing ---- */

static ns_status tick(ns__builder *builder, const char *phase, ns_error *err)
{
    return builder->options.tick ? builder->options.tick(builder->options.payload, phase, err)
                                 : NS_OK;
}

static ns_status finish_files(ns__builder *builder, ns_error *err)
{
    NS_TRY(launch_batch(builder, err));
    if (ns__builder_overlaps(builder))
        ns__store_let_wait(builder->output.store, builder->options.memory_bytes / LAST_TEXT_SHARE);
    while (builder->flying_count > 0)
        NS_TRY(land_batch(builder, err));
    close_workers(builder); /* their tables make room for the merge */
    NS_TRY(ns__output_begin_lists(&builder->output, err));
    if (!ns__builder_overlaps(builder))
        NS_TRY(ns__output_end_text(&builder->output, err));
    NS_TRY(tick(builder, "merging", err));
    NS_TRY(ns__builder_assemble(builder, err));
    NS_TRY(tick(builder, "writing", err));
    return ns__output_finish(&builder->output, builder->headlines, err);
}

ns_status ns__builder_finish(ns__builder *builder, ns__segment_ref *ref, ns_error *err)
{
    ns_status status = finish_files(builder, err);
    if (status == NS_OK) {
        *ref = builder->output.ref;
        builder->output.files_named = 0; /* they stay */
    }
    ns__builder_free(builder);
    return status;
}
