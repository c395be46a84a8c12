/* Dates of options. Days are counted with the C library; only zones of its data base need more. */
#include "cli/dates.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DAY_S = 86400, HOUR_S = 3600, MINUTE_S = 60 };

/* +HH:MM, +HHMM or +HH; *end behind it. */
static bool read_offset(const char *text, int32_t *minutes, const char **end)
{
    bool west = *text == '-';
    if (*text++ != '+' && !west)
        return false;
    for (int i = 0; i < 2; i++)
        if (!isdigit((unsigned char)text[i]))
            return false;
    int32_t hours = (text[0] - '0') * 10 + text[1] - '0', rest = 0;
    text += 2;
    const char *at = text + (*text == ':');
    if (isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[1])) {
        rest = (at[0] - '0') * 10 + at[1] - '0';
        text = at + 2;
    }
    *minutes = (hours * 60 + rest) * (west ? -1 : 1);
    *end = text;
    return hours < 24 && rest < 60;
}

/* Whether a file holds a zone: beside them lie folders and tables. */
static bool is_zone(const char *path)
{
    char magic[4];
    FILE *file = fopen(path, "rbe");
    bool is = file != NULL && fread(magic, sizeof magic, 1, file) == 1 &&
              memcmp(magic, "TZif", sizeof magic) == 0;
    if (file != NULL)
        fclose(file);
    return is;
}

/* Whether the system's data base has a zone of that name. */
static bool zone_exists(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[512];
    if (*name == 0 || *name == '/' || *name == ':' || strstr(name, "..") ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") !=
            strlen(name))
        return false;
    int length = snprintf(path, sizeof path, "%s/%s",
                          folder && *folder ? folder : "/usr/share/zoneinfo", name);
    return length > 0 && (size_t)length < sizeof path && is_zone(path);
}

bool dates_zone(const cli_args *args, cli_zone *zone)
{
    const char *name = args->value[OPT_TZ], *end;
    *zone = (cli_zone){.fixed = true};
    if (name == NULL || strcasecmp(name, "UTC") == 0 || strcmp(name, "Z") == 0)
        return true;
    if (read_offset(name, &zone->minutes, &end) && *end == 0)
        return true;
    *zone = (cli_zone){.fixed = false};
    if (strcmp(name, "local") != 0) {
        if (!zone_exists(name) || setenv("TZ", name, 1) != 0) {
            complain("--tz %s: there is no such time zone here; give UTC, local, an offset such as "
                     "+02:00 or a name such as Europe/Berlin",
                     name);
            return false;
        }
    }
    tzset();
    return true;
}

int32_t dates_seconds_east(void *context, int64_t second)
{
    const cli_zone *zone = context;
    time_t moment = second;
    struct tm parts;
    if (zone->fixed)
        return zone->minutes * MINUTE_S;
    return localtime_r(&moment, &parts) != NULL ? (int32_t)parts.tm_gmtoff : 0;
}

/* Where clocks are put back, a local time comes twice: the first is meant, with which a day begins.
 * Where they are put forward, one that never was is told as if they had not been yet. */
int32_t dates_utc_offset(void *context, int64_t local)
{
    int64_t near;
    if (__builtin_add_overflow(local, DAY_S, &near) || __builtin_sub_overflow(local, DAY_S, &near))
        return 0;
    const int32_t before = dates_seconds_east(context, local - DAY_S);
    const int32_t after = dates_seconds_east(context, local + DAY_S);
    const bool early = dates_seconds_east(context, local - before) == before;
    const bool late = dates_seconds_east(context, local - after) == after;
    const int32_t first = before > after ? before : after;
    return (early && late ? first : late ? after : before) / MINUTE_S;
}

static bool take(const char **at, int digits, int least, int most, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        if (!isdigit((unsigned char)**at))
            return false;
        *value = *value * 10 + *(*at)++ - '0';
    }
    return *value >= least && *value <= most;
}

/* A calendar date and time as written. */
typedef struct written {
    int year, month, day, hour, minute, second;
    int parts; /* 1: year alone, 2: with month, 3: with day, 5: with minutes, 6: with seconds */
    bool has_offset;
    int32_t offset; /* minutes */
} written;

static bool read_time(const char *at, written *out)
{
    if (!take(&at, 2, 0, 23, &out->hour) || *at++ != ':' || !take(&at, 2, 0, 59, &out->minute))
        return false;
    out->parts = 5;
    if (*at == ':') {
        at++;
        if (!take(&at, 2, 0, 59, &out->second))
            return false;
        out->parts = 6;
    }
    out->has_offset = *at != 0;
    if (*at == 'Z')
        return at[1] == 0;
    return *at == 0 || (read_offset(at, &out->offset, &at) && *at == 0);
}

static int days_of(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static bool read_written(const char *at, written *out)
{
    *out = (written){.month = 1, .day = 1, .parts = 1};
    if (!take(&at, 4, 0, 9999, &out->year))
        return false;
    if (*at == 0)
        return true;
    out->parts = 2;
    if (*at++ != '-' || !take(&at, 2, 1, 12, &out->month))
        return false;
    if (*at == 0)
        return true;
    out->parts = 3;
    if (*at++ != '-' || !take(&at, 2, 1, days_of(out->year, out->month), &out->day))
        return false;
    return *at == 0 || ((*at == 'T' || *at == ' ') && read_time(at + 1, out));
}

/* Seconds UTC of a date; months and days may be one past the last. */
static int64_t seconds_of(const written *date, const cli_zone *zone)
{
    struct tm parts = {.tm_year = date->year - 1900,
                       .tm_mon = date->month - 1,
                       .tm_mday = date->day,
                       .tm_hour = date->hour,
                       .tm_min = date->minute,
                       .tm_sec = date->second};
    int64_t local = timegm(&parts);
    cli_zone given = {true, date->offset};
    cli_zone of = date->has_offset ? given : *zone;
    return local - (int64_t)dates_utc_offset(&of, local) * MINUTE_S;
}

/* A number and a unit. */
static bool read_span(const char *text, uint64_t *seconds)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"s", 1},           {"min", MINUTE_S},   {"h", HOUR_S},        {"d", DAY_S},
                 {"w", 7.0 * DAY_S}, {"m", 30.0 * DAY_S}, {"y", 365.25 * DAY_S}};
    const double most = 1e12;
    char *end;
    if (!isdigit((unsigned char)*text))
        return false;
    double number = strtod(text, &end);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double value = number * units[i].seconds;
        if (strcmp(end, units[i].unit) == 0 && value >= 1 && value <= most) {
            *seconds = (uint64_t)value;
            return true;
        }
    }
    return false;
}

bool dates_span(const cli_args *args, opt_id id, uint64_t *seconds)
{
    const char *text = args->value[id];
    *seconds = 0;
    if (text == NULL || read_span(text, seconds))
        return true;
    complain("--%s %s: give a time such as 12h, 30d, 6w, 3m or 2y", option_find(id)->name, text);
    return false;
}

/* What else date: takes in a query; but one with two ends is no date to begin or end with. */
static bool read_as_query(const char *text, const cli_zone *zone, int64_t now, int64_t *from,
                          int64_t *to)
{
    cli_zone of = *zone;
    ns_query_options options;
    ns_error err;
    int64_t first, last;
    ns_query_options_init(&options);
    options.now = now;
    options.utc_offset = dates_utc_offset;
    options.utc_offset_context = &of;
    if (strpbrk(text, "<>") != NULL || strstr(text, "..") != NULL ||
        ns_query_read_date(text, strlen(text), &options, &first, &last, &err) != NS_OK ||
        first >= last)
        return false;
    *from = first;
    *to = last;
    return true;
}

bool dates_read(const cli_args *args, opt_id id, const cli_zone *zone, int64_t now, int64_t *from,
                int64_t *to)
{
    const char *text = args->value[id];
    uint64_t before;
    written date;
    if (text == NULL)
        return true;
    if (read_written(text, &date)) {
        written next = date;
        int *last[] = {&next.year, &next.month, &next.day, NULL, &next.minute, &next.second};
        ++*last[date.parts - 1];
        *from = seconds_of(&date, zone);
        *to = seconds_of(&next, zone);
        return true;
    }
    if (read_span(text, &before)) {
        *from = *to = now - (int64_t)before;
        return true;
    }
    if (read_as_query(text, zone, now, from, to))
        return true;
    complain("--%s %s: give a date such as 2025, 2025-05, 2025-05-03, 2025-05-03T14:30, yesterday, "
             "last-week or \"3 May 2025\", or a time before now such as 12h, 30d or 2y",
             option_find(id)->name, text);
    return false;
}
