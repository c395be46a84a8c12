/* Reading the dictionary: look-up of a term, and cursors over terms and surface forms. */
#include "segment/terms_table.h"

static ns_status open_table(const ns__frame *frame, uint32_t data, uint32_t offsets,
                            uint32_t prefixes, uint32_t count, ns__terms_table *out, ns_error *err)
{
    out->count = count;
    out->blocks = count / NS_TERMS_BLOCK + (count % NS_TERMS_BLOCK != 0);
    NS_TRY(ns__frame_find(frame, data, &out->data, err));
    NS_TRY(ns__frame_find(frame, offsets, &out->offsets, err));
    NS_TRY(ns__frame_find(frame, prefixes, &out->prefixes, err));
    if (out->offsets.length != 8 * (uint64_t)out->blocks)
        return ns__frame_corrupt(frame, out->offsets.data, err, "wrong number of term blocks");
    if (out->prefixes.length != 8 * (uint64_t)out->blocks)
        return ns__frame_corrupt(frame, out->prefixes.data, err, "wrong number of term blocks");
    return NS_OK;
}

ns_status ns__terms_open(const ns__frame *frame, ns__terms *out, ns_error *err)
{
    ns__str counts;
    *out = (ns__terms){.frame = frame};
    NS_TRY(ns__frame_find(frame, NS_SECTION_COUNTS, &counts, err));
    if (counts.length != 8)
        return ns__frame_corrupt(frame, counts.data, err, "malformed number of terms");
    out->count = ns__get_u32(counts.data);
    out->surface_count = ns__get_u32(counts.data + 4);
    NS_TRY(open_table(frame, NS_SECTION_TERMS, NS_SECTION_TERM_OFFSETS, NS_SECTION_TERM_PREFIXES,
                      out->count, &out->table, err));
    return open_table(frame, NS_SECTION_SURFACES, NS_SECTION_SURFACE_OFFSETS,
                      NS_SECTION_SURFACE_PREFIXES, out->surface_count, &out->surfaces, err);
}

static ns__term term_of(uint32_t ordinal, const ns__table_entry *entry)
{
    return (ns__term){ordinal, entry->head & 1, entry->tail};
}

ns_status ns__terms_find(const ns__terms *terms, ns__str term, ns__term *out, ns_error *err)
{
    ns__table_place place;
    const uint8_t *at;
    if (term.length == 0 || term.length > NS_MAX_TERM_BYTES)
        return NS_NOT_FOUND;
    if (!ns__table_find(&terms->table, NS__TABLE_TERMS, term, &place, &at))
        return ns__frame_corrupt(terms->frame, at, err, "malformed block of terms");
    if (!place.exact)
        return NS_NOT_FOUND;
    *out = term_of(place.index, &place.entry);
    return NS_OK;
}

/* ---- Walking a table: shared by both cursors ---- */

/* Moves to the entry `index` and reads it into text. `block` goes on from where it is, or begins
 * anew at the start of a block. */
static bool step(const ns__terms_table *table, ns__table_kind kind, uint32_t index, ns__cur *block,
                 uint8_t *text, size_t *length, ns__table_entry *entry)
{
    if (index % NS_TERMS_BLOCK == 0) {
        *block = ns__table_block(table, index / NS_TERMS_BLOCK);
        *length = 0;
    }
    if (!ns__table_next(block, kind, *length, entry))
        return false;
    memcpy(text + entry->shared, entry->rest.data, entry->rest.length);
    *length = entry->shared + entry->rest.length;
    return true;
}

/* ---- Terms ---- */

ns_status ns__term_cursor_next(ns__term_cursor *cursor, ns_error *err)
{
    const ns__terms *terms = cursor->terms;
    if (cursor->ordinal >= terms->count)
        return NS_DONE;
    ns__table_entry entry;
    if (!step(&terms->table, NS__TABLE_TERMS, cursor->ordinal, &cursor->block, cursor->text,
              &cursor->length, &entry))
        return ns__frame_corrupt(terms->frame, cursor->block.at, err, "malformed block of terms");
    cursor->term = term_of(cursor->ordinal++, &entry);
    return NS_OK;
}

/* A cursor whose next term is `ordinal`: its block is read up to there. */
static ns_status move_to_term(const ns__terms *terms, uint32_t ordinal, ns__term_cursor *out,
                              ns_error *err)
{
    out->terms = terms;
    out->length = 0;
    out->ordinal = ordinal - ordinal % NS_TERMS_BLOCK;
    while (out->ordinal < ordinal)
        NS_TRY(ns__term_cursor_next(out, err));
    return NS_OK;
}

ns_status ns__term_cursor_seek(const ns__terms *terms, ns__str from, ns__term_cursor *out,
                               ns_error *err)
{
    ns__table_place place;
    const uint8_t *at;
    if (!ns__table_find(&terms->table, NS__TABLE_TERMS, from, &place, &at))
        return ns__frame_corrupt(terms->frame, at, err, "malformed block of terms");
    return move_to_term(terms, place.index, out, err);
}

ns_status ns__terms_at(const ns__terms *terms, uint32_t ordinal, uint8_t *text, size_t *length,
                       ns_error *err)
{
    if (ordinal >= terms->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "no term has the number %u", ordinal);
    ns__cur block;
    ns__table_entry entry;
    *length = 0;
    for (uint32_t i = ordinal - ordinal % NS_TERMS_BLOCK; i <= ordinal; i++)
        if (!step(&terms->table, NS__TABLE_TERMS, i, &block, text, length, &entry))
            return ns__frame_corrupt(terms->frame, block.at, err, "malformed block of terms");
    return NS_OK;
}

/* ---- Surface forms ---- */

/* `before`: first ordinal of the form before in this block. False when malformed. */
static bool read_ordinals(ns__surface_cursor *cursor, const ns__table_entry *entry, uint32_t before)
{
    const uint64_t coded = entry->head >> 1;
    const int64_t change = (int64_t)(coded >> 1) ^ -(int64_t)(coded & 1);
    const uint64_t first = before + (uint64_t)change; /* modulo 2^64 */
    if (first >= cursor->terms->count)
        return false;
    uint64_t ordinal = first;
    cursor->ordinals[0] = (uint32_t)first;
    cursor->ordinal_count = 1;
    ns__cur tail = ns__cur_of(entry->tail.data, entry->tail.length);
    while (tail.at != tail.end) {
        ordinal += (uint64_t)ns__cur_varint32(&tail) + 1;
        if (tail.bad || ordinal >= cursor->terms->count ||
            cursor->ordinal_count == NS_MAX_LANGUAGES)
            return false;
        cursor->ordinals[cursor->ordinal_count++] = (uint32_t)ordinal;
    }
    return true;
}

ns_status ns__surface_cursor_next(ns__surface_cursor *cursor, ns_error *err)
{
    const ns__terms *terms = cursor->terms;
    if (cursor->index >= terms->surface_count)
        return NS_DONE;
    ns__table_entry entry;
    const uint32_t before = cursor->index % NS_TERMS_BLOCK ? cursor->ordinals[0] : 0;
    if (!step(&terms->surfaces, NS__TABLE_SURFACES, cursor->index, &cursor->block, cursor->text,
              &cursor->length, &entry) ||
        !read_ordinals(cursor, &entry, before))
        return ns__frame_corrupt(terms->frame, cursor->block.at, err,
                                 "malformed block of surface forms");
    cursor->index++;
    return NS_OK;
}

ns_status ns__surface_cursor_seek(const ns__terms *terms, ns__str from, ns__surface_cursor *out,
                                  ns_error *err)
{
    ns__table_place place;
    const uint8_t *at;
    if (!ns__table_find(&terms->surfaces, NS__TABLE_SURFACES, from, &place, &at))
        return ns__frame_corrupt(terms->frame, at, err, "malformed block of surface forms");
    out->terms = terms;
    out->length = 0;
    out->ordinal_count = 0;
    out->index = place.index - place.index % NS_TERMS_BLOCK;
    while (out->index < place.index)
        NS_TRY(ns__surface_cursor_next(out, err));
    return NS_OK;
}
