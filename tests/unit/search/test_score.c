/* BM25 against figures worked out by hand and against its own defining properties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "search/score.h"

/* The worked example of docs/query.md. */
static void test_example(void **state)
{
    (void)state;
    ns__bm25 bm25 = ns__bm25_of(0.9, 0.4, 1000, 100);
    assert_float_equal(bm25.c0, 0.54, 1e-15);
    assert_float_equal(bm25.c1, 0.0036, 1e-15);
    double factor = ns__bm25_factor(&bm25, 50, 1);
    assert_float_equal(factor, 2.9867814, 1e-6); /* ln(1 + 950.5 / 50.5) */
    double part = ns__bm25_part(&bm25, factor, 2, 120);
    assert_float_equal(part, 2.0099471, 1e-6); /* 2 / (2 + 0.54 + 0.432) of it */
    factor = ns__bm25_factor(&bm25, 400, 1);
    part += ns__bm25_part(&bm25, factor, 1, 120);
    assert_float_equal(part, 2.4744710, 1e-6);
}

static void test_shape(void **state)
{
    (void)state;
    ns__bm25 bm25 = ns__bm25_of(0.9, 0.4, 1000, 100);
    for (uint64_t df = 1; df <= 1000; df++) {
        double factor = ns__bm25_factor(&bm25, df, 1);
        assert_true(factor > 0);
        assert_true(df == 1 || factor < ns__bm25_factor(&bm25, df - 1, 1));
        assert_true(ns__bm25_factor(&bm25, df, 3) == 3 * factor);
        assert_float_equal(factor, log(1 + (1000 - (double)df + 0.5) / ((double)df + 0.5)), 1e-12);
    }
    for (uint32_t tf = 1; tf < 300; tf++)
        for (uint32_t length = tf; length < 300; length += 7) {
            double part = ns__bm25_part(&bm25, 1, tf, length);
            assert_true(part > 0 && part < 1);
            assert_true(part < ns__bm25_part(&bm25, 1, tf + 1, length));
            assert_true(part > ns__bm25_part(&bm25, 1, tf, length + 1));
        }
}

/* Parameters at their limits, and an index without a word. */
static void test_limits(void **state)
{
    (void)state;
    ns__bm25 bm25 = ns__bm25_of(0, 0.4, 10, 100);
    assert_true(ns__bm25_part(&bm25, 1, 1, 50) == 1);
    bm25 = ns__bm25_of(0.9, 0, 10, 100);
    assert_true(ns__bm25_part(&bm25, 1, 1, 1) == ns__bm25_part(&bm25, 1, 1, 4000000000u));
    bm25 = ns__bm25_of(0.9, 1, 10, 0);
    assert_true(isfinite(ns__bm25_part(&bm25, 1, 1, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example),
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
