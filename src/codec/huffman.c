/* Making codes: see huffman.h. */
#include "codec/huffman.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/sort.h"

enum { MOST_BITS = 24 };

/* ---- Order ----
 *
 * Items are sorted as numbers: some ten thousand short lists of them for a model. */

enum { SYMBOL_BITS = 16, CODE_ORDER = 32 };

/* By their counts, then by symbol. Lengths and codes are lost. */
static void sort_by_count(ns__huffman *huffman, ns__huffman_item *items, size_t count)
{
    uint64_t *keys = huffman->keys;
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++) {
        keys[i] = (uint64_t)items[i].count << SYMBOL_BITS | items[i].symbol;
        any |= items[i].count;
    }
    keys = ns__sort_keys(keys, keys + count, count, 0, SYMBOL_BITS + ns__bits32(any));
    for (size_t i = 0; i < count; i++)
        items[i] = (ns__huffman_item){(uint32_t)(keys[i] >> SYMBOL_BITS), (uint16_t)keys[i], 0, 0};
}

/* By their lengths, then by symbol, 65535 first. Codes are lost. */
static void sort_by_code(ns__huffman *huffman, ns__huffman_item *items, size_t count)
{
    uint64_t *keys = huffman->keys;
    for (size_t i = 0; i < count; i++) {
        const uint32_t order =
            (uint32_t)items[i].length << SYMBOL_BITS | (uint16_t)(items[i].symbol + 1);
        keys[i] = (uint64_t)order << CODE_ORDER | items[i].count;
    }
    keys = ns__sort_keys(keys, keys + count, count, CODE_ORDER,
                         CODE_ORDER + SYMBOL_BITS + ns__bits32(MOST_BITS));
    for (size_t i = 0; i < count; i++) {
        const uint32_t order = (uint32_t)(keys[i] >> CODE_ORDER);
        items[i] = (ns__huffman_item){(uint32_t)keys[i], (uint16_t)(order - 1),
                                      (uint8_t)(order >> SYMBOL_BITS), 0};
    }
}

/* ---- Lengths ---- */

/* How many codes have each length, the longer ones counted as of `longest`. Leaves stand in order
 * of their weight and inner nodes come into being in that order, so that the two lightest are
 * always at the front of one of two queues (van Leeuwen 1976). */
static void count_lengths(ns__huffman *huffman, const ns__huffman_item *items, size_t count,
                          unsigned longest, uint32_t of_length[MOST_BITS + 1])
{
    uint32_t *weights = huffman->weights, *parents = huffman->parents;
    size_t leaf = 0, node = 0, made = 0; /* node k has number count + k */
    for (; made + 1 < count; made++) {
        weights[made] = 0;
        for (int child = 0; child < 2; child++) {
            if (leaf < count && (node == made || items[leaf].count <= weights[node])) {
                weights[made] += items[leaf].count;
                parents[leaf++] = (uint32_t)made;
            } else {
                weights[made] += weights[node];
                parents[count + node++] = (uint32_t)made;
            }
        }
    }
    uint32_t *depths = weights; /* the weights are not needed any more */
    depths[made - 1] = 0;
    for (size_t i = made - 1; i-- > 0;)
        depths[i] = depths[parents[count + i]] + 1;
    for (size_t i = 0; i < count; i++) {
        uint32_t depth = depths[parents[i]] + 1;
        of_length[depth < longest ? depth : longest]++;
    }
}

/* Lengthens codes until they all fit: sum of 2^-length <= 1. */
static void limit(uint32_t of_length[MOST_BITS + 1], unsigned shortest, unsigned longest)
{
    uint64_t used = 0, room = (uint64_t)1 << longest;
    for (unsigned length = 1; length < shortest; length++) {
        of_length[shortest] += of_length[length];
        of_length[length] = 0;
    }
    for (unsigned length = shortest; length <= longest; length++)
        used += (uint64_t)of_length[length] << (longest - length);
    while (used > room) {
        unsigned length = longest - 1;
        while (of_length[length] == 0)
            length--;
        of_length[length]--;
        of_length[length + 1]++;
        used -= (uint64_t)1 << (longest - length - 1);
    }
}

static ns_status reserve(ns__huffman *huffman, size_t count, ns_error *err)
{
    if (NS_RESERVE(huffman->weights, huffman->weights_room, count) == NS_OK &&
        NS_RESERVE(huffman->parents, huffman->parents_room, 2 * count) == NS_OK &&
        NS_RESERVE(huffman->keys, huffman->keys_room, 2 * count) == NS_OK)
        return NS_OK;
    return ns__no_memory(err);
}

ns_status ns__huffman_make(ns__huffman *huffman, ns__huffman_item *items, size_t count,
                           unsigned shortest, unsigned longest, ns_error *err)
{
    uint32_t of_length[MOST_BITS + 1] = {0};
    if (count == 0)
        return NS_OK;
    NS_TRY(reserve(huffman, count, err));
    sort_by_count(huffman, items, count);
    if (count == 1)
        of_length[1] = 1;
    else
        count_lengths(huffman, items, count, longest, of_length);
    limit(of_length, shortest, longest);
    size_t at = 0;
    for (unsigned length = longest; length > 0; length--)
        for (uint32_t i = 0; i < of_length[length]; i++)
            items[at++].length = (uint8_t)length;
    sort_by_code(huffman, items, count);
    uint32_t code = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            code = (code + 1) << (items[i].length - items[i - 1].length);
        items[i].code = code;
    }
    return NS_OK;
}

void ns__huffman_release(ns__huffman *huffman)
{
    ns__free(huffman->weights);
    ns__free(huffman->parents);
    ns__free(huffman->keys);
    *huffman = (ns__huffman){0};
}
