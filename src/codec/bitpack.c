/* Packing, and the choice of the kernels that unpack. */
#include "codec/bitpack.h"

#include "base/bytes.h"

void ns__pack(const uint32_t *values, size_t count, unsigned width, uint8_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    uint64_t pending = 0; /* bits not written yet: fewer than 32 between values */
    unsigned pending_bits = 0;
    for (size_t i = 0; i < count; i++) {
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
