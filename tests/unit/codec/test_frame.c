/* Frames: what is written comes back, and no bit of a file can change unnoticed. */
#include "codec_test.h"

#include <libdeflate.h>
#include <unistd.h>
#include <zlib.h>

#include "base/buf.h"
#include "codec/frame_layout.h"

#define KIND NS_FOURCC('t', 'e', 's', 't')
#define NAME(i) NS_FOURCC('s', 'e', 'c', 'a' + (i))

static char directory[64], path[128], damaged[128];
static const ns__segment_id id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/ns-frame-XXXXXX");
    if (mkdtemp(directory) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/frame", directory);
    snprintf(damaged, sizeof damaged, "%s/damaged", directory);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    unlink(damaged);
    return rmdir(directory);
}

static uint8_t byte_of(unsigned section, size_t i)
{
    return (uint8_t)(section * 31 + i * 7 + i / 251);
}

/* A file with sections of these lengths, appended in odd pieces. */
static void write_frame(const size_t *lengths, unsigned count)
{
    unlink(path);
    ns__frame_writer *writer;
    assert_int_equal(ns__frame_create(path, KIND, &writer, NULL), NS_OK);
    for (unsigned s = 0; s < count; s++) {
        ns__frame_section(writer, NAME(s));
        uint8_t piece[5000];
        for (size_t at = 0; at < lengths[s];) {
            assert_int_equal(ns__frame_section_offset(writer), at);
            size_t part = 1 + (at * 31 + s) % sizeof piece;
            if (part > lengths[s] - at)
                part = lengths[s] - at;
            for (size_t i = 0; i < part; i++)
                piece[i] = byte_of(s, at + i);
            ns__frame_append(writer, piece, part);
            at += part;
        }
    }
    uint64_t bytes;
    uint32_t crc;
    assert_int_equal(ns__frame_finish(writer, id, false, &bytes, &crc, NULL), NS_OK);
    ns__file_info info;
    assert_int_equal(ns__file_stat(path, &info, NULL), NS_OK);
    assert_int_equal(info.bytes, bytes);
    ns__frame frame;
    assert_int_equal(ns__frame_open(path, KIND, &frame, NULL), NS_OK);
    assert_int_equal(frame.footer_crc, crc);
    ns__frame_close(&frame);
}

static void check_frame(const size_t *lengths, unsigned count)
{
    ns__frame frame;
    ns_error err = {0};
    assert_int_equal(ns__frame_open(path, KIND, &frame, &err), NS_OK);
    assert_int_equal(ns__frame_verify(&frame, &err), NS_OK);
    assert_int_equal(frame.section_count, count);
    assert_int_equal(frame.version, NS_FORMAT_VERSION);
    assert_memory_equal(frame.id.bytes, id.bytes, sizeof id.bytes);
    for (unsigned s = 0; s < count; s++) {
        ns__str section;
        assert_int_equal(ns__frame_find(&frame, NAME(s), &section, &err), NS_OK);
        assert_int_equal(section.length, lengths[s]);
        assert_int_equal((section.data - frame.map.data) % NS_SECTION_ALIGN, 0);
        assert_true((size_t)(section.data - frame.map.data) + section.length + NS_PACK_SLACK <=
                    frame.map.length);
        for (size_t i = 0; i < section.length; i++)
            if (section.data[i] != byte_of(s, i))
                fail_msg("section %u differs at %zu", s, i);
    }
    ns__str section;
    assert_int_equal(ns__frame_find(&frame, NS_FOURCC('n', 'o', 'n', 'e'), &section, &err),
                     NS_ERR_CORRUPT);
    assert_string_equal(err.message, "section 'none' is missing");
    assert_string_equal(err.file, path);
    ns__frame_close(&frame);
}

static void test_round_trip(void **state)
{
    (void)state;
    const size_t lengths[][4] = {{0, 0, 0, 0},
                                 {1, 63, 64, 65},
                                 {NS_FRAME_CHUNK - 64, 0, 1, 100},
                                 {NS_FRAME_CHUNK - 65, NS_FRAME_CHUNK, 7, 0},
                                 {300000, 12, 0, NS_FRAME_CHUNK * 2}};
    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (unsigned count = 0; count <= 4; count++) {
            write_frame(lengths[i], count);
            check_frame(lengths[i], count);
        }
}

static ns__buf read_file(void)
{
    ns__buf bytes = {0};
    ns__map map;
    assert_int_equal(ns__map_open(path, NS__MAP_SEQUENTIAL, &map, NULL), NS_OK);
    ns__buf_append(&bytes, map.data, map.length);
    ns__map_close(&map);
    return bytes;
}

static void write_damaged(const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(damaged, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

/* NS_OK only when opening and verifying both say so. */
static ns_status open_and_verify(ns_error *err)
{
    ns__frame frame;
    *err = (ns_error){0};
    ns_status status = ns__frame_open(damaged, KIND, &frame, err);
    if (status == NS_OK) {
        status = ns__frame_verify(&frame, err);
        ns__frame_close(&frame);
    }
    if (status < 0)
        assert_string_equal(err->file, damaged);
    return status;
}

/* Where the structure that holds `at` begins and ends. */
static void structure_of(const ns__buf *bytes, size_t at, size_t *begin, size_t *end)
{
    size_t footer = bytes->length - FRAME_FOOTER_BYTES;
    size_t tables = (size_t)ns__get_u64(bytes->data + footer + FOOTER_TABLES);
    *begin = at >= footer ? footer : at >= tables ? tables : at / NS_FRAME_CHUNK * NS_FRAME_CHUNK;
    *end = at >= footer ? bytes->length : at >= tables ? footer : *begin + NS_FRAME_CHUNK;
    if (at < FRAME_HEADER_BYTES)
        *end = FRAME_HEADER_BYTES;
}

static void check_flip(ns__buf *bytes, size_t bit)
{
    const uint8_t kept = bytes->data[bit / 8];
    size_t begin, end;
    structure_of(bytes, bit / 8, &begin, &end);
    bytes->data[bit / 8] = (uint8_t)(kept ^ 1u << bit % 8);
    write_damaged(bytes->data, bytes->length);
    ns_error err;
    if (open_and_verify(&err) != NS_ERR_CORRUPT)
        fail_msg("bit %zu flips unnoticed", bit);
    if (err.offset < begin || err.offset >= end)
        fail_msg("bit %zu is reported at %llu", bit, (unsigned long long)err.offset);
    bytes->data[bit / 8] = kept;
}

static void test_every_bit_is_covered(void **state)
{
    (void)state;
    const size_t lengths[4] = {70, 1, 0, 130};
    write_frame(lengths, 4);
    ns__buf bytes = read_file();
    write_damaged(bytes.data, bytes.length);
    ns_error err;
    assert_int_equal(open_and_verify(&err), NS_OK);
    for (size_t bit = 0; bit < bytes.length * 8; bit++)
        check_flip(&bytes, bit);
    ns__buf_release(&bytes);
}

static void test_damage_in_later_chunks(void **state)
{
    (void)state;
    seed_random();
    const size_t lengths[3] = {NS_FRAME_CHUNK, 10, NS_FRAME_CHUNK + 1000};
    write_frame(lengths, 3);
    ns__buf bytes = read_file();
    for (unsigned i = 0; i < 200; i++)
        check_flip(&bytes, random_below((uint32_t)bytes.length * 8));
    ns__buf_release(&bytes);
}

static void test_every_length(void **state)
{
    (void)state;
    const size_t lengths[3] = {70, 1, 130};
    write_frame(lengths, 3);
    ns__buf bytes = read_file();
    const size_t full = bytes.length;
    ns_error err;
    for (size_t length = 0; length < full; length++) {
        write_damaged(bytes.data, length);
        assert_int_equal(open_and_verify(&err), NS_ERR_CORRUPT);
    }
    for (size_t more = 0; more < 200; more++) {
        ns__buf_u8(&bytes, more < 100 ? 0 : bytes.data[full - 100 + more - 100]);
        write_damaged(bytes.data, bytes.length);
        assert_int_equal(open_and_verify(&err), NS_ERR_CORRUPT);
    }
    ns__buf_release(&bytes);
}

static void seal_at(ns__buf *bytes, size_t at)
{
    ns__put_u32(bytes->data + at + FRAME_CRC_AT,
                libdeflate_crc32(0, bytes->data + at, FRAME_CRC_AT));
}

static void test_versions_and_kinds(void **state)
{
    (void)state;
    const size_t lengths[1] = {10};
    write_frame(lengths, 1);
    ns__buf bytes = read_file();
    ns_error err;
    ns__put_u32(bytes.data + HEADER_VERSION, 7);
    seal_at(&bytes, 0);
    write_damaged(bytes.data, bytes.length);
    assert_int_equal(open_and_verify(&err), NS_ERR_VERSION);
    assert_string_equal(err.message, "written by a newer ns (format 7); update ns");
    ns__put_u32(bytes.data + HEADER_VERSION, NS_FORMAT_VERSION - 1);
    seal_at(&bytes, 0);
    write_damaged(bytes.data, bytes.length);
    assert_int_equal(open_and_verify(&err), NS_ERR_VERSION);
    assert_non_null(
        strstr(err.message, "written by an older ns (format 3); build the index again"));
    ns__put_u32(bytes.data + HEADER_VERSION, NS_FORMAT_VERSION);
    ns__put_u32(bytes.data + HEADER_KIND, NS_FOURCC('o', 'd', 'd', 1));
    seal_at(&bytes, 0);
    write_damaged(bytes.data, bytes.length);
    assert_int_equal(open_and_verify(&err), NS_ERR_CORRUPT);
    assert_string_equal(err.message, "this is a file of kind 'odd?', not 'test' as expected");
    bytes.data[0] = 'N';
    write_damaged(bytes.data, bytes.length);
    assert_int_equal(open_and_verify(&err), NS_ERR_CORRUPT);
    assert_string_equal(err.message, "this is not a file of an ns index");
    ns__frame frame;
    unlink(damaged);
    assert_int_equal(ns__frame_open(damaged, KIND, &frame, &err), NS_NOT_FOUND);
    ns__buf_release(&bytes);
}

/* Tables with a right checksum and wrong contents: a hostile file, not a damaged one. */
static void test_hostile_tables(void **state)
{
    (void)state;
    const size_t lengths[3] = {70, 1, 130};
    write_frame(lengths, 3);
    ns__buf bytes = read_file();
    const size_t footer = bytes.length - FRAME_FOOTER_BYTES;
    const size_t tables = (size_t)ns__get_u64(bytes.data + footer + FOOTER_TABLES);
    seed_random();
    unsigned refused = 0;
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t kept[1024];
        const size_t length = bytes.length - tables;
        memcpy(kept, bytes.data + tables, length);
        size_t at = tables + 4 * random_below(round % 2 ? 18 : 18 + 16);
        if (round % 2 == 0 && at >= tables + 72)
            at = footer + 4 * random_below(7);
        ns__put_u32(bytes.data + at, random_below(4) ? random_below(600) : (uint32_t)random64());
        ns__put_u32(bytes.data + footer + FOOTER_TABLES_CRC,
                    libdeflate_crc32(0, bytes.data + tables, footer - tables));
        seal_at(&bytes, footer);
        bool same = memcmp(kept, bytes.data + tables, length) == 0;
        write_damaged(bytes.data, bytes.length);
        ns__frame frame;
        ns_error err = {0};
        if (ns__frame_open(damaged, KIND, &frame, &err) == NS_OK) {
            uint64_t end = FRAME_HEADER_BYTES;
            for (uint32_t i = 0; i < frame.section_count; i++) {
                assert_int_equal(frame.sections[i].offset, ns__frame_align(end));
                end = frame.sections[i].offset + frame.sections[i].length;
            }
            assert_int_equal(ns__frame_align(end), tables);
            assert_true(same || at < footer); /* nothing in the footer is free */
            ns__frame_close(&frame);
        } else {
            assert_false(same);
            refused++;
        }
        memcpy(bytes.data + tables, kept, length);
    }
    assert_true(refused > 2000);
    ns__buf_release(&bytes);
}

static void test_misuse(void **state)
{
    (void)state;
    unlink(path);
    ns__frame_writer *writer;
    ns_error err = {0};
    for (unsigned kind = 0; kind < 3; kind++) {
        assert_int_equal(ns__frame_create(path, KIND, &writer, &err), NS_OK);
        if (kind == 0)
            ns__frame_append(writer, "x", 1);
        for (unsigned i = 0; kind > 0 && i < (kind == 1 ? 2 : NS_FRAME_MAX_SECTIONS + 1u); i++)
            ns__frame_section(writer, kind == 1 ? KIND : i);
        assert_int_equal(ns__frame_finish(writer, id, false, NULL, NULL, &err), NS_ERR_ARGUMENT);
        assert_int_not_equal(access(path, F_OK), 0); /* nothing half-written stays */
    }
    assert_int_equal(ns__frame_create(path, KIND, &writer, &err), NS_OK);
    ns__frame_abandon(writer);
    assert_int_not_equal(access(path, F_OK), 0);
    ns__frame_abandon(NULL);
    write_damaged((const uint8_t *)"x", 1);
    assert_int_equal(ns__frame_create(damaged, KIND, &writer, &err), NS_ERR_IO);
    assert_null(writer);
}

static void test_corrupt_at(void **state)
{
    (void)state;
    const size_t lengths[1] = {10};
    write_frame(lengths, 1);
    ns__frame frame;
    ns_error err = {0};
    assert_int_equal(ns__frame_open(path, KIND, &frame, &err), NS_OK);
    assert_int_equal(ns__frame_corrupt(&frame, frame.map.data + 70, &err, "odd"), NS_ERR_CORRUPT);
    assert_int_equal(err.offset, 70);
    assert_string_equal(err.message, "odd");
    assert_int_equal(ns__frame_corrupt(&frame, &frame, &err, "odd"), NS_ERR_CORRUPT);
    assert_true(err.offset == NS_NO_OFFSET);
    ns__frame_close(&frame);
}

/* The checksums are those of zlib, so that other tools can check a file. */
static void test_crc_is_zlib(void **state)
{
    (void)state;
    const size_t lengths[1] = {NS_FRAME_CHUNK + 10};
    write_frame(lengths, 1);
    ns__buf bytes = read_file();
    const uint8_t *footer = bytes.data + bytes.length - FRAME_FOOTER_BYTES;
    const uint8_t *crcs = bytes.data + ns__get_u64(footer) + FRAME_SECTION_BYTES;
    assert_int_equal(crc32(0, bytes.data, NS_FRAME_CHUNK), ns__get_u32(crcs));
    assert_int_equal(crc32(0, footer, FRAME_CRC_AT), ns__get_u32(footer + FRAME_CRC_AT));
    ns__buf_release(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_bit_is_covered),
        cmocka_unit_test(test_damage_in_later_chunks),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_versions_and_kinds),
        cmocka_unit_test(test_hostile_tables),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_corrupt_at),
        cmocka_unit_test(test_crc_is_zlib),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
