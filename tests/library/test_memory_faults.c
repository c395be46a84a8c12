/* Every allocation fails once: what the library does then.
 *
 * All heap of the library goes through src/base/mem.c; the linker puts the functions below between
 * that and the C library (--wrap), so that the n-th allocation can fail, alone or with all that
 * follow. A scenario is run for n = 1, 2, … until it no longer reaches the n-th. Memory that
 * third-party libraries take for themselves is not counted. */
#include <stdatomic.h>

#include "library_test.h"

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);
int __wrap_fsync(int descriptor);

static struct {
    atomic_bool armed;
    atomic_ulong seen, fail_at;
    bool for_ever;
} heap;

/* A place for a breakpoint: the caller's callers show what is being refused. */
static void __attribute__((noinline)) refused(void)
{
    __asm__ volatile("");
}

static bool refuse(void)
{
    if (!atomic_load(&heap.armed))
        return false;
    unsigned long n = atomic_fetch_add(&heap.seen, 1) + 1;
    bool now = heap.for_ever ? n >= heap.fail_at : n == heap.fail_at;
    if (now)
        refused();
    return now;
}

void *__wrap_malloc(size_t bytes)
{
    return refuse() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return refuse() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return refuse() ? NULL : __real_realloc(old, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes)
{
    return refuse() ? NULL : __real_aligned_alloc(alignment, bytes);
}

/* Durability is not what is tested here, and thousands of commits are. */
int __wrap_fsync(int descriptor)
{
    (void)descriptor;
    return 0;
}

static void arm(unsigned long n, bool for_ever)
{
    heap.seen = 0;
    heap.fail_at = n;
    heap.for_ever = for_ever;
    heap.armed = true;
}

/* True when the failure was reached. */
static bool disarm(void)
{
    heap.armed = false;
    return heap.seen >= heap.fail_at;
}

/* What a failed call must have said. */
static void assert_memory_error(ns_status status, const ns_error *err, unsigned long n)
{
    if (status != NS_ERR_MEMORY || err->status != NS_ERR_MEMORY || err->message[0] == '\0')
        fail_msg("allocation %lu: %s, error %s: %s", n, ns_status_name(status),
                 ns_status_name(err->status), err->message);
}

/* ---- Reading ---- */

static ns_status open_and_close(ns_error *err)
{
    ns_index *index;
    ns_status status = ns_index_open(test_index, &index, err);
    if (status == NS_OK)
        ns_index_close(index);
    else
        assert_null(index);
    return status;
}

static void test_open(void **state)
{
    (void)state;
    for_more_threads();
    make_base_index();
    for (int for_ever = 0; for_ever < 2; for_ever++) {
        for (unsigned long n = 1;; n += FAULT_STEP) {
            ns_error err = {0};
            arm(n, for_ever);
            ns_status status = open_and_close(&err);
            if (!disarm())
                break;
            assert_memory_error(status, &err, n);
        }
        print_message("open: %lu allocations\n", heap.seen);
    }
}

static const char *const QUERIES[] = {
    "tariff talks", "\"tariff talks\" +officials",     "关税谈判",   "verhandlungen -stahl",
    "nowhere",      "controls OR (harbour AND ships)", "=Officials", "=talks NEAR =tariff",
};

static ns_status answer(const ns_index *index, const char *query, ns_error *err)
{
    static char room[1 << 16];
    FILE *out = fmemopen(room, sizeof room, "w");
    assert_non_null(out);
    ns_status status = print_answer(index, query, out, err);
    fclose(out);
    return status;
}

static void query_and_show(void)
{
    ns_error err = {0};
    make_base_index();
    assert_ok(write_records(test_index, MORE_RECORDS, MORE_COUNT, &err), err);
    ns_index *index;
    assert_ok(ns_index_open(test_index, &index, &err), err);
    unsigned long total = 0;
    for (size_t q = 0; q < 2 * (sizeof QUERIES / sizeof *QUERIES); q++) {
        for (unsigned long n = 1;; n += FAULT_STEP) {
            err = (ns_error){0};
            arm(n, q % 2);
            ns_status status = answer(index, QUERIES[q / 2], &err);
            if (!disarm()) {
                assert_ok(status, err);
                break;
            }
            assert_memory_error(status, &err, n);
        }
        total += heap.seen;
    }
    print_message("query and show: %lu allocations\n", total);
    ns_index_close(index);
}

static void test_query_and_show(void **state)
{
    (void)state;
    for_more_threads();
    query_and_show();
    make_exact = true;
    query_and_show();
    make_exact = false;
}

static ns_status ask_more(const ns_index *index, const char *query, ns_error *err)
{
    static char room[1 << 16];
    FILE *out = fmemopen(room, sizeof room, "w");
    assert_non_null(out);
    ns_status status = print_more(index, query, "a", out, err);
    if (status == NS_OK)
        status = print_ranked(index, query, out, err);
    fclose(out);
    return status;
}

static void test_other_questions(void **state)
{
    static const char *const queries[] = {"talks", "officials AND (tariff OR 关税)"};
    (void)state;
    ns_error err = {0};
    make_base_index();
    assert_ok(write_records(test_index, MORE_RECORDS, MORE_COUNT, &err), err);
    ns_index *index;
    assert_ok(ns_index_open(test_index, &index, &err), err);
    unsigned long total = 0;
    for (size_t q = 0; q < 2 * (sizeof queries / sizeof *queries); q++) {
        for (unsigned long n = 1;; n++) {
            err = (ns_error){0};
            arm(n, q % 2);
            ns_status status = ask_more(index, queries[q / 2], &err);
            if (!disarm()) {
                assert_ok(status, err);
                break;
            }
            assert_memory_error(status, &err, n);
        }
        total += heap.seen;
    }
    print_message("other questions: %lu allocations\n", total);
    ns_index_close(index);
}

static ns_status fetch(const ns_index *index, ns_error *err)
{
    ns_article *article;
    ns_status status = ns_article_find(index, "a", 1, &article, err);
    if (status == NS_OK)
        ns_article_free(article);
    return status;
}

static ns_status analyse(ns_error *err)
{
    static const char sentence[] = "Officials’ talks on 关税谈判 resumed. The U.S. agreed.";
    ns_analysis_settings settings;
    ns_tokens *tokens;
    ns_analysis_settings_init(&settings);
    ns_status status = ns_analyze(&settings, "en", sentence, sizeof sentence - 1, &tokens, err);
    if (status == NS_OK)
        ns_tokens_free(tokens);
    return status;
}

/* Reads a query with every form and notes, builds one around it, and puts it in words. */
static ns_status parse_and_build(ns_error *err)
{
    static const char written[] =
        "title:(a* -\"b c\"~3) AND SENTENCE(=d (e~ OR f)) \\+g^2 source:\"x\\\"\" "
        "date:2024 anti-dru* OR (NEAR h";
    ns_query *query = NULL, *built = NULL;
    ns_query_builder *builder = NULL;
    char *line = NULL;
    ns_status status = ns_query_parse(written, sizeof written - 1, NULL, &query, err);
    if (status == NS_OK)
        status = ns_query_builder_open(&builder, err);
    if (status == NS_OK) {
        ns_query_begin(builder, NULL, NS_QUERY_ANY, 0);
        ns_query_add_query(builder, NULL, query);
        ns_query_add_words(builder, NULL, "i j", 3);
        ns_query_end(builder);
        ns_query_add_dates(builder, NULL, 0, 86400);
        ns_query_add_pattern(builder, NULL, "k**", 3);
        status = ns_query_builder_finish(builder, &built, err);
    }
    for (int form = NS_QUERY_LINE; status == NS_OK && form <= NS_QUERY_OUTLINE; form++) {
        status = ns_query_describe(built, (ns_query_form)form, &line, err);
        ns_query_description_free(line);
        line = NULL;
    }
    ns_query_builder_free(builder);
    ns_query_free(query);
    ns_query_free(built);
    return status;
}

static ns_status spell(const ns_index *index, const char *query, ns_error *err)
{
    ns_spelling *spelling;
    ns_status status = ns_spell_query(index, query, strlen(query), NULL, &spelling, err);
    ns_spelling_free(spelling);
    return status == NS_NOT_FOUND ? NS_OK : status;
}

static ns_status check(ns_error *err)
{
    ns_check_summary summary;
    return ns_index_check(test_index, NULL, NULL, &summary, err);
}

static void test_article_analysis_check(void **state)
{
    (void)state;
    for_more_threads();
    ns_error err = {0};
    ns_index *index;
    make_exact = true;
    make_base_index();
    make_exact = false;
    assert_ok(ns_index_open(test_index, &index, &err), err);
    for (int scenario = 0; scenario < 12; scenario++) {
        for (unsigned long n = 1;; n += FAULT_STEP) {
            err = (ns_error){0};
            arm(n, scenario % 2);
            ns_status status = scenario / 2 == 0   ? fetch(index, &err)
                               : scenario / 2 == 1 ? analyse(&err)
                               : scenario / 2 == 2 ? parse_and_build(&err)
                               : scenario / 2 == 3 ? spell(index, "tarif ofcials", &err)
                               : scenario / 2 == 4 ? spell(index, "source:wirre", &err)
                                                   : check(&err);
            if (!disarm())
                break;
            assert_memory_error(status, &err, n);
        }
        print_message("scenario %d: %lu allocations\n", scenario, heap.seen);
    }
    ns_index_close(index);
}

/* ---- Writing ---- */

/* One session for each n. A commit that has become visible stays a success whatever its tidying
 * up is refused; everything else is an error and leaves the commit before. */
static void fail_commits(bool for_ever)
{
    unsigned long late = 0;
    make_base_index();
    for (unsigned long n = 1;; n += FAULT_STEP) {
        ns_error err = {0};
        arm(n, for_ever);
        ns_status status = write_records(test_index, MORE_RECORDS, MORE_COUNT, &err);
        bool reached = disarm();
        if (status == NS_OK) {
            assert_int_equal(sound_articles(), MORE_ARTICLES);
            make_base_index();
            late++;
        } else {
            assert_memory_error(status, &err, n);
            assert_int_equal(sound_articles(), BASE_ARTICLES);
        }
        if (!reached)
            break;
    }
    print_message("index and commit: %lu allocations, %lu after the commit\n", heap.seen, late - 1);
    assert_true(late - 1 < heap.seen / 4);
}

/* A writer so short of memory that it keeps its runs in a file; every allocation once. */
static void test_commit_with_runs(void **state)
{
    (void)state;
    make_base_index();
    for (unsigned long n = 1;; n += FAULT_STEP) {
        ns_error err = {0};
        ns_writer_options options;
        ns_index_settings settings;
        ns_writer_options_init(&options);
        ns_index_settings_init(&settings);
        settings.exact = true;
        options.settings = &settings;
        options.fresh = true;
        options.memory_bytes = 1;
        options.threads = 2;
        arm(n, false);
        ns_status status = write_with(test_index, &options, MORE_RECORDS, MORE_COUNT, &err);
        bool reached = disarm();
        if (status != NS_OK)
            assert_memory_error(status, &err, n);
        else
            make_base_index();
        assert_int_equal(sound_articles(), BASE_ARTICLES);
        if (!reached)
            break;
    }
    print_message("index with runs in a file: %lu allocations\n", heap.seen);
}

static void test_commit_once(void **state)
{
    (void)state;
    fail_commits(false);
}

static void test_commit_for_ever(void **state)
{
    (void)state;
    fail_commits(true);
}

static ns_status add_first(ns_writer *writer, ns_error *err)
{
    return ns_writer_add_json(writer, BASE_RECORDS[0], strlen(BASE_RECORDS[0]), err);
}

/* Ready to commit, or to merge what is there without an article. */
static ns_writer *writer_with_work(bool merging)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.threads = 1;
    options.fresh = !merging;
    assert_ok(ns_writer_open(test_index, &options, &writer, &err), err);
    if (merging)
        assert_ok(ns_writer_delete(writer, "b", 1, &err), err);
    else
        assert_ok(add_first(writer, &err), err);
    return writer;
}

/* A writer whose commit succeeded goes on, if there is memory by then. True: there was work for n.
 */
static bool go_on_after(bool merging, bool for_ever, unsigned long n, unsigned long *late)
{
    ns_error err = {0};
    ns_writer *writer = writer_with_work(merging);
    arm(n, for_ever);
    const bool good = (merging ? ns_writer_merge(writer, NULL, &err)
                               : ns_writer_commit(writer, NULL, &err)) == NS_OK;
    const ns_status next = good ? ns_writer_commit(writer, NULL, &err) : NS_OK;
    if (next != NS_OK) {
        assert_memory_error(next, &err, n);
        ++*late;
    }
    const bool reached = disarm();
    if (good) {
        assert_ok(add_first(writer, &err), err);
        assert_ok(ns_writer_commit(writer, NULL, &err), err);
    }
    ns_writer_close(writer);
    return reached;
}

static void test_going_on(void **state)
{
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        const bool merging = kind / 2, for_ever = kind % 2;
        unsigned long late = 0;
        bool reached = true;
        for (unsigned long n = 1; reached; n += FAULT_STEP) {
            if (merging)
                make_base_index();
            reached = go_on_after(merging, for_ever, n, &late);
        }
        assert_true(!for_ever || late > 0);
    }
}

/* The same through files: the reader, gzip apart. */
static void test_add_paths(void **state)
{
    (void)state;
    char path[400];
    snprintf(path, sizeof path, "%s/more.jsonl", test_folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i < MORE_COUNT; i++)
        fprintf(file, "%s\n", MORE_RECORDS[i]);
    assert_int_equal(fclose(file), 0);
    const char *paths[] = {path};
    make_base_index();
    for (unsigned long n = 1;; n += FAULT_STEP) {
        ns_error err = {0};
        ns_writer *writer = NULL;
        assert_ok(ns_writer_open(test_index, NULL, &writer, &err), err);
        arm(n, false);
        ns_status status = ns_writer_add_paths(writer, paths, 1, &err);
        bool reached = disarm();
        if (reached) {
            assert_memory_error(status, &err, n);
            assert_int_equal(ns_writer_commit(writer, NULL, &err), NS_ERR_ARGUMENT);
        }
        ns_writer_close(writer);
        if (!reached) {
            assert_int_equal(status, NS_OK);
            break;
        }
    }
    print_message("reading files: %lu allocations\n", heap.seen);
    assert_int_equal(sound_articles(), BASE_ARTICLES);
}

/* memory_bytes 0: a plain merge; else it reorders with so much. */
static ns_status delete_and_merge(uint64_t memory_bytes, ns_error *err)
{
    ns_writer *writer = NULL;
    ns_writer_options options;
    ns_writer_options_init(&options);
    options.memory_bytes = memory_bytes;
    options.threads = 1;
    ns_status status = ns_writer_open(test_index, &options, &writer, err);
    if (status == NS_OK)
        status = ns_writer_delete(writer, "b", 1, err);
    if (status == NS_OK)
        status = memory_bytes ? ns_writer_reorder(writer, NULL, err)
                              : ns_writer_merge(writer, NULL, err);
    ns_writer_close(writer);
    return status;
}

static void merge_with_faults(uint64_t memory_bytes)
{
    const uint64_t before = MORE_ARTICLES + (memory_bytes ? MIXED_ARTICLES : 0);
    unsigned long late = 0;
    ns_status status = NS_OK;
    for (unsigned long n = 1;; n += FAULT_STEP) {
        ns_error err = {0};
        if (status == NS_OK) { /* else the index is as it was: asserted below */
            make_base_index();
            assert_ok(write_records(test_index, MORE_RECORDS, MORE_COUNT, &err), err);
            if (memory_bytes)
                add_mixed_articles();
        }
        arm(n, n % 2 == 0);
        status = delete_and_merge(memory_bytes, &err);
        bool reached = disarm();
        if (status == NS_OK) {
            assert_int_equal(sound_articles(), before - 1);
            late++;
        } else {
            assert_memory_error(status, &err, n);
            assert_int_equal(sound_articles(), before);
        }
        if (!reached)
            break;
    }
    assert_int_equal(status, NS_OK);
    print_message("merge: %lu allocations, %lu after the commit\n", heap.seen, late - 1);
    assert_true(late - 1 < heap.seen / 4);
}

static void test_merge(void **state)
{
    (void)state;
    for_more_threads();
    merge_with_faults(0);
    make_exact = true;
    merge_with_faults(0);
    make_exact = false;
}

static void test_reorder(void **state)
{
    (void)state;
    for_more_threads();
    make_exact = true;
    merge_with_faults(1); /* lists in files */
    make_exact = false;
    merge_with_faults(256 << 20); /* in memory */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open),
        cmocka_unit_test(test_query_and_show),
        cmocka_unit_test(test_other_questions),
        cmocka_unit_test(test_article_analysis_check),
        cmocka_unit_test(test_commit_with_runs),
        cmocka_unit_test(test_commit_once),
        cmocka_unit_test(test_commit_for_ever),
        cmocka_unit_test(test_going_on),
        cmocka_unit_test(test_add_paths),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_reorder),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
