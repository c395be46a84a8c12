/* Fixed-width bit packing, on the portable, AVX2 and AVX-512 paths alike.
 *
 * Values of `width` bits stand one behind the other in a little-endian bit stream: value i takes
 * bits [i*width, (i+1)*width). `count` values take ns__packed_bytes(count, width) bytes.
 *
 * Why this plain ("horizontal") layout and not one transposed for vectors: any value can be read
 * alone, a short last block needs no padding, and byte permutes make it as fast to unpack. */
#ifndef NS_CODEC_BITPACK_H
#define NS_CODEC_BITPACK_H

#include <stdbool.h>
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

/* The low `width` (0..32) bits of each value; higher bits are left out. Writes exactly
 * ns__packed_bytes(count, width) bytes. */
void ns__pack(const uint32_t *values, size_t count, unsigned width, uint8_t *out);

/* The loops that decoding spends its time in. All kernels give the same values for the same
 * bytes. They read at most NS_PACK_SLACK bytes behind their input and write at most up to the next
 * multiple of NS_UNPACK_ROUND values; the two unpackers and prefix32 only to the next multiple
 * of NS__KERNEL_STEP. */
enum { NS__KERNEL_STEP = 16 };

/* Values of which more bits are stored elsewhere than others': number indices[i] has highs[i] above
 * its own. */
typedef struct ns__patches {
    const uint8_t *indices;
    const uint32_t *highs;
    uint32_t count;
} ns__patches;
enum { NS_PATCH_MOST = 256 }; /* values of a list with patches */

typedef struct ns__unpack_kernels {
    /* count values of width 0..32. */
    void (*unpack32)(const uint8_t *in, size_t count, unsigned width, uint32_t *out);
    /* count values of width 0..32, then out[i] = base + v[0] + … + v[i] + (i + 1) * step,
     * modulo 2^32. */
    void (*unpack_delta32)(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                           uint32_t step, uint32_t *out);
    /* The same sum in place, on values that are unpacked already. */
    void (*prefix32)(uint32_t *values, size_t count, uint32_t base, uint32_t step);
    /* unpack_delta32 with step 1 of values with patches; NULL, or false, with `out` unspecified,
     * where it has to be done in steps: not all that can be is done at once. */
    bool (*patch_delta32)(const ns__patches *patches, const uint8_t *in, size_t count,
                          unsigned width, uint32_t base, uint32_t *out);
    /* out[i] = first + place of the i-th set bit (modulo 2^32). False, with `out` unspecified,
     * unless exactly `count` of the bits are set. */
    bool (*bits32)(const uint8_t *bits, size_t bytes, size_t count, uint32_t first, uint32_t *out);
    /* out[i] = values[number of bits set before i] + 2 where bit i of the mask is set, else 1.
     * `values` must be readable for NS_UNPACK_ROUND values behind the last one used. */
    void (*expand32)(const uint8_t *mask, size_t count, const uint32_t *values, uint32_t *out);
    /* How many of the first `count` bits are set. */
    size_t (*count_bits)(const uint8_t *bits, size_t count);
    /* out[i] = values[0] + … + values[i], exactly `count` of them; NULL, or false, with `out`
     * unspecified, where it has to be done by prefix32: small numbers are added up faster. At least
     * numbers up to 255 of a sum below 65,535 are. */
    bool (*small_sums32)(const uint32_t *values, size_t count, uint32_t *out);
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

/* One table of kernels per file; the vector ones exist on x86-64 only. */
extern const ns__unpack_kernels ns__unpack_portable;
#if defined(__x86_64__)
extern const ns__unpack_kernels ns__unpack_avx2, ns__unpack_avx512;
#endif

#endif
