/* An article record: what every input format becomes.
 *
 * All strings are valid UTF-8 (invalid bytes were replaced by U+FFFD and counted). Strings point
 * into the record's own buffer and live until the next record is read. */
#ifndef NS_INGEST_RECORD_H
#define NS_INGEST_RECORD_H

#include "base/buf.h"
#include "base/error.h"
#include "ingest/date.h"

typedef enum ns__value_kind {
    NS__VALUE_TITLE = 0, /* the record's title, written as a JSON string */
    NS__VALUE_BODY = 1,  /* the record's body */
    NS__VALUE_JSON = 2,  /* any other value, as JSON text in ns's spelling */
    /* Strings that an index has already; only in packed lists, which say them once. */
    NS__VALUE_ID,
    NS__VALUE_DATE, /* in the form of ns__date_format */
    NS__VALUE_SOURCE,
    NS__VALUE_SECTION,
    NS__VALUE_LANG,
    NS__VALUE_AUTHOR,
    NS__VALUE_URL,
    NS__VALUE_KINDS
} ns__value_kind;

/* One key of the record in the order of the input, so that the record can be shown as it came. */
typedef struct ns__record_field {
    ns__str key; /* the key itself, unescaped */
    ns__value_kind kind;
    ns__str json; /* kind JSON: its value */
} ns__record_field;

/* A known key whose value is of a type that it cannot have. */
typedef struct ns__misfit {
    const char *key;  /* NULL: none */
    const char *what; /* that its value is: "is an object, …"; a clause to go on with */
} ns__misfit;

enum { NS__MOST_MISFITS = 8 }; /* one for each column but the id */

typedef struct ns__record {
    ns__str id, title, body;
    ns__str source, section, author, url, lang; /* empty when absent */
    ns__str date_text;                          /* as given, empty when absent */
    ns__date date; /* parsed; precision NONE when absent or unreadable */
    ns__record_field *fields;
    size_t field_count, field_capacity;
    ns__misfit misfits[NS__MOST_MISFITS]; /* to be warned of */
    size_t misfit_count;
    size_t replaced;      /* invalid UTF-8 sequences that were replaced */
    const char *origin;   /* path of the file it came from, "-" for standard input; in storage */
    uint64_t line;        /* 1-based line (JSON lines) or 0 */
    uint64_t input_bytes; /* bytes of input it took */
    ns__buf storage;      /* owns the bytes of the strings above */
    ns__buf scratch;      /* of whoever fills the record */
} ns__record;

/* Empties the record but keeps its memory for the next one. Zero-initialise before the first use.
 */
void ns__record_clear(ns__record *record);
void ns__record_release(ns__record *record);

/* The record's key list ("meta") as stored in an index. Layout: varint count; per field varint key
 * length, key, u8 kind; then for each field of kind JSON varint length, text. Keys and kinds, which
 * most records of a source have in common, stand together for the sake of compression. */
void ns__record_pack_fields(const ns__record *record, ns__buf *out);

/* Writes a stored article as one JSON object in ns's spelling, which is Python's json.dumps with
 * ensure_ascii=False but for numbers, which stay as they came: ", " and ": " between items, \"
 * \\ \n \r \t \b \f and \u00xx escapes only. `values` by kind (that of JSON is not looked at).
 * False when `meta` is malformed. */
bool ns__record_unpack_json(const ns__str values[NS__VALUE_KINDS], ns__str meta, ns__buf *out);
/* The same of a record that is at hand. */
bool ns__record_show(const ns__record *record, ns__str meta, ns__buf *out);
/* A JSON string with quotes, in the same spelling. */
void ns__json_append_string(ns__buf *out, ns__str text);

#endif
