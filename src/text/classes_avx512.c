/* Kinds of bytes with AVX-512. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "text/classes.h"
#include "text/classes_tables.h"

#define AVX512_TARGET                                                                              \
    "avx512f,avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,avx512vnni,avx2,bmi,bmi2,popcnt"
#define AVX512 __attribute__((target(AVX512_TARGET)))
#define AVX512_INLINE __attribute__((target(AVX512_TARGET), always_inline)) static inline

AVX512_INLINE __m512i look_up(__m512i bytes, __m512i low, __m512i high)
{
    const __m512i half = _mm512_set1_epi8(15);
    __m512i upper = _mm512_and_si512(_mm512_srli_epi16(bytes, 4), half);
    return _mm512_and_si512(_mm512_shuffle_epi8(low, _mm512_and_si512(bytes, half)),
                            _mm512_shuffle_epi8(high, upper));
}

#define TABLE(...) _mm512_broadcast_i32x4(_mm_setr_epi8(__VA_ARGS__))

AVX512 static void words(const uint8_t *text, size_t blocks, ns__word_masks *out)
{
    const __m512i low = TABLE(NS_WORD_LOW), high = TABLE(NS_WORD_HIGH);
    for (size_t b = 0; b < blocks; b++, text += NS_CLASS_BLOCK) {
        __m512i bytes = _mm512_loadu_si512(text);
        __m512i kinds = look_up(bytes, low, high);
        out[b].word = _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(NS_WORD_BITS));
        out[b].under = _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(NS_UNDER_BIT));
        out[b].join = _mm512_test_epi8_mask(kinds, _mm512_set1_epi8(NS_JOIN_BITS));
        out[b].beyond = _mm512_movepi8_mask(bytes);
    }
}

AVX512_INLINE void one_mask(const uint8_t *text, size_t blocks, __m512i low, __m512i high,
                            uint64_t *out)
{
    for (size_t b = 0; b < blocks; b++, text += NS_CLASS_BLOCK) {
        __m512i kinds = look_up(_mm512_loadu_si512(text), low, high);
        out[b] = _mm512_test_epi8_mask(kinds, kinds);
    }
}

AVX512 static void spaces(const uint8_t *text, size_t blocks, uint64_t *out)
{
    one_mask(text, blocks, TABLE(NS_SPACE_LOW), TABLE(NS_SPACE_HIGH), out);
}

AVX512 static void stops(const uint8_t *text, size_t blocks, uint64_t *out)
{
    one_mask(text, blocks, TABLE(NS_STOP_LOW), TABLE(NS_STOP_HIGH), out);
}

const ns__class_kernels ns__class_avx512 = {words, spaces, stops};
#endif
