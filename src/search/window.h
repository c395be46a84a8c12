/* One window of passages in the disjunction engine: bounds, approximate sums, candidates. */
#ifndef NS_SEARCH_WINDOW_H
#define NS_SEARCH_WINDOW_H

#include "search/exec.h"
#include "search/kernels.h"

enum { NS_WINDOW_CELLS = 64 };

/* One posting list of a wanted group. Each list of a group counts by itself here: tf / (tf + K) of
 * a sum of tfs is at most the sum of the lists' own, so sums stay upper bounds. */
typedef struct ns__part {
    ns__cursor scan; /* moves over windows */
    uint32_t group;
    float factor;                 /* not below the group's */
    float *maxima;                /* of each window: the most the list can add */
    float most;                   /* … in the window looked at */
    float cells[NS_WINDOW_CELLS]; /* … in each cell of it */
} ns__part;

typedef struct ns__candidate {
    uint32_t passage;
    float bound; /* never below its score */
} ns__candidate;

typedef struct ns__window {
    ns__exec *run;
    const ns__window_kernels *kernels;
    uint32_t size, windows; /* passages of a window; number of windows */
    uint32_t cell;          /* passages of a cell */
    ns__part *parts;
    uint32_t part_count;
    uint32_t *first_part; /* of each group; one more at the end */
    uint64_t *in_cells;   /* scratch: of each group, the cells it may stand in */
    float *totals;        /* of each window: sum of maxima and bonuses; 0 when it is done */
    float slack;          /* what float sums may be too low by, as a factor */
    uint32_t first, end;  /* passages of the window looked at */
    ns__part **live;      /* parts with postings in it, the weakest first */
    uint32_t live_count;
    uint32_t aside;                 /* live[0 .. aside) are not added to the sums */
    float cells[NS_WINDOW_CELLS];   /* sums of all parts' cells, and bonuses */
    float bonuses[NS_WINDOW_CELLS]; /* of runs whose words may all stand in the cell */
    float most_bonus;               /* the largest of them */
    float beside[NS_WINDOW_CELLS];  /* sums of those set aside */
    float *sums;                    /* of each passage: what was added */
    ns__candidate *candidates;
    uint32_t candidate_count;
    float *order;      /* scratch: bounds of candidates */
    uint32_t *indices; /* scratch: a cell's candidates */
    uint8_t *verdicts; /* ns__verdict of each article; NULL when nothing is required or excluded */
} ns__window;

/* A float that is not below `value`, with room for the rounding of what is done with it. */
static inline float ns__round_up(double value)
{
    return (float)(value * (1 + 0x1p-22));
}

/* Offers every matching passage of window `w` that can enter the heap; with `best_first`, begins
 * with the cells of the highest bounds. */
void ns__window_search(ns__window *win, uint32_t w, bool best_first);

/* Scores the candidates and offers those that match (judge.c). */
void ns__window_judge(ns__window *win);

#endif
