/* Opening, statistics, articles over several segments; races with commits; checking damage. */
#include "unit/index/help.h"

#include <pthread.h>

#include "ns/search.h"
#include "segment/manifest.h"

static ns_writer *open_writer(const char *directory, bool fresh)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.fresh = fresh;
    assert_ok(ns_writer_open(directory, &options, &writer, &err), err);
    return writer;
}

static void add(ns_writer *writer, const char *json)
{
    ns_error err = {0};
    assert_ok(ns_writer_add_json(writer, json, strlen(json), &err), err);
}

static void commit(ns_writer *writer)
{
    ns_error err = {0};
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
}

static ns_index *open_index(const char *directory)
{
    ns_error err = {0};
    ns_index *index = NULL;
    assert_ok(ns_index_open(directory, &index, &err), err);
    return index;
}

/* Three segments of `each` random articles; every tenth of the first is replaced in the third. */
static void make_index(const char *directory, uint32_t each)
{
    ns_writer *writer = open_writer(directory, false);
    ns__buf json = {0};
    for (uint32_t segment = 0; segment < 3; segment++) {
        for (uint32_t i = 0; i < each; i++) {
            bool replaces = segment == 2 && i % 10 == 0;
            test_article article;
            make_article(&article, replaces ? i : segment * each + i);
            article_json(&article, &json);
            ns_error err = {0};
            assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
            release_article(&article);
        }
        commit(writer);
    }
    ns_writer_close(writer);
    ns__buf_release(&json);
}

static void test_stats(void **state)
{
    (void)state;
    enum { EACH = 40 };
    ns_error err = {0};
    make_index(in_folder("stats"), EACH);
    ns_index *index = open_index(in_folder("stats"));
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    assert_int_equal(stats.segments, 3);
    assert_int_equal(stats.articles, 3 * EACH - EACH / 10);
    assert_int_equal(stats.deleted_articles, EACH / 10);
    assert_int_equal(stats.generation, 3);
    uint64_t living = 0, passages = 0, text = 0, bytes = 0;
    for (uint64_t i = 0; i < stats.articles + stats.deleted_articles; i++) {
        ns_article *article, *same;
        ns_status status = ns_article_at(index, i, &article, &err);
        if (status == NS_NOT_FOUND) {
            assert_true(i < EACH && i % 10 == 0);
            continue;
        }
        assert_int_equal(status, NS_OK);
        size_t id_length, title, body;
        const char *id = ns_article_id(article, &id_length);
        assert_ok(ns_article_find(index, id, id_length, &same, &err), err);
        assert_string_equal(ns_article_json(article, NULL), ns_article_json(same, NULL));
        ns_article_title(article, &title);
        ns_article_body(article, &body);
        text += title + body;
        passages += ns_article_passages(article);
        ns_article_free(article);
        ns_article_free(same);
        living++;
    }
    assert_int_equal(living, stats.articles);
    assert_int_equal(passages, stats.passages - stats.deleted_passages);
    assert_true(text <= stats.text_bytes); /* deleted ones count until they are merged away */
    assert_true(stats.average_length > 1 && stats.average_length < 300);
    assert_int_equal(stats.inline_lists + stats.short_lists + stats.block_lists, stats.terms);
    ns_article *article;
    assert_int_equal(ns_article_at(index, 3 * EACH, &article, &err), NS_NOT_FOUND);
    assert_null(article);
    assert_int_equal(ns_article_find(index, "absent", 6, &article, &err), NS_NOT_FOUND);
    char **names;
    size_t count;
    assert_ok(ns__dir_names(in_folder("stats"), &names, &count, &err), err);
    for (size_t i = 0; i < count; i++) {
        char *path = ns__path_join(in_folder("stats"), names[i]);
        ns__file_info info;
        assert_ok(ns__file_stat(path, &info, &err), err);
        bytes += info.bytes;
        ns__free(path);
    }
    ns__dir_free_names(names, count);
    assert_int_equal(stats.bytes, bytes);
    ns_index_close(index);
}

static void test_columns(void **state)
{
    (void)state;
    static const char JSON[] =
        "{\"date\": \"2019-03-02T10:20:00+01:00\", \"id\": \"é/1\", \"source\": \"Wire\", "
        "\"section\": \"Trade\", \"title\": \"A \\\"title\\\"\", \"more\": {\"k\": [1, 2.50, "
        "null]}, "
        "\"body\": \"Der Hafen ist offen.\", \"lang\": \"de\", \"author\": \"N. N.\", \"url\": "
        "\"http://x/\"}";
    static const char *const WANT[][2] = {
        {"source", "Wire"},  {"section", "Trade"}, {"lang", "de"},
        {"author", "N. N."}, {"url", "http://x/"}, {"date", "2019-03-02T10:20:00+01:00"},
        {"other", ""}};
    ns_error err = {0};
    ns_writer *writer = open_writer(in_folder("columns"), false);
    add(writer, JSON);
    add(writer, "{\"id\": \"2\", \"title\": \"Only a headline\"}");
    commit(writer);
    ns_writer_close(writer);
    ns_index *index = open_index(in_folder("columns"));
    ns_article *article;
    assert_ok(ns_article_find(index, "é/1", 4, &article, &err), err);
    size_t length;
    for (int i = 0; i < 7; i++) {
        assert_string_equal(ns_article_column(article, WANT[i][0], &length), WANT[i][1]);
        assert_int_equal(length, strlen(WANT[i][1]));
    }
    assert_string_equal(ns_article_json(article, &length), JSON);
    const char *title = ns_article_title(article, &length);
    assert_int_equal(length, 9);
    assert_memory_equal(title, "A \"title\"", 9);
    ns_article_free(article);
    assert_ok(ns_article_find(index, "2", 1, &article, &err), err);
    assert_string_equal(ns_article_json(article, NULL),
                        "{\"id\": \"2\", \"title\": \"Only a headline\"}");
    assert_string_equal(ns_article_column(article, "date", NULL), "");
    assert_int_equal(ns_article_passages(article), 1);
    ns_article_free(article);
    bool german = false;
    for (size_t i = 0; ns_index_language(index, i); i++)
        german = german || strcmp(ns_index_language(index, i), "de") == 0;
    assert_true(german);
    ns_index_close(index);
    ns_article_free(NULL);
    ns_index_close(NULL);
}

static void test_refusals(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index;
    assert_int_equal(ns_index_open(in_folder("none"), &index, &err), NS_ERR_NO_INDEX);
    assert_null(index);
    assert_ok(ns__dir_make(in_folder("bare"), &err), err);
    assert_int_equal(ns_index_open(in_folder("bare"), &index, &err), NS_ERR_NO_INDEX);
    /* Made by a library with other Unicode data. */
    const char *directory = in_folder("versions");
    ns_writer *writer = open_writer(directory, false);
    add(writer, "{\"id\": \"a\", \"body\": \"b\"}");
    commit(writer);
    ns_writer_close(writer);
    ns__manifest manifest;
    assert_ok(ns__manifest_read(directory, &manifest, &err), err);
    manifest.generation++;
    strcpy(manifest.versions, "Unicode 3.0");
    assert_ok(ns__manifest_write(directory, &manifest, &err), err);
    ns__manifest_release(&manifest);
    assert_int_equal(ns_index_open(directory, &index, &err), NS_ERR_SETTINGS);
    assert_non_null(strstr(err.message, "made with Unicode 3.0; this ns has "));
    assert_non_null(strstr(err.message, "ns index --fresh"));
    ns_writer *second;
    assert_int_equal(ns_writer_open(directory, NULL, &second, &err), NS_ERR_SETTINGS);
    ns_writer_close(open_writer(directory, true));
}

/* An index of a library without Czech: it opens, is added to, and then is one of this library. */
static void test_older_versions(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("older");
    ns_writer *writer = open_writer(directory, false);
    add(writer, "{\"id\": \"a\", \"body\": \"v Praze\", \"lang\": \"pl\"}");
    commit(writer);
    ns_writer_close(writer);
    ns__manifest manifest;
    assert_ok(ns__manifest_read(directory, &manifest, &err), err);
    char *number = manifest.versions + strlen(manifest.versions) - 1;
    assert_int_equal(*number, '2');
    *number = '1';
    manifest.generation++;
    assert_ok(ns__manifest_write(directory, &manifest, &err), err);
    ns__manifest_release(&manifest);
    ns_index_close(open_index(directory));
    writer = open_writer(directory, false);
    add(writer, "{\"id\": \"b\", \"body\": \"Praha\", \"lang\": \"cs\"}");
    commit(writer);
    ns_writer_close(writer);
    assert_ok(ns__manifest_read(directory, &manifest, &err), err);
    assert_string_equal(manifest.versions + strlen(manifest.versions) - 4, "ns 2");
    ns__manifest_release(&manifest);
    ns_index *index = open_index(directory);
    ns_results *results;
    ns_search_options options;
    ns_search_options_init(&options);
    assert_ok(ns_search(index, "praze", 5, &options, &results, &err), err);
    assert_int_equal(ns_results_count(results), 2); /* praze and prah */
    ns_results_free(results);
    ns_index_close(index);
}

/* ---- Readers while a writer commits ---- */

static const char RACE_JSON[] = "{\"id\": \"a\", \"body\": \"b\"}";

typedef struct race_plan {
    const char *directory;
    _Atomic bool done;
    pthread_t thread;
} race_plan;

static void *commit_often(void *payload)
{
    race_plan *race = payload;
    for (int i = 0; i < 60; i++) {
        ns_writer_options options;
        ns_writer_options_init(&options);
        options.fresh = i % 3 == 0;
        ns_writer *writer;
        ns_error err = {0};
        bool good = ns_writer_open(race->directory, &options, &writer, &err) == 0 &&
                    ns_writer_add_json(writer, RACE_JSON, sizeof RACE_JSON - 1, &err) == 0 &&
                    ns_writer_commit(writer, NULL, &err) == 0;
        ns_writer_close(writer);
        if (!good) {
            fprintf(stderr, "writer: %s: %s\n", err.file, err.message);
            break;
        }
    }
    race->done = true;
    return NULL;
}

/* Makes an index of one article, which a thread then replaces again and again. */
static void begin_race(race_plan *race)
{
    ns_writer *writer = open_writer(race->directory, false);
    add(writer, RACE_JSON);
    commit(writer);
    ns_writer_close(writer);
    assert_int_equal(pthread_create(&race->thread, NULL, commit_often, race), 0);
}

static void test_race(void **state)
{
    (void)state;
    char directory[512];
    snprintf(directory, sizeof directory, "%s", in_folder("race"));
    race_plan race = {.directory = directory};
    begin_race(&race);
    uint64_t generation = 0;
    for (bool last = false; !last;) {
        last = race.done; /* one more round afterwards */
        ns_index *index = open_index(directory);
        ns_index_stats stats;
        ns_error err = {0};
        ns_article *article;
        ns_index_get_stats(index, &stats);
        assert_true(stats.generation >= generation);
        assert_int_equal(stats.articles, 1);
        assert_ok(ns_article_find(index, "a", 1, &article, &err), err);
        ns_article_free(article);
        generation = stats.generation;
        ns_index_close(index);
    }
    pthread_join(race.thread, NULL);
    assert_int_equal(generation, 61);
}

/* ---- Checking ---- */

typedef struct faults {
    uint32_t count;
    char files[8][64];
    uint64_t offsets[8];
    char messages[8][128];
} faults;

static bool on_fault(void *payload, const ns_fault *fault)
{
    faults *all = payload;
    if (all->count < 8) {
        snprintf(all->files[all->count], sizeof all->files[0], "%s", fault->file);
        snprintf(all->messages[all->count], sizeof all->messages[0], "%s", fault->message);
        all->offsets[all->count] = fault->offset;
    }
    all->count++;
    return true;
}

static faults check(const char *directory)
{
    ns_error err = {0};
    ns_check_summary summary;
    faults all = {0};
    assert_ok(ns_index_check(directory, on_fault, &all, &summary, &err), err);
    assert_int_equal(summary.faults, all.count);
    return all;
}

/* Files that a commit removes meanwhile are no faults. */
static void test_check_in_a_race(void **state)
{
    (void)state;
    char directory[512];
    snprintf(directory, sizeof directory, "%s", in_folder("checked"));
    race_plan race = {.directory = directory};
    begin_race(&race);
    uint32_t faulty = 0;
    for (bool last = false; !last;) {
        last = race.done;
        faulty += check(directory).count > 0;
    }
    pthread_join(race.thread, NULL);
    assert_int_equal(faulty, 0);
}

/* Flips a bit; the same again mends it. */
static void flip(const char *path, size_t offset, int bit)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, (long)offset, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, (long)offset, SEEK_SET);
    fputc(byte ^ 1 << bit, file);
    assert_int_equal(fclose(file), 0);
}

static void test_check(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("check");
    make_index(directory, 20);
    faults none = check(directory);
    if (none.count > 0)
        fail_msg("a sound index: %s: %s", none.files[0], none.messages[0]);
    char **names;
    size_t count;
    assert_ok(ns__dir_names(directory, &names, &count, &err), err);
    for (size_t i = 0; i < count; i++) {
        char *path = ns__path_join(directory, names[i]);
        ns__file_info info;
        assert_ok(ns__file_stat(path, &info, &err), err);
        const int flips = quick_tests() ? 4 : 12;
        for (int round = 0; round < flips && info.bytes > 0; round++) {
            size_t offset = random_below((uint32_t)info.bytes);
            int bit = (int)random_below(8);
            flip(path, offset, bit);
            faults found = check(directory);
            assert_int_not_equal(found.count, 0);
            assert_string_equal(found.files[0], names[i]);
            ns_index *index; /* opening may fail; it must not crash */
            if (ns_index_open(directory, &index, &err) == NS_OK)
                ns_index_close(index);
            flip(path, offset, bit);
        }
        ns__free(path);
    }
    assert_int_equal(check(directory).count, 0);
    ns__dir_free_names(names, count);
}

/* Damage in several files: each is named. */
static void test_check_all(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("several");
    make_index(directory, 10);
    char name[64], path[512];
    ns__manifest manifest;
    assert_ok(ns__manifest_read(directory, &manifest, &err), err);
    ns__segment_file_name(&manifest.segments[0], NS__FILE_TERMS, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    flip(path, 200, 1);
    ns__segment_file_name(&manifest.segments[1], NS__FILE_TEXT, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    flip(path, 100, 7);
    ns__segment_file_name(&manifest.segments[2], NS__FILE_POSITIONS, name);
    snprintf(path, sizeof path, "%s/%s", directory, name);
    unlink(path);
    write_text_file(in_folder("several/what.txt"), "?", 1);
    faults found = check(directory);
    assert_int_equal(found.count, 4);
    assert_true(found.offsets[0] <= 200 && found.offsets[1] <= 100);
    assert_string_equal(found.messages[2], "the file is missing");
    assert_string_equal(found.files[3], "what.txt");
    ns_index *index;
    assert_int_equal(ns_index_open(directory, &index, &err), NS_ERR_CORRUPT);
    ns__manifest_release(&manifest);
    assert_int_equal(ns_index_check(in_folder("none"), on_fault, &found, NULL, &err),
                     NS_ERR_NO_INDEX);
}

/* Writes the segment's posting file anew as generation 3 of the same id, with other bits in the
 * middle of its largest section and right checksums; the other files get that name too. */
static void rewrite_postings(const char *directory, ns__segment_ref *ref)
{
    ns_error err = {0};
    for (int file = 0; file < NS__SEGMENT_FILES; file++) {
        char name[64], from[512], to[512];
        ns__segment_ref other = *ref;
        other.generation = 3; /* no segment of this id has it */
        ns__segment_file_name(ref, file, name);
        snprintf(from, sizeof from, "%s/%s", directory, name);
        ns__segment_file_name(&other, file, name);
        snprintf(to, sizeof to, "%s/%s", directory, name);
        if (file != NS__FILE_POSTINGS) {
            assert_int_equal(link(from, to), 0);
            continue;
        }
        ns__frame frame;
        ns__frame_writer *writer;
        assert_ok(ns__frame_open(from, NS_KIND_POSTINGS, &frame, &err), err);
        assert_ok(ns__frame_create(to, NS_KIND_POSTINGS, &writer, &err), err);
        for (uint32_t i = 0; i < frame.section_count; i++) {
            size_t length = (size_t)frame.sections[i].length;
            uint8_t *bytes = malloc(length + 1);
            memcpy(bytes, frame.map.data + frame.sections[i].offset, length);
            for (size_t at = length / 2;
                 length > frame.map.length / 2 && at < length / 2 + 40 && at < length; at++)
                bytes[at] ^= 0x15;
            ns__frame_section(writer, frame.sections[i].name);
            ns__frame_append(writer, bytes, length);
            free(bytes);
        }
        assert_ok(
            ns__frame_finish(writer, frame.id, false, &ref->bytes[file], &ref->crcs[file], &err),
            err);
        ns__frame_close(&frame);
    }
    ref->generation = 3;
}

/* Every checksum is right, but structures contradict each other. */
static void test_check_structures(void **state)
{
    (void)state;
    ns_error err = {0};
    const char *directory = in_folder("structures");
    make_index(directory, 80);
    ns__manifest manifest;
    assert_ok(ns__manifest_read(directory, &manifest, &err), err);
    ns__segment_ref before = manifest.segments[0];
    manifest.generation++;
    rewrite_postings(directory, &manifest.segments[0]);
    assert_ok(ns__manifest_write(directory, &manifest, &err), err);
    faults wrong = check(directory);
    assert_true(wrong.count > 0);
    bool named = false; /* what the wrong postings lead to may be found first */
    for (size_t i = 0; i < wrong.count && i < sizeof wrong.files / sizeof *wrong.files; i++)
        named = named || strstr(wrong.files[i], ".pst") != NULL;
    assert_true(named);
    manifest.generation++;
    manifest.segments[0] = before;
    assert_ok(ns__manifest_write(directory, &manifest, &err), err);
    assert_int_equal(check(directory).count, 0);
    /* A commit that deletes nothing more must not bring two articles with one id to life. */
    manifest.generation++;
    manifest.segments[0].tombstone_generation = 0;
    manifest.segments[0].deleted_articles = manifest.segments[0].deleted_passages = 0;
    manifest.segments[0].tombstone_crc = 0;
    assert_ok(ns__manifest_write(directory, &manifest, &err), err);
    faults found = check(directory);
    assert_int_equal(found.count, 8);
    assert_string_equal(found.messages[0], "two articles that are not deleted have the same id");
    ns__manifest_release(&manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stats),
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_older_versions),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_check_in_a_race),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_check_all),
        cmocka_unit_test(test_check_structures),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
