/* Dates for callers, apart from any query. */
#include "base/error.h"
#include "os/clock.h"
#include "query/dates.h"

ns_status ns_query_read_date(const char *text, size_t length, const ns_query_options *options,
                             int64_t *from, int64_t *to, ns_error *err)
{
    ns_query_options all;
    ns__span span;
    if (options)
        all = *options;
    else
        ns_query_options_init(&all);
    if (all.now == INT64_MIN)
        all.now = ns__clock_unix_s();
    ns__str given = {(const uint8_t *)text, length};
    ns__date_verdict verdict = ns__query_date(given, &all, &span);
    *from = span.from;
    *to = span.to;
    if (verdict != NS__DATE_BAD)
        return NS_OK;
    return ns__fail(err, NS_ERR_QUERY,
                    "this is no date that can be read; write 2025, 2025-05, 2025-05-03, today, "
                    "last-week, last-30-days or \"3 May 2025\"");
}
