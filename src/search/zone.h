/* When an article's date begins. A date without a time of day is meant in the time zone of the
 * search: 2025-05-03 begins at midnight there. Any other names its second. */
#ifndef NS_SEARCH_ZONE_H
#define NS_SEARCH_ZONE_H

#include "ns/search.h"
#include "segment/articles.h"

enum { NS_ZONE_DAYS = 256, NS_ZONE_REACH_S = 86400 };

/* The second of 1970 UTC; INT64_MIN for an unknown date. It is less than NS_ZONE_REACH_S away from
 * date->unix_s, or just so far; without a zone it is that. */
int64_t ns__date_begins(const ns_search_options *options, const ns__stamp *date);
/* A bound of that for dates at `second`: no zone is further from UTC. */
int64_t ns__zone_earliest(const ns_search_options *options, int64_t second);
int64_t ns__zone_latest(const ns_search_options *options, int64_t second);

/* What was asked of the zone, for who looks at many dates: offsets by day. All zero to begin. */
typedef struct ns__zone {
    struct {
        int64_t day; /* its midnight as if in UTC */
        int64_t begins;
        bool known;
    } days[NS_ZONE_DAYS];
} ns__zone;

/* As ns__date_begins. */
int64_t ns__zone_begins(ns__zone *zone, const ns_search_options *options, const ns__stamp *date);

#endif
