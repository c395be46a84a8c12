/* ns_writer: directories, locks, leftovers, replacing, refusals, whole corpora and back. */
#include <pthread.h>

#include "unit/index/help.h"

#include "base/limits.h"
#include "ingest/reader.h"
#include "segment/manifest.h"

/* ---- Helpers ---- */

typedef struct heard {
    uint32_t rejects, warnings, progress;
    char last_file[256], last_reason[256];
    uint64_t last_line;
    ns_progress last;
    uint32_t stop_at; /* progress call that returns false; 0: none */
} heard;

static bool on_reject(void *payload, const ns_reject *reject)
{
    heard *all = payload;
    ++*(reject->warning ? &all->warnings : &all->rejects);
    snprintf(all->last_file, sizeof all->last_file, "%s", reject->file);
    snprintf(all->last_reason, sizeof all->last_reason, "%s", reject->reason);
    all->last_line = reject->line;
    return true;
}

static bool on_progress(void *payload, const ns_progress *progress)
{
    heard *all = payload;
    all->last = *progress;
    return ++all->progress != all->stop_at;
}

static ns_writer *open_writer(const char *directory, bool fresh, heard *all)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.fresh = fresh;
    if (all) {
        options.on_reject = on_reject;
        options.on_progress = on_progress;
        options.payload = all;
    }
    assert_ok(ns_writer_open(directory, &options, &writer, &err), err);
    return writer;
}

static void add(ns_writer *writer, const char *json)
{
    ns_error err = {0};
    assert_ok(ns_writer_add_json(writer, json, strlen(json), &err), err);
}

static ns_commit_summary commit(ns_writer *writer)
{
    ns_error err = {0};
    ns_commit_summary summary;
    assert_ok(ns_writer_commit(writer, &summary, &err), err);
    return summary;
}

static ns_index *open_index(const char *directory)
{
    ns_error err = {0};
    ns_index *index = NULL;
    assert_ok(ns_index_open(directory, &index, &err), err);
    return index;
}

static uint64_t live_articles(const char *directory)
{
    ns_index *index = open_index(directory);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    return stats.articles;
}

/* The body of an article, or "" when there is none. */
static const char *body_of(const char *directory, const char *id)
{
    static char body[256];
    ns_error err = {0};
    ns_index *index = open_index(directory);
    ns_article *article;
    ns_status status = ns_article_find(index, id, strlen(id), &article, &err);
    body[0] = '\0';
    if (status == NS_OK) {
        size_t length;
        const char *text = ns_article_body(article, &length);
        snprintf(body, sizeof body, "%.*s", (int)length, text);
    } else {
        assert_int_equal(status, NS_NOT_FOUND);
    }
    ns_article_free(article);
    ns_index_close(index);
    return body;
}

static size_t file_count(const char *directory)
{
    ns_error err = {0};
    char **names;
    size_t count;
    assert_ok(ns__dir_names(directory, &names, &count, &err), err);
    ns__dir_free_names(names, count);
    return count;
}

enum { FILES_OF_ONE_SEGMENT = 7 }; /* five, the manifest and the lock */

/* ---- Replacing ---- */

static void test_replace(void **state)
{
    (void)state;
    const char *directory = in_folder("replace");
    heard all = {0};
    ns_writer *writer = open_writer(directory, false, &all);
    add(writer, "{\"id\": \"a\", \"body\": \"first\"}");
    add(writer, "{\"id\": \"b\", \"body\": \"only\"}");
    add(writer, "{\"id\": \"a\", \"body\": \"second\"}");
    add(writer, "{\"id\": \"a\", \"body\": \"third\"}");
    ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_added, 2);
    assert_int_equal(summary.articles_replaced, 2);
    assert_int_equal(summary.warnings, 2);
    assert_int_equal(all.warnings, 2);
    assert_string_equal(body_of(directory, "a"), "third");
    assert_int_equal(live_articles(directory), 2);
    /* Across commits, with one writer and with the next. */
    add(writer, "{\"id\": \"a\", \"body\": \"fourth\"}");
    add(writer, "{\"id\": \"c\", \"body\": \"new\"}");
    summary = commit(writer);
    assert_int_equal(summary.articles_replaced, 1);
    assert_int_equal(summary.warnings, 0); /* an update, not a mistake */
    assert_string_equal(body_of(directory, "a"), "fourth");
    ns_writer_close(writer);
    writer = open_writer(directory, false, NULL);
    add(writer, "{\"id\": \"a\", \"body\": \"fifth\"}");
    add(writer, "{\"id\": \"b\", \"body\": \"fifth b\"}");
    assert_string_equal(body_of(directory, "a"), "fourth"); /* not before the commit */
    summary = commit(writer);
    assert_int_equal(summary.articles_replaced, 2);
    ns_writer_close(writer);
    assert_string_equal(body_of(directory, "a"), "fifth");
    assert_string_equal(body_of(directory, "b"), "fifth b");
    assert_string_equal(body_of(directory, "c"), "new");
    assert_int_equal(live_articles(directory), 3);
    ns_index *index = open_index(directory);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.segments, 2); /* nothing lives in the first one: it is gone */
    assert_int_equal(stats.deleted_articles, 1);
    assert_int_equal(stats.generation, 3);
    ns_index_close(index);
    /* Two segments, tombstones of the first; older tombstones and manifests are gone. */
    assert_int_equal(file_count(directory), 2 * 5 + 1 + 2);
}

/* The same records again give a segment of the same id. With repeated ids both it and the one
 * before it have tombstones, whose names must not be the same. */
static void test_same_records_again(void **state)
{
    (void)state;
    const char *directory = in_folder("nightly");
    for (int night = 0; night < 3; night++) {
        ns_writer *writer = open_writer(directory, false, NULL);
        add(writer, "{\"id\": \"a\", \"body\": \"first\"}");
        add(writer, "{\"id\": \"a\", \"body\": \"second\"}");
        add(writer, "{\"id\": \"b\", \"body\": \"other\"}");
        ns_commit_summary summary = commit(writer);
        assert_int_equal(summary.articles_replaced, night > 0 ? 3 : 1);
        ns_writer_close(writer);
        assert_int_equal(live_articles(directory), 2);
        assert_string_equal(body_of(directory, "a"), "second");
        assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT + 1); /* the tombstones */
    }
    /* All that was added is deleted before the commit: no segment comes of it, or stays. */
    ns_error err = {0};
    ns_writer *writer = open_writer(directory, false, NULL);
    add(writer, "{\"id\": \"a\", \"body\": \"third\"}");
    assert_ok(ns_writer_delete(writer, "a", 1, &err), err);
    assert_ok(ns_writer_delete(writer, "b", 1, &err), err);
    commit(writer);
    add(writer, "{\"id\": \"c\", \"body\": \"third\"}");
    commit(writer);
    ns_writer_close(writer);
    assert_int_equal(live_articles(directory), 1);
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
}

/* A repeated id in files: both places are named. */
static void test_repeat_places(void **state)
{
    (void)state;
    static const char FIRST[] =
        "{\"id\": \"x\", \"body\": \"one\"}\n{\"id\": \"y\", \"body\": \"1\"}\n";
    static const char SECOND[] =
        "{\"id\": \"z\", \"body\": \"one\"}\n{\"id\": \"y\", \"body\": \"2\"}\n";
    write_text_file(in_folder("one.jsonl"), FIRST, sizeof FIRST - 1);
    write_text_file(in_folder("two.jsonl"), SECOND, sizeof SECOND - 1);
    const char *paths[] = {in_folder("one.jsonl"), in_folder("two.jsonl")};
    heard all = {0};
    ns_error err = {0};
    ns_writer *writer = open_writer(in_folder("places"), false, &all);
    assert_ok(ns_writer_add_paths(writer, paths, 2, &err), err);
    commit(writer);
    ns_writer_close(writer);
    assert_int_equal(all.warnings, 1);
    assert_string_equal(all.last_file, in_folder("two.jsonl"));
    assert_int_equal(all.last_line, 2);
    assert_non_null(strstr(all.last_reason, "one.jsonl:2"));
    assert_string_equal(body_of(in_folder("places"), "y"), "2");
}

/* ---- Directories ---- */

static void test_busy(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_writer *writer = open_writer(in_folder("busy"), false, NULL), *second;
    ns_status status = ns_writer_open(in_folder("busy"), NULL, &second, &err);
    assert_int_equal(status, NS_ERR_BUSY);
    assert_null(second);
    ns_writer_close(writer);
    ns_writer_close(open_writer(in_folder("busy"), false, NULL));
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

/* An empty directory would hide an index of a folder above. */
static void test_no_commit_no_directory(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("passing");
    assert_false(ns_index_exists(directory));
    ns_writer *writer = open_writer(directory, false, NULL), *second;
    add(writer, "{\"id\": \"a\", \"body\": \"b\"}");
    assert_true(exists(directory));
    assert_false(ns_index_exists(directory));
    assert_int_equal(ns_writer_open(directory, NULL, &second, &err), NS_ERR_BUSY);
    assert_true(exists(directory)); /* the second one did not make it */
    ns_writer_close(writer);
    assert_false(exists(directory));
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = 3;
    ns_writer_options options = {.settings = &settings};
    assert_int_equal(ns_writer_open(directory, &options, &writer, &err), NS_ERR_ARGUMENT);
    assert_false(exists(directory));
    /* What another put there stays, and so does a directory that was there. */
    writer = open_writer(directory, false, NULL);
    write_text_file(in_folder("passing/notes.txt"), "x", 1);
    ns_writer_close(writer);
    assert_int_equal(file_count(directory), 1);
    assert_int_equal(unlink(in_folder("passing/notes.txt")), 0);
    ns_writer_close(open_writer(directory, false, NULL));
    assert_true(exists(directory));
    commit(writer = open_writer(directory, false, NULL));
    ns_writer_close(writer);
    assert_true(ns_index_exists(directory));
    /* A link to nowhere is told as that, and stays. */
    assert_int_equal(symlink("nowhere", in_folder("link")), 0);
    assert_int_equal(ns_writer_open(in_folder("link"), NULL, &writer, &err), NS_ERR_IO);
    assert_non_null(strstr(err.message, "leads nowhere"));
}

/* Opens until nobody else has the lock. */
static ns_writer *open_at_last(const char *directory)
{
    ns_writer *writer;
    ns_status status;
    ns_error err;
    do {
        err = (ns_error){0};
        status = ns_writer_open(directory, NULL, &writer, &err);
    } while (status == NS_ERR_BUSY);
    if (status != NS_OK)
        print_message("%s: %s\n", err.file, err.message);
    return writer;
}

static void *give_up(void *directory)
{
    bool fine = true;
    for (int i = 0; i < 10 && fine; i++) {
        ns_writer *writer = open_at_last(directory);
        fine = writer != NULL;
        ns_writer_close(writer);
    }
    return fine ? directory : NULL;
}

/* Writers that give up remove the directory under the eyes of one that goes on. */
static void test_race_for_new_directory(void **state)
{
    (void)state;
    char directory[512];
    snprintf(directory, sizeof directory, "%s", in_folder("race"));
    for (int round = 0; round < 3; round++) {
        pthread_t others[2];
        void *fine;
        for (int i = 0; i < 2; i++)
            assert_int_equal(pthread_create(&others[i], NULL, give_up, directory), 0);
        ns_writer *writer = open_at_last(directory);
        assert_non_null(writer);
        add(writer, "{\"id\": \"a\", \"body\": \"b\"}");
        commit(writer);
        ns_writer_close(writer);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(others[i], &fine), 0);
            assert_non_null(fine);
        }
        assert_int_equal(live_articles(directory), 1);
        remove_tree(directory);
    }
}

static void expect_open(const char *directory, ns_status want)
{
    ns_error err = {0};
    ns_writer *writer;
    assert_int_equal(ns_writer_open(directory, NULL, &writer, &err), want);
    assert_null(writer);
    assert_true(err.message[0] != '\0');
}

static void test_directories(void **state)
{
    (void)state;
    ns_error err = {0};
    expect_open("", NS_ERR_ARGUMENT);
    expect_open(in_folder("none/deeper"), NS_ERR_IO); /* one level only */
    write_text_file(in_folder("file"), "x", 1);
    expect_open(in_folder("file"), NS_ERR_ARGUMENT);
    assert_ok(ns__dir_make(in_folder("papers"), &err), err);
    write_text_file(in_folder("papers/thesis.txt"), "x", 1);
    expect_open(in_folder("papers"), NS_ERR_ARGUMENT); /* not an index, not empty */
    assert_int_equal(file_count(in_folder("papers")), 1);
    assert_ok(ns__dir_make(in_folder("empty"), &err), err);
    ns_writer_close(open_writer(in_folder("empty"), false, NULL));
    /* A foreign file in an index stays. */
    ns_writer *writer = open_writer(in_folder("empty"), false, NULL);
    add(writer, "{\"id\": \"a\", \"body\": \"b\"}");
    commit(writer);
    ns_writer_close(writer);
    write_text_file(in_folder("empty/notes.txt"), "x", 1);
    ns_writer_close(open_writer(in_folder("empty"), true, NULL));
    assert_int_equal(file_count(in_folder("empty")), FILES_OF_ONE_SEGMENT + 1);
}

static void test_leftovers(void **state)
{
    (void)state;
    const char *directory = in_folder("left");
    ns_writer *writer = open_writer(directory, false, NULL);
    add(writer, "{\"id\": \"a\", \"body\": \"kept\"}");
    commit(writer);
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
    add(writer, "{\"id\": \"a\", \"body\": \"lost\"}");
    ns_writer_close(writer); /* never committed */
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
    /* What a writer leaves that was killed at different points. */
    write_text_file(in_folder("left/tmp-segment.txt"), "x", 1);
    write_text_file(in_folder("left/tmp-run-00000001"), "x", 1);
    write_text_file(in_folder("left/00000002-0123456789abcdef.pst"), "x", 1);
    write_text_file(in_folder("left/00000002-0123456789abcdef.del"), "x", 1);
    write_text_file(in_folder("left/manifest-00000000"), "x", 1);
    write_text_file(in_folder("left/manifest-00000002.tmp"), "x", 1);
    assert_string_equal(body_of(directory, "a"), "kept"); /* readers do not mind */
    ns_writer_close(open_writer(directory, false, NULL));
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
    assert_string_equal(body_of(directory, "a"), "kept");
}

static void test_fresh(void **state)
{
    (void)state;
    const char *directory = in_folder("fresh");
    ns_writer *writer = open_writer(directory, false, NULL);
    add(writer, "{\"id\": \"a\", \"body\": \"old\"}");
    commit(writer);
    ns_writer_close(writer);
    ns_index *before = open_index(directory);
    writer = open_writer(directory, true, NULL);
    add(writer, "{\"id\": \"b\", \"body\": \"new\"}");
    assert_string_equal(body_of(directory, "a"), "old");
    ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_replaced, 0);
    assert_string_equal(body_of(directory, "a"), "");
    assert_string_equal(body_of(directory, "b"), "new");
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
    add(writer, "{\"id\": \"c\", \"body\": \"more\"}"); /* fresh is for the first commit only */
    commit(writer);
    assert_int_equal(live_articles(directory), 2);
    ns_writer_close(writer);
    /* The reader of the first commit still has it. */
    ns_error err = {0};
    ns_article *article;
    assert_ok(ns_article_find(before, "a", 1, &article, &err), err);
    assert_string_equal(ns_article_json(article, NULL), "{\"id\": \"a\", \"body\": \"old\"}");
    ns_article_free(article);
    ns_index_close(before);
    /* Over a damaged manifest. */
    ns_index *index = open_index(directory);
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    ns_index_close(index);
    char name[64];
    snprintf(name, sizeof name, "fresh/manifest-%08u", (unsigned)stats.generation);
    write_text_file(in_folder(name), "damaged", 7);
    expect_open(directory, NS_ERR_CORRUPT);
    writer = open_writer(directory, true, NULL);
    add(writer, "{\"id\": \"d\", \"body\": \"again\"}");
    commit(writer);
    ns_writer_close(writer);
    assert_int_equal(live_articles(directory), 1);
    assert_int_equal(file_count(directory), FILES_OF_ONE_SEGMENT);
    /* Fresh without records: nothing is left of the old ones. */
    writer = open_writer(directory, true, NULL);
    commit(writer);
    ns_writer_close(writer);
    assert_int_equal(live_articles(directory), 0);
}

static void test_settings(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_writer *writer;
    ns_index_settings settings, other;
    ns_index_settings_init(&settings);
    settings.title_weight = 5;
    other = settings;
    other.b = 0.5;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.settings = &settings;
    assert_ok(ns_writer_open(in_folder("set"), &options, &writer, &err), err);
    commit(writer); /* an index without articles */
    ns_writer_close(writer);
    assert_int_equal(live_articles(in_folder("set")), 0);
    ns_index *index = open_index(in_folder("set"));
    ns_index_settings read;
    ns_index_get_settings(index, &read);
    assert_int_equal(read.title_weight, 5);
    ns_index_close(index);
    assert_ok(ns_writer_open(in_folder("set"), &options, &writer, &err), err); /* the same */
    ns_writer_close(writer);
    options.settings = &other;
    assert_int_equal(ns_writer_open(in_folder("set"), &options, &writer, &err), NS_ERR_SETTINGS);
    options.fresh = true;
    assert_ok(ns_writer_open(in_folder("set"), &options, &writer, &err), err);
    ns_writer_close(writer);
    other.block_postings = 1;
    assert_int_equal(ns_writer_open(in_folder("set"), &options, &writer, &err), NS_ERR_ARGUMENT);
}

/* ---- Refusals, progress, stopping ---- */

static void test_record_size(void **state)
{
    (void)state;
    static const char JSON[] = "{\"id\": \"a\", \"body\": \"fog\"}";
    const size_t length = sizeof JSON - 1;
    ns_error err = {0};
    ns_writer *writer;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.max_record_bytes = length - 1;
    assert_ok(ns_writer_open(in_folder("size"), &options, &writer, &err), err);
    assert_int_equal(ns_writer_add_json(writer, JSON, length, &err), NS_ERR_INPUT);
    assert_non_null(strstr(err.message, "too large: more than"));
    assert_ok(ns_writer_add_json(writer, "{\"id\": \"b\", \"body\": \"f\"}", length - 2, &err),
              err);
    const ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_added, 1);
    assert_int_equal(summary.rejected, 1);
    ns_writer_close(writer);
    options.max_record_bytes = length;
    assert_ok(ns_writer_open(in_folder("size"), &options, &writer, &err), err);
    add(writer, JSON);
    ns_writer_close(writer);
}

static void test_refusals(void **state)
{
    (void)state;
    ns_error err = {0};
    heard all = {0};
    ns_writer *writer = open_writer(in_folder("refuse"), false, &all);
    assert_int_equal(ns_writer_add_json(writer, "{\"id\": ", 7, &err), NS_ERR_INPUT);
    assert_true(err.message[0] != '\0');
    char *long_id = calloc(1, NS_MAX_ID_BYTES + 100);
    memset(long_id, 'x', NS_MAX_ID_BYTES + 99);
    memcpy(long_id, "{\"id\": \"", 8);
    memcpy(long_id + NS_MAX_ID_BYTES + 60, "\", \"body\": \"b\"}", 16);
    assert_int_equal(ns_writer_add_json(writer, long_id, strlen(long_id), &err), NS_ERR_INPUT);
    free(long_id);
    add(writer, "{\"id\": \"a\", \"body\": \"b\", \"date\": \"yesterday\"}");
    assert_int_equal(all.warnings, 1);
    static const char LINES[] = "{\"id\": \"1\", \"body\": \"x\"}\nnonsense\n{\"id\": \"2\", "
                                "\"body\": \"caf\xe9\"}\n";
    write_text_file(in_folder("lines.jsonl"), LINES, sizeof LINES - 1);
    const char *path = in_folder("lines.jsonl");
    assert_ok(ns_writer_add_paths(writer, &path, 1, &err), err);
    assert_int_equal(all.rejects, 1);
    assert_int_equal(all.warnings, 3); /* of the replacement, and of what it looks like */
    assert_int_equal(all.last_line, 3);
    assert_int_equal(all.last.articles, 3);
    assert_int_equal(all.last.rejected, 3); /* with those of add_json, told by its status */
    assert_int_equal(all.last.input_bytes, sizeof LINES - 1);
    ns_commit_summary summary = commit(writer);
    assert_int_equal(summary.articles_added, 3);
    assert_int_equal(summary.rejected, 3);
    assert_int_equal(summary.warnings, 3);
    assert_int_equal(summary.replaced_utf8, 1);
    assert_int_equal(summary.text_bytes, 1 + 1 + 6);
    summary = commit(writer); /* nothing new: nothing happens */
    assert_int_equal(summary.articles_added, 0);
    assert_int_equal(summary.rejected, 0);
    /* Stopped while reading: the writer can only be closed. */
    add(writer, "{\"id\": \"late\", \"body\": \"b\"}");
    all.stop_at = all.progress + 1;
    assert_int_equal(ns_writer_add_paths(writer, &path, 1, &err), NS_ERR_CANCELLED);
    assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_ERR_ARGUMENT);
    assert_int_equal(ns_writer_add_paths(writer, &path, 1, &err), NS_ERR_ARGUMENT);
    ns_writer_close(writer);
    assert_int_equal(file_count(in_folder("refuse")), FILES_OF_ONE_SEGMENT);
    assert_string_equal(body_of(in_folder("refuse"), "2"), "caf\xef\xbf\xbd");
}

static void test_stop(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("stop");
    for (uint32_t at = 1; at < 8; at++) {
        heard all = {.stop_at = at};
        ns_writer *writer = open_writer(directory, false, &all);
        ns_status status = NS_OK;
        for (int i = 0; i < 130 && status == NS_OK; i++) {
            char json[64];
            snprintf(json, sizeof json, "{\"id\": \"%d\", \"body\": \"b\"}", i);
            status = ns_writer_add_json(writer, json, strlen(json), &err);
        }
        if (status == NS_OK)
            status = ns_writer_commit(writer, NULL, &err);
        if (all.progress < at) { /* past the last call: all went well */
            assert_int_equal(status, NS_OK);
            ns_writer_close(writer);
            assert_int_equal(live_articles(directory), 130);
            return;
        }
        assert_int_equal(status, NS_ERR_CANCELLED);
        assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_ERR_ARGUMENT);
        assert_int_equal(ns_writer_add_json(writer, "{}", 2, &err), NS_ERR_ARGUMENT);
        ns_writer_close(writer);
        ns_index *index;
        assert_int_equal(ns_index_open(directory, &index, &err), NS_ERR_NO_INDEX);
    }
    fail_msg("progress was told more often than expected");
}

/* ---- Large and real input ---- */

static void test_large_record(void **state)
{
    (void)state;
    ns_error err = {0};
    ns__buf json = {0};
    size_t megabytes = full_tests() ? 50 : 3;
    ns__buf_append(&json, "{\"id\": \"large\", \"title\": \"", 26);
    for (int i = 0; i < 600; i++)
        ns__buf_append(&json, "Talks ", 6);
    ns__buf_append(&json, "\", \"body\": \"", 12);
    size_t start = json.length;
    while (json.length - start < megabytes << 20)
        ns__buf_append(&json, "Officials met the traders at the port. ", 39);
    size_t body = json.length - start - 1;
    json.length--;
    ns__buf_append(&json, "\"}", 2);
    heard all = {0};
    ns_writer *writer = open_writer(in_folder("large"), false, &all);
    assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
    commit(writer);
    assert_int_equal(all.warnings, full_tests() ? 1 : 0); /* 600 words times all passages */
    ns_writer_close(writer);
    ns_index *index = open_index(in_folder("large"));
    ns_article *article;
    size_t length;
    assert_ok(ns_article_find(index, "large", 5, &article, &err), err);
    ns_article_body(article, &length);
    assert_int_equal(length, body);
    const char *shown = ns_article_json(article, &length);
    assert_int_equal(length, json.length);
    assert_memory_equal(shown, json.data, length);
    ns_article_free(article);
    ns_index_close(index);
    ns__buf_release(&json);
}

/* Passages joined with the white space between them give the body. */
static void check_passages(const ns_article *article)
{
    size_t length, before = 0;
    const char *body = ns_article_body(article, &length);
    for (size_t i = 0; i < ns_article_passages(article); i++) {
        size_t start, end;
        ns_article_passage(article, i, &start, &end);
        assert_true(before <= start && start <= end && end <= length);
        for (size_t at = before; at < start; at++) /* a byte of white space of Unicode at least */
            assert_true(body[at] == ' ' || (unsigned char)body[at] >= 0x80 ||
                        (body[at] >= '\t' && body[at] <= '\r') ||
                        (body[at] >= 0x1c && body[at] <= 0x1f));
        before = end;
    }
}

/* Every article of a corpus comes back as its line was; the count is that of the lines. */
static void check_corpus(const char *path, const char *lines_path, uint64_t memory)
{
    ns_error err = {0};
    heard all = {0};
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.memory_bytes = memory;
    options.on_reject = on_reject;
    options.payload = &all;
    ns_writer *writer;
    assert_ok(ns_writer_open(in_folder("corpus"), &options, &writer, &err), err);
    assert_ok(ns_writer_add_paths(writer, &path, 1, &err), err);
    ns_commit_summary summary = commit(writer);
    ns_writer_close(writer);
    assert_int_equal(all.rejects, 0);
    ns_index *index = open_index(in_folder("corpus"));
    size_t length = 0, lines = 0;
    char *text = read_whole_file(lines_path, &length);
    for (char *line = text, *end; line < text + length; line = end + 1, lines++) {
        end = memchr(line, '\n', (size_t)(text + length - line));
        end = end ? end : text + length;
        ns_article *article;
        size_t shown_length;
        ns_status status = ns_article_at(index, lines, &article, &err);
        if (status == NS_NOT_FOUND && summary.articles_replaced > 0)
            continue;
        assert_int_equal(status, NS_OK);
        const char *shown = ns_article_json(article, &shown_length);
        assert_int_equal(shown_length, end - line);
        assert_memory_equal(shown, line, shown_length);
        check_passages(article);
        ns_article_free(article);
    }
    assert_int_equal(lines, summary.articles_added);
    free(text);
    ns_index_close(index);
    remove_tree(in_folder("corpus"));
}

/* Unpacks a corpus, its first lines only unless all are wanted, into the folder. */
static void unpack(const char *path, const char *out, size_t most_lines)
{
    char command[1200];
    if (most_lines)
        snprintf(command, sizeof command, "gzip -dc '%s' 2>/dev/null | head -n %zu > '%s'", path,
                 most_lines, out);
    else
        snprintf(command, sizeof command, "gzip -dc '%s' > '%s'", path, out);
    assert_int_equal(system(command), 0);
}

static void test_corpora(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"reuters21578.jsonl.gz", "guardian.jsonl.gz",
                                        "crudrag_zh.jsonl.gz",   "chronam1916.jsonl.gz",
                                        "masakhanews.jsonl.gz",  "livedoor_ja.jsonl.gz"};
    bool found = false;
    for (int i = 0; i < 6; i++) {
        const char *path = corpus_path(NAMES[i]);
        if (path == NULL)
            continue;
        found = true;
        bool whole = full_tests() && i == 0;
        const int lines = i == 3 ? 20 : 30 + rounds(120);
        unpack(path, in_folder("lines.jsonl"), whole ? 0 : lines);
        check_corpus(in_folder("lines.jsonl"), in_folder("lines.jsonl"), 1 << 20);
    }
    if (!found) {
        print_message("no shared corpora: skipped\n");
        skip();
    }
}

/* Makes the last commit one of this number. */
static void renumber(uint64_t generation)
{
    ns_error err = {0};
    ns__manifest manifest;
    assert_ok(ns__manifest_read(in_folder("numbers"), &manifest, &err), err);
    manifest.generation = generation;
    assert_ok(ns__manifest_write(in_folder("numbers"), &manifest, &err), err);
    ns__manifest_release(&manifest);
}

static bool on_last_number(void *payload, const ns_fault *fault)
{
    *(bool *)payload = strstr(fault->message, "no commit can follow") != NULL;
    return true;
}

/* The last number that a commit can have: nothing is written after it, and nothing lost. */
static void test_last_generation(void **state)
{
    (void)state;
    static const char RECORD[] = "{\"id\": \"n\", \"body\": \"A number.\"}";
    ns_error err = {0};
    ns_writer *writer = open_writer(in_folder("numbers"), false, NULL);
    assert_ok(ns_writer_add_json(writer, RECORD, strlen(RECORD), &err), err);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
    renumber(NS_MAX_GENERATION - 1);
    writer = open_writer(in_folder("numbers"), false, NULL);
    assert_ok(ns_writer_delete(writer, "n", 1, &err), err);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    assert_int_equal(ns_writer_add_json(writer, RECORD, strlen(RECORD), &err), NS_ERR_LIMIT);
    assert_int_equal(ns_writer_merge(writer, NULL, &err), NS_ERR_LIMIT);
    ns_writer_close(writer);
    for (int fresh = 0; fresh < 2; fresh++) {
        ns_writer_options options;
        ns_writer_options_init(&options);
        options.fresh = fresh;
        assert_int_equal(ns_writer_open(in_folder("numbers"), &options, &writer, &err),
                         NS_ERR_LIMIT);
    }
    ns__manifest manifest;
    bool named = false;
    assert_ok(ns__manifest_read(in_folder("numbers"), &manifest, &err), err);
    assert_true(manifest.generation == NS_MAX_GENERATION);
    ns__manifest_release(&manifest);
    assert_ok(ns_index_check(in_folder("numbers"), on_last_number, &named, NULL, &err), err);
    assert_true(named);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_same_records_again),
        cmocka_unit_test(test_repeat_places),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_no_commit_no_directory),
        cmocka_unit_test(test_race_for_new_directory),
        cmocka_unit_test(test_directories),
        cmocka_unit_test(test_leftovers),
        cmocka_unit_test(test_fresh),
        cmocka_unit_test(test_last_generation),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_record_size),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_large_record),
        cmocka_unit_test(test_corpora),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
