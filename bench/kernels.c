/* What the inner loops of the engines cost: nanoseconds a posting, or a passage of a window, with
 * each instruction set of this processor. ns_bench_limits says what the machine can do at most.
 *
 *   ns_bench_kernels
 *
 * Blocks of 256 postings in the first cache; each figure is the best of many passes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"
#include "search/kernels.h"

enum { PASSES = 2000, WINDOW = 4096, ROOM = NS_BLOCK_MAX + 64, BLOCKS = 16 };

static uint64_t random_state = 42;
static volatile uint64_t consumed; /* keeps the compiler from leaving work out */

static uint32_t random_below(uint32_t end)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return (uint32_t)(((z ^ z >> 31) >> 32) * end >> 32);
}

/* What all steps work on: blocks of ascending ids of one window, their tfs, and one of them, every
 * `rarity`-th id, to look for. */
static struct {
    uint32_t ids[BLOCKS][ROOM], tfs[BLOCKS][ROOM];
    uint32_t wanted[ROOM], wanted_count;
    uint8_t lengths[WINDOW + 64];
    float sums[WINDOW + 64];
    uint8_t bytes[WINDOW];
    uint64_t bits[WINDOW / 64];
    uint16_t ranks[WINDOW / 64 + 1];
    uint32_t out[WINDOW + 64];
    uint32_t kept[ROOM];
    float parts[ROOM], part_lengths[ROOM];
} data;

static void make_data(uint32_t rarity)
{
    for (uint32_t b = 0; b < BLOCKS; b++)
        for (uint32_t i = 0; i < NS_BLOCK_MAX; i++)
            data.tfs[b][i] = 1 + random_below(3);
    for (uint32_t i = 0; i < NS_BLOCK_MAX; i++) /* ascending within the window */
        for (uint32_t b = 0; b < BLOCKS; b++)
            data.ids[b][i] = i * (WINDOW / NS_BLOCK_MAX) + random_below(WINDOW / NS_BLOCK_MAX);
    for (uint32_t i = 0; i < WINDOW; i++)
        data.lengths[i] = (uint8_t)(60 + random_below(100));
    data.wanted_count = 0;
    for (uint32_t i = 0; i < NS_BLOCK_MAX; i += rarity)
        data.wanted[data.wanted_count++] = data.ids[0][i];
    memset(data.bits, 0, sizeof data.bits);
    for (uint32_t i = 0; i < NS_BLOCK_MAX; i++)
        data.bits[data.ids[1][i] / 64] |= (uint64_t)1 << data.ids[1][i] % 64;
    for (uint32_t w = 0; w < WINDOW / 64; w++)
        data.ranks[w + 1] = (uint16_t)(data.ranks[w] + __builtin_popcountll(data.bits[w]));
}

/* Each does its work once and returns how many postings or passages that were. */
static const ns__lengths lengths = {data.lengths, 1, WINDOW};

static uint64_t add(const ns__window_kernels *kernels)
{
    for (uint32_t b = 0; b < BLOCKS; b++)
        kernels->add(&(ns__add_job){data.ids[b], data.tfs[b], NS_BLOCK_MAX, &lengths, 3.f, .5f,
                                    .004f, data.sums, 0});
    return BLOCKS * NS_BLOCK_MAX;
}

static uint64_t collect(const ns__window_kernels *kernels)
{
    consumed += kernels->collect(data.sums, 0, WINDOW, 1e30f, data.out);
    return WINDOW;
}

static uint64_t rate(const ns__window_kernels *kernels)
{
    for (uint32_t b = 0; b < BLOCKS; b++)
        consumed += kernels->rate(&(ns__rate_job){data.ids[b], data.tfs[b], NS_BLOCK_MAX, 0, 0,
                                                  &lengths, 3.f, .5f, .004f, 2.2f, data.out,
                                                  data.kept, data.parts, data.part_lengths});
    return BLOCKS * NS_BLOCK_MAX;
}

static uint64_t find(const ns__window_kernels *kernels)
{
    for (uint32_t b = 0; b < BLOCKS; b++)
        consumed +=
            kernels->find(data.ids[b], NS_BLOCK_MAX, data.wanted, data.wanted_count, data.out);
    return BLOCKS * data.wanted_count;
}

static uint64_t mark(const ns__window_kernels *kernels)
{
    for (uint32_t b = 0; b < BLOCKS; b++)
        kernels->mark(data.ids[b], NS_BLOCK_MAX, 0, data.bytes);
    return BLOCKS * NS_BLOCK_MAX;
}

static uint64_t pack(const ns__window_kernels *kernels)
{
    kernels->pack(data.bytes, WINDOW, data.bits);
    return WINDOW;
}

static double best_ns(uint64_t (*step)(const ns__window_kernels *), ns__isa isa)
{
    const ns__window_kernels *kernels = ns__window_kernels_for(isa);
    double best = 1e30;
    for (int i = 0; i < PASSES; i++) {
        uint64_t start = ns__clock_ns();
        uint64_t done = step(kernels);
        double each = (double)(ns__clock_ns() - start) / (double)done;
        best = each < best ? each : best;
    }
    return best;
}

static void row(const char *name, uint64_t (*step)(const ns__window_kernels *))
{
    printf("%-52s", name);
    for (ns__isa isa = NS__ISA_PORTABLE; isa <= ns__cpu_isa(); isa++)
        printf("%10.3f", best_ns(step, isa));
    putchar('\n');
}

int main(void)
{
    printf("%-52s", "nanoseconds each");
    for (ns__isa isa = NS__ISA_PORTABLE; isa <= ns__cpu_isa(); isa++)
        printf("%10s", ns__isa_name(isa));
    putchar('\n');
    make_data(4);
    row("score into a window of 4,096 sums: a posting", add);
    row("scan that window for a bound: a passage", collect);
    row("score and filter a block: a posting", rate);
    row("find 64 ids among the 256 of a block: an id", find);
    make_data(32);
    row("find 8 ids among the 256 of a block: an id", find);
    row("mark passages as bytes: a posting", mark);
    row("make bits of bytes: a passage", pack);
    return 0;
}
