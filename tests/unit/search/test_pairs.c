/* Words that stand so many places behind others (pairs.c): every kernel finds what comparing each
 * place with each finds, in places that are packed, with exceptions and without, and unpacked. */
#include "unit/codec/codec_test.h"

#include "codec/block.h"
#include "search/pairs.h"
#include "unit/quick.h"

enum { POSTINGS = 256, ROOM = 64 * 1024 };

/* The places of a word in the postings of a block, as they stand in an index. */
typedef struct word {
    uint32_t starts[POSTINGS + 1], places[ROOM], values[ROOM + NS_UNPACK_ROUND];
    uint32_t exceptions[ROOM + NS_UNPACK_ROUND], highs[ROOM + NS_UNPACK_ROUND];
    uint8_t *bytes;
    ns__places as_stored, unpacked;
    bool packed; /* as_stored can be used */
} word;

static word words[2];

/* Up to `most` places in each of the postings, some with none. */
static void make_word(word *of, uint32_t most, unsigned width, unsigned wide)
{
    uint32_t n = 0;
    for (uint32_t p = 0; p < POSTINGS; p++) {
        uint32_t count = random_below(most + 1), place = 0;
        if (random_below(40) == 0)
            count = random_below(100);
        of->starts[p] = n;
        for (uint32_t i = 0; i < count; i++, n++) {
            const uint32_t step = random_bits(random_below(16) ? width : wide) + (i > 0);
            of->values[n] = step;
            of->places[n] = place += step;
        }
    }
    of->starts[POSTINGS] = n;
}

static void store_word(word *of)
{
    ns__buf buf = {0};
    ns__values list = {0};
    const uint32_t count = of->starts[POSTINGS];
    assert_true(count > 0);
    ns__values_encode(of->values, count, &buf);
    free(of->bytes);
    of->bytes = with_slack(buf.data, buf.length);
    assert_int_equal(ns__values_open(of->bytes, of->bytes + buf.length, count, &list), buf.length);
    ns__buf_release(&buf);
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        const ns__unpack_kernels *kernels = ns__unpack_kernels_for((ns__isa)isa);
        static uint32_t all[ROOM + NS_UNPACK_ROUND];
        ns__values_all(kernels, &list, all);
        assert_memory_equal(all, of->values, count * sizeof *all);
        if (list.exception_count > 0)
            ns__values_exceptions(kernels, &list, 0, list.exception_count, of->exceptions,
                                  of->highs);
    }
    of->exceptions[list.exception_count] = UINT32_MAX;
    of->packed = list.width <= NS_PLACES_WIDTH;
    of->as_stored = (ns__places){.starts = of->starts,
                                 .packed = list.packed,
                                 .width = list.width,
                                 .exceptions = of->exceptions,
                                 .highs = of->highs};
    of->unpacked = (ns__places){.starts = of->starts, .at = of->values};
}

static bool stands(uint32_t a, uint32_t b, uint32_t ahead)
{
    for (uint32_t i = words[0].starts[a]; i < words[0].starts[a + 1]; i++)
        for (uint32_t j = words[1].starts[b]; j < words[1].starts[b + 1]; j++)
            if (words[0].places[i] + ahead == words[1].places[j])
                return true;
    return false;
}

static void check_job(const ns__pairs_job *job, const uint8_t *expected)
{
    for (int isa = NS__ISA_PORTABLE; isa <= (int)ns__cpu_isa(); isa++) {
        memset(job->found, 0xee, job->count);
        ns__pairs_kernel_for((ns__isa)isa)(job);
        assert_memory_equal(job->found, expected, job->count);
    }
}

/* Some of the postings, ascending; returns how many. */
static uint32_t choose(uint32_t *chosen)
{
    uint32_t n = 0, often = 1 + random_below(8);
    for (uint32_t p = 0; p < POSTINGS; p++)
        if (random_below(often) == 0)
            chosen[n++] = p;
    return n;
}

static void test_pairs(void **state)
{
    (void)state;
    static uint32_t slots[POSTINGS], postings[POSTINGS];
    static uint8_t expected[POSTINGS], found[POSTINGS];
    unsigned yes = 0, no = 0, packed = 0, excepted = 0;
    seed_random();
    for (int round = 0; round < rounds(2000); round++) {
        for (int w = 0; w < 2; w++) {
            const unsigned width = 1 + random_below(random_below(4) ? 7 : 14);
            make_word(&words[w], 1 + random_below(random_below(4) ? 4 : 20), width,
                      random_below(2) ? width : random_below(20));
            store_word(&words[w]);
        }
        const uint32_t firsts = choose(slots), others = choose(postings);
        const uint32_t count = firsts < others ? firsts : others;
        const uint32_t ahead = random_below(5) - 2;
        for (uint32_t i = 0; i < count; i++) {
            expected[i] = stands(slots[i], postings[i], ahead);
            yes += expected[i];
            no += !expected[i];
        }
        for (int form = 0; form < 4; form++) {
            if ((form & 1 && !words[0].packed) || (form & 2 && !words[1].packed))
                continue;
            packed += form == 3;
            excepted += form == 3 && words[1].exceptions[0] != UINT32_MAX;
            const ns__pairs_job job = {.first = form & 1 ? words[0].as_stored : words[0].unpacked,
                                       .other = form & 2 ? words[1].as_stored : words[1].unpacked,
                                       .slots = slots,
                                       .postings = postings,
                                       .count = count,
                                       .ahead = ahead,
                                       .found = found};
            check_job(&job, expected);
        }
    }
    const unsigned share = 2000 / (unsigned)rounds(2000);
    assert_true(yes * share > 1000 && no * share > 1000); /* all happen often enough */
    assert_true(packed * share > 50 && excepted * share > 10);
    free(words[0].bytes);
    free(words[1].bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
