/* Splitting input into lines. */
#include "ingest/lines.h"

#include "base/mem.h"

enum { FIRST_BYTES = 256 * 1024, HOLD_BYTES = 8 << 20, KEEP_BYTES = 16 << 20 };

void ns__lines_start(ns__lines *lines, ns__input *input, uint64_t max_bytes)
{
    if (lines->capacity > KEEP_BYTES)
        ns__lines_release(lines);
    ns__held_release(&lines->held);
    lines->input = input;
    lines->max_bytes = max_bytes;
    lines->start = lines->end = 0;
    lines->number = 0;
    lines->ended = lines->skipping = false;
}

void ns__lines_release(ns__lines *lines)
{
    ns__held_release(&lines->held);
    ns__free(lines->data);
    *lines = (ns__lines){0};
}

/* Moves the bytes in hand to the front and grows the buffer when they fill it. */
static ns_status make_room(ns__lines *lines, ns_error *err)
{
    if (lines->start > 0) {
        memmove(lines->data, lines->data + lines->start, lines->end - lines->start);
        lines->end -= lines->start;
        lines->start = 0;
    }
    if (lines->end < lines->capacity)
        return NS_OK;
    size_t grown = lines->capacity < FIRST_BYTES ? FIRST_BYTES : lines->capacity * 2;
    /* One byte more than the limit is enough to see that a line is too long. */
    if (grown > FIRST_BYTES && grown > lines->max_bytes + 2)
        grown = (size_t)lines->max_bytes + 2 > lines->capacity ? (size_t)lines->max_bytes + 2
                                                               : lines->capacity + FIRST_BYTES;
    uint8_t *data = ns__realloc(lines->data, grown, 1);
    if (data == NULL)
        return ns__no_memory(err);
    lines->data = data;
    lines->capacity = grown;
    return NS_OK;
}

ns_status ns__lines_more(ns__lines *lines, ns_error *err)
{
    NS_TRY(make_room(lines, err));
    size_t got;
    NS_TRY(ns__input_read(lines->input, lines->data + lines->end, lines->capacity - lines->end,
                          &got, err));
    lines->end += got;
    lines->ended = got == 0;
    return NS_OK;
}

ns_status ns__lines_peek(ns__lines *lines, size_t bytes, ns__str *out, ns_error *err)
{
    *out = (ns__str){NULL, 0};
    ns_status status = NS_OK;
    while (lines->end - lines->start < bytes && !lines->ended && status == NS_OK)
        status = ns__lines_more(lines, err);
    /* What is at hand comes first; the input gives its error again when more is asked for. */
    if (status == NS_ERR_MEMORY || status == NS_ERR_CANCELLED ||
        (status != NS_OK && lines->end == lines->start))
        return status;
    if (lines->end - lines->start >= 3 &&
        memcmp(lines->data + lines->start, "\xef\xbb\xbf", 3) == 0)
        lines->start += 3;
    *out = (ns__str){lines->data + lines->start, lines->end - lines->start};
    return NS_OK;
}

/* Throws away the rest of a line that was too long. */
static ns_status skip_line(ns__lines *lines, ns_error *err)
{
    for (;;) {
        size_t length = lines->end - lines->start;
        const uint8_t *at = lines->data + lines->start;
        const uint8_t *newline = length > 0 ? memchr(at, '\n', length) : NULL;
        if (newline != NULL) {
            lines->start += (size_t)(newline - at) + 1;
            break;
        }
        lines->start = lines->end = 0;
        if (lines->ended)
            break;
        NS_TRY(ns__lines_more(lines, err));
    }
    lines->skipping = false;
    return NS_OK;
}

/* Puts what is at hand of an unfinished line away. */
static ns_status hold(ns__lines *lines, ns_error *err)
{
    if (lines->held.bytes == 0)
        memcpy(lines->beginning, lines->data + lines->start, NS__SHOWN_BYTES);
    NS_TRY(ns__held_add(&lines->held, lines->data + lines->start, lines->end - lines->start, err));
    lines->start = lines->end = 0;
    return NS_OK;
}

ns_status ns__lines_bring_back(ns__lines *lines, ns_error *err)
{
    size_t held = (size_t)lines->held.bytes, rest = lines->end - lines->start;
    uint8_t *data = ns__alloc(held + rest, 1);
    ns_status status = data ? ns__held_take(&lines->held, data, err) : ns__no_memory(err);
    if (status < 0) {
        ns__free(data);
        return status;
    }
    memcpy(data + held, lines->data + lines->start, rest);
    ns__free(lines->data);
    lines->data = data;
    lines->start = 0;
    lines->end = lines->capacity = held + rest;
    return NS_OK;
}

ns_status ns__lines_go_on(ns__lines *lines, ns__str *out, ns_error *err)
{
    ns_status status = NS_OK;
    if (lines->end - lines->start >= HOLD_BYTES)
        status = hold(lines, err);
    if (status == NS_OK)
        status = ns__lines_more(lines, err);
    if (status == NS_OK)
        return NS_OK;
    if (lines->held.bytes > 0 && ns__lines_bring_back(lines, NULL) < 0)
        ns__held_release(&lines->held);
    *out = (ns__str){lines->data + lines->start, lines->end - lines->start};
    return status;
}

ns_status ns__lines_too_long(ns__lines *lines, ns__str *out, ns_error *err)
{
    if (lines->held.bytes > 0)
        *out = (ns__str){lines->beginning, NS__SHOWN_BYTES};
    else if (out->length > NS__SHOWN_BYTES)
        out->length = NS__SHOWN_BYTES;
    ns__held_release(&lines->held);
    lines->skipping = true;
    return ns__fail(err, NS_ERR_LIMIT, "the record is too large: more than %llu bytes",
                    (unsigned long long)lines->max_bytes);
}

ns_status ns__lines_next(ns__lines *lines, ns__str *out, ns_error *err)
{
    *out = (ns__str){NULL, 0};
    if (lines->skipping)
        NS_TRY(skip_line(lines, err));
    if (lines->data == NULL)
        NS_TRY(make_room(lines, err));
    lines->number++;
    size_t searched = 0; /* bytes at hand known to hold no newline */
    for (;;) {
        const uint8_t *at = lines->data + lines->start;
        size_t length = lines->end - lines->start;
        const uint64_t held = lines->held.bytes;
        const uint8_t *newline =
            length > searched ? memchr(at + searched, '\n', length - searched) : NULL;
        *out = (ns__str){at, newline != NULL ? (size_t)(newline - at) : length};
        bool whole = newline != NULL || lines->ended;
        if (whole && held + length == 0)
            return NS_DONE;
        /* A CR at the limit may belong to the end of the line; it may have been put away. */
        if (whole && out->length > 0 && at[out->length - 1] == '\r')
            out->length--;
        if (held + out->length > lines->max_bytes + (!whole || held > 0))
            return ns__lines_too_long(lines, out, err);
        if (whole && held == 0) {
            lines->start = newline != NULL ? lines->start + (size_t)(newline - at) + 1 : lines->end;
            return NS_OK;
        }
        if (whole)
            NS_TRY(ns__lines_bring_back(lines, err));
        else
            NS_TRY(ns__lines_go_on(lines, out, err));
        searched = whole ? (size_t)held : lines->held.bytes > held ? 0 : length;
    }
}

ns_status ns__lines_rest(ns__lines *lines, ns__str *out, ns_error *err)
{
    *out = (ns__str){NULL, 0};
    while (!lines->ended && lines->held.bytes + lines->end - lines->start <= lines->max_bytes)
        NS_TRY(ns__lines_go_on(lines, out, err));
    *out = (ns__str){lines->data + lines->start, lines->end - lines->start};
    if (lines->held.bytes + out->length > lines->max_bytes)
        return ns__lines_too_long(lines, out, err);
    if (lines->held.bytes > 0) {
        NS_TRY(ns__lines_bring_back(lines, err));
        *out = (ns__str){lines->data, lines->end};
    }
    lines->start = lines->end;
    return NS_OK;
}
