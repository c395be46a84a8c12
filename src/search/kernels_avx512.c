/* Search kernels for AVX-512. What is kept is moved together in a register and stored from there:
 * to store the lanes of a mask one behind the other takes some processors many times as long. */
#include "search/kernels_avx512.h"

#if defined(__x86_64__)
#include "codec/lanes_avx512.h"
#include "search/kernels_lengths.h"

/* The lanes from value `from` on that hold one of `count`. */
AVX512_INLINE __mmask16 lanes_of(uint32_t count, uint32_t from)
{
    return (__mmask16)(count - from < 16 ? (1u << (count - from)) - 1 : 0xffff);
}

/* ---- Scoring ---- */

AVX512_INLINE __m512 part_of(__m512 tf, __m512 length, __m512 factor, __m512 c0, __m512 c1)
{
    const __m512 below = _mm512_add_ps(tf, _mm512_add_ps(c0, _mm512_mul_ps(c1, length)));
    return _mm512_mul_ps(factor, _mm512_div_ps(tf, below));
}

/* Where postings to rate stand, with their slots, or NULL where those follow the job's first one.
 */
typedef struct chosen {
    const uint32_t *ids, *tfs, *slots;
    uint32_t count;
} chosen;

AVX512_INLINE uint32_t rate_these(const ns__rate_job *job, const chosen *some)
{
    const __m512 need = _mm512_set1_ps(job->need), factor = _mm512_set1_ps(job->factor);
    const __m512 c0 = _mm512_set1_ps(job->c0), c1 = _mm512_set1_ps(job->c1);
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint32_t lengths[NS_BLOCK_MAX], kept = 0;
    ns__load_lengths(job->of, some->ids, some->count, lengths);
    for (uint32_t i = 0; i < some->count; i += 16) {
        const __mmask16 there = lanes_of(some->count, i);
        const __m512 tf = _mm512_cvtepu32_ps(_mm512_maskz_loadu_epi32(there, some->tfs + i));
        const __m512 length = _mm512_cvtepi32_ps(_mm512_maskz_loadu_epi32(there, lengths + i));
        const __m512 part = part_of(tf, length, factor, c0, c1);
        const __mmask16 enough = _mm512_mask_cmp_ps_mask(there, part, need, _CMP_GE_OQ);
        if (enough == 0)
            continue;
        const __m512i slots =
            some->slots ? _mm512_maskz_loadu_epi32(there, some->slots + i)
                        : _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(job->slot + i)));
        const __m512i ids = _mm512_maskz_loadu_epi32(there, some->ids + i);
        _mm512_storeu_si512(job->slots + kept, _mm512_maskz_compress_epi32(enough, slots));
        _mm512_storeu_si512(job->kept + kept, _mm512_maskz_compress_epi32(enough, ids));
        _mm512_storeu_ps(job->parts + kept, _mm512_maskz_compress_ps(enough, part));
        _mm512_storeu_ps(job->lengths + kept, _mm512_maskz_compress_ps(enough, length));
        kept += (uint32_t)__builtin_popcount(enough);
    }
    return kept;
}

/* Chooses those that have the least tf. */
AVX512 uint32_t ns__rate_avx512(const ns__rate_job *job)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i least = _mm512_set1_epi32((int)job->least);
    uint32_t slots[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM], kept = 0;
    if (job->least <= 1)
        return rate_these(job, &(chosen){job->ids, job->tfs, NULL, job->count});
    for (uint32_t i = 0; i < job->count; i += 16) {
        const __mmask16 there = lanes_of(job->count, i);
        const __m512i tf = _mm512_maskz_loadu_epi32(there, job->tfs + i);
        const __mmask16 some = _mm512_mask_cmpge_epu32_mask(there, tf, least);
        const __m512i own = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)(job->slot + i)));
        const __m512i id = _mm512_maskz_loadu_epi32(there, job->ids + i);
        _mm512_storeu_si512(slots + kept, _mm512_maskz_compress_epi32(some, own));
        _mm512_storeu_si512(ids + kept, _mm512_maskz_compress_epi32(some, id));
        _mm512_storeu_si512(tfs + kept, _mm512_maskz_compress_epi32(some, tf));
        kept += (uint32_t)__builtin_popcount(some);
    }
    return rate_these(job, &(chosen){ids, tfs, slots, kept});
}

AVX512 void ns__weigh_avx512(const uint32_t *tfs, const float *lengths, uint32_t count,
                             float factor, float c0, float c1, float *sums)
{
    const __m512 all = _mm512_set1_ps(factor), base = _mm512_set1_ps(c0),
                 slope = _mm512_set1_ps(c1);
    for (uint32_t i = 0; i < count; i += 16) {
        const __m512i tfs16 = _mm512_maskz_loadu_epi32(lanes_of(count, i), tfs + i);
        const __mmask16 some = _mm512_test_epi32_mask(tfs16, tfs16);
        const __m512 part =
            part_of(_mm512_cvtepu32_ps(tfs16), _mm512_loadu_ps(lengths + i), all, base, slope);
        const __m512 sum = _mm512_loadu_ps(sums + i);
        _mm512_mask_storeu_ps(sums + i, some, _mm512_add_ps(sum, part));
    }
}

AVX512 void ns__score_avx512(const uint32_t *tfs, const double *ks, uint32_t count, double factor,
                             double *sums)
{
    const __m512d all = _mm512_set1_pd(factor);
    for (uint32_t i = 0; i < count; i += 8) {
        const __mmask8 there = (__mmask8)lanes_of(count, i);
        const __m256i tfs8 = _mm256_maskz_loadu_epi32(there, tfs + i);
        const __mmask8 some = _mm256_test_epi32_mask(tfs8, tfs8);
        const __m512d tf = _mm512_cvtepu32_pd(tfs8), k = _mm512_maskz_loadu_pd(there, ks + i);
        const __m512d part = _mm512_mul_pd(all, _mm512_div_pd(tf, _mm512_add_pd(tf, k)));
        const __m512d sum = _mm512_maskz_loadu_pd(there, sums + i);
        _mm512_mask_storeu_pd(sums + i, some, _mm512_add_pd(sum, part));
    }
}

/* ---- Finding ---- */

/* The ends of all groups of sixteen but the last, and above them what no id is. */
enum { SIXTEEN = 16 };
AVX512_INLINE __m512i ends16_of(const uint32_t *ids, uint32_t count)
{
    const uint32_t ended = (count - 1) / SIXTEEN;
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_mask_i32gather_epi32(_mm512_set1_epi32(-1), (__mmask16)((1u << ended) - 1),
                                       _mm512_slli_epi32(lanes, 4), ids + SIXTEEN - 1, 4);
}

/* Where the wanted id stands, which may be none; 0 when it is not there, else 1. What stands behind
 * the ids does not count. */
AVX512_INLINE uint32_t match16(__m512i ends, const uint32_t *ids, uint32_t count, uint32_t wanted,
                               uint32_t *place)
{
    const __m512i id = _mm512_set1_epi32((int32_t)wanted);
    const uint32_t below = _mm512_cmplt_epu32_mask(ends, id);
    const uint32_t first = (uint32_t)__builtin_popcount(below) * SIXTEEN;
    const uint32_t mask = _mm512_cmpeq_epi32_mask(_mm512_loadu_si512(ids + first), id);
    *place = first + (uint32_t)__builtin_ctz(mask | 1u << 31);
    return (uint32_t)(mask != 0) & (uint32_t)(*place < count);
}

AVX512 uint32_t ns__find_avx512(const uint32_t *ids, uint32_t count, const uint32_t *wanted,
                                uint32_t n, uint32_t *at)
{
    const __m512i ends = ends16_of(ids, count);
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place;
        const uint32_t here = match16(ends, ids, count, wanted[i], &place);
        at[i] = place | (here - 1); /* NS_NOWHERE */
        found += here;
    }
    return found;
}

AVX512 uint32_t ns__sift_avx512(const uint32_t *ids, uint32_t count, bool present,
                                const uint32_t *wanted, uint32_t n, uint32_t *to)
{
    const __m512i ends = ends16_of(ids, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place, id = wanted[i];
        const uint32_t here = match16(ends, ids, count, id, &place);
        to[kept] = id;
        kept += here == (uint32_t)present;
    }
    return kept;
}

AVX512 uint32_t ns__sift_bits_avx512(const ns__block_bits *view, bool present,
                                     const uint32_t *wanted, uint32_t n, uint32_t *to)
{
    const __m512i first = _mm512_set1_epi32((int)view->first), one = _mm512_set1_epi32(1);
    const __m512i bits = _mm512_set1_epi32((int)(view->bytes * 8));
    const __m512i in = _mm512_set1_epi32(31), none = _mm512_setzero_si512();
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i += 16) {
        const __mmask16 asked = lanes_of(n, i);
        const __m512i ids = _mm512_maskz_loadu_epi32(asked, wanted + i);
        const __m512i place = _mm512_sub_epi32(ids, first);
        const __mmask16 inside = _mm512_mask_cmplt_epu32_mask(asked, place, bits);
        const __m512i words =
            _mm512_mask_i32gather_epi32(none, inside, _mm512_srli_epi32(place, 5), view->bits, 4);
        const __m512i bit = _mm512_sllv_epi32(one, _mm512_and_si512(place, in));
        __mmask16 stay = _mm512_test_epi32_mask(words, bit);
        stay = present ? stay : (__mmask16)(asked & ~stay);
        const uint32_t count = (uint32_t)__builtin_popcount(stay);
        _mm512_mask_storeu_epi32(to + kept, (__mmask16)((1u << count) - 1),
                                 _mm512_maskz_compress_epi32(stay, ids));
        kept += count;
    }
    return kept;
}

/* ---- Keeping ---- */

/* Moves the lanes of `set` to the front. Whole vectors are stored where there is `room`. */
AVX512_INLINE void move16(const void *from, __mmask16 set, bool room, void *to)
{
    const __m512i moved = _mm512_maskz_compress_epi32(set, _mm512_loadu_si512(from));
    if (room)
        _mm512_storeu_si512(to, moved);
    else
        _mm512_mask_storeu_epi32(to, (__mmask16)((1u << __builtin_popcount(set)) - 1), moved);
}

AVX512_INLINE void move_alive(const ns__alive *from, uint32_t i, __mmask16 set, bool room,
                              const ns__alive *to, uint32_t kept)
{
    move16(from->slots + i, set, room, to->slots + kept);
    move16(from->ids + i, set, room, to->ids + kept);
    move16(from->sums + i, set, room, to->sums + kept);
    move16(from->lengths + i, set, room, to->lengths + kept);
}

AVX512 uint32_t ns__keep_avx512(const ns__alive *from, uint32_t count, float need,
                                const ns__alive *to)
{
    const __m512 least = _mm512_set1_ps(need);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const bool room = count - i >= 16;
        const __mmask16 set = _mm512_mask_cmp_ps_mask(
            lanes_of(count, i), _mm512_loadu_ps(from->sums + i), least, _CMP_GE_OQ);
        if (set == 0)
            continue;
        move_alive(from, i, set, room, to, kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    return kept;
}

/* The lanes from `i` on that were found. */
AVX512_INLINE __mmask16 found_of(const uint32_t *at, uint32_t i, uint32_t count)
{
    return _mm512_mask_cmpneq_epi32_mask(lanes_of(count, i), _mm512_loadu_si512(at + i),
                                         _mm512_set1_epi32(-1)); /* NS_NOWHERE */
}

AVX512 uint32_t ns__keep_found_avx512(const ns__alive *from, uint32_t *at, uint32_t count,
                                      const ns__alive *to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const bool room = count - i >= 16;
        const __mmask16 set = found_of(at, i, count);
        if (set == 0)
            continue;
        move_alive(from, i, set, room, to, kept);
        move16(at + i, set, room, at + kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    return kept;
}

AVX512 uint32_t ns__keep_ids_avx512(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                                    uint32_t count, uint32_t *to_ids, uint32_t *to_slots)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i += 16) {
        const bool room = count - i >= 16;
        const __mmask16 set = found_of(at, i, count);
        move16(ids + i, set, room, to_ids + kept);
        move16(slots + i, set, room, to_slots + kept);
        move16(at + i, set, room, at + kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    return kept;
}

/* ---- Sets ---- */

/* Eight words at a time, each with what the shift brings from the one before. */
AVX512 void ns__or_bits_avx512(const uint8_t *bits, size_t bytes, unsigned shift, uint64_t *set)
{
    enum { STEP = 64 };
    const __m512i by = _mm512_set1_epi64(shift);
    __m512i before = _mm512_setzero_si512();
    for (size_t words = (bytes * 8 + shift + 63) / 64;; words -= 8, set += 8, bits += STEP) {
        const __mmask64 there = bytes < STEP ? (UINT64_C(1) << bytes) - 1 : UINT64_MAX;
        const __mmask8 reached = (__mmask8)(words < 8 ? (1u << words) - 1 : 0xff);
        const __m512i here = _mm512_maskz_loadu_epi8(there, bits);
        const __m512i last = _mm512_alignr_epi64(here, before, 7);
        const __m512i all = _mm512_maskz_loadu_epi64(reached, set);
        _mm512_mask_storeu_epi64(set, reached,
                                 _mm512_or_si512(all, _mm512_shldv_epi64(here, last, by)));
        if (words <= 8)
            return;
        bytes -= bytes < STEP ? bytes : STEP;
        before = here;
    }
}
#else
typedef int ns__no_search_avx512; /* a file may not be empty */
#endif
