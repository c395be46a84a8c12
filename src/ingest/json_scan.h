/* The usual JSON text as yajl's events, several times as fast as yajl.
 *
 * What is not usual (an error, a character out of place, a lone surrogate, deep nesting) is left to
 * yajl, which knows all rules and says what is wrong. So the two never differ in what they accept.
 */
#ifndef NS_INGEST_JSON_SCAN_H
#define NS_INGEST_JSON_SCAN_H

#include <yajl/yajl_parse.h>

#include "base/buf.h"
#include "base/bytes.h"

typedef enum ns__json_outcome {
    NS__JSON_DONE,
    NS__JSON_STOPPED, /* by a callback */
    NS__JSON_UNUSUAL, /* some events were told: they have to be forgotten */
    NS__JSON_NO_MEMORY
} ns__json_outcome;

/* Tells of the object `text`, valid UTF-8, what yajl would. Strings are unescaped in `scratch`. */
ns__json_outcome ns__json_scan(ns__str text, const yajl_callbacks *on, void *context,
                               ns__buf *scratch);

/* The blanks of JSON. */
static inline bool ns__json_is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}
/* The first byte from `at` on that is none; text.length where there is none. */
static inline size_t ns__json_skip_blanks(ns__str text, size_t at)
{
    while (at < text.length && ns__json_is_blank(text.data[at]))
        at++;
    return at;
}

#endif
