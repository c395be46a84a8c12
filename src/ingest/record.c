/* Records: their memory, their packed key list, and how they are written as JSON. */
#include "ingest/record.h"

#include "base/limits.h"

/* One giant record must not keep its memory for the rest of the run. */
enum { KEEP_STORAGE_BYTES = 16 << 20, KEEP_FIELDS = 4096 };

/* The memory of a buffer, unless it is too much to be kept. */
static ns__buf emptied(ns__buf buf)
{
    if (buf.failed || buf.capacity > KEEP_STORAGE_BYTES)
        ns__buf_release(&buf);
    ns__buf_clear(&buf);
    return buf;
}

void ns__record_clear(ns__record *record)
{
    ns__record_field *fields = record->fields;
    size_t capacity = record->field_capacity;
    if (capacity > KEEP_FIELDS) {
        ns__free(fields);
        fields = NULL;
        capacity = 0;
    }
    *record = (ns__record){.date = {.unix_s = INT64_MIN},
                           .fields = fields,
                           .field_capacity = capacity,
                           .storage = emptied(record->storage),
                           .scratch = emptied(record->scratch)};
}

void ns__record_release(ns__record *record)
{
    ns__buf_release(&record->storage);
    ns__buf_release(&record->scratch);
    ns__free(record->fields);
    *record = (ns__record){.date = {.unix_s = INT64_MIN}};
}

/* The strings of a record by kind; `date` holds the date's. */
static void find_values(const ns__record *record, char date[32], ns__str values[NS__VALUE_KINDS])
{
    ns__date_format(&record->date, date);
    values[NS__VALUE_TITLE] = record->title;
    values[NS__VALUE_BODY] = record->body;
    values[NS__VALUE_JSON] = (ns__str){NULL, 0};
    values[NS__VALUE_ID] = record->id;
    values[NS__VALUE_DATE] = (ns__str){(const uint8_t *)date, strlen(date)};
    values[NS__VALUE_SOURCE] = record->source;
    values[NS__VALUE_SECTION] = record->section;
    values[NS__VALUE_LANG] = record->lang;
    values[NS__VALUE_AUTHOR] = record->author;
    values[NS__VALUE_URL] = record->url;
}

/* The kind of a field in the packed list: that of a value it repeats, if it is a string without
 * escapes. A value that is cut in its column cannot stand for the field. */
static ns__value_kind packed_kind(const ns__record_field *field, const ns__str *values)
{
    ns__str json = field->json;
    if (field->kind != NS__VALUE_JSON || json.length < 2 || json.data[0] != '"' ||
        json.length - 2 > NS_MAX_COLUMN_BYTES || memchr(json.data, '\\', json.length) != NULL)
        return field->kind;
    ns__str text = {json.data + 1, json.length - 2};
    for (int kind = NS__VALUE_ID; kind < NS__VALUE_KINDS; kind++)
        if (ns__str_equal(text, values[kind]))
            return (ns__value_kind)kind;
    return NS__VALUE_JSON;
}

void ns__record_pack_fields(const ns__record *record, ns__buf *out)
{
    char date[32];
    ns__str values[NS__VALUE_KINDS];
    find_values(record, date, values);
    ns__buf_varint(out, record->field_count);
    for (size_t i = 0; i < record->field_count; i++) {
        const ns__record_field *field = &record->fields[i];
        ns__buf_varint(out, field->key.length);
        ns__buf_append(out, field->key.data, field->key.length);
        ns__buf_u8(out, (uint8_t)packed_kind(field, values));
    }
    for (size_t i = 0; i < record->field_count; i++) {
        const ns__record_field *field = &record->fields[i];
        if (packed_kind(field, values) != NS__VALUE_JSON)
            continue;
        ns__buf_varint(out, field->json.length);
        ns__buf_append(out, field->json.data, field->json.length);
    }
}

/* Steps over one key and its kind. */
static uint8_t next_key(ns__cur *keys, ns__str *key)
{
    *key = ns__cur_str(keys);
    uint8_t kind = ns__cur_u8(keys);
    keys->bad = keys->bad || kind >= NS__VALUE_KINDS;
    return kind;
}

bool ns__record_unpack_json(const ns__str values[NS__VALUE_KINDS], ns__str meta, ns__buf *out)
{
    if (meta.length == 0)
        return false;
    ns__str key;
    ns__cur keys = ns__cur_of(meta.data, meta.length);
    uint64_t count = ns__cur_varint(&keys);
    ns__cur texts = keys; /* behind the keys */
    for (uint64_t i = 0; i < count && !texts.bad; i++)
        next_key(&texts, &key);
    ns__buf_u8(out, '{');
    for (uint64_t i = 0; i < count && !texts.bad; i++) {
        uint8_t kind = next_key(&keys, &key);
        if (i > 0)
            ns__buf_append(out, ", ", 2);
        ns__json_append_string(out, key);
        ns__buf_append(out, ": ", 2);
        if (kind == NS__VALUE_JSON) {
            ns__str json = ns__cur_str(&texts);
            ns__buf_append(out, json.data, json.length);
        } else {
            ns__json_append_string(out, values[kind]);
        }
    }
    ns__buf_u8(out, '}');
    return !texts.bad && texts.at == texts.end;
}

bool ns__record_show(const ns__record *record, ns__str meta, ns__buf *out)
{
    char date[32];
    ns__str values[NS__VALUE_KINDS];
    find_values(record, date, values);
    return ns__record_unpack_json(values, meta, out);
}

static inline bool needs_escape(uint8_t byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

/* The high bit of each byte of x that is 0; bits above the lowest of them may be wrong. */
static inline uint64_t zero_bytes(uint64_t x)
{
    return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/* Bytes at the beginning of text that need no escape. */
static size_t plain_run(const uint8_t *text, size_t length)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    size_t at = 0;
    for (; length - at >= 8; at += 8) {
        uint64_t word = ns__get_u64(text + at);
        uint64_t found = zero_bytes(word ^ ones * '"') | zero_bytes(word ^ ones * '\\') |
                         ((word - ones * 0x20) & ~word & highs);
        if (found)
            return at + (size_t)__builtin_ctzll(found) / 8;
    }
    while (at < length && !needs_escape(text[at]))
        at++;
    return at;
}

static void append_escape(ns__buf *out, uint8_t byte)
{
    static const char HEX[] = "0123456789abcdef";
    char text[6] = {'\\', 'u', '0', '0', HEX[byte >> 4], HEX[byte & 15]};
    size_t length = 2;
    switch (byte) {
    case '\n':
        text[1] = 'n';
        break;
    case '\r':
        text[1] = 'r';
        break;
    case '\t':
        text[1] = 't';
        break;
    case '\b':
        text[1] = 'b';
        break;
    case '\f':
        text[1] = 'f';
        break;
    case '"':
    case '\\':
        text[1] = (char)byte;
        break;
    default:
        length = 6;
    }
    ns__buf_append(out, text, length);
}

void ns__json_append_string(ns__buf *out, ns__str text)
{
    ns__buf_u8(out, '"');
    for (size_t i = 0; i < text.length;) {
        size_t run = plain_run(text.data + i, text.length - i);
        ns__buf_append(out, text.data + i, run);
        i += run;
        if (i < text.length)
            append_escape(out, text.data[i++]);
    }
    ns__buf_u8(out, '"');
}
