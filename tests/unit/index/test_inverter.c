/* Names in order; runs against the naive inversion. */
#include "unit/index/naive.h"

#include "index/fingerprint.h"
#include "index/inverter.h"
#include "index/names.h"

/* ---- Names ---- */

static int compare_names(const void *a, const void *b)
{
    const ns__name *left = a, *right = b;
    int order = ns__str_compare(left->text, right->text);
    return order ? order : (left->id > right->id) - (left->id < right->id);
}

static void test_names(void **state)
{
    (void)state;
    enum { MOST = 3000 };
    uint8_t *bytes = malloc(MOST * 20);
    ns__name *names = calloc(MOST, sizeof *names), *want = calloc(MOST, sizeof *want);
    ns__name *scratch = calloc(MOST, sizeof *scratch);
    for (int round = 0; round < 60; round++) {
        size_t count = round < 30 ? (size_t)round : random_below(MOST);
        for (size_t i = 0; i < count; i++) {
            /* Few letters, zero bytes among them, so that equal prefixes and names occur. */
            uint8_t *text = bytes + 20 * i;
            size_t length = random_below(20);
            for (size_t b = 0; b < length; b++)
                text[b] = (uint8_t)("\0\0a\xff"[random_below(4)]);
            names[i] = ns__name_of((ns__str){text, length}, random_below(3));
        }
        memcpy(want, names, count * sizeof *names);
        qsort(want, count, sizeof *want, compare_names);
        size_t middle = count ? random_below((uint32_t)count + 1) : 0;
        if (round % 2) {
            ns__names_sort(names, scratch, middle);
            ns__names_sort(names + middle, scratch, count - middle);
            ns__names_merge(names, middle, count, scratch);
        } else {
            ns__names_sort(names, scratch, count);
        }
        for (size_t i = 0; i < count; i++)
            assert_int_equal(compare_names(&names[i], &want[i]), 0);
    }
    free(bytes);
    free(names);
    free(want);
    free(scratch);
}

/* ---- Runs ---- */

/* The next value of an array of a run. */
static uint32_t next_value(const uint8_t **at, unsigned width, uint32_t usual)
{
    uint32_t value = width == 0 ? usual : 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint32_t)(*at)[i] << 8 * i;
    *at += width;
    return value;
}

/* One list of a run: four arrays from *at on. */
static void compare_piece(const naive *all, size_t *row, ns__str term, const ns__run_piece *piece,
                          const uint8_t **at)
{
    const uint8_t *arrays[4];
    unsigned widths[4];
    for (unsigned a = 0; a < 4; a++) {
        unsigned form = piece->forms >> 2 * a & 3;
        widths[a] = form == 3 ? 4 : form;
        arrays[a] = *at;
        *at += (size_t)widths[a] * (a < 3 ? piece->df : piece->positions);
    }
    assert_int_equal(*at - arrays[0], ns__run_piece_bytes(piece));
    uint32_t passage = 0, positions = 0;
    for (uint32_t i = 0; i < piece->df; i++) {
        uint32_t want_passage, want_tf, want_title, position = 0, read;
        const naive_row *first;
        assert_true(*row < all->count);
        assert_int_equal(naive_compare_bytes(term.data, term.length, all->rows[*row].term,
                                             all->rows[*row].length),
                         0);
        naive_posting(all, row, &want_passage, &want_tf, &want_title, &first);
        const uint8_t *gap = arrays[0];
        passage += next_value(&arrays[0], widths[0], 0);
        ns__run_values(gap, piece->forms, NS__RUN_GAPS, 0, 1, &read);
        assert_int_equal(read, next_value(&gap, widths[0], 0));
        uint32_t tf = next_value(&arrays[1], widths[1], 1);
        assert_int_equal(passage, want_passage);
        assert_int_equal(tf, want_tf);
        assert_int_equal(next_value(&arrays[2], widths[2], 0), want_title);
        for (uint32_t k = 0; k < tf; k++) {
            position += next_value(&arrays[3], widths[3], 0);
            assert_int_equal(position, first[k].position);
        }
        positions += tf;
    }
    assert_int_equal(positions, piece->positions);
}

/* Reads a run by its description in run.h and compares everything with the naive rows. */
static void compare_terms(const naive *all, const ns__run *run, const uint8_t *postings,
                          ns__cur *cur, bool forms)
{
    size_t row = 0;
    const uint8_t *at = postings;
    for (uint32_t t = 0; t < run->terms; t++) {
        ns__str term;
        ns__run_piece piece;
        uint8_t flags = ns__run_head(cur, &term, &piece);
        assert_false(cur->bad);
        assert_true(row < all->count);
        assert_int_equal(term.length, all->rows[row].length);
        assert_memory_equal(term.data, all->rows[row].term, term.length);
        if (forms)
            assert_int_equal(flags, naive_is_form(all, term.data, term.length));
        assert_true(piece.df > 0);
        compare_piece(all, &row, term, &piece, &at);
    }
    assert_int_equal(row, all->count);
    assert_int_equal(at - postings, run->heads_at);
    assert_false(cur->bad);
    assert_int_equal(ns__cur_left(cur), 0);
}

static void compare_headlines(const naive *all, const ns__run *run, ns__run_reader *reader)
{
    /* Ranks back to terms. */
    ns__str *terms = calloc(run->terms + 1, sizeof *terms);
    size_t row = 0;
    for (uint32_t t = 0; t < run->terms; t++) {
        terms[t] = (ns__str){all->rows[row].term, all->rows[row].length};
        while (row < all->count && all->rows[row].length == terms[t].length &&
               memcmp(all->rows[row].term, terms[t].data, terms[t].length) == 0)
            row++;
    }
    assert_int_equal(run->headline_terms, all->headline_count);
    for (size_t i = 0; i < all->headline_count; i++) {
        uint32_t rank = ns__cur_varint32(&reader->headlines.cur);
        assert_true(rank < run->terms);
        assert_int_equal(naive_compare_bytes(terms[rank].data, terms[rank].length,
                                             all->headline[i].term, all->headline[i].length),
                         0);
    }
    assert_int_equal(ns__cur_left(&reader->headlines.cur), 0);
    free(terms);
}

static void compare_surfaces(const naive *all, const ns__run *run, ns__run_reader *reader)
{
    ns__str before = {NULL, 0};
    uint32_t before_rank = 0, found = 0;
    for (uint32_t i = 0; i < run->surfaces; i++) {
        ns__str surface = ns__cur_str(&reader->surfaces.cur);
        uint32_t rank = ns__cur_varint32(&reader->surfaces.cur);
        assert_true(rank < run->terms);
        int order = ns__str_compare(before, surface);
        assert_true(order < 0 || (order == 0 && before_rank < rank));
        before = surface;
        before_rank = rank;
    }
    for (size_t i = 0; i < all->form_count; i++)
        found += naive_compare_bytes(all->forms[i].surface, all->forms[i].surface_length,
                                     all->forms[i].term, all->forms[i].term_length) != 0;
    assert_int_equal(run->surfaces, found);
    assert_int_equal(ns__cur_left(&reader->surfaces.cur), 0);
}

/* With `spool`, the run is in it. */
static void compare_run(naive *all, ns__run *run, const ns__spool *spool, bool forms)
{
    ns_error err = {0};
    ns__run_reader reader;
    naive_sort(all);
    assert_int_equal(run->passages, all->passages);
    ns__run_open(run, spool, 16, &reader);
    ns__run_stream *streams[] = {&reader.heads, &reader.surfaces, &reader.headlines};
    for (size_t i = 0; i < 3; i++)
        assert_ok(ns__run_need(streams[i], (size_t)run->length, &err), err);
    ns__cur heads = reader.heads.cur;
    uint8_t *postings = malloc(run->heads_at + 1);
    if (spool)
        assert_ok(ns__spool_read(spool, run->at, postings, (size_t)run->heads_at, &err), err);
    else
        memcpy(postings, run->bytes.data, run->heads_at);
    compare_terms(all, run, postings, &heads, forms);
    free(postings);
    if (forms)
        compare_surfaces(all, run, &reader);
    compare_headlines(all, run, &reader);
    ns__run_reader_close(&reader);
    ns__run_release(run);
    naive_release(all);
}

typedef struct batch_bench {
    ns__analyzer *analyzer;
    ns__inverter *inverter;
    ns__tokens title;
    ns__passages passages;
    naive all;
} batch_bench;

static void add_text(batch_bench *bench, const ns__buf *title, const ns__buf *body)
{
    ns_error err = {0};
    ns__str title_text = {title->data, title->length}, body_text = {body->data, body->length};
    ns__lang lang = ns__analyzer_record_language(bench->analyzer, NS_STR(""), body_text);
    bench->title.count = 0;
    assert_ok(ns__analyzer_run(bench->analyzer, lang, title_text, &bench->title, &err), err);
    assert_ok(ns__passages_cut(bench->analyzer, lang, body_text, &bench->passages, &err), err);
    size_t count =
        bench->title.count < NS_MAX_TITLE_TERMS ? bench->title.count : NS_MAX_TITLE_TERMS;
    uint64_t print, plain;
    assert_ok(ns__inverter_add(bench->inverter, bench->title.items, count, &bench->passages, &print,
                               &err),
              err);
    ns__fingerprinter prints = {0};
    assert_ok(ns__fingerprint_make(&prints, bench->analyzer, &bench->passages.tokens, &plain, &err),
              err);
    assert_true(print == plain);
    ns__fingerprinter_release(&prints);
    naive_add(&bench->all, bench->analyzer, &bench->title, &bench->passages);
}

static void open_bench(batch_bench *bench, bool one_passage)
{
    ns_error err = {0};
    ns_analysis_settings settings;
    ns_analysis_settings_init(&settings);
    settings.one_passage = one_passage;
    *bench = (batch_bench){0};
    assert_ok(ns__analyzer_open(&settings, &bench->analyzer, &err), err);
    assert_ok(ns__inverter_open(bench->analyzer, &bench->inverter, &err), err);
}

static void close_bench(batch_bench *bench)
{
    ns__inverter_close(bench->inverter);
    ns__analyzer_close(bench->analyzer);
    ns__tokens_release(&bench->title);
    ns__passages_release(&bench->passages);
    naive_release(&bench->all);
}

/* Batches one after the other with one analyser, which is cleared now and then. */
static void test_runs(void **state)
{
    (void)state;
    for (int mode = 0; mode < 2; mode++) {
        batch_bench bench;
        open_bench(&bench, mode == 1);
        bool fresh = true;
        for (int batch = 0; batch < 12; batch++) {
            uint32_t articles = batch == 3 ? 1 : 1 + random_below(25);
            for (uint32_t i = 0; i < articles; i++) {
                test_article article;
                make_article(&article, i);
                add_text(&bench, &article.title, &article.body);
                release_article(&article);
            }
            assert_int_equal(ns__inverter_articles(bench.inverter), articles);
            assert_int_equal(ns__inverter_passages(bench.inverter), bench.all.passages);
            ns_error err = {0};
            ns__run run = {0};
            assert_ok(ns__inverter_finish(bench.inverter, &run, &err), err);
            assert_int_equal(ns__inverter_articles(bench.inverter), 0);
            ns__spool *spool = NULL;
            if (batch % 4 == 2) {
                assert_ok(ns__spool_create(in_folder("tmp-runs"), &spool, &err), err);
                ns__spool_append(spool, "before", 6);
                ns__run_spill(&run, spool);
                ns__spool_append(spool, "behind", 6);
                assert_ok(ns__spool_flush(spool, &err), err);
            }
            compare_run(&bench.all, &run, spool, fresh); /* forms are whole after a clear only */
            ns__spool_close(spool);
            assert_int_equal(access(in_folder("tmp-runs"), F_OK), -1); /* it removed its file */
            fresh = batch % 3 == 0;
            if (fresh) {
                ns__analyzer_clear(bench.analyzer);
                ns__inverter_forget(bench.inverter);
            }
        }
        close_bench(&bench);
    }
}

/* A headline beyond the limit, in an article of many passages, and one without any word. */
static void test_long_headline(void **state)
{
    (void)state;
    batch_bench bench;
    open_bench(&bench, false);
    ns__buf title = {0}, body = {0}, empty = {0};
    random_words(&title, NS_MAX_TITLE_TERMS + 100, false);
    random_words(&body, 2000, true);
    add_text(&bench, &title, &body);
    add_text(&bench, &empty, &empty);
    add_text(&bench, &title, &empty);
    ns_error err = {0};
    ns__run run = {0};
    assert_ok(ns__inverter_finish(bench.inverter, &run, &err), err);
    compare_run(&bench.all, &run, NULL, true);
    ns__buf_release(&title);
    ns__buf_release(&body);
    close_bench(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_runs),
        cmocka_unit_test(test_long_headline),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
