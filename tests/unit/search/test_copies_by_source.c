/* The first article of each source where copies are left out: of the list without groups the first
 * of each source, whichever of an article's copies stands for all. */
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

#include "ns/ns.h"

enum { ARTICLES = 240, TEXTS = 60, SOURCES = 12, ROOM = 400 };

typedef struct setup {
    char directory[64];
    ns_index *index;
    int source_of[ARTICLES]; /* 0: none */
} setup;

static unsigned seed;

static unsigned draw(unsigned below)
{
    seed = seed * 1103515245 + 12345;
    return (seed >> 16) % below;
}

static void put_text(char *out, size_t room, unsigned text)
{
    static const char *const words[] = {"oil", "rose", "mine", "gold", "cocoa", "port"};
    const unsigned before = seed;
    size_t at = 0;
    seed = text * 7919; /* the same each time */
    for (unsigned n = 3 + draw(30); n > 0; n--)
        at += (size_t)snprintf(out + at, room - at, "%s ", words[draw(6)]);
    seed = before;
}

static void add(ns_writer *writer, setup *of, unsigned number)
{
    char json[1024], body[256], title[256] = "";
    put_text(body, sizeof body, draw(TEXTS));
    of->source_of[number] = (int)draw(SOURCES);
    if (draw(3) == 0) /* what copies differ by */
        put_text(title, sizeof title, draw(2));
    if (of->source_of[number] > 0)
        snprintf(
            json, sizeof json,
            "{\"id\":\"%u\",\"date\":\"2024-05-%02u\",\"source\":\"Paper %d\",\"title\":\"%s\","
            "\"body\":\"%s\"}",
            number, 1 + draw(28), of->source_of[number], title, body);
    else
        snprintf(json, sizeof json, "{\"id\":\"%u\",\"title\":\"%s\",\"body\":\"%s\"}", number,
                 title, body);
    assert_int_equal(ns_writer_add_json(writer, json, strlen(json), NULL), NS_OK);
}

static void make(setup *of, unsigned segments)
{
    snprintf(of->directory, sizeof of->directory, "/tmp/ns-by-source-XXXXXX");
    assert_non_null(mkdtemp(of->directory));
    seed = segments;
    for (unsigned s = 0; s < segments; s++) {
        ns_writer *writer;
        assert_int_equal(ns_writer_open(of->directory, NULL, &writer, NULL), NS_OK);
        for (unsigned i = s * ARTICLES / segments; i < (s + 1) * ARTICLES / segments; i++)
            add(writer, of, i);
        for (unsigned i = 3; s + 1 == segments && i < ARTICLES; i += 11) {
            char id[16];
            snprintf(id, sizeof id, "%u", i);
            assert_int_equal(ns_writer_delete(writer, id, strlen(id), NULL), NS_OK);
        }
        assert_int_equal(ns_writer_commit(writer, NULL, NULL), NS_OK);
        ns_writer_close(writer);
    }
    assert_int_equal(ns_index_open(of->directory, &of->index, NULL), NS_OK);
}

static void discard(setup *of)
{
    char command[128];
    ns_index_close(of->index);
    snprintf(command, sizeof command, "rm -r %s", of->directory);
    assert_int_equal(system(command), 0);
}

static size_t search(const setup *of, const char *query, const ns_search_options *options,
                     uint64_t *articles)
{
    ns_results *results;
    assert_int_equal(ns_search(of->index, query, strlen(query), options, &results, NULL), NS_OK);
    const size_t count = ns_results_count(results);
    assert_true(count <= ROOM);
    for (size_t i = 0; i < count; i++) {
        articles[i] = ns_results_get(results, i).article;
    }
    ns_results_free(results);
    return count;
}

/* Leaves the first of each source. */
static size_t first_of_each(const setup *of, uint64_t *articles, size_t count)
{
    bool seen[SOURCES] = {false};
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const int source = of->source_of[articles[i]];
        if (!seen[source])
            articles[kept++] = articles[i];
        seen[source] = true;
    }
    return kept;
}

/* How often leaving out copies changed which articles are the first. */
static unsigned compare(const setup *of, const char *query, ns_sort sort, size_t limit)
{
    uint64_t wanted[ROOM], found[ROOM], copies[ROOM];
    ns_search_options options;
    ns_search_options_init(&options);
    options.ranking = NS_RANKING_BM25; /* as groups are ranked */
    options.sort = sort;
    options.distinct = options.all = true;
    size_t count = first_of_each(of, wanted, search(of, query, &options, wanted));
    options.all = false;
    options.limit = limit;
    options.sources = true;
    count = count < limit ? count : limit;
    assert_int_equal(search(of, query, &options, found), count);
    assert_memory_equal(found, wanted, count * sizeof *found);
    options.distinct = false;
    const size_t with = search(of, query, &options, copies);
    return with != count || memcmp(copies, found, count * sizeof *found) != 0;
}

static void check(unsigned segments)
{
    static const char *const queries[] = {"oil", "gold mine", "+cocoa port", "\"rose mine\"", "*"};
    setup of;
    unsigned changed = 0;
    make(&of, segments);
    for (size_t q = 0; q < sizeof queries / sizeof *queries; q++)
        for (int sort = NS_SORT_SCORE; sort <= NS_SORT_OLDEST; sort++)
            for (size_t limit = 1; limit <= SOURCES + 1; limit += 4)
                changed += compare(&of, queries[q], (ns_sort)sort, limit);
    assert_true(changed > 5);
    discard(&of);
}

static void test_one_segment(void **state)
{
    (void)state;
    check(1);
}

static void test_three_segments(void **state)
{
    (void)state;
    check(3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_segment),
        cmocka_unit_test(test_three_segments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
