/* A hash table of ids: open addressing, linear probing, at most 5/8 full; slots are small as half
 * of them are empty. */
#include "index/ids.h"

#include "base/hash.h"

/* The slot of a hash, or the free one where it belongs. room > 0. */
static uint32_t *find(const ns__ids *ids, uint64_t hash)
{
    size_t at = hash & (ids->room - 1);
    while (ids->slots[at] != 0 && ids->entries[ids->slots[at] - 1].hash != hash)
        at = (at + 1) & (ids->room - 1);
    return &ids->slots[at];
}

static bool grow(ns__ids *ids)
{
    size_t room = ids->room ? 2 * ids->room : 1024;
    uint32_t *slots = ns__zalloc(room, sizeof *slots);
    if (slots == NULL)
        return false;
    ns__free(ids->slots);
    ids->slots = slots;
    ids->room = room;
    for (size_t i = 0; i < ids->count; i++)
        *find(ids, ids->entries[i].hash) = (uint32_t)i + 1;
    return true;
}

/* Begins a stretch where the file changes. */
static bool note_origin(ns__ids *ids, const char *origin, uint32_t article)
{
    ns__buf *origins = &ids->origins;
    const ns__stretch *last = ids->stretch_count ? &ids->stretches[ids->stretch_count - 1] : NULL;
    if (last && strcmp((const char *)origins->data + last->origin, origin) == 0)
        return true;
    size_t length = strlen(origin) + 1;
    if (last && origins->length > UINT32_MAX - length)
        return true; /* 4 GB of names: messages may name the last file instead */
    if (NS_RESERVE(ids->stretches, ids->stretch_capacity, ids->stretch_count + 1) < 0)
        return false;
    ids->stretches[ids->stretch_count++] = (ns__stretch){article, (uint32_t)origins->length};
    ns__buf_append(origins, origin, length);
    return !origins->failed;
}

static bool is_removed(const struct ns__id_entry *entry)
{
    return entry->place.article == (uint32_t)NS__NO_ARTICLE;
}

/* The entry of a hash, made when there is none. NULL when memory is out. */
static struct ns__id_entry *entry_of(ns__ids *ids, uint64_t hash)
{
    if (ids->count >= ids->room / 8 * 5 && !grow(ids))
        return NULL;
    uint32_t *slot = find(ids, hash);
    if (*slot == 0) {
        if (NS_RESERVE(ids->entries, ids->capacity, ids->count + 1) < 0)
            return NULL;
        ids->entries[ids->count++] =
            (struct ns__id_entry){hash, {.article = (uint32_t)NS__NO_ARTICLE}};
        *slot = (uint32_t)ids->count;
    }
    return &ids->entries[*slot - 1];
}

ns_status ns__ids_add(ns__ids *ids, ns__str id, uint32_t article, const char *origin, uint64_t line,
                      ns_error *err)
{
    ns__place place = {article, line <= UINT32_MAX ? (uint32_t)line : 0};
    if (!note_origin(ids, origin ? origin : "", article))
        return ns__no_memory(err);
    struct ns__id_entry *entry = entry_of(ids, ns__hash64(id.data, id.length, 0));
    if (entry == NULL)
        return ns__no_memory(err);
    if (!is_removed(entry)) {
        if (NS_RESERVE(ids->suspects, ids->suspect_capacity, ids->suspect_count + 1) < 0)
            return ns__no_memory(err);
        ids->suspects[ids->suspect_count++] = (ns__suspect){entry->place, place};
    }
    entry->place = place;
    return NS_OK;
}

ns_status ns__ids_remove(ns__ids *ids, ns__str id, ns_error *err)
{
    if (ids->room == 0)
        return NS_NOT_FOUND;
    uint32_t number = *find(ids, ns__hash64(id.data, id.length, 0));
    struct ns__id_entry *entry = number ? &ids->entries[number - 1] : NULL;
    if (entry == NULL || is_removed(entry))
        return NS_NOT_FOUND;
    ns__buf_u32(&ids->removals, entry->place.article);
    ns__buf_varint(&ids->removals, id.length);
    ns__buf_append(&ids->removals, id.data, id.length);
    entry->place.article = (uint32_t)NS__NO_ARTICLE;
    return ids->removals.failed ? ns__no_memory(err) : NS_OK;
}

const char *ns__ids_origin(const ns__ids *ids, const ns__place *place)
{
    size_t low = 0, high = ids->stretch_count; /* the last stretch that begins at most there */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (ids->stretches[middle].article <= place->article)
            low = middle;
        else
            high = middle;
    }
    return high > 0 ? (const char *)ids->origins.data + ids->stretches[low].origin : "";
}

void ns__ids_clear(ns__ids *ids)
{
    ns__free(ids->entries);
    ns__free(ids->slots);
    ns__free(ids->suspects);
    ns__buf_release(&ids->origins);
    ns__free(ids->stretches);
    ns__buf_release(&ids->removals);
    *ids = (ns__ids){0};
}
