/* Crowds of ids: more than chance puts next to one another in the hash table with one tag.
 *
 * The hash of the table on disk is known to everybody, so somebody can make ids that all stand in
 * one row of slots. Each look-up would read all of them, or walk all of the row for one that is not
 * there. Who looks up many remembers where such a row begins and ends and keeps the ids of each tag
 * in it sorted, as memory for them is less than the ids took when they came. */
#include "segment/articles_parts.h"

#include <stdlib.h>

#include "base/mem.h"

typedef struct member {
    const uint8_t *id; /* in the crowd's bytes */
    size_t length;
    uint32_t article;
} member;

/* The slots between two empty ones. */
typedef struct ns__id_row {
    uint64_t start, end;
} id_row;

/* Those of a row that have this tag; there may be none. */
typedef struct ns__id_crowd {
    id_row row;
    uint8_t tag;
    ns__buf bytes;
    member *members; /* by id, then by article */
    size_t count;
} id_crowd;

static int compare_members(const void *a, const void *b)
{
    const member *left = a, *right = b;
    const size_t shorter = left->length < right->length ? left->length : right->length;
    const int order = shorter ? memcmp(left->id, right->id, shorter) : 0;
    if (order != 0)
        return order;
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return left->article < right->article ? -1 : left->article > right->article;
}

/* Reads the ids of the tag in the row. */
static ns_status read_members(const ns__articles *articles, ns__id_finder *finder, id_crowd *crowd,
                              ns_error *err)
{
    const uint8_t *tags = articles->id_table.data;
    size_t room = 1; /* that there is an address */
    for (uint64_t slot = crowd->row.start; slot < crowd->row.end; slot++)
        room += tags[slot] == crowd->tag;
    crowd->members = ns__alloc(room, sizeof *crowd->members);
    if (crowd->members == NULL)
        return ns__no_memory(err);
    for (uint64_t slot = crowd->row.start; slot < crowd->row.end; slot++) {
        if (tags[slot] != crowd->tag)
            continue;
        member *one = &crowd->members[crowd->count++];
        NS_TRY(ns__id_candidate(articles, finder, slot, &one->article, err));
        one->length = finder->id.length;
        ns__buf_append(&crowd->bytes, finder->id.data, finder->id.length);
    }
    if (!ns__buf_reserve(&crowd->bytes, 1)) /* that there is an address */
        return ns__no_memory(err);
    size_t at = 0; /* the bytes no longer move */
    for (size_t i = 0; i < crowd->count; i++) {
        crowd->members[i].id = crowd->bytes.data + at;
        at += crowd->members[i].length;
    }
    qsort(crowd->members, crowd->count, sizeof *crowd->members, compare_members);
    return NS_OK;
}

static void release(id_crowd *crowd)
{
    ns__buf_release(&crowd->bytes);
    ns__free(crowd->members);
}

/* ---- What is kept ---- */

/* Where the row with this slot is among the others, or belongs. */
static size_t find_row(const ns__id_finder *finder, uint64_t slot)
{
    size_t low = 0, high = finder->row_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (finder->rows[middle].end <= slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool ns__id_crowd_knows(const ns__id_finder *finder, uint64_t slot)
{
    const size_t at = find_row(finder, slot);
    return at < finder->row_count && finder->rows[at].start <= slot;
}

static ns_status get_row(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                         id_row *out, ns_error *err)
{
    const size_t at = find_row(finder, slot);
    if (!ns__id_crowd_knows(finder, slot)) {
        const uint8_t *tags = articles->id_table.data;
        const uint8_t *empty = memchr(tags + slot, 0, articles->id_slots - slot);
        id_row row = {slot, empty ? (uint64_t)(empty - tags) : articles->id_slots};
        while (row.start > 0 && tags[row.start - 1] != 0)
            row.start--;
        if (NS_RESERVE(finder->rows, finder->row_capacity, finder->row_count + 1) < 0)
            return ns__no_memory(err);
        memmove(finder->rows + at + 1, finder->rows + at, (finder->row_count++ - at) * sizeof row);
        finder->rows[at] = row;
    }
    *out = finder->rows[at];
    return NS_OK;
}

/* Where the crowd is among the others, or belongs. */
static size_t find_crowd(const ns__id_finder *finder, id_row row, uint8_t tag)
{
    size_t low = 0, high = finder->crowd_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const id_crowd *crowd = &finder->crowds[middle];
        if (crowd->row.end < row.end || (crowd->row.end == row.end && crowd->tag < tag))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static ns_status get_crowd(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                           uint8_t tag, const id_crowd **out, ns_error *err)
{
    id_crowd crowd = {.tag = tag};
    NS_TRY(get_row(articles, finder, slot, &crowd.row, err));
    const size_t at = find_crowd(finder, crowd.row, tag);
    if (at == finder->crowd_count || finder->crowds[at].row.end != crowd.row.end ||
        finder->crowds[at].tag != tag) {
        if (NS_RESERVE(finder->crowds, finder->crowd_capacity, finder->crowd_count + 1) < 0)
            return ns__no_memory(err);
        ns_status status = read_members(articles, finder, &crowd, err);
        if (status < 0) {
            release(&crowd);
            return status;
        }
        memmove(finder->crowds + at + 1, finder->crowds + at,
                (finder->crowd_count++ - at) * sizeof crowd);
        finder->crowds[at] = crowd;
    }
    *out = &finder->crowds[at];
    return NS_OK;
}

ns_status ns__id_crowd_find(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                            uint8_t tag, ns__str id, uint32_t *article, ns_error *err)
{
    const id_crowd *crowd = NULL;
    NS_TRY(get_crowd(articles, finder, slot, tag, &crowd, err));
    const member wanted = {id.data, id.length, UINT32_MAX}; /* behind all with this id */
    size_t low = 0, high = crowd->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_members(&crowd->members[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const member *last = low > 0 ? &crowd->members[low - 1] : NULL;
    if (last == NULL || !ns__str_equal(id, (ns__str){last->id, last->length}))
        return NS_NOT_FOUND;
    *article = last->article;
    return NS_OK;
}

void ns__id_finder_release(ns__id_finder *finder)
{
    for (size_t i = 0; i < finder->crowd_count; i++)
        release(&finder->crowds[i]);
    ns__free(finder->crowds);
    ns__free(finder->rows);
    ns__zstrings_reader_release(&finder->reader);
    ns__buf_release(&finder->id);
    *finder = (ns__id_finder){0};
}
