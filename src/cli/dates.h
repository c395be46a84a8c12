/* Dates, spans of time and time zones of options. */
#ifndef NS_CLI_DATES_H
#define NS_CLI_DATES_H

#include "cli/cli.h"

/* A time zone: a fixed offset, or that of TZ, which dates_zone sets. */
typedef struct cli_zone {
    bool fixed;
    int32_t minutes; /* east of UTC, of a fixed one */
} cli_zone;

/* From --tz: UTC (the default), local, +02:00 or the name of a zone. False after a message on
 * stderr. */
bool dates_zone(const cli_args *args, cli_zone *zone);
/* For ns_query_options: minutes east of UTC at a local time; `context` is a cli_zone. */
int32_t dates_utc_offset(void *context, int64_t local);
/* For ns_facets_options: seconds east of UTC at a moment; `context` is a cli_zone. */
int32_t dates_seconds_east(void *context, int64_t second);

/* The seconds of 1970 that the value of an option spans, from *from to *to (excluded): YYYY,
 * YYYY-MM, YYYY-MM-DD, with THH:MM or THH:MM:SS and Z or an offset behind it, or a span such as 30d
 * before `now`, which is one moment. Leaves both alone when the option was not given. False after a
 * message on stderr. */
bool dates_read(const cli_args *args, opt_id id, const cli_zone *zone, int64_t now, int64_t *from,
                int64_t *to);
/* The seconds of a span: a number and s, min, h, d, w, m (30 days) or y (365.25 days). 0 when the
 * option was not given. */
bool dates_span(const cli_args *args, opt_id id, uint64_t *seconds);

#endif
