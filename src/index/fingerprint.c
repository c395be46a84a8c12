/* Fingerprints of bodies: see fingerprint.h, and docs/format.md for how they are made.
 *
 * Each form is hashed once, so that a token costs one look-up in an array and one multiplication.
 */
#include "index/fingerprint.h"

#include "base/hash.h"
#include "base/mem.h"

void ns__fingerprinter_release(ns__fingerprinter *prints)
{
    ns__free(prints->hashes);
    *prints = (ns__fingerprinter){0};
}

bool ns__fingerprinter_learn(ns__fingerprinter *prints, const ns__analyzer *analyzer)
{
    const size_t count = ns__analyzer_form_count(analyzer);
    if (NS_RESERVE(prints->hashes, prints->capacity, count) < 0)
        return false;
    for (; prints->count < count; prints->count++) {
        const ns__str surface = ns__analyzer_form(analyzer, (uint32_t)prints->count).surface;
        prints->hashes[prints->count] = ns__hash64(surface.data, surface.length, 0);
    }
    return true;
}

ns_status ns__fingerprint_make(ns__fingerprinter *prints, const ns__analyzer *analyzer,
                               const ns__tokens *tokens, uint64_t *out, ns_error *err)
{
    uint64_t state = 0;
    if (!ns__fingerprinter_learn(prints, analyzer))
        return ns__no_memory(err);
    for (size_t i = 0; i < tokens->count; i++)
        state = ns__fingerprint_add(state, prints->hashes[tokens->items[i].form]);
    *out = tokens->count > 0 ? ns__fingerprint_end(state) : 0;
    return NS_OK;
}
