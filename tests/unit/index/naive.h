/* The plain way to invert: every occurrence as one row, sorted. What the engine makes is held
 * against it. */
#ifndef TESTS_UNIT_INDEX_NAIVE_H
#define TESTS_UNIT_INDEX_NAIVE_H

#include "base/limits.h"
#include "text/passages.h"
#include "unit/index/help.h"

/* One occurrence. A headline word has a row in each passage of its article, position UINT32_MAX. */
typedef struct naive_row {
    uint8_t term[NS_MAX_TERM_BYTES + 1];
    uint32_t length, passage, position;
} naive_row;

typedef struct naive_form {
    uint8_t surface[NS_MAX_SURFACE_BYTES + 1], term[NS_MAX_TERM_BYTES + 1];
    uint32_t surface_length, term_length;
} naive_form;

typedef struct naive {
    naive_row *rows;
    size_t count, capacity;
    naive_form *forms; /* every form with its term, equal ones too */
    size_t form_count, form_capacity;
    naive_row *headline; /* words of all headlines in order */
    size_t headline_count, headline_capacity;
    uint32_t passages;
} naive;

static inline void naive_add_form(naive *all, ns__str surface, ns__str term)
{
    if (surface.length > NS_MAX_SURFACE_BYTES)
        return;
    assert_int_equal(NS_RESERVE(all->forms, all->form_capacity, all->form_count + 1), 0);
    naive_form *form = &all->forms[all->form_count++];
    memset(form, 0, sizeof *form);
    memcpy(form->surface, surface.data, surface.length);
    memcpy(form->term, term.data, term.length);
    form->surface_length = (uint32_t)surface.length;
    form->term_length = (uint32_t)term.length;
}

static inline naive_row naive_row_of(ns__str term, uint32_t passage, uint32_t position)
{
    naive_row row;
    memset(&row, 0, sizeof row);
    memcpy(row.term, term.data, term.length);
    row.length = (uint32_t)term.length;
    row.passage = passage;
    row.position = position;
    return row;
}

/* Adds an article from the analyser's output. */
static inline void naive_add(naive *all, const ns__analyzer *analyzer, const ns__tokens *title,
                             const ns__passages *passages)
{
    size_t title_count = title->count < NS_MAX_TITLE_TERMS ? title->count : NS_MAX_TITLE_TERMS;
    size_t rows = passages->tokens.count + title_count * passages->count;
    assert_int_equal(NS_RESERVE(all->rows, all->capacity, all->count + rows), 0);
    assert_int_equal(
        NS_RESERVE(all->headline, all->headline_capacity, all->headline_count + title_count), 0);
    for (size_t i = 0; i < title_count; i++) {
        ns__str term = ns__analyzer_term(analyzer, title->items[i].term);
        all->headline[all->headline_count++] = naive_row_of(term, 0, 0);
        naive_add_form(all, ns__analyzer_form(analyzer, title->items[i].form).surface, term);
        for (size_t p = 0; p < passages->count; p++)
            all->rows[all->count++] = naive_row_of(term, all->passages + (uint32_t)p, UINT32_MAX);
    }
    for (size_t p = 0; p < passages->count; p++) {
        const ns__passage *passage = &passages->items[p];
        for (uint32_t i = 0; i < passage->token_count; i++) {
            const ns__token *token = &passages->tokens.items[passage->first_token + i];
            ns__str term = ns__analyzer_term(analyzer, token->term);
            all->rows[all->count++] = naive_row_of(term, all->passages + (uint32_t)p, i);
            naive_add_form(all, ns__analyzer_form(analyzer, token->form).surface, term);
        }
    }
    all->passages += (uint32_t)passages->count;
}

static inline int naive_compare_bytes(const uint8_t *a, size_t a_length, const uint8_t *b,
                                      size_t b_length)
{
    return ns__str_compare((ns__str){a, a_length}, (ns__str){b, b_length});
}

static inline int naive_compare_rows(const void *left, const void *right)
{
    const naive_row *a = left, *b = right;
    int order = naive_compare_bytes(a->term, a->length, b->term, b->length);
    if (order != 0)
        return order;
    if (a->passage != b->passage)
        return a->passage < b->passage ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

static inline int naive_compare_forms(const void *left, const void *right)
{
    const naive_form *a = left, *b = right;
    int order = naive_compare_bytes(a->surface, a->surface_length, b->surface, b->surface_length);
    return order ? order : naive_compare_bytes(a->term, a->term_length, b->term, b->term_length);
}

/* Sorts the rows, and the forms each once. */
static inline void naive_sort(naive *all)
{
    qsort(all->rows, all->count, sizeof *all->rows, naive_compare_rows);
    qsort(all->forms, all->form_count, sizeof *all->forms, naive_compare_forms);
    size_t kept = 0;
    for (size_t i = 0; i < all->form_count; i++)
        if (kept == 0 || naive_compare_forms(&all->forms[kept - 1], &all->forms[i]) != 0)
            all->forms[kept++] = all->forms[i];
    all->form_count = kept;
}

static inline void naive_release(naive *all)
{
    ns__free(all->rows);
    ns__free(all->forms);
    ns__free(all->headline);
    *all = (naive){0};
}

/* The rows of one posting: its positions, then one row for each headline occurrence. */
static inline void naive_posting(const naive *all, size_t *row, uint32_t *passage, uint32_t *tf,
                                 uint32_t *title_tf, const naive_row **first)
{
    const naive_row *head = *first = &all->rows[*row];
    *passage = head->passage;
    *tf = *title_tf = 0;
    for (; *row < all->count; ++*row) {
        const naive_row *at = &all->rows[*row];
        if (at->passage != head->passage || at->length != head->length ||
            memcmp(at->term, head->term, head->length) != 0)
            return;
        ++*(at->position == UINT32_MAX ? title_tf : tf);
    }
}

static inline bool naive_is_form(const naive *all, const uint8_t *term, size_t length)
{
    size_t low = 0, high = all->form_count;
    naive_form key;
    memset(&key, 0, sizeof key);
    memcpy(key.surface, term, length);
    memcpy(key.term, term, length);
    key.surface_length = key.term_length = (uint32_t)length;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (naive_compare_forms(&all->forms[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < all->form_count && naive_compare_forms(&all->forms[low], &key) == 0;
}

#endif
