/* Front-coded strings with random access: see strings.h.
 *
 *   u32     count
 *   u32     offset of each block of 16 in the data, ceil(count / 16) of them
 *   data    per block: varint length and bytes of its first string, then for each other string
 *           varint bytes shared with the one before, varint length of the rest, the rest */
#include "codec/strings.h"

void ns__strings_add(ns__strings_writer *writer, ns__str text)
{
    ns__buf *data = &writer->data, *last = &writer->last;
    size_t shared = 0;
    if (data->length > UINT32_MAX || writer->count == UINT32_MAX) {
        data->failed = true; /* more than the offsets can hold */
        return;
    }
    if (writer->count % NS_STRINGS_BLOCK == 0) {
        ns__buf_u32(&writer->offsets, (uint32_t)data->length);
    } else {
        size_t most = last->length < text.length ? last->length : text.length;
        while (shared < most && last->data[shared] == text.data[shared])
            shared++;
        ns__buf_varint(data, shared);
    }
    ns__buf_varint(data, text.length - shared);
    if (text.length > shared)
        ns__buf_append(data, text.data + shared, text.length - shared);
    last->length = shared;
    if (text.length > shared)
        ns__buf_append(last, text.data + shared, text.length - shared);
    writer->count++;
}

void ns__strings_finish(ns__strings_writer *writer, ns__buf *out)
{
    if (writer->data.failed || writer->offsets.failed || writer->last.failed)
        out->failed = true;
    ns__buf_u32(out, writer->count);
    if (writer->count > 0) {
        ns__buf_append(out, writer->offsets.data, writer->offsets.length);
        ns__buf_append(out, writer->data.data, writer->data.length);
    }
    ns__strings_release(writer);
}

void ns__strings_release(ns__strings_writer *writer)
{
    ns__buf_release(&writer->data);
    ns__buf_release(&writer->offsets);
    ns__buf_release(&writer->last);
    *writer = (ns__strings_writer){0};
}

static uint32_t block_count(uint32_t count)
{
    return count / NS_STRINGS_BLOCK + (count % NS_STRINGS_BLOCK != 0);
}

bool ns__strings_open(ns__str bytes, ns__strings *out)
{
    ns__cur cur = ns__cur_of(bytes.data, bytes.length);
    out->count = ns__cur_u32(&cur);
    out->offsets = ns__cur_take(&cur, (size_t)block_count(out->count) * 4);
    out->data = cur.at;
    out->end = cur.end;
    return !cur.bad;
}

bool ns__strings_get(const ns__strings *strings, uint32_t index, ns__buf *into)
{
    ns__buf_clear(into);
    if (index >= strings->count)
        return false;
    const size_t data_length = (size_t)(strings->end - strings->data);
    const uint32_t offset = ns__get_u32(strings->offsets + index / NS_STRINGS_BLOCK * 4);
    if (offset > data_length)
        return false;
    ns__cur cur = {strings->data + offset, strings->end, false};
    for (uint32_t i = 0; i <= index % NS_STRINGS_BLOCK; i++) {
        uint64_t shared = i == 0 ? 0 : ns__cur_varint(&cur);
        ns__str rest = ns__cur_str(&cur);
        if (cur.bad || shared > into->length)
            return false;
        into->length = (size_t)shared;
        if (rest.length > 0)
            ns__buf_append(into, rest.data, rest.length);
    }
    return !into->failed;
}
