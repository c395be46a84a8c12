/* Hashing for tables and for content-derived ids. Not cryptographic. Stable across machines and
 * releases: segment ids and the id table on disk are made with it. */
#ifndef NS_BASE_HASH_H
#define NS_BASE_HASH_H

#include <stdint.h>
#include <stddef.h>

uint64_t ns__hash64(const void *bytes, size_t length, uint64_t seed);

/* An incremental 128-bit digest. ns__digest_add frames each part by its length, so that
 * ("ab","c") and ("a","bc") differ. */
typedef struct ns__digest {
    uint64_t a, b;
} ns__digest;

ns__digest ns__digest_start(void);
void ns__digest_add(ns__digest *digest, const void *bytes, size_t length);

#endif
