/* Inside of the bisection, shared by bisection.c (the tree) and bisection_split.c (one node). */
#ifndef NS_INDEX_BISECTION_PARTS_H
#define NS_INDEX_BISECTION_PARTS_H

#include "index/bisection.h"

typedef struct ns__mover {
    int64_t gain;
    uint32_t at; /* in the node */
} ns__mover;

/* Occurrences of a term on both sides, then what a document gains by it when it leaves the side. */
typedef struct ns__term_state {
    uint32_t degree[2];
    int32_t gain[2];
} ns__term_state;

/* A part of the spool in memory. */
typedef struct ns__forward_window {
    uint32_t *items;
    uint64_t start;
    uint32_t count;
    size_t capacity;
} ns__forward_window;

typedef struct ns__bisection {
    ns__forward *forward;
    const ns__bisection_options *options;
    uint32_t *order;
    uint8_t *side;      /* of each place in `order`: 0 or 1, and where it was counted << 1 */
    int64_t *gains;     /* of each place */
    ns__mover *movers;  /* of each place; scratch */
    int32_t *steps;     /* of ns__bisection_steps */
    uint64_t done, all; /* documents times levels */
    bool stop;          /* told to jobs; atomic */
    bool no_memory;     /* told by jobs; atomic */
} ns__bisection;

typedef struct ns__bisection_node {
    uint32_t first, count;
    uint32_t term_count; /* numbers of terms in its lists lie below */
} ns__bisection_node;

/* The table of costs; NULL when memory is out. */
int32_t *ns__bisection_steps(void);
/* The terms of a document, valid until the next call with this window. */
ns_status ns__forward_list(const ns__forward *forward, uint32_t document, ns__forward_window *win,
                           const uint32_t **list, ns_error *err);
/* Splits a node into two of which the left one has half of the documents, rounded down. `states`
 * has room for its terms. `together`: with the pool, by its caller. `win`: for lists in the spool;
 * with others, and alone, it cannot fail. */
ns_status ns__bisection_split(const ns__bisection *all, ns__bisection_node *here,
                              ns__term_state *states, bool together, ns__forward_window *win,
                              ns_error *err);

#endif
