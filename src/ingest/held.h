/* The beginning of a long record, packed while it is not known whether the record stays inside its
 * limit: what unpacks from little to gigabytes takes little here as well. */
#ifndef NS_INGEST_HELD_H
#define NS_INGEST_HELD_H

#include "base/buf.h"
#include "ns/status.h"

/* Zero-initialised is empty. */
typedef struct ns__held {
    struct z_stream_s *packer; /* NULL: none begun */
    ns__buf packed;
    uint64_t bytes; /* before packing */
} ns__held;

ns_status ns__held_add(ns__held *held, const uint8_t *data, size_t length, ns_error *err);
/* Unpacks all bytes into into[0, held->bytes). Empties it, also when it fails. */
ns_status ns__held_take(ns__held *held, uint8_t *into, ns_error *err);
void ns__held_release(ns__held *held);

#endif
