/* Finding neighbours among the places of two words. */
#include "search/pairs.h"

#if defined(__x86_64__)
#include "codec/lanes_avx512.h"
#endif

#define NS_INLINE static inline __attribute__((always_inline))

/* What is to be added to a value that is an exception. */
NS_INLINE uint32_t high_of(const ns__places *of, const uint32_t *exception)
{
    return of->highs[exception - of->exceptions] << of->width;
}

/* Value i; **exception is the first that is not before it. */
NS_INLINE uint32_t take_one(const ns__places *of, uint32_t i, const uint32_t **exception)
{
    if (of->at != NULL)
        return of->at[i];
    const uint32_t low = ns__packed_get(of->packed, i, of->width);
    while (**exception < i)
        ++*exception;
    return **exception == i ? low | high_of(of, *exception) : low;
}

/* Where a word's places are read: value `next`, and the first exception that is not before it. */
typedef struct reader {
    const ns__places *of;
    const uint32_t *exception;
    uint32_t next;
} reader;

static inline uint32_t read_value(reader *from)
{
    return take_one(from->of, from->next++, &from->exception);
}

/* Whether some place of a reader up to `a_end` is `ahead` less than one of the other up to `b_end`:
 * goes along both, which ascend. */
static bool go_along(uint32_t ahead, reader *a, uint32_t a_end, reader *b, uint32_t b_end)
{
    if (a->next == a_end || b->next == b_end)
        return false;
    uint32_t wanted = read_value(a) + ahead, here = read_value(b);
    while (wanted != here) {
        const bool behind = (int32_t)(wanted - here) < 0;
        if (behind ? a->next == a_end : b->next == b_end)
            return false;
        if (behind)
            wanted += read_value(a);
        else
            here += read_value(b);
    }
    return true;
}

static __attribute__((noinline)) bool is_pair(const ns__pairs_job *job, uint32_t i,
                                              const uint32_t *const *exceptions)
{
    const uint32_t *a = job->first.starts + job->slots[i];
    const uint32_t *b = job->other.starts + job->postings[i];
    reader first = {&job->first, exceptions[0], a[0]}, other = {&job->other, exceptions[1], b[0]};
    return go_along(job->ahead, &first, a[1], &other, b[1]);
}

static void pairs_portable(const ns__pairs_job *job)
{
    const uint32_t *exceptions[2] = {job->first.exceptions, job->other.exceptions};
    for (uint32_t i = 0; i < job->count; i++)
        job->found[i] = is_pair(job, i, exceptions);
}

#if defined(__x86_64__)
enum { FEW = 8, MANY = 64 };

/* One pair: places of the first word, each moved ahead, and where the other's are. */
typedef struct pair {
    uint32_t wanted[FEW], count; /* > 0 */
    uint32_t next, left;         /* values of the other word; left > 0 */
} pair;

/* Places of the first word, which is rarer, are read one by one, mostly a single one. False where
 * there are many: then the pair was found, or not, by going along both. */
NS_INLINE bool open_pair(const ns__pairs_job *job, uint32_t i, const uint32_t **a_exception,
                         const uint32_t *const *b_exception, pair *out)
{
    const uint32_t *a = job->first.starts + job->slots[i];
    const uint32_t *b = job->other.starts + job->postings[i];
    uint32_t sum = job->ahead;
    out->count = a[1] - a[0];
    out->next = b[0];
    out->left = b[1] - b[0];
    if (out->count - 1 >= FEW || out->left - 1 >= MANY) { /* also where one is in headlines only */
        const uint32_t *exceptions[2] = {*a_exception, *b_exception};
        job->found[i] = is_pair(job, i, exceptions);
        return false;
    }
    for (uint32_t j = 0; j < out->count; j++)
        out->wanted[j] = sum += take_one(&job->first, a[0] + j, a_exception);
    return true;
}

#define NS_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define NS_AVX2_INLINE __attribute__((target("avx2,bmi,bmi2,popcnt"), always_inline)) static inline

/* How eight values are taken out of packed ones: see bitpack_avx2.c. Here all of them lie within
 * sixteen bytes, and begin at any bit. */
typedef struct eight_plan {
    __m256i bits, mask; /* where each begins */
} eight_plan;

NS_AVX2_INLINE __m256i lanes(void)
{
    return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
}

NS_AVX2_INLINE eight_plan plan_eight(unsigned width)
{
    return (eight_plan){_mm256_mullo_epi32(lanes(), _mm256_set1_epi32((int)width)),
                        _mm256_set1_epi32((int)((UINT32_C(1) << width) - 1))};
}

/* Eight values from `first` on; **exception is the first that is not before them. */
NS_AVX2_INLINE __m256i take_eight(const ns__places *of, const eight_plan *plan, uint32_t first,
                                  const uint32_t **exception)
{
    if (of->at != NULL)
        return _mm256_loadu_si256((const __m256i *)(of->at + first));
    const __m256i seven = _mm256_set1_epi32(7);
    const size_t bit = (size_t)first * of->width;
    const __m128i bytes = _mm_loadu_si128((const __m128i *)(of->packed + bit / 8));
    const __m256i begin = _mm256_add_epi32(plan->bits, _mm256_set1_epi32((int)(bit % 8)));
    const __m256i shuffle = _mm256_add_epi32(
        _mm256_mullo_epi32(_mm256_srli_epi32(begin, 3), _mm256_set1_epi32(0x01010101)),
        _mm256_set1_epi32(0x03020100));
    __m256i values = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), shuffle);
    values = _mm256_srlv_epi32(values, _mm256_and_si256(begin, seven));
    values = _mm256_and_si256(values, plan->mask);
    while (**exception < first)
        ++*exception;
    for (const uint32_t *at = *exception; *at - first < 8; at++) {
        const __m256i here = _mm256_cmpeq_epi32(lanes(), _mm256_set1_epi32((int)(*at - first)));
        const __m256i high = _mm256_set1_epi32((int)high_of(of, at));
        values = _mm256_or_si256(values, _mm256_and_si256(here, high));
    }
    return values;
}

/* Sums within eight lanes. */
NS_AVX2_INLINE __m256i add_up(__m256i x)
{
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 4));
    x = _mm256_add_epi32(x, _mm256_slli_si256(x, 8));
    const __m256i lower = _mm256_permutevar8x32_epi32(x, _mm256_set1_epi32(3));
    return _mm256_add_epi32(x, _mm256_blend_epi32(_mm256_setzero_si256(), lower, 0xf0));
}

/* All ones in the lanes that are one of `wanted`. */
NS_AVX2_INLINE __m256i same_as_any(__m256i eight, const uint32_t *wanted, uint32_t count)
{
    __m256i same = _mm256_cmpeq_epi32(eight, _mm256_set1_epi32((int)wanted[0]));
    for (uint32_t j = 1; j < count; j++)
        same = _mm256_or_si256(same, _mm256_cmpeq_epi32(eight, _mm256_set1_epi32((int)wanted[j])));
    return same;
}

/* Places of the first word are held against eight of the other. */
NS_AVX2 static void pairs_avx2(const ns__pairs_job *job)
{
    const ns__places other = job->other;
    const eight_plan plan = plan_eight(other.width);
    const __m256i last = _mm256_set1_epi32(7);
    const uint32_t *a_exception = job->first.exceptions, *b_exception = other.exceptions;
    for (uint32_t i = 0; i < job->count; i++) {
        pair it;
        uint32_t found = 0;
        if (!open_pair(job, i, &a_exception, &b_exception, &it))
            continue;
        __m256i eight = add_up(take_eight(&other, &plan, it.next, &b_exception));
        __m256i same = same_as_any(eight, it.wanted, it.count);
        for (; it.left > 8; it.left -= 8) {
            found |= (uint32_t)_mm256_movemask_epi8(same);
            const __m256i before = _mm256_permutevar8x32_epi32(eight, last);
            eight = add_up(take_eight(&other, &plan, it.next += 8, &b_exception));
            eight = _mm256_add_epi32(eight, before);
            same = same_as_any(eight, it.wanted, it.count);
        }
        found |= (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(same)) & ~(UINT32_MAX << it.left);
        job->found[i] = found != 0;
    }
}

/* Sixteen values from `first` on, as take_eight; `plan` is of values that begin with a byte. */
AVX512_INLINE __m512i take_sixteen(const ns__places *of, const take_plan *plan, uint32_t first,
                                   const uint32_t **exception)
{
    if (of->at != NULL)
        return _mm512_loadu_si512(of->at + first);
    const size_t bit = (size_t)first * of->width;
    const __m256i bytes = _mm256_loadu_si256((const __m256i *)(of->packed + bit / 8));
    const __m512i begin = _mm512_add_epi8(plan->bits, _mm512_set1_epi8((char)(bit % 8)));
    __m512i values = _mm512_permutexvar_epi8(plan->bytes, _mm512_castsi256_si512(bytes));
    values = _mm512_and_si512(_mm512_multishift_epi64_epi8(begin, values), plan->mask);
    while (**exception < first)
        ++*exception;
    for (const uint32_t *at = *exception; *at - first < 16; at++) {
        const __mmask16 here = (__mmask16)(1u << (*at - first));
        const __m512i high = _mm512_set1_epi32((int)high_of(of, at));
        values = _mm512_mask_or_epi32(values, here, values, high);
    }
    return values;
}

/* The lanes that are one of `wanted`. */
AVX512_INLINE __mmask16 lanes_of_any(__m512i sixteen, const uint32_t *wanted, uint32_t count)
{
    __mmask16 same = _mm512_cmpeq_epi32_mask(sixteen, _mm512_set1_epi32((int)wanted[0]));
    for (uint32_t j = 1; j < count; j++)
        same |= _mm512_cmpeq_epi32_mask(sixteen, _mm512_set1_epi32((int)wanted[j]));
    return same;
}

/* As pairs_avx2: sixteen of the other word's places hold nearly all that it has in a passage. */
AVX512 static void pairs_avx512(const ns__pairs_job *job)
{
    const ns__places other = job->other;
    const take_plan plan = plan_take(other.width, 4);
    const __m512i last = _mm512_set1_epi32(15);
    const uint32_t *a_exception = job->first.exceptions, *b_exception = other.exceptions;
    for (uint32_t i = 0; i < job->count; i++) {
        pair it;
        uint32_t found = 0;
        if (!open_pair(job, i, &a_exception, &b_exception, &it))
            continue;
        __m512i sixteen = sum16(take_sixteen(&other, &plan, it.next, &b_exception));
        uint32_t same = lanes_of_any(sixteen, it.wanted, it.count);
        for (; it.left > 16; it.left -= 16) {
            found |= same;
            const __m512i before = _mm512_permutexvar_epi32(last, sixteen);
            sixteen = sum16(take_sixteen(&other, &plan, it.next += 16, &b_exception));
            sixteen = _mm512_add_epi32(sixteen, before);
            same = lanes_of_any(sixteen, it.wanted, it.count);
        }
        found |= same & ~(UINT32_MAX << it.left);
        job->found[i] = found != 0;
    }
}
#endif

ns__pairs_kernel *ns__pairs_kernel_for(ns__isa isa)
{
#if defined(__x86_64__)
    if (isa == NS__ISA_AVX512)
        return pairs_avx512;
    if (isa == NS__ISA_AVX2)
        return pairs_avx2;
#else
    (void)isa;
#endif
    return pairs_portable;
}
