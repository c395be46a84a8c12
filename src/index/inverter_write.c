/* Writing an inverted batch down as a run: terms in byte order, each with its postings. */
#include "index/inverter_parts.h"

#include "base/limits.h"
#include "base/mem.h"

/* Also the name: first its number, then where it stands, later what it is. */
static inline void prefetch_term(const ns__inverter *inverter, size_t rank)
{
    ns__prefetch_counts(inverter, rank);
    if (rank + RANKS_FAR < inverter->order.count)
        ns__analyzer_prefetch_far(inverter->analyzer, inverter->order.terms[rank + RANKS_FAR]);
    if (rank + RANKS_AHEAD >= inverter->order.count)
        return;
    ns__analyzer_prefetch(inverter->analyzer, inverter->order.terms[rank + RANKS_AHEAD]);
    __builtin_prefetch(
        ns__analyzer_term(inverter->analyzer, inverter->order.terms[rank + RANKS_AHEAD / 2]).data);
}

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
        const uint64_t value = ns__get_slot(inverter, places->slot + i, wide);
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
        uint32_t passage = slot < end
                               ? (uint32_t)(ns__get_slot(inverter, slot, wide) >> inverter->shift)
                               : UINT32_MAX;
        if (titled.passage < passage)
            passage = titled.passage;
        if (passage == UINT32_MAX)
            break;
        uint32_t before = 0, tf = 0;
        for (; slot < end; slot++, tf++) {
            uint64_t value = ns__get_slot(inverter, slot, wide);
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
        const uint64_t slot = ns__get_slot(inverter, places->slot, inverter->wide);
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
    const ns__term_tables *terms = &inverter->terms;
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

bool ns__inverter_write(ns__inverter *inverter, ns__run *run)
{
    size_t surfaces;
    uint8_t *is_form = ns__zalloc(inverter->order.count, 1);
    if (is_form == NULL || !collect_surfaces(inverter, is_form, &surfaces)) {
        ns__free(is_form);
        return false;
    }
    run->terms = (uint32_t)inverter->order.count;
    run->surfaces = (uint32_t)surfaces;
    run->headline_terms = (uint32_t)inverter->title_count;
    run->passages = (uint32_t)inverter->passages;
    const bool written = write_run(inverter, is_form, surfaces, run);
    ns__free(is_form);
    return written;
}
