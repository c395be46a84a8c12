/* Merging segments whose checksums are right and whose structures contradict each other: one
 * segment, or NS_ERR_CORRUPT. Nothing is wrong with what the caller passes. */
#include "unit/index/merge_help.h"

#include "segment/manifest.h"
#include "segment/segment.h"
#include "unit/spoil_text.h"

/* A byte of a file of the index's first segment. */
typedef struct place {
    int file;
    size_t at;
} place;

/* Changes bits there, and makes all checksums right. */
static void spoil(const char *name, place where, uint8_t bits)
{
    ns_error err = {0};
    ns__manifest manifest;
    assert_ok(ns__manifest_read(in_folder(name), &manifest, &err), err);
    ns__segment_ref *ref = &manifest.segments[0];
    char of_segment[64], path[600];
    size_t length = 0;
    ns__segment_file_name(ref, where.file, of_segment);
    snprintf(path, sizeof path, "%s/%s", in_folder(name), of_segment);
    uint8_t *bytes = (uint8_t *)read_whole_file(path, &length);
    const size_t sections = (size_t)ns__get_u64(bytes + length - 64) - 64;
    bytes[64 + where.at % sections] ^= bits;
    seal(bytes, length);
    ref->crcs[where.file] = ns__get_u32(bytes + length - 4);
    write_text_file(path, bytes, length);
    free(bytes);
    manifest.generation++;
    assert_ok(ns__manifest_write(in_folder(name), &manifest, &err), err);
    ns__manifest_release(&manifest);
}

/* NS_OK, or the status of whoever came upon the damage first. */
static ns_status merge_spoilt(const char *name, bool reorder, ns_error *err)
{
    ns_writer_options options;
    ns_writer *writer;
    ns_writer_options_init(&options);
    options.threads = 1;
    ns_status status = ns_writer_open(in_folder(name), &options, &writer, err);
    if (status != NS_OK)
        return status;
    status = reorder ? ns_writer_reorder(writer, NULL, err) : ns_writer_merge(writer, NULL, err);
    ns_writer_close(writer);
    return status;
}

static void assert_blamed(ns_status status, const ns_error *err)
{
    if (status != NS_ERR_CORRUPT || strncmp(err->file, test_folder, strlen(test_folder)) != 0 ||
        err->message[0] == '\0')
        fail_msg("%s: %s: %s", ns_status_name(status), err->file, err->message);
}

static void test_any_bit(void **state)
{
    (void)state;
    static const int FILES[] = {NS__FILE_ARTICLES, NS__FILE_TERMS, NS__FILE_POSTINGS,
                                NS__FILE_POSITIONS};
    ns_index_settings settings = small_blocks(); /* positions have blocks */
    make_index("sound", &settings, 2, 12, 0);    /* where words died, all are looked up first */
    int refused = 0;
    for (int round = 0; round < rounds(80); round++) {
        ns_error err = {0};
        const place where = {FILES[round % 4], random_below(1 << 20)};
        copy_index("sound", "spoilt");
        spoil("spoilt", where, (uint8_t)(1 << random_below(8)));
        ns_status status = merge_spoilt("spoilt", round / 4 % 2, &err);
        if (status != NS_OK)
            assert_blamed(status, &err);
        refused += status != NS_OK;
    }
    print_message("%d refused\n", refused);
    assert_true(refused > 0);
}

/* Where the first letter of the first term stands. */
static place first_letter(const char *name)
{
    ns_error err = {0};
    ns__manifest manifest;
    ns__segment segment;
    assert_ok(ns__manifest_read(in_folder(name), &manifest, &err), err);
    assert_ok(ns__segment_open(in_folder(name), &manifest.segments[0], &manifest.settings, &segment,
                               &err),
              err);
    const ns__frame *frame = &segment.frames[NS__FILE_TERMS];
    const size_t at = (size_t)(segment.terms.table.data.data - frame->map.data) - 64;
    ns__segment_close(&segment);
    ns__manifest_release(&manifest);
    return (place){NS__FILE_TERMS, at + 1}; /* behind the two lengths */
}

/* What no reader sees: the segment that is written would not be in order. */
static void test_order_of_terms(void **state)
{
    (void)state;
    make_index("ordered", NULL, 2, 12, 0);
    const place letter = first_letter("ordered");
    for (int reorder = 0; reorder < 2; reorder++) {
        ns_error err = {0};
        copy_index("ordered", "spoilt");
        spoil("spoilt", letter, 0x80);
        assert_blamed(merge_spoilt("spoilt", reorder, &err), &err);
        assert_string_equal(err.file, in_folder("spoilt"));
        assert_true(err.offset == NS_NO_OFFSET);
        assert_non_null(strstr(err.message, "out of order"));
    }
}

/* Text that ends inside a character is not analysed: where an article died, its words are looked up
 * in what the others say. */
static void test_cut_character(void **state)
{
    (void)state;
    static const char *const RECORDS[] = {
        "{\"id\":\"1\",\"title\":\"Quay caf\xc3\xa9\",\"body\":\"A reef of th\xc3\xa9\"}",
        "{\"id\":\"2\",\"title\":\"Bay\",\"body\":\"Reef\"}"};
    ns_error err = {0};
    ns_writer *writer = open_writer("cut", NULL);
    for (int i = 0; i < 3; i++) { /* the second one twice */
        const char *json = RECORDS[i > 0];
        assert_ok(ns_writer_add_json(writer, json, strlen(json), &err), err);
        if (i > 0)
            commit(writer);
    }
    ns_writer_close(writer);
    const size_t titles = strlen("Quay caf\xc3\xa9");
    for (size_t at = 0; at < titles + strlen("A reef of th\xc3\xa9"); at++) {
        uint8_t byte = 0xf0; /* a character's first */
        copy_index("cut", "spoilt");
        spoil_text(in_folder("spoilt"), at, &byte);
        assert_blamed(merge_spoilt("spoilt", false, &err), &err);
        assert_non_null(strstr(err.message, "UTF-8"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_any_bit),
                                       cmocka_unit_test(test_cut_character),
                                       cmocka_unit_test(test_order_of_terms)};
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
