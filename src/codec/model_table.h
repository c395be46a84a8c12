/* Writing the table of a model, of which readers find the parts that they need without reading the
 * others (docs/format.md). */
#ifndef NS_CODEC_MODEL_TABLE_H
#define NS_CODEC_MODEL_TABLE_H

#include "codec/huffman.h"
#include "codec/model_write.h"

/* Appends the codes of a context: items in the order of their codes, the escape among them, or
 * none. Symbols have the writer's numbers. */
void ns__model_list_codes(const ns__huffman_item *items, size_t count, ns__buf *out);

/* What a table is made of, beside the model's words and contexts. */
typedef struct ns__model_parts {
    const ns__huffman_item *symbols; /* all, in the order of their codes */
    uint32_t own, classes;           /* contexts: the first `own` are symbols */
    const uint8_t *class_bytes;
    ns__buf *codes;      /* of the contexts; their symbols are numbered anew */
    const ns__buf *ends; /* u32 each: where those of a context end */
} ns__model_parts;

ns_status ns__model_write_table(ns__model_writer *model, const ns__model_parts *parts,
                                ns_error *err);

#endif
