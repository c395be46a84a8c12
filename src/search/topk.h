/* The best results so far: a heap with the worst on top, at most one entry an article.
 *
 * Better is the higher score; among equal ones the earlier article, then the earlier passage. What
 * the heap holds in the end depends on the set of offers only, not on their order. */
#ifndef NS_SEARCH_TOPK_H
#define NS_SEARCH_TOPK_H

#include <math.h>

#include "base/mem.h"

typedef struct ns__hit {
    float score;
    uint32_t segment; /* index in the snapshot */
    uint64_t article; /* snapshot number */
    uint32_t passage; /* id in its segment */
    bool near;        /* pairs of words took part in the score: see cascade.h */
} ns__hit;

typedef struct ns__topk {
    ns__hit *hits;   /* `count` of them, each in one place from entering to leaving */
    uint32_t *heap;  /* places in hits, worst first */
    uint32_t *where; /* of each place: its index in the heap */
    uint32_t *table; /* article -> place + 1; open addressing; NULL when passages are ranked */
    uint32_t table_mask;
    uint32_t count, limit;
} ns__topk;

/* Room for `limit` hits; by passages: several of one article are allowed. False without memory. */
bool ns__topk_init(ns__topk *top, uint32_t limit, bool passages, ns__arena *arena);
/* Whether this hit would change the heap. */
bool ns__topk_enters(const ns__topk *top, const ns__hit *hit);
/* Takes a hit that enters. */
void ns__topk_put(ns__topk *top, const ns__hit *hit);
/* Sorts hits best first; afterwards the heap can only be read. */
void ns__topk_finish(ns__topk *top);

/* The score below which nothing enters any more: -1 while there is room. */
static inline float ns__topk_threshold(const ns__topk *top)
{
    if (top->limit == 0)
        return INFINITY;
    return top->count < top->limit ? -1.0f : top->hits[top->heap[0]].score;
}

static inline bool ns__hit_better(const ns__hit *a, const ns__hit *b)
{
    if (a->score != b->score)
        return a->score > b->score;
    if (a->article != b->article)
        return a->article < b->article;
    return a->passage < b->passage;
}

#endif
