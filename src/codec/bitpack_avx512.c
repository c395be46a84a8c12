/* Unpack kernels for AVX-512 with VBMI, VBMI2 and VNNI (Ice Lake, Zen 4 and later).
 *
 * Three ranges of widths share one idea: a byte permute (vpermb) brings to each 64-bit lane the
 * bytes its values begin in, then vpmultishiftqb picks eight bits at any bit offset of the lane
 * for each byte of the result.
 *
 *   0..8     a lane takes 8 values of one byte each, a step 64 values
 *   9..16    a lane takes 4 values of two bytes each, a step 32 values
 *   17..32   a lane takes 2 values of four bytes each, a step 16 values; at width 31 two values
 *            and their offset exceed 64 bits, so each has a lane of its own
 *
 * Sums over lanes cost more than unpacking, so they are taken over as few lanes as possible: over
 * the totals of four bytes or of two 16-bit fields, which are then spread to the single values. */
#if defined(__x86_64__)
#include "base/bytes.h"
#include "codec/bitpack.h"
#include "codec/lanes_avx512.h"

/* Sixteen values of 31 bits, one per 64-bit lane in two halves. With eight values `left` or fewer
 * the second half does not exist and must not be loaded. */
AVX512_INLINE __m512i take_31(const uint8_t *in, size_t left)
{
    const uint8_t *in_high = left > 8 ? in + 31 : in;
    const __m512i eights = _mm512_set1_epi64(0x0706050403020100);
    const __m512i lane = _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7);
    const __m512i ones = _mm512_set1_epi64(0x0101010101010101);
    __m512i bit = _mm512_mullo_epi64(lane, _mm512_set1_epi64(31));
    __m512i byte = _mm512_mullo_epi64(_mm512_srli_epi64(bit, 3), ones);
    __m512i shift = _mm512_and_si512(bit, _mm512_set1_epi64(7));
    __m512i places = _mm512_add_epi8(byte, eights);
    __m512i low = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(in));
    __m512i high = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(in_high));
    __m256i first = _mm512_cvtepi64_epi32(_mm512_srlv_epi64(low, shift));
    __m256i second = _mm512_cvtepi64_epi32(_mm512_srlv_epi64(high, shift));
    __m512i both = _mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
    return _mm512_and_si512(both, _mm512_set1_epi32(0x7fffffff));
}

/* The sum before the next values, in every lane. The chain from one group of values to the next is
 * a single addition, as `total` does not depend on it. */
AVX512_INLINE void carry_on(__m512i *carry, __m512i sums, __m512i step)
{
    __m512i total = _mm512_permutexvar_epi32(_mm512_set1_epi32(15), sums);
    *carry = _mm512_add_epi32(*carry, _mm512_add_epi32(total, step));
}

AVX512_INLINE __m512i multiples(uint32_t step)
{
    return _mm512_mullo_epi32(
        _mm512_set1_epi32((int)step),
        _mm512_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
}

AVX512_INLINE void store16(uint32_t *out, __m512i x)
{
    _mm512_storeu_si512(out, x);
}

/* Only steps of sixteen that hold a value are loaded or stored. */
AVX512 static void unpack32(const uint8_t *in, size_t count, unsigned width, uint32_t *out)
{
    if (width <= 8) {
        const take_plan plan = plan_take(width, 1);
        for (size_t i = 0; i < count; i += 64, in += 8 * width) {
            __m512i x = take(in, &plan);
            store16(out + i, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(x)));
            if (i + 16 < count)
                store16(out + i + 16, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(x, 1)));
            if (i + 32 < count)
                store16(out + i + 32, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(x, 2)));
            if (i + 48 < count)
                store16(out + i + 48, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(x, 3)));
        }
    } else if (width <= 16) {
        const take_plan plan = plan_take(width, 2);
        for (size_t i = 0; i < count; i += 32, in += 4 * width) {
            __m512i x = take(in, &plan);
            store16(out + i, _mm512_cvtepu16_epi32(_mm512_castsi512_si256(x)));
            if (i + 16 < count)
                store16(out + i + 16, _mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(x, 1)));
        }
    } else if (width != 31) {
        const take_plan plan = plan_take(width, 4);
        for (size_t i = 0; i < count; i += 16, in += 2 * width)
            store16(out + i, take(in, &plan));
    } else {
        for (size_t i = 0; i < count; i += 16, in += 62)
            store16(out + i, take_31(in, count - i));
    }
}

/* Sixteen values from the sums before each four of them and the bytes: a dot product adds the
 * first one, two, three or four bytes. `k` says which fours of the sixteen. */
AVX512_INLINE __m512i spread_fours(__m512i before, __m512i bytes, int k)
{
    const __m512i up_to = _mm512_set4_epi32(0x01010101, 0x00010101, 0x00000101, 0x00000001);
    const int a = 4 * k, b = a + 1, c = a + 2, d = a + 3;
    const __m512i four = _mm512_setr_epi32(a, a, a, a, b, b, b, b, c, c, c, c, d, d, d, d);
    return _mm512_dpbusd_epi32(_mm512_permutexvar_epi32(four, before),
                               _mm512_permutexvar_epi32(four, bytes), up_to);
}

/* Values that fit a byte with the step added: sums over the totals of fours. */
AVX512_INLINE void delta_bytes(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                               uint32_t step, uint32_t *out)
{
    const take_plan plan = plan_take(width, 1);
    const __m512i step1 = _mm512_set1_epi8((char)step), none = _mm512_setzero_si512();
    __m512i carry = _mm512_set1_epi32((int)base);
    for (size_t i = 0; i < count; i += 64, in += 8 * width) {
        const __m512i x = _mm512_add_epi8(take(in, &plan), step1);
        const __m512i totals = _mm512_dpbusd_epi32(none, x, _mm512_set1_epi8(1));
        const __m512i sums = sum16(totals);
        const __m512i before = _mm512_add_epi32(carry, _mm512_sub_epi32(sums, totals));
        store16(out + i, spread_fours(before, x, 0));
        if (i + 16 < count)
            store16(out + i + 16, spread_fours(before, x, 1));
        if (i + 32 < count)
            store16(out + i + 32, spread_fours(before, x, 2));
        if (i + 48 < count)
            store16(out + i + 48, spread_fours(before, x, 3));
        carry_on(&carry, sums, none);
    }
}

/* Thirty-two 16-bit fields a step from `load`: the sums behind each two of them, and the same
 * without the second. */
#define PAIRS_LOOP(load)                                                                           \
    do {                                                                                           \
        const __m512i low =                                                                        \
            _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);             \
        const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));                          \
        const __m512i steps = _mm512_slli_epi32(multiples(step), 1);                               \
        const __m512i step1 = _mm512_set1_epi32((int)step);                                        \
        const __m512i step32 = _mm512_set1_epi32((int)(step * 32));                                \
        __m512i carry = _mm512_add_epi32(_mm512_set1_epi32((int)base), steps);                     \
        for (size_t i = 0; i < count; i += 32) {                                                   \
            const __m512i x = load;                                                                \
            const __m512i second = _mm512_srli_epi32(x, 16);                                       \
            const __m512i first = _mm512_and_si512(x, _mm512_set1_epi32(0xffff));                  \
            const __m512i sums = sum16(_mm512_add_epi32(first, second));                           \
            const __m512i odd = _mm512_add_epi32(sums, carry);                                     \
            const __m512i even = _mm512_sub_epi32(odd, _mm512_add_epi32(second, step1));           \
            store16(out + i, _mm512_permutex2var_epi32(even, low, odd));                           \
            if (i + 16 < count)                                                                    \
                store16(out + i + 16, _mm512_permutex2var_epi32(even, high, odd));                 \
            carry_on(&carry, sums, step32);                                                        \
        }                                                                                          \
    } while (0)

AVX512_INLINE void delta_pairs(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                               uint32_t step, uint32_t *out)
{
    const take_plan plan = plan_take(width, 2);
    PAIRS_LOOP(take(in + i / 8 * width, &plan));
}

/* The same of fields in memory, with step 1. */
AVX512_INLINE void sum_pairs(const uint16_t *gaps, size_t count, uint32_t base, uint32_t *out)
{
    const uint32_t step = 1;
    PAIRS_LOOP(_mm512_loadu_si512(gaps + i));
}

/* Sixteen values at a time from `load`: unpacked ones, or those of prefix32. */
#define DELTA_LOOP(load)                                                                           \
    do {                                                                                           \
        const __m512i step16 = _mm512_set1_epi32((int)(step * 16));                                \
        __m512i carry = _mm512_add_epi32(_mm512_set1_epi32((int)base), multiples(step));           \
        for (size_t i = 0; i < count; i += 16) {                                                   \
            const __m512i sums = sum16(load);                                                      \
            store16(out + i, _mm512_add_epi32(sums, carry));                                       \
            carry_on(&carry, sums, step16);                                                        \
        }                                                                                          \
    } while (0)

AVX512 static void unpack_delta32(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                                  uint32_t step, uint32_t *out)
{
    if (width <= 8 && step <= 256 - (1u << width)) {
        delta_bytes(in, count, width, base, step, out);
    } else if (width <= 16) {
        delta_pairs(in, count, width, base, step, out);
    } else if (width != 31) {
        const take_plan plan = plan_take(width, 4);
        DELTA_LOOP(take(in + i / 8 * width, &plan));
    } else {
        DELTA_LOOP(take_31(in + i / 8 * width, count - i));
    }
}

AVX512 static void prefix32(uint32_t *values, size_t count, uint32_t base, uint32_t step)
{
    uint32_t *out = values;
    DELTA_LOOP(_mm512_loadu_si512(values + i));
}

/* With the highest bits nearly all gaps fit 16 bits, and without them a byte. */
AVX512 static bool patch_delta32(const ns__patches *patches, const uint8_t *in, size_t count,
                                 unsigned width, uint32_t base, uint32_t *out)
{
    uint16_t gaps[NS_PATCH_MOST + NS_UNPACK_ROUND];
    if (width > 8 || count > NS_PATCH_MOST)
        return false;
    const take_plan plan = plan_take(width, 1);
    for (size_t i = 0; i < count; i += 64, in += 8 * width) {
        const __m512i x = take(in, &plan);
        _mm512_storeu_si512(gaps + i, _mm512_cvtepu8_epi16(_mm512_castsi512_si256(x)));
        _mm512_storeu_si512(gaps + i + 32, _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(x, 1)));
    }
    uint32_t above = 0;
    for (uint32_t i = 0; i < patches->count; i++) {
        const uint32_t index = patches->indices[i], high = patches->highs[i] << width;
        if (index >= count)
            return false;
        gaps[index] |= (uint16_t)high;
        above |= high;
    }
    sum_pairs(gaps, count, base, out);
    return above <= UINT16_MAX;
}

/* Sixty-four numbers, of which the first lanes of `there` hold some, after the sum *carry. False
 * where one does not fit a byte. */
AVX512_INLINE bool sum_64(const uint32_t *values, __mmask64 there, __m512i *carry, uint32_t *out)
{
    const __m512i most = _mm512_set1_epi32(UINT8_MAX), none = _mm512_setzero_si512();
    __m128i quarters[4];
    __mmask16 large = 0;
    for (int q = 0; q < 4; q++) {
        const __m512i x = _mm512_maskz_loadu_epi32((__mmask16)(there >> 16 * q), values + 16 * q);
        large |= _mm512_cmpgt_epu32_mask(x, most);
        quarters[q] = _mm512_cvtepi32_epi8(x);
    }
    const __m256i low = _mm256_set_m128i(quarters[1], quarters[0]);
    const __m256i high = _mm256_set_m128i(quarters[3], quarters[2]);
    const __m512i x = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    const __m512i totals = _mm512_dpbusd_epi32(none, x, _mm512_set1_epi8(1));
    const __m512i sums = sum16(totals);
    const __m512i before = _mm512_add_epi32(*carry, _mm512_sub_epi32(sums, totals));
    for (int q = 0; q < 4; q++)
        _mm512_mask_storeu_epi32(out + 16 * q, (__mmask16)(there >> 16 * q),
                                 spread_fours(before, x, q));
    carry_on(carry, sums, none);
    return large == 0;
}

AVX512 static bool small_sums32(const uint32_t *values, size_t count, uint32_t *out)
{
    __m512i carry = _mm512_setzero_si512();
    bool small = true;
    size_t i = 0;
    for (; small && i + 64 <= count; i += 64)
        small = sum_64(values + i, UINT64_MAX, &carry, out + i);
    if (small && i < count)
        small = sum_64(values + i, (UINT64_C(1) << (count - i)) - 1, &carry, out + i);
    return small;
}

AVX512 static bool bits32(const uint8_t *bits, size_t bytes, size_t count, uint32_t first,
                          uint32_t *out)
{
    const __m512i places = _mm512_setr_epi64(
        0x0706050403020100, 0x0f0e0d0c0b0a0908, 0x1716151413121110, 0x1f1e1d1c1b1a1918,
        0x2726252423222120, 0x2f2e2d2c2b2a2928, 0x3736353433323130, 0x3f3e3d3c3b3a3938);
    const size_t room = (count + NS_UNPACK_ROUND - 1) / NS_UNPACK_ROUND * NS_UNPACK_ROUND;
    size_t found = 0;
    for (size_t at = 0; at < bytes; at += 8) {
        uint64_t word = ns__get_u64(bits + at);
        if (bytes - at < 8)
            word = _bzhi_u64(word, (unsigned)(bytes - at) * 8);
        size_t here = (size_t)_mm_popcnt_u64(word);
        if (here > count - found)
            return false;
        __m512i set = _mm512_maskz_compress_epi8(word, places);
        __m512i start = _mm512_set1_epi32((int)(first + (uint32_t)at * 8));
        for (size_t i = 0; i < here; i += 16) {
            __m512i ids =
                _mm512_add_epi32(_mm512_cvtepu8_epi32(_mm512_castsi512_si128(set)), start);
            if (found + i + 16 <= room)
                _mm512_storeu_si512(out + found + i, ids);
            else
                _mm512_mask_storeu_epi32(out + found + i, (__mmask16)_bzhi_u32(0xffff, here - i),
                                         ids);
            set = _mm512_alignr_epi64(set, set, 2);
        }
        found += here;
    }
    return found == count;
}

AVX512 static void expand32(const uint8_t *mask, size_t count, const uint32_t *values,
                            uint32_t *out)
{
    const __m512i one = _mm512_set1_epi32(1), two = _mm512_set1_epi32(2);
    for (size_t i = 0; i < count; i += 16) {
        __mmask16 set = ns__get_u16(mask + i / 8);
        __m512i x = _mm512_maskz_expand_epi32(set, _mm512_loadu_si512(values));
        _mm512_storeu_si512(out + i, _mm512_mask_add_epi32(one, set, x, two));
        values += _mm_popcnt_u32(set);
    }
}

AVX512 static size_t count_bits(const uint8_t *bits, size_t count)
{
    __m512i set = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 512 <= count; i += 512)
        set = _mm512_add_epi64(set, _mm512_popcnt_epi64(_mm512_loadu_si512(bits + i / 8)));
    size_t left = count - i;
    const __mmask64 whole = ~(UINT64_MAX << left / 8);
    __m512i last = _mm512_maskz_loadu_epi8(whole, bits + i / 8);
    set = _mm512_add_epi64(set, _mm512_popcnt_epi64(last));
    size_t found = (size_t)_mm512_reduce_add_epi64(set);
    if (left % 8 != 0)
        found += (size_t)_mm_popcnt_u32(bits[count / 8] & ((1u << left % 8) - 1));
    return found;
}

const ns__unpack_kernels ns__unpack_avx512 = {unpack32, unpack_delta32, prefix32,   patch_delta32,
                                              bits32,   expand32,       count_bits, small_sums32};
#else
typedef int ns__no_avx512; /* a file may not be empty */
#endif
