/* Batches of records: see batch.h. */
#include "index/batch.h"

#include "base/limits.h"
#include "base/mem.h"

/* ---- Workers ---- */

ns_status ns__batch_worker_open(const ns_index_settings *settings, ns__batch_worker *out,
                                ns_error *err)
{
    *out = (ns__batch_worker){0};
    NS_TRY(ns__analyzer_open(&settings->analysis, &out->analyzer, err));
    return ns__inverter_open(out->analyzer, &out->inverter, err);
}

void ns__batch_worker_close(ns__batch_worker *worker)
{
    ns__inverter_close(worker->inverter);
    ns__analyzer_close(worker->analyzer);
    ns__tokens_release(&worker->title);
    ns__passages_release(&worker->passages);
    ns__speller_release(&worker->speller);
    *worker = (ns__batch_worker){0};
}

/* ---- Filling ---- */

void ns__batch_release(ns__batch *batch)
{
    ns__buf_release(&batch->bytes);
    ns__free(batch->articles);
    ns__free(batch->entries);
    ns__free(batch->sentences);
    ns__spelt_release(&batch->spelled);
    ns__run_release(&batch->run);
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

ns_status ns__batch_add(ns__batch *batch, const ns__record *record, ns__str meta, ns_error *err)
{
    if (NS_RESERVE(batch->articles, batch->capacity, batch->count + 1) < 0)
        return ns__no_memory(err);
    const char *origin = record->origin ? record->origin : "";
    ns__str texts[NS__BATCH_TEXTS] = {
        [NS__BATCH_TITLE] = record->title,
        [NS__BATCH_BODY] = record->body,
        [NS__BATCH_META] = meta,
        [NS__BATCH_ID] = record->id,
        [NS__BATCH_LANG] = record->lang,
        [NS__BATCH_ORIGIN] = {(const uint8_t *)origin, strlen(origin) + 1},
        [NS__BATCH_COLUMNS + NS__COLUMN_SOURCE] = column_value(record->source),
        [NS__BATCH_COLUMNS + NS__COLUMN_SECTION] = column_value(record->section),
        [NS__BATCH_COLUMNS + NS__COLUMN_LANG] = column_value(record->lang),
        [NS__BATCH_COLUMNS + NS__COLUMN_AUTHOR] = column_value(record->author),
        [NS__BATCH_COLUMNS + NS__COLUMN_URL] = column_value(record->url),
    };
    ns__batch_article *article = &batch->articles[batch->count];
    *article = (ns__batch_article){
        .date = {record->date.unix_s, (uint8_t)record->date.precision, record->date.has_offset,
                 (int16_t)record->date.offset_minutes},
        .line = record->line,
    };
    article->at[0] = batch->bytes.length;
    for (int i = 0; i < NS__BATCH_TEXTS; i++) {
        ns__buf_append(&batch->bytes, texts[i].data, texts[i].length);
        article->at[i + 1] = batch->bytes.length;
    }
    if (batch->bytes.failed)
        return ns__no_memory(err);
    batch->count++;
    batch->text_bytes += record->title.length + record->body.length;
    return NS_OK;
}

ns__str ns__batch_text_of(const ns__batch *batch, const ns__batch_article *article, int text)
{
    return (ns__str){batch->bytes.data + article->at[text],
                     (size_t)(article->at[text + 1] - article->at[text])};
}

/* ---- Working ---- */

/* Passage entries and their sentences, coded as the article table wants them. */
static ns_status describe_passages(ns__batch *batch, const ns__passages *cut, ns_error *err)
{
    if (NS_RESERVE(batch->entries, batch->entry_capacity, batch->entry_count + cut->count) < 0 ||
        NS_RESERVE(batch->sentences, batch->sentence_capacity,
                   batch->sentence_count + cut->sentence_count) < 0)
        return ns__no_memory(err);
    for (size_t i = 0; i < cut->count; i++) {
        const ns__passage *passage = &cut->items[i];
        batch->entries[batch->entry_count++] = (ns__passage_entry){
            .start = passage->start,
            .end = passage->end,
            .terms = passage->token_count,
            .sentence_count = passage->sentence_count,
        };
        const ns__sentence *sentence = cut->sentences + passage->first_sentence;
        for (uint32_t s = 0; s < passage->sentence_count; s++)
            batch->sentences[batch->sentence_count++] =
                sentence[s].token << 1 | sentence[s].paragraph;
    }
    return NS_OK;
}

/* How many words of the headline become postings. A headline that counts nothing is not searched:
 * there is no posting of tf 0. */
static void cut_title(const ns__batch *batch, const ns__batch_worker *worker,
                      ns__batch_article *article)
{
    size_t most = NS_MAX_TITLE_POSTINGS / worker->passages.count;
    if (most > NS_MAX_TITLE_TERMS)
        most = NS_MAX_TITLE_TERMS;
    size_t count = batch->settings->title_weight > 0 ? worker->title.count : 0;
    article->title_terms = (uint32_t)(count < most ? count : most);
    article->title_cut = count > most;
}

/* How the words are written that can be searched. */
static ns_status spell(ns__batch *batch, ns__batch_worker *worker, ns__batch_article *article,
                       ns__str title, ns__str body, ns_error *err)
{
    const ns__tokens *words = &worker->passages.tokens;
    article->first_spelled = batch->spelled.word_count;
    NS_TRY(ns__speller_add(&worker->speller, worker->analyzer, title, worker->title.items,
                           article->title_terms, &batch->spelled, err));
    return ns__speller_add(&worker->speller, worker->analyzer, body, words->items, words->count,
                           &batch->spelled, err);
}

static ns_status analyse(ns__batch *batch, ns__batch_worker *worker, ns__batch_article *article,
                         ns_error *err)
{
    ns__analyzer *analyzer = worker->analyzer;
    ns__str title = ns__batch_text_of(batch, article, NS__BATCH_TITLE);
    ns__str body = ns__batch_text_of(batch, article, NS__BATCH_BODY);
    ns__str code = ns__batch_text_of(batch, article, NS__BATCH_LANG);
    ns__lang lang = ns__analyzer_record_language(analyzer, code, body.length ? body : title);
    worker->title.count = 0;
    NS_TRY(ns__analyzer_run(analyzer, lang, title, &worker->title, err));
    NS_TRY(ns__passages_cut(analyzer, lang, body, &worker->passages, err));
    article->lang = (uint8_t)lang;
    article->first_entry = batch->entry_count;
    article->entry_count = (uint32_t)worker->passages.count;
    cut_title(batch, worker, article);
    NS_TRY(describe_passages(batch, &worker->passages, err));
    if (batch->settings->exact)
        NS_TRY(spell(batch, worker, article, title, body, err));
    return ns__inverter_add(worker->inverter, worker->title.items, article->title_terms,
                            &worker->passages, &article->fingerprint, err);
}

static ns_status work(ns__batch *batch, ns__batch_worker *worker, ns_error *err)
{
    if (worker->failed)
        return ns__fail(err, NS_ERR_CANCELLED, "an earlier batch failed");
    const bool anew = ns__analyzer_learnt(worker->analyzer) > batch->analyzer_bytes;
    if (anew) {
        ns__analyzer_clear(worker->analyzer);
        ns__inverter_forget(worker->inverter);
    }
    if (batch->settings->exact)
        NS_TRY(ns__speller_begin(&worker->speller, anew, batch->analyzer_bytes, err));
    for (size_t i = 0; i < batch->count; i++)
        NS_TRY(analyse(batch, worker, &batch->articles[i], err));
    const uint32_t *sentences = batch->sentences;
    for (size_t i = 0; i < batch->entry_count; i++) {
        batch->entries[i].sentences = sentences;
        sentences += batch->entries[i].sentence_count;
    }
    return ns__inverter_finish(worker->inverter, &batch->run, err);
}

void ns__batch_run(ns__job *job, unsigned worker)
{
    ns__batch *batch = (ns__batch *)job;
    batch->status = work(batch, &batch->workers[worker], &batch->error);
    if (batch->status < 0)
        batch->workers[worker].failed = true;
}
