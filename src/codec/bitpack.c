/* Packing, and the choice of the kernels that unpack. */
#include "codec/bitpack.h"

#include "base/bytes.h"

/* As many values as one 64-bit word takes beside the seven bits left of the one before. */
enum { PAIR_BITS = 28, QUAD_BITS = 14 };

/* Packs steps of two or four values, each into one word that is stored whole, as long as the bytes
 * behind it belong to the output too. Returns the number of values packed; the bits of the last
 * byte that is not full are in *pending. */
static size_t pack_words(const uint32_t *values, size_t count, unsigned width, uint8_t **out,
                         uint64_t *pending, unsigned *pending_bits)
{
    const uint64_t mask = (UINT64_C(1) << width) - 1;
    const size_t step = width <= QUAD_BITS ? 4 : 2;
    const uint8_t *end = *out + ns__packed_bytes(count, width);
    uint8_t *at = *out;
    uint64_t word = 0;
    unsigned bits = 0;
    size_t i = 0;
    for (; i + step <= count && end - at >= 8; i += step) {
        uint64_t more = (values[i] & mask) | (values[i + 1] & mask) << width;
        if (step == 4)
            more |= (values[i + 2] & mask) << 2 * width | (values[i + 3] & mask) << 3 * width;
        word |= more << bits;
        bits += (unsigned)step * width;
        ns__put_u64(at, word);
        at += bits / 8;
        word >>= bits & ~7u;
        bits &= 7;
    }
    *out = at;
    *pending = word;
    *pending_bits = bits;
    return i;
}

void ns__pack(const uint32_t *values, size_t count, unsigned width, uint8_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    uint64_t pending = 0; /* bits not written yet: fewer than 32 between values */
    unsigned pending_bits = 0;
    size_t i = 0;
    if (width > 0 && width <= PAIR_BITS)
        i = pack_words(values, count, width, &out, &pending, &pending_bits);
    for (; i < count; i++) {
        pending |= (values[i] & mask) << pending_bits;
        pending_bits += width;
        if (pending_bits >= 32) {
            ns__put_u32(out, (uint32_t)pending);
            out += 4;
            pending >>= 32;
            pending_bits -= 32;
        }
    }
    for (; pending_bits > 0; pending_bits -= pending_bits < 8 ? pending_bits : 8) {
        *out++ = (uint8_t)pending;
        pending >>= 8;
    }
}

const ns__unpack_kernels *ns__unpack_kernels_for(ns__isa isa)
{
#if defined(__x86_64__)
    if (isa == NS__ISA_AVX512)
        return &ns__unpack_avx512;
    if (isa == NS__ISA_AVX2)
        return &ns__unpack_avx2;
#endif
    (void)isa;
    return &ns__unpack_portable;
}
