/* The values of date: every form, in UTC and elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "query/dates.h"
#include "unit/quick.h"

/* Wednesday 2026-11-25 17:30:45 UTC. */
#define NOW INT64_C(1795627845)

static int64_t utc(int year, int month, int day, int hour, int minute, int second)
{
    struct tm parts = {.tm_year = year - 1900,
                       .tm_mon = month - 1,
                       .tm_mday = day,
                       .tm_hour = hour,
                       .tm_min = minute,
                       .tm_sec = second};
    return timegm(&parts);
}
#define DAY(year, month, day) utc(year, month, day, 0, 0, 0)

static void check_with(const ns_query_options *options, const char *text, int64_t from, int64_t to)
{
    ns__span span;
    ns__str bytes = {(const uint8_t *)text, strlen(text)};
    if (ns__query_date(bytes, options, &span) != NS__DATE_GOOD)
        fail_msg("%s: no date", text);
    if (span.from != from || span.to != to)
        fail_msg("%s: [%" PRId64 ", %" PRId64 "), not [%" PRId64 ", %" PRId64 ")", text, span.from,
                 span.to, from, to);
}

static void check(const char *text, int64_t from, int64_t to)
{
    ns_query_options options;
    ns_query_options_init(&options);
    options.now = NOW;
    check_with(&options, text, from, to);
}

static void test_iso(void **state)
{
    (void)state;
    check("2025", DAY(2025, 1, 1), DAY(2026, 1, 1));
    check("2025-05", DAY(2025, 5, 1), DAY(2025, 6, 1));
    check("2025-5", DAY(2025, 5, 1), DAY(2025, 6, 1));
    check("2025-12", DAY(2025, 12, 1), DAY(2026, 1, 1));
    check("2024-02", DAY(2024, 2, 1), DAY(2024, 3, 1));
    check("2025-05-03", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("2025/5/3", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("20250503", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("2024-02-29", DAY(2024, 2, 29), DAY(2024, 3, 1));
    check("2025-05-03T14:30", utc(2025, 5, 3, 14, 30, 0), utc(2025, 5, 3, 14, 31, 0));
    check("2025-05-03t14:30z", utc(2025, 5, 3, 14, 30, 0), utc(2025, 5, 3, 14, 31, 0));
    check("2025-05-03 14:30:05", utc(2025, 5, 3, 14, 30, 5), utc(2025, 5, 3, 14, 30, 6));
    check("2025-05-03T14:30:05.25+02:00", utc(2025, 5, 3, 12, 30, 5), utc(2025, 5, 3, 12, 30, 6));
    check("2025-05-03T01:30-0430", utc(2025, 5, 3, 6, 0, 0), utc(2025, 5, 3, 6, 1, 0));
    check("2025-05-03T24:00", DAY(2025, 5, 4), DAY(2025, 5, 4) + 60);
    check("1823-01-02", DAY(1823, 1, 2), DAY(1823, 1, 3));
    check("0000", DAY(0, 1, 1), DAY(1, 1, 1));
    check("9999", DAY(9999, 1, 1), INT64_MAX);
}

static void test_ranges(void **state)
{
    (void)state;
    check("2024-01..2025-03", DAY(2024, 1, 1), DAY(2025, 4, 1));
    check("2024..", DAY(2024, 1, 1), INT64_MAX);
    check("..2024", INT64_MIN, DAY(2025, 1, 1));
    check("..", INT64_MIN, INT64_MAX);
    check("*", INT64_MIN, INT64_MAX);
    check("2024..2024", DAY(2024, 1, 1), DAY(2025, 1, 1));
    check("\"May 2024\"..\"3 June 2025\"", DAY(2024, 5, 1), DAY(2025, 6, 4));
    check("\"May 2024 .. 3 June 2025\"", DAY(2024, 5, 1), DAY(2025, 6, 4));
    check("2026-11-01..yesterday", DAY(2026, 11, 1), DAY(2026, 11, 25));
    check(">2024", DAY(2025, 1, 1), INT64_MAX);
    check(">=2024", DAY(2024, 1, 1), INT64_MAX);
    check("<2024-02", INT64_MIN, DAY(2024, 2, 1));
    check("<=2024-02", INT64_MIN, DAY(2024, 3, 1));
    check("<= 2024-02-03T04:05", INT64_MIN, utc(2024, 2, 3, 4, 6, 0));
    check(">\"May 2025\"", DAY(2025, 6, 1), INT64_MAX);
    check(">yesterday", DAY(2026, 11, 25), INT64_MAX);
    check("<0000", 0, 0);
    check(">9999", 0, 0);
    check("2025-05..2025", DAY(2025, 5, 1), DAY(2026, 1, 1)); /* the second holds the first */
    check("2025..2025-05", DAY(2025, 1, 1), DAY(2025, 6, 1));
    check("2025-05-03T10:00..2025-05-03", utc(2025, 5, 3, 10, 0, 0), DAY(2025, 5, 4));
    check("today..this-week", DAY(2026, 11, 25), DAY(2026, 11, 30));
    check("9999-12..9999", DAY(9999, 12, 1), INT64_MAX);
    check("never..never", 0, 0);
}

/* What ends before it begins is turned round. */
static void test_swapped(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int64_t from, to;
    } SWAPPED[] = {
        {"2025..2024", DAY(2024, 1, 1), DAY(2026, 1, 1)},
        {"2025-05..2025-04", DAY(2025, 4, 1), DAY(2025, 6, 1)},
        {"2025-01..2024", DAY(2024, 1, 1), DAY(2025, 2, 1)},
        {"today..last-week", DAY(2026, 11, 16), DAY(2026, 11, 26)},
        {"2025-05-04T00:00..2025-05-03", DAY(2025, 5, 3), DAY(2025, 5, 4) + 60},
    };
    ns_query_options options;
    ns_query_options_init(&options);
    options.now = NOW;
    for (size_t i = 0; i < sizeof SWAPPED / sizeof *SWAPPED; i++) {
        ns__span span;
        const char *text = SWAPPED[i].text;
        ns__str bytes = {(const uint8_t *)text, strlen(text)};
        if (ns__query_date(bytes, &options, &span) != NS__DATE_SWAPPED ||
            span.from != SWAPPED[i].from || span.to != SWAPPED[i].to)
            fail_msg("%s: [%" PRId64 ", %" PRId64 ")", text, span.from, span.to);
    }
}

static void test_relative(void **state)
{
    (void)state;
    const int64_t today = DAY(2026, 11, 25), tomorrow = DAY(2026, 11, 26);
    check("today", today, tomorrow);
    check("Yesterday", DAY(2026, 11, 24), today);
    check("this-week", DAY(2026, 11, 23), DAY(2026, 11, 30));
    check("last-week", DAY(2026, 11, 16), DAY(2026, 11, 23));
    check("this-month", DAY(2026, 11, 1), DAY(2026, 12, 1));
    check("last-month", DAY(2026, 10, 1), DAY(2026, 11, 1));
    check("this-year", DAY(2026, 1, 1), DAY(2027, 1, 1));
    check("last-year", DAY(2025, 1, 1), DAY(2026, 1, 1));
    check("\"last week\"", DAY(2026, 11, 16), DAY(2026, 11, 23));
    check("last-30-days", DAY(2026, 10, 26), tomorrow);
    check("last-1-day", DAY(2026, 11, 24), tomorrow);
    check("last-2-weeks", DAY(2026, 11, 11), tomorrow);
    check("last-3-months", DAY(2026, 8, 25), tomorrow);
    check("last-10-years", DAY(2016, 11, 25), tomorrow);
    check("last-100000-years", INT64_MIN, tomorrow);
    check("last-36-hours", NOW - 36 * 3600, NOW + 1);
    check("\"last 30 days\"", DAY(2026, 10, 26), tomorrow);
    check("never", 0, 0);
    ns_query_options options;
    ns_query_options_init(&options);
    options.now = utc(2024, 3, 31, 12, 0, 0); /* a Sunday; February is shorter */
    check_with(&options, "last-1-months", DAY(2024, 2, 29), DAY(2024, 4, 1));
    check_with(&options, "this-week", DAY(2024, 3, 25), DAY(2024, 4, 1));
    options.now = DAY(2024, 1, 1); /* a Monday */
    check_with(&options, "this-week", DAY(2024, 1, 1), DAY(2024, 1, 8));
    check_with(&options, "last-month", DAY(2023, 12, 1), DAY(2024, 1, 1));
    check_with(&options, "last-year", DAY(2023, 1, 1), DAY(2024, 1, 1));
    options.now = DAY(1916, 5, 3); /* a Wednesday, long before 1970 */
    check_with(&options, "this-week", DAY(1916, 5, 1), DAY(1916, 5, 8));
    options.now = DAY(1916, 5, 7); /* … and the Sunday after it */
    check_with(&options, "this-week", DAY(1916, 5, 1), DAY(1916, 5, 8));
    options.now = INT64_MAX;
    check_with(&options, "last-1-hours", 0, 0); /* beyond the calendar */
    options.now = INT64_MIN + 1;
    check_with(&options, "today", 0, 0);
}

static void test_human(void **state)
{
    (void)state;
    check("\"May 2025\"", DAY(2025, 5, 1), DAY(2025, 6, 1));
    check("\"3 May 2025\"", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("\"May 3, 2025\"", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("\"3rd of May 2025\"", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("\"Sept. 2025\"", DAY(2025, 9, 1), DAY(2025, 10, 1));
    check("\"21st sep 2025\"", DAY(2025, 9, 21), DAY(2025, 9, 22));
    check("3-May-2025", DAY(2025, 5, 3), DAY(2025, 5, 4));
    check("\xe2\x80\x9cMAY 2025\xe2\x80\x9d", DAY(2025, 5, 1), DAY(2025, 6, 1));
    check("\xc2\xabMay 2025\xc2\xbb", DAY(2025, 5, 1), DAY(2025, 6, 1));
}

/* An hour ahead of UTC, two from 2026-03-29 02:00 to 2026-10-25 03:00 local time. */
static int32_t central_europe(void *context, int64_t local)
{
    ++*(int *)context;
    bool summer = local >= utc(2026, 3, 29, 2, 0, 0) && local < utc(2026, 10, 25, 3, 0, 0);
    return summer ? 120 : 60;
}

static int32_t nonsense(void *context, int64_t local)
{
    (void)context;
    return local % 2 ? INT32_MIN : INT32_MAX;
}

/* A day behind UTC, which no offset can be written for. */
static int32_t far_west(void *context, int64_t local)
{
    (void)context;
    (void)local;
    return -1440;
}

/* Half an hour before midnight in UTC: tomorrow there. */
static ns_query_options in_central_europe(int *calls)
{
    ns_query_options options;
    ns_query_options_init(&options);
    options.utc_offset = central_europe;
    options.utc_offset_context = calls;
    options.now = utc(2026, 11, 25, 23, 30, 0);
    return options;
}

static void test_zones(void **state)
{
    (void)state;
    int calls = 0;
    ns_query_options options = in_central_europe(&calls);
    check_with(&options, "today", utc(2026, 11, 25, 23, 0, 0), utc(2026, 11, 26, 23, 0, 0));
    check_with(&options, "2026-07", utc(2026, 6, 30, 22, 0, 0), utc(2026, 7, 31, 22, 0, 0));
    check_with(&options, "2026-03-29", utc(2026, 3, 28, 23, 0, 0), utc(2026, 3, 29, 22, 0, 0));
    check_with(&options, "2026-10-25", utc(2026, 10, 24, 22, 0, 0), utc(2026, 10, 25, 23, 0, 0));
    check_with(&options, "2026-07-01T12:00", utc(2026, 7, 1, 10, 0, 0), utc(2026, 7, 1, 10, 1, 0));
    check_with(&options, "2026-07-01T12:00Z", utc(2026, 7, 1, 12, 0, 0), utc(2026, 7, 1, 12, 1, 0));
    check_with(&options, "last-1-hours", options.now - 3600, options.now + 1);
    assert_true(calls > 0);
    options.utc_offset = nonsense;
    check_with(&options, "2026", DAY(2026, 1, 1), DAY(2027, 1, 1));
}

static void check_text(const ns_query_options *options, const char *date, const char *wanted)
{
    ns__span span, again;
    int16_t east[2];
    char text[NS__SPAN_ROOM];
    ns__str bytes = {(const uint8_t *)date, strlen(date)};
    assert_int_equal(ns__query_date(bytes, options, &span), NS__DATE_GOOD);
    ns__query_date_zone(span, options, east);
    ns__query_date_text(span, east, text);
    assert_string_equal(text, wanted);
    bytes = (ns__str){(const uint8_t *)text, strlen(text)};
    assert_int_equal(ns__query_date(bytes, options, &again), NS__DATE_GOOD);
    assert_true(again.from == span.from && again.to == span.to);
}

/* What is written in a zone is told in that zone, and reads back in any. */
static void test_texts_in_zones(void **state)
{
    (void)state;
    int calls = 0;
    ns_query_options options = in_central_europe(&calls);
    check_text(&options, "2026", "2026-01-01T00:00+01:00..2026-12-31T23:59+01:00");
    check_text(&options, "2026-03", "2026-03-01T00:00+01:00..2026-03-31T23:59+02:00");
    check_text(&options, "today", "2026-11-26T00:00+01:00..2026-11-26T23:59+01:00");
    check_text(&options, "2026-07-01T12:00", "2026-07-01T12:00+02:00");
    check_text(&options, "2026-07-01T12:00:07Z", "2026-07-01T14:00:07+02:00");
    check_text(&options, ">=2026-07", ">=2026-07-01T00:00+02:00");
    check_text(&options, "<2026-07", "<2026-07-01T00:00+02:00");
    check_text(&options, "..9999", "<9999-12-31T23:00Z");
    check_text(&options, "9999-12-31T23:30", "9999-12-31T22:30Z");
    check_text(&options, "never", "never");
    options.utc_offset = far_west;
    check_text(&options, "2026-07-01T12:00", "2026-07-02T12:00Z");
    options.utc_offset = NULL;
    check_text(&options, "2026-07", "2026-07");
}

static void test_bad(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      "x",
                                      "2025-13",
                                      "2025-00",
                                      "2025-02-30",
                                      "2025-05-00",
                                      "25",
                                      "202",
                                      "20255",
                                      "2025-",
                                      "2025-05-",
                                      "2025-05-03T",
                                      "2025-05-03x",
                                      "2025-05-03T25:00",
                                      "2025-05-03T14",
                                      "2025-05-03T1:2",
                                      "2025-05-03T14:30+25:00",
                                      "2025-05-03T14:30y",
                                      "2025-05-03T24:01",
                                      "03/05/2025",
                                      "2025-05/03",
                                      "tomorrow",
                                      "this",
                                      "this-day",
                                      "last-0-days",
                                      "last-x-days",
                                      "last-9999999-days",
                                      "last-30-d",
                                      "last-30",
                                      "May",
                                      "Ma 2025",
                                      "Mayy 2025",
                                      "31 June 2025",
                                      "0 May 2025",
                                      "May 3 4 2025",
                                      "3rr May 2025",
                                      ">",
                                      "<=",
                                      ">>2024",
                                      "2024..x",
                                      "x..2024",
                                      "2024...2025",
                                      "2024..2025..2026",
                                      "\xff",
                                      "2025\xc3\xa9",
                                      "a b c d e f g h i j k",
                                      "last-month-x",
                                      "5 of of 2025"};
    ns_query_options options;
    ns_query_options_init(&options);
    options.now = NOW;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        ns__span span;
        ns__str text = {(const uint8_t *)BAD[i], strlen(BAD[i])};
        if (ns__query_date(text, &options, &span) != NS__DATE_BAD || span.from != 0 || span.to != 0)
            fail_msg("%s: [%" PRId64 ", %" PRId64 ")", BAD[i], span.from, span.to);
    }
    char same[500];
    memset(same, '2', sizeof same);
    ns__span span;
    assert_int_equal(ns__query_date((ns__str){(uint8_t *)same, sizeof same}, &options, &span),
                     NS__DATE_BAD);
}

/* What is written for a span reads back as the span. */
/* What programs read dates by: the same, with an error instead of a note. */
static void test_for_callers(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_query_options options;
    int64_t from, to;
    ns_query_options_init(&options);
    options.now = 86400 + 5;
    assert_int_equal(ns_query_read_date("yesterday", 9, &options, &from, &to, &err), NS_OK);
    assert_true(from == 0 && to == 86400);
    assert_int_equal(ns_query_read_date("1970-01-03..!", 12, NULL, &from, &to, &err), NS_OK);
    assert_true(from == 2 * 86400 && to == INT64_MAX);
    assert_int_equal(ns_query_read_date("today", 5, NULL, &from, &to, &err), NS_OK);
    assert_int_equal(to - from, 86400);
    assert_int_equal(ns_query_read_date("soon", 4, NULL, &from, &to, &err), NS_ERR_QUERY);
    assert_true(from == 0 && to == 0 && strstr(err.message, "no date") != NULL);
}

static void test_spans(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    uint64_t random = given ? strtoull(given, NULL, 10) : 20261125;
    print_message("seed %" PRIu64 "\n", random);
    static const int64_t UNITS[] = {1, 60, 3600, 86400, 86400, INT64_C(86400) * 365};
    int calls = 0;
    ns_query_options options, utc_alone;
    ns_query_options_init(&options);
    ns_query_options_init(&utc_alone);
    options.utc_offset = central_europe;
    options.utc_offset_context = &calls;
    const int64_t first = DAY(0, 1, 1), behind = DAY(9999, 12, 31) + 86400;
    for (int round = 0; round < rounds(50000); round++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t unit = UNITS[(random >> 33) % 6];
        int64_t from = first + (int64_t)((random >> 20) % (uint64_t)(behind - first));
        from -= (from - first) % unit;
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t length = (int64_t)((random >> 33) % 100) * unit;
        ns__span span = ns__span_within((ns__span){from, from + length}), again;
        if ((random >> 30) % 8 == 0)
            span = ns__span_within((ns__span){INT64_MIN, span.to});
        char text[NS__SPAN_ROOM];
        int16_t east[2] = {0, 0};
        if (round % 2)
            ns__query_date_zone(span, &options, east);
        ns__query_date_text(span, east, text);
        ns__str bytes = {(const uint8_t *)text, strlen(text)};
        if (ns__query_date(bytes, &utc_alone, &again) != NS__DATE_GOOD || again.from != span.from ||
            again.to != span.to)
            fail_msg("%s: [%" PRId64 ", %" PRId64 "), not [%" PRId64 ", %" PRId64 ")", text,
                     again.from, again.to, span.from, span.to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),         cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_relative),    cmocka_unit_test(test_human),
        cmocka_unit_test(test_zones),       cmocka_unit_test(test_texts_in_zones),
        cmocka_unit_test(test_bad),         cmocka_unit_test(test_spans),
        cmocka_unit_test(test_for_callers), cmocka_unit_test(test_swapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
