/* Reading how words are written: see spellings.h. */
#include "segment/spellings_parts.h"

#include "codec/bitpack.h"

enum { MOST_REST = 27 /* bits of a number behind its highest: see NS__MAX_SPELLINGS */ };

static ns_status damaged(const ns__spellings *spellings, const void *at, const char *why,
                         ns_error *err)
{
    return ns__frame_corrupt(spellings->frame, at, err, why);
}

static uint64_t chunk_start(const ns__spellings *spellings, uint32_t chunk)
{
    return chunk < spellings->chunks
               ? ns__get_u64(spellings->directory + (size_t)chunk * NS__SPELLING_DIRECTORY)
               : spellings->data.length;
}

static uint32_t chunk_first(const ns__spellings *spellings, uint32_t chunk)
{
    return chunk < spellings->chunks
               ? ns__get_u32(spellings->directory + (size_t)chunk * NS__SPELLING_DIRECTORY + 8)
               : spellings->units;
}

static bool has_sections(const ns__frame *frame)
{
    for (uint32_t i = 0; i < frame->section_count; i++)
        if (frame->sections[i].name == NS_SECTION_SPELLINGS)
            return true;
    return false;
}

ns_status ns__spellings_open(const ns__frame *frame, uint32_t articles, uint32_t passages,
                             ns__spellings *out, ns_error *err)
{
    ns__str directory;
    *out = (ns__spellings){.frame = frame};
    if (!has_sections(frame))
        return NS_OK;
    NS_TRY(ns__frame_find(frame, NS_SECTION_SPELLINGS, &out->data, err));
    NS_TRY(ns__frame_find(frame, NS_SECTION_SPELLING_CHUNKS, &directory, err));
    ns__cur cur = ns__cur_of(directory.data, directory.length);
    out->chunks = ns__cur_u32(&cur);
    out->units = ns__cur_u32(&cur);
    out->directory = cur.at;
    if (cur.bad || ns__cur_left(&cur) != (uint64_t)out->chunks * NS__SPELLING_DIRECTORY ||
        out->units == 0 || out->units != (uint64_t)articles + passages || out->chunks == 0)
        return damaged(out, directory.data,
                       "the spellings are not those of this number of passages", err);
    for (uint32_t c = 0; c < out->chunks; c++)
        if ((c == 0 && (chunk_first(out, c) != 0 || chunk_start(out, c) != 0)) ||
            chunk_first(out, c) >= chunk_first(out, c + 1) ||
            chunk_start(out, c) >= chunk_start(out, c + 1))
            return damaged(out, out->directory + (size_t)c * NS__SPELLING_DIRECTORY,
                           "the chunks of the spellings are not in order", err);
    return NS_OK;
}

/* ---- Chunks ---- */

/* Parts of a chunk one behind the other; false when they do not fill it. */
static bool open_parts(ns__cur cur, ns__spelling_chunk *out, uint32_t text_bytes)
{
    const uint32_t bases = (out->units + NS__SPELLING_STEP - 1) / NS__SPELLING_STEP;
    out->bits = ns__cur_u64(&cur);
    out->ends = ns__cur_take(&cur, ns__packed_bytes(out->count, out->end_width));
    out->texts = (ns__str){ns__cur_take(&cur, text_bytes), text_bytes};
    out->bases = ns__cur_take(&cur, (size_t)bases * 8);
    out->steps = ns__cur_take(&cur, ns__packed_bytes(out->units, out->step_width));
    out->codes = cur.at;
    return !cur.bad && out->bits / 8 + (out->bits % 8 != 0) == ns__cur_left(&cur);
}

ns_status ns__spelling_chunk_open(const ns__spellings *spellings, uint32_t unit,
                                  ns__spelling_chunk *out, ns_error *err)
{
    uint32_t low = 0, high = spellings->chunks;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (chunk_first(spellings, middle) <= unit)
            low = middle;
        else
            high = middle;
    }
    const uint64_t start = chunk_start(spellings, low), end = chunk_start(spellings, low + 1);
    const uint8_t *at = spellings->data.data + start;
    ns__cur cur = ns__cur_of(at, (size_t)(end - start));
    *out = (ns__spelling_chunk){.frame = spellings->frame, .index = low};
    out->first = chunk_first(spellings, low);
    out->units = ns__cur_u32(&cur);
    out->count = ns__cur_u32(&cur);
    const uint32_t text_bytes = ns__cur_u32(&cur);
    out->end_width = ns__cur_u8(&cur);
    out->step_width = ns__cur_u8(&cur);
    const uint16_t zero = ns__cur_u16(&cur);
    if (cur.bad || zero != 0 || out->units != chunk_first(spellings, low + 1) - out->first ||
        out->count >= NS__MAX_SPELLINGS || out->end_width > 32 || out->step_width > 32 ||
        !open_parts(cur, out, text_bytes))
        return damaged(spellings, at, "a chunk of spellings is malformed", err);
    return NS_OK;
}

ns_status ns__spelling_text(const ns__spelling_chunk *chunk, uint32_t number, ns__str *out,
                            ns_error *err)
{
    const uint32_t start =
        number > 0 ? ns__packed_get(chunk->ends, number - 1, chunk->end_width) : 0;
    const uint32_t end = ns__packed_get(chunk->ends, number, chunk->end_width);
    if (start > end || end > chunk->texts.length)
        return ns__frame_corrupt(chunk->frame, chunk->ends, err,
                                 "a spelling lies outside of those of its chunk");
    *out = (ns__str){chunk->texts.data + start, end - start};
    return NS_OK;
}

/* ---- Words ---- */

void ns__spelling_cursor_start(const ns__spelling_chunk *chunk, uint32_t unit,
                               ns__spelling_cursor *out)
{
    const uint32_t u = unit - chunk->first;
    out->bit = ns__get_u64(chunk->bases + (size_t)(u / NS__SPELLING_STEP) * 8) +
               ns__packed_get(chunk->steps, u, chunk->step_width);
    out->next = 0;
}

static ns_status code_fault(const ns__spelling_chunk *chunk, uint64_t bit, ns_error *err)
{
    if (bit >= chunk->bits)
        return ns__frame_corrupt(chunk->frame, chunk->codes, err,
                                 "a passage has too few spellings");
    return ns__frame_corrupt(chunk->frame, chunk->codes + bit / 8, err,
                             "the code of a spelling is malformed");
}

/* The number at a bit, and the bits of its code; 0 where there is none. */
static inline unsigned read_code(const ns__spelling_chunk *chunk, uint64_t bit, uint32_t *number)
{
    if (bit >= chunk->bits)
        return 0;
    const uint64_t code = ns__get_u64(chunk->codes + bit / 8) >> bit % 8;
    const unsigned rest = code ? (unsigned)__builtin_ctzll(code) : 64;
    if (rest > MOST_REST || 2 * rest + 1 > chunk->bits - bit)
        return 0;
    const uint64_t one = UINT64_C(1) << rest;
    *number = (uint32_t)((one | (code >> rest >> 1 & (one - 1))) - 1);
    return 2 * rest + 1;
}

ns_status ns__spelling_next(const ns__spelling_chunk *chunk, ns__spelling_cursor *cursor,
                            uint32_t *number, ns_error *err)
{
    *number = 0;
    const unsigned bits = read_code(chunk, cursor->bit, number);
    if (bits == 0 || *number >= chunk->count)
        return code_fault(chunk, cursor->bit, err);
    cursor->bit += bits;
    cursor->next++;
    return NS_OK;
}

ns_status ns__spelling_skip(const ns__spelling_chunk *chunk, ns__spelling_cursor *cursor,
                            uint32_t to, ns_error *err)
{
    enum { LOADED = 57 }; /* bits of a load that are codes in any case */
    uint64_t bit = cursor->bit;
    uint32_t number, word = cursor->next;
    while (word < to && bit < chunk->bits && chunk->bits - bit >= LOADED) {
        uint64_t code = ns__get_u64(chunk->codes + bit / 8) >> bit % 8;
        unsigned left = LOADED;
        for (; word < to; word++) {
            const unsigned bits = code ? 2 * (unsigned)__builtin_ctzll(code) + 1 : 64;
            if (bits > left)
                break;
            code >>= bits;
            left -= bits;
        }
        if (left == LOADED)
            break; /* malformed */
        bit += LOADED - left;
    }
    for (; word < to; word++) {
        const unsigned bits = read_code(chunk, bit, &number);
        if (bits == 0)
            return code_fault(chunk, bit, err);
        bit += bits;
    }
    cursor->bit = bit;
    cursor->next = to;
    return NS_OK;
}
