/* The best results so far, at most one entry an article.
 *
 * Better is the higher score; among equal ones the earlier article, then the earlier passage. What
 * is kept in the end depends on the set of offers only, not on their order.
 *
 * Few results are kept exactly: a new one takes the place of the worst. Of many there is room for
 * twice as many as are wanted, and only when it is full the worse half goes; counts of them by
 * ranges of scores tell meanwhile, to a sixty-fourth of an octave, what a result has to beat. */
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

enum { NS_TOPK_FEW = 32 };

typedef struct ns__topk {
    ns__hit *hits;      /* `count` of them, in no order before ns__topk_finish */
    uint32_t *table;    /* article -> index in hits + 1; open addressing; NULL when passages are
                           ranked, and of few hits */
    ns__hit **selected; /* scratch of choosing; NULL of few hits and when there is room for all */
    uint32_t *counts;   /* with it: of the hits by ranges of scores ... */
    uint32_t range;     /* ... the one that holds the worst of the best `limit`, or the first one */
    uint32_t above;     /* ... hits in that one and those above */
    uint32_t table_mask;
    uint32_t count, limit, room;
    uint32_t worst; /* of few hits, once there are `limit` of them: the index of the worst */
    float bar;      /* what a score must reach ... */
    ns__hit last;   /* ... and that this hit must not be better: it was the worst of the best
                       `limit`; once `full` */
    bool passages, full;
} ns__topk;

/* Of at most `most` hits that may be offered the best `limit`; by passages: several of one article
 * are allowed, but none twice. False without memory. */
bool ns__topk_init(ns__topk *top, uint32_t limit, uint64_t most, bool passages, ns__arena *arena);
/* Whether this hit may be among the best. */
bool ns__topk_enters(const ns__topk *top, const ns__hit *hit);
/* Takes a hit that enters, not near. In parts, as they are in registers: who copies as a whole what
 * was just written in parts waits for it. */
void ns__topk_put_parts(ns__topk *top, float score, uint32_t segment, uint64_t article,
                        uint32_t passage);
static inline void ns__topk_put(ns__topk *top, const ns__hit *hit)
{
    ns__topk_put_parts(top, hit->score, hit->segment, hit->article, hit->passage);
}

/* Leaves the best `limit` hits, best first; afterwards they can only be read. False without memory.
 */
bool ns__topk_finish(ns__topk *top, ns__arena *arena);

/* The score below which nothing enters any more: -1 while there is room. */
static inline float ns__topk_threshold(const ns__topk *top)
{
    return top->bar;
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
