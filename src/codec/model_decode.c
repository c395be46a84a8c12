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

/* A number of symbols in a context, most often one byte. Checked when the model was opened. */
static inline uint32_t next_count(const uint8_t **at)
{
    uint32_t count = *(*at)++;
    if (__builtin_expect(count < 0x80, 1))
        return count;
    count &= 0x7f;
    for (unsigned shift = 7;; shift += 7) {
        uint32_t byte = *(*at)++;
        count |= (byte & 0x7f) << shift;
        if (byte < 0x80)
            return count;
    }
}

/* The symbol of the code that `bits` begin with, in a context; *length is the code's. Length by
 * length: `code` is how far the bits are behind the first code of that length. */
static inline uint32_t symbol_in(const ns__model *model, const ns__model_context *c, uint64_t bits,
                                 unsigned *length)
{
    const uint8_t *at = model->table + c->counts, *symbols = model->table + c->symbols;
    unsigned longest = *at++;
    uint32_t code = 0;
    *length = 0;
    if (longest == 0)
        return NS_MODEL_ESCAPE;
    for (*length = 1; *length <= longest; ++*length, bits <<= 1) {
        uint32_t count = next_count(&at);
        code = code << 1 | (uint32_t)(bits >> 63);
        if (code < count)
            return ns__get_u16(symbols + 2 * (size_t)code);
        code -= count;
        symbols += 2 * (size_t)count;
    }
    return NS_MODEL_SYMBOLS + 1;
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
    uint32_t place = model->bases[shorter] + (uint32_t)(bits >> (63 - shorter));
    return place < model->symbols ? model->ordered[place] : NS_MODEL_SYMBOLS + 1;
}

static inline uint32_t context_behind(const ns__model *model, uint32_t symbol)
{
    const ns__model_symbol *info = &model->info[symbol];
    uint32_t class = symbol < 256 ? 0 : model->class_of[info->last];
    return info->context ? info->context : class;
}

bool ns__model_decode(const ns__model *model, ns__str coded, uint8_t *into, size_t room, bool all)
{
    bit_reader in = {coded.data, coded.length, 0};
    uint32_t behind = 0;
    uint8_t *stop = into + room;
    while (into < stop) {
        uint64_t bits = peek(&in);
        unsigned length;
        uint32_t symbol = NS_MODEL_ESCAPE;
        if (behind != 0) {
            symbol = symbol_in(model, &model->context[behind], bits, &length);
            in.at += length;
            bits <<= length;
        }
        if (symbol == NS_MODEL_ESCAPE) {
            symbol = symbol_of_all(model, bits, &length);
            in.at += length;
        }
        if (symbol >= model->symbols || in.at > 8 * in.length)
            return false;
        const ns__model_symbol *info = &model->info[symbol];
        size_t left = (size_t)(stop - into);
        if (left >= NS_MODEL_WORD_BYTES) {
            memcpy(into, model->bytes + info->start, NS_MODEL_WORD_BYTES);
            into += info->length;
        } else if (info->length <= left) {
            memcpy(into, model->bytes + info->start, info->length);
            into += info->length;
        } else {
            if (all)
                return false;
            memcpy(into, model->bytes + info->start, left);
            break;
        }
        behind = context_behind(model, symbol);
    }
    return !all || (in.at + 7) / 8 == in.length;
}
