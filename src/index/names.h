/* Names (terms, surface forms) in byte order: a key carries the first eight bytes as a number, so
 * that most comparisons touch no string. */
#ifndef NS_INDEX_NAMES_H
#define NS_INDEX_NAMES_H

#include "base/bytes.h"
#include "base/error.h"

typedef struct ns__name {
    uint64_t prefix; /* the first eight bytes, big-endian, padded with zeros */
    ns__str text;    /* borrowed */
    uint32_t id;     /* decides among equal names */
} ns__name;

static inline uint64_t ns__name_prefix(ns__str text)
{
    uint64_t prefix = 0;
    if (text.length >= 8) {
        memcpy(&prefix, text.data, 8);
        return __builtin_bswap64(prefix);
    }
    if (text.length > 0)
        memcpy(&prefix, text.data, text.length);
    return __builtin_bswap64(prefix);
}

static inline ns__name ns__name_of(ns__str text, uint32_t id)
{
    return (ns__name){ns__name_prefix(text), text, id};
}

/* Byte order of the texts, then the ids. Equal prefixes do not make equal names: "a" and "a\0". */
static inline int ns__name_compare(const ns__name *a, const ns__name *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    int order = ns__str_compare(a->text, b->text);
    if (order != 0)
        return order;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Sorts names[0 .. count) using scratch[0 .. count). */
void ns__names_sort(ns__name *names, ns__name *scratch, size_t count);

/* Merges the sorted names[0 .. middle) and names[middle .. count) in place; scratch has room for
 * the second part. */
void ns__names_merge(ns__name *names, size_t middle, size_t count, ns__name *scratch);

/* The heap of a merge of sorted sources: heap[at] may be larger than its children and is moved
 * down to where it is not. The smallest stands in front. */
void ns__names_sift(ns__name *heap, size_t count, size_t at);

#endif
