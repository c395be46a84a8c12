/* Which surface forms the live articles of a segment have.
 *
 * The dictionary says which forms occur in a segment, not where. When articles are dead, forms that
 * only they had must go; so the live ones are analysed again, as the builder did, and each form met
 * for the first time is looked up and marked. */
#include "index/merge_parts.h"

#include "base/mem.h"
#include "text/passages.h"

struct ns__forms_filter {
    ns__analyzer *analyzer;
    uint64_t memory_bytes;
    ns__tokens title;
    ns__passages passages;
    uint8_t *seen; /* by form: marked, in whichever segment: what counts is their union */
    size_t seen_count, seen_capacity;
};

ns_status ns__forms_filter_open(const ns_index_settings *settings, uint64_t memory_bytes,
                                ns__forms_filter **out, ns_error *err)
{
    ns__forms_filter *filter = *out = ns__zalloc(1, sizeof *filter);
    if (filter == NULL)
        return ns__no_memory(err);
    filter->memory_bytes = memory_bytes;
    return ns__analyzer_open(&settings->analysis, &filter->analyzer, err);
}

void ns__forms_filter_close(ns__forms_filter *filter)
{
    if (filter == NULL)
        return;
    ns__analyzer_close(filter->analyzer);
    ns__tokens_release(&filter->title);
    ns__passages_release(&filter->passages);
    ns__free(filter->seen);
    ns__free(filter);
}

ns_status ns__forms_filter_start(ns__merge_source *source, ns_error *err)
{
    const ns__terms *terms = &source->segment->terms;
    source->term_is_form = ns__zalloc((size_t)terms->count / 8 + 1, 1);
    source->surface_targets = ns__zalloc(terms->surface_count, sizeof *source->surface_targets);
    return source->term_is_form && source->surface_targets ? NS_OK : ns__no_memory(err);
}

static ns_status not_in_dictionary(const ns__terms *terms, ns_error *err)
{
    return ns__frame_corrupt(terms->frame, terms->frame->map.data, err,
                             "the dictionary lacks a word of the stored text");
}

static ns_status mark_surface(ns__merge_source *source, ns__str surface, uint32_t ordinal,
                              ns_error *err)
{
    const ns__terms *terms = &source->segment->terms;
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(terms, surface, &cursor, err));
    ns_status status = ns__surface_cursor_next(&cursor, err);
    NS_TRY(status);
    if (status == NS_DONE || !ns__str_equal(surface, (ns__str){cursor.text, cursor.length}))
        return not_in_dictionary(terms, err);
    for (uint32_t i = 0; i < cursor.ordinal_count; i++) {
        if (cursor.ordinals[i] != ordinal)
            continue;
        source->surface_targets[cursor.index - 1] |= 1u << i;
        return NS_OK;
    }
    return not_in_dictionary(terms, err);
}

static ns_status mark_form(ns__forms_filter *filter, ns__merge_source *source, uint32_t id,
                           ns_error *err)
{
    const ns__terms *terms = &source->segment->terms;
    ns__form form = ns__analyzer_form(filter->analyzer, id);
    ns__str text = ns__analyzer_term(filter->analyzer, form.term);
    ns__term term;
    ns_status status = ns__terms_find(terms, text, &term, err);
    if (status == NS_NOT_FOUND)
        return not_in_dictionary(terms, err);
    NS_TRY(status);
    if (ns__str_equal(form.surface, text)) {
        source->term_is_form[term.ordinal / 8] |= (uint8_t)(1u << term.ordinal % 8);
        return NS_OK;
    }
    if (form.surface.length == 0 || form.surface.length > NS_MAX_SURFACE_BYTES)
        return NS_OK; /* too long to be kept */
    return mark_surface(source, form.surface, term.ordinal, err);
}

static ns_status mark_tokens(ns__forms_filter *filter, ns__merge_source *source,
                             const ns__token *tokens, size_t count, ns_error *err)
{
    size_t forms = ns__analyzer_form_count(filter->analyzer);
    if (NS_RESERVE(filter->seen, filter->seen_capacity, forms) < 0)
        return ns__no_memory(err);
    if (forms > filter->seen_count)
        memset(filter->seen + filter->seen_count, 0, forms - filter->seen_count);
    filter->seen_count = forms;
    for (size_t i = 0; i < count; i++) {
        if (filter->seen[tokens[i].form])
            continue;
        filter->seen[tokens[i].form] = 1;
        NS_TRY(mark_form(filter, source, tokens[i].form, err));
    }
    return NS_OK;
}

static ns_status cut_words(ns__forms_filter *filter, ns__lang lang, ns__str title, ns__str body,
                           ns_error *err)
{
    filter->title.count = 0;
    NS_TRY(ns__analyzer_run(filter->analyzer, lang, title, &filter->title, err));
    return ns__passages_cut(filter->analyzer, lang, body, &filter->passages, err);
}

ns_status ns__forms_filter_add(ns__forms_filter *filter, ns__merge_source *source,
                               const ns__article_facts *facts, ns__str title, ns__str body,
                               ns_error *err)
{
    if (facts->lang >= ns__lang_count())
        return not_in_dictionary(&source->segment->terms, err);
    const ns__store *store = &source->segment->store;
    NS_TRY(ns__store_check_text(store, title, err));
    NS_TRY(ns__store_check_text(store, body, err));
    NS_TRY(ns__frame_blame(store->frame, store->data.data,
                           cut_words(filter, facts->lang, title, body, err), err));
    size_t titles = facts->title_terms; /* that many were searchable */
    if (titles > filter->title.count)
        return not_in_dictionary(&source->segment->terms, err);
    const ns__tokens *tokens = &filter->passages.tokens;
    NS_TRY(mark_tokens(filter, source, filter->title.items, titles, err));
    NS_TRY(mark_tokens(filter, source, tokens->items, tokens->count, err));
    if (ns__analyzer_memory(filter->analyzer) > filter->memory_bytes / 8) {
        ns__analyzer_clear(filter->analyzer);
        filter->seen_count = 0;
    }
    return NS_OK;
}
