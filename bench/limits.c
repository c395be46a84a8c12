/* What this machine can do at most, to hold the other figures against: bytes read one after the
 * other, and loads that wait for each other.
 *
 *   ns_bench_limits
 */
#include <stdio.h>
#include <stdlib.h>

#include "os/clock.h"

enum { PASSES = 5, LOADS = 1 << 20 };

static volatile uint64_t consumed; /* keeps the compiler from leaving work out */

/* GB/s of reading `bytes` over and over, at least 256 MB of them. */
static double read_speed(const uint64_t *memory, size_t bytes)
{
    size_t words = bytes / sizeof *memory, rounds = ((size_t)256 << 20) / bytes;
    uint64_t best = UINT64_MAX;
    for (int pass = 0; pass < PASSES; pass++) {
        uint64_t start = ns__clock_ns(), sum[8] = {0};
        for (size_t r = 0; r <= rounds; r++)
            for (size_t i = 0; i < words; i += 8)
                for (size_t lane = 0; lane < 8; lane++)
                    sum[lane] += memory[i + lane];
        uint64_t took = ns__clock_ns() - start;
        best = took < best ? took : best;
        for (size_t lane = 0; lane < 8; lane++)
            consumed += sum[lane];
    }
    return (double)(bytes * (rounds + 1)) / (double)best;
}

/* One circle through all lines of the memory, in an order that no processor foresees. */
static void make_circle(uint64_t *memory, size_t lines)
{
    uint64_t state = 1;
    for (size_t i = 0; i < lines; i++)
        memory[i * 8] = i;
    for (size_t i = lines - 1; i > 0; i--) { /* Sattolo */
        state = state * 6364136223846793005u + 1442695040888963407u;
        size_t j = (size_t)(state >> 33) % i;
        uint64_t kept = memory[i * 8];
        memory[i * 8] = memory[j * 8];
        memory[j * 8] = kept;
    }
}

/* Nanoseconds of a load whose address is what the one before it read. */
static double load_time(uint64_t *memory, size_t bytes)
{
    make_circle(memory, bytes / 64);
    uint64_t best = UINT64_MAX, at = 0;
    for (int pass = 0; pass < PASSES; pass++) {
        uint64_t start = ns__clock_ns();
        for (size_t i = 0; i < LOADS; i++)
            at = memory[at * 8];
        uint64_t took = ns__clock_ns() - start;
        best = took < best ? took : best;
    }
    consumed += at;
    return (double)best / LOADS;
}

int main(void)
{
    static const size_t sizes[] = {16u << 10, 256u << 10, 8u << 20, 256u << 20};
    uint64_t *memory = aligned_alloc(64, sizes[3]);
    if (memory == NULL)
        return 1;
    for (size_t i = 0; i < sizes[3] / sizeof *memory; i++)
        memory[i] = i;
    printf("%-22s %9s %9s\n", "limits: working set", "read GB/s", "load ns");
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double speed = read_speed(memory, sizes[s]);
        printf("%7zu KiB            %9.1f %9.1f\n", sizes[s] >> 10, speed,
               load_time(memory, sizes[s]));
    }
    free(memory);
    return 0;
}
