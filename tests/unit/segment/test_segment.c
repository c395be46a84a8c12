/* A segment as a whole: opened and compared with its ref, exchanged and damaged files refused. */
#include "segment_build.h"

#include "segment/manifest.h"

enum { DOCS = 70 };

static doc docs[DOCS];
static doc_texts texts[DOCS];

static int start(void **state)
{
    random_start();
    make_docs(docs, texts, DOCS, 60);
    return make_folder(state);
}

static char *file_path(const ns__segment_ref *ref, int file)
{
    char name[64];
    ns__segment_file_name(ref, file, name);
    return ns__path_join(folder, name);
}

static void read_file(const char *path, uint8_t **bytes, size_t *length)
{
    ns__map map;
    assert_fine(ns__map_open(path, NS__MAP_RANDOM, &map, err));
    *bytes = malloc(map.length + 1);
    memcpy(*bytes, map.data, map.length);
    (*bytes)[map.length] = 0;
    *length = map.length;
    ns__map_close(&map);
}

static void write_file(const char *path, const uint8_t *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static bool count_fault(void *payload, const char *file, uint64_t offset, const char *message)
{
    int *count = payload;
    printf("fault: %s at %llu: %s\n", file, (unsigned long long)offset, message);
    return ++*count < 20;
}

static void test_open_and_check(void **state)
{
    (void)state;
    static const uint32_t blocks[] = {2, 4, 256};
    static const uint32_t counts[] = {1, 3, DOCS};
    for (size_t b = 0; b < 3; b++)
        for (size_t c = 0; c < 3; c++)
            for (uint32_t weight = 1; weight < 4; weight += 2) {
                ns_index_settings settings = small_settings();
                ns__segment_ref ref;
                ns__segment segment;
                int faults = 0;
                settings.block_postings = blocks[b];
                settings.title_weight = weight;
                build_segment(folder, docs, counts[c], &settings, LIE_NONE, &ref);
                assert_fine(ns__segment_open(folder, &ref, &settings, &segment, err));
                assert_int_equal(segment.articles.count, counts[c]);
                assert_false(ns__segment_deleted(&segment, 0));
                assert_fine(ns__segment_check(&segment, &settings, count_fault, &faults, err));
                assert_int_equal(faults, 0);
                ns__segment_close(&segment);
                empty_folder();
            }
}

/* No false alarm on many random segments. */
static void test_no_false_alarm(void **state)
{
    (void)state;
    int rounds = getenv("NS_FULL") ? 1000 : 40;
    for (int i = 0; i < rounds; i++) {
        ns_index_settings settings = small_settings();
        ns__segment_ref ref;
        ns__segment segment;
        int faults = 0;
        uint32_t count = 1 + random_below(DOCS - 1);
        make_docs(docs, texts, count, 1 + random_below(100));
        settings.block_postings = 2u << random_below(4);
        settings.window_passages = 16u << random_below(3);
        settings.k1 = random_below(3) * 0.6;
        settings.b = random_below(3) * 0.5;
        build_segment(folder, docs, count, &settings, LIE_NONE, &ref);
        assert_fine(ns__segment_open(folder, &ref, &settings, &segment, err));
        assert_fine(ns__segment_check(&segment, &settings, count_fault, &faults, err));
        assert_int_equal(faults, 0);
        ns__segment_close(&segment);
        empty_folder();
    }
}

static void test_ref_must_match(void **state)
{
    (void)state;
    ns_index_settings settings = small_settings();
    ns__segment_ref good, ref;
    ns__segment segment;
    ns_error error = {0};
    build_segment(folder, docs, DOCS, &settings, LIE_NONE, &good);
    settings.no_text = true; /* but there is text */
    assert_int_equal(ns__segment_open(folder, &good, &settings, &segment, &error), NS_ERR_CORRUPT);
    assert_non_null(strstr(error.file, ".txt"));
    settings.no_text = false;
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        ref = good;
        ref.bytes[i]++;
        assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error),
                         NS_ERR_CORRUPT);
        assert_non_null(strstr(error.message, "does not belong to this commit"));
        ref = good;
        ref.crcs[i] ^= 1;
        assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error),
                         NS_ERR_CORRUPT);
        char *path = file_path(&good, i);
        assert_string_equal(error.file, path);
        ns__free(path);
    }
    ref = good;
    ref.id.bytes[15]++; /* not part of the name */
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_ERR_CORRUPT);
    assert_non_null(strstr(error.message, "another segment"));
    uint32_t *const counts[] = {&ref.articles, &ref.passages, &ref.terms, &ref.surfaces};
    for (size_t i = 0; i < 4; i++) {
        ref = good;
        ++*counts[i];
        assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error),
                         NS_ERR_CORRUPT);
        assert_non_null(strstr(error.message, "manifest"));
    }
    ref = good;
    ref.tokens++;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_ERR_CORRUPT);
    ref = good;
    settings.title_weight = 3;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_ERR_CORRUPT);
    ref.generation = 2; /* other names */
    settings.title_weight = 2;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_NOT_FOUND);
}

/* Files of two commits exchanged: right checksums, wrong place. */
static void test_exchanged_files(void **state)
{
    (void)state;
    ns_index_settings settings = small_settings();
    ns__segment_ref one, two;
    ns__segment segment;
    ns_error error = {0};
    uint8_t *bytes[NS__SEGMENT_FILES];
    size_t lengths[NS__SEGMENT_FILES];
    build_segment(folder, docs, 20, &settings, LIE_NONE, &one);
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        char *path = file_path(&one, i);
        read_file(path, &bytes[i], &lengths[i]);
        ns__free(path);
    }
    empty_folder();
    build_segment(folder, docs, 21, &settings, LIE_NONE, &two);
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        uint8_t *own;
        size_t length;
        char *path = file_path(&two, i);
        read_file(path, &own, &length);
        write_file(path, bytes[i], lengths[i]);
        assert_int_equal(ns__segment_open(folder, &two, &settings, &segment, &error),
                         NS_ERR_CORRUPT);
        assert_string_equal(error.file, path);
        write_file(path, bytes[(i + 1) % NS__SEGMENT_FILES], lengths[(i + 1) % NS__SEGMENT_FILES]);
        assert_int_equal(ns__segment_open(folder, &two, &settings, &segment, &error),
                         NS_ERR_CORRUPT);
        write_file(path, own, length);
        free(own);
        ns__free(path);
    }
    assert_fine(ns__segment_open(folder, &two, &settings, &segment, err));
    ns__segment_close(&segment);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        free(bytes[i]);
}

static void test_tombstones(void **state)
{
    (void)state;
    ns_index_settings settings = small_settings();
    ns__segment_ref good, ref;
    ns__segment segment;
    ns_error error = {0};
    uint8_t bits[(DOCS + 7) / 8] = {0};
    build_segment(folder, docs, DOCS, &settings, LIE_NONE, &good);
    good.tombstone_generation = 5;
    for (uint32_t a = 0; a < DOCS; a += 3) {
        bits[a / 8] |= (uint8_t)(1u << a % 8);
        good.deleted_articles++;
    }
    bits[DOCS / 8] |= 0x80; /* behind the last article: not written */
    good.deleted_passages = 40;
    assert_fine(ns__tombstones_write(folder, &good, 5, bits, DOCS, &good.tombstone_crc, err));
    assert_fine(ns__segment_open(folder, &good, &settings, &segment, err));
    for (uint32_t a = 0; a < DOCS; a++)
        assert_int_equal(ns__segment_deleted(&segment, a), a % 3 == 0);
    ns__segment_close(&segment);
    ref = good;
    ref.tombstone_crc++;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_ERR_CORRUPT);
    assert_non_null(strstr(error.message, "commit"));
    ref = good;
    ref.deleted_articles++;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_ERR_CORRUPT);
    assert_non_null(strstr(error.message, "mark another number"));
    ref = good;
    ref.tombstone_generation = 6;
    assert_int_equal(ns__segment_open(folder, &ref, &settings, &segment, &error), NS_NOT_FOUND);
    char name[64];
    ns__tombstones_name(&good, 5, name);
    assert_non_null(strstr(name, "00000005-1011121314151617.del"));
}

/* ---- Every bit ---- */

/* Opens and verifies as `ns check` does: the first error. */
static ns_status verify_all(const ns__segment_ref *ref, const ns_index_settings *settings,
                            ns_error *error)
{
    ns__segment *segment = malloc(sizeof *segment);
    ns_status status = ns__segment_open(folder, ref, settings, segment, error);
    if (status == NS_OK) {
        for (int i = 0; i < NS__SEGMENT_FILES && status == NS_OK; i++)
            status = ns__frame_verify(&segment->frames[i], error);
        if (status == NS_OK && segment->deleted)
            status = ns__frame_verify(&segment->tombstone_frame, error);
        ns__segment_close(segment);
    }
    free(segment);
    return status;
}

/* Each bit of one file flipped (a sample of them without NS_FULL), each length cut: found, with
 * the file's name, and an offset that is not behind the damage by more than a structure. */
static void damage_file(const char *path, const ns__segment_ref *ref,
                        const ns_index_settings *settings, size_t *tried)
{
    uint8_t *bytes;
    size_t length, step = getenv("NS_FULL") ? 1 : 37;
    read_file(path, &bytes, &length);
    for (size_t bit = 0; bit < 8 * length; bit += step) {
        ns_error error = {.offset = NS_NO_OFFSET};
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        write_file(path, bytes, length);
        ns_status status = verify_all(ref, settings, &error);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_true(status == NS_ERR_CORRUPT || status == NS_ERR_VERSION);
        assert_string_equal(error.file, path);
        assert_true(error.offset < length);
        bool same_chunk = error.offset / NS_FRAME_CHUNK == bit / 8 / NS_FRAME_CHUNK;
        bool in_tail = bit / 8 >= length - 64 || error.offset >= length - 64;
        assert_true(same_chunk || in_tail);
        ++*tried;
    }
    for (size_t cut = 0; cut < length; cut += step) {
        ns_error error = {0};
        write_file(path, bytes, cut);
        assert_true(verify_all(ref, settings, &error) == NS_ERR_CORRUPT);
        assert_string_equal(error.file, path);
        ++*tried;
    }
    ns_error error = {0};
    write_file(path, bytes, length + 1); /* one byte appended */
    assert_true(verify_all(ref, settings, &error) == NS_ERR_CORRUPT);
    write_file(path, bytes, length);
    free(bytes);
}

static void test_every_bit(void **state)
{
    (void)state;
    ns_index_settings settings = small_settings();
    ns__segment_ref ref;
    uint8_t bits[3] = {1, 0, 1};
    size_t tried = 0;
    build_segment(folder, docs, 24, &settings, LIE_NONE, &ref);
    ref.tombstone_generation = 2;
    ref.deleted_articles = 2;
    assert_fine(ns__tombstones_write(folder, &ref, 2, bits, 24, &ref.tombstone_crc, err));
    ns_error error = {0};
    assert_int_equal(verify_all(&ref, &settings, &error), NS_OK);
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        char *path = file_path(&ref, i);
        damage_file(path, &ref, &settings, &tried);
        ns__free(path);
    }
    char name[64];
    ns__tombstones_name(&ref, 2, name);
    char *path = ns__path_join(folder, name);
    damage_file(path, &ref, &settings, &tried);
    ns__free(path);
    printf("damaged %zu times\n", tried);
    assert_int_equal(verify_all(&ref, &settings, &error), NS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_open_and_check, start, remove_folder),
        cmocka_unit_test_setup_teardown(test_no_false_alarm, start, remove_folder),
        cmocka_unit_test_setup_teardown(test_ref_must_match, start, remove_folder),
        cmocka_unit_test_setup_teardown(test_exchanged_files, start, remove_folder),
        cmocka_unit_test_setup_teardown(test_tombstones, start, remove_folder),
        cmocka_unit_test_setup_teardown(test_every_bit, start, remove_folder),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
