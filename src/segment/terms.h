/* The dictionary on disk (file .trm): sorted terms with their values, and the surface forms.
 *
 * Terms are front-coded in blocks of 32, each block starting with a whole term. An index of the
 * blocks' first terms is searched by bisection. A term's ordinal is its rank in byte order.
 * The surface table holds the forms that differ from their term, sorted, each with the ordinals of
 * the terms it leads to (one for each language that treats it differently). A flag on each term
 * says whether the term itself is also a form. */
#ifndef NS_SEGMENT_TERMS_H
#define NS_SEGMENT_TERMS_H

#include "base/limits.h"
#include "base/mem.h"
#include "codec/frame.h"

enum { NS_TERMS_BLOCK = 32 };

/* ---- Writing ---- */
typedef struct ns__terms_writer ns__terms_writer;
ns_status ns__terms_writer_open(ns__frame_writer *frame, ns__terms_writer **out, ns_error *err);
/* Terms in strictly ascending byte order, each 1..255 bytes. `value` is what the postings writer
 * gave. `is_form`: the term occurs as a surface form. */
ns_status ns__terms_add(ns__terms_writer *writer, ns__str term, bool is_form, ns__str value,
                        ns_error *err);
/* After all terms: surface forms in strictly ascending byte order, each 1..255 bytes with its
 * terms' ordinals ascending, at most NS_MAX_LANGUAGES of them. */
ns_status ns__terms_add_surface(ns__terms_writer *writer, ns__str surface, const uint32_t *ordinals,
                                size_t count, ns_error *err);
ns_status ns__terms_writer_finish(ns__terms_writer *writer, ns_error *err); /* frees the writer */
void ns__terms_writer_free(ns__terms_writer *writer);

/* ---- Reading ---- */

/* One front-coded table: see terms_table.h. */
typedef struct ns__terms_table {
    ns__str offsets, prefixes, data; /* u64 each block; u64 each block; front-coded entries */
    uint32_t count, blocks;
} ns__terms_table;

typedef struct ns__terms {
    const ns__frame *frame;
    ns__terms_table table, surfaces;
    uint32_t count, surface_count;
} ns__terms;

ns_status ns__terms_open(const ns__frame *frame, ns__terms *out, ns_error *err);

typedef struct ns__term {
    uint32_t ordinal;
    bool is_form;
    ns__str value; /* points into the map */
} ns__term;

/* NS_OK, NS_NOT_FOUND or NS_ERR_CORRUPT. */
ns_status ns__terms_find(const ns__terms *terms, ns__str term, ns__term *out, ns_error *err);

/* Terms in order from the first one >= `from` on. */
typedef struct ns__term_cursor {
    const ns__terms *terms;
    uint32_t ordinal; /* of the term that next will give */
    ns__cur block;    /* rest of the current block */
    uint8_t text[256];
    size_t length;
    ns__term term;
} ns__term_cursor;
ns_status ns__term_cursor_seek(const ns__terms *terms, ns__str from, ns__term_cursor *out,
                               ns_error *err);
/* NS_OK with cursor->text, length and term filled; NS_DONE at the end. */
ns_status ns__term_cursor_next(ns__term_cursor *cursor, ns_error *err);
/* The term of an ordinal into text[256]. */
ns_status ns__terms_at(const ns__terms *terms, uint32_t ordinal, uint8_t *text, size_t *length,
                       ns_error *err);

/* Surface forms in order from the first one >= `from` on. */
typedef struct ns__surface_cursor {
    const ns__terms *terms;
    uint32_t index;
    ns__cur block;
    uint8_t text[256];
    size_t length;
    uint32_t ordinals[NS_MAX_LANGUAGES];
    uint32_t ordinal_count; /* 1 .. NS_MAX_LANGUAGES */
} ns__surface_cursor;
ns_status ns__surface_cursor_seek(const ns__terms *terms, ns__str from, ns__surface_cursor *out,
                                  ns_error *err);
ns_status ns__surface_cursor_next(ns__surface_cursor *cursor, ns_error *err);

#endif
