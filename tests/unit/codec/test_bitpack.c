/* Every kernel against plain loops: all widths, all counts, nothing written behind the promise. */
#include "codec_test.h"

#include "base/buf.h"

enum { MOST = 320, GUARD = 0x5eed5eed };

/* The bit stream by its definition, one bit at a time. */
static uint32_t bit_by_bit(const uint8_t *in, size_t index, unsigned width)
{
    uint32_t value = 0;
    for (unsigned bit = 0; bit < width; bit++) {
        size_t at = index * width + bit;
        value |= (uint32_t)(in[at / 8] >> (at % 8) & 1) << bit;
    }
    return value;
}

static size_t rounded(size_t count, size_t step)
{
    return (count + step - 1) / step * step;
}

static uint32_t *guarded(size_t room)
{
    uint32_t *out = malloc((room + 1) * sizeof *out);
    assert_non_null(out);
    out[room] = GUARD;
    return out;
}

static void check_unpack(const ns__unpack_kernels *kernels, const uint8_t *packed,
                         const uint32_t *values, size_t count, unsigned width)
{
    size_t room = rounded(count, NS__KERNEL_STEP);
    uint32_t *out = guarded(room), *sums = guarded(room);
    kernels->unpack32(packed, count, width, out);
    assert_memory_equal(out, values, count * sizeof *out);
    assert_int_equal(out[room], (uint32_t)GUARD);
    uint32_t base = (uint32_t)random64(), step = random_below(3), sum = base;
    kernels->unpack_delta32(packed, count, width, base, step, sums);
    kernels->prefix32(out, count, base, step);
    for (size_t i = 0; i < count; i++) {
        sum += values[i] + step;
        assert_int_equal(sums[i], sum);
        assert_int_equal(out[i], sum);
    }
    assert_int_equal(sums[room], (uint32_t)GUARD);
    assert_int_equal(out[room], (uint32_t)GUARD);
    free(out);
    free(sums);
}

static void check_small_sums(const ns__unpack_kernels *kernels, const uint32_t *values,
                             size_t count)
{
    uint32_t *out = guarded(count);
    uint64_t all = 0, sum = 0;
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        all += values[i];
        most = values[i] > most ? values[i] : most;
    }
    if (kernels->small_sums32 != NULL) {
        const bool small = kernels->small_sums32(values, count, out);
        assert_true(small || most > UINT8_MAX || all >= UINT16_MAX);
        assert_int_equal(out[count], (uint32_t)GUARD);
        for (size_t i = 0; small && i < count; i++)
            assert_int_equal(out[i], sum += values[i]);
    }
    free(out);
}

static void test_all_widths_and_counts(void **state)
{
    (void)state;
    seed_random();
    uint32_t values[MOST];
    uint8_t bytes[MOST * 4];
    for (unsigned width = 0; width <= 32; width++)
        for (size_t count = 1; count <= MOST; count++) {
            for (size_t i = 0; i < count; i++)
                values[i] = random_bits(width);
            size_t length = ns__packed_bytes(count, width);
            memset(bytes, 0xee, sizeof bytes);
            ns__pack(values, count, width, bytes);
            if (length < sizeof bytes)
                assert_int_equal(bytes[length], 0xee);
            uint8_t *packed = with_slack(bytes, length);
            for (size_t i = 0; i < count; i += 7) {
                assert_int_equal(bit_by_bit(packed, i, width), values[i]);
                assert_int_equal(ns__packed_get(packed, i, width), values[i]);
            }
            for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
                const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
                check_unpack(kernels, packed, values, count, width);
                check_small_sums(kernels, values, count);
            }
            free(packed);
        }
}

static void test_pack_leaves_high_bits_out(void **state)
{
    (void)state;
    const uint32_t values[3] = {0xffffffff, 0xfffffff0, 5};
    uint8_t bytes[2];
    ns__pack(values, 3, 3, bytes);
    assert_int_equal(bytes[0], 0x47); /* 111, 000, 101, low bits first */
    assert_int_equal(bytes[1], 0x01);
}

/* Random bit sets of each density, spans that do not end at a word. */
static void test_bits(void **state)
{
    (void)state;
    seed_random();
    for (unsigned round = 0; round < 4000; round++) {
        uint8_t bits[64];
        uint32_t expected[512];
        size_t length = 1 + random_below(sizeof bits), count = 0;
        uint32_t first = (uint32_t)random64(), density = 1 + random_below(256);
        memset(bits, 0, sizeof bits);
        for (uint32_t i = 0; i < length * 8; i++)
            if (random_below(256) < density) {
                bits[i / 8] = (uint8_t)(bits[i / 8] | 1u << i % 8);
                expected[count++] = first + i;
            }
        uint8_t *copy = with_slack(bits, length);
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
            size_t room = rounded(count + 1, NS_UNPACK_ROUND);
            uint32_t *out = guarded(room);
            assert_true(kernels->bits32(copy, length, count, first, out));
            assert_memory_equal(out, expected, count * sizeof *out);
            assert_false(kernels->bits32(copy, length, count + 1, first, out));
            assert_int_equal(out[room], (uint32_t)GUARD);
            if (count > 0) {
                size_t less = rounded(count - 1, NS_UNPACK_ROUND);
                out[less] = GUARD;
                assert_false(kernels->bits32(copy, length, count - 1, first, out));
                assert_int_equal(out[less], (uint32_t)GUARD);
            }
            free(out);
        }
        free(copy);
    }
}

static void test_expand(void **state)
{
    (void)state;
    seed_random();
    for (unsigned round = 0; round < 4000; round++) {
        uint8_t mask[32];
        uint32_t values[MOST];
        size_t count = 1 + random_below(256), set = 0;
        for (size_t i = 0; i < sizeof mask; i++)
            mask[i] = (uint8_t)(random64() & random64() >> (round % 64));
        for (size_t i = 0; i < MOST; i++)
            values[i] = (uint32_t)random64();
        uint8_t *copy = with_slack(mask, (count + 7) / 8);
        uint32_t expected[256];
        for (size_t i = 0; i < count; i++)
            expected[i] = mask[i / 8] >> i % 8 & 1 ? values[set++] + 2 : 1;
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            size_t room = rounded(count, NS_UNPACK_ROUND);
            uint32_t *out = guarded(room);
            const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
            kernels->expand32(copy, count, values, out);
            assert_memory_equal(out, expected, count * sizeof *out);
            assert_int_equal(out[room], (uint32_t)GUARD);
            assert_int_equal(kernels->count_bits(copy, count), set);
            free(out);
        }
        free(copy);
    }
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(ns__isa_name(NS__ISA_PORTABLE), "portable");
    assert_string_equal(ns__isa_name(NS__ISA_AVX2), "avx2");
    assert_string_equal(ns__isa_name(NS__ISA_AVX512), "avx512");
    print_message("this processor: %s\n", ns__isa_name(ns__cpu_isa()));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_widths_and_counts),
        cmocka_unit_test(test_pack_leaves_high_bits_out),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
