/* JSON lines into records and back: columns, exactness, bad lines, mutations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "ingest/json_scan.h"
#include "ingest/reader.h"
#include "text/utf8.h"
#include "unit/quick.h"

static ns__record record;
static ns_error err;

static int release(void **state)
{
    (void)state;
    ns__record_release(&record);
    return 0;
}

static ns__str str(const char *text)
{
    return (ns__str){(const uint8_t *)text, strlen(text)};
}

static ns_status parse(const char *line)
{
    return ns__jsonl_parse(str(line), "x.jsonl", 7, &record, &err);
}

static void assert_str(ns__str got, const char *wanted)
{
    if (!ns__str_equal(got, str(wanted)))
        fail_msg("\"%.*s\" is not \"%s\"", (int)got.length, (const char *)got.data, wanted);
}

/* The record as JSON, for comparing; free it. */
static ns__buf shown(void)
{
    ns__buf meta = {0}, out = {0};
    ns__record_pack_fields(&record, &meta);
    assert_false(meta.failed);
    assert_true(ns__record_show(&record, (ns__str){meta.data, meta.length}, &out));
    assert_false(out.failed);
    ns__buf_release(&meta);
    return out;
}

static void assert_shown(const char *wanted)
{
    ns__buf out = shown();
    assert_str((ns__str){out.data, out.length}, wanted);
    ns__buf_release(&out);
}

static void test_columns(void **state)
{
    (void)state;
    const char *line = "{\"id\": \"a/1\", \"title\": \"T\", \"body\": \"B\\n\\nC \\\"q\\\"\", "
                       "\"date\": \"1916-02-29\", \"source\": \"S\", \"section\": \"Sec\", "
                       "\"author\": [\"Ann\", \"Bo\"], \"url\": \"http://x/\", \"lang\": \"en\", "
                       "\"topics\": [\"a\", {\"b\": [1, -2.50E+3, null, true, false]}, [], {}]}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.id, "a/1");
    assert_str(record.title, "T");
    assert_str(record.body, "B\n\nC \"q\"");
    assert_str(record.date_text, "1916-02-29");
    assert_int_equal(record.date.precision, NS__DATE_DAY);
    assert_str(record.source, "S");
    assert_str(record.section, "Sec");
    assert_str(record.author, "Ann, Bo");
    assert_str(record.url, "http://x/");
    assert_str(record.lang, "en");
    assert_string_equal(record.origin, "x.jsonl");
    assert_int_equal(record.line, 7);
    assert_int_equal(record.input_bytes, strlen(line));
    assert_int_equal(record.replaced, 0);
    assert_int_equal(record.field_count, 10);
    assert_int_equal(record.fields[2].kind, NS__VALUE_BODY);
    assert_str(record.fields[9].key, "topics");
    assert_shown(line);
}

static void test_spelling(void **state)
{
    (void)state;
    assert_int_equal(parse(" { \"body\" :\"\\u00e9\\/\\u001F\\u007f\\ud83d\\ude00\" ,\"n\":"
                           "123456789012345678901234567890.0e-99,\"o\":{\"a\" : [ ] , \"b\":{}}} "),
                     NS_OK);
    assert_str(record.body, "\xc3\xa9/\x1f\x7f\xf0\x9f\x98\x80");
    assert_shown("{\"body\": \"\xc3\xa9/\\u001f\x7f\xf0\x9f\x98\x80\", "
                 "\"n\": 123456789012345678901234567890.0e-99, \"o\": {\"a\": [], \"b\": {}}}");
    assert_int_equal(parse("{\"body\":\"\\b\\f\\n\\r\\t\\\"\\\\ \\u2028\"}"), NS_OK);
    assert_shown("{\"body\": \"\\b\\f\\n\\r\\t\\\"\\\\ \xe2\x80\xa8\"}");
}

static void test_keys(void **state)
{
    (void)state;
    /* The better alias wins wherever it stands; the other is shown as it came. */
    const char *line =
        "{\"content\": \"c\", \"text\": \"t\", \"body\": \"b\", \"headline\": \"h\"}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.body, "b");
    assert_str(record.title, "h");
    assert_shown(line);
    line = "{\"body\": \"b\", \"text\": \"t\"}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.body, "b");
    assert_shown(line);
    /* Of equal keys the last; empty and textless ones never. */
    line = "{\"id\": 1, \"id\": 2, \"body\": \"1\\n\", \"body\": \"2\", \"body\": \"\", "
           "\"title\": null, \"lang\": false, \"date\": {\"body\": \"no\"}, \"source\": \"\"}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.id, "2");
    assert_str(record.body, "2");
    assert_str(record.title, "");
    assert_str(record.lang, "");
    assert_str(record.date_text, "");
    assert_int_equal(record.date.precision, NS__DATE_NONE);
    assert_shown(line);
    /* Numbers are text to the columns. */
    line = "{\"id\": 12345678901234567890, \"title\": 1984, \"body\": \"b\", \"date\": 1916}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.id, "12345678901234567890");
    assert_str(record.title, "1984");
    assert_int_equal(record.date.precision, NS__DATE_YEAR);
    assert_shown(line);
    line = "{\"title\": \"t\", \"title\": 3}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.title, "3");
    assert_shown(line);
    /* Lists: of strings, for three keys, not nested. */
    line = "{\"text\": \"t\", \"author\": [[\"a\"], \"b\", 3, {\"k\": \"v\"}, \"\", \"c\"], "
           "\"section\": [\"x\"], \"url\": [\"u\"], \"source\": {\"name\": \"n\"}}";
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.author, "b, c");
    assert_str(record.section, "x");
    assert_str(record.url, "");
    assert_str(record.source, "");
    assert_shown(line);
}

/* What of the record is warned of, "key what" with bars between. */
static void assert_misfits(const char *line, const char *wanted)
{
    char found[512] = "";
    if (parse(line) != NS_OK)
        fail_msg("%s: %s", line, err.message);
    for (size_t i = 0; i < record.misfit_count; i++)
        snprintf(found + strlen(found), sizeof found - strlen(found), "%s%s %.*s", i ? "|" : "",
                 record.misfits[i].key, (int)strcspn(record.misfits[i].what, ":"),
                 record.misfits[i].what);
    if (strcmp(found, wanted) != 0)
        fail_msg("%s: \"%s\", not \"%s\"", line, found, wanted);
    assert_shown(line);
}

static void test_paragraphs(void **state)
{
    (void)state;
    assert_misfits("{\"text\": \"t\", \"body\": [\"A b.\", \"\", null, \"C \\\"d\\\"\\n\"]}", "");
    assert_str(record.body, "A b.\n\nC \"d\"\n");
    assert_misfits("{\"body\": [\"a\", 1, [\"x\"], {\"y\": \"z\"}, \"b\"]}",
                   "body has parts that are no strings");
    assert_str(record.body, "a\n\nb");
    assert_misfits("{\"body\": [\"a\", 1], \"body\": \"b\"}", "");
    assert_str(record.body, "b");
    assert_misfits("{\"body\": \"b\", \"text\": [\"a\", 1]}", "");
    assert_str(record.body, "b");
    assert_misfits("{\"content\": [\"a\"], \"text\": [true], \"body\": [], \"title\": \"t\"}", "");
    assert_str(record.body, "a");
}

static void test_misfits(void **state)
{
    (void)state;
    assert_misfits(
        "{\"body\": \"b\", \"title\": [\"t\"], \"date\": [\"2025\"], \"source\": "
        "{\"name\": [\"n\"]}, \"section\": true, \"author\": [{\"name\": \"n\"}], \"url\": "
        "[[\"u\"]], \"lang\": false}",
        "title is a list|date is a list|source is an object|section is true|author is a "
        "list without strings|url is a list|lang is false");
    assert_str(record.title, "");
    assert_misfits("{\"body\": {\"p\": \"b\"}, \"headline\": [\"h\"], \"title\": \"t\"}",
                   "body is an object");
    assert_misfits(
        "{\"body\": \"b\", \"title\": null, \"date\": [], \"source\": \"\", \"author\": [null, "
        "\"\"], \"url\": 5, \"other\": [1, {}]}",
        "");
    /* Another key for the same thing, or the same key again, gives it. */
    assert_misfits("{\"text\": \"b\", \"body\": {}, \"date\": [\"2025\"], \"published\": \"2024\", "
                   "\"id\": [1], \"id\": 2, \"lang\": \"de\", \"lang\": {}}",
                   "");
    assert_str(record.date_text, "2024");
    assert_str(record.id, "2");
}

/* The other names of a column count where its own is missing, whichever comes first. */
static void test_aliases(void **state)
{
    (void)state;
    static const char *const DATES[] = {"published",     "publishedAt",    "published_at",
                                        "datePublished", "date_published", "publication_date",
                                        "publish_date",  "pubDate",        "pub_date"};
    char json[256];
    for (size_t i = 0; i < sizeof DATES / sizeof *DATES; i++) {
        snprintf(json, sizeof json, "{\"body\": \"b\", \"%s\": \"2025-05-03\"}", DATES[i]);
        assert_int_equal(parse(json), NS_OK);
        assert_str(record.date_text, "2025-05-03");
        snprintf(json, sizeof json, "{\"date\": \"2024\", \"body\": \"b\", \"%s\": \"2025-05-03\"}",
                 DATES[i]);
        assert_int_equal(parse(json), NS_OK);
        assert_str(record.date_text, "2024");
        snprintf(json, sizeof json, "{\"date\": \" \\t\", \"body\": \"b\", \"%s\": \"2025\"}",
                 DATES[i]); /* blanks are no date */
        assert_int_equal(parse(json), NS_OK);
        assert_str(record.date_text, "2025");
    }
    assert_int_equal(
        parse("{\"articleBody\": \"b\", \"creator\": [\"C\", \"D\"], \"link\": \"l\"}"), NS_OK);
    assert_str(record.body, "b");
    assert_str(record.author, "C, D");
    assert_str(record.url, "l");
    assert_int_equal(
        parse("{\"link\": \"l\", \"permalink\": \"p\", \"creator\": \"C\", \"byline\": "
              "\"B\", \"articleBody\": \"a\", \"content\": \"c\"}"),
        NS_OK);
    assert_str(record.body, "c");
    assert_str(record.author, "B");
    assert_str(record.url, "p");
    assert_int_equal(parse("{\"url\": \"u\", \"permalink\": \"p\", \"byline\": \"B\", \"author\": "
                           "\"A\", \"body\": \"b\", \"articleBody\": \"a\"}"),
                     NS_OK);
    assert_str(record.body, "b");
    assert_str(record.author, "A");
    assert_str(record.url, "u");
}

static void test_made_up_id(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"body\": \"b\"}"), NS_OK);
    char first[17] = {0};
    assert_int_equal(record.id.length, 16);
    memcpy(first, record.id.data, 16);
    assert_int_equal(strspn(first, "0123456789abcdef"), 16);
    assert_int_equal(parse("{\"body\": \"c\"}"), NS_OK);
    assert_memory_not_equal(record.id.data, first, 16);
    assert_int_equal(parse("{\"body\": \"b\"}"), NS_OK);
    assert_str(record.id, first);
    assert_shown("{\"body\": \"b\"}");
}

static void test_replaced(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"body\": \"a\xff\xfe\xe2\x82z\\ud800\\udc00\\ud800\\\\ud800\\uDFff"
                           "\\uD8\"}"),
                     NS_ERR_INPUT);
    assert_int_equal(parse("{\"body\": \"a\xff\xfe\xe2\x82z\\ud800\\udc00\\ud800\\\\ud800\\uDFff"
                           "\\ud9ab\\ud800\\udc00\"}"),
                     NS_OK);
    assert_str(record.body, "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xf0\x90\x80\x80\xef\xbf\xbd"
                            "\\ud800\xef\xbf\xbd\xef\xbf\xbd\xf0\x90\x80\x80");
    assert_int_equal(record.replaced, 6);
    assert_int_equal(parse("{\"body\": \"a\\u0000b\", \"k\\u0000\\udc00\": \"\\u0000\"}"), NS_OK);
    assert_int_equal(record.body.length, 3);
    assert_memory_equal(record.body.data, "a\0b", 3);
    assert_int_equal(record.replaced, 1);
    assert_shown("{\"body\": \"a\\u0000b\", \"k\\u0000\xef\xbf\xbd\": \"\\u0000\"}");
}

static void assert_refused(const char *line, const char *reason)
{
    if (parse(line) != NS_ERR_INPUT)
        fail_msg("%.60s is accepted", line);
    assert_string_equal(err.message, reason);
    assert_int_equal(record.field_count, 0);
    assert_int_equal(record.body.length, 0);
}

static void test_bad(void **state)
{
    (void)state;
    assert_refused("{\"id\": \"1\"}", "no text: neither title nor body");
    assert_refused("{\"id\": \"1\", \"title\": \"\", \"body\": null}",
                   "no text: neither title nor body");
    assert_refused("{}", "no text: neither title nor body");
    assert_refused("{\"title\": [\"t\"], \"text\": {\"a\": \"b\"}}",
                   "no text: neither title nor body; text is an object");
    assert_refused("{\"title\": [\"t\"]}", "no text: neither title nor body; title is a list");
    assert_refused("{\"body\": \"b\", \"id\": [\"a\"]}", "the id is neither a string nor a number");
    assert_refused("{\"body\": \"b\", \"id\": {}}", "the id is neither a string nor a number");
    assert_refused("{\"body\": \"b\", \"id\": true}", "the id is neither a string nor a number");
    assert_refused("[]", "a JSON list, not an object");
    assert_refused("12", "not a JSON object");
    assert_refused("\"x\"", "not a JSON object");
    assert_refused("null", "not a JSON object");
    assert_refused("", "broken JSON: byte 0: parse error: premature EOF");
    static const char *const BROKEN[] = {
        "{\"body\": \"b\"",
        "{\"body\": \"b",
        "{\"body\": \"b\"} x",
        "{\"body\": \"b\"}{}",
        "{\"body\": \"b\",}",
        "{\"body\": \"a\tb\"}",
        "{\"body\": \"\\x\"}",
        "{\"body\": \"\\u12\"}",
        "{\"body\": \"b\", \"n\": 01}",
        "{\"body\": \"b\", \"n\": NaN}",
        "{'body': 'b'}",
        "{\"body\": \"b\"} tru",
        "{\"body\": \"b\", \"n\": 1.}",
        "{\"body\" \"b\"}",
        "{\"body\": \"b\"]",
        "{\"body\": \"b\", \"n\": -}",
        "{body: \"b\"}",
        "}",
    };
    for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
        if (parse(BROKEN[i]) != NS_ERR_INPUT)
            fail_msg("%s is accepted", BROKEN[i]);
        assert_memory_equal(err.message, "broken JSON: byte ", 18);
    }
    assert_int_equal(ns__jsonl_parse((ns__str){(const uint8_t *)"{\"body\": \"a\0b\"}", 15}, "x", 1,
                                     &record, &err),
                     NS_ERR_INPUT);
}

/* {"body": "b", "d": [[…]]} with `depth` brackets. */
static ns_status parse_nested(size_t depth, char open, char close)
{
    char *line = malloc(2 * depth + 64);
    size_t length = (size_t)sprintf(line, "{\"body\": \"b\", \"d\": ");
    memset(line + length, open, depth);
    memset(line + length + depth, close, depth);
    strcpy(line + length + 2 * depth, "}");
    ns_status status = parse(line);
    free(line);
    return status;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(parse_nested(NS_MAX_JSON_DEPTH - 1, '[', ']'), NS_OK);
    assert_int_equal(parse_nested(NS_MAX_JSON_DEPTH, '[', ']'), NS_ERR_INPUT);
    assert_string_equal(err.message, "nested too deeply");
    assert_int_equal(parse_nested(1000000, '[', ']'), NS_ERR_INPUT);

    static char line[3 * NS_MAX_COLUMN_BYTES];
    for (size_t length = NS_MAX_ID_BYTES; length <= NS_MAX_ID_BYTES + 1; length++) {
        char *at = line + sprintf(line, "{\"body\": \"b\", \"id\": \"");
        memset(at, 'i', length);
        strcpy(at + length, "\"}");
        assert_int_equal(parse(line), length > NS_MAX_ID_BYTES ? NS_ERR_INPUT : NS_OK);
    }
    char *at = line + sprintf(line, "{\"body\": \"b\", \"source\": \"s");
    for (size_t i = 0; i < NS_MAX_COLUMN_BYTES / 2; i++)
        at = stpcpy(at, "\xc3\xa9");
    strcpy(at, "\"}");
    assert_int_equal(parse(line), NS_OK);
    assert_int_equal(record.source.length, NS_MAX_COLUMN_BYTES - 1);
    assert_shown(line); /* the column is cut, not the record */
}

static void test_large(void **state)
{
    (void)state;
    enum { LENGTH = 20 << 20 };
    char *line = malloc(LENGTH + 64);
    char *at = stpcpy(line, "{\"body\": \"");
    for (size_t i = 0; i < LENGTH; i += 2)
        at = stpcpy(at, i % 64 ? "ab" : "\\n");
    at = stpcpy(at, "\"}");
    assert_int_equal(parse(line), NS_OK);
    assert_int_equal(record.body.length, LENGTH - LENGTH / 64);
    assert_shown(line);
    /* Many tiny items: respelling must not outgrow the storage. */
    at = stpcpy(line, "{\"body\":\"b\",\"k\":[0");
    for (size_t i = 0; i < LENGTH / 16; i++)
        at = stpcpy(at, ",0");
    at = stpcpy(at, "]");
    for (size_t i = 0; i < LENGTH / 64; i++)
        at = stpcpy(at, ",\"title\":\"t\"");
    strcpy(at, "}");
    assert_int_equal(parse(line), NS_OK);
    assert_str(record.title, "t");
    assert_int_equal(record.field_count, LENGTH / 64 + 2);
    /* And many tiny paragraphs, which a string replaced and others replace. */
    static const char *const BODIES[] = {"{\"body\":[\"a\"", "],\"body\":\"b\",\"body\":[\"a\""};
    at = line;
    for (size_t list = 0; list < 2; list++) {
        at = stpcpy(at, BODIES[list]);
        for (size_t i = 0; i < LENGTH / 16; i++)
            at = stpcpy(at, ",\"a\"");
    }
    strcpy(at, "]}");
    assert_int_equal(parse(line), NS_OK);
    assert_int_equal(record.body.length, 1 + 3 * (LENGTH / 16));
    free(line);
    assert_int_equal(parse("{\"body\": \"small again\"}"), NS_OK);
    assert_true(record.storage.capacity < 1 << 20);
}

/* --- mutations -------------------------------------------------------------------------------- */

static uint64_t random_state;

static uint64_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 33;
}

static void check_valid(ns__str text)
{
    assert_int_equal(ns__utf8_valid_prefix(text), text.length);
}

static void assert_same(ns__str a, ns__str b)
{
    if (!ns__str_equal(a, b))
        fail_msg("\"%.*s\" is not \"%.*s\"", (int)a.length, (const char *)a.data, (int)b.length,
                 (const char *)b.data);
}

/* yajl alone makes the same record of the line, or the same error. `status` and `record` are what
 * came out. */
static void check_plain(ns__str line, ns_status status)
{
    ns__record plain = {0};
    ns_error why = {0};
    assert_int_equal(ns__jsonl_parse_plain(line, "x", 1, &plain, &why), status);
    if (status != NS_OK) {
        assert_string_equal(why.message, err.message);
        ns__record_release(&plain);
        return;
    }
    const ns__str got[] = {record.id,     record.title,   record.body,
                           record.source, record.section, record.author,
                           record.url,    record.lang,    record.date_text},
                  wanted[] = {plain.id,     plain.title, plain.body, plain.source,   plain.section,
                              plain.author, plain.url,   plain.lang, plain.date_text};
    for (size_t i = 0; i < sizeof got / sizeof *got; i++)
        assert_same(got[i], wanted[i]);
    assert_int_equal(record.replaced, plain.replaced);
    assert_int_equal(record.misfit_count, plain.misfit_count);
    for (size_t i = 0; i < plain.misfit_count; i++) {
        assert_string_equal(record.misfits[i].key, plain.misfits[i].key);
        assert_string_equal(record.misfits[i].what, plain.misfits[i].what);
    }
    assert_int_equal(record.field_count, plain.field_count);
    for (size_t i = 0; i < plain.field_count; i++) {
        assert_int_equal(record.fields[i].kind, plain.fields[i].kind);
        assert_same(record.fields[i].key, plain.fields[i].key);
        assert_same(record.fields[i].json, plain.fields[i].json);
    }
    ns__record_release(&plain);
}

/* A record that was accepted is shown as JSON that gives the same record and JSON again. */
static void check_stable(void)
{
    check_valid(record.id);
    check_valid(record.author);
    ns__buf first = shown();
    check_valid((ns__str){first.data, first.length});
    assert_int_equal(ns__jsonl_parse((ns__str){first.data, first.length}, "x", 1, &record, &err),
                     NS_OK);
    assert_int_equal(record.replaced, 0);
    ns__buf second = shown();
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.data, second.data, first.length);
    ns__buf_release(&first);
    ns__buf_release(&second);
}

/* ---- The scanner ---- */

static const char SEED_LINE[] =
    "{\"id\": \"n1\", \"title\": \"Talks \\u2014 \\ud83d\\ude00\", \"body\": \"One.\\n\\nTwo "
    "\xe2\x80\x9cthree\xe2\x80\x9d.\", \"text\": \"x\", \"author\": [\"A\", \"B\"], \"n\": "
    "-1.5e9, \"o\": {\"a\": [true, null, {}], \"b\": \"\\u0000\"}, \"date\": \"2020-01-02\"}";

/* What usual JSON is: no event is wanted here, only that all of it was understood. */
static int nothing(void *context)
{
    ++*(unsigned *)context;
    return 1;
}

static int boolean(void *context, int value)
{
    (void)value;
    return nothing(context);
}

static int string(void *context, const unsigned char *text, size_t length)
{
    (void)text;
    (void)length;
    return nothing(context);
}

static int number(void *context, const char *text, size_t length)
{
    (void)text;
    (void)length;
    return nothing(context);
}

static ns__json_outcome scan(const char *text, unsigned *events)
{
    static const yajl_callbacks COUNT = {.yajl_null = nothing,
                                         .yajl_boolean = boolean,
                                         .yajl_number = number,
                                         .yajl_string = string,
                                         .yajl_start_map = nothing,
                                         .yajl_map_key = string,
                                         .yajl_end_map = nothing,
                                         .yajl_start_array = nothing,
                                         .yajl_end_array = nothing};
    ns__buf scratch = {0};
    *events = 0;
    ns__json_outcome outcome = ns__json_scan(str(text), &COUNT, events, &scratch);
    ns__buf_release(&scratch);
    return outcome;
}

static void test_scan(void **state)
{
    (void)state;
    unsigned events;
    static const char *const USUAL[] = {
        "{}", " {\"a\": [], \"b\": {}} ", "{\"a\":[1,-0.5e+7,true,false,null,\"\"]}",
        "{\"a\": \"\\ud83d\\ude00 \\\"\\/ more than sixteen bytes of it\"}", SEED_LINE};
    static const unsigned EVENTS[] = {2, 8, 11, 4, 31};
    for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++) {
        assert_int_equal(scan(USUAL[i], &events), NS__JSON_DONE);
        assert_int_equal(events, EVENTS[i]);
    }
    static const char *const UNUSUAL[] = {"",
                                          "[]",
                                          "{",
                                          "{\"a\"}",
                                          "{\"a\":}",
                                          "{\"a\":1,}",
                                          "{\"a\":[1,]}",
                                          "{\"a\":[,1]}",
                                          "{\"a\":01}",
                                          "{\"a\":1.}",
                                          "{\"a\":-}",
                                          "{\"a\":tru}",
                                          "{\"a\":1]",
                                          "{\"a\":\"\n\"}",
                                          "{\"a\":\"\\x\"}",
                                          "{\"a\":\"\\ud83d\"}",
                                          "{} {}",
                                          "{\"a\" 1}",
                                          "{\"a\":\"\\"};
    for (size_t i = 0; i < sizeof UNUSUAL / sizeof *UNUSUAL; i++)
        assert_int_equal(scan(UNUSUAL[i], &events), NS__JSON_UNUSUAL);
}

static void test_mutations(void **state)
{
    (void)state;
    const char *seed = getenv("NS_SEED");
    random_state = seed != NULL ? strtoull(seed, NULL, 10) : 20240229;
    print_message("seed %" PRIu64 "\n", random_state);
    static const char *const PIECES[] = {"\\ud800",
                                         "\"",
                                         "\\",
                                         "\xff",
                                         "\\u0000",
                                         ",",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         ":",
                                         "\xf0\x9f",
                                         "null",
                                         "1e5",
                                         "\\uDC00",
                                         "\"title\": \"\", ",
                                         "\"body\": 1, ",
                                         "\n"};
    unsigned accepted = 0, all = (unsigned)rounds(40000);
    for (unsigned round = 0; round < all; round++) {
        char line[1024];
        size_t length = sizeof SEED_LINE - 1;
        memcpy(line, SEED_LINE, length);
        for (uint64_t edits = 1 + next_random() % 3; edits > 0; edits--) {
            size_t at = next_random() % length;
            const char *piece = PIECES[next_random() % (sizeof PIECES / sizeof *PIECES)];
            switch (next_random() % 4) {
            case 0: /* flip */
                line[at] = (char)(line[at] ^ (1 << next_random() % 8));
                break;
            case 1: /* delete some */
            {
                size_t some = next_random() % 8;
                some = some < length - at ? some : length - at - 1;
                memmove(line + at, line + at + some, length - at - some);
                length -= some;
                break;
            }
            case 2: /* insert */
                memmove(line + at + strlen(piece), line + at, length - at);
                memcpy(line + at, piece, strlen(piece));
                length += strlen(piece);
                break;
            default: /* cut */
                if (next_random() % 8 == 0)
                    length = at + 1;
            }
        }
        /* In a block of its own, so that reading past it is seen. */
        uint8_t *exact = malloc(length);
        memcpy(exact, line, length);
        ns_status status = ns__jsonl_parse((ns__str){exact, length}, "x", 1, &record, &err);
        check_plain((ns__str){exact, length}, status);
        free(exact);
        assert_true(status == NS_OK || status == NS_ERR_INPUT);
        accepted += status == NS_OK;
        if (status == NS_OK)
            check_stable();
    }
    assert_in_range(accepted, all / 10, all - all / 10);
}

/* Values that the index has in its columns are not packed a second time, and only those. */
static void test_pack_refers(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        size_t packed; /* bytes */
    } CASES[] = {
        {"{\"id\": \"a7\", \"date\": \"1987-02-26T15:01:01\", \"source\": \"Wire\"}",
         1 + 4 + 6 + 8},
        {"{\"id\": \"a7\", \"date\": \"1987-02-26 15:01:01\"}", 1 + 4 + 6 + 1 + 21},
        {"{\"id\": \"a7\", \"url\": \"u\\\"\", \"k\": \"a7\"}", 1 + 4 + 5 + 1 + 5 + 3},
        {"{\"id\": \"a7\", \"section\": \"\", \"lang\": \"de\", \"author\": \"\"}",
         1 + 4 + 9 + 6 + 8},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char line[200];
        snprintf(line, sizeof line, "%.*s, \"body\": \"b\"}", (int)strlen(CASES[i].json) - 1,
                 CASES[i].json);
        assert_int_equal(parse(line), NS_OK);
        assert_shown(line);
        ns__buf meta = {0};
        ns__record_pack_fields(&record, &meta);
        assert_int_equal(meta.length, CASES[i].packed + 6);
        ns__buf_release(&meta);
    }
}

static void test_unpack_damaged(void **state)
{
    (void)state;
    assert_int_equal(parse("{\"id\": \"1\", \"title\": \"t\", \"body\": \"b\", \"k\": [1, 2]}"),
                     NS_OK);
    ns__buf meta = {0}, out = {0};
    ns__record_pack_fields(&record, &meta);
    const ns__str values[NS__VALUE_KINDS] = {{NULL, 0}};
    for (size_t length = 0; length < meta.length; length++) {
        uint8_t *exact = malloc(length + 1);
        memcpy(exact, meta.data, length);
        assert_false(ns__record_unpack_json(values, (ns__str){exact, length}, &out));
        free(exact);
        ns__buf_clear(&out);
    }
    for (size_t at = 0; at < meta.length; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            meta.data[at] ^= (uint8_t)(1u << bit);
            (void)ns__record_unpack_json(values, (ns__str){meta.data, meta.length}, &out);
            meta.data[at] ^= (uint8_t)(1u << bit);
            ns__buf_clear(&out);
        }
    ns__buf_u8(&meta, 0);
    assert_false(ns__record_unpack_json(values, (ns__str){meta.data, meta.length}, &out));
    ns__buf_release(&meta);
    ns__buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),     cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_keys),        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_made_up_id),  cmocka_unit_test(test_paragraphs),
        cmocka_unit_test(test_misfits),     cmocka_unit_test(test_replaced),
        cmocka_unit_test(test_bad),         cmocka_unit_test(test_limits),
        cmocka_unit_test(test_large),       cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_pack_refers), cmocka_unit_test(test_unpack_damaged),
        cmocka_unit_test(test_scan),
    };
    return cmocka_run_group_tests(tests, NULL, release);
}
