/* Hashing for tables and for content-derived ids. Not cryptographic.
 *
 * ns__hash64 is stable across machines and releases: segment ids and the id table on disk are made
 * with it. So anybody can make strings that it cannot tell apart. Tables in memory that hold what
 * others wrote use ns__hash_keyed, with a key that nobody knows. */
#ifndef NS_BASE_HASH_H
#define NS_BASE_HASH_H

#include <stdint.h>
#include <stddef.h>

uint64_t ns__hash64(const void *bytes, size_t length, uint64_t seed);

/* Of one table, from ns__random_key. Nothing but the time that a look-up takes may depend on it. */
typedef struct ns__hash_key {
    uint64_t a, b, c;
} ns__hash_key;

uint64_t ns__hash_keyed(const void *bytes, size_t length, const ns__hash_key *key);

/* An incremental 128-bit digest. ns__digest_add frames each part by its length, so that
 * ("ab","c") and ("a","bc") differ. */
typedef struct ns__digest {
    uint64_t a, b;
} ns__digest;

ns__digest ns__digest_start(void);
void ns__digest_add(ns__digest *digest, const void *bytes, size_t length);

#endif
