/* Articles of many passages at once, on every instruction set, against counting bit by bit. */
#include "unit/codec/codec_test.h" /* random numbers, slack */

#include "search/kernels.h"
#include "unit/quick.h"

enum { CHUNK = 512, PASSAGES = 4 * CHUNK };

/* Passages of which one in `often` begins an article, the first one always. */
typedef struct table {
    uint8_t bits[PASSAGES / 8], before[4 * PASSAGES / CHUNK];
    uint32_t articles[PASSAGES];
} table;

static void put_u32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void make_table(table *out, uint32_t often)
{
    uint32_t begun = 0;
    memset(out->bits, 0, sizeof out->bits);
    for (uint32_t p = 0; p < PASSAGES; p++) {
        const bool begins = p == 0 || random_below(often) == 0;
        if (p % CHUNK == 0)
            put_u32(out->before + 4 * (p / CHUNK), begun);
        out->bits[p / 8] |= (uint8_t)(begins << p % 8);
        begun += begins;
        out->articles[p] = begun - 1;
    }
}

static void compare(const table *of, const ns__window_kernels *kernels)
{
    uint32_t asked[PASSAGES], found[PASSAGES], count = 0;
    const uint32_t passages = 1 + random_below(PASSAGES); /* nothing can be read far behind them */
    uint8_t *bits = with_slack(of->bits, (passages + 7) / 8);
    const uint32_t step = 1 + random_below(60);
    for (uint32_t p = random_below(step); p < passages; p += 1 + random_below(step))
        asked[count++] = p;
    kernels->articles(bits, of->before, asked, count, found);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(found[i], of->articles[asked[i]]);
    free(bits);
}

static void test_articles(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(200); round++) {
        table all;
        make_table(&all, 1 + random_below(40));
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++)
            compare(&all, ns__window_kernels_for((ns__isa)isa));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_articles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
