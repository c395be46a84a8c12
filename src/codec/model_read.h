/* How readers find things in the table of a model: see model_table.c for what stands where. */
#ifndef NS_CODEC_MODEL_READ_H
#define NS_CODEC_MODEL_READ_H

#include "codec/model.h"

enum {
    NS__MODEL_HEAD = 40, /* u32 symbols, u16 own contexts, u16 classes, u16 for each length */
    NS__MODEL_GROUP = 16 /* symbols */,
    NS__MODEL_GROUP_HEAD = 16,
    NS__MODEL_PAGE = 256 /* symbols */,
    NS__MODEL_SET = 64 /* symbols */,
    NS__MODEL_SET_BYTES = 10,
    NS__MODEL_OFFSET_BYTES = 3,
    /* Zeros at the end: no group, and no beginning of a context, has more bytes. So nothing that
     * begins before them ends behind the table. */
    NS__MODEL_PADDING = NS__MODEL_GROUP_HEAD + NS__MODEL_GROUP * NS_MODEL_WORD_BYTES
};

static inline uint32_t ns__model_pieces(uint32_t count, uint32_t piece)
{
    return (count + piece - 1) / piece;
}

/* ---- Words ---- */

typedef uint8_t ns__model_bytes __attribute__((vector_size(NS_MODEL_WORD_BYTES)));

typedef struct ns__model_word {
    ns__model_bytes bytes; /* and anything behind them */
    uint32_t length;       /* more than NS_MODEL_WORD_BYTES: it is damaged */
    uint8_t last;          /* byte */
} ns__model_word;

/* Which bytes of a word are those of the word before: 16 bytes from SHARED + 16 - shared on. */
static const uint8_t NS__MODEL_SHARED[2 * NS_MODEL_WORD_BYTES] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};

static inline ns__model_bytes ns__model_load(const uint8_t *at)
{
    ns__model_bytes out;
    memcpy(&out, at, sizeof out);
    return out;
}

static inline uint32_t ns__model_group_start(const ns__model *model, uint32_t symbol)
{
    return ns__get_u32(model->pages + 4 * (symbol / NS__MODEL_PAGE)) +
           ns__get_u16(model->groups + 2 * (symbol / NS__MODEL_GROUP));
}

/* The bytes of a symbol: its group from the beginning on, as each word shares bytes with the one
 * before. Two chains of short steps, where words begin and what they are. */
static inline ns__model_word ns__model_word_of(const ns__model *model, uint32_t symbol)
{
    const uint32_t start = ns__model_group_start(model, symbol);
    ns__model_word word = {{0}, NS_MODEL_WORD_BYTES + 1, 0};
    if (start > model->last_start)
        return word;
    const uint8_t *at = model->table + start;
    uint64_t more = ns__get_u64(at), shared = ns__get_u64(at + 8);
    at += NS__MODEL_GROUP_HEAD;
    for (uint32_t left = symbol % NS__MODEL_GROUP;; left--) {
        const ns__model_bytes kept =
            ns__model_load(NS__MODEL_SHARED + NS_MODEL_WORD_BYTES - (shared & 15));
        word.bytes = (word.bytes & kept) | (ns__model_load(at - (shared & 15)) & ~kept);
        at += (more & 15) + 1;
        if (left == 0)
            break;
        more >>= 4;
        shared >>= 4;
    }
    word.length = (uint32_t)((more & 15) + (shared & 15) + 1);
    word.last = at[-1];
    return word;
}

/* How many bytes a symbol has, without making them; 0: it is damaged. */
static inline uint32_t ns__model_length_of(const ns__model *model, uint32_t symbol)
{
    const uint32_t start = ns__model_group_start(model, symbol);
    const unsigned shift = 4 * (symbol % NS__MODEL_GROUP);
    if (start > model->last_start)
        return 0;
    const uint8_t *at = model->table + start;
    return (uint32_t)((ns__get_u64(at) >> shift & 15) + (ns__get_u64(at + 8) >> shift & 15) + 1);
}

/* The last byte of a symbol that has a length: behind the bytes of those before it and its own. */
static inline uint8_t ns__model_last_byte(const ns__model *model, uint32_t symbol)
{
    static const uint64_t HALVES = 0x0f0f0f0f0f0f0f0f;
    const uint32_t place = symbol % NS__MODEL_GROUP;
    const uint8_t *at = model->table + ns__model_group_start(model, symbol);
    const uint64_t more = ns__get_u64(at) & UINT64_MAX >> (60 - 4 * place);
    const uint64_t sums = ((more & HALVES) + (more >> 4 & HALVES)) * 0x0101010101010101;
    return at[NS__MODEL_GROUP_HEAD + (sums >> 56) + place];
}

/* ---- Contexts ---- */

static inline uint32_t ns__model_count_bits(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return (uint32_t)(bits * 0x0101010101010101 >> 56);
}

/* The context that a symbol is, from 1 on, or 0. */
static inline uint32_t ns__model_own_context(const ns__model *model, uint32_t symbol)
{
    const uint8_t *set = model->sets + NS__MODEL_SET_BYTES * (symbol / NS__MODEL_SET);
    const uint64_t bits = ns__get_u64(set), bit = (uint64_t)1 << symbol % NS__MODEL_SET;
    if (!(bits & bit))
        return 0;
    return 1 + ns__get_u16(set + 8) + ns__model_count_bits(bits & (bit - 1));
}

/* Where a context begins in the table; 1 <= context <= contexts. */
static inline uint32_t ns__model_context_start(const ns__model *model, uint32_t context)
{
    const uint8_t *at = model->context_offsets + NS__MODEL_OFFSET_BYTES * (context - 1);
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16;
}

/* A number of codes, in one byte or, from 128 on, two. */
static inline uint32_t ns__model_next_count(const uint8_t **at)
{
    const uint32_t count = *(*at)++;
    if (__builtin_expect(count < 0x80, 1))
        return count;
    return (count & 0x7f) | (uint32_t) * (*at)++ << 7;
}

#endif
