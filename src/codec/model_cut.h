/* Cutting text into words and symbols, a batch at a time: for whoever makes models and codes by
 * them.
 *
 * The tables of words are far larger than a processor's nearest cache. So a batch goes through one
 * table after the other, and each step asks for the memory that the next one reads. */
#ifndef NS_CODEC_MODEL_CUT_H
#define NS_CODEC_MODEL_CUT_H

#include "codec/model_words.h"

enum {
    NS__CUT_BATCH = 96,                    /* words, or symbols */
    NS__TOO_LONG = NS_MODEL_WORD_BYTES + 1 /* as the length of a word: or more */
};

typedef struct ns__cut_word {
    ns__word_key key; /* of one that is too long: of no word */
    uint32_t at;      /* in the text */
    uint32_t length;  /* at most NS__TOO_LONG */
    uint32_t hash;
} ns__cut_word;

/* A hash table that each word will be looked for in, so that its slot comes nearer. */
typedef struct ns__cut_target {
    const void *slots;
    size_t mask, slot_bytes;
} ns__cut_target;

/* The next words of the text, which begin at *at: *at moves behind them. 0 at the end. */
size_t ns__model_cut(const uint8_t kinds[256], ns__str text, const ns__cut_target *target,
                     size_t *at, ns__cut_word out[NS__CUT_BATCH]);

/* Takes the next symbols of a text, at most NS__CUT_BATCH. False: no more are wanted. */
typedef bool ns__take_symbols(void *payload, const uint16_t *symbols, size_t count);

/* The symbols of a text, which are those that ns__model_next gives one after the other. */
void ns__model_symbols(const ns__model_words *words, ns__str text, ns__take_symbols *take,
                       void *payload);

#endif
