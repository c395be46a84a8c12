/* ns delete: articles by id, and all that a query finds, in one commit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "cli/term.h"

enum { DELETE_VERSION = 1 };

/* Ids, each with its length before it. */
typedef struct id_list {
    char *bytes;
    size_t length, room;
} id_list;

static bool list_id(id_list *list, const char *id, size_t length)
{
    const size_t needed = list->length + sizeof length + length;
    if (needed > list->room) {
        char *grown = realloc(list->bytes, 2 * needed);
        if (grown == NULL)
            return false;
        list->bytes = grown;
        list->room = 2 * needed;
    }
    memcpy(list->bytes + list->length, &length, sizeof length);
    memcpy(list->bytes + list->length + sizeof length, id, length);
    list->length = needed;
    return true;
}

static void print_ids(json *out, const id_list *list)
{
    json_open_array(out, "ids");
    for (size_t at = 0, length; at < list->length; at += sizeof length + length) {
        memcpy(&length, list->bytes + at, sizeof length);
        json_string(out, NULL, list->bytes + at + sizeof length, length);
    }
    json_close_array(out);
}

/* The writer is opened before the snapshot and holds the index's lock: what the query finds is what
 * the commit deletes from. */
typedef struct delete_job {
    const cli_args *args;
    cli_term term;
    ns_writer *writer; /* NULL with --dry-run */
    ns_index *index;
    uint64_t deleted;
    size_t id_count; /* ids of the command line, each once, in order */
    const char **ids;
    size_t missing_count;
    const char **missing; /* ids of the command line that no article has */
    id_list listed;       /* for the JSON of --dry-run: what would be deleted */
} delete_job;

static ns_status find(const delete_job *job, const char *id, size_t length, ns_error *err)
{
    ns_article *article;
    ns_status status = ns_article_find(job->index, id, length, &article, err);
    if (status == NS_OK)
        ns_article_free(article);
    return status;
}

/* What --dry-run says of an article. Its lines are read back by `xargs ns delete`: an id that a
 * line cannot hold as it is must not look like another one. */
static bool tell_id(delete_job *job, const char *id, size_t length)
{
    if (args_has(job->args, OPT_JSON))
        return list_id(&job->listed, id, length);
    if (term_is_shown(id, length)) {
        term_print(&job->term, id, length, STYLE_PLAIN, false);
        putchar('\n');
        return true;
    }
    char *shown = term_shown(id, length);
    if (shown != NULL)
        complain(
            "the id %s has line breaks or characters that are not shown, and is left out of the "
            "list; --json has it as it is",
            shown);
    free(shown);
    return shown != NULL;
}

/* For the writer and for searches. A dry run leaves signals alone. */
static bool on_progress(void *payload, const ns_progress *progress)
{
    (void)payload;
    (void)progress;
    return !stop_requested();
}

static bool is_cancelled(void *context)
{
    (void)context;
    return stop_requested();
}

static ns_status check_stop(ns_error *err)
{
    if (!stop_requested())
        return NS_OK;
    *err = (ns_error){.status = NS_ERR_CANCELLED, .message = "cancelled"};
    return NS_ERR_CANCELLED;
}

/* Deletes one article, or with --dry-run prints its id. */
static ns_status delete_one(delete_job *job, const char *id, size_t length, ns_error *err)
{
    ns_status status = check_stop(err);
    if (status == NS_OK)
        status = job->writer ? ns_writer_delete(job->writer, id, length, err)
                             : find(job, id, length, err);
    if (status != NS_OK)
        return status;
    job->deleted++;
    if (job->writer != NULL || tell_id(job, id, length))
        return NS_OK;
    *err = (ns_error){.status = NS_ERR_MEMORY, .message = "out of memory"};
    return NS_ERR_MEMORY;
}

static ns_status delete_ids(delete_job *job, ns_error *err)
{
    for (size_t i = 0; i < job->id_count; i++) {
        const char *id = job->ids[i];
        ns_status status = delete_one(job, id, strlen(id), err);
        if (status == NS_NOT_FOUND)
            job->missing[job->missing_count++] = id;
        else if (status != NS_OK)
            return status;
    }
    return NS_OK;
}

static int compare_ids(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The ids of the command line in order, without repetitions. */
static bool take_ids(delete_job *job)
{
    size_t count = job->args->word_count;
    job->ids = malloc((count + 1) * sizeof *job->ids);
    job->missing = malloc((count + 1) * sizeof *job->missing);
    if (job->ids == NULL || job->missing == NULL) {
        complain("out of memory");
        return false;
    }
    memcpy(job->ids, job->args->words, count * sizeof *job->ids);
    qsort(job->ids, count, sizeof *job->ids, compare_ids);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || strcmp(job->ids[i], job->ids[job->id_count - 1]) != 0)
            job->ids[job->id_count++] = job->ids[i];
    return true;
}

/* Whether the command line names this article, too. An id with U+0000 in it cannot be named. */
static bool is_named(const delete_job *job, const char *id, size_t length)
{
    return memchr(id, 0, length) == NULL &&
           bsearch(&id, job->ids, job->id_count, sizeof *job->ids, compare_ids) != NULL;
}

static ns_status delete_found(delete_job *job, const ns_results *results, ns_error *err)
{
    char id[NS_ID_ROOM];
    for (size_t i = 0; i < ns_results_count(results); i++) {
        size_t length;
        ns_status status =
            ns_article_id_at(job->index, ns_results_get(results, i).article, id, &length, err);
        if (status == NS_OK && !is_named(job, id, length))
            status = delete_one(job, id, length, err);
        if (status < 0)
            return status;
    }
    return NS_OK;
}

/* Nothing is deleted by a query that had to be guessed at. */
static ns_status search_strictly(const ns_index *index, const char *text,
                                 const ns_search_options *options, ns_results **out, ns_error *err)
{
    ns_query_options strict;
    ns_query *query;
    ns_query_options_init(&strict);
    strict.strict = true;
    strict.no_headlines = asking_no_headlines(index);
    *out = NULL;
    ns_status status = ns_query_parse(text, strlen(text), &strict, &query, err);
    if (status != NS_OK)
        return status;
    asking_tell_notes(query); /* on what it asks, though nothing was guessed */
    status = ns_search_query(index, query, options, out, err);
    ns_query_free(query);
    return status;
}

static ns_status delete_query(delete_job *job, ns_error *err)
{
    const char *query = job->args->value[OPT_QUERY];
    if (query == NULL)
        return NS_OK;
    ns_search_options options;
    ns_results *results;
    ns_search_options_init(&options);
    options.all = true;
    options.no_hits = true;
    options.cancelled = is_cancelled;
    ns_status status = search_strictly(job->index, query, &options, &results, err);
    if (status != NS_OK)
        return status;
    status = delete_found(job, results, err);
    ns_results_free(results);
    return status;
}

static ns_status run_job(delete_job *job, const char *directory, ns_error *err)
{
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.must_exist = true;
    options.on_progress = on_progress;
    ns_status status = NS_OK;
    if (!args_has(job->args, OPT_DRY_RUN))
        stop_on_signals();
    if (!args_has(job->args, OPT_DRY_RUN))
        status = ns_writer_open(directory, &options, &job->writer, err);
    if (status == NS_OK)
        status = ns_index_open(directory, &job->index, err);
    if (status == NS_OK)
        status = delete_ids(job, err);
    if (status == NS_OK)
        status = delete_query(job, err);
    if (status == NS_OK && job->writer)
        status = check_stop(err);
    if (status == NS_OK && job->writer)
        status = ns_writer_commit(job->writer, NULL, err);
    return status;
}

static void print_summary(const delete_job *job)
{
    bool dry = job->writer == NULL;
    for (size_t i = 0; i < job->missing_count; i++)
        complain("no article has the id %s; ns query prints ids", job->missing[i]);
    if (args_has(job->args, OPT_JSON)) {
        json *out = json_begin();
        if (out == NULL)
            return;
        json_open(out, NULL);
        json_number(out, "version", DELETE_VERSION);
        json_number(out, "deleted", job->deleted);
        json_bool(out, "dry_run", dry);
        json_open_array(out, "not_found");
        for (size_t i = 0; i < job->missing_count; i++)
            json_text(out, NULL, job->missing[i]);
        json_close_array(out);
        if (dry)
            print_ids(out, &job->listed);
        json_close(out);
        json_end(out);
    } else if (!args_has(job->args, OPT_QUIET)) {
        char articles[COUNTED_BYTES];
        fprintf(stderr, "%s %s\n", counted(articles, job->deleted, "article"),
                dry ? "would be deleted" : "deleted");
    }
}

int run_delete(const cli_args *args)
{
    if (args->word_count == 0 && !args_has(args, OPT_QUERY))
        return complain("what should be deleted? Give ids, or a query: ns delete --query WORDS");
    delete_job job = {.args = args};
    if (!term_init(args, &job.term))
        return EXIT_ERROR;
    ns_error err = {0};
    char *directory = index_directory(args, true);
    int status = EXIT_ERROR;
    if (directory != NULL && take_ids(&job)) {
        if (run_job(&job, directory, &err) == NS_OK) {
            print_summary(&job);
            status = job.deleted > 0 ? EXIT_FOUND : EXIT_NOTHING;
        } else if (err.status == NS_ERR_CANCELLED) {
            complain("interrupted; %s is as it was before", directory);
            status = EXIT_INTERRUPTED;
        } else if (job.index == NULL) {
            complain_index(&err, !args_has(args, OPT_DRY_RUN));
        } else {
            complain_commit(&err, directory);
        }
    }
    ns_index_close(job.index);
    ns_writer_close(job.writer);
    free(job.ids);
    free(job.missing);
    free(job.listed.bytes);
    free(directory);
    return status;
}
