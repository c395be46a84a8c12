/* Reading stored text: see store.h. */
#include <libdeflate.h>

#include "base/num.h"
#include "segment/store_parts.h"

/* No zlib stream, and no code, is longer than this many times its bytes: a cap on what a hostile
 * file can make a reader allocate. */
enum { MAX_RATIO = 1032 };

/* Bytes of a block before compression. */
static uint32_t block_length(const ns__store *store, uint32_t block)
{
    if (block + 1 < store->blocks)
        return store->block_bytes;
    return (uint32_t)(store->length - (uint64_t)block * store->block_bytes);
}

/* ---- What stands in data ---- */

/* Item `index` of data; that of a model may be empty. */
static ns_status get_item(const ns__store *store, uint64_t index, ns__str *out, ns_error *err)
{
    const uint8_t *entry = store->offsets.data + 8 * index;
    uint64_t start = ns__get_u64(entry), end = ns__get_u64(entry + 8);
    if (start > end || end > store->data.length)
        return ns__frame_corrupt(store->frame, entry, err,
                                 "the offset of a block of stored text is out of order");
    *out = (ns__str){store->data.data + start, (size_t)(end - start)};
    return NS_OK;
}

/* The section of a block; the last ones may share a model. */
static uint32_t section_of(const ns__store *store, uint32_t block)
{
    uint32_t section = block / store->section_blocks;
    return section < store->model_count ? section : store->model_count - 1;
}

static ns_status get_block(const ns__store *store, uint32_t block, ns__str *out, ns_error *err)
{
    uint64_t models = store->model_count ? section_of(store, block) + 1 : 0;
    NS_TRY(get_item(store, block + models, out, err));
    if (out->length == 0 || block_length(store, block) / MAX_RATIO > out->length)
        return ns__frame_corrupt(store->frame, out->data, err,
                                 "a block of stored text is too short for what it holds");
    return NS_OK;
}

/* The table of a section's model: its own, or that of the last section before that has one. */
static ns_status find_table(const ns__store *store, uint32_t *section, ns__str *out, ns_error *err)
{
    for (;; --*section) {
        uint64_t item = *section * ((uint64_t)store->section_blocks + 1);
        NS_TRY(get_item(store, item, out, err));
        if (out->length > 0)
            return NS_OK;
        if (*section == 0)
            return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                     "the first section of stored text has no model");
    }
}

/* ---- Models ---- */

/* A model that one reader has for itself, until it is handed back for another section. */
typedef struct spare {
    ns__model *model; /* NULL: none */
    uint32_t section;
} spare;

/* What readers share. Most of those who show a few results read from as many sections, each of them
 * once: those models follow one another in the memory of one. A section that is read again later
 * keeps its own. */
struct ns__store_models {
    ns__model **kept; /* by section */
    uint8_t *opened;  /* by section: it was read from */
    spare *spare;     /* NULL: there is none, or somebody has it */
};

static ns_status open_shared(ns__store *store, ns_error *err)
{
    struct ns__store_models *models = ns__zalloc(1, sizeof *models);
    store->models = models;
    if (models == NULL)
        return ns__no_memory(err);
    models->kept = ns__zalloc(store->model_count, sizeof *models->kept);
    models->opened = ns__zalloc(store->model_count, sizeof *models->opened);
    return models->kept && models->opened ? NS_OK : ns__no_memory(err);
}

static void close_spare(spare *of)
{
    if (of != NULL)
        ns__model_close(of->model);
    ns__free(of);
}

static void close_shared(ns__store *store)
{
    struct ns__store_models *models = store->models;
    if (models == NULL)
        return;
    for (uint32_t i = 0; models->kept && i < store->model_count; i++)
        ns__model_close(models->kept[i]);
    close_spare(models->spare);
    ns__free(models->kept);
    ns__free(models->opened);
    ns__free(models);
}

/* *model may be one to be made anew. */
static ns_status open_model(const ns__store *store, ns__str table, ns__model **model, ns_error *err)
{
    NS_TRY(ns__model_open(table, model, err));
    if (*model == NULL)
        return ns__frame_corrupt(store->frame, table.data, err,
                                 "a model of the stored text is damaged");
    return NS_OK;
}

/* Two threads may open a model at the same time: the first to be done wins. */
static ns_status keep_model(const ns__store *store, uint32_t section, ns__str table,
                            const ns__model **out, ns_error *err)
{
    ns__model *model = NULL, *none = NULL;
    NS_TRY(open_model(store, table, &model, err));
    if (!__atomic_compare_exchange_n(&store->models->kept[section], &none, model, false,
                                     __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        ns__model_close(model);
        model = none;
    }
    *out = model;
    return NS_OK;
}

/* The model of a block. *own is the spare one that the reader has, or NULL. */
static ns_status get_model(const ns__store *store, uint32_t block, spare **own,
                           const ns__model **out, ns_error *err)
{
    ns__str table;
    uint32_t section = section_of(store, block);
    NS_TRY(find_table(store, &section, &table, err));
    struct ns__store_models *models = store->models;
    *out = __atomic_load_n(&models->kept[section], __ATOMIC_ACQUIRE);
    if (*out != NULL)
        return NS_OK;
    if (*own == NULL)
        *own = __atomic_exchange_n(&models->spare, NULL, __ATOMIC_ACQ_REL);
    if (*own == NULL && (*own = ns__zalloc(1, sizeof **own)) == NULL)
        return ns__no_memory(err);
    if ((*own)->model == NULL || (*own)->section != section) {
        if (__atomic_exchange_n(&models->opened[section], 1, __ATOMIC_RELAXED))
            return keep_model(store, section, table, out, err);
        NS_TRY(open_model(store, table, &(*own)->model, err));
        (*own)->section = section;
    }
    *out = (*own)->model;
    return NS_OK;
}

/* Leaves the spare model to the next reader. */
static void hand_back(const ns__store *store, spare *own)
{
    spare *none = NULL;
    if (own != NULL && !__atomic_compare_exchange_n(&store->models->spare, &none, own, false,
                                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
        close_spare(own);
}

/* ---- Opening ---- */

static ns_status check_offsets(ns__store *store, uint32_t codec, ns_error *err)
{
    uint64_t items = store->offsets.length / 8, blocks = store->blocks;
    uint64_t models = items - blocks - 1;
    bool good = store->offsets.length % 8 == 0 && items > blocks;
    if (good && codec == CODEC_ZLIB)
        good = models == 0 && store->section_blocks == 0;
    if (good && codec == CODEC_MODEL) {
        good = models > 0 && store->section_blocks > 0 &&
               (models - 1) * store->section_blocks < blocks;
        store->model_count = (uint32_t)models;
    }
    if (!good)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "the stored text has another number of block offsets than blocks");
    if (ns__get_u64(store->offsets.data) != 0 ||
        ns__get_u64(store->offsets.data + 8 * (items - 1)) != store->data.length)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "the blocks of stored text do not fill their section");
    return NS_OK;
}

ns_status ns__store_open(const ns__frame *frame, ns__store *out, ns_error *err)
{
    ns__str head;
    *out = (ns__store){.frame = frame};
    NS_TRY(ns__frame_find(frame, SECTION_HEAD, &head, err));
    NS_TRY(ns__frame_find(frame, SECTION_OFFSETS, &out->offsets, err));
    NS_TRY(ns__frame_find(frame, SECTION_DATA, &out->data, err));
    ns__cur cur = ns__cur_of(head.data, head.length);
    out->length = ns__cur_u64(&cur);
    out->block_bytes = ns__cur_u32(&cur);
    out->blocks = ns__cur_u32(&cur);
    uint32_t codec = ns__cur_u32(&cur);
    out->section_blocks = ns__cur_u32(&cur);
    if (cur.bad || ns__cur_left(&cur) != 0)
        return ns__frame_corrupt(frame, head.data, err, "the head of the stored text is malformed");
    if (codec != CODEC_ZLIB && codec != CODEC_MODEL)
        return ns__fail_at(err, NS_ERR_VERSION, frame->path,
                           (uint64_t)(head.data - frame->map.data),
                           "the stored text uses codec %u, which this version does not know; use "
                           "the version that wrote it, or index anew",
                           codec);
    if (out->block_bytes == 0 || out->block_bytes > MAX_BLOCK_BYTES ||
        out->length > (uint64_t)out->blocks * out->block_bytes ||
        (out->blocks > 0 && out->length <= (uint64_t)(out->blocks - 1) * out->block_bytes))
        return ns__frame_corrupt(frame, head.data, err,
                                 "length and blocks of the stored text contradict each other");
    NS_TRY(check_offsets(out, codec, err));
    return out->model_count > 0 ? open_shared(out, err) : NS_OK;
}

void ns__store_close(ns__store *store)
{
    close_shared(store);
    *store = (ns__store){0};
}

/* ---- Reading ---- */

/* What is needed to read blocks, one after the other. */
typedef struct block_reader {
    const ns__store *store;
    ns__inflater *inflater; /* or NULL */
    spare *own;             /* a model of its own, or NULL */
    ns__buf plain;
} block_reader;

static ns_status inflate_block(block_reader *reader, ns__str stream, uint8_t *into, uint32_t all,
                               bool *good, ns_error *err)
{
    if (reader->inflater == NULL)
        NS_TRY(ns__inflater_open(&reader->inflater, err));
    *good = ns__inflater_run(reader->inflater, stream, into, all);
    return NS_OK;
}

/* The first `length` bytes of a block into `into`, where `all` of its bytes fit. */
static ns_status restore_block(block_reader *reader, uint32_t block, uint8_t *into, uint32_t length,
                               uint32_t all, ns_error *err)
{
    const ns__store *store = reader->store;
    ns__str stream;
    bool good = false;
    NS_TRY(get_block(store, block, &stream, err));
    if (store->model_count == 0) {
        NS_TRY(inflate_block(reader, stream, into, all, &good, err));
    } else if (stream.data[0] == BLOCK_ZLIB) {
        stream = (ns__str){stream.data + 1, stream.length - 1};
        NS_TRY(inflate_block(reader, stream, into, all, &good, err));
    } else if (stream.data[0] == BLOCK_MODEL && stream.length >= BLOCK_HEAD) {
        const ns__model *model = NULL;
        ns__str codes = {stream.data + BLOCK_HEAD, stream.length - BLOCK_HEAD};
        NS_TRY(get_model(store, block, &reader->own, &model, err));
        good = libdeflate_crc32(0, codes.data, codes.length) == ns__get_u32(stream.data + 1) &&
               ns__model_decode(model, codes, into, length, length == all);
    }
    return good ? NS_OK
                : ns__frame_corrupt(store->frame, stream.data, err,
                                    "a block of stored text cannot be decompressed");
}

/* Bytes [from, to) of one block, appended to *into. A whole block needs no copy. */
static ns_status read_block(block_reader *reader, uint32_t block, uint32_t from, uint32_t to,
                            ns__buf *into, ns_error *err)
{
    uint32_t length = block_length(reader->store, block);
    bool whole = from == 0 && to == length;
    ns__buf *target = whole ? into : &reader->plain;
    if (!whole)
        ns__buf_clear(target);
    if (!ns__buf_reserve(target, length))
        return ns__no_memory(err);
    NS_TRY(restore_block(reader, block, target->data + target->length, to, length, err));
    if (whole)
        into->length += length;
    else
        ns__buf_append(into, target->data + from, to - from);
    return into->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__store_read(const ns__store *store, uint64_t offset, uint64_t length, ns__buf *into,
                         ns_error *err)
{
    uint64_t end;
    if (!ns__add_u64(offset, length, &end) || end > store->length)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "a record lies outside of the stored text");
    if (length == 0)
        return NS_OK;
    block_reader reader = {.store = store};
    ns_status status = NS_OK;
    while (offset < end && status == NS_OK) {
        uint32_t block = (uint32_t)(offset / store->block_bytes);
        uint64_t base = (uint64_t)block * store->block_bytes;
        uint64_t stop = base + block_length(store, block);
        if (stop > end)
            stop = end;
        status = read_block(&reader, block, (uint32_t)(offset - base), (uint32_t)(stop - base),
                            into, err);
        offset = stop;
    }
    ns__buf_release(&reader.plain);
    hand_back(store, reader.own);
    if (reader.inflater)
        ns__inflater_close(reader.inflater);
    return status;
}
