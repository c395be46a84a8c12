/* Strings in compressed blocks: see zstrings.h. */
#include "codec/zstrings.h"

#include "codec/bitpack.h"
#include "codec/numbered.h"

enum {
    BLOCK_PLAIN = 0,
    BLOCK_DEFLATED = 1,
    BLOCK_NUMBERED = 2,
    LEVEL = 9,
    DEFLATE_MOST = 1032 /* times its bytes: no stream becomes longer (RFC 1951) */
};

/* ---- Writing ---- */

/* Puts the block as a prefix and numbers, if it is that. */
static bool put_numbered(const ns__buf *block, ns__buf *data)
{
    ns__str strings[NS_ZSTRINGS_BLOCK];
    ns__cur cur = ns__cur_of(block->data, block->length);
    size_t count = 0;
    while (ns__cur_left(&cur) > 0)
        strings[count++] = ns__cur_str(&cur);
    const size_t start = data->length;
    ns__buf_u8(data, BLOCK_NUMBERED);
    if (ns__numbered_encode(strings, count, data))
        return true;
    data->length = start;
    return false;
}

static ns_status put_deflated(ns__zstrings_writer *writer, ns_error *err)
{
    ns__buf *data = &writer->data, *block = &writer->block;
    const size_t start = data->length;
    if (writer->deflater == NULL)
        NS_TRY(ns__deflater_open(LEVEL, &writer->deflater, err));
    ns__buf_u8(data, BLOCK_DEFLATED);
    ns__buf_varint(data, block->length);
    NS_TRY(ns__deflater_run(writer->deflater, (ns__str){block->data, block->length}, data, err));
    if (!data->failed && data->length - start > block->length) {
        data->length = start;
        ns__buf_u8(data, BLOCK_PLAIN);
        ns__buf_append(data, block->data, block->length);
    }
    return NS_OK;
}

static ns_status flush_block(ns__zstrings_writer *writer, ns_error *err)
{
    ns__buf *data = &writer->data;
    if (data->length > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "the ids of a segment take more than 4 GiB");
    ns__buf_u32(&writer->offsets, (uint32_t)data->length);
    if (!put_numbered(&writer->block, data))
        NS_TRY(put_deflated(writer, err));
    ns__buf_clear(&writer->block);
    return data->failed || writer->offsets.failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__zstrings_add(ns__zstrings_writer *writer, ns__str text, ns_error *err)
{
    if (writer->count == UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "too many strings for one table");
    ns__buf_varint(&writer->block, text.length);
    if (text.length > 0)
        ns__buf_append(&writer->block, text.data, text.length);
    if (writer->block.failed)
        return ns__no_memory(err);
    return ++writer->count % NS_ZSTRINGS_BLOCK == 0 ? flush_block(writer, err) : NS_OK;
}

ns_status ns__zstrings_finish(ns__zstrings_writer *writer, ns__buf *out, ns_error *err)
{
    ns_status status = NS_OK;
    if (writer->count % NS_ZSTRINGS_BLOCK != 0)
        status = flush_block(writer, err);
    ns__buf_u32(out, writer->count);
    if (status == NS_OK && writer->count > 0) {
        ns__buf_append(out, writer->offsets.data, writer->offsets.length);
        ns__buf_append(out, writer->data.data, writer->data.length);
    }
    ns__zstrings_release(writer);
    if (status == NS_OK && out->failed)
        return ns__no_memory(err);
    return status;
}

void ns__zstrings_release(ns__zstrings_writer *writer)
{
    ns__buf_release(&writer->data);
    ns__buf_release(&writer->offsets);
    ns__buf_release(&writer->block);
    ns__deflater_close(writer->deflater);
    *writer = (ns__zstrings_writer){0};
}

/* ---- Reading ---- */

static uint32_t block_count(uint32_t count)
{
    return count / NS_ZSTRINGS_BLOCK + (count % NS_ZSTRINGS_BLOCK != 0);
}

bool ns__zstrings_open(ns__str bytes, ns__zstrings *out)
{
    ns__cur cur = ns__cur_of(bytes.data, bytes.length);
    out->count = ns__cur_u32(&cur);
    out->offsets = ns__cur_take(&cur, (size_t)block_count(out->count) * 4);
    out->data = cur.at;
    out->end = cur.end;
    return !cur.bad;
}

/* Strings of a block. */
static uint32_t size_of_block(const ns__zstrings *strings, uint32_t number)
{
    const uint32_t left = strings->count - number * NS_ZSTRINGS_BLOCK;
    return left < NS_ZSTRINGS_BLOCK ? left : NS_ZSTRINGS_BLOCK;
}

/* The bytes of a block as they stand: one or more; none where it is damaged. */
static inline ns__str find_block(const ns__zstrings *strings, uint32_t number)
{
    const size_t length = (size_t)(strings->end - strings->data);
    const uint8_t *at = strings->offsets + 4 * (size_t)number;
    const uint32_t start = ns__get_u32(at);
    size_t end = number + 1 < block_count(strings->count) ? ns__get_u32(at + 4) : length;
    if (end > length || start >= end)
        return (ns__str){0};
    return (ns__str){strings->data + start, end - start};
}

/* What stands behind the form. */
static inline ns__str body_of(ns__str block)
{
    return (ns__str){block.data + 1, block.length - 1};
}

static bool inflate(ns__zstrings_reader *reader, ns__str body)
{
    ns__cur from = ns__cur_of(body.data, body.length);
    const uint64_t plain = ns__cur_varint(&from);
    const size_t left = ns__cur_left(&from);
    if (from.bad || plain > (uint64_t)left * DEFLATE_MOST || plain == 0)
        return false;
    if (reader->inflater == NULL && ns__inflater_open(&reader->inflater, NULL) < 0) {
        reader->block.failed = true;
        return false;
    }
    if (!ns__buf_reserve(&reader->block, (size_t)plain))
        return false;
    reader->block.length = (size_t)plain;
    return ns__inflater_run(reader->inflater, (ns__str){from.at, left}, reader->block.data,
                            (size_t)plain);
}

/* The strings of a block of the other two forms. It is known by its bytes: where a table's struct
 * lies another's may come to lie. */
static bool load_block(ns__str from, ns__zstrings_reader *reader)
{
    const uint8_t form = from.data[0];
    const ns__str body = body_of(from);
    if (reader->from == from.data)
        return true;
    reader->from = NULL;
    ns__buf_clear(&reader->block);
    if (form == BLOCK_PLAIN)
        ns__buf_append(&reader->block, body.data, body.length);
    else if (form != BLOCK_DEFLATED || !inflate(reader, body))
        return false;
    if (reader->block.failed)
        return false;
    reader->from = from.data;
    return true;
}

/* The string of an open block. */
static bool take(const ns__buf *block, uint32_t index, ns__buf *into)
{
    ns__cur cur = ns__cur_of(block->data, block->length);
    ns__str text = {0};
    for (uint32_t i = 0; i <= index % NS_ZSTRINGS_BLOCK; i++)
        text = ns__cur_str(&cur);
    if (cur.bad)
        return false;
    if (text.length > 0)
        ns__buf_append(into, text.data, text.length);
    return !into->failed;
}

static bool get(const ns__zstrings *strings, uint32_t index, ns__zstrings_reader *reader,
                ns__buf *into)
{
    const uint32_t number = index / NS_ZSTRINGS_BLOCK;
    ns__buf_clear(into);
    if (index >= strings->count)
        return false;
    const ns__str block = find_block(strings, number);
    if (block.length == 0)
        return false;
    if (block.data[0] == BLOCK_NUMBERED)
        return ns__numbered_get(body_of(block), size_of_block(strings, number),
                                index % NS_ZSTRINGS_BLOCK, into);
    if (!load_block(block, reader)) {
        into->failed |= reader->block.failed;
        return false;
    }
    return take(&reader->block, index, into);
}

void ns__zstrings_fetch_place(const ns__zstrings *strings, uint32_t index)
{
    if (index < strings->count)
        __builtin_prefetch(strings->offsets + 4 * (size_t)(index / NS_ZSTRINGS_BLOCK));
}

void ns__zstrings_fetch(const ns__zstrings *strings, uint32_t index)
{
    if (index >= strings->count)
        return;
    const uint32_t start = ns__get_u32(strings->offsets + 4 * (size_t)(index / NS_ZSTRINGS_BLOCK));
    if (start < (size_t)(strings->end - strings->data))
        __builtin_prefetch(strings->data + start);
}

size_t ns__zstrings_copy_numbered(const ns__zstrings *strings, uint32_t index, uint8_t *out,
                                  size_t room)
{
    const uint32_t number = index / NS_ZSTRINGS_BLOCK;
    if (index >= strings->count)
        return 0;
    const ns__str block = find_block(strings, number);
    if (block.length == 0 || block.data[0] != BLOCK_NUMBERED)
        return 0;
    return ns__numbered_copy(body_of(block), size_of_block(strings, number),
                             index % NS_ZSTRINGS_BLOCK, out, room);
}

bool ns__zstrings_get(const ns__zstrings *strings, uint32_t index, ns__zstrings_reader *reader,
                      ns__buf *into)
{
    ns__zstrings_reader once = {0};
    bool good = get(strings, index, reader ? reader : &once, into);
    ns__zstrings_reader_release(&once);
    return good;
}

bool ns__zstrings_peek(ns__zstrings_writer *writer, uint32_t index, ns__buf *into)
{
    const uint32_t full = writer->count / NS_ZSTRINGS_BLOCK * NS_ZSTRINGS_BLOCK;
    ns__buf_clear(into);
    if (index >= writer->count)
        return false;
    if (index >= full)
        return take(&writer->block, index, into);
    if (!ns__buf_reserve(&writer->data, NS_PACK_SLACK)) {
        into->failed = true;
        return false;
    }
    memset(writer->data.data + writer->data.length, 0, NS_PACK_SLACK);
    const ns__zstrings strings = {writer->offsets.data, writer->data.data,
                                  writer->data.data + writer->data.length, full};
    return ns__zstrings_get(&strings, index, NULL, into);
}

void ns__zstrings_reader_release(ns__zstrings_reader *reader)
{
    ns__buf_release(&reader->block);
    ns__inflater_close(reader->inflater);
    *reader = (ns__zstrings_reader){0};
}
