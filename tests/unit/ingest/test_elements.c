/* Elements of lists and rows: random JSON against a plain way, borders of the buffer at every byte,
 * limits and damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "ingest/elements.h"
#include "unit/quick.h"

enum { MOST_BYTES = 40000, MOST_ELEMENTS = 64, UNBOUND = 1 << 28 };

static const ns__pulse NO_PULSE;
static char path[] = "/tmp/ns_test_elements_XXXXXX";
static uint64_t seed;

static unsigned random_below(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 24) % below;
}

/* A text and where its elements are, as it was put together. */
static struct {
    char text[MOST_BYTES];
    size_t length;
    size_t from[MOST_ELEMENTS], to[MOST_ELEMENTS];
    unsigned line[MOST_ELEMENTS];
    unsigned count, lines;
} made;

static void put(const char *text)
{
    for (; *text != '\0'; text++) {
        made.lines += *text == '\n';
        made.text[made.length++] = *text;
    }
}

static void put_any(const char *const *choices, unsigned count)
{
    put(choices[random_below(count)]);
}

static void put_blanks(void)
{
    static const char *const BLANKS[] = {"", "", "", " ", "\n", "\r\n", "\t  ", "\n\n"};
    put_any(BLANKS, 8);
}

static void put_string(void)
{
    static const char *const PARTS[] = {"a",       "\\\"",     "\\\\", "{",   "}",        "[",
                                        "]",       ",",        ":",    "\\n", "\xc3\xa9", " ",
                                        "\\u00e9", "\\\\\\\"", "\n",   "word"};
    put("\"");
    for (unsigned parts = random_below(8); parts > 0; parts--)
        put_any(PARTS, 16);
    put("\"");
}

static void put_value(unsigned depth)
{
    static const char *const SCALARS[] = {"0", "-1.5e+3", "true", "false", "null", "12345"};
    const unsigned kind = random_below(depth < 4 ? 4 : 2);
    if (kind == 0)
        put_any(SCALARS, 6);
    if (kind == 1)
        put_string();
    if (kind < 2)
        return;
    put(kind == 2 ? "{" : "[");
    for (unsigned left = random_below(4); left > 0; left--) {
        put_blanks();
        if (kind == 2) {
            put_string();
            put_blanks();
            put(":");
            put_blanks();
        }
        put_value(depth + 1);
        put_blanks();
        if (left > 1)
            put(",");
    }
    put_blanks();
    put(kind == 2 ? "}" : "]");
}

static void put_element(void)
{
    put_blanks();
    made.line[made.count] = made.lines + 1;
    made.from[made.count] = made.length;
    put_value(0);
    made.to[made.count++] = made.length;
    put_blanks();
}

static void make(bool lists)
{
    made.length = made.count = made.lines = 0;
    for (unsigned runs = 1 + random_below(2); runs > 0; runs--) {
        put_blanks();
        put(lists ? "[" : "");
        for (unsigned left = random_below(10); left > 0; left--) {
            put_element();
            put(!lists ? " " : left > 1 ? "," : "");
        }
        put_blanks();
        put(lists ? "]" : "\n");
    }
}

/* One member of gzip for each part: what is read at once ends where a member does. */
static void write_parts(const char *text, size_t length, size_t part)
{
    remove(path);
    for (size_t at = 0; at < length; at += part) {
        gzFile file = gzopen(path, "ab1");
        assert_non_null(file);
        gzwrite(file, text + at, (unsigned)(length - at < part ? length - at : part));
        gzclose(file);
    }
}

static void write_plain(const char *text, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    fclose(file);
}

typedef struct reading {
    ns__input *input;
    ns__lines lines;
    ns__elements elements;
    ns_error err;
} reading;

static void begin_reading(reading *r, bool lists, uint64_t limit)
{
    *r = (reading){0};
    assert_int_equal(ns__input_open(path, NO_PULSE, &r->input, &r->err), NS_OK);
    ns__lines_start(&r->lines, r->input, limit);
    ns__elements_start(&r->elements, lists);
}

static void end_reading(reading *r)
{
    ns__lines_release(&r->lines);
    ns__input_close(r->input);
}

static ns_status next(reading *r, ns__str *out)
{
    return ns__elements_next(&r->elements, &r->lines, out, &r->err);
}

/* The file has the elements of `made`; those over the limit are told with their beginning. */
static void assert_made(bool lists, uint64_t limit)
{
    reading r;
    ns__str got;
    begin_reading(&r, lists, limit);
    for (unsigned i = 0; i < made.count; i++) {
        const size_t length = made.to[i] - made.from[i];
        const ns_status status = next(&r, &got);
        assert_int_equal(status, length <= limit ? NS_OK : NS_ERR_LIMIT);
        assert_int_equal(r.lines.number, made.line[i]);
        if (status == NS_OK)
            assert_int_equal(got.length, length);
        assert_true(got.length > 0 && got.length <= length);
        assert_memory_equal(got.data, made.text + made.from[i], got.length);
    }
    assert_int_equal(next(&r, &got), NS_DONE);
    assert_int_equal(next(&r, &got), NS_DONE);
    end_reading(&r);
}

static void test_random(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(quick_tests() ? 200 : 2000); i++) {
        const bool lists = random_below(2) == 0;
        make(lists);
        write_plain(made.text, made.length);
        assert_made(lists, UNBOUND);
        assert_made(lists, 1 + random_below(40));
    }
}

/* A border between two readings at every byte, and between every two. */
static void test_borders(void **state)
{
    (void)state;
    for (int lists = 0; lists < 2; lists++) {
        do
            make(lists != 0);
        while (made.length < 100 || made.length > 250);
        write_parts(made.text, made.length, 1);
        assert_made(lists != 0, UNBOUND);
        assert_made(lists != 0, 20);
        for (size_t at = 1; at < made.length; at++) {
            write_parts(made.text, made.length, at);
            assert_made(lists != 0, UNBOUND);
        }
    }
}

static void assert_fails(const char *text, bool lists, unsigned before, unsigned line,
                         const char *message, const char *stray)
{
    reading r;
    ns__str got;
    write_plain(text, strlen(text));
    begin_reading(&r, lists, UNBOUND);
    for (; before > 0; before--)
        assert_int_equal(next(&r, &got), NS_OK);
    assert_int_equal(next(&r, &got), NS_ERR_INPUT);
    if (strncmp(r.err.message, message, strlen(message)) != 0)
        fail_msg("%s: %s", text, r.err.message);
    assert_int_equal(r.lines.number, line);
    assert_int_equal(got.length, strlen(stray));
    assert_memory_equal(got.data, stray, got.length);
    end_reading(&r);
}

static void test_damage(void **state)
{
    (void)state;
    static const char NO_END[] = "the record has no end",
                      NO_LIST_END[] = "the JSON list has no end";
    assert_fails("[{}\n {}]", true, 1, 2, "no comma before this", "{}]");
    assert_fails("[{},\n]", true, 1, 2, "a comma before the end", "]");
    assert_fails("[,{}]", true, 0, 1, "stray text in a JSON list", ",{}]");
    assert_fails("[{},,{}]", true, 1, 1, "stray text in a JSON list", ",{}]");
    assert_fails("[{}\nx\n]", true, 1, 2, "stray text in a JSON list", "x");
    assert_fails("[{}]\n]", true, 1, 2, "stray text behind a JSON list", "]");
    assert_fails("[{}]{}", true, 1, 1, "stray text behind a JSON list", "{}");
    assert_fails("{}\n,{}", false, 1, 2, "stray text between JSON records", ",{}");
    assert_fails("[{},\n\n", true, 1, 3, NO_LIST_END, "");
    assert_fails("[{}", true, 1, 1, NO_LIST_END, "");
    assert_fails("[1", true, 1, 1, NO_LIST_END, "");
    assert_fails("[{},\n{\"a\n", true, 1, 2, NO_END, "{\"a\n");
    assert_fails("{\"a\\\"}\n", false, 0, 1, NO_END, "{\"a\\\"}\n");
    assert_fails("{}\n{\"a\": [1}\n", false, 1, 2, NO_END, "{\"a\": [1}\n");
    assert_fails("[{\"a\": 1],{}]", true, 0, 1, "the record's brackets do not match", "{\"a\": 1]");
}

/* Random bytes and damaged JSON: an end in every case, and nothing outside the text. */
static void test_noise(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(quick_tests() ? 200 : 2000); i++) {
        const bool lists = random_below(2) == 0;
        make(lists);
        for (unsigned wrong = 1 + random_below(3); wrong > 0 && made.length > 0; wrong--)
            made.text[random_below((unsigned)made.length)] = "{}[]\",:\\a 1\n"[random_below(12)];
        write_plain(made.text, made.length);
        reading r;
        ns__str got;
        size_t total = 0;
        ns_status status;
        begin_reading(&r, lists, 1 + random_below(60));
        while ((status = next(&r, &got)) == NS_OK || status == NS_ERR_LIMIT)
            total += got.length;
        assert_true(status == NS_DONE || status == NS_ERR_INPUT);
        assert_true(total <= made.length);
        end_reading(&r);
    }
}

/* Long elements are put away packed and brought back; those too long cost a part of the limit. */
static void test_long(void **state)
{
    (void)state;
    static char block[1 << 16];
    enum { BLOCKS = 400 }; /* 25 MB */
    const char *const kinds[] = {"\"", "[", "\n"};
    for (unsigned kind = 0; kind < 3; kind++) {
        gzFile file = gzopen(path, "wb1");
        gzprintf(file, "[{},\n{%s", kind == 0 ? "\"" : "");
        memset(block, kinds[kind][0] == '"' ? 'x' : kinds[kind][0], sizeof block);
        for (unsigned i = 0; i < BLOCKS; i++)
            gzwrite(file, block, sizeof block);
        memset(block, ']', sizeof block);
        for (unsigned i = 0; kind == 1 && i < BLOCKS; i++)
            gzwrite(file, block, sizeof block);
        gzprintf(file, "%s},{\"a\":1}]", kind == 0 ? "\"" : "");
        gzclose(file);
        const size_t length =
            (size_t)BLOCKS * sizeof block * (kind == 1 ? 2 : 1) + 2 + (kind == 0 ? 2 : 0);
        for (int less = 0; less < 2; less++) {
            reading r;
            ns__str got;
            begin_reading(&r, true, length - (size_t)less);
            assert_int_equal(next(&r, &got), NS_OK);
            assert_int_equal(next(&r, &got), less ? NS_ERR_LIMIT : NS_OK);
            assert_int_equal(got.length, less ? NS__SHOWN_BYTES : length);
            assert_int_equal(got.data[0], '{');
            assert_int_equal(r.lines.number, 2);
            assert_int_equal(next(&r, &got), NS_OK);
            assert_int_equal(got.length, 7);
            assert_memory_equal(got.data, "{\"a\":1}", 7);
            assert_int_equal(r.lines.number, kind == 2 ? 2 + BLOCKS * sizeof block : 2);
            assert_int_equal(next(&r, &got), NS_DONE);
            end_reading(&r);
        }
        reading r;
        ns__str got;
        begin_reading(&r, true, 1000);
        assert_int_equal(next(&r, &got), NS_OK);
        assert_int_equal(next(&r, &got), NS_ERR_LIMIT);
        assert_int_equal(next(&r, &got), NS_OK);
        assert_true(r.lines.capacity <= 256 * 1024);
        end_reading(&r);
    }
}

static void assert_over(const char *text, bool over)
{
    if (ns__elements_over_lines((ns__str){(const uint8_t *)text, strlen(text)}) != over)
        fail_msg("%s", text);
}

static void test_over_lines(void **state)
{
    (void)state;
    assert_over("{\n\"a\":1}", true);
    assert_over("{ \r\n", true);
    assert_over("{\"a\": 1,\n", true);
    assert_over("{\"a\": {\n{", false); /* broken lines */
    assert_over("{\"a\":\n {", true);
    assert_over("{\"a\": \"\n{", false);
    assert_over("{\"a\": \"x\\\n", false);
    assert_over("{\"a\": {}}\n{\n", false);
    assert_over("{\"a\": \"}\", \"b\":\n1}", true);
    assert_over("{broken\n", false);
    assert_over("{", false);
    assert_over("{\"a\":", false);
    assert_over("{}\n", false);
}

static int start(void **state)
{
    (void)state;
    const char *given = getenv("NS_SEED");
    seed = given != NULL ? strtoull(given, NULL, 0) : 1;
    print_message("NS_SEED=%llu\n", (unsigned long long)seed);
    const int file = mkstemp(path);
    return file < 0 || close(file) != 0;
}

static int finish(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random), cmocka_unit_test(test_borders),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_noise),
        cmocka_unit_test(test_long),   cmocka_unit_test(test_over_lines),
    };
    return cmocka_run_group_tests(tests, start, finish);
}
