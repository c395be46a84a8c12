/* External ids and their hash table.
 *
 * The table (section "idht") is u32 slots, a tag byte for each slot, then the articles of the
 * slots, bit-packed. An id's search begins at slot (high half of its hash) * (articles * 5 / 4 + 1)
 * / 2^32 and goes on to the first empty slot (tag 0) or the end; slots whose tag equals the id's
 * are compared with the id itself. Entries stand in order of hash, so that the bytes do not depend
 * on the order of insertion. Of articles with the same id only the last one is in the table. */
#include "segment/articles_parts.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/sort.h"

uint64_t ns__id_hash(ns__str id)
{
    return ns__hash64(id.data, id.length, 0);
}

static uint8_t tag_of(uint64_t hash)
{
    return (uint8_t)hash ? (uint8_t)hash : 1;
}

/* Where the search begins in a table for `count` articles. */
static uint64_t home_of(uint64_t hash, uint32_t count)
{
    uint64_t capacity = (uint64_t)count + count / 4 + 1;
    return (uint64_t)(((__uint128_t)(hash >> 32) * capacity) >> 32);
}

/* ---- Writing ---- */

typedef struct hashed_id {
    uint64_t hash;
    uint32_t article;
    bool replaced; /* a later article has the same id */
} hashed_id;

static int compare_hashed(const void *a, const void *b)
{
    const hashed_id *left = a, *right = b;
    if (left->hash != right->hash)
        return left->hash < right->hash ? -1 : 1;
    return left->article < right->article ? -1 : left->article > right->article;
}

static bool same_half(const hashed_id *a, const hashed_id *b)
{
    return a->hash >> 32 == b->hash >> 32;
}

/* The articles by hash, then by number: by the high halves, as numbers, and then those few that are
 * equal in these. NULL without memory. */
static hashed_id *sort_hashed(const uint64_t *hashes, uint32_t count)
{
    hashed_id *entries = ns__alloc(count, sizeof *entries);
    uint64_t *keys = ns__alloc(count, 2 * sizeof *keys);
    if (entries == NULL || keys == NULL) {
        ns__free(entries);
        ns__free(keys);
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        keys[i] = (hashes[i] >> 32 << 32) | i;
    const uint64_t *sorted = ns__sort_keys(keys, keys + count, count, 32, 64);
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (hashed_id){hashes[(uint32_t)sorted[i]], (uint32_t)sorted[i], false};
    ns__free(keys);
    for (uint32_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && same_half(&entries[first], &entries[end]);)
            end++;
        if (end - first > 1)
            qsort(entries + first, end - first, sizeof *entries, compare_hashed);
    }
    return entries;
}

/* An id among those with one hash. */
typedef struct alike {
    size_t start, length; /* in the bytes of all */
    const ns__buf *bytes;
    hashed_id *entry;
} alike;

/* The ids, and what they are by. */
typedef struct id_source {
    ns__zstrings ids;
    const uint32_t *places; /* or NULL: by article */
    ns__zstrings_reader reader;
    ns__buf id, bytes; /* scratch */
    alike *alike;
    size_t alike_capacity;
} id_source;

/* By id, then by article. */
static int compare_alike(const void *a, const void *b)
{
    const alike *left = a, *right = b;
    const size_t shorter = left->length < right->length ? left->length : right->length;
    const int order = shorter ? memcmp(left->bytes->data + left->start,
                                       right->bytes->data + right->start, shorter)
                              : 0;
    if (order != 0)
        return order;
    if (left->length != right->length)
        return left->length < right->length ? -1 : 1;
    return left->entry->article < right->entry->article ? -1 : 1;
}

static bool same_id(const alike *a, const alike *b)
{
    return ns__str_equal((ns__str){a->bytes->data + a->start, a->length},
                         (ns__str){b->bytes->data + b->start, b->length});
}

/* Marks those of entries[0 .. count), which have one hash, whose id a later one has. They are
 * sorted: whoever makes many ids with one hash must not have each compared with each. */
static ns_status mark_replaced(id_source *source, hashed_id *entries, uint32_t count, ns_error *err)
{
    if (NS_RESERVE(source->alike, source->alike_capacity, count) < 0)
        return ns__no_memory(err);
    ns__buf_clear(&source->bytes);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t article = entries[i].article;
        const uint32_t at = source->places ? source->places[article] : article;
        const size_t start = source->bytes.length;
        if (!ns__zstrings_get(&source->ids, at, &source->reader, &source->id))
            return source->id.failed
                       ? ns__no_memory(err)
                       : ns__fail(err, NS_ERR_ARGUMENT, "the table of ids is malformed");
        ns__buf_append(&source->bytes, source->id.data, source->id.length);
        source->alike[i] = (alike){start, source->id.length, &source->bytes, &entries[i]};
    }
    if (source->bytes.failed)
        return ns__no_memory(err);
    qsort(source->alike, count, sizeof *source->alike, compare_alike);
    for (uint32_t i = 0; i + 1 < count; i++)
        source->alike[i].entry->replaced = same_id(&source->alike[i], &source->alike[i + 1]);
    return NS_OK;
}

/* Keeps the last article of each id; *kept of them are left. */
static ns_status drop_replaced(id_source *source, hashed_id *entries, uint32_t count,
                               uint32_t *kept, ns_error *err)
{
    *kept = 0;
    for (uint32_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && entries[end].hash == entries[i].hash;)
            end++;
        if (end - i > 1)
            NS_TRY(mark_replaced(source, &entries[i], end - i, err));
        for (uint32_t k = i; k < end; k++)
            if (!entries[k].replaced)
                entries[(*kept)++] = entries[k];
    }
    return NS_OK;
}

static ns_status write_table(const hashed_id *entries, uint32_t kept, uint32_t count, ns__buf *out,
                             ns_error *err)
{
    uint64_t slots = 1; /* the last slot stays empty */
    for (uint32_t i = 0; i < kept; i++) {
        uint64_t home = home_of(entries[i].hash, count);
        slots = (home < slots - 1 ? slots - 1 : home) + 2;
    }
    if (slots > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "too many articles for one segment");
    uint32_t *articles = ns__zalloc(slots, sizeof *articles);
    uint8_t *tags = ns__zalloc(slots, 1);
    if (articles != NULL && tags != NULL) {
        uint64_t next = 0;
        for (uint32_t i = 0; i < kept; i++) {
            uint64_t home = home_of(entries[i].hash, count);
            uint64_t slot = home < next ? next : home;
            tags[slot] = tag_of(entries[i].hash);
            articles[slot] = entries[i].article;
            next = slot + 1;
        }
        ns__buf_u32(out, (uint32_t)slots);
        ns__buf_append(out, tags, slots);
        ns__append_packed(out, articles, slots, ns__ordinal_width(count));
    }
    bool failed = articles == NULL || tags == NULL || out->failed;
    ns__free(articles);
    ns__free(tags);
    return failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__id_table_build(ns__str ids, const uint32_t *places, const uint64_t *hashes,
                             uint32_t count, ns__buf *out, ns_error *err)
{
    id_source source = {.places = places};
    if (!ns__zstrings_open(ids, &source.ids))
        return ns__fail(err, NS_ERR_ARGUMENT, "the table of ids is malformed");
    hashed_id *entries = sort_hashed(hashes, count);
    if (entries == NULL)
        return ns__no_memory(err);
    uint32_t kept;
    ns_status status = drop_replaced(&source, entries, count, &kept, err);
    if (status == NS_OK)
        status = write_table(entries, kept, count, out, err);
    ns__zstrings_reader_release(&source.reader);
    ns__buf_release(&source.id);
    ns__buf_release(&source.bytes);
    ns__free(source.alike);
    ns__free(entries);
    return status;
}

/* ---- Reading ---- */

ns_status ns__id_table_open(ns__articles *articles, ns_error *err)
{
    ns__str ids, table;
    NS_TRY(ns__frame_find(articles->frame,
                          articles->ids_by_place ? NS__ART_IDS_BY_PLACE : NS__ART_IDS, &ids, err));
    NS_TRY(ns__frame_find(articles->frame, NS__ART_ID_TABLE, &table, err));
    if (!ns__zstrings_open(ids, &articles->ids) || articles->ids.count != articles->count)
        return ns__frame_corrupt(articles->frame, ids.data, err,
                                 "the table of ids is malformed, or not one an article");
    ns__cur cur = ns__cur_of(table.data, table.length);
    uint64_t slots = ns__cur_u32(&cur);
    unsigned width = ns__ordinal_width(articles->count);
    if (cur.bad || slots == 0 || ns__cur_left(&cur) != slots + ns__packed_bytes(slots, width))
        return ns__frame_corrupt(articles->frame, table.data, err,
                                 "the hash table of ids has another size than it says");
    articles->id_slots = (uint32_t)slots;
    articles->id_table = (ns__str){cur.at, ns__cur_left(&cur)};
    return NS_OK;
}

/* That which stands at `at`; a damaged place may be none. */
static ns_status read_id(const ns__articles *articles, uint32_t at, ns__zstrings_reader *reader,
                         ns__buf *into, ns_error *err)
{
    if (!ns__zstrings_get(&articles->ids, at, reader, into)) {
        if (into->failed)
            return ns__no_memory(err);
        return ns__frame_corrupt(articles->frame, articles->ids.data, err,
                                 "the id of an article cannot be read");
    }
    return NS_OK;
}

ns_status ns__article_id(const ns__articles *articles, uint32_t article,
                         ns__zstrings_reader *reader, ns__buf *into, ns_error *err)
{
    ns__buf_clear(into);
    if (article >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
    const uint32_t at = articles->ids_by_place ? ns__article_place(articles, article) : article;
    return read_id(articles, at, reader, into, err);
}

ns_status ns__article_id_at_place(const ns__articles *articles, uint32_t place,
                                  ns__zstrings_reader *reader, ns__buf *into, ns_error *err)
{
    ns__buf_clear(into);
    if (place >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", place);
    uint32_t at = place;
    if (!articles->ids_by_place)
        NS_TRY(ns__article_at_place(articles, place, &at, err));
    return read_id(articles, at, reader, into, err);
}

size_t ns__article_id_copy(const ns__articles *articles, uint32_t place, char *id, size_t room)
{
    if (articles->order_width != 0 && !articles->ids_by_place)
        return 0;
    return ns__zstrings_copy_numbered(&articles->ids, place, (uint8_t *)id, room);
}

static ns_status candidate_at(const ns__articles *articles, uint64_t slot, uint32_t *candidate,
                              ns_error *err)
{
    const uint8_t *tags = articles->id_table.data;
    *candidate =
        ns__packed_get(tags + articles->id_slots, slot, ns__ordinal_width(articles->count));
    if (*candidate >= articles->count)
        return ns__frame_corrupt(articles->frame, tags + slot, err,
                                 "the hash table of ids names an article that is not there");
    return NS_OK;
}

ns_status ns__id_candidate(const ns__articles *articles, ns__id_finder *finder, uint64_t slot,
                           uint32_t *candidate, ns_error *err)
{
    NS_TRY(candidate_at(articles, slot, candidate, err));
    finder->reads++;
    return ns__article_id(articles, *candidate, &finder->reader, &finder->id, err);
}

ns_status ns__id_find(const ns__articles *articles, ns__id_finder *finder, ns__str id,
                      uint32_t *article, ns_error *err)
{
    /* So many ids with one tag in a row, or so long a row, are no chance: where four of five slots
     * are taken, one row of 10^10 is longer. */
    enum { MANY = 16, LONG = 1024 };
    const uint8_t *tags = articles->id_table.data;
    const uint64_t hash = ns__id_hash(id);
    const uint8_t tag = tag_of(hash);
    ns_status status = NS_NOT_FOUND;
    unsigned compared = 0;
    const uint64_t home = home_of(hash, articles->count);
    if (ns__id_crowd_knows(finder, home))
        return ns__id_crowd_find(articles, finder, home, tag, id, article, err);
    for (uint64_t slot = home; slot < articles->id_slots; slot++) {
        if (tags[slot] == 0)
            break;
        if (compared == MANY || slot - home > LONG)
            return ns__id_crowd_find(articles, finder, slot, tag, id, article, err);
        if (tags[slot] != tag)
            continue;
        compared++;
        uint32_t candidate;
        NS_TRY(ns__id_candidate(articles, finder, slot, &candidate, err));
        if (!ns__str_equal(id, (ns__str){finder->id.data, finder->id.length}))
            continue;
        if (status == NS_NOT_FOUND || candidate > *article)
            *article = candidate;
        status = NS_OK;
    }
    return status;
}

ns_status ns__article_lookup(const ns__articles *articles, ns__str id, uint32_t *article,
                             ns_error *err)
{
    ns__id_finder finder = {0};
    ns_status status = ns__id_find(articles, &finder, id, article, err);
    ns__id_finder_release(&finder);
    return status;
}
