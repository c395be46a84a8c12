/* Score bounds of half blocks: Pareto sets of (tf, length), their bytes, and what follows from
 * them.
 *
 * A posting scores at most as much as one with a higher tf and a shorter passage, under every k1, b
 * and average. So the postings of a half block that no other one beats in this way are all that a
 * bound needs, and they are facts about the text that stay right when statistics change. */
#include "segment/postings_parts.h"

#include "base/count.h"

#include <math.h>

/* More than the rounding errors of any evaluation order of the score, less than a float can show.
 */
#define MARGIN (1.0 + 0x1p-40)

/* Averages that differ more make quantised bounds too loose. */
#define MOST_SCALED 0.9

void ns__pareto_add(ns__pareto *set, uint32_t tf, uint32_t length)
{
    uint32_t above = 0; /* the first pair with at least this tf: the shortest of those */
    while (above < set->count && set->pairs[above].tf < tf)
        above++;
    if (above < set->count && set->pairs[above].length <= length)
        return;
    uint32_t end = above; /* [keep, end) is beaten by the new pair */
    if (end < set->count && set->pairs[end].tf == tf)
        end++;
    uint32_t keep = above;
    while (keep > 0 && set->pairs[keep - 1].length >= length)
        keep--;
    memmove(&set->pairs[keep + 1], &set->pairs[end], (set->count - end) * sizeof set->pairs[0]);
    set->pairs[keep] = (ns__bound_pair){tf, length};
    set->count = set->count - (end - keep) + 1;
}

/* Most postings have a low tf: for those it is enough to keep the shortest of each. */
void ns__pareto_of(const uint32_t *tfs, const uint32_t *lengths, uint32_t count, ns__pareto *out)
{
    enum { LOW = 32 };
    uint32_t shortest[LOW], seen = 0, high = 0;
    memset(shortest, 0xff, sizeof shortest);
    for (uint32_t i = 0; i < count; i++) {
        high |= tfs[i] >= LOW;
        const uint32_t tf = tfs[i] < LOW ? tfs[i] : 0; /* 0: one of the high ones */
        shortest[tf] = lengths[i] < shortest[tf] ? lengths[i] : shortest[tf];
        seen |= UINT32_C(1) << tf;
    }
    out->count = 0;
    for (uint32_t left = seen & ~UINT32_C(1); left != 0; left &= left - 1) {
        const uint32_t tf = (uint32_t)__builtin_ctz(left);
        while (out->count > 0 && out->pairs[out->count - 1].length >= shortest[tf])
            out->count--;
        out->pairs[out->count++] = (ns__bound_pair){tf, shortest[tf]};
    }
    for (uint32_t i = 0; high && i < count; i++)
        if (tfs[i] >= LOW)
            ns__pareto_add(out, tfs[i], lengths[i]);
}

void ns__lengths_of(const ns__lengths *lengths, const uint32_t *passages, uint32_t count,
                    uint32_t *out)
{
    for (uint32_t i = 0; lengths->width == 1 && i < count; i++)
        out[i] = lengths->data[passages[i]];
    for (uint32_t i = 0; lengths->width != 1 && i < count; i++)
        out[i] = ns__length_of(lengths, passages[i]);
}

/* k1 * (1 - b + b * length / average) as base + slope * length. */
typedef struct saturation {
    double base, slope;
} saturation;

static saturation saturation_of(const ns__bm25_norm *norm)
{
    const double slope = norm->average > 0 ? norm->k1 * norm->b / norm->average : 0;
    return (saturation){norm->k1 * (1 - norm->b), slope};
}

static double k_of(ns__bound_pair pair, const saturation *s)
{
    return s->base + s->slope * pair.length;
}

static double pair_bound(ns__bound_pair pair, const saturation *s)
{
    return pair.tf / (pair.tf + k_of(pair, s)) * MARGIN;
}

/* tf / (tf + K) grows with tf / K: the largest is found without dividing. */
static double best_of(const ns__bound_pair *pairs, uint32_t count, const saturation *s)
{
    uint32_t best = 0;
    double best_k = count ? k_of(pairs[0], s) : 0;
    for (uint32_t i = 1; i < count; i++) {
        const double k = k_of(pairs[i], s);
        if (pairs[i].tf * best_k > pairs[best].tf * k) {
            best = i;
            best_k = k;
        }
    }
    return count ? pair_bound(pairs[best], s) : 0;
}

void ns__posting_bounds(const ns__bm25_norm *norm, const uint32_t *tfs, const uint32_t *lengths,
                        uint32_t count, double *out)
{
    const saturation s = saturation_of(norm);
    for (uint32_t i = 0; i < count; i++)
        out[i] = pair_bound((ns__bound_pair){tfs[i], lengths[i]}, &s);
}

uint8_t ns__quantise(double bound)
{
    double steps = ceil(bound * 255);
    return steps < 255 ? (uint8_t)steps : 255;
}

/* Joins neighbours, the higher tf with the shorter length, until the set is small. Each time the
 * two whose union scores least, so that the bound of the whole set grows as late as possible. */
static void coarsen(ns__pareto *set, const saturation *s)
{
    while (set->count > NS_MAX_BOUND_PAIRS) {
        uint32_t chosen = 0;
        double least = INFINITY;
        for (uint32_t i = 0; i + 1 < set->count; i++) {
            ns__bound_pair joined = {set->pairs[i + 1].tf, set->pairs[i].length};
            double bound = pair_bound(joined, s);
            if (bound < least) {
                least = bound;
                chosen = i;
            }
        }
        set->pairs[chosen].tf = set->pairs[chosen + 1].tf;
        set->count--;
        memmove(&set->pairs[chosen + 1], &set->pairs[chosen + 2],
                (set->count - chosen - 1) * sizeof set->pairs[0]);
    }
}

void ns__pareto_encode(const ns__pareto *set, const ns__bm25_norm *norm, ns__buf *out)
{
    const saturation s = saturation_of(norm);
    ns__pareto small = *set;
    coarsen(&small, &s);
    ns__bound_pair before = {0, 0};
    for (uint32_t i = 0; i < small.count; i++) {
        ns__bound_pair pair = small.pairs[i];
        bool more = i + 1 < small.count;
        ns__buf_varint(out, (uint64_t)(pair.tf - before.tf) << 1 | more);
        ns__buf_varint(out, pair.length - before.length);
        before = pair;
    }
}

bool ns__pairs_read(ns__cur *cur, ns__bound_pair *pairs, uint32_t *count)
{
    uint64_t tf = 0, length = 0;
    bool more = true;
    for (*count = 0; more && *count < NS_MAX_BOUND_PAIRS; ++*count) {
        uint64_t head = ns__cur_varint(cur);
        tf += head >> 1;
        length += ns__cur_varint32(cur);
        if (cur->bad || head >> 1 == 0 || tf > UINT32_MAX || length > UINT32_MAX)
            return false;
        pairs[*count] = (ns__bound_pair){(uint32_t)tf, (uint32_t)length};
        more = head & 1;
    }
    return !more;
}

/* The next float of a number that is not negative, as nextafterf() has it: without libm, which each
 * process would have to find and bind for this alone. */
static float next_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    bits++;
    memcpy(&value, &bits, sizeof bits);
    return value;
}

static float round_up(double value)
{
    float rounded = (float)value;
    return rounded < value ? next_float(rounded) : rounded;
}

static ns_status bounds_from_pairs(const ns__plist *list, const saturation *s, float *out,
                                   ns_error *err)
{
    const uint32_t half = list->block_postings / 2;
    ns__cur cur = {list->pairs, list->pairs_end, false};
    for (size_t i = 0; i < 2 * (size_t)list->blocks; i++) {
        if (i % 2 == 1 && ns__plist_count(list, (uint32_t)(i / 2)) <= half) {
            NS_COUNT(BOUNDS_NO_SECOND_HALF);
            out[i] = out[i - 1];
            continue;
        }
        ns__bound_pair pairs[NS_MAX_BOUND_PAIRS];
        uint32_t count;
        const uint8_t *at = cur.at;
        if (!ns__pairs_read(&cur, pairs, &count))
            return ns__frame_corrupt(list->owner->frame, at, err, "malformed score bounds");
        out[i] = round_up(best_of(pairs, count, s));
    }
    if (cur.at != cur.end)
        return ns__frame_corrupt(list->owner->frame, cur.at, err, "more score bounds than blocks");
    return NS_OK;
}

static void bounds_of_decoded(const ns__plist *list, const saturation *s, float *out)
{
    double best = 0;
    for (uint32_t i = 0; i < list->df; i++) {
        uint32_t length = ns__length_of(&list->owner->lengths, list->ids[i]);
        double bound = pair_bound((ns__bound_pair){list->tfs[i], length}, s);
        best = bound > best ? bound : best;
    }
    out[0] = out[1] = round_up(best);
}

/* Many at a time: neither array is the other. */
static void quant_bounds(const uint8_t *restrict quant, size_t count, float *restrict out)
{
    for (size_t i = 0; i < count; i++)
        out[i] = ns__quant_bound(quant[i]);
}

/* With another average, K is never below what it was times `less`, and tf / K never above what it
 * was divided by that: from the share tf / (tf + K) that a quantised bound allows follows another
 * one. It is less tight than what the pairs say, by as much as the averages differ; reading those
 * of a long list takes longer than its best blocks. */
static void scaled_bounds(const uint8_t *restrict quant, size_t count, double less,
                          float *restrict out)
{
    for (size_t i = 0; i < count; i++) {
        const double share = ns__quant_bound(quant[i]), rest = 1 - share;
        const double scaled = share / (share + (rest > 0 ? rest : 0) * less) * MARGIN;
        out[i] = (float)(scaled * (1 + 0x1p-23));
    }
}

/* How much less K may be for the average of a query than for that of the list. */
static double least_scale(double average_of_list, double average)
{
    return average > average_of_list ? average_of_list / average : 1;
}

ns_status ns__plist_bounds(const ns__plist *list, double k1, double b, double average, float *out,
                           ns_error *err)
{
    const ns__postings *owner = list->owner;
    const saturation s = saturation_of(&(ns__bm25_norm){k1, b, average});
    if (list->decoded) {
        NS_COUNT(BOUNDS_DECODED);
        bounds_of_decoded(list, &s, out);
        return NS_OK;
    }
    const double scale = least_scale(owner->average, average);
    const bool same = k1 == owner->k1 && b == owner->b && owner->average > 0;
    if (same && average != owner->average && scale >= MOST_SCALED) {
        NS_COUNT(BOUNDS_SCALED);
        scaled_bounds(list->quant, 2 * (size_t)list->blocks, scale, out);
        return NS_OK;
    }
    if (!same || average != owner->average) {
        NS_COUNT(BOUNDS_PAIRS);
        return bounds_from_pairs(list, &s, out, err);
    }
    NS_COUNT(BOUNDS_QUANT);
    quant_bounds(list->quant, 2 * (size_t)list->blocks, out);
    return NS_OK;
}
