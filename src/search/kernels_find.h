/* Kernels of kernels.h that look ids up, and move what is left of some postings together; kernels.c
 * has them in its tables. Those with a name of an instruction set need it. */
#ifndef NS_SEARCH_KERNELS_FIND_H
#define NS_SEARCH_KERNELS_FIND_H

#include "search/kernels.h"

uint32_t ns__find_portable(const uint32_t *ids, uint32_t count, const uint32_t *wanted, uint32_t n,
                           uint32_t *at);
uint32_t ns__sift_portable(const uint32_t *ids, uint32_t count, bool present,
                           const uint32_t *wanted, uint32_t n, uint32_t *to);
uint32_t ns__rank_portable(const ns__block_bits *view, uint16_t *ranks);
uint32_t ns__find_bits_portable(const ns__block_bits *view, const uint16_t *ranks,
                                const uint32_t *wanted, uint32_t n, uint32_t *at);
void ns__articles_portable(const uint8_t *bits, const uint8_t *before, const uint32_t *passages,
                           uint32_t n, uint32_t *out);
uint32_t ns__sift_bits(const ns__block_bits *view, bool present, const uint32_t *wanted, uint32_t n,
                       uint32_t *to);
uint32_t ns__keep_portable(const ns__alive *from, uint32_t count, float need, const ns__alive *to);
uint32_t ns__keep_found_portable(const ns__alive *from, uint32_t *at, uint32_t count,
                                 const ns__alive *to);
uint32_t ns__keep_ids_portable(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                               uint32_t count, uint32_t *to_ids, uint32_t *to_slots);

#if defined(__x86_64__)
uint32_t ns__find_avx2(const uint32_t *ids, uint32_t count, const uint32_t *wanted, uint32_t n,
                       uint32_t *at);
uint32_t ns__sift_avx2(const uint32_t *ids, uint32_t count, bool present, const uint32_t *wanted,
                       uint32_t n, uint32_t *to);
uint32_t ns__find_bits_avx2(const ns__block_bits *view, const uint16_t *ranks,
                            const uint32_t *wanted, uint32_t n, uint32_t *at);
uint32_t ns__keep_avx2(const ns__alive *from, uint32_t count, float need, const ns__alive *to);
uint32_t ns__keep_found_avx2(const ns__alive *from, uint32_t *at, uint32_t count,
                             const ns__alive *to);
uint32_t ns__keep_ids_avx2(const uint32_t *ids, const uint32_t *slots, uint32_t *at, uint32_t count,
                           uint32_t *to_ids, uint32_t *to_slots);
void ns__articles_avx2(const uint8_t *bits, const uint8_t *before, const uint32_t *passages,
                       uint32_t n, uint32_t *out);
uint32_t ns__rank_avx2(const ns__block_bits *view, uint16_t *ranks);
#endif

#endif
