/* Looking ids up in blocks, and moving what is left of some postings together. */
#include "search/kernels_find.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include "codec/bit_places.h"

#define NS_AVX2 __attribute__((target("avx2,bmi,bmi2,popcnt")))
#endif

#define NS_INLINE static inline __attribute__((always_inline))

/* The last of the ids that is not above the wanted one, or the first. */
NS_INLINE const uint32_t *halve(const uint32_t *ids, uint32_t count, uint32_t wanted)
{
    const uint32_t *base = ids, *next;
    for (uint32_t length = count, half; length > 1; length -= half) {
        half = length / 2;
        next = base + half;
        base = *next <= wanted ? next : base; /* no branch */
    }
    return base;
}

/* Nobody can foresee what is found: no branch hangs on it, here and below. */
uint32_t ns__find_portable(const uint32_t *ids, uint32_t count, const uint32_t *wanted, uint32_t n,
                           uint32_t *at)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t *base = halve(ids, count, wanted[i]);
        const bool here = *base == wanted[i];
        at[i] = (uint32_t)(base - ids) | ((uint32_t)here - 1); /* NS_NOWHERE */
        found += here;
    }
    return found;
}

uint32_t ns__sift_portable(const uint32_t *ids, uint32_t count, bool present,
                           const uint32_t *wanted, uint32_t n, uint32_t *to)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = wanted[i];
        to[kept] = id;
        kept += (*halve(ids, count, id) == id) == present;
    }
    return kept;
}

NS_INLINE uint32_t find_bits_generic(const ns__block_bits *view, const uint16_t *ranks,
                                     const uint32_t *wanted, uint32_t n, uint32_t *at)
{
    const uint32_t bits = (uint32_t)view->bytes * 8;
    uint32_t found = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t place = wanted[i] - view->first;
        const uint32_t inside = place < bits;
        place &= 0 - inside;
        uint64_t word = ns__get_u64(view->bits + place / 64 * 8);
        const uint32_t here = inside & (uint32_t)(word >> (place % 64));
        uint64_t below = word & ((UINT64_C(1) << (place % 64)) - 1);
        uint32_t rank = ranks[place / 64] + (uint32_t)__builtin_popcountll(below);
        at[i] = rank | (here - 1); /* NS_NOWHERE */
        found += here;
    }
    return found;
}

NS_INLINE uint32_t rank_generic(const ns__block_bits *view, uint16_t *ranks)
{
    uint32_t before = 0;
    size_t at = 0;
    for (; view->bytes - at >= 8; at += 8) {
        ranks[at / 8] = (uint16_t)before;
        before += (uint32_t)__builtin_popcountll(ns__get_u64(view->bits + at));
    }
    if (at < view->bytes) {
        const uint64_t word = ns__get_u64(view->bits + at);
        const uint64_t there = (UINT64_C(1) << 8 * (view->bytes - at)) - 1;
        ranks[at / 8] = (uint16_t)before;
        before += (uint32_t)__builtin_popcountll(word & there);
    }
    return before;
}

uint32_t ns__rank_portable(const ns__block_bits *view, uint16_t *ranks)
{
    return rank_generic(view, ranks);
}

uint32_t ns__find_bits_portable(const ns__block_bits *view, const uint16_t *ranks,
                                const uint32_t *wanted, uint32_t n, uint32_t *at)
{
    return find_bits_generic(view, ranks, wanted, n, at);
}

/* All of 512 bits are looked at, whichever are asked for: how many that are is foreseen by nobody.
 */
NS_INLINE void articles_generic(const uint8_t *bits, const uint8_t *before,
                                const uint32_t *passages, uint32_t n, uint32_t *out)
{
    enum { WORDS = 8 };
    for (uint32_t i = 0; i < n; i++) {
        const uint32_t chunk = passages[i] / 512, in = passages[i] % 512;
        const uint8_t *words = bits + (size_t)chunk * WORDS * 8;
        const uint64_t last = UINT64_MAX >> (63 - in % 64);
        uint32_t ones = ns__get_u32(before + 4 * (size_t)chunk);
        for (uint32_t w = 0; w < WORDS; w++) {
            const uint64_t mask = w == in / 64 ? last : 0 - (uint64_t)(w < in / 64);
            ones += (uint32_t)__builtin_popcountll(ns__get_u64(words + 8 * (size_t)w) & mask);
        }
        out[i] = ones - 1;
    }
}

void ns__articles_portable(const uint8_t *bits, const uint8_t *before, const uint32_t *passages,
                           uint32_t n, uint32_t *out)
{
    articles_generic(bits, before, passages, n, out);
}

uint32_t ns__sift_bits(const ns__block_bits *view, bool present, const uint32_t *wanted, uint32_t n,
                       uint32_t *to)
{
    const uint32_t bits = (uint32_t)view->bytes * 8;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t id = wanted[i], place = id - view->first;
        const uint32_t inside = place < bits;
        place &= 0 - inside;
        const uint32_t here = inside & (view->bits[place / 8] >> (place % 8) & 1);
        to[kept] = id;
        kept += here == (uint32_t)present;
    }
    return kept;
}

NS_INLINE void move_one(const ns__alive *from, uint32_t i, const ns__alive *to, uint32_t kept)
{
    to->slots[kept] = from->slots[i];
    to->ids[kept] = from->ids[i];
    to->lengths[kept] = from->lengths[i];
    to->sums[kept] = from->sums[i];
}

/* Those from `i` on: `kept` of the ones before them stayed. */
NS_INLINE uint32_t keep_each(const ns__alive *from, uint32_t i, uint32_t count, float need,
                             const ns__alive *to, uint32_t kept)
{
    for (; i < count; i++) {
        const bool stays = from->sums[i] >= need;
        move_one(from, i, to, kept);
        kept += stays;
    }
    return kept;
}

NS_INLINE uint32_t keep_found_each(const ns__alive *from, uint32_t *at, uint32_t i, uint32_t count,
                                   const ns__alive *to, uint32_t kept)
{
    for (; i < count; i++) {
        const uint32_t posting = at[i];
        move_one(from, i, to, kept);
        at[kept] = posting;
        kept += posting != NS_NOWHERE;
    }
    return kept;
}

uint32_t ns__keep_portable(const ns__alive *from, uint32_t count, float need, const ns__alive *to)
{
    return keep_each(from, 0, count, need, to, 0);
}

uint32_t ns__keep_found_portable(const ns__alive *from, uint32_t *at, uint32_t count,
                                 const ns__alive *to)
{
    return keep_found_each(from, at, 0, count, to, 0);
}

/* Those from `i` on: `kept` of the ones before them stayed. */
NS_INLINE uint32_t keep_ids_each(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                                 uint32_t i, uint32_t count, uint32_t *to_ids, uint32_t *to_slots,
                                 uint32_t kept)
{
    for (; i < count; i++) {
        const uint32_t posting = at[i];
        to_ids[kept] = ids[i];
        to_slots[kept] = slots[i];
        at[kept] = posting;
        kept += posting != NS_NOWHERE;
    }
    return kept;
}

uint32_t ns__keep_ids_portable(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                               uint32_t count, uint32_t *to_ids, uint32_t *to_slots)
{
    return keep_ids_each(ids, slots, at, 0, count, to_ids, to_slots, 0);
}

#if defined(__x86_64__)
/* Two steps: how many groups of eight end below the wanted id, then which of its group it is. */
enum { EIGHT = 8, ENDS = NS_BLOCK_MAX / EIGHT, FEW = 4, WIDE = 0xffff };

/* The ends of all groups but the last, less the first id, moved so that they compare as signed
 * numbers do. */
typedef struct group_ends {
    __m256i low, high;
    uint32_t base;
} group_ends;

/* The span of the block is below WIDE. */
NS_AVX2 NS_INLINE group_ends ends_of(const uint32_t *ids, uint32_t count)
{
    const uint32_t groups = (count + EIGHT - 1) / EIGHT;
    int16_t ends[ENDS];
    for (uint32_t g = 0; g + 1 < groups; g++)
        ends[g] = (int16_t)((ids[g * EIGHT + EIGHT - 1] - ids[0]) ^ 0x8000u);
    for (uint32_t g = groups - 1; g < ENDS; g++)
        ends[g] = INT16_MAX;
    return (group_ends){_mm256_loadu_si256((const __m256i *)ends),
                        _mm256_loadu_si256((const __m256i *)(ends + 16)), ids[0]};
}

NS_AVX2 NS_INLINE uint32_t bits_of(__m256i lanes)
{
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(lanes));
}

/* Where the wanted id stands, which is none below the first nor above the last; 0 when it is
 * not there, else 1. What stands behind the ids does not count. */
NS_AVX2 NS_INLINE uint32_t match_group(const group_ends *ends, const uint32_t *ids, uint32_t count,
                                       uint32_t wanted, uint32_t *place)
{
    const __m256i moved = _mm256_set1_epi16((int16_t)(wanted - ends->base - 0x8000u));
    __m256i below = _mm256_packs_epi16(_mm256_cmpgt_epi16(moved, ends->low),
                                       _mm256_cmpgt_epi16(moved, ends->high));
    const uint32_t first =
        (uint32_t)__builtin_popcount((uint32_t)_mm256_movemask_epi8(below)) * EIGHT;
    __m256i group = _mm256_loadu_si256((const __m256i *)(ids + first));
    __m256i same = _mm256_cmpeq_epi32(group, _mm256_set1_epi32((int32_t)wanted));
    const uint32_t mask = bits_of(same);
    *place = first + (uint32_t)__builtin_ctz(mask | 1u << 31);
    return (uint32_t)(mask != 0) & (uint32_t)(*place < count);
}

NS_AVX2 uint32_t ns__find_avx2(const uint32_t *ids, uint32_t count, const uint32_t *wanted,
                               uint32_t n, uint32_t *at)
{
    if (n < FEW || ids[count - 1] - ids[0] >= WIDE)
        return ns__find_portable(ids, count, wanted, n, at);
    const group_ends ends = ends_of(ids, count);
    uint32_t found = 0, i = 0;
    for (; i < n && wanted[i] < ids[0]; i++)
        at[i] = NS_NOWHERE;
    for (; n > i && wanted[n - 1] > ids[count - 1]; n--)
        at[n - 1] = NS_NOWHERE;
    for (; i < n; i++) {
        uint32_t place;
        const uint32_t here = match_group(&ends, ids, count, wanted[i], &place);
        at[i] = place | (here - 1); /* NS_NOWHERE, without a branch that nobody can foresee */
        found += here;
    }
    return found;
}

NS_AVX2 uint32_t ns__sift_avx2(const uint32_t *ids, uint32_t count, bool present,
                               const uint32_t *wanted, uint32_t n, uint32_t *to)
{
    if (n < FEW || ids[count - 1] - ids[0] >= WIDE)
        return ns__sift_portable(ids, count, present, wanted, n, to);
    const group_ends ends = ends_of(ids, count);
    uint32_t kept = 0, i = 0, end = n;
    while (i < n && wanted[i] < ids[0])
        i++;
    while (end > i && wanted[end - 1] > ids[count - 1])
        end--;
    for (uint32_t before = 0; before < i && !present; before++)
        to[kept++] = wanted[before];
    for (; i < end; i++) {
        uint32_t place, id = wanted[i];
        const uint32_t here = match_group(&ends, ids, count, id, &place);
        to[kept] = id;
        kept += here == (uint32_t)present;
    }
    for (; i < n && !present; i++)
        to[kept++] = wanted[i];
    return kept;
}

NS_AVX2 uint32_t ns__find_bits_avx2(const ns__block_bits *view, const uint16_t *ranks,
                                    const uint32_t *wanted, uint32_t n, uint32_t *at)
{
    return find_bits_generic(view, ranks, wanted, n, at);
}

/* Moves the lanes of eight numbers that `order` names to the front. */
NS_AVX2 NS_INLINE void move8(const void *from, __m256i order, void *to)
{
    const __m256i eight = _mm256_loadu_si256((const __m256i *)from);
    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(eight, order));
}

/* Moves those of the eight from `i` on that are in `set` to `kept` and behind. */
NS_AVX2 NS_INLINE void move_alive(const ns__alive *from, uint32_t i, __m256i order,
                                  const ns__alive *to, uint32_t kept)
{
    move8(from->slots + i, order, to->slots + kept);
    move8(from->ids + i, order, to->ids + kept);
    move8(from->sums + i, order, to->sums + kept);
    move8(from->lengths + i, order, to->lengths + kept);
}

NS_AVX2 NS_INLINE __m256i order_of(uint32_t set)
{
    return _mm256_cvtepu8_epi32(
        _mm_loadl_epi64((const __m128i *)(const void *)&ns__bit_places[set]));
}

NS_AVX2 uint32_t ns__keep_avx2(const ns__alive *from, uint32_t count, float need,
                               const ns__alive *to)
{
    const __m256 least = _mm256_set1_ps(need);
    uint32_t kept = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256 sums = _mm256_loadu_ps(from->sums + i);
        const uint32_t set = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(sums, least, _CMP_GE_OQ));
        if (set == 0)
            continue;
        move_alive(from, i, order_of(set), to, kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    if (i == count)
        return kept;
    /* the last few, one by one: what stands behind them is not to be written */
    const __m256 sums = _mm256_loadu_ps(from->sums + i);
    uint32_t set = (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(sums, least, _CMP_GE_OQ));
    set &= (1u << (count - i)) - 1;
    for (; set != 0; set &= set - 1)
        move_one(from, i + (uint32_t)__builtin_ctz(set), to, kept++);
    return kept;
}

NS_AVX2 uint32_t ns__keep_found_avx2(const ns__alive *from, uint32_t *at, uint32_t count,
                                     const ns__alive *to)
{
    const __m256i nowhere = _mm256_set1_epi32(-1);
    uint32_t kept = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i here = _mm256_loadu_si256((const __m256i *)(at + i));
        const __m256i none = _mm256_cmpeq_epi32(here, nowhere);
        const uint32_t set = ~bits_of(none) & 0xff;
        if (set == 0)
            continue;
        const __m256i order = order_of(set);
        move_alive(from, i, order, to, kept);
        move8(at + i, order, at + kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    if (i == count)
        return kept;
    const __m256i last = _mm256_loadu_si256((const __m256i *)(at + i));
    const __m256i none = _mm256_cmpeq_epi32(last, nowhere);
    uint32_t set = ~bits_of(none);
    set &= (1u << (count - i)) - 1;
    for (; set != 0; set &= set - 1) {
        const uint32_t place = i + (uint32_t)__builtin_ctz(set);
        move_one(from, place, to, kept);
        at[kept++] = at[place];
    }
    return kept;
}

NS_AVX2 uint32_t ns__keep_ids_avx2(const uint32_t *ids, const uint32_t *slots, uint32_t *at,
                                   uint32_t count, uint32_t *to_ids, uint32_t *to_slots)
{
    const __m256i nowhere = _mm256_set1_epi32(-1);
    uint32_t kept = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        const __m256i here = _mm256_loadu_si256((const __m256i *)(at + i));
        const uint32_t set = ~bits_of(_mm256_cmpeq_epi32(here, nowhere)) & 0xff;
        const __m256i order = order_of(set);
        move8(ids + i, order, to_ids + kept);
        move8(slots + i, order, to_slots + kept);
        move8(at + i, order, at + kept);
        kept += (uint32_t)__builtin_popcount(set);
    }
    return keep_ids_each(ids, slots, at, i, count, to_ids, to_slots, kept);
}

NS_AVX2 void ns__articles_avx2(const uint8_t *bits, const uint8_t *before, const uint32_t *passages,
                               uint32_t n, uint32_t *out)
{
    articles_generic(bits, before, passages, n, out);
}

NS_AVX2 uint32_t ns__rank_avx2(const ns__block_bits *view, uint16_t *ranks)
{
    return rank_generic(view, ranks);
}
#endif
