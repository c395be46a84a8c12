/* Stored text: see store.h.
 *
 *   head  u64 length of the stream, u32 bytes of a block before compression, u32 blocks,
 *         u32 codec (1: zlib), u32 id of the preset dictionary (0: none)
 *   offs  u64[blocks + 1]: where each block's zlib stream begins in data, and where the last ends
 *   data  the streams, one behind the other */
#include "segment/store.h"

#include "base/num.h"

#define SECTION_HEAD NS_FOURCC('h', 'e', 'a', 'd')
#define SECTION_OFFSETS NS_FOURCC('o', 'f', 'f', 's')
#define SECTION_DATA NS_FOURCC('d', 'a', 't', 'a')

enum { CODEC_ZLIB = 1, NO_DICTIONARY = 0, MAX_BLOCK_BYTES = 16 << 20 };

/* No zlib stream is longer than this many times its bytes: a cap on what a hostile file can make
 * a reader allocate. */
enum { MAX_RATIO = 1032 };

struct ns__store_writer {
    ns__frame_writer *frame;
    ns__deflater *deflater;
    ns__buf block, compressed, offsets;
    uint64_t length, written;
    uint32_t block_bytes, blocks;
};

ns_status ns__store_writer_open(ns__frame_writer *frame, int level, uint32_t block_bytes,
                                ns__store_writer **out, ns_error *err)
{
    if (block_bytes == 0 || block_bytes > MAX_BLOCK_BYTES)
        return ns__fail(err, NS_ERR_ARGUMENT, "stored text cannot have blocks of %u bytes",
                        block_bytes);
    ns__store_writer *writer = ns__zalloc(1, sizeof *writer);
    if (writer == NULL)
        return ns__no_memory(err);
    writer->frame = frame;
    writer->block_bytes = block_bytes;
    ns_status status = ns__deflater_open(level, &writer->deflater, err);
    if (status < 0) {
        ns__free(writer);
        return status;
    }
    ns__frame_section(frame, SECTION_DATA);
    *out = writer;
    return NS_OK;
}

static ns_status end_block(ns__store_writer *writer, ns_error *err)
{
    ns__buf_clear(&writer->compressed);
    NS_TRY(ns__deflater_run(writer->deflater, (ns__str){writer->block.data, writer->block.length},
                            &writer->compressed, err));
    ns__buf_u64(&writer->offsets, writer->written);
    ns__frame_append(writer->frame, writer->compressed.data, writer->compressed.length);
    writer->written += writer->compressed.length;
    writer->blocks++;
    ns__buf_clear(&writer->block);
    return NS_OK;
}

ns_status ns__store_append(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    while (bytes.length > 0) {
        size_t room = writer->block_bytes - writer->block.length;
        size_t part = bytes.length < room ? bytes.length : room;
        ns__buf_append(&writer->block, bytes.data, part);
        if (writer->block.failed)
            return ns__no_memory(err);
        writer->length += part;
        bytes.data += part;
        bytes.length -= part;
        if (writer->block.length == writer->block_bytes)
            NS_TRY(end_block(writer, err));
    }
    return NS_OK;
}

uint64_t ns__store_length(const ns__store_writer *writer)
{
    return writer->length;
}

static ns_status finish(ns__store_writer *writer, ns_error *err)
{
    if (writer->block.length > 0)
        NS_TRY(end_block(writer, err));
    ns__buf_u64(&writer->offsets, writer->written);
    ns__buf head = {0};
    ns__buf_u64(&head, writer->length);
    ns__buf_u32(&head, writer->block_bytes);
    ns__buf_u32(&head, writer->blocks);
    ns__buf_u32(&head, CODEC_ZLIB);
    ns__buf_u32(&head, NO_DICTIONARY);
    bool failed = head.failed || writer->offsets.failed;
    if (!failed) {
        ns__frame_section(writer->frame, SECTION_HEAD);
        ns__frame_append(writer->frame, head.data, head.length);
        ns__frame_section(writer->frame, SECTION_OFFSETS);
        ns__frame_append(writer->frame, writer->offsets.data, writer->offsets.length);
    }
    ns__buf_release(&head);
    return failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__store_writer_finish(ns__store_writer *writer, ns_error *err)
{
    ns_status status = finish(writer, err);
    ns__store_writer_free(writer);
    return status;
}

void ns__store_writer_free(ns__store_writer *writer)
{
    if (writer == NULL)
        return;
    ns__deflater_close(writer->deflater);
    ns__buf_release(&writer->block);
    ns__buf_release(&writer->compressed);
    ns__buf_release(&writer->offsets);
    ns__free(writer);
}

/* ---- Reading ---- */

/* Bytes of a block before compression. */
static uint32_t block_length(const ns__store *store, uint32_t block)
{
    if (block + 1 < store->blocks)
        return store->block_bytes;
    return (uint32_t)(store->length - (uint64_t)block * store->block_bytes);
}

static ns_status check_offsets(const ns__store *store, ns_error *err)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i <= store->blocks; i++) {
        const uint8_t *at = store->offsets.data + 8 * (size_t)i;
        uint64_t offset = ns__get_u64(at);
        bool ordered = i == 0 ? offset == 0 : offset > last;
        if (!ordered || offset > store->data.length)
            return ns__frame_corrupt(store->frame, at, err,
                                     "the offset of a block of stored text is out of order");
        if (i > 0 && block_length(store, i - 1) / MAX_RATIO > offset - last)
            return ns__frame_corrupt(store->frame, at, err,
                                     "a block of stored text is too short for what it holds");
        last = offset;
    }
    if (last != store->data.length)
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
    uint32_t dictionary = ns__cur_u32(&cur);
    if (cur.bad || ns__cur_left(&cur) != 0)
        return ns__frame_corrupt(frame, head.data, err, "the head of the stored text is malformed");
    if (codec != CODEC_ZLIB || dictionary != NO_DICTIONARY)
        return ns__fail_at(err, NS_ERR_VERSION, frame->path,
                           (uint64_t)(head.data - frame->map.data),
                           "the stored text uses codec %u with dictionary %u, which this version "
                           "does not know; use the version that wrote it, or index anew",
                           codec, dictionary);
    if (out->block_bytes == 0 || out->block_bytes > MAX_BLOCK_BYTES ||
        out->length > (uint64_t)out->blocks * out->block_bytes ||
        (out->blocks > 0 && out->length <= (uint64_t)(out->blocks - 1) * out->block_bytes))
        return ns__frame_corrupt(frame, head.data, err,
                                 "length and blocks of the stored text contradict each other");
    if (out->offsets.length != 8 * ((uint64_t)out->blocks + 1))
        return ns__frame_corrupt(frame, out->offsets.data, err,
                                 "the stored text has another number of block offsets than blocks");
    return check_offsets(out, err);
}

/* Bytes [from, to) of one block, appended to *into. A whole block needs no copy. */
static ns_status read_block(const ns__store *store, ns__inflater *inflater, uint32_t block,
                            uint32_t from, uint32_t to, ns__buf *scratch, ns__buf *into,
                            ns_error *err)
{
    const uint8_t *entry = store->offsets.data + 8 * (size_t)block;
    uint64_t start = ns__get_u64(entry), end = ns__get_u64(entry + 8);
    ns__str stream = {store->data.data + start, (size_t)(end - start)};
    uint32_t length = block_length(store, block);
    bool whole = from == 0 && to == length;
    ns__buf *target = whole ? into : scratch;
    if (!whole)
        ns__buf_clear(scratch);
    if (!ns__buf_reserve(target, length))
        return ns__no_memory(err);
    if (!ns__inflater_run(inflater, stream, target->data + target->length, length))
        return ns__frame_corrupt(store->frame, stream.data, err,
                                 "a block of stored text cannot be decompressed");
    if (whole)
        into->length += length;
    else
        ns__buf_append(into, scratch->data + from, to - from);
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
    ns__inflater *inflater;
    ns__buf scratch = {0};
    NS_TRY(ns__inflater_open(&inflater, err));
    ns_status status = NS_OK;
    while (offset < end && status == NS_OK) {
        uint32_t block = (uint32_t)(offset / store->block_bytes);
        uint64_t base = (uint64_t)block * store->block_bytes;
        uint64_t stop = base + block_length(store, block);
        if (stop > end)
            stop = end;
        status = read_block(store, inflater, block, (uint32_t)(offset - base),
                            (uint32_t)(stop - base), &scratch, into, err);
        offset = stop;
    }
    ns__buf_release(&scratch);
    ns__inflater_close(inflater);
    return status;
}
