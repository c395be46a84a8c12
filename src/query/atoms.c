#include "query/atoms.h"

#include "base/limits.h"
#include "query/dates.h"
#include "query/tree.h"
#include "text/unicode.h"
#include "text/utf8.h"

typedef struct maker {
    ns__query *query;
    const ns__lexeme *lexeme;
    const ns__setting *setting;
    ns_error *err;
} maker;

#define NOTE(make, ...)                                                                            \
    ns__query_note((make)->query, (make)->lexeme->from, (make)->lexeme->to, (make)->err,           \
                   __VA_ARGS__)

bool ns__has_word_character(ns__str text)
{
    unsigned length;
    for (uint32_t at = 0; at < text.length; at += length) {
        if (ns__is_word_character(ns__peek(text.data, at, &length)))
            return true;
    }
    return false;
}

/* ---- Texts ---- */

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

static bool is_glob_special(uint8_t c)
{
    return c == '*' || c == '?' || c == '\\';
}

/* Copies bytes [*start, *end) of the query to its end as they are meant: without backslashes that
 * make the next character plain, with spaces for control characters. In a `glob` a backslash stays
 * before *, ? and backslash, and is put before one that stood for itself. */
static void append_meant(ns__query *query, bool glob, uint32_t *start, uint32_t *end)
{
    uint32_t at = *start, stop = *end, begin = (uint32_t)query->text.length;
    for (unsigned length; at < stop; at += length) {
        if (!ns__buf_reserve(&query->text, 8))
            return;
        const uint8_t *text = query->text.data;
        bool escaped = ns__is_escape(text, at, stop);
        at += escaped;
        uint32_t c = ns__peek(text, at, &length);
        if (glob && ((escaped && is_glob_special(text[at])) || (!escaped && c == '\\')))
            ns__buf_u8(&query->text, '\\');
        if (is_control(c))
            ns__buf_u8(&query->text, ' ');
        else
            ns__buf_append(&query->text, query->text.data + at, length);
    }
    *start = begin;
    *end = (uint32_t)query->text.length;
}

/* The range as it is meant: itself, or a copy where it was written otherwise. */
static ns_status meant(maker *make, bool glob, uint32_t *start, uint32_t *end)
{
    const uint8_t *text = make->query->text.data;
    unsigned length;
    for (uint32_t at = *start; at < *end; at += length) {
        uint32_t c = ns__peek(text, at, &length);
        if (c != '\\' && !is_control(c))
            continue;
        append_meant(make->query, glob, start, end);
        break;
    }
    return make->query->text.failed ? ns__no_memory(make->err) : NS_OK;
}

static ns_status leaf(maker *make, ns__node node, uint32_t *out)
{
    node.from = make->lexeme->from;
    node.to = make->lexeme->to;
    if (node.kind != NS__NODE_DATE && node.kind != NS__NODE_ALL)
        node.field = (ns__field)make->setting->field;
    return ns__tree_node(make->query, node, out, make->err);
}

/* ---- Words with wildcards, inexact words ---- */

/* What a word looks like from outside. */
typedef struct shape {
    bool letters, wild;
    uint32_t first, last; /* from its first letter, digit or wildcard to behind its last */
} shape;

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

/* A ? with nothing but punctuation behind it ends a question, unless a suffix follows. */
static shape look_at(const uint8_t *text, uint32_t start, uint32_t end, bool suffixed)
{
    shape seen = {.first = end, .last = start};
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
        uint32_t c = ns__peek(text, place, &length);
        bool wild = !escaped && (c == '?' || (c == '*' && !is_times(text, place, begin, end)));
        if (escaped || (separates(c) && !wild))
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

/* A pattern's text: of several * in a row one is enough. */
static ns_status pattern_text(maker *make, uint32_t *start, uint32_t *end)
{
    ns__buf *all = &make->query->text;
    uint32_t begin = (uint32_t)all->length, from = *start, stop = *end;
    bool twice = false;
    for (uint32_t at = from + 1; at < stop; at++)
        twice |= all->data[at] == '*' && all->data[at - 1] == '*';
    if (!twice)
        return NS_OK;
    for (uint32_t at = from; at < stop; at++) {
        uint8_t c = all->data[at];
        if (c != '*' || at == from || all->data[at - 1] != '*')
            ns__buf_u8(all, c);
    }
    *start = begin;
    *end = (uint32_t)all->length;
    return all->failed ? ns__no_memory(make->err) : NS_OK;
}

/* How many edits: as written, or by the word's length. */
static uint32_t edits_of(const maker *make, ns__str text)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (suffix->numbered && !suffix->fraction)
        return suffix->number < 2 ? suffix->number : 2;
    return ns__utf8_count(text) < 6 ? 1 : 2;
}

/* One piece of a word as a node; none when it has no letters. */
static ns_status make_piece(maker *make, bool fuzzy, uint32_t start, uint32_t end, uint32_t *out)
{
    *out = NS__NO_NODE;
    shape seen = look_at(make->query->text.data, start, end, true);
    if (!seen.letters)
        return NS_OK;
    ns__node node = {.kind = NS__NODE_WORD, .start = seen.first, .end = seen.last};
    if (seen.wild) {
        node.kind = NS__NODE_PATTERN;
        NS_TRY(pattern_text(make, &node.start, &node.end));
    } else if (fuzzy) {
        node.distance = edits_of(make, ns__node_text(make->query, &node));
        node.kind = node.distance > 0 ? NS__NODE_FUZZY : NS__NODE_WORD;
    }
    return leaf(make, node, out);
}

/* A word that is not looked up as it is, cut where the analyser cuts: several pieces stand one
 * behind the other. */
static ns_status make_pieces(maker *make, bool fuzzy, shape seen, uint32_t *out)
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
static bool is_small_pattern(const uint8_t *text, shape seen, uint32_t *pieces)
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

static ns_status plain_word(maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_WORD, .exact = make->setting->exact};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    NS_TRY(meant(make, false, &node.start, &node.end));
    return leaf(make, node, out);
}

/* Without a letter or digit: * alone is every article, anything else says nothing. */
static ns_status make_unlettered(maker *make, ns__str text, uint32_t *out)
{
    *out = NS__NO_NODE;
    if (ns__str_equal(text, NS_STR("*")))
        return leaf(make, (ns__node){.kind = NS__NODE_ALL}, out);
    if (ns__str_equal(text, NS_STR("&&")) || ns__str_equal(text, NS_STR("||")))
        return NOTE(make, "%.2s is no operator and is passed over; write %s",
                    (const char *)text.data, text.data[0] == '&' ? "AND" : "OR");
    return NS_OK;
}

static ns_status note_tilde(maker *make)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (suffix->fraction || (suffix->numbered && (suffix->number < 1 || suffix->number > 2)))
        return NOTE(make, "a word may differ by ~1 or ~2 letters; this is read as ~%s",
                    suffix->fraction      ? ""
                    : suffix->number == 0 ? "0, the word itself"
                                          : "2");
    return NS_OK;
}

/* Where the text is words only. */
static ns_status make_literal(maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_WORD};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    if (!ns__has_word_character(ns__node_text(make->query, &node)))
        return NS_OK;
    return leaf(make, node, out);
}

static ns_status make_word(maker *make, uint32_t *out)
{
    const ns__lexeme *lexeme = make->lexeme;
    const uint8_t *text = make->query->text.data;
    if (make->setting->options->words)
        return make_literal(make, out);
    bool fuzzy = lexeme->suffix.tilde;
    shape seen = look_at(text, lexeme->start, lexeme->end, lexeme->to > lexeme->end);
    if (!seen.letters)
        return make_unlettered(make, (ns__str){text + lexeme->start, lexeme->end - lexeme->start},
                               out);
    if (!seen.wild && fuzzy) {
        if (make->setting->exact)
            NS_TRY(NOTE(make, "= asks for the word as written, so ~ says nothing here"));
        NS_TRY(note_tilde(make));
        return make->setting->exact ? plain_word(make, out) : make_pieces(make, true, seen, out);
    }
    if (!seen.wild || is_address(text, lexeme->start, lexeme->end))
        return plain_word(make, out);
    uint32_t pieces;
    if (!is_small_pattern(text, seen, &pieces)) {
        NS_TRY(NOTE(make,
                    "* and ? are read as plain characters here: a word may have %d wildcards, "
                    "%d bytes and %d parts",
                    NS_MAX_PATTERN_WILDCARDS, NS_MAX_PATTERN_BYTES, NS_MAX_NEAR_OPERANDS));
        return plain_word(make, out);
    }
    if (fuzzy)
        NS_TRY(NOTE(make, "~ says nothing on a word with * or ?"));
    if (make->setting->exact)
        NS_TRY(NOTE(make, "= says nothing on a word with * or ?"));
    return make_pieces(make, false, seen, out);
}

/* ---- Phrases ---- */

/* The words of "…"~n as operands. */
static ns_status split_phrase(maker *make, uint32_t start, uint32_t end, ns__items *words)
{
    const ns__query *query = make->query;
    *words = NS__NO_ITEMS;
    for (uint32_t at = start, begin; at < end;) {
        unsigned length;
        for (begin = at; at < end; at += length) {
            if (ns__is_query_space(ns__peek(query->text.data, at, &length)))
                break;
        }
        ns__node node = {
            .kind = NS__NODE_WORD, .exact = make->setting->exact, .start = begin, .end = at};
        if (ns__has_word_character(ns__node_text(query, &node))) {
            if (words->count == NS_MAX_NEAR_OPERANDS) {
                words->count++;
                return NS_OK;
            }
            uint32_t word;
            NS_TRY(leaf(make, node, &word));
            ns__items_add(make->query, words, word);
        }
        if (at < end) {
            (void)ns__peek(query->text.data, at, &length);
            at += length;
        }
    }
    return NS_OK;
}

/* "…"~n; *out stays as it is when the phrase must stay one, with a note. */
static ns_status make_sloppy(maker *make, ns__node phrase, uint32_t *out)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (!suffix->numbered || suffix->fraction)
        return NOTE(make, "~ behind a phrase wants to know how many words may stand between, "
                          "such as ~5");
    uint32_t leaves = make->query->leaves;
    ns__items words;
    NS_TRY(split_phrase(make, phrase.start, phrase.end, &words));
    if (words.count < 2 || words.count > NS_MAX_NEAR_OPERANDS) {
        make->query->leaves = leaves; /* the words are not used */
        return NOTE(make, "~ works on phrases of 2 to %d words; this one is read without it",
                    NS_MAX_NEAR_OPERANDS);
    }
    uint32_t distance = suffix->number;
    if (distance > NS_MAX_NEAR_DISTANCE) {
        distance = NS_MAX_NEAR_DISTANCE;
        NS_TRY(NOTE(make, "at most %d words can stand between", NS_MAX_NEAR_DISTANCE));
    }
    ns__node near = {.kind = NS__NODE_NEAR, .distance = distance};
    near.field = (ns__field)make->setting->field;
    return ns__tree_near(make->query, near, words, out, make->err);
}

static ns_status make_phrase(maker *make, uint32_t *out)
{
    const ns__lexeme *lexeme = make->lexeme;
    ns__node node = {.kind = NS__NODE_PHRASE, .exact = make->setting->exact};
    node.start = lexeme->start;
    node.end = lexeme->end;
    ns__str text = ns__node_text(make->query, &node);
    if (!ns__has_word_character(text))
        return NS_OK;
    if (!lexeme->suffix.tilde && memchr(text.data, '*', text.length) != NULL &&
        look_at(text.data, 0, (uint32_t)text.length, false).wild)
        NS_TRY(NOTE(make, "inside quotes * is a plain character; for a phrase with a pattern "
                          "write export ONEAR/1 contr*"));
    NS_TRY(meant(make, false, &node.start, &node.end));
    if (lexeme->suffix.tilde)
        NS_TRY(make_sloppy(make, node, out));
    return *out != NS__NO_NODE ? NS_OK : leaf(make, node, out);
}

/* ---- Values and dates ---- */

static ns_status make_value(maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_VALUE};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    if (make->lexeme->suffix.tilde)
        NS_TRY(NOTE(make, "~ says nothing on a value"));
    NS_TRY(meant(make, true, &node.start, &node.end));
    return leaf(make, node, out);
}

static ns_status make_date(maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_DATE};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    ns__span span;
    ns__date_verdict verdict =
        ns__query_date(ns__node_text(make->query, &node), make->setting->options, &span);
    if (verdict == NS__DATE_BAD)
        NS_TRY(NOTE(make, "this is no date that can be read, so nothing matches it; write 2025, "
                          "2025-05, 2025-05-03, 2024-01..2025-03, >2024, today, last-week, "
                          "last-30-days or \"3 May 2025\""));
    if (verdict == NS__DATE_SWAPPED)
        NS_TRY(NOTE(make, "the range ends before it begins and is read the other way round"));
    node.date_from = span.from;
    node.date_to = span.to;
    return leaf(make, node, out);
}

/* ---- All of them ---- */

ns_status ns__atom_weigh(ns__query *query, uint32_t node, const ns__suffix *suffix, ns_error *err)
{
    if (!suffix->weighted || node == NS__NO_NODE)
        return NS_OK;
    ns__node *weighed = &query->nodes[node];
    if (weighed->kind == NS__NODE_VALUE || weighed->kind == NS__NODE_DATE)
        return ns__query_note(query, weighed->from, weighed->to, err,
                              "a weight says nothing on a value or a date");
    uint32_t least = ns__tree_thousandths(NS_MIN_WEIGHT),
             most = ns__tree_thousandths(NS_MAX_WEIGHT);
    uint32_t weight = suffix->weight;
    if (weight < least || weight > most) {
        weight = weight < least ? least : most;
        NS_TRY(ns__query_note(query, weighed->from, weighed->to, err,
                              "a weight is from %g to %g; this one is read as %g", NS_MIN_WEIGHT,
                              NS_MAX_WEIGHT, weight == least ? NS_MIN_WEIGHT : NS_MAX_WEIGHT));
    }
    ns__tree_weigh(&query->nodes[node], weight);
    return NS_OK;
}

ns_status ns__atom(ns__query *query, const ns__lexeme *lexeme, const ns__setting *setting,
                   uint32_t *out, ns_error *err)
{
    maker make = {query, lexeme, setting, err};
    bool quoted = lexeme->kind == NS__LEX_QUOTED;
    *out = NS__NO_NODE;
    if (lexeme->stray)
        NS_TRY(NOTE(&make, "this quote is never closed; it closes at the end of the query"));
    if (quoted && lexeme->start == lexeme->end)
        NS_TRY(lexeme->stray ? NS_OK : NOTE(&make, "these quotes are empty and say nothing"));
    else if (setting->field == NS__FIELD_DATE)
        NS_TRY(make_date(&make, out));
    else if (ns__field_is_value(setting->field))
        NS_TRY(make_value(&make, out));
    else if (quoted)
        NS_TRY(make_phrase(&make, out));
    else
        NS_TRY(make_word(&make, out));
    return ns__atom_weigh(query, *out, &lexeme->suffix, err);
}
