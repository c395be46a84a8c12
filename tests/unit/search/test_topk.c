/* The pool of results against sorting everything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "search/topk.h"

static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 20) % below;
}

static int by_rank(const void *a, const void *b)
{
    return ns__hit_better(a, b) ? -1 : ns__hit_better(b, a);
}

/* What the pool should hold: sorted, one hit an article unless passages are ranked. */
static uint32_t expect(ns__hit *hits, uint32_t count, uint32_t limit, bool passages)
{
    uint32_t kept = 0;
    qsort(hits, count, sizeof *hits, by_rank);
    for (uint32_t i = 0; i < count && kept < limit; i++) {
        bool seen = false;
        for (uint32_t j = 0; j < kept && !passages; j++)
            seen |= hits[j].article == hits[i].article;
        if (!seen)
            hits[kept++] = hits[i];
    }
    return kept;
}

static void test_random(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    random_state = given ? strtoull(given, NULL, 10) : 88172645463325252u;
    print_message("seed %llu\n", (unsigned long long)random_state);
    for (int round = 0; round < 3000; round++) {
        uint32_t count = pick(400), limit = 1 + pick(100), articles = 1 + pick(200);
        uint32_t scores = 1 + pick(30);
        bool passages = pick(2);
        ns__hit hits[400];
        ns__arena arena = {0};
        ns__topk top;
        uint64_t most = passages ? count : articles;
        assert_true(ns__topk_init(&top, limit, most, passages, &arena));
        for (uint32_t i = 0; i < count; i++) {
            hits[i] = (ns__hit){(float)pick(scores), 0, pick(articles) * 7919, i, false};
            bool enters = ns__topk_enters(&top, &hits[i]);
            if (top.count >= limit && hits[i].score < ns__topk_threshold(&top))
                assert_false(enters);
            if (enters)
                ns__topk_put(&top, &hits[i]);
        }
        uint32_t kept = expect(hits, count, limit, passages);
        assert_true(ns__topk_finish(&top, &arena));
        assert_int_equal(top.count, kept);
        for (uint32_t i = 0; i < kept; i++) {
            assert_true(top.hits[i].score == hits[i].score);
            assert_int_equal(top.hits[i].article, hits[i].article);
            assert_int_equal(top.hits[i].passage, hits[i].passage);
        }
        ns__arena_release(&arena);
    }
}

static void test_no_room(void **state)
{
    (void)state;
    ns__arena arena = {0};
    ns__topk top;
    ns__hit hit = {1, 0, 0, 0, false};
    assert_true(ns__topk_init(&top, 0, 9, false, &arena));
    assert_false(ns__topk_enters(&top, &hit));
    assert_true(ns__topk_threshold(&top) > 1e30f);
    assert_true(ns__topk_finish(&top, &arena));
    assert_int_equal(top.count, 0);
    ns__arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
