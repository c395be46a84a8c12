/* Which form of a word is the usual one: the most frequent in the best passages for it. */
#include "ns/search.h"
#include "search/suggest.h"

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

static ns_status count_form(ns__completer *all, ns__str raw, tally *out)
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
    NS_TRY(ns__completer_copy(all, form, &form));
    bool yes;
    NS_TRY(ns__completer_fits(all, form, &yes)); /* it is also why the form was copied first */
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
static ns_status count_marks(ns__completer *all, ns_marked text, tally *out)
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
static ns_status usual_form(ns__completer *all, ns__str *form)
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
        status = ns_search_query(all->index, query, &options, &results, all->err);
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
            (found.forms[i].times == best->times &&
             ns__form_is_shorter(found.forms[i].form, best->form)))
            best = &found.forms[i];
    if (best != NULL)
        *form = best->form;
    if (results)
        ns_results_free(results);
    ns_query_free(query);
    return status;
}

ns_status ns__completer_usual(ns__completer *all, size_t limit)
{
    if (all->index->manifest.settings.no_text)
        return NS_OK;
    for (size_t i = 0; i < all->count && i < limit; i++)
        NS_TRY(usual_form(all, &all->list[i].form));
    return NS_OK;
}
