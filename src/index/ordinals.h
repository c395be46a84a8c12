/* The ordinals in the segment of the terms of one run, by rank. They are added in order while terms
 * are merged and needed when that is done: in memory if they fit, else in the spool. */
#ifndef NS_INDEX_ORDINALS_H
#define NS_INDEX_ORDINALS_H

#include "base/error.h"
#include "os/file.h"

typedef struct ns__ordinals {
    uint32_t *held; /* the last ones, or all */
    uint32_t room, held_count;
    uint64_t *chunks; /* where `room` ordinals each stand in the spool */
    size_t chunk_count, chunk_capacity;
} ns__ordinals;

/* `room` in memory; `most` of them in all. */
ns_status ns__ordinals_open(uint32_t most, uint32_t room, ns__ordinals *out, ns_error *err);
/* The spool is needed once there are more than `room`. */
ns_status ns__ordinals_add(ns__ordinals *ordinals, uint32_t ordinal, ns__spool *spool,
                           ns_error *err);
/* All of them: *out points to those in memory, or into `into`, which has room for `most`. What was
 * appended to the spool is flushed. */
ns_status ns__ordinals_read(const ns__ordinals *ordinals, const ns__spool *spool, uint32_t *into,
                            const uint32_t **out, ns_error *err);
void ns__ordinals_release(ns__ordinals *ordinals);

#endif
