/* Queries as objects: making them from text, their notes. */
#include "query/query.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "os/clock.h"
#include "query/capitals.h"
#include "query/describe.h"
#include "query/usual.h"
#include "text/utf8.h"

/* ---- Notes ---- */

enum { NOTE_ROOM = 320, EXCERPT_ROOM = 40 };

static char *make_message(const char *format, va_list args)
{
    char message[NOTE_ROOM];
    vsnprintf(message, sizeof message, format, args);
    size_t length = strlen(message);
    char *copy = ns__alloc(length + 1, 1);
    if (copy == NULL)
        return NULL;
    for (size_t i = 0; i <= length; i++) {
        uint8_t c = (uint8_t)message[i];
        copy[i] = (c < 0x20 && c != 0) || c == 0x7f ? ' ' : message[i];
    }
    return copy;
}

ns_status ns__query_note(ns__query *query, uint32_t start, uint32_t end, ns_error *err,
                         const char *format, ...)
{
    if (query->note_count == NS_MAX_QUERY_NOTES)
        return NS_OK;
    if (NS_RESERVE(query->notes, query->note_capacity, query->note_count + 1) != NS_OK)
        return ns__no_memory(err);
    va_list args;
    va_start(args, format);
    char *owned = make_message(format, args);
    va_end(args);
    if (owned == NULL)
        return ns__no_memory(err);
    size_t at = query->note_count++;
    for (; at > 0 && query->notes[at - 1].start > start; at--)
        query->notes[at] = query->notes[at - 1];
    query->notes[at] = (ns_query_note){start, end, owned};
    return NS_OK;
}

ns_status ns__query_note_unknown(ns__query *query, uint32_t start, uint32_t end, ns_error *err,
                                 const char *format, ...)
{
    if (query->unknown.message != NULL)
        return NS_OK;
    va_list args;
    va_start(args, format);
    query->unknown = (ns_query_note){start, end, make_message(format, args)};
    va_end(args);
    return query->unknown.message != NULL ? NS_OK : ns__no_memory(err);
}

size_t ns_query_note_count(const ns_query *query)
{
    return query->note_count;
}

ns_query_note ns_query_note_get(const ns_query *query, size_t i)
{
    return query->notes[i];
}

ns_query_note ns_query_unknown_field(const ns_query *query)
{
    return query->note_count == 0 ? query->unknown : (ns_query_note){0};
}

/* ---- Reading ---- */

void ns_query_options_init(ns_query_options *options)
{
    *options = (ns_query_options){.now = INT64_MIN};
}

/* What a strict reader says: the first note, its place, counted as people do, and the text from
 * there on. */
static ns_status refuse(const ns__query *query, ns_error *err)
{
    const ns_query_note *note = &query->notes[0];
    char excerpt[EXCERPT_ROOM + 1];
    size_t length = 0, character = 1;
    for (size_t at = 0; at < note->start; at++)
        character += (query->text.data[at] & 0xc0) != 0x80;
    for (size_t at = note->start; at < query->text.length && length < EXCERPT_ROOM; at++) {
        uint8_t c = query->text.data[at];
        excerpt[length++] = (char)(c < 0x20 || c == 0x7f ? ' ' : c);
    }
    length = ns__utf8_valid_prefix((ns__str){(uint8_t *)excerpt, length});
    const char *quote = memchr(excerpt, '"', length) ? "'" : "\""; /* which stands out from it */
    return ns__fail(err, NS_ERR_QUERY, "at character %zu of the query, %s%.*s%s: %s", character,
                    quote, (int)length, excerpt, quote, note->message);
}

ns_status ns__query_parse(ns__query *query, const char *text, size_t length,
                          const ns_query_options *options, ns_error *err)
{
    ns_status status;
    ns_query_options all;
    ns_query_options_init(&all);
    if (options != NULL)
        all = *options;
    if (length > NS_MAX_QUERY_BYTES)
        return ns__fail(err, NS_ERR_LIMIT, "the query has %zu bytes, more than the %u allowed",
                        length, NS_MAX_QUERY_BYTES);
    ns__utf8_sanitise((ns__str){(const uint8_t *)text, length}, &query->text);
    if (query->text.failed)
        return ns__no_memory(err);
    query->written = (uint32_t)query->text.length;
    if (!all.all && !all.words && ns__query_read_usual(query, &status, err))
        return status == NS_OK ? ns__query_check_line(query, err) : status;
    if (all.now == INT64_MIN)
        all.now = ns__clock_unix_s();
    NS_TRY(ns__query_read(query, &all, err));
    if (query->text.failed)
        return ns__no_memory(err);
    if (all.no_headlines)
        NS_TRY(ns__query_note_headlines(query, err));
    if (all.strict && query->note_count > 0)
        return refuse(query, err);
    NS_TRY(ns__query_note_clashes(query, err));
    if (!all.words)
        NS_TRY(ns__query_note_capitals(query, err));
    return ns__query_check_line(query, err);
}

ns_status ns_query_parse(const char *text, size_t length, const ns_query_options *options,
                         ns_query **out, ns_error *err)
{
    *out = NULL;
    ns_query *query = ns__zalloc(1, sizeof *query);
    if (query == NULL)
        return ns__no_memory(err);
    ns_status status = ns__query_parse(query, text, length, options, err);
    ns__free(query->spare);
    query->spare = NULL;
    query->spare_capacity = 0;
    if (status != NS_OK) {
        ns_query_free(query);
        return status;
    }
    *out = query;
    return NS_OK;
}

ns_status ns_query_describe(const ns_query *query, ns_query_form form, char **out, ns_error *err)
{
    ns__buf text = {0};
    *out = NULL;
    if (form != NS_QUERY_LINE && form != NS_QUERY_OUTLINE)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no form %d of a query", (int)form);
    if (form == NS_QUERY_LINE)
        ns__query_print(query, &text);
    else
        ns__query_outline(query, &text);
    ns__buf_u8(&text, 0);
    if (text.failed) {
        ns__buf_release(&text);
        return ns__no_memory(err);
    }
    *out = (char *)text.data;
    return NS_OK;
}

void ns_query_description_free(char *description)
{
    ns__free(description);
}

static void free_message(ns_query_note *note)
{
    union {
        const char *message;
        void *owned;
    } of = {note->message};
    ns__free(of.owned);
    note->message = NULL;
}

size_t ns__query_clear(ns__query *query)
{
    for (size_t i = 0; i < query->note_count; i++)
        free_message(&query->notes[i]);
    free_message(&query->unknown);
    ns__buf_clear(&query->text);
    query->count = query->written = 0;
    query->leaves = query->filters = query->spreads = 0;
    query->note_count = 0;
    return query->text.capacity + query->note_capacity * sizeof *query->notes +
           (query->capacity + query->spare_capacity) * sizeof *query->nodes;
}

void ns__query_release(ns__query *query)
{
    (void)ns__query_clear(query);
    ns__free(query->notes);
    ns__buf_release(&query->text);
    ns__free(query->nodes);
    ns__free(query->spare);
}

void ns_query_free(ns_query *query)
{
    if (query == NULL)
        return;
    ns__query_release(query);
    ns__free(query);
}
