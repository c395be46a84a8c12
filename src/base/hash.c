/* 64-bit hash by 128-bit multiplication and folding (the construction of wyhash, W. Yi 2019:
 * public domain; written anew here). */
#include "base/hash.h"

#include "base/bytes.h"

static const uint64_t K0 = 0x9e3779b97f4a7c15u, K1 = 0xbf58476d1ce4e5b9u, K2 = 0x94d049bb133111ebu;

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Up to eight bytes as a number. */
static inline uint64_t tail(const uint8_t *at, size_t length)
{
    uint64_t value = 0;
    memcpy(&value, at, length);
    return value;
}

uint64_t ns__hash64(const void *bytes, size_t length, uint64_t seed)
{
    const uint8_t *at = bytes;
    uint64_t state = seed ^ K0 ^ length;
    size_t left = length;
    while (left > 16) {
        state = fold(ns__get_u64(at) ^ K1, ns__get_u64(at + 8) ^ state);
        at += 16;
        left -= 16;
    }
    uint64_t first = 0, second = 0;
    if (left > 8) {
        first = ns__get_u64(at);
        second = tail(at + 8, left - 8);
    } else if (left > 0) {
        first = tail(at, left);
    }
    state = fold(first ^ K1, second ^ state);
    return fold(state ^ K2, length ^ K1);
}

ns__digest ns__digest_start(void)
{
    return (ns__digest){K1, K2};
}

void ns__digest_add(ns__digest *digest, const void *bytes, size_t length)
{
    digest->a = ns__hash64(bytes, length, digest->a + K0);
    digest->b = fold(ns__hash64(bytes, length, digest->b ^ K2) ^ K0, digest->a ^ K1);
}
