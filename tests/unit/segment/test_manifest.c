/* The manifest and the settings in it: written, read back, the newest wins, damage is refused. */
#include "segment_support.h"

#include <math.h>

#include "segment/manifest.h"

static ns__manifest make_manifest(uint64_t generation, uint32_t segments)
{
    ns__manifest manifest = {
        .generation = generation, .settings = small_settings(), .segment_count = segments};
    strcpy(manifest.settings.analysis.language, "de");
    manifest.settings.analysis.keep_diacritics = true;
    strcpy(manifest.versions, "unicode 15.0 stemmer 2.2");
    manifest.segments = calloc(segments ? segments : 1, sizeof *manifest.segments);
    for (uint32_t i = 0; i < segments; i++) {
        ns__segment_ref *ref = &manifest.segments[i];
        ref->generation = 1 + i % generation;
        ns__put_u64(ref->id.bytes, random_u64());
        ns__put_u64(ref->id.bytes + 8, i);
        for (int f = 0; f < NS__SEGMENT_FILES; f++) {
            ref->bytes[f] = random_u64();
            ref->crcs[f] = (uint32_t)random_u64();
        }
        ref->articles = 1000 + i;
        ref->passages = 2000 + i;
        ref->tokens = random_u64();
        ref->total_length = random_u64();
        ref->text_bytes = random_u64();
        ref->counts = (ns__postings_counts){random_u64(), random_u64(), random_u64(),
                                            random_u64(), random_u64(), random_u64()};
        ref->terms = (uint32_t)random_u64();
        ref->surfaces = (uint32_t)random_u64();
        if (i % 2 == 0) {
            ref->tombstone_generation = generation;
            ref->deleted_articles = 10 + i;
            ref->deleted_passages = 11 + i;
            ref->tombstone_crc = (uint32_t)random_u64();
        }
    }
    return manifest;
}

static void assert_same(const ns__manifest *a, const ns__manifest *b)
{
    assert_int_equal(a->generation, b->generation);
    assert_true(ns__settings_equal(&a->settings, &b->settings));
    assert_string_equal(a->versions, b->versions);
    assert_int_equal(a->segment_count, b->segment_count);
    if (a->segment_count > 0)
        assert_memory_equal(a->segments, b->segments, a->segment_count * sizeof *a->segments);
}

static void make_file(const char *name)
{
    FILE *file = fopen(in_folder(name), "w");
    fputs("not a manifest", file);
    fclose(file);
}

static void test_newest_wins(void **state)
{
    (void)state;
    ns__manifest read;
    ns_error error = {0};
    random_start();
    assert_int_equal(ns__manifest_read(folder, &read, &error), NS_NOT_FOUND);
    assert_int_equal(ns__manifest_read(in_folder("missing"), &read, &error), NS_NOT_FOUND);
    /* Names that are not quite a manifest's. */
    make_file("manifest-00000099.tmp");
    make_file("manifest-0000099");
    make_file("manifest-000000099");
    make_file("manifest-00000000");
    make_file("manifest-0000009x");
    make_file("manifest-");
    make_file("manifest-99999999999999999999999");
    make_file("xmanifest-00000099");
    assert_int_equal(ns__manifest_read(folder, &read, &error), NS_NOT_FOUND);
    static const uint64_t generations[] = {1, 3, 2, 10, 99999999, 100000000};
    static const uint64_t newest[] = {1, 3, 3, 10, 99999999, 100000000};
    make_file("manifest-00000002.tmp"); /* left by a writer that died: not in the way */
    for (int i = 0; i < 6; i++) {
        ns__manifest written = make_manifest(generations[i], (uint32_t)i * 3);
        assert_fine(ns__manifest_write(folder, &written, err));
        assert_fine(ns__manifest_read(folder, &read, err));
        assert_int_equal(read.generation, newest[i]);
        if (read.generation == written.generation)
            assert_same(&read, &written);
        /* A name is never used twice. */
        assert_int_equal(ns__manifest_write(folder, &written, &error), NS_ERR_ARGUMENT);
        free(written.segments);
        ns__manifest_release(&read);
    }
    for (int over = 1; over >= 0; over--) { /* none that readers pass over */
        ns__manifest last = make_manifest(NS_MAX_GENERATION + (uint64_t)over, 1);
        assert_int_equal(ns__manifest_write(folder, &last, &error), over ? NS_ERR_ARGUMENT : NS_OK);
        free(last.segments);
    }
    assert_fine(ns__manifest_read(folder, &read, err));
    assert_true(read.generation == NS_MAX_GENERATION);
    ns__manifest_release(&read);
    char path[256];
    snprintf(path, sizeof path, "%s/manifest-18446744073709551609", folder);
    assert_int_equal(unlink(path), 0);
    /* The highest generation counts, damaged or not: an older snapshot must not come back. */
    make_file("manifest-200000000");
    assert_int_equal(ns__manifest_read(folder, &read, &error), NS_ERR_CORRUPT);
    assert_non_null(strstr(error.file, "manifest-200000000"));
}

static void test_refused(void **state)
{
    (void)state;
    ns_error error = {0};
    random_start();
    for (int fault = 0; fault < 8; fault++) {
        ns__manifest manifest = make_manifest(5, 3);
        ns__segment_ref *ref = &manifest.segments[1];
        if (fault == 0)
            manifest.generation = 0;
        else if (fault == 1)
            manifest.settings.k1 = NAN;
        else if (fault == 2)
            ref->generation = 6;
        else if (fault == 3)
            ref->articles = ref->passages + 1;
        else if (fault == 4)
            ref->deleted_articles = 1; /* without a file */
        else if (fault == 5)
            *ref = manifest.segments[0];
        else if (fault == 6)
            memset(manifest.versions, 'x', sizeof manifest.versions);
        else
            manifest.segment_count = 2000;
        assert_true(ns__manifest_write(folder, &manifest, &error) < 0);
        assert_int_not_equal(error.message[0], 0);
        free(manifest.segments);
    }
    ns__manifest read;
    assert_int_equal(ns__manifest_read(folder, &read, &error), NS_NOT_FOUND);
}

/* Every bit of the file flipped, and every length cut off: refused with the file's name. */
static void test_damage(void **state)
{
    (void)state;
    random_start();
    ns__manifest manifest = make_manifest(7, 2), read;
    assert_fine(ns__manifest_write(folder, &manifest, err));
    const char *path = in_folder("manifest-00000007");
    ns__map map;
    assert_fine(ns__map_open(path, NS__MAP_RANDOM, &map, err));
    size_t length = map.length;
    uint8_t *bytes = malloc(length);
    memcpy(bytes, map.data, length);
    ns__map_close(&map);
    for (size_t i = 0; i < 9 * length; i++) {
        bool cut = i >= 8 * length;
        ns_error error = {0};
        FILE *file = fopen(path, "w");
        if (!cut)
            bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        fwrite(bytes, 1, cut ? i - 8 * length : length, file);
        if (!cut)
            bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        fclose(file);
        ns_status status = ns__manifest_read(folder, &read, &error);
        assert_true(status == NS_ERR_CORRUPT || status == NS_ERR_VERSION);
        assert_string_equal(error.file, path);
        assert_true(error.offset <= length);
    }
    free(bytes);
    free(manifest.segments);
}

static void test_settings(void **state)
{
    (void)state;
    ns_error error = {0};
    ns__buf buf = {0};
    ns_index_settings good = small_settings(), read;
    strcpy(good.analysis.language, "auto");
    good.analysis.one_passage = good.analysis.whitespace = true;
    good.analysis.passage_terms = 77;
    good.no_text = true;
    ns__settings_pack(&good, &buf);
    assert_int_equal(buf.length, 56);
    ns__cur cur = ns__cur_of(buf.data, buf.length);
    assert_true(ns__settings_unpack(&cur, &read));
    assert_true(ns__settings_equal(&good, &read));
    assert_string_equal(read.analysis.language, "auto");
    assert_true(read.analysis.one_passage && read.analysis.whitespace && read.no_text);
    assert_false(read.analysis.keep_diacritics || read.analysis.no_stemming);
    read.b = 0.5;
    assert_false(ns__settings_equal(&good, &read));
    for (size_t length = 0; length < buf.length; length++) {
        cur = ns__cur_of(buf.data, length);
        assert_false(ns__settings_unpack(&cur, &read));
    }
    buf.data[0] |= 0x80; /* an unknown flag */
    cur = ns__cur_of(buf.data, buf.length);
    assert_false(ns__settings_unpack(&cur, &read));
    ns__buf_release(&buf);
    static const struct {
        size_t offset;
        uint32_t value;
        const char *name;
    } bad[] = {
        {offsetof(ns_index_settings, title_weight), 256, "title_weight"},
        {offsetof(ns_index_settings, store_level), UINT32_MAX, "store_level"},
        {offsetof(ns_index_settings, store_level), 13, "store_level"},
        {offsetof(ns_index_settings, store_block_bytes), 8, "store_block_bytes"},
        {offsetof(ns_index_settings, store_block_bytes), 1u << 30, "store_block_bytes"},
        {offsetof(ns_index_settings, block_postings), 1, "block_postings"},
        {offsetof(ns_index_settings, block_postings), 6, "block_postings"},
        {offsetof(ns_index_settings, block_postings), 512, "block_postings"},
        {offsetof(ns_index_settings, window_passages), 0, "window_passages"},
        {offsetof(ns_index_settings, window_passages), 4095, "window_passages"},
        {offsetof(ns_index_settings, analysis.passage_terms), 256, "passage_terms"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ns_index_settings settings = small_settings();
        memcpy((char *)&settings + bad[i].offset, &bad[i].value, 4);
        assert_int_equal(ns__settings_check(&settings, &error), NS_ERR_ARGUMENT);
        assert_non_null(strstr(error.message, bad[i].name));
    }
    static const double outside[] = {-1, NAN, INFINITY, 1e9};
    for (int i = 0; i < 4; i++) {
        ns_index_settings settings = small_settings();
        settings.k1 = outside[i];
        assert_int_equal(ns__settings_check(&settings, &error), NS_ERR_ARGUMENT);
        settings = small_settings();
        settings.b = outside[i];
        assert_int_equal(ns__settings_check(&settings, &error), NS_ERR_ARGUMENT);
    }
    memset(good.analysis.language, 'x', sizeof good.analysis.language);
    assert_int_equal(ns__settings_check(&good, &error), NS_ERR_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_newest_wins, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_refused, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_damage, make_folder, remove_folder),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
