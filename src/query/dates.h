/* The value of `date:` to a span of seconds. docs/query.md lists the forms. */
#ifndef NS_QUERY_DATES_H
#define NS_QUERY_DATES_H

#include "base/bytes.h"
#include "ns/query.h"

typedef enum ns__date_verdict {
    NS__DATE_GOOD,
    NS__DATE_SWAPPED, /* the range was written backwards and has been turned round */
    NS__DATE_BAD      /* no date: the span is empty, [0, 0) */
} ns__date_verdict;

typedef struct ns__span {
    int64_t from, to; /* seconds of 1970 UTC, `to` excluded; INT64_MIN and INT64_MAX: open */
} ns__span;

/* `options` has `now` filled in. Quotes in the text are passed over. */
ns__date_verdict ns__query_date(ns__str text, const ns_query_options *options, ns__span *out);

/* The offsets from UTC, in minutes, of the zone of `options` when the span begins and ends. */
void ns__query_date_zone(ns__span span, const ns_query_options *options, int16_t east[2]);

/* The span within the years 0 to 9999: what reaches out of them is open, what is outside or ends
 * before it begins is empty. */
ns__span ns__span_within(ns__span span);

/* The text of `date:` for such a span, terminated; it reads back as the span. Its ends are written
 * with the offsets east[0] and east[1], where both are 0 in UTC. */
enum { NS__SPAN_ROOM = 72 };
void ns__query_date_text(ns__span span, const int16_t east[2], char text[NS__SPAN_ROOM]);

#endif
