#include "query/suffix.h"

#include <string.h>

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

uint32_t ns__skip_number(const uint8_t *text, uint32_t at, uint32_t end, uint32_t *value)
{
    *value = 0;
    for (; at < end && is_digit(text[at]); at++)
        *value = *value < 1000000 ? *value * 10 + (uint32_t)(text[at] - '0') : *value;
    return at;
}

/* ~ and an optional number; the place behind it. */
static uint32_t skip_tilde(const uint8_t *text, uint32_t at, uint32_t end, ns__suffix *suffix)
{
    uint32_t after = ns__skip_number(text, at + 1, end, &suffix->number);
    suffix->tilde = true;
    suffix->numbered = after > at + 1;
    if (suffix->numbered && after + 1 < end && text[after] == '.' && is_digit(text[after + 1])) {
        uint32_t ignored;
        suffix->fraction = true;
        after = ns__skip_number(text, after + 1, end, &ignored);
    }
    return after;
}

/* ^ and a number with up to three decimals that count; `at` when there is none. */
static uint32_t skip_weight(const uint8_t *text, uint32_t at, uint32_t end, ns__suffix *suffix)
{
    uint32_t whole;
    uint32_t after = at + 1;
    bool negative = after < end && text[after] == '-';
    after = ns__skip_number(text, after + negative, end, &whole);
    bool digits = after > at + 1 + negative;
    uint32_t thousandths = 0, scale = 1000;
    if (after + 1 < end && text[after] == '.' && is_digit(text[after + 1])) {
        digits = true;
        for (after++; after < end && is_digit(text[after]); after++) {
            if (scale == 1)
                thousandths += text[after] >= '5';
            scale /= 10;
            thousandths += scale * (uint32_t)(text[after] - '0');
        }
    }
    if (!digits)
        return at;
    suffix->weighted = true;
    whole = whole < 1000000 ? whole : 1000000;
    suffix->weight = negative ? 0 : whole * 1000 + thousandths;
    return after;
}

uint32_t ns__skip_suffixes(const uint8_t *text, uint32_t at, uint32_t end, bool tilde,
                           ns__suffix *suffix)
{
    *suffix = (ns__suffix){.tilde = false};
    for (uint32_t before = end; at < end && at != before;) {
        before = at;
        if (tilde && text[at] == '~' && !suffix->tilde)
            at = skip_tilde(text, at, end, suffix);
        else if (text[at] == '^' && !suffix->weighted)
            at = skip_weight(text, at, end, suffix);
    }
    return at;
}

void ns__find_suffix(const uint8_t *text, uint32_t mark, uint32_t end, bool tilde,
                     ns__suffix *suffix, uint32_t *cut)
{
    uint32_t after = ns__skip_suffixes(text, mark, end, tilde, suffix);
    if (after > mark)
        while (after < end && strchr(",.;:!?", text[after]) != NULL && text[after] != '\0')
            after++;
    if (after > mark && after == end)
        *cut = mark;
    else
        *suffix = (ns__suffix){.tilde = false};
}
