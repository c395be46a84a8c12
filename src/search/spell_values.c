/* The value that a misspelt one may have meant: of a source, a section or an author. Each distinct
 * value of the index is compared, as a whole and by as many of its words as were written. */
#include "query/characters.h"
#include "search/glob.h"
#include "search/spell.h"
#include "text/fold.h"
#include "text/utf8.h"

enum { SHORTEST = 4, LONG = 6, FORMS = NS_SPELL_FORMS };

/* A form near the value, and how many articles have it. */
typedef struct near {
    ns__str form, shown; /* folded, and as the first article has it */
    uint64_t articles;
} near;

typedef struct hunt {
    const ns_index *index;
    ns__column column;
    ns__misspelt *value;
    ns__folder folder;
    ns__buf raw;    /* the value that is looked at */
    size_t words;   /* of the value as it was written */
    size_t left;    /* values that may still be looked at */
    bool there;     /* some article has the value as it was written */
    uint32_t edits; /* of what was found so far: */
    near *found;
    size_t count, capacity;
    ns__arena *arena;
    ns_error *err;
} hunt;

/* How many articles of the segment have a value. */
static uint64_t count_articles(const ns__articles *articles, ns__column column, uint32_t value)
{
    const uint8_t *ordinals = articles->columns[column].ordinals.data;
    uint64_t count = 0;
    for (uint32_t a = 0; a < articles->count; a++)
        count += ns__packed_get(ordinals, a, articles->columns[column].width) == value;
    return count;
}

/* Whether a form can stand in a query, between quotes if need be: nothing that cannot be seen. */
static bool can_stand(ns__str form)
{
    bool seen = false;
    for (size_t i = 0; i < form.length; i++) {
        if (form.data[i] < ' ' || form.data[i] == 0x7f)
            return false;
        seen |= form.data[i] > ' ';
    }
    return seen;
}

static size_t count_words(ns__str text)
{
    size_t words = 1;
    for (size_t i = 0; i < text.length; i++)
        words += text.data[i] == ' ';
    return words;
}

/* The words of the value as it is that are [at, end) of it folded, if that has as many; else
 * nothing. */
static ns__str words_as_they_are(const hunt *of, ns__str folded, size_t at, size_t end)
{
    const ns__str raw = {of->raw.data, of->raw.length};
    const size_t first = count_words((ns__str){folded.data, at}) - 1;
    size_t words = count_words((ns__str){folded.data + at, end - at}), from = 0, to;
    if (count_words(raw) != count_words(folded))
        return (ns__str){NULL, 0};
    for (size_t w = 0; w < first; from++)
        w += raw.data[from] == ' ';
    for (to = from; to < raw.length && (raw.data[to] != ' ' || --words > 0);)
        to++;
    return (ns__str){raw.data + from, to - from};
}

/* Without what stands around its words: quotes, parentheses, a comma behind. */
static ns__str trim(ns__str text)
{
    unsigned length;
    while (text.length > 0) {
        if (ns__is_word_character(ns__peek(text.data, 0, &length)))
            break;
        text = (ns__str){text.data + length, text.length - length};
    }
    while (text.length > 0) {
        size_t at = text.length - 1;
        while (at > 0 && (text.data[at] & 0xc0) == 0x80)
            at--;
        if (ns__is_word_character(ns__peek(text.data, (uint32_t)at, &length)))
            break;
        text.length = at;
    }
    return text;
}

/* The form among what was found; a new one without articles. NULL without memory. */
static near *find(hunt *of, ns__str form, ns__str shown)
{
    for (size_t i = 0; i < of->count; i++)
        if (ns__str_equal(of->found[i].form, form))
            return &of->found[i];
    if (NS_RESERVE(of->found, of->capacity, of->count + 1) != NS_OK)
        return NULL;
    const uint8_t *copy = ns__arena_copy(of->arena, form.data, form.length);
    near *added = &of->found[of->count];
    *added = (near){.form = {copy, form.length}};
    if (shown.length > 0 && can_stand(shown)) {
        added->shown = (ns__str){ns__arena_copy(of->arena, shown.data, shown.length), shown.length};
        if (added->shown.data == NULL)
            return NULL;
    }
    of->count += copy != NULL;
    return copy == NULL ? NULL : added;
}

/* Takes a part of a folded value, which an article has as it is shown, if that is no farther from
 * the one written than what was found. */
static ns_status offer(hunt *of, ns__str form, ns__str shown, const ns__articles *articles,
                       uint32_t value)
{
    enum { MOST = 256 };
    uint32_t edits = 1;
    while (edits <= of->edits && !ns__edits_within(of->value->word, form, edits))
        edits++;
    if (edits > of->edits || !can_stand(form))
        return NS_OK;
    if (edits < of->edits)
        of->count = 0;
    of->edits = edits;
    if (of->count == MOST)
        return NS_OK;
    near *found = find(of, form, shown);
    if (found == NULL)
        return ns__no_memory(of->err);
    found->articles += count_articles(articles, of->column, value);
    return NS_OK;
}

/* What most articles have, then the first in byte order. */
static void choose(hunt *of)
{
    const near *best = NULL;
    for (size_t i = 0; i < of->count && !of->there; i++) {
        const near *here = &of->found[i];
        if (best == NULL || here->articles > best->articles ||
            (here->articles == best->articles && ns__str_compare(here->form, best->form) < 0))
            best = here;
    }
    if (best != NULL) {
        of->value->form = best->form;
        of->value->shown = best->shown;
        of->value->form_df = best->articles;
    }
}

/* Words [at, end) of a folded value, and the same without what stands around them. */
static ns_status offer_words(hunt *of, ns__str text, size_t at, size_t end,
                             const ns__articles *articles, uint32_t value)
{
    const ns__str form = {text.data + at, end - at}, bare = trim(form);
    const ns__str shown = words_as_they_are(of, text, at, end);
    NS_TRY(offer(of, form, shown, articles, value));
    return bare.length < form.length ? offer(of, bare, trim(shown), articles, value) : NS_OK;
}

/* A folded value, and as many of its words as were written, wherever they stand in it. */
static ns_status compare(hunt *of, ns__str text, const ns__articles *articles, uint32_t value)
{
    of->there |= ns__has_words(text, of->value->word);
    NS_TRY(offer_words(of, text, 0, text.length, articles, value));
    for (size_t at = 0; at < text.length; at++) {
        size_t end = at, left = of->words;
        if (at > 0 && text.data[at - 1] != ' ')
            continue;
        while (end < text.length && (text.data[end] != ' ' || --left > 0))
            end++;
        if (end - at < text.length)
            NS_TRY(offer_words(of, text, at, end, articles, value));
    }
    return NS_OK;
}

static ns_status compare_segment(hunt *of, const ns__articles *articles)
{
    const ns__strings *values = &articles->columns[of->column].values;
    for (uint32_t v = 1; v < values->count && of->left > 0 && !of->there; v++, of->left--) {
        if (!ns__strings_get(values, v, &of->raw))
            return of->raw.failed ? ns__no_memory(of->err)
                                  : ns__frame_corrupt(articles->frame, values->data, of->err,
                                                      "a value of a column cannot be read");
        ns__even_blanks(&of->raw);
        NS_TRY(ns__frame_blame(
            articles->frame, values->data,
            ns__fold_text(&of->folder, (ns__str){of->raw.data, of->raw.length}, of->err), of->err));
        ns__even_blanks(&of->folder.term);
        NS_TRY(compare(of, (ns__str){of->folder.term.data, of->folder.term.length}, articles, v));
    }
    return NS_OK;
}

ns_status ns__spell_value(const ns_index *index, ns__column column, ns__str text,
                          ns__misspelt *value, ns__arena *arena, ns_error *err)
{
    hunt of = {.index = index,
               .column = column,
               .value = value,
               .left = FORMS,
               .arena = arena,
               .err = err};
    ns_status status = ns__fold_text(&of.folder, text, err);
    ns__even_blanks(&of.folder.term);
    const uint8_t *word =
        status == NS_OK ? ns__arena_copy(arena, of.folder.term.data, of.folder.term.length) : NULL;
    if (status == NS_OK && word == NULL)
        status = ns__no_memory(err);
    *value = (ns__misspelt){.word = {word, word == NULL ? 0 : of.folder.term.length}};
    of.words = count_words(value->word);
    const size_t points = status == NS_OK ? ns__utf8_count(value->word) : 0;
    value->edits = of.edits = points < LONG ? 1 : 2;
    for (uint32_t s = 0; points >= SHORTEST && s < index->manifest.segment_count; s++)
        if (status == NS_OK && !of.there)
            status = compare_segment(&of, &index->segments[s].articles);
    choose(&of);
    ns__free(of.found);
    ns__folder_release(&of.folder);
    ns__buf_release(&of.raw);
    return status;
}
