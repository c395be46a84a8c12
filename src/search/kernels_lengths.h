/* Loading lengths of passages, for kernels of every instruction set. */
#ifndef NS_SEARCH_KERNELS_LENGTHS_H
#define NS_SEARCH_KERNELS_LENGTHS_H

#include "base/bytes.h"
#include "search/kernels.h"

/* The lengths of passages. Loads and stores of whole numbers, which take the processor
 * less than gathering them in vectors does. */
static inline __attribute__((always_inline)) void ns__load_lengths(const ns__lengths *of,
                                                                   const uint32_t *restrict ids,
                                                                   uint32_t count,
                                                                   uint32_t *restrict lengths)
{
    const uint8_t *restrict data = of->data;
    if (of->width == 1)
        _Pragma("GCC unroll 8") for (uint32_t i = 0; i < count; i++) lengths[i] = data[ids[i]];
    else if (of->width == 2)
        _Pragma("GCC unroll 8") for (uint32_t i = 0; i < count; i++) lengths[i] =
            ns__get_u16(data + 2 * (size_t)ids[i]);
    else
        for (uint32_t i = 0; i < count; i++)
            lengths[i] = ns__get_u32(data + 4 * (size_t)ids[i]);
}

#endif
