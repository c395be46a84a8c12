/* Arenas: aligned as mem.h promises, nothing shared by two pieces, and stocks that go round. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"

enum { PIECES = 400 };

/* Pieces of many sizes, each filled with its own byte: all are there in the end. */
static void fill(ns__arena *arena)
{
    uint8_t *pieces[PIECES];
    size_t sizes[PIECES];
    for (size_t i = 0; i < PIECES; i++) {
        sizes[i] = i % 7 == 0 ? i * i : i + 1;
        pieces[i] = ns__arena_alloc(arena, sizes[i]);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % (sizes[i] >= 64 ? 64 : 16), 0);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < PIECES; i++)
        for (size_t at = 0; at < sizes[i]; at++)
            assert_int_equal(pieces[i][at], i % 251);
}

static void test_pieces(void **state)
{
    (void)state;
    ns__arena arena = {0};
    for (int round = 0; round < 3; round++) {
        fill(&arena);
        assert_true(arena.total > 0);
        ns__arena_release(&arena);
        assert_int_equal(arena.total, 0);
    }
}

static void test_stock(void **state)
{
    (void)state;
    ns__arena_chunk *stock = NULL;
    for (int round = 0; round < 3; round++) {
        ns__arena arena;
        ns__arena_borrow(&arena, &stock);
        assert_null(stock);
        fill(&arena);
        ns__arena_return(&arena);
        assert_non_null(stock); /* what was taken comes back */
    }
    ns__arena_stock_free(&stock);
    assert_null(stock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_stock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
