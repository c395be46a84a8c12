/* What the oracle searches: articles indexed by ns and by the model alike, real text (../shared)
 * and, behind it or in its place, generated text that holds what real text lacks. */
#ifndef NS_TESTS_ORACLE_COLLECTION_H
#define NS_TESTS_ORACLE_COLLECTION_H

#include "ns/ns.h"
#include "oracle/model.h"

enum { HUB = 0x7000 }; /* an ideograph of generated text that has many neighbours */

typedef struct oracle_settings {
    size_t queries, passages, segments; /* passages: of real text; a sixteenth is added to it */
    uint32_t block, window, title_weight;
    uint64_t seed;
    const char *shared;
    bool one_passage, no_text, exact, replace, reorder, merge, language, ranking, require_coverage;
} oracle_settings;

/* Pieces of the text as it was written, to ask for. */
typedef struct pieces {
    char **items;
    size_t count, capacity;
} pieces;

typedef struct collection {
    oracle_settings o;
    model m;
    ns_writer *writer;
    char directory[512];
    ns_index *index;
    uint64_t seed;
    size_t commits, real_passages;
    bool again;    /* the tombstones are being made */
    pieces slices; /* a few words, with the punctuation between them */
    pieces runs;   /* of characters of scripts without spaces */
    pieces kept;   /* records to be added again */
    pieces doomed; /* ids to be deleted */
    ns_error err;
} collection;

/* splitmix64 (Steele, Lea and Flood 2014). */
static inline uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline size_t below(uint64_t *state, size_t limit)
{
    return (size_t)(next_random(state) % limit);
}

/* Indexes everything and opens the index. False with c->err filled. */
bool collection_build(collection *c);
void collection_release(collection *c); /* removes the index too */

#endif
