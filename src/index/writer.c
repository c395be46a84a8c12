/* Opening a writer, adding records, closing.
 *
 * The directory's lock is held from open to close. Everything added goes to a builder, whose files
 * have temporary names; ns_writer_commit (commit.c) makes it visible. */
#include "index/writer_parts.h"

#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/thread.h"

enum { TELL_ARTICLES = 64, TELL_TEXT_BYTES = 1 << 20, OPEN_TRIES = 64 };

/* ---- Telling the caller ---- */

ns_status ns__writer_tell(ns_writer *writer, const char *phase, ns_error *err)
{
    if (writer->options.on_progress == NULL)
        return NS_OK;
    ns_progress progress = {
        .articles = writer->total_articles,
        .rejected = writer->total_rejected,
        .input_bytes = writer->input_before + writer->input_now,
        .input_total_bytes = writer->input_total,
        .text_bytes = writer->total_text,
        .phase = phase,
    };
    if (writer->options.on_progress(writer->options.payload, &progress))
        return NS_OK;
    return ns__fail(err, NS_ERR_CANCELLED, "stopped; nothing since the last commit was kept");
}

static ns_status tell_sometimes(ns_writer *writer, ns_error *err)
{
    if (writer->total_articles < writer->next_articles && writer->total_text < writer->next_text)
        return NS_OK;
    writer->next_articles = writer->total_articles + TELL_ARTICLES;
    writer->next_text = writer->total_text + TELL_TEXT_BYTES;
    return ns__writer_tell(writer, "reading", err);
}

static void count_refused(ns_writer *writer)
{
    writer->summary.rejected++;
    writer->total_rejected++;
}

ns_status ns__writer_reject(ns_writer *writer, const ns_reject *reject, ns_error *err)
{
    if (reject->warning)
        writer->summary.warnings++;
    else
        count_refused(writer);
    if (writer->options.on_reject == NULL ||
        writer->options.on_reject(writer->options.payload, reject))
        return NS_OK;
    return ns__fail(err, NS_ERR_CANCELLED,
                    "stopped at a refused record; nothing since the last commit was kept");
}

static ns_status warn(ns_writer *writer, const char *reason, ns__str text, ns_error *err)
{
    ns_reject reject = {writer->record.origin ? writer->record.origin : "",
                        writer->record.line,
                        reason,
                        (const char *)text.data,
                        text.length,
                        true};
    return ns__writer_reject(writer, &reject, err);
}

/* Readers would not see the next commit, and this one would be swept away as an old one. */
static ns_status check_generation(const ns_writer *writer, ns_error *err)
{
    if (writer->generation < NS_MAX_GENERATION)
        return NS_OK;
    return ns__fail_at(err, NS_ERR_LIMIT, writer->directory, NS_NO_OFFSET,
                       "no commit can follow number %llu; make the index anew in another directory",
                       (unsigned long long)writer->generation);
}

ns_status ns__writer_check_usable(ns_writer *writer, ns_error *err)
{
    if (ns__lock_is_inherited(&writer->lock))
        return ns__fail_at(err, NS_ERR_ARGUMENT, writer->directory, NS_NO_OFFSET,
                           "this writer belongs to the process that opened it, from which this one "
                           "was forked; open another one here");
    if (writer->failed)
        return ns__fail_at(err, NS_ERR_ARGUMENT, writer->directory, NS_NO_OFFSET,
                           "an earlier call of this writer failed; close it and open a new one");
    NS_TRY(check_generation(writer, err));
    return writer->unopened ? ns__writer_open_segments(writer, err) : NS_OK;
}

/* ---- Opening ---- */

ns_status ns__open_segment_open(const ns_writer *writer, const ns__segment_ref *ref,
                                ns__open_segment **out, ns_error *err)
{
    *out = ns__zalloc(1, sizeof **out);
    if (*out == NULL)
        return ns__no_memory(err);
    ns_status status =
        ns__segment_open(writer->directory, ref, &writer->settings, &(*out)->segment, err);
    if (status == NS_NOT_FOUND)
        status = ns__corrupt(err, writer->directory, NS_NO_OFFSET,
                             "a file that the last commit names is missing");
    if (status < 0) {
        ns__free(*out);
        *out = NULL;
    }
    return status;
}

void ns__open_segment_close(ns__open_segment *old)
{
    if (old == NULL)
        return;
    ns__id_finder_release(&old->ids);
    ns__segment_close(&old->segment);
    ns__free(old->dead);
    ns__free(old);
}

ns_status ns__open_segment_kill(ns__open_segment *old, uint32_t article, bool *marked,
                                ns_error *err)
{
    const ns__segment *segment = &old->segment;
    size_t bytes = ((size_t)segment->articles.count + 7) / 8;
    *marked = false;
    if (old->dead ? old->dead[article / 8] >> (article % 8) & 1
                  : ns__segment_deleted(segment, article))
        return NS_OK;
    if (old->dead == NULL) {
        old->dead = ns__zalloc(bytes, 1);
        if (old->dead == NULL)
            return ns__no_memory(err);
        if (segment->deleted)
            memcpy(old->dead, segment->deleted, bytes);
        old->dead_articles = segment->ref.deleted_articles;
        old->dead_passages = segment->ref.deleted_passages;
    }
    old->dead[article / 8] |= (uint8_t)(1u << article % 8);
    old->dead_articles++;
    old->dead_passages += ns__article_first(&segment->articles, article + 1) -
                          ns__article_first(&segment->articles, article);
    *marked = true;
    return NS_OK;
}

void ns__writer_close_segments(ns_writer *writer)
{
    for (uint32_t i = 0; writer->segments && i < writer->manifest.segment_count; i++)
        ns__open_segment_close(writer->segments[i]);
    ns__free(writer->segments);
    writer->segments = NULL;
}

ns_status ns__writer_open_segments(ns_writer *writer, ns_error *err)
{
    uint32_t count = writer->manifest.segment_count;
    writer->unopened = true;
    ns__writer_close_segments(writer); /* some may be left of a call that failed */
    writer->segments = ns__zalloc(count, sizeof *writer->segments);
    if (writer->segments == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        NS_TRY(ns__open_segment_open(writer, &writer->manifest.segments[i], &writer->segments[i],
                                     err));
    writer->unopened = false;
    return NS_OK;
}

/* Each thread has tables of words of its own, some 8 MB whatever the limit: so many that they and
 * what else there is stay inside it, and no more. */
static unsigned threads_within(uint64_t memory, unsigned threads)
{
    uint64_t most = memory / NS_THREAD_MEMORY;
    most = most < NS_LEAST_THREADS ? NS_LEAST_THREADS : most;
    most = most > NS_MAX_THREADS ? NS_MAX_THREADS : most;
    return threads < most ? threads : (unsigned)most;
}

/* Numbers that the caller left open, or that go beyond what there is: from here on they hold. */
static void settle_numbers(ns_writer_options *options)
{
    if (options->memory_bytes == 0)
        options->memory_bytes = NS_DEFAULT_MEMORY;
    if (options->threads == 0)
        options->threads = ns__thread_processors();
    options->threads = threads_within(options->memory_bytes, options->threads);
    if (options->max_record_bytes == 0)
        options->max_record_bytes = NS_MAX_RECORD_BYTES;
    if (options->max_record_bytes > SIZE_MAX / 16)
        options->max_record_bytes = SIZE_MAX / 16;
}

/* The settings are the index's own, else the caller's, else the defaults. */
static ns_status take_settings(ns_writer *writer, bool keep, ns_error *err)
{
    const ns_index_settings *given = writer->options.settings;
    ns_index_settings_init(&writer->settings);
    if (keep)
        writer->settings = writer->manifest.settings;
    else if (given)
        writer->settings = *given;
    writer->options.settings = NULL; /* the caller's, good only for this call */
    if (keep && given && !ns__settings_equal(given, &writer->settings))
        return ns__fail_at(err, NS_ERR_SETTINGS, writer->directory, NS_NO_OFFSET,
                           "this index was made with other settings and keeps them; leave them "
                           "out, or start anew with ns index --fresh");
    return ns__settings_check(&writer->settings, err);
}

/* Under the lock: reads the last commit, removes leftovers, opens the segments. */
static ns_status load(ns_writer *writer, bool made, ns_error *err)
{
    bool exists;
    NS_TRY(ns__directory_look(writer->directory, &exists, &writer->generation, err));
    writer->passing = made && writer->generation == 0; /* others may have been faster */
    NS_TRY(check_generation(writer, err));
    ns_status status = ns__manifest_read(writer->directory, &writer->manifest, err);
    bool found = status == NS_OK;
    bool readable = found || status == NS_NOT_FOUND;
    if (!readable && !writer->options.fresh)
        return status;
    writer->drop_old = writer->options.fresh;
    if (!found) {
        ns__manifest_release(&writer->manifest);
        writer->manifest = (ns__manifest){0};
    }
    /* Of a damaged or newer index everything stays until the commit that starts anew. */
    NS_TRY(
        ns__directory_sweep(writer->directory, found ? &writer->manifest : NULL, !readable, err));
    NS_TRY(take_settings(writer, found && !writer->drop_old, err));
    if (!found || writer->drop_old)
        return NS_OK;
    NS_TRY(ns__manifest_check_versions(writer->directory, &writer->manifest, err));
    return ns__writer_open_segments(writer, err);
}

static ns_status sync_parent(const char *directory, ns_error *err)
{
    size_t length = strlen(directory);
    while (length > 1 && directory[length - 1] == '/')
        length--;
    while (length > 0 && directory[length - 1] != '/')
        length--;
    char *parent = ns__alloc(length + 2, 1);
    if (parent == NULL)
        return ns__no_memory(err);
    memcpy(parent, length ? directory : ".", length ? length : 1);
    parent[length ? length : 1] = '\0';
    ns_status status = ns__dir_sync(parent, err);
    ns__free(parent);
    return status;
}

/* Makes the directory and its entry durable. */
static ns_status make_directory(const char *directory, ns_error *err)
{
    bool made;
    NS_TRY(ns__dir_make_new(directory, &made, err));
    ns_status status = sync_parent(directory, err);
    if (status < 0 && made)
        ns__dir_remove_empty(directory); /* unless another writer is in it already */
    return status;
}

/* *made: the directory was not there before. That another writer may have made it meanwhile is the
 * same to whoever gets the lock: the other one, which finds it taken, leaves the directory to it.
 * NS_NOT_FOUND: a writer that gave up has removed it again. */
static ns_status lock_directory(ns_writer *writer, bool *made, ns_error *err)
{
    bool exists;
    uint64_t generation;
    *made = false;
    NS_TRY(ns__directory_look(writer->directory, &exists, &generation, err));
    if (generation == 0 && writer->options.must_exist)
        return ns__fail_at(err, NS_ERR_NO_INDEX, writer->directory, NS_NO_OFFSET,
                           "there is no index here; make one with ns index");
    if (!exists)
        NS_TRY(make_directory(writer->directory, err));
    *made = !exists;
    char *lock = ns__path_join(writer->directory, NS_LOCK_NAME);
    ns_status status = lock ? ns__lock_take(lock, &writer->lock, err) : ns__no_memory(err);
    ns__free(lock);
    if ((status == NS_ERR_IO || status == NS_ERR_MEMORY) && *made)
        ns__dir_remove_empty(writer->directory);
    return status;
}

static ns_status open_directory(ns_writer *writer, ns_error *err)
{
    bool made;
    ns_status status = NS_NOT_FOUND;
    for (int i = 0; i < OPEN_TRIES && status == NS_NOT_FOUND; i++)
        status = lock_directory(writer, &made, err);
    if (status == NS_NOT_FOUND)
        return NS_ERR_IO; /* *err says so */
    NS_TRY(status);
    return load(writer, made, err);
}

ns_status ns_writer_open(const char *directory, const ns_writer_options *options, ns_writer **out,
                         ns_error *err)
{
    *out = NULL;
    if (directory == NULL || *directory == '\0')
        return ns__fail(err, NS_ERR_ARGUMENT, "no directory was given for the index");
    ns_writer *writer = ns__zalloc(1, sizeof *writer);
    if (writer == NULL)
        return ns__no_memory(err);
    writer->lock.descriptor = -1;
    if (options)
        writer->options = *options;
    settle_numbers(&writer->options);
    writer->directory = ns__path_join("", directory); /* a copy */
    ns_status status = writer->directory ? open_directory(writer, err) : ns__no_memory(err);
    if (status < 0) { /* closing sweeps nothing but a directory that was made here */
        ns_writer_close(writer);
        return status;
    }
    *out = writer;
    return NS_OK;
}

ns_status ns__writer_check_lock(const ns_writer *writer, ns_error *err)
{
    char *lock = ns__path_join(writer->directory, NS_LOCK_NAME);
    if (lock == NULL)
        return ns__no_memory(err);
    const ns_status status = ns__lock_check(&writer->lock, lock, err);
    ns__free(lock);
    return status;
}

/* Leaves nothing of an index that never was: an empty directory would hide one of a folder above.
 * The lock is held until the end. Whoever waits for it finds that its file is gone and begins anew;
 * a file that another writer makes in between keeps the directory. */
static void remove_directory(const ns_writer *writer)
{
    if (!writer->passing || writer->keep_leftovers || writer->manifest.generation > 0 ||
        ns__writer_check_lock(writer, NULL) != NS_OK ||
        ns__directory_sweep(writer->directory, NULL, false, NULL) != NS_OK)
        return;
    char *lock = ns__path_join(writer->directory, NS_LOCK_NAME);
    if (lock != NULL && ns__file_remove(lock, NULL) == NS_OK)
        ns__dir_remove_empty(writer->directory);
    ns__free(lock);
}

/* What closing does to the directory. */
static void leave_directory(ns_writer *writer)
{
    ns__builder_free(writer->builder);
    if (writer->failed && !writer->keep_leftovers && writer->manifest.generation > 0 &&
        ns__writer_check_lock(writer, NULL) == NS_OK)
        (void)!ns__directory_sweep(writer->directory, &writer->manifest, false, NULL);
    remove_directory(writer);
}

/* In a forked process the files are the other one's, which may be writing to them. So is the
 * builder, whose threads are not here: its memory stays. */
void ns_writer_close(ns_writer *writer)
{
    if (writer == NULL)
        return;
    if (!ns__lock_is_inherited(&writer->lock))
        leave_directory(writer);
    ns__writer_close_segments(writer);
    ns__manifest_release(&writer->manifest);
    ns__ids_clear(&writer->ids);
    ns__record_release(&writer->record);
    ns__lock_release(&writer->lock);
    ns__free(writer->directory);
    ns__free(writer);
}

/* ---- Adding ---- */

/* Articles of the last commit that have this id are deleted by the next. */
static ns_status replace_old(ns_writer *writer, ns__str id, ns_error *err)
{
    for (uint32_t i = 0; writer->segments && i < writer->manifest.segment_count; i++) {
        ns__open_segment *old = writer->segments[i];
        uint32_t article;
        bool marked;
        ns_status status = ns__id_find(&old->segment.articles, &old->ids, id, &article, err);
        if (status == NS_NOT_FOUND)
            continue;
        NS_TRY(status);
        NS_TRY(ns__open_segment_kill(old, article, &marked, err));
        writer->summary.articles_replaced += marked;
    }
    return NS_OK;
}

static ns_status tick(void *payload, const char *phase, ns_error *err)
{
    return ns__writer_tell(payload, phase, err);
}

static ns_status warn_of_title(void *payload, const ns__builder_note *note, ns_error *err)
{
    char reason[128];
    snprintf(reason, sizeof reason, "only the beginning of the headline is searchable: %zu word%s",
             note->title_terms, note->title_terms == 1 ? "" : "s");
    ns_reject reject = {note->origin,    note->line, reason, (const char *)note->id.data,
                        note->id.length, true};
    return ns__writer_reject(payload, &reject, err);
}

static ns_status start_builder(ns_writer *writer, ns_error *err)
{
    if (!writer->drop_old && writer->manifest.segment_count >= NS_MAX_SEGMENTS)
        return ns__fail_at(err, NS_ERR_LIMIT, writer->directory, NS_NO_OFFSET,
                           "the index has %d segments already; merge them first", NS_MAX_SEGMENTS);
    ns__builder_options options = {
        .settings = &writer->settings,
        .directory = writer->directory,
        .generation = writer->generation + 1,
        .memory_bytes = writer->options.memory_bytes,
        .threads = writer->options.threads,
        .tick = tick,
        .title_cut = warn_of_title,
        .payload = writer,
    };
    writer->started_ns = ns__clock_ns();
    return ns__builder_open(&options, &writer->builder, err);
}

/* A reason is one line: blanks for control characters, as many as they have bytes. */
static void copy_as_line(char *out, ns__str text)
{
    for (size_t i = 0; i < text.length; i++) {
        const uint8_t c = text.data[i], next = i + 1 < text.length ? text.data[i + 1] : 0;
        const bool wide = c == 0xc2 && next < 0xa0; /* U+0080 to U+009F */
        out[i] = c < 0x20 || c == 0x7f || wide ? ' ' : (char)c;
        if (wide && i + 1 < text.length)
            out[++i] = ' ';
    }
}

/* The date as it came, or the beginning of it. */
static ns_status warn_of_date(ns_writer *writer, ns__str text, ns_error *err)
{
    enum { SHOWN_BYTES = 40 };
    char reason[256], shown[SHOWN_BYTES];
    size_t length = text.length;
    if (length > SHOWN_BYTES)
        for (length = SHOWN_BYTES; length > 0 && (text.data[length] & 0xc0) == 0x80; length--)
            ;
    copy_as_line(shown, (ns__str){text.data, length});
    snprintf(reason, sizeof reason,
             "the date is in no form that ns reads: \"%.*s%s\" counts as unknown; write it as "
             "2025-05-03 or 2025-05-03T14:30:00Z",
             (int)length, shown, length < text.length ? "…" : "");
    return warn(writer, reason, text, err);
}

static ns_status warn_of_record(ns_writer *writer, ns_error *err)
{
    const ns__record *record = &writer->record;
    char reason[512];
    for (size_t i = 0; i < record->misfit_count; i++) {
        snprintf(reason, sizeof reason, "%s %s", record->misfits[i].key, record->misfits[i].what);
        NS_TRY(warn(writer, reason, record->id, err));
    }
    if (record->date_text.length > 0 && record->date.precision == NS__DATE_NONE)
        NS_TRY(warn_of_date(writer, record->date_text, err));
    if (record->replaced > 0) {
        snprintf(reason, sizeof reason, "invalid UTF-8 was replaced by U+FFFD: %zu sequence%s",
                 record->replaced, record->replaced == 1 ? "" : "s");
        NS_TRY(warn(writer, reason, record->id, err));
    }
    return NS_OK;
}

/* Adds writer->record. NS_ERR_INPUT leaves everything as it was. */
static ns_status add_record(ns_writer *writer, ns_error *err)
{
    const ns__record *record = &writer->record;
    if (record->id.length > NS_MAX_ID_BYTES)
        return ns__fail(err, NS_ERR_INPUT, "the id is too long: more than %d bytes",
                        NS_MAX_ID_BYTES);
    if (writer->builder == NULL)
        NS_TRY(start_builder(writer, err));
    uint32_t article = ns__builder_articles(writer->builder);
    NS_TRY(ns__builder_add(writer->builder, record, err));
    NS_TRY(ns__ids_add(&writer->ids, record->id, article, record->origin, record->line, err));
    NS_TRY(replace_old(writer, record->id, err));
    ns_commit_summary *summary = &writer->summary;
    summary->articles_added++;
    summary->replaced_utf8 += record->replaced;
    summary->text_bytes += record->title.length + record->body.length;
    summary->input_bytes += record->input_bytes;
    writer->total_articles++;
    writer->total_text += record->title.length + record->body.length;
    return warn_of_record(writer, err);
}

/* From the reader's refusals to the caller's. */
static ns_status forward_reject(void *payload, const char *origin, uint64_t line,
                                const char *reason, ns__str text)
{
    ns_reject reject = {origin, line, reason, (const char *)text.data, text.length, false};
    return ns__writer_reject(payload, &reject, NULL);
}

/* Also while nothing comes out of the reader: it waits for a pipe, or for the end of a huge line.
 */
static ns_status beat(void *payload, ns_error *err)
{
    return ns__writer_tell(payload, "reading", err);
}

/* What is left of the input has as much text to a byte as what was read, which was `text_bytes`.
 * UINT64_MAX: nobody knows. */
static uint64_t text_to_come(const ns_writer *writer, uint64_t text_bytes)
{
    if (writer->input_now == 0 || writer->input_now > writer->input_total)
        return UINT64_MAX;
    const double bytes = (double)(writer->input_total - writer->input_now) * (double)text_bytes /
                         (double)writer->input_now;
    return bytes < (double)INT64_MAX ? (uint64_t)bytes : UINT64_MAX;
}

static ns_status read_all(ns_writer *writer, ns__reader *reader, ns_error *err)
{
    const uint64_t before = writer->total_text;
    for (;;) {
        ns_status status = ns__reader_next(reader, &writer->record, err);
        if (status != NS_OK)
            return status == NS_DONE ? NS_OK : status;
        ns_error refusal = {0};
        status = add_record(writer, &refusal);
        if (status == NS_ERR_INPUT) {
            ns_reject reject = {writer->record.origin ? writer->record.origin : "",
                                writer->record.line,
                                refusal.message,
                                NULL,
                                0,
                                false};
            status = ns__writer_reject(writer, &reject, &refusal);
        }
        if (status < 0 && err)
            *err = refusal;
        NS_TRY(status);
        ns__reader_progress(reader, &writer->input_now, &writer->input_total);
        if (writer->builder != NULL)
            ns__builder_expect(writer->builder, text_to_come(writer, writer->total_text - before));
        NS_TRY(tell_sometimes(writer, err));
    }
}

/* A path that is not there is most likely mistyped, and what would be committed is not what was
 * meant: with `fresh`, nothing at all. Files that vanish from a folder are only refused. */
static ns_status check_paths(const char *const *paths, size_t count, ns_error *err)
{
    for (size_t i = 0; i < count; i++) {
        ns__file_info info;
        if (strcmp(paths[i], "-") == 0)
            continue;
        NS_TRY(ns__file_stat(paths[i], &info, err));
        if (info.kind == NS__FILE_NONE)
            return ns__fail_at(err, NS_ERR_IO, paths[i], NS_NO_OFFSET,
                               "no such file or folder; nothing was indexed");
    }
    return NS_OK;
}

ns_status ns_writer_add_paths(ns_writer *writer, const char *const *paths, size_t count,
                              ns_error *err)
{
    NS_TRY(ns__writer_check_usable(writer, err));
    NS_TRY(check_paths(paths, count, err));
    ns__reader_options options = {
        .max_record_bytes = writer->options.max_record_bytes,
        .reject = forward_reject,
        .payload = writer,
        .pulse = {writer->options.on_progress != NULL ? beat : NULL, writer},
    };
    ns__reader *reader = NULL;
    ns_status status = ns__reader_open(paths, count, &options, &reader, err);
    if (status == NS_OK)
        status = read_all(writer, reader, err);
    if (status == NS_OK) {
        ns__reader_progress(reader, &writer->input_now, &writer->input_total);
        status = ns__writer_tell(writer, "reading", err);
    }
    if (reader != NULL)
        writer->summary.passed_over += ns__reader_skipped(reader);
    ns__reader_close(reader);
    writer->input_before += writer->input_now;
    writer->input_now = 0;
    writer->failed = status < 0;
    return status;
}

/* As the reader does with lines. */
static ns_status check_size(const ns_writer *writer, size_t length, ns_error *err)
{
    const uint64_t most = writer->options.max_record_bytes;
    if (length <= most)
        return NS_OK;
    return ns__fail(err, NS_ERR_INPUT, "the record is too large: more than %llu bytes",
                    (unsigned long long)most);
}

ns_status ns_writer_add_json(ns_writer *writer, const char *json, size_t length, ns_error *err)
{
    NS_TRY(ns__writer_check_usable(writer, err));
    ns__str line = {(const uint8_t *)json, length};
    ns_status status = check_size(writer, length, err);
    if (status == NS_OK)
        status = ns__jsonl_parse(line, "", 0, &writer->record, err);
    if (status == NS_OK)
        status = add_record(writer, err);
    if (status == NS_OK)
        status = tell_sometimes(writer, err);
    if (status == NS_ERR_INPUT)
        count_refused(writer);
    writer->failed = status < 0 && status != NS_ERR_INPUT;
    return status;
}
