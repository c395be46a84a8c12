/* Posting lists with their terms on the way from a merge to the files.
 *
 *   caller   add: postings and ends of terms into the open sheaf
 *   a job        the sheaf before into the writers of postings and terms
 *
 * At most one job is in flight, and jobs go in order: the files do not depend on who works. */
#ifndef NS_INDEX_LISTS_H
#define NS_INDEX_LISTS_H

#include "os/pool.h"
#include "segment/postings.h"
#include "segment/terms.h"

enum { NS__SHEAF_POSTINGS = 32 << 10 };

/* A term that ends in a sheaf: how far postings, positions and names go. */
typedef struct ns__sheaf_term {
    uint32_t postings;
    bool is_form;
    size_t positions, names;
} ns__sheaf_term;

/* Postings in order of term and passage; behind the last end they are those of an open term. */
typedef struct ns__sheaf {
    ns__job job; /* first */
    struct ns__lists *lists;
    uint32_t passages[NS__SHEAF_POSTINGS], tfs[NS__SHEAF_POSTINGS], title_tfs[NS__SHEAF_POSTINGS];
    uint32_t count;
    uint32_t *positions;
    size_t position_count, position_capacity;
    ns__sheaf_term *terms;
    size_t term_count, term_capacity;
    ns__buf names;
    bool flying;
    ns_status status;
    ns_error error;
} ns__sheaf;

typedef struct ns__lists {
    ns__pool *pool;
    ns__postings_writer *postings;
    ns__terms_writer *terms;
    ns__buf value;
    ns__sheaf *open; /* one of the two */
    ns__sheaf *sheaves[2];
} ns__lists;

/* The writers are borrowed, and used by jobs until ns__lists_finish or ns__lists_close returns. */
ns_status ns__lists_open(ns__pool *pool, ns__postings_writer *postings, ns__terms_writer *terms,
                         ns__lists *out, ns_error *err);
/* Ends the list of the postings added since the term before. */
ns_status ns__lists_end_term(ns__lists *lists, ns__str term, bool is_form, ns_error *err);
/* Returns when everything has been written. */
ns_status ns__lists_finish(ns__lists *lists, ns_error *err);
void ns__lists_close(ns__lists *lists);

ns_status ns__lists_make_room(ns__lists *lists, size_t positions, ns_error *err);

/* Makes lists->open have room for a posting with so many positions. */
static inline ns_status ns__lists_need(ns__lists *lists, size_t positions, ns_error *err)
{
    const ns__sheaf *open = lists->open;
    if (open->count < NS__SHEAF_POSTINGS &&
        positions <= open->position_capacity - open->position_count)
        return NS_OK;
    return ns__lists_make_room(lists, positions, err);
}

#endif
