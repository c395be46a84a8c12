/* Ids of articles of a snapshot. Those that are numbers are read where they stand; others come out
 * of compressed blocks, and what unpacked one stays for the next. */
#include "base/mem.h"
#include "index/snapshot.h"

/* What reads ids: it stands on a shelf of the index while nobody does. */
typedef struct id_reader {
    ns__shelved shelved;
    ns__zstrings_reader blocks; /* remembers the last block */
    ns__buf id;
} id_reader;

static void release(ns__shelved *item)
{
    id_reader *reader = (id_reader *)item;
    ns__zstrings_reader_release(&reader->blocks);
    ns__buf_release(&reader->id);
    ns__free(reader);
}

static id_reader *take_reader(const ns_index *index)
{
    id_reader *reader = (id_reader *)ns__shelf_take(index->id_readers);
    if (reader == NULL && (reader = ns__zalloc(1, sizeof *reader)) != NULL)
        reader->shelved.release = release;
    return reader;
}

/* What failed, or has grown large, is not kept. */
static void return_reader(const ns_index *index, id_reader *reader, bool keep)
{
    enum { KEPT_BYTES = 64 << 10 };
    if (keep && reader->blocks.block.capacity + reader->id.capacity <= KEPT_BYTES)
        ns__shelf_put(index->id_readers, &reader->shelved);
    else
        release(&reader->shelved);
}

static ns_status read_id(const ns__articles *articles, uint32_t place, id_reader *reader, char *id,
                         size_t *length, ns_error *err)
{
    NS_TRY(ns__article_id_at_place(articles, place, &reader->blocks, &reader->id, err));
    if (reader->id.length >= NS_ID_ROOM)
        return ns__frame_corrupt(articles->frame, articles->ids.data, err,
                                 "an id is longer than ids can be");
    if (reader->id.length > 0)
        memcpy(id, reader->id.data, reader->id.length);
    *length = reader->id.length;
    return NS_OK;
}

ns_status ns_article_id_at(const ns_index *index, uint64_t number, char *id, size_t *length,
                           ns_error *err)
{
    const ns__segment *segment;
    uint32_t place;
    ns_status status = ns__snapshot_place(index, number, &segment, &place);
    if (status != NS_OK)
        return status;
    size_t bytes = ns__article_id_copy(&segment->articles, place, id, NS_ID_ROOM - 1);
    if (bytes == 0) {
        id_reader *reader = take_reader(index);
        if (reader == NULL)
            return ns__no_memory(err);
        status = read_id(&segment->articles, place, reader, id, &bytes, err);
        return_reader(index, reader, status == NS_OK);
        NS_TRY(status);
    }
    id[bytes] = '\0';
    if (length)
        *length = bytes;
    return NS_OK;
}
