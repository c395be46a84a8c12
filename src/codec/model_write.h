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
    uint32_t first;  /* of its buckets in `successors` */
    uint32_t bits;   /* one more than those of their number, and behind them what found no room */
    uint32_t escape; /* sized code; 0, which has no bits: there is none */
} ns__model_context;

/* Symbols that come behind a context and their marked codes, from the front on; behind them code 0.
 * All are compared at once: whether and where a symbol stands cannot be foreseen, and a branch for
 * each would cost more than the comparison. What finds no room is in the next bucket. */
enum { NS__BUCKET = 8 };

typedef struct ns__successors {
    uint16_t symbols[NS__BUCKET], codes[NS__BUCKET];
} ns__successors;

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
    ns__successors *successors; /* hash tables; once it is made none lies in two cache lines */
    void *successor_memory;     /* that they are in then */
    size_t successor_count, successor_room;
    ns__model_fact *pieces; /* of each symbol: for spelling */
    ns__buf table;
    uint32_t *times; /* that each symbol comes up in the sample */
    uint64_t total;  /* of these */
};

/* The bucket in which a symbol is looked for; when it is full, also in those behind. */
static inline uint32_t ns__successor_bucket(uint32_t first, unsigned bits, uint32_t symbol)
{
    return first + (uint32_t)((uint64_t)(symbol * 0x9e3779b1u) << bits >> 33);
}

static inline bool ns__successors_full(const ns__successors *bucket)
{
    return bucket->codes[NS__BUCKET - 1] != 0;
}

/* What stands before the first symbol: no symbol, and the context that is none. */
static inline ns__model_fact ns__model_no_fact(const ns__model_writer *model)
{
    const ns__model_context *none = &model->contexts[0];
    return (ns__model_fact){none->first, none->escape, 0, 0, (uint16_t)none->bits};
}

#endif
