/* The bytes of a block of postings: choosing an encoding, writing it, reading it back.
 *
 * Each part begins with a byte of two fields: the tag in its low two bits and, where the encoding
 * has one, a width of 0..32 in its high six. All else of a part follows at once; nothing is
 * aligned. `start` is base + 1 modulo 2^32: the smallest id that the block may hold.
 *
 *   ids   run      00                                    start, start + 1, …
 *         bits     u16: 01 | span << 2; span bytes       bit i (low first) is the id start + i
 *         packed   02 | width << 2; packed               gaps - 1: ids[i] - ids[i - 1] - 1
 *         patched  03 | width << 2; body of pfor.h       gaps - 1
 *   tfs   ones     00
 *         mask     01 | width << 2; ceil(count / 8)      bit i set where tf > 1, then tf - 2 of
 *                  bytes; packed                         those in `width` bits each
 *         packed   02 | width << 2; packed               tf - 1
 *         patched  03 | width << 2; body of pfor.h       tf - 1
 *
 * Worked bytes, with base 9:
 *
 *   ids 10 11 12      00                      run
 *   ids 10 11 12 17   05 00 87                bits, one byte: 0, 1, 2 and 7 after 10
 *   ids 10 15 20      0e 20 01                packed in 3 bits: 0, 4, 4 -> 000 100 100, low first
 *   tfs 1 1 1 1       00                      ones
 *   tfs 1 1 1 1 1 9   0d 20 07                mask of posting 5, then 9 - 2 in three bits
 *   tfs 2 3 4 1       0a 39                   packed in 2 bits: 1, 2, 3, 0 */
#include "codec/block.h"

#include <string.h>

#include "base/num.h"
#include "codec/pfor.h"

enum { TAG_BITS = 3, WIDTH_SHIFT = 2, MAX_SPAN = 0x3fff };

/* A sum of 256 gaps of at most this many bits is below 2^32, so it wraps at most once. */
enum { SAFE_GAP_BITS = 24 };

#ifdef NS_COUNT_TAGS
uint64_t ns__block_tag_counts[3][NS__BLOCK_TAGS];
#endif

static inline void count_tag(const ns__unpack_kernels *kernels, ns__block_tag tag)
{
#ifdef NS_COUNT_TAGS
    ns__isa isa = NS__ISA_PORTABLE;
#if defined(__x86_64__)
    isa = kernels == &ns__unpack_avx512 ? NS__ISA_AVX512 : isa;
    isa = kernels == &ns__unpack_avx2 ? NS__ISA_AVX2 : isa;
#endif
    (void)__atomic_fetch_add(&ns__block_tag_counts[isa][tag], 1, __ATOMIC_RELAXED);
#endif
    (void)kernels;
    (void)tag;
}

/* ---- Encoding ---- */

/* Patched only when it saves at least a sixteenth of the plain size, as it is slower to decode. */
static bool patching_pays(const ns__pfor_plan *plain, const ns__pfor_plan *patched)
{
    return patched->bytes < plain->bytes && plain->bytes - patched->bytes >= plain->bytes / 16 + 1;
}

static void put_tag(ns__block_tag tag, unsigned width, ns__buf *out)
{
    ns__buf_u8(out, (uint8_t)((unsigned)(tag & TAG_BITS) | width << WIDTH_SHIFT));
}

static void put_bits(const uint32_t *ids, size_t count, uint32_t start, size_t span, ns__buf *out)
{
    ns__buf_u16(out, (uint16_t)(NS__IDS_BITS | span << WIDTH_SHIFT));
    if (!ns__buf_reserve(out, span))
        return;
    uint8_t *bits = out->data + out->length;
    memset(bits, 0, span);
    for (size_t i = 0; i < count; i++) {
        uint32_t place = ids[i] - start;
        bits[place / 8] = (uint8_t)(bits[place / 8] | 1u << (place % 8));
    }
    out->length += span;
}

void ns__block_encode_ids(const uint32_t *ids, size_t count, uint32_t base, ns__buf *out)
{
    const uint32_t start = base + 1;
    const size_t span = (size_t)(ids[count - 1] - start) / 8 + 1;
    if (ids[count - 1] - start == count - 1) {
        put_tag(NS__IDS_RUN, 0, out);
        return;
    }
    uint32_t gaps[NS_BLOCK_MAX]; /* minus one */
    gaps[0] = ids[0] - start;
    for (size_t i = 1; i < count; i++)
        gaps[i] = ids[i] - ids[i - 1] - 1;
    ns__pfor_plan plain, patched;
    ns__pfor_choose(gaps, count, &plain, &patched);
    bool patch = patching_pays(&plain, &patched);
    const ns__pfor_plan *plan = patch ? &patched : &plain;
    /* A bit set may cost a quarter of a bit more per posting: it can be intersected as it is. */
    if (span <= MAX_SPAN && span + 1 <= plan->bytes + count / 32) {
        put_bits(ids, count, start, span, out);
        return;
    }
    put_tag(patch ? NS__IDS_PATCHED : NS__IDS_PACKED, plan->width, out);
    ns__pfor_encode(gaps, count, plan, out);
}

/* The tfs above 1, minus two, and the mask of where they stand. */
static size_t split_ones(const uint32_t *tfs, size_t count, uint8_t *mask, uint32_t *above)
{
    size_t n = 0;
    for (size_t first = 0; first < count; first += 8) {
        size_t end = count - first < 8 ? count : first + 8;
        unsigned bits = 0;
        for (size_t i = first; i < end; i++) {
            unsigned more = tfs[i] > 1;
            bits |= more << (i - first);
            above[n] = tfs[i] - 2; /* kept only if it is more */
            n += more;
        }
        mask[first / 8] = (uint8_t)bits;
    }
    return n;
}

void ns__block_encode_tfs(const uint32_t *tfs, size_t count, ns__buf *out)
{
    uint8_t mask[NS_BLOCK_MAX / 8];
    uint32_t above[NS_BLOCK_MAX + 1], minus_one[NS_BLOCK_MAX], any = 0;
    for (size_t i = 0; i < count; i++)
        any |= minus_one[i] = tfs[i] - 1;
    if (any == 0) {
        put_tag(NS__TFS_ONES, 0, out);
        return;
    }
    const size_t above_count = split_ones(tfs, count, mask, above);
    uint32_t above_any = 0;
    for (size_t i = 0; i < above_count; i++)
        above_any |= above[i];
    const unsigned above_width = ns__bits32(above_any);
    ns__pfor_plan masked = {.width = above_width,
                            .bytes = ns__packed_bytes(above_count, above_width)};
    ns__pfor_plan plain, patched;
    ns__pfor_choose(minus_one, count, &plain, &patched);
    bool patch = patching_pays(&plain, &patched);
    const ns__pfor_plan *plan = patch ? &patched : &plain;
    const size_t mask_bytes = (count + 7) / 8;
    if (mask_bytes + masked.bytes < plan->bytes) {
        put_tag(NS__TFS_MASK, masked.width, out);
        ns__buf_append(out, mask, mask_bytes);
        ns__pfor_encode(above, above_count, &masked, out);
        return;
    }
    put_tag(patch ? NS__TFS_PATCHED : NS__TFS_PACKED, plan->width, out);
    ns__pfor_encode(minus_one, count, plan, out);
}

/* ---- Decoding ids ---- */

size_t ns__block_view_bits(const uint8_t *in, const uint8_t *in_end, uint32_t base,
                           ns__block_bits *out)
{
    if (in_end - in < 2 || ns__block_ids_tag(in) != NS__IDS_BITS)
        return 0;
    size_t span = ns__get_u16(in) >> WIDTH_SHIFT;
    uint32_t first = base + 1;
    if (span == 0 || span > (size_t)(in_end - in) - 2 || (span - 1) * 8 > UINT32_MAX - first)
        return 0;
    *out = (ns__block_bits){in + 2, span, first};
    return span + 2;
}

static bool is_ascending(const uint32_t *ids, size_t count, uint32_t start)
{
    bool good = ids[0] >= start;
    for (size_t i = 1; i < count; i++)
        good &= ids[i] > ids[i - 1];
    return good;
}

/* Gaps are at least 1, so ids ascend unless the sum passes 2^32. With gaps below 2^24 it can do so
 * only once, and then the last id comes out below the first possible one. */
static bool gaps_fit(const uint32_t *ids, size_t count, uint32_t start, unsigned gap_bits)
{
    if (gap_bits <= SAFE_GAP_BITS)
        return ids[count - 1] >= start;
    return is_ascending(ids, count, start);
}

static size_t decode_run(size_t count, uint32_t base, uint32_t *out)
{
    if (count - 1 > UINT32_MAX - (base + 1))
        return 0;
    for (uint32_t i = 0; i < count; i++)
        out[i] = base + 1 + i;
    return 1;
}

static size_t decode_patched_ids(const ns__unpack_kernels *kernels, const uint8_t *in,
                                 const uint8_t *in_end, size_t count, uint32_t base, uint32_t *out)
{
    ns__values low;
    size_t length;
    if (!ns__pfor_open(in + 1, in_end, count, *in >> WIDTH_SHIFT, true, &low, &length))
        return 0;
    uint8_t indices[NS_BLOCK_ROOM];
    uint32_t highs[NS_BLOCK_ROOM];
    const ns__patches patches = ns__pfor_patches(kernels, &low, indices, highs);
    if (kernels->patch_delta32 != NULL &&
        kernels->patch_delta32(&patches, low.packed, count, low.width, base, out))
        return out[count - 1] >= base + 1 ? length + 1 : 0;
    kernels->unpack32(low.packed, count, low.width, out);
    if (!ns__pfor_patch(&low, &patches, out))
        return 0;
    kernels->prefix32(out, count, base, 1);
    return gaps_fit(out, count, base + 1, low.width + low.exception_width) ? length + 1 : 0;
}

size_t ns__block_decode_ids(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t base, uint32_t *out)
{
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX)
        return 0;
    const ns__block_tag tag = ns__block_ids_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    count_tag(kernels, tag);
    if (tag == NS__IDS_PACKED) {
        const size_t bytes = ns__packed_bytes(count, width);
        if (width > 32 || bytes > (size_t)(in_end - in) - 1)
            return 0;
        kernels->unpack_delta32(in + 1, count, width, base, 1, out);
        return gaps_fit(out, count, base + 1, width) ? bytes + 1 : 0;
    }
    if (tag == NS__IDS_BITS) {
        ns__block_bits view;
        size_t bytes = ns__block_view_bits(in, in_end, base, &view);
        if (bytes == 0 || !kernels->bits32(view.bits, view.bytes, count, view.first, out))
            return 0;
        return out[count - 1] >= view.first ? bytes : 0;
    }
    if (tag == NS__IDS_PATCHED)
        return decode_patched_ids(kernels, in, in_end, count, base, out);
    return width == 0 ? decode_run(count, base, out) : 0;
}

size_t ns__block_skip_ids(const uint8_t *in, const uint8_t *in_end, size_t count)
{
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX)
        return 0;
    const ns__block_tag tag = ns__block_ids_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    if (tag == NS__IDS_RUN)
        return width == 0;
    if (tag == NS__IDS_BITS) {
        ns__block_bits view;
        return ns__block_view_bits(in, in_end, UINT32_MAX, &view);
    }
    ns__values low;
    size_t length;
    bool patched = tag == NS__IDS_PATCHED;
    return ns__pfor_open(in + 1, in_end, count, width, patched, &low, &length) ? length + 1 : 0;
}

/* ---- Decoding tfs ---- */

/* Where the parts of a mask encoding stand. False when they do not fit. */
static bool open_mask(const ns__unpack_kernels *kernels, const uint8_t *in, const uint8_t *in_end,
                      size_t count, size_t *above_count, size_t *length)
{
    const size_t mask_bytes = (count + 7) / 8;
    const size_t left = (size_t)(in_end - in) - 1;
    if (mask_bytes > left)
        return false;
    *above_count = kernels->count_bits(in + 1, count);
    *length = mask_bytes + ns__packed_bytes(*above_count, *in >> WIDTH_SHIFT);
    return *length <= left;
}

static void fill_ones(uint32_t *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        out[i] = 1;
}

static size_t decode_masked_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                                const uint8_t *in_end, size_t count, uint32_t *out)
{
    size_t above_count, length;
    if (!open_mask(kernels, in, in_end, count, &above_count, &length))
        return 0;
    uint32_t above[NS_BLOCK_ROOM];
    kernels->unpack32(in + 1 + (count + 7) / 8, above_count, *in >> WIDTH_SHIFT, above);
    kernels->expand32(in + 1, count, above, out);
    return length + 1;
}

static size_t decode_patched_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                                 const uint8_t *in_end, size_t count, uint32_t *out)
{
    ns__values low;
    size_t length;
    if (!ns__pfor_open(in + 1, in_end, count, *in >> WIDTH_SHIFT, true, &low, &length) ||
        low.width + low.exception_width > 31)
        return 0;
    uint8_t indices[NS_BLOCK_ROOM];
    uint32_t highs[NS_BLOCK_ROOM];
    const ns__patches patches = ns__pfor_patches(kernels, &low, indices, highs);
    kernels->unpack32(low.packed, count, low.width, out);
    if (!ns__pfor_patch(&low, &patches, out))
        return 0;
    for (size_t i = 0; i < count; i++)
        out[i]++;
    return length + 1;
}

size_t ns__block_decode_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t *out)
{
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX)
        return 0;
    const ns__block_tag tag = ns__block_tfs_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    count_tag(kernels, tag);
    if (width > 31) /* a tf is at most 2^31: its packed value plus one never wraps to 0 */
        return 0;
    switch (tag) {
    case NS__TFS_ONES:
        fill_ones(out, count);
        return width == 0;
    case NS__TFS_MASK:
        return decode_masked_tfs(kernels, in, in_end, count, out);
    case NS__TFS_PATCHED:
        return decode_patched_tfs(kernels, in, in_end, count, out);
    default:
        break;
    }
    const size_t bytes = ns__packed_bytes(count, width);
    if (bytes > (size_t)(in_end - in) - 1)
        return 0;
    kernels->unpack32(in + 1, count, width, out);
    for (size_t i = 0; i < count; i++)
        out[i]++;
    return bytes + 1;
}

static uint32_t pick_masked(const ns__unpack_kernels *kernels, const uint8_t *in, size_t count,
                            size_t at)
{
    const uint8_t *mask = in + 1;
    if (!(mask[at / 8] >> (at % 8) & 1))
        return 1;
    const size_t rank = kernels->count_bits(mask, at);
    return 2 + ns__packed_get(mask + (count + 7) / 8, rank, *in >> WIDTH_SHIFT);
}

/* Those of a patched frame of reference: its exceptions are put where they belong, as few branches
 * can be foreseen. */
static bool pick_patched(const ns__unpack_kernels *kernels, const uint8_t *in,
                         const uint8_t *in_end, size_t count, const uint32_t *at, size_t n,
                         uint32_t *out)
{
    ns__values low;
    size_t length;
    if (!ns__pfor_open(in + 1, in_end, count, *in >> WIDTH_SHIFT, true, &low, &length) ||
        low.width + low.exception_width > 31)
        return false;
    uint8_t indices[NS_BLOCK_ROOM];
    uint32_t highs[NS_BLOCK_ROOM], more[NS_BLOCK_MAX];
    const ns__patches patches = ns__pfor_patches(kernels, &low, indices, highs);
    memset(more, 0, count * sizeof *more);
    if (!ns__pfor_patch(&low, &patches, more))
        return false;
    for (size_t i = 0; i < n; i++)
        out[i] =
            at[i] < count ? 1 + (ns__packed_get(low.packed, at[i], low.width) | more[at[i]]) : 0;
    return true;
}

bool ns__block_pick_tfs(const ns__unpack_kernels *kernels, const uint8_t *in, const uint8_t *in_end,
                        size_t count, const uint32_t *at, size_t n, uint32_t *out)
{
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX)
        return false;
    const ns__block_tag tag = ns__block_tfs_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    size_t length, above_count;
    if (tag == NS__TFS_PATCHED)
        return pick_patched(kernels, in, in_end, count, at, n, out);
    if (width > 31 ||
        (tag == NS__TFS_MASK && !open_mask(kernels, in, in_end, count, &above_count, &length)) ||
        (tag == NS__TFS_PACKED && ns__packed_bytes(count, width) > (size_t)(in_end - in) - 1))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (at[i] >= count)
            out[i] = 0;
        else if (tag == NS__TFS_MASK)
            out[i] = pick_masked(kernels, in, count, at[i]);
        else
            out[i] = 1 + (tag == NS__TFS_PACKED ? ns__packed_get(in + 1, at[i], width) : 0);
    }
    return true;
}

static bool range_masked(const ns__unpack_kernels *kernels, const uint8_t *in,
                         const uint8_t *in_end, size_t count, size_t from, size_t n, uint32_t *out)
{
    size_t above_count, length;
    if (!open_mask(kernels, in, in_end, count, &above_count, &length))
        return false;
    const uint8_t *mask = in + 1, *above = mask + (count + 7) / 8;
    const unsigned width = *in >> WIDTH_SHIFT;
    size_t rank = kernels->count_bits(mask, from);
    for (size_t i = 0; i < n; i++) {
        const bool more = mask[(from + i) / 8] >> ((from + i) % 8) & 1;
        out[i] = more ? 2 + ns__packed_get(above, rank, width) : 1;
        rank += more;
    }
    return true;
}

bool ns__block_range_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                         const uint8_t *in_end, size_t count, size_t from, size_t n, uint32_t *out)
{
    if (in >= in_end || count > NS_BLOCK_MAX || n == 0 || from >= count || n > count - from)
        return false;
    const ns__block_tag tag = ns__block_tfs_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    ns__values values;
    size_t length;
    if (width > 31)
        return false;
    if (tag == NS__TFS_MASK)
        return range_masked(kernels, in, in_end, count, from, n, out);
    if (tag == NS__TFS_ONES) {
        fill_ones(out, n);
        return width == 0;
    }
    if (!ns__pfor_open(in + 1, in_end, count, width, tag == NS__TFS_PATCHED, &values, &length) ||
        values.width + values.exception_width > 31)
        return false;
    ns__values_get(kernels, &values, from, n, out);
    for (size_t i = 0; i < n; i++)
        out[i]++;
    return true;
}

size_t ns__block_skip_tfs(const uint8_t *in, const uint8_t *in_end, size_t count)
{
    if (in >= in_end || count == 0 || count > NS_BLOCK_MAX)
        return 0;
    const ns__block_tag tag = ns__block_tfs_tag(in);
    const unsigned width = *in >> WIDTH_SHIFT;
    size_t length, above_count;
    if (width > 31)
        return 0;
    if (tag == NS__TFS_ONES)
        return width == 0;
    if (tag == NS__TFS_MASK)
        return open_mask(&ns__unpack_portable, in, in_end, count, &above_count, &length)
                   ? length + 1
                   : 0;
    ns__values low;
    bool patched = tag == NS__TFS_PATCHED;
    return ns__pfor_open(in + 1, in_end, count, width, patched, &low, &length) ? length + 1 : 0;
}
