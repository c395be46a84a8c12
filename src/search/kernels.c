/* One portable text for every instruction set, where the compiler makes the vectors by itself. */
#include "search/kernels_avx512.h"
#include "search/kernels_find.h"
#include "search/kernels_lengths.h"
#include "search/score.h"

#include <stdbool.h>

#if defined(__x86_64__)
#include <immintrin.h>

#include "codec/bit_places.h"
#endif

#define NS_INLINE static inline __attribute__((always_inline))

NS_INLINE void add_generic(const ns__add_job *job)
{
    float part[NS_BLOCK_MAX];
    const uint32_t count = job->count;
    if (job->lengths->width == 1)
        for (uint32_t i = 0; i < count; i++)
            part[i] = (float)job->lengths->data[job->ids[i]];
    else
        for (uint32_t i = 0; i < count; i++)
            part[i] = (float)ns__length_of(job->lengths, job->ids[i]);
    const float factor = job->factor, c0 = job->c0, c1 = job->c1;
    const uint32_t *tfs = job->tfs;
    for (uint32_t i = 0; i < count; i++)
        part[i] = factor * ((float)tfs[i] / ((float)tfs[i] + (c0 + c1 * part[i])));
    for (uint32_t i = 0; i < count; i++)
        job->sums[job->ids[i] - job->first] += part[i];
}

/* Sums and `need` are not negative: such floats compare as their bits do, and the largest of whole
 * numbers is found with vectors where that of floats would need to know about NaN. */
NS_INLINE uint32_t collect_generic(const float *sums, uint32_t from, uint32_t to, float need,
                                   uint32_t *out)
{
    enum { GROUP = 64 };
    uint32_t found = 0;
    int32_t bits;
    memcpy(&bits, &need, sizeof bits);
    for (uint32_t stop; from < to; from = stop) {
        stop = to - from > GROUP ? from + GROUP : to;
        const int32_t *group = (const int32_t *)(const void *)(sums + from);
        const uint32_t count = stop - from;
        int32_t largest = 0;
        if (count == GROUP)
            for (uint32_t i = 0; i < GROUP; i++)
                largest = group[i] > largest ? group[i] : largest;
        else
            largest = INT32_MAX; /* a short one: look at each */
        for (uint32_t i = 0; largest >= bits && i < count; i++)
            if (group[i] >= bits)
                out[found++] = from + i;
    }
    return found;
}

/* Postings to rate: those that have the least tf (ns__least_tf). */
typedef struct rated {
    uint32_t slots[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM], lengths[NS_BLOCK_ROOM];
    uint32_t count;
} rated;

/* Takes the postings of the job from `from` on behind `kept` others, and loads all lengths. */
NS_INLINE void take_rest(const ns__rate_job *job, uint32_t from, uint32_t kept, rated *some)
{
    for (uint32_t i = from; i < job->count; i++) {
        some->slots[kept] = job->slot + i;
        some->ids[kept] = job->ids[i];
        some->tfs[kept] = job->tfs[i];
        kept += job->tfs[i] >= job->least;
    }
    some->count = kept;
    ns__load_lengths(job->of, some->ids, kept, some->lengths);
}

/* The postings from `from` on: `kept` of those before them stayed. */
NS_INLINE uint32_t rate_each(const ns__rate_job *job, const rated *some, uint32_t from,
                             uint32_t kept)
{
    const float c0 = job->c0, c1 = job->c1, factor = job->factor, need = job->need;
    for (uint32_t i = from; i < some->count; i++) {
        const float tf = (float)some->tfs[i], length = (float)some->lengths[i];
        const float part = factor * (tf / (tf + (c0 + c1 * length)));
        job->slots[kept] = some->slots[i];
        job->kept[kept] = some->ids[i];
        job->parts[kept] = part;
        job->lengths[kept] = length;
        kept += part >= need;
    }
    return kept;
}

static uint32_t rate_portable(const ns__rate_job *job)
{
    rated some;
    take_rest(job, 0, 0, &some);
    return rate_each(job, &some, 0, 0);
}

static void weigh_portable(const uint32_t *tfs, const float *lengths, uint32_t count, float factor,
                           float c0, float c1, float *sums)
{
    for (uint32_t i = 0; i < count; i++) {
        const float tf = (float)tfs[i], part = factor * (tf / (tf + (c0 + c1 * lengths[i])));
        sums[i] += tf > 0 ? part : 0; /* k1 may be 0, and part nothing by nothing */
    }
}

/* Divisions of several passages at once are each rounded as one by itself. */
NS_INLINE void score_generic(const uint32_t *restrict tfs, const double *restrict ks,
                             uint32_t count, double factor, double *restrict sums)
{
    for (uint32_t i = 0; i < count; i++) {
        const double part = ns__bm25_part_of(ks[i], factor, tfs[i]);
        sums[i] += tfs[i] > 0 ? part : 0; /* k1 may be 0, and part nothing by nothing */
    }
}

static void score_portable(const uint32_t *tfs, const double *ks, uint32_t count, double factor,
                           double *sums)
{
    score_generic(tfs, ks, count, factor, sums);
}

/* From where a shift has brought `carry`. */
NS_INLINE void or_bits_on(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t carry,
                          uint64_t *set)
{
    for (; bytes >= 8; bytes -= 8, bits += 8) {
        const uint64_t word = ns__get_u64(bits);
        *set++ |= word << shift | carry;
        carry = word >> 1 >> (63 - shift);
    }
    const uint64_t word = bytes > 0 ? ns__get_u64(bits) & ((UINT64_C(1) << 8 * bytes) - 1) : 0;
    if ((word << shift | carry) != 0)
        *set |= word << shift | carry;
    carry = word >> 1 >> (63 - shift);
    if (carry != 0)
        set[1] |= carry;
}

static void or_bits_portable(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t *set)
{
    or_bits_on(bits, bytes, shift, 0, set);
}

static void mark_portable(const uint32_t *ids, uint32_t count, uint32_t first, uint8_t *bytes)
{
    const uintptr_t zero = (uintptr_t)bytes - first; /* where the byte of id 0 would be */
    const uint32_t *at = ids, *end = ids + count / 8 * 8;
    for (; at < end; at += 8) {
        for (int i = 0; i < 8; i += 2) {
            uint64_t two; /* ids a load */
            memcpy(&two, at + i, sizeof two);
            *(uint8_t *)(zero + (uint32_t)two) = 1;
            *(uint8_t *)(zero + (two >> 32)) = 1;
        }
    }
    for (; at < ids + count; at++)
        bytes[*at - first] = 1;
}

static void pack_portable(uint8_t *bytes, uint32_t count, uint64_t *bits)
{
    for (uint32_t i = 0; i < count; i += 8) {
        uint64_t eight;
        memcpy(&eight, bytes + i, sizeof eight);
        if (eight == 0)
            continue;
        /* The product brings byte j's bit to bit 56 + j. */
        bits[i / 64] |= (eight * UINT64_C(0x0102040810204080) >> 56) << (i % 64);
        memset(bytes + i, 0, sizeof eight);
    }
}

static void add_portable(const ns__add_job *job)
{
    add_generic(job);
}

static uint32_t collect_portable(const float *sums, uint32_t from, uint32_t to, float need,
                                 uint32_t *out)
{
    return collect_generic(sums, from, to, need, out);
}

static const ns__window_kernels portable = {
    .add = add_portable,
    .collect = collect_portable,
    .rate = rate_portable,
    .weigh = weigh_portable,
    .score = score_portable,
    .find = ns__find_portable,
    .find_bits = ns__find_bits_portable,
    .rank = ns__rank_portable,
    .articles = ns__articles_portable,
    .sift = ns__sift_portable,
    .sift_bits = ns__sift_bits,
    .keep = ns__keep_portable,
    .keep_found = ns__keep_found_portable,
    .keep_ids = ns__keep_ids_portable,
    .or_bits = or_bits_portable,
    .mark = mark_portable,
    .pack = pack_portable,
};

#if defined(__x86_64__)
#define NS_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))

NS_AVX2 static void add_avx2(const ns__add_job *job)
{
    add_generic(job);
}

NS_AVX2 static uint32_t collect_avx2(const float *sums, uint32_t from, uint32_t to, float need,
                                     uint32_t *out)
{
    return collect_generic(sums, from, to, need, out);
}

NS_AVX2 static inline __m256i order_of(uint32_t set)
{
    return _mm256_cvtepu8_epi32(
        _mm_loadl_epi64((const __m128i *)(const void *)&ns__bit_places[set]));
}

/* Numbers without a sign, rounded once: both halves are exact. */
NS_AVX2 static inline __m256 floats_of(__m256i numbers)
{
    const __m256 high = _mm256_cvtepi32_ps(_mm256_srli_epi32(numbers, 16));
    const __m256i low = _mm256_and_si256(numbers, _mm256_set1_epi32(0xffff));
    return _mm256_add_ps(_mm256_mul_ps(high, _mm256_set1_ps(0x1p16f)), _mm256_cvtepi32_ps(low));
}

NS_AVX2 static void take_avx2(const ns__rate_job *job, rated *out)
{
    const __m256i least = _mm256_set1_epi32((int)job->least);
    __m256i slots = _mm256_add_epi32(_mm256_set1_epi32((int)job->slot),
                                     _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    uint32_t kept = 0, i = 0;
    for (; i + 8 <= job->count; i += 8) {
        const __m256i tfs = _mm256_loadu_si256((const __m256i *)(job->tfs + i));
        const __m256i ids = _mm256_loadu_si256((const __m256i *)(job->ids + i));
        const __m256i some = _mm256_cmpeq_epi32(_mm256_max_epu32(tfs, least), tfs); /* no sign */
        const uint32_t set = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(some));
        const __m256i order = order_of(set);
        _mm256_storeu_si256((__m256i *)(out->slots + kept),
                            _mm256_permutevar8x32_epi32(slots, order));
        _mm256_storeu_si256((__m256i *)(out->ids + kept), _mm256_permutevar8x32_epi32(ids, order));
        _mm256_storeu_si256((__m256i *)(out->tfs + kept), _mm256_permutevar8x32_epi32(tfs, order));
        kept += (uint32_t)__builtin_popcount(set);
        slots = _mm256_add_epi32(slots, _mm256_set1_epi32(8));
    }
    take_rest(job, i, kept, out);
}

/* Few pass as a rule: eight at a time, and only where one is among them anything is moved. */
NS_AVX2 static uint32_t rate_avx2(const ns__rate_job *job)
{
    const __m256 need = _mm256_set1_ps(job->need), factor = _mm256_set1_ps(job->factor);
    const __m256 c0 = _mm256_set1_ps(job->c0), c1 = _mm256_set1_ps(job->c1);
    uint32_t kept = 0, i = 0;
    rated some;
    take_avx2(job, &some);
    for (; i + 8 <= some.count; i += 8) {
        __m256i tfs = _mm256_loadu_si256((const __m256i *)(some.tfs + i));
        __m256 tf = floats_of(tfs);
        __m256 length = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(some.lengths + i)));
        __m256 below = _mm256_add_ps(tf, _mm256_add_ps(c0, _mm256_mul_ps(c1, length)));
        __m256 part = _mm256_mul_ps(factor, _mm256_div_ps(tf, below));
        uint32_t set = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(part, need, _CMP_GE_OQ));
        if (set != 0) {
            __m256i order = order_of(set);
            __m256i ids = _mm256_loadu_si256((const __m256i *)(some.ids + i));
            __m256i slots = _mm256_loadu_si256((const __m256i *)(some.slots + i));
            _mm256_storeu_si256((__m256i *)(job->slots + kept),
                                _mm256_permutevar8x32_epi32(slots, order));
            _mm256_storeu_si256((__m256i *)(job->kept + kept),
                                _mm256_permutevar8x32_epi32(ids, order));
            _mm256_storeu_ps(job->parts + kept, _mm256_permutevar8x32_ps(part, order));
            _mm256_storeu_ps(job->lengths + kept, _mm256_permutevar8x32_ps(length, order));
            kept += (uint32_t)__builtin_popcount(set);
        }
    }
    return rate_each(job, &some, i, kept);
}

NS_AVX2 static void weigh_avx2(const uint32_t *tfs, const float *lengths, uint32_t count,
                               float factor, float c0, float c1, float *sums)
{
    const __m256 all = _mm256_set1_ps(factor), base = _mm256_set1_ps(c0),
                 slope = _mm256_set1_ps(c1);
    for (uint32_t i = 0; i < count; i += 8) {
        const __m256i tfs8 = _mm256_loadu_si256((const __m256i *)(tfs + i));
        const __m256 tf = floats_of(tfs8), length = _mm256_loadu_ps(lengths + i);
        const __m256 k = _mm256_add_ps(base, _mm256_mul_ps(slope, length));
        const __m256 part = _mm256_mul_ps(all, _mm256_div_ps(tf, _mm256_add_ps(tf, k)));
        const __m256 some = _mm256_cmp_ps(tf, _mm256_setzero_ps(), _CMP_GT_OQ);
        _mm256_storeu_ps(sums + i,
                         _mm256_add_ps(_mm256_loadu_ps(sums + i), _mm256_and_ps(part, some)));
    }
}

NS_AVX2 static void score_avx2(const uint32_t *tfs, const double *ks, uint32_t count, double factor,
                               double *sums)
{
    const __m256d all = _mm256_set1_pd(factor), half = _mm256_set1_pd(0x1p31);
    const __m128i top = _mm_set1_epi32(INT32_MIN);
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        const __m128i tfs4 = _mm_loadu_si128((const __m128i *)(const void *)(tfs + i));
        /* without a sign: less 2^31 as it is read, and then that more */
        const __m256d tf = _mm256_add_pd(_mm256_cvtepi32_pd(_mm_xor_si128(tfs4, top)), half);
        const __m256d k = _mm256_loadu_pd(ks + i), sum = _mm256_loadu_pd(sums + i);
        const __m256d part = _mm256_mul_pd(all, _mm256_div_pd(tf, _mm256_add_pd(tf, k)));
        const __m256d some = _mm256_cmp_pd(tf, _mm256_setzero_pd(), _CMP_GT_OQ);
        _mm256_storeu_pd(sums + i, _mm256_add_pd(sum, _mm256_and_pd(part, some)));
    }
    score_generic(tfs + i, ks + i, count - i, factor, sums + i);
}

/* Four words at a time, each with what the shift brings from the one before. */
NS_AVX2 static void or_bits_avx2(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t *set)
{
    const __m128i left = _mm_cvtsi32_si128((int)shift), right = _mm_cvtsi32_si128(64 - (int)shift);
    __m256i before = _mm256_setzero_si256();
    for (; bytes >= 32; bytes -= 32, bits += 32, set += 4) {
        const __m256i here = _mm256_loadu_si256((const __m256i *)bits);
        const __m256i turned = _mm256_permute4x64_epi64(here, _MM_SHUFFLE(2, 1, 0, 3));
        const __m256i last = _mm256_blend_epi32(turned, before, 3);
        const __m256i all = _mm256_loadu_si256((const __m256i *)set);
        const __m256i moved =
            _mm256_or_si256(_mm256_sll_epi64(here, left), _mm256_srl_epi64(last, right));
        _mm256_storeu_si256((__m256i *)set, _mm256_or_si256(all, moved));
        before = turned;
    }
    const uint64_t last = (uint64_t)_mm256_extract_epi64(before, 0);
    or_bits_on(bits, bytes, shift, last >> 1 >> (63 - shift), set);
}

NS_AVX2 static void pack_avx2(uint8_t *bytes, uint32_t count, uint64_t *bits)
{
    const __m256i none = _mm256_setzero_si256();
    for (uint32_t i = 0; i < count; i += 64) {
        __m256i *at = (__m256i *)(bytes + i);
        __m256i low = _mm256_loadu_si256(at), high = _mm256_loadu_si256(at + 1);
        uint64_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(low, none));
        uint64_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpgt_epi8(high, none));
        bits[i / 64] |= a | b << 32;
        _mm256_storeu_si256(at, none);
        _mm256_storeu_si256(at + 1, none);
    }
}

static const ns__window_kernels avx2 = {
    .add = add_avx2,
    .collect = collect_avx2,
    .rate = rate_avx2,
    .weigh = weigh_avx2,
    .score = score_avx2,
    .find = ns__find_avx2,
    .find_bits = ns__find_bits_avx2,
    .rank = ns__rank_avx2,
    .articles = ns__articles_avx2,
    .sift = ns__sift_avx2,
    .sift_bits = ns__sift_bits,
    .keep = ns__keep_avx2,
    .keep_found = ns__keep_found_avx2,
    .keep_ids = ns__keep_ids_avx2,
    .or_bits = or_bits_avx2,
    .mark = mark_portable,
    .pack = pack_avx2,
};
static const ns__window_kernels avx512 = {
    .add = add_avx2,
    .collect = collect_avx2,
    .rate = ns__rate_avx512,
    .weigh = ns__weigh_avx512,
    .score = ns__score_avx512,
    .find = ns__find_avx512,
    .find_bits = ns__find_bits_avx2,
    .rank = ns__rank_avx2,
    .articles = ns__articles_avx2,
    .sift = ns__sift_avx512,
    .sift_bits = ns__sift_bits_avx512,
    .keep = ns__keep_avx512,
    .keep_found = ns__keep_found_avx512,
    .keep_ids = ns__keep_ids_avx512,
    .or_bits = ns__or_bits_avx512,
    .mark = mark_portable,
    .pack = pack_avx2,
};
#endif

const ns__window_kernels *ns__window_kernels_for(ns__isa isa)
{
#if defined(__x86_64__)
    if (isa == NS__ISA_AVX512)
        return &avx512;
    if (isa == NS__ISA_AVX2)
        return &avx2;
#else
    (void)isa;
#endif
    return &portable;
}
