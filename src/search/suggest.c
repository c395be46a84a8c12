/* Completing the last word of a text, by the forms that words have in the index.
 *
 * A form leads to one term or more. The terms in the most passages come first, and of each the form
 * that is most frequent where it stands: the dictionary does not say which that is, and the
 * shortest may be a slip of somebody's pen, so a few passages with the term are looked at. Where
 * there is no text, or beyond the first few suggestions, it is the shortest form after all. */
#include "ns/suggest.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/limits.h"
#include "index/snapshot.h"
#include "ns/search.h"
#include "text/fold.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* A term and its form; both stand in the arena. */
typedef struct candidate {
    ns__str term, form;
    uint64_t df;
} candidate;

/* A form that leads to a term of the segment looked at. */
typedef struct lead {
    uint32_t ordinal;
    ns__str form;
    ns__str value; /* of the term, when the form is the term itself */
} lead;

typedef struct seeker {
    const ns__segment *segment;
    ns__folder folder;
    ns__str prefix; /* folded */
    ns__arena arena;
    candidate *list;
    size_t count, capacity;
    lead *leads;
    size_t lead_count, lead_capacity;
    ns_error *err;
} seeker;

struct ns_suggestions {
    ns__buf text; /* terminated completions */
    size_t *starts, count;
    uint64_t *passages;
};

/* ---- Forms that begin with the prefix ---- */

static bool is_ascii(ns__str text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.length; i++)
        all |= text.data[i];
    return all < 0x80;
}

static ns_status fits(seeker *all, ns__str form, bool *yes)
{
    if (!all->folder.whitespace && !is_ascii(form)) {
        NS_TRY(ns__fold_text(&all->folder, form, all->err));
        form = (ns__str){all->folder.term.data, all->folder.term.length};
    }
    *yes = form.length >= all->prefix.length &&
           memcmp(form.data, all->prefix.data, all->prefix.length) == 0;
    return NS_OK;
}

static ns_status copy(seeker *all, ns__str text, ns__str *out)
{
    *out = (ns__str){ns__arena_copy(&all->arena, text.data, text.length), text.length};
    return out->data == NULL ? ns__no_memory(all->err) : NS_OK;
}

static ns_status add_candidate(seeker *all, ns__str term, ns__str form, ns__str value)
{
    uint32_t df;
    if (!ns__plist_df(value, &df))
        return ns__frame_corrupt(all->segment->terms.frame, value.data, all->err,
                                 "a term's posting list is malformed");
    if (NS_RESERVE(all->list, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(all->err);
    candidate *added = &all->list[all->count];
    added->df = df;
    NS_TRY(copy(all, term, &added->term));
    NS_TRY(copy(all, form, &added->form));
    all->count++;
    return NS_OK;
}

static ns_status add_lead(seeker *all, uint32_t ordinal, ns__str form, ns__str value)
{
    if (NS_RESERVE(all->leads, all->lead_capacity, all->lead_count + 1) != NS_OK)
        return ns__no_memory(all->err);
    lead *added = &all->leads[all->lead_count];
    *added = (lead){.ordinal = ordinal, .value = value};
    NS_TRY(copy(all, form, &added->form));
    all->lead_count++;
    return NS_OK;
}

/* Terms that are forms, from `from` on, as long as they share its first `begin` bytes. */
static ns_status walk_terms(seeker *all, ns__str from, size_t begin)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(&all->segment->terms, from, &cursor, all->err));
    for (;;) {
        ns_status status = ns__term_cursor_next(&cursor, all->err);
        ns__str text = {cursor.text, cursor.length};
        NS_TRY(status);
        if (status == NS_DONE || text.length < begin || memcmp(text.data, from.data, begin) != 0)
            return NS_OK;
        bool yes = false;
        if (cursor.term.is_form)
            NS_TRY(fits(all, text, &yes));
        if (yes)
            NS_TRY(add_lead(all, cursor.term.ordinal, text, cursor.term.value));
    }
}

static ns_status walk_surfaces(seeker *all, ns__str from, size_t begin)
{
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(&all->segment->terms, from, &cursor, all->err));
    for (;;) {
        ns_status status = ns__surface_cursor_next(&cursor, all->err);
        ns__str text = {cursor.text, cursor.length};
        NS_TRY(status);
        if (status == NS_DONE || text.length < begin || memcmp(text.data, from.data, begin) != 0)
            return NS_OK;
        bool yes;
        NS_TRY(fits(all, text, &yes));
        for (uint32_t i = 0; yes && i < cursor.ordinal_count; i++)
            NS_TRY(add_lead(all, cursor.ordinals[i], text, (ns__str){NULL, 0}));
    }
}

static bool is_shorter(ns__str a, ns__str b)
{
    return a.length != b.length ? a.length < b.length : ns__str_compare(a, b) < 0;
}

static int by_ordinal(const void *x, const void *y)
{
    const lead *a = x, *b = y;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    return is_shorter(a->form, b->form) ? -1 : is_shorter(b->form, a->form);
}

/* The term and its value of leads [from, to), which are of one ordinal. */
static ns_status find_term(seeker *all, size_t from, size_t to, uint8_t text[256], ns__str *term,
                           ns__str *value)
{
    const ns__terms *terms = &all->segment->terms;
    size_t length;
    ns__term found;
    for (size_t i = from; i < to; i++)
        if (all->leads[i].value.data != NULL) {
            *term = all->leads[i].form;
            *value = all->leads[i].value;
            return NS_OK;
        }
    NS_TRY(ns__terms_at(terms, all->leads[from].ordinal, text, &length, all->err));
    *term = (ns__str){text, length};
    ns_status status = ns__terms_find(terms, *term, &found, all->err);
    NS_TRY(status);
    *value = found.value;
    return status == NS_OK ? NS_OK
                           : ns__frame_corrupt(terms->frame, terms->table.data.data, all->err,
                                               "a form leads to a term that is not there");
}

/* The shortest form of each term. */
static ns_status follow_leads(seeker *all)
{
    if (all->lead_count > 1)
        qsort(all->leads, all->lead_count, sizeof *all->leads, by_ordinal);
    for (size_t from = 0, to; from < all->lead_count; from = to) {
        uint8_t text[256];
        ns__str term, value;
        for (to = from + 1;
             to < all->lead_count && all->leads[to].ordinal == all->leads[from].ordinal;)
            to++;
        NS_TRY(find_term(all, from, to, text, &term, &value));
        NS_TRY(add_candidate(all, term, all->leads[from].form, value));
    }
    all->lead_count = 0;
    return NS_OK;
}

static ns_status walk_range(seeker *all, ns__str from, size_t begin)
{
    NS_TRY(walk_terms(all, from, begin));
    return walk_surfaces(all, from, begin);
}

/* A prefix of ASCII letters looks where its forms can be: those that begin with these letters, and
 * those that leave them somewhere for a byte that is not ASCII, which folding may make one. */
static ns_status walk_segment(seeker *all)
{
    ns__str prefix = all->prefix;
    if (prefix.length >= NS_MAX_TERM_BYTES)
        return NS_OK;
    if (!is_ascii(prefix)) {
        NS_TRY(walk_range(all, NS_STR(""), 0));
        return follow_leads(all);
    }
    uint8_t from[NS_MAX_TERM_BYTES];
    memcpy(from, prefix.data, prefix.length);
    NS_TRY(walk_range(all, prefix, prefix.length));
    for (size_t i = 0; i < prefix.length && !all->folder.whitespace; i++) {
        uint8_t kept = from[i];
        from[i] = 0x80;
        NS_TRY(walk_range(all, (ns__str){from, i + 1}, i));
        from[i] = kept;
    }
    return follow_leads(all);
}

/* ---- The best of them ---- */

static int by_term(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    return ns__str_compare(a->term, b->term);
}

static int by_form(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    int order = ns__str_compare(a->form, b->form);
    return order ? order : a->df > b->df ? -1 : a->df < b->df;
}

static int by_df(const void *x, const void *y)
{
    const candidate *a = x, *b = y;
    if (a->df != b->df)
        return a->df > b->df ? -1 : 1;
    return ns__str_compare(a->form, b->form);
}

/* One entry a term over all segments, then one a form, then the order of suggestions. */
static void settle(seeker *all)
{
    size_t kept = 0;
    if (all->count < 1)
        return;
    qsort(all->list, all->count, sizeof *all->list, by_term);
    for (size_t i = 1; i < all->count; i++) {
        candidate *last = &all->list[kept], *next = &all->list[i];
        if (by_term(last, next) != 0) {
            all->list[++kept] = *next;
            continue;
        }
        last->df += next->df;
        if (is_shorter(next->form, last->form))
            last->form = next->form;
    }
    all->count = kept + 1;
    qsort(all->list, all->count, sizeof *all->list, by_form);
    kept = 0;
    for (size_t i = 1; i < all->count; i++)
        if (!ns__str_equal(all->list[kept].form, all->list[i].form))
            all->list[++kept] = all->list[i];
    all->count = kept + 1;
    qsort(all->list, all->count, sizeof *all->list, by_df);
}

/* ---- The usual form ---- */

/* A form seen in passages. */
typedef struct seen {
    ns__str form;
    uint32_t times;
} seen;

enum {
    LOOKED_AT = 20,
    PASSAGES = 8,
    FORMS = 64
}; /* suggestions, passages of each, forms of each */

typedef struct tally {
    seen forms[FORMS];
    size_t count;
} tally;

static ns_status count_form(seeker *all, ns__str raw, tally *out)
{
    NS_TRY(ns__fold_surface(&all->folder, 0, raw, 0, all->err));
    ns__str form = {all->folder.surface.data, all->folder.surface.length};
    for (size_t i = 0; i < out->count; i++)
        if (ns__str_equal(out->forms[i].form, form)) {
            out->forms[i].times++;
            return NS_OK;
        }
    if (out->count == FORMS)
        return NS_OK;
    NS_TRY(copy(all, form, &form));
    bool yes;
    NS_TRY(fits(all, form, &yes)); /* it is also why the form was copied first */
    if (yes)
        out->forms[out->count++] = (seen){form, 1};
    return NS_OK;
}

static size_t skip_points(const char *text, size_t at, size_t points)
{
    for (; points > 0; points--) {
        at++;
        while (((uint8_t)text[at] & 0xc0) == 0x80)
            at++;
    }
    return at;
}

/* Counts the forms that are marked in a passage. */
static ns_status count_marks(seeker *all, ns_marked text, tally *out)
{
    size_t at = 0, point = 0;
    for (size_t m = 0; m < text.mark_count; m++) {
        size_t start = skip_points(text.text, at, text.marks[m][0] - point);
        size_t end = skip_points(text.text, start, text.marks[m][1] - text.marks[m][0]);
        ns__str raw = {(const uint8_t *)text.text + start, end - start};
        NS_TRY(count_form(all, raw, out));
        at = end;
        point = text.marks[m][1];
    }
    return NS_OK;
}

static ns_status word_query(ns__str word, ns_query **out, ns_error *err)
{
    ns_query_builder *builder;
    NS_TRY(ns_query_builder_open(&builder, err));
    ns_query_add_words(builder, NULL, (const char *)word.data, word.length);
    ns_status status = ns_query_builder_finish(builder, out, err);
    ns_query_builder_free(builder);
    return status;
}

/* The most frequent form in the best passages for a form. */
static ns_status usual_form(seeker *all, const ns_index *index, ns__str *form)
{
    ns_query *query = NULL;
    ns_results *results = NULL;
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = PASSAGES;
    options.no_hits = true;
    tally found = {0};
    ns_status status = word_query(*form, &query, all->err);
    if (status == NS_OK)
        status = ns_search_query(index, query, &options, &results, all->err);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++) {
        ns_shown *shown = NULL;
        status = ns_results_show_brief(results, i, 0, &shown, all->err);
        if (status == NS_OK)
            status = count_marks(all, ns_shown_passage(shown), &found);
        ns_shown_free(shown);
    }
    const seen *best = NULL;
    for (size_t i = 0; i < found.count; i++)
        if (best == NULL || found.forms[i].times > best->times ||
            (found.forms[i].times == best->times && is_shorter(found.forms[i].form, best->form)))
            best = &found.forms[i];
    if (best != NULL)
        *form = best->form;
    if (results)
        ns_results_free(results);
    ns_query_free(query);
    return status;
}

static ns_status find_usual_forms(seeker *all, const ns_index *index, size_t limit)
{
    if (index->manifest.settings.no_text)
        return NS_OK;
    for (size_t i = 0; i < all->count && i < limit && i < LOOKED_AT; i++)
        NS_TRY(usual_form(all, index, &all->list[i].form));
    return NS_OK;
}

/* Two terms may have the same usual form; forms were distinct before. */
static void drop_repeated(seeker *all)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool repeated = false;
        for (size_t k = 0; k < kept && k < LOOKED_AT; k++)
            repeated |= ns__str_equal(all->list[k].form, all->list[i].form);
        if (!repeated)
            all->list[kept++] = all->list[i];
    }
    all->count = kept;
}

/* ---- The last word ---- */

/* Where the last word begins: behind the last character that is none of a word's; of a script
 * without spaces, the last character. The text is valid UTF-8. */
static size_t last_word(ns__str text)
{
    size_t start = text.length;
    bool first = true;
    while (start > 0) {
        size_t at = start - 1;
        while (at > 0 && (text.data[at] & 0xc0) == 0x80)
            at--;
        unsigned length, properties;
        uint32_t c = ns__utf8_decode(text.data + at, &length);
        properties = ns__unicode(c);
        bool joins = c == '\'' || c == 0x2019 || c == '.' || c == '&'; /* U.S., AT&T */
        bool gram = (properties & NS_UNICODE_GRAM) != 0;
        if (gram)
            return first ? at : start;
        if (!joins && !(properties & (NS_UNICODE_ALNUM | NS_UNICODE_MARK)))
            break;
        start = at;
        first = false;
    }
    return start;
}

static ns_status put(ns_suggestions *out, ns__str before, const candidate *best, ns_error *err)
{
    out->starts[out->count] = out->text.length;
    out->passages[out->count++] = best->df;
    ns__buf_append(&out->text, before.data, before.length);
    ns__buf_append(&out->text, best->form.data, best->form.length);
    ns__buf_u8(&out->text, 0);
    return out->text.failed ? ns__no_memory(err) : NS_OK;
}

static ns_status complete(const ns_index *index, ns__str text, size_t limit, seeker *all,
                          ns_suggestions *out)
{
    size_t start = last_word(text);
    ns__str word = {text.data + start, text.length - start};
    const ns_analysis_settings *analysis = &index->manifest.settings.analysis;
    all->folder.keep_diacritics = analysis->keep_diacritics;
    all->folder.whitespace = analysis->whitespace;
    NS_TRY(ns__fold_text(&all->folder, word, all->err));
    NS_TRY(copy(all, (ns__str){all->folder.term.data, all->folder.term.length}, &all->prefix));
    for (uint32_t s = 0; s < index->manifest.segment_count && all->prefix.length > 0; s++) {
        all->segment = &index->segments[s];
        NS_TRY(walk_segment(all));
    }
    settle(all);
    NS_TRY(find_usual_forms(all, index, limit));
    drop_repeated(all);
    size_t count = all->count < limit ? all->count : limit;
    out->starts = ns__alloc(count + 1, sizeof *out->starts);
    out->passages = ns__alloc(count + 1, sizeof *out->passages);
    if (out->starts == NULL || out->passages == NULL)
        return ns__no_memory(all->err);
    for (size_t i = 0; i < count; i++)
        NS_TRY(put(out, (ns__str){text.data, start}, &all->list[i], all->err));
    return NS_OK;
}

static ns_status suggest(const ns_index *index, ns__str text, size_t limit, ns_suggestions *out,
                         ns_error *err)
{
    ns__buf clean = {0};
    seeker all = {.err = err};
    ns__utf8_sanitise(text, &clean);
    ns_status status = clean.failed ? ns__no_memory(err) : NS_OK;
    if (status == NS_OK)
        status = complete(index, (ns__str){clean.data, clean.length}, limit, &all, out);
    ns__buf_release(&clean);
    ns__folder_release(&all.folder);
    ns__arena_release(&all.arena);
    ns__free(all.list);
    ns__free(all.leads);
    return status;
}

ns_status ns_suggest(const ns_index *index, const char *text, size_t length, size_t limit,
                     ns_suggestions **out, ns_error *err)
{
    *out = NULL;
    if (length > NS_MAX_QUERY_BYTES)
        return ns__fail(err, NS_ERR_LIMIT, "the text has %zu bytes, more than the %u allowed",
                        length, NS_MAX_QUERY_BYTES);
    ns_suggestions *suggestions = ns__zalloc(1, sizeof *suggestions);
    if (suggestions == NULL)
        return ns__no_memory(err);
    ns_status status =
        suggest(index, (ns__str){(const uint8_t *)text, length}, limit, suggestions, err);
    if (status != NS_OK) {
        ns_suggestions_free(suggestions);
        return status;
    }
    *out = suggestions;
    return NS_OK;
}

size_t ns_suggestions_count(const ns_suggestions *suggestions)
{
    return suggestions->count;
}

ns_suggestion ns_suggestions_get(const ns_suggestions *suggestions, size_t i)
{
    size_t start = suggestions->starts[i];
    size_t end = i + 1 < suggestions->count ? suggestions->starts[i + 1] : suggestions->text.length;
    return (ns_suggestion){(const char *)suggestions->text.data + start, end - 1 - start,
                           suggestions->passages[i]};
}

void ns_suggestions_free(ns_suggestions *suggestions)
{
    if (suggestions == NULL)
        return;
    ns__buf_release(&suggestions->text);
    ns__free(suggestions->starts);
    ns__free(suggestions->passages);
    ns__free(suggestions);
}
