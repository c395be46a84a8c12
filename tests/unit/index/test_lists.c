/* Lists merged from runs by jobs, against the same postings written one by one. */
#include "unit/index/help.h"

#include "index/lists.h"
#include "segment/segment.h"

enum { RUNS = 5, TERMS = 40, RUN_PASSAGES = 700, MOST_TF = 6, BLOCK = 16, WEIGHT = 3 };

/* One posting of one term; tf 0: there is none. */
typedef struct posting {
    uint32_t tf, title_tf, positions[MOST_TF];
} posting;

static posting *postings; /* [TERMS][RUNS * RUN_PASSAGES] */

static posting *posting_of(int term, uint32_t passage)
{
    return &postings[(size_t)term * RUNS * RUN_PASSAGES + passage];
}

/* Some terms are everywhere, some in a few passages, some far apart; some have large positions. */
static void make_postings(void)
{
    postings = calloc((size_t)TERMS * RUNS * RUN_PASSAGES, sizeof *postings);
    for (int term = 0; term < TERMS; term++) {
        uint32_t rarity = 1 + random_below(1u << random_below(10));
        uint32_t step = 1u << random_below(18), titles = random_below(4);
        for (uint32_t p = 0; p < RUNS * RUN_PASSAGES; p++) {
            posting *made = posting_of(term, p);
            if (random_below(rarity) != 0)
                continue;
            made->tf = random_below(3) ? 1 : random_below(MOST_TF) + 1;
            made->title_tf = titles == 0 ? random_below(3) : 0;
            if (made->title_tf > 0 && random_below(2))
                made->tf = 0;
            for (uint32_t i = 0; i < made->tf; i++)
                made->positions[i] = (i ? made->positions[i - 1] + 1 : 0) + random_below(step);
        }
        posting_of(term, random_below(RUNS * RUN_PASSAGES))->title_tf = 1; /* at least one */
    }
}

static bool exists(const posting *some)
{
    return some->tf + some->title_tf > 0;
}

static void name_of(int term, char name[8])
{
    snprintf(name, 8, "t%03d", term);
}

static void make_run(uint32_t number, ns__run *run)
{
    ns__run_writer writer = {0};
    *run = (ns__run){.first_passage = number * RUN_PASSAGES, .passages = RUN_PASSAGES};
    for (int term = 0; term < TERMS; term++) {
        char name[8];
        name_of(term, name);
        assert_true(ns__run_begin_term(&writer, RUN_PASSAGES, RUN_PASSAGES * MOST_TF));
        for (uint32_t p = 0; p < RUN_PASSAGES; p++) {
            const posting *made = posting_of(term, run->first_passage + p);
            if (!exists(made))
                continue;
            ns__run_posting(&writer, p, made->tf, made->title_tf);
            for (uint32_t i = 0; i < made->tf; i++)
                ns__run_position(&writer, made->positions[i] - (i ? made->positions[i - 1] : 0));
        }
        if (writer.df == 0)
            continue;
        ns__run_end_term(&writer, (ns__str){(const uint8_t *)name, strlen(name)}, 0, run);
        run->terms++;
    }
    ns__run_end_terms(&writer, run);
    run->length = run->surfaces_at = run->headlines_at = run->bytes.length;
    ns__run_writer_release(&writer);
}

/* ---- Files ---- */

typedef struct files {
    ns__frame_writer *frames[3];
    ns__postings_writer *postings;
    ns__terms_writer *terms;
} files;

static const char *const FILE_NAMES[3] = {"a.trm", "a.pst", "a.pos"};

static void open_files(files *out, const ns_index_settings *settings, const ns__lengths *lengths)
{
    static const uint32_t kinds[3] = {NS_KIND_TERMS, NS_KIND_POSTINGS, NS_KIND_POSITIONS};
    ns_error err = {0};
    for (int i = 0; i < 3; i++)
        assert_ok(ns__frame_create(in_folder(FILE_NAMES[i]), kinds[i], &out->frames[i], &err), err);
    assert_ok(ns__postings_writer_open(settings, lengths, 50, out->frames[1], out->frames[2],
                                       &out->postings, &err),
              err);
    assert_ok(ns__terms_writer_open(out->frames[0], &out->terms, &err), err);
}

/* Ends the files and returns all their bytes, one behind the other. */
static ns__buf close_files(files *all, ns__postings_counts *counts)
{
    ns_error err = {0};
    ns__buf out = {0};
    assert_ok(ns__postings_writer_finish(all->postings, counts, &err), err);
    assert_ok(ns__terms_writer_finish(all->terms, &err), err);
    for (int i = 0; i < 3; i++) {
        ns__map map;
        assert_ok(ns__frame_finish(all->frames[i], (ns__segment_id){{0}}, false, NULL, NULL, &err),
                  err);
        assert_ok(ns__map_open(in_folder(FILE_NAMES[i]), NS__MAP_SEQUENTIAL, &map, &err), err);
        ns__buf_append(&out, map.data, map.length);
        ns__map_close(&map);
        assert_ok(ns__file_remove(in_folder(FILE_NAMES[i]), &err), err);
    }
    return out;
}

static void put_plainly(files *out, int term)
{
    ns_error err = {0};
    ns__buf value = {0};
    char name[8];
    name_of(term, name);
    for (uint32_t p = 0; p < RUNS * RUN_PASSAGES; p++) {
        const posting *made = posting_of(term, p);
        uint32_t tf = made->tf + WEIGHT * made->title_tf;
        ns__posting_batch batch = {1, &p, &tf, &made->title_tf, made->positions};
        if (exists(made))
            assert_ok(ns__postings_add(out->postings, &batch, &err), err);
    }
    assert_ok(ns__postings_end_term(out->postings, &value, &err), err);
    assert_ok(ns__terms_add(out->terms, (ns__str){(const uint8_t *)name, strlen(name)}, false,
                            (ns__str){value.data, value.length}, &err),
              err);
    ns__buf_release(&value);
}

/* All terms at once: their pieces in the order of the runs. */
static void put_by_jobs(const ns__lists_options *options)
{
    ns_error err = {0};
    ns__lists lists;
    ns__run_reader readers[RUNS];
    ns__str names[RUNS];
    ns__run_piece pieces[RUNS];
    uint32_t left[RUNS];
    assert_ok(ns__lists_open(options, &lists, &err), err);
    for (int r = 0; r < RUNS; r++) {
        ns__run_open(&options->runs[r], options->spool, 64, &readers[r]);
        left[r] = options->runs[r].terms + 1;
        names[r] = (ns__str){0};
    }
    for (int term = 0; term < TERMS; term++) {
        char text[8];
        name_of(term, text);
        ns__str name = {(const uint8_t *)text, strlen(text)};
        for (uint32_t r = 0; r < RUNS; r++) {
            if (left[r] > 0 && (names[r].length == 0 || ns__str_compare(names[r], name) < 0)) {
                if (--left[r] == 0)
                    continue;
                ns__run_stream *heads = &readers[r].heads;
                assert_ok(ns__run_need(heads, NS__RUN_HEAD_BYTES, &err), err);
                ns__run_head(&heads->cur, &names[r], &pieces[r]);
                assert_false(heads->cur.bad);
            }
            if (left[r] > 0 && ns__str_equal(names[r], name))
                assert_ok(ns__lists_add(&lists, r, &pieces[r], &err), err);
        }
        assert_ok(ns__lists_end_term(&lists, name, false, &err), err);
    }
    assert_ok(ns__lists_finish(&lists, &err), err);
    ns__lists_close(&lists);
    for (int r = 0; r < RUNS; r++)
        ns__run_reader_close(&readers[r]);
}

static void test_lists(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = BLOCK;
    settings.window_passages = 64;
    settings.title_weight = WEIGHT;
    static uint8_t length_bytes[RUNS * RUN_PASSAGES];
    for (size_t i = 0; i < sizeof length_bytes; i++)
        length_bytes[i] = (uint8_t)random_below(256);
    const ns__lengths lengths = {length_bytes, 1, sizeof length_bytes};
    make_postings();
    files out;
    ns__postings_counts want_counts, counts;
    open_files(&out, &settings, &lengths);
    for (int term = 0; term < TERMS; term++)
        put_plainly(&out, term);
    ns__buf want = close_files(&out, &want_counts);
    /* A sheaf for all, sheaves of some terms and of one, read at once or piece by piece, coded by
     * jobs or by the caller. */
    static const uint64_t limits[][2] = {
        {0, 0}, {1 << 20, 0}, {20000, UINT64_MAX}, {500, UINT64_MAX}, {500, 2000}, {1, 1}};
    for (size_t i = 0; i < 4 * sizeof limits / sizeof limits[0]; i++) {
        ns__run runs[RUNS];
        ns__spool *spool = NULL;
        ns__pool *pool;
        assert_ok(ns__spool_create(in_folder("tmp-runs"), &spool, &err), err);
        assert_ok(ns__pool_open(1 + (unsigned)random_below(4), &pool, &err), err);
        for (uint32_t r = 0; r < RUNS; r++) {
            make_run(r, &runs[r]);
            if (i % 4 == 1 || (i % 4 > 1 && random_below(2)))
                ns__run_spill(&runs[r], spool);
        }
        assert_ok(ns__spool_flush(spool, &err), err);
        open_files(&out, &settings, &lengths);
        const ns__lists_options options = {
            .settings = &settings,
            .lengths = &lengths,
            .average = 50,
            .runs = runs,
            .run_count = RUNS,
            .spool = spool,
            .pool = pool,
            .memory_bytes = 1 << 20,
            .sheaf_bytes = limits[i / 4][0],
            .huge_bytes = limits[i / 4][1],
            .postings = out.postings,
            .terms = out.terms,
        };
        put_by_jobs(&options);
        ns__buf got = close_files(&out, &counts);
        assert_int_equal(got.length, want.length);
        assert_memory_equal(got.data, want.data, want.length);
        assert_memory_equal(&counts, &want_counts, sizeof counts);
        ns__buf_release(&got);
        for (uint32_t r = 0; r < RUNS; r++)
            ns__run_release(&runs[r]);
        ns__pool_close(pool);
        ns__spool_close(spool);
    }
    ns__buf_release(&want);
    free(postings);
}

/* A run whose head claims other things than its postings say is told, not believed. */
static void test_damaged_heads(void **state)
{
    (void)state;
    ns_error err = {0};
    ns_index_settings settings;
    ns_index_settings_init(&settings);
    settings.block_postings = BLOCK;
    settings.title_weight = WEIGHT;
    static uint8_t length_bytes[RUNS * RUN_PASSAGES];
    const ns__lengths lengths = {length_bytes, 1, sizeof length_bytes};
    make_postings();
    for (int round = 0; round < 300; round++) {
        ns__run run;
        ns__spool *spool = NULL;
        ns__pool *pool;
        ns__lists lists;
        files out;
        make_run(0, &run);
        ns__cur heads = ns__cur_of(run.bytes.data + run.heads_at, run.bytes.length - run.heads_at);
        ns__str name;
        ns__run_piece piece;
        ns__run_head(&heads, &name, &piece);
        switch (random_below(4)) {
        case 0:
            piece.df = random_below(2) ? piece.df + 1 + random_below(9) : UINT32_MAX;
            break;
        case 1:
            piece.positions += 1 + random_below(9);
            break;
        case 2:
            piece.forms = (uint8_t)(piece.forms ^ 1u << random_below(8));
            break;
        default: /* any byte of the postings */
            run.bytes.data[random_below((uint32_t)run.heads_at)] ^= 1 + random_below(255);
        }
        assert_ok(ns__spool_create(in_folder("tmp-runs"), &spool, &err), err);
        assert_ok(ns__pool_open(2, &pool, &err), err);
        open_files(&out, &settings, &lengths);
        const ns__lists_options options = {.settings = &settings,
                                           .lengths = &lengths,
                                           .average = 50,
                                           .runs = &run,
                                           .run_count = 1,
                                           .spool = spool,
                                           .pool = pool,
                                           .memory_bytes = 1 << 20,
                                           .postings = out.postings,
                                           .terms = out.terms};
        assert_ok(ns__lists_open(&options, &lists, &err), err);
        ns_status status = ns__lists_add(&lists, 0, &piece, &err);
        if (status == NS_OK)
            status = ns__lists_end_term(&lists, name, false, &err);
        if (status == NS_OK)
            status = ns__lists_finish(&lists, &err);
        ns__lists_close(&lists); /* some damage gives other postings, none is read outside */
        assert_true(status == NS_OK || status == NS_ERR_IO || status == NS_ERR_ARGUMENT);
        ns__postings_writer_free(out.postings);
        ns__terms_writer_free(out.terms);
        for (int i = 0; i < 3; i++)
            ns__frame_abandon(out.frames[i]);
        ns__run_release(&run);
        ns__pool_close(pool);
        ns__spool_close(spool);
    }
    free(postings);
}

/* A term that comes up once has the same bytes both ways, whatever widths its values have. */
static void test_single_terms(void **state)
{
    (void)state;
    ns__run_writer plain = {0}, single = {0};
    ns__run plain_run = {0}, single_run = {0};
    char name[8];
    for (int term = 0; term < 2000; term++) {
        const uint32_t passage = random_below(1u << random_below(26)) - (term % 50 == 0);
        const uint32_t position = random_below(1u << random_below(26));
        const uint8_t flags = (uint8_t)random_below(2);
        name_of(term % 1000, name);
        assert_true(ns__run_begin_term(&plain, 1, 1));
        ns__run_posting(&plain, passage, 1, 0);
        ns__run_position(&plain, position);
        ns__run_end_term(&plain, (ns__str){(const uint8_t *)name, strlen(name)}, flags, &plain_run);
        ns__run_single(&single, (ns__str){(const uint8_t *)name, strlen(name)}, flags, passage,
                       position, &single_run);
    }
    ns__run_end_terms(&plain, &plain_run);
    ns__run_end_terms(&single, &single_run);
    assert_int_equal(single_run.heads_at, plain_run.heads_at);
    assert_int_equal(single_run.bytes.length, plain_run.bytes.length);
    assert_memory_equal(single_run.bytes.data, plain_run.bytes.data, plain_run.bytes.length);
    ns__run_writer_release(&plain);
    ns__run_writer_release(&single);
    ns__run_release(&plain_run);
    ns__run_release(&single_run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_damaged_heads),
        cmocka_unit_test(test_single_terms),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
