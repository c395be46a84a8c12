/* Coding text by a model: see model.h. The tables of codes are large; like those of words
 * (model_cut.h) a batch of symbols goes through one after the other. */
#include "codec/model_cut.h"
#include "codec/model_write.h"

enum { MOST_CODE_BYTES = 5 /* of a symbol: an escape and a code have 33 bits */ };

/* ---- Bits ---- */

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

/* The code of a symbol in its context or, when that is 0, the escape and its code among all. Which
 * of both it is cannot be foreseen: both are made, and no branch depends on it. */
static inline void put_symbol(bit_writer *out, uint32_t marked, uint32_t escape, uint32_t of_all)
{
    unsigned length = 31u - (unsigned)__builtin_clz(of_all);
    uint64_t both = (uint64_t)escape << length | (of_all ^ (uint32_t)1 << length);
    both = marked ? marked : both;
    length = 63u - (unsigned)__builtin_clzll(both);
    out->bits = out->bits << length | (both ^ (uint64_t)1 << length);
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

static bool start_writing(bit_writer *writer, size_t length, ns__buf *out)
{
    if (!ns__buf_reserve(out, MOST_CODE_BYTES * length + 8))
        return false;
    *writer = (bit_writer){.into = out->data + out->length};
    return true;
}

static void end_writing(bit_writer *writer, ns__buf *out)
{
    if (writer->count > 0)
        writer->into++; /* the last bits were written by flush */
    out->length = (size_t)(writer->into - out->data);
}

/* ---- The plain way ---- */

/* The marked code of a symbol, looked for from slots[at] on in a context; 0: none. */
static inline uint32_t find_successor(const uint32_t *slots, const ns__model_context *context,
                                      uint32_t at, uint32_t symbol)
{
    uint32_t slot;
    while ((slot = slots[at]) != 0 && slot >> 16 != symbol)
        at = (at + 1) & context->mask;
    return slot & 0xffff;
}

void ns__model_encode_plain(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    bit_writer writer;
    if (!start_writing(&writer, text.length, out))
        return;
    const ns__model_context *context = &model->contexts[0];
    size_t rest = 0;
    for (size_t at = 0, length; at < text.length; at += length) {
        uint32_t symbol =
            ns__model_next(&model->words, text.data + at, text.length - at, &rest, &length);
        uint32_t marked = find_successor(model->successors + context->first, context,
                                         ns__successor_slot(context, symbol), symbol);
        if (marked) {
            put_marked(&writer, marked);
        } else {
            put_marked(&writer, context->escape);
            put_marked(&writer, model->facts[symbol].code);
        }
        flush(&writer);
        context = &model->contexts[model->facts[symbol].context];
    }
    end_writing(&writer, out);
}

/* ---- In batches ---- */

/* Where the code of a symbol is looked for. */
typedef struct link {
    const uint32_t *slots; /* of the context before it */
    uint32_t at;           /* in them */
    uint32_t code;         /* of the symbol among all */
    uint16_t symbol;
    ns__model_context context;
} link;

typedef struct coder {
    const ns__model_writer *model;
    bit_writer writer;
    uint16_t context; /* of the next symbol */
    link chain[NS__CUT_BATCH];
} coder;

static void chain(coder *c, const uint16_t *symbols, size_t count)
{
    const ns__model_writer *model = c->model;
    uint16_t number = c->context;
    for (size_t i = 0; i < count; i++) {
        const ns__model_context *context = &model->contexts[number];
        const ns__model_symbol *facts = &model->facts[symbols[i]];
        const uint32_t *slots = model->successors + context->first;
        uint32_t at = ns__successor_slot(context, symbols[i]);
        __builtin_prefetch(&slots[at]);
        c->chain[i] = (link){slots, at, facts->code, symbols[i], *context};
        number = facts->context;
    }
    c->context = number;
}

static bool code_batch(void *payload, const uint16_t *symbols, size_t count)
{
    coder *c = payload;
    chain(c, symbols, count);
    bit_writer writer = c->writer;
    for (size_t i = 0; i < count; i++) {
        const link *l = &c->chain[i];
        uint32_t marked = find_successor(l->slots, &l->context, l->at, l->symbol);
        put_symbol(&writer, marked, l->context.escape, l->code);
        flush(&writer);
    }
    c->writer = writer;
    return true;
}

void ns__model_encode(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    coder c;
    c.model = model;
    c.context = 0;
    if (!start_writing(&c.writer, text.length, out))
        return;
    ns__model_symbols(&model->words, text, code_batch, &c);
    end_writing(&c.writer, out);
}
