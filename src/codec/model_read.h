/* A model as readers have it: opened by model_open.c, used by model_decode.c. */
#ifndef NS_CODEC_MODEL_READ_H
#define NS_CODEC_MODEL_READ_H

#include "codec/model.h"

enum { NS__MODEL_LENGTHS = NS_MODEL_LONGEST + 2, NS__MODEL_BEGINNINGS = 256 };

typedef struct ns__model_symbol {
    uint32_t start;   /* of its bytes in `bytes` */
    uint16_t context; /* its own; or 0 */
    uint8_t length;
    uint8_t last; /* byte: what comes next is known before `bytes` are there */
} ns__model_symbol;

/* What comes behind a symbol: offsets in the table. */
typedef struct ns__model_context {
    uint32_t counts;  /* the longest length, then how many codes each length has */
    uint32_t symbols; /* u16 each, in the order of their codes */
} ns__model_context;

struct ns__model {
    const uint8_t *table;
    uint32_t symbols, contexts;
    ns__model_symbol *info;
    uint8_t *bytes;             /* of the symbols, and 16 more */
    uint16_t *ordered;          /* symbols in the order of their codes among all */
    ns__model_context *context; /* number 0 has no codes */
    size_t info_room, bytes_room, ordered_room, context_room;
    uint16_t class_of[256]; /* the context of a word that is none itself, by its last byte */
    uint32_t limits[NS__MODEL_LENGTHS], bases[NS__MODEL_LENGTHS];
    uint8_t shorter[NS__MODEL_BEGINNINGS]; /* by the first 8 bits of a code: lengths that it is
                                              longer than */
};

#endif
