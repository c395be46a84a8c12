/* Lines of an input in bounded memory, or all of it at once.
 *
 * The buffer grows to the longest line, at most to the limit; what is beyond is read and thrown
 * away piece by piece. While the end of a very long line is not in sight, what was read of it is
 * kept packed: a bomb is refused in a small part of the limit. */
#ifndef NS_INGEST_LINES_H
#define NS_INGEST_LINES_H

#include "base/bytes.h"
#include "ingest/held.h"
#include "ingest/input.h"

enum { NS__SHOWN_BYTES = 4096 }; /* of a line that is too long */

typedef struct ns__lines {
    ns__input *input;
    uint64_t max_bytes; /* of a line, its end not counted */
    uint8_t *data;      /* data[start, end) is read and not given out yet */
    size_t start, end, capacity;
    ns__held held;                      /* the current line's bytes before data[start] … */
    uint8_t beginning[NS__SHOWN_BYTES]; /* … and the first of them */
    uint64_t number;                    /* of the line that was given out last, from 1 */
    bool ended;                         /* the input has no further bytes */
    bool skipping;                      /* the rest of a line that was too long is still to come */
} ns__lines;

/* Zero-initialise first; the buffer is used again for the next input. */
void ns__lines_start(ns__lines *lines, ns__input *input, uint64_t max_bytes);
void ns__lines_release(ns__lines *lines);

enum { NS__PEEK_BYTES = 8192, NS__MOST_PEEK_BYTES = 128 * 1024 };

/* The bytes at hand, at least `bytes` unless the input is shorter; none are used up. A byte-order
 * mark is not among them. An error only when there are none at all. */
ns_status ns__lines_peek(ns__lines *lines, size_t bytes, ns__str *out, ns_error *err);

/* The next line without its end (LF or CR LF), good until the next call. NS_DONE at the end,
 * NS_ERR_LIMIT when it is too long (*out is its beginning; the next call goes on behind it). After
 * another error *out is the unfinished line, and there is no way on. */
ns_status ns__lines_next(ns__lines *lines, ns__str *out, ns_error *err);

/* All that is left. NS_ERR_LIMIT when it is more than max_bytes. */
ns_status ns__lines_rest(ns__lines *lines, ns__str *out, ns_error *err);

/* ---- For those who cut the input elsewhere (elements.c) ---- */

/* More bytes behind those at hand, which may move; at the end `ended` is set. */
ns_status ns__lines_more(ns__lines *lines, ns_error *err);
/* … where all bytes at hand are of one piece, which is put away when it gets long. After an error
 * *out is the piece as far as it was read. */
ns_status ns__lines_go_on(ns__lines *lines, ns__str *out, ns_error *err);
/* Brings what was put away back in front of what is at hand. */
ns_status ns__lines_bring_back(ns__lines *lines, ns_error *err);
/* The error of a piece that is too long; *out, its part at hand, becomes its beginning. */
ns_status ns__lines_too_long(ns__lines *lines, ns__str *out, ns_error *err);

#endif
