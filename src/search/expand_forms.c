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

/* One pattern or fuzzy word, and what is known of it. */
typedef struct hunt {
    ns__spread *spread;
    bool ascii; /* its text is, and these are its letters */
    uint32_t letters;
    uint8_t **marked; /* of each segment: bit t: term t is wanted */
} hunt;

typedef struct walk {
    const ns_index *index;
    const ns__watch *watch;
    uint32_t forms;   /* looked at */
    bool late;        /* the time is up: nothing more is looked at */
    uint32_t segment; /* the one that is walked through */
    ns__folder folder;
    hunt *hunts; /* those that look at the forms of this walk */
    size_t hunt_count;
    ns__arena texts; /* of found */
    found *items;
    size_t count, capacity;
    ns_error *err;
} walk;

static const ns__terms *terms_of(const walk *all)
{
    return &all->index->segments[all->segment].terms;
}

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
static bool is_hopeless(const hunt *of, ns__str form)
{
    const ns__spread *spread = of->spread;
    ns__str text = spread->text;
    if (!spread->fuzzy)
        return text.length > 0 && form.length > 0 && text.data[text.length - 1] != '*' &&
               text.data[text.length - 1] != '?' &&
               text.data[text.length - 1] != form.data[form.length - 1];
    return of->ascii &&
           (form.length > text.length + spread->edits ||
            text.length > form.length + spread->edits ||
            (uint32_t)__builtin_popcount(of->letters ^ letters_of(form)) > 2 * spread->edits);
}

/* Marks the terms that a form leads to, for all that it fits. NS_ERR_ARGUMENT: it is not UTF-8. */
static ns_status consider(walk *all, ns__str form, const uint32_t *ordinals, uint32_t count)
{
    const bool ascii = is_ascii(form);
    if (!ascii && !all->folder.whitespace) {
        NS_TRY(ns__fold_text(&all->folder, form, all->err));
        form = (ns__str){all->folder.term.data, all->folder.term.length};
    }
    for (size_t h = 0; h < all->hunt_count; h++) {
        const hunt *of = &all->hunts[h];
        if (ascii && is_hopeless(of, form))
            continue;
        if (!(of->spread->fuzzy ? ns__edits_within(of->spread->text, form, of->spread->edits)
                                : ns__glob_fits(of->spread->text, form)))
            continue;
        for (uint32_t i = 0; i < count; i++)
            of->marked[all->segment][ordinals[i] / 8] |= (uint8_t)(1u << ordinals[i] % 8);
    }
    return NS_OK;
}

/* Whether the time is up, asked every now and then. */
static ns_status look_at_clock(walk *all)
{
    enum { OFTEN = 256 };
    if (++all->forms % OFTEN != 0)
        return NS_OK;
    ns_status status = ns__watch_ask(all->watch, all->err);
    all->late = status == NS_DONE;
    return status < 0 ? status : NS_OK;
}

/* Terms that are forms, from `from` on, as long as they share its first `begin` bytes. */
static ns_status walk_terms(walk *all, ns__str from, size_t begin)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(terms_of(all), from, &cursor, all->err));
    for (; !all->late;) {
        ns_status status = ns__term_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || cursor.length < begin ||
            memcmp(cursor.text, from.data, begin) != 0)
            return NS_OK;
        if (cursor.term.is_form)
            NS_TRY(ns__frame_blame(
                terms_of(all)->frame, cursor.block.at,
                consider(all, (ns__str){cursor.text, cursor.length}, &cursor.term.ordinal, 1),
                all->err));
        NS_TRY(look_at_clock(all));
    }
    return NS_OK;
}

static ns_status walk_surfaces(walk *all, ns__str from, size_t begin)
{
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(terms_of(all), from, &cursor, all->err));
    for (; !all->late;) {
        ns_status status = ns__surface_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || cursor.length < begin ||
            memcmp(cursor.text, from.data, begin) != 0)
            return NS_OK;
        NS_TRY(ns__frame_blame(terms_of(all)->frame, cursor.block.at,
                               consider(all, (ns__str){cursor.text, cursor.length}, cursor.ordinals,
                                        cursor.ordinal_count),
                               all->err));
        NS_TRY(look_at_clock(all));
    }
    return NS_OK;
}

/* All forms from `from` on that share its first `begin` bytes. */
static ns_status walk_range(walk *all, ns__str from, size_t begin)
{
    NS_TRY(walk_terms(all, from, begin));
    return walk_surfaces(all, from, begin);
}

/* How many ASCII letters a form must begin with, but for those that folding puts there; 0: it may
 * stand anywhere. */
static size_t literal_of(const ns__spread *spread)
{
    size_t literal = spread->fuzzy ? 0 : ns__glob_literal(spread->text);
    bool narrow = literal < NS_MAX_TERM_BYTES && is_ascii((ns__str){spread->text.data, literal});
    return narrow ? literal : 0;
}

/* A pattern that begins with ASCII letters looks where its forms can be: those that begin with
 * these letters, and those that leave them somewhere for a byte that is not ASCII, which folding
 * may turn into what is asked for. */
static ns_status walk_narrow(walk *all, const ns__spread *spread, size_t literal)
{
    uint8_t from[NS_MAX_TERM_BYTES];
    memcpy(from, spread->text.data, literal);
    NS_TRY(walk_range(all, (ns__str){from, literal}, literal));
    for (size_t i = 0; i < literal && !all->folder.whitespace; i++) {
        uint8_t kept = from[i];
        from[i] = 0x80;
        NS_TRY(walk_range(all, (ns__str){from, i + 1}, i));
        from[i] = kept;
    }
    return NS_OK;
}

/* The forms of all segments: those that may stand anywhere share one walk. They come first. */
static ns_status walk_segments(walk *all, hunt *hunts, size_t count)
{
    size_t wide = 0;
    while (wide < count && literal_of(hunts[wide].spread) == 0)
        wide++;
    for (all->segment = 0; all->segment < all->index->manifest.segment_count; all->segment++) {
        all->hunts = hunts;
        all->hunt_count = wide;
        if (wide > 0)
            NS_TRY(walk_range(all, NS_STR(""), 0));
        all->hunt_count = 1;
        for (size_t h = wide; h < count; h++) {
            all->hunts = &hunts[h];
            NS_TRY(walk_narrow(all, hunts[h].spread, literal_of(hunts[h].spread)));
        }
    }
    return NS_OK;
}

/* ---- Choosing among what fits ---- */

static ns_status take(walk *all, ns__str term, ns__str value)
{
    uint32_t df;
    if (!ns__plist_df(value, &df))
        return ns__frame_corrupt(terms_of(all)->frame, value.data, all->err,
                                 "a term's posting list is malformed");
    const uint8_t *copy = ns__arena_copy(&all->texts, term.data, term.length);
    if (copy == NULL || NS_RESERVE(all->items, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    all->items[all->count++] = (found){{copy, term.length}, df};
    return NS_OK;
}

/* The marked terms with their df: read in order up to the last one, when they are many, else looked
 * up one by one. */
static ns_status take_marked(walk *all, const uint8_t *bits)
{
    const ns__terms *terms = terms_of(all);
    ns__term_cursor cursor;
    uint32_t marked = 0;
    for (uint32_t i = 0; i <= terms->count / 8; i++)
        marked += (uint32_t)__builtin_popcount(bits[i]);
    bool many = marked > terms->count / NS_TERMS_BLOCK;
    if (many)
        NS_TRY(ns__term_cursor_seek(terms, NS_STR(""), &cursor, all->err));
    for (uint32_t ordinal = 0; ordinal < terms->count && marked > 0; ordinal++) {
        if (many)
            NS_TRY(ns__term_cursor_next(&cursor, all->err));
        else if (bits[ordinal / 8] == 0)
            ordinal |= 7;
        if (!(bits[ordinal / 8] >> ordinal % 8 & 1))
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

/* A term is found only in segments where it has a form that fits, but as frequent as in all. */
static ns_status find_whole_df(walk *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        NS_TRY(ns__index_df(all->index, all->items[i].term, &all->items[i].df, all->err));
    return NS_OK;
}

/* The most frequent `room` of what was found in all segments, in byte order. */
static ns_status keep_best(walk *all, ns__spread *out, size_t room, ns__arena *arena)
{
    size_t kept = 0;
    if (all->index->manifest.segment_count > 1 && all->count > 0) /* else they stand in order */
        qsort(all->items, all->count, sizeof *all->items, by_term);
    for (size_t i = 0; i < all->count; i++) {
        if (kept == 0 || !ns__str_equal(all->items[kept - 1].term, all->items[i].term))
            all->items[kept++] = all->items[i];
    }
    out->cut = kept > room;
    if (out->cut) {
        if (all->index->manifest.segment_count > 1)
            NS_TRY(find_whole_df(all, kept));
        qsort(all->items, kept, sizeof *all->items, by_df);
        kept = room;
        if (kept > 0)
            qsort(all->items, kept, sizeof *all->items, by_term);
    }
    out->count = kept;
    out->terms = ns__arena_alloc(arena, (kept + 1) * sizeof *out->terms);
    if (out->terms == NULL)
        return ns__no_memory(all->err);
    for (size_t i = 0; i < kept; i++) {
        ns__str term = all->items[i].term;
        const uint8_t *copy = ns__arena_copy(arena, term.data, term.length);
        if (copy == NULL)
            return ns__no_memory(all->err);
        out->terms[i] = (ns__str){copy, term.length};
    }
    return NS_OK;
}

static ns_status choose(walk *all, const hunt *of, size_t room, ns__arena *arena)
{
    all->count = 0;
    ns_status status = NS_OK;
    for (all->segment = 0; all->segment < all->index->manifest.segment_count && status >= 0;
         all->segment++)
        status = take_marked(all, of->marked[all->segment]);
    if (status >= 0)
        status =
            keep_best(all, of->spread, room < NS_MAX_EXPANSIONS ? room : NS_MAX_EXPANSIONS, arena);
    ns__arena_release(&all->texts);
    return status;
}

/* Room for the marks of each hunt; those that may stand anywhere come first, else as written. */
static ns_status make_hunts(walk *all, ns__spread *spreads, size_t count, ns__arena *scratch,
                            hunt *hunts)
{
    uint32_t segments = all->index->manifest.segment_count;
    size_t at = 0;
    for (int narrow = 0; narrow < 2; narrow++)
        for (size_t i = 0; i < count; i++) {
            if ((literal_of(&spreads[i]) > 0) != narrow)
                continue;
            hunt *of = &hunts[at++];
            *of = (hunt){&spreads[i], is_ascii(spreads[i].text), letters_of(spreads[i].text),
                         ns__arena_alloc(scratch, (segments + 1) * sizeof *of->marked)};
            for (uint32_t s = 0; of->marked != NULL && s < segments; s++) {
                size_t bytes = (size_t)all->index->segments[s].terms.count / 8 + 1;
                of->marked[s] = ns__arena_alloc(scratch, bytes);
                if (of->marked[s] == NULL)
                    return ns__no_memory(all->err);
                memset(of->marked[s], 0, bytes);
            }
            if (of->marked == NULL)
                return ns__no_memory(all->err);
        }
    return NS_OK;
}

/* The hunt of a spread. */
static const hunt *hunt_of(const hunt *hunts, const ns__spread *spread)
{
    while (hunts->spread != spread)
        hunts++;
    return hunts;
}

static ns_status expand(walk *all, ns__spread *spreads, size_t count, size_t room,
                        ns__arena *scratch, ns__arena *arena)
{
    hunt *hunts = ns__arena_alloc(scratch, count * sizeof *hunts);
    if (hunts == NULL)
        return ns__no_memory(all->err);
    NS_TRY(make_hunts(all, spreads, count, scratch, hunts));
    NS_TRY(walk_segments(all, hunts, count));
    for (size_t i = 0; i < count && !all->late; i++) {
        NS_TRY(choose(all, hunt_of(hunts, &spreads[i]), room, arena));
        room -= spreads[i].count;
    }
    return all->late ? NS_DONE : NS_OK;
}

ns_status ns__expand_forms(const ns_index *index, const ns__watch *watch, ns__spread *spreads,
                           size_t count, size_t room, ns__arena *arena, ns_error *err)
{
    const ns_analysis_settings *analysis = &index->manifest.settings.analysis;
    ns__arena scratch = {0};
    walk all = {.index = index,
                .watch = watch,
                .folder = {.keep_diacritics = analysis->keep_diacritics,
                           .whitespace = analysis->whitespace},
                .err = err};
    ns_status status = expand(&all, spreads, count, room, &scratch, arena);
    ns__folder_release(&all.folder);
    ns__arena_release(&all.texts);
    ns__arena_release(&scratch);
    ns__free(all.items);
    return status;
}
