/* Where a phrase may begin in a passage: each word in turn leaves what it allows. It decides on a
 * phrase block by block, while the lists are read anyway. Where the first word that is looked at
 * stands more often than there is room for, or too far back, ns__leaf_holds is left to decide,
 * which asks the lists anew; so it is with headlines. */
#ifndef NS_SEARCH_STARTS_H
#define NS_SEARCH_STARTS_H

#include "search/exec.h"

enum { NS_STARTS_ROOM = 12 };

typedef struct ns__starts {
    uint16_t at[NS_STARTS_ROOM]; /* words from the beginning of the passage, ascending */
    uint8_t count;
    bool all;    /* nothing was looked at yet: anywhere */
    bool unsure; /* not all of them are here */
    bool titled; /* every word so far is, or may be, in the headline too */
} ns__starts;

/* The one phrase that is required, when there is just one, of words whose lists have positions;
 * UINT32_MAX otherwise. */
uint32_t ns__starts_leaf(const ns__exec *run);
/* Before any word was looked at. */
static inline void ns__starts_begin(const ns__exec *run, ns__starts *starts)
{
    starts->count = 0;
    starts->all = true;
    starts->unsure = false;
    starts->titled = run->segment->articles.headline_terms > 0;
}

/* Leaves what the slots of `leaf` that are `group` allow, by posting `at` of the block that the
 * cursor has loaded or in view, with its tfs. False when the reader failed. */
bool ns__starts_narrow(ns__exec *run, uint32_t leaf, uint32_t group, ns__cursor *cursor,
                       uint32_t at, ns__starts *starts);

/* Passages with two words: of pair i, posting slots[i] of one in the block that its cursor has
 * loaded or in view, and postings[i] of the other in that of its own; tfs of both are there. */
typedef struct ns__starts_pairs {
    ns__cursor *first, *other;
    uint32_t first_group, other_group;
    const uint32_t *slots, *postings;
    uint32_t count; /* <= NS_BLOCK_MAX */
} ns__starts_pairs;

/* Begins starts[slots[i]] of each pair with what both words allow, and keep[i] is whether the
 * phrase may still stand there: as ns__starts_narrow one by one, but many times faster. Not *done
 * where that is not to be had, or not worth it. False when the reader failed. */
bool ns__starts_narrow_pairs(ns__exec *run, uint32_t leaf, const ns__starts_pairs *pairs,
                             ns__starts *starts, uint8_t *keep, bool *done);

typedef enum ns__starts_verdict {
    NS__STARTS_NONE,
    NS__STARTS_SOME,
    NS__STARTS_ASK
} ns__starts_verdict;

/* Whether the phrase stands there, as far as words were looked at; ASK: nobody can tell. */
static inline ns__starts_verdict ns__starts_verdict_of(const ns__starts *starts)
{
    if (starts->unsure)
        return NS__STARTS_ASK;
    if (starts->all || starts->count > 0)
        return NS__STARTS_SOME;
    return starts->titled ? NS__STARTS_ASK : NS__STARTS_NONE;
}

#endif
