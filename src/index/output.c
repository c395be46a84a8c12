/* Writing the files of a segment: see output.h. */
#include "index/output.h"

#include <stdio.h>

#include "base/mem.h"

static const uint32_t KINDS[NS__SEGMENT_FILES] = {NS_KIND_ARTICLES, NS_KIND_TERMS, NS_KIND_POSTINGS,
                                                  NS_KIND_POSITIONS, NS_KIND_TEXT};

/* The path of a file: under its temporary name, or under the one of the ref. NULL when memory is
 * out. */
static char *file_path(const ns__output *output, int file, bool temporary)
{
    char name[64], temporary_name[80];
    ns__segment_file_name(&output->ref, file, name);
    if (!temporary)
        return ns__path_join(output->directory, name);
    const char *dot = strrchr(name, '.');
    snprintf(temporary_name, sizeof temporary_name, "tmp-segment%s", dot ? dot : "");
    return ns__path_join(output->directory, temporary_name);
}

/* Of a large file, each time that so much more of it is written. */
enum { SYNC_BYTES = 16 << 20 };

static ns_status create_frame(ns__output *output, int file, ns_error *err)
{
    char *path = file_path(output, file, true);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__frame_create(path, KINDS[file], &output->frames[file], err);
    if (status == NS_OK && output->wide) {
        ns__frame_sync_early(output->frames[file], SYNC_BYTES);
        status = ns__frame_widen(output->frames[file], err);
    }
    ns__free(path);
    return status;
}

ns_status ns__output_open(ns__output *output, const ns_index_settings *settings,
                          const char *directory, uint64_t generation, bool wide, ns__pool *pool,
                          ns_error *err)
{
    *output = (ns__output){.settings = settings,
                           .wide = wide,
                           .directory = directory,
                           .ref = {.generation = generation},
                           .digest = ns__digest_start()};
    ns__buf packed = {0};
    ns__settings_pack(settings, &packed);
    ns__digest_add(&output->digest, packed.data, packed.length);
    bool failed = packed.failed;
    ns__buf_release(&packed);
    if (failed)
        return ns__no_memory(err);
    NS_TRY(ns__articles_writer_open(settings, &output->articles, err));
    if (settings->exact)
        NS_TRY(ns__spellings_writer_open(&output->spellings, err));
    if (output->spellings && !wide)
        ns__spellings_writer_spare(output->spellings);
    NS_TRY(create_frame(output, NS__FILE_TEXT, err));
    return ns__store_writer_open(output->frames[NS__FILE_TEXT], settings->store_level,
                                 settings->store_block_bytes, pool, &output->store, err);
}

void ns__output_spool(ns__output *output, ns__spool *spool)
{
    ns__articles_writer_spool(output->articles, spool);
    if (output->spellings)
        ns__spellings_writer_spool(output->spellings, spool);
}

/* ---- Adding ---- */

static void count_article(ns__output *output, const ns__article_entry *entry)
{
    ns__segment_ref *ref = &output->ref;
    uint64_t body_terms = 0;
    for (uint32_t i = 0; i < entry->passage_count; i++)
        body_terms += entry->passages[i].terms;
    ref->tokens += body_terms + entry->title_terms;
    ref->total_length += body_terms + (uint64_t)output->settings->title_weight *
                                          entry->title_terms * entry->passage_count;
    ref->text_bytes += (uint64_t)entry->title_bytes + entry->body_bytes;
}

static ns_status store(ns__output *output, ns__str bytes, ns_error *err)
{
    if (!output->knows_digest)
        ns__digest_add(&output->digest, bytes.data, bytes.length);
    return ns__store_append(output->store, bytes, err);
}

static void digest_number(ns__output *output, uint32_t number)
{
    uint8_t bytes[4];
    ns__put_u32(bytes, number);
    ns__digest_add(&output->digest, bytes, sizeof bytes);
}

/* Of an article without text: where its passages stood is not kept either. What a merge still knows
 * goes into the digest. */
static ns_status leave_text(ns__output *output, ns__article_entry *entry, ns_error *err)
{
    const uint32_t count = entry->passage_count;
    if (NS_RESERVE(output->passages, output->passage_capacity, count) < 0)
        return ns__no_memory(err);
    digest_number(output, entry->title_bytes);
    digest_number(output, entry->body_bytes);
    for (uint32_t i = 0; i < count; i++) {
        output->passages[i] = (ns__passage_entry){.terms = entry->passages[i].terms};
        digest_number(output, entry->passages[i].terms);
    }
    entry->text_offset = output->ref.text_bytes; /* as if it were there */
    entry->meta_bytes = 0;
    entry->passages = output->passages;
    return NS_OK;
}

static ns_status keep_text(ns__output *output, ns__article_entry *entry,
                           const ns__output_text *text, ns_error *err)
{
    entry->text_offset = ns__store_length(output->store);
    NS_TRY(store(output, text->title, err));
    NS_TRY(store(output, text->body, err));
    return store(output, text->meta, err);
}

ns_status ns__output_add(ns__output *output, ns__article_entry *entry, const ns__output_text *text,
                         ns_error *err)
{
    entry->title_bytes = (uint32_t)text->title.length;
    entry->body_bytes = (uint32_t)text->body.length;
    entry->meta_bytes = (uint32_t)text->meta.length;
    if (!output->knows_digest)
        ns__digest_add(&output->digest, entry->id.data, entry->id.length);
    NS_TRY(output->settings->no_text ? leave_text(output, entry, err)
                                     : keep_text(output, entry, text, err));
    NS_TRY(ns__articles_add(output->articles, entry, err));
    count_article(output, entry);
    return NS_OK;
}

void ns__output_begin_segment(ns__output *output)
{
    output->knows_digest = true;
}

/* The id of a segment is what the digest is behind its last record. */
void ns__output_end_segment(ns__output *output, ns__segment_id id)
{
    output->knows_digest = false;
    output->digest = (ns__digest){ns__get_u64(id.bytes), ns__get_u64(id.bytes + 8)};
}

void ns__output_set_places(ns__output *output, const uint32_t *places)
{
    const uint32_t count = ns__articles_count(output->articles);
    uint32_t in_order = 0;
    while (in_order < count && places[in_order] == in_order)
        in_order++;
    if (in_order == count)
        return; /* the same bytes as without */
    for (uint32_t a = 0; a < count; a++) {
        uint8_t bytes[4];
        ns__put_u32(bytes, places[a]);
        ns__digest_add(&output->digest, bytes, sizeof bytes);
    }
    ns__articles_set_places(output->articles, places);
}

/* ---- The end of adding ---- */

static ns__segment_id segment_id(const ns__digest *digest)
{
    ns__segment_id id;
    ns__put_u64(id.bytes, digest->a);
    ns__put_u64(id.bytes + 8, digest->b);
    return id;
}

ns_status ns__output_begin_lists(ns__output *output, ns_error *err)
{
    output->ref.id = segment_id(&output->digest);
    output->ref.articles = ns__articles_count(output->articles);
    output->ref.passages = ns__articles_passages(output->articles);
    if (output->spellings)
        NS_TRY(ns__spellings_end(output->spellings, err));
    ns__frame_start_sync(output->frames[NS__FILE_TEXT]);
    NS_TRY(create_frame(output, NS__FILE_TERMS, err));
    NS_TRY(create_frame(output, NS__FILE_POSTINGS, err));
    return create_frame(output, NS__FILE_POSITIONS, err);
}

ns_status ns__output_go_on(ns__output *output, ns_error *err)
{
    return output->store != NULL ? ns__store_go_on(output->store, err) : NS_OK;
}

ns_status ns__output_end_lists(ns__output *output, ns__postings_writer *postings, ns_error *err)
{
    NS_TRY(ns__postings_writer_finish(postings, &output->ref.counts, err));
    ns__frame_start_sync(output->frames[NS__FILE_POSTINGS]);
    ns__frame_start_sync(output->frames[NS__FILE_POSITIONS]);
    return NS_OK;
}

ns_status ns__output_launch_text(ns__output *output, ns_error *err)
{
    return ns__store_writer_launch(output->store, err);
}

ns_status ns__output_end_text(ns__output *output, ns_error *err)
{
    ns__store_writer *writer = output->store;
    output->store = NULL;
    NS_TRY(ns__store_writer_finish(writer, err));
    ns__frame_start_sync(output->frames[NS__FILE_TEXT]);
    return NS_OK;
}

/* ---- The article table ---- */

static ns_status write_table(ns__output *output, ns_error *err)
{
    ns__articles_writer *articles = output->articles;
    output->articles = NULL;
    NS_TRY(
        ns__articles_finish(articles, output->headlines, output->frames[NS__FILE_ARTICLES], err));
    ns__frame_start_sync(output->frames[NS__FILE_ARTICLES]);
    return NS_OK;
}

static void run_table(ns__job *job, unsigned worker)
{
    (void)worker;
    ns__output_table *table = (ns__output_table *)job;
    table->status = write_table(table->output, &table->error);
}

ns_status ns__output_launch_articles(ns__output *output, const uint32_t *headlines, ns__pool *pool,
                                     ns_error *err)
{
    NS_TRY(create_frame(output, NS__FILE_ARTICLES, err));
    output->headlines = headlines;
    output->table = (ns__output_table){.job.run = run_table, .output = output, .pool = pool};
    ns__pool_submit(pool, &output->table.job);
    return NS_OK;
}

static ns_status wait_for_table(ns__output *output, ns_error *err)
{
    ns__output_table *table = &output->table;
    if (table->pool == NULL)
        return NS_OK;
    ns__pool_wait(table->pool, &table->job);
    table->pool = NULL;
    if (table->status < 0 && err)
        *err = table->error;
    return table->status;
}

/* ---- Finishing ---- */

/* Ends a file, synced, and gives it its final name. */
static ns_status finish_file(ns__output *output, int file, ns_error *err)
{
    ns__frame_writer *frame = output->frames[file];
    output->frames[file] = NULL;
    char *from = file_path(output, file, true);
    char *to = file_path(output, file, false);
    ns_status status = NS_OK;
    if (from == NULL || to == NULL) {
        ns__frame_abandon(frame);
        status = ns__no_memory(err);
    }
    if (status == NS_OK)
        status = ns__frame_finish(frame, output->ref.id, true, &output->ref.bytes[file],
                                  &output->ref.crcs[file], err);
    if (status == NS_OK)
        status = ns__file_rename(from, to, err);
    if (status == NS_OK)
        output->files_named |= 1u << file;
    ns__free(from);
    ns__free(to);
    return status;
}

ns_status ns__output_finish(ns__output *output, const uint32_t *headlines, ns_error *err)
{
    for (int file = NS__FILE_TERMS; file <= NS__FILE_POSITIONS; file++)
        ns__frame_start_sync(output->frames[file]);
    if (output->store != NULL)
        NS_TRY(ns__output_end_text(output, err));
    NS_TRY(wait_for_table(output, err));
    if (output->articles != NULL) {
        NS_TRY(create_frame(output, NS__FILE_ARTICLES, err));
        output->headlines = headlines;
        NS_TRY(write_table(output, err));
    }
    ns__spellings_writer *spellings = output->spellings;
    output->spellings = NULL;
    if (spellings) /* nobody else reads the spool any more */
        NS_TRY(ns__spellings_writer_finish(spellings, output->frames[NS__FILE_POSITIONS], err));
    for (int file = NS__SEGMENT_FILES; file-- > 0;) /* in the order in which they were begun */
        NS_TRY(finish_file(output, file, err));
    return NS_OK;
}

void ns__output_abandon(ns__output *output)
{
    (void)wait_for_table(output, NULL);
    ns__store_writer_free(output->store);
    ns__articles_writer_free(output->articles);
    ns__spellings_writer_free(output->spellings);
    ns__free(output->passages);
    for (int file = 0; file < NS__SEGMENT_FILES; file++) {
        ns__frame_abandon(output->frames[file]);
        if (!(output->files_named >> file & 1))
            continue;
        char *path = file_path(output, file, false);
        if (path)
            (void)!ns__file_remove(path, NULL);
        ns__free(path);
    }
    *output = (ns__output){0};
}
