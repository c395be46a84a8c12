/* The terms of one batch, put into byte order. */
#ifndef NS_INDEX_RANKS_H
#define NS_INDEX_RANKS_H

#include "index/names.h"
#include "text/analyzer.h"

typedef struct ns__rank_key {
    uint64_t prefix; /* of the name, as in ns__name */
    uint32_t term;
} ns__rank_key;

typedef struct ns__ranks {
    uint32_t *terms; /* ids; by rank once sorted */
    size_t count, capacity;
    uint64_t *prefixes; /* by term id, of the terms met so far */
    size_t prefix_count, prefix_capacity;
    ns__rank_key *keys; /* scratch, twice the count */
    size_t key_capacity;
    ns__name *names; /* scratch */
    size_t name_capacity;
} ns__ranks;

/* Makes room for `terms` ids; those there stay. */
bool ns__ranks_reserve(ns__ranks *ranks, size_t terms);
/* Sorts terms[0 .. count), distinct ids of the analyser's, by name. False when memory is out. */
bool ns__ranks_sort(ns__ranks *ranks, const ns__analyzer *analyzer);
/* To be called when the analyser starts its numbers anew. */
void ns__ranks_forget(ns__ranks *ranks);
void ns__ranks_release(ns__ranks *ranks);

#endif
