/* Batch inversion: token stream -> counting sort by term -> run.
 *
 * What every token touches is kept small, one number a term, so that it stays in the processor's
 * cache: terms are numbered in order of first appearance, which puts the frequent ones side by
 * side. Only the terms of the batch are put in order. Tables over all terms that the analyser knows
 * outlive a batch; between batches all counts are 0. */
#include "index/inverter.h"

#include "base/mem.h"
#include "base/limits.h"
#include "index/fingerprint.h"
#include "index/names.h"
#include "index/ranks.h"

enum { MOST_WORDS = INT32_MAX /* of a batch */ };
static const uint32_t IN_TITLE = (uint32_t)MOST_WORDS + 1;

/* Numbers by term id. */
typedef struct term_tables {
    /* Occurrences in the batch; while sorting the next free slots. IN_TITLE in `body`: the term is
     * noted though it may be in no body, so that counting those needs no look at `titles`. */
    uint32_t *body, *titles;
    uint32_t *ranks; /* of terms in the batch */
    size_t body_capacity, title_capacity, rank_capacity, zeroed;
} term_tables;

struct ns__inverter {
    ns__analyzer *analyzer;
    uint32_t *body; /* term ids of all passages */
    size_t body_count, body_capacity;
    uint32_t *titles; /* term ids of all headlines */
    size_t title_count, title_capacity;
    size_t *passage_ends;                       /* in body */
    size_t passages, passage_capacity, longest; /* longest: tokens of a passage */
    size_t *title_ends;                         /* by article, in titles */
    uint32_t *article_ends;                     /* by article: its last passage + 1 */
    size_t articles, title_end_capacity, article_capacity;

    term_tables terms;
    uint8_t *form_seen; /* by form id: written to a run, or waiting in new_forms */
    size_t form_capacity, forms_zeroed;
    uint32_t *new_forms;
    size_t new_form_count, new_form_capacity;
    ns__fingerprinter prints;
    ns__ranks order; /* the terms of the batch */
    ns__name *surfaces;
    size_t surface_capacity;

    uint32_t *slots; /* passage << shift | position, by term; two words each when wide */
    size_t slot_capacity;
    unsigned shift;
    bool wide;
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

static bool cover_terms(term_tables *terms, size_t count)
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

static inline uint64_t get_slot(const ns__inverter *inverter, size_t at, bool wide)
{
    return wide ? ns__get_u64((const uint8_t *)(inverter->slots + 2 * at)) : inverter->slots[at];
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

/* Terms in byte order stand anywhere in the tables: those of a later rank are asked for early. */
enum { RANKS_AHEAD = 16, RANKS_FAR = 2 * RANKS_AHEAD };

static inline void prefetch_counts(const ns__inverter *inverter, size_t rank)
{
    if (rank + RANKS_AHEAD >= inverter->order.count)
        return;
    uint32_t term = inverter->order.terms[rank + RANKS_AHEAD];
    __builtin_prefetch(&inverter->terms.body[term], 1);
    __builtin_prefetch(&inverter->terms.titles[term], 1);
    __builtin_prefetch(&inverter->terms.ranks[term], 1);
}

/* Also the name: first its number, then where it stands, later what it is. */
static inline void prefetch_term(const ns__inverter *inverter, size_t rank)
{
    prefetch_counts(inverter, rank);
    if (rank + RANKS_FAR < inverter->order.count)
        ns__analyzer_prefetch_far(inverter->analyzer, inverter->order.terms[rank + RANKS_FAR]);
    if (rank + RANKS_AHEAD >= inverter->order.count)
        return;
    ns__analyzer_prefetch(inverter->analyzer, inverter->order.terms[rank + RANKS_AHEAD]);
    __builtin_prefetch(
        ns__analyzer_term(inverter->analyzer, inverter->order.terms[rank + RANKS_AHEAD / 2]).data);
}

/* The counting sort. Counts become the ends of the terms' slots. */
static bool sort_tokens(ns__inverter *inverter)
{
    term_tables *terms = &inverter->terms;
    if (!choose_slots(inverter))
        return false;
    uint32_t slot = 0, title_slot = 0;
    for (size_t rank = 0; rank < inverter->order.count; rank++) {
        uint32_t term = inverter->order.terms[rank];
        prefetch_counts(inverter, rank);
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

/* Over title_slots[first, end). */
static title_walk start_titled(const ns__inverter *inverter, size_t first, size_t end)
{
    title_walk titled = {NULL, NULL, inverter->article_ends, UINT32_MAX, 0, 0};
    if (first < end) { /* UINT32_MAX + 1 wraps to 0: else not below passage_end */
        titled.at = inverter->title_slots + first;
        titled.end = inverter->title_slots + end;
        next_titled(&titled);
    }
    return titled;
}

/* A term's places in slots and title_slots. */
typedef struct term_places {
    size_t slot, slot_end, title, title_end;
} term_places;

/* Postings of a term in no headline, which has words. Whether a word is in the passage of the one
 * before cannot be foreseen: nothing branches on it, and the posting is written anew with each. */
static inline void put_bodies(ns__inverter *inverter, const term_places *places, bool wide)
{
    const uint64_t mask = ((uint64_t)1 << inverter->shift) - 1;
    const size_t count = places->slot_end - places->slot;
    ns__run_writer *writer = &inverter->writer;
    uint32_t *gaps = writer->gaps, *tfs = writer->tfs, *positions = writer->positions;
    uint32_t gap = 0, tf = 0, passage_before = 0, before = 0;
    size_t df = 0; /* of the last posting; the first is in the passage before when that is 0 */
    for (size_t i = 0; i < count; i++) {
        const uint64_t value = get_slot(inverter, places->slot + i, wide);
        const uint32_t passage = (uint32_t)(value >> inverter->shift);
        const uint32_t same = 0u - (passage == passage_before);
        df += ~same & (i > 0);
        gap = (gap & same) | (passage - passage_before);
        tf = (tf & same) + 1;
        gaps[df] = gap;
        tfs[df] = tf;
        positions[i] = (uint32_t)(value & mask) - (before & same);
        passage_before = passage;
        before = (uint32_t)(value & mask);
    }
    writer->df = (uint32_t)df + 1;
    writer->position_count = (uint32_t)count;
    writer->titled = false;
}

static inline bool put_postings(ns__inverter *inverter, const term_places *places, bool wide)
{
    const uint64_t mask = ((uint64_t)1 << inverter->shift) - 1;
    size_t slot = places->slot, end = places->slot_end;
    title_walk titled = start_titled(inverter, places->title, places->title_end);
    size_t most = places->title < places->title_end ? inverter->passages : end - slot;
    if (!ns__run_begin_term(&inverter->writer, most, end - slot))
        return false;
    if (places->title == places->title_end) {
        put_bodies(inverter, places, wide);
        return true;
    }
    ns__run_writer writer = inverter->writer; /* a copy that can be in registers */
    for (;;) {
        uint32_t passage =
            slot < end ? (uint32_t)(get_slot(inverter, slot, wide) >> inverter->shift) : UINT32_MAX;
        if (titled.passage < passage)
            passage = titled.passage;
        if (passage == UINT32_MAX)
            break;
        uint32_t before = 0, tf = 0;
        for (; slot < end; slot++, tf++) {
            uint64_t value = get_slot(inverter, slot, wide);
            if (value >> inverter->shift != passage)
                break;
            ns__run_position(&writer, (uint32_t)(value & mask) - before);
            before = (uint32_t)(value & mask);
        }
        uint32_t title_tf = titled.passage == passage ? titled.tf : 0;
        ns__run_posting(&writer, passage, tf, title_tf);
        if (title_tf)
            next_titled(&titled);
    }
    inverter->writer = writer;
    return true;
}

static void append_name(ns__buf *out, ns__str name)
{
    ns__buf_varint(out, name.length);
    ns__buf_append(out, name.data, name.length);
}

/* Forms that differ from their term become surfaces; the others flag their term. Returns the
 * number of surfaces put, sorted and each once, into surfaces, their ids being ranks. */
static bool collect_surfaces(ns__inverter *inverter, uint8_t *is_form, size_t *count)
{
    size_t found = 0;
    if (NS_RESERVE(inverter->surfaces, inverter->surface_capacity, 2 * inverter->new_form_count) <
        0)
        return false;
    for (size_t i = 0; i < inverter->new_form_count; i++) {
        ns__form form = ns__analyzer_form(inverter->analyzer, inverter->new_forms[i]);
        uint32_t rank = inverter->terms.ranks[form.term];
        if (ns__str_equal(form.surface, ns__analyzer_term(inverter->analyzer, form.term)))
            is_form[rank] = 1;
        else if (form.surface.length > 0 && form.surface.length <= NS_MAX_SURFACE_BYTES)
            inverter->surfaces[found++] = ns__name_of(form.surface, rank);
    }
    ns__names_sort(inverter->surfaces, inverter->surfaces + found, found);
    size_t kept = 0;
    for (size_t i = 0; i < found; i++)
        if (kept == 0 ||
            ns__name_compare(&inverter->surfaces[kept - 1], &inverter->surfaces[i]) != 0)
            inverter->surfaces[kept++] = inverter->surfaces[i];
    *count = kept;
    inverter->new_form_count = 0;
    return true;
}

static bool put_term(ns__inverter *inverter, uint32_t term, const term_places *places,
                     uint8_t flags, ns__run *run)
{
    const ns__str name = ns__analyzer_term(inverter->analyzer, term);
    if (places->slot_end - places->slot == 1 && places->title == places->title_end) {
        const uint64_t slot = get_slot(inverter, places->slot, inverter->wide);
        const uint32_t passage = (uint32_t)(slot >> inverter->shift);
        const uint32_t position = (uint32_t)(slot & (((uint64_t)1 << inverter->shift) - 1));
        ns__run_single(&inverter->writer, name, flags, passage, position, run);
        return true;
    }
    if (!(inverter->wide ? put_postings(inverter, places, true)
                         : put_postings(inverter, places, false)))
        return false;
    ns__run_end_term(&inverter->writer, name, flags, run);
    return true;
}

/* A guess that is seldom too low: runs are large, and growing one copies it. */
enum { BYTES_A_TOKEN = 4, BYTES_A_TERM = 16 };

static bool write_run(ns__inverter *inverter, const uint8_t *is_form, size_t surfaces, ns__run *run)
{
    ns__buf *out = &run->bytes;
    const term_tables *terms = &inverter->terms;
    size_t count = inverter->order.count;
    term_places places = {0};
    if (!ns__buf_reserve(out, inverter->body_count * BYTES_A_TOKEN + count * BYTES_A_TERM))
        return false;
    for (size_t rank = 0; rank < count; rank++) {
        uint32_t term = inverter->order.terms[rank];
        prefetch_term(inverter, rank);
        places.slot_end = terms->body[term];
        places.title_end = terms->titles[term];
        if (!put_term(inverter, term, &places, is_form[rank] ? NS_RUN_IS_FORM : 0, run))
            return false;
        places.slot = places.slot_end;
        places.title = places.title_end;
    }
    ns__run_end_terms(&inverter->writer, run);
    run->surfaces_at = out->length;
    for (size_t i = 0; i < surfaces; i++) {
        append_name(out, inverter->surfaces[i].text);
        ns__buf_varint(out, inverter->surfaces[i].id);
    }
    run->headlines_at = out->length;
    for (size_t i = 0; i < inverter->title_count; i++)
        ns__buf_varint(out, terms->ranks[inverter->titles[i]]);
    run->length = out->length;
    return !out->failed;
}

static void empty_batch(ns__inverter *inverter)
{
    for (size_t i = 0; i < inverter->order.count; i++) {
        uint32_t term = inverter->order.terms[i];
        prefetch_counts(inverter, i);
        inverter->terms.body[term] = inverter->terms.titles[term] = 0;
    }
    inverter->order.count = 0;
    inverter->body_count = inverter->title_count = 0;
    inverter->passages = inverter->articles = inverter->longest = 0;
}

ns_status ns__inverter_finish(ns__inverter *inverter, ns__run *run, ns_error *err)
{
    size_t surfaces;
    if (inverter->body_count > MOST_WORDS || inverter->title_count > MOST_WORDS)
        return ns__fail(err, NS_ERR_LIMIT, "more than 2 billion words in one batch");
    if (!cover_tables(inverter) || !ns__ranks_sort(&inverter->order, inverter->analyzer) ||
        !sort_tokens(inverter))
        return ns__no_memory(err);
    uint8_t *is_form = ns__zalloc(inverter->order.count, 1);
    if (is_form == NULL || !collect_surfaces(inverter, is_form, &surfaces)) {
        ns__free(is_form);
        return ns__no_memory(err);
    }
    run->terms = (uint32_t)inverter->order.count;
    run->surfaces = (uint32_t)surfaces;
    run->headline_terms = (uint32_t)inverter->title_count;
    run->passages = (uint32_t)inverter->passages;
    bool written = write_run(inverter, is_form, surfaces, run);
    ns__free(is_form);
    empty_batch(inverter);
    return written ? NS_OK : ns__no_memory(err);
}
