/* Results in an order, or in groups, that bounds of scores say nothing about: by date, by age, the
 * first of each source. An ordering is a collector: it is given every match with its exact score,
 * and keeps the best by its own rule.
 *
 *   date    later (or earlier) first, unknown last; of one date the higher score. A date is the
 *           second at which it begins (zone.h)
 *   age     the score is multiplied by 2^(-age / half-life) before it is compared; which passage of
 *           an article is the best is decided before
 *   source  the first article of each source in the order asked for; where copies are left out, of
 *           those that stand for their copies. Which do is known at the end: articles that may have
 *           copies are kept until then
 *
 * Ties go to the earlier article, then the earlier passage. What it holds in the end depends on
 * what it was given only, not on the order, but that passages of one article come one behind the
 * other. */
#ifndef NS_SEARCH_COLLECT_H
#define NS_SEARCH_COLLECT_H

#include "search/exec.h"
#include "search/labels.h"
#include "search/zone.h"

typedef struct ns__collected {
    ns__hit hit;
    int64_t key; /* the higher comes first; before the score */
} ns__collected;

/* An article that others may be copies of. */
typedef struct ns__collected_copy {
    ns__collected item;
    uint64_t fingerprint;
    uint32_t article; /* in its segment */
} ns__collected_copy;

typedef struct ns__ordering {
    ns__collector collector; /* first: it is found by it */
    const ns_search_options *options;
    uint64_t limit;     /* results wanted */
    ns__labels sources; /* `places`: of each of them, its place in items + 1 */
    uint32_t *places;
    size_t place_capacity;
    ns__collected *items; /* up to twice the limit, or one a source */
    size_t count, capacity;
    ns__collected_copy *copies;
    size_t copy_count, copy_capacity;
    bool full; /* `limit` items are known that come before anything with a key below `bar` */
    int64_t bar;
    ns__zone zone;
    ns__hit best;          /* of the article met last, with the score of the passage alone */
    uint32_t best_article; /* … in its segment */
    bool pending;
} ns__ordering;

/* Whether a search needs one. */
bool ns__ordering_wanted(const ns_search_options *options);
/* NS_OK or NS_ERR_MEMORY; to be released either way. */
ns_status ns__ordering_open(const ns_index *index, const ns_search_options *options, uint64_t limit,
                            ns__ordering *out, ns_error *err);
void ns__ordering_release(ns__ordering *ordering);
/* What was collected, the first first, at most `limit`: into the arena. */
ns_status ns__ordering_finish(ns__ordering *ordering, ns__arena *arena, const ns__hit **hits,
                              size_t *count, ns_error *err);

/* What the score of an article dated `date` (INT64_MIN: unknown) is multiplied by. */
double ns__age_factor(int64_t date, int64_t now, uint64_t half_life);

#endif
