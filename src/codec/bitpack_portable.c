/* Unpack kernels in plain C: the reference that the vector kernels are tested against.
 *
 * Eight values of `width` bits fill exactly `width` bytes, so a group of eight starts at a byte
 * and every value lies within the eight bytes from its first one. The loop is compiled once per
 * width, which turns all offsets, shifts and masks into constants. */
#include <string.h>

#include "base/bytes.h"
#include "codec/bitpack.h"

static inline __attribute__((always_inline)) void unpack_width(const uint8_t *in, size_t count,
                                                               unsigned width, uint32_t *out)
{
    const uint64_t mask = (UINT64_C(1) << width) - 1;
    for (size_t i = 0; i < count; i += 8, in += width)
        for (unsigned k = 0; k < 8; k++)
            out[i + k] = (uint32_t)((ns__get_u64(in + k * width / 8) >> (k * width % 8)) & mask);
}

#define UNPACK_CASE(width)                                                                         \
    case width:                                                                                    \
        unpack_width(in, count, width, out);                                                       \
        break
#define UNPACK_CASES_4(width)                                                                      \
    UNPACK_CASE(width);                                                                            \
    UNPACK_CASE((width) + 1);                                                                      \
    UNPACK_CASE((width) + 2);                                                                      \
    UNPACK_CASE((width) + 3)

static void unpack32(const uint8_t *in, size_t count, unsigned width, uint32_t *out)
{
    switch (width) {
    case 0:
        memset(out, 0, count * sizeof *out);
        break;
        UNPACK_CASES_4(1);
        UNPACK_CASES_4(5);
        UNPACK_CASES_4(9);
        UNPACK_CASES_4(13);
        UNPACK_CASES_4(17);
        UNPACK_CASES_4(21);
        UNPACK_CASES_4(25);
        UNPACK_CASES_4(29);
    default:
        break;
    }
}

static void prefix32(uint32_t *values, size_t count, uint32_t base, uint32_t step)
{
    for (size_t i = 0; i < count; i++)
        values[i] = base += values[i] + step;
}

static void unpack_delta32(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                           uint32_t step, uint32_t *out)
{
    unpack32(in, count, width, out);
    prefix32(out, count, base, step);
}

static bool bits32(const uint8_t *bits, size_t bytes, size_t count, uint32_t first, uint32_t *out)
{
    size_t found = 0;
    for (size_t at = 0; at < bytes; at += 8) {
        uint64_t word = 0;
        memcpy(&word, bits + at, bytes - at < 8 ? bytes - at : 8);
        for (; word != 0; word &= word - 1) {
            if (found == count)
                return false;
            out[found++] = first + (uint32_t)(at * 8) + (uint32_t)__builtin_ctzll(word);
        }
    }
    return found == count;
}

static void expand32(const uint8_t *mask, size_t count, const uint32_t *values, uint32_t *out)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t bit = (uint32_t)mask[i / 8] >> (i % 8) & 1;
        out[i] = 1 + ((*values + 1) & (0 - bit));
        values += bit;
    }
}

static size_t count_bits(const uint8_t *bits, size_t count)
{
    size_t set = 0;
    for (size_t i = 0; i < count; i += 64) {
        uint64_t word = ns__get_u64(bits + i / 8);
        if (count - i < 64)
            word &= (UINT64_C(1) << (count - i)) - 1;
        set += (size_t)__builtin_popcountll(word);
    }
    return set;
}

const ns__unpack_kernels ns__unpack_portable = {unpack32, unpack_delta32, prefix32,   NULL,
                                                bits32,   expand32,       count_bits, NULL};
