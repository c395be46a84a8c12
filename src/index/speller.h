/* How the words of a batch are written: for indexes with the setting `exact`.
 *
 * A worker keeps what it knows of words from batch to batch; a batch gets the spellings of its
 * words, one after the other, numbered for this batch alone. */
#ifndef NS_INDEX_SPELLER_H
#define NS_INDEX_SPELLER_H

#include "segment/spellings.h"
#include "text/analyzer.h"
#include "text/intern.h"

/* A word that was met: half a cache line. */
typedef struct ns__speller_slot {
    uint64_t low, high; /* as in ns__form_key */
    uint32_t meta;      /* too; 0: there is none */
    uint32_t form, spelling, unused;
} ns__speller_slot;

/* Of a worker. Zero-initialised is empty. */
typedef struct ns__speller {
    ns__hash_key key;
    ns__speller_slot *slots; /* what comes later takes the place of what hashes alike */
    ns__intern spellings;
    uint32_t *local; /* of each spelling: its number in the batch + 1, or 0 */
    size_t local_capacity;
    ns__buf scratch, made;
} ns__speller;

/* Of a batch: spellings of all words, headline and passages of each article in order. */
typedef struct ns__spelt {
    uint32_t *words; /* numbers of spellings */
    size_t word_count, word_capacity;
    ns__buf texts; /* the spellings, … */
    size_t *ends;  /* … and where each ends */
    size_t count, end_capacity;
    uint32_t *map; /* while they are written: their numbers there, … */
    size_t map_capacity;
    uint32_t epoch; /* … as of this epoch of the writer's */
    bool mapped;
} ns__spelt;

/* To be called before the first words of a batch: what the worker knows is forgotten when it is
 * much, or when `anew`, after ns__analyzer_clear. */
ns_status ns__speller_begin(ns__speller *speller, bool anew, uint64_t most_bytes, ns_error *err);
/* Adds words of a text. */
ns_status ns__speller_add(ns__speller *speller, const ns__analyzer *analyzer, ns__str text,
                          const ns__token *tokens, size_t count, ns__spelt *out, ns_error *err);
void ns__speller_release(ns__speller *speller);

/* Writes words [first, first + count) as a unit. */
ns_status ns__spelt_write(ns__spelt *spelled, size_t first, size_t count,
                          ns__spellings_writer *writer, ns_error *err);
void ns__spelt_release(ns__spelt *spelled);

#endif
