/* What this machine can do at most, to hold the other figures against: reading memory in order,
 * waiting for memory out of order, adding to a window of sums.
 *
 *   ns_bench_limits
 *
 * Each figure is the best of several passes on one thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "os/clock.h"

enum { PASSES = 7, WINDOW = 4096 };

static volatile uint64_t consumed; /* keeps the compiler from leaving work out */
static uint64_t random_state = 42;

static uint64_t random64(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

/* A number of `count` that each points to the next, in one circle of random order (Sattolo). */
static uint32_t *make_circle(size_t count)
{
    uint32_t *next = malloc(count * sizeof *next);
    if (next == NULL)
        exit(2);
    for (size_t i = 0; i < count; i++)
        next[i] = (uint32_t)i;
    for (size_t i = count - 1; i > 0; i--) {
        size_t j = random64() % i;
        uint32_t kept = next[i];
        next[i] = next[j];
        next[j] = kept;
    }
    return next;
}

typedef uint64_t (*pass)(const uint32_t *data, size_t count);

/* Each value but for the wait: several sums, which the compiler may widen. */
static uint64_t pass_read(const uint32_t *data, size_t count)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += data[i];
    return sum;
}

/* Each address is the value read before: the whole latency, every time. */
static uint64_t pass_chase(const uint32_t *data, size_t count)
{
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++)
        at = data[at];
    return at;
}

/* Addresses known in advance: as many reads under way as the processor can have. */
static uint64_t pass_gather(const uint32_t *data, size_t count)
{
    uint64_t sum = 0, at = 1;
    for (size_t i = 0; i < count; i++) {
        at = at * 6364136223846793005u + 1442695040888963407u;
        sum += data[(uint32_t)((at >> 32) * count >> 32)];
    }
    return sum;
}

/* A float added to a random place of a window that the first cache holds, as scoring does. */
static uint64_t pass_window(const uint32_t *data, size_t count)
{
    static float window[WINDOW];
    for (size_t i = 0; i < count; i++)
        window[data[i] % WINDOW] += 1;
    return (uint64_t)window[0];
}

static double best_seconds(pass run, const uint32_t *data, size_t count)
{
    uint64_t best = UINT64_MAX;
    for (int i = 0; i < PASSES; i++) {
        uint64_t start = ns__clock_ns();
        consumed += run(data, count);
        uint64_t took = ns__clock_ns() - start;
        best = took < best ? took : best;
    }
    return (double)best * 1e-9;
}

int main(void)
{
    static const size_t sizes[] = {32 << 10, 256 << 10, 4 << 20, 256 << 20};
    printf("%-12s %14s %14s %14s\n", "bytes", "in order GB/s", "chased ns", "at random ns");
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t count = sizes[i] / sizeof(uint32_t);
        uint32_t *data = make_circle(count);
        double read = best_seconds(pass_read, data, count);
        double chase = best_seconds(pass_chase, data, count > 1 << 22 ? 1 << 22 : count);
        double gather = best_seconds(pass_gather, data, count);
        printf("%-12zu %14.1f %14.2f %14.2f\n", sizes[i], (double)sizes[i] / read * 1e-9,
               chase * 1e9 / (double)(count > 1 << 22 ? 1 << 22 : count),
               gather * 1e9 / (double)count);
        if (sizes[i] == 256 << 10)
            printf("%-12s %44.2f ns to add to a window of %d sums\n", "",
                   best_seconds(pass_window, data, count) * 1e9 / (double)count, (int)WINDOW);
        free(data);
    }
    return 0;
}
