/* Cutting JSON into elements: see elements.h. */
#include "ingest/elements.h"

#include "ingest/json_scan.h"
#include "ingest/looks.h"

void ns__elements_start(ns__elements *elements, bool lists)
{
    *elements = (ns__elements){.line = 1, .place = lists ? NS__ELEMENTS_OUTSIDE : NS__ELEMENTS_ROW};
}

static bool is_of_scalar(uint8_t byte)
{
    const uint8_t lower = byte | 0x20;
    return (byte >= '0' && byte <= '9') || (lower >= 'a' && lower <= 'z') || byte == '-' ||
           byte == '+' || byte == '.';
}

static bool begins_scalar(uint8_t byte)
{
    return (byte >= '0' && byte <= '9') || byte == '-' || byte == 't' || byte == 'f' || byte == 'n';
}

static bool begins_element(uint8_t byte)
{
    return byte == '{' || byte == '[' || byte == '"' || begins_scalar(byte);
}

/* ---- Inside an element ---- */

static void begin_element(ns__elements *e, uint8_t first)
{
    e->inside = true;
    e->scalar = begins_scalar(first);
    e->in_string = e->escaped = false;
    e->opened = first;
    e->closed = 0;
    e->depth = 0;
}

/* From a place in a string to behind its closing quote, or to the end of what is there. */
static size_t pass_string(ns__elements *e, ns__str text, size_t at)
{
    if (e->escaped) {
        e->escaped = false;
        at++;
    }
    while (at < text.length) {
        const uint8_t *quote = memchr(text.data + at, '"', text.length - at);
        const size_t stop = quote != NULL ? (size_t)(quote - text.data) : text.length;
        size_t slashes = 0;
        while (slashes < stop - at && text.data[stop - 1 - slashes] == '\\')
            slashes++;
        const bool odd = slashes % 2 != 0;
        if (quote == NULL) {
            e->escaped = odd;
            return stop;
        }
        at = stop + 1;
        if (!odd) {
            e->in_string = false;
            e->inside = e->depth > 0;
            return at;
        }
    }
    return at;
}

/* From a place between strings to behind the next quote or the bracket that ends the element. */
static size_t pass_brackets(ns__elements *e, ns__str text, size_t at)
{
    while (at < text.length) {
        const uint8_t byte = text.data[at++];
        if (byte == '"') {
            e->in_string = true;
            return at;
        }
        if (byte == '{' || byte == '[')
            e->depth++;
        if ((byte == '}' || byte == ']') && --e->depth == 0) {
            e->closed = byte;
            e->inside = false;
            return at;
        }
    }
    return at;
}

static size_t pass_scalar(ns__elements *e, ns__str text, size_t at)
{
    while (at < text.length && is_of_scalar(text.data[at]))
        at++;
    e->inside = at == text.length;
    return at;
}

static uint64_t count_newlines(const uint8_t *at, const uint8_t *end)
{
    uint64_t count = 0;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* Goes on with the element at text[from]; returns where it ends, or text.length. */
static size_t scan(ns__elements *e, ns__str text, size_t from)
{
    size_t at = from;
    while (e->inside && at < text.length) {
        if (e->in_string)
            at = pass_string(e, text, at);
        else if (e->scalar)
            at = pass_scalar(e, text, at);
        else
            at = pass_brackets(e, text, at);
    }
    if (at > from)
        e->line += count_newlines(text.data + from, text.data + at);
    return at;
}

/* ---- Between elements ---- */

#define REST "; the rest of this file is passed over"

/* What is wrong with the byte at this place, NULL for nothing. */
static const char *judge(const ns__elements *e, uint8_t byte)
{
    const bool element = begins_element(byte);
    switch (e->place) {
    case NS__ELEMENTS_OUTSIDE:
        return byte == '[' ? NULL : "stray text behind a JSON list" REST;
    case NS__ELEMENTS_OPENED:
        return element || byte == ']' ? NULL : "stray text in a JSON list" REST;
    case NS__ELEMENTS_COMMA:
        if (byte == ']')
            return "a comma before the end of the JSON list" REST;
        return element ? NULL : "stray text in a JSON list" REST;
    case NS__ELEMENTS_BEHIND:
        if (byte == ',' || byte == ']')
            return NULL;
        return element ? "no comma before this element of the JSON list" REST
                       : "stray text in a JSON list" REST;
    default:
        return element ? NULL : "stray text between JSON records" REST;
    }
}

/* Takes the byte; whether it is the first of an element, which is left where it is. */
static bool step(ns__elements *e, uint8_t byte)
{
    if (e->place == NS__ELEMENTS_OUTSIDE) {
        e->place = NS__ELEMENTS_OPENED;
    } else if (e->place != NS__ELEMENTS_ROW && byte == ']') {
        e->place = NS__ELEMENTS_OUTSIDE;
    } else if (e->place == NS__ELEMENTS_BEHIND) {
        e->place = NS__ELEMENTS_COMMA;
    } else {
        begin_element(e, byte);
        return true;
    }
    return false;
}

static ns_status fail_at(const ns__elements *e, ns__lines *lines, const char *problem, ns__str *out,
                         ns_error *err)
{
    size_t length = lines->end - lines->start;
    length = length < NS__SHOWN_BYTES ? length : NS__SHOWN_BYTES;
    const uint8_t *at = lines->data + lines->start;
    const uint8_t *newline = length > 0 ? memchr(at, '\n', length) : NULL;
    *out = (ns__str){at, newline != NULL ? (size_t)(newline - at) : length};
    lines->number = e->line;
    return ns__fail(err, NS_ERR_INPUT, "%s", problem);
}

/* Goes to the first byte of the next element. */
static ns_status find_element(ns__elements *e, ns__lines *lines, ns__str *out, ns_error *err)
{
    for (;;) {
        for (; lines->start < lines->end; lines->start++) {
            const uint8_t byte = lines->data[lines->start];
            e->line += byte == '\n';
            if (ns__json_is_blank(byte))
                continue;
            const char *problem = judge(e, byte);
            if (problem != NULL)
                return fail_at(e, lines, problem, out, err);
            if (step(e, byte))
                return NS_OK;
        }
        if (lines->ended && (e->place == NS__ELEMENTS_ROW || e->place == NS__ELEMENTS_OUTSIDE))
            return NS_DONE;
        if (lines->ended)
            return fail_at(e, lines, "the JSON list has no end: cut off, or a ] is missing", out,
                           err);
        lines->number = e->line;
        NS_TRY(ns__lines_more(lines, err));
    }
}

/* Throws away the rest of an element that was too long. */
static ns_status skip_element(ns__elements *e, ns__lines *lines, ns_error *err)
{
    for (;;) {
        const size_t length = lines->end - lines->start;
        lines->start += scan(e, (ns__str){lines->data + lines->start, length}, 0);
        if (!e->inside || (lines->ended && e->scalar))
            break;
        if (lines->ended)
            return ns__fail(err, NS_ERR_INPUT,
                            "the record has no end: cut off, or a bracket or quote is missing");
        NS_TRY(ns__lines_more(lines, err));
    }
    e->inside = false;
    return NS_OK;
}

static void end_element(ns__elements *e)
{
    if (e->place != NS__ELEMENTS_ROW)
        e->place = NS__ELEMENTS_BEHIND;
}

/* The whole element, whose last bytes are out->length at hand. */
static ns_status take(ns__elements *e, ns__lines *lines, ns__str *out, ns_error *err)
{
    const size_t length = (size_t)lines->held.bytes + out->length;
    if (lines->held.bytes > 0)
        NS_TRY(ns__lines_bring_back(lines, err));
    *out = (ns__str){lines->data + lines->start, length};
    lines->start += length;
    if ((e->opened == '{' && e->closed != '}') || (e->opened == '[' && e->closed != ']'))
        return ns__fail(err, NS_ERR_INPUT, "the record's brackets do not match" REST);
    return NS_OK;
}

ns_status ns__elements_next(ns__elements *e, ns__lines *lines, ns__str *out, ns_error *err)
{
    *out = (ns__str){NULL, 0};
    if (e->inside)
        NS_TRY(skip_element(e, lines, err));
    const ns_status found = find_element(e, lines, out, err);
    if (found != NS_OK)
        return found;
    lines->number = e->line;
    end_element(e);
    for (size_t scanned = 0;;) {
        const uint64_t held = lines->held.bytes;
        *out = (ns__str){lines->data + lines->start, lines->end - lines->start};
        const size_t length = out->length;
        out->length = scan(e, *out, scanned);
        e->inside = e->inside && !(lines->ended && e->scalar);
        if (held + out->length > lines->max_bytes) {
            lines->start += out->length;
            return ns__lines_too_long(lines, out, err);
        }
        if (!e->inside)
            return take(e, lines, out, err);
        if (lines->ended)
            break;
        NS_TRY(ns__lines_go_on(lines, out, err));
        scanned = lines->held.bytes > held ? 0 : length;
    }
    if (lines->held.bytes > 0)
        NS_TRY(ns__lines_bring_back(lines, err));
    *out = (ns__str){lines->data + lines->start, lines->end - lines->start};
    return ns__fail(err, NS_ERR_INPUT,
                    "the record has no end: cut off, or a bracket or quote is missing");
}

/* ---- Recognising ---- */

bool ns__elements_over_lines(ns__str text)
{
    const uint8_t *newline = text.length > 0 ? memchr(text.data, '\n', text.length) : NULL;
    if (newline == NULL)
        return false;
    const ns__str line = {text.data, (size_t)(newline - text.data)};
    ns__elements e = {.line = 1};
    begin_element(&e, '{');
    scan(&e, line, 0);
    if (!e.inside || e.in_string)
        return false;
    if (ns__json_skip_blanks(line, 1) == line.length)
        return true; /* a bracket alone */
    const bool another = line.length + 1 < text.length && newline[1] == '{';
    return !another && ns__looks_like_object(line);
}
