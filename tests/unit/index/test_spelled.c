/* Checking how words are written: sound segments are sound, and each seeded defect is found though
 * all checksums are right. And copying it, where a chunk ends amid a segment. */
#include "unit/index/help.h"

#include "base/limits.h"
#include "index/builder.h"
#include "index/merge_parts.h"
#include "ingest/reader.h"
#include "segment/spellings_parts.h"

static const char *const RECORDS[] = {
    "{\"id\": \"1\", \"title\": \"Talks on Tariffs\", \"body\": \"The talks began. Tariffs, a "
    "tariff's tariff: talking, Talked.\", \"lang\": \"en\"}",
    "{\"id\": \"2\", \"body\": \"Talks again. The tariff. the the the talk\", \"lang\": \"en\"}",
};

typedef struct fixture {
    ns_index_settings settings;
    ns__segment_ref ref;
    ns__segment segment;
    size_t at; /* in .pos */
    uint8_t bytes[8];
    size_t length;
} fixture;

static void build(fixture *f)
{
    ns_error err = {0};
    ns_index_settings_init(&f->settings);
    f->settings.exact = true;
    const ns__builder_options options = {.settings = &f->settings,
                                         .directory = in_folder("segment"),
                                         .generation = 1,
                                         .memory_bytes = NS_DEFAULT_MEMORY,
                                         .threads = 2};
    ns__builder *builder;
    remove_tree(in_folder("segment"));
    assert_ok(ns__dir_make(in_folder("segment"), &err), err);
    assert_ok(ns__builder_open(&options, &builder, &err), err);
    for (size_t i = 0; i < sizeof RECORDS / sizeof *RECORDS; i++) {
        ns__record record = {0};
        const ns__str line = {(const uint8_t *)RECORDS[i], strlen(RECORDS[i])};
        assert_ok(ns__jsonl_parse(line, "", 0, &record, &err), err);
        assert_ok(ns__builder_add(builder, &record, &err), err);
        ns__record_release(&record);
    }
    assert_ok(ns__builder_finish(builder, &f->ref, &err), err);
}

static void change(fixture *f, const uint8_t *at, const void *bytes, size_t length)
{
    f->at = (size_t)(at - f->segment.frames[NS__FILE_POSITIONS].map.data);
    f->length = length;
    memcpy(f->bytes, bytes, length);
}

static void apply(fixture *f)
{
    char name[64];
    size_t length = 0;
    ns__segment_file_name(&f->ref, NS__FILE_POSITIONS, name);
    char *path = ns__path_join(in_folder("segment"), name);
    char *bytes = read_whole_file(path, &length);
    assert_true(bytes != NULL && length > 128);
    memcpy(bytes + f->at, f->bytes, f->length);
    seal((uint8_t *)bytes, length);
    f->ref.crcs[NS__FILE_POSITIONS] = ns__get_u32((uint8_t *)bytes + length - 4);
    write_text_file(path, bytes, length);
    free(bytes);
    ns__free(path);
}

static char faults[8][600];
static size_t fault_count;

static bool note(void *payload, const char *file, uint64_t offset, const char *message)
{
    (void)payload;
    (void)offset;
    assert_non_null(strstr(file, ".pos"));
    if (fault_count < 8)
        snprintf(faults[fault_count++], sizeof faults[0], "%s", message);
    return true;
}

static ns_status open_segment(fixture *f, ns_error *err)
{
    return ns__segment_open(in_folder("segment"), &f->ref, &f->settings, &f->segment, err);
}

/* ---- Defects ---- */

static ns__spelling_chunk first_chunk(const fixture *f)
{
    ns__spelling_chunk chunk;
    assert_int_equal(ns__spelling_chunk_open(&f->segment.spellings, 0, &chunk, NULL), NS_OK);
    return chunk;
}

static void other_word(fixture *f) /* talkx for talks */
{
    const ns__spelling_chunk chunk = first_chunk(f);
    const uint8_t *at = memchr(chunk.texts.data, 's', chunk.texts.length), byte = 'x';
    assert_non_null(at);
    change(f, at, &byte, 1);
}

static void other_step(fixture *f)
{
    const ns__spelling_chunk chunk = first_chunk(f);
    const uint8_t byte = chunk.steps[0] ^ (uint8_t)(1u << chunk.step_width);
    change(f, chunk.steps, &byte, 1);
}

static void other_end(fixture *f)
{
    const ns__spelling_chunk chunk = first_chunk(f);
    const uint8_t byte = 0xff;
    change(f, chunk.ends, &byte, 1);
}

static void other_spelling(fixture *f)
{
    const ns__spelling_chunk chunk = first_chunk(f);
    const uint8_t byte = 0x03; /* no such case */
    change(f, chunk.texts.data, &byte, 1);
}

static void other_head(fixture *f)
{
    const uint8_t byte = 0xee;
    change(f, f->segment.spellings.data.data + 4, &byte, 1);
}

static void other_bits(fixture *f)
{
    uint8_t bytes[8];
    const uint8_t *at = f->segment.spellings.data.data + 16;
    ns__put_u64(bytes, ns__get_u64(at) - 1);
    change(f, at, bytes, 8);
}

static void other_first(fixture *f)
{
    const uint8_t byte = 1;
    change(f, f->segment.spellings.directory + 8, &byte, 1);
}

static const struct {
    void (*make)(fixture *f);
    const char *said;
    bool opens;
} DEFECTS[] = {
    {other_word, "a word is spelled as no form of its term", true},
    {other_step, "another number of spellings than of words", true},
    {other_end, "a spelling lies outside of those of its chunk", true},
    {other_spelling, "a word is spelled as no form of its term", true},
    {other_head, "a chunk of spellings is malformed", true},
    {other_bits, "spelling", true},
    {other_first, "the chunks of the spellings are not in order", false},
};

static void test_defects(void **state)
{
    (void)state;
    for (size_t d = 0; d < sizeof DEFECTS / sizeof *DEFECTS; d++) {
        fixture f = {0};
        ns_error err = {0};
        build(&f);
        assert_ok(open_segment(&f, &err), err);
        fault_count = 0;
        assert_ok(ns__segment_check(&f.segment, &f.settings, note, NULL, &err), err);
        assert_int_equal(fault_count, 0);
        DEFECTS[d].make(&f);
        ns__segment_close(&f.segment);
        apply(&f);
        ns_status status = open_segment(&f, &err);
        if (!DEFECTS[d].opens) {
            assert_int_equal(status, NS_ERR_CORRUPT);
            assert_non_null(strstr(err.message, DEFECTS[d].said));
            continue;
        }
        assert_ok(status, err);
        assert_ok(ns__segment_check(&f.segment, &f.settings, note, NULL, &err), err);
        if (fault_count == 0 || strstr(faults[0], DEFECTS[d].said) == NULL)
            fail_msg("defect %zu: %s", d, fault_count ? faults[0] : "nothing was found");
        ns__segment_close(&f.segment);
    }
}

/* The setting and the sections go together. */
static void test_settings(void **state)
{
    (void)state;
    fixture f = {0};
    ns_error err = {0};
    build(&f);
    f.settings.exact = false;
    assert_int_equal(open_segment(&f, &err), NS_ERR_CORRUPT);
    assert_non_null(strstr(err.file, ".pos"));
}

/* ---- Copying ---- */

/* How the words of a unit are spelled, one behind the other. */
static void read_unit(const ns__spellings *spellings, uint32_t unit, uint32_t words, ns__buf *out)
{
    ns__spelling_chunk chunk;
    ns__spelling_cursor cursor;
    assert_int_equal(ns__spelling_chunk_open(spellings, unit, &chunk, NULL), NS_OK);
    ns__spelling_cursor_start(&chunk, unit, &cursor);
    for (uint32_t i = 0; i < words; i++) {
        uint32_t number;
        ns__str text;
        assert_int_equal(ns__spelling_next(&chunk, &cursor, &number, NULL), NS_OK);
        assert_int_equal(ns__spelling_text(&chunk, number, &text, NULL), NS_OK);
        ns__buf_append(out, text.data, text.length);
        ns__buf_u8(out, ' ');
    }
}

/* A unit that leaves a chunk of a million words as good as full. */
static ns__spellings_writer *open_nearly_full(void)
{
    enum { WORDS = (1 << 20) - 2 };
    ns__spellings_writer *writer;
    uint32_t number;
    assert_int_equal(ns__spellings_writer_open(&writer, NULL), NS_OK);
    ns__spellings_writer_spare(writer);
    assert_int_equal(ns__spellings_number(writer, NS_STR("x"), &number, NULL), NS_OK);
    for (uint32_t i = 0; i < WORDS; i++)
        assert_true(ns__spellings_add(writer, number, NULL) == NS_OK);
    assert_int_equal(ns__spellings_end_unit(writer, NULL), NS_OK);
    return writer;
}

/* What was written becomes a file, and is what the segment has behind the first unit. */
static void compare_copied(const ns__segment *segment, ns__spellings_writer *writer)
{
    enum { ARTICLES = 2 };
    ns_error err = {0};
    ns__frame_writer *out;
    ns__frame frame;
    ns__spellings copied;
    ns__arena arena = {0};
    const uint32_t kind = NS_FOURCC('p', 'o', 's', ' ');
    assert_ok(ns__spellings_end(writer, &err), err);
    assert_ok(ns__frame_create(in_folder("copied"), kind, &out, &err), err);
    assert_ok(ns__spellings_writer_finish(writer, out, &err), err);
    assert_ok(ns__frame_finish(out, (ns__segment_id){{1}}, false, NULL, NULL, &err), err);
    assert_ok(ns__frame_open(in_folder("copied"), kind, &frame, &err), err);
    assert_ok(ns__spellings_open(&frame, ARTICLES, segment->articles.passages + 1, &copied, &err),
              err);
    for (uint32_t a = 0, unit = 0; a < ARTICLES; a++) {
        ns__article_facts facts;
        assert_ok(ns__article_facts_get(&segment->articles, a, &arena, &facts, &err), err);
        for (uint32_t p = 0; p <= facts.passage_count; p++, unit++) {
            const uint32_t words = p == 0 ? facts.title_terms : facts.passages[p - 1].terms;
            ns__buf was = {0}, is = {0};
            read_unit(&segment->spellings, unit, words, &was);
            read_unit(&copied, unit + 1, words, &is);
            assert_int_equal(is.length, was.length);
            if (was.length > 0)
                assert_memory_equal(is.data, was.data, was.length);
            ns__buf_release(&was);
            ns__buf_release(&is);
        }
    }
    ns__arena_release(&arena);
    ns__frame_close(&frame);
}

/* Where the writer ends a chunk amid a segment and forgets its numbers, as with little memory, none
 * of those that the copier has hold any more. */
static void test_copied_across_chunks(void **state)
{
    (void)state;
    fixture f = {0};
    ns_error err = {0};
    ns__spelling_copier copier = {0};
    ns__arena arena = {0};
    build(&f);
    assert_ok(open_segment(&f, &err), err);
    ns__spellings_writer *writer = open_nearly_full();
    for (uint32_t a = 0; a < f.segment.articles.count; a++) {
        ns__article_facts facts;
        assert_ok(ns__article_facts_get(&f.segment.articles, a, &arena, &facts, &err), err);
        assert_ok(ns__merge_spellings(&copier, &f.segment, a, &facts, writer, &err), err);
        assert_int_equal(ns__spellings_epoch(writer), 1); /* once, within the first */
    }
    compare_copied(&f.segment, writer);
    ns__spelling_copier_release(&copier);
    ns__arena_release(&arena);
    ns__segment_close(&f.segment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defects),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_copied_across_chunks),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
