/* The form of the index that a misspelt word may have meant.
 *
 * Forms that begin as the word does are compared with it; those that begin otherwise are few enough
 * to be looked up, as they are one edit away at most. What is near is weighed by its passages: a
 * second letter that differs counts as if it had been met a hundred times less, another first
 * letter, which people get right, as if thirty times less. A stop word, which nobody looks for,
 * gives way to another word that is as near, unless two letters of it were exchanged; not to a form
 * of itself, which has its passages.
 *
 * Passages are those of the term, in any form: "governent" has those of "government". So of the
 * heaviest forms it is asked what part they have in what stands in a few passages with the term. */
#include <stdlib.h>

#include "search/glob.h"
#include "search/spell.h"
#include "search/usual_forms.h"
#include "text/fold.h"
#include "text/stop_words.h"
#include "text/utf8.h"

enum {
    FAR = 100,       /* the second edit */
    FIRST = 30,      /* another first letter */
    SCALE = 3000,    /* FAR * FIRST: weights are df * SCALE / penalty */
    STOP = 1000,     /* a stop word gives way to one that is not so many times rarer */
    TRIED = 8,       /* forms of which the part is asked at a time, … */
    READ = 16,       /* … in so many passages; … */
    LEAST = 64,      /* … it is taken for this fraction at least */
    RATHER = 100,    /* a word that is there gives way to one so much more frequent */
    MANY = 1000,     /* an index of so many passages has … */
    PASSAGES = 50000 /* … slips of the pen: one more in so many is none */
};

/* A form near a word, in one segment. */
typedef struct near {
    ns__str form;
    uint64_t df;
    uint32_t edits;
    bool first; /* begins as the word does */
    uint64_t weight;
} near;

typedef struct target {
    ns__misspelt *word;
    uint32_t letters; /* its bytes, as a set; of ASCII only */
    size_t points;
    bool ascii;
} target;

typedef struct hunt {
    const ns_index *index;
    const ns__segment *segment;
    target aim;
    size_t left; /* forms that may still be looked at */
    ns__folder folder;
    near *found;
    size_t count, capacity;
    ns__arena *arena;
    ns_error *err;
} hunt;

/* What a form looks like, before it is compared. */
typedef struct look {
    ns__str form, folded;
    size_t points;
    bool ascii;
} look;

static look look_at(ns__str form)
{
    uint8_t all = 0;
    size_t followers = 0;
    for (size_t i = 0; i < form.length; i++) {
        all |= form.data[i];
        followers += (form.data[i] & 0xc0) == 0x80;
    }
    return (look){form, form, form.length - followers, all < 0x80};
}

static uint32_t letters_of(ns__str form)
{
    uint32_t letters = 0;
    for (size_t i = 0; i < form.length; i++)
        letters |= 1u << (form.data[i] & 31);
    return letters;
}

/* Cannot be near, told without looking closely: folding changes the length by a few at most. Most
 * forms have another length. */
static bool is_hopeless(const target *of, const look *seen)
{
    size_t slack = of->word->edits + (seen->ascii ? 0 : 2);
    if (seen->points > of->points + slack || of->points > seen->points + slack)
        return true;
    return of->ascii && seen->ascii &&
           (uint32_t)__builtin_popcount(of->letters ^ letters_of(seen->form)) > 2 * of->word->edits;
}

/* How many edits away: 0 when it is the word itself or too far. */
static uint32_t edits_between(const target *of, ns__str form)
{
    if (ns__str_equal(of->word->word, form))
        return 0;
    if (!ns__edits_within(of->word->word, form, of->word->edits))
        return 0; /* as nearly all */
    return of->word->edits == 1 || ns__edits_within(of->word->word, form, 1) ? 1 : 2;
}

static ns_status add_near(hunt *all, ns__str form, uint32_t edits, bool first, uint64_t df)
{
    const uint8_t *copy = ns__arena_copy(all->arena, form.data, form.length);
    if (copy == NULL || NS_RESERVE(all->found, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    all->found[all->count++] =
        (near){.form = {copy, form.length}, .df = df, .edits = edits, .first = first};
    return NS_OK;
}

static ns_status df_of(hunt *all, ns__str value, uint64_t *df)
{
    uint32_t here;
    if (!ns__plist_df(value, &here))
        return ns__frame_corrupt(all->segment->terms.frame, value.data, all->err,
                                 "a term's posting list is malformed");
    *df = here > *df ? here : *df;
    return NS_OK;
}

/* The df of the most frequent term that a form leads to. */
static ns_status follow(hunt *all, const uint32_t *ordinals, uint32_t count, uint64_t *df)
{
    const ns__terms *terms = &all->segment->terms;
    *df = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint8_t text[256];
        size_t length;
        ns__term term;
        NS_TRY(ns__terms_at(terms, ordinals[i], text, &length, all->err));
        ns_status status = ns__terms_find(terms, (ns__str){text, length}, &term, all->err);
        NS_TRY(status);
        if (status != NS_OK)
            return ns__frame_corrupt(terms->frame, terms->table.data.data, all->err,
                                     "a form leads to a term that is not there");
        NS_TRY(df_of(all, term.value, df));
    }
    return NS_OK;
}

/* A form of the segment with what says its df: a value, or the terms it leads to. */
typedef struct entry {
    ns__str form, value;
    const uint32_t *ordinals;
    uint32_t ordinal_count;
} entry;

static ns_status take(hunt *all, const entry *given, uint32_t edits, bool first)
{
    uint64_t df = 0;
    if (given->ordinals == NULL)
        NS_TRY(df_of(all, given->value, &df));
    else
        NS_TRY(follow(all, given->ordinals, given->ordinal_count, &df));
    return add_near(all, given->form, edits, first, df);
}

/* Takes a form that begins as the word does, or with a character that may be folded to that.
 * NS_ERR_ARGUMENT: it is not UTF-8. */
static ns_status compare(hunt *all, const entry *given)
{
    look seen = look_at(given->form);
    if (is_hopeless(&all->aim, &seen))
        return NS_OK;
    if (!seen.ascii && !all->folder.whitespace) {
        NS_TRY(ns__fold_text(&all->folder, given->form, all->err));
        seen.folded = (ns__str){all->folder.term.data, all->folder.term.length};
    }
    uint32_t edits = edits_between(&all->aim, seen.folded);
    return edits > 0 ? take(all, given, edits, true) : NS_OK;
}

/* ---- The forms to look at ---- */

static bool begins(const uint8_t *text, size_t length, ns__str prefix)
{
    return length >= prefix.length && memcmp(text, prefix.data, prefix.length) == 0;
}

static ns_status walk_terms(hunt *all, ns__str prefix)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(&all->segment->terms, prefix, &cursor, all->err));
    for (; all->left > 0; all->left--) {
        ns_status status = ns__term_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || !begins(cursor.text, cursor.length, prefix))
            return NS_OK;
        const entry given = {{cursor.text, cursor.length}, cursor.term.value, NULL, 0};
        if (cursor.term.is_form)
            NS_TRY(ns__frame_blame(all->segment->terms.frame, cursor.block.at, compare(all, &given),
                                   all->err));
    }
    return NS_OK;
}

static ns_status walk_surfaces(hunt *all, ns__str prefix)
{
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(&all->segment->terms, prefix, &cursor, all->err));
    for (; all->left > 0; all->left--) {
        ns_status status = ns__surface_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_DONE || !begins(cursor.text, cursor.length, prefix))
            return NS_OK;
        const entry given = {
            {cursor.text, cursor.length}, {NULL, 0}, cursor.ordinals, cursor.ordinal_count};
        NS_TRY(ns__frame_blame(all->segment->terms.frame, cursor.block.at, compare(all, &given),
                               all->err));
    }
    return NS_OK;
}

static ns_status walk(hunt *all, ns__str prefix)
{
    for (uint32_t s = 0; s < all->index->manifest.segment_count; s++) {
        all->segment = &all->index->segments[s];
        NS_TRY(walk_terms(all, prefix));
        NS_TRY(walk_surfaces(all, prefix));
    }
    return NS_OK;
}

/* Forms that begin as the word does; Latin letters with diacritics may, too. */
static ns_status walk_beginnings(hunt *all)
{
    ns__str word = all->aim.word->word;
    unsigned length;
    (void)ns__utf8_decode(word.data, &length);
    NS_TRY(walk(all, (ns__str){word.data, length}));
    for (uint8_t latin = 0xc3; latin <= 0xc5 && length == 1 && !all->folder.keep_diacritics;
         latin++)
        NS_TRY(walk(all, (ns__str){&latin, 1}));
    return NS_OK;
}

/* Takes a form if there is such a one. */
static ns_status look_up(hunt *all, ns__str form)
{
    for (uint32_t s = 0; s < all->index->manifest.segment_count; s++) {
        all->segment = &all->index->segments[s];
        ns__term term;
        ns__surface_cursor cursor;
        ns_status status = ns__terms_find(&all->segment->terms, form, &term, all->err);
        NS_TRY(status);
        if (status == NS_OK && term.is_form)
            NS_TRY(take(all, &(entry){form, term.value, NULL, 0}, 1, false));
        NS_TRY(ns__surface_cursor_seek(&all->segment->terms, form, &cursor, all->err));
        status = ns__surface_cursor_next(&cursor, all->err);
        NS_TRY(status);
        if (status == NS_OK && ns__str_equal((ns__str){cursor.text, cursor.length}, form))
            NS_TRY(take(all, &(entry){form, {NULL, 0}, cursor.ordinals, cursor.ordinal_count}, 1,
                        false));
    }
    return NS_OK;
}

/* Forms with another first letter that are one edit away: the first is another one, one too many,
 * one is missing before it, or it is behind the second. */
static ns_status look_up_others(hunt *all)
{
    ns__str word = all->aim.word->word;
    uint8_t form[NS_MAX_SURFACE_BYTES + 1];
    if (word.data[0] >= 0x80 || word.length > NS_MAX_SURFACE_BYTES - 1)
        return NS_OK;
    memcpy(form + 1, word.data, word.length);
    if (word.data[1] != word.data[0])
        NS_TRY(look_up(all, (ns__str){word.data + 1, word.length - 1}));
    for (form[0] = 'a'; form[0] <= 'z'; form[0]++) {
        if (form[0] != word.data[0])
            NS_TRY(look_up(all, (ns__str){form, word.length + 1}));
    }
    memcpy(form, word.data, word.length);
    for (form[0] = 'a'; form[0] <= 'z'; form[0]++) {
        if (form[0] != word.data[0])
            NS_TRY(look_up(all, (ns__str){form, word.length}));
    }
    form[0] = word.data[1];
    form[1] = word.data[0];
    return word.data[1] < 0x80 && form[0] != form[1] ? look_up(all, (ns__str){form, word.length})
                                                     : NS_OK;
}

/* ---- The best of them ---- */

static uint64_t weight_of(const near *form)
{
    return form->df * SCALE / (form->edits > 1 ? FAR : 1) / (form->first ? 1 : FIRST);
}

/* Is it worth to be suggested? */
static bool is_better(const hunt *all, const near *form)
{
    uint64_t least = all->index->passages < MANY ? 1
                     : form->edits > 1           ? 1 + all->index->passages / PASSAGES
                                                 : 2;
    return form->df >= least && form->df / (form->first ? 1 : FIRST) >= all->aim.word->df * RATHER;
}

static int by_form(const void *x, const void *y)
{
    const near *a = x, *b = y;
    return ns__str_compare(a->form, b->form);
}

static int by_weight(const void *x, const void *y)
{
    const near *a = x, *b = y;
    return a->weight != b->weight ? (a->weight > b->weight ? -1 : 1) : by_form(a, b);
}

/* Each form once, of those worth it, the heaviest first; the first in byte order among equals. */
static void settle(hunt *all)
{
    size_t kept = 0;
    if (all->count > 1)
        qsort(all->found, all->count, sizeof *all->found, by_form);
    for (size_t i = 0; i < all->count;) {
        near sum = all->found[i++];
        for (; i < all->count && by_form(&sum, &all->found[i]) == 0; i++)
            sum.df += all->found[i].df;
        sum.weight = weight_of(&sum);
        if (is_better(all, &sum))
            all->found[kept++] = sum;
    }
    all->count = kept;
    if (kept > 1)
        qsort(all->found, kept, sizeof *all->found, by_weight);
}

/* The part of a form's weight that it has among what stands of its term in some passages. */
static ns_status weigh(hunt *all, const near *form, uint64_t *weight)
{
    ns__usual_forms seen;
    uint64_t times = 0, sum = 0;
    NS_TRY(ns__usual_forms_count(all->index, form->form, READ, &all->folder, all->arena, &seen,
                                 all->err));
    for (size_t i = 0; i < seen.count; i++) {
        sum += seen.forms[i].times;
        if (ns__str_equal(seen.forms[i].form, form->form))
            times = seen.forms[i].times;
    }
    if (times == sum)
        *weight = form->weight;
    else if (times * LEAST < sum)
        *weight = form->weight / LEAST;
    else
        *weight = form->weight / sum * times;
    return NS_OK;
}

/* Whether a form may take the place of a stop word. */
static bool may_replace(const near *form, const near *stop)
{
    return form->edits == stop->edits && form->first == stop->first &&
           form->df * STOP >= stop->df && !ns__is_stop_word(form->form);
}

/* The next form from `i` on that may be chosen; all->count when there is none. */
static size_t next_form(const hunt *all, const near *stop, size_t i)
{
    while (stop != NULL && i < all->count && !may_replace(&all->found[i], stop))
        i++;
    return i;
}

/* The heaviest form, or of those that may take the place of `stop`. None is asked for its part that
 * wins or loses whatever that is. */
static ns_status find_heaviest(hunt *all, const near *stop, const near **best)
{
    uint64_t most = 0;
    unsigned tried = 0;
    for (size_t i = next_form(all, stop, 0), next; i < all->count && tried < TRIED; i = next) {
        const near *form = &all->found[i];
        uint64_t weight = form->weight;
        next = next_form(all, stop, i + 1);
        if (tried++ > 0 && weight <= most)
            break;
        if (tried > 1 || (next < all->count && all->found[next].weight > weight / LEAST))
            NS_TRY(weigh(all, form, &weight));
        if (tried == 1 || weight > most) {
            *best = form;
            most = weight;
        }
    }
    return NS_OK;
}

/* Whether two bytes that stand side by side were exchanged, and nothing else was done: the slip of
 * who types a short word fast, "thier". */
static bool is_exchanged(ns__str word, ns__str form)
{
    size_t i = 0;
    if (word.length != form.length)
        return false;
    while (i < word.length && word.data[i] == form.data[i])
        i++;
    return i + 1 < word.length && word.data[i] == form.data[i + 1] &&
           word.data[i + 1] == form.data[i] &&
           memcmp(word.data + i + 2, form.data + i + 2, word.length - i - 2) == 0;
}

/* The stem of a form in English, as the stop words are. */
static ns_status find_stem(hunt *all, ns__str form, ns__str *stem)
{
    ns__folder *folder = &all->folder;
    NS_TRY(ns__fold_surface(folder, NS_LANG_ENGLISH, form, 0, all->err));
    NS_TRY(ns__fold_term(folder, NS_LANG_ENGLISH, 0, all->err));
    *stem = (ns__str){folder->term.data, folder->term.length};
    return NS_OK;
}

/* Leaves out the forms of a stop word: theys for they. */
static ns_status drop_forms_of(hunt *all, ns__str stop)
{
    size_t kept = 0;
    ns__str stem;
    NS_TRY(find_stem(all, stop, &stem));
    const ns__str its = {ns__arena_copy(all->arena, stem.data, stem.length), stem.length};
    if (its.data == NULL)
        return ns__no_memory(all->err);
    for (size_t i = 0; i < all->count; i++) {
        NS_TRY(find_stem(all, all->found[i].form, &stem));
        if (!ns__str_equal(stem, its))
            all->found[kept++] = all->found[i];
    }
    all->count = kept;
    return NS_OK;
}

/* The best of what was found in all segments. */
static ns_status choose(hunt *all)
{
    const near *best = NULL, *other = NULL;
    settle(all);
    NS_TRY(find_heaviest(all, NULL, &best));
    if (best == NULL)
        return NS_OK;
    const near first = *best;
    if (ns__is_stop_word(first.form) && !is_exchanged(all->aim.word->word, first.form)) {
        NS_TRY(drop_forms_of(all, first.form));
        NS_TRY(find_heaviest(all, &first, &other));
    }
    all->aim.word->form = other ? other->form : first.form;
    all->aim.word->form_df = other ? other->df : first.df;
    return NS_OK;
}

static ns_status find_form(hunt *all, ns__misspelt *word)
{
    look seen = look_at(word->word);
    all->aim = (target){word, letters_of(word->word), seen.points, seen.ascii};
    all->count = 0;
    NS_TRY(walk_beginnings(all));
    NS_TRY(look_up_others(all));
    return choose(all);
}

ns_status ns__spell_forms(const ns_index *index, ns__misspelt *words, size_t count,
                          ns__arena *arena, ns_error *err)
{
    const ns_analysis_settings *analysis = &index->manifest.settings.analysis;
    hunt all = {.index = index, .left = NS_SPELL_FORMS, .arena = arena, .err = err};
    all.folder.keep_diacritics = analysis->keep_diacritics;
    all.folder.whitespace = analysis->whitespace;
    ns_status status = NS_OK;
    for (size_t w = 0; w < count && status == NS_OK; w++)
        status = find_form(&all, &words[w]);
    ns__folder_release(&all.folder);
    ns__free(all.found);
    return status;
}
