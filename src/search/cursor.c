/* Seeking and decoding in one posting list. */
#include "search/cursor.h"

#include "base/count.h"

bool ns__cursor_fail(ns__cursor *cursor, ns_status status)
{
    if (cursor->reader->status == NS_OK)
        cursor->reader->status = status;
    cursor->block = cursor->list.blocks;
    cursor->id = cursor->asked = NS_END;
    cursor->loaded = cursor->viewed = UINT32_MAX;
    cursor->count = 0;
    return false;
}

/* A cursor that has decoded nothing. */
static ns__cursor at_start(ns__reader *reader, uint32_t ordinal)
{
    return (ns__cursor){.reader = reader,
                        .ordinal = ordinal,
                        .id = NS_END,
                        .asked = NS_END,
                        .loaded = UINT32_MAX,
                        .viewed = UINT32_MAX,
                        .positions_loaded = UINT32_MAX,
                        .placed = UINT32_MAX,
                        .excepted = UINT32_MAX,
                        .places_soon = 1};
}

ns_status ns__cursor_open(ns__cursor *cursor, ns__reader *reader, const ns__postings *postings,
                          uint32_t ordinal, ns__str value, bool places)
{
    *cursor = at_start(reader, ordinal);
    NS_TRY((places ? ns__plist_open : ns__plist_open_words)(postings, value, reader->arena,
                                                            &cursor->list, reader->err));
    reader->profile->blocks_total += cursor->list.blocks;
    reader->profile->postings_total += cursor->list.df;
    return NS_OK;
}

ns__cursor ns__cursor_copy(const ns__cursor *cursor)
{
    ns__cursor copy = at_start(cursor->reader, cursor->ordinal);
    copy.list = cursor->list;
    copy.bounds = cursor->bounds;
    return copy;
}

uint32_t ns__cursor_find(const ns__cursor *cursor, uint32_t passage, uint32_t hint)
{
    const ns__plist *list = &cursor->list;
    if (list->decoded)
        return passage <= list->ids[list->df - 1] ? 0 : list->blocks;
    uint32_t low = 0, high = list->blocks; /* the answer lies in [low, high] */
    if (hint < list->blocks && ns__plist_last(list, hint) < passage) {
        uint32_t step = 1;
        low = hint + 1;
        while (low + step - 1 < list->blocks && ns__plist_last(list, low + step - 1) < passage) {
            low += step;
            step *= 2;
        }
        if (low + step - 1 < high)
            high = low + step - 1;
    } else if (hint < list->blocks) {
        if (hint == 0 || ns__plist_last(list, hint - 1) < passage)
            return hint;
        high = hint - 1;
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ns__plist_last(list, middle) < passage)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static uint32_t *room(ns__reader *reader)
{
    return ns__arena_alloc(reader->arena, NS_BLOCK_ROOM * sizeof(uint32_t));
}

bool ns__cursor_load(ns__cursor *cursor, uint32_t block)
{
    if (cursor->loaded == block)
        return true;
    const ns__plist *list = &cursor->list;
    cursor->at = 0;
    cursor->asked = NS_END;
    cursor->viewed = UINT32_MAX;
    cursor->tfs_loaded = list->decoded;
    if (list->decoded) {
        cursor->ids = list->ids;
        cursor->tfs = list->tfs;
        cursor->count = list->df;
    } else if (list->ids != NULL) { /* merged.c: in memory, in blocks */
        size_t first = (size_t)block * list->block_postings;
        cursor->ids = list->ids + first;
        cursor->tfs = list->tfs + first;
        cursor->count = ns__plist_count(list, block);
        cursor->tfs_loaded = true;
        cursor->loaded = block;
        return true;
    } else {
        if (cursor->id_room == NULL && (cursor->id_room = room(cursor->reader)) == NULL)
            return ns__cursor_fail(cursor, ns__no_memory(cursor->reader->err));
        ns_status status = ns__plist_ids(list, cursor->reader->kernels, block, cursor->id_room,
                                         &cursor->place, cursor->reader->err);
        if (status != NS_OK)
            return ns__cursor_fail(cursor, status);
        cursor->ids = cursor->id_room;
        cursor->count = ns__plist_count(list, block);
    }
    cursor->loaded = block;
    cursor->reader->profile->blocks_decoded++;
    return true;
}

static bool has_view_room(ns__cursor *cursor)
{
    if (cursor->view_room == NULL)
        cursor->view_room = ns__arena_alloc(cursor->reader->arena, sizeof *cursor->view_room);
    return cursor->view_room != NULL || ns__cursor_fail(cursor, ns__no_memory(cursor->reader->err));
}

/* Makes a bit set the view; false when the block is none, or too long, or damaged. */
static bool view_block(ns__cursor *cursor, const ns__window_kernels *kernels, uint32_t block)
{
    const ns__plist *list = &cursor->list;
    if (cursor->viewed == block)
        return true;
    if (cursor->loaded == block || list->ids != NULL || !has_view_room(cursor) ||
        !ns__plist_bits(list, cursor->reader->kernels, block, cursor->view_room, &cursor->view,
                        &cursor->place))
        return false;
    cursor->loaded = cursor->viewed = UINT32_MAX;
    cursor->id = cursor->asked = NS_END;
    cursor->at = 0;
    cursor->tfs_loaded = false;
    const ns__block_bits *view = &cursor->view;
    cursor->count = ns__plist_count(list, block);
    if (view->bytes > NS_VIEW_WORDS * 8 || kernels->rank(view, cursor->ranks) != cursor->count)
        return false;
    NS_COUNT(CURSOR_VIEW);
    cursor->viewed = block;
    cursor->reader->profile->blocks_decoded++;
    return true;
}

/* Short lists span many passages: mostly none of their postings lies among the ids asked for. So
 * those that do are looked up among the ids. */
static uint32_t find_turned(const ns__plist *list, const uint32_t *ids, uint32_t count,
                            uint32_t *at)
{
    uint32_t next = ns__lower_bound(list->ids, 0, list->df, ids[0]), found = 0, from = 0;
    memset(at, 0xff, count * sizeof *at); /* NS_NOWHERE */
    for (; next < list->df && list->ids[next] <= ids[count - 1]; next++) {
        from = ns__lower_bound(ids, from, count, list->ids[next]);
        if (ids[from] == list->ids[next]) {
            at[from] = next;
            found++;
        }
    }
    return found;
}

bool ns__cursor_lookup(ns__cursor *cursor, const ns__window_kernels *kernels, uint32_t block,
                       const uint32_t *ids, uint32_t count, uint32_t *at, uint32_t *found)
{
    if (view_block(cursor, kernels, block)) {
        *found = kernels->find_bits(&cursor->view, cursor->ranks, ids, count, at);
        return true;
    }
    if (cursor->loaded != block && !ns__cursor_load(cursor, block))
        return false;
    if (cursor->list.decoded) {
        NS_COUNT(CURSOR_TURNED);
        *found = find_turned(&cursor->list, ids, count, at);
        return true;
    }
    *found = kernels->find(cursor->ids, cursor->count, ids, count, at);
    return true;
}

bool ns__cursor_sift(ns__cursor *cursor, const ns__window_kernels *kernels, uint32_t block,
                     bool present, const uint32_t *ids, uint32_t count, uint32_t *to,
                     uint32_t *kept)
{
    ns__block_bits view;
    ns__block_place place;
    ns__bits_room room;
    if (cursor->loaded != block &&
        ns__plist_bits(&cursor->list, cursor->reader->kernels, block, &room, &view, &place)) {
        NS_COUNT(CURSOR_SIFT_BITS);
        *kept = kernels->sift_bits(&view, present, ids, count, to);
        return true;
    }
    if (!ns__cursor_load(cursor, block))
        return false;
    *kept = kernels->sift(cursor->ids, cursor->count, present, ids, count, to);
    return true;
}

bool ns__cursor_load_tfs(ns__cursor *cursor)
{
    if (cursor->tfs_loaded)
        return true;
    if (cursor->tf_room == NULL && (cursor->tf_room = room(cursor->reader)) == NULL)
        return ns__cursor_fail(cursor, ns__no_memory(cursor->reader->err));
    ns_status status = ns__plist_tfs(&cursor->list, cursor->reader->kernels, &cursor->place,
                                     cursor->tf_room, cursor->reader->err);
    if (status != NS_OK)
        return ns__cursor_fail(cursor, status);
    cursor->tfs = cursor->tf_room;
    cursor->tfs_loaded = true;
    return true;
}

bool ns__cursor_pick_tfs(ns__cursor *cursor, const uint32_t *at, uint32_t count, uint32_t found,
                         uint32_t *tfs)
{
    enum { FEW = 16 }; /* more take longer one by one than a block as a whole */
    if (found <= FEW && !cursor->tfs_loaded &&
        ns__plist_pick_tfs(&cursor->list, cursor->reader->kernels, &cursor->place, at, count,
                           tfs)) {
        NS_COUNT(CURSOR_PICKS_TFS);
        return true;
    }
    if (!ns__cursor_load_tfs(cursor))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const bool here = at[i] != NS_NOWHERE;
        const uint32_t tf = cursor->tfs[here ? at[i] : 0];
        tfs[i] = here ? tf : 0;
    }
    return true;
}

uint32_t ns__cursor_seek(ns__cursor *cursor, uint32_t passage)
{
    if (cursor->id == passage || (passage >= cursor->asked && passage < cursor->id))
        return cursor->id; /* asked about in steps, a cursor mostly knows */
    uint32_t low = cursor->at;
    if (cursor->id > passage || cursor->ids[cursor->count - 1] < passage) { /* another block */
        uint32_t block = ns__cursor_find(cursor, passage, cursor->block);
        cursor->block = block;
        if (block == cursor->list.blocks) {
            cursor->asked = passage;
            return cursor->id = NS_END;
        }
        if (!ns__cursor_load(cursor, block))
            return NS_END;
        low = cursor->at;
        if (low >= cursor->count || cursor->ids[low] > passage)
            low = 0;
    }
    cursor->at = ns__lower_bound(cursor->ids, low, cursor->count, passage);
    cursor->asked = passage;
    if (cursor->at == cursor->count) /* contradicts the block's last id */
        return cursor->id = NS_END;
    return cursor->id = cursor->ids[cursor->at];
}

bool ns__cursor_span(ns__cursor *cursor, uint32_t end, bool tfs, ns__span *span)
{
    if (cursor->loaded == cursor->block && cursor->at == cursor->count)
        cursor->block++;
    if (cursor->block >= cursor->list.blocks || ns__block_first(cursor, cursor->block) >= end)
        return false;
    if (!ns__cursor_load(cursor, cursor->block) || (tfs && !ns__cursor_load_tfs(cursor)))
        return false;
    uint32_t stop = cursor->count;
    if (cursor->ids[stop - 1] >= end)
        stop = ns__lower_bound(cursor->ids, cursor->at, stop, end);
    *span = (ns__span){cursor->ids + cursor->at, tfs ? cursor->tfs + cursor->at : NULL,
                       stop - cursor->at};
    cursor->at = stop;
    cursor->id = cursor->asked = NS_END; /* unknown */
    return span->count > 0;
}

float ns__cursor_bound(ns__cursor *cursor, uint32_t first, uint32_t end, uint32_t *until)
{
    uint32_t blocks = cursor->list.blocks;
    uint32_t block = ns__cursor_find(cursor, first, cursor->peeked);
    cursor->peeked = block;
    float bound = 0;
    uint32_t reach = NS_END;
    for (; block < blocks; block++) {
        if (ns__block_first(cursor, block) >= end) {
            reach = ns__block_first(cursor, block);
            break;
        }
        float here = ns__block_bound(cursor, block);
        bound = here > bound ? here : bound;
    }
    if (reach < *until)
        *until = reach;
    return bound;
}
