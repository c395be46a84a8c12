/* Bytes that are appended now and read later, in order: in memory, or all but the last of them in a
 * spool once there is one. Zero-initialised is empty. */
#ifndef NS_SEGMENT_ROLL_H
#define NS_SEGMENT_ROLL_H

#include "base/buf.h"
#include "base/error.h"
#include "os/file.h"

enum { NS__ROLL_CHUNK = 32 << 10 };

typedef struct ns__roll {
    ns__spool *spool; /* borrowed; NULL: all stays in memory. May be set at any time */
    ns__buf held;     /* the end; `failed` when memory was out at some time */
    uint64_t *chunks; /* where NS__ROLL_CHUNK bytes each stand in the spool */
    size_t chunk_count, chunk_capacity;
} ns__roll;

void ns__roll_append(ns__roll *roll, const void *bytes, size_t length);

static inline uint64_t ns__roll_length(const ns__roll *roll)
{
    return (uint64_t)roll->chunk_count * NS__ROLL_CHUNK + roll->held.length;
}

/* The n-th NS__ROLL_CHUNK bytes, fewer at the end: *out points to them in memory, or into `into`.
 * The spool is flushed. Empty behind the last. */
ns_status ns__roll_chunk(const ns__roll *roll, uint64_t n, uint8_t into[NS__ROLL_CHUNK],
                         ns__str *out, ns_error *err);
void ns__roll_release(ns__roll *roll);

#endif
