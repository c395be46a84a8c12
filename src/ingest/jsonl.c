/* One JSON line into a record.
 *
 * json_scan.c, or yajl where it is out of its depth, reads the JSON of the mended line; this file
 * picks the known keys out of the events and respells every other value as Python's
 * json.dumps(ensure_ascii=False) would.
 *
 * Decisions:
 * - Known keys have aliases in order of rank (KEYS below). The best rank wins; of equal keys the
 *   last. A value without text (null, true, an object, an empty string) never becomes a column; a
 *   number becomes its digits. It is kept as a field in every case.
 * - What cannot be read (true, an object, a list where none is known) is a misfit if nothing else
 *   gives the column: the writer warns of it. null, "" and [] say that there is nothing.
 * - The string that supplied the title or the body is kept once, as kind TITLE or BODY; any other
 *   string under such a key is kept as JSON, so that the record is shown exactly as it came.
 * - A list of strings under author, source or section becomes one column, joined by ", "; as the
 *   body its strings are paragraphs.
 * - A record without id, or with an empty one, gets 16 hex digits made of the bytes of its line.
 * - A record whose id is a misfit is refused: under a made-up one it would stand beside what it
 *   should replace.
 * - A record with neither title nor body is refused.
 *
 * All strings of the record lie in record->storage, which is reserved once and never moves while
 * they are made. See `storage_bound`. */
#include "ingest/reader.h"

#include <yajl/yajl_parse.h>

#include "base/hash.h"
#include "base/limits.h"
#include "ingest/json_scan.h"
#include "ingest/looks.h"
#include "ingest/mend.h"
#include "ingest/yajl_heap.h"

typedef enum column {
    ID,
    TITLE,
    BODY,
    DATE,
    SOURCE,
    SECTION,
    AUTHOR,
    URL,
    LANG,
    COLUMN_COUNT
} column;

typedef struct known_key {
    const char *name;
    uint8_t length, column, rank; /* rank 0 is best */
} known_key;

#define KEY(name, column, rank)                                                                    \
    {                                                                                              \
        name, sizeof(name) - 1, column, rank                                                       \
    }
static const known_key KEYS[] = {
    KEY("id", ID, 0),
    KEY("title", TITLE, 0),
    KEY("headline", TITLE, 1),
    KEY("body", BODY, 0),
    KEY("text", BODY, 1),
    KEY("content", BODY, 2),
    KEY("articleBody", BODY, 3),
    KEY("date", DATE, 0),
    KEY("published", DATE, 1),
    KEY("publishedAt", DATE, 2),
    KEY("published_at", DATE, 3),
    KEY("datePublished", DATE, 4),
    KEY("date_published", DATE, 5),
    KEY("publication_date", DATE, 6),
    KEY("publish_date", DATE, 7),
    KEY("pubDate", DATE, 8),
    KEY("pub_date", DATE, 9),
    KEY("source", SOURCE, 0),
    KEY("section", SECTION, 0),
    KEY("author", AUTHOR, 0),
    KEY("authors", AUTHOR, 1),
    KEY("byline", AUTHOR, 2),
    KEY("creator", AUTHOR, 3),
    KEY("url", URL, 0),
    KEY("permalink", URL, 1),
    KEY("link", URL, 2),
    KEY("lang", LANG, 0),
    KEY("language", LANG, 1),
};

enum { NO_RANK = 255, NO_FIELD = -1 };

typedef struct parse {
    ns__record *record;
    ns__str columns[COLUMN_COUNT];
    uint8_t ranks[COLUMN_COUNT];
    ptrdiff_t text_fields[BODY + 1];  /* which field holds the title and the body, or NO_FIELD */
    const known_key *known;           /* of the top-level value being read, or NULL */
    unsigned depth;                   /* open objects and lists */
    bool first;                       /* nothing stands before the next item, or its key does */
    bool joining;                     /* inside the list that becomes a column */
    bool other_parts;                 /* it has parts that are no strings */
    size_t value_start;               /* in storage: JSON text of the top-level value */
    ns__buf joined;                   /* strings of that list */
    ns__misfit misfits[COLUMN_COUNT]; /* what could not be read, the last that counts */
    const uint8_t *storage_base;      /* where the storage lies */
    const char *problem;              /* why the parse was cancelled */
    ns__yajl_heap heap;
} parse;

/* --- storage ---------------------------------------------------------------------------------- */

/* Bytes that the strings of a line of `length` bytes can take. Keys and JSON texts: respelling
 * adds at most a blank for each separator (2x). Columns: what was unescaped (1x), a joined list
 * (1x), a title or body that was superseded and respelled (1x). And a made-up id. */
static size_t storage_bound(size_t length, size_t origin_bytes)
{
    return length * 5 + origin_bytes + 64;
}

static bool cancel(parse *p, const char *problem)
{
    p->problem = problem;
    return false;
}

static bool too_large(parse *p)
{
    return cancel(p, "its strings are larger than the record");
}

/* Copies bytes to the end of the storage, which must not move. */
static bool put(parse *p, const void *bytes, size_t length)
{
    ns__buf *storage = &p->record->storage;
    if (length > storage->capacity - storage->length)
        return too_large(p);
    if (length > 0)
        memcpy(storage->data + storage->length, bytes, length);
    storage->length += length;
    return true;
}

static ns__str stored_since(const parse *p, size_t start)
{
    const ns__buf *storage = &p->record->storage;
    return (ns__str){storage->data + start, storage->length - start};
}

static bool put_string(parse *p, const uint8_t *text, size_t length)
{
    ns__json_append_string(&p->record->storage, (ns__str){text, length});
    return p->record->storage.data == p->storage_base || too_large(p);
}

/* --- columns ---------------------------------------------------------------------------------- */

static const known_key *find_key(ns__str key)
{
    for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
        if (KEYS[i].length == key.length && memcmp(KEYS[i].name, key.data, key.length) == 0)
            return &KEYS[i];
    return NULL;
}

/* Whether the value being read may become the column of its key. */
static bool wanted(const parse *p)
{
    return p->known != NULL && p->known->rank <= p->ranks[p->known->column];
}

static bool take_column(parse *p, const void *text, size_t length)
{
    size_t start = p->record->storage.length;
    if (!put(p, text, length))
        return false;
    p->columns[p->known->column] = stored_since(p, start);
    p->misfits[p->known->column] = (ns__misfit){NULL, NULL};
    p->ranks[p->known->column] = p->known->rank;
    return true;
}

/* The field that held the title or body until now keeps its text as JSON. */
static bool supersede(parse *p, column which)
{
    if (p->text_fields[which] == NO_FIELD)
        return true;
    ns__record_field *field = &p->record->fields[p->text_fields[which]];
    size_t start = p->record->storage.length;
    if (!put_string(p, p->columns[which].data, p->columns[which].length))
        return false;
    field->kind = NS__VALUE_JSON;
    field->json = stored_since(p, start);
    p->text_fields[which] = NO_FIELD;
    return true;
}

/* The title or body itself: it needs no JSON text. */
static bool take_text(parse *p, const uint8_t *text, size_t length)
{
    column which = p->known->column;
    if (!supersede(p, which) || !take_column(p, text, length))
        return false;
    size_t index = p->record->field_count - 1;
    p->record->fields[index].kind = which == TITLE ? NS__VALUE_TITLE : NS__VALUE_BODY;
    p->text_fields[which] = (ptrdiff_t)index;
    return true;
}

/* --- misfits ---------------------------------------------------------------------------------- */

static const char SOME_PARTS[] = "has parts that are no strings: they are passed over";

/* The value of the known key is `what`, and gives no column. It counts as long as nothing else
 * gives one. */
static void misfit(parse *p, const char *what)
{
    if (p->known != NULL && p->columns[p->known->column].length == 0)
        p->misfits[p->known->column] = (ns__misfit){p->known->name, what};
}

/* A part of a list that becomes a column, but no string. */
static void begin_part(parse *p)
{
    p->other_parts |= p->joining && p->depth == 2;
}

static bool is_joined(column which)
{
    return which == AUTHOR || which == SOURCE || which == SECTION || which == BODY;
}

/* Puts a string behind those of the list before it. */
static void join(parse *p, const uint8_t *text, size_t length)
{
    if (p->joined.length > 0)
        ns__buf_append(&p->joined, p->known->column == BODY ? "\n\n" : ", ", 2);
    ns__buf_append(&p->joined, text, length);
}

/* The list of the known key has ended: its strings become the column. */
static bool take_joined(parse *p)
{
    const column which = p->known->column;
    if (p->joined.length == 0) {
        if (p->other_parts)
            misfit(p, "is a list without strings: it counts as missing");
        return true;
    }
    if ((which == BODY && !supersede(p, which)) ||
        !take_column(p, p->joined.data, p->joined.length))
        return false;
    if (p->other_parts)
        p->misfits[which] = (ns__misfit){p->known->name, SOME_PARTS};
    return true;
}

/* --- events ----------------------------------------------------------------------------------- */

static bool begin_value(parse *p)
{
    if (p->depth == 0)
        return cancel(p, "not a JSON object");
    if (p->depth == 1)
        p->value_start = p->record->storage.length;
    else if (!p->first)
        return put(p, ", ", 2);
    return true;
}

static bool end_value(parse *p)
{
    p->first = false;
    if (p->depth != 1)
        return true;
    p->record->fields[p->record->field_count - 1].json = stored_since(p, p->value_start);
    return true;
}

static int put_literal(parse *p, const char *text, size_t length)
{
    return begin_value(p) && put(p, text, length) && end_value(p);
}

static int on_null(void *context)
{
    return put_literal(context, "null", 4);
}

static int on_boolean(void *context, int value)
{
    parse *p = context;
    begin_part(p);
    if (p->depth == 1)
        misfit(p, value ? "is true: it counts as missing" : "is false: it counts as missing");
    return value ? put_literal(context, "true", 4) : put_literal(context, "false", 5);
}

static int on_number(void *context, const char *text, size_t length)
{
    parse *p = context;
    begin_part(p);
    if (!put_literal(p, text, length))
        return false;
    if (p->depth != 1 || !wanted(p))
        return true;
    column which = p->known->column;
    if ((which == TITLE || which == BODY) && !supersede(p, which))
        return false;
    return take_column(p, text, length);
}

/* Blanks are no date, as nothing is none. */
static bool is_no_value(const parse *p, ns__str text)
{
    const size_t from = p->known->column == DATE ? ns__json_skip_blanks(text, 0) : 0;
    return from == text.length;
}

static int on_string(void *context, const unsigned char *text, size_t length)
{
    parse *p = context;
    if (p->joining && p->depth == 2 && length > 0)
        join(p, text, length);
    if (p->depth == 1 && length > 0 && wanted(p) && !is_no_value(p, (ns__str){text, length})) {
        if (p->known->column == TITLE || p->known->column == BODY)
            return take_text(p, text, length);
        if (!take_column(p, text, length))
            return false;
    }
    return begin_value(p) && put_string(p, text, length) && end_value(p);
}

static bool open_container(parse *p, char bracket)
{
    if (p->depth >= NS_MAX_JSON_DEPTH)
        return cancel(p, "nested too deeply");
    begin_part(p);
    if (!begin_value(p) || !put(p, &bracket, 1))
        return false;
    p->depth++;
    p->first = true;
    return true;
}

static bool close_container(parse *p, char bracket)
{
    p->depth--;
    return put(p, &bracket, 1) && end_value(p);
}

static int on_map_start(void *context)
{
    parse *p = context;
    if (p->depth == 0) {
        p->depth = 1;
        return true;
    }
    if (p->depth == 1)
        misfit(p, "is an object: it counts as missing");
    return open_container(p, '{');
}

static int on_map_end(void *context)
{
    parse *p = context;
    if (p->depth == 1) {
        p->depth = 0;
        return true;
    }
    return close_container(p, '}');
}

static int on_list_start(void *context)
{
    parse *p = context;
    if (p->depth == 0)
        return cancel(p, "a JSON list, not an object");
    if (p->depth == 1) {
        p->joining = wanted(p) && is_joined(p->known->column);
        p->other_parts = false;
        ns__buf_clear(&p->joined);
    }
    return open_container(p, '[');
}

static int on_list_end(void *context)
{
    parse *p = context;
    const bool empty = p->first;
    if (!close_container(p, ']'))
        return false;
    if (p->depth != 1)
        return true;
    if (!p->joining && !empty)
        misfit(p, "is a list: it counts as missing");
    const bool joined = p->joining;
    p->joining = false;
    return !joined || take_joined(p);
}

/* A key of the record itself opens a field. */
static bool open_field(parse *p, const uint8_t *text, size_t length)
{
    ns__record *record = p->record;
    if (NS_RESERVE(record->fields, record->field_capacity, record->field_count + 1) != NS_OK)
        longjmp(p->heap.out_of_memory, 1);
    size_t start = record->storage.length;
    if (!put(p, text, length))
        return false;
    ns__str key = stored_since(p, start);
    record->fields[record->field_count++] = (ns__record_field){key, NS__VALUE_JSON, {NULL, 0}};
    p->known = find_key(key);
    return true;
}

static int on_key(void *context, const unsigned char *text, size_t length)
{
    parse *p = context;
    if (p->depth == 1)
        return open_field(p, text, length);
    if (!p->first && !put(p, ", ", 2))
        return false;
    p->first = true;
    return put_string(p, text, length) && put(p, ": ", 2);
}

static const yajl_callbacks CALLBACKS = {
    .yajl_null = on_null,
    .yajl_boolean = on_boolean,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_map_start,
    .yajl_map_key = on_key,
    .yajl_end_map = on_map_end,
    .yajl_start_array = on_list_start,
    .yajl_end_array = on_list_end,
};

/* --- the record ------------------------------------------------------------------------------- */

static ns_status fail_parse(parse *p, yajl_handle handle, size_t at, ns_error *err)
{
    if (p->problem != NULL)
        return ns__fail(err, NS_ERR_INPUT, "%s", p->problem);
    const char *text = (const char *)yajl_get_error(handle, 0, NULL, 0);
    return ns__fail(err, NS_ERR_INPUT, "broken JSON: byte %zu: %.*s", at, (int)strcspn(text, "\n"),
                    text);
}

static ns_status run_yajl(parse *p, ns__str text, ns_error *err)
{
    if (setjmp(p->heap.out_of_memory) != 0)
        return ns__no_memory(err);
    yajl_alloc_funcs functions = ns__yajl_heap_functions(&p->heap);
    yajl_handle handle = yajl_alloc(&CALLBACKS, &functions, p);
    yajl_config(handle, yajl_dont_validate_strings, 1); /* ns__mend_line has seen to that */
    if (yajl_parse(handle, text.data, text.length) != yajl_status_ok)
        return fail_parse(p, handle, yajl_get_bytes_consumed(handle), err);
    if (yajl_complete_parse(handle) != yajl_status_ok)
        return fail_parse(p, handle, text.length, err);
    return p->joined.failed ? ns__no_memory(err) : NS_OK;
}

/* NS_DONE: the text is unusual. */
static ns_status run_scan(parse *p, ns__str text, ns_error *err)
{
    if (setjmp(p->heap.out_of_memory) != 0)
        return ns__no_memory(err);
    switch (ns__json_scan(text, &CALLBACKS, p, &p->record->scratch)) {
    case NS__JSON_UNUSUAL:
        return NS_DONE;
    case NS__JSON_STOPPED:
        return ns__fail(err, NS_ERR_INPUT, "%s", p->problem);
    case NS__JSON_DONE:
        return p->joined.failed ? ns__no_memory(err) : NS_OK;
    default:
        return ns__no_memory(err);
    }
}

static ns__str made_up_id(parse *p, ns__str line)
{
    static const char HEX[] = "0123456789abcdef";
    ns__digest digest = ns__digest_start();
    ns__digest_add(&digest, line.data, line.length);
    char text[16];
    for (unsigned i = 0; i < 16; i++)
        text[i] = HEX[digest.a >> (60 - 4 * i) & 15];
    size_t start = p->record->storage.length;
    put(p, text, sizeof text);
    return stored_since(p, start);
}

/* At most NS_MAX_COLUMN_BYTES, whole code points. */
static ns__str cut(ns__str text)
{
    if (text.length <= NS_MAX_COLUMN_BYTES)
        return text;
    size_t length = NS_MAX_COLUMN_BYTES;
    while (length > 0 && (text.data[length] & 0xc0) == 0x80)
        length--;
    return (ns__str){text.data, length};
}

static ns_status fail_textless(const parse *p, ns__str line, ns_error *err)
{
    char path[NS__PATH_BYTES];
    if (ns__looks_list_below(line, path))
        return ns__fail(err, NS_ERR_INPUT,
                        "no text: neither title nor body; if its list is the records: "
                        "jq -c '%s[]' FILE | ns index -",
                        path);
    const ns__misfit *title = &p->misfits[TITLE], *body = &p->misfits[BODY];
    const ns__misfit *why = body->key != NULL ? body : title;
    if (why->key == NULL)
        return ns__fail(err, NS_ERR_INPUT, "no text: neither title nor body");
    return ns__fail(err, NS_ERR_INPUT, "no text: neither title nor body; %s %.*s", why->key,
                    (int)strcspn(why->what, ":"), why->what);
}

static ns_status fill_record(parse *p, ns__str line, ns_error *err)
{
    ns__record *record = p->record;
    const ns__str *columns = p->columns;
    if (columns[TITLE].length == 0 && columns[BODY].length == 0)
        return fail_textless(p, line, err);
    if (p->misfits[ID].key != NULL)
        return ns__fail(err, NS_ERR_INPUT, "the id is neither a string nor a number");
    if (columns[ID].length > NS_MAX_ID_BYTES)
        return ns__fail(err, NS_ERR_INPUT, "the id is too long: %zu bytes; at most %d are allowed",
                        columns[ID].length, NS_MAX_ID_BYTES);
    record->id = columns[ID].length > 0 ? columns[ID] : made_up_id(p, line);
    record->title = columns[TITLE];
    record->body = columns[BODY];
    record->source = cut(columns[SOURCE]);
    record->section = cut(columns[SECTION]);
    record->author = cut(columns[AUTHOR]);
    record->url = cut(columns[URL]);
    record->lang = cut(columns[LANG]);
    record->date_text = columns[DATE];
    (void)ns__date_parse(record->date_text, &record->date);
    for (int which = TITLE; which < COLUMN_COUNT; which++)
        if (p->misfits[which].key != NULL)
            record->misfits[record->misfit_count++] = p->misfits[which];
    return NS_OK;
}

/* Makes room for all strings of the record and puts the origin there. */
static ns_status begin_storage(parse *p, size_t length, const char *origin, ns_error *err)
{
    ns__buf *storage = &p->record->storage;
    size_t origin_bytes = strlen(origin) + 1;
    if (length > SIZE_MAX / 8 || !ns__buf_reserve(storage, storage_bound(length, origin_bytes)))
        return ns__no_memory(err);
    p->storage_base = storage->data;
    put(p, origin, origin_bytes);
    p->record->origin = (const char *)storage->data;
    return NS_OK;
}

/* Empties the record for the events of a text. */
static ns_status begin(parse *p, ns__record *record, ns__str text, const char *origin,
                       ns_error *err)
{
    ns__buf_release(&p->joined);
    *p = (parse){.record = record, .text_fields = {NO_FIELD, NO_FIELD, NO_FIELD}};
    memset(p->ranks, NO_RANK, sizeof p->ranks);
    ns__record_clear(record);
    return begin_storage(p, text.length, origin, err);
}

static ns_status read_events(parse *p, ns__record *record, ns__str text, const char *origin,
                             bool plain, ns_error *err)
{
    if (!plain) {
        NS_TRY(begin(p, record, text, origin, err));
        ns_status status = run_scan(p, text, err);
        if (status != NS_DONE)
            return status;
    }
    NS_TRY(begin(p, record, text, origin, err));
    return run_yajl(p, text, err);
}

static ns_status parse_line(ns__str line, const char *origin, uint64_t number, bool plain,
                            ns__record *record, ns_error *err)
{
    parse p = {.record = record};
    ns__buf copy = {0};
    size_t replaced = 0;
    ns__str text = ns__mend_line(line, &copy, &replaced);
    ns_status status = copy.failed ? ns__no_memory(err) : NS_OK;
    if (status == NS_OK)
        status = read_events(&p, record, text, origin, plain, err);
    if (status == NS_OK)
        status = fill_record(&p, line, err);
    ns__yajl_heap_release(&p.heap);
    ns__buf_release(&p.joined);
    ns__buf_release(&copy);
    if (status != NS_OK) {
        ns__record_clear(record);
        return status;
    }
    record->replaced = replaced;
    record->line = number;
    record->input_bytes = line.length;
    return NS_OK;
}

ns_status ns__jsonl_parse(ns__str line, const char *origin, uint64_t number, ns__record *record,
                          ns_error *err)
{
    return parse_line(line, origin, number, false, record, err);
}

ns_status ns__jsonl_parse_plain(ns__str line, const char *origin, uint64_t number,
                                ns__record *record, ns_error *err)
{
    return parse_line(line, origin, number, true, record, err);
}
