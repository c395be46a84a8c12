/* One index queried from eight threads: every answer is that of a single thread. */
#include <pthread.h>

#include "library_test.h"

enum { THREADS = 8, ROUNDS = 6, ARTICLES = 400 };

static const char *const WORDS[] = {"tariff", "talks",     "export",  "controls", "harbour",
                                    "fog",    "officials", "ships",   "steel",    "the",
                                    "of",     "said",      "customs", "关税",     "谈判代表团",
                                    "Zölle",  "U.S.",      "2,000"};
static const char *const QUERIES[] = {
    "tariff",
    "tariff talks",
    "+tariff talks",
    "tariff -talks",
    "\"export controls\"",
    "the of said",
    "+the +of -fog",
    "关税 谈判",
    "zölle steel ships",
    "\"the harbour\" fog",
    "nothing-like-it",
    "+steel +ships +customs",
    "officials said the tariff",
    "U.S. 2,000",
};
enum { WORD_COUNT = sizeof WORDS / sizeof *WORDS, QUERY_COUNT = sizeof QUERIES / sizeof *QUERIES };

/* A small generator of its own: the same articles on every run. */
static uint32_t draw(uint32_t *state, uint32_t bound)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % bound;
}

static void add_articles(ns_writer *writer, uint32_t from, uint32_t to)
{
    ns_error err = {0};
    uint32_t state = from + 1;
    for (uint32_t i = from; i < to; i++) {
        char record[4096];
        int length = snprintf(record, sizeof record,
                              "{\"id\": \"%u\", \"date\": \"2025-05-%02u\", \"source\": \"%u\", "
                              "\"title\": \"%s %s\", \"body\": \"",
                              i, i % 31 + 1, i % 7, WORDS[draw(&state, WORD_COUNT)],
                              WORDS[draw(&state, WORD_COUNT)]);
        for (uint32_t w = draw(&state, 200) + 5; w > 0; w--)
            length += snprintf(record + length, sizeof record - (size_t)length, "%s%s",
                               WORDS[draw(&state, WORD_COUNT) * draw(&state, 100) / 100],
                               draw(&state, 12) ? " " : ". ");
        length += snprintf(record + length, sizeof record - (size_t)length, "\"}");
        assert_ok(ns_writer_add_json(writer, record, (size_t)length, &err), err);
    }
}

/* Two commits with some articles replaced: two segments, tombstones, small blocks. */
static void make_index(void)
{
    ns_error err = {0};
    ns_index_settings settings;
    ns_writer_options options;
    ns_index_settings_init(&settings);
    ns_writer_options_init(&options);
    settings.block_postings = 8;
    settings.window_passages = 64;
    options.settings = &settings;
    ns_writer *writer;
    assert_ok(ns_writer_open(test_index, &options, &writer, &err), err);
    add_articles(writer, 0, ARTICLES / 2);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    add_articles(writer, ARTICLES / 2 - 20, ARTICLES);
    assert_ok(ns_writer_commit(writer, NULL, &err), err);
    ns_writer_close(writer);
}

typedef struct job {
    const ns_index *index;
    text expected[QUERY_COUNT];
    unsigned number, different, failed;
} job;

static text answer(const ns_index *index, const char *query, ns_status *status)
{
    ns_error err = {0};
    text out = {0};
    FILE *stream = open_memstream(&out.bytes, &out.length);
    *status = stream ? print_answer(index, query, stream, &err) : NS_ERR_MEMORY;
    if (*status == NS_OK)
        *status = print_more(index, query, "7", stream, &err);
    if (*status == NS_OK)
        *status = print_ranked(index, query, stream, &err);
    if (stream)
        fclose(stream);
    return out;
}

/* Each thread goes through the queries from another place, so that the same and different ones
 * meet. cmocka's checks are not for threads: differences are counted. */
static void *ask(void *given)
{
    job *mine = given;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < QUERY_COUNT; i++) {
            unsigned q = (i + mine->number * 3 + round) % QUERY_COUNT;
            ns_status status;
            text got = answer(mine->index, QUERIES[q], &status);
            mine->failed += status != NS_OK;
            mine->different += got.length != mine->expected[q].length ||
                               memcmp(got.bytes, mine->expected[q].bytes, got.length) != 0;
            free(got.bytes);
        }
    }
    return NULL;
}

static void test_eight_threads(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index *index, *other; /* the threads find nothing done in theirs */
    make_index();
    assert_ok(ns_index_open(test_index, &index, &err), err);
    assert_ok(ns_index_open(test_index, &other, &err), err);
    static job jobs[THREADS];
    size_t bytes = 0;
    for (unsigned q = 0; q < QUERY_COUNT; q++) {
        ns_status status;
        jobs[0].expected[q] = answer(other, QUERIES[q], &status);
        assert_int_equal(status, NS_OK);
        bytes += jobs[0].expected[q].length;
    }
    assert_true(bytes > 10000);
    pthread_t threads[THREADS];
    for (unsigned t = 0; t < THREADS; t++) {
        memcpy(jobs[t].expected, jobs[0].expected, sizeof jobs[0].expected);
        jobs[t].number = t;
        jobs[t].index = index;
        assert_int_equal(pthread_create(&threads[t], NULL, ask, &jobs[t]), 0);
    }
    for (unsigned t = 0; t < THREADS; t++)
        assert_int_equal(pthread_join(threads[t], NULL), 0);
    for (unsigned t = 0; t < THREADS; t++) {
        assert_int_equal(jobs[t].failed, 0);
        assert_int_equal(jobs[t].different, 0);
    }
    for (unsigned q = 0; q < QUERY_COUNT; q++)
        free(jobs[0].expected[q].bytes);
    ns_index_close(index);
    ns_index_close(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_eight_threads)};
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
