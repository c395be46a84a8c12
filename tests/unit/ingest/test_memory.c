/* Each allocation of a parse and of a whole reading fails once: an error each time, no leak (the
 * address sanitizer looks), and the next try works.
 *
 * mem.c is compiled in with failing functions, so that its object in the library is not linked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static long allowed = -1; /* allocations until one fails; negative: all succeed */

static bool fails(void)
{
    return allowed >= 0 && allowed-- == 0;
}

static void *failing_malloc(size_t bytes)
{
    return fails() ? NULL : malloc(bytes);
}

static void *failing_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}

static void *failing_realloc(void *old, size_t bytes)
{
    return fails() ? NULL : realloc(old, bytes);
}

static void *failing_aligned(size_t alignment, size_t bytes)
{
    return fails() ? NULL : aligned_alloc(alignment, bytes);
}

#define malloc failing_malloc
#define calloc failing_calloc
#define realloc failing_realloc
#define aligned_alloc failing_aligned
#include "../../../src/base/mem.c"
#undef malloc
#undef calloc
#undef realloc
#undef aligned_alloc

#include <zlib.h>

#include "ingest/reader.h"

static const char LINE[] =
    "{\"id\": \"1\", \"title\": \"a\\nb\", \"body\": \"\\ud800 c\", \"author\": [\"x\", \"y\\n\"]}";
enum { MOST = 1000 };

static ns_status parse_once(ns_error *err)
{
    ns__record record = {0};
    ns_status status =
        ns__jsonl_parse((ns__str){(const uint8_t *)LINE, sizeof LINE - 1}, "x", 1, &record, err);
    ns__record_release(&record);
    return status;
}

static ns_status parse_plain_once(ns_error *err)
{
    ns__record record = {0};
    ns_status status = ns__jsonl_parse_plain((ns__str){(const uint8_t *)LINE, sizeof LINE - 1}, "x",
                                             1, &record, err);
    ns__record_release(&record);
    return status;
}

static char folder[] = "/tmp/ns_test_XXXXXX";

static ns_status read_once(ns_error *err)
{
    const char *paths[] = {folder};
    ns__reader *reader;
    ns__record record = {0};
    ns_status status = ns__reader_open(paths, 1, NULL, &reader, err);
    for (unsigned count = 0; status == NS_OK; count++) {
        status = ns__reader_next(reader, &record, err);
        if (status == NS_DONE)
            assert_int_equal(count, 3);
    }
    ns__reader_close(reader);
    ns__record_release(&record);
    return status;
}

static void fail_each(ns_status (*run)(ns_error *err), ns_status wanted, unsigned least)
{
    unsigned failed = 0;
    for (long n = 0; n < MOST; n++) {
        ns_error err = {0};
        allowed = n;
        ns_status status = run(&err);
        bool all = allowed >= 0; /* never came to the one that fails */
        allowed = -1;
        if (all) {
            assert_int_equal(status, wanted);
            assert_true(failed >= least);
            return;
        }
        assert_int_equal(status, NS_ERR_MEMORY);
        assert_string_equal(err.message, "out of memory");
        failed++;
    }
    fail_msg("more than %d allocations", MOST);
}

static void test_parse(void **state)
{
    (void)state;
    fail_each(parse_once, NS_OK, 5); /* mended line, storage, scratch, fields, joined list */
    fail_each(parse_plain_once, NS_OK, 8);
}

static void test_reading(void **state)
{
    (void)state;
    char packed[64], text[64];
    assert_non_null(mkdtemp(folder));
    snprintf(packed, sizeof packed, "%s/a.jsonl.gz", folder);
    snprintf(text, sizeof text, "%s/b.txt", folder);
    gzFile out = gzopen(packed, "wb");
    gzprintf(out, "%s\n%s\n", LINE, LINE);
    gzclose(out);
    FILE *plain = fopen(text, "w");
    fputs("A title\n\nAnd a body.\n", plain);
    fclose(plain);
    fail_each(read_once, NS_DONE, 10);
    unlink(packed);
    unlink(text);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
