#include "query/dates.h"

#include <stdio.h>

#include "base/calendar.h"

enum { TEXT_ROOM = 80, WORDS_MAX = 8, MAX_COUNT = 100000 };

/* What is being read: `text` is in small letters, without quotes, terminated. */
typedef struct reader {
    const ns_query_options *options;
    int64_t now;       /* UTC */
    int64_t local_now; /* where the dates are meant */
} reader;

/* ---- Time zones ---- */

static int64_t offset_at(const reader *dates, int64_t local)
{
    if (dates->options->utc_offset == NULL)
        return 0;
    int32_t minutes = dates->options->utc_offset(dates->options->utc_offset_context, local);
    return minutes < -1440 || minutes > 1440 ? 0 : (int64_t)minutes * 60;
}

static int64_t to_utc(const reader *dates, int64_t local)
{
    return local - offset_at(dates, local);
}

static ns__span local_days(const reader *dates, int64_t first, int64_t behind_last)
{
    return (ns__span){to_utc(dates, first * NS_DAY_S), to_utc(dates, behind_last * NS_DAY_S)};
}

/* ---- Numbers and words ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `least` to `most` digits. */
static bool take_number(const char **at, int least, int most, int *out)
{
    int digits = 0, value = 0;
    while (digits < most && is_digit((*at)[digits]))
        value = value * 10 + ((*at)[digits++] - '0');
    if (digits < least)
        return false;
    *at += digits;
    *out = value;
    return true;
}

static bool take_char(const char **at, char wanted)
{
    if (**at != wanted)
        return false;
    (*at)++;
    return true;
}

/* Cuts the text at spaces, hyphens and commas; 0 words when there are too many. */
static int cut_words(char *text, char *words[WORDS_MAX])
{
    int count = 0;
    for (char *at = text; *at != '\0';) {
        if (*at == ' ' || *at == '-' || *at == ',' || *at == '_') {
            *at++ = '\0';
            continue;
        }
        if (count == WORDS_MAX)
            return 0;
        words[count++] = at;
        while (*at != '\0' && *at != ' ' && *at != '-' && *at != ',' && *at != '_')
            at++;
    }
    return count;
}

/* ---- Calendar ---- */

static ns__span month_span(const reader *dates, int64_t year, int month)
{
    int64_t first = ns__days_from_civil(year, month, 1);
    return local_days(dates, first, first + ns__days_in_month(year, month));
}

static ns__span year_span(const reader *dates, int64_t year)
{
    return local_days(dates, ns__days_from_civil(year, 1, 1), ns__days_from_civil(year + 1, 1, 1));
}

static bool day_span(const reader *dates, int64_t year, int month, int day, ns__span *out)
{
    if (month < 1 || month > 12 || day < 1 || day > ns__days_in_month(year, month))
        return false;
    int64_t days = ns__days_from_civil(year, month, day);
    *out = local_days(dates, days, days + 1);
    return true;
}

/* The same day `months` months before, or the last of that month. */
static int64_t months_before(int64_t days, int64_t months)
{
    int64_t year;
    int month, day;
    ns__civil_from_days(days, &year, &month, &day);
    int64_t all = year * 12 + month - 1 - months;
    year = all >= 0 ? all / 12 : (all - 11) / 12;
    month = (int)(all - year * 12) + 1;
    int most = ns__days_in_month(year, month);
    return ns__days_from_civil(year, month, day < most ? day : most);
}

/* ---- ISO ---- */

/* Z, +HH:MM, +HHMM or nothing, at the end. */
static bool take_zone(const char **at, bool *given, int64_t *east_s)
{
    int hours, minutes;
    *given = **at != '\0';
    *east_s = 0;
    if (!*given || take_char(at, 'z'))
        return true;
    bool west = take_char(at, '-');
    if (!west && !take_char(at, '+'))
        return false;
    if (!take_number(at, 2, 2, &hours))
        return false;
    (void)take_char(at, ':');
    if (!take_number(at, 2, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    *east_s = (int64_t)(hours * 60 + minutes) * (west ? -60 : 60);
    return true;
}

/* T or a space, HH:MM[:SS[.fff]] and the zone, on the day that begins at `day_s`. */
static bool take_time(const reader *dates, const char **at, int64_t day_s, ns__span *out)
{
    int hour, minute, second = 0, fraction;
    int64_t east_s, lasts = 60;
    bool zoned;
    if (!take_char(at, 't') && !take_char(at, ' '))
        return false;
    if (!take_number(at, 1, 2, &hour) || !take_char(at, ':') || !take_number(at, 2, 2, &minute))
        return false;
    if (take_char(at, ':')) {
        lasts = 1;
        if (!take_number(at, 2, 2, &second))
            return false;
        if (take_char(at, '.') && !take_number(at, 1, 9, &fraction))
            return false;
    }
    if (hour > 24 || minute > 59 || second > 60 || (hour == 24 && minute + second > 0))
        return false;
    if (!take_zone(at, &zoned, &east_s))
        return false;
    int64_t local = day_s + hour * 3600 + minute * 60 + second;
    out->from = zoned ? local - east_s : to_utc(dates, local);
    out->to = out->from + lasts;
    return true;
}

/* YYYY, YYYY-M, YYYY-M-D, YYYY/M/D, YYYYMMDD; a day may have a time. */
static bool read_iso(const reader *dates, const char *at, ns__span *out)
{
    int year, month, day;
    const char *start = at;
    if (!take_number(&at, 8, 8, &day)) {
        if (!take_number(&at, 4, 4, &year))
            return false;
        if (*at == '\0') {
            *out = year_span(dates, year);
            return true;
        }
        char separator = *at++;
        if ((separator != '-' && separator != '/') || !take_number(&at, 1, 2, &month) ||
            month < 1 || month > 12)
            return false;
        if (*at == '\0') {
            *out = month_span(dates, year, month);
            return true;
        }
        if (!take_char(&at, separator) || !take_number(&at, 1, 2, &day))
            return false;
    } else {
        year = day / 10000;
        month = day / 100 % 100;
        day %= 100;
    }
    if (is_digit(*at) || !day_span(dates, year, month, day, out))
        return false;
    if (*at == '\0')
        return true;
    int64_t day_s = ns__days_from_civil(year, month, day) * NS_DAY_S;
    return at > start && take_time(dates, &at, day_s, out) && *at == '\0';
}

/* ---- Words ---- */

/* "may", "sept", "september": 5, 9, 9; 0 for anything else. */
static int month_of(const char *word)
{
    static const char *const MONTHS[12] = {"january",   "february", "march",    "april",
                                           "may",       "june",     "july",     "august",
                                           "september", "october",  "november", "december"};
    size_t length = strlen(word);
    if (length > 3 && word[length - 1] == '.')
        length--;
    for (int month = 0; length >= 3 && month < 12; month++) {
        if (strncmp(MONTHS[month], word, length) != 0)
            continue;
        if (length == 3 || length == strlen(MONTHS[month]) || (month == 8 && length == 4))
            return month + 1;
    }
    return 0;
}

/* "3", "3rd". */
static bool day_of(const char *word, int *day)
{
    if (!take_number(&word, 1, 2, day))
        return false;
    return *word == '\0' || strcmp(word, "st") == 0 || strcmp(word, "nd") == 0 ||
           strcmp(word, "rd") == 0 || strcmp(word, "th") == 0;
}

static bool year_of(const char *word, int *year)
{
    return take_number(&word, 4, 4, year) && *word == '\0';
}

/* May 2025; 3 May 2025; 3 of May 2025; May 3, 2025. */
static bool read_human(const reader *dates, char *words[], int count, ns__span *out)
{
    int year, day, month;
    if (count == 4 && strcmp(words[1], "of") == 0) {
        words[1] = words[0];
        words++;
        count--;
    }
    if (count < 2 || count > 3 || !year_of(words[count - 1], &year))
        return false;
    if (count == 2) {
        month = month_of(words[0]);
        if (month == 0)
            return false;
        *out = month_span(dates, year, month);
        return true;
    }
    bool month_first = month_of(words[0]) != 0;
    month = month_of(words[month_first ? 0 : 1]);
    return day_of(words[month_first ? 1 : 0], &day) && day_span(dates, year, month, day, out);
}

/* this-week, last-month, …: whole ones of the calendar; `back` is 0 or 1. */
static bool read_calendar(const reader *dates, const char *unit, int back, ns__span *out)
{
    int64_t today = ns__day_of(dates->local_now), year;
    int month, day;
    ns__civil_from_days(today, &year, &month, &day);
    if (strcmp(unit, "week") == 0) {
        int64_t monday = today - ns__weekday(today) - (int64_t)7 * back;
        *out = local_days(dates, monday, monday + 7);
    } else if (strcmp(unit, "month") == 0) {
        if (back && --month == 0) {
            month = 12;
            year--;
        }
        *out = month_span(dates, year, month);
    } else if (strcmp(unit, "year") == 0) {
        *out = year_span(dates, year - back);
    } else {
        return false;
    }
    return true;
}

/* last-30-days: the N days before today, and today; hours to the second. */
static bool read_last(const reader *dates, int count, const char *unit, ns__span *out)
{
    int64_t today = ns__day_of(dates->local_now), first;
    size_t length = strlen(unit);
    length -= length > 1 && unit[length - 1] == 's';
    if (strncmp(unit, "hour", length) == 0 && length == 4) {
        *out = (ns__span){dates->now - (int64_t)count * 3600, dates->now + 1};
        return true;
    }
    if (strncmp(unit, "day", length) == 0 && length == 3)
        first = today - count;
    else if (strncmp(unit, "week", length) == 0 && length == 4)
        first = today - (int64_t)7 * count;
    else if (strncmp(unit, "month", length) == 0 && length == 5)
        first = months_before(today, count);
    else if (strncmp(unit, "year", length) == 0 && length == 4)
        first = months_before(today, (int64_t)12 * count);
    else
        return false;
    *out = local_days(dates, first, today + 1);
    return true;
}

static bool read_words(const reader *dates, char *words[], int count, ns__span *out)
{
    int64_t today = ns__day_of(dates->local_now);
    if (count == 1 && strcmp(words[0], "today") == 0)
        *out = local_days(dates, today, today + 1);
    else if (count == 1 && strcmp(words[0], "yesterday") == 0)
        *out = local_days(dates, today - 1, today);
    else if (count == 1 && strcmp(words[0], "never") == 0)
        *out = (ns__span){0, 0};
    else if (count == 2 && strcmp(words[0], "this") == 0)
        return read_calendar(dates, words[1], 0, out);
    else if (count == 2 && strcmp(words[0], "last") == 0)
        return read_calendar(dates, words[1], 1, out);
    else if (count == 3 && strcmp(words[0], "last") == 0) {
        const char *at = words[1];
        int number;
        return take_number(&at, 1, 6, &number) && *at == '\0' && number > 0 &&
               number <= MAX_COUNT && read_last(dates, number, words[2], out);
    } else {
        return read_human(dates, words, count, out);
    }
    return true;
}

/* ---- Ranges ---- */

static char *trim(char *text)
{
    while (*text == ' ')
        text++;
    size_t length = strlen(text);
    while (length > 0 && text[length - 1] == ' ')
        text[--length] = '\0';
    return text;
}

/* One date, not a range. */
static bool read_single(const reader *dates, char *text, ns__span *out)
{
    char *words[WORDS_MAX];
    text = trim(text);
    if (read_iso(dates, text, out))
        return true;
    return read_words(dates, words, cut_words(text, words), out);
}

static ns__date_verdict read_range(const reader *dates, char *text, char *dots, ns__span *out)
{
    ns__span first = {INT64_MIN, INT64_MIN}, last = {INT64_MAX, INT64_MAX};
    *dots = '\0';
    text = trim(text);
    char *behind = trim(dots + 2);
    if (*text != '\0' && !read_single(dates, text, &first))
        return NS__DATE_BAD;
    if (*behind != '\0' && !read_single(dates, behind, &last))
        return NS__DATE_BAD;
    /* The second may hold the first: 2025-05..2025. `never` is nowhere. */
    bool swapped = first.from >= last.to && first.from > last.from;
    *out = swapped ? (ns__span){last.from, first.to} : (ns__span){first.from, last.to};
    return swapped ? NS__DATE_SWAPPED : NS__DATE_GOOD;
}

static ns__date_verdict read_text(const reader *dates, char *text, ns__span *out)
{
    text = trim(text);
    if (strcmp(text, "*") == 0) { /* any at all */
        *out = (ns__span){INT64_MIN, INT64_MAX};
        return NS__DATE_GOOD;
    }
    if (*text == '<' || *text == '>') {
        bool after = *text++ == '>', with = *text == '=';
        ns__span span;
        if (!read_single(dates, text + with, &span))
            return NS__DATE_BAD;
        out->from = !after ? INT64_MIN : with ? span.from : span.to;
        out->to = after ? INT64_MAX : with ? span.to : span.from;
        return NS__DATE_GOOD;
    }
    char *dots = strstr(text, "..");
    if (dots != NULL)
        return read_range(dates, text, dots, out);
    return read_single(dates, text, out) ? NS__DATE_GOOD : NS__DATE_BAD;
}

/* Small letters, quotes left out, white space made plain; false when it is too long for a date. */
static bool simplify(ns__str text, char out[TEXT_ROOM])
{
    size_t length = 0;
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i];
        size_t quote = c == '"' ? 1
                       : c == 0xe2 && i + 2 < text.length && text.data[i + 1] == 0x80 &&
                               text.data[i + 2] >= 0x9c && text.data[i + 2] <= 0x9f
                           ? 3
                       : c == 0xc2 && i + 1 < text.length &&
                               (text.data[i + 1] == 0xab || text.data[i + 1] == 0xbb)
                           ? 2
                       : c == 0xef && i + 2 < text.length && text.data[i + 1] == 0xbc &&
                               text.data[i + 2] == 0x82
                           ? 3
                           : 0;
        if (quote > 0) {
            i += quote - 1;
            continue;
        }
        if (length + 1 == TEXT_ROOM || c >= 0x80)
            return false;
        out[length++] = c <= 0x20 ? ' ' : c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : (char)c;
    }
    out[length] = '\0';
    return true;
}

/* 0 where it cannot be written: a year has four digits, an offset less than a day. */
static int16_t east_of(const reader *dates, int64_t utc)
{
    const int64_t first = ns__days_from_civil(0, 1, 2) * NS_DAY_S;
    const int64_t last = ns__days_from_civil(9999, 12, 31) * NS_DAY_S;
    if (utc < first || utc >= last)
        return 0;
    int64_t near = utc + offset_at(dates, utc); /* the zone is asked by local time */
    int64_t minutes = offset_at(dates, near) / 60;
    return (int16_t)(minutes > -1440 && minutes < 1440 ? minutes : 0);
}

void ns__query_date_zone(ns__span span, const ns_query_options *options, int16_t east[2])
{
    reader dates = {.options = options};
    bool none = span.from >= span.to;
    east[0] = none ? 0 : east_of(&dates, span.from);
    east[1] = none || span.to == INT64_MAX ? 0 : east_of(&dates, span.to - 1);
}

ns__date_verdict ns__query_date(ns__str text, const ns_query_options *options, ns__span *out)
{
    reader dates = {.options = options, .now = options->now};
    /* So far from any calendar there are no days. */
    const int64_t most = (int64_t)1 << 40;
    dates.now = dates.now > most ? most : dates.now < -most ? -most : dates.now;
    dates.local_now = dates.now + offset_at(&dates, dates.now);
    dates.local_now = dates.now + offset_at(&dates, dates.local_now);
    char simple[TEXT_ROOM];
    *out = (ns__span){0, 0};
    if (!simplify(text, simple))
        return NS__DATE_BAD;
    ns__date_verdict verdict = read_text(&dates, simple, out);
    *out = verdict == NS__DATE_BAD ? (ns__span){0, 0} : ns__span_within(*out);
    return verdict;
}
