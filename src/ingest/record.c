/* Records: their memory, their packed key list, and how they are written as JSON. */
#include "ingest/record.h"

/* One giant record must not keep its memory for the rest of the run. */
enum { KEEP_STORAGE_BYTES = 16 << 20, KEEP_FIELDS = 4096 };

void ns__record_clear(ns__record *record)
{
    ns__buf storage = record->storage;
    ns__record_field *fields = record->fields;
    size_t capacity = record->field_capacity;
    if (storage.failed || storage.capacity > KEEP_STORAGE_BYTES)
        ns__buf_release(&storage);
    if (capacity > KEEP_FIELDS) {
        ns__free(fields);
        fields = NULL;
        capacity = 0;
    }
    ns__buf_clear(&storage);
    *record = (ns__record){.date = {.unix_s = INT64_MIN},
                           .fields = fields,
                           .field_capacity = capacity,
                           .storage = storage};
}

void ns__record_release(ns__record *record)
{
    ns__buf_release(&record->storage);
    ns__free(record->fields);
    *record = (ns__record){.date = {.unix_s = INT64_MIN}};
}

void ns__record_pack_fields(const ns__record *record, ns__buf *out)
{
    ns__buf_varint(out, record->field_count);
    for (size_t i = 0; i < record->field_count; i++) {
        const ns__record_field *field = &record->fields[i];
        ns__buf_varint(out, field->key.length);
        ns__buf_append(out, field->key.data, field->key.length);
        ns__buf_u8(out, (uint8_t)field->kind);
        if (field->kind == NS__VALUE_JSON) {
            ns__buf_varint(out, field->json.length);
            ns__buf_append(out, field->json.data, field->json.length);
        }
    }
}

bool ns__record_unpack_json(ns__str title, ns__str body, ns__str meta, ns__buf *out)
{
    if (meta.length == 0)
        return false;
    ns__cur cur = ns__cur_of(meta.data, meta.length);
    uint64_t count = ns__cur_varint(&cur);
    ns__buf_u8(out, '{');
    for (uint64_t i = 0; i < count && !cur.bad; i++) {
        if (i > 0)
            ns__buf_append(out, ", ", 2);
        ns__json_append_string(out, ns__cur_str(&cur));
        ns__buf_append(out, ": ", 2);
        uint8_t kind = ns__cur_u8(&cur);
        if (kind == NS__VALUE_TITLE) {
            ns__json_append_string(out, title);
        } else if (kind == NS__VALUE_BODY) {
            ns__json_append_string(out, body);
        } else if (kind == NS__VALUE_JSON) {
            ns__str json = ns__cur_str(&cur);
            ns__buf_append(out, json.data, json.length);
        } else {
            return false;
        }
    }
    ns__buf_u8(out, '}');
    return !cur.bad && cur.at == cur.end;
}

static inline bool needs_escape(uint8_t byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
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
    size_t start = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (!needs_escape(text.data[i]))
            continue;
        ns__buf_append(out, text.data + start, i - start);
        append_escape(out, text.data[i]);
        start = i + 1;
    }
    if (start < text.length)
        ns__buf_append(out, text.data + start, text.length - start);
    ns__buf_u8(out, '"');
}
