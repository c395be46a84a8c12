/* Sorting many numbers at a time: see sort.h. */
#include "base/sort.h"

enum { FEW = 24, DIGIT_BITS = 8, VALUES = 1 << DIGIT_BITS };

static void insertion_sort(uint64_t *keys, size_t count, unsigned low, uint64_t mask)
{
    for (size_t i = 1; i < count; i++) {
        const uint64_t key = keys[i], sorted = key >> low & mask;
        size_t at = i;
        for (; at > 0 && (keys[at - 1] >> low & mask) > sorted; at--)
            keys[at] = keys[at - 1];
        keys[at] = key;
    }
}

/* Moves keys to `other` in the order of a digit; false when all have the same one. */
static bool sort_digit(const uint64_t *keys, uint64_t *other, size_t count, unsigned shift,
                       uint64_t mask)
{
    uint32_t starts[VALUES] = {0}, at = 0;
    for (size_t i = 0; i < count; i++)
        starts[keys[i] >> shift & mask]++;
    if (starts[keys[0] >> shift & mask] == count)
        return false;
    for (unsigned value = 0; value < VALUES; value++) {
        const uint32_t here = starts[value];
        starts[value] = at;
        at += here;
    }
    for (size_t i = 0; i < count; i++)
        other[starts[keys[i] >> shift & mask]++] = keys[i];
    return true;
}

uint64_t *ns__sort_keys(uint64_t *keys, uint64_t *other, size_t count, unsigned low, unsigned high)
{
    if (low >= high || count < 2)
        return keys;
    if (count <= FEW) {
        insertion_sort(keys, count, low, UINT64_MAX >> (64 - (high - low)));
        return keys;
    }
    for (unsigned shift = low; shift < high; shift += DIGIT_BITS) {
        const unsigned bits = high - shift < DIGIT_BITS ? high - shift : DIGIT_BITS;
        if (!sort_digit(keys, other, count, shift, (1u << bits) - 1))
            continue;
        uint64_t *swap = keys;
        keys = other;
        other = swap;
    }
    return keys;
}
