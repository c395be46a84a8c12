/* Counting forms in passages: see usual_forms.h. */
#include "search/usual_forms.h"

#include "ns/search.h"

typedef struct counter {
    ns__folder *folder;
    ns__arena *arena;
    ns__usual_forms *out;
    ns_error *err;
} counter;

static ns_status count_form(const counter *of, ns__str raw)
{
    ns__usual_forms *out = of->out;
    NS_TRY(ns__fold_surface(of->folder, 0, raw, 0, of->err));
    const ns__str form = {of->folder->surface.data, of->folder->surface.length};
    for (size_t i = 0; i < out->count; i++)
        if (ns__str_equal(out->forms[i].form, form)) {
            out->forms[i].times++;
            return NS_OK;
        }
    if (out->count == NS_USUAL_FORMS)
        return NS_OK;
    const uint8_t *copy = ns__arena_copy(of->arena, form.data, form.length);
    if (copy == NULL)
        return ns__no_memory(of->err);
    out->forms[out->count++] = (ns__usual_form){{copy, form.length}, 1};
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
static ns_status count_marks(const counter *of, ns_marked text)
{
    size_t at = 0, point = 0;
    for (size_t m = 0; m < text.mark_count; m++) {
        size_t start = skip_points(text.text, at, text.marks[m][0] - point);
        size_t end = skip_points(text.text, start, text.marks[m][1] - text.marks[m][0]);
        NS_TRY(count_form(of, (ns__str){(const uint8_t *)text.text + start, end - start}));
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

ns_status ns__usual_forms_count(const ns_index *index, ns__str form, size_t passages,
                                ns__folder *folder, ns__arena *arena, ns__usual_forms *out,
                                ns_error *err)
{
    const counter of = {folder, arena, out, err};
    ns_query *query = NULL;
    ns_results *results = NULL;
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = passages;
    options.no_hits = true;
    out->count = 0;
    if (index->manifest.settings.no_text)
        return NS_OK;
    ns_status status = word_query(form, &query, err);
    if (status == NS_OK)
        status = ns_search_query(index, query, &options, &results, err);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++) {
        ns_shown *shown = NULL;
        status = ns_results_show_brief(results, i, 0, &shown, err);
        if (status == NS_OK)
            status = count_marks(&of, ns_shown_passage(shown));
        ns_shown_free(shown);
    }
    if (results)
        ns_results_free(results);
    ns_query_free(query);
    return status;
}
