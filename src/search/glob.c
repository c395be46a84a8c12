/* Patterns, words within values, and edit distance, over code points. */
#include "search/glob.h"

#include <string.h>

#include "query/characters.h"
#include "text/unicode.h"
#include "text/utf8.h"

static size_t step(ns__str text, size_t at)
{
    unsigned length;
    (void)ns__utf8_decode(text.data + at, &length);
    return at + length;
}

static bool is_escape(ns__str pattern, size_t at)
{
    return pattern.data[at] == '\\' && at + 1 < pattern.length;
}

/* The usual walk with one place to come back to: the last *, which takes one character more. */
bool ns__glob_fits(ns__str pattern, ns__str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.length) {
        bool plain = p < pattern.length && is_escape(pattern, p);
        if (plain && pattern.data[p + 1] == text.data[t]) {
            p += 2;
            t++;
        } else if (!plain && p < pattern.length && pattern.data[p] == '*') {
            star = ++p;
            resume = t;
        } else if (!plain && p < pattern.length && pattern.data[p] == '?') {
            p++;
            t = step(text, t);
        } else if (!plain && p < pattern.length && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star;
            resume = t = step(text, resume);
        } else {
            return false;
        }
    }
    while (p < pattern.length && pattern.data[p] == '*')
        p++;
    return p == pattern.length;
}

size_t ns__glob_literal(ns__str pattern)
{
    size_t at = 0;
    while (at < pattern.length && pattern.data[at] != '*' && pattern.data[at] != '?' &&
           pattern.data[at] != '\\')
        at++;
    return at;
}

bool ns__glob_is_pattern(ns__str pattern)
{
    for (size_t at = 0; at < pattern.length; at++) {
        if (is_escape(pattern, at))
            at++;
        else if (pattern.data[at] == '*' || pattern.data[at] == '?')
            return true;
    }
    return false;
}

size_t ns__glob_plain(ns__str pattern, uint8_t *out)
{
    size_t length = 0;
    for (size_t at = 0; at < pattern.length; at++) {
        at += is_escape(pattern, at);
        out[length++] = pattern.data[at];
    }
    return length;
}

void ns__even_blanks(ns__buf *text)
{
    size_t kept = 0;
    bool blank = false;
    unsigned length;
    for (size_t at = 0; at < text->length; at += length) {
        if (ns__is_query_space(ns__peek(text->data, (uint32_t)at, &length))) {
            blank = kept > 0;
            continue;
        }
        if (blank)
            text->data[kept++] = ' ';
        blank = false;
        memmove(text->data + kept, text->data + at, length);
        kept += length;
    }
    text->length = kept;
}

/* Whether a word would go on with this character. */
static bool joins(const uint8_t *at)
{
    unsigned length;
    unsigned properties = ns__unicode(ns__utf8_decode(at, &length));
    return (properties & (NS_UNICODE_ALNUM | NS_UNICODE_MARK)) && !(properties & NS_UNICODE_GRAM);
}

bool ns__ends_word(ns__str text, size_t at)
{
    if (at == 0 || at == text.length)
        return true;
    size_t before = at - 1;
    while (before > 0 && (text.data[before] & 0xc0) == 0x80)
        before--;
    return !joins(text.data + before) || !joins(text.data + at);
}

bool ns__has_words(ns__str text, ns__str words)
{
    if (words.length == 0 || words.length > text.length)
        return false;
    for (size_t at = 0; at + words.length <= text.length; at++)
        if (text.data[at] == words.data[0] &&
            memcmp(text.data + at, words.data, words.length) == 0 && ns__ends_word(text, at) &&
            ns__ends_word(text, at + words.length))
            return true;
    return false;
}

enum { MAX_CODES = 255 };

static size_t decode(ns__str text, uint32_t codes[MAX_CODES])
{
    size_t count = 0;
    for (size_t at = 0; at < text.length && count < MAX_CODES; count++) {
        unsigned length;
        codes[count] = ns__utf8_decode(text.data + at, &length);
        at += length;
    }
    return count;
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

bool ns__edits_within(ns__str a, ns__str b, uint32_t most)
{
    uint32_t x[MAX_CODES], y[MAX_CODES], rows[3][MAX_CODES + 2];
    size_t m = decode(a, x), n = decode(b, y);
    if (m > n + most || n > m + most)
        return false;
    for (size_t j = 0; j <= n; j++)
        rows[0][j] = (uint32_t)j;
    for (size_t i = 1; i <= m; i++) {
        uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *second = rows[(i + 1) % 3];
        /* Where i and j differ by more, so do the beginnings: such places count as too far. */
        const size_t from = i > most ? i - most : 1, to = i + most < n ? i + most : n;
        uint32_t smallest = row[from - 1] = from == 1 ? (uint32_t)i : most + 1;
        row[to + 1] = most + 1;
        for (size_t j = from; j <= to; j++) {
            uint32_t edits = above[j - 1] + (x[i - 1] != y[j - 1]);
            edits = least(edits, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1])
                edits = least(edits, second[j - 2] + 1);
            row[j] = edits;
            smallest = least(smallest, edits);
        }
        if (smallest > most + 1) /* an exchange may still save one */
            return false;
    }
    return rows[m % 3][n] <= most;
}
