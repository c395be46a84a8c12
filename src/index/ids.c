/* A hash table of ids: open addressing, linear probing, at most 5/8 full. */
#include "index/ids.h"

#include "base/hash.h"

static bool grow(ns__ids *ids)
{
    size_t room = ids->room ? 2 * ids->room : 1024;
    struct ns__id_entry *entries = ns__zalloc(room, sizeof *entries);
    if (entries == NULL)
        return false;
    for (size_t i = 0; i < ids->room; i++) {
        if (!ids->entries[i].used)
            continue;
        size_t at = ids->entries[i].hash & (room - 1);
        while (entries[at].used)
            at = (at + 1) & (room - 1);
        entries[at] = ids->entries[i];
    }
    ns__free(ids->entries);
    ids->entries = entries;
    ids->room = room;
    return true;
}

/* Where the name stands in origins; records of one file share it. */
static bool note_origin(ns__ids *ids, const char *origin, uint32_t *at)
{
    const ns__buf *origins = &ids->origins;
    if (origins->length == 0 ||
        strcmp((const char *)origins->data + ids->last_origin, origin) != 0) {
        size_t length = strlen(origin) + 1;
        if (origins->length > UINT32_MAX - length) {
            *at = 0; /* 4 GB of names: messages may name the first file instead */
            return true;
        }
        ids->last_origin = (uint32_t)origins->length;
        ns__buf_append(&ids->origins, origin, length);
    }
    *at = ids->last_origin;
    return !origins->failed;
}

/* The entry of a hash, or the free one where it belongs. room > 0. */
static struct ns__id_entry *find(const ns__ids *ids, uint64_t hash)
{
    size_t at = hash & (ids->room - 1);
    while (ids->entries[at].used && ids->entries[at].hash != hash)
        at = (at + 1) & (ids->room - 1);
    return &ids->entries[at];
}

ns_status ns__ids_add(ns__ids *ids, ns__str id, uint32_t article, const char *origin, uint64_t line,
                      ns_error *err)
{
    ns__place place = {article, 0, line};
    if (!note_origin(ids, origin ? origin : "", &place.origin))
        return ns__no_memory(err);
    if (ids->count >= ids->room / 8 * 5 && !grow(ids))
        return ns__no_memory(err);
    uint64_t hash = ns__hash64(id.data, id.length, 0);
    struct ns__id_entry *entry = find(ids, hash);
    if (entry->used && !entry->removed) {
        if (NS_RESERVE(ids->suspects, ids->suspect_capacity, ids->suspect_count + 1) < 0)
            return ns__no_memory(err);
        ids->suspects[ids->suspect_count++] = (ns__suspect){entry->place, place};
    }
    ids->count += !entry->used;
    *entry = (struct ns__id_entry){hash, place, true, false};
    return NS_OK;
}

ns_status ns__ids_remove(ns__ids *ids, ns__str id, ns_error *err)
{
    if (ids->room == 0)
        return NS_NOT_FOUND;
    struct ns__id_entry *entry = find(ids, ns__hash64(id.data, id.length, 0));
    if (!entry->used || entry->removed)
        return NS_NOT_FOUND;
    ns__buf_u32(&ids->removals, entry->place.article);
    ns__buf_varint(&ids->removals, id.length);
    ns__buf_append(&ids->removals, id.data, id.length);
    entry->removed = true;
    return ids->removals.failed ? ns__no_memory(err) : NS_OK;
}

const char *ns__ids_origin(const ns__ids *ids, const ns__place *place)
{
    return ids->origins.length ? (const char *)ids->origins.data + place->origin : "";
}

void ns__ids_clear(ns__ids *ids)
{
    ns__free(ids->entries);
    ns__free(ids->suspects);
    ns__buf_release(&ids->origins);
    ns__buf_release(&ids->removals);
    *ids = (ns__ids){0};
}
