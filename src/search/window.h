/* One window of passages in the disjunction engine: bounds, approximate sums, candidates. */
#ifndef NS_SEARCH_WINDOW_H
#define NS_SEARCH_WINDOW_H

#include "search/exec.h"

enum { NS_WINDOW_CELLS = 64 };

/* One posting list of a wanted group. Each list of a group counts by itself here: tf / (tf + K) of
 * a sum of tfs is at most the sum of the lists' own, so sums stay upper bounds. */
typedef struct ns__part {
    ns__cursor scan;   /* moves over windows */
    ns__cursor *probe; /* the group's own cursor: exact scores */
    float factor;      /* not below the group's */
    float *maxima;     /* of each window: the most the list can add */
    float most;        /* … in the window looked at */
} ns__part;

typedef struct ns__candidate {
    uint32_t passage;
    float bound; /* never below its score */
} ns__candidate;

typedef struct ns__window {
    ns__exec *run;
    uint32_t size, windows; /* passages of a window; number of windows */
    uint32_t cell;          /* passages of a cell */
    ns__part *parts;
    uint32_t part_count;
    ns__part **live;                /* parts with postings in this window, the weakest first */
    uint32_t live_count, essential; /* live[essential ..] are essential */
    float *totals;                  /* of each window: sum of maxima; 0 when it is done */
    float slack;                    /* what float sums may be too low by, as a factor */
    uint32_t first, end;            /* passages of this window */
    float cells[NS_WINDOW_CELLS];   /* all lists' bounds */
    float aside[NS_WINDOW_CELLS];   /* bounds of the lists that are set aside */
    uint64_t alive;                 /* bit c: cell c can matter */
    float *sums;                    /* of each passage: essential postings */
    ns__candidate *candidates;
    float *order; /* scratch */
    uint32_t candidate_count;
    uint32_t judged_article; /* the article whose verdict is known */
    bool judged, verdict;    /* there is one; nothing excluded is in it */
} ns__window;

/* Offers every matching passage of window `w` that can enter the heap. */
void ns__window_search(ns__window *win, uint32_t w);

/* judge.c … the exact part. Scores candidates in a good order and offers those that match. */
void ns__window_judge(ns__window *win);

#endif
