/* Coding text by a model: see model.h. */
#include "codec/model_write.h"

/* Codes on their way into bytes, the first bit highest. */
typedef struct bit_writer {
    uint8_t *into;
    uint64_t bits; /* the low `count` of them, < 8 between symbols */
    unsigned count;
} bit_writer;

static inline void put_marked(bit_writer *out, uint32_t marked)
{
    unsigned length = 31u - (unsigned)__builtin_clz(marked);
    out->bits = out->bits << length | (marked ^ (uint32_t)1 << length);
    out->count += length;
}

/* Writes whole bytes; 8 bytes can be written. */
static inline void flush(bit_writer *out)
{
    uint64_t bytes = __builtin_bswap64(out->bits << (63 - out->count) << 1);
    ns__put_u64(out->into, bytes);
    out->into += out->count / 8;
    out->count %= 8;
}

static inline uint32_t find_successor(const ns__model_writer *model,
                                      const ns__model_context *context, uint32_t symbol)
{
    const uint32_t *slots = model->successors + context->first;
    uint32_t at = ns__successor_slot(context, symbol), slot;
    while ((slot = slots[at]) != 0 && slot >> 16 != symbol)
        at = (at + 1) & context->mask;
    return slot & 0xffff;
}

void ns__model_encode(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    enum { MOST_BYTES = 5 }; /* of a symbol: an escape and a code have 33 bits */
    if (!ns__buf_reserve(out, MOST_BYTES * text.length + 8))
        return;
    bit_writer writer = {.into = out->data + out->length};
    const ns__model_context *context = &model->contexts[0];
    size_t rest = 0;
    for (size_t at = 0, length; at < text.length; at += length) {
        uint32_t symbol =
            ns__model_next(&model->words, text.data + at, text.length - at, &rest, &length);
        uint32_t marked = 0;
        if (context->escape)
            marked = find_successor(model, context, symbol);
        if (marked) {
            put_marked(&writer, marked);
        } else {
            if (context->escape)
                put_marked(&writer, context->escape);
            put_marked(&writer, model->codes[symbol]);
        }
        flush(&writer);
        context = &model->contexts[model->context_of[symbol]];
    }
    if (writer.count > 0)
        writer.into++; /* the last bits were written by flush */
    out->length = (size_t)(writer.into - out->data);
}
