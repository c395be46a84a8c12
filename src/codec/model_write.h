/* A model as its writers have it, shared by training and encoding. */
#ifndef NS_CODEC_MODEL_WRITE_H
#define NS_CODEC_MODEL_WRITE_H

#include "codec/model_words.h"

/* A code with a 1 before its first bit, so that its length shows. 0: none. */
static inline uint32_t ns__marked(uint32_t code, unsigned length)
{
    return (uint32_t)1 << length | code;
}

typedef struct ns__model_context {
    uint32_t first; /* of its slots in `successors` */
    uint16_t mask;
    uint16_t escape; /* marked code; 1, which has no bits: there is none */
} ns__model_context;

typedef struct ns__model_symbol {
    uint32_t code;    /* among all, marked */
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
    ns__buf table;
    uint32_t *times; /* that each symbol comes up in the sample */
    uint64_t total;  /* of these */
};

static inline uint32_t ns__successor_slot(const ns__model_context *context, uint32_t symbol)
{
    return (symbol * 0x9e3779b1u >> 16) & context->mask;
}

#endif
