/* Blocks of postings: every encoding, every kernel, and bytes that nobody should trust. */
#include "codec_test.h"

#include "codec/block.h"
#include "unit/quick.h"

typedef struct lists {
    uint32_t ids[NS_BLOCK_MAX], tfs[NS_BLOCK_MAX];
    size_t count;
    uint32_t base;
} lists;

/* Ids whose gaps are 1 + up to `gap_bits` random bits, a few of them much wider. */
static bool make_ids(lists *made, size_t count, uint32_t base, unsigned gap_bits, unsigned wide)
{
    uint64_t id = base == UINT32_MAX ? UINT64_MAX : base;
    made->count = count;
    made->base = base;
    for (size_t i = 0; i < count; i++) {
        uint64_t gap = 1 + (uint64_t)random_bits(gap_bits);
        if (wide > 0 && random_below(64) < wide)
            gap += random_bits(gap_bits + 10 < 26 ? gap_bits + 10 : 26);
        id += gap;
        if (id > UINT32_MAX)
            return false;
        made->ids[i] = (uint32_t)id;
    }
    return true;
}

/* Each id of a range with the same chance, in 1/256: geometric gaps. */
static bool make_dense(lists *made, size_t count, uint32_t base, uint32_t chance)
{
    uint64_t id = base == UINT32_MAX ? UINT64_MAX : base;
    made->count = count;
    made->base = base;
    for (size_t i = 0; i < count; i++) {
        do
            id++;
        while (random_below(256) >= chance);
        if (id > UINT32_MAX)
            return false;
        made->ids[i] = (uint32_t)id;
    }
    return true;
}

/* One of the two, with everything drawn. */
static bool make_any(lists *made, size_t count, uint32_t base)
{
    if (random_below(2) == 0)
        return make_dense(made, count, base, 256u >> random_below(7));
    return make_ids(made, count, base, random_below(33), random_below(2) * random_below(16));
}

static void make_tfs(lists *made, unsigned shape)
{
    for (size_t i = 0; i < made->count; i++) {
        uint32_t tf = 1;
        if (shape == 1 && random_below(4) == 0)
            tf = 2 + random_bits(random_below(3));
        if (shape == 2)
            tf = 1 + random_bits(4);
        if (shape == 3)
            tf = random_below(40) == 0 ? 1 + random_bits(30) : 1 + random_bits(2);
        if (shape == 4)
            tf = UINT32_C(1) << 31;
        made->tfs[i] = tf;
    }
}

/* Single tfs are those of the whole block, in any order; 0 is no posting's. */
static void check_picks(const ns__unpack_kernels *kernels, const uint8_t *in, const uint8_t *end,
                        const uint32_t *tfs, size_t count)
{
    uint32_t at[NS_BLOCK_MAX + 1], picked[NS_BLOCK_MAX + 1];
    for (size_t i = 0; i <= count; i++)
        at[i] = i < count ? (uint32_t)(count - 1 - i) : UINT32_MAX;
    assert_true(ns__block_pick_tfs(kernels, in, end, count, at, count + 1, picked));
    for (size_t i = 0; i < count; i++)
        assert_int_equal(picked[i], tfs[count - 1 - i]);
    assert_int_equal(picked[count], 0);
    for (size_t i = 0; i < count; i++)
        at[i] = (uint32_t)i;
    assert_true(ns__block_pick_tfs(kernels, in, end, count, at, count, picked));
    assert_memory_equal(picked, tfs, count * sizeof *tfs);
}

/* So are those of some postings one behind the other. */
static void check_range(const ns__unpack_kernels *kernels, const uint8_t *in, const uint8_t *end,
                        const uint32_t *tfs, size_t count)
{
    uint32_t some[NS_BLOCK_ROOM];
    const size_t from = random_below((uint32_t)count),
                 n = 1 + random_below((uint32_t)(count - from));
    assert_true(ns__block_range_tfs(kernels, in, end, count, from, n, some));
    assert_memory_equal(some, tfs + from, n * sizeof *some);
    assert_false(ns__block_range_tfs(kernels, in, end, count, from, count - from + 1, some));
    assert_false(ns__block_range_tfs(kernels, in, in, count, from, n, some));
}

static void check_decodes(const lists *made, unsigned tags[NS__BLOCK_TAGS])
{
    ns__buf buf = {0};
    ns__block_encode_ids(made->ids, made->count, made->base, &buf);
    const size_t ids_bytes = buf.length;
    ns__block_encode_tfs(made->tfs, made->count, &buf);
    assert_false(buf.failed);
    tags[ns__block_ids_tag(buf.data)]++;
    tags[ns__block_tfs_tag(buf.data + ids_bytes)]++;
    uint8_t *bytes = with_slack(buf.data, buf.length);
    const uint8_t *end = bytes + buf.length;
    const size_t room = (made->count + NS_UNPACK_ROUND - 1) / NS_UNPACK_ROUND * NS_UNPACK_ROUND;
    uint32_t *out = malloc(room * sizeof *out);
    assert_non_null(out);
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
        size_t used = ns__block_decode_ids(kernels, bytes, end, made->count, made->base, out);
        assert_int_equal(used, ids_bytes);
        assert_memory_equal(out, made->ids, made->count * sizeof *out);
        used = ns__block_decode_tfs(kernels, bytes + ids_bytes, end, made->count, out);
        assert_int_equal(used, buf.length - ids_bytes);
        assert_memory_equal(out, made->tfs, made->count * sizeof *out);
        check_picks(kernels, bytes + ids_bytes, end, made->tfs, made->count);
        check_range(kernels, bytes + ids_bytes, end, made->tfs, made->count);
    }
    assert_int_equal(ns__block_skip_ids(bytes, end, made->count), ids_bytes);
    assert_int_equal(ns__block_skip_tfs(bytes + ids_bytes, end, made->count),
                     buf.length - ids_bytes);
    free(out);
    free(bytes);
    ns__buf_release(&buf);
}

static void test_every_shape(void **state)
{
    (void)state;
    seed_random();
    unsigned tags[NS__BLOCK_TAGS] = {0};
    static lists made;
    for (unsigned round = 0; round < (unsigned)rounds(20000); round++) {
        size_t count = round % 3 == 0 ? NS_BLOCK_MAX : 1 + random_below(NS_BLOCK_MAX);
        uint32_t base = round % 5 == 0 ? UINT32_MAX : (uint32_t)random64() >> random_below(32);
        if (!make_any(&made, count, base))
            continue;
        make_tfs(&made, random_below(5));
        check_decodes(&made, tags);
    }
    for (unsigned tag = 0; tag < NS__BLOCK_TAGS; tag++) {
        print_message("tag %u: %u parts\n", tag, tags[tag]);
        assert_true(tags[tag] > 50);
    }
#ifdef NS_COUNT_TAGS
    for (unsigned tag = 0; tag < NS__BLOCK_TAGS; tag++)
        assert_true(ns__block_tag_counts[NS__ISA_PORTABLE][tag] > 50);
#endif
}

/* The ends of the id space, each with each encoding that can reach them. */
static void test_borders(void **state)
{
    (void)state;
    unsigned tags[NS__BLOCK_TAGS] = {0};
    static lists made;
    for (size_t count = 1; count <= NS_BLOCK_MAX; count++)
        for (unsigned shape = 0; shape < 5; shape++) {
            made.count = count;
            for (size_t i = 0; i < count; i++) {
                size_t below = count - 1 - i; /* ids, with a gap in the middle */
                below = below * (shape + 1) + (below > count / 2 ? 9 * shape : 0);
                made.ids[i] = UINT32_MAX - (uint32_t)below;
                made.tfs[i] = i % 3 == 0 ? 2 : 1;
            }
            made.base = made.ids[0] - 1;
            check_decodes(&made, tags);
            made.base = made.ids[0] - 1 - random_below(made.ids[0] - 1);
            check_decodes(&made, tags);
            made.base = UINT32_MAX;
            check_decodes(&made, tags);
        }
    made.count = 2;
    made.base = UINT32_MAX;
    made.ids[0] = 0;
    made.ids[1] = UINT32_MAX;
    check_decodes(&made, tags);
    made.count = 1;
    made.ids[0] = UINT32_MAX;
    check_decodes(&made, tags);
    assert_true(tags[NS__IDS_RUN] > 0 && tags[NS__IDS_BITS] > 0 && tags[NS__IDS_PACKED] > 0 &&
                tags[NS__IDS_PATCHED] > 0);
}

static void check_bytes(bool is_ids, const uint32_t *values, size_t count, const char *hex)
{
    ns__buf buf = {0};
    if (is_ids)
        ns__block_encode_ids(values, count, 9, &buf);
    else
        ns__block_encode_tfs(values, count, &buf);
    char text[64] = "";
    for (size_t i = 0; i < buf.length && i < 20; i++)
        snprintf(text + 2 * i, 3, "%02x", buf.data[i]);
    assert_string_equal(text, hex);
    ns__buf_release(&buf);
}

/* The worked bytes at the head of block.c. */
static void test_worked_bytes(void **state)
{
    (void)state;
    check_bytes(true, (const uint32_t[]){10, 11, 12}, 3, "00");
    check_bytes(true, (const uint32_t[]){10, 11, 12, 17}, 4, "050087");
    check_bytes(true, (const uint32_t[]){10, 15, 20}, 3, "0e2001");
    check_bytes(false, (const uint32_t[]){1, 1, 1, 1}, 4, "00");
    check_bytes(false, (const uint32_t[]){1, 1, 1, 1, 1, 9}, 6, "0d2007");
    check_bytes(false, (const uint32_t[]){2, 3, 4, 1}, 4, "0a39");
}

/* An accepted part keeps its promises whatever the bytes were. */
static void check_promises(const uint8_t *bytes, size_t length, size_t count, uint32_t base)
{
    const size_t room = (count + NS_UNPACK_ROUND - 1) / NS_UNPACK_ROUND * NS_UNPACK_ROUND;
    uint32_t *out = malloc(room * sizeof *out), *first = malloc(room * sizeof *out);
    assert_non_null(out);
    assert_non_null(first);
    size_t used = 0;
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
        size_t took = ns__block_decode_ids(kernels, bytes, bytes + length, count, base, out);
        assert_true(took <= length);
        for (size_t i = 0; took > 0 && i < count; i++)
            assert_true(i == 0 ? out[0] > base || base == UINT32_MAX : out[i] > out[i - 1]);
        if (isa == NS__ISA_PORTABLE)
            used = took;
        assert_int_equal(took, used);
        if (took > 0 && isa > NS__ISA_PORTABLE)
            assert_memory_equal(out, first, count * sizeof *out);
        memcpy(first, out, room * sizeof *out);
        if (took > 0)
            assert_int_equal(ns__block_skip_ids(bytes, bytes + length, count), took);
        took = ns__block_decode_tfs(kernels, bytes, bytes + length, count, out);
        assert_true(took <= length);
        for (size_t i = 0; took > 0 && i < count; i++)
            assert_true(out[i] >= 1);
        if (took > 0)
            check_picks(kernels, bytes, bytes + length, out, count);
        (void)ns__block_range_tfs(kernels, bytes, bytes + length, count,
                                  random_below((uint32_t)count), 1, out);
    }
    free(out);
    free(first);
}

static void test_random_bytes(void **state)
{
    (void)state;
    seed_random();
    for (unsigned round = 0; round < (unsigned)rounds(60000); round++) {
        uint8_t bytes[80];
        size_t length = random_below(sizeof bytes + 1);
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)random64();
        if (length > 2 && round % 2 == 0) { /* widths and spans that fit more often */
            bytes[0] = (uint8_t)(random_below(40) << 2 | (bytes[0] & 3));
            bytes[1] = (uint8_t)random_below(8);
            bytes[2] = (uint8_t)random_below(8);
        }
        uint8_t *copy = with_slack(bytes, length);
        check_promises(copy, length, 1 + random_below(round % 7 == 0 ? NS_BLOCK_MAX : 24),
                       round % 3 == 0 ? UINT32_MAX : (uint32_t)random64() >> random_below(32));
        free(copy);
    }
}

/* Valid parts with some bytes changed, cut at any length. */
static void test_mutated_blocks(void **state)
{
    (void)state;
    seed_random();
    static lists made;
    for (unsigned round = 0; round < (unsigned)rounds(20000); round++) {
        size_t count = 1 + random_below(NS_BLOCK_MAX);
        if (!make_any(&made, count, (uint32_t)random64() >> random_below(32)))
            continue;
        make_tfs(&made, random_below(4));
        ns__buf buf = {0};
        if (round % 2 == 0)
            ns__block_encode_ids(made.ids, count, made.base, &buf);
        else
            ns__block_encode_tfs(made.tfs, count, &buf);
        for (unsigned change = random_below(4); change > 0; change--) {
            size_t at = random_below(round % 4 < 2 ? 4 : (uint32_t)buf.length);
            if (at < buf.length)
                buf.data[at] = (uint8_t)random64();
        }
        if (random_below(4) == 0)
            buf.length = random_below((uint32_t)buf.length + 1);
        uint8_t *copy = with_slack(buf.data, buf.length);
        check_promises(copy, buf.length, random_below(8) == 0 ? 1 + random_below(256) : count,
                       random_below(4) == 0 ? (uint32_t)random64() : made.base);
        free(copy);
        ns__buf_release(&buf);
    }
}

/* Sums that pass 2^32 once, twice, or exactly; gaps of zero; two many or too few bits. */
static void test_refusals(void **state)
{
    (void)state;
    struct {
        uint8_t bytes[40];
        size_t length, count;
        uint32_t base;
        bool good;
    } cases[] = {
        {{0x00}, 1, 2, UINT32_MAX - 2, true},
        {{0x00}, 1, 2, UINT32_MAX - 1, false},
        {{0x04}, 1, 2, 0, false},                                        /* a run has no width */
        {{2 | 32 << 2, 0xff, 0xff, 0xff, 0xff}, 5, 1, UINT32_MAX, true}, /* id UINT32_MAX */
        {{2 | 32 << 2, 0xff, 0xff, 0xff, 0xff}, 5, 1, 0, false},         /* a gap of 2^32 */
        {{2 | 32 << 2, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, 9, 2, 5, false},
        {{2 | 32 << 2, 0, 0, 0, 0xc0, 0, 0, 0, 0xc0, 0, 0, 0, 0xc0}, 13, 3, 5, false},
        {{2 | 33 << 2, 0, 0, 0, 0, 0}, 6, 1, 5, false},
        {{2 | 8 << 2, 1}, 2, 1, UINT32_MAX - 2, true},
        {{2 | 8 << 2, 2}, 2, 1, UINT32_MAX - 2, false},
        {{2 | 8 << 2, 2}, 1, 1, 5, false},
        {{0x05, 0, 3}, 3, 2, 5, true},
        {{0x05, 0, 3}, 3, 1, 5, false},
        {{0x05, 0, 3}, 3, 3, 5, false},
        {{0x05, 0, 3}, 2, 2, 5, false},
        {{0x01, 0, 3}, 3, 2, 5, false},
        {{0x05, 0, 3}, 3, 2, UINT32_MAX - 2, true},
        {{0x05, 0, 3}, 3, 2, UINT32_MAX - 1, false},
        {{3 | 4 << 2, 8, 1, 0x21, 0x03, 0x00}, 6, 2, 5, true},
        {{3 | 4 << 2, 8, 1, 0x21, 0x03, 0x00}, 6, 2, UINT32_MAX - 5, true},
        {{3 | 4 << 2, 8, 1, 0x21, 0x03, 0x00}, 6, 2, UINT32_MAX - 4, false}, /* beyond 2^32 */
        {{3 | 4 << 2, 0, 1, 0x21, 0x03, 0x00}, 6, 2, 5, false},              /* high width 0 */
        {{3 | 4 << 2, 29, 1, 0x21, 0x03, 0, 0, 0, 0}, 9, 2, 5, false},
        {{3 | 4 << 2, 8, 0, 0x21, 0x03, 0x00}, 6, 2, 5, false}, /* no exceptions */
        {{3 | 4 << 2, 8, 3, 0x21, 0x03, 0, 0, 0, 0}, 9, 2, 5, false},
        {{3 | 4 << 2, 8, 1, 0x21, 0x03, 0x02, 0x00}, 7, 3, 5, true},
        {{3 | 4 << 2, 8, 1, 0x21, 0x03, 0x03, 0x00}, 7, 3, 5, false}, /* index 3 of 3 values */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *bytes = with_slack(cases[i].bytes, cases[i].length);
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            uint32_t out[NS_BLOCK_ROOM];
            size_t used =
                ns__block_decode_ids(ns__unpack_kernels_for((ns__isa)isa), bytes,
                                     bytes + cases[i].length, cases[i].count, cases[i].base, out);
            if ((used > 0) != cases[i].good)
                fail_msg("case %zu on %s", i, ns__isa_name((ns__isa)isa));
        }
        free(bytes);
    }
    uint32_t out[NS_BLOCK_ROOM];
    const uint8_t none[NS_PACK_SLACK + 1] = {0};
    const ns__unpack_kernels *kernels = ns__unpack_kernels_for(NS__ISA_PORTABLE);
    assert_int_equal(ns__block_decode_ids(kernels, none, none, 1, 0, out), 0);
    assert_int_equal(ns__block_decode_ids(kernels, none, none + 1, 0, 0, out), 0);
    assert_int_equal(ns__block_decode_ids(kernels, none, none + 1, 257, 0, out), 0);
    /* Thirty-two ones and one more would be a tf of 0. */
    uint8_t widest[5 + NS_PACK_SLACK] = {2 | 32 << 2, 0xff, 0xff, 0xff, 0xff};
    assert_int_equal(ns__block_decode_tfs(kernels, widest, widest + 5, 1, out), 0);
    assert_int_equal(ns__block_skip_tfs(widest, widest + 5, 1), 0);
    assert_int_equal(ns__block_decode_tfs(kernels, none, none, 1, out), 0);
    assert_int_equal(ns__block_decode_tfs(kernels, none, none + 1, 257, out), 0);
}

static void test_view_of_bits(void **state)
{
    (void)state;
    ns__buf buf = {0};
    ns__block_encode_ids((const uint32_t[]){10, 11, 12, 17}, 4, 9, &buf);
    uint8_t *bytes = with_slack(buf.data, buf.length);
    ns__block_bits view;
    assert_int_equal(ns__block_view_bits(bytes, bytes + buf.length, 9, &view), 3);
    assert_int_equal(view.first, 10);
    assert_int_equal(view.bytes, 1);
    assert_int_equal(view.bits[0], 0x87);
    assert_int_equal(ns__block_view_bits(bytes, bytes + 2, 9, &view), 0);
    /* Ids that begin just below 2^32: one byte may reach over, a second may not begin there. */
    assert_int_equal(ns__block_view_bits(bytes, bytes + buf.length, UINT32_MAX - 2, &view), 3);
    assert_int_equal(view.first, UINT32_MAX - 1);
    bytes[0] = 0x09;
    assert_int_equal(ns__block_view_bits(bytes, bytes + 4, UINT32_MAX - 2, &view), 0);
    assert_int_equal(ns__block_view_bits(bytes, bytes + 4, UINT32_MAX - 9, &view), 4);
    bytes[0] = 0;
    assert_int_equal(ns__block_view_bits(bytes, bytes + buf.length, 9, &view), 0);
    free(bytes);
    ns__buf_release(&buf);
}

/* What is made of a block, if anything, is what its ids say. Damaged bytes may give no set, but
 * none that other ids are decoded from. Whether a set was made. */
static bool expect_bits(const uint8_t *bytes, size_t length, size_t count, uint32_t base,
                        uint32_t last)
{
    const ns__unpack_kernels *kernels = ns__unpack_kernels_for(NS__ISA_PORTABLE);
    ns__bits_room room;
    ns__block_bits view;
    uint32_t ids[NS_BLOCK_ROOM];
    const size_t taken =
        ns__block_make_bits(kernels, bytes, bytes + length, count, base, last, &room, &view);
    if (taken == 0)
        return false;
    assert_int_equal(ns__block_decode_ids(kernels, bytes, bytes + length, count, base, ids), taken);
    assert_int_equal(ids[count - 1], last);
    assert_int_equal(view.first, base + 1);
    assert_int_equal(view.bytes, (last - view.first) / 8 + 1);
    for (size_t bit = 0, i = 0; bit < view.bytes * 8; bit++) {
        const bool here = i < count && ids[i] == view.first + bit;
        assert_int_equal(view.bits[bit / 8] >> bit % 8 & 1, here);
        i += here;
    }
    return true;
}

static void test_make_bits(void **state)
{
    (void)state;
    uint32_t made = 0, others = 0, odd = 0;
    for (int round = rounds(4000); round > 0; round--) {
        uint32_t ids[NS_BLOCK_MAX], base = round % 3 == 0 ? UINT32_MAX : (uint32_t)round * 7919;
        ns__buf buf = {0};
        const size_t count = 1 + random_below(NS_BLOCK_MAX);
        const uint32_t rare = 1 + (uint32_t)round % 60, large = round % 11 == 0 ? 3000 : 9;
        for (size_t i = 0; i < count; i++) {
            const uint32_t gap = random_below(rare) == 0 ? random_below(large) : 0;
            ids[i] = (i > 0 ? ids[i - 1] : base) + 1 + gap;
        }
        ns__block_encode_ids(ids, count, base, &buf);
        uint8_t *bytes = with_slack(buf.data, buf.length);
        const uint32_t last = ids[count - 1];
        const bool one = expect_bits(bytes, buf.length, count, base, last);
        made += one;
        others += !one;
        assert_false(one && expect_bits(bytes, buf.length, count, base, last + 1));
        const uint32_t claimed = base + 1 + random_below(last - base); /* gaps may lead beyond */
        assert_false(claimed != last && expect_bits(bytes, buf.length, count, base, claimed));
        for (size_t at = 0; at < buf.length; at++) {
            const uint8_t flip = (uint8_t)(1u << random_below(8));
            bytes[at] ^= flip;
            odd += expect_bits(bytes, buf.length, count, base, last);
            bytes[at] ^= flip;
            assert_false(one && expect_bits(bytes, at, count, base, last));
        }
        free(bytes);
        ns__buf_release(&buf);
    }
    assert_true(made > others && others > 0 && odd > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_shape),    cmocka_unit_test(test_borders),
        cmocka_unit_test(test_worked_bytes),   cmocka_unit_test(test_random_bytes),
        cmocka_unit_test(test_mutated_blocks), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_make_bits),      cmocka_unit_test(test_view_of_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
