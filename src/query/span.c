/* Spans of time: what years there are, and how `date:` writes them. */
#include <stdio.h>
#include <stdlib.h>

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

enum { INSTANT_ROOM = 32 };

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

/* The time `east` minutes east of UTC; of days and more UTC is understood. */
static void write_instant(int64_t second, int16_t east, enum unit unit, char out[INSTANT_ROOM])
{
    second += (int64_t)east * 60;
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
    if (unit <= MINUTE && east == 0)
        *at++ = 'Z';
    else if (unit <= MINUTE)
        at = put_digits(put_digits(at, east < 0 ? '-' : '+', abs(east) / 60, 2), ':',
                        abs(east) % 60, 2);
    *at = '\0';
}

/* The unit that tells the second, or with an offset, which only times have. */
static enum unit unit_with(int64_t second, bool zoned)
{
    enum unit unit = unit_of(second);
    return zoned && unit > MINUTE ? MINUTE : unit;
}

void ns__query_date_text(ns__span span, const int16_t east[2], char text[NS__SPAN_ROOM])
{
    bool zoned = east[0] != 0 || east[1] != 0;
    char first[INSTANT_ROOM], last[INSTANT_ROOM];
    if (span.from >= span.to) {
        snprintf(text, NS__SPAN_ROOM, "never");
    } else if (span.from == INT64_MIN && span.to == INT64_MAX) {
        snprintf(text, NS__SPAN_ROOM, "..");
    } else if (span.from == INT64_MIN) {
        write_instant(span.to, east[1], unit_with(span.to, zoned), last);
        snprintf(text, NS__SPAN_ROOM, "<%s", last);
    } else if (span.to == INT64_MAX) {
        write_instant(span.from, east[0], unit_with(span.from, zoned), first);
        snprintf(text, NS__SPAN_ROOM, ">=%s", first);
    } else {
        enum unit unit = unit_with(span.from, zoned), other = unit_with(span.to, zoned);
        unit = other < unit ? other : unit;
        write_instant(span.from, east[0], unit, first);
        write_instant(span.to - 1, east[1], unit, last);
        bool one = strcmp(first, last) == 0;
        snprintf(text, NS__SPAN_ROOM, "%s%s%s", first, one ? "" : "..", one ? "" : last);
    }
}
