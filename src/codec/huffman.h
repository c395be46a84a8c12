/* Canonical Huffman codes of limited length (Huffman 1952; Schwartz and Kallick 1964).
 *
 * Only the lengths of the codes need to be kept: among codes of one length the symbols ascend,
 * behind 65535 if that is one of them, and each code is the one before plus 1, shifted left where
 * the length grows. The first bit of a code is the highest of a byte. */
#ifndef NS_CODEC_HUFFMAN_H
#define NS_CODEC_HUFFMAN_H

#include "base/error.h"

typedef struct ns__huffman_item {
    uint32_t count; /* at least 1 */
    uint16_t symbol;
    uint8_t length; /* of its code */
    uint32_t code;
} ns__huffman_item;

/* What is needed to make codes; zero-initialised is empty. */
typedef struct ns__huffman {
    uint32_t *weights, *parents;
    size_t weights_room, parents_room;
    uint64_t *keys; /* items as numbers that are sorted, and as many for sorting */
    size_t keys_room;
} ns__huffman;

/* Gives each item a length in [shortest, longest] and a code, and leaves them in the order of their
 * codes. count <= 2^longest; counts add up to less than 2^32. */
ns_status ns__huffman_make(ns__huffman *huffman, ns__huffman_item *items, size_t count,
                           unsigned shortest, unsigned longest, ns_error *err);
void ns__huffman_release(ns__huffman *huffman);

#endif
