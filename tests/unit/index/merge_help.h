/* What tests of merging share: indexes of random articles, and how two of them are compared. */
#ifndef TESTS_UNIT_INDEX_MERGE_HELP_H
#define TESTS_UNIT_INDEX_MERGE_HELP_H

#include "unit/index/help.h"

#include "ns/ns.h"

/* ---- Making indexes ---- */

static inline ns_writer *open_writer(const char *name, const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer = NULL;
    ns_writer_options_init(&options);
    options.settings = settings;
    assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
    return writer;
}

static inline void add_random(ns_writer *writer, uint32_t number)
{
    static const char *const languages[] = {"en", "de", "zh", "", "fr"};
    ns_error err = {0};
    test_article article;
    ns__buf json = {0};
    make_article(&article, number);
    article_json(&article, &json);
    json.length--; /* the brace, for more keys */
    char tail[160];
    int bytes = snprintf(tail, sizeof tail,
                         ", \"lang\": \"%s\", \"date\": \"20%02u-0%u-1%u\", \"source\": \"s%u\", "
                         "\"extra\": [1, %u]}",
                         languages[random_below(5)], random_below(30), 1 + random_below(9),
                         random_below(10), random_below(3), random_below(100));
    ns__buf_append(&json, tail, (size_t)bytes);
    assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
    ns__buf_release(&json);
    release_article(&article);
}

static inline void commit(ns_writer *writer)
{
    ns_error err = {0};
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
}

/* Commits of random articles, some with ids used before; then some are deleted. */
static inline void make_index(const char *name, const ns_index_settings *settings,
                              uint32_t segments, uint32_t each, uint32_t deletions)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, settings);
    uint32_t next = 0;
    for (uint32_t s = 0; s < segments; s++) {
        uint32_t count = 1 + random_below(each);
        for (uint32_t i = 0; i < count; i++)
            add_random(writer,
                       deletions && next > 0 && random_below(4) == 0 ? random_below(next) : next++);
        commit(writer);
    }
    for (uint32_t i = 0; i < deletions; i++) {
        char id[32];
        int length = snprintf(id, sizeof id, "news/%u", random_below(next));
        ns_status status = ns_writer_delete(writer, id, (size_t)length, &err);
        assert_true(status == NS_OK || status == NS_NOT_FOUND);
    }
    commit(writer);
    ns_writer_close(writer);
}

/* The live articles of an index, in their order, into a new one. */
static inline uint64_t index_anew(const char *from, const char *name,
                                  const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_index *index = NULL;
    ns_index_stats stats;
    assert_ok(ns_index_open(in_folder(from), &index, &err), err);
    ns_index_get_stats(index, &stats);
    ns_writer *writer = open_writer(name, settings);
    for (uint64_t a = 0; a < stats.articles + stats.deleted_articles; a++) {
        ns_article *article;
        ns_status status = ns_article_at(index, a, &article, &err);
        if (status == NS_NOT_FOUND)
            continue;
        assert_ok(status, err);
        size_t length = 0;
        const char *json = ns_article_json(article, &length);
        assert_ok(ns_writer_add_json(writer, json, length, &err), err);
        ns_article_free(article);
    }
    commit(writer);
    ns_writer_close(writer);
    ns_index_close(index);
    return stats.articles;
}

/* The file of a segment by its extension; malloc'ed bytes. */
static inline char *segment_file(const char *name, const char *extension, size_t *length)
{
    char **names, *bytes = NULL;
    size_t count;
    ns_error err = {0};
    assert_ok(ns__dir_names(in_folder(name), &names, &count, &err), err);
    for (size_t i = 0; i < count; i++) {
        const char *dot = strrchr(names[i], '.');
        if (dot == NULL || strcmp(dot, extension) != 0)
            continue;
        assert_null(bytes); /* one segment only */
        char path[600];
        snprintf(path, sizeof path, "%s/%s", in_folder(name), names[i]);
        bytes = read_whole_file(path, length);
    }
    ns__dir_free_names(names, count);
    return bytes;
}

static inline void assert_same_files(const char *one, const char *other, bool dictionary)
{
    static const char *const extensions[] = {".trm", ".art", ".pst", ".pos", ".txt", ".del"};
    for (size_t i = dictionary ? 0 : 1; i < 6; i++) {
        size_t one_length = 0, other_length = 0;
        char *a = segment_file(one, extensions[i], &one_length);
        char *b = segment_file(other, extensions[i], &other_length);
        if (a == NULL && b == NULL) {
            assert_string_equal(extensions[i], ".del");
            continue;
        }
        assert_non_null(a);
        assert_non_null(b);
        if (one_length != other_length || memcmp(a, b, one_length) != 0)
            fail_msg("%s differs: %zu and %zu bytes", extensions[i], one_length, other_length);
        free(a);
        free(b);
    }
}

static inline void assert_same_segment(const char *one, const char *other)
{
    assert_same_files(one, other, true);
}

static inline bool print_fault(void *payload, const ns_fault *fault)
{
    (void)payload;
    print_message("%s: %s\n", fault->file, fault->message);
    return true;
}

static inline void assert_sound(const char *name)
{
    ns_error err = {0};
    ns_check_summary summary;
    assert_ok(ns_index_check(in_folder(name), print_fault, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
}

static inline ns_merge_summary merge(const char *name, uint64_t memory)
{
    ns_error err = {0};
    ns_merge_summary summary;
    ns_writer_options options;
    ns_writer *writer;
    ns_writer_options_init(&options);
    options.memory_bytes = memory;
    assert_ok(ns_writer_open(in_folder(name), &options, &writer, &err), err);
    assert_ok(ns_writer_merge(writer, &summary, &err), err);
    ns_writer_close(writer);
    return summary;
}

/* ---- Tests ---- */

static inline ns_index_settings small_blocks(void)
{
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = 4;
    settings.window_passages = 16;
    settings.store_block_bytes = 4096;
    return settings;
}

#endif
