/* Fingerprints of bodies: what tells copies of an article from other articles.
 *
 * The words of the body in their order, as folded surface forms. White space, case, punctuation and
 * the width of characters make no difference; neither does how words are stemmed. */
#ifndef NS_INDEX_FINGERPRINT_H
#define NS_INDEX_FINGERPRINT_H

#include "segment/articles.h"
#include "text/analyzer.h"

/* The hashes of the forms that an analyser has met, by number. Zeroed is empty. */
typedef struct ns__fingerprinter {
    uint64_t *hashes;
    size_t count, capacity;
} ns__fingerprinter;

/* After ns__analyzer_clear: forms are numbered anew. */
static inline void ns__fingerprinter_forget(ns__fingerprinter *prints)
{
    prints->count = 0;
}

void ns__fingerprinter_release(ns__fingerprinter *prints);

/* Makes it know all forms of the analyser. False when memory is out. */
bool ns__fingerprinter_learn(ns__fingerprinter *prints, const ns__analyzer *analyzer);
/* Of `tokens`, which the analyser made: less than 2^40, and 0 only when there are none. The same as
 * adding the hashes of their forms one by one (ns__fingerprint_add), which waits for one
 * multiplication after the other: whoever goes through tokens anyway does that on the way. */
ns_status ns__fingerprint_make(ns__fingerprinter *prints, const ns__analyzer *analyzer,
                               const ns__tokens *tokens, uint64_t *out, ns_error *err);

#endif
