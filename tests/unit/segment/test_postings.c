/* Posting lists: every class and density there and back, bounds, refusals, damaged bytes. */
#include "unit/segment/segment_test.h"

#include <math.h>

#include "base/limits.h"
#include "segment/postings.h"

/* One list as it should come back. */
typedef struct model {
    uint32_t df;
    uint32_t *ids, *tfs, *title_tfs, *positions;
    uint64_t *starts; /* df + 1 */
    ns__buf value;
} model;

typedef struct fixture {
    ns_index_settings settings;
    ns__lengths lengths;
    uint8_t *length_bytes;
    uint32_t passages;
    double average;
    model *lists;
    size_t list_count;
    ns__postings_counts counts;
    ns__frame postings_frame, pos_frame;
    ns__postings postings;
} fixture;

/* ---- Making ---- */

static void make_lengths(fixture *f, uint32_t passages, unsigned width)
{
    double total = 0;
    f->passages = passages;
    f->length_bytes = calloc(passages, width);
    f->lengths = (ns__lengths){f->length_bytes, width, passages};
    for (uint32_t i = 0; i < passages; i++) {
        uint32_t length = 1 + random_below(width == 1 ? 255 : 1000);
        memcpy(f->length_bytes + (size_t)i * width, &length, width);
        total += length;
    }
    f->average = total / passages;
}

static void fill_posting(const fixture *f, model *list, uint32_t i, uint32_t shape)
{
    uint32_t body = shape == 0 ? 1 : 1 + random_below(1 + random_below(1 + random_below(12)));
    uint32_t title = shape < 2 ? 0 : random_below(shape == 2 ? 30 : 2) == 0;
    if (title && random_below(5) == 0)
        title += random_below(5);
    if (title && f->settings.title_weight > 0 && random_below(3) == 0)
        body = 0; /* in the headline only */
    if (shape == 1 && random_below(40) == 0)
        body += random_below(60);
    list->title_tfs[i] = title;
    list->tfs[i] = body + title * f->settings.title_weight;
    list->starts[i + 1] = list->starts[i] + body;
    list->positions = realloc(list->positions, (list->starts[i + 1] + 1) * sizeof(uint32_t));
    uint32_t at = random_below(200);
    for (uint64_t p = list->starts[i]; p < list->starts[i + 1]; p++) {
        list->positions[p] = at;
        at += 1 + random_below(random_below(50) == 0 ? 100000 : 30);
    }
}

/* df passages chosen at random (all sets alike), or a run. */
static void make_list(const fixture *f, model *list, uint32_t df)
{
    const uint32_t shape = random_below(4);
    *list = (model){.df = df};
    list->ids = calloc(df, sizeof(uint32_t));
    list->tfs = calloc(df, sizeof(uint32_t));
    list->title_tfs = calloc(df, sizeof(uint32_t));
    list->starts = calloc(df + 1, sizeof(uint64_t));
    const bool run = random_below(5) == 0;
    const uint32_t first = random_below(f->passages - df + 1);
    uint32_t n = 0;
    for (uint32_t id = 0; n < df; id++)
        if (run ? id >= first : random_below(f->passages - id) < df - n)
            list->ids[n++] = id;
    for (uint32_t i = 0; i < df; i++)
        fill_posting(f, list, i, shape);
}

static void free_list(model *list)
{
    free(list->ids);
    free(list->tfs);
    free(list->title_tfs);
    free(list->positions);
    free(list->starts);
    ns__buf_release(&list->value);
}

/* In batches of random sizes. */
static void write_list(ns__postings_writer *writer, model *list)
{
    bool titles = false;
    for (uint32_t i = 0; i < list->df; i++)
        titles |= list->title_tfs[i] != 0;
    for (uint32_t done = 0; done < list->df;) {
        uint32_t n = 1 + random_below(list->df - done);
        ns__posting_batch batch = {n, list->ids + done, list->tfs + done,
                                   titles ? list->title_tfs + done : NULL,
                                   list->positions + list->starts[done]};
        assert_int_equal(ns__postings_add(writer, &batch, NULL), NS_OK);
        done += n;
    }
    assert_int_equal(ns__postings_end_term(writer, &list->value, NULL), NS_OK);
}

static void make_fixture(fixture *f, uint32_t block, uint32_t window, uint32_t weight,
                         uint32_t passages, const uint32_t *dfs, size_t count)
{
    static const unsigned widths[] = {1, 2, 4};
    memset(f, 0, sizeof *f);
    f->settings = (ns_index_settings){.title_weight = weight,
                                      .k1 = 0.9,
                                      .b = 0.4,
                                      .block_postings = block,
                                      .window_passages = window};
    make_lengths(f, passages, widths[random_below(3)]);
    f->lists = calloc(count, sizeof *f->lists);
    f->list_count = count;
    ns__frame_writer *postings = create_frame("t.pst", NS_KIND_POSTINGS);
    ns__frame_writer *positions = create_frame("t.pos", NS_KIND_POSITIONS);
    ns__postings_writer *writer;
    assert_int_equal(ns__postings_writer_open(&f->settings, &f->lengths, f->average, postings,
                                              positions, &writer, NULL),
                     NS_OK);
    for (size_t i = 0; i < count; i++) {
        make_list(f, &f->lists[i], dfs[i]);
        write_list(writer, &f->lists[i]);
    }
    assert_int_equal(ns__postings_writer_finish(writer, &f->counts, NULL), NS_OK);
    finish_and_open(postings, "t.pst", NS_KIND_POSTINGS, &f->postings_frame);
    finish_and_open(positions, "t.pos", NS_KIND_POSITIONS, &f->pos_frame);
    assert_int_equal(ns__postings_open(&f->postings_frame, &f->pos_frame, &f->settings, &f->lengths,
                                       f->average, &f->postings, NULL),
                     NS_OK);
}

static void free_fixture(fixture *f)
{
    for (size_t i = 0; i < f->list_count; i++)
        free_list(&f->lists[i]);
    free(f->lists);
    free(f->length_bytes);
    ns__frame_close(&f->postings_frame);
    ns__frame_close(&f->pos_frame);
}

/* ---- Bounds ---- */

static double score(uint32_t tf, uint32_t length, double k1, double b, double average)
{
    return tf / (tf + k1 * (1 - b + b * length / average));
}

/* How many postings of [from, to) no other one beats. */
static uint32_t count_unbeaten(const fixture *f, const model *list, uint32_t from, uint32_t to)
{
    uint32_t unbeaten = 0;
    for (uint32_t i = from; i < to; i++) {
        const uint32_t length = ns__length_of(&f->lengths, list->ids[i]);
        bool beaten = false;
        for (uint32_t j = from; j < to && !beaten; j++) {
            const uint32_t other = ns__length_of(&f->lengths, list->ids[j]);
            const bool same = list->tfs[j] == list->tfs[i] && other == length;
            beaten = same ? j < i : list->tfs[j] >= list->tfs[i] && other <= length;
        }
        unbeaten += !beaten;
    }
    return unbeaten;
}

static void check_half(const fixture *f, const model *list, uint32_t from, uint32_t to, double k1,
                       double b, double average, bool stored, float bound)
{
    double best = 0;
    for (uint32_t i = from; i < to; i++)
        best = fmax(best,
                    score(list->tfs[i], ns__length_of(&f->lengths, list->ids[i]), k1, b, average));
    assert_true((double)bound >= best);
    if (stored)
        assert_true((double)bound <= best + 1.01 / 255);
    else if (k1 == f->settings.k1 && b == f->settings.b)
        assert_true((double)bound <= best + 1.01 / 255 + 0.035); /* averages 5 % apart */
    else if (count_unbeaten(f, list, from, to) <= NS_MAX_BOUND_PAIRS)
        assert_true((double)bound <= best * (1 + 0x1p-22));
}

static void check_shortest(const fixture *f, const model *list, const ns__plist *opened)
{
    const uint32_t half = f->settings.block_postings / 2;
    for (uint32_t h = 0; h < 2 * opened->blocks; h++) {
        const uint32_t from = (h * half < list->df ? h : h - 1) * half; /* a missing half repeats */
        const uint32_t to = from + half < list->df ? from + half : list->df;
        uint32_t shortest = UINT32_MAX;
        for (uint32_t i = from; i < to; i++)
            shortest = ns__min_u32(shortest, ns__length_of(&f->lengths, list->ids[i]));
        const uint32_t got = ns__plist_shortest(opened, h / 2, h % 2);
        if (opened->decoded)
            assert_int_equal(got, 0);
        else
            assert_int_equal(got, ns__length_decode(ns__length_code(shortest)));
    }
}

static void check_bounds(const fixture *f, const model *list, const ns__plist *opened, double k1,
                         double b, double average)
{
    const uint32_t half = f->settings.block_postings / 2;
    float *bounds = malloc(2 * (size_t)opened->blocks * sizeof *bounds);
    const bool stored = k1 == f->settings.k1 && b == f->settings.b && average == f->average;
    assert_int_equal(ns__plist_bounds(opened, k1, b, average, bounds, NULL), NS_OK);
    for (uint32_t h = 0; h < 2 * opened->blocks; h++) {
        const uint32_t from = h * half;
        const uint32_t to = from + half < list->df ? from + half : list->df;
        if (from >= list->df)
            assert_true(h % 2 == 1 && memcmp(&bounds[h], &bounds[h - 1], sizeof(float)) == 0);
        else
            check_half(f, list, from, to, k1, b, average, stored, bounds[h]);
    }
    free(bounds);
}

static void check_windows(const fixture *f, const model *list, const ns__plist *opened)
{
    const bool expected = !opened->decoded && list->df > f->passages / 512;
    assert_int_equal(opened->windows != NULL, expected);
    if (!expected)
        return;
    const uint32_t size = f->settings.window_passages;
    assert_int_equal(opened->window_count, (f->passages + size - 1) / size);
    double *best = calloc(opened->window_count, sizeof *best);
    for (uint32_t i = 0; i < list->df; i++) {
        double *of = &best[list->ids[i] / size];
        *of = fmax(*of, score(list->tfs[i], ns__length_of(&f->lengths, list->ids[i]),
                              f->settings.k1, f->settings.b, f->average));
    }
    for (uint32_t w = 0; w < opened->window_count; w++) {
        const double bound = (double)ns__quant_bound(opened->windows[w]);
        assert_true(bound >= best[w] && bound <= best[w] + 1.01 / 255);
        assert_true(best[w] > 0 || opened->windows[w] == 0);
    }
    free(best);
}

/* ---- There and back ---- */

static void check_positions(const model *list, const ns__plist *opened,
                            const ns__unpack_kernels *kernels, uint32_t block, const uint32_t *tfs)
{
    const uint32_t first = block * opened->block_postings;
    ns__pos_block *positions = malloc(sizeof *positions);
    assert_int_equal(ns__plist_positions_open(opened, kernels, block, tfs, positions, NULL), NS_OK);
    assert_int_equal(positions->count, ns__plist_count(opened, block));
    for (uint32_t turn = 0; turn < positions->count; turn++) {
        const uint32_t i = random_below(2) ? turn : random_below(positions->count);
        const uint64_t start = list->starts[first + i], n = list->starts[first + i + 1] - start;
        uint32_t *got = malloc((n + NS_UNPACK_ROUND) * sizeof *got);
        uint32_t count;
        assert_int_equal(positions->title_tfs[i], list->title_tfs[first + i]);
        ns__pos_block_get(positions, kernels, i, got, &count);
        assert_int_equal(count, n);
        assert_memory_equal(got, list->positions + start, n * sizeof *got);
        free(got);
    }
    free(positions);
}

/* The same by single postings. */
static void check_picks(const model *list, const ns__plist *opened,
                        const ns__unpack_kernels *kernels, uint32_t block)
{
    const uint32_t before = block * opened->block_postings;
    ns__pos_pick *pick = malloc(sizeof *pick);
    uint32_t first, count;
    assert_true(ns__plist_pick_open(opened, kernels, block, pick));
    for (uint32_t i = 0; i < ns__plist_count(opened, block); i++) {
        const uint64_t start = list->starts[before + i], n = list->starts[before + i + 1] - start;
        assert_true(ns__pos_pick_find(pick, kernels, i, &first, &count));
        assert_int_equal(first, start - list->starts[before]);
        assert_int_equal(count, n);
        uint32_t *got = malloc((n + NS_UNPACK_ROUND) * sizeof *got);
        if (n > 0)
            ns__values_get(kernels, &pick->values, first, count, got);
        for (uint32_t p = 0; p < n; p++) {
            got[p] += p > 0 ? got[p - 1] : 0;
            assert_int_equal(got[p], list->positions[start + p]);
        }
        free(got);
    }
    assert_false(ns__pos_pick_find(pick, kernels, ns__plist_count(opened, block), &first, &count));
    free(pick);
}

static void check_list(const fixture *f, const model *list)
{
    const ns__unpack_kernels *kernels = random_kernels();
    ns__arena arena = {0};
    ns__plist opened;
    uint32_t df, ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM], seen = 0;
    ns__block_place place;
    const ns__str value = {list->value.data, list->value.length};
    assert_true(ns__plist_df(value, &df));
    assert_int_equal(df, list->df);
    assert_int_equal(ns__plist_open(&f->postings, value, &arena, &opened, NULL), NS_OK);
    assert_int_equal(opened.df, list->df);
    for (uint32_t block = 0; block < opened.blocks; block++) {
        const uint32_t count = ns__plist_count(&opened, block);
        assert_int_equal(ns__plist_ids(&opened, kernels, block, ids, &place, NULL), NS_OK);
        assert_int_equal(ns__plist_tfs(&opened, kernels, &place, tfs, NULL), NS_OK);
        assert_memory_equal(ids, list->ids + seen, count * sizeof *ids);
        assert_memory_equal(tfs, list->tfs + seen, count * sizeof *tfs);
        assert_int_equal(ns__plist_last(&opened, block), ids[count - 1]);
        check_positions(list, &opened, kernels, block, tfs);
        if (!opened.decoded)
            check_picks(list, &opened, kernels, block);
        seen += count;
    }
    assert_int_equal(seen, list->df);
    check_bounds(f, list, &opened, f->settings.k1, f->settings.b, f->average);
    check_bounds(f, list, &opened, f->settings.k1, f->settings.b, f->average * 0.95);
    check_bounds(f, list, &opened, f->settings.k1, f->settings.b, f->average * 1.05);
    for (int i = 0; i < 3; i++)
        check_bounds(f, list, &opened, random_below(300) / 100.0, random_below(101) / 100.0,
                     f->average * (0.5 + random_below(100) / 100.0));
    check_windows(f, list, &opened);
    check_shortest(f, list, &opened);
    ns__arena_release(&arena);
}

static void round_trip(uint32_t block, uint32_t window, uint32_t weight, uint32_t passages)
{
    uint32_t dfs[40];
    const uint32_t near[] = {1,
                             1,
                             2,
                             3,
                             block / 2,
                             block / 2 + 1,
                             block - 1,
                             block,
                             block + 1,
                             block + block / 2,
                             block + block / 2 + 1,
                             2 * block,
                             5 * block + 1};
    for (size_t i = 0; i < sizeof dfs / sizeof *dfs; i++) {
        uint32_t df =
            i < sizeof near / sizeof *near ? near[i] : 1 + random_below(1 + random_below(passages));
        dfs[i] = df == 0 ? 1 : df > passages ? passages : df;
    }
    dfs[39] = passages;
    fixture f;
    make_fixture(&f, block, window, weight, passages, dfs, sizeof dfs / sizeof *dfs);
    uint64_t postings = 0, positions = 0;
    for (size_t i = 0; i < f.list_count; i++) {
        check_list(&f, &f.lists[i]);
        postings += f.lists[i].df;
        positions += f.lists[i].starts[f.lists[i].df];
    }
    assert_int_equal(f.counts.postings, postings);
    assert_int_equal(f.counts.positions, positions);
    assert_int_equal(f.counts.inline_lists + f.counts.short_lists + f.counts.block_lists,
                     f.list_count);
    free_fixture(&f);
}

static void test_round_trip(void **state)
{
    (void)state;
    seed_random();
    for (int i = 0; i < 12; i++) {
        round_trip(4, 16, 2, 30 + random_below(400));
        round_trip(8, 16, random_below(4), 100 + random_below(400));
    }
    for (int i = 0; i < 3; i++)
        round_trip(256, i ? 4096 : 16, 2, 1400 + random_below(8000));
    round_trip(2, 16, 255, 50);
    round_trip(4, 16, 2, 1);
}

/* q / 255 rounded up, for all 256 of them, and never wider than a rounding step. */
static void test_quant_bound(void **state)
{
    (void)state;
    for (unsigned q = 0; q < 256; q++) {
        const double exact = q / 255.0, bound = (double)ns__quant_bound((uint8_t)q);
        assert_true(bound >= exact && bound <= exact * (1 + 0x1p-22));
    }
}

/* Rounded down by at most a sixteenth, in order, and never in a larger code. */
static void test_length_code(void **state)
{
    (void)state;
    uint8_t before = 0;
    for (uint32_t length = 0; length < 1u << 20; length += 1 + length / 1000) {
        const uint8_t code = ns__length_code(length);
        const uint32_t shown = ns__length_decode(code);
        assert_true(code >= before && shown <= length);
        assert_true(length >= 1u << 19 || (length - shown) * 16 <= length);
        before = code;
    }
    for (uint32_t length = 0; length < 33; length++)
        assert_int_equal(ns__length_decode(ns__length_code(length)), length);
    assert_int_equal(ns__length_code(UINT32_MAX), 255);
    assert_int_equal(ns__length_decode(255), 31u << 14);
}

/* ---- Refusals ---- */

static void expect_refusal(uint32_t weight, const ns__posting_batch *batch)
{
    uint8_t lengths[10];
    memset(lengths, 9, sizeof lengths);
    const ns_index_settings settings = {
        .title_weight = weight, .k1 = 0.9, .b = 0.4, .block_postings = 4, .window_passages = 16};
    const ns__lengths table = {lengths, 1, sizeof lengths};
    ns__frame_writer *postings = create_frame("r.pst", NS_KIND_POSTINGS);
    ns__frame_writer *positions = create_frame("r.pos", NS_KIND_POSITIONS);
    ns__postings_writer *writer;
    ns_error err = {0};
    assert_int_equal(
        ns__postings_writer_open(&settings, &table, 9, postings, positions, &writer, NULL), NS_OK);
    ns_status status = ns__postings_add(writer, batch, &err);
    if (status == NS_OK) {
        ns__buf value = {0};
        status = ns__postings_end_term(writer, &value, &err);
        ns__buf_release(&value);
    }
    assert_int_equal(status, NS_ERR_ARGUMENT);
    assert_true(err.message[0] != 0);
    ns__postings_writer_free(writer);
    ns__frame_abandon(postings);
    ns__frame_abandon(positions);
}

static void test_refusals(void **state)
{
    (void)state;
    const uint32_t ids[] = {3, 5}, same[] = {3, 3}, far[] = {3, 10}, ones[] = {1, 1};
    const uint32_t zero[] = {1, 0}, two[] = {1, 2}, flat[] = {4, 4, 4}, up[] = {0, 1, 2};
    expect_refusal(2, &(ns__posting_batch){0, ids, ones, NULL, up});
    expect_refusal(2, &(ns__posting_batch){2, same, ones, NULL, up});
    expect_refusal(2, &(ns__posting_batch){2, far, ones, NULL, up});
    expect_refusal(2, &(ns__posting_batch){2, ids, zero, NULL, up});
    expect_refusal(2, &(ns__posting_batch){2, ids, two, NULL, flat});
    expect_refusal(2, &(ns__posting_batch){2, ids, ones, ones, up});
}

static void test_other_settings(void **state)
{
    (void)state;
    seed_random();
    fixture f;
    make_fixture(&f, 4, 16, 2, 50, (uint32_t[]){1, 2, 30}, 3);
    ns__postings again;
    ns_index_settings other = f.settings;
    other.k1 = 1.2;
    assert_int_equal(ns__postings_open(&f.postings_frame, &f.pos_frame, &other, &f.lengths,
                                       f.average, &again, NULL),
                     NS_ERR_CORRUPT);
    assert_int_equal(ns__postings_open(&f.postings_frame, &f.pos_frame, &f.settings, &f.lengths,
                                       f.average + 1, &again, NULL),
                     NS_ERR_CORRUPT);
    free_fixture(&f);
}

/* ---- Damaged bytes ---- */

static void read_damaged_positions(const ns__plist *list, uint32_t block, const uint32_t *tfs)
{
    ns__pos_block *positions = malloc(sizeof *positions);
    const ns__unpack_kernels *kernels = random_kernels();
    if (ns__plist_positions_open(list, kernels, block, tfs, positions, NULL) == NS_OK)
        for (uint32_t i = 0; i < positions->count; i++) {
            const uint32_t n = positions->starts[i + 1] - positions->starts[i];
            assert_true(n <= tfs[i] && n < 100000);
            uint32_t *got = malloc((n + NS_UNPACK_ROUND) * sizeof *got);
            uint32_t count;
            ns__pos_block_get(positions, kernels, i, got, &count);
            assert_int_equal(count, n);
            free(got);
        }
    ns__pos_pick *pick = malloc(sizeof *pick);
    uint32_t first, count;
    if (!list->decoded && ns__plist_pick_open(list, kernels, block, pick))
        for (uint32_t i = 0; i < pick->count; i++)
            if (ns__pos_pick_find(pick, kernels, i, &first, &count) && count > 0) {
                assert_true(count < 100000);
                uint32_t *got = malloc((count + NS_UNPACK_ROUND) * sizeof *got);
                ns__values_get(kernels, &pick->values, first, count, got);
                free(got);
            }
    free(pick);
    free(positions);
}

/* Whatever is accepted keeps the contract. */
static void read_damaged(const ns__postings *postings, ns__str value)
{
    ns__arena arena = {0};
    ns__plist list;
    ns_error err = {0};
    ns_status status = ns__plist_open(postings, value, &arena, &list, &err);
    assert_true(arena.total < 100000);
    if (status != NS_OK) {
        assert_int_equal(status, NS_ERR_CORRUPT);
        ns__arena_release(&arena);
        return;
    }
    uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM], before = 0;
    ns__block_place place;
    float *bounds = malloc(2 * (size_t)list.blocks * sizeof *bounds);
    ns__plist_bounds(&list, 1.2, 0.75, 33, bounds, NULL);
    ns__plist_bounds(&list, postings->k1, postings->b, postings->average, bounds, NULL);
    free(bounds);
    for (uint32_t block = 0; block < list.blocks; block++) {
        const uint32_t count = ns__plist_count(&list, block);
        if (ns__plist_ids(&list, random_kernels(), block, ids, &place, NULL) != NS_OK)
            break;
        for (uint32_t i = 0; i < count; i++) {
            assert_true((block == 0 && i == 0) || ids[i] > before);
            assert_true(ids[i] < postings->passages);
            before = ids[i];
        }
        assert_int_equal(before, ns__plist_last(&list, block));
        if (ns__plist_tfs(&list, random_kernels(), &place, tfs, NULL) != NS_OK)
            break;
        for (uint32_t i = 0; i < count; i++)
            assert_true(tfs[i] > 0);
        read_damaged_positions(&list, block, tfs);
    }
    ns__arena_release(&arena);
}

static void read_all_damaged(const fixture *f, const ns__postings *postings)
{
    for (size_t i = 0; i < f->list_count; i++)
        read_damaged(postings, (ns__str){f->lists[i].value.data, f->lists[i].value.length});
}

/* Each byte of a section set to a few other values, all lists read every time. */
static void damage_section(const fixture *f, const ns__postings *postings, ns__str *section)
{
    uint8_t *bytes = copy_section(section);
    for (size_t at = 0; at < section->length; at++) {
        const uint8_t good = bytes[at];
        const uint8_t tries[] = {(uint8_t)(good ^ 1u << random_below(8)), (uint8_t)random64(), 0xff,
                                 0};
        for (size_t i = 0; i < sizeof tries; i++) {
            bytes[at] = tries[i];
            read_all_damaged(f, postings);
        }
        bytes[at] = good;
    }
    free(bytes);
}

static void damage_values(const fixture *f)
{
    for (size_t i = 0; i < f->list_count; i++) {
        const model *list = &f->lists[i];
        for (size_t length = 0; length <= list->value.length; length++)
            for (int turn = 0; turn < 60; turn++) {
                uint8_t *value = malloc(length);
                if (length > 0)
                    memcpy(value, list->value.data, length);
                for (uint32_t n = random_below(3); length > 0 && n > 0; n--)
                    value[random_below((uint32_t)length)] = (uint8_t)random64();
                read_damaged(&f->postings, (ns__str){value, length});
                free(value);
            }
    }
}

/* The varints of a value with one of them replaced by numbers that lie. */
static void damage_fields(const fixture *f, const model *list)
{
    uint64_t fields[8] = {0};
    size_t count = 0;
    ns__cur cur = ns__cur_of(list->value.data, list->value.length);
    while (count < 8 && cur.at != cur.end)
        fields[count++] = ns__cur_varint(&cur);
    for (size_t i = 0; i < count; i++) {
        const uint64_t good = fields[i];
        const uint64_t lies[] = {
            0,          1,           good + 1,      good - 1, good + 4,
            good * 2,   good + 1000, UINT32_MAX,    1u << 31, good + (1u << 30),
            UINT64_MAX, good ^ 1,    good + 999996, good ^ 2, UINT64_MAX / 4};
        for (size_t l = 0; l < sizeof lies / sizeof *lies; l++) {
            ns__buf value = {0};
            fields[i] = lies[l];
            for (size_t j = 0; j < count; j++)
                ns__buf_varint(&value, fields[j]);
            read_damaged(&f->postings, (ns__str){value.data, value.length});
            ns__buf_release(&value);
        }
        fields[i] = good;
    }
}

/* Few bytes that claim much. */
static void test_claims(void **state)
{
    (void)state;
    seed_random();
    fixture f;
    make_fixture(&f, 64, 16, 2, 1000, (uint32_t[]){1, 2, 32, 33, 500, 1000}, 6);
    for (size_t i = 0; i < f.list_count; i++)
        damage_fields(&f, &f.lists[i]);

    ns__arena arena = {0};
    ns__plist list;
    const uint8_t many_positions[] = {0x0b, 0x84, 0x00, 0xff, 0xff, 0xff, 0x7f, 0x00, 0x00};
    assert_int_equal(ns__plist_open(&f.postings, (ns__str){many_positions, sizeof many_positions},
                                    &arena, &list, NULL),
                     NS_ERR_CORRUPT);
    assert_true(arena.total < 100000);
    uint8_t long_record[500] = {0x0b};
    assert_int_equal(ns__plist_open(&f.postings, (ns__str){long_record, sizeof long_record}, &arena,
                                    &list, NULL),
                     NS_ERR_CORRUPT);
    ns__arena_release(&arena);
    free_fixture(&f);
}

/* Positions that are all 0 take no bits: tfs that are not of their block must not pass for it. */
static void test_claimed_positions(void **state)
{
    (void)state;
    uint32_t ids[100], tfs[100], zeros[100] = {0};
    fixture f;
    make_fixture(&f, 64, 16, 2, 100, NULL, 0);
    ns__frame_close(&f.postings_frame);
    ns__frame_close(&f.pos_frame);
    ns__frame_writer *postings = create_frame("t.pst", NS_KIND_POSTINGS);
    ns__frame_writer *positions = create_frame("t.pos", NS_KIND_POSITIONS);
    ns__postings_writer *writer;
    ns__buf value = {0};
    ns__arena arena = {0};
    ns__plist list;
    ns__pos_block *block = malloc(sizeof *block);
    for (uint32_t i = 0; i < 100; i++) {
        ids[i] = i;
        tfs[i] = 1;
    }
    assert_int_equal(ns__postings_writer_open(&f.settings, &f.lengths, f.average, postings,
                                              positions, &writer, NULL),
                     NS_OK);
    assert_int_equal(
        ns__postings_add(writer, &(ns__posting_batch){100, ids, tfs, NULL, zeros}, NULL), NS_OK);
    assert_int_equal(ns__postings_end_term(writer, &value, NULL), NS_OK);
    assert_int_equal(ns__postings_writer_finish(writer, NULL, NULL), NS_OK);
    finish_and_open(postings, "t.pst", NS_KIND_POSTINGS, &f.postings_frame);
    finish_and_open(positions, "t.pos", NS_KIND_POSITIONS, &f.pos_frame);
    assert_int_equal(ns__postings_open(&f.postings_frame, &f.pos_frame, &f.settings, &f.lengths,
                                       f.average, &f.postings, NULL),
                     NS_OK);
    assert_int_equal(
        ns__plist_open(&f.postings, (ns__str){value.data, value.length}, &arena, &list, NULL),
        NS_OK);
    const ns__unpack_kernels *kernels = random_kernels();
    assert_int_equal(ns__plist_positions_open(&list, kernels, 1, tfs, block, NULL), NS_OK);
    tfs[3] = 100000;
    assert_int_equal(ns__plist_positions_open(&list, kernels, 1, tfs, block, NULL), NS_ERR_CORRUPT);
    free(block);
    ns__arena_release(&arena);
    ns__buf_release(&value);
    free_fixture(&f);
}

static void test_damage(void **state)
{
    (void)state;
    seed_random();
    for (int turn = 0; turn < 2; turn++) {
        const uint32_t block = turn ? 64 : 4;
        uint32_t dfs[] = {1, 1, 2, 2, block / 2, block / 2 + 1, 2 * block, 3 * block + 2};
        fixture f;
        make_fixture(&f, block, 16, 2, turn ? 1000 : 90, dfs, sizeof dfs / sizeof *dfs);
        ns__postings copy = f.postings;
        damage_section(&f, &copy, &copy.lists);
        copy = f.postings;
        damage_section(&f, &copy, &copy.positions);
        damage_values(&f);
        free_fixture(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),     cmocka_unit_test(test_quant_bound),
        cmocka_unit_test(test_length_code),    cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_other_settings), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_claims),         cmocka_unit_test(test_claimed_positions),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
