/* Invalid UTF-8 and lone surrogates become U+FFFD.
 *
 * A lone surrogate escape is as long as the escape \ufffd, so it is mended in place; yajl would
 * have made ill-formed UTF-8 of it. */
#include "ingest/mend.h"

#include "text/utf8.h"

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    uint8_t lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* The UTF-16 unit of the escape \uXXXX that begins at `at`, or -1. */
static int escaped_unit(ns__str text, size_t at)
{
    if (text.length - at < 6 || text.data[at] != '\\' || text.data[at + 1] != 'u')
        return -1;
    int unit = 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        int digit = hex_value(text.data[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

static bool is_high(int unit)
{
    return unit >= 0xd800 && unit < 0xdc00;
}

static bool is_low(int unit)
{
    return unit >= 0xdc00 && unit < 0xe000;
}

/* Where the next lone surrogate escape at or after `at` begins; text.length when there is none.
 * `at` must not lie inside an escape. */
static size_t find_lone_surrogate(ns__str text, size_t at)
{
    while (at < text.length) {
        const uint8_t *slash = memchr(text.data + at, '\\', text.length - at);
        if (slash == NULL)
            return text.length;
        at = (size_t)(slash - text.data);
        int unit = escaped_unit(text, at);
        if (is_high(unit) && is_low(escaped_unit(text, at + 6)))
            at += 12;
        else if (is_high(unit) || is_low(unit))
            return at;
        else
            at += 2; /* the rest of a \uXXXX has no backslash */
    }
    return text.length;
}

ns__str ns__mend_line(ns__str line, ns__buf *copy, size_t *replaced)
{
    ns__str text = line;
    if (ns__utf8_valid_prefix(line) != line.length) {
        *replaced += ns__utf8_sanitise(line, copy);
        text = (ns__str){copy->data, copy->length};
    }
    size_t at = find_lone_surrogate(text, 0);
    if (at < text.length && text.data == line.data) {
        ns__buf_append(copy, line.data, line.length);
        text = (ns__str){copy->data, copy->length};
    }
    for (; at < text.length; at = find_lone_surrogate(text, at + 6)) {
        memcpy(copy->data + at + 2, "fffd", 4);
        ++*replaced;
    }
    return text;
}
