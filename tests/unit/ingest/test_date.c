/* Dates: every form of the corpora, impossible ones, and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "ingest/date.h"
#include "unit/quick.h"

static ns__str str(const char *text)
{
    return (ns__str){(const uint8_t *)text, strlen(text)};
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t unix_s;
        ns__date_precision precision;
        int32_t offset_minutes;
        const char *back;
    } CASES[] = {
        {"1970-01-01", 0, NS__DATE_DAY, 0, NULL},
        {"2019-01-02T17:00:12Z", 1546448412, NS__DATE_SECOND, 0, NULL},
        {"1987-02-26T15:01:01", 541350061, NS__DATE_SECOND, 0, NULL},
        {"2023-08-16T09:30", 1692178200, NS__DATE_MINUTE, 0, NULL},
        {"2023-08-16", 1692144000, NS__DATE_DAY, 0, NULL},
        {"2012-05-21T22:15:00+0900", 1337606100, NS__DATE_SECOND, 540, "2012-05-21T22:15:00+09:00"},
        {"2012-05-21T22:15:00+09:00", 1337606100, NS__DATE_SECOND, 540, NULL},
        {"2012-05-21T08:45-04:30", 1337606100, NS__DATE_MINUTE, -270, NULL},
        {"1916-01-01", -1704153600, NS__DATE_DAY, 0, NULL},
        {"1916", -1704153600, NS__DATE_YEAR, 0, NULL},
        {"1916-02", -1701475200, NS__DATE_MONTH, 0, NULL},
        {"1916-02-29", -1699056000, NS__DATE_DAY, 0, NULL},
        {"0000-01-01", -62167219200, NS__DATE_DAY, 0, NULL},
        {"9999-12-31T23:59:59Z", 253402300799, NS__DATE_SECOND, 0, NULL},
        {"9999-12-31T23:59:59+23:59", 253402214459, NS__DATE_SECOND, 1439, NULL},
        {"0000-01-01T00:00-23:59", -62167132860, NS__DATE_MINUTE, -1439, NULL},
        {"9999-12-31T23:58:60Z", 253402300740, NS__DATE_SECOND, 0, "9999-12-31T23:59:00Z"},
        {"9999-12-30T24:00", 253402214400, NS__DATE_MINUTE, 0, "9999-12-31T00:00"},
        {"2020-06-30 12:00:00.123456Z", 1593518400, NS__DATE_SECOND, 0, "2020-06-30T12:00:00Z"},
        {"2020-06-30T24:00", 1593561600, NS__DATE_MINUTE, 0, "2020-07-01T00:00"},
        {"2016-12-31T23:59:60Z", 1483228800, NS__DATE_SECOND, 0, "2017-01-01T00:00:00Z"},
        {" 2023-08-16", 1692144000, NS__DATE_DAY, 0, "2023-08-16"},
        {"\t\n2023-08-16T09:30 \r", 1692178200, NS__DATE_MINUTE, 0, "2023-08-16T09:30"},
        {"2019-01-02t17:00:12z", 1546448412, NS__DATE_SECOND, 0, "2019-01-02T17:00:12Z"},
        {"2020-06-30T12:00+00:00", 1593518400, NS__DATE_MINUTE, 0, "2020-06-30T12:00Z"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        ns__date date;
        if (!ns__date_parse(str(CASES[i].text), &date))
            fail_msg("%s is refused", CASES[i].text);
        if (date.unix_s != CASES[i].unix_s)
            fail_msg("%s gives %lld", CASES[i].text, (long long)date.unix_s);
        assert_int_equal(date.precision, CASES[i].precision);
        assert_int_equal(date.offset_minutes, CASES[i].offset_minutes);
        char text[32];
        ns__date_format(&date, text);
        assert_string_equal(text, CASES[i].back ? CASES[i].back : CASES[i].text);
    }
}

static void check_impossible(const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ns__date date;
        if (ns__date_parse(str(texts[i]), &date))
            fail_msg("%s is accepted", texts[i]);
        assert_int_equal(date.precision, NS__DATE_NONE);
        assert_true(date.unix_s == INT64_MIN);
        char text[32] = "x";
        ns__date_format(&date, text);
        assert_string_equal(text, "");
    }
}

static void test_impossible(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        "",
        "0",
        "191",
        "19160",
        "1916-",
        "1916-1",
        "1916-00",
        "1916-13",
        "1916-01-",
        "1916-01-0",
        "1916-01-00",
        "1916-01-32",
        "1915-02-29",
        "1900-02-29",
        "2023-04-31",
        "1916-01T10:00",
        "1916T10:00",
        "2023-08-16T",
        "2023-08-16T9:30",
        "2023-08-16T09",
        "2023-08-16T09:60",
        "2023-08-16T09:30:61",
        "2023-08-16T25:00",
        "2023-08-16T24:01",
        "2023-08-16T24:00:01",
        "2023-08-16T09:30:00.",
        "2023-08-16T09:30:00.Z",
        "2023-08-16T09:30Zx",
        "2023-08-16T09:30+9",
        "2023-08-16T09:30+24:00",
        "2023-08-16T09:30+09:60",
        "2023-08-16T09:30+09:",
        "2023-08-16X09:30",
        " ",
        "2023-08-16x",
        "2023-08-16 z",
        "2023 -08-16",
        "16.08.2023",
        "-001-01-01",
        "2023/08/16",
        "yesterday",
        "\xef\xbc\x92\xef\xbc\x90\xef\xbc\x92\xef\xbc\x93",
    };
    check_impossible(CASES, sizeof CASES / sizeof *CASES);
    ns__date date;
    assert_false(ns__date_parse((ns__str){(const uint8_t *)"1916\0", 5}, &date));
    assert_false(ns__date_parse((ns__str){NULL, 0}, &date));
}

static void test_years_beyond(void **state)
{
    (void)state;
    static const char *const CASES[] = {
        /* in UTC in year 10000 or before year 0 */
        "9999-12-31T23:59:60Z",
        "9999-12-31T24:00",
        "9999-12-31T23:59:59-00:01",
        "0000-01-01T00:00+00:01",
        "0000-01-01T00:00+23:59",
        /* where they were given */
        "9999-12-31T23:59:60+23:59",
        "9999-12-31T24:00+08:00",
    };
    check_impossible(CASES, sizeof CASES / sizeof *CASES);
}

/* Every day of ten thousand years against the C library, there and back. */
static void test_every_day(void **state)
{
    (void)state;
    int64_t first = -62167219200;
    const int64_t step = 86400 * (rounds(10) < 10 ? 11 : 1);
    for (int64_t unix_s = first; unix_s < 253402300800; unix_s += step) {
        time_t at = (time_t)unix_s;
        struct tm parts;
        gmtime_r(&at, &parts);
        ns__date date = {unix_s, NS__DATE_DAY, 0, false}, again;
        char text[32];
        ns__date_format(&date, text);
        int year =
            (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
        int month = (text[5] - '0') * 10 + (text[6] - '0');
        int day = (text[8] - '0') * 10 + (text[9] - '0');
        if (year != parts.tm_year + 1900 || month != parts.tm_mon + 1 || day != parts.tm_mday)
            fail_msg("%s is wrong", text);
        if (!ns__date_parse(str(text), &again) || again.unix_s != unix_s)
            fail_msg("%s does not come back", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_impossible),
        cmocka_unit_test(test_years_beyond),
        cmocka_unit_test(test_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
