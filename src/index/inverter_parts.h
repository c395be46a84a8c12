/* The inverter, shared by who sorts words (inverter.c) and who writes the run (inverter_write.c).
 */
#ifndef NS_INDEX_INVERTER_PARTS_H
#define NS_INDEX_INVERTER_PARTS_H

#include "index/fingerprint.h"
#include "index/inverter.h"
#include "index/names.h"
#include "index/ranks.h"

/* Numbers by term id. */
typedef struct ns__term_tables {
    /* Occurrences in the batch; while sorting the next free slots. IN_TITLE in `body`: the term is
     * noted though it may be in no body, so that counting those needs no look at `titles`. */
    uint32_t *body, *titles;
    uint32_t *ranks; /* of terms in the batch */
    size_t body_capacity, title_capacity, rank_capacity, zeroed;
} ns__term_tables;

struct ns__inverter {
    ns__analyzer *analyzer;
    uint32_t *body; /* term ids of all passages */
    size_t body_count, body_capacity;
    uint32_t *titles; /* term ids of all headlines */
    size_t title_count, title_capacity;
    size_t *passage_ends;                       /* in body */
    size_t passages, passage_capacity, longest; /* longest: tokens of a passage */
    size_t *title_ends;                         /* by article, in titles */
    uint32_t *article_ends;                     /* by article: its last passage + 1 */
    size_t articles, title_end_capacity, article_capacity;

    ns__term_tables terms;
    uint8_t *form_seen; /* by form id: written to a run, or waiting in new_forms */
    size_t form_capacity, forms_zeroed;
    uint32_t *new_forms;
    size_t new_form_count, new_form_capacity;
    ns__fingerprinter prints;
    ns__ranks order; /* the terms of the batch */
    ns__name *surfaces;
    size_t surface_capacity;

    uint32_t *slots; /* passage << shift | position, by term; two words each when wide */
    size_t slot_capacity;
    unsigned shift;
    bool wide;
    uint32_t *title_slots; /* article, by term */
    size_t title_slot_capacity;
    ns__run_writer writer;
};

static inline uint64_t ns__get_slot(const ns__inverter *inverter, size_t at, bool wide)
{
    return wide ? ns__get_u64((const uint8_t *)(inverter->slots + 2 * at)) : inverter->slots[at];
}

/* Terms in byte order stand anywhere in the tables: those of a later rank are asked for early. */
enum { RANKS_AHEAD = 16, RANKS_FAR = 2 * RANKS_AHEAD };

static inline void ns__prefetch_counts(const ns__inverter *inverter, size_t rank)
{
    if (rank + RANKS_AHEAD >= inverter->order.count)
        return;
    uint32_t term = inverter->order.terms[rank + RANKS_AHEAD];
    __builtin_prefetch(&inverter->terms.body[term], 1);
    __builtin_prefetch(&inverter->terms.titles[term], 1);
    __builtin_prefetch(&inverter->terms.ranks[term], 1);
}

/* Writes a sorted batch down, whose counts are the ends of the terms' slots. False when memory is
 * out. */
bool ns__inverter_write(ns__inverter *inverter, ns__run *run);

#endif
