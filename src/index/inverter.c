/* Batch inversion: token stream -> counting sort by term -> run.
 *
 * What every token touches is kept small, one number a term, so that it stays in the processor's
 * cache: terms are numbered in order of first appearance, which puts the frequent ones side by
 * side. Only the terms of the batch are put in order. Tables over all terms that the analyser knows
 * outlive a batch; between batches all counts are 0. */
#include "index/inverter_parts.h"

#include "base/limits.h"
#include "base/mem.h"

enum { MOST_WORDS = INT32_MAX /* of a batch */ };
static const uint32_t IN_TITLE = (uint32_t)MOST_WORDS + 1;

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
    ns__free(inverter->terms.body);
    ns__free(inverter->terms.titles);
    ns__free(inverter->terms.ranks);
    ns__free(inverter->form_seen);
    ns__free(inverter->new_forms);
    ns__fingerprinter_release(&inverter->prints);
    ns__ranks_release(&inverter->order);
    ns__free(inverter->surfaces);
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
    inverter->terms.zeroed = inverter->forms_zeroed = 0;
    ns__ranks_forget(&inverter->order);
    ns__fingerprinter_forget(&inverter->prints);
    inverter->new_form_count = 0;
}

/* ---- Adding ---- */

static bool cover_terms(ns__term_tables *terms, size_t count)
{
    if (count <= terms->zeroed)
        return true;
    if (NS_RESERVE(terms->body, terms->body_capacity, count) < 0 ||
        NS_RESERVE(terms->titles, terms->title_capacity, count) < 0 ||
        NS_RESERVE(terms->ranks, terms->rank_capacity, count) < 0)
        return false;
    size_t bytes = (count - terms->zeroed) * sizeof *terms->body;
    memset(terms->body + terms->zeroed, 0, bytes);
    memset(terms->titles + terms->zeroed, 0, bytes);
    terms->zeroed = count;
    return true;
}

/* Makes the tables cover all terms and forms of the analyser, new ones zeroed. */
static bool cover_tables(ns__inverter *inverter)
{
    size_t terms = ns__analyzer_term_count(inverter->analyzer);
    size_t forms = ns__analyzer_form_count(inverter->analyzer);
    if (!cover_terms(&inverter->terms, terms) || !ns__ranks_reserve(&inverter->order, terms) ||
        !ns__fingerprinter_learn(&inverter->prints, inverter->analyzer) ||
        NS_RESERVE(inverter->form_seen, inverter->form_capacity, forms) < 0 ||
        NS_RESERVE(inverter->new_forms, inverter->new_form_capacity, forms) < 0)
        return false;
    if (forms > inverter->forms_zeroed)
        memset(inverter->form_seen + inverter->forms_zeroed, 0, forms - inverter->forms_zeroed);
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

/* A term of the batch is noted when it comes first; ranks have room for every term. */
static inline void note_term(ns__inverter *inverter, uint32_t term)
{
    if (inverter->terms.body[term] == 0)
        inverter->order.terms[inverter->order.count++] = term;
}

/* What so many tokens need is on its way from memory at once. */
enum { TOKENS_AHEAD = 32 };

ns_status ns__inverter_add(ns__inverter *inverter, const ns__token *title, size_t title_count,
                           const ns__passages *passages, uint64_t *fingerprint, ns_error *err)
{
    if (!reserve_article(inverter, title_count, passages->tokens.count, passages->count))
        return ns__no_memory(err);
    for (size_t i = 0; i < title_count; i++) {
        uint32_t term = title[i].term;
        inverter->titles[inverter->title_count++] = term;
        note_term(inverter, term);
        inverter->terms.body[term] |= IN_TITLE;
        inverter->terms.titles[term]++;
        note_form(inverter, title[i].form);
    }
    uint32_t *body = inverter->body + inverter->body_count, *counts = inverter->terms.body;
    const uint64_t *hashes = inverter->prints.hashes;
    uint64_t print = 0; /* what it waits for is hidden behind the rest */
    const ns__token *last = passages->tokens.items + passages->tokens.count;
    for (size_t p = 0; p < passages->count; p++) {
        const ns__passage *passage = &passages->items[p];
        const ns__token *token = passages->tokens.items + passage->first_token;
        for (uint32_t i = 0; i < passage->token_count; i++) {
            uint32_t term = token[i].term;
            if (token + i + TOKENS_AHEAD < last) {
                __builtin_prefetch(&counts[token[i + TOKENS_AHEAD].term], 1);
                __builtin_prefetch(&inverter->form_seen[token[i + TOKENS_AHEAD].form]);
                __builtin_prefetch(&hashes[token[i + TOKENS_AHEAD].form]);
            }
            *body++ = term;
            print = ns__fingerprint_add(print, hashes[token[i].form]);
            note_term(inverter, term);
            counts[term]++;
            note_form(inverter, token[i].form);
        }
        inverter->passage_ends[inverter->passages++] = (size_t)(body - inverter->body);
        if (passage->token_count > inverter->longest)
            inverter->longest = passage->token_count;
    }
    *fingerprint = passages->tokens.count > 0 ? ns__fingerprint_end(print) : 0;
    inverter->body_count = (size_t)(body - inverter->body);
    inverter->title_ends[inverter->articles] = inverter->title_count;
    inverter->article_ends[inverter->articles] = (uint32_t)inverter->passages;
    inverter->articles++;
    return NS_OK;
}

/* ---- Inverting ---- */

static unsigned bits_for(size_t values)
{
    return values > 1 ? 64 - (unsigned)__builtin_clzll(values - 1) : 0;
}

/* A slot holds a passage and a position: in 32 bits when the batch is as most are. */
static bool choose_slots(ns__inverter *inverter)
{
    unsigned bits = bits_for(inverter->longest);
    inverter->wide = bits_for(inverter->passages) + bits > 32;
    inverter->shift = inverter->wide ? 32 : bits;
    size_t words = inverter->body_count * (inverter->wide ? 2 : 1);
    return NS_RESERVE(inverter->slots, inverter->slot_capacity, words) >= 0 &&
           NS_RESERVE(inverter->title_slots, inverter->title_slot_capacity,
                      inverter->title_count) >= 0;
}

static inline void put_slot(ns__inverter *inverter, size_t at, bool wide, uint64_t slot)
{
    if (wide)
        ns__put_u64((uint8_t *)(inverter->slots + 2 * at), slot);
    else
        inverter->slots[at] = (uint32_t)slot;
}

/* Brings each token to the slots of its term. */
static inline void scatter(ns__inverter *inverter, bool wide)
{
    uint32_t *next = inverter->terms.body;
    size_t at = 0;
    for (size_t p = 0; p < inverter->passages; p++) {
        uint64_t slot = (uint64_t)p << inverter->shift;
        for (size_t end = inverter->passage_ends[p]; at < end; at++) {
            if (at + TOKENS_AHEAD < inverter->body_count)
                __builtin_prefetch(&next[inverter->body[at + TOKENS_AHEAD]], 1);
            put_slot(inverter, next[inverter->body[at]]++, wide, slot++);
        }
    }
}

/* The counting sort. Counts become the ends of the terms' slots. */
static bool sort_tokens(ns__inverter *inverter)
{
    ns__term_tables *terms = &inverter->terms;
    if (!choose_slots(inverter))
        return false;
    uint32_t slot = 0, title_slot = 0;
    for (size_t rank = 0; rank < inverter->order.count; rank++) {
        uint32_t term = inverter->order.terms[rank];
        ns__prefetch_counts(inverter, rank);
        uint32_t body = terms->body[term] & ~IN_TITLE, titles = terms->titles[term];
        terms->body[term] = slot;
        terms->titles[term] = title_slot;
        terms->ranks[term] = (uint32_t)rank;
        slot += body;
        title_slot += titles;
    }
    if (inverter->wide)
        scatter(inverter, true);
    else
        scatter(inverter, false);
    size_t at = 0;
    for (size_t a = 0; a < inverter->articles; a++)
        for (; at < inverter->title_ends[a]; at++)
            inverter->title_slots[terms->titles[inverter->titles[at]]++] = (uint32_t)a;
    return true;
}

static void empty_batch(ns__inverter *inverter)
{
    for (size_t i = 0; i < inverter->order.count; i++) {
        uint32_t term = inverter->order.terms[i];
        ns__prefetch_counts(inverter, i);
        inverter->terms.body[term] = inverter->terms.titles[term] = 0;
    }
    inverter->order.count = 0;
    inverter->body_count = inverter->title_count = 0;
    inverter->passages = inverter->articles = inverter->longest = 0;
}

ns_status ns__inverter_finish(ns__inverter *inverter, ns__run *run, ns_error *err)
{
    if (inverter->body_count > MOST_WORDS || inverter->title_count > MOST_WORDS)
        return ns__fail(err, NS_ERR_LIMIT, "more than 2 billion words in one batch");
    if (!cover_tables(inverter) || !ns__ranks_sort(&inverter->order, inverter->analyzer) ||
        !sort_tokens(inverter))
        return ns__no_memory(err);
    const bool written = ns__inverter_write(inverter, run);
    empty_batch(inverter);
    return written ? NS_OK : ns__no_memory(err);
}
