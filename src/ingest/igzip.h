/* Members of gzip files, unpacked by ISA-L's igzip where it was there when ns was built and is
 * there now: more than twice as fast as zlib.
 *
 * It gives the bytes that zlib gives of whole members. Of damaged ones it may give fewer: who reads
 * then asks zlib. */
#ifndef NS_INGEST_IGZIP_H
#define NS_INGEST_IGZIP_H

#include "base/bytes.h"
#include "base/error.h"

typedef struct ns__igzip ns__igzip;

/* *out is NULL when there is none. */
ns_status ns__igzip_open(ns__igzip **out, ns_error *err);
void ns__igzip_begin(ns__igzip *igzip); /* a member */

typedef enum ns__igzip_state {
    NS__IGZIP_GOES_ON,
    NS__IGZIP_ENDED,
    NS__IGZIP_DAMAGED
} ns__igzip_state;

/* Unpacks from `in`, which loses what was taken from it; some may be kept for later steps. *got is
 * 0 when nothing is left to give before there is more input. */
ns__igzip_state ns__igzip_step(ns__igzip *igzip, ns__str *in, uint8_t *into, size_t room,
                               size_t *got);
void ns__igzip_close(ns__igzip *igzip); /* NULL is fine */

#endif
