/* The bar that searches of one passage an article begin with (drive_prime.c), postings of one word
 * that wait for their score (waiting.c), hits of required words that are all scored
 * (tally_offer.c), and excluded words that are dropped many at a time (drive_exclude.c): for every
 * number of results the same as without pruning, to the bit, on lists of blocks that are full and
 * not, and where they must not be used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ns/ns.h"

#include "unit/index/help.h"

enum { ARTICLES = 300, WORDS = 6 };

/* A word is in one of so many articles: lists of many blocks, of a few, and short ones. */
static const unsigned rarity[WORDS] = {1, 2, 5, 20, 60, 100};

static void add_article(ns_writer *writer, unsigned number)
{
    char json[4096];
    int at = snprintf(json, sizeof json, "{\"id\":\"%u\",\"body\":\"", number);
    for (unsigned w = 0; w < WORDS; w++)
        for (unsigned tf = random_below(rarity[w]) ? 0 : 1 + random_below(7); tf > 0; tf--)
            at += snprintf(json + at, sizeof json - (size_t)at, "word%u ", w);
    for (unsigned i = random_below(30); i > 0; i--)
        at += snprintf(json + at, sizeof json - (size_t)at, "fill%u ", i);
    snprintf(json + at, sizeof json - (size_t)at, "end\"}");
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

/* Two scores for all articles: more of one score than are wanted, and than there is room for. */
static void add_same(ns_writer *writer, unsigned number)
{
    char json[256];
    snprintf(json, sizeof json, "{\"id\":\"%u\",\"body\":\"word0 %s end\"}", number,
             number % 50 == 49 ? "word0" : "fill");
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

static void make_index(uint32_t block_postings, unsigned segments,
                       void (*add)(ns_writer *writer, unsigned number))
{
    for (unsigned s = 0; s < segments; s++) {
        ns_writer_options options;
        ns_index_settings settings;
        ns_writer *writer;
        ns_writer_options_init(&options);
        ns_index_settings_init(&settings);
        settings.block_postings = block_postings;
        settings.window_passages = 64;
        settings.analysis.one_passage = true;
        options.settings = &settings;
        ns_error err = {0};
        assert_ok(ns_writer_open(in_folder("i"), s ? NULL : &options, &writer, &err), err);
        for (unsigned i = 0; i < ARTICLES; i++)
            add(writer, s * ARTICLES + i);
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
}

static ns_results *search(const ns_index *index, const char *query,
                          const ns_search_options *options)
{
    ns_results *results;
    assert_int_equal(ns_search(index, query, strlen(query), options, &results, NULL), NS_OK);
    return results;
}

static void compare(const ns_index *index, const char *query, size_t limit, double k1)
{
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = limit;
    options.k1 = k1;
    options.count = limit % 2 == 0;
    ns_results *pruned = search(index, query, &options);
    options.no_pruning = true;
    ns_results *plain = search(index, query, &options);
    assert_int_equal(ns_results_count(pruned), ns_results_count(plain));
    for (size_t i = 0; i < ns_results_count(plain); i++) {
        ns_result a = ns_results_get(pruned, i), b = ns_results_get(plain, i);
        assert_memory_equal(&a.score, &b.score, sizeof a.score);
        assert_int_equal(a.article, b.article);
    }
    ns_results_free(pruned);
    ns_results_free(plain);
}

static void compare_all(void)
{
    static const char *const queries[] = {"word0",
                                          "word1",
                                          "word2",
                                          "word3",
                                          "word4",
                                          "word5",
                                          "word0 word1",
                                          "word1 word2^3",
                                          "word2 word4",
                                          "word0^0.1 word5",
                                          "word0 word1 word2",
                                          "word0 -word1",
                                          "+word2 word0",
                                          "+word1 word2^5",
                                          "+word0 +word1 word2 word4",
                                          "+word1 +word2 word3^4 -word4",
                                          "+word0 +word2 nowhere word5",
                                          "+word0 +word1 -word2",
                                          "+word0 -word2 -word3",
                                          "\"word2 word1\" word3",
                                          "\"word0 word1\" word3",
                                          "\"word1 word2\" word0^0.2",
                                          "word* fill3"};
    ns_index *index;
    assert_int_equal(ns_index_open(in_folder("i"), &index, NULL), NS_OK);
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (size_t limit = 1; limit <= ARTICLES; limit += limit >= 40     ? 37
                                                           : quick_tests() ? 5
                                                                           : 1) {
            compare(index, queries[q], limit, -1);
            compare(index, queries[q], limit, 2);
            compare(index, queries[q], limit, 0); /* a part of no posting would be no number */
        }
    ns_index_close(index);
}

static void delete_some(void)
{
    ns_writer *writer;
    assert_int_equal(ns_writer_open(in_folder("i"), NULL, &writer, NULL), NS_OK);
    for (unsigned i = 0; i < ARTICLES; i += 3) {
        char id[16];
        snprintf(id, sizeof id, "%u", i);
        assert_int_equal(ns_writer_delete(writer, id, strlen(id), NULL), NS_OK);
    }
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
}

static void test_same_results(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {2, 4, 16, 64, 256};
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        make_index(blocks[b], 1, add_article);
        compare_all();
        delete_some();
        compare_all();
        remove_tree(in_folder("i"));
    }
}

static void test_segments(void **state)
{
    (void)state;
    make_index(4, 3, add_article);
    compare_all();
    remove_tree(in_folder("i"));
}

static void test_ties(void **state)
{
    (void)state;
    make_index(4, 1, add_same);
    compare_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_results),
        cmocka_unit_test(test_segments),
        cmocka_unit_test(test_ties),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
