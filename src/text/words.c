/* Word borders: the rules WB3 to WB999 of UAX #29 as one forward walk from a border.
 *
 * `before` is the class of the last code point that counts, that is, without what WB4 skips
 * (Extend, Format, ZWJ); `adjacent` the class of the very last one. Rules that look one code point
 * further (letter, apostrophe, letter) look ahead, so that the walk never goes back. */
#include "text/words.h"

#include "text/utf8.h"

static bool is_skipped(unsigned class)
{
    return class == NS_WB_EXTEND || class == NS_WB_FORMAT || class == NS_WB_ZWJ;
}

static bool is_letter(unsigned class)
{
    return class == NS_WB_LETTER || class == NS_WB_HEBREW;
}

/* Does a segment go on from `before` to `next`, by the rules that look no further? */
static bool joins(unsigned before, unsigned next)
{
    switch (next) {
    case NS_WB_LETTER:
    case NS_WB_HEBREW:
    case NS_WB_NUMERIC: /* WB5, WB8, WB9, WB10, WB13b */
        return is_letter(before) || before == NS_WB_NUMERIC || before == NS_WB_EXTEND_NUM_LET;
    case NS_WB_KATAKANA: /* WB13, WB13b */
        return before == NS_WB_KATAKANA || before == NS_WB_EXTEND_NUM_LET;
    case NS_WB_EXTEND_NUM_LET: /* WB13a */
        return is_letter(before) || before == NS_WB_NUMERIC || before == NS_WB_KATAKANA ||
               before == NS_WB_EXTEND_NUM_LET;
    case NS_WB_SINGLE_QUOTE: /* WB7a */
        return before == NS_WB_HEBREW;
    default:
        return false;
    }
}

/* May `middle` stand between two of the kind of `before` (WB6, WB7, WB7b, WB7c, WB11, WB12)? */
static bool may_bridge(unsigned before, unsigned middle)
{
    switch (middle) {
    case NS_WB_SINGLE_QUOTE:
    case NS_WB_MID_NUM_LET:
        return is_letter(before) || before == NS_WB_NUMERIC;
    case NS_WB_MID_LETTER:
        return is_letter(before);
    case NS_WB_MID_NUM:
        return before == NS_WB_NUMERIC;
    case NS_WB_DOUBLE_QUOTE:
        return before == NS_WB_HEBREW;
    default:
        return false;
    }
}

static bool bridged(unsigned before, unsigned middle, unsigned next)
{
    if (middle == NS_WB_DOUBLE_QUOTE)
        return next == NS_WB_HEBREW;
    return before == NS_WB_NUMERIC ? next == NS_WB_NUMERIC : is_letter(next);
}

/* Class and end of the first code point at or after `at` that is not skipped; class OTHER at the
 * end of the text. */
static unsigned look_ahead(ns__str text, size_t at, size_t *end, unsigned *seen)
{
    while (at < text.length) {
        unsigned length;
        unsigned properties = ns__unicode(ns__utf8_decode(text.data + at, &length));
        at += length;
        *seen |= properties;
        if (!is_skipped(ns__word_class(properties))) {
            *end = at;
            return ns__word_class(properties);
        }
    }
    *end = at;
    return NS_WB_OTHER;
}

size_t ns__word_end(ns__str text, size_t at, unsigned *seen)
{
    unsigned length, unused;
    if (seen == NULL)
        seen = &unused;
    unsigned properties = ns__unicode(ns__utf8_decode(text.data + at, &length));
    at += length;
    *seen = properties;
    unsigned before = ns__word_class(properties), adjacent = before;
    unsigned regional = before == NS_WB_REGIONAL;
    if (before == NS_WB_CR) /* WB3 */
        return at < text.length && text.data[at] == '\n' ? at + 1 : at;
    if (before == NS_WB_LF || before == NS_WB_NEWLINE) /* WB3a */
        return at;

    while (at < text.length) {
        properties = ns__unicode(ns__utf8_decode(text.data + at, &length));
        unsigned next = ns__word_class(properties);
        if (is_skipped(next)) { /* WB4 */
            adjacent = next;
            *seen |= properties;
            at += length;
            continue;
        }
        if (may_bridge(before, next)) {
            size_t end;
            unsigned passed = 0;
            unsigned beyond = look_ahead(text, at + length, &end, &passed);
            if (bridged(before, next, beyond)) {
                *seen |= properties | passed;
                before = adjacent = beyond;
                at = end;
                continue;
            }
        }
        bool pictograph = adjacent == NS_WB_ZWJ && (properties & NS_UNICODE_PICTOGRAPH); /* WB3c */
        bool spaces = adjacent == NS_WB_SPACE && next == NS_WB_SPACE;                    /* WB3d */
        bool flag = before == NS_WB_REGIONAL && next == NS_WB_REGIONAL && regional == 1; /* WB15 */
        if (!pictograph && !spaces && !flag && !joins(before, next))
            break;
        regional += next == NS_WB_REGIONAL;
        *seen |= properties;
        before = adjacent = next;
        at += length;
    }
    return at;
}
