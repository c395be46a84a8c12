/* Reading stored text: see store.h. */
#include "base/num.h"
#include "segment/store_parts.h"

/* No zlib stream is longer than this many times its bytes: a cap on what a hostile file can make
 * a reader allocate. Of two such bytes a word can be made. */
enum { MAX_RATIO = 1032 };

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
    const uint32_t most = MAX_RATIO * (store->has_words ? NS_WORD_BYTES / 2 : 1);
    for (uint32_t i = 0; i <= store->blocks; i++) {
        const uint8_t *at = store->offsets.data + 8 * (size_t)i;
        uint64_t offset = ns__get_u64(at);
        bool ordered = i == 0 ? offset == 0 : offset > last;
        if (!ordered || offset > store->data.length)
            return ns__frame_corrupt(store->frame, at, err,
                                     "the offset of a block of stored text is out of order");
        if (i > 0 && block_length(store, i - 1) / most > offset - last)
            return ns__frame_corrupt(store->frame, at, err,
                                     "a block of stored text is too short for what it holds");
        last = offset;
    }
    if (last != store->data.length)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "the blocks of stored text do not fill their section");
    return NS_OK;
}

static ns_status open_words(ns__store *store, uint32_t id, ns_error *err)
{
    ns__str table;
    NS_TRY(ns__frame_find(store->frame, SECTION_WORDS, &table, err));
    store->has_words = ns__words_open(table, &store->words);
    if (!store->has_words || ns__words_id(table) != id)
        return ns__frame_corrupt(store->frame, table.data, err,
                                 "the table of words of the stored text is damaged");
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
    if (!(codec == CODEC_ZLIB && dictionary == 0) && codec != CODEC_ZLIB_WORDS)
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
    if (codec == CODEC_ZLIB_WORDS)
        NS_TRY(open_words(out, dictionary, err));
    return check_offsets(out, err);
}

/* What is needed to read blocks, one after the other. */
typedef struct block_reader {
    const ns__store *store;
    ns__inflater *inflater;
    ns__buf coded, plain;
} block_reader;

/* The first `length` bytes of a block into `into`; `all` of its bytes fit there. */
static bool restore_block(block_reader *reader, ns__str stream, uint8_t *into, uint32_t length,
                          uint32_t all, bool *failed)
{
    if (!reader->store->has_words)
        return ns__inflater_run(reader->inflater, stream, into, all);
    ns__buf *coded = &reader->coded;
    ns__buf_clear(coded);
    *failed = !ns__buf_reserve(coded, 2 * (size_t)all);
    size_t made = 0;
    return !*failed &&
           ns__inflater_run_most(reader->inflater, stream, coded->data, 2 * (size_t)all, &made) &&
           ns__words_restore(&reader->store->words, (ns__str){coded->data, made}, into, length,
                             length == all);
}

/* Bytes [from, to) of one block, appended to *into. A whole block needs no copy. */
static ns_status read_block(block_reader *reader, uint32_t block, uint32_t from, uint32_t to,
                            ns__buf *into, ns_error *err)
{
    const ns__store *store = reader->store;
    const uint8_t *entry = store->offsets.data + 8 * (size_t)block;
    uint64_t start = ns__get_u64(entry), end = ns__get_u64(entry + 8);
    ns__str stream = {store->data.data + start, (size_t)(end - start)};
    uint32_t length = block_length(store, block);
    bool whole = from == 0 && to == length, failed = false;
    ns__buf *target = whole ? into : &reader->plain;
    if (!whole)
        ns__buf_clear(target);
    if (!ns__buf_reserve(target, length))
        return ns__no_memory(err);
    if (!restore_block(reader, stream, target->data + target->length, to, length, &failed))
        return failed ? ns__no_memory(err)
                      : ns__frame_corrupt(store->frame, stream.data, err,
                                          "a block of stored text cannot be decompressed");
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
    NS_TRY(ns__inflater_open(&reader.inflater, err));
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
    ns__buf_release(&reader.coded);
    ns__buf_release(&reader.plain);
    ns__inflater_close(reader.inflater);
    return status;
}
