/* Arenas: aligned as mem.h promises, nothing shared by two pieces, and memory that is kept. */
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

/* Chunks that are kept are used again, and only so many outlive the work. */
static void test_kept(void **state)
{
    (void)state;
    ns__arena arena = {.keeps = true};
    const void *first = NULL;
    for (int round = 0; round < 3; round++) {
        const void *piece = ns__arena_alloc(&arena, 100);
        assert_non_null(piece);
        assert_true(round == 0 || piece == first);
        first = piece;
        fill(&arena);
        for (int i = 0; i < 100; i++)
            assert_non_null(ns__arena_alloc(&arena, 1 << 14));
        ns__arena_release(&arena);
        assert_true(arena.kept_count > 16);
        ns__arena_trim(&arena);
        assert_int_equal(arena.kept_count, 16);
    }
    ns__arena_close(&arena);
    assert_null(arena.kept);
}

/* Memory of the caller comes first, and stays the caller's. */
static void test_begun(void **state)
{
    (void)state;
    _Alignas(64) uint8_t room[512];
    ns__arena arena = {0};
    ns__arena_begin(&arena, room, sizeof room);
    uint8_t *piece = ns__arena_alloc(&arena, 500);
    assert_ptr_equal(piece, room);
    assert_null(arena.chunks);
    piece = ns__arena_alloc(&arena, 13);
    assert_non_null(arena.chunks);
    assert_true(piece < room || piece >= room + sizeof room);
    fill(&arena);
    ns__arena_release(&arena);
    assert_null(arena.next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
