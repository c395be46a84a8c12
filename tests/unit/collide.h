/* Strings with one hash: what somebody can make who knows the hash and wants us to be slow. */
#ifndef TESTS_UNIT_COLLIDE_H
#define TESTS_UNIT_COLLIDE_H

#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"

enum { COLLIDE_BYTES = 32, COLLIDE_SHORT_BYTES = 12 };

/* Number `number` of strings of COLLIDE_BYTES letters with the same ns__hash64 of seed 0: the last
 * eight are the state after the first 16, so that those between are multiplied by 0. */
static inline ns__str collide_id(char room[COLLIDE_BYTES + 1], uint32_t number)
{
    strcpy(room, "moftkeameofqtzouaaaaaaaauxdoseyn");
    for (int i = 16; i < 24; i++, number /= 26)
        room[i] = (char)('a' + number % 26);
    return (ns__str){(const uint8_t *)room, COLLIDE_BYTES};
}

/* The next word after *number, of COLLIDE_SHORT_BYTES letters, of which the lowest `bits` of the
 * product are 0 that analysers took for its hash once. */
static inline ns__str collide_word(char room[COLLIDE_SHORT_BYTES + 1], uint32_t *number,
                                   unsigned bits)
{
    __extension__ typedef unsigned __int128 wide;
    for (;;) {
        uint8_t padded[16] = "shortwordaaa";
        uint32_t left = ++*number;
        for (int i = 0; i < 8; i++, left /= 26)
            padded[i] = (uint8_t)('a' + left % 26);
        const uint64_t low = ns__get_u64(padded), high = ns__get_u64(padded + 8);
        const uint32_t meta = COLLIDE_SHORT_BYTES | 1u << 25; /* ns__slot_meta, no language */
        const wide product =
            (wide)(low ^ 0x9e3779b97f4a7c15u) * (high ^ 0xd1b54a32d192ed03u ^ meta);
        uint64_t hash = (uint64_t)product ^ (uint64_t)(product >> 64);
        hash ^= hash >> 29;
        if ((hash & ((1u << bits) - 1)) == 0) {
            memcpy(room, padded, COLLIDE_SHORT_BYTES);
            room[COLLIDE_SHORT_BYTES] = '\0';
            return (ns__str){(const uint8_t *)room, COLLIDE_SHORT_BYTES};
        }
    }
}

#endif
