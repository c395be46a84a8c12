/* Writing how words are written: see spellings.h.
 *
 * A chunk ends behind the unit with which it has CHUNK_WORDS words, so many units or so long
 * spellings; what it holds depends on the words alone. Its spellings are numbered by how often they
 * stand there, then in byte order. The code of number n is the Elias gamma code of n + 1. */
#include "segment/spellings_parts.h"

#include <stdlib.h>

#include "codec/bitpack.h"
#include "text/intern.h"

enum {
    CHUNK_WORDS = 1 << 20,
    CHUNK_UNITS = 1 << 20,
    CHUNK_TEXT = 4 << 20, /* bytes of spellings */
    KEPT_BYTES = 16 << 20 /* of spellings known: beyond they are forgotten */
};

struct ns__spellings_writer {
    ns__intern known;
    bool spares; /* memory: what is known is forgotten with each chunk */
    uint32_t epoch;
    uint32_t *counts; /* of each known spelling, in this chunk */
    size_t count_capacity;
    uint64_t text_bytes; /* of those that are in this chunk */
    uint32_t *words;     /* numbers of their spellings */
    size_t word_count, word_capacity;
    uint32_t *ends; /* of units, in words */
    size_t unit_count, unit_capacity;
    ns__roll chunks;
    ns__buf directory;
    uint32_t chunk_count;
    uint64_t units; /* in finished chunks */
    /* Scratch of coding. */
    uint64_t *keys, *starts;
    size_t key_capacity, start_capacity;
    uint32_t *numbers; /* of known spellings, in the chunk */
    size_t number_capacity;
    uint32_t *packed;
    size_t packed_capacity;
    ns__buf bytes, texts;
};

ns_status ns__spellings_writer_open(ns__spellings_writer **out, ns_error *err)
{
    *out = ns__zalloc(1, sizeof **out);
    return *out ? NS_OK : ns__no_memory(err);
}

void ns__spellings_writer_spare(ns__spellings_writer *writer)
{
    writer->spares = true;
}

void ns__spellings_writer_spool(ns__spellings_writer *writer, ns__spool *spool)
{
    writer->chunks.spool = spool;
}

/* What coding needs, which is not needed behind the last unit of a chunk. */
static void release_coding(ns__spellings_writer *writer)
{
    ns__intern_release(&writer->known);
    ns__free(writer->counts);
    ns__free(writer->words);
    ns__free(writer->ends);
    ns__free(writer->keys);
    ns__free(writer->starts);
    ns__free(writer->numbers);
    ns__free(writer->packed);
    ns__buf_release(&writer->bytes);
    ns__buf_release(&writer->texts);
    writer->counts = writer->words = writer->ends = writer->numbers = writer->packed = NULL;
    writer->keys = writer->starts = NULL;
    writer->count_capacity = writer->word_capacity = writer->unit_capacity = 0;
    writer->key_capacity = writer->start_capacity = writer->number_capacity = 0;
    writer->packed_capacity = writer->word_count = writer->unit_count = 0;
}

void ns__spellings_writer_free(ns__spellings_writer *writer)
{
    if (writer == NULL)
        return;
    release_coding(writer);
    ns__roll_release(&writer->chunks);
    ns__buf_release(&writer->directory);
    ns__free(writer);
}

uint32_t ns__spellings_epoch(const ns__spellings_writer *writer)
{
    return writer->epoch;
}

/* ---- Adding ---- */

ns_status ns__spellings_number(ns__spellings_writer *writer, ns__str spelling, uint32_t *number,
                               ns_error *err)
{
    const size_t before = writer->known.count;
    NS_TRY(ns__intern_add(&writer->known, spelling, number, err));
    if (writer->known.count == before)
        return NS_OK;
    if (NS_RESERVE(writer->counts, writer->count_capacity, before + 1) < 0)
        return ns__no_memory(err);
    writer->counts[before] = 0;
    return NS_OK;
}

ns_status ns__spellings_add(ns__spellings_writer *writer, uint32_t number, ns_error *err)
{
    if (NS_RESERVE(writer->words, writer->word_capacity, writer->word_count + 1) < 0)
        return ns__no_memory(err);
    writer->words[writer->word_count++] = number;
    if (writer->counts[number]++ == 0)
        writer->text_bytes += ns__intern_text(&writer->known, number).length;
    return NS_OK;
}

/* ---- Coding ---- */

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* For qsort, which passes nothing along, the strings stand side by side with where they are. */
typedef struct named {
    ns__str text;
    uint32_t known;
} named;

static int compare_names(const void *a, const void *b)
{
    return ns__str_compare(((const named *)a)->text, ((const named *)b)->text);
}

/* Known spellings of this chunk into `packed`, in the order of their numbers there. */
static ns_status order_spellings(ns__spellings_writer *writer, uint32_t *count, ns_error *err)
{
    size_t used = 0, i = 0;
    for (size_t k = 0; k < writer->known.count; k++)
        used += writer->counts[k] > 0;
    if (used >= NS__MAX_SPELLINGS || writer->text_bytes > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "too many differently written words at once");
    named *names = ns__alloc(used + 1, sizeof *names);
    if (names == NULL || NS_RESERVE(writer->keys, writer->key_capacity, used + 1) < 0 ||
        NS_RESERVE(writer->packed, writer->packed_capacity, used + 1) < 0 ||
        NS_RESERVE(writer->numbers, writer->number_capacity, writer->known.count + 1) < 0) {
        ns__free(names);
        return ns__no_memory(err);
    }
    for (size_t k = 0; k < writer->known.count; k++)
        if (writer->counts[k] > 0)
            names[i++] = (named){ns__intern_text(&writer->known, (uint32_t)k), (uint32_t)k};
    qsort(names, used, sizeof *names, compare_names);
    for (i = 0; i < used; i++)
        writer->keys[i] = (uint64_t)(UINT32_MAX - writer->counts[names[i].known]) << 32 | i;
    qsort(writer->keys, used, sizeof *writer->keys, compare_keys);
    for (i = 0; i < used; i++) {
        writer->packed[i] = names[(uint32_t)writer->keys[i]].known;
        writer->numbers[writer->packed[i]] = (uint32_t)i;
    }
    ns__free(names);
    *count = (uint32_t)used;
    return NS_OK;
}

static unsigned bits_of(uint64_t most)
{
    return most > 0 ? 64 - (unsigned)__builtin_clzll(most) : 0;
}

/* Appends `count` numbers packed in `width` bits; *values are overwritten by nobody. */
static ns_status put_packed(ns__buf *out, const uint32_t *values, size_t count, unsigned width,
                            ns_error *err)
{
    const size_t bytes = ns__packed_bytes(count, width);
    if (!ns__buf_reserve(out, bytes + 1))
        return ns__no_memory(err);
    ns__pack(values, count, width, out->data + out->length);
    out->length += bytes;
    return NS_OK;
}

/* The spellings one behind the other, and their ends in front of them. */
static ns_status put_texts(ns__spellings_writer *writer, uint32_t count, unsigned width,
                           ns_error *err)
{
    ns__buf_clear(&writer->texts);
    for (uint32_t i = 0; i < count; i++) {
        const ns__str text = ns__intern_text(&writer->known, writer->packed[i]);
        ns__buf_append(&writer->texts, text.data, text.length);
        writer->packed[i] = (uint32_t)writer->texts.length;
    }
    NS_TRY(put_packed(&writer->bytes, writer->packed, count, width, err));
    ns__buf_append(&writer->bytes, writer->texts.data, writer->texts.length);
    return writer->texts.failed || writer->bytes.failed ? ns__no_memory(err) : NS_OK;
}

/* Where each unit begins in the bits of the codes. */
static ns_status find_starts(ns__spellings_writer *writer, uint64_t *bits, uint64_t *step,
                             ns_error *err)
{
    if (NS_RESERVE(writer->starts, writer->start_capacity, writer->unit_count) < 0)
        return ns__no_memory(err);
    size_t at = 0;
    *bits = *step = 0;
    for (size_t u = 0; u < writer->unit_count; u++) {
        const uint64_t base = writer->starts[u - u % NS__SPELLING_STEP];
        writer->starts[u] = *bits;
        if (u % NS__SPELLING_STEP && *bits - base > *step)
            *step = *bits - base;
        for (; at < writer->ends[u]; at++)
            *bits += 2 * bits_of((uint64_t)writer->numbers[writer->words[at]] + 1) - 1;
    }
    return *step <= UINT32_MAX
               ? NS_OK
               : ns__fail(err, NS_ERR_LIMIT, "too many differently written words at once");
}

static ns_status put_starts(ns__spellings_writer *writer, unsigned width, ns_error *err)
{
    if (NS_RESERVE(writer->packed, writer->packed_capacity, writer->unit_count) < 0)
        return ns__no_memory(err);
    for (size_t u = 0; u < writer->unit_count; u += NS__SPELLING_STEP)
        ns__buf_u64(&writer->bytes, writer->starts[u]);
    for (size_t u = 0; u < writer->unit_count; u++)
        writer->packed[u] =
            (uint32_t)(writer->starts[u] - writer->starts[u - u % NS__SPELLING_STEP]);
    return put_packed(&writer->bytes, writer->packed, writer->unit_count, width, err);
}

/* Elias gamma, low bits first: as many zeros as the number has bits behind its highest, a one, and
 * these bits. */
static ns_status put_codes(ns__spellings_writer *writer, uint64_t bits, ns_error *err)
{
    const size_t room = (size_t)(bits / 8) + 9;
    ns__buf *out = &writer->bytes;
    if (!ns__buf_reserve(out, room))
        return ns__no_memory(err);
    uint8_t *to = out->data + out->length;
    uint64_t held = 0, bit = 0; /* held: the bits of the byte that is not full */
    for (size_t at = 0; at < writer->word_count; at++) {
        const uint64_t value = (uint64_t)writer->numbers[writer->words[at]] + 1;
        const unsigned rest = bits_of(value) - 1;
        const uint64_t low = value & ((UINT64_C(1) << rest) - 1);
        held |= (low << 1 | 1) << rest << bit % 8; /* 2 * 28 + 7 bits at most */
        ns__put_u64(to + bit / 8, held);
        const uint64_t next = bit + 2 * rest + 1;
        held >>= next / 8 * 8 - bit / 8 * 8;
        bit = next;
    }
    out->length += (size_t)((bits + 7) / 8);
    return NS_OK;
}

static ns_status put_chunk(ns__spellings_writer *writer, ns_error *err)
{
    uint32_t count = 0;
    uint64_t bits = 0, step = 0;
    NS_TRY(order_spellings(writer, &count, err));
    NS_TRY(find_starts(writer, &bits, &step, err));
    const unsigned end_width = bits_of(writer->text_bytes), step_width = bits_of(step);
    ns__buf *out = &writer->bytes;
    ns__buf_clear(out);
    ns__buf_u32(out, (uint32_t)writer->unit_count);
    ns__buf_u32(out, count);
    ns__buf_u32(out, (uint32_t)writer->text_bytes);
    ns__buf_u8(out, (uint8_t)end_width);
    ns__buf_u8(out, (uint8_t)step_width);
    ns__buf_u8(out, 0);
    ns__buf_u8(out, 0);
    ns__buf_u64(out, bits);
    NS_TRY(put_texts(writer, count, end_width, err));
    NS_TRY(put_starts(writer, step_width, err));
    return put_codes(writer, bits, err);
}

static ns_status end_chunk(ns__spellings_writer *writer, ns_error *err)
{
    if (writer->units + writer->unit_count > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "a segment has too many passages and articles");
    NS_TRY(put_chunk(writer, err));
    ns__buf_u64(&writer->directory, ns__roll_length(&writer->chunks));
    ns__buf_u32(&writer->directory, (uint32_t)writer->units);
    ns__roll_append(&writer->chunks, writer->bytes.data, writer->bytes.length);
    if (writer->directory.failed || writer->chunks.held.failed)
        return ns__no_memory(err);
    writer->chunk_count++;
    writer->units += writer->unit_count;
    writer->unit_count = writer->word_count = 0;
    writer->text_bytes = 0;
    if (writer->spares) {
        release_coding(writer);
        writer->epoch++;
    } else if (ns__intern_bytes(&writer->known) > KEPT_BYTES) {
        ns__intern_clear(&writer->known);
        writer->epoch++;
    } else if (writer->known.count > 0) {
        memset(writer->counts, 0, writer->known.count * sizeof *writer->counts);
    }
    return NS_OK;
}

ns_status ns__spellings_end_unit(ns__spellings_writer *writer, ns_error *err)
{
    if (NS_RESERVE(writer->ends, writer->unit_capacity, writer->unit_count + 1) < 0)
        return ns__no_memory(err);
    if (writer->word_count > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "a record has too many words");
    writer->ends[writer->unit_count++] = (uint32_t)writer->word_count;
    const bool full = writer->word_count >= CHUNK_WORDS || writer->unit_count >= CHUNK_UNITS ||
                      writer->text_bytes >= CHUNK_TEXT;
    return full ? end_chunk(writer, err) : NS_OK;
}

ns_status ns__spellings_end(ns__spellings_writer *writer, ns_error *err)
{
    if (writer->unit_count > 0)
        NS_TRY(end_chunk(writer, err));
    release_coding(writer);
    return NS_OK;
}

/* ---- Finishing ---- */

static ns_status write_sections(ns__spellings_writer *writer, ns__frame_writer *frame,
                                uint8_t *room, ns_error *err)
{
    uint8_t head[8];
    if (writer->chunks.spool)
        NS_TRY(ns__spool_flush(writer->chunks.spool, err));
    ns__frame_section(frame, NS_SECTION_SPELLINGS);
    for (uint64_t n = 0;; n++) {
        ns__str bytes;
        NS_TRY(ns__roll_chunk(&writer->chunks, n, room, &bytes, err));
        if (bytes.length == 0)
            break;
        ns__frame_append(frame, bytes.data, bytes.length);
    }
    ns__put_u32(head, writer->chunk_count);
    ns__put_u32(head + 4, (uint32_t)writer->units);
    ns__frame_section(frame, NS_SECTION_SPELLING_CHUNKS);
    ns__frame_append(frame, head, sizeof head);
    ns__frame_append(frame, writer->directory.data, writer->directory.length);
    return NS_OK;
}

ns_status ns__spellings_writer_finish(ns__spellings_writer *writer, ns__frame_writer *frame,
                                      ns_error *err)
{
    uint8_t *room = ns__alloc(NS__ROLL_CHUNK, 1);
    ns_status status = room ? write_sections(writer, frame, room, err) : ns__no_memory(err);
    ns__free(room);
    ns__spellings_writer_free(writer);
    return status;
}
