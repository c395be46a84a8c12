/* Lists with random access: any range of any list equals the list that was written. */
#include "codec_test.h"

#include "codec/block.h"

static uint32_t *make_values(size_t count, unsigned width, unsigned wide_in_256, unsigned wide)
{
    uint32_t *values = malloc(count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = random_bits(random_below(256) < wide_in_256 ? wide : width);
    return values;
}

static void check_range(const ns__values *list, const uint32_t *values, size_t first, size_t n)
{
    uint32_t *out = malloc(n * sizeof *out + 1); /* exactly n: the sanitizer watches the end */
    assert_non_null(out);
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        memset(out, 0xee, n * sizeof *out);
        ns__values_get(ns__unpack_kernels_for((ns__isa)isa), list, first, n, out);
        assert_memory_equal(out, values + first, n * sizeof *out);
    }
    free(out);
}

static void test_ranges(void **state)
{
    (void)state;
    seed_random();
    unsigned with_exceptions = 0;
    for (unsigned round = 0; round < 3000; round++) {
        size_t count = 1 + random_below(round % 10 == 0 ? 5000 : 400);
        unsigned width = random_below(33);
        uint32_t *values =
            make_values(count, width, random_below(3) * random_below(60), random_below(33));
        ns__buf buf = {0};
        ns__values_encode(values, count, &buf);
        assert_false(buf.failed);
        uint8_t *bytes = with_slack(buf.data, buf.length);
        ns__values list;
        assert_int_equal(ns__values_open(bytes, bytes + buf.length, count, &list), buf.length);
        assert_int_equal(ns__values_open(bytes, bytes + buf.length - 1, count, &list), 0);
        assert_int_equal(ns__values_open(bytes, bytes + buf.length, count, &list), buf.length);
        with_exceptions += list.exception_count > 0;
        /* Never more than a byte larger than plain packing. */
        assert_true(buf.length <= 1 + ns__packed_bytes(count, 32));
        check_range(&list, values, 0, count);
        for (unsigned tries = 0; tries < 20; tries++) {
            size_t first = random_below((uint32_t)count);
            check_range(&list, values, first, random_below((uint32_t)(count - first) + 1));
        }
        free(bytes);
        free(values);
        ns__buf_release(&buf);
    }
    assert_true(with_exceptions > 300);
}

static void test_worked_bytes(void **state)
{
    (void)state;
    const uint32_t values[12] = {1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 1000};
    const uint8_t expected[8] = {0x42, 0x08, 0x01, 0x39, 0x39, 0x39, 0x0b, 0xfa};
    ns__buf buf = {0};
    ns__values_encode(values, 12, &buf);
    assert_int_equal(buf.length, sizeof expected);
    assert_memory_equal(buf.data, expected, sizeof expected);
    ns__buf_release(&buf);
}

/* Widths of 32, all zeros, lists of one. */
static void test_extremes(void **state)
{
    (void)state;
    static uint32_t values[3][600];
    for (size_t i = 0; i < 600; i++) {
        values[0][i] = UINT32_MAX;
        values[2][i] = i == 599 ? UINT32_MAX : 0;
    }
    const size_t counts[] = {1, 2, 255, 256, 257, 600};
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            const uint32_t *from = values[kind] + 600 - counts[c];
            ns__buf buf = {0};
            ns__values_encode(from, counts[c], &buf);
            uint8_t *bytes = with_slack(buf.data, buf.length);
            ns__values list;
            assert_int_equal(ns__values_open(bytes, bytes + buf.length, counts[c], &list),
                             buf.length);
            check_range(&list, from, 0, counts[c]);
            check_range(&list, from, counts[c] - 1, 1);
            if (kind == 2 && counts[c] > 8)
                assert_true(buf.length < 12); /* one exception, not 32 bits for all */
            free(bytes);
            ns__buf_release(&buf);
        }
}

/* Any bytes give some values, inside the range asked for. */
static void test_random_bytes(void **state)
{
    (void)state;
    seed_random();
    unsigned opened = 0;
    for (unsigned round = 0; round < 60000; round++) {
        uint8_t bytes[60];
        size_t length = random_below(sizeof bytes + 1), count = 1 + random_below(100);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)random64();
        if (length > 2) {
            bytes[0] = (uint8_t)(random_below(8) | (random_below(2) << 6));
            bytes[1] = (uint8_t)random_below(30);
            bytes[2] = (uint8_t)random_below(10);
        }
        uint8_t *copy = with_slack(bytes, length);
        ns__values list;
        size_t used = ns__values_open(copy, copy + length, count, &list);
        assert_true(used <= length);
        if (used > 0) {
            opened++;
            size_t first = random_below((uint32_t)count);
            size_t n = random_below((uint32_t)(count - first) + 1);
            uint32_t *out = malloc(n * sizeof *out + 1);
            assert_non_null(out);
            for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++)
                ns__values_get(ns__unpack_kernels_for((ns__isa)isa), &list, first, n, out);
            free(out);
        }
        free(copy);
    }
    assert_true(opened > 1000);
    const uint8_t reserved[NS_PACK_SLACK + 1] = {0x80};
    ns__values list;
    assert_int_equal(ns__values_open(reserved, reserved + 1, 1, &list), 0);
    assert_int_equal(ns__values_open(reserved, reserved, 1, &list), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_worked_bytes),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_random_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
