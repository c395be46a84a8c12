/* Where the words of a query stand in a text.
 *
 * The text is analysed again, as it was when it was indexed, and its tokens are compared with the
 * terms of the plan. A wanted or required word is marked in every form that leads to one of its
 * terms, a phrase only where it stands as a phrase, words near each other only where they are near
 * enough, excluded words not at all. */
#ifndef NS_SEARCH_HIGHLIGHT_H
#define NS_SEARCH_HIGHLIGHT_H

#include "search/plan.h"
#include "text/analyzer.h"

/* Byte range of a match in the text, and the group it stands for (the first slot's, of a phrase).
 */
typedef struct ns__match {
    uint32_t start, end;
    uint32_t token, token_end; /* tokens it covers */
    uint32_t group;
} ns__match;

typedef struct ns__matches {
    ns__tokens tokens;
    ns__match *items; /* ascending by start, then by end; may overlap */
    size_t count, capacity;
} ns__matches;

/* Where a text comes from: the fields of leaves, and sentences, depend on it. */
typedef struct ns__marking {
    bool title;                     /* a headline, which is one sentence */
    const ns__passage_entry *entry; /* of a passage: its sentences */
} ns__marking;

/* Analyses `text` and finds the matches; replaces the contents of *out. */
ns_status ns__matches_find(const ns__plan *plan, ns__analyzer *analyzer, ns__lang lang,
                           ns__str text, ns__marking from, ns__matches *out, ns_error *err);
void ns__matches_release(ns__matches *matches);

/* The tokens [*first, *end) of about `words` tokens that show most of the query: the heaviest sum
 * of distinct groups, then the most matches, then the earliest; moved so that the matches stand
 * inside rather than at an edge. All tokens when there are not more. */
void ns__snippet_choose(const ns__plan *plan, const ns__matches *matches, size_t words,
                        size_t *first, size_t *end);

#endif
