/* Filters of a query over the articles of one segment: dates, sources and other values.
 *
 * Filters that hold for the whole query become a mask, which engines see as if what it leaves out
 * were deleted; those inside of a tree are asked article by article. Values are compared folded,
 * runs of blanks as one: a text without * and ? fits a value that has it as whole words ("fox" fits
 * "Fox News"), a pattern fits a whole value; ids are compared as they are. */
#ifndef NS_SEARCH_FILTER_H
#define NS_SEARCH_FILTER_H

#include "search/exec.h"

/* What is known of a filter in one segment. */
struct ns__filter_view {
    const uint8_t *fits; /* byte v: value v of the column fits; NULL where values are not known */
    uint32_t article;    /* of an id: UINT32_MAX when it is not here */
    bool one;            /* it is about this one article */
};

/* Looks up the values that filters are about, and applies the mask: run->segment is then a copy of
 * the segment with more of its articles deleted, and *left tells how many are not. */
ns_status ns__filters_open(ns__exec *run, uint32_t *left);
void ns__filters_release(ns__exec *run);

/* Whether filter `f` holds for an article of the segment. */
bool ns__filter_holds(ns__exec *run, uint32_t f, uint32_t article);

#endif
