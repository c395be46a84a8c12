/* The inner loops of the engines (kernels.h), on every instruction set, against saying it plainly.
 * Arrays have just the room that kernels.h asks for, so that sanitizers see a step beyond it. */
#include "unit/codec/codec_test.h"

#include "base/num.h"
#include "codec/block.h"
#include "search/cursor.h"
#include "search/kernels.h"
#include "unit/quick.h"

enum { GUARD = 0xa5a5a5a5, ROOM_BEHIND = 16 };

/* `count` numbers and so many more that may be read or written. */
static void *array(size_t count, size_t more, size_t size)
{
    uint8_t *out = malloc((count + more + 1) * size);
    assert_non_null(out);
    memset(out, 0xa5, (count + more + 1) * size);
    return out;
}

/* Ids that ascend by up to `gap`. */
static void make_ids(uint32_t *ids, uint32_t count, uint32_t first, uint32_t gap)
{
    for (uint32_t i = 0, id = first; i < count; i++, id += 1 + random_below(gap))
        ids[i] = id;
}

static uint32_t place_of(const uint32_t *ids, uint32_t count, uint32_t wanted)
{
    for (uint32_t i = 0; i < count; i++)
        if (ids[i] == wanted)
            return i;
    return NS_NOWHERE;
}

/* What is asked for: ids of the block, and some beside them, before them and behind. */
static uint32_t make_wanted(uint32_t *wanted, const uint32_t *ids, uint32_t count)
{
    const uint32_t before = random_below(3) ? 0 : random_below(20);
    const uint32_t span = ids[count - 1] - ids[0] + 1, most = 1 + random_below(NS_BLOCK_MAX);
    uint32_t n = 0;
    uint32_t id = ids[0] - before;
    for (; n < most && id - ids[0] + before < span + 2 * before + 2; n++) {
        wanted[n] = id;
        id += 1 + random_below(1 + 2 * span / most);
        const uint32_t near = random_below(count);
        if (random_below(2) && ids[near] > wanted[n] && ids[near] - wanted[n] < 4 * (span / count))
            id = ids[near];
    }
    return n;
}

static void compare_finding(const ns__window_kernels *kernels, const uint32_t *ids, uint32_t count,
                            const uint32_t *wanted, uint32_t n)
{
    uint32_t *at = array(n, 0, sizeof *at), *left = array(n, 0, sizeof *left), found = 0;
    for (uint32_t i = 0; i < n; i++)
        found += place_of(ids, count, wanted[i]) != NS_NOWHERE;
    assert_int_equal(kernels->find(ids, count, wanted, n, at), found);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(at[i], place_of(ids, count, wanted[i]));
    assert_int_equal(at[n], (uint32_t)GUARD);
    for (int present = 0; present < 2; present++) {
        const uint32_t *from = random_below(2) ? wanted : left; /* in place, or elsewhere */
        memcpy(left, wanted, n * sizeof *left);
        assert_int_equal(kernels->sift(ids, count, present, from, n, left),
                         present ? found : n - found);
        for (uint32_t i = 0, k = 0; i < n; i++)
            if ((at[i] != NS_NOWHERE) == present)
                assert_int_equal(left[k++], wanted[i]);
        assert_int_equal(left[n], (uint32_t)GUARD);
    }
    free(at);
    free(left);
}

/* The same ids as a bit set that begins up to 60 places before the first. */
static void compare_bits(const ns__window_kernels *kernels, const uint32_t *ids, uint32_t count,
                         const uint32_t *wanted, uint32_t n)
{
    const uint32_t first = ids[0] - random_below(ids[0] < 60 ? ids[0] + 1 : 60);
    const size_t bytes = (ids[count - 1] - first) / 8 + 1;
    uint8_t *plain = calloc(bytes, 1);
    uint32_t *at = array(n, 0, sizeof *at), *left = array(n, 0, sizeof *left), found = 0;
    uint16_t *ranks = array(bytes / 8 + 1, 0, sizeof *ranks);
    assert_non_null(plain);
    for (uint32_t i = 0; i < count; i++)
        plain[(ids[i] - first) / 8] |= (uint8_t)(1u << (ids[i] - first) % 8);
    uint8_t *bits = with_slack(plain, bytes);
    const ns__block_bits view = {bits, bytes, first};
    for (uint32_t i = 0; i < n; i++)
        found += place_of(ids, count, wanted[i]) != NS_NOWHERE;
    assert_int_equal(kernels->rank(&view, ranks), count);
    assert_int_equal(kernels->find_bits(&view, ranks, wanted, n, at), found);
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(at[i], place_of(ids, count, wanted[i]));
    for (int present = 0; present < 2; present++) {
        const uint32_t *from = random_below(2) ? wanted : left;
        memcpy(left, wanted, n * sizeof *left);
        assert_int_equal(kernels->sift_bits(&view, present, from, n, left),
                         present ? found : n - found);
        for (uint32_t i = 0, k = 0; i < n; i++)
            if ((at[i] != NS_NOWHERE) == present)
                assert_int_equal(left[k++], wanted[i]);
    }
    free(plain);
    free(bits);
    free(at);
    free(left);
    free(ranks);
}

static void test_finding(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(2000); round++) {
        uint32_t ids[NS_BLOCK_ROOM], wanted[NS_BLOCK_MAX];
        const uint32_t count = random_below(4) ? NS_BLOCK_MAX : 1 + random_below(NS_BLOCK_MAX);
        const uint32_t gap = 1 + random_bits(1 + random_below(12));
        make_ids(ids, NS_BLOCK_ROOM, 30 + random_below(1000), gap); /* stale ones behind them */
        const uint32_t n = make_wanted(wanted, ids, count);
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            const ns__window_kernels *kernels = ns__window_kernels_for((ns__isa)isa);
            compare_finding(kernels, ids, count, wanted, n);
            if ((ids[count - 1] - ids[0]) / 8 < NS_VIEW_WORDS * 8 - 16)
                compare_bits(kernels, ids, count, wanted, n);
        }
    }
}

/* ---- Keeping ---- */

static ns__alive make_alive(size_t count, size_t more)
{
    return (ns__alive){array(count, more, 4), array(count, more, 4), array(count, more, 4),
                       array(count, more, 4)};
}

static void free_alive(const ns__alive *of)
{
    free(of->slots);
    free(of->ids);
    free(of->sums);
    free(of->lengths);
}

static void copy_alive(const ns__alive *from, uint32_t count, const ns__alive *to)
{
    memcpy(to->slots, from->slots, count * sizeof *to->slots);
    memcpy(to->ids, from->ids, count * sizeof *to->ids);
    memcpy(to->sums, from->sums, count * sizeof *to->sums);
    memcpy(to->lengths, from->lengths, count * sizeof *to->lengths);
}

/* Number `k` of the kept is number i of all. */
static void check_kept(const ns__alive *all, uint32_t i, const ns__alive *kept, uint32_t k)
{
    assert_int_equal(kept->slots[k], all->slots[i]);
    assert_int_equal(kept->ids[k], all->ids[i]);
    assert_memory_equal(&kept->sums[k], &all->sums[i], sizeof(float));
    assert_memory_equal(&kept->lengths[k], &all->lengths[i], sizeof(float));
}

/* In place, and to arrays that have room for all and no more. */
static void compare_keeping(const ns__window_kernels *kernels, const ns__alive *all, uint32_t count,
                            const uint32_t *at, float need)
{
    for (int apart = 0; apart < 2; apart++) {
        const ns__alive from = make_alive(count, ROOM_BEHIND), to = make_alive(count, 0);
        uint32_t *places = array(count, ROOM_BEHIND, sizeof *places), k = 0, kept;
        copy_alive(all, count, &from);
        kept = kernels->keep(&from, count, need, apart ? &to : &from);
        for (uint32_t i = 0; i < count; i++)
            if (all->sums[i] >= need)
                check_kept(all, i, apart ? &to : &from, k++);
        assert_int_equal(kept, k);
        copy_alive(all, count, &from);
        memcpy(places, at, count * sizeof *places);
        kept = kernels->keep_found(&from, places, count, apart ? &to : &from);
        k = 0;
        for (uint32_t i = 0; i < count; i++)
            if (at[i] != NS_NOWHERE) {
                assert_int_equal(places[k], at[i]);
                check_kept(all, i, apart ? &to : &from, k++);
            }
        assert_int_equal(kept, k);
        assert_int_equal(to.slots[count], (uint32_t)GUARD);
        assert_int_equal(to.ids[count], (uint32_t)GUARD);
        free_alive(&from);
        free_alive(&to);
        free(places);
    }
}

static void compare_keeping_ids(const ns__window_kernels *kernels, const ns__alive *all,
                                uint32_t count, const uint32_t *at)
{
    uint32_t *places = array(count, ROOM_BEHIND, sizeof *places), k = 0;
    const ns__alive from = make_alive(count, ROOM_BEHIND), to = make_alive(count, 0);
    copy_alive(all, count, &from);
    memcpy(places, at, count * sizeof *places);
    const uint32_t kept = kernels->keep_ids(from.ids, from.slots, places, count, to.ids, to.slots);
    for (uint32_t i = 0; i < count; i++)
        if (at[i] != NS_NOWHERE) {
            assert_int_equal(places[k], at[i]);
            assert_int_equal(to.ids[k], all->ids[i]);
            assert_int_equal(to.slots[k++], all->slots[i]);
        }
    assert_int_equal(kept, k);
    assert_int_equal(to.ids[count], (uint32_t)GUARD);
    assert_int_equal(to.slots[count], (uint32_t)GUARD);
    free_alive(&from);
    free_alive(&to);
    free(places);
}

static void test_keeping(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(2000); round++) {
        const uint32_t count = random_below(NS_BLOCK_MAX + 1), often = 1 + random_below(12);
        const ns__alive all = make_alive(count, 0);
        uint32_t *at = array(count, 0, sizeof *at);
        make_ids(all.ids, count, random_below(100), 50);
        for (uint32_t i = 0; i < count; i++) {
            all.slots[i] = random_below(NS_BLOCK_MAX);
            all.sums[i] = (float)random_below(1000) / 100;
            all.lengths[i] = (float)random_below(200);
            at[i] = random_below(often) ? NS_NOWHERE : random_below(NS_BLOCK_MAX);
        }
        const float need = count > 0 ? all.sums[random_below(count)] : 1; /* also just enough */
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            const ns__window_kernels *kernels = ns__window_kernels_for((ns__isa)isa);
            compare_keeping(kernels, &all, count, at, need);
            compare_keeping_ids(kernels, &all, count, at);
        }
        free_alive(&all);
        free(at);
    }
}

/* ---- Scoring ---- */

enum { PASSAGES = 3000 };

static float plain_part(const ns__rate_job *job, uint32_t i)
{
    const float tf = (float)job->tfs[i], length = (float)ns__length_of(job->of, job->ids[i]);
    return job->factor * (tf / (tf + (job->c0 + job->c1 * length)));
}

/* None of these may differ: no instruction set here adds and multiplies in one step. */
static void compare_rating(const ns__window_kernels *kernels, const ns__rate_job *of)
{
    const ns__alive kept = make_alive(of->count, ROOM_BEHIND);
    ns__rate_job job = *of;
    uint32_t k = 0;
    job.slots = kept.slots;
    job.kept = kept.ids;
    job.parts = kept.sums;
    job.lengths = kept.lengths;
    const uint32_t stayed = kernels->rate(&job);
    for (uint32_t i = 0; i < of->count; i++) {
        const float part = plain_part(of, i);
        if (!(part >= of->need))
            continue;
        assert_int_equal(kept.slots[k], of->slot + i);
        assert_int_equal(kept.ids[k], of->ids[i]);
        assert_true(kept.sums[k] == part);
        assert_true(kept.lengths[k++] == (float)ns__length_of(of->of, of->ids[i]));
    }
    assert_int_equal(stayed, k);
    free_alive(&kept);
}

static void compare_weighing(const ns__window_kernels *kernels, const ns__rate_job *of,
                             const double *ks)
{
    const uint32_t count = of->count;
    uint32_t *tfs = array(count, ROOM_BEHIND, sizeof *tfs), end = (count + 7) / 8 * 8;
    float *lengths = array(count, ROOM_BEHIND, sizeof *lengths);
    float *sums = array(count, ROOM_BEHIND, sizeof *sums);
    double *exact = array(count, 0, sizeof *exact);
    for (uint32_t i = 0; i < count; i++) {
        tfs[i] = random_below(3) ? of->tfs[i] : 0;
        lengths[i] = (float)ns__length_of(of->of, of->ids[i]);
        sums[i] = (float)i / 7;
        exact[i] = i / 7.0;
    }
    kernels->weigh(tfs, lengths, count, of->factor, of->c0, of->c1, sums);
    kernels->score(tfs, ks, count, of->factor, exact);
    for (uint32_t i = end; i < count + ROOM_BEHIND; i++) /* what stands further behind is others' */
        assert_memory_equal(&sums[i], &(uint32_t){GUARD}, sizeof *sums);
    for (uint32_t i = 0; i < count; i++) {
        const double part = (double)of->factor * (tfs[i] / (tfs[i] + ks[i]));
        assert_true(sums[i] == (float)i / 7 + (tfs[i] > 0 ? plain_part(of, i) : 0));
        assert_true(exact[i] == i / 7.0 + (tfs[i] > 0 ? part : 0));
    }
    free(tfs);
    free(lengths);
    free(sums);
    free(exact);
}

static void test_scoring(void **state)
{
    (void)state;
    uint32_t filtered = 0;
    seed_random();
    for (int round = 0; round < rounds(1000); round++) {
        static const unsigned widths[] = {1, 2, 4};
        static uint8_t data[4 * PASSAGES];
        uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM];
        double ks[NS_BLOCK_MAX];
        const uint32_t count = 1 + random_below(NS_BLOCK_MAX);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = i % 4 == 3 ? 0 : (uint8_t)random_below(256);
        const ns__lengths lengths = {data, widths[random_below(3)], PASSAGES};
        make_ids(ids, NS_BLOCK_ROOM, 0, 9);
        const bool hostile = random_below(8) == 0; /* the highest bit is no sign */
        for (uint32_t i = 0; i < NS_BLOCK_ROOM; i++)
            tfs[i] = hostile && random_below(4) == 0 ? UINT32_MAX - random_bits(random_below(32))
                                                     : 1 + random_bits(random_below(6));
        for (uint32_t i = 0; i < count; i++)
            ks[i] = random_below(10) ? (double)random_below(300) / 90 : 0;
        ns__rate_job job = {.ids = ids,
                            .tfs = tfs,
                            .count = count,
                            .slot = random_below(100),
                            .of = &lengths,
                            .factor = 1 + (float)random_below(100) / 9,
                            .c0 = (float)random_below(100) / 70,
                            .c1 = (float)random_below(100) / 9000};
        job.need = plain_part(&job, random_below(count)); /* also just enough */
        uint32_t shortest = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++)
            shortest = ns__min_u32(shortest, ns__length_of(&lengths, ids[i]));
        job.least = ns__least_tf(&job, random_below(2) ? shortest : shortest / 2);
        filtered += job.least > 1;
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            compare_rating(ns__window_kernels_for((ns__isa)isa), &job);
            compare_weighing(ns__window_kernels_for((ns__isa)isa), &job, ks);
        }
    }
    assert_true(filtered > 10);
}

/* ---- Windows ---- */

enum { WINDOW = 4096 };

static void compare_window(const ns__window_kernels *kernels, const uint32_t *ids,
                           const uint32_t *tfs, uint32_t count, const ns__lengths *lengths)
{
    static float sums[WINDOW], plain[WINDOW];
    static uint8_t bytes[WINDOW], none[WINDOW];
    static uint32_t found[WINDOW];
    uint64_t bits[WINDOW / 64] = {0};
    const uint32_t first = ids[0];
    const ns__add_job job = {ids, tfs, count, lengths, 2.5f, .4f, .01f, sums, first};
    for (uint32_t i = 0; i < WINDOW; i++)
        sums[i] = plain[i] = (float)(i % 5);
    kernels->add(&job);
    kernels->mark(ids, count, first, bytes);
    for (uint32_t i = 0; i < count; i++) {
        const float tf = (float)tfs[i], length = (float)ns__length_of(lengths, ids[i]);
        plain[ids[i] - first] += 2.5f * (tf / (tf + (.4f + .01f * length)));
        assert_int_equal(bytes[ids[i] - first], 1);
    }
    assert_memory_equal(sums, plain, sizeof sums);
    kernels->pack(bytes, WINDOW, bits);
    assert_memory_equal(bytes, none, sizeof bytes);
    for (uint32_t i = 0; i < count; i++)
        bits[(ids[i] - first) / 64] ^= UINT64_C(1) << (ids[i] - first) % 64;
    for (uint32_t w = 0; w < WINDOW / 64; w++)
        assert_true(bits[w] == 0);
    const float need = plain[random_below(WINDOW)];
    const uint32_t from = random_below(100), to = WINDOW - random_below(100);
    const uint32_t n = kernels->collect(sums, from, to, need, found);
    uint32_t k = 0;
    for (uint32_t i = from; i < to; i++)
        if (plain[i] >= need)
            assert_int_equal(found[k++], i);
    assert_int_equal(n, k);
}

static void test_windows(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(300); round++) {
        static uint8_t data[2 * WINDOW];
        uint32_t ids[NS_BLOCK_MAX], tfs[NS_BLOCK_MAX];
        const uint32_t count = 1 + random_below(NS_BLOCK_MAX);
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = (uint8_t)random_below(256);
        const ns__lengths lengths = {data, 1, 2 * WINDOW};
        make_ids(ids, count, random_below(WINDOW), 1 + random_below(WINDOW / NS_BLOCK_MAX));
        for (uint32_t i = 0; i < count; i++)
            tfs[i] = 1 + random_bits(random_below(6));
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++)
            compare_window(ns__window_kernels_for((ns__isa)isa), ids, tfs, count, &lengths);
    }
}

/* A set has just the words that the bits reach. */
static void test_or_bits(void **state)
{
    (void)state;
    seed_random();
    for (int round = 0; round < rounds(2000); round++) {
        uint8_t plain[300];
        const size_t bytes = 1 + random_below(sizeof plain);
        const unsigned shift = random_below(64);
        const size_t words = (bytes * 8 + shift + 63) / 64;
        for (size_t i = 0; i < bytes; i++)
            plain[i] = (uint8_t)random_below(256);
        uint8_t *bits = with_slack(plain, bytes);
        for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
            uint64_t *set = malloc(words * sizeof *set);
            assert_non_null(set);
            for (size_t w = 0; w < words; w++)
                set[w] = UINT64_C(1) << w % 64;
            ns__window_kernels_for((ns__isa)isa)->or_bits(bits, bytes, shift, set);
            for (size_t i = 0; i < words * 64; i++) {
                const bool in = i >= shift && (i - shift) / 8 < bytes;
                const bool is = in && plain[(i - shift) / 8] >> (i - shift) % 8 & 1;
                assert_int_equal(set[i / 64] >> i % 64 & 1, is || i / 64 % 64 == i % 64);
            }
            free(set);
        }
        free(bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finding), cmocka_unit_test(test_keeping),
        cmocka_unit_test(test_scoring), cmocka_unit_test(test_windows),
        cmocka_unit_test(test_or_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
