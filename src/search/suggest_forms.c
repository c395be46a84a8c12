/* The terms that forms with a prefix lead to. */
#include <stdlib.h>

#include "base/limits.h"
#include "search/suggest.h"

/* A form that leads to a term of the segment looked at; or a term that stood in the way, of which
 * perhaps only another segment has a form that fits. */
typedef struct lead {
    uint32_t ordinal;
    ns__str form; /* data NULL: none */
    ns__str term; /* … and its value, where the dictionary gave it; else data NULL */
    ns__str value;
} lead;

typedef struct walker {
    const ns__segment *segment;
    ns__completer *to;
    lead *leads;
    size_t lead_count, lead_capacity;
    uint32_t number; /* of the segment */
} walker;

static bool is_ascii(ns__str text)
{
    uint8_t all = 0;
    for (size_t i = 0; i < text.length; i++)
        all |= text.data[i];
    return all < 0x80;
}

ns_status ns__completer_fits(ns__completer *all, ns__str form, bool *yes)
{
    if (!all->folder.whitespace && !is_ascii(form)) {
        NS_TRY(ns__fold_text(&all->folder, form, all->err));
        form = (ns__str){all->folder.term.data, all->folder.term.length};
    }
    *yes = form.length >= all->prefix.length &&
           memcmp(form.data, all->prefix.data, all->prefix.length) == 0;
    return NS_OK;
}

ns_status ns__completer_copy(ns__completer *all, ns__str text, ns__str *out)
{
    *out = (ns__str){ns__arena_copy(&all->arena, text.data, text.length), text.length};
    return out->data == NULL ? ns__no_memory(all->err) : NS_OK;
}

static ns_status add_completion(walker *all, ns__str term, ns__str form, ns__str value)
{
    uint32_t df;
    if (!ns__plist_df(value, &df))
        return ns__frame_corrupt(all->segment->terms.frame, value.data, all->to->err,
                                 "a term's posting list is malformed");
    if (NS_RESERVE(all->to->list, all->to->capacity, all->to->count + 1) != NS_OK)
        return ns__no_memory(all->to->err);
    ns__completion *added = &all->to->list[all->to->count];
    *added = (ns__completion){.form = form, .df = df, .segment = all->number};
    NS_TRY(ns__completer_copy(all->to, term, &added->term));
    all->to->count++;
    return NS_OK;
}

/* Both stay where they are. */
static ns_status add_lead(walker *all, const lead *lead_to_it)
{
    if (NS_RESERVE(all->leads, all->lead_capacity, all->lead_count + 1) != NS_OK)
        return ns__no_memory(all->to->err);
    all->leads[all->lead_count++] = *lead_to_it;
    return NS_OK;
}

static bool begins_with_prefix(const ns__completer *all, ns__str term)
{
    return term.length >= all->prefix.length &&
           memcmp(term.data, all->prefix.data, all->prefix.length) == 0;
}

/* Whether a form of the segment, which stands before `at`, fits. */
static ns_status fits(walker *all, ns__str form, const void *at, bool *yes)
{
    return ns__frame_blame(all->segment->terms.frame, at, ns__completer_fits(all->to, form, yes),
                           all->to->err);
}

/* A term that is a form that fits, or begins with the prefix. */
static ns_status take_term(walker *all, const ns__term_cursor *cursor)
{
    const ns__str text = {cursor->text, cursor->length};
    lead found = {.ordinal = cursor->term.ordinal, .value = cursor->term.value};
    bool yes = false;
    if (cursor->term.is_form)
        NS_TRY(fits(all, text, cursor->block.at, &yes));
    if (!yes && !begins_with_prefix(all->to, text))
        return NS_OK;
    NS_TRY(ns__completer_copy(all->to, text, &found.term));
    if (yes)
        found.form = found.term;
    return add_lead(all, &found);
}

/* Terms from `from` on, as long as they share its first `begin` bytes. */
static ns_status walk_terms(walker *all, ns__str from, size_t begin)
{
    ns__term_cursor cursor;
    NS_TRY(ns__term_cursor_seek(&all->segment->terms, from, &cursor, all->to->err));
    for (;;) {
        ns_status status = ns__term_cursor_next(&cursor, all->to->err);
        ns__str text = {cursor.text, cursor.length};
        NS_TRY(status);
        if (status == NS_DONE || text.length < begin || memcmp(text.data, from.data, begin) != 0)
            return NS_OK;
        NS_TRY(take_term(all, &cursor));
    }
}

static ns_status walk_surfaces(walker *all, ns__str from, size_t begin)
{
    ns__surface_cursor cursor;
    NS_TRY(ns__surface_cursor_seek(&all->segment->terms, from, &cursor, all->to->err));
    for (;;) {
        ns_status status = ns__surface_cursor_next(&cursor, all->to->err);
        ns__str text = {cursor.text, cursor.length};
        NS_TRY(status);
        if (status == NS_DONE || text.length < begin || memcmp(text.data, from.data, begin) != 0)
            return NS_OK;
        bool yes = false;
        lead found = {0};
        NS_TRY(fits(all, text, cursor.block.at, &yes));
        if (yes)
            NS_TRY(ns__completer_copy(all->to, text, &found.form));
        for (uint32_t i = 0; yes && i < cursor.ordinal_count; i++) {
            found.ordinal = cursor.ordinals[i];
            NS_TRY(add_lead(all, &found));
        }
    }
}

static int by_ordinal(const void *x, const void *y)
{
    const lead *a = x, *b = y;
    if (a->ordinal != b->ordinal)
        return a->ordinal < b->ordinal ? -1 : 1;
    return ns__form_is_better(a->form, b->form) ? -1 : ns__form_is_better(b->form, a->form);
}

/* The term and its value of leads [from, to), which are of one ordinal. */
static ns_status find_term(walker *all, size_t from, size_t to, uint8_t text[256], ns__str *term,
                           ns__str *value)
{
    const ns__terms *terms = &all->segment->terms;
    size_t length;
    ns__term found;
    for (size_t i = from; i < to; i++)
        if (all->leads[i].term.data != NULL) {
            *term = all->leads[i].term;
            *value = all->leads[i].value;
            return NS_OK;
        }
    NS_TRY(ns__terms_at(terms, all->leads[from].ordinal, text, &length, all->to->err));
    *term = (ns__str){text, length};
    ns_status status = ns__terms_find(terms, *term, &found, all->to->err);
    NS_TRY(status);
    *value = found.value;
    return status == NS_OK ? NS_OK
                           : ns__frame_corrupt(terms->frame, terms->table.data.data, all->to->err,
                                               "a form leads to a term that is not there");
}

/* The shortest form of each term. */
static ns_status follow_leads(walker *all)
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
        NS_TRY(add_completion(all, term, all->leads[from].form, value));
    }
    all->lead_count = 0;
    return NS_OK;
}

static ns_status walk_range(walker *all, ns__str from, size_t begin)
{
    NS_TRY(walk_terms(all, from, begin));
    return walk_surfaces(all, from, begin);
}

/* A prefix of ASCII letters looks where its forms can be: those that begin with these letters, and
 * those that leave them somewhere for a byte that is not ASCII, which folding may make one. */
static ns_status walk_forms(walker *all)
{
    ns__str prefix = all->to->prefix;
    if (prefix.length >= NS_MAX_TERM_BYTES)
        return NS_OK;
    if (!is_ascii(prefix)) {
        NS_TRY(walk_range(all, NS_STR(""), 0));
        return follow_leads(all);
    }
    uint8_t from[NS_MAX_TERM_BYTES];
    memcpy(from, prefix.data, prefix.length);
    NS_TRY(walk_range(all, prefix, prefix.length));
    for (size_t i = 0; i < prefix.length && !all->to->folder.whitespace; i++) {
        uint8_t kept = from[i];
        from[i] = 0x80;
        NS_TRY(walk_range(all, (ns__str){from, i + 1}, i));
        from[i] = kept;
    }
    return follow_leads(all);
}

ns_status ns__completer_elsewhere(ns__completer *all, ns__completion *first, size_t entries)
{
    const uint32_t segments = all->index->manifest.segment_count;
    if (begins_with_prefix(all, first->term))
        return NS_OK;
    for (uint32_t s = 0, at = 0; s < segments; s++) {
        const ns__terms *terms = &all->index->segments[s].terms;
        ns__term found;
        uint32_t df = 0;
        if (at < entries && first[at].segment == s) {
            at++;
            continue;
        }
        const ns_status status = ns__terms_find(terms, first->term, &found, all->err);
        NS_TRY(status);
        if (status == NS_OK && !ns__plist_df(found.value, &df))
            return ns__frame_corrupt(terms->frame, found.value.data, all->err,
                                     "a term's posting list is malformed");
        first->df += df;
    }
    return NS_OK;
}

ns_status ns__completer_walk(ns__completer *all, uint32_t segment)
{
    walker walk = {.segment = &all->index->segments[segment], .to = all, .number = segment};
    ns_status status = walk_forms(&walk);
    ns__free(walk.leads);
    return status;
}
