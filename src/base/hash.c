/* 64-bit hash by 128-bit multiplication and folding (the construction of wyhash, W. Yi 2019:
 * public domain; written anew here).
 *
 * A factor of 0 makes the other one vanish. With constants that are known, strings are easily made
 * for which that happens; with a key it takes luck. */
#include "base/hash.h"

#include "base/bytes.h"

static const uint64_t K0 = 0x9e3779b97f4a7c15u, K1 = 0xbf58476d1ce4e5b9u, K2 = 0x94d049bb133111ebu;

static inline uint64_t fold(uint64_t a, uint64_t b)
{
    __uint128_t product = (__uint128_t)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* One to eight bytes as a number: by loads that overlap, never by a loop. */
static inline uint64_t tail(const uint8_t *at, size_t length)
{
    if (length >= 4)
        return ns__get_u32(at) | (uint64_t)ns__get_u32(at + length - 4) << 8 * (length - 4);
    size_t middle = length / 2, last = length - 1;
    return at[0] | (uint64_t)at[middle] << 8 * middle | (uint64_t)at[last] << 8 * last;
}

static inline uint64_t begin(size_t length, uint64_t seed)
{
    return seed ^ K0 ^ length;
}

static inline uint64_t step(uint64_t state, const uint8_t *at, uint64_t k1)
{
    return fold(ns__get_u64(at) ^ k1, ns__get_u64(at + 8) ^ state);
}

/* The last 0 to 16 bytes. */
static inline uint64_t end(uint64_t state, const uint8_t *at, size_t left, size_t length,
                           uint64_t k1, uint64_t k2)
{
    uint64_t first = 0, second = 0;
    if (left > 8) {
        first = ns__get_u64(at);
        second = ns__get_u64(at + left - 8) >> 8 * (16 - left);
    } else if (left > 0) {
        first = tail(at, left);
    }
    state = fold(first ^ k1, second ^ state);
    return fold(state ^ k2, length ^ k1);
}

static inline uint64_t hash(uint64_t state, const uint8_t *at, size_t length, uint64_t k1,
                            uint64_t k2)
{
    size_t left = length;
    for (; left > 16; left -= 16, at += 16)
        state = step(state, at, k1);
    return end(state, at, left, length, k1, k2);
}

uint64_t ns__hash64(const void *bytes, size_t length, uint64_t seed)
{
    return hash(begin(length, seed), bytes, length, K1, K2);
}

uint64_t ns__hash_keyed(const void *bytes, size_t length, const ns__hash_key *key)
{
    return hash(begin(length, key->a), bytes, length, key->b, key->c);
}

ns__digest ns__digest_start(void)
{
    return (ns__digest){K1, K2};
}

/* Two hashes of the bytes, side by side: neither waits for the other. */
void ns__digest_add(ns__digest *digest, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    uint64_t a = begin(length, digest->a + K0), b = begin(length, digest->b ^ K2);
    size_t left = length;
    for (; left > 16; left -= 16, at += 16) {
        a = step(a, at, K1);
        b = step(b, at, K1);
    }
    digest->a = end(a, at, left, length, K1, K2);
    digest->b = fold(end(b, at, left, length, K1, K2) ^ K0, digest->a ^ K1);
}
