/* The articles that a query leaves possible, where + and - hold of whole articles: those in which
 * every required word stands, wherever, and no excluded one. The rarest required word leads: its
 * articles are looked up in the other lists, the rarer ones first. */
#ifndef NS_SEARCH_UNITS_H
#define NS_SEARCH_UNITS_H

#include "search/exec.h"

/* Live articles, ascending, as ranges of passages; in the reader's arena. */
typedef struct ns__units {
    uint32_t count;
    uint32_t *first, *end;
    bool settled; /* they are just those that match, and all leaves are words: nothing else has to
                     be asked */
} ns__units;

/* Whether looking the articles up costs less than looking for the best passages of all: where one
 * required word is rare, or few articles can be expected. */
bool ns__units_pay(const ns__exec *run);
/* Finds them; some required leaf exists. False when the run failed. */
bool ns__units_find(ns__exec *run, ns__units *out);

/* Goes through the passages of units, some at a time. */
typedef struct ns__units_walk {
    const ns__units *units;
    uint32_t unit, passage; /* the next one; 0: the first of the unit */
} ns__units_walk;

/* Takes up to `most` passages; returns how many. */
uint32_t ns__units_take(ns__units_walk *walk, uint32_t *ids, uint32_t most);

/* Offers the best passages of units; lists can drive. drive_units.c. */
void ns__units_score(ns__exec *run, const ns__units *units);

/* Counts settled units and the passages in them that hold a required or wanted word. */
void ns__units_count(ns__exec *run, const ns__units *units);

#endif
