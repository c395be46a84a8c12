/* Making and applying spellings: see spelling.h. */
#include "text/spelling.h"

#include <utf8proc.h>

#include "text/utf8.h"

enum { CASE_MASK = 3, CASES = 3, FRONT = 4, DROP = 8, ADD = 16, EDIT = 32, TAIL = 64, FLAGS = 127 };
enum { CASE_NONE, CASE_FIRST, CASE_ALL };
enum { MOST_FRONT = 8 /* bytes in front of a term that are looked for */ };

/* The ending of a possessive that a word has, or one of length 0. */
static ns__str possessive_ending(ns__str text)
{
    static const char *const endings[] = {"'s", "\u2019s", "'", "\u2019"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const size_t length = strlen(endings[i]);
        if (text.length >= length &&
            memcmp(text.data + text.length - length, endings[i], length) == 0)
            return (ns__str){text.data + text.length - length, length};
    }
    return (ns__str){NULL, 0};
}

/* ---- Case ---- */

static void append_upper(uint32_t code, const uint8_t *as_is, unsigned length, ns__buf *out)
{
    uint8_t bytes[4];
    const utf8proc_int32_t upper = utf8proc_toupper((utf8proc_int32_t)code);
    const utf8proc_ssize_t made =
        upper == (utf8proc_int32_t)code ? 0 : utf8proc_encode_char(upper, bytes);
    if (made > 0)
        ns__buf_append(out, bytes, (size_t)made);
    else
        ns__buf_append(out, as_is, length);
}

/* Appends valid UTF-8 in the case. */
static void append_cased(ns__str text, unsigned how, ns__buf *out)
{
    size_t at = 0;
    for (unsigned length; how != CASE_NONE && at < text.length; at += length) {
        const uint8_t c = text.data[at];
        length = 1;
        if (c < 0x80)
            ns__buf_u8(out, c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c);
        else
            append_upper(ns__utf8_decode(text.data + at, &length), text.data + at, length, out);
        if (how == CASE_FIRST) {
            at += length;
            break;
        }
    }
    if (at < text.length)
        ns__buf_append(out, text.data + at, text.length - at);
}

/* ---- Making ---- */

static size_t shared_front(ns__str a, ns__str b)
{
    size_t most = a.length < b.length ? a.length : b.length, n = 0;
    while (n < most && a.data[n] == b.data[n])
        n++;
    return n;
}

static size_t shared_end(ns__str a, ns__str b)
{
    size_t most = a.length < b.length ? a.length : b.length, n = 0;
    while (n < most && a.data[a.length - 1 - n] == b.data[b.length - 1 - n])
        n++;
    return n;
}

static ns__str behind(ns__str text, size_t at)
{
    return (ns__str){text.data + at, text.length - at};
}

static void put_string(ns__buf *out, ns__str text)
{
    ns__buf_varint(out, text.length);
    ns__buf_append(out, text.data, text.length);
}

/* From the term to the surface; returns the flags. */
static unsigned put_surface(ns__str term, ns__str surface, ns__buf *out)
{
    size_t front = 0, shared = shared_front(surface, term);
    unsigned flags = 0;
    for (size_t f = 1; shared < term.length && f <= MOST_FRONT && f < surface.length; f++) {
        const size_t n = shared_front(behind(surface, f), term);
        if (n > shared) {
            front = f;
            shared = n;
        }
    }
    const ns__str add = behind(surface, front + shared);
    if (front > 0) {
        put_string(out, (ns__str){surface.data, front});
        flags |= FRONT;
    }
    if (shared < term.length) {
        ns__buf_varint(out, term.length - shared);
        flags |= DROP;
    }
    if (add.length > 0) {
        put_string(out, add);
        flags |= ADD;
    }
    return flags;
}

/* What is in common of a word and a surface in a case, at both ends. */
typedef struct common {
    size_t front, end;
} common;

static common common_of(ns__str cased, ns__str raw)
{
    common of = {.front = shared_front(cased, raw)};
    of.end = shared_end(behind(cased, of.front), behind(raw, of.front));
    return of;
}

/* From the surface in the case that is nearest to the word; returns the flags. */
static unsigned put_raw(ns__str surface, ns__str raw, ns__buf *scratch, ns__buf *out)
{
    unsigned best = 0;
    size_t most = 0;
    ns__str tail = {NULL, 0}, word = raw;
    for (unsigned how = 0; how < CASES; how++) { /* the usual: all of it, something behind it */
        ns__buf_clear(scratch);
        append_cased(surface, how, scratch);
        const ns__str cased = {scratch->data, scratch->length};
        if (cased.length > raw.length || shared_front(cased, raw) < cased.length)
            continue;
        tail = behind(raw, cased.length);
        if (tail.length == 0)
            return how;
        put_string(out, tail);
        return how | TAIL;
    }
    tail = possessive_ending(raw);
    word.length -= tail.length;
    for (unsigned how = 0; how < CASES; how++) {
        ns__buf_clear(scratch);
        append_cased(surface, how, scratch);
        const common of = common_of((ns__str){scratch->data, scratch->length}, word);
        if (how == 0 || of.front + of.end > most) {
            best = how;
            most = of.front + of.end;
        }
    }
    ns__buf_clear(scratch);
    append_cased(surface, best, scratch);
    const ns__str cased = {scratch->data, scratch->length};
    const common of = common_of(cased, word);
    ns__buf_varint(out, of.front);
    ns__buf_varint(out, cased.length - of.front - of.end);
    put_string(out, (ns__str){word.data + of.front, word.length - of.front - of.end});
    if (tail.length > 0)
        put_string(out, tail);
    return best | EDIT | (tail.length > 0 ? TAIL : 0);
}

void ns__spelling_make(ns__str term, ns__str surface, ns__str raw, ns__buf *scratch, ns__buf *out)
{
    const size_t at = out->length;
    ns__buf_u8(out, 0);
    unsigned flags = put_surface(term, surface, out);
    flags |= put_raw(surface, raw, scratch, out);
    if (scratch->failed)
        out->failed = true;
    if (!out->failed)
        out->data[at] = (uint8_t)flags;
}

/* ---- Applying ---- */

static bool make_surface(ns__cur *cur, unsigned flags, ns__str term, ns__buf *out)
{
    ns__buf_clear(out);
    if (flags & FRONT) {
        const ns__str front = ns__cur_str(cur);
        ns__buf_append(out, front.data, front.length);
    }
    const uint64_t drop = flags & DROP ? ns__cur_varint(cur) : 0;
    if (drop > term.length)
        return false;
    ns__buf_append(out, term.data, term.length - (size_t)drop);
    if (flags & ADD) {
        const ns__str add = ns__cur_str(cur);
        ns__buf_append(out, add.data, add.length);
    }
    return !cur->bad && !out->failed &&
           ns__utf8_valid_prefix((ns__str){out->data, out->length}) == out->length;
}

/* Exchanges bytes of `out` that begin at its end for others. */
static bool edit(ns__cur *cur, ns__buf *out)
{
    const uint64_t front = ns__cur_varint(cur), gone = ns__cur_varint(cur);
    const ns__str more = ns__cur_str(cur);
    if (cur->bad || front > out->length || gone > out->length - front)
        return false;
    const size_t rest = out->length - (size_t)front - (size_t)gone;
    if (!ns__buf_reserve(out, more.length))
        return false;
    if (rest > 0)
        memmove(out->data + front + more.length, out->data + front + gone, rest);
    if (more.length > 0)
        memcpy(out->data + front, more.data, more.length);
    out->length = (size_t)front + more.length + rest;
    return true;
}

bool ns__spelling_apply(ns__str spelling, ns__str term, ns__buf *surface, ns__buf *raw)
{
    ns__cur cur = ns__cur_of(spelling.data, spelling.length);
    const unsigned flags = ns__cur_u8(&cur);
    ns__buf_clear(raw);
    if (flags > FLAGS || (flags & CASE_MASK) == CASES || !make_surface(&cur, flags, term, surface))
        return false;
    append_cased((ns__str){surface->data, surface->length}, flags & CASE_MASK, raw);
    if (raw->failed || (flags & EDIT && !edit(&cur, raw)))
        return false;
    if (flags & TAIL) {
        const ns__str tail = ns__cur_str(&cur);
        ns__buf_append(raw, tail.data, tail.length);
    }
    return !cur.bad && !raw->failed && ns__cur_left(&cur) == 0 &&
           ns__utf8_valid_prefix((ns__str){raw->data, raw->length}) == raw->length;
}
