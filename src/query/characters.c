/* What characters are in a query. */
#include "query/characters.h"

#include "text/unicode.h"
#include "text/utf8.h"

uint32_t ns__peek(const uint8_t *text, uint32_t at, unsigned *length)
{
    if (text[at] < 0x80) {
        *length = 1;
        return text[at];
    }
    return ns__utf8_decode(text + at, length);
}

/* Unicode's White_Space property, and the control characters. */
bool ns__is_query_space(uint32_t c)
{
    return c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
           c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

bool ns__is_query_quote(uint32_t c)
{
    return c == '"' || (c >= 0x201c && c <= 0x201f) || c == 0xab || c == 0xbb || c == 0xff02;
}

bool ns__opens(uint32_t c)
{
    return c == '(' || c == 0xff08;
}

bool ns__closes(uint32_t c)
{
    return c == ')' || c == 0xff09;
}

bool ns__is_query_paren(uint32_t c)
{
    return ns__opens(c) || ns__closes(c);
}

static bool is_ascii_punctuation(uint32_t c)
{
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

bool ns__is_escape(const uint8_t *text, uint32_t at, uint32_t end)
{
    if (text[at] != '\\' || at + 1 >= end)
        return false;
    unsigned length;
    uint32_t c = ns__peek(text, at + 1, &length);
    return is_ascii_punctuation(c) || ns__is_query_quote(c) || ns__is_query_paren(c) ||
           c == 0x2018; /* which a note may be about */
}

bool ns__is_word_character(uint32_t c)
{
    return ns__unicode(c) & (NS_UNICODE_ALNUM | NS_UNICODE_MARK);
}
