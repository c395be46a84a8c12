/* Fingerprints of bodies: see fingerprint.h, and docs/format.md for how they are made.
 *
 * Each form is hashed once, so that a token costs one look-up in an array and one multiplication.
 */
#include "index/fingerprint.h"

#include "base/hash.h"
#include "base/mem.h"
#include "segment/articles.h"

/* The processor waits for one multiplication after the other, not for memory. */
enum { AHEAD = 48 };

void ns__fingerprinter_release(ns__fingerprinter *prints)
{
    ns__free(prints->hashes);
    *prints = (ns__fingerprinter){0};
}

static ns_status hash_new_forms(ns__fingerprinter *prints, const ns__analyzer *analyzer,
                                ns_error *err)
{
    const size_t count = ns__analyzer_form_count(analyzer);
    if (NS_RESERVE(prints->hashes, prints->capacity, count) < 0)
        return ns__no_memory(err);
    for (; prints->count < count; prints->count++) {
        const ns__str surface = ns__analyzer_form(analyzer, (uint32_t)prints->count).surface;
        prints->hashes[prints->count] = ns__hash64(surface.data, surface.length, 0);
    }
    return NS_OK;
}

ns_status ns__fingerprint_make(ns__fingerprinter *prints, const ns__analyzer *analyzer,
                               const ns__tokens *tokens, uint64_t *out, ns_error *err)
{
    uint64_t state = 0;
    NS_TRY(hash_new_forms(prints, analyzer, err));
    const ns__token *token = tokens->items, *end = token + tokens->count;
    for (; token + AHEAD < end; token++) {
        __builtin_prefetch(&prints->hashes[token[AHEAD].form]);
        state = ns__fingerprint_add(state, prints->hashes[token->form]);
    }
    for (; token < end; token++)
        state = ns__fingerprint_add(state, prints->hashes[token->form]);
    *out = tokens->count > 0 ? ns__fingerprint_end(state) : 0;
    return NS_OK;
}
