/* Positions of one block of postings, with the headline tfs that tell how many each posting has.
 *
 * One byte says how headline tfs are stored: mostly not at all. Then come the positions of all
 * postings as one list that can be read in the middle: the first of each posting as it is, the
 * others as differences. */
#include "segment/postings_parts.h"

#include "base/count.h"

/* The first byte of a block. */
typedef enum title_form {
    TITLES_NONE = 0,
    TITLES_MASK = 1,  /* a bit for each posting */
    TITLES_LIST = 2,  /* u8 count - 1, then u8 indices of postings */
    TITLES_KIND = 3,  /* which bits say the above */
    TITLES_COUNTS = 4 /* flag: title tf - 1 of those follow as values; else all are 1 */
} title_form;

/* ---- Writing ---- */

static void put_titles(const ns__posting_run *run, ns__buf *out)
{
    uint32_t minus_one[NS_BLOCK_MAX], any = 0;
    for (uint32_t i = 0; i < run->count; i++)
        any |= run->title_tfs[i];
    if (any == 0) {
        ns__buf_u8(out, TITLES_NONE);
        return;
    }
    uint8_t indices[NS_BLOCK_MAX], mask[NS_BLOCK_MAX / 8] = {0};
    size_t hits = 0;
    bool counts = false;
    for (uint32_t i = 0; i < run->count; i++)
        if (run->title_tfs[i] != 0) {
            indices[hits] = (uint8_t)i;
            minus_one[hits++] = run->title_tfs[i] - 1;
            mask[i / 8] = (uint8_t)(mask[i / 8] | 1u << (i % 8));
            counts |= run->title_tfs[i] > 1;
        }
    const size_t mask_bytes = (run->count + 7) / 8;
    const bool listed = hits + 1 < mask_bytes;
    ns__buf_u8(out, (uint8_t)((listed ? TITLES_LIST : TITLES_MASK) | (counts ? TITLES_COUNTS : 0)));
    if (listed) {
        ns__buf_u8(out, (uint8_t)(hits - 1));
        ns__buf_append(out, indices, hits);
    } else {
        ns__buf_append(out, mask, mask_bytes);
    }
    if (counts)
        ns__values_encode(minus_one, hits, out);
}

void ns__positions_encode(const ns__posting_run *run, ns__buf *out)
{
    put_titles(run, out);
    if (run->position_count > 0)
        ns__values_encode(run->positions, run->position_count, out);
}

/* ---- Reading ---- */

/* Which postings have headline hits. False when malformed. */
static bool read_indices(ns__cur *cur, unsigned kind, uint32_t count, uint8_t *indices,
                         size_t *hits)
{
    *hits = 0;
    if (kind == TITLES_LIST) {
        size_t n = (size_t)ns__cur_u8(cur) + 1;
        const uint8_t *at = n <= count ? ns__cur_take(cur, n) : NULL;
        if (!at)
            return false;
        for (size_t i = 0; i < n; i++) {
            if (at[i] >= count || (i > 0 && at[i] <= at[i - 1]))
                return false;
            indices[i] = at[i];
        }
        *hits = n;
        return true;
    }
    const uint8_t *mask = kind == TITLES_MASK ? ns__cur_take(cur, (count + 7) / 8) : NULL;
    if (!mask)
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (mask[i / 8] >> (i % 8) & 1)
            indices[(*hits)++] = (uint8_t)i;
    return *hits > 0;
}

static bool read_titles(const ns__unpack_kernels *kernels, ns__cur *cur, ns__pos_block *out)
{
    memset(out->title_tfs, 0, out->count * sizeof out->title_tfs[0]);
    const unsigned form = ns__cur_u8(cur);
    if (cur->bad || form == TITLES_NONE) {
        NS_COUNT(TITLES_NONE);
        return !cur->bad;
    }
    if ((form & TITLES_KIND) == TITLES_LIST)
        NS_COUNT(TITLES_LIST);
    else
        NS_COUNT(TITLES_MASK);
    uint8_t indices[NS_BLOCK_MAX];
    uint32_t minus_one[NS_BLOCK_ROOM] = {0};
    size_t hits;
    if (form > (TITLES_KIND | TITLES_COUNTS) ||
        !read_indices(cur, form & TITLES_KIND, out->count, indices, &hits))
        return false;
    if (form & TITLES_COUNTS) {
        NS_COUNT(TITLES_COUNTS);
        ns__values values;
        size_t taken = ns__values_open(cur->at, cur->end, hits, &values);
        if (taken == 0)
            return false;
        ns__values_get(kernels, &values, 0, hits, minus_one);
        cur->at += taken;
    }
    for (size_t i = 0; i < hits; i++) {
        if (minus_one[i] == UINT32_MAX)
            return false;
        out->title_tfs[indices[i]] = minus_one[i] + 1;
    }
    return true;
}

/* The same without headlines: each tf is a number of positions. */
static bool sum_starts(const ns__unpack_kernels *kernels, ns__pos_block *out, const uint32_t *tfs)
{
    uint64_t total = 0;
    out->starts[0] = 0;
    if (kernels->small_sums32 != NULL && kernels->small_sums32(tfs, out->count, out->starts + 1))
        return true;
    for (uint32_t i = 0; i < out->count; i++)
        total += tfs[i];
    memcpy(out->starts + 1, tfs, out->count * sizeof *tfs);
    kernels->prefix32(out->starts + 1, out->count, 0, 0);
    return total <= UINT32_MAX;
}

/* Where each posting's positions begin. False when a headline counts for more than its tf. */
static bool find_starts(ns__pos_block *out, const uint32_t *tfs, uint32_t title_weight)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < out->count; i++) {
        uint64_t title = (uint64_t)out->title_tfs[i] * title_weight;
        if (title > tfs[i])
            return false;
        out->starts[i] = (uint32_t)total;
        total += tfs[i] - title;
    }
    out->starts[out->count] = (uint32_t)total;
    return total <= UINT32_MAX;
}

static void open_decoded(const ns__plist *list, ns__pos_block *out)
{
    memcpy(out->starts, list->position_starts, ((size_t)list->df + 1) * sizeof out->starts[0]);
    memcpy(out->title_tfs, list->title_tfs, list->df * sizeof out->title_tfs[0]);
    out->direct = list->positions;
}

ns_status ns__plist_positions_open(const ns__plist *list, const ns__unpack_kernels *kernels,
                                   uint32_t block, const uint32_t *tfs, ns__pos_block *out,
                                   ns_error *err)
{
    out->block = block;
    out->count = ns__plist_count(list, block);
    out->direct = NULL;
    if (list->decoded) {
        NS_COUNT(POSITIONS_DECODED);
        open_decoded(list, out);
        return NS_OK;
    }
    const uint8_t *start = ns__plist_positions(list, block);
    const uint8_t *end = ns__plist_positions(list, block + 1);
    const ns__frame *frame = list->owner->pos_frame;
    ns__cur cur = {start, end, start >= end};
    const bool plain = !cur.bad && *cur.at == TITLES_NONE;
    if (cur.bad || !read_titles(kernels, &cur, out))
        return ns__frame_corrupt(frame, start, err, "malformed headline counts of a block");
    if (!(plain ? sum_starts(kernels, out, tfs) : find_starts(out, tfs, list->owner->title_weight)))
        return ns__frame_corrupt(frame, start, err, "headline counts above the frequencies");
    const uint32_t total = out->starts[out->count];
    out->values = (ns__values){0};
    size_t taken = total ? ns__values_open(cur.at, cur.end, total, &out->values) : 0;
    /* Only the first position of a posting can be 0, any other value takes a bit at least: so the
     * tfs claim no more positions than there are bytes for. */
    if ((taken == 0 && total != 0) || taken != ns__cur_left(&cur) ||
        total > out->count + 8 * (uint64_t)taken)
        return ns__frame_corrupt(frame, cur.at, err, "malformed positions of a block");
    return NS_OK;
}

void ns__pos_block_get(const ns__pos_block *positions, const ns__unpack_kernels *kernels,
                       uint32_t i, uint32_t *out, uint32_t *count)
{
    const uint32_t first = positions->starts[i], n = positions->starts[i + 1] - first;
    *count = n;
    if (n == 0)
        return;
    if (positions->direct) {
        memcpy(out, positions->direct + first, n * sizeof *out);
        return;
    }
    ns__values_get(kernels, &positions->values, first, n, out);
    for (uint32_t p = 1; p < n; p++)
        out[p] += out[p - 1];
}

/* ---- Reading few ---- */

/* Of how many postings before `at` the word is in the headline. */
static uint32_t titled_before(const ns__pos_pick *pick, const ns__unpack_kernels *kernels,
                              uint32_t at)
{
    if (pick->mask)
        return (uint32_t)kernels->count_bits(pick->titled, at);
    uint32_t before = 0;
    for (uint32_t i = 0; i < pick->titled_count; i++)
        before += pick->titled[i] < at;
    return before;
}

/* How often it is in those headlines. */
static uint64_t titles_before(const ns__pos_pick *pick, const ns__unpack_kernels *kernels,
                              uint32_t at)
{
    if (pick->titled == NULL)
        return 0;
    const uint32_t titled = titled_before(pick, kernels, at);
    uint64_t titles = titled;
    for (uint32_t i = 0; pick->counts && i < titled; i++)
        titles += pick->more[i];
    return titles;
}

/* Which postings have words in headlines. */
static bool pick_titles(const ns__unpack_kernels *kernels, ns__cur *cur, ns__pos_pick *out)
{
    const unsigned form = ns__cur_u8(cur);
    out->titled = NULL;
    out->titled_count = 0;
    out->mask = (form & TITLES_KIND) == TITLES_MASK;
    out->counts = (form & TITLES_COUNTS) != 0;
    if (form > (TITLES_KIND | TITLES_COUNTS) || (form & TITLES_KIND) == TITLES_KIND)
        return false;
    if ((form & TITLES_KIND) == TITLES_LIST) {
        out->titled_count = (uint32_t)ns__cur_u8(cur) + 1;
        out->titled = ns__cur_take(cur, out->titled_count);
    } else if (out->mask) {
        out->titled = ns__cur_take(cur, (out->count + 7) / 8);
    }
    if (cur->bad || !out->counts)
        return !cur->bad;
    const uint32_t titled = titled_before(out, kernels, out->count);
    ns__values values;
    const size_t taken = titled > 0 ? ns__values_open(cur->at, cur->end, titled, &values) : 0;
    if (taken > 0)
        ns__values_get(kernels, &values, 0, titled, out->more);
    cur->at += taken;
    return taken > 0;
}

/* Positions of the postings before `at`; more than there can be when that contradicts itself. */
static uint64_t count_before(const ns__pos_pick *pick, const ns__unpack_kernels *kernels,
                             uint32_t at)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < at; i++)
        sum += pick->tfs[i];
    return sum - titles_before(pick, kernels, at) * pick->title_weight;
}

bool ns__plist_pick_open(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                         ns__pos_pick *out)
{
    const uint8_t *start = ns__plist_start(list, block), *stop = ns__plist_start(list, block + 1);
    ns__cur cur = {ns__plist_positions(list, block), ns__plist_positions(list, block + 1), false};
    out->count = ns__plist_count(list, block);
    out->title_weight = list->owner->title_weight;
    const size_t ids = start < stop ? ns__block_skip_ids(start, stop, out->count) : 0;
    if (ids == 0 || cur.at >= cur.end)
        return false;
    const size_t tfs = ns__block_decode_tfs(kernels, start + ids, stop, out->count, out->tfs);
    if (tfs != (size_t)(stop - start) - ids || !pick_titles(kernels, &cur, out))
        return false;
    const uint64_t total = count_before(out, kernels, out->count);
    out->total = (uint32_t)total;
    out->values = (ns__values){0};
    const size_t taken = total > 0 && total <= UINT32_MAX
                             ? ns__values_open(cur.at, cur.end, total, &out->values)
                             : 0;
    return (taken != 0 || total == 0) && taken == ns__cur_left(&cur) &&
           total <= out->count + 8 * (uint64_t)taken;
}

bool ns__pos_pick_find(const ns__pos_pick *pick, const ns__unpack_kernels *kernels, uint32_t at,
                       uint32_t *first, uint32_t *count)
{
    if (at >= pick->count)
        return false;
    const uint64_t from = count_before(pick, kernels, at);
    const uint64_t titles = titles_before(pick, kernels, at + 1) - titles_before(pick, kernels, at);
    const uint64_t here = pick->tfs[at] - titles * pick->title_weight;
    *first = (uint32_t)from;
    *count = (uint32_t)here;
    return from <= pick->total && here <= pick->total - from;
}
