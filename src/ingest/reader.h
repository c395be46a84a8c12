/* Reading records out of files, folders and standard input, in order.
 *
 * A path may be a file (.jsonl, .json, .ndjson: JSON lines; anything else that is text: one
 * article; each also with .gz), a folder (walked in byte order of names, recursively, skipping
 * hidden names and link loops) or "-" (JSON lines if its first non-blank byte is "{", else one
 * article; gzip is recognised by its magic). */
#ifndef NS_INGEST_READER_H
#define NS_INGEST_READER_H

#include "ingest/record.h"

/* Called for each record that is refused, and for files that cannot be read. `text` is the refused
 * input as far as it is known (may be empty). Return NS_OK to go on, an error to stop. */
typedef ns_status ns__reject_fn(void *payload, const char *origin, uint64_t line,
                                const char *reason, ns__str text);

typedef struct ns__reader_options {
    uint64_t max_record_bytes; /* 0: NS_MAX_RECORD_BYTES */
    ns__reject_fn *reject;     /* NULL: the first refusal is an error */
    void *payload;
} ns__reader_options;

typedef struct ns__reader ns__reader;

ns_status ns__reader_open(const char *const *paths, size_t count, const ns__reader_options *options,
                          ns__reader **out, ns_error *err);
/* The next record into *record: NS_OK, NS_DONE at the end. */
ns_status ns__reader_next(ns__reader *reader, ns__record *record, ns_error *err);
/* Bytes of input consumed so far (compressed size) and in total (0 when unknown), for progress. */
void ns__reader_progress(const ns__reader *reader, uint64_t *done_bytes, uint64_t *total_bytes);
void ns__reader_close(ns__reader *reader); /* NULL is fine */

/* One JSON line (without its newline) into *record. NS_ERR_INPUT with a message that says what is
 * wrong. Used by the reader and by tests. */
ns_status ns__jsonl_parse(ns__str line, const char *origin, uint64_t number, ns__record *record,
                          ns_error *err);

#endif
