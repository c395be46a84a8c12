/* A place in one posting list: seeking by blocks, decoding only what is landed on.
 *
 * Errors are sticky: a damaged block puts the cursor behind its end and its status into the shared
 * ns__reader, which engines look at once a window or article. */
#ifndef NS_SEARCH_CURSOR_H
#define NS_SEARCH_CURSOR_H

#include "base/mem.h"
#include "ns/search.h"
#include "search/kernels.h"
#include "search/pairs.h"
#include "segment/postings.h"

#define NS_END UINT32_MAX /* the passage of a cursor behind the last posting */

/* What the cursors of a query share. */
typedef struct ns__reader {
    const ns__unpack_kernels *kernels;
    ns__isa isa;
    ns__arena *arena;
    ns_search_profile *profile;
    ns_status status; /* of the first failure */
    ns_error *err;
} ns__reader;

/* A bit set of more words than this is unpacked to be looked up in. */
enum { NS_VIEW_WORDS = 32 };

/* A block with more positions than this is not unpacked as a whole. */
enum { NS_PLACE_ROOM = 2048 };

/* Nor are the positions of a block taken as they are packed that has so many exceptions. */
enum { NS_EXCEPTION_ROOM = 512 + NS_UNPACK_ROUND };

typedef struct ns__cursor {
    ns__reader *reader;
    ns__plist list;
    uint32_t ordinal; /* of its term in the segment */
    uint32_t id;      /* the passage it stands at; NS_END behind the last, or not known */
    uint32_t asked; /* `id` is the first passage at or behind any of [asked, id]; NS_END: of none */
    uint32_t block; /* holds that posting; list.blocks behind the last */
    uint32_t at;    /* the posting's index in its block */
    uint32_t loaded; /* the block in ids; UINT32_MAX for none */
    uint32_t count;  /* postings of that block */
    uint32_t peeked; /* where ns__cursor_bound looked last */
    bool tfs_loaded;
    const uint32_t *ids, *tfs;
    uint32_t *id_room, *tf_room; /* NS_BLOCK_ROOM each; made when first needed */
    ns__block_place place;
    uint32_t viewed; /* the block in view, looked up in without its ids; UINT32_MAX for none. When
                        there is one, no block is loaded; `count`, `place` and tfs are its own */
    ns__block_bits view;
    ns__bits_room *view_room;      /* made when first needed */
    uint16_t ranks[NS_VIEW_WORDS]; /* ids before each word of the view */
    ns__pos_block *positions;      /* made when first needed */
    uint32_t positions_loaded;
    uint32_t places_asked; /* how often ns__cursor_places was asked about that block */
    uint32_t places_soon;  /* how often it will be next, as far as is known */
    uint32_t placed;       /* the block of which all positions are in `places` */
    uint32_t *places;      /* NS_PLACE_ROOM; made when first needed */
    uint32_t excepted;     /* the block of which exceptions has those among its positions */
    uint32_t *exceptions;  /* their indices and behind NS_EXCEPTION_ROOM what they have more */
    float *bounds;         /* of half blocks; NULL when nothing is pruned */
} ns__cursor;

/* Stands before the first posting; ns__cursor_seek comes next. `places`: positions are going to be
 * asked for. */
ns_status ns__cursor_open(ns__cursor *cursor, ns__reader *reader, const ns__postings *postings,
                          uint32_t ordinal, ns__str value, bool places);
/* Remembers the first failure and moves the cursor out of the way. Returns false. */
bool ns__cursor_fail(ns__cursor *cursor, ns_status status);
/* Another cursor on the same list, standing before its first posting. */
ns__cursor ns__cursor_copy(const ns__cursor *cursor);

/* Moves to the first posting at or behind `passage`, forwards or backwards; returns its passage. */
uint32_t ns__cursor_seek(ns__cursor *cursor, uint32_t passage);
/* The first block that ends at or behind `passage`; `hint` is a block to look from. */
uint32_t ns__cursor_find(const ns__cursor *cursor, uint32_t passage, uint32_t hint);
/* Decodes the ids of a block; false when it is damaged. */
bool ns__cursor_load(ns__cursor *cursor, uint32_t block);
/* Looks up ids in a block, none of them behind its last one: at[i] = the posting with ids[i], or
 * NS_NOWHERE; *found of them are there. Bit sets are not decoded for it. Afterwards tfs of the
 * block can be loaded; the cursor has to seek before anything else. False when the block is
 * damaged. */
bool ns__cursor_lookup(ns__cursor *cursor, const ns__window_kernels *kernels, uint32_t block,
                       const uint32_t *ids, uint32_t count, uint32_t *at, uint32_t *found);
/* tfs[i] = the tf of posting at[i] of the block just looked up in, 0 for NS_NOWHERE; `found` of the
 * `count` are there. False when the block is damaged. */
bool ns__cursor_pick_tfs(ns__cursor *cursor, const uint32_t *at, uint32_t count, uint32_t found,
                         uint32_t *tfs);
/* Keeps of such ids those that the block has or, not `present`, has not; *kept stay, in order, and
 * move to `to`, which may be `ids` or stand before them. False when the block is damaged. */
bool ns__cursor_sift(ns__cursor *cursor, const ns__window_kernels *kernels, uint32_t block,
                     bool present, const uint32_t *ids, uint32_t count, uint32_t *to,
                     uint32_t *kept);
/* Decodes the tfs of the block that is loaded or in view. */
bool ns__cursor_load_tfs(ns__cursor *cursor);

/* The tf at the cursor, which stands at a posting. */
static inline uint32_t ns__cursor_tf(ns__cursor *cursor)
{
    return cursor->tfs_loaded || ns__cursor_load_tfs(cursor) ? cursor->tfs[cursor->at] : 0;
}

/* Postings of one block. */
typedef struct ns__span {
    const uint32_t *ids, *tfs;
    uint32_t count;
} ns__span;

/* The postings from the cursor on that stand in its block and before `end`; moves behind them.
 * False when there are none. tfs are NULL unless wanted. After spans, seek before anything else. */
bool ns__cursor_span(ns__cursor *cursor, uint32_t end, bool tfs, ns__span *span);

/* An upper bound of tf / (tf + K) over passages [first, end); *until gets a passage >= end up to
 * which (excluded) it holds as well. Needs bounds. Reads block metadata only. */
float ns__cursor_bound(ns__cursor *cursor, uint32_t first, uint32_t end, uint32_t *until);

/* The body positions of the posting at the cursor, ascending, appended to *out. */
bool ns__cursor_positions(ns__cursor *cursor, uint32_t **out, size_t *count, size_t *capacity);

/* The body positions of posting `at` of the block loaded or in view, whose tfs are loaded: borrowed
 * until the next call. */
typedef struct ns__posting_places {
    const uint32_t *at; /* NULL where there are more than NS_PLACE_ROOM */
    uint32_t count;
    bool differences; /* each but the first is given as the difference to the one before */
} ns__posting_places;
bool ns__cursor_places(ns__cursor *cursor, uint32_t at, ns__posting_places *out);
/* Those of all of its postings, for `soon` of them; *ready is false where reading them one by one
 * is better. False when the block is damaged. */
bool ns__cursor_all_places(ns__cursor *cursor, uint32_t soon, ns__places *out, bool *ready);

/* The index of the first id >= passage in ids[low .. high); high when there is none. */
static inline uint32_t ns__lower_bound(const uint32_t *ids, uint32_t low, uint32_t high,
                                       uint32_t passage)
{
    uint32_t length = high - low;
    const uint32_t *base = ids + low;
    if (length == 0)
        return low;
    while (length > 1) { /* without branches on the data */
        uint32_t half = length / 2;
        base += half & -(uint32_t)(base[half - 1] < passage);
        length -= half;
    }
    return (uint32_t)(base - ids) + (*base < passage);
}

/* The end of the ids from `from` on that are not above `last`; one of them is. Mostly it is near.
 */
static inline uint32_t ns__end_of(const uint32_t *ids, uint32_t from, uint32_t count, uint32_t last)
{
    enum { NEAR = 16 };
    if (ids[count - 1] <= last)
        return count;
    if (count - from <= NEAR || ids[from + NEAR] <= last)
        return ns__lower_bound(ids, from, count, last + 1);
    uint32_t below = 0; /* compilers compare four or more at once */
    for (uint32_t i = 0; i < NEAR; i++)
        below += ids[from + i] <= last;
    return from + below;
}

static inline float ns__block_bound(const ns__cursor *cursor, uint32_t block)
{
    float a = cursor->bounds[2 * (size_t)block], b = cursor->bounds[2 * (size_t)block + 1];
    return a > b ? a : b;
}

/* Asks for the memory of a block that will be looked at next, with that of its positions if
 * `places`. Inlined always: see ns__fetch. */
static inline __attribute__((always_inline)) void ns__cursor_fetch(const ns__cursor *cursor,
                                                                   uint32_t block, bool places)
{
    const ns__plist *list = &cursor->list;
    if (list->ids != NULL || block >= list->blocks) /* in memory, or none */
        return;
    ns__plist_fetch_block(list, block);
    if (places)
        ns__plist_fetch_positions(list, block);
}

/* The first passage that block may hold. */
static inline uint32_t ns__block_first(const ns__cursor *cursor, uint32_t block)
{
    return block == 0 ? 0 : ns__plist_last(&cursor->list, block - 1) + 1;
}

#endif
