/* What files of AVX-512 kernels share: taking packed values out, and sums over lanes. Only for
 * those: it has no meaning where the compiler may not use these instructions. */
#ifndef NS_CODEC_LANES_AVX512_H
#define NS_CODEC_LANES_AVX512_H

#include <immintrin.h>

#define AVX512_TARGET                                                                              \
    "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,avx512vnni,avx512vpopcntdq,avx2,"   \
    "bmi,bmi2,popcnt"
#define AVX512 __attribute__((target(AVX512_TARGET)))
#define AVX512_INLINE __attribute__((target(AVX512_TARGET), always_inline)) static inline

typedef struct take_plan {
    __m512i bytes, bits, mask;
} take_plan;

/* Lane j takes `lane_bits` bits from bit j * lane_bits; its values of `width` bits become fields
 * of `field` bytes. All products fit a byte, so both bytes of a 16-bit lane are done at once. */
AVX512_INLINE take_plan plan_take(unsigned width, unsigned field)
{
    const __m512i eights = _mm512_set1_epi64(0x0706050403020100);
    const __m512i lane = _mm512_setr_epi64(
        0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303, 0x0404040404040404,
        0x0505050505050505, 0x0606060606060606, 0x0707070707070707);
    const __m512i times = _mm512_set1_epi16((short)width);
    /* Lane j begins at bit j * width * 8 / field: byte (j * width) / field, and the rest. */
    __m512i begin = _mm512_mullo_epi16(lane, times);
    take_plan plan;
    if (field == 1) {
        plan.bytes = _mm512_add_epi8(begin, eights);
        plan.bits = _mm512_mullo_epi16(eights, times);
        plan.mask = _mm512_set1_epi8((char)((1u << width) - 1));
    } else if (field == 2) {
        __m512i byte = _mm512_and_si512(_mm512_srli_epi16(begin, 1), _mm512_set1_epi8(0x7f));
        __m512i rest = _mm512_and_si512(begin, _mm512_set1_epi8(1));
        __m512i place = _mm512_mullo_epi16(_mm512_set1_epi64(0x0303020201010000), times);
        place = _mm512_add_epi8(place, _mm512_set1_epi64(0x0800080008000800));
        plan.bytes = _mm512_add_epi8(byte, eights);
        plan.bits = _mm512_add_epi8(place, _mm512_slli_epi16(rest, 2));
        plan.mask = _mm512_set1_epi16((short)((1u << width) - 1));
    } else {
        __m512i byte = _mm512_and_si512(_mm512_srli_epi16(begin, 2), _mm512_set1_epi8(0x3f));
        __m512i rest = _mm512_and_si512(begin, _mm512_set1_epi8(3));
        __m512i place = _mm512_mullo_epi16(_mm512_set1_epi64(0x0101010100000000), times);
        place = _mm512_add_epi8(place, _mm512_set1_epi64(0x1810080018100800));
        plan.bytes = _mm512_add_epi8(byte, eights);
        plan.bits = _mm512_add_epi8(place, _mm512_slli_epi16(rest, 1));
        plan.mask = _mm512_set1_epi32((int)((UINT64_C(1) << width) - 1));
    }
    return plan;
}

AVX512_INLINE __m512i take(const uint8_t *in, const take_plan *plan)
{
    __m512i bytes = _mm512_permutexvar_epi8(plan->bytes, _mm512_loadu_si512(in));
    return _mm512_and_si512(_mm512_multishift_epi64_epi8(plan->bits, bytes), plan->mask);
}

/* Sums within sixteen lanes. */
AVX512_INLINE __m512i sum16(__m512i x)
{
    /* In each 128-bit lane, then the last sums of these moved up by one lane and by two. */
    const __m512i by_one = _mm512_setr_epi32(0, 0, 0, 0, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11);
    const __m512i by_two = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 7, 7, 7, 7);
    x = _mm512_add_epi32(x, _mm512_bslli_epi128(x, 4));
    x = _mm512_add_epi32(x, _mm512_bslli_epi128(x, 8));
    x = _mm512_add_epi32(x, _mm512_maskz_permutexvar_epi32(0xfff0, by_one, x));
    return _mm512_add_epi32(x, _mm512_maskz_permutexvar_epi32(0xff00, by_two, x));
}

#endif
