/* A text file as one article; the rules stand in reader.h. */
#include "ingest/reader.h"

#include "base/hash.h"
#include "base/limits.h"
#include "text/utf8.h"

enum { TITLE_BYTES = 200 };

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static size_t line_end(ns__str text, size_t at)
{
    const uint8_t *newline =
        at < text.length ? memchr(text.data + at, '\n', text.length - at) : NULL;
    return newline != NULL ? (size_t)(newline - text.data) : text.length;
}

static size_t skip_blanks(ns__str text, size_t at)
{
    while (at < text.length && is_blank(text.data[at]))
        at++;
    return at;
}

/* Splits off a title line; false when there is none. */
static bool split_title(ns__str text, ns__str *title, ns__str *body)
{
    size_t start = skip_blanks(text, 0);
    size_t end = line_end(text, start);
    size_t next = end + 1; /* the line that must be blank */
    if (next >= text.length)
        return false;
    size_t rest = skip_blanks(text, next);
    if (rest == text.length || rest <= line_end(text, next))
        return false;
    while (end > start && is_blank(text.data[end - 1]))
        end--;
    if (end - start >= TITLE_BYTES)
        return false;
    /* The body keeps the indentation of its first line. */
    while (text.data[rest - 1] != '\n')
        rest--;
    *title = (ns__str){text.data + start, end - start};
    *body = (ns__str){text.data + rest, text.length - rest};
    return true;
}

/* The name of the file without folders and without suffixes such as .txt.gz. */
static ns__str stem(ns__str path)
{
    size_t start = path.length;
    while (start > 0 && path.data[start - 1] != '/')
        start--;
    ns__str name = {path.data + start, path.length - start};
    static const char *const SUFFIXES[] = {".gz", ".txt", ".text", ".md"};
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof *SUFFIXES; i++) {
        size_t bytes = strlen(SUFFIXES[i]);
        if (name.length > bytes && memcmp(name.data + name.length - bytes, SUFFIXES[i], bytes) == 0)
            name.length -= bytes;
    }
    return name;
}

static void hex_of_digest(ns__str text, char hex[16])
{
    ns__digest digest = ns__digest_start();
    ns__digest_add(&digest, text.data, text.length);
    for (unsigned i = 0; i < 16; i++)
        hex[i] = "0123456789abcdef"[digest.a >> (60 - 4 * i) & 15];
}

/* Where a piece of the storage lies: the storage moves while it grows. */
typedef struct span {
    size_t start, end;
} span;

static ns__str stored(const ns__record *record, span piece)
{
    return (ns__str){record->storage.data + piece.start, piece.end - piece.start};
}

static ns_status add_field(ns__record *record, ns__str key, ns__value_kind kind, ns__str json)
{
    if (NS_RESERVE(record->fields, record->field_capacity, record->field_count + 1) != NS_OK)
        return NS_ERR_MEMORY;
    record->fields[record->field_count++] = (ns__record_field){key, kind, json};
    return NS_OK;
}

/* Where the pieces of a text file lie in the storage of its record, which begins with the path. */
typedef struct pieces {
    span id, text;
    span json; /* the id as JSON */
} pieces;

/* Appends a path as an id, which is the same however the path was typed: without ./ and // in it.
 * Links and .. are kept. */
static size_t append_path(ns__buf *out, ns__str path)
{
    size_t replaced = 0;
    bool first = true;
    ns__buf_append(out, "/", path.length > 0 && path.data[0] == '/');
    for (size_t at = 0, end; at < path.length; at = end + 1) {
        for (end = at; end < path.length && path.data[end] != '/';)
            end++;
        const ns__str name = {path.data + at, end - at};
        if (name.length == 0 || (name.length == 1 && name.data[0] == '.'))
            continue;
        ns__buf_append(out, "/", !first);
        replaced += ns__utf8_sanitise(name, out);
        first = false;
    }
    return replaced;
}

/* The id is the path, or made of the text where there is none. False without memory. */
static bool store(ns__record *record, ns__str path, bool has_path, ns__str text, pieces *out)
{
    enum { ESCAPE_BYTES = 6 }; /* a byte takes as JSON, \u001f */
    ns__buf *storage = &record->storage;
    ns__buf_append(storage, path.data, path.length + 1);
    out->id.start = storage->length;
    if (has_path) {
        record->replaced += append_path(storage, path);
    } else {
        char hex[16];
        hex_of_digest(text, hex);
        ns__buf_append(storage, hex, sizeof hex);
    }
    out->id.end = out->text.start = storage->length;
    record->replaced += ns__utf8_sanitise(text, storage);
    out->text.end = out->json.start = storage->length;
    /* Reserved at once: what is written comes out of the same storage. */
    if (!ns__buf_reserve(storage, ESCAPE_BYTES * (out->id.end - out->id.start) + 2))
        return false;
    ns__json_append_string(storage, stored(record, out->id));
    out->json.end = storage->length;
    return true;
}

ns_status ns__textfile_parse(ns__str text, const char *origin, ns__record *record, ns_error *err)
{
    const ns__str nothing = {NULL, 0}, path = {(const uint8_t *)origin, strlen(origin)};
    const bool has_path = strcmp(origin, "-") != 0;
    pieces at;
    ns__record_clear(record);
    if (skip_blanks(text, 0) == text.length)
        return ns__fail(err, NS_ERR_INPUT, "no text: the file is empty");
    if (path.length > NS_MAX_ID_BYTES / 3) /* each byte may become U+FFFD */
        return ns__fail(err, NS_ERR_INPUT, "the path is too long for an id");
    if (!store(record, path, has_path, text, &at))
        return ns__no_memory(err);
    record->origin = (const char *)record->storage.data;
    record->id = stored(record, at.id);
    if (!split_title(stored(record, at.text), &record->title, &record->body)) {
        record->body = stored(record, at.text);
        record->title = has_path ? stem(record->id) : nothing;
    }
    record->input_bytes = text.length;
    if ((has_path &&
         add_field(record, NS_STR("id"), NS__VALUE_JSON, stored(record, at.json)) != NS_OK) ||
        add_field(record, NS_STR("title"), NS__VALUE_TITLE, nothing) != NS_OK ||
        add_field(record, NS_STR("body"), NS__VALUE_BODY, nothing) != NS_OK)
        return ns__no_memory(err);
    return NS_OK;
}
