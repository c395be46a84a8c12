/* Every line of the shared corpora comes back byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ingest/lines.h"
#include "ingest/reader.h"

static ns_error err;

static const char *corpus(const char *name)
{
    static char path[512];
    const char *shared = getenv("NS_SHARED");
    snprintf(path, sizeof path, "%s/corpora/%s",
             shared != NULL ? shared : NS_SOURCE_DIR "/../shared", name);
    if (access(path, R_OK) != 0) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    return path;
}

static uint64_t compare_lines(const char *path, uint64_t most)
{
    ns__input *input;
    ns__lines lines = {0};
    ns__record record = {0};
    ns__buf meta = {0}, out = {0};
    assert_int_equal(ns__input_open(path, (ns__pulse){NULL, NULL}, &input, &err), NS_OK);
    ns__lines_start(&lines, input, 64 << 20);
    ns__str line;
    while (lines.number < most && ns__lines_next(&lines, &line, &err) == NS_OK) {
        ns_status status = ns__jsonl_parse(line, path, lines.number, &record, &err);
        if (status != NS_OK)
            fail_msg("%s:%u: %s", path, (unsigned)lines.number, err.message);
        ns__buf_clear(&meta);
        ns__buf_clear(&out);
        ns__record_pack_fields(&record, &meta);
        assert_true(ns__record_show(&record, (ns__str){meta.data, meta.length}, &out));
        if (!ns__str_equal((ns__str){out.data, out.length}, line))
            fail_msg("%s:%u comes back differently", path, (unsigned)lines.number);
        assert_int_equal(record.replaced, 0);
        if (record.date_text.length > 0)
            assert_true(record.date.precision >= NS__DATE_DAY);
    }
    uint64_t count = lines.number;
    ns__input_close(input);
    ns__lines_release(&lines);
    ns__record_release(&record);
    ns__buf_release(&meta);
    ns__buf_release(&out);
    return count;
}

static void test_reuters(void **state)
{
    (void)state;
    const char *path = corpus("reuters21578.jsonl.gz");
    assert_int_equal(compare_lines(path, UINT64_MAX), 21577 + 1); /* and the end */

    ns__reader *reader;
    ns__record record = {0};
    assert_int_equal(ns__reader_open(&path, 1, NULL, &reader, &err), NS_OK);
    uint64_t count = 0, done, total;
    while (ns__reader_next(reader, &record, &err) == NS_OK)
        count++;
    assert_int_equal(count, 21577);
    ns__reader_progress(reader, &done, &total);
    assert_int_equal(done, total);
    assert_true(total > 1000000);
    ns__reader_close(reader);
    ns__record_release(&record);
}

static void test_samples(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"bbc",         "chronam1916", "crudrag_zh",
                                        "gnad10k_de",  "guardian",    "livedoor_ja",
                                        "masakhanews", "moroccan_ar", "wmt21_multi"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.jsonl.gz", NAMES[i]);
        const char *all = getenv("NS_ALL_LINES");
        assert_true(compare_lines(corpus(name), all != NULL ? UINT64_MAX : 500) >= 500);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reuters),
        cmocka_unit_test(test_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
