/* Words: plain, with wildcards, inexact. */
#include "base/limits.h"
#include "query/make.h"
#include "query/tree.h"
#include "text/unicode.h"
#include "text/utf8.h"

static bool is_digit_at(const uint8_t *text, uint32_t at, uint32_t start, uint32_t end)
{
    return at >= start && at < end && text[at] >= '0' && text[at] <= '9';
}

/* Is the * a sign between two numbers, as in 5*3? */
static bool is_times(const uint8_t *text, uint32_t at, uint32_t start, uint32_t end)
{
    return at > start && is_digit_at(text, at - 1, start, end) &&
           is_digit_at(text, at + 1, start, end);
}

ns__shape ns__look_at(const uint8_t *text, uint32_t start, uint32_t end, bool suffixed)
{
    ns__shape seen = {.first = end, .last = start};
    bool asked = false;
    unsigned length;
    for (uint32_t at = start; at < end; at += length) {
        bool escaped = ns__is_escape(text, at, end);
        uint32_t here = at;
        at += escaped;
        uint32_t c = ns__peek(text, at, &length);
        bool letter = ns__is_word_character(c);
        bool star = !escaped && c == '*' && !is_times(text, at, start, end);
        bool mark = !escaped && c == '?';
        if (!letter && !star && !mark)
            continue;
        seen.first = here < seen.first ? here : seen.first;
        asked |= mark;
        seen.letters |= letter;
        if (mark && !suffixed)
            continue;
        seen.wild |= star || asked;
        seen.last = at + length;
    }
    return seen;
}

/* Where words end for the analyser whatever stands around: hyphens, slashes, signs. */
static bool separates(uint32_t c)
{
    unsigned class = ns__word_class(ns__unicode(c));
    return !ns__is_word_character(c) && (class == NS_WB_OTHER || class == NS_WB_DOUBLE_QUOTE ||
                                         class == NS_WB_SPACE || class == NS_WB_NEWLINE);
}

/* The next piece of [*at, end); false when there is none. *at moves behind it. */
static bool next_piece(const uint8_t *text, uint32_t *at, uint32_t end, uint32_t *start,
                       uint32_t *stop)
{
    uint32_t begin = *at, place = *at;
    if (place >= end)
        return false;
    for (unsigned length; place < end; place += length) {
        bool escaped = ns__is_escape(text, place, end);
        uint32_t c = ns__peek(text, place + escaped, &length);
        length += escaped;
        bool wild = !escaped && (c == '?' || (c == '*' && !is_times(text, place, begin, end)));
        if (separates(c) && !wild)
            break;
    }
    *start = begin;
    *stop = place;
    *at = place;
    if (place < end) { /* over what separates */
        unsigned length;
        *at += ns__is_escape(text, place, end);
        (void)ns__peek(text, *at, &length);
        *at += length;
    }
    return true;
}

/* The text of a piece: without backslashes, and of several * in a row one is enough. */
static ns_status piece_text(ns__maker *make, uint32_t *start, uint32_t *end)
{
    ns__buf *all = &make->query->text;
    uint32_t begin = (uint32_t)all->length, from = *start, stop = *end;
    bool plain = true;
    for (uint32_t at = from; at < stop && plain; at++)
        plain = all->data[at] != '\\' &&
                (at == from || all->data[at] != '*' || all->data[at - 1] != '*');
    if (plain)
        return NS_OK;
    for (uint32_t at = from; at < stop; at++) {
        at += ns__is_escape(all->data, at, stop);
        uint8_t c = all->data[at];
        if (c != '*' || at == from || all->data[at - 1] != '*')
            ns__buf_u8(all, c);
    }
    *start = begin;
    *end = (uint32_t)all->length;
    return all->failed ? ns__no_memory(make->err) : NS_OK;
}

/* How many edits: as written, or by the word's length. */
static uint32_t edits_of(const ns__maker *make, ns__str text)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (suffix->numbered && !suffix->fraction)
        return suffix->number < 2 ? suffix->number : 2;
    return ns__utf8_count(text) < 6 ? 1 : 2;
}

/* One piece of a word as a node; none when it has no letters. */
static ns_status make_piece(ns__maker *make, bool fuzzy, uint32_t start, uint32_t end,
                            uint32_t *out)
{
    *out = NS__NO_NODE;
    ns__shape seen = ns__look_at(make->query->text.data, start, end, true);
    if (!seen.letters)
        return NS_OK;
    ns__node node = {.kind = NS__NODE_WORD, .start = seen.first, .end = seen.last};
    NS_TRY(piece_text(make, &node.start, &node.end));
    if (seen.wild) {
        node.kind = NS__NODE_PATTERN;
    } else if (fuzzy) {
        node.distance = edits_of(make, ns__node_text(make->query, &node));
        node.kind = node.distance > 0 ? NS__NODE_FUZZY : NS__NODE_WORD;
    }
    return ns__make_leaf(make, node, out);
}

/* A word that is not looked up as it is, cut where the analyser cuts: several pieces stand one
 * behind the other. */
static ns_status make_pieces(ns__maker *make, bool fuzzy, ns__shape seen, uint32_t *out)
{
    ns__items pieces = NS__NO_ITEMS;
    uint32_t at = seen.first, start, end;
    while (next_piece(make->query->text.data, &at, seen.last, &start, &end)) {
        uint32_t piece;
        NS_TRY(make_piece(make, fuzzy, start, end, &piece));
        ns__items_add(make->query, &pieces, piece);
    }
    ns__node near = {.kind = NS__NODE_NEAR, .ordered = true};
    near.field = (ns__field)make->setting->field;
    return ns__tree_near(make->query, near, pieces, out, make->err);
}

/* Can the pattern be asked for in bounded time? */
static bool is_small_pattern(const uint8_t *text, ns__shape seen, uint32_t *pieces)
{
    uint32_t wildcards = 0, at = seen.first, start, end;
    for (uint32_t i = seen.first; i < seen.last; i++)
        wildcards += text[i] == '*' || text[i] == '?';
    for (*pieces = 0; next_piece(text, &at, seen.last, &start, &end);)
        *pieces += 1;
    return seen.last - seen.first <= NS_MAX_PATTERN_BYTES &&
           wildcards <= NS_MAX_PATTERN_WILDCARDS && *pieces <= NS_MAX_NEAR_OPERANDS;
}

static bool is_address(const uint8_t *text, uint32_t start, uint32_t end)
{
    for (uint32_t at = start; at + 3 <= end; at++) {
        if (memcmp(text + at, "://", 3) == 0)
            return true;
    }
    return false;
}

static ns_status plain_word(ns__maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_WORD, .exact = make->setting->exact};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    NS_TRY(ns__make_meant(make, false, &node.start, &node.end));
    return ns__make_leaf(make, node, out);
}

/* Without a letter or digit: * alone is every article, or those with a headline, anything else says
 * nothing. */
static ns_status make_unlettered(ns__maker *make, ns__str text, uint32_t *out)
{
    *out = NS__NO_NODE;
    if (ns__str_equal(text, NS_STR("*"))) {
        const bool titled = make->setting->field == NS__FIELD_TITLE;
        ns__node node = {.kind = titled ? NS__NODE_VALUE : NS__NODE_ALL};
        node.start = titled ? make->lexeme->start : 0;
        node.end = titled ? make->lexeme->end : 0;
        return ns__make_leaf(make, node, out);
    }
    if (ns__str_equal(text, NS_STR("&&")) || ns__str_equal(text, NS_STR("||")))
        return NS__NOTE(make, "%.2s is no operator and is passed over; write %s",
                        (const char *)text.data, text.data[0] == '&' ? "AND" : "OR");
    return NS_OK;
}

static ns_status note_tilde(ns__maker *make)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (suffix->fraction || (suffix->numbered && (suffix->number < 1 || suffix->number > 2)))
        return NS__NOTE(make, "a word may differ by ~1 or ~2 letters; this is read as ~%s",
                        suffix->fraction      ? ""
                        : suffix->number == 0 ? "0, the word itself"
                                              : "2");
    return NS_OK;
}

/* Where the text is words only. */
static ns_status make_literal(ns__maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_WORD, .exact = make->setting->exact};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    if (!ns__has_word_character(ns__node_text(make->query, &node)))
        return NS_OK;
    return ns__make_leaf(make, node, out);
}

ns_status ns__make_word(ns__maker *make, uint32_t *out)
{
    const ns__lexeme *lexeme = make->lexeme;
    const uint8_t *text = make->query->text.data;
    if (make->setting->options->words)
        return make_literal(make, out);
    bool fuzzy = lexeme->suffix.tilde;
    ns__shape seen = ns__look_at(text, lexeme->start, lexeme->end, lexeme->to > lexeme->end);
    if (!seen.letters)
        return make_unlettered(make, (ns__str){text + lexeme->start, lexeme->end - lexeme->start},
                               out);
    if (!seen.wild && fuzzy) {
        if (make->setting->exact)
            NS_TRY(NS__NOTE(make, "= asks for the word as written, so ~ says nothing here"));
        NS_TRY(note_tilde(make));
        return make->setting->exact ? plain_word(make, out) : make_pieces(make, true, seen, out);
    }
    if (!seen.wild || is_address(text, lexeme->start, lexeme->end))
        return plain_word(make, out);
    uint32_t pieces;
    if (!is_small_pattern(text, seen, &pieces)) {
        NS_TRY(NS__NOTE(make,
                        "* and ? are read as plain characters here: a word may have %d wildcards, "
                        "%d bytes and %d parts",
                        NS_MAX_PATTERN_WILDCARDS, NS_MAX_PATTERN_BYTES, NS_MAX_NEAR_OPERANDS));
        return plain_word(make, out);
    }
    if (fuzzy)
        NS_TRY(NS__NOTE(make, "~ says nothing on a word with * or ?"));
    if (make->setting->exact)
        NS_TRY(NS__NOTE(make, "= says nothing on a word with * or ?"));
    return make_pieces(make, false, seen, out);
}
