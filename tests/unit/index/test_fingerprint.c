/* Fingerprints: the same for copies, kept by merging and reordering, and checked. */
#include "unit/index/help.h"

#include "index/fingerprint.h"
#include "index/snapshot.h"
#include "ns/ns.h"

static uint64_t print_of(const char *body, ns__lang lang, bool one_passage)
{
    ns_error err = {0};
    ns_analysis_settings settings;
    ns__analyzer *analyzer;
    ns__tokens tokens = {0};
    ns__fingerprinter prints = {0};
    uint64_t print;
    ns_analysis_settings_init(&settings);
    settings.one_passage = one_passage;
    assert_ok(ns__analyzer_open(&settings, &analyzer, &err), err);
    ns__str text = {(const uint8_t *)body, strlen(body)};
    assert_ok(ns__analyzer_run(analyzer, lang, text, &tokens, &err), err);
    assert_ok(ns__fingerprint_make(&prints, analyzer, &tokens, &print, &err), err);
    /* Again, with all forms known, and once more with them forgotten. */
    for (int i = 0; i < 2; i++) {
        uint64_t again;
        assert_ok(ns__fingerprint_make(&prints, analyzer, &tokens, &again, &err), err);
        assert_true(again == print);
        ns__fingerprinter_forget(&prints);
    }
    ns__fingerprinter_release(&prints);
    ns__tokens_release(&tokens);
    ns__analyzer_close(analyzer);
    return print;
}

static void test_copies(void **state)
{
    (void)state;
    static const char body[] = "The talks ended in Geneva. Ministers flew home.";
    const uint64_t print = print_of(body, 1, false);
    assert_true(print > 0 && print < (uint64_t)1 << NS__FINGERPRINT_BITS);
    static const char *const copies[] = {
        "THE TALKS ENDED IN GENEVA: MINISTERS FLEW HOME",
        "  the talks\n\nended in \"Geneva\" - ministers flew home!  ",
        "The talks ended in Ｇeneva. Ministers flew home."};
    for (size_t i = 0; i < sizeof copies / sizeof *copies; i++)
        assert_true(print_of(copies[i], 1, i == 1) == print);
    assert_true(print_of(body, 0, false) == print); /* stemmed or not */
    static const char *const others[] = {"The talks ended in Geneva. Ministers flew.",
                                         "The talk ended in Geneva. Ministers flew home.",
                                         "The talks ended in Geneva. Ministers home flew.",
                                         "The the talks ended in Geneva. Ministers flew home."};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(print_of(others[i], 1, false) != print);
    assert_true(print_of("", 1, false) == 0);
    assert_true(print_of(" ... ", 1, false) == 0);
}

static ns_writer *open_writer(const ns_index_settings *settings)
{
    ns_error err = {0};
    ns_writer_options options;
    ns_writer *writer;
    ns_writer_options_init(&options);
    options.settings = settings;
    options.threads = 2;
    assert_ok(ns_writer_open(in_folder("index"), &options, &writer, &err), err);
    return writer;
}

/* The prints of all living articles, by the number behind the slash of their ids. */
static void read_prints(uint64_t *prints, size_t count)
{
    ns_error err = {0};
    ns_index *index;
    memset(prints, 0, count * sizeof *prints);
    assert_ok(ns_index_open(in_folder("index"), &index, &err), err);
    for (uint32_t s = 0; s < index->manifest.segment_count; s++) {
        const ns__segment *segment = &index->segments[s];
        for (uint32_t a = 0; a < segment->articles.count; a++) {
            ns__buf id = {0};
            if (ns__segment_deleted(segment, a))
                continue;
            assert_ok(ns__article_id(&segment->articles, a, NULL, &id, &err), err);
            ns__buf_u8(&id, 0);
            const size_t number = strtoul(strchr((const char *)id.data, '/') + 1, NULL, 10);
            assert_true(number < count && prints[number] == 0);
            prints[number] = ns__article_fingerprint(&segment->articles, a);
            ns__buf_release(&id);
        }
    }
    ns_index_close(index);
}

/* Articles of 30 bodies, over three segments; each is what its body makes it. */
static void through_merges(const ns_index_settings *settings)
{
    enum { ARTICLES = 240, BODIES = 30 };
    static uint64_t before[ARTICLES], after[ARTICLES];
    ns_error err = {0};
    remove_tree(in_folder("index"));
    ns_writer *writer = open_writer(settings);
    for (uint32_t i = 0; i < ARTICLES; i++) {
        char json[400];
        int length =
            snprintf(json, sizeof json,
                     "{\"id\": \"n/%u\", \"title\": \"Number %u\", \"body\": \"%s%s %u of %u "
                     "ships%s sailed.\"}",
                     i, i, i % 2 ? "  " : "", i % 3 ? "Today" : "TODAY", i % BODIES, i * i % BODIES,
                     i % 5 ? "," : "");
        assert_ok(ns_writer_add_json(writer, json, (size_t)length, &err), err);
        if (i % 80 == 79)
            assert_ok(ns_writer_commit(writer, NULL, &err), err);
    }
    read_prints(before, ARTICLES);
    for (uint32_t i = 0; i < ARTICLES; i++)
        for (uint32_t j = 0; j < i; j++) /* i * i % BODIES follows from i % BODIES */
            assert_int_equal(before[i] == before[j], i % BODIES == j % BODIES);
    assert_ok(ns_writer_delete(writer, "n/7", 3, &err), err);
    before[7] = 0;
    assert_ok(ns_writer_merge(writer, NULL, &err), err);
    read_prints(after, ARTICLES);
    assert_memory_equal(after, before, sizeof before);
    assert_ok(ns_writer_reorder(writer, NULL, &err), err);
    read_prints(after, ARTICLES);
    assert_memory_equal(after, before, sizeof before);
    ns_writer_close(writer);
    ns_check_summary summary;
    assert_ok(ns_index_check(in_folder("index"), NULL, NULL, &summary, &err), err);
    assert_int_equal(summary.faults, 0);
}

static void test_merges(void **state)
{
    (void)state;
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    through_merges(&settings);
    settings.no_text = true;
    through_merges(&settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_copies),
                                       cmocka_unit_test(test_merges)};
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
