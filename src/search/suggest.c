/* Completing the last word of a text, by the forms that words have in the index; or a value, by
 * those that articles have (suggest_values.c).
 *
 * A form leads to one term or more. The terms in the most passages come first, and of each the form
 * that is most frequent where it stands: the dictionary does not say which that is, and the
 * shortest may be a slip of somebody's pen, so a few passages with the term are looked at. Where
 * there is no text, or beyond the first few suggestions, it is the shortest form after all. */
#include "ns/suggest.h"

#include <stdlib.h>

#include "base/limits.h"
#include "search/suggest.h"
#include "text/unicode.h"
#include "text/utf8.h"

enum { LOOKED_AT = 20 }; /* suggestions whose usual form is looked for */

struct ns_suggestions {
    ns__buf text; /* terminated completions */
    size_t *starts, count;
    uint64_t *passages;
};

/* ---- The best of them ---- */

static int by_term(const void *x, const void *y)
{
    const ns__completion *a = x, *b = y;
    const int order = ns__str_compare(a->term, b->term);
    return order ? order : a->segment > b->segment ? 1 : a->segment < b->segment ? -1 : 0;
}

static int by_form(const void *x, const void *y)
{
    const ns__completion *a = x, *b = y;
    int order = ns__str_compare(a->form, b->form);
    return order ? order : a->df > b->df ? -1 : a->df < b->df;
}

static int by_df(const void *x, const void *y)
{
    const ns__completion *a = x, *b = y;
    if (a->df != b->df)
        return a->df > b->df ? -1 : 1;
    return ns__str_compare(a->form, b->form);
}

/* Makes one entry of those of a term, or a value, by segment. */
static void sum(ns__completion *first, size_t entries)
{
    for (size_t i = 1; i < entries; i++) {
        first->df += first[i].df;
        if (ns__form_is_better(first[i].form, first->form))
            first->form = first[i].form;
    }
}

/* One entry a term over all segments, or a value; without terms that no form leads to. */
static ns_status sum_all(ns__completer *all, bool terms)
{
    size_t kept = 0;
    qsort(all->list, all->count, sizeof *all->list, by_term);
    for (size_t from = 0, to; from < all->count; from = to) {
        ns__completion *first = &all->list[from];
        for (to = from + 1; to < all->count && ns__str_equal(all->list[to].term, first->term);)
            to++;
        sum(first, to - from);
        if (first->form.data == NULL)
            continue;
        if (terms)
            NS_TRY(ns__completer_elsewhere(all, first, to - from));
        all->list[kept++] = *first;
    }
    all->count = kept;
    return NS_OK;
}

/* One entry a term, then one a form, then the order of suggestions. */
static ns_status settle(ns__completer *all, bool terms)
{
    size_t kept = 0;
    if (all->count > 0)
        NS_TRY(sum_all(all, terms));
    if (all->count == 0)
        return NS_OK;
    qsort(all->list, all->count, sizeof *all->list, by_form);
    for (size_t i = 1; i < all->count; i++)
        if (!ns__str_equal(all->list[kept].form, all->list[i].form))
            all->list[++kept] = all->list[i];
    all->count = kept + 1;
    qsort(all->list, all->count, sizeof *all->list, by_df);
    return NS_OK;
}

/* Two terms may have the same usual form; forms were distinct before. */
static void drop_repeated(ns__completer *all)
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

static bool is_digit(ns__str text, size_t at)
{
    return at < text.length && text.data[at] >= '0' && text.data[at] <= '9';
}

/* Whether a sign at text[at] joins what stands beside it to one word: U.S., AT&T, trade_war, 0,6.
 */
static bool joins_words(ns__str text, size_t at, uint32_t c)
{
    if (c == ',')
        return at > 0 && is_digit(text, at - 1) && is_digit(text, at + 1);
    return c == '\'' || c == 0x2019 || c == '.' || c == '&' || c == '_';
}

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
        bool joins = joins_words(text, at, c);
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

static bool ends_with(ns__str text, ns__str end)
{
    return text.length >= end.length &&
           memcmp(text.data + text.length - end.length, end.data, end.length) == 0;
}

/* Whether what begins at `start` is a number that belongs to the query's syntax: of tariff~1,
 * "a b"~5, tariff^2.5 and NEAR/3. */
static bool is_syntax(ns__str text, size_t start)
{
    const ns__str before = {text.data, start};
    for (size_t i = start; i < text.length; i++)
        if (!is_digit(text, i) && text.data[i] != '.')
            return false;
    if (start < 2)
        return false;
    const uint8_t sign = text.data[start - 1];
    return ((sign == '~' || sign == '^') && text.data[start - 2] != ' ') ||
           ends_with(before, NS_STR("NEAR/"));
}

static ns_status put(ns_suggestions *out, ns__str before, const ns__completion *best, ns_error *err)
{
    out->starts[out->count] = out->text.length;
    out->passages[out->count++] = best->df;
    ns__buf_append(&out->text, before.data, before.length);
    ns__buf_append(&out->text, best->form.data, best->form.length);
    ns__buf_u8(&out->text, 0);
    return out->text.failed ? ns__no_memory(err) : NS_OK;
}

static ns_status take_prefix(ns__completer *all)
{
    return ns__completer_copy(all, (ns__str){all->folder.term.data, all->folder.term.length},
                              &all->prefix);
}

static ns_status complete_word(ns__completer *all, ns__str word, size_t limit)
{
    const ns_index *index = all->index;
    NS_TRY(ns__fold_text(&all->folder, word, all->err));
    NS_TRY(take_prefix(all));
    for (uint32_t s = 0; s < index->manifest.segment_count && all->prefix.length > 0; s++)
        NS_TRY(ns__completer_walk(all, s));
    NS_TRY(settle(all, true));
    NS_TRY(ns__completer_usual(all, limit < LOOKED_AT ? limit : LOOKED_AT));
    drop_repeated(all);
    return NS_OK;
}

static ns_status complete_value(ns__completer *all, ns__str value, ns__column column)
{
    const ns_index *index = all->index;
    NS_TRY(ns__completer_fold_value(all, value));
    if (value.length > 0 && value.data[value.length - 1] == ' ' && all->folder.term.length > 0)
        ns__buf_u8(&all->folder.term, ' '); /* a word ends there */
    if (all->folder.term.failed)
        return ns__no_memory(all->err);
    NS_TRY(take_prefix(all));
    for (uint32_t s = 0; s < index->manifest.segment_count; s++)
        NS_TRY(ns__completer_values(all, &index->segments[s], column));
    return settle(all, false);
}

static ns_status complete(const ns_index *index, ns__str text, size_t limit, ns__completer *all,
                          ns_suggestions *out)
{
    ns__ending ending;
    const ns_analysis_settings *analysis = &index->manifest.settings.analysis;
    all->folder.keep_diacritics = analysis->keep_diacritics;
    all->folder.whitespace = analysis->whitespace;
    NS_TRY(ns__completer_ending(text, &ending, all->err));
    const size_t start = ending.kind == NS__ENDS_IN_VALUE ? ending.start : last_word(text);
    if (ending.kind == NS__ENDS_IN_VALUE)
        NS_TRY(complete_value(all, (ns__str){text.data + ending.value, text.length - ending.value},
                              ending.column));
    else if (ending.kind == NS__ENDS_IN_WORDS && !is_syntax(text, start))
        NS_TRY(complete_word(all, (ns__str){text.data + start, text.length - start}, limit));
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
    ns__completer all = {.index = index, .err = err};
    ns__utf8_sanitise(text, &clean);
    ns_status status = clean.failed ? ns__no_memory(err) : NS_OK;
    if (status == NS_OK)
        status = complete(index, (ns__str){clean.data, clean.length}, limit, &all, out);
    ns__buf_release(&clean);
    ns__folder_release(&all.folder);
    ns__arena_release(&all.arena);
    ns__free(all.list);
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
