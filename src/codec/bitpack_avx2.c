/* Unpack kernels for AVX2 and BMI2. */
#if defined(__x86_64__)
#include <immintrin.h>

#include "base/bytes.h"
#include "codec/bit_places.h"
#include "codec/bitpack.h"

#define AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AVX2_INLINE __attribute__((target("avx2,bmi,bmi2,popcnt"), always_inline)) static inline

/* How to take eight values of one width apart.
 *
 * Up to 25 bits a value lies within four bytes from its first one: value j is shuffled into
 * 32-bit lane j, shifted down by its bit offset and masked. The upper four values are loaded from
 * `half` bytes further, as a shuffle stays within 16 bytes. */
typedef struct narrow_plan {
    __m256i shuffle, shift, mask;
    size_t half;
} narrow_plan;

AVX2_INLINE narrow_plan plan_narrow(unsigned width)
{
    narrow_plan plan;
    plan.half = width / 2;
    __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i bit = _mm256_mullo_epi32(lane, _mm256_set1_epi32((int)width));
    __m256i byte = _mm256_srli_epi32(bit, 3);
    int half = (int)plan.half;
    byte = _mm256_sub_epi32(byte, _mm256_setr_epi32(0, 0, 0, 0, half, half, half, half));
    plan.shuffle = _mm256_add_epi32(_mm256_mullo_epi32(byte, _mm256_set1_epi32(0x01010101)),
                                    _mm256_set1_epi32(0x03020100));
    plan.shift = _mm256_and_si256(bit, _mm256_set1_epi32(7));
    plan.mask = _mm256_set1_epi32((int)((UINT32_C(1) << width) - 1));
    return plan;
}

AVX2_INLINE __m256i load_halves(const uint8_t *low, const uint8_t *high)
{
    __m256i both = _mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)low));
    return _mm256_inserti128_si256(both, _mm_loadu_si128((const __m128i *)high), 1);
}

AVX2_INLINE __m256i take_narrow(const uint8_t *in, const narrow_plan *plan)
{
    __m256i bytes = _mm256_shuffle_epi8(load_halves(in, in + plan->half), plan->shuffle);
    return _mm256_and_si256(_mm256_srlv_epi32(bytes, plan->shift), plan->mask);
}

/* Up to 8 bits a value lies within two bytes, and sixteen are taken at once, in 16-bit lanes: moved
 * to the top by a product with a power of two, which drops what is above, then down again. Both
 * halves begin at a byte and have the same plan. A width has a line of `few_bytes` and one of
 * `few_times`. */
#define NS__FEW_BYTE(w, j) (j) * (w) / 8, (j) * (w) / 8 + 1
#define NS__FEW_BYTES(w)                                                                           \
    {                                                                                              \
        NS__FEW_BYTE(w, 0), NS__FEW_BYTE(w, 1), NS__FEW_BYTE(w, 2), NS__FEW_BYTE(w, 3),            \
            NS__FEW_BYTE(w, 4), NS__FEW_BYTE(w, 5), NS__FEW_BYTE(w, 6), NS__FEW_BYTE(w, 7)         \
    }
#define NS__FEW_TIME(w, j) (UINT32_C(1) << (16 - (w) - (j) * (w) % 8)) & 0xffff
#define NS__FEW_TIMES(w)                                                                           \
    {                                                                                              \
        NS__FEW_TIME(w, 0), NS__FEW_TIME(w, 1), NS__FEW_TIME(w, 2), NS__FEW_TIME(w, 3),            \
            NS__FEW_TIME(w, 4), NS__FEW_TIME(w, 5), NS__FEW_TIME(w, 6), NS__FEW_TIME(w, 7)         \
    }
#define NS__FEW_WIDTHS(row)                                                                        \
    {                                                                                              \
        row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7), row(8)                     \
    }
enum { FEW_BITS = 8 };
static const uint8_t few_bytes[FEW_BITS + 1][16] = NS__FEW_WIDTHS(NS__FEW_BYTES);
static const uint16_t few_times[FEW_BITS + 1][8] = NS__FEW_WIDTHS(NS__FEW_TIMES);

typedef struct few_plan {
    __m256i shuffle, times;
    __m128i down;
    size_t half;
} few_plan;

AVX2_INLINE few_plan plan_few(unsigned width)
{
    few_plan plan;
    plan.shuffle = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)few_bytes[width]));
    plan.times = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)few_times[width]));
    plan.down = _mm_cvtsi32_si128((int)(16 - width));
    plan.half = width;
    return plan;
}

AVX2_INLINE __m256i take_few(const uint8_t *in, const few_plan *plan)
{
    __m256i bytes = _mm256_shuffle_epi8(load_halves(in, in + plan->half), plan->shuffle);
    return _mm256_srl_epi16(_mm256_mullo_epi16(bytes, plan->times), plan->down);
}

/* From 26 bits on a value may touch five bytes: four values at a time in 64-bit lanes. The four
 * start at a multiple of four bits, so the second four have plans of their own. */
typedef struct wide_plan {
    __m256i shuffle[2], shift[2], mask;
    size_t low[2], high[2]; /* where values 0 and 2 of the four begin */
} wide_plan;

AVX2_INLINE wide_plan plan_wide(unsigned width)
{
    wide_plan plan;
    for (unsigned four = 0; four < 2; four++) {
        unsigned bit[4], begin[4];
        for (unsigned j = 0; j < 4; j++) {
            bit[j] = (four * 4 + j) * width;
            begin[j] = bit[j] / 8;
        }
        plan.low[four] = begin[0];
        plan.high[four] = begin[2];
        __m256i byte = _mm256_setr_epi64x(0, begin[1] - begin[0], 0, begin[3] - begin[2]);
        byte = _mm256_shuffle_epi8(
            byte, _mm256_setr_epi64x(0, 0x0808080808080808, 0, 0x0808080808080808));
        plan.shuffle[four] = _mm256_add_epi8(byte, _mm256_set1_epi64x(0x0706050403020100));
        plan.shift[four] = _mm256_setr_epi64x(bit[0] % 8, bit[1] % 8, bit[2] % 8, bit[3] % 8);
    }
    plan.mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << width) - 1));
    return plan;
}

AVX2_INLINE __m256i take_wide(const uint8_t *in, const wide_plan *plan)
{
    __m256i fours[2];
    for (unsigned four = 0; four < 2; four++) {
        __m256i bytes = load_halves(in + plan->low[four], in + plan->high[four]);
        bytes = _mm256_shuffle_epi8(bytes, plan->shuffle[four]);
        fours[four] = _mm256_and_si256(_mm256_srlv_epi64(bytes, plan->shift[four]), plan->mask);
    }
    __m256i even = _mm256_castps_si256(_mm256_shuffle_ps(
        _mm256_castsi256_ps(fours[0]), _mm256_castsi256_ps(fours[1]), _MM_SHUFFLE(2, 0, 2, 0)));
    return _mm256_permute4x64_epi64(even, _MM_SHUFFLE(3, 1, 2, 0));
}

/* Sums within eight lanes, plus *carry, which is the sum before lane 0 in every lane and moves on.
 * The chain from one call to the next is a single addition. */
AVX2_INLINE __m256i prefix8(__m256i x, __m256i *carry, __m256i step8)
{
    const __m256i upper = _mm256_setr_epi32(0, 0, 0, 0, -1, -1, -1, -1);
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    /* The sum of each half, and the two swapped: together the sum of all in every lane. */
    __m256i half = _mm256_shuffle_epi32(x, _MM_SHUFFLE(3, 3, 3, 3));
    __m256i other = _mm256_permute2x128_si256(half, half, 0x01);
    x = _mm256_add_epi32(x, _mm256_and_si256(other, upper));
    __m256i total = _mm256_add_epi32(_mm256_add_epi32(half, other), step8);
    __m256i result = _mm256_add_epi32(x, *carry);
    *carry = _mm256_add_epi32(*carry, total);
    return result;
}

/* The carry before the first value: lane j owes base and j + 1 steps. */
AVX2_INLINE __m256i first_carry(uint32_t base, uint32_t step)
{
    __m256i steps =
        _mm256_mullo_epi32(_mm256_set1_epi32((int)step), _mm256_setr_epi32(1, 2, 3, 4, 5, 6, 7, 8));
    return _mm256_add_epi32(steps, _mm256_set1_epi32((int)base));
}

AVX2_INLINE void store8(uint32_t *out, __m256i x)
{
    _mm256_storeu_si256((__m256i *)out, x);
}

/* Sixteen 16-bit lanes as numbers of 32 bits, plus *base. */
AVX2_INLINE void store16(uint32_t *out, __m256i x, __m256i base)
{
    const __m256i none = _mm256_setzero_si256();
    x = _mm256_permute4x64_epi64(x, _MM_SHUFFLE(3, 1, 2, 0));
    store8(out, _mm256_add_epi32(_mm256_unpacklo_epi16(x, none), base));
    store8(out + 8, _mm256_add_epi32(_mm256_unpackhi_epi16(x, none), base));
}

/* prefix8 for sixteen lanes of 16 bits. A sum that is too large stays at 65,535. */
AVX2_INLINE __m256i prefix16(__m256i x, __m256i *carry)
{
    const __m256i last_two = _mm256_set1_epi16(0x0f0e);
    x = _mm256_adds_epu16(x, _mm256_slli_si256(x, 2));
    x = _mm256_adds_epu16(x, _mm256_slli_si256(x, 4));
    x = _mm256_adds_epu16(x, _mm256_slli_si256(x, 8));
    __m256i half = _mm256_shuffle_epi8(x, last_two);
    x = _mm256_adds_epu16(x, _mm256_permute2x128_si256(half, half, 0x08)); /* of the lower half */
    __m256i total = _mm256_adds_epu16(half, _mm256_permute2x128_si256(half, half, 0x01));
    __m256i result = _mm256_adds_epu16(x, *carry);
    *carry = _mm256_adds_epu16(*carry, total);
    return result;
}

/* `delta` is a constant at both places of use: one loop in the source, two in the machine code. */
AVX2_INLINE void unpack(const uint8_t *in, size_t count, unsigned width, bool delta, uint32_t base,
                        uint32_t step, uint32_t *out)
{
    __m256i carry = first_carry(base, step);
    const __m256i step8 = _mm256_set1_epi32((int)(step * 8));
    if (width <= 25) {
        narrow_plan plan = plan_narrow(width);
        for (size_t i = 0; i < count; i += 8, in += width) {
            __m256i x = take_narrow(in, &plan);
            store8(out + i, delta ? prefix8(x, &carry, step8) : x);
        }
    } else {
        wide_plan plan = plan_wide(width);
        for (size_t i = 0; i < count; i += 8, in += width) {
            __m256i x = take_wide(in, &plan);
            store8(out + i, delta ? prefix8(x, &carry, step8) : x);
        }
    }
}

AVX2 static void unpack32(const uint8_t *in, size_t count, unsigned width, uint32_t *out)
{
    unpack(in, count, width, false, 0, 0, out);
}

AVX2 static void unpack_delta32(const uint8_t *in, size_t count, unsigned width, uint32_t base,
                                uint32_t step, uint32_t *out)
{
    unpack(in, count, width, true, base, step, out);
}

AVX2 static bool patch_delta32(const ns__patches *patches, const uint8_t *in, size_t count,
                               unsigned width, uint32_t base, uint32_t *out)
{
    uint16_t gaps[NS_PATCH_MOST + NS_UNPACK_ROUND];
    if (width > FEW_BITS || count > NS_PATCH_MOST)
        return false;
    const few_plan plan = plan_few(width);
    for (size_t i = 0; i < count; i += 16, in += 2 * width)
        _mm256_storeu_si256((__m256i *)(gaps + i), take_few(in, &plan));
    uint32_t above = 0;
    for (uint32_t i = 0; i < patches->count; i++) {
        uint32_t index = patches->indices[i], high = patches->highs[i] << width;
        if (index >= count)
            return false;
        gaps[index] |= (uint16_t)high;
        above |= high;
    }
    const __m256i from = _mm256_set1_epi32((int)base), one = _mm256_set1_epi16(1);
    __m256i carry = _mm256_setzero_si256();
    for (size_t i = 0; i < count; i += 16) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(gaps + i));
        store16(out + i, prefix16(_mm256_adds_epu16(x, one), &carry), from);
    }
    return above <= UINT16_MAX && _mm256_extract_epi16(carry, 0) != UINT16_MAX;
}

AVX2 static void prefix32(uint32_t *values, size_t count, uint32_t base, uint32_t step)
{
    __m256i carry = first_carry(base, step);
    const __m256i step8 = _mm256_set1_epi32((int)(step * 8));
    for (size_t i = 0; i < count; i += 8) {
        __m256i x = _mm256_loadu_si256((const __m256i *)(values + i));
        store8(values + i, prefix8(x, &carry, step8));
    }
}

AVX2 static bool small_sums32(const uint32_t *values, size_t count, uint32_t *out)
{
    const __m256i none = _mm256_setzero_si256(), most = _mm256_set1_epi32(UINT16_MAX);
    __m256i carry = none;
    size_t i = 0;
    for (; i + 16 <= count; i += 16) { /* what is too large stays at 65,535 */
        const __m256i low = _mm256_loadu_si256((const __m256i *)(values + i));
        const __m256i high = _mm256_loadu_si256((const __m256i *)(values + i + 8));
        __m256i x = _mm256_packus_epi32(_mm256_min_epu32(low, most), _mm256_min_epu32(high, most));
        x = _mm256_permute4x64_epi64(x, _MM_SHUFFLE(3, 1, 2, 0));
        store16(out + i, prefix16(x, &carry), none);
    }
    uint32_t sum = (uint16_t)_mm256_extract_epi16(carry, 0);
    if (sum == UINT16_MAX)
        return false;
    for (; i < count; i++) {
        if (values[i] > UINT16_MAX)
            return false;
        out[i] = sum += values[i];
    }
    return true;
}

/* All ones in the first `count` of eight lanes. */
AVX2_INLINE __m256i lanes_below(size_t count)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)count),
                              _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

AVX2 static bool bits32(const uint8_t *bits, size_t bytes, size_t count, uint32_t first,
                        uint32_t *out)
{
    size_t found = 0;
    for (size_t at = 0; at < bytes; at++) {
        uint32_t byte = bits[at];
        size_t here = (size_t)_mm_popcnt_u32(byte);
        if (here > count - found)
            return false;
        __m256i ids = _mm256_add_epi32(
            _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)&ns__bit_places[byte])),
            _mm256_set1_epi32((int)(first + (uint32_t)at * 8)));
        if (found + 8 <= count)
            store8(out + found, ids);
        else /* the last few: not past the rounded count */
            _mm256_maskstore_epi32((int *)(out + found), lanes_below(here), ids);
        found += here;
    }
    return found == count;
}

AVX2 static void expand32(const uint8_t *mask, size_t count, const uint32_t *values, uint32_t *out)
{
    const __m256i bit_of_lane = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    const __m256i one = _mm256_set1_epi32(1);
    for (size_t i = 0; i < count; i += 8) {
        uint32_t byte = mask[i / 8];
        uint64_t lanes = _pdep_u64(byte, 0x0101010101010101) * 255;
        uint64_t ranks = _pdep_u64(0x0706050403020100, lanes);
        __m256i rank = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)ranks));
        __m256i x = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const __m256i *)values), rank);
        __m256i set = _mm256_cmpeq_epi32(
            _mm256_and_si256(_mm256_set1_epi32((int)byte), bit_of_lane), bit_of_lane);
        x = _mm256_and_si256(_mm256_add_epi32(x, one), set);
        store8(out + i, _mm256_add_epi32(x, one));
        values += _mm_popcnt_u32(byte);
    }
}

AVX2 static size_t count_bits(const uint8_t *bits, size_t count)
{
    size_t set = 0, i = 0;
    for (; i + 256 <= count; i += 256) {
        const uint8_t *at = bits + i / 8;
        size_t low =
            (size_t)_mm_popcnt_u64(ns__get_u64(at)) + (size_t)_mm_popcnt_u64(ns__get_u64(at + 8));
        size_t high = (size_t)_mm_popcnt_u64(ns__get_u64(at + 16)) +
                      (size_t)_mm_popcnt_u64(ns__get_u64(at + 24));
        set += low + high;
    }
    for (; i + 64 <= count; i += 64)
        set += (size_t)_mm_popcnt_u64(ns__get_u64(bits + i / 8));
    if (i < count) {
        uint64_t word = ns__get_u64(bits + i / 8);
        set += (size_t)_mm_popcnt_u64(word & ((UINT64_C(1) << (count - i)) - 1));
    }
    return set;
}

const ns__unpack_kernels ns__unpack_avx2 = {unpack32, unpack_delta32, prefix32,   patch_delta32,
                                            bits32,   expand32,       count_bits, small_sums32};
#else
typedef int ns__no_avx2; /* a file may not be empty */
#endif
