/* Front-coded tables: entries, blocks and the search in them. */
#include "segment/terms_table.h"

enum { NIBBLE = 15, ESCAPED = 15 };  /* a nibble of 15 is followed by a byte with the rest */
enum { ENTRIES_AT_ONCE = 16 << 10 }; /* bytes: a checksum of a few at a time takes longer */

/* The first 8 bytes as a number that compares as they do; shorter strings end in zeros. */
static uint64_t prefix_of(ns__str text)
{
    uint8_t bytes[8] = {0};
    memcpy(bytes, text.data, text.length < 8 ? text.length : 8);
    return __builtin_bswap64(ns__get_u64(bytes));
}

/* ---- Writing ---- */

static size_t shared_bytes(const ns__table_writer *writer, ns__str text)
{
    size_t most = text.length < writer->last_length ? text.length : writer->last_length;
    size_t shared = 0;
    while (shared < most && text.data[shared] == writer->last[shared])
        shared++;
    return shared;
}

static void put_escape(ns__buf *out, size_t length)
{
    if (length >= ESCAPED)
        ns__buf_u8(out, (uint8_t)(length - ESCAPED));
}

ns_status ns__table_begin(ns__table_writer *writer, ns__str text, ns_error *err)
{
    const ns__str last = {writer->last, writer->last_length};
    if (text.length == 0 || text.length > NS_MAX_TERM_BYTES)
        return ns__fail(err, NS_ERR_ARGUMENT, "a term of %zu bytes", text.length);
    if (writer->count > 0 && ns__str_compare(text, last) <= 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "terms are out of order");
    if (writer->count == UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "more than 2^32 - 1 terms in a segment");
    size_t shared = shared_bytes(writer, text);
    if (writer->count % NS_TERMS_BLOCK == 0) {
        shared = 0;
        ns__buf_u64(&writer->offsets, writer->bytes + writer->entry.length);
        ns__buf_u64(&writer->prefixes, prefix_of(text));
    }
    const size_t rest = text.length - shared;
    const unsigned high = shared < ESCAPED ? (unsigned)shared : ESCAPED;
    const unsigned low = rest < ESCAPED ? (unsigned)rest : ESCAPED;
    ns__buf_u8(&writer->entry, (uint8_t)(high << 4 | low));
    put_escape(&writer->entry, shared);
    put_escape(&writer->entry, rest);
    ns__buf_append(&writer->entry, text.data + shared, rest);
    memcpy(writer->last, text.data, text.length);
    writer->last_length = text.length;
    writer->count++;
    return NS_OK;
}

static void write_entries(ns__table_writer *writer, ns__frame_writer *frame)
{
    ns__frame_append(frame, writer->entry.data, writer->entry.length);
    writer->bytes += writer->entry.length;
    ns__buf_clear(&writer->entry);
}

void ns__table_end(ns__table_writer *writer, ns__frame_writer *frame)
{
    if (writer->entry.length >= ENTRIES_AT_ONCE)
        write_entries(writer, frame);
}

bool ns__table_finish(ns__table_writer *writer, ns__frame_writer *frame, uint32_t offsets_name,
                      uint32_t prefixes_name)
{
    const bool good = !writer->offsets.failed && !writer->prefixes.failed && !writer->entry.failed;
    write_entries(writer, frame);
    ns__frame_section(frame, offsets_name);
    ns__frame_append(frame, writer->offsets.data, writer->offsets.length);
    ns__frame_section(frame, prefixes_name);
    ns__frame_append(frame, writer->prefixes.data, writer->prefixes.length);
    ns__table_release(writer);
    return good;
}

void ns__table_release(ns__table_writer *writer)
{
    ns__buf_release(&writer->offsets);
    ns__buf_release(&writer->prefixes);
    ns__buf_release(&writer->entry);
}

/* ---- Reading ---- */

ns__cur ns__table_block(const ns__terms_table *table, uint32_t block)
{
    const uint8_t *at = table->offsets.data + 8 * (size_t)block;
    const uint64_t start = ns__get_u64(at);
    const uint64_t end = block + 1 < table->blocks ? ns__get_u64(at + 8) : table->data.length;
    if (start >= end || end > table->data.length)
        return (ns__cur){table->data.data, table->data.data, true};
    return ns__cur_of(table->data.data + start, (size_t)(end - start));
}

bool ns__table_next(ns__cur *cur, ns__table_kind kind, size_t length_before, ns__table_entry *out)
{
    const unsigned lengths = ns__cur_u8(cur);
    size_t shared = lengths >> 4, rest = lengths & NIBBLE;
    if (shared == ESCAPED)
        shared += ns__cur_u8(cur);
    if (rest == ESCAPED)
        rest += ns__cur_u8(cur);
    out->shared = shared;
    out->rest = (ns__str){ns__cur_take(cur, rest), rest};
    out->head = ns__cur_varint(cur);
    out->tail = (ns__str){NULL, 0};
    if (kind == NS__TABLE_TERMS) {
        const uint64_t length = out->head >> 1;
        if (length > ns__cur_left(cur))
            return false;
        out->tail = (ns__str){ns__cur_take(cur, (size_t)length), (size_t)length};
    } else if (out->head & 1) {
        out->tail = ns__cur_str(cur);
    }
    return !cur->bad && rest > 0 && shared <= length_before && shared + rest <= NS_MAX_TERM_BYTES;
}

/* What a string shares with the one before, and the bytes that it does not. */
typedef struct tail {
    size_t shared, rest;
    const uint8_t *text;
} tail;

/* An entry of terms is usual when its lengths fit their nibbles and its head a byte, as those of
 * most do: then all about it stands at known places. In so many bytes any usual entry fits. */
enum { USUAL_BYTES = 1 + (ESCAPED - 1) + 1 + 63 };

/* Passes over a usual entry; false where it is not one, or less than `least` bytes are left. */
static inline bool pass_usual(ns__cur *cur, ptrdiff_t least, tail *out)
{
    if (cur->end - cur->at < least)
        return false;
    const uint8_t *text = cur->at + 1;
    const size_t shared = cur->at[0] >> 4, rest = cur->at[0] & NIBBLE;
    const bool some = rest - 1 < ESCAPED - 1; /* neither 0 nor escaped */
    if (shared == ESCAPED || !some || text[rest] >= 128)
        return false;
    *out = (tail){shared, rest, text};
    cur->at = text + rest + 1 + (text[rest] >> 1);
    return true;
}

static inline bool pass_entry(ns__cur *cur, ns__table_kind kind, size_t length_before, tail *out)
{
    const ptrdiff_t least = kind == NS__TABLE_TERMS ? USUAL_BYTES : PTRDIFF_MAX;
    if (pass_usual(cur, least, out))
        return out->shared <= length_before;
    ns__table_entry entry;
    if (!ns__table_next(cur, kind, length_before, &entry))
        return false;
    *out = (tail){entry.shared, entry.rest.length, entry.rest.data};
    return true;
}

/* Walks a block without building its strings: `common` is what the string before, which is below
 * the key, has in common with the key. An entry that shares more with it is below the key too, one
 * that shares less is above; only an equal share needs a look at the bytes. */
static bool scan_block(ns__cur cur, ns__table_kind kind, uint32_t count, ns__str key,
                       ns__table_place *out, uint32_t *passed)
{
    size_t length = 0, common = 0;
    for (uint32_t i = *passed = 0; i < count; *passed = ++i) {
        const uint8_t *start = cur.at;
        const size_t length_before = length;
        tail here;
        if (!pass_entry(&cur, kind, length_before, &here))
            return false;
        length = here.shared + here.rest;
        if (here.shared > common)
            continue;
        if (here.shared < common)
            return true;
        const size_t most = key.length < length ? key.length : length;
        while (common < most && here.text[common - here.shared] == key.data[common])
            common++;
        if (common == key.length) { /* the key, or longer */
            out->exact = length == key.length;
            cur.at = start;
            return ns__table_next(&cur, kind, length_before, &out->entry);
        }
        if (common < length && here.text[common - here.shared] > key.data[common])
            return true;
    }
    return true;
}

/* The first block from `low` on, below `high`, whose prefix is at least `wanted`, or `high`.
 * Without branches on what is read: what may be read next comes on its way instead, and in the end
 * what says where the block stands. */
static uint32_t first_prefix(const ns__terms_table *table, uint32_t low, uint32_t high,
                             uint64_t wanted)
{
    enum { NEAR = 8 }; /* numbers of one cache line */
    const uint8_t *base = table->prefixes.data + 8 * (size_t)low;
    uint32_t length = high - low;
    if (length == 0)
        return low;
    while (length > 1) {
        const uint32_t half = length / 2, quarter = (length - half) / 2;
        __builtin_prefetch(base + 8 * (size_t)(quarter ? quarter - 1 : 0));
        __builtin_prefetch(base + 8 * (size_t)(half + (quarter ? quarter - 1 : 0)));
        if (length <= NEAR)
            __builtin_prefetch(table->offsets.data + (base - table->prefixes.data));
        base += (ns__get_u64(base + 8 * (size_t)(half - 1)) < wanted) * (8 * (size_t)half);
        length -= half;
    }
    return (uint32_t)((size_t)(base - table->prefixes.data) / 8) + (ns__get_u64(base) < wanted);
}

/* How many blocks begin at or below the key. Where the first 8 bytes are the same, the whole
 * strings tell. False when one of those is malformed: *at points to it. */
static bool count_below(const ns__terms_table *table, ns__table_kind kind, ns__str key,
                        uint32_t *count, const uint8_t **at)
{
    const uint64_t wanted = prefix_of(key);
    uint32_t low = first_prefix(table, 0, table->blocks, wanted), high = low;
    if (low < table->blocks && ns__get_u64(table->prefixes.data + 8 * (size_t)low) == wanted)
        high = wanted == UINT64_MAX ? table->blocks
                                    : first_prefix(table, low, table->blocks, wanted + 1);
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        ns__table_entry entry;
        ns__cur cur = ns__table_block(table, middle);
        *at = cur.at;
        if (!ns__table_next(&cur, kind, 0, &entry))
            return false;
        if (ns__str_compare(entry.rest, key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = low;
    return true;
}

bool ns__table_find(const ns__terms_table *table, ns__table_kind kind, ns__str key,
                    ns__table_place *out, const uint8_t **at)
{
    *out = (ns__table_place){.index = 0};
    uint32_t below;
    if (!count_below(table, kind, key, &below, at))
        return false;
    if (below == 0)
        return true;
    const uint32_t block = below - 1, first = block * NS_TERMS_BLOCK;
    const uint32_t left = table->count - first;
    const ns__cur cur = ns__table_block(table, block);
    uint32_t passed;
    *at = cur.at;
    if (!scan_block(cur, kind, left < NS_TERMS_BLOCK ? left : NS_TERMS_BLOCK, key, out, &passed))
        return false;
    out->index = first + passed;
    return true;
}
