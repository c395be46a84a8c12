/* Segments: the same bytes however they were put together; lists, dictionary, surfaces and
 * headlines against the naive inversion. */
#include "unit/index/naive.h"

#include "base/limits.h"
#include "index/builder.h"
#include "ingest/reader.h"

static void make_records(ns__record **out, size_t *count)
{
    ns_error err = {0};
    ns__buf json = {0};
    *count = 160;
    *out = calloc(*count, sizeof **out);
    for (size_t i = 0; i < *count; i++) {
        test_article article;
        make_article(&article, (uint32_t)i);
        article_json(&article, &json);
        ns__str line = {json.data, json.length};
        assert_ok(ns__jsonl_parse(line, "", 0, &(*out)[i], &err), err);
        release_article(&article);
    }
    ns__buf_release(&json);
}

static void free_records(ns__record *records, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ns__record_release(&records[i]);
    free(records);
}

static void build(const char *directory, const ns_index_settings *settings, uint64_t memory,
                  uint64_t batch, unsigned threads, const ns__record *records, size_t count,
                  ns__segment_ref *ref)
{
    ns_error err = {0};
    ns__builder_options options = {.settings = settings,
                                   .directory = directory,
                                   .generation = 7,
                                   .memory_bytes = memory,
                                   .batch_bytes = batch,
                                   .threads = threads};
    ns__builder *builder;
    assert_ok(ns__dir_make(directory, &err), err);
    assert_ok(ns__builder_open(&options, &builder, &err), err);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(ns__builder_articles(builder), i);
        assert_ok(ns__builder_add(builder, &records[i], &err), err);
    }
    assert_ok(ns__builder_finish(builder, ref, &err), err);
    char **names;
    size_t files;
    assert_ok(ns__dir_names(directory, &names, &files, &err), err);
    assert_int_equal(files, NS__SEGMENT_FILES); /* nothing temporary is left */
    ns__dir_free_names(names, files);
}

static void compare_files(const char *a, const char *b, const ns__segment_ref *ref)
{
    for (int file = 0; file < NS__SEGMENT_FILES; file++) {
        char name[64];
        ns__segment_file_name(ref, file, name);
        char *path_a = ns__path_join(a, name), *path_b = ns__path_join(b, name);
        size_t length_a, length_b;
        char *bytes_a = read_whole_file(path_a, &length_a);
        char *bytes_b = read_whole_file(path_b, &length_b);
        assert_non_null(bytes_a);
        assert_non_null(bytes_b);
        assert_int_equal(length_a, ref->bytes[file]);
        assert_int_equal(length_a, length_b);
        assert_memory_equal(bytes_a, bytes_b, length_a);
        free(bytes_a);
        free(bytes_b);
        ns__free(path_a);
        ns__free(path_b);
    }
}

static ns_index_settings small_settings(void)
{
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = 4;
    settings.window_passages = 16;
    settings.store_block_bytes = 512;
    return settings;
}

static void test_same_bytes(void **state)
{
    (void)state;
    /* Batches of one article, of some, of all; runs in memory, or all spilled and the analyser
     * forgotten after each. */
    static const uint64_t BATCHES[] = {0, 1, 3000, 40000}, MEMORY[] = {0, 1};
    static const unsigned THREADS[] = {1, 2, 3, 8};
    ns__record *records;
    size_t count;
    make_records(&records, &count);
    for (int mode = 0; mode < 2; mode++) {
        ns_index_settings settings = small_settings();
        settings.exact = true;
        if (mode == 1)
            ns_index_settings_init(&settings);
        ns__segment_ref first = {0}, ref = {0};
        build(in_folder("same-0"), &settings, NS_DEFAULT_MEMORY, 0, 2, records, count, &first);
        for (int b = 0; b < 4; b++)
            for (int m = 0; m < 2; m++) {
                if (quick_tests() && m != (b + 1) / 2 % 2)
                    continue;
                memset(&ref, 0, sizeof ref);
                build(in_folder("same-1"), &settings, MEMORY[m], BATCHES[b], THREADS[(b + m) % 4],
                      records, count, &ref);
                assert_memory_equal(&ref, &first, sizeof ref);
                compare_files(in_folder("same-0"), in_folder("same-1"), &ref);
                remove_tree(in_folder("same-1"));
            }
        remove_tree(in_folder("same-0"));
    }
    /* The id follows the input: one record less, or other settings, is another segment. */
    ns_index_settings settings = small_settings();
    ns__segment_ref all, fewer, other;
    build(in_folder("same-0"), &settings, NS_DEFAULT_MEMORY, 0, 2, records, count, &all);
    build(in_folder("same-1"), &settings, NS_DEFAULT_MEMORY, 0, 2, records, count - 1, &fewer);
    settings.title_weight = 3;
    build(in_folder("same-2"), &settings, NS_DEFAULT_MEMORY, 0, 2, records, count, &other);
    assert_memory_not_equal(&all.id, &fewer.id, sizeof all.id);
    assert_memory_not_equal(&all.id, &other.id, sizeof all.id);
    free_records(records, count);
}

/* ---- Against the naive inversion ---- */

static void naive_of_records(naive *all, const ns_index_settings *settings,
                             const ns__record *records, size_t count)
{
    ns_error err = {0};
    ns__analyzer *analyzer;
    ns__tokens title = {0};
    ns__passages passages = {0};
    assert_ok(ns__analyzer_open(&settings->analysis, &analyzer, &err), err);
    for (size_t i = 0; i < count; i++) {
        const ns__record *record = &records[i];
        ns__lang lang = ns__analyzer_record_language(
            analyzer, record->lang, record->body.length ? record->body : record->title);
        title.count = 0;
        if (settings->title_weight > 0)
            assert_ok(ns__analyzer_run(analyzer, lang, record->title, &title, &err), err);
        assert_ok(ns__passages_cut(analyzer, lang, record->body, &passages, &err), err);
        naive_add(all, analyzer, &title, &passages);
    }
    naive_sort(all);
    ns__tokens_release(&title);
    ns__passages_release(&passages);
    ns__analyzer_close(analyzer);
}

/* One list: ids, tfs, title tfs through the positions' number, and positions. */
static void compare_list(const naive *all, size_t *row, const ns__segment *segment,
                         const ns__term *term, uint32_t weight, uint32_t *room)
{
    ns_error err = {0};
    ns__arena arena = {0};
    ns__plist list;
    const ns__unpack_kernels *kernels = ns__unpack_kernels_for(NS__ISA_PORTABLE);
    static uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM];
    static ns__pos_block positions;
    assert_ok(ns__plist_open(&segment->postings, term->value, &arena, &list, &err), err);
    for (uint32_t block = 0; block < list.blocks; block++) {
        ns__block_place place;
        assert_ok(ns__plist_ids(&list, kernels, block, ids, &place, &err), err);
        assert_ok(ns__plist_tfs(&list, kernels, &place, tfs, &err), err);
        assert_ok(ns__plist_positions_open(&list, kernels, block, tfs, &positions, &err), err);
        for (uint32_t i = 0; i < ns__plist_count(&list, block); i++) {
            uint32_t passage, tf, title_tf, count;
            const naive_row *first;
            assert_true(*row < all->count);
            naive_posting(all, row, &passage, &tf, &title_tf, &first);
            assert_int_equal(ids[i], passage);
            assert_int_equal(tfs[i], tf + weight * title_tf);
            ns__pos_block_get(&positions, kernels, i, room, &count);
            assert_int_equal(count, tf);
            for (uint32_t k = 0; k < tf; k++)
                assert_int_equal(room[k], first[k].position);
        }
    }
    ns__arena_release(&arena);
}

static void compare_terms(const naive *all, const ns__segment *segment, uint32_t weight)
{
    ns_error err = {0};
    ns__term_cursor cursor;
    uint32_t *room = calloc(1 << 20, sizeof *room);
    size_t row = 0;
    assert_ok(ns__term_cursor_seek(&segment->terms, NS_STR(""), &cursor, &err), err);
    for (uint32_t ordinal = 0; ordinal < segment->terms.count; ordinal++) {
        assert_ok(ns__term_cursor_next(&cursor, &err), err);
        assert_int_equal(cursor.term.ordinal, ordinal);
        assert_true(row < all->count);
        assert_int_equal(cursor.length, all->rows[row].length);
        assert_memory_equal(cursor.text, all->rows[row].term, cursor.length);
        assert_int_equal(cursor.term.is_form, naive_is_form(all, cursor.text, cursor.length));
        size_t before = row;
        compare_list(all, &row, segment, &cursor.term, weight, room);
        assert_true(row == all->count ||
                    naive_compare_bytes(all->rows[before].term, all->rows[before].length,
                                        all->rows[row].term, all->rows[row].length) != 0);
    }
    assert_int_equal(row, all->count);
    free(room);
}

static void compare_surfaces(const naive *all, const ns__segment *segment)
{
    ns_error err = {0};
    ns__surface_cursor cursor;
    assert_ok(ns__surface_cursor_seek(&segment->terms, NS_STR(""), &cursor, &err), err);
    uint32_t seen = 0;
    for (size_t i = 0; i < all->form_count;) {
        const naive_form *form = &all->forms[i];
        uint32_t targets = 0;
        bool opened = false;
        for (; i < all->form_count &&
               naive_compare_bytes(all->forms[i].surface, all->forms[i].surface_length,
                                   form->surface, form->surface_length) == 0;
             i++) {
            const naive_form *at = &all->forms[i];
            if (naive_compare_bytes(at->surface, at->surface_length, at->term, at->term_length) ==
                0)
                continue;
            if (!opened)
                assert_ok(ns__surface_cursor_next(&cursor, &err), err);
            seen += !opened;
            opened = true;
            uint8_t text[256];
            size_t length;
            assert_true(targets < cursor.ordinal_count);
            assert_ok(
                ns__terms_at(&segment->terms, cursor.ordinals[targets++], text, &length, &err),
                err);
            assert_int_equal(naive_compare_bytes(cursor.text, cursor.length, form->surface,
                                                 form->surface_length),
                             0);
            assert_int_equal(naive_compare_bytes(text, length, at->term, at->term_length), 0);
        }
        if (opened)
            assert_int_equal(cursor.ordinal_count, targets);
    }
    assert_int_equal(seen, segment->terms.surface_count);
    assert_int_equal(ns__surface_cursor_next(&cursor, &err), NS_DONE);
}

static void compare_headlines(const naive *all, const ns__segment *segment)
{
    ns_error err = {0};
    ns__arena arena = {0};
    size_t at = 0;
    for (uint32_t a = 0; a < segment->articles.count; a++) {
        const uint32_t *ordinals;
        uint32_t count;
        assert_ok(ns__article_headline(&segment->articles, a, &arena, &ordinals, &count, &err),
                  err);
        for (uint32_t i = 0; i < count; i++, at++) {
            uint8_t text[256];
            size_t length;
            assert_ok(ns__terms_at(&segment->terms, ordinals[i], text, &length, &err), err);
            assert_true(at < all->headline_count);
            assert_int_equal(
                naive_compare_bytes(text, length, all->headline[at].term, all->headline[at].length),
                0);
        }
    }
    assert_int_equal(at, all->headline_count);
    ns__arena_release(&arena);
}

/* Passages and sentences as the cutter gave them. */
static void compare_passages(const ns_index_settings *settings, const ns__record *records,
                             const ns__segment *segment)
{
    ns_error err = {0};
    ns__arena arena = {0};
    ns__analyzer *analyzer;
    ns__passages passages = {0};
    assert_ok(ns__analyzer_open(&settings->analysis, &analyzer, &err), err);
    for (uint32_t a = 0; a < segment->articles.count; a++) {
        ns__article_facts facts;
        const ns__record *record = &records[a];
        ns__lang lang = ns__analyzer_record_language(
            analyzer, record->lang, record->body.length ? record->body : record->title);
        assert_ok(ns__passages_cut(analyzer, lang, record->body, &passages, &err), err);
        assert_ok(ns__article_facts_get(&segment->articles, a, &arena, &facts, &err), err);
        assert_int_equal(facts.lang, lang);
        assert_int_equal(facts.passage_count, passages.count);
        for (uint32_t p = 0; p < facts.passage_count; p++) {
            const ns__passage *want = &passages.items[p];
            const ns__passage_entry *have = &facts.passages[p];
            assert_int_equal(have->start, want->start);
            assert_int_equal(have->end, want->end);
            assert_int_equal(have->terms, want->token_count);
            assert_int_equal(have->sentence_count, want->sentence_count);
            for (uint32_t i = 0; i < want->sentence_count; i++) {
                const ns__sentence *sentence = &passages.sentences[want->first_sentence + i];
                assert_int_equal(have->sentences[i], sentence->token * 2 + sentence->paragraph);
            }
        }
    }
    ns__arena_release(&arena);
    ns__passages_release(&passages);
    ns__analyzer_close(analyzer);
}

static void compare_segment(const ns_index_settings *settings, const ns__record *records,
                            size_t count)
{
    ns_error err = {0};
    ns__segment_ref ref;
    naive all = {0};
    build(in_folder("naive"), settings, 1 << 20, 20000, 2, records, count, &ref);
    naive_of_records(&all, settings, records, count);
    ns__segment *segment = calloc(1, sizeof *segment);
    assert_ok(ns__segment_open(in_folder("naive"), &ref, settings, segment, &err), err);
    assert_int_equal(segment->articles.count, count);
    assert_int_equal(segment->articles.passages, all.passages);
    assert_int_equal(segment->articles.tokens, ref.tokens);
    assert_int_equal(segment->articles.total_length, ref.total_length);
    compare_terms(&all, segment, settings->title_weight);
    compare_surfaces(&all, segment);
    compare_headlines(&all, segment);
    compare_passages(settings, records, segment);
    ns__segment_close(segment);
    free(segment);
    naive_release(&all);
    remove_tree(in_folder("naive"));
}

static void test_naive(void **state)
{
    (void)state;
    for_more_threads();
    ns__record *records;
    size_t count;
    make_records(&records, &count);
    for (int mode = 0; mode < 3; mode++) {
        ns_index_settings settings = small_settings();
        if (mode == 1) {
            ns_index_settings_init(&settings);
            settings.title_weight = 0;
        }
        settings.analysis.one_passage = mode == 2;
        compare_segment(&settings, records, count);
    }
    free_records(records, count);
}

/* The first articles of real news in several scripts. */
static void test_naive_on_news(void **state)
{
    (void)state;
    for_more_threads();
    static const char *const FILES[] = {"guardian.jsonl.gz", "crudrag_zh.jsonl.gz",
                                        "wmt21_multi.jsonl.gz", "moroccan_ar.jsonl.gz"};
    enum { EACH = 40 };
    if (corpus_path(FILES[0]) == NULL) {
        print_message("no shared corpora: skipped\n");
        skip();
    }
    ns_error err = {0};
    ns__record *records = calloc(4 * EACH, sizeof *records);
    size_t count = 0;
    for (int f = 0; f < 4; f++) {
        const char *path = corpus_path(FILES[f]);
        ns__reader *reader;
        assert_ok(ns__reader_open(&path, 1,
                                  &(ns__reader_options){.max_record_bytes = NS_MAX_RECORD_BYTES},
                                  &reader, &err),
                  err);
        for (int i = 0; i < EACH; i++)
            assert_ok(ns__reader_next(reader, &records[count++], &err), err);
        ns__reader_close(reader);
    }
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    compare_segment(&settings, records, count);
    free_records(records, count);
}

/* An error of the caller's tick stops, and no file is left. */
static ns_status refuse(void *payload, const char *phase, ns_error *err)
{
    (void)phase;
    (void)err;
    return --*(int *)payload < 0 ? NS_ERR_CANCELLED : NS_OK;
}

static void test_stop(void **state)
{
    (void)state;
    ns__record *records;
    size_t count;
    make_records(&records, &count);
    ns_index_settings settings = small_settings();
    const char *directory = in_folder("stop");
    ns_error err = {0};
    assert_ok(ns__dir_make(directory, &err), err);
    for (int ticks = -1; ticks < 2; ticks++) { /* -1: freed without finishing */
        int left = ticks;
        ns__builder_options options = {.settings = &settings,
                                       .directory = directory,
                                       .generation = 1,
                                       .memory_bytes = 1,
                                       .batch_bytes = 5000,
                                       .threads = 3,
                                       .tick = refuse,
                                       .payload = &left};
        ns__builder *builder;
        ns__segment_ref ref;
        assert_ok(ns__builder_open(&options, &builder, &err), err);
        for (size_t i = 0; i < count; i++)
            assert_ok(ns__builder_add(builder, &records[i], &err), err);
        if (ticks < 0)
            ns__builder_free(builder);
        else
            assert_int_equal(ns__builder_finish(builder, &ref, &err), NS_ERR_CANCELLED);
        char **names;
        size_t files;
        assert_ok(ns__dir_names(directory, &names, &files, &err), err);
        assert_int_equal(files, 0);
        ns__dir_free_names(names, files);
    }
    free_records(records, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_naive),
        cmocka_unit_test(test_naive_on_news),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
