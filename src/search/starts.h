/* Where a phrase may begin in a passage, as a set: each word in turn leaves what it allows. It
 * decides on a phrase block by block, while the lists are read anyway, for passages of less than
 * 256 words; longer ones and headlines are left to ns__leaf_holds, which asks the lists anew. */
#ifndef NS_SEARCH_STARTS_H
#define NS_SEARCH_STARTS_H

#include "search/exec.h"

enum { NS_STARTS_WORDS = 4, NS_STARTS = 64 * NS_STARTS_WORDS };

typedef struct ns__starts {
    uint64_t bits[NS_STARTS_WORDS];
    bool unsure; /* some position is too far back for the set */
    bool titled; /* every word so far is, or may be, in the headline too */
} ns__starts;

/* The one phrase that is required, when there is just one, of words with a list each; UINT32_MAX
 * otherwise. */
uint32_t ns__starts_leaf(const ns__exec *run);
/* Before any word was looked at. */
static inline void ns__starts_begin(const ns__exec *run, ns__starts *starts)
{
    memset(starts->bits, 0xff, sizeof starts->bits);
    starts->unsure = false;
    starts->titled = run->segment->articles.headline_terms > 0;
}

/* Leaves what the slots of `leaf` that are `group` allow, by posting `at` of the block that the
 * cursor has loaded or in view, with its tfs. False when the reader failed. */
bool ns__starts_narrow(ns__exec *run, uint32_t leaf, uint32_t group, ns__cursor *cursor,
                       uint32_t at, ns__starts *starts);

typedef enum ns__starts_verdict {
    NS__STARTS_NONE,
    NS__STARTS_SOME,
    NS__STARTS_ASK
} ns__starts_verdict;

/* Whether the phrase stands there, as far as words were looked at; ASK: nobody can tell. */
static inline ns__starts_verdict ns__starts_verdict_of(const ns__starts *starts)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < NS_STARTS_WORDS; w++)
        any |= starts->bits[w];
    if (starts->unsure)
        return NS__STARTS_ASK;
    return any != 0 ? NS__STARTS_SOME : starts->titled ? NS__STARTS_ASK : NS__STARTS_NONE;
}

#endif
