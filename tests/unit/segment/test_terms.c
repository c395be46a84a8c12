/* The dictionary: every term found, misses, cursors over terms and surface forms, damaged bytes. */
#include "unit/segment/segment_test.h"

#include "base/limits.h"
#include "segment/params.h"
#include "segment/terms.h"

typedef struct word {
    uint8_t text[NS_MAX_TERM_BYTES];
    size_t length;
    uint8_t value[70];
    size_t value_length;
    bool is_form;
    uint32_t ordinals[NS_MAX_LANGUAGES]; /* of a surface form */
    uint32_t ordinal_count;
} word;

typedef struct fixture {
    word *words, *forms;
    uint32_t count, form_count;
    ns__frame frame;
    ns__terms terms;
} fixture;

static ns__str text_of(const word *w)
{
    return (ns__str){w->text, w->length};
}

static int by_text(const void *a, const void *b)
{
    return ns__str_compare(text_of(a), text_of(b));
}

/* Few letters make long shared prefixes; some words take all 255 bytes. */
static word random_word(void)
{
    word w = {.length = 1 + random_below(random_below(8) == 0 ? NS_MAX_TERM_BYTES : 8)};
    const uint32_t letters = 1 + random_below(4);
    for (size_t i = 0; i < w.length; i++)
        w.text[i] = (uint8_t)(random_below(40) == 0 ? random64() : 'a' + random_below(letters));
    w.value_length = random_below(random_below(6) == 0 ? 70 : 9);
    for (size_t i = 0; i < w.value_length; i++)
        w.value[i] = (uint8_t)random64();
    w.is_form = random_below(2) == 0;
    return w;
}

/* Up to `wanted` different words in order. */
static word *random_words(uint32_t wanted, uint32_t *count)
{
    word *words = calloc(wanted + 1, sizeof *words);
    for (uint32_t i = 0; i < wanted; i++)
        words[i] = random_word();
    qsort(words, wanted, sizeof *words, by_text);
    *count = 0;
    for (uint32_t i = 0; i < wanted; i++)
        if (*count == 0 || by_text(&words[*count - 1], &words[i]) != 0)
            words[(*count)++] = words[i];
    return words;
}

static void give_ordinals(word *form, uint32_t terms)
{
    uint32_t most = 1 + random_below(random_below(3) == 0 ? NS_MAX_LANGUAGES : 1);
    for (uint32_t at = random_below(terms); at < terms && form->ordinal_count < most;
         at += 1 + random_below(1 + terms / 8))
        form->ordinals[form->ordinal_count++] = at;
}

static void make_fixture(fixture *f, uint32_t words, uint32_t forms)
{
    *f = (fixture){0};
    f->words = random_words(words, &f->count);
    f->forms = random_words(forms, &f->form_count);
    ns__frame_writer *frame = create_frame("t.trm", NS_KIND_TERMS);
    ns__terms_writer *writer;
    assert_int_equal(ns__terms_writer_open(frame, &writer, NULL), NS_OK);
    for (uint32_t i = 0; i < f->count; i++) {
        const word *w = &f->words[i];
        const ns__str value = {w->value, w->value_length};
        assert_int_equal(ns__terms_add(writer, text_of(w), w->is_form, value, NULL), NS_OK);
    }
    for (uint32_t i = 0; i < f->form_count; i++) {
        word *w = &f->forms[i];
        give_ordinals(w, f->count);
        assert_int_equal(
            ns__terms_add_surface(writer, text_of(w), w->ordinals, w->ordinal_count, NULL), NS_OK);
    }
    assert_int_equal(ns__terms_writer_finish(writer, NULL), NS_OK);
    finish_and_open(frame, "t.trm", NS_KIND_TERMS, &f->frame);
    assert_int_equal(ns__terms_open(&f->frame, &f->terms, NULL), NS_OK);
    assert_int_equal(f->terms.count, f->count);
    assert_int_equal(f->terms.surface_count, f->form_count);
}

static void free_fixture(fixture *f)
{
    free(f->words);
    free(f->forms);
    ns__frame_close(&f->frame);
}

static void expect_word(const word *w, uint32_t ordinal, const ns__term *term)
{
    assert_int_equal(term->ordinal, ordinal);
    assert_int_equal(term->is_form, w->is_form);
    assert_int_equal(term->value.length, w->value_length);
    if (w->value_length > 0)
        assert_memory_equal(term->value.data, w->value, w->value_length);
}

/* The first of `words` not below `key`. */
static uint32_t lower_bound(const word *words, uint32_t count, ns__str key)
{
    uint32_t i = 0;
    while (i < count && ns__str_compare(text_of(&words[i]), key) < 0)
        i++;
    return i;
}

static void check_find(const fixture *f, ns__str key)
{
    ns__term term;
    const uint32_t at = lower_bound(f->words, f->count, key);
    const bool there = at < f->count && ns__str_equal(text_of(&f->words[at]), key);
    assert_int_equal(ns__terms_find(&f->terms, key, &term, NULL), there ? NS_OK : NS_NOT_FOUND);
    if (there)
        expect_word(&f->words[at], at, &term);
}

/* From `key` on, at most `most` items. */
static void check_terms_from(const fixture *f, ns__str key, uint32_t most)
{
    ns__term_cursor cursor;
    assert_int_equal(ns__term_cursor_seek(&f->terms, key, &cursor, NULL), NS_OK);
    for (uint32_t i = lower_bound(f->words, f->count, key); most-- > 0; i++) {
        ns_status status = ns__term_cursor_next(&cursor, NULL);
        assert_int_equal(status, i < f->count ? NS_OK : NS_DONE);
        if (status == NS_DONE)
            return;
        assert_true(ns__str_equal((ns__str){cursor.text, cursor.length}, text_of(&f->words[i])));
        expect_word(&f->words[i], i, &cursor.term);
    }
}

static void check_forms_from(const fixture *f, ns__str key, uint32_t most)
{
    ns__surface_cursor cursor;
    assert_int_equal(ns__surface_cursor_seek(&f->terms, key, &cursor, NULL), NS_OK);
    for (uint32_t i = lower_bound(f->forms, f->form_count, key); most-- > 0; i++) {
        ns_status status = ns__surface_cursor_next(&cursor, NULL);
        assert_int_equal(status, i < f->form_count ? NS_OK : NS_DONE);
        if (status == NS_DONE)
            return;
        const word *w = &f->forms[i];
        assert_true(ns__str_equal((ns__str){cursor.text, cursor.length}, text_of(w)));
        assert_int_equal(cursor.ordinal_count, w->ordinal_count);
        assert_memory_equal(cursor.ordinals, w->ordinals, w->ordinal_count * sizeof(uint32_t));
    }
}

static void check_all(const fixture *f)
{
    uint8_t text[256];
    size_t length;
    for (uint32_t i = 0; i < f->count; i++) {
        check_find(f, text_of(&f->words[i]));
        assert_int_equal(ns__terms_at(&f->terms, i, text, &length, NULL), NS_OK);
        assert_true(ns__str_equal((ns__str){text, length}, text_of(&f->words[i])));
        if (i % 7 == 0) {
            check_terms_from(f, text_of(&f->words[i]), 40);
            word near = f->words[i]; /* a neighbour in the order, mostly a miss */
            near.text[near.length - 1]++;
            check_find(f, text_of(&near));
            check_terms_from(f, text_of(&near), 3);
            near.length--;
            check_find(f, text_of(&near));
        }
    }
    for (int i = 0; i < 100; i++) {
        word w = random_word();
        check_find(f, text_of(&w));
        check_terms_from(f, text_of(&w), 2);
        check_forms_from(f, text_of(&w), 40);
    }
    const uint8_t high[300] = {[0 ... 299] = 0xff};
    check_find(f, (ns__str){high, sizeof high});
    check_find(f, (ns__str){high, 0});
    check_terms_from(f, (ns__str){high, sizeof high}, 1);
    check_terms_from(f, (ns__str){high, 0}, UINT32_MAX);
    check_forms_from(f, (ns__str){high, 0}, UINT32_MAX);
    assert_int_equal(ns__terms_at(&f->terms, f->count, text, &length, NULL), NS_ERR_ARGUMENT);
}

static void test_tables(void **state)
{
    (void)state;
    seed_random();
    const uint32_t sizes[] = {1, 2, 31, 32, 33, 64, 65, 300, 1500};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        fixture f;
        make_fixture(&f, sizes[i], i % 3 == 0 ? 0 : sizes[i] / 2);
        check_all(&f);
        free_fixture(&f);
    }
}

static void test_empty(void **state)
{
    (void)state;
    seed_random();
    fixture f;
    make_fixture(&f, 0, 0);
    check_all(&f);
    free_fixture(&f);
}

static void test_order_is_checked(void **state)
{
    (void)state;
    ns__frame_writer *frame = create_frame("o.trm", NS_KIND_TERMS);
    ns__terms_writer *writer;
    const uint8_t longest[256] = {'z'};
    const ns__str value = NS_STR("v");
    assert_int_equal(ns__terms_writer_open(frame, &writer, NULL), NS_OK);
    assert_int_equal(ns__terms_add(writer, NS_STR("b"), true, value, NULL), NS_OK);
    assert_int_equal(ns__terms_add(writer, NS_STR("b"), true, value, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add(writer, NS_STR("a"), true, value, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add(writer, NS_STR(""), true, value, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add(writer, (ns__str){longest, 256}, true, value, NULL),
                     NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add(writer, (ns__str){longest, 255}, true, value, NULL), NS_OK);
    const uint32_t high[] = {2}, twice[] = {1, 1}, good[] = {0, 1};
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("c"), high, 1, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("c"), twice, 2, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("c"), good, 0, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("c"), good, 2, NULL), NS_OK);
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("b"), good, 2, NULL), NS_ERR_ARGUMENT);
    assert_int_equal(ns__terms_add(writer, NS_STR("zz"), true, value, NULL), NS_ERR_ARGUMENT);
    ns__terms_writer_free(writer);
    ns__frame_abandon(frame);
}

/* ---- Damaged bytes ---- */

static void read_damaged(const fixture *f, const ns__terms *terms)
{
    uint8_t text[256];
    size_t length;
    ns__term term;
    ns__term_cursor cursor;
    ns__surface_cursor forms;
    for (uint32_t i = 0; i < f->count; i += 5) {
        (void)ns__terms_find(terms, text_of(&f->words[i]), &term, NULL);
        if (ns__terms_at(terms, i, text, &length, NULL) == NS_OK)
            assert_true(length >= 1 && length <= NS_MAX_TERM_BYTES);
    }
    const word *from = &f->words[random_below(f->count)];
    uint32_t seen = 0;
    if (ns__term_cursor_seek(terms, text_of(from), &cursor, NULL) == NS_OK)
        while (ns__term_cursor_next(&cursor, NULL) == NS_OK)
            assert_true(++seen <= f->count && cursor.length <= NS_MAX_TERM_BYTES);
    seen = 0;
    if (ns__surface_cursor_seek(terms, text_of(from), &forms, NULL) == NS_OK)
        while (ns__surface_cursor_next(&forms, NULL) == NS_OK) {
            assert_true(++seen <= f->form_count);
            assert_true(forms.ordinal_count >= 1 && forms.ordinal_count <= NS_MAX_LANGUAGES);
            for (uint32_t i = 0; i < forms.ordinal_count; i++)
                assert_true(forms.ordinals[i] < f->count);
        }
}

static void damage_section(const fixture *f, const ns__terms *terms, ns__str *section)
{
    uint8_t *bytes = copy_section(section);
    for (size_t at = 0; at < section->length; at++) {
        const uint8_t good = bytes[at];
        for (int turn = 0; turn < 3; turn++) {
            bytes[at] = turn == 0 ? (uint8_t)(good ^ 1u << random_below(8)) : (uint8_t)random64();
            read_damaged(f, terms);
        }
        bytes[at] = good;
    }
    free(bytes);
}

static void test_damage(void **state)
{
    (void)state;
    seed_random();
    fixture f;
    make_fixture(&f, 90, 70);
    ns__terms copy = f.terms;
    ns__str *const sections[] = {&copy.table.data,       &copy.table.offsets,
                                 &copy.table.prefixes,   &copy.surfaces.data,
                                 &copy.surfaces.offsets, &copy.surfaces.prefixes};
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        damage_section(&f, &copy, sections[i]);
        copy = f.terms;
    }
    free_fixture(&f);
}

/* A surface form that claims more terms than there are languages. */
static void test_too_many_ordinals(void **state)
{
    (void)state;
    ns__frame_writer *frame = create_frame("m.trm", NS_KIND_TERMS);
    ns__frame opened;
    ns__terms_writer *writer;
    ns__terms terms;
    ns__surface_cursor cursor;
    uint32_t ordinals[NS_MAX_LANGUAGES];
    assert_int_equal(ns__terms_writer_open(frame, &writer, NULL), NS_OK);
    for (uint8_t i = 0; i < 200; i++)
        assert_int_equal(ns__terms_add(writer, (ns__str){&i, 1}, true, NS_STR(""), NULL), NS_OK);
    for (uint32_t i = 0; i < NS_MAX_LANGUAGES; i++)
        ordinals[i] = i;
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("\0"), ordinals, NS_MAX_LANGUAGES, NULL),
                     NS_OK);
    assert_int_equal(ns__terms_add_surface(writer, NS_STR("\1\1"), ordinals, 1, NULL), NS_OK);
    assert_int_equal(ns__terms_writer_finish(writer, NULL), NS_OK);
    finish_and_open(frame, "m.trm", NS_KIND_TERMS, &opened);
    assert_int_equal(ns__terms_open(&opened, &terms, NULL), NS_OK);
    uint8_t *bytes = copy_section(&terms.surfaces.data);
    const uint8_t begin[] = {1, 0, 1, NS_MAX_LANGUAGES - 1};
    assert_memory_equal(bytes, begin, sizeof begin);
    assert_int_equal(ns__surface_cursor_seek(&terms, NS_STR(""), &cursor, NULL), NS_OK);
    assert_int_equal(ns__surface_cursor_next(&cursor, NULL), NS_OK);
    bytes[3] += 2; /* the next entry's bytes become ordinals */
    assert_int_equal(ns__surface_cursor_seek(&terms, NS_STR(""), &cursor, NULL), NS_OK);
    assert_int_equal(ns__surface_cursor_next(&cursor, NULL), NS_ERR_CORRUPT);
    free(bytes);
    ns__frame_close(&opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order_is_checked),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_too_many_ordinals),
    };
    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
