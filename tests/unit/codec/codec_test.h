/* What the tests of codecs share: seeded random numbers, the kernels to run, bytes with slack. */
#ifndef NS_TESTS_CODEC_TEST_H
#define NS_TESTS_CODEC_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "codec/bitpack.h"

static uint64_t random_state;

/* SplitMix64 (Steele, Lea, Flood 2014). */
static inline uint64_t random64(void)
{
    uint64_t z = random_state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline uint32_t random_below(uint32_t limit)
{
    return (uint32_t)((random64() >> 32) * limit >> 32);
}

static inline uint32_t random_bits(unsigned width)
{
    return width == 0 ? 0 : (uint32_t)(random64() >> (64 - width));
}

/* The seed is NS_SEED or 1, and printed, so that a failure can be repeated. */
static inline void seed_random(void)
{
    const char *text = getenv("NS_SEED");
    random_state = text ? strtoull(text, NULL, 0) : 1;
    print_message("NS_SEED=%llu\n", (unsigned long long)random_state);
}

/* A heap copy with exactly the slack that decoders may read, filled with noise. */
static inline uint8_t *with_slack(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length + NS_PACK_SLACK);
    assert_non_null(copy);
    if (length > 0)
        memcpy(copy, bytes, length);
    memset(copy + length, 0xa5, NS_PACK_SLACK);
    return copy;
}

#endif
