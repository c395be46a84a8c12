/* What a query asks of an index: its words as groups of terms, and its leaves over them.
 *
 * A *group* is one word of the query: the terms that it leads to in any language of the index,
 * scored as one (tf summed, the largest df). A *leaf* wants, requires or excludes a word (one slot)
 * or a phrase (several slots that must stand one behind the other); slots are groups. Groups are
 * distinct and stand in byte order of their terms, which is the order scores are added in.
 *
 * A *run* is a wanted word of a script without spaces that analysis cut into two or more bigrams.
 * Each of them is a leaf; the run itself only adds a bonus to passages where it stands as a phrase.
 * Runs are kept as leaves behind those that decide what matches. */
#ifndef NS_SEARCH_PLAN_H
#define NS_SEARCH_PLAN_H

#include "base/mem.h"
#include "index/snapshot.h"
#include "ns/search.h"
#include "query/query.h"
#include "search/score.h"

typedef struct ns__group {
    const ns__str *terms; /* ascending, distinct; not all of them need be in the index */
    uint32_t term_count;
    uint32_t weight; /* occurrences in leaves that are wanted or required; 0: only excluded */
    uint64_t df;     /* the largest of its terms' */
    bool looked_up;  /* of one term, in the only segment: it is `found`, or nowhere when df is 0 */
    ns__term found;
    double factor; /* weight * idf */
} ns__group;

typedef struct ns__plan_leaf {
    ns__occur occur;
    const uint32_t *slots; /* group indices */
    uint32_t slot_count;   /* 1: a word; 0: a phrase too long to match anything */
    double bonus;          /* of a run; see score.h */
} ns__plan_leaf;

typedef struct ns__plan {
    ns__bm25 bm25;
    ns__group *groups;
    uint32_t group_count;
    ns__plan_leaf *leaves;
    uint32_t leaf_count;
    uint32_t run_count;            /* runs: leaves[leaf_count .. leaf_count + run_count) */
    uint32_t musts, shoulds, nots; /* leaves of each kind */
    bool phrases;                  /* some wanted or required leaf is a phrase */
} ns__plan;

/* Analyses a query for an index. Everything in *out lives in the arena. NS_ERR_LIMIT when it has
 * more than NS_MAX_QUERY_LEAVES words after analysis, NS_ERR_CORRUPT, NS_ERR_MEMORY. */
ns_status ns__plan_make(const ns_index *index, const ns__query *query, double k1, double b,
                        ns__arena *arena, ns__plan *out, ns_error *err);

/* The bigrams of an index that begin or end with `cluster`, the term of a word of one grapheme
 * cluster in a script without spaces: at most `room` of them, those of the highest df, ties in
 * byte order. Terms are copied to the arena. */
ns_status ns__expand_cluster(const ns_index *index, ns__str cluster, size_t room, ns__arena *arena,
                             ns__str **terms, size_t *count, ns_error *err);

#endif
