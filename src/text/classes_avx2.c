/* Kinds of bytes with AVX2. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "text/classes.h"
#include "text/classes_tables.h"

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AVX2_INLINE __attribute__((target("avx2,bmi,bmi2,popcnt"), always_inline)) static inline

AVX2_INLINE __m256i look_up(__m256i bytes, __m256i low, __m256i high)
{
    const __m256i half = _mm256_set1_epi8(15);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);
    return _mm256_and_si256(_mm256_shuffle_epi8(low, _mm256_and_si256(bytes, half)),
                            _mm256_shuffle_epi8(high, upper));
}

/* Bytes that have one of the bits. */
AVX2_INLINE uint64_t having(__m256i first, __m256i second, char bits)
{
    const __m256i wanted = _mm256_set1_epi8(bits), zero = _mm256_setzero_si256();
    first = _mm256_cmpeq_epi8(_mm256_and_si256(first, wanted), zero);
    second = _mm256_cmpeq_epi8(_mm256_and_si256(second, wanted), zero);
    return ~((uint64_t)(uint32_t)_mm256_movemask_epi8(first) |
             (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << 32);
}

AVX2_INLINE uint64_t high_bits(__m256i first, __m256i second)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(first) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(second) << 32;
}

AVX2_INLINE __m256i load(const uint8_t *at)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)at);
}

#define TABLE(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))

AVX2 static void words(const uint8_t *text, size_t blocks, ns__word_masks *out)
{
    const __m256i low = TABLE(NS_WORD_LOW), high = TABLE(NS_WORD_HIGH);
    for (size_t b = 0; b < blocks; b++, text += NS_CLASS_BLOCK) {
        __m256i first = load(text), second = load(text + 32);
        out[b].beyond = high_bits(first, second);
        first = look_up(first, low, high);
        second = look_up(second, low, high);
        out[b].word = having(first, second, NS_WORD_BITS);
        out[b].under = having(first, second, NS_UNDER_BIT);
        out[b].join = having(first, second, NS_JOIN_BITS);
    }
}

AVX2_INLINE void one_mask(const uint8_t *text, size_t blocks, __m256i low, __m256i high,
                          uint64_t *out)
{
    for (size_t b = 0; b < blocks; b++, text += NS_CLASS_BLOCK)
        out[b] = having(look_up(load(text), low, high), look_up(load(text + 32), low, high), -1);
}

AVX2 static void spaces(const uint8_t *text, size_t blocks, uint64_t *out)
{
    one_mask(text, blocks, TABLE(NS_SPACE_LOW), TABLE(NS_SPACE_HIGH), out);
}

AVX2 static void stops(const uint8_t *text, size_t blocks, uint64_t *out)
{
    one_mask(text, blocks, TABLE(NS_STOP_LOW), TABLE(NS_STOP_HIGH), out);
}

const ns__class_kernels ns__class_avx2 = {words, spaces, stops};
#endif
