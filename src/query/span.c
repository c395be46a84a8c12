/* Spans of time: what years there are, and how `date:` writes them. */
#include <stdio.h>

#include "base/calendar.h"
#include "query/dates.h"

ns__span ns__span_within(ns__span span)
{
    int64_t first = ns__days_from_civil(0, 1, 1) * NS_DAY_S;
    int64_t behind = ns__days_from_civil(10000, 1, 1) * NS_DAY_S;
    if (span.from >= span.to || span.to <= first || span.from >= behind)
        return (ns__span){0, 0};
    return (ns__span){span.from < first ? INT64_MIN : span.from,
                      span.to >= behind ? INT64_MAX : span.to};
}

enum { INSTANT_ROOM = 24 };

enum unit { SECOND, MINUTE, DAY, MONTH, YEAR };

/* The coarsest unit that begins at this second. */
static enum unit unit_of(int64_t second)
{
    int64_t days = ns__day_of(second), year;
    int month, day;
    int64_t rest = second - days * NS_DAY_S;
    if (rest != 0)
        return rest % 60 != 0 ? SECOND : MINUTE;
    ns__civil_from_days(days, &year, &month, &day);
    return day != 1 ? DAY : month != 1 ? MONTH : YEAR;
}

/* Writes a separator and the last `count` digits; returns the place behind them. */
static char *put_digits(char *at, char separator, int value, int count)
{
    *at = separator;
    at += separator != '\0';
    for (int i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

static void write_instant(int64_t second, enum unit unit, char out[INSTANT_ROOM])
{
    int64_t days = ns__day_of(second), year;
    int month, day, rest = (int)(second - days * NS_DAY_S);
    ns__civil_from_days(days, &year, &month, &day);
    char *at = put_digits(out, '\0', (int)year, 4);
    if (unit <= MONTH)
        at = put_digits(at, '-', month, 2);
    if (unit <= DAY)
        at = put_digits(at, '-', day, 2);
    if (unit <= MINUTE)
        at = put_digits(put_digits(at, 'T', rest / 3600, 2), ':', rest / 60 % 60, 2);
    if (unit == SECOND)
        at = put_digits(at, ':', rest % 60, 2);
    if (unit <= MINUTE)
        *at++ = 'Z';
    *at = '\0';
}

void ns__query_date_text(ns__span span, char text[NS__SPAN_ROOM])
{
    char first[INSTANT_ROOM], last[INSTANT_ROOM];
    if (span.from >= span.to) {
        snprintf(text, NS__SPAN_ROOM, "never");
    } else if (span.from == INT64_MIN && span.to == INT64_MAX) {
        snprintf(text, NS__SPAN_ROOM, "..");
    } else if (span.from == INT64_MIN) {
        write_instant(span.to, unit_of(span.to), last);
        snprintf(text, NS__SPAN_ROOM, "<%s", last);
    } else if (span.to == INT64_MAX) {
        write_instant(span.from, unit_of(span.from), first);
        snprintf(text, NS__SPAN_ROOM, ">=%s", first);
    } else {
        enum unit unit = unit_of(span.from), other = unit_of(span.to);
        unit = other < unit ? other : unit;
        write_instant(span.from, unit, first);
        write_instant(span.to - 1, unit, last);
        bool one = strcmp(first, last) == 0;
        snprintf(text, NS__SPAN_ROOM, "%s%s%s", first, one ? "" : "..", one ? "" : last);
    }
}
