/* A model as its writers have it, shared by training and encoding. */
#ifndef NS_CODEC_MODEL_WRITE_H
#define NS_CODEC_MODEL_WRITE_H

#include "codec/model_words.h"

/* A code of at most 15 bits at the top of 16, with a 1 behind its last bit, so that its length
 * shows: counting zeros from below is fast on every processor. 0: none. */
static inline uint32_t ns__marked(uint32_t code, unsigned length)
{
    return (code << 1 | 1) << (15 - length);
}

static inline unsigned ns__marked_length(uint32_t marked)
{
    return 15u - (unsigned)__builtin_ctz(marked);
}

static inline uint32_t ns__marked_code(uint32_t marked, unsigned length)
{
    return marked >> (16 - length);
}

/* A code with its length above it. */
enum { NS__CODE_SHIFT = 24 };

static inline uint32_t ns__sized(uint32_t code, unsigned length)
{
    return code | length << NS__CODE_SHIFT;
}

static inline unsigned ns__sized_length(uint32_t sized)
{
    return sized >> NS__CODE_SHIFT;
}

static inline uint32_t ns__sized_code(uint32_t sized)
{
    return sized & (((uint32_t)1 << NS__CODE_SHIFT) - 1);
}

typedef struct ns__model_context {
    uint32_t first;  /* of its slots in `successors` */
    uint32_t bits;   /* it has 2^bits, and behind them what found no room, up to an empty one */
    uint32_t escape; /* sized code; 0, which has no bits: there is none */
} ns__model_context;

typedef struct ns__model_symbol {
    uint32_t code;    /* among all, sized */
    uint16_t context; /* 0: none */
} ns__model_symbol;

struct ns__model_writer {
    ns__model_words words;
    uint32_t symbols;            /* bytes and words */
    ns__model_symbol *facts;     /* of each symbol */
    ns__model_context *contexts; /* from 1 on */
    size_t context_count, context_room;
    uint32_t *successors; /* hash tables: symbol << 16 | marked code; 0: empty */
    size_t successor_count, successor_room;
    ns__model_fact *pieces; /* of each symbol: for spelling */
    ns__buf table;
    uint32_t *times; /* that each symbol comes up in the sample */
    uint64_t total;  /* of these */
};

/* Where a symbol is looked for among the successors: there and in the slots behind. */
static inline uint32_t ns__successor_slot(uint32_t first, unsigned bits, uint32_t symbol)
{
    return first + (uint32_t)((uint64_t)(symbol * 0x9e3779b1u) << bits >> 32);
}

/* What stands before the first symbol: no symbol, and the context that is none. */
static inline ns__model_fact ns__model_no_fact(const ns__model_writer *model)
{
    const ns__model_context *none = &model->contexts[0];
    return (ns__model_fact){none->first, none->escape, 0, 0, (uint16_t)none->bits};
}

#endif
