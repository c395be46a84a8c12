/* Positions of the postings that a cursor has before it. */
#include "search/cursor.h"

/* Opens the positions of the loaded block. */
static bool open_positions(ns__cursor *cursor)
{
    ns__reader *reader = cursor->reader;
    if (cursor->positions == NULL) {
        cursor->positions = ns__arena_alloc(reader->arena, sizeof *cursor->positions);
        if (cursor->positions == NULL)
            return ns__cursor_fail(cursor, ns__no_memory(reader->err));
    }
    const uint32_t block = cursor->viewed != UINT32_MAX ? cursor->viewed : cursor->loaded;
    if (block == UINT32_MAX) /* it failed before */
        return false;
    if (cursor->positions_loaded == block)
        return true;
    cursor->positions_loaded = UINT32_MAX;
    cursor->places_asked = 0;
    cursor->placed = cursor->excepted = UINT32_MAX;
    ns_status status = ns__plist_positions_open(&cursor->list, reader->kernels, block, cursor->tfs,
                                                cursor->positions, reader->err);
    if (status != NS_OK)
        return ns__cursor_fail(cursor, status);
    cursor->positions_loaded = block;
    return true;
}

static bool make_places(ns__cursor *cursor)
{
    if (cursor->places == NULL)
        cursor->places = ns__arena_alloc(cursor->reader->arena, (NS_PLACE_ROOM + NS_UNPACK_ROUND) *
                                                                    sizeof *cursor->places);
    return cursor->places != NULL || ns__cursor_fail(cursor, ns__no_memory(cursor->reader->err));
}

/* Puts all positions of the block into `places`, as they are stored; those of a decoded list as if
 * they were. */
static void fill_places(ns__cursor *cursor)
{
    const ns__pos_block *block = cursor->positions;
    const uint32_t all = block->starts[block->count];
    cursor->placed = block->block;
    if (block->direct == NULL) {
        if (all > 0)
            ns__values_all(cursor->reader->kernels, &block->values, cursor->places);
        return;
    }
    for (uint32_t i = 0; i < block->count; i++) {
        uint32_t before = 0;
        for (uint32_t p = block->starts[i]; p < block->starts[i + 1]; p++) {
            cursor->places[p] = block->direct[p] - before;
            before = block->direct[p];
        }
    }
}

/* Unpacks the exceptions of the block. False without memory. */
static bool find_exceptions(ns__cursor *cursor)
{
    ns__reader *reader = cursor->reader;
    const ns__pos_block *block = cursor->positions;
    const uint32_t count = block->values.exception_count;
    if (cursor->exceptions == NULL) {
        cursor->exceptions =
            ns__arena_alloc(reader->arena, 2 * NS_EXCEPTION_ROOM * sizeof *cursor->exceptions);
        if (cursor->exceptions == NULL)
            return ns__cursor_fail(cursor, ns__no_memory(reader->err));
    }
    if (count > 0)
        ns__values_exceptions(reader->kernels, &block->values, 0, count, cursor->exceptions,
                              cursor->exceptions + NS_EXCEPTION_ROOM);
    cursor->exceptions[count] = UINT32_MAX;
    cursor->excepted = block->block;
    return true;
}

/* Whether positions of the block can be taken as they are packed. */
static bool are_plain(const ns__pos_block *block)
{
    return block->direct == NULL && block->values.width <= NS_PLACES_WIDTH &&
           block->values.exception_count <= NS_EXCEPTION_ROOM - NS_UNPACK_ROUND &&
           block->starts[block->count] <= UINT16_MAX;
}

bool ns__cursor_all_places(ns__cursor *cursor, uint32_t soon, ns__places *out, bool *ready)
{
    enum { OFTEN = 5 }; /* unpacking all of a block takes about as long as so many postings */
    if (!open_positions(cursor))
        return false;
    const ns__pos_block *block = cursor->positions;
    *out = (ns__places){.starts = block->starts};
    *ready = true;
    if (are_plain(block)) {
        if (cursor->excepted != block->block && !find_exceptions(cursor))
            return false;
        out->packed = block->values.packed;
        out->width = block->values.width;
        out->exceptions = cursor->exceptions;
        out->highs = cursor->exceptions + NS_EXCEPTION_ROOM;
        return true;
    }
    if (!make_places(cursor))
        return false;
    out->at = cursor->places;
    *ready = cursor->placed == block->block ||
             (block->starts[block->count] <= NS_PLACE_ROOM && cursor->places_asked + soon > OFTEN);
    if (*ready && cursor->placed != block->block)
        fill_places(cursor);
    return true;
}

bool ns__cursor_places(ns__cursor *cursor, uint32_t at, ns__posting_places *out)
{
    enum { OFTEN = 5 };
    if (!open_positions(cursor))
        return false;
    const ns__pos_block *block = cursor->positions;
    const uint32_t first = block->starts[at], count = block->starts[at + 1] - first;
    *out = (ns__posting_places){NULL, count, block->direct == NULL};
    if (block->direct != NULL) {
        out->at = block->direct + first;
        return true;
    }
    if (count > NS_PLACE_ROOM)
        return true;
    if (!make_places(cursor))
        return false;
    out->at = cursor->places;
    if (cursor->placed != block->block && block->starts[block->count] <= NS_PLACE_ROOM &&
        cursor->places_asked + cursor->places_soon > OFTEN)
        fill_places(cursor);
    if (cursor->placed == block->block) {
        out->at += first;
        return true;
    }
    cursor->places_asked++;
    if (count > 0)
        ns__values_get(cursor->reader->kernels, &block->values, first, count, cursor->places);
    return true;
}

bool ns__cursor_positions(ns__cursor *cursor, uint32_t **out, size_t *count, size_t *capacity)
{
    ns__reader *reader = cursor->reader;
    if (!ns__cursor_load_tfs(cursor))
        return false;
    if (!open_positions(cursor))
        return false;
    const uint32_t *starts = cursor->positions->starts;
    size_t extra = (size_t)(starts[cursor->at + 1] - starts[cursor->at]) + NS_UNPACK_ROUND;
    if (NS_RESERVE(*out, *capacity, *count + extra) != NS_OK)
        return ns__cursor_fail(cursor, ns__no_memory(reader->err));
    uint32_t added = 0;
    ns__pos_block_get(cursor->positions, reader->kernels, cursor->at, *out + *count, &added);
    *count += added;
    return true;
}
