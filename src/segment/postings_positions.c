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

/* The postings of a block that have headline hits: `count` of them, and how many those are. */
typedef struct title_hits {
    size_t count;
    uint8_t indices[NS_BLOCK_MAX];
    uint32_t minus_one[NS_BLOCK_ROOM];
} title_hits;

static bool read_list(ns__cur *cur, uint32_t count, title_hits *out)
{
    out->count = (size_t)ns__cur_u8(cur) + 1;
    const uint8_t *at = out->count <= count ? ns__cur_take(cur, out->count) : NULL;
    if (!at)
        return false;
    for (size_t i = 0; i < out->count; i++) {
        if (at[i] >= count || (i > 0 && at[i] <= at[i - 1]))
            return false;
        out->indices[i] = at[i];
    }
    return true;
}

static bool read_mask(ns__cur *cur, uint32_t count, title_hits *out)
{
    uint8_t bits[NS_BLOCK_MAX / 8] = {0};
    const uint8_t *mask = ns__cur_take(cur, (count + 7) / 8);
    if (!mask)
        return false;
    memcpy(bits, mask, (count + 7) / 8);
    for (uint32_t from = 0; from < count; from += 64) {
        uint64_t rest = ns__get_u64(bits + from / 8);
        if (count - from < 64)
            rest &= (UINT64_C(1) << (count - from)) - 1; /* what is behind stands for none */
        for (; rest != 0; rest &= rest - 1)
            out->indices[out->count++] = (uint8_t)(from + (uint32_t)__builtin_ctzll(rest));
    }
    return out->count > 0;
}

/* Which postings have headline hits, and how many. False when malformed. */
static bool read_titles(const ns__unpack_kernels *kernels, ns__cur *cur, uint32_t count,
                        title_hits *out)
{
    const unsigned form = ns__cur_u8(cur), kind = form & TITLES_KIND;
    out->count = 0;
    if (cur->bad || form == TITLES_NONE) {
        NS_COUNT(TITLES_NONE);
        return !cur->bad;
    }
    if (kind == TITLES_LIST)
        NS_COUNT(TITLES_LIST);
    else
        NS_COUNT(TITLES_MASK);
    if (form > (TITLES_KIND | TITLES_COUNTS) || (kind != TITLES_LIST && kind != TITLES_MASK) ||
        !(kind == TITLES_LIST ? read_list(cur, count, out) : read_mask(cur, count, out)))
        return false;
    if (!(form & TITLES_COUNTS)) {
        memset(out->minus_one, 0, out->count * sizeof out->minus_one[0]);
        return true;
    }
    NS_COUNT(TITLES_COUNTS);
    ns__values values;
    size_t taken = ns__values_open(cur->at, cur->end, out->count, &values);
    if (taken == 0)
        return false;
    ns__values_get(kernels, &values, 0, out->count, out->minus_one);
    cur->at += taken;
    return true;
}

/* Where each posting's positions begin, from how many it has. */
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

/* The same from tfs that have the headline in them. False when that counts for more than its tf. */
static bool find_starts(const ns__unpack_kernels *kernels, ns__pos_block *out, const uint32_t *tfs,
                        const title_hits *titles, uint32_t title_weight)
{
    uint32_t bodies[NS_BLOCK_ROOM];
    memset(out->title_tfs, 0, out->count * sizeof out->title_tfs[0]);
    if (titles->count == 0)
        return sum_starts(kernels, out, tfs);
    memcpy(bodies, tfs, out->count * sizeof *bodies);
    for (size_t i = 0; i < titles->count; i++) {
        const uint32_t at = titles->indices[i];
        const uint64_t title = (uint64_t)titles->minus_one[i] + 1;
        if (title > UINT32_MAX || title * title_weight > bodies[at])
            return false;
        out->title_tfs[at] = (uint32_t)title;
        bodies[at] -= (uint32_t)(title * title_weight);
    }
    return sum_starts(kernels, out, bodies);
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
    title_hits titles;
    if (cur.bad || !read_titles(kernels, &cur, out->count, &titles))
        return ns__frame_corrupt(frame, start, err, "malformed headline counts of a block");
    if (!find_starts(kernels, out, tfs, &titles, list->owner->title_weight))
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
