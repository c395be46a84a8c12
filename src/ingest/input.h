/* The bytes of one input file, unpacked when it begins with the magic of gzip. */
#ifndef NS_INGEST_INPUT_H
#define NS_INGEST_INPUT_H

#include "base/error.h"

typedef struct ns__input ns__input;

/* Asked now and then while input is read or thrown away, and when a signal came: an error stops the
 * reading. NULL: nobody is asked. */
typedef struct ns__pulse {
    ns_status (*beat)(void *payload, ns_error *err);
    void *payload;
} ns__pulse;

/* "-" is standard input. */
ns_status ns__input_open(const char *path, ns__pulse pulse, ns__input **out, ns_error *err);
/* The plain way: without igzip. Same bytes, same errors. */
ns_status ns__input_open_plain(const char *path, ns__pulse pulse, ns__input **out, ns_error *err);
/* Up to `room` (> 0) bytes; *got is 0 only at the end. All bytes before a damaged place are given
 * before the error is; the error repeats. NS_ERR_CANCELLED is the
 * pulse's. */
ns_status ns__input_read(ns__input *input, uint8_t *into, size_t room, size_t *got, ns_error *err);
/* Bytes read from the file so far, packed ones as packed. */
uint64_t ns__input_taken(const ns__input *input);
void ns__input_close(ns__input *input); /* NULL is fine */

#endif
