/* ns_search against brute force on small random indexes whose blocks and windows are tiny, so that
 * every border occurs; and what single queries must do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "unit/search/brute.c"

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % below;
}

/* Words from very frequent to rare; some share a stem, some stem differently in German. */
static const char *const vocabulary[] = {
    "the", "of", "control", "controls", "export", "port", "exports", "drug", "running", "runs",
    "run", "haus", "kinder", "kind", "trade", "talks", "talk", "tariff", "rare", "seldom", "never",
    "once", "anti-drug", "U.S.", "水", "水手", "中国", "贸易战", "水中国", "下水", "caf\u00e9",
    /* So many bigrams around 水 that their lists are merged. */
    "雨水面", "河水库", "海水星", "水电", "中国贸易战",
    /* So rare that they lead a conjunction. */
    "abacus", "bassoon", "cactus", "dulcimer", "easel", "falcon", "gazebo", "harpoon"};
enum { VOCABULARY = sizeof vocabulary / sizeof *vocabulary };

enum { RARE = 8 };

static const char *random_word(void)
{
    if (pick(250) == 0)
        return vocabulary[VOCABULARY - RARE + pick(RARE)];
    uint32_t a = pick(VOCABULARY - RARE), b = pick(VOCABULARY - RARE);
    a = b < a ? b : a;
    return vocabulary[pick(2) ? a : a / 2];
}

static void random_text(char *out, size_t room, uint32_t words)
{
    size_t at = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < words && at + 64 < room; i++)
        at += (size_t)snprintf(out + at, room - at, "%s%s", random_word(),
                               i + 1 == words || pick(8) == 0 ? ". " : " ");
}

typedef struct fixture {
    char directory[64];
    ns_index *index;
    brute brute;
} fixture;

static void remove_directory(const char *directory)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    assert_int_equal(system(command), 0);
}

static void add_article(fixture *fix, ns_writer *writer, uint32_t id)
{
    static const char *const langs[] = {"en", "en", "de", "xx"};
    const char *lang = langs[pick(4)];
    char title[512], body[4096], json[8192];
    random_text(title, sizeof title, pick(6));
    random_text(body, sizeof body, 1 + pick(60));
    snprintf(json, sizeof json, "{\"id\":\"%u\",\"title\":\"%s\",\"body\":\"%s\",\"lang\":\"%s\"}",
             id, title, body, lang);
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
    if (id < fix->brute.article_count) /* ids are numbers of articles */
        fix->brute.articles[id].deleted = true;
    brute_add(&fix->brute, strcmp(lang, "xx") == 0 ? "" : lang, title, body);
}

/* An index of `segments` commits of `articles` each; later ones replace a few of the first. */
static void make_index(fixture *fix, uint32_t segments, uint32_t articles, bool one_passage)
{
    ns_index_settings settings;
    ns_writer_options options;
    ns_index_settings_init(&settings);
    ns_writer_options_init(&options);
    settings.block_postings = 4;
    settings.window_passages = 16;
    settings.analysis.passage_terms = 12;
    settings.analysis.one_passage = one_passage;
    settings.title_weight = 1 + pick(3);
    memset(settings.analysis.language, 0, sizeof settings.analysis.language);
    options.settings = &settings;
    brute_open(&fix->brute, &settings);
    snprintf(fix->directory, sizeof fix->directory, "/tmp/ns-search-XXXXXX");
    assert_non_null(mkdtemp(fix->directory));
    uint32_t id = 0, replaced = 0;
    for (uint32_t s = 0; s < segments; s++) {
        ns_writer *writer;
        ns_error err = {0};
        assert_int_equal(ns_writer_open(fix->directory, s ? NULL : &options, &writer, &err), NS_OK);
        for (uint32_t i = 0; i < articles; i++)
            add_article(fix, writer,
                        s > 0 && replaced < 8 && pick(8) == 0 ? replaced++ * 3 : id + i);
        id += articles;
        assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_OK);
        ns_writer_close(writer);
    }
    assert_int_equal(ns_index_open(fix->directory, &fix->index, NULL), NS_OK);
}

static void drop_index(fixture *fix)
{
    ns_index_close(fix->index);
    brute_close(&fix->brute);
    remove_directory(fix->directory);
}

/* Rare words more often than in articles. */
static const char *query_word(void)
{
    return pick(6) ? random_word() : vocabulary[VOCABULARY - 1 - pick(RARE + 8)];
}

/* Up to a few random leaves, as text and as the brute force wants them. */
static uint32_t random_query(brute_leaf *leaves, char text[][256], char *query, size_t room,
                             bool rare_leads)
{
    uint32_t count = 1 + pick(4);
    size_t at = 0;
    for (uint32_t l = 0; l < count; l++) {
        static const char occurs[] = "    ++-";
        brute_leaf *leaf = &leaves[l];
        leaf->occur = occurs[pick(sizeof occurs - 1)];
        leaf->quoted = pick(3) == 0;
        leaf->text = text[l];
        size_t length = 0;
        bool leads = rare_leads && l == 0;
        if (leads) {
            leaf->occur = '+';
            leaf->quoted = false;
        }
        for (uint32_t w = leaf->quoted ? 1 + pick(3) : 1; w > 0; w--)
            length += (size_t)snprintf(
                text[l] + length, 256 - length, "%s%s",
                leads ? vocabulary[VOCABULARY - 1 - pick(RARE)] : query_word(), w > 1 ? " " : "");
        const char *sign = leaf->occur == ' ' ? "" : leaf->occur == '+' ? "+" : "-";
        at += (size_t)snprintf(query + at, room - at, "%s%s%s%s ", sign, leaf->quoted ? "\"" : "",
                               text[l], leaf->quoted ? "\"" : "");
    }
    return count;
}

static void check_query(fixture *fix, const brute_answer *expected, const char *query,
                        const ns_search_options *options)
{
    ns_results *results;
    ns_error err = {0};
    ns_status status = ns_search(fix->index, query, strlen(query), options, &results, &err);
    if (status != NS_OK)
        fail_msg("%s: %s", query, err.message);
    uint32_t wanted = expected->count < options->limit ? expected->count : (uint32_t)options->limit;
    ns_hits hits = ns_results_hits(results);
    bool same = ns_results_count(results) == wanted && hits.exact == options->count;
    if (options->count)
        same = same && hits.articles == expected->articles && hits.passages == expected->passages;
    for (uint32_t i = 0; same && i < wanted; i++) {
        ns_result hit = ns_results_get(results, i);
        const brute_hit *with = &expected->hits[i];
        same = memcmp(&hit.score, &with->score, 4) == 0 && hit.article == with->article &&
               hit.passage == with->passage;
        if (!same)
            print_message("rank %u: %.9g %u %u, expected %.9g %u %u\n", i, (double)hit.score,
                          (unsigned)hit.article, hit.passage, (double)with->score, with->article,
                          with->passage);
    }
    if (!same)
        fail_msg("%s: %zu results, %u expected; hits %u/%u, expected %u/%u; limit %zu%s%s%s", query,
                 ns_results_count(results), wanted, (unsigned)hits.articles,
                 (unsigned)hits.passages, expected->articles, expected->passages, options->limit,
                 options->passages ? ", passages" : "", options->scope ? ", scope passage" : "",
                 options->no_pruning ? ", not pruned" : "");
    ns_results_free(results);
}

static void check_index(uint32_t segments, uint32_t articles, bool one_passage, int queries,
                        bool rare_leads)
{
    static fixture fix;
    static brute_answer answer;
    make_index(&fix, segments, articles, one_passage);
    for (int q = 0; q < queries; q++) {
        brute_leaf leaves[BRUTE_MAX_LEAVES];
        char text[BRUTE_MAX_LEAVES][256], query[2048];
        uint32_t count = random_query(leaves, text, query, sizeof query, rare_leads);
        ns_search_options options;
        ns_search_options_init(&options);
        static const size_t limits[] = {1, 3, 10, 1000};
        options.limit = limits[pick(4)];
        options.passages = pick(2);
        options.scope = pick(2) ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
        options.isa = pick(2) ? 0 : -1;
        options.count = pick(2); /* counting leaves nothing out: bounds only work without */
        options.no_hits = !options.count;
        if (pick(4) == 0) {
            options.k1 = 1.7;
            options.b = pick(2) ? 0.75 : 0;
        }
        brute_search(&fix.brute, leaves, count, &options, &answer);
        for (int plain = 0; plain < 2; plain++) {
            options.no_pruning = plain;
            check_query(&fix, &answer, query, &options);
        }
    }
    drop_index(&fix);
}

static void test_random(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    random_state = given ? strtoull(given, NULL, 10) : 1234567891011;
    print_message("seed %llu\n", (unsigned long long)random_state);
    for (int round = 0; round < 6; round++) {
        check_index(1, 60, false, 60, false);
        check_index(3, 25, false, 60, false);
        check_index(1, 100, true, 60, false);
    }
    check_index(1, 350, false, 300, true); /* enough for a rare word to compete with itself */
}

/* Of three texts the second has to be the best for the query, by far, in both rankings. */
static void check_second_is_best(const char *query, const char *const bodies[3])
{
    char directory[] = "/tmp/ns-search-XXXXXX", json[1024];
    ns_writer *writer;
    ns_index *index;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(ns_writer_open(directory, NULL, &writer, NULL), NS_OK);
    for (int i = 0; i < 43; i++) {
        snprintf(json, sizeof json, "{\"id\":\"%d\",\"title\":\"%s\",\"body\":\"%s\"}", i,
                 i < 3 ? "" : "天気", i < 3 ? bodies[i] : "天気の話");
        assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
    }
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    for (int mode = 0; mode < 4; mode++) {
        ns_search_options options;
        ns_search_options_init(&options);
        options.no_pruning = mode & 1;
        options.ranking = mode & 2 ? NS_RANKING_CASCADE : NS_RANKING_BM25;
        ns_results *results;
        assert_int_equal(ns_search(index, query, strlen(query), &options, &results, NULL), NS_OK);
        assert_int_equal(ns_results_count(results), 3);
        assert_int_equal(ns_results_get(results, 0).article, 1);
        assert_true(ns_results_get(results, 0).score > 1.2f * ns_results_get(results, 1).score);
        ns_results_free(results);
    }
    ns_index_close(index);
    remove_directory(directory);
}

/* A run is preferred where it stands as a phrase, however often its other bigrams are repeated. */
static void test_runs(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "北京オリンピックの記録。北京オリンピック、北京オリンピック、北京オリンピック。",
        "昨日、東京オリンピックの開会式があった。",
        "東京の話。オリンピックの話。東京オリンの話。",
    };
    check_second_is_best("東京オリンピック", bodies);
}

/* So is a word with a part of a single character, a stop word too. */
static void test_short_parts(void **state)
{
    (void)state;
    static const char *const ships[] = {
        "Shirts with a printed q are sold at the pier: a q for the queen, q for quay, q for quiz.",
        "Yesterday the yard said that Q-boats will be built there from next spring on.",
        "Boats left the pier. Boats with a q on the bow came back, and the boats were full.",
    };
    static const char *const phones[] = {
        "Shirts with a printed t are sold at the pier: t for tea, t for tar, t for toll.",
        "Yesterday the company AT&T said that it will lay cables along the quay next spring.",
        "A crossword asks at noon for a word with a t at the end; at the end there is a t.",
    };
    static const char *const accents[] = {
        "É, é, é: a letter of the old sign. Ships and ships and ships went by.",
        "Yesterday the É-ships were painted along the quay.",
        "The ships were painted with é, é and é along the quay.",
    };
    check_second_is_best("Q-boats", ships);
    check_second_is_best("AT&T", phones);
    check_second_is_best("É-ships", accents);
}

/* More places of a word than are unpacked to decide on a phrase: the lists are asked anew. */
static void test_giant_passage(void **state)
{
    (void)state;
    enum { WORDS = 2100, ROOM = 16 * 1024 };
    char directory[] = "/tmp/ns-search-XXXXXX", *json = malloc(ROOM);
    ns_index_settings settings;
    ns_writer_options writing;
    ns_writer *writer;
    ns_index *index;
    assert_non_null(json);
    ns_index_settings_init(&settings);
    ns_writer_options_init(&writing);
    settings.block_postings = 4;
    settings.analysis.one_passage = true;
    writing.settings = &settings;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(ns_writer_open(directory, &writing, &writer, NULL), NS_OK);
    for (int i = 0; i < 24; i++) {
        size_t at = (size_t)snprintf(json, ROOM, "{\"id\":\"%d\",\"body\":\"", i);
        for (int w = 0; w < (i == 7 ? WORDS : 1); w++)
            at += (size_t)snprintf(json + at, ROOM - at, "tide ");
        snprintf(json + at, ROOM - at, "%s\"}", i == 7 ? "ebb" : i % 2 ? "table ebb" : "table");
        assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
    }
    free(json);
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    for (int mode = 0; mode < 4; mode++) {
        static const char query[] = "\"tide ebb\"";
        ns_search_options options;
        ns_search_options_init(&options);
        options.no_pruning = mode & 1;
        options.count = mode & 2;
        ns_results *results;
        assert_int_equal(ns_search(index, query, strlen(query), &options, &results, NULL), NS_OK);
        assert_int_equal(ns_results_hits(results).articles, 1);
        assert_int_equal(ns_results_count(results), 1);
        assert_int_equal(ns_results_get(results, 0).article, 7);
        ns_results_free(results);
    }
    ns_index_close(index);
    remove_directory(directory);
}

/* Beyond 1,000 articles hits become lower bounds, the same ones for every engine, and never below
 * the number of results. */
static void test_hits(void **state)
{
    (void)state;
    char directory[] = "/tmp/ns-search-XXXXXX", json[128];
    ns_writer *writer;
    ns_index *index;
    assert_non_null(mkdtemp(directory));
    assert_int_equal(ns_writer_open(directory, NULL, &writer, NULL), NS_OK);
    for (int i = 0; i < 1500; i++) {
        snprintf(json, sizeof json, "{\"id\":\"%d\",\"body\":\"common %s\"}", i,
                 i % 3 ? "third" : "other");
        assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
    }
    assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
    ns_writer_close(writer);
    assert_int_equal(ns_index_open(directory, &index, NULL), NS_OK);
    static const struct {
        const char *query;
        uint64_t articles;
    } cases[] = {{"common", 1500},
                 {"third", 1000},
                 {"+common +third", 1000},
                 {"other", 500},
                 {"common -third", 500},
                 {"\"common third\"", 1000},
                 {"+common", 1500},
                 {"-common", 0},
                 {"-(other -common)", 0},
                 {"-(common -(other third)) -absent", 0},
                 {"-(-third)", 1000},
                 {"third -(other -common)", 1000},
                 {"absent", 0},
                 {"+absent third", 0},
                 {"", 0},
                 {"+common +other third", 500}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++)
        for (int mode = 0; mode < 32; mode++) {
            ns_search_options options;
            ns_search_options_init(&options);
            options.no_pruning = mode & 1;
            options.count = mode & 2;
            options.no_hits = mode & 4;
            options.all = mode & 8;
            options.passages = mode & 16;
            ns_results *results;
            assert_int_equal(
                ns_search(index, cases[c].query, strlen(cases[c].query), &options, &results, NULL),
                NS_OK);
            ns_hits hits = ns_results_hits(results);
            uint64_t expected = cases[c].articles;
            bool exact = options.count || expected <= NS_HITS_EXACT;
            if (!exact && !options.all)
                expected = NS_HITS_EXACT + 1;
            assert_int_equal(hits.exact, exact && !options.no_hits);
            assert_int_equal(hits.passages, options.no_hits ? 0 : expected);
            if (!exact && options.passages) /* articles are not counted further for them */
                expected = NS_HITS_EXACT + 1;
            assert_int_equal(hits.articles, options.no_hits ? 0 : expected);
            assert_int_equal(ns_results_count(results),
                             cases[c].articles < 10 || options.all ? cases[c].articles : 10);
            /* Equal scores: the first articles, in order. */
            for (size_t i = 1; i < ns_results_count(results); i++)
                assert_true(ns_results_get(results, i).article >
                            ns_results_get(results, i - 1).article);
            ns_results_free(results);
        }
    ns_index_close(index);
    remove_directory(directory);
}

static void check_alike(const ns_index *index, const char *query, ns_search_options options)
{
    ns_results *pruned, *plain;
    options.no_pruning = false;
    assert_int_equal(ns_search(index, query, strlen(query), &options, &pruned, NULL), NS_OK);
    options.no_pruning = true;
    assert_int_equal(ns_search(index, query, strlen(query), &options, &plain, NULL), NS_OK);
    const ns_hits a = ns_results_hits(pruned), b = ns_results_hits(plain);
    bool alike = a.articles == b.articles && a.passages == b.passages &&
                 ns_results_count(pruned) == ns_results_count(plain);
    for (size_t i = 0; alike && i < ns_results_count(plain); i++) {
        const ns_result x = ns_results_get(pruned, i), y = ns_results_get(plain, i);
        alike = x.article == y.article && memcmp(&x.score, &y.score, sizeof x.score) == 0;
    }
    if (!alike)
        fail_msg("%s: limit %zu, scope %d: not as without pruning", query, options.limit,
                 (int)options.scope);
    ns_results_free(pruned);
    ns_results_free(plain);
}

/* Lists of words in lists: of few results, of most, and with more lists than can drive. */
static void test_trees(void **state)
{
    (void)state;
    static const char *const queries[] = {
        "(the OR of) AND (control OR talks)",
        "(the control) AND (drug OR (trade AND talks)) NOT (tariff OR rare)",
        "(中国贸易战 OR export) AND (水 OR run*)",
        "the OR (of AND (control OR export) NOT the)",
        "(abacus OR the) (cactus AND of)",
        "NOT (the OR (of AND drug)) AND (export OR control)",
        "(seldom AND never) OR (once AND talks)",
    };
    static const size_t limits[] = {0, 10, 1000};
    fixture *fix = calloc(1, sizeof *fix);
    random_state = 77;
    make_index(fix, 1, 600, false);
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (int mode = 0; mode < 12; mode++) {
            ns_search_options options;
            ns_search_options_init(&options);
            options.limit = limits[mode % 3];
            options.scope = mode / 3 % 2 ? NS_SCOPE_PASSAGE : NS_SCOPE_ARTICLE;
            options.ranking = mode / 6 ? NS_RANKING_CASCADE : NS_RANKING_BM25;
            options.count = true;
            check_alike(fix->index, queries[q], options);
        }
    drop_index(fix);
    free(fix);
}

static void test_options(void **state)
{
    (void)state;
    fixture *fix = calloc(1, sizeof *fix);
    random_state = 99;
    make_index(fix, 1, 5, false);
    ns_results *results;
    ns_error err = {0};
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = NS_MAX_RESULTS + 1;
    assert_int_equal(ns_search(fix->index, "the", 3, &options, &results, &err), NS_ERR_LIMIT);
    assert_null(results);
    ns_search_options_init(&options);
    options.b = 1.5;
    assert_int_equal(ns_search(fix->index, "the", 3, &options, &results, &err), NS_ERR_ARGUMENT);
    ns_search_options_init(&options);
    options.ranking = (ns_ranking)(NS_RANKING_CASCADE + 1);
    assert_int_equal(ns_search(fix->index, "the", 3, &options, &results, &err), NS_ERR_ARGUMENT);
    ns_search_options_init(&options);
    options.isa = -2;
    assert_int_equal(ns_search(fix->index, "the", 3, &options, &results, &err), NS_ERR_ARGUMENT);
    ns_search_options_init(&options);
    options.limit = 0;
    assert_int_equal(ns_search(fix->index, "the", 3, &options, &results, &err), NS_OK);
    assert_int_equal(ns_results_count(results), 0);
    assert_true(ns_results_hits(results).articles > 0);
    ns_results_free(results);
    assert_int_equal(ns_search(fix->index, "the", 3, NULL, &results, &err), NS_OK);
    assert_true(ns_results_profile(results)->postings_total > 0);
    ns_results_free(results);
    ns_results_free(NULL);
    drop_index(fix);
    free(fix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),      cmocka_unit_test(test_runs),
        cmocka_unit_test(test_short_parts), cmocka_unit_test(test_giant_passage),
        cmocka_unit_test(test_hits),        cmocka_unit_test(test_trees),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
