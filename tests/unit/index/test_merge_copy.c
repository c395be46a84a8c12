/* Merging copies what it need not decode: the same bytes as decoding and coding it anew. */
#include <sys/stat.h>

#include "unit/index/merge_help.h"

#include "index/merge.h"
#include "index/snapshot.h"

static ns_status keep_progress(void *payload, const ns__merge_progress *progress, ns_error *err)
{
    (void)err;
    *(ns__merge_progress *)payload = *progress;
    return NS_OK;
}

/* Merges the index into another folder, with what can be copied copied or not. */
static ns__merge_progress merge_into(const char *from, const char *name, bool recode)
{
    ns_error err = {0};
    ns_index *index;
    ns__segment_ref ref;
    ns__merge_input inputs[20];
    ns__merge_progress progress = {0};
    remove_tree(in_folder(name));
    assert_int_equal(mkdir(in_folder(name), 0700), 0);
    char into[600];
    snprintf(into, sizeof into, "%s", in_folder(name));
    assert_ok(ns_index_open(in_folder(from), &index, &err), err);
    for (uint32_t i = 0; i < index->manifest.segment_count; i++)
        inputs[i] = (ns__merge_input){&index->segments[i], index->segments[i].deleted};
    const ns__merge_options options = {.settings = &index->manifest.settings,
                                       .directory = into,
                                       .generation = 7,
                                       .memory_bytes = 1, /* tells after each step */
                                       .tick = keep_progress,
                                       .payload = &progress,
                                       .recode = recode};
    assert_ok(ns__merge(&options, inputs, index->manifest.segment_count, &ref, &err), err);
    ns_index_close(index);
    return progress;
}

static uint64_t copied_text; /* by all merges of the test */

/* Articles of one passage; each word of a segment is in all of its articles and in no other. */
static void make_equal_articles(const char *name, const ns_index_settings *settings,
                                const uint32_t *counts)
{
    ns_error err = {0};
    uint32_t next = 0;
    remove_tree(in_folder(name));
    ns_writer *writer = open_writer(name, settings);
    for (uint32_t s = 0; s < 2; s++) {
        for (uint32_t i = 0; i < counts[s]; i++) {
            char json[80];
            const int length =
                snprintf(json, sizeof json, "{\"id\": \"news/%u\", \"body\": \"%s\"}", next++,
                         s == 0 ? "grain fell" : "boats waited");
            assert_ok(ns_writer_add_json(writer, json, (size_t)length, &err), err);
        }
        commit(writer);
    }
    ns_writer_close(writer);
}

/* Deletes articles [from, to). */
static void delete_range(const char *name, uint32_t from, uint32_t to)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, NULL);
    for (uint32_t i = from; i < to; i++) {
        char id[32];
        const int length = snprintf(id, sizeof id, "news/%u", i);
        assert_ok(ns_writer_delete(writer, id, (size_t)length, &err), err);
    }
    commit(writer);
    ns_writer_close(writer);
}

/* What is copied is what decoding and coding it anew gives. Returns the blocks copied. */
static uint64_t compare_copied(void)
{
    const ns__merge_progress copied = merge_into("many", "copied", false);
    const ns__merge_progress plain = merge_into("many", "recoded", true);
    assert_same_segment("copied", "recoded");
    assert_int_equal(plain.copied_blocks + plain.copied_text, 0);
    copied_text += copied.copied_text;
    return copied.copied_blocks;
}

static uint64_t check_copied(const ns_index_settings *settings, uint32_t segments, uint32_t each,
                             uint32_t deletions)
{
    remove_tree(in_folder("many"));
    make_index("many", settings, segments, each, deletions);
    return compare_copied();
}

/* Articles of one passage in one language: lists that are longer than a block of 256. */
static void make_short_articles(const char *name, uint32_t segments, uint32_t each)
{
    ns_error err = {0};
    ns_writer *writer = open_writer(name, NULL);
    for (uint32_t i = 0; i < segments * each; i++) {
        ns__buf json = {0};
        char id[80];
        int length = snprintf(id, sizeof id, "{\"id\": \"%u\", \"lang\": \"en\", \"body\": \"", i);
        ns__buf_append(&json, id, (size_t)length);
        random_words(&json, 12, false);
        ns__buf_append(&json, "\"}", 2);
        assert_ok(ns_writer_add_json(writer, (const char *)json.data, json.length, &err), err);
        ns__buf_release(&json);
        if ((i + 1) % each == 0)
            commit(writer);
    }
    assert_ok(ns_writer_delete(writer, "500", 3, &err), err);
    commit(writer);
    ns_writer_close(writer);
}

static void test_copied_is_recoded(void **state)
{
    (void)state;
    uint64_t blocks = 0;
    ns_index_settings settings = small_blocks();
    settings.store_level = 4; /* any whole block of text is copied, not only many megabytes */
    settings.store_block_bytes = 256;
    blocks += check_copied(&settings, 2, 30, 0);
    blocks += check_copied(&settings, 2, 30, 1);
    blocks += check_copied(&settings, 1, 30, 6);
    blocks += check_copied(&settings, 6, 12, 0);
    blocks += check_copied(&settings, 17, 6, 9);
    for (uint32_t dead = 3; dead <= 6; dead++) { /* nobody is left in front of whole blocks */
        make_equal_articles("many", &settings, (uint32_t[]){dead + 2, 1});
        delete_range("many", 0, dead);
        (void)compare_copied();
    }
    settings.block_postings =
        16; /* as many died as stand in front: the last id stays, others not */
    make_equal_articles("many", &settings, (uint32_t[]){2, 5});
    delete_range("many", 3, 5);
    (void)compare_copied();
    settings.block_postings = 2;
    settings.title_weight = 0;
    blocks += check_copied(&settings, 5, 12, 3);
    settings.no_text = true;
    settings.store_level = 0;
    blocks += check_copied(&settings, 5, 12, 3);
    assert_true(blocks > 0 && copied_text > 0);
    make_short_articles("short", 2, 600);
    assert_true(merge_into("short", "copied", false).copied_blocks > 0);
    merge_into("short", "recoded", true);
    assert_same_segment("copied", "recoded");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copied_is_recoded),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
