/* Which bodies occur again in their segment, so that who shows one that does not need not look
 * through the fingerprints of all. */
#include "base/mem.h"
#include "segment/articles_parts.h"

#include <stdlib.h>

/* Fingerprints are hashes already: any of their bits will do. */
static inline size_t slot_of(uint64_t fingerprint, size_t slots)
{
    return (size_t)(fingerprint ^ fingerprint >> 20) & (slots - 1);
}

typedef struct suspect {
    uint64_t fingerprint;
    uint32_t article;
} suspect;

/* Fingerprints that share a slot of a bit set with another may be repeated, all others are not:
 * a byte and a half an article, and few are left to be sorted. */
typedef struct finder {
    const ns__roll *prints;
    uint8_t *once, *again; /* bits by slot */
    size_t slots;
    suspect *suspects;
    size_t count, capacity;
} finder;

static bool has(const uint8_t *bits, size_t at)
{
    return bits[at / 8] >> at % 8 & 1;
}

static void set(uint8_t *bits, size_t at)
{
    bits[at / 8] |= (uint8_t)(1u << at % 8);
}

static ns_status mark(finder *all, uint64_t fingerprint, uint32_t article)
{
    const size_t slot = slot_of(fingerprint, all->slots);
    (void)article;
    if (fingerprint != 0)
        set(has(all->once, slot) ? all->again : all->once, slot);
    return NS_OK;
}

static ns_status keep(finder *all, uint64_t fingerprint, uint32_t article)
{
    if (fingerprint == 0 || !has(all->again, slot_of(fingerprint, all->slots)))
        return NS_OK;
    NS_TRY(NS_RESERVE(all->suspects, all->capacity, all->count + 1));
    all->suspects[all->count++] = (suspect){fingerprint, article};
    return NS_OK;
}

/* Each fingerprint in turn; they do not end where chunks do. */
static ns_status walk(finder *all, ns_status (*take)(finder *, uint64_t, uint32_t), ns_error *err)
{
    uint8_t room[NS__ROLL_CHUNK];
    uint64_t value = 0;
    uint32_t article = 0;
    unsigned bytes = 0;
    ns__str chunk;
    for (uint64_t n = 0;; n++) {
        NS_TRY(ns__roll_chunk(all->prints, n, room, &chunk, err));
        if (chunk.length == 0)
            return NS_OK;
        for (size_t i = 0; i < chunk.length; i++) {
            value |= (uint64_t)chunk.data[i] << 8 * bytes;
            if (++bytes < NS__FINGERPRINT_BYTES)
                continue;
            if (take(all, value, article++) < 0)
                return ns__no_memory(err);
            value = bytes = 0;
        }
    }
}

static int by_fingerprint(const void *a, const void *b)
{
    const suspect *left = a, *right = b;
    return (left->fingerprint > right->fingerprint) - (left->fingerprint < right->fingerprint);
}

/* The bits of the section; none when no body is repeated. */
static bool put_bits(finder *all, uint32_t articles, ns__buf *out)
{
    if (all->count > 0)
        qsort(all->suspects, all->count, sizeof *all->suspects, by_fingerprint);
    for (size_t from = 0, to; from < all->count; from = to) {
        for (to = from + 1; to < all->count; to++)
            if (all->suspects[to].fingerprint != all->suspects[from].fingerprint)
                break;
        if (to - from < 2)
            continue;
        const size_t bytes = ((size_t)articles + 7) / 8;
        if (out->length == 0 && ns__buf_reserve(out, bytes)) {
            memset(out->data, 0, bytes);
            out->length = bytes;
        }
        for (size_t i = from; i < to && !out->failed; i++)
            set(out->data, all->suspects[i].article);
    }
    return !out->failed;
}

ns_status ns__repeated_find(const ns__roll *prints, uint32_t articles, ns__buf *out, ns_error *err)
{
    enum { LEAST = 64, MOST = 1 << 30 };
    finder all = {.prints = prints, .slots = LEAST};
    while (all.slots < 6 * (size_t)articles && all.slots < MOST)
        all.slots *= 2;
    all.once = ns__zalloc(all.slots / 8, 1);
    all.again = ns__zalloc(all.slots / 8, 1);
    ns_status status = all.once && all.again ? NS_OK : ns__no_memory(err);
    if (status == NS_OK)
        status = walk(&all, mark, err);
    if (status == NS_OK)
        status = walk(&all, keep, err);
    if (status == NS_OK && !put_bits(&all, articles, out))
        status = ns__no_memory(err);
    ns__free(all.once);
    ns__free(all.again);
    ns__free(all.suspects);
    return status;
}

ns_status ns__repeated_open(ns__articles *out, ns_error *err)
{
    ns__str bits;
    if (out->prints == NULL || !ns__articles_have(out, NS__ART_REPEATED))
        return NS_OK;
    NS_TRY(ns__frame_find(out->frame, NS__ART_REPEATED, &bits, err));
    if (bits.length != 0 && bits.length != ((size_t)out->count + 7) / 8)
        return ns__frame_corrupt(out->frame, bits.data, err,
                                 "there is not one bit for each article whose body is repeated");
    out->repeated = bits.length > 0 ? bits.data : NULL;
    out->repeated_known = true;
    return NS_OK;
}
