/* The words of a text, cut once. A word that the model knows has its symbol, another one is spelled
 * from the text. */
#ifndef NS_CODEC_MODEL_CUTS_H
#define NS_CODEC_MODEL_CUTS_H

#include "codec/model_cut.h"

enum {
    NS__CUT_LENGTH = 24,       /* shift: bytes of a word, */
    NS__CUT_LONG = 255,        /* or so many or more: the text tells */
    NS__CUT_SPELLED = 1 << 16, /* else a symbol */
    NS__CUT_NUMBER = (1 << NS__CUT_LENGTH) - 1
};

static inline size_t ns__cut_length(uint32_t word, const uint8_t kinds[256], ns__str text,
                                    size_t at)
{
    const uint32_t length = word >> NS__CUT_LENGTH;
    if (__builtin_expect(length == NS__CUT_LONG, 0))
        return ns__word_at(kinds, text.data + at, text.length - at);
    return length;
}

/* Makes room for a batch. */
static inline ns_status ns__model_cuts_room(ns__model_cuts *cuts, ns_error *err)
{
    if (NS_RESERVE(cuts->words, cuts->room, cuts->count + NS__CUT_BATCH) < 0)
        return ns__no_memory(err);
    return NS_OK;
}

/* Appends a word with whatever number stands for it so far. There is room. */
static inline void ns__model_cuts_add(ns__model_cuts *cuts, const uint8_t kinds[256], ns__str text,
                                      const ns__cut_word *word, uint32_t number)
{
    size_t length = word->length;
    if (__builtin_expect(length == NS__TOO_LONG, 0)) {
        length = ns__word_at(kinds, text.data + word->at, text.length - word->at);
        length = length < NS__CUT_LONG ? length : NS__CUT_LONG;
    }
    cuts->words[cuts->count++] = number | (uint32_t)length << NS__CUT_LENGTH;
}

/* As ns__model_symbols. */
void ns__model_cuts_symbols(const ns__model_cuts *cuts, const ns__model_words *words, ns__str text,
                            ns__take_symbols *take, void *payload);

#endif
