/* Fixed-width bit packing, on the portable, AVX2 and AVX-512 paths alike.
 *
 * Values of `width` bits stand one behind the other in a little-endian bit stream: value i takes
 * bits [i*width, (i+1)*width). `count` values take ns__packed_bytes(count, width) bytes. */
#ifndef NS_CODEC_BITPACK_H
#define NS_CODEC_BITPACK_H

#include <stddef.h>
#include <stdint.h>

#include "os/cpu.h"

/* Unpacking may read this many bytes behind the packed ones (never use them). Sections of an
 * index file are followed by at least as many; readers must check that they are inside the map. */
enum { NS_PACK_SLACK = 64 };
/* Unpacking may write up to the next multiple of this many values behind `count`. */
enum { NS_UNPACK_ROUND = 64 };

static inline size_t ns__packed_bytes(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

/* width 0..32; every value < 2^width. Writes exactly ns__packed_bytes(count, width) bytes. */
void ns__pack(const uint32_t *values, size_t count, unsigned width, uint8_t *out);

typedef struct ns__unpack_kernels {
    /* count values of width 0..32. */
    void (*unpack32)(const uint8_t *in, size_t count, unsigned width, uint32_t *out);
    /* count values of width 0..32, then out[i] = base + v[0] + … + v[i] + (i + 1) * step,
     * modulo 2^32. */
    void (*unpack_delta32)(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                           uint32_t step, uint32_t *out);
} ns__unpack_kernels;

/* The kernels of one instruction set (must be one this processor has). */
const ns__unpack_kernels *ns__unpack_kernels_for(ns__isa isa);

/* One value at a time: bits [index*width, +width) of the stream. Reads up to 8 bytes past. */
static inline uint32_t ns__packed_get(const uint8_t *in, size_t index, unsigned width)
{
    size_t bit = index * width;
    uint64_t word;
    __builtin_memcpy(&word, in + bit / 8, 8);
    return (uint32_t)((word >> (bit % 8)) & ((UINT64_C(1) << width) - 1));
}

#endif
