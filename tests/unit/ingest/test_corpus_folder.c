/* The project's own corpus folder: every article is read, and what is beside them is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/reader.h"
#include "ingest/walk.h"

enum { ARTICLES = 116, TEXTS = 3 };

static void test_folder(void **state)
{
    (void)state;
    const char *path = NS_SOURCE_DIR "/corpus";
    ns__reader *reader = NULL;
    assert_int_equal(ns__reader_open(&path, 1, NULL, &reader, NULL), NS_OK);
    ns__record record = {0};
    size_t lines = 0, texts = 0, untitled = 0;
    ns_status status;
    while ((status = ns__reader_next(reader, &record, NULL)) == NS_OK) {
        assert_int_equal(record.replaced, 0);
        assert_true(record.id.length > 0 && record.body.length > 0);
        assert_null(strstr(record.origin, "README"));
        assert_null(strstr(record.origin, "LICENSE"));
        bool text = record.line == 0;
        texts += text;
        lines += !text;
        untitled += record.title.length == 0;
        if (!text)
            assert_int_not_equal(record.date.precision, NS__DATE_NONE);
    }
    assert_int_equal(status, NS_DONE);
    assert_int_equal(lines, ARTICLES);
    assert_int_equal(texts, TEXTS);
    assert_int_equal(untitled, 1);
    ns__record_release(&record);
    ns__reader_close(reader);
}

static void test_suffixes(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        ns__walk_suffix kind;
    } CASES[] = {
        {"a.jsonl", NS__SUFFIX_JSONL},      {"a.ndjson", NS__SUFFIX_JSONL},
        {"a.JSON", NS__SUFFIX_JSONL},       {"a/b.jsonl.gz", NS__SUFFIX_JSONL},
        {"a.txt", NS__SUFFIX_TEXT},         {"a.text", NS__SUFFIX_TEXT},
        {"a.Txt.gz", NS__SUFFIX_TEXT},      {"README.md", NS__SUFFIX_OTHER},
        {"README.md.gz", NS__SUFFIX_OTHER}, {"LICENSE", NS__SUFFIX_OTHER},
        {"a.gz", NS__SUFFIX_OTHER},         {".txt", NS__SUFFIX_OTHER},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        if (ns__walk_suffix_of(CASES[i].path) != CASES[i].kind)
            fail_msg("%s is taken for another kind", CASES[i].path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folder),
        cmocka_unit_test(test_suffixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
