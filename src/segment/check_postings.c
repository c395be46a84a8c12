/* Checking one posting list: ids, frequencies and positions against the articles, bounds against
 * the postings. The first fault of a kind is reported for each list. */
#include "segment/check_parts.h"

#include <stdio.h>

#include "segment/postings_parts.h"

typedef struct list_check {
    ns__check *check;
    const ns__plist *list;
    const ns__unpack_kernels *kernels;
    const char *name;
    uint64_t positions;
    bool bound_fault, pair_fault, window_fault;
    ns__cur pairs;
    uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM];
    ns__pos_block block;
    uint32_t *buffer; /* positions of one posting */
    size_t capacity;
} list_check;

/* How often the term stands in the headline of an article. */
static uint32_t headline_count(const ns__check *check, uint32_t article, uint32_t ordinal)
{
    const uint32_t *words = check->headlines;
    uint64_t low = check->headline_starts[article], end = check->headline_starts[article + 1];
    uint64_t high = end;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (words[middle] < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t count = 0;
    while (low < end && words[low++] == ordinal)
        count++;
    return count;
}

/* Positions ascend, stay inside the passage, and no other term has them. NULL, or the fault. */
static const char *check_positions(list_check *all, uint32_t article, uint32_t ordinal,
                                   uint32_t posting)
{
    ns__check *check = all->check;
    uint32_t passage = all->ids[posting], count, before = 0;
    uint64_t start = check->token_starts[passage], end = check->token_starts[passage + 1];
    size_t need = all->block.starts[posting + 1] - all->block.starts[posting] + NS_UNPACK_ROUND;
    if (NS_RESERVE(all->buffer, all->capacity, need) < 0) {
        check->no_memory = true;
        return NULL;
    }
    ns__pos_block_get(&all->block, all->kernels, posting, all->buffer, &count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position = all->buffer[i];
        if (i > 0 && position <= before)
            return "its positions do not ascend";
        if (position >= end - start)
            return "it stands behind the last word of a passage";
        uint64_t bit = start + position;
        if (check->tokens_seen != NULL) {
            if (check->tokens_seen[bit / 8] >> bit % 8 & 1)
                return "it stands where another term stands";
            check->tokens_seen[bit / 8] |= (uint8_t)(1u << bit % 8);
        }
        ns__check_spelling(check, article, passage, position, ordinal, all->name);
        before = position;
    }
    all->positions += count;
    return NULL;
}

/* NULL, or the fault. */
static const char *check_posting(list_check *all, uint32_t ordinal, uint32_t posting)
{
    ns__check *check = all->check;
    uint32_t passage = all->ids[posting], title_tf = all->block.title_tfs[posting];
    check->length_sums[passage] += all->tfs[posting];
    check->title_sums[passage] += title_tf;
    if (check->incomplete)
        return NULL; /* headlines or word counts are not known */
    uint32_t article = ns__article_of(&check->segment->articles, passage);
    if (title_tf != 0 && headline_count(check, article, ordinal) != title_tf)
        return "its frequency in a headline is not that of the headline";
    return check_positions(all, article, ordinal, posting);
}

/* ---- Bounds ---- */

static void bound_fault(list_check *all, bool *known, const void *at, const char *what,
                        uint32_t passage)
{
    if (!*known)
        ns__check_fault(all->check, all->list->owner->frame, at,
                        "%s: %s is below what passage %u scores", all->name, what, passage);
    *known = true;
}

static double share_of(const ns__postings *owner, uint32_t tf, uint32_t length)
{
    double ratio = owner->average > 0 ? length / owner->average : 0;
    return tf / (tf + owner->k1 * (1 - owner->b + owner->b * ratio));
}

/* Returns what the posting has of a score. */
static double check_bound(list_check *all, const uint8_t *quant, const ns__bound_pair *pairs,
                          uint32_t pair_count, const uint8_t *pairs_at, uint32_t posting)
{
    const ns__plist *list = all->list;
    uint32_t passage = all->ids[posting], tf = all->tfs[posting];
    uint32_t length = ns__length_of(&list->owner->lengths, passage);
    double share = share_of(list->owner, tf, length);
    if ((double)ns__quant_bound(*quant) < share)
        bound_fault(all, &all->bound_fault, quant, "the quantised bound of a half block", passage);
    if (list->windows != NULL) {
        const uint8_t *window = list->windows + passage / list->owner->window_passages;
        if ((double)ns__quant_bound(*window) < share)
            bound_fault(all, &all->window_fault, window, "the maximum of a window", passage);
    }
    for (uint32_t i = 0; i < pair_count; i++)
        if (pairs[i].tf >= tf && pairs[i].length <= length)
            return share;
    bound_fault(all, &all->pair_fault, pairs_at, "the (tf, length) bound of a half block", passage);
    return share;
}

/* Searching relies on it that some posting has more than a step less: drive_prime.c. */
static void check_tight(const list_check *all, const uint8_t *quant, double best)
{
    const double least = ((double)*quant - 1) / 255;
    if (least * (1 - 1e-12) > best)
        ns__check_fault(all->check, all->list->owner->frame, quant,
                        "%s: the quantised bound of a half block is above what any passage scores",
                        all->name);
}

/* Searching reads no length of a posting whose tf is too low for passages of at least that. */
static void check_shortest(const list_check *all, const uint8_t *code, uint32_t from, uint32_t to)
{
    const ns__lengths *lengths = &all->list->owner->lengths;
    uint32_t shortest = UINT32_MAX;
    for (uint32_t i = from; i < to; i++)
        shortest = ns__min_u32(shortest, ns__length_of(lengths, all->ids[i]));
    if (*code != ns__length_code(shortest))
        ns__check_fault(all->check, all->list->owner->frame, code,
                        "%s: the shortest length of a half block is not what stands there",
                        all->name);
}

static void check_bounds(list_check *all, uint32_t block, uint32_t count)
{
    const ns__plist *list = all->list;
    const uint32_t half = list->block_postings / 2;
    ns__bound_pair pairs[NS_MAX_BOUND_PAIRS];
    for (uint32_t h = 0; h < 2; h++) {
        uint32_t from = h * half, to = h == 0 ? ns__min_u32(half, count) : count, pair_count = 0;
        const uint8_t *quant = list->quant + 2 * (size_t)block + h;
        const uint8_t *shortest = list->shortest + 2 * (size_t)block + h;
        const uint8_t *at = all->pairs.at;
        if (from >= to) {
            if (*quant != quant[-1] || *shortest != shortest[-1])
                ns__check_fault(all->check, list->owner->frame, quant,
                                "%s: the bound of a missing half block does not repeat the other",
                                all->name);
            continue;
        }
        if (!ns__pairs_read(&all->pairs, pairs, &pair_count) && !all->pair_fault) {
            ns__check_fault(all->check, list->owner->frame, at, "%s: malformed score bounds",
                            all->name);
            all->pair_fault = true;
        }
        double best = 0;
        for (uint32_t i = from; i < to; i++) {
            double share = check_bound(all, quant, pairs, pair_count, at, i);
            best = share > best ? share : best;
        }
        check_tight(all, quant, best);
        check_shortest(all, shortest, from, to);
    }
}

/* ---- The list ---- */

static ns_status read_block(list_check *all, uint32_t block, ns_error *error)
{
    ns__block_place place;
    NS_TRY(ns__plist_ids(all->list, all->kernels, block, all->ids, &place, error));
    NS_TRY(ns__plist_tfs(all->list, all->kernels, &place, all->tfs, error));
    return ns__plist_positions_open(all->list, all->kernels, block, all->tfs, &all->block, error);
}

/* False when the rest of the list makes no sense. */
static bool check_block(list_check *all, const ns__term *term, uint32_t block)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    ns__check *check = all->check;
    ns_status status = read_block(all, block, &error);
    if (status < 0) {
        ns__check_error(check, status, &error, all->name);
        return false;
    }
    uint32_t count = ns__plist_count(all->list, block);
    for (uint32_t i = 0; i < count && ns__check_goes_on(check); i++) {
        const char *fault = check_posting(all, term->ordinal, i);
        if (fault != NULL) {
            const ns__plist *list = all->list;
            const void *at =
                list->decoded ? (const void *)term->value.data : ns__plist_positions(list, block);
            ns__check_fault(check,
                            list->decoded ? check->segment->terms.frame : list->owner->pos_frame,
                            at, "%s: in passage %u %s", all->name, all->ids[i], fault);
            check->incomplete = true;
            return false;
        }
    }
    if (!all->list->decoded)
        check_bounds(all, block, count);
    return true;
}

static void count_list(const list_check *all, ns__postings_counts *counts)
{
    const ns__plist *list = all->list;
    counts->postings += list->df;
    counts->positions += all->positions;
    if (!list->decoded) {
        counts->block_lists++;
        counts->blocks += list->blocks;
    } else if (list->df == 1) {
        counts->inline_lists++;
    } else {
        counts->short_lists++;
    }
}

void ns__check_list(ns__check *check, const ns__term *term, const char *name,
                    ns__postings_counts *counts)
{
    ns_error error = {.offset = NS_NO_OFFSET};
    ns__plist list;
    const ns__postings *postings = &check->segment->postings;
    ns_status status = ns__plist_open(postings, term->value, &check->arena, &list, &error);
    if (status == NS_ERR_CORRUPT) {
        ns__check_fault(check, check->segment->terms.frame, term->value.data, "%s: %s", name,
                        error.message);
        check->incomplete = true;
        return;
    }
    list_check *all = status == NS_OK ? ns__check_alloc(check, 1, sizeof *all) : NULL;
    if (all == NULL) {
        check->no_memory = true;
        return;
    }
    all->check = check;
    all->list = &list;
    all->kernels = postings->kernels;
    all->name = name;
    all->pairs = (ns__cur){list.pairs, list.pairs_end, false};
    bool good = true;
    for (uint32_t block = 0; block < list.blocks && good && ns__check_goes_on(check); block++)
        good = check_block(all, term, block);
    if (good && !list.decoded && all->pairs.at != all->pairs.end && !all->pair_fault)
        ns__check_fault(check, postings->frame, all->pairs.at,
                        "%s: there are more score bounds than half blocks", name);
    count_list(all, counts);
    ns__free(all->buffer);
    ns__free(all);
}
