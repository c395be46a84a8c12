/* Reading and writing the dates of articles. */
#include "ingest/date.h"

#include "base/calendar.h"

static bool take_char(ns__cur *cur, char wanted)
{
    if (cur->at == cur->end || *cur->at != (uint8_t)wanted)
        return false;
    cur->at++;
    return true;
}

/* Exactly `count` digits with a value in [0, max]. */
static bool take_digits(ns__cur *cur, size_t count, int max, int *out)
{
    const uint8_t *digits = ns__cur_take(cur, count);
    if (digits == NULL)
        return false;
    int value = 0;
    for (size_t i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        value = value * 10 + (digits[i] - '0');
    }
    *out = value;
    return value <= max;
}

/* A letter, in capitals or, as RFC 3339 allows, small. */
static bool take_letter(ns__cur *cur, char capital)
{
    return take_char(cur, capital) || take_char(cur, (char)(capital | 0x20));
}

/* Z, +HH:MM, +HHMM or nothing. */
static bool take_offset(ns__cur *cur, ns__date *date)
{
    if (cur->at == cur->end)
        return true;
    date->has_offset = true;
    if (take_letter(cur, 'Z'))
        return true;
    bool west = take_char(cur, '-');
    int hours, minutes;
    if (!west && !take_char(cur, '+'))
        return false;
    if (!take_digits(cur, 2, 23, &hours))
        return false;
    (void)take_char(cur, ':');
    if (!take_digits(cur, 2, 59, &minutes))
        return false;
    date->offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

/* HH:MM, HH:MM:SS or HH:MM:SS.fff, then the offset; adds seconds to the date. */
static bool take_time(ns__cur *cur, ns__date *date)
{
    int hour, minute, second = 0;
    if (!take_digits(cur, 2, 24, &hour) || !take_char(cur, ':') ||
        !take_digits(cur, 2, 59, &minute))
        return false;
    date->precision = NS__DATE_MINUTE;
    if (take_char(cur, ':')) {
        if (!take_digits(cur, 2, 60, &second))
            return false;
        date->precision = NS__DATE_SECOND;
        if (take_char(cur, '.')) {
            int fraction; /* below our precision */
            if (!take_digits(cur, 1, 9, &fraction))
                return false;
            while (cur->at < cur->end && *cur->at >= '0' && *cur->at <= '9')
                cur->at++;
        }
    }
    if (hour == 24 && (minute != 0 || second != 0))
        return false;
    if (!take_offset(cur, date))
        return false;
    date->unix_s += hour * 3600 + minute * 60 + second - (int64_t)date->offset_minutes * 60;
    return true;
}

static bool take_date(ns__cur *cur, ns__date *date)
{
    int year, month = 1, day = 1;
    if (!take_digits(cur, 4, 9999, &year))
        return false;
    date->precision = NS__DATE_YEAR;
    if (take_char(cur, '-')) {
        if (!take_digits(cur, 2, 12, &month) || month == 0)
            return false;
        date->precision = NS__DATE_MONTH;
        if (take_char(cur, '-')) {
            if (!take_digits(cur, 2, ns__days_in_month(year, month), &day) || day == 0)
                return false;
            date->precision = NS__DATE_DAY;
        }
    }
    date->unix_s = ns__days_from_civil(year, month, day) * NS_DAY_S;
    if (cur->at == cur->end)
        return true;
    return date->precision == NS__DATE_DAY && (take_letter(cur, 'T') || take_char(cur, ' ')) &&
           take_time(cur, date) && cur->at == cur->end;
}

/* Whether a date can be written with four digits of the year, in UTC and as it was given: 24:00, a
 * leap second and an offset lead out of the years at either end. */
static bool is_in_years(const ns__date *date)
{
    const int64_t first = ns__days_from_civil(0, 1, 1) * NS_DAY_S;
    const int64_t end = ns__days_from_civil(10000, 1, 1) * NS_DAY_S;
    const int64_t local_s = date->unix_s + (int64_t)date->offset_minutes * 60;
    return date->unix_s >= first && date->unix_s < end && local_s >= first && local_s < end;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static ns__str without_blanks(ns__str text)
{
    while (text.length > 0 && is_blank(text.data[0]))
        text = (ns__str){text.data + 1, text.length - 1};
    while (text.length > 0 && is_blank(text.data[text.length - 1]))
        text.length--;
    return text;
}

bool ns__date_parse(ns__str text, ns__date *out)
{
    *out = (ns__date){.unix_s = 0};
    text = without_blanks(text);
    ns__cur cur = ns__cur_of(text.data, text.length);
    if (text.length != 0 && take_date(&cur, out) && is_in_years(out))
        return true;
    *out = (ns__date){.unix_s = INT64_MIN, .precision = NS__DATE_NONE};
    return false;
}

/* Writes the last `count` digits and returns the place behind them. */
static char *put_digits(char *at, uint64_t value, int count)
{
    for (int i = count; i-- > 0; value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + count;
}

static char *put_part(char *at, char separator, int value)
{
    *at = separator;
    return put_digits(at + 1, (uint64_t)value, 2);
}

static char *put_offset(char *at, int32_t minutes)
{
    if (minutes == 0) {
        *at = 'Z';
        return at + 1;
    }
    int32_t east = minutes < 0 ? -minutes : minutes;
    at = put_part(at, minutes < 0 ? '-' : '+', east / 60);
    return put_part(at, ':', east % 60);
}

void ns__date_format(const ns__date *date, char text[32])
{
    char *at = text;
    *at = '\0';
    if (date->precision == NS__DATE_NONE)
        return;
    int64_t local_s = date->unix_s + (int64_t)date->offset_minutes * 60;
    int64_t days = ns__day_of(local_s);
    int second = (int)(local_s - days * NS_DAY_S);
    int64_t year;
    int month, day;
    ns__civil_from_days(days, &year, &month, &day);
    at = put_digits(at, (uint64_t)year, 4);
    if (date->precision >= NS__DATE_MONTH)
        at = put_part(at, '-', month);
    if (date->precision >= NS__DATE_DAY)
        at = put_part(at, '-', day);
    if (date->precision >= NS__DATE_MINUTE) {
        at = put_part(at, 'T', second / 3600);
        at = put_part(at, ':', second / 60 % 60);
        if (date->precision >= NS__DATE_SECOND)
            at = put_part(at, ':', second % 60);
        if (date->has_offset)
            at = put_offset(at, date->offset_minutes);
    }
    *at = '\0';
}
