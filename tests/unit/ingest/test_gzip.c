/* igzip against zlib: whatever a gzip file holds, both ways give the same bytes and the same error.
 * Only where a damaged file goes wrong may differ: igzip may find it later, in bytes that are
 * refused as a record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "ingest/igzip.h"
#include "ingest/input.h"
#include "unit/quick.h"

enum { MOST_PLAIN = 400000, MOST_FILE = 8 * MOST_PLAIN };

static const ns__pulse NO_PULSE;
static char path[] = "/tmp/ns_test_gzip_XXXXXX";
static uint64_t seed;
static uint8_t plain[MOST_PLAIN], file[MOST_FILE];
static size_t length; /* of the file */

static unsigned random_below(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)(seed >> 24) % below;
}

/* What a reading gave. */
typedef struct outcome {
    uint8_t *bytes;
    size_t length;
    ns_status status;
    ns_error error;
    uint64_t taken;
} outcome;

static void add_member(size_t bytes, int level, int strategy)
{
    z_stream zlib = {0};
    assert_int_equal(deflateInit2(&zlib, level, Z_DEFLATED, 15 + 16, 8, strategy), Z_OK);
    zlib.next_in = plain;
    zlib.avail_in = (unsigned)bytes;
    zlib.next_out = file + length;
    zlib.avail_out = (unsigned)(MOST_FILE - length);
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    length += zlib.total_out;
    deflateEnd(&zlib);
}

/* Words and noise: literals, near and far matches. */
static void fill_plain(void)
{
    for (size_t at = 0; at < MOST_PLAIN;) {
        size_t run = 1 + random_below(40), back = 1 + random_below(40000);
        for (bool copy = random_below(3) > 0 && back <= at; run > 0 && at < MOST_PLAIN; run--, at++)
            plain[at] = copy ? plain[at - back] : (uint8_t)('a' + random_below(40));
    }
}

static void write_file(void)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(file, 1, length, out), length);
    fclose(out);
}

static outcome read_file(bool plainly, size_t room)
{
    outcome got = {.bytes = malloc(MOST_FILE + room)};
    ns__input *input;
    ns_error err = {0};
    assert_non_null(got.bytes);
    got.status = (plainly ? ns__input_open_plain : ns__input_open)(path, NO_PULSE, &input, &err);
    assert_int_equal(got.status, NS_OK);
    for (size_t part = 1; got.status == NS_OK && part > 0; got.length += part) {
        assert_true(got.length <= MOST_FILE);
        got.status = ns__input_read(input, got.bytes + got.length, room, &part, &got.error);
    }
    size_t more;
    if (got.status != NS_OK) { /* it comes again */
        assert_int_equal(ns__input_read(input, got.bytes, room, &more, &err), got.status);
        assert_string_equal(err.message, got.error.message);
    }
    got.taken = ns__input_taken(input);
    ns__input_close(input);
    return got;
}

/* `damaged`: what igzip found before it saw the damage may be more. */
static void compare(size_t room, bool damaged)
{
    write_file();
    outcome want = read_file(true, room), got = read_file(false, room);
    assert_int_equal(got.status, want.status);
    if (!damaged || got.length <= want.length)
        assert_int_equal(got.length, want.length);
    assert_memory_equal(got.bytes, want.bytes, want.length);
    if (want.status != NS_OK) {
        assert_string_equal(got.error.message, want.error.message);
        assert_int_equal(got.error.offset, want.error.offset);
    }
    free(want.bytes);
    free(got.bytes);
}

static void make_file(void)
{
    length = 0;
    for (unsigned members = 1 + random_below(4); members > 0; members--)
        add_member(random_below(random_below(8) ? 60000 : MOST_PLAIN), (int)random_below(10),
                   (int)random_below(5));
}

static size_t any_room(void)
{
    return 1 + random_below(random_below(2) ? 3000 : 300000);
}

static void test_whole(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(quick_tests() ? 20 : 100); i++) {
        make_file();
        compare(any_room(), false);
        for (unsigned zeros = random_below(200); zeros > 0; zeros--) /* padding */
            file[length++] = 0;
        compare(any_room(), false);
        file[length++] = 'x'; /* and what is none */
        compare(any_room(), false);
    }
}

static void test_cut(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(quick_tests() ? 40 : 200); i++) {
        make_file();
        length = 2 + random_below((unsigned)length - 2);
        compare(any_room(), false);
    }
}

static void test_damaged(void **state)
{
    (void)state;
    for (int i = 0; i < rounds(quick_tests() ? 100 : 400); i++) {
        make_file();
        for (unsigned flips = 1 + random_below(3); flips > 0; flips--)
            file[2 + random_below((unsigned)length - 2)] ^= (uint8_t)(1 << random_below(8));
        compare(any_room(), true);
    }
}

/* A pipe cannot be read twice. */
static void test_pipe(void **state)
{
    (void)state;
    char pipe_path[sizeof path + 8], command[128];
    snprintf(pipe_path, sizeof pipe_path, "%s.pipe", path);
    make_file();
    write_file();
    snprintf(command, sizeof command, "cat %s >%s &", path, pipe_path);
    outcome want = read_file(true, 1000);
    assert_int_equal(mkfifo(pipe_path, 0600), 0);
    assert_int_equal(system(command), 0);
    ns__input *input;
    ns_error err;
    size_t got = 0, part = 1;
    assert_int_equal(ns__input_open(pipe_path, NO_PULSE, &input, &err), NS_OK);
    for (uint8_t bytes[1000]; part > 0; got += part) {
        assert_int_equal(ns__input_read(input, bytes, sizeof bytes, &part, &err), NS_OK);
        assert_memory_equal(bytes, want.bytes + got, part);
    }
    assert_int_equal(got, want.length);
    ns__input_close(input);
    unlink(pipe_path);
    free(want.bytes);
}

static int start(void **state)
{
    (void)state;
    ns__igzip *igzip;
    ns_error err;
    assert_int_equal(ns__igzip_open(&igzip, &err), NS_OK);
    if (igzip == NULL)
        print_message("no ISA-L here: zlib is compared with itself\n");
    ns__igzip_close(igzip);
    const char *given = getenv("NS_SEED");
    seed = given != NULL ? strtoull(given, NULL, 0) : 1;
    print_message("NS_SEED=%llu\n", (unsigned long long)seed);
    fill_plain();
    int descriptor = mkstemp(path);
    return descriptor < 0 || close(descriptor) != 0;
}

static int end(void **state)
{
    (void)state;
    return unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_pipe),
    };
    return cmocka_run_group_tests(tests, start, end);
}
