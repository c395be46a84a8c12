/* Searching damaged indexes: an answer or NS_ERR_CORRUPT, never a crash (run under the address
 * sanitizer). Checksums of the contents are not looked at by a search, so that flipped bits reach
 * the decoders and everything behind them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ns/ns.h"
#include "unit/quick.h"
#include "unit/spoil_text.h"

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % below;
}

static void make_index(const char *directory, bool one_passage)
{
    static const char *const words[] = {"the",    "of",   "export", "control", "talks",
                                        "tariff", "rare", "drug",   "贸易战",  "水"};
    ns_index_settings settings;
    ns_writer_options options;
    ns_writer *writer;
    ns_index_settings_init(&settings);
    ns_writer_options_init(&options);
    settings.block_postings = one_passage ? 8 : 4;
    settings.window_passages = 16;
    settings.analysis.passage_terms = 10;
    settings.analysis.one_passage = one_passage;
    settings.exact = !one_passage; /* =words by what is kept of them, else by stored text */
    options.settings = &settings;
    assert_int_equal(ns_writer_open(directory, &options, &writer, NULL), NS_OK);
    for (int a = 0; a < 80; a++) {
        char json[2048];
        int at = snprintf(json, sizeof json, "{\"id\":\"%d\",\"title\":\"%s %s\",\"body\":\"", a,
                          words[pick(10)], words[pick(10)]);
        for (uint32_t i = pick(60) + 1; i > 0; i--) {
            uint32_t x = pick(10), y = pick(10);
            at += snprintf(json + at, sizeof json - (size_t)at, "%s%s", words[x < y ? x : y],
                           pick(9) ? " " : ". ");
        }
        snprintf(json + at, sizeof json - (size_t)at, "%s\"}", a % 9 ? "" : " abacus");
        assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
    }
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
}

/* An error names a file of the index and the byte, if it is one of damage. */
static void assert_place(ns_status status, const ns_error *err, const char *directory)
{
    if (status != NS_ERR_CORRUPT)
        return;
    if (err->status != status || strncmp(err->file, directory, strlen(directory)) != 0 ||
        err->file[strlen(directory)] != '/' || err->offset == NS_NO_OFFSET || !err->message[0])
        fail_msg("%s: %s, byte %lld: %s", ns_status_name(err->status), err->file,
                 (long long)err->offset, err->message);
}

/* Searches in every mode; true when the index could be opened. */
static bool search_all(const char *directory)
{
    static const char *const queries[] = {"+abacus the -drug",      "+abacus +tariff",
                                          "the of export",          "rare",
                                          "+the +tariff",           "\"export control\"",
                                          "+\"of the\" talks",      "the -drug",
                                          "the -\"of export\"",     "水",
                                          "+贸易战 \"drug talks\"", "+rare the talks",
                                          "=export =Talks",         "=drug NEAR/5 =the"};
    ns_index *index;
    ns_error err = {0};
    ns_status opened = ns_index_open(directory, &index, &err);
    assert_place(opened, &err, directory);
    if (opened != NS_OK)
        return false;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (int mode = 0; mode < 8; mode++) {
            ns_search_options options;
            ns_search_options_init(&options);
            options.limit = mode & 1 ? 3 : 1000;
            options.no_pruning = mode & 2;
            options.scope = mode & 4 ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
            options.passages = mode & 4;
            options.isa = mode & 1 ? 0 : -1;
            ns_results *results = NULL;
            ns_status status =
                ns_search(index, queries[q], strlen(queries[q]), &options, &results, &err);
            assert_place(status, &err, directory);
            if (status != NS_OK && status != NS_ERR_CORRUPT && status != NS_ERR_MEMORY)
                fail_msg("%s: %s", queries[q], ns_status_name(status));
            for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++)
                (void)ns_results_get(results, i);
            ns_results_free(results);
        }
    ns_index_close(index);
    return true;
}

/* Writes the file with a few bytes changed. */
static void damage(const char *path, uint8_t *bytes, long size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    uint8_t *copy = malloc((size_t)size);
    assert_non_null(copy);
    memcpy(copy, bytes, (size_t)size);
    for (uint32_t n = 1 + pick(4); n > 0; n--) {
        long at = 64 + (long)pick((uint32_t)size - 64);
        if (pick(2))
            copy[at] ^= (uint8_t)(1 << pick(8));
        else
            copy[at] = pick(2) ? 0xff : (uint8_t)pick(256);
    }
    assert_int_equal(fwrite(copy, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    free(copy);
}

static void write_back(const char *path, const uint8_t *bytes, long size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)size, file), (size_t)size);
    fclose(file);
}

static uint8_t *read_whole(const char *path, long *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = ftell(file);
    rewind(file);
    uint8_t *bytes = malloc((size_t)*size + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)*size, file), (size_t)*size);
    fclose(file);
    return bytes;
}

/* Damages each file with this ending again and again. Returns how often the index still opened. */
static int damage_files(const char *directory, const char *ending, int rounds)
{
    int opened = 0;
    DIR *folder = opendir(directory);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[512];
        if (strstr(entry->d_name, ending) == NULL)
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        long size;
        uint8_t *bytes = read_whole(path, &size);
        for (int round = 0; round < rounds; round++) {
            damage(path, bytes, size);
            opened += search_all(directory);
        }
        write_back(path, bytes, size);
        free(bytes);
    }
    closedir(folder);
    return opened;
}

static void test_damage(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    random_state = given ? strtoull(given, NULL, 10) : 424242424242;
    print_message("seed %llu\n", (unsigned long long)random_state);
    for (int one_passage = 0; one_passage < 2; one_passage++) {
        char directory[] = "/tmp/ns-damage-XXXXXX", command[64];
        assert_non_null(mkdtemp(directory));
        make_index(directory, one_passage);
        assert_true(search_all(directory));
        static const char *const endings[] = {".pst", ".pos", ".trm", ".art"};
        for (size_t e = 0; e < 4; e++) {
            int opened = damage_files(directory, endings[e], 60);
            print_message("%s: opened %d of 60\n", endings[e], opened);
            assert_true(opened > 0); /* else nothing was tested */
        }
        assert_true(search_all(directory));
        snprintf(command, sizeof command, "rm -rf '%s'", directory);
        assert_int_equal(system(command), 0);
    }
}

/* ---- Bytes that are no UTF-8 ---- */

static void make_small_index(const char *directory)
{
    static const char *const records[] = {
        "{\"id\":\"1\",\"title\":\"Markets\",\"source\":\"Harbour Wire\",\"body\":\"The world's "
        "markets fell. Traders in China thought of tariffs.\"}",
        "{\"id\":\"2\",\"title\":\"мир world\",\"source\":\"Morgenblatt\",\"body\":\"мир market "
        "for the café worlds. мир marked thing was thin.\"}",
        "{\"id\":\"3\",\"title\":\"Trading\",\"body\":\"Marking the world: the trade of "
        "others.\"}",
        "{\"id\":\"4\",\"title\":\"The café\",\"body\":\"The world market of the café\"}",
        "{\"id\":\"5\",\"title\":\"World 市场\",\"body\":\"The market of the world 市场。 The "
        "trade "
        "of tariffs 水\"}"};
    ns_writer *writer;
    ns_index_settings settings;
    ns_writer_options options;
    ns_index_settings_init(&settings);
    ns_writer_options_init(&options);
    settings.analysis.passage_terms = 5; /* some articles have two passages */
    options.settings = &settings;
    assert_int_equal(ns_writer_open(directory, &options, &writer, NULL), NS_OK);
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        assert_int_equal(ns_writer_add_json(writer, records[i], strlen(records[i]), NULL), NS_OK);
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
}

/* How often damage was told of as text that is no UTF-8. */
static int told_of_text;

/* Whose fault an error is: the index's, as all that is asked is sound. */
static void assert_blamed(const char *asked, ns_status status, const ns_error *err,
                          const char *directory)
{
    if (status == NS_OK || status == NS_NOT_FOUND || status == NS_ERR_MEMORY ||
        status == NS_ERR_VERSION)
        return;
    if (status != NS_ERR_CORRUPT || strncmp(err->file, directory, strlen(directory)) != 0)
        fail_msg("%s: %s: %s: %s", asked, ns_status_name(status), err->file, err->message);
    told_of_text += strstr(err->message, "UTF-8") != NULL;
}

static void show_results(const ns_index *index, const char *query, const char *directory)
{
    ns_error err = {0};
    ns_results *results = NULL;
    ns_status status = ns_search(index, query, strlen(query), NULL, &results, &err);
    assert_blamed(query, status, &err, directory);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++)
        for (int brief = 0; brief < 2; brief++) {
            ns_shown *shown = NULL;
            assert_blamed("showing",
                          brief ? ns_results_show_brief(results, i, 0, &shown, &err)
                                : ns_results_show(results, i, 0, &shown, &err),
                          &err, directory);
            ns_shown_free(shown);
        }
    ns_results_free(results);
}

/* What puts bytes of an index together with those of a query: patterns, inexact words, values,
 * completions, words put right, articles alike. */
static void ask_all(const char *directory)
{
    static const char *const queries[] = {"mark* wrold~1 th?", "source:harb*", "source:wire",
                                          "the world market", "水"};
    ns_error err = {0};
    ns_index *index;
    ns_status status = ns_index_open(directory, &index, &err);
    assert_blamed("opening", status, &err, directory);
    if (status != NS_OK)
        return;
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        show_results(index, queries[q], directory);
    static const char *const begun[] = {"t", "source:harb"};
    for (size_t i = 0; i < sizeof begun / sizeof *begun; i++) {
        ns_suggestions *suggestions = NULL;
        assert_blamed(begun[i],
                      ns_suggest(index, begun[i], strlen(begun[i]), 9, &suggestions, &err), &err,
                      directory);
        ns_suggestions_free(suggestions);
    }
    static const char misspelt[] = "wrold markts source:Harbuor";
    ns_spelling *spelling = NULL;
    assert_blamed(misspelt,
                  ns_spell_query(index, misspelt, strlen(misspelt), NULL, &spelling, &err), &err,
                  directory);
    ns_spelling_free(spelling);
    ns_query *query = NULL, *more = NULL;
    assert_blamed("similar", ns_query_similar(index, "2", 1, 0, &query, &err), &err, directory);
    ns_query_free(query);
    assert_int_equal(ns_query_parse("world", 5, NULL, &query, &err), NS_OK);
    assert_blamed("feedback", ns_query_feedback(index, query, NULL, 0, 0, &more, &err), &err,
                  directory);
    ns_query_free(more);
    ns_query_free(query);
    ns_index_close(index);
}

/* Every byte of a file, under sanitizers every third, becomes one that no UTF-8 has, then one that
 * moves where text begins. */
static void spoil_each_byte(const char *directory, const char *name)
{
    const long step = quick_tests() ? 3 : 1;
    char path[512];
    long size;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    uint8_t *bytes = read_whole(path, &size);
    for (long at = 64; at < size - 64; at += step) {
        const uint8_t kept = bytes[at], others[] = {0xff, (uint8_t)(kept ^ 1)};
        for (size_t i = 0; i < sizeof others; i++) {
            bytes[at] = others[i];
            write_back(path, bytes, size);
            ask_all(directory);
        }
        bytes[at] = kept;
    }
    write_back(path, bytes, size);
    free(bytes);
}

/* Text of an index that is no UTF-8 is damage, not a bad argument. */
static void test_text(void **state)
{
    (void)state;
    static const char *const endings[] = {".trm", ".art"};
    char directory[] = "/tmp/ns-damage-XXXXXX", command[64];
    assert_non_null(mkdtemp(directory));
    make_small_index(directory);
    ask_all(directory);
    for (size_t e = 0; e < sizeof endings / sizeof *endings; e++) {
        DIR *folder = opendir(directory);
        assert_non_null(folder);
        told_of_text = 0;
        for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
            if (strstr(entry->d_name, endings[e]) != NULL)
                spoil_each_byte(directory, entry->d_name);
        closedir(folder);
        print_message("%s: not UTF-8 %d times\n", endings[e], told_of_text);
        assert_true(told_of_text > 0);
    }
    ask_all(directory);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

/* Stored text in which characters begin and do not end: of titles, passages and bodies too, behind
 * which there may be no memory. */
static void test_stored_text(void **state)
{
    (void)state;
    const size_t step = quick_tests() ? 2 : 1;
    char directory[] = "/tmp/ns-damage-XXXXXX", command[64];
    assert_non_null(mkdtemp(directory));
    make_small_index(directory);
    const uint64_t length = spoil_text(directory, SIZE_MAX, NULL);
    told_of_text = 0;
    for (size_t at = 0; at < length; at += step) {
        uint8_t byte = at / step % 2 ? 0xe6 : 0xf0; /* of three bytes, of four */
        spoil_text(directory, at, &byte);
        ask_all(directory);
        spoil_text(directory, at, &byte);
    }
    print_message("not UTF-8 %d times\n", told_of_text);
    assert_true(told_of_text > (int)(length / step));
    told_of_text = 0;
    ask_all(directory);
    assert_int_equal(told_of_text, 0);
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_damage), cmocka_unit_test(test_text),
                                       cmocka_unit_test(test_stored_text)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
