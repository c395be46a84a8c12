/* Sorting numbers: in order by the bits that count, and stable in the others. */
#include "unit/codec/codec_test.h" /* random numbers */
#include "unit/quick.h"

#include "base/sort.h"

enum { MOST = 5000 };

static uint64_t keys[MOST], others[MOST], plain[MOST];

static uint64_t bits_of(uint64_t key, unsigned low, unsigned high)
{
    return low == high ? 0 : key << (64 - high) >> (64 - high + low);
}

/* The plain way: each before the first that is larger. */
static void sort_plainly(size_t count, unsigned low, unsigned high)
{
    for (size_t i = 1; i < count; i++)
        for (size_t at = i;
             at > 0 && bits_of(plain[at - 1], low, high) > bits_of(plain[at], low, high); at--) {
            const uint64_t key = plain[at];
            plain[at] = plain[at - 1];
            plain[at - 1] = key;
        }
}

static void check(size_t count, unsigned low, unsigned high)
{
    memcpy(plain, keys, count * sizeof *keys);
    const uint64_t *sorted = ns__sort_keys(keys, others, count, low, high);
    assert_true(sorted == keys || sorted == others);
    sort_plainly(count, low, high);
    if (count > 0)
        assert_memory_equal(sorted, plain, count * sizeof *plain);
}

static void test_random(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(300); round++) {
        const size_t count = random_below(round % 20 == 0 ? 700 : 60);
        const unsigned low = random_below(64), high = low + random_below(65 - low);
        const unsigned given = random_below(65);
        for (size_t i = 0; i < count; i++)
            keys[i] = (uint64_t)random_bits(32) << 32 | random_bits(32);
        for (size_t i = 0; i < count && given < 64; i++) /* many equal ones */
            keys[i] &= ((uint64_t)1 << given) - 1;
        check(count, low, high);
    }
}

static void test_borders(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2, 23, 24, 25, 256, 257};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        for (size_t i = 0; i < counts[c]; i++)
            keys[i] = UINT64_MAX - (uint64_t)i;
        check(counts[c], 0, 64);
        for (size_t i = 0; i < counts[c]; i++)
            keys[i] = counts[c] - i;
        check(counts[c], 0, 64);
        check(counts[c], 3, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_borders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
