/* From records to the files of a segment. */
#include "index/builder_parts.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"

enum {
    BATCH_BYTES = 16 << 20, /* of text; enough that merging runs costs little */
    RECORD_ROOM = 1 << 20   /* of text beyond NS_MAX_RECORD_BYTES that still fits 32 bits */
};
static const uint64_t DEFAULT_MEMORY = 512ull << 20;
static const uint64_t MAX_TEXT = UINT32_MAX - RECORD_ROOM;

static ns_status open_parts(ns__builder *builder, ns_error *err)
{
    const ns_index_settings *settings = builder->options.settings;
    NS_TRY(ns__analyzer_open(&settings->analysis, &builder->analyzer, err));
    NS_TRY(ns__inverter_open(builder->analyzer, &builder->inverter, err));
    return ns__output_open(&builder->output, settings, builder->options.directory,
                           builder->options.generation, err);
}

ns_status ns__builder_open(const ns__builder_options *options, ns__builder **out, ns_error *err)
{
    *out = NULL;
    ns__builder *builder = ns__zalloc(1, sizeof *builder);
    if (builder == NULL)
        return ns__no_memory(err);
    builder->options = *options;
    if (builder->options.memory_bytes == 0)
        builder->options.memory_bytes = DEFAULT_MEMORY;
    if (builder->options.batch_bytes == 0)
        builder->options.batch_bytes = BATCH_BYTES;
    ns_status status = open_parts(builder, err);
    if (status < 0) {
        ns__builder_free(builder);
        return status;
    }
    *out = builder;
    return NS_OK;
}

void ns__builder_free(ns__builder *builder)
{
    if (builder == NULL)
        return;
    ns__output_abandon(&builder->output);
    for (size_t i = 0; i < builder->run_count; i++)
        ns__run_release(&builder->runs[i]);
    ns__free(builder->runs);
    ns__free(builder->headlines);
    ns__inverter_close(builder->inverter);
    ns__analyzer_close(builder->analyzer);
    ns__tokens_release(&builder->title);
    ns__passages_release(&builder->passages);
    ns__free(builder->entries);
    ns__free(builder->sentences);
    ns__buf_release(&builder->meta);
    ns__free(builder);
}

uint32_t ns__builder_articles(const ns__builder *builder)
{
    return ns__articles_count(builder->output.articles);
}

/* ---- Adding ---- */

/* Ends the batch: makes it a run, spilled when the runs in memory take their half. */
static ns_status end_batch(ns__builder *builder, ns_error *err)
{
    if (ns__inverter_articles(builder->inverter) == 0)
        return NS_OK;
    if (NS_RESERVE(builder->runs, builder->run_capacity, builder->run_count + 1) < 0)
        return ns__no_memory(err);
    ns__run *run = &builder->runs[builder->run_count];
    *run = (ns__run){.first_passage = builder->batch_passage};
    builder->run_count++;
    NS_TRY(ns__inverter_finish(builder->inverter, run, err));
    builder->headline_terms += run->headline_terms;
    builder->batch_passage += run->passages;
    builder->batch_bytes = 0;
    if (builder->run_bytes + run->length > builder->options.memory_bytes / 2) {
        char name[32];
        snprintf(name, sizeof name, "tmp-run-%08zu", builder->run_count);
        char *path = ns__path_join(builder->options.directory, name);
        if (path == NULL)
            return ns__no_memory(err);
        NS_TRY(ns__run_spill(run, path, err));
    } else {
        builder->run_bytes += run->length;
    }
    if (ns__analyzer_memory(builder->analyzer) > builder->options.memory_bytes / 8) {
        ns__analyzer_clear(builder->analyzer);
        ns__inverter_forget(builder->inverter);
    }
    return NS_OK;
}

/* The first bytes of a column's value, whole characters. */
static ns__str column_value(ns__str value)
{
    if (value.length <= NS_MAX_COLUMN_BYTES)
        return value;
    size_t length = NS_MAX_COLUMN_BYTES;
    while (length > 0 && (value.data[length] & 0xc0) == 0x80)
        length--;
    return (ns__str){value.data, length};
}

/* Passage entries and their sentences, coded as the article table wants them. */
static ns_status describe_passages(ns__builder *builder, ns_error *err)
{
    const ns__passages *cut = &builder->passages;
    if (NS_RESERVE(builder->entries, builder->entry_capacity, cut->count) < 0 ||
        NS_RESERVE(builder->sentences, builder->sentence_capacity, cut->sentence_count) < 0)
        return ns__no_memory(err);
    for (size_t i = 0; i < cut->sentence_count; i++)
        builder->sentences[i] = cut->sentences[i].token << 1 | cut->sentences[i].paragraph;
    for (size_t i = 0; i < cut->count; i++) {
        const ns__passage *passage = &cut->items[i];
        builder->entries[i] = (ns__passage_entry){
            .start = passage->start,
            .end = passage->end,
            .terms = passage->token_count,
            .sentences = builder->sentences + passage->first_sentence,
            .sentence_count = passage->sentence_count,
        };
    }
    return NS_OK;
}

static ns_status check_room(const ns__builder *builder, const ns__record *record, ns_error *err)
{
    if (record->title.length > MAX_TEXT || record->body.length > MAX_TEXT ||
        builder->meta.length > MAX_TEXT)
        return ns__fail(err, NS_ERR_LIMIT, "a record may have at most 4 GB of text");
    if (ns__articles_passages(builder->output.articles) > NS_MAX_PASSAGES - builder->passages.count)
        return ns__fail(err, NS_ERR_LIMIT,
                        "more passages than one commit can take; commit, then add the rest");
    return NS_OK;
}

/* How many words of the headline become postings. A headline that counts nothing is not searched:
 * there is no posting of tf 0. */
static size_t searchable_title(const ns__builder *builder, ns__builder_note *note)
{
    size_t most = NS_MAX_TITLE_POSTINGS / builder->passages.count;
    if (most > NS_MAX_TITLE_TERMS)
        most = NS_MAX_TITLE_TERMS;
    size_t count = builder->options.settings->title_weight > 0 ? builder->title.count : 0;
    note->title_terms = count < most ? count : most;
    note->title_cut = count > most;
    return note->title_terms;
}

ns_status ns__builder_add(ns__builder *builder, const ns__record *record, ns__builder_note *note,
                          ns_error *err)
{
    ns__buf_clear(&builder->meta);
    ns__record_pack_fields(record, &builder->meta);
    if (builder->meta.failed)
        return ns__no_memory(err);
    builder->passages.count = 0;
    NS_TRY(check_room(builder, record, err));
    ns__lang lang = ns__analyzer_record_language(
        builder->analyzer, record->lang, record->body.length ? record->body : record->title);
    builder->title.count = 0;
    NS_TRY(ns__analyzer_run(builder->analyzer, lang, record->title, &builder->title, err));
    NS_TRY(ns__passages_cut(builder->analyzer, lang, record->body, &builder->passages, err));
    NS_TRY(check_room(builder, record, err));
    NS_TRY(describe_passages(builder, err));

    size_t title_terms = searchable_title(builder, note);
    ns__article_entry entry = {
        .id = record->id,
        .date = {record->date.unix_s, (uint8_t)record->date.precision, record->date.has_offset,
                 (int16_t)record->date.offset_minutes},
        .lang = (uint8_t)lang,
        .title_terms = (uint32_t)title_terms,
        .passages = builder->entries,
        .passage_count = (uint32_t)builder->passages.count,
    };
    entry.columns[NS__COLUMN_SOURCE] = column_value(record->source);
    entry.columns[NS__COLUMN_SECTION] = column_value(record->section);
    entry.columns[NS__COLUMN_LANG] = column_value(record->lang);
    entry.columns[NS__COLUMN_AUTHOR] = column_value(record->author);
    entry.columns[NS__COLUMN_URL] = column_value(record->url);
    ns__output_text text = {
        record->title, record->body, {builder->meta.data, builder->meta.length}};
    NS_TRY(ns__output_add(&builder->output, &entry, &text, err));
    NS_TRY(ns__inverter_add(builder->inverter, builder->title.items, title_terms,
                            &builder->passages, err));
    builder->batch_bytes += record->title.length + record->body.length;
    return builder->batch_bytes >= builder->options.batch_bytes ? end_batch(builder, err) : NS_OK;
}

/* ---- Finishing ---- */

static ns_status tick(ns__builder *builder, const char *phase, ns_error *err)
{
    return builder->options.tick ? builder->options.tick(builder->options.payload, phase, err)
                                 : NS_OK;
}

static ns_status finish_files(ns__builder *builder, ns_error *err)
{
    NS_TRY(end_batch(builder, err));
    NS_TRY(ns__output_begin_lists(&builder->output, err));
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
