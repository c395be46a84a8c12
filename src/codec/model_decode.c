/* Reading text coded by a model: see model.h. */
#include "codec/model_read.h"

typedef struct bit_reader {
    const uint8_t *data;
    size_t length, at; /* bytes; bits */
} bit_reader;

/* The next 57 bits or more, the first highest; zeros behind the end. */
static inline uint64_t peek(const bit_reader *in)
{
    size_t byte = in->at / 8;
    uint64_t bits = 0;
    if (in->length - byte >= 8) {
        bits = __builtin_bswap64(ns__get_u64(in->data + byte));
    } else {
        for (size_t i = 0; i < 8; i++)
            bits = bits << 8 | (byte + i < in->length ? in->data[byte + i] : 0);
    }
    return bits << in->at % 8;
}

/* The symbol of the code that `bits` begin with, in a context; *length is the code's. Length by
 * length: `code` is how far the bits are behind the first code of that length. What does not fit
 * the shorter ones has the longest. The escape has the first code of its length. */
static inline uint32_t symbol_in(const ns__model *model, uint32_t context, uint64_t bits,
                                 unsigned *length)
{
    const uint32_t start = ns__model_context_start(model, context);
    *length = 0;
    if (start > model->last_start)
        return NS_MODEL_SYMBOLS + 1;
    const uint8_t *at = model->table + start;
    const unsigned longest = *at & 15, escape = *at >> 4;
    if (longest == 0)
        return NS_MODEL_ESCAPE;
    const unsigned first = at[1] & 15, more = at[1] >> 4;
    if (first >= longest)
        return NS_MODEL_SYMBOLS + 1;
    const uint32_t symbols = start + 2 + (longest - first - 1) + more;
    uint32_t code = (uint32_t)(bits >> (63 - first)), place = 0;
    at += 2;
    bits <<= first + 1;
    for (*length = first + 1; *length < longest; ++*length, bits <<= 1) {
        const uint32_t count = ns__model_next_count(&at);
        if (code < count)
            break;
        code = (code - count) << 1 | (uint32_t)(bits >> 63);
        place += count;
    }
    if (*length == escape && code == 0)
        return NS_MODEL_ESCAPE;
    place += code - (*length >= escape);
    const uint64_t offset = symbols + 2 * (uint64_t)place;
    return offset + 2 <= model->length ? ns__get_u16(model->table + offset) : NS_MODEL_SYMBOLS + 1;
}

static inline uint32_t symbol_of_all(const ns__model *model, uint64_t bits, unsigned *length)
{
    uint32_t next = (uint32_t)(bits >> (64 - NS_MODEL_LONGEST));
    unsigned shorter = model->shorter[bits >> 56];
    while (shorter < NS_MODEL_LONGEST && next >= model->limits[shorter])
        shorter++;
    *length = shorter + 1;
    if (shorter >= NS_MODEL_LONGEST)
        return NS_MODEL_SYMBOLS + 1;
    return model->bases[shorter] + (uint32_t)(bits >> (63 - shorter));
}

/* The next symbol, or a number that is none; `context` is that of the one before. */
static inline uint32_t next_symbol(const ns__model *model, bit_reader *in, uint32_t context)
{
    uint64_t bits = peek(in);
    unsigned length;
    uint32_t symbol = NS_MODEL_ESCAPE;
    if (context != 0) {
        symbol = symbol_in(model, context, bits, &length);
        in->at += length;
        bits <<= length;
    }
    if (symbol == NS_MODEL_ESCAPE) {
        symbol = symbol_of_all(model, bits, &length);
        in->at += length;
    }
    return in->at <= 8 * in->length ? symbol : NS_MODEL_SYMBOLS + 1;
}

/* Passes over symbols whose bytes nobody wants, up to the one with the byte at *left, which is
 * *symbol then; *left is what it has before that. */
static bool pass_over(const ns__model *model, bit_reader *in, uint32_t *context, size_t *left,
                      uint32_t *symbol)
{
    for (;;) {
        *symbol = next_symbol(model, in, *context);
        if (*symbol >= model->symbols)
            return false;
        const uint32_t length = ns__model_length_of(model, *symbol);
        if (length == 0)
            return false;
        if (length > *left)
            return true;
        *left -= length;
        *context = ns__model_own_context(model, *symbol);
        if (*context == 0 && length > 1)
            *context = model->class_of[ns__model_last_byte(model, *symbol)];
        if (*context > model->contexts)
            return false;
    }
}

bool ns__model_decode(const ns__model *model, ns__str coded, size_t skip, uint8_t *into,
                      size_t room, bool all)
{
    bit_reader in = {coded.data, coded.length, 0};
    uint32_t context = 0, symbol = NS_MODEL_SYMBOLS + 1;
    uint8_t *const stop = into + room, bytes[2 * NS_MODEL_WORD_BYTES] = {0};
    if (skip > 0 && !pass_over(model, &in, &context, &skip, &symbol))
        return false;
    for (bool first = symbol < model->symbols; into < stop; first = false, skip = 0) {
        if (!first)
            symbol = next_symbol(model, &in, context);
        if (symbol >= model->symbols)
            return false;
        context = ns__model_own_context(model, symbol);
        const ns__model_word word = ns__model_word_of(model, symbol);
        if (word.length > NS_MODEL_WORD_BYTES || context > model->contexts)
            return false;
        if (context == 0 && word.length > 1)
            context = model->class_of[word.last];
        memcpy(bytes, &word.bytes, sizeof word.bytes);
        const size_t left = (size_t)(stop - into), length = word.length - skip;
        if (left < length && all)
            return false;
        if (left >= NS_MODEL_WORD_BYTES)
            memcpy(into, bytes + skip, NS_MODEL_WORD_BYTES);
        else
            memcpy(into, bytes + skip, left < length ? left : length);
        into += left < length ? left : length;
    }
    return !all || (in.at + 7) / 8 == in.length;
}
