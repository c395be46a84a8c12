/* Reading stored text: see store.h. */
#include <libdeflate.h>

#include "base/num.h"
#include "segment/store_parts.h"
#include "text/utf8.h"

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

uint64_t ns__store_item_start(const ns__store *store, uint64_t item)
{
    const uint8_t *sections = store->offsets.data;
    if (store->model_count == 0)
        return ns__get_u64(sections + 8 * item);
    const uint64_t last = store->model_count - 1, items = store->section_blocks + (uint64_t)1;
    const uint64_t section = item / items < last ? item / items : last;
    const uint64_t place = item - section * items; /* 0: the model */
    const uint64_t block = section * store->section_blocks + place - 1;
    if (place > 0 && block == store->blocks)
        return ns__get_u64(sections + 8 * (last + 1));
    const uint8_t *starts = sections + 8 * (last + 2);
    return ns__get_u64(sections + 8 * section) + (place > 0 ? ns__get_u32(starts + 4 * block) : 0);
}

/* That of a model may be empty. */
static ns_status get_item(const ns__store *store, uint64_t item, ns__str *out, ns_error *err)
{
    uint64_t start = ns__store_item_start(store, item), end = ns__store_item_start(store, item + 1);
    if (start > end || end > store->data.length)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
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

/* ---- Opening ---- */

static ns_status check_offsets(ns__store *store, uint32_t codec, ns_error *err)
{
    const uint64_t blocks = store->blocks, length = store->offsets.length;
    uint64_t items = blocks;
    bool good = length == 8 * (blocks + 1) && store->section_blocks == 0;
    if (codec == CODEC_MODEL) {
        const uint64_t left = length > 4 * blocks ? length - 4 * blocks : 0, models = left / 8 - 1;
        good = left % 8 == 0 && left > 8 && store->section_blocks > 0 && models <= blocks &&
               (models - 1) * store->section_blocks < blocks;
        store->model_count = good ? (uint32_t)models : 0;
        items += models;
    }
    if (!good)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "the stored text has another number of block offsets than blocks");
    if (ns__store_item_start(store, 0) != 0 ||
        ns__store_item_start(store, items) != store->data.length)
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
    if (codec == CODEC_OLD_MODEL || codec == CODEC_OLD_BLOCKS)
        return ns__fail_at(err, NS_ERR_VERSION, frame->path,
                           (uint64_t)(head.data - frame->map.data),
                           "the stored text was coded by an earlier version of ns, in a way that "
                           "this one does not know; index anew");
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
    return check_offsets(out, codec, err);
}

void ns__store_close(ns__store *store)
{
    *store = (ns__store){0};
}

/* ---- Reading ---- */

/* What is needed to read blocks, one after the other. */
typedef struct block_reader {
    const ns__store *store;
    ns__inflater *inflater; /* or NULL */
    bool has_model;
    uint32_t section; /* whose model it is */
    ns__model model;
    ns__buf plain;
} block_reader;

static ns_status open_model(block_reader *reader, uint32_t block, ns_error *err)
{
    const ns__store *store = reader->store;
    uint32_t section = section_of(store, block);
    ns__str table;
    if (reader->has_model && reader->section == section)
        return NS_OK;
    reader->section = section;
    NS_TRY(find_table(store, &section, &table, err));
    reader->has_model = ns__model_open(table, &reader->model);
    if (!reader->has_model)
        return ns__frame_corrupt(store->frame, table.data, err,
                                 "a model of the stored text is damaged");
    return NS_OK;
}

static ns_status block_is_bad(const block_reader *reader, ns__str stream, ns_error *err)
{
    return ns__frame_corrupt(reader->store->frame, stream.data, err,
                             "a block of stored text cannot be decompressed");
}

/* Bytes [from, to) of a block of `length` bytes that is a zlib stream, appended to *into. A whole
 * block needs no copy. */
static ns_status inflate_range(block_reader *reader, ns__str stream, uint32_t length, uint32_t from,
                               uint32_t to, ns__buf *into, ns_error *err)
{
    const bool whole = from == 0 && to == length;
    ns__buf *target = whole ? into : &reader->plain;
    if (reader->inflater == NULL)
        NS_TRY(ns__inflater_open(&reader->inflater, err));
    if (!whole)
        ns__buf_clear(target);
    if (!ns__buf_reserve(target, length))
        return ns__no_memory(err);
    if (!ns__inflater_run(reader->inflater, stream, target->data + target->length, length))
        return block_is_bad(reader, stream, err);
    if (whole)
        into->length += length;
    else
        ns__buf_append(into, target->data + from, to - from);
    return into->failed ? ns__no_memory(err) : NS_OK;
}

/* Takes the next part's codes from what is left of a block; the last part has all of it. */
static bool take_part(ns__cur *sizes, ns__str *codes, ns__str *out)
{
    const size_t length = ns__cur_left(sizes) > 0 ? ns__cur_u16(sizes) : codes->length;
    if (length > codes->length)
        return false;
    *out = (ns__str){codes->data, length};
    *codes = (ns__str){codes->data + length, codes->length - length};
    return true;
}

/* Bytes [from, to) of a block of `length` bytes from its parts, which have room behind `out`. */
static bool decode_parts(ns__model *model, ns__str coded, uint32_t length, uint32_t from,
                         uint32_t to, uint8_t *out)
{
    const size_t sizes_bytes = 2 * (size_t)((length - 1) / PART_BYTES);
    if (coded.length < sizes_bytes)
        return false;
    ns__cur sizes = ns__cur_of(coded.data, sizes_bytes);
    ns__str codes = {coded.data + sizes_bytes, coded.length - sizes_bytes}, part;
    for (uint32_t start = 0, end; start < to; start = end) {
        end = length - start < PART_BYTES ? length : start + PART_BYTES;
        if (!take_part(&sizes, &codes, &part))
            return false;
        if (end <= from)
            continue;
        const uint32_t first = from > start ? from : start, stop = to < end ? to : end;
        if (!ns__model_decode(model, part, first - start, out, stop - first, stop == end))
            return false;
        out += stop - first;
    }
    return true;
}

/* The same of a block that is coded by a model. */
static ns_status decode_range(block_reader *reader, ns__str stream, uint32_t length, uint32_t from,
                              uint32_t to, ns__buf *into, ns_error *err)
{
    ns__str coded = {stream.data + BLOCK_HEAD, stream.length - BLOCK_HEAD};
    if (!ns__buf_reserve(into, to - from))
        return ns__no_memory(err);
    if (libdeflate_crc32(0, coded.data, coded.length) != ns__get_u32(stream.data + 1) ||
        !decode_parts(&reader->model, coded, length, from, to, into->data + into->length))
        return block_is_bad(reader, stream, err);
    into->length += to - from;
    return NS_OK;
}

static ns_status read_block(block_reader *reader, uint32_t block, uint32_t from, uint32_t to,
                            ns__buf *into, ns_error *err)
{
    const ns__store *store = reader->store;
    const uint32_t length = block_length(store, block);
    ns__str stream;
    NS_TRY(get_block(store, block, &stream, err));
    if (store->model_count == 0)
        return inflate_range(reader, stream, length, from, to, into, err);
    if (stream.data[0] == BLOCK_ZLIB) {
        stream = (ns__str){stream.data + 1, stream.length - 1};
        return inflate_range(reader, stream, length, from, to, into, err);
    }
    if (stream.data[0] != BLOCK_MODEL || stream.length < BLOCK_HEAD)
        return block_is_bad(reader, stream, err);
    NS_TRY(open_model(reader, block, err));
    return decode_range(reader, stream, length, from, to, into, err);
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
    block_reader reader;
    reader.store = store;
    reader.inflater = NULL;
    reader.has_model = false;
    reader.plain = (ns__buf){0};
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
    if (reader.inflater)
        ns__inflater_close(reader.inflater);
    return status;
}

ns_status ns__store_check_text(const ns__store *store, ns__str text, ns_error *err)
{
    if (ns__utf8_valid_prefix(text) == text.length)
        return NS_OK;
    return ns__frame_corrupt(store->frame, store->data.data, err, "stored text is not valid UTF-8");
}

ns_status ns__store_check_models(const ns__store *store, ns_error *err)
{
    for (uint32_t section = 0; section < store->model_count; section++) {
        uint32_t own = section;
        ns__model model;
        ns__str table;
        NS_TRY(find_table(store, &own, &table, err));
        if (own == section && !(ns__model_open(table, &model) && ns__model_check(&model)))
            return ns__frame_corrupt(store->frame, table.data, err,
                                     "a model of the stored text is damaged");
    }
    return NS_OK;
}
