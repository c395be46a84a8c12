/* Values as they are written in a query. */
#include "query/quote.h"

#include "query/characters.h"

static bool is_operator(ns__str word)
{
    static const char *const NAMES[] = {"and", "or", "not", "near", "onear"};
    for (size_t n = 0; n < sizeof NAMES / sizeof *NAMES; n++) {
        size_t i = 0;
        while (i < word.length && (word.data[i] | 0x20) == NAMES[n][i] && NAMES[n][i] != '\0')
            i++;
        if (i == word.length && NAMES[n][i] == '\0')
            return true;
    }
    return false;
}

/* Whether it is one word without anything that could mean something there. */
static bool is_plain(ns__str value)
{
    unsigned length;
    for (uint32_t at = 0; at < value.length; at += length) {
        const uint32_t c = ns__peek(value.data, at, &length);
        const bool inner = at > 0 && (c == '-' || c == '_' || c == '.');
        const bool apostrophe = at > 0 && at + length < value.length && (c == '\'' || c == 0x2019);
        if (!ns__is_word_character(c) && !inner && !apostrophe)
            return false;
    }
    return !is_operator(value);
}

void ns__put_value(ns__buf *out, ns__str value, bool has_quotes)
{
    const bool needs = !has_quotes && !is_plain(value);
    unsigned length;
    ns__buf_append(out, "\"", needs);
    for (uint32_t at = 0; at < value.length; at += length) {
        const uint32_t c = ns__peek(value.data, at, &length);
        ns__buf_append(out, "\\", ns__is_query_quote(c) || c == '\\' || c == '*' || c == '?');
        ns__buf_append(out, value.data + at, length);
    }
    ns__buf_append(out, "\"", needs);
}
