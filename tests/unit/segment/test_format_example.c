/* The worked example of docs/format.md: the index it describes is built here and compared with the
 * bytes that stand there, so that the document cannot drift from the code.
 *
 * In the document a block "```hex NAME" holds the bytes of one file: lines "OFFSET: bytes ; note"
 * in hexadecimal, and a last line "length N". What no line names is 0. With NS_EXAMPLE_OUT set to a
 * folder the files are copied there, for whoever has to write the document anew. */
#include "segment_build.h"

#include "segment/manifest.h"

static const doc EXAMPLE[] = {
    {"a1",
     "salt talks",
     "salt talks began. fish talks ended\nsalt is dear",
     "Harbour Wire",
     "trade",
     "",
     {.unix_s = 1709596800, .precision = 3},
     1},
    {"a2", "", "fish is dear.", "Harbour Wire", "", "", {.unix_s = 1709683200, .precision = 3}, 1},
    {"b1", "dear fish", "talks ended. talks failed", "", "", "", {.unix_s = INT64_MIN}, 0},
};

enum { ARTICLES = sizeof EXAMPLE / sizeof EXAMPLE[0] };

/* All files of the example, into the folder. */
static void build_example(char names[8][64], int *count)
{
    static const uint8_t deleted[1] = {1u << 1};
    ns_index_settings settings = small_settings();
    ns__segment_ref ref;
    strcpy(settings.analysis.language, "en");
    settings.store_level = 6;
    settings.store_block_bytes = 64;
    build_segment(folder, EXAMPLE, ARTICLES, &settings, LIE_NONE, &ref);
    ref.tombstone_generation = 2;
    ref.deleted_articles = ref.deleted_passages = 1;
    assert_fine(ns__tombstones_write(folder, &ref, 2, deleted, ARTICLES, &ref.tombstone_crc, err));
    ns__manifest manifest = {.generation = 2,
                             .settings = settings,
                             .versions = "example",
                             .segments = &ref,
                             .segment_count = 1};
    assert_fine(ns__manifest_write(folder, &manifest, err));
    for (*count = 0; *count < NS__SEGMENT_FILES; ++*count)
        ns__segment_file_name(&ref, *count, names[*count]);
    ns__tombstones_name(&ref, 2, names[(*count)++]);
    ns__manifest_name(2, names[(*count)++]);

    ns__segment segment; /* what the document shows is a sound index */
    assert_fine(ns__segment_open(folder, &ref, &settings, &segment, err));
    ns__segment_close(&segment);
}

static char *read_document(void)
{
    FILE *file = fopen(NS_SOURCE_DIR "/docs/format.md", "rb");
    assert_non_null(file);
    char *text = calloc(1, 1 << 20);
    size_t length = fread(text, 1, (1 << 20) - 1, file);
    assert_true(length > 0 && length < (1 << 20) - 1);
    fclose(file);
    return text;
}

/* The bytes that the document shows for a file: *length of them, to be freed. NULL when it shows
 * none. */
static uint8_t *documented(const char *text, const char *name, size_t *length)
{
    char fence[600];
    snprintf(fence, sizeof fence, "```hex %s\n", name);
    const char *line = strstr(text, fence);
    if (line == NULL)
        return NULL;
    uint8_t *bytes = calloc(1, 1 << 16);
    *length = 0;
    for (line = strchr(line, '\n') + 1; strncmp(line, "```", 3) != 0;
         line = strchr(line, '\n') + 1) {
        char *at;
        if (sscanf(line, "length %zu", length) == 1)
            continue;
        unsigned long offset = strtoul(line, &at, 16);
        if (at == line || *at != ':')
            continue;
        for (at++; *at == ' '; at += 3)
            if (at[1] == ' ' || at[1] == ';' || at[1] == '\n')
                break;
            else
                bytes[offset++] = (uint8_t)strtoul((char[]){at[1], at[2], 0}, NULL, 16);
        assert_true(offset < 1 << 16);
    }
    return bytes;
}

static void copy_out(const char *name, const ns__map *map)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv("NS_EXAMPLE_OUT"), name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fwrite(map->data, 1, map->length, file);
    fclose(file);
}

static void test_document(void **state)
{
    (void)state;
    char names[8][64];
    int count, wrong = 0;
    build_example(names, &count);
    char *text = read_document();
    for (int i = 0; i < count; i++) {
        ns__map map;
        size_t length = 0, at = 0;
        assert_fine(ns__map_open(in_folder(names[i]), NS__MAP_RANDOM, &map, err));
        if (getenv("NS_EXAMPLE_OUT"))
            copy_out(names[i], &map);
        uint8_t *bytes = documented(text, names[i], &length);
        while (bytes && at < map.length && map.data[at] == bytes[at])
            at++;
        if (bytes == NULL || length != map.length || at != map.length) {
            print_error("%s differs from docs/format.md at %zx (length %zu, documented %zu)\n",
                        names[i], at, map.length, length);
            wrong++;
        }
        free(bytes);
        ns__map_close(&map);
    }
    free(text);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_document, make_folder, remove_folder),
    };
    return cmocka_run_group_tests_name("format_example", tests, NULL, NULL);
}
