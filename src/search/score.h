/* BM25 as ns computes it, once for every path: exact scores come from these functions alone.
 *
 *   score(passage) = sum over groups of factor(group) * tf / (tf + K(length))
 *                  + sum over the runs that stand there as phrases of bonus(run)
 *   factor = weight * ln(1 + (N - df + 0.5) / (df + 0.5)),   K = c0 + c1 * length
 *   c0 = k1 * (1 - b),   c1 = k1 * b / avgdl
 *   bonus = 0.5 * sum of factor(group) over the slots of the run
 *
 * in IEEE double, groups in the order of the plan (byte order of their smallest terms), then runs
 * in the order of the query, rounded to float once at the end. Robertson, Zaragoza and Taylor,
 * "Simple BM25 extension to multiple weighted fields" (2004); idf in the form that is never
 * negative. */
#ifndef NS_SEARCH_SCORE_H
#define NS_SEARCH_SCORE_H

#include <stdint.h>

#include "base/num.h"

typedef struct ns__bm25 {
    double k1, b, average; /* average: avgdl over the whole index */
    uint64_t passages;     /* N */
    double c0, c1;
} ns__bm25;

static inline ns__bm25 ns__bm25_of(double k1, double b, uint64_t passages, double average)
{
    if (!(average > 0))
        average = 1; /* no passage has a word: nothing will be scored */
    return (ns__bm25){k1, b, average, passages, k1 * (1 - b), k1 * b / average};
}

/* df <= passages */
static inline double ns__bm25_factor(const ns__bm25 *bm25, uint64_t df, double weight)
{
    double rest = (double)(bm25->passages - df);
    return weight * ns__log(1 + (rest + 0.5) / ((double)df + 0.5));
}

/* What depends on a passage's length alone. */
static inline double ns__bm25_k(const ns__bm25 *bm25, uint32_t length)
{
    return bm25->c0 + bm25->c1 * (double)length;
}

/* What a group adds to the score of a passage with this k that has it `tf` times. */
static inline double ns__bm25_part_of(double k, double factor, uint32_t tf)
{
    return factor * ((double)tf / ((double)tf + k));
}

/* The same of a passage of `length`. */
static inline double ns__bm25_part(const ns__bm25 *bm25, double factor, uint32_t tf,
                                   uint32_t length)
{
    return ns__bm25_part_of(ns__bm25_k(bm25, length), factor, tf);
}

/* How much of its slots' factors a run gains where it stands as a phrase. A bigram's part grows by
 * less than that when it stands many times instead of once. */
#define NS_RUN_BONUS 0.5

#endif
