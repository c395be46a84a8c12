/* Kernels of kernels.h for AVX-512; kernels.c has them in its table. */
#ifndef NS_SEARCH_KERNELS_AVX512_H
#define NS_SEARCH_KERNELS_AVX512_H

#include "search/kernels.h"

#if defined(__x86_64__)
uint32_t ns__rate_avx512(const ns__rate_job *job);
void ns__weigh_avx512(const uint32_t *tfs, const float *lengths, uint32_t count, float factor,
                      float c0, float c1, float *sums);
void ns__score_avx512(const uint32_t *tfs, const double *ks, uint32_t count, double factor,
                      double *sums);
uint32_t ns__find_avx512(const uint32_t *ids, uint32_t count, const uint32_t *wanted, uint32_t n,
                         uint32_t *at);
uint32_t ns__sift_avx512(const uint32_t *ids, uint32_t count, bool present, const uint32_t *wanted,
                         uint32_t n, uint32_t *to);
uint32_t ns__sift_bits_avx512(const ns__block_bits *view, bool present, const uint32_t *wanted,
                              uint32_t n, uint32_t *to);
uint32_t ns__keep_avx512(const ns__alive *from, uint32_t count, float need, const ns__alive *to);
uint32_t ns__keep_found_avx512(const ns__alive *from, uint32_t *at, uint32_t count,
                               const ns__alive *to);
uint32_t ns__keep_ids_avx512(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                             uint32_t count, uint32_t *to_ids, uint32_t *to_slots);
void ns__or_bits_avx512(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t *set);
#endif

#endif
