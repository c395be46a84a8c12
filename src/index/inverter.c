/* Batch inversion: token stream -> counting sort by term -> run.
 *
 * Tables over all terms that the analyser knows (counts, ranks) outlive a batch, as the sorted list
 * of their names does: later batches sort only the names that are new. Between batches all counts
 * are 0. */
#include "index/inverter.h"

#include "base/mem.h"
#include "base/limits.h"
#include "index/names.h"

/* What is known about a term: occurrences in the batch, and where its slots end after sorting. */
typedef struct term_entry {
    uint32_t body, title; /* occurrences in the batch */
    size_t slot;          /* next free place in slots */
    size_t title_slot;
    uint32_t rank;
} term_entry;

struct ns__inverter {
    ns__analyzer *analyzer;
    uint32_t *body; /* term ids of all passages */
    size_t body_count, body_capacity;
    uint32_t *titles; /* term ids of all headlines */
    size_t title_count, title_capacity;
    size_t *passage_ends; /* in body */
    size_t passages, passage_capacity;
    size_t *title_ends;     /* by article, in titles */
    uint32_t *article_ends; /* by article: its last passage + 1 */
    size_t articles, title_end_capacity, article_capacity;

    term_entry *terms; /* by term id */
    size_t term_capacity, terms_zeroed;
    uint8_t *form_seen; /* by form id: written to a run, or waiting in new_forms */
    size_t form_capacity, forms_zeroed;
    uint32_t *new_forms;
    size_t new_form_count, new_form_capacity;
    ns__name *names; /* all terms in byte order; id is the term's */
    size_t name_count, name_capacity;
    ns__name *scratch;
    size_t scratch_capacity;

    uint64_t *slots; /* passage << 32 | position, by term */
    size_t slot_capacity;
    uint32_t *title_slots; /* article, by term */
    size_t title_slot_capacity;
    ns__run_writer writer;
};

ns_status ns__inverter_open(ns__analyzer *analyzer, ns__inverter **out, ns_error *err)
{
    *out = ns__zalloc(1, sizeof **out);
    if (*out == NULL)
        return ns__no_memory(err);
    (*out)->analyzer = analyzer;
    return NS_OK;
}

void ns__inverter_close(ns__inverter *inverter)
{
    if (inverter == NULL)
        return;
    ns__free(inverter->body);
    ns__free(inverter->titles);
    ns__free(inverter->passage_ends);
    ns__free(inverter->title_ends);
    ns__free(inverter->article_ends);
    ns__free(inverter->terms);
    ns__free(inverter->form_seen);
    ns__free(inverter->new_forms);
    ns__free(inverter->names);
    ns__free(inverter->scratch);
    ns__free(inverter->slots);
    ns__free(inverter->title_slots);
    ns__run_writer_release(&inverter->writer);
    ns__free(inverter);
}

uint32_t ns__inverter_articles(const ns__inverter *inverter)
{
    return (uint32_t)inverter->articles;
}

uint32_t ns__inverter_passages(const ns__inverter *inverter)
{
    return (uint32_t)inverter->passages;
}

size_t ns__inverter_tokens(const ns__inverter *inverter)
{
    return inverter->body_count + inverter->title_count;
}

void ns__inverter_forget(ns__inverter *inverter)
{
    inverter->terms_zeroed = inverter->forms_zeroed = 0;
    inverter->name_count = inverter->new_form_count = 0;
}

/* ---- Adding ---- */

/* Makes the tables cover all terms and forms of the analyser, new ones zeroed. */
static bool cover_tables(ns__inverter *inverter)
{
    size_t terms = ns__analyzer_term_count(inverter->analyzer);
    size_t forms = ns__analyzer_form_count(inverter->analyzer);
    if (NS_RESERVE(inverter->terms, inverter->term_capacity, terms) < 0 ||
        NS_RESERVE(inverter->form_seen, inverter->form_capacity, forms) < 0 ||
        NS_RESERVE(inverter->new_forms, inverter->new_form_capacity, forms) < 0)
        return false;
    if (terms > inverter->terms_zeroed)
        memset(inverter->terms + inverter->terms_zeroed, 0,
               (terms - inverter->terms_zeroed) * sizeof *inverter->terms);
    if (forms > inverter->forms_zeroed)
        memset(inverter->form_seen + inverter->forms_zeroed, 0, forms - inverter->forms_zeroed);
    inverter->terms_zeroed = terms;
    inverter->forms_zeroed = forms;
    return true;
}

static bool reserve_article(ns__inverter *inverter, size_t title_count, size_t tokens,
                            size_t passages)
{
    return cover_tables(inverter) &&
           NS_RESERVE(inverter->body, inverter->body_capacity, inverter->body_count + tokens) >=
               0 &&
           NS_RESERVE(inverter->titles, inverter->title_capacity,
                      inverter->title_count + title_count) >= 0 &&
           NS_RESERVE(inverter->passage_ends, inverter->passage_capacity,
                      inverter->passages + passages) >= 0 &&
           NS_RESERVE(inverter->title_ends, inverter->title_end_capacity, inverter->articles + 1) >=
               0 &&
           NS_RESERVE(inverter->article_ends, inverter->article_capacity, inverter->articles + 1) >=
               0;
}

/* new_forms has room for every form: each is noted once. */
static inline void note_form(ns__inverter *inverter, uint32_t form)
{
    if (inverter->form_seen[form] == 0) {
        inverter->form_seen[form] = 1;
        inverter->new_forms[inverter->new_form_count++] = form;
    }
}

ns_status ns__inverter_add(ns__inverter *inverter, const ns__token *title, size_t title_count,
                           const ns__passages *passages, ns_error *err)
{
    if (!reserve_article(inverter, title_count, passages->tokens.count, passages->count))
        return ns__no_memory(err);
    term_entry *terms = inverter->terms;
    for (size_t i = 0; i < title_count; i++) {
        inverter->titles[inverter->title_count++] = title[i].term;
        terms[title[i].term].title++;
        note_form(inverter, title[i].form);
    }
    uint32_t *body = inverter->body + inverter->body_count;
    for (size_t p = 0; p < passages->count; p++) {
        const ns__passage *passage = &passages->items[p];
        const ns__token *token = passages->tokens.items + passage->first_token;
        for (uint32_t i = 0; i < passage->token_count; i++) {
            *body++ = token[i].term;
            terms[token[i].term].body++;
            note_form(inverter, token[i].form);
        }
        inverter->passage_ends[inverter->passages++] = (size_t)(body - inverter->body);
    }
    inverter->body_count = (size_t)(body - inverter->body);
    inverter->title_ends[inverter->articles] = inverter->title_count;
    inverter->article_ends[inverter->articles] = (uint32_t)inverter->passages;
    inverter->articles++;
    return NS_OK;
}

/* ---- Inverting ---- */

/* Brings `names` up to date with the analyser: sorts the new ones, merges them in. */
static bool sort_names(ns__inverter *inverter)
{
    size_t known = inverter->name_count, count = inverter->terms_zeroed;
    if (NS_RESERVE(inverter->names, inverter->name_capacity, count) < 0 ||
        NS_RESERVE(inverter->scratch, inverter->scratch_capacity, count - known) < 0)
        return false;
    for (size_t i = known; i < count; i++)
        inverter->names[i] =
            ns__name_of(ns__analyzer_term(inverter->analyzer, (uint32_t)i), (uint32_t)i);
    if (count > known) {
        ns__names_sort(inverter->names + known, inverter->scratch, count - known);
        ns__names_merge(inverter->names, known, count, inverter->scratch);
    }
    inverter->name_count = count;
    return true;
}

/* The counting sort: gives every term of the batch a rank in byte order and its slots. */
static bool sort_tokens(ns__inverter *inverter, uint32_t *term_count)
{
    if (NS_RESERVE(inverter->slots, inverter->slot_capacity, inverter->body_count) < 0 ||
        NS_RESERVE(inverter->title_slots, inverter->title_slot_capacity, inverter->title_count) < 0)
        return false;
    size_t slot = 0, title_slot = 0;
    uint32_t rank = 0;
    for (size_t i = 0; i < inverter->name_count; i++) {
        term_entry *entry = &inverter->terms[inverter->names[i].id];
        entry->slot = slot;
        entry->title_slot = title_slot;
        slot += entry->body;
        title_slot += entry->title;
        entry->rank = rank;
        rank += entry->body + entry->title > 0;
    }
    *term_count = rank;
    size_t at = 0;
    for (size_t p = 0; p < inverter->passages; p++) {
        size_t first = at, end = inverter->passage_ends[p];
        for (; at < end; at++)
            inverter->slots[inverter->terms[inverter->body[at]].slot++] =
                (uint64_t)p << 32 | (at - first);
    }
    at = 0;
    for (size_t a = 0; a < inverter->articles; a++)
        for (; at < inverter->title_ends[a]; at++)
            inverter->title_slots[inverter->terms[inverter->titles[at]].title_slot++] = (uint32_t)a;
    return true;
}

/* ---- Writing the run ---- */

/* Walks over the passages whose article has the term in its headline. */
typedef struct title_walk {
    const uint32_t *at, *end; /* articles, one entry for each occurrence */
    const uint32_t *article_ends;
    uint32_t passage, passage_end; /* passage: UINT32_MAX past the last */
    uint32_t tf;
} title_walk;

static inline void next_titled(title_walk *titled)
{
    if (++titled->passage < titled->passage_end)
        return;
    if (titled->at == titled->end) {
        titled->passage = UINT32_MAX;
        return;
    }
    uint32_t article = *titled->at;
    titled->tf = 0;
    while (titled->at < titled->end && *titled->at == article) {
        titled->at++;
        titled->tf++;
    }
    titled->passage = article ? titled->article_ends[article - 1] : 0;
    titled->passage_end = titled->article_ends[article];
}

static title_walk start_titled(const ns__inverter *inverter, const term_entry *entry)
{
    title_walk titled = {NULL, NULL, inverter->article_ends, UINT32_MAX, 0, 0};
    if (entry->title > 0) { /* UINT32_MAX + 1 wraps to 0: else not below passage_end */
        titled.end = inverter->title_slots + entry->title_slot;
        titled.at = titled.end - entry->title;
        next_titled(&titled);
    }
    return titled;
}

static bool put_postings(ns__inverter *inverter, const term_entry *entry)
{
    ns__run_writer *writer = &inverter->writer;
    const uint64_t *slot = inverter->slots + entry->slot - entry->body;
    const uint64_t *end = inverter->slots + entry->slot;
    title_walk titled = start_titled(inverter, entry);
    size_t most = entry->title ? inverter->passages : entry->body;
    if (!ns__run_begin_term(writer, most, entry->body))
        return false;
    for (;;) {
        uint32_t passage = slot < end ? (uint32_t)(*slot >> 32) : UINT32_MAX;
        if (titled.passage < passage)
            passage = titled.passage;
        if (passage == UINT32_MAX)
            return true;
        uint32_t before = 0, tf = 0;
        for (; slot < end && (uint32_t)(*slot >> 32) == passage; slot++, tf++) {
            ns__run_position(writer, (uint32_t)*slot - before);
            before = (uint32_t)*slot;
        }
        uint32_t title_tf = titled.passage == passage ? titled.tf : 0;
        ns__run_posting(writer, passage, tf, title_tf);
        if (title_tf)
            next_titled(&titled);
    }
}

static void append_name(ns__buf *out, ns__str name)
{
    ns__buf_varint(out, name.length);
    ns__buf_append(out, name.data, name.length);
}

/* Forms that differ from their term become surfaces; the others flag their term. Returns the
 * number of surfaces put, sorted and each once, into scratch, their ids being ranks. */
static bool collect_surfaces(ns__inverter *inverter, uint8_t *is_form, size_t *count)
{
    size_t found = 0;
    if (NS_RESERVE(inverter->scratch, inverter->scratch_capacity, 2 * inverter->new_form_count) < 0)
        return false;
    for (size_t i = 0; i < inverter->new_form_count; i++) {
        ns__form form = ns__analyzer_form(inverter->analyzer, inverter->new_forms[i]);
        uint32_t rank = inverter->terms[form.term].rank;
        if (ns__str_equal(form.surface, ns__analyzer_term(inverter->analyzer, form.term)))
            is_form[rank] = 1;
        else if (form.surface.length > 0 && form.surface.length <= NS_MAX_SURFACE_BYTES)
            inverter->scratch[found++] = ns__name_of(form.surface, rank);
    }
    ns__names_sort(inverter->scratch, inverter->scratch + found, found);
    size_t kept = 0;
    for (size_t i = 0; i < found; i++)
        if (kept == 0 || ns__name_compare(&inverter->scratch[kept - 1], &inverter->scratch[i]) != 0)
            inverter->scratch[kept++] = inverter->scratch[i];
    *count = kept;
    inverter->new_form_count = 0;
    return true;
}

static bool write_run(ns__inverter *inverter, const uint8_t *is_form, size_t surfaces, ns__run *run)
{
    ns__buf *out = &run->bytes;
    for (size_t i = 0; i < inverter->name_count; i++) {
        term_entry *entry = &inverter->terms[inverter->names[i].id];
        if (entry->body + entry->title == 0)
            continue;
        if (!put_postings(inverter, entry))
            return false;
        ns__run_end_term(&inverter->writer, inverter->names[i].text,
                         is_form[entry->rank] ? NS_RUN_IS_FORM : 0, run);
    }
    ns__run_end_terms(&inverter->writer, run);
    run->surfaces_at = out->length;
    for (size_t i = 0; i < surfaces; i++) {
        append_name(out, inverter->scratch[i].text);
        ns__buf_varint(out, inverter->scratch[i].id);
    }
    run->headlines_at = out->length;
    for (size_t i = 0; i < inverter->title_count; i++)
        ns__buf_varint(out, inverter->terms[inverter->titles[i]].rank);
    run->length = out->length;
    return !out->failed;
}

static void empty_batch(ns__inverter *inverter)
{
    for (size_t i = 0; i < inverter->name_count; i++)
        inverter->terms[i].body = inverter->terms[i].title = 0;
    inverter->body_count = inverter->title_count = 0;
    inverter->passages = inverter->articles = 0;
}

ns_status ns__inverter_finish(ns__inverter *inverter, ns__run *run, ns_error *err)
{
    uint32_t terms;
    size_t surfaces;
    if (!cover_tables(inverter) || !sort_names(inverter) || !sort_tokens(inverter, &terms))
        return ns__no_memory(err);
    uint8_t *is_form = ns__zalloc(terms, 1);
    if (is_form == NULL || !collect_surfaces(inverter, is_form, &surfaces)) {
        ns__free(is_form);
        return ns__no_memory(err);
    }
    run->terms = terms;
    run->surfaces = (uint32_t)surfaces;
    run->headline_terms = (uint32_t)inverter->title_count;
    run->passages = (uint32_t)inverter->passages;
    bool written = write_run(inverter, is_form, surfaces, run);
    ns__free(is_form);
    empty_batch(inverter);
    return written ? NS_OK : ns__no_memory(err);
}
