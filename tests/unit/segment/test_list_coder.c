/* What coders compute for whole blocks, against the plain way. */
#include "segment_test.h"

#include "codec/pfor.h"
#include "segment/postings_parts.h"

/* ---- The choice of a patched frame of reference ---- */

static size_t plain_varint_bytes(size_t value)
{
    uint8_t bytes[NS_VARINT_MAX];
    return ns__put_varint(bytes, value);
}

/* Every width tried; of equal sizes the widest. */
static void plain_choice(const uint32_t *values, size_t count, ns__pfor_plan *plain,
                         ns__pfor_plan *patched)
{
    unsigned widest = 0;
    for (size_t i = 0; i < count; i++)
        while (widest < 32 && values[i] >> widest != 0)
            widest++;
    *plain = (ns__pfor_plan){.width = widest, .bytes = (count * widest + 7) / 8};
    *patched = (ns__pfor_plan){.bytes = SIZE_MAX};
    unsigned index_width = 0;
    while (index_width < 32 && (count - 1) >> index_width != 0)
        index_width++;
    for (unsigned width = widest; width-- > 0;) {
        size_t exceptions = 0;
        for (size_t i = 0; i < count; i++)
            exceptions += values[i] >> width != 0;
        size_t bytes = 1 + plain_varint_bytes(exceptions) + (count * width + 7) / 8 +
                       (exceptions * index_width + 7) / 8 + (exceptions * (widest - width) + 7) / 8;
        if (bytes < patched->bytes)
            *patched = (ns__pfor_plan){width, widest - width, exceptions, bytes};
    }
}

static void assert_same_plan(const ns__pfor_plan *got, const ns__pfor_plan *want)
{
    assert_int_equal(got->bytes, want->bytes);
    assert_int_equal(got->width, want->width);
    assert_int_equal(got->high_width, want->high_width);
    assert_int_equal(got->exceptions, want->exceptions);
}

static void test_choices(void **state)
{
    (void)state;
    enum { MOST = 700, MANY = 5000 }; /* more than are made bytes to be counted */
    uint32_t values[MANY];
    for (unsigned round = 0; round < 20000; round++) {
        size_t count = 1 + random_below(round % 100 == 0 ? MANY : round % 2 ? 70 : MOST);
        unsigned width = random_below(33), wide = random_below(33), share = random_below(80);
        for (size_t i = 0; i < count; i++)
            values[i] = random_bits(random_below(256) < share ? wide : width);
        ns__pfor_plan plain, patched, want_plain, want_patched;
        ns__pfor_choose(values, count, &plain, &patched);
        plain_choice(values, count, &want_plain, &want_patched);
        assert_same_plan(&plain, &want_plain);
        assert_same_plan(&patched, &want_patched);
    }
}

/* ---- Bounds ---- */

static void test_pairs(void **state)
{
    (void)state;
    uint32_t tfs[NS_BLOCK_MAX / 2], lengths[NS_BLOCK_MAX / 2];
    double bounds[NS_BLOCK_MAX / 2];
    for (unsigned round = 0; round < 20000; round++) {
        uint32_t count = 1 + random_below(NS_BLOCK_MAX / 2);
        uint32_t most_tf = 1 + random_below(1u << random_below(9));
        uint32_t most_length = 1 + random_below(1u << random_below(12));
        const ns__bm25_norm norm = {random_below(300) / 100.0, random_below(101) / 100.0,
                                    random_below(300)};
        ns__pareto want = {.count = 0}, got;
        ns__posting_bounds(&norm, tfs, lengths, 0, bounds);
        for (uint32_t i = 0; i < count; i++) {
            tfs[i] = 1 + random_below(most_tf);
            lengths[i] = random_below(50) ? random_below(most_length) : UINT32_MAX;
            ns__pareto_add(&want, tfs[i], lengths[i]);
        }
        ns__pareto_of(tfs, lengths, count, &got);
        assert_int_equal(got.count, want.count);
        assert_memory_equal(got.pairs, want.pairs, want.count * sizeof want.pairs[0]);
        /* The best bound of all is that of a pair, and no bound is below the exact value. */
        double best = 0, best_pair = 0, of_pairs[NS_BLOCK_MAX / 2];
        ns__posting_bounds(&norm, tfs, lengths, count, bounds);
        for (uint32_t i = 0; i < count; i++) {
            double k = norm.k1 *
                       (1 - norm.b + (norm.average > 0 ? norm.b * lengths[i] / norm.average : 0));
            assert_true(bounds[i] >= tfs[i] / (tfs[i] + k));
            best = bounds[i] > best ? bounds[i] : best;
        }
        for (uint32_t i = 0; i < got.count; i++) {
            tfs[i] = got.pairs[i].tf;
            lengths[i] = got.pairs[i].length;
        }
        ns__posting_bounds(&norm, tfs, lengths, got.count, of_pairs);
        for (uint32_t i = 0; i < got.count; i++)
            best_pair = of_pairs[i] > best_pair ? of_pairs[i] : best_pair;
        assert_true(best == best_pair);
    }
}

int main(void)
{
    seed_random();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_pairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
