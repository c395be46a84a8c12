/* The distinct values of a column over all segments, numbered as they are met: each segment numbers
 * its own. The value 0 is "", which articles without one have. */
#ifndef NS_SEARCH_LABELS_H
#define NS_SEARCH_LABELS_H

#include "base/buf.h"
#include "base/hash.h"
#include "index/snapshot.h"

typedef struct ns__labels {
    const ns_index *index;
    ns__column column;
    uint32_t **numbers; /* of each segment: number + 1 of each of its values, 0: not met; or NULL */
    ns__buf bytes;      /* of the values met, one behind the other */
    ns__buf ends;       /* u64: where each ends */
    uint32_t count;     /* values met, 0 among them: at least 1 */
    uint32_t *slots;    /* open addressing: number, or 0 */
    uint64_t slot_count; /* a power of two, or 0 */
    ns__hash_key key;
} ns__labels;

/* NS_OK or NS_ERR_MEMORY; to be released either way. */
ns_status ns__labels_open(const ns_index *index, ns__column column, ns__labels *out, ns_error *err);
void ns__labels_release(ns__labels *labels);
/* The number of an article's value. NS_OK, NS_ERR_CORRUPT, NS_ERR_MEMORY. */
ns_status ns__labels_number(ns__labels *labels, uint32_t segment, uint32_t article,
                            uint32_t *number, ns_error *err);
/* The number of a value that an article has in another way. NS_OK or NS_ERR_MEMORY. */
ns_status ns__labels_meet(ns__labels *labels, ns__str text, uint32_t *number, ns_error *err);
/* The value with a number below count; borrowed until the next one is met. */
ns__str ns__labels_text(const ns__labels *labels, uint32_t number);

#endif
