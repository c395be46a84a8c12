/* Counting articles by the day, month or year of their dates. */
#ifndef NS_SEARCH_PERIODS_H
#define NS_SEARCH_PERIODS_H

#include "ns/facets.h"
#include "segment/articles.h"

enum { NS_OFFSETS = 1024 };

/* The time zone's offset for a quarter of an hour, as asked for last. */
typedef struct ns__offset {
    int64_t quarter; /* of 1970 UTC */
    int32_t seconds;
    bool known, changes; /* within that quarter */
} ns__offset;

typedef struct ns__period {
    uint32_t key; /* the order of time; see periods.c */
    uint64_t articles;
} ns__period;

typedef struct ns__periods {
    ns_facets_options options;
    ns__offset *offsets; /* NS_OFFSETS, by quarter; NULL: UTC */
    ns__period *slots;   /* open addressing; articles 0: empty */
    size_t slot_count, count;
    size_t last; /* slot counted last: neighbours are often of one day */
} ns__periods;

/* NS_OK or NS_ERR_MEMORY; to be released either way. */
ns_status ns__periods_open(const ns_facets_options *options, ns__periods *out, ns_error *err);
void ns__periods_release(ns__periods *periods);
/* Counts an article of this date. NS_OK or NS_ERR_MEMORY. */
ns_status ns__periods_add(ns__periods *periods, const ns__stamp *date, ns_error *err);
/* Puts the periods in the order of time, unknown ones last, into slots[0 .. count); nothing can be
 * added afterwards. */
void ns__periods_sort(ns__periods *periods);
/* "2025-05-03", "2025-05", "2025" or "" for a key, terminated; returns its length. */
size_t ns__period_name(uint32_t key, char name[32]);

#endif
