/* A run of whole articles looked at together: which of its passages match, and their exact scores.
 *
 * Sets of passages are bit sets: bit i stands for passage first + i. */
#ifndef NS_SEARCH_CHUNK_H
#define NS_SEARCH_CHUNK_H

#include "search/exec.h"

typedef struct ns__chunk {
    uint32_t first, end; /* passages */
    uint32_t article, article_end;
    uint32_t words;    /* of 64 bits in each set */
    uint64_t *groups;  /* a set for each group: where it occurs (counted groups only) */
    uint64_t *leaf;    /* set: scratch */
    uint64_t *allowed; /* set: of units that have all required leaves */
    uint64_t *matched; /* set: the passages that match */
    double *scores;
    uint32_t *tfs; /* scratch for groups of several terms */
    uint32_t capacity, word_capacity;
} ns__chunk;

/* Reads the wanted and required groups in passages [first, end) of articles
 * [article, article_end); with `score`, scores every passage. False when the run failed. */
bool ns__chunk_gather(ns__exec *run, ns__chunk *chunk, uint32_t article, uint32_t article_end,
                      bool score);
/* Finds the passages that match. */
void ns__chunk_match(ns__exec *run, ns__chunk *chunk);
/* Counts (while counting) and offers (with `score`) what matched in live articles. */
void ns__chunk_report(ns__exec *run, const ns__chunk *chunk, bool score);

#endif
