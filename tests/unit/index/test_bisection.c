/* The bisection alone: what comes out is an order, the same however it is worked out, and documents
 * with the same terms stand together in it. */
#include "unit/index/help.h"

#include "index/bisection.h"

enum { CLUSTERS = 16, OWN_TERMS = 40, COMMON_TERMS = 200 };

/* Lists of documents, kept to be copied: a bisection overwrites them. */
typedef struct documents {
    ns__forward forward;
    uint32_t *clusters;
} documents;

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

static uint32_t make_list(uint32_t cluster, uint32_t *out)
{
    uint32_t count = random_below(60), kept = 0;
    for (uint32_t i = 0; i < count; i++)
        out[i] = random_below(3) > 0 ? cluster * OWN_TERMS + random_below(OWN_TERMS)
                                     : CLUSTERS * OWN_TERMS + random_below(COMMON_TERMS);
    if (count > 0)
        qsort(out, count, sizeof *out, compare_u32);
    for (uint32_t i = 0; i < count; i++)
        if (kept == 0 || out[kept - 1] != out[i])
            out[kept++] = out[i];
    return kept;
}

/* Every document is of some cluster, at random: a third of its words are everybody's. */
static documents make_documents(uint32_t count)
{
    documents all = {{.documents = count, .term_count = CLUSTERS * OWN_TERMS + COMMON_TERMS}, NULL};
    all.clusters = malloc((count + 1) * sizeof *all.clusters);
    all.forward.starts = malloc(((size_t)count + 1) * sizeof *all.forward.starts);
    all.forward.lengths = malloc((count + 1) * sizeof *all.forward.lengths);
    all.forward.terms = malloc(((size_t)count + 1) * 60 * sizeof *all.forward.terms);
    uint64_t at = 0;
    for (uint32_t d = 0; d < count; d++) {
        all.clusters[d] = random_below(CLUSTERS);
        all.forward.starts[d] = at;
        all.forward.lengths[d] = make_list(all.clusters[d], all.forward.terms + at);
        at += all.forward.lengths[d];
    }
    all.forward.starts[count] = at;
    return all;
}

static void free_documents(documents *all)
{
    free(all->clusters);
    free(all->forward.starts);
    free(all->forward.lengths);
    free(all->forward.terms);
}

static void *copy_of(const void *from, size_t bytes)
{
    void *copy = malloc(bytes + 1);
    memcpy(copy, from, bytes);
    return copy;
}

/* The order, malloc'ed. memory_bytes 0: lists in memory, else in a file. */
static uint32_t *order_of(const documents *all, unsigned threads, uint64_t memory_bytes)
{
    ns_error err = {0};
    ns__spool *spool = NULL;
    ns__forward forward = all->forward;
    const uint64_t numbers = forward.starts[forward.documents];
    ns__bisection_options options = {.memory_bytes = memory_bytes};
    uint32_t *order = malloc((forward.documents + 1) * sizeof *order);
    forward.lengths = copy_of(forward.lengths, forward.documents * sizeof *forward.lengths);
    forward.terms = copy_of(forward.terms, numbers * sizeof *forward.terms);
    uint32_t *terms = forward.terms;
    if (memory_bytes > 0) {
        assert_ok(ns__spool_create(in_folder("spool"), &spool, &err), err);
        (void)ns__spool_append(spool, terms, numbers * sizeof *terms);
        assert_ok(ns__spool_flush(spool, &err), err);
        forward.spool = spool;
        forward.terms = NULL;
    }
    assert_ok(ns__pool_open(threads, &options.pool, &err), err);
    assert_ok(ns__bisect(&forward, &options, order, &err), err);
    ns__pool_close(options.pool);
    ns__spool_close(spool);
    free(forward.lengths);
    free(terms);
    return order;
}

static void assert_permutation(const uint32_t *order, uint32_t count)
{
    uint8_t *seen = calloc(count + 1, 1);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(order[i] < count);
        assert_false(seen[order[i]]);
        seen[order[i]] = 1;
    }
    free(seen);
}

static void test_permutation(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, 2, 15, 16, 17, 31, 33, 64, 100, 1025, 3000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        documents all = make_documents(counts[i]);
        uint32_t *order = order_of(&all, 2, 0);
        assert_permutation(order, counts[i]);
        for (uint32_t d = 0; counts[i] <= 16 && d < counts[i]; d++)
            assert_int_equal(order[d], d); /* too few to be moved */
        free(order);
        free_documents(&all);
    }
}

static uint32_t neighbours_alike(const documents *all, const uint32_t *order)
{
    uint32_t alike = 0;
    for (uint32_t i = 1; i < all->forward.documents; i++)
        alike += all->clusters[order[i]] == all->clusters[order[i - 1]];
    return alike;
}

static void test_planted_clusters(void **state)
{
    (void)state;
    enum { COUNT = 4096 };
    documents all = make_documents(COUNT);
    uint32_t *identity = malloc(COUNT * sizeof *identity);
    for (uint32_t d = 0; d < COUNT; d++)
        identity[d] = d;
    uint32_t *order = order_of(&all, 1, 0);
    assert_permutation(order, COUNT);
    assert_true(neighbours_alike(&all, identity) < COUNT / 8);
    print_message("%u of %d neighbours of one cluster\n", neighbours_alike(&all, order), COUNT);
    assert_true(neighbours_alike(&all, order) > COUNT / 4 * 3);
    free(order);
    free(identity);
    free_documents(&all);
}

/* Threads and the place of the lists make no difference. */
static void test_same_order(void **state)
{
    (void)state;
    static const uint32_t counts[] = {17, 200, 1500, 5000};
    const size_t last = quick_tests() ? 3 : sizeof counts / sizeof *counts;
    for (size_t i = 0; i < last; i++) {
        documents all = make_documents(counts[i]);
        const size_t bytes = counts[i] * sizeof(uint32_t);
        uint32_t *order = order_of(&all, 1, 0);
        for (unsigned threads = 1; threads < 8; threads += 2) {
            static const uint64_t memory[] = {0, 1, 5000, 60000, 1 << 30};
            for (size_t m = 0; m < sizeof memory / sizeof *memory; m++) {
                if (quick_tests() && (threads / 2 + m) % 4 != 0)
                    continue;
                uint32_t *other = order_of(&all, threads, memory[m]);
                assert_memory_equal(order, other, bytes);
                free(other);
            }
        }
        free(order);
        free_documents(&all);
    }
}

/* A document without terms, and terms that all have: nothing to gain, nothing moves. */
static void test_nothing_to_gain(void **state)
{
    (void)state;
    enum { COUNT = 100 };
    documents all = make_documents(COUNT);
    for (uint32_t d = 0; d < COUNT; d++) {
        all.forward.starts[d] = d / 2;
        all.forward.lengths[d] = d % 2;
        if (d % 2)
            all.forward.terms[d / 2] = 7;
    }
    all.forward.starts[COUNT] = COUNT / 2;
    uint32_t *order = order_of(&all, 2, 0);
    assert_permutation(order, COUNT);
    memset(all.forward.lengths, 0, COUNT * sizeof *all.forward.lengths);
    memset(all.forward.starts, 0, (COUNT + 1) * sizeof *all.forward.starts);
    uint32_t *same = order_of(&all, 2, 0);
    for (uint32_t d = 0; d < COUNT; d++)
        assert_int_equal(same[d], d);
    free(same);
    free(order);
    free_documents(&all);
}

typedef struct stopper {
    uint32_t calls, stop_at, done;
} stopper;

static ns_status stop(void *payload, uint32_t done, ns_error *err)
{
    stopper *at = payload;
    assert_true(done >= at->done && done <= NS__BISECTION_DONE);
    at->done = done;
    return ++at->calls == at->stop_at ? ns__fail(err, NS_ERR_CANCELLED, "stopped") : NS_OK;
}

static void test_stopping(void **state)
{
    (void)state;
    documents all = make_documents(2000);
    ns_status status = NS_ERR_CANCELLED;
    uint32_t stops = 0;
    const uint32_t step = quick_tests() ? 11 : 1;
    for (uint32_t n = 1; status == NS_ERR_CANCELLED; n += step) {
        ns_error err = {0};
        stopper at = {0, n, 0};
        ns__forward forward = all.forward;
        ns__bisection_options options = {.tick = stop, .payload = &at};
        uint32_t *order = malloc(2000 * sizeof *order);
        forward.lengths = copy_of(forward.lengths, 2000 * sizeof *forward.lengths);
        forward.terms = copy_of(forward.terms, forward.starts[2000] * sizeof *forward.terms);
        assert_ok(ns__pool_open(3, &options.pool, &err), err);
        status = ns__bisect(&forward, &options, order, &err);
        ns__pool_close(options.pool);
        stops += status == NS_ERR_CANCELLED;
        free(forward.lengths);
        free(forward.terms);
        free(order);
    }
    assert_int_equal(status, NS_OK);
    assert_true(stops > 10);
    free_documents(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_permutation), cmocka_unit_test(test_planted_clusters),
        cmocka_unit_test(test_same_order),  cmocka_unit_test(test_nothing_to_gain),
        cmocka_unit_test(test_stopping),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
