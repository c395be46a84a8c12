/* A hash table of ids: open addressing, linear probing, at most 5/8 full; slots are small as half
 * of them are empty. */
#include "index/ids.h"

#include "os/random.h"

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

static const ns__place nowhere = {.article = NS__NO_ARTICLE};

static bool is_nowhere(const ns__place *place)
{
    return place->article == nowhere.article;
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
        ids->entries[ids->count++] = (struct ns__id_entry){hash, nowhere};
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
    ns__random_key(&ids->key);
    struct ns__id_entry *entry = entry_of(ids, ns__hash_keyed(id.data, id.length, &ids->key));
    if (entry == NULL)
        return ns__no_memory(err);
    if (!is_nowhere(&entry->place)) {
        if (NS_RESERVE(ids->suspects, ids->suspect_capacity, ids->suspect_count + 1) < 0)
            return ns__no_memory(err);
        ids->suspects[ids->suspect_count++] = (ns__suspect){entry->place, place, entry->place};
    }
    entry->place = place;
    return NS_OK;
}

/* What stands before an article of which there were earlier ones with its hash, else NULL. */
static ns__place *older_than(const ns__ids *ids, uint32_t article)
{
    size_t low = 0, high = ids->suspect_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ids->suspects[middle].later.article < article)
            low = middle + 1;
        else
            high = middle;
    }
    const bool found = low < ids->suspect_count && ids->suspects[low].later.article == article;
    return found ? &ids->suspects[low].older : NULL;
}

/* Goes from the last article with the hash to the first, and takes out those that have the id. */
static ns_status unlink_all(ns__ids *ids, ns__place *link, ns__str id, const ns__id_source *source,
                            ns__buf *scratch, ns_error *err)
{
    ns_status status = NS_NOT_FOUND;
    while (link != NULL && !is_nowhere(link)) {
        const uint32_t article = link->article;
        ns__place *older = older_than(ids, article);
        NS_TRY(source->read(source->payload, article, scratch, err));
        if (!ns__str_equal(id, (ns__str){scratch->data, scratch->length})) {
            link = older;
            continue;
        }
        ns__buf_u32(&ids->removals, article);
        *link = older ? *older : nowhere;
        status = NS_OK;
    }
    return ids->removals.failed ? ns__no_memory(err) : status;
}

ns_status ns__ids_remove(ns__ids *ids, ns__str id, const ns__id_source *source, ns_error *err)
{
    if (ids->room == 0)
        return NS_NOT_FOUND;
    uint32_t number = *find(ids, ns__hash_keyed(id.data, id.length, &ids->key));
    if (number == 0)
        return NS_NOT_FOUND;
    ns__buf scratch = {0};
    ns_status status = unlink_all(ids, &ids->entries[number - 1].place, id, source, &scratch, err);
    ns__buf_release(&scratch);
    return status;
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
