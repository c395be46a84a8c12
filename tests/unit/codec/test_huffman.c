/* Huffman codes: prefix-free, as short as can be, and no longer than the limit. */
#include "codec_test.h"

#include "codec/huffman.h"

enum { MOST = 3000 };

static ns__huffman_item items[MOST];
static ns__huffman huffman;

/* Twice the sum of count * length over the best codes there are, by merging the two lightest. */
static uint64_t best_cost(size_t count)
{
    static uint64_t heap[MOST];
    uint64_t cost = 0;
    for (size_t i = 0; i < count; i++)
        heap[i] = items[i].count;
    if (count == 1)
        return heap[0];
    while (count > 1) {
        uint64_t sum = 0;
        for (int k = 0; k < 2; k++) {
            size_t least = 0;
            for (size_t i = 1; i < count; i++)
                if (heap[i] < heap[least])
                    least = i;
            sum += heap[least];
            heap[least] = heap[--count];
        }
        heap[count++] = sum;
        cost += sum;
    }
    return cost;
}

static void check_codes(size_t count, unsigned shortest, unsigned longest)
{
    uint64_t used = 0;
    for (size_t i = 0; i < count; i++) {
        assert_in_range(items[i].length, shortest, longest);
        assert_true(items[i].code >> items[i].length == 0);
        used += (uint64_t)1 << (longest - items[i].length);
        if (i == 0)
            continue;
        assert_true(items[i].length >= items[i - 1].length);
        if (items[i].length == items[i - 1].length)
            assert_true(items[i].symbol > items[i - 1].symbol);
        /* Canonical: above the one before, of which it is no continuation. */
        uint32_t before = items[i - 1].code << (items[i].length - items[i - 1].length);
        assert_true(items[i].code > before);
        assert_true(items[i].code >> (items[i].length - items[i - 1].length) != items[i - 1].code);
    }
    assert_true(used <= (uint64_t)1 << longest);
}

static void test_random(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < 300; round++) {
        size_t count = 1 + random_below(round < 200 ? 20 : 400);
        unsigned spread = random_below(14);
        uint64_t cost = 0;
        for (size_t i = 0; i < count; i++)
            items[i] = (ns__huffman_item){1 + random_bits(random_below(spread + 1)),
                                          (uint16_t)(7 * i), 0, 0};
        uint64_t best = best_cost(count);
        assert_int_equal(ns__huffman_make(&huffman, items, count, 1, 24, NULL), NS_OK);
        check_codes(count, 1, 24);
        for (size_t i = 0; i < count; i++)
            cost += (uint64_t)items[i].count * items[i].length;
        assert_int_equal(cost, best);
        unsigned limit = 9 + random_below(4);
        assert_int_equal(ns__huffman_make(&huffman, items, count, 3, limit, NULL), NS_OK);
        check_codes(count, 3, limit);
    }
    ns__huffman_release(&huffman);
}

/* Fibonacci weights make the longest codes; as many symbols as there are codes leave no choice. */
static void test_limits(void **state)
{
    (void)state;
    uint32_t a = 1, b = 1;
    for (size_t i = 0; i < 40; i++) {
        items[i] = (ns__huffman_item){a, (uint16_t)i, 0, 0};
        b += a;
        a = b - a;
    }
    for (unsigned limit = 6; limit <= 20; limit++) {
        assert_int_equal(ns__huffman_make(&huffman, items, 40, 1, limit, NULL), NS_OK);
        check_codes(40, 1, limit);
        assert_int_equal(items[39].length, limit);
        assert_true(items[0].length <= 5);
    }
    for (size_t i = 0; i < 2048; i++)
        items[i] = (ns__huffman_item){i == 0 ? 1u << 30 : 1, (uint16_t)i, 0, 0};
    assert_int_equal(ns__huffman_make(&huffman, items, 2048, 1, 11, NULL), NS_OK);
    check_codes(2048, 11, 11);
    items[0] = (ns__huffman_item){9, 65535, 0, 0};
    assert_int_equal(ns__huffman_make(&huffman, items, 1, 1, 15, NULL), NS_OK);
    check_codes(1, 1, 1);
    assert_int_equal(ns__huffman_make(&huffman, items, 0, 1, 15, NULL), NS_OK);
    ns__huffman_release(&huffman);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
