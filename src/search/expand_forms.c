/* What patterns and fuzzy words stand for: the terms of the surface forms that fit.
 *
 * A form stands in the dictionary either as a term that is a form itself or in the table of surface
 * forms, with the terms it leads to. Forms are folded as the pattern was. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/num.h"
#include "search/glob.h"
#include "search/plan.h"
#include "text/fold.h"

typedef struct found {
    ns__str term;
    uint64_t df;
} found;

typedef struct walk {
    const ns__segment *segment;
    ns__folder folder;
    ns__spread *spread; /* the one this walk is for */
    bool ascii;         /* its text is, and these are its letters */
    uint32_t letters;
    uint8_t *marked; /* bit t: term t of the segment is wanted */
    ns__arena *arena;
    found *items;
    size_t count, capacity;
    ns_error *err;
} walk;

static bool is_ascii(ns__str text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.length; i++)
        all |= text.data[i];
    return all < 0x80;
}

/* The letters of an ASCII word, as a set. */
static uint32_t letters_of(ns__str word)
{
    uint32_t set = 0;
    for (size_t i = 0; i < word.length; i++)
        set |= 1u << (word.data[i] & 31);
    return set;
}

/* Whether an ASCII form cannot fit, told without looking closely: an edit changes the length by one
 * at most, and takes one letter of the set away, adds one, or both. */
static bool is_hopeless(const walk *all, ns__str form)
{
    const ns__spread *spread = all->spread;
    ns__str text = spread->text;
    if (!spread->fuzzy)
        return text.length > 0 && form.length > 0 && text.data[text.length - 1] != '*' &&
               text.data[text.length - 1] != '?' &&
               text.data[text.length - 1] != form.data[form.length - 1];
    return all->ascii &&
           (form.length > text.length + spread->edits ||
            text.length > form.length + spread->edits ||
            (uint32_t)__builtin_popcount(all->letters ^ letters_of(form)) > 2 * spread->edits);
}

static ns_status fits(walk *all, ns__str form, bool *yes)
{
    const ns__spread *spread = all->spread;
    bool ascii = is_ascii(form);
    *yes = false;
    if (ascii && is_hopeless(all, form))
        return NS_OK;
    if (!all->folder.whitespace && !ascii) {
        NS_TRY(ns__fold_text(&all->folder, form, all->err));
        form = (ns__str){all->folder.term.data, all->folder.term.length};
    }
    *yes = spread->fuzzy ? ns__edits_within(spread->text, form, spread->edits)
                         : ns__glob_fits(spread->text, form);
    return NS_OK;
}

static void mark(walk *all, uint32_t ordinal)
{
    all->marked[ordinal / 8] |= (uint8_t)(1u << ordinal % 8);
}

/* Terms that are forms, from `from` on, as long as they share its first `begin` bytes. */
static ns_status walk_terms(walk *all, ns__str from, size_t begin)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(&all->segment->terms, from, &cursor, all->err));
    for (;;) {
        ns_status status = ns__term_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || cursor.length < begin ||
            memcmp(cursor.text, from.data, begin) != 0)
            return NS_OK;
        bool yes = false;
        if (cursor.term.is_form)
            NS_TRY(fits(all, (ns__str){cursor.text, cursor.length}, &yes));
        if (yes)
            mark(all, cursor.term.ordinal);
    }
}

static ns_status walk_surfaces(walk *all, ns__str from, size_t begin)
{
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(&all->segment->terms, from, &cursor, all->err));
    for (;;) {
        ns_status status = ns__surface_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || cursor.length < begin ||
            memcmp(cursor.text, from.data, begin) != 0)
            return NS_OK;
        bool yes;
        NS_TRY(fits(all, (ns__str){cursor.text, cursor.length}, &yes));
        for (uint32_t i = 0; yes && i < cursor.ordinal_count; i++)
            mark(all, cursor.ordinals[i]);
    }
}

/* All forms from `from` on that share its first `begin` bytes. */
static ns_status walk_range(walk *all, ns__str from, size_t begin)
{
    NS_TRY(walk_terms(all, from, begin));
    return walk_surfaces(all, from, begin);
}

/* A pattern that begins with ASCII letters looks where its forms can be: those that begin with
 * these letters, and those that leave them somewhere for a byte that is not ASCII, which folding
 * may turn into what is asked for. */
static ns_status walk_forms(walk *all)
{
    const ns__spread *spread = all->spread;
    size_t literal = spread->fuzzy ? 0 : ns__glob_literal(spread->text);
    ns__str prefix = {spread->text.data, literal};
    if (literal == 0 || literal >= NS_MAX_TERM_BYTES || !is_ascii(prefix))
        return walk_range(all, NS_STR(""), 0);
    NS_TRY(walk_range(all, prefix, literal));
    uint8_t from[NS_MAX_TERM_BYTES];
    memcpy(from, prefix.data, literal);
    for (size_t i = 0; i < literal && !all->folder.whitespace; i++) {
        uint8_t kept = from[i];
        from[i] = 0x80;
        NS_TRY(walk_range(all, (ns__str){from, i + 1}, i));
        from[i] = kept;
    }
    return NS_OK;
}

static ns_status take(walk *all, ns__str term, ns__str value)
{
    uint32_t df;
    if (!ns__plist_df(value, &df))
        return ns__frame_corrupt(all->segment->terms.frame, value.data, all->err,
                                 "a term's posting list is malformed");
    const uint8_t *copy = ns__arena_copy(all->arena, term.data, term.length);
    if (copy == NULL || NS_RESERVE(all->items, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    all->items[all->count++] = (found){{copy, term.length}, df};
    return NS_OK;
}

/* The marked terms with their df: read in order up to the last one, when they are many, else looked
 * up one by one. */
static ns_status take_marked(walk *all)
{
    const ns__terms *terms = &all->segment->terms;
    ns__term_cursor cursor;
    uint32_t marked = 0;
    for (uint32_t i = 0; i <= terms->count / 8; i++)
        marked += (uint32_t)__builtin_popcount(all->marked[i]);
    bool many = marked > terms->count / NS_TERMS_BLOCK;
    if (many)
        NS_TRY(ns__term_cursor_seek(terms, NS_STR(""), &cursor, all->err));
    for (uint32_t ordinal = 0; ordinal < terms->count && marked > 0; ordinal++) {
        if (many)
            NS_TRY(ns__term_cursor_next(&cursor, all->err));
        else if (all->marked[ordinal / 8] == 0)
            ordinal |= 7;
        if (!(all->marked[ordinal / 8] >> ordinal % 8 & 1))
            continue;
        marked--;
        if (!many) {
            uint8_t text[256];
            size_t length;
            NS_TRY(ns__terms_at(terms, ordinal, text, &length, all->err));
            NS_TRY(ns__term_cursor_seek(terms, (ns__str){text, length}, &cursor, all->err));
            NS_TRY(ns__term_cursor_next(&cursor, all->err));
        }
        NS_TRY(take(all, (ns__str){cursor.text, cursor.length}, cursor.term.value));
    }
    return NS_OK;
}

static int by_term(const void *a, const void *b)
{
    return ns__str_compare(((const found *)a)->term, ((const found *)b)->term);
}

static int by_df(const void *a, const void *b)
{
    const found *x = a, *y = b;
    if (x->df != y->df)
        return x->df > y->df ? -1 : 1;
    return ns__str_compare(x->term, y->term);
}

/* The most frequent `room` of what was found in all segments, in byte order. */
static ns_status keep_best(walk *all, uint32_t segments, size_t room)
{
    ns__spread *out = all->spread;
    size_t kept = 0;
    if (segments > 1 && all->count > 0) /* else they stand in order */
        qsort(all->items, all->count, sizeof *all->items, by_term);
    for (size_t i = 0; i < all->count; i++) {
        if (kept > 0 && ns__str_equal(all->items[kept - 1].term, all->items[i].term))
            all->items[kept - 1].df += all->items[i].df;
        else
            all->items[kept++] = all->items[i];
    }
    out->cut = kept > room;
    if (out->cut) {
        qsort(all->items, kept, sizeof *all->items, by_df);
        kept = room;
        if (kept > 0)
            qsort(all->items, kept, sizeof *all->items, by_term);
    }
    out->count = kept;
    out->terms = ns__arena_alloc(all->arena, (kept + 1) * sizeof *out->terms);
    if (out->terms == NULL)
        return ns__no_memory(all->err);
    for (size_t i = 0; i < kept; i++)
        out->terms[i] = all->items[i].term;
    return NS_OK;
}

static ns_status expand(walk *all, const ns_index *index, size_t room)
{
    all->count = 0;
    all->ascii = is_ascii(all->spread->text);
    all->letters = letters_of(all->spread->text);
    for (uint32_t s = 0; s < index->manifest.segment_count; s++) {
        all->segment = &index->segments[s];
        ns__free(all->marked);
        all->marked = ns__zalloc(all->segment->terms.count / 8 + 1, 1);
        if (all->marked == NULL)
            return ns__no_memory(all->err);
        NS_TRY(walk_forms(all));
        NS_TRY(take_marked(all));
    }
    return keep_best(all, index->manifest.segment_count, room);
}

ns_status ns__expand_forms(const ns_index *index, ns__spread *spreads, size_t count, size_t room,
                           ns__arena *arena, ns_error *err)
{
    const ns_analysis_settings *analysis = &index->manifest.settings.analysis;
    walk all = {.folder = {.keep_diacritics = analysis->keep_diacritics,
                           .whitespace = analysis->whitespace},
                .arena = arena,
                .err = err};
    ns_status status = NS_OK;
    for (size_t i = 0; i < count && status == NS_OK; i++) {
        all.spread = &spreads[i];
        status = expand(&all, index, room < NS_MAX_EXPANSIONS ? room : NS_MAX_EXPANSIONS);
        room -= status == NS_OK ? spreads[i].count : 0;
    }
    ns__folder_release(&all.folder);
    ns__free(all.marked);
    ns__free(all.items);
    return status;
}
