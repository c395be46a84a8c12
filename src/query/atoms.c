#include "query/atoms.h"

#include "base/limits.h"
#include "query/dates.h"
#include "query/make.h"
#include "query/tree.h"

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

/* A control character as it is meant. Ids are compared as they are, where a blank would be another
 * id; but U+0000 would end the line that says the same, and becomes what no id is likely to have.
 */
static void append_control(ns__query *query, bool verbatim, const uint8_t text[], unsigned length)
{
    if (!verbatim)
        ns__buf_u8(&query->text, ' ');
    else if (text[0] == 0)
        ns__buf_append(&query->text, "\xEF\xBF\xBD", 3);
    else
        ns__buf_append(&query->text, text, length);
}

/* Copies bytes [*start, *end) of the query to its end as they are meant: without backslashes that
 * make the next character plain, with spaces for control characters unless `verbatim`. In a `glob`
 * a backslash stays before *, ? and backslash, and is put before one that stood for itself. */
static void append_meant(ns__query *query, bool glob, bool verbatim, uint32_t *start, uint32_t *end)
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
            append_control(query, verbatim, query->text.data + at, length);
        else
            ns__buf_append(&query->text, query->text.data + at, length);
    }
    *start = begin;
    *end = (uint32_t)query->text.length;
}

ns_status ns__make_meant(ns__maker *make, bool glob, uint32_t *start, uint32_t *end)
{
    const uint8_t *text = make->query->text.data;
    unsigned length;
    for (uint32_t at = *start; at < *end; at += length) {
        uint32_t c = ns__peek(text, at, &length);
        if (c != '\\' && !is_control(c))
            continue;
        append_meant(make->query, glob, make->setting->field == NS__FIELD_ID, start, end);
        break;
    }
    return make->query->text.failed ? ns__no_memory(make->err) : NS_OK;
}

ns_status ns__make_leaf(ns__maker *make, ns__node node, uint32_t *out)
{
    node.from = make->lexeme->from;
    node.to = make->lexeme->to;
    if (node.kind != NS__NODE_DATE && node.kind != NS__NODE_ALL)
        node.field = (ns__field)make->setting->field;
    return ns__tree_node(make->query, node, out, make->err);
}

/* ---- Phrases ---- */

/* The words of "…"~n as operands. */
static ns_status split_phrase(ns__maker *make, uint32_t start, uint32_t end, ns__items *words)
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
            NS_TRY(ns__make_leaf(make, node, &word));
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
static ns_status make_sloppy(ns__maker *make, ns__node phrase, uint32_t *out)
{
    const ns__suffix *suffix = &make->lexeme->suffix;
    if (!suffix->numbered || suffix->fraction)
        return NS__NOTE(make, "~ behind a phrase wants to know how many words may stand between, "
                              "such as ~5");
    uint32_t leaves = make->query->leaves;
    ns__items words;
    NS_TRY(split_phrase(make, phrase.start, phrase.end, &words));
    if (words.count < 2 || words.count > NS_MAX_NEAR_OPERANDS) {
        make->query->leaves = leaves; /* the words are not used */
        return NS__NOTE(make, "~ works on phrases of 2 to %d words; this one is read without it",
                        NS_MAX_NEAR_OPERANDS);
    }
    uint32_t distance = suffix->number;
    if (distance >= NS_MAX_NEAR_DISTANCE) {
        distance = NS_MAX_NEAR_DISTANCE - 1;
        NS_TRY(NS__NOTE(make, "at most %d words can stand between", NS_MAX_NEAR_DISTANCE - 1));
    }
    ns__node near = {.kind = NS__NODE_NEAR, .distance = distance};
    near.field = (ns__field)make->setting->field;
    return ns__tree_near(make->query, near, words, out, make->err);
}

static ns_status make_phrase(ns__maker *make, uint32_t *out)
{
    const ns__lexeme *lexeme = make->lexeme;
    ns__node node = {.kind = NS__NODE_PHRASE, .exact = make->setting->exact};
    node.start = lexeme->start;
    node.end = lexeme->end;
    ns__str text = ns__node_text(make->query, &node);
    if (!ns__has_word_character(text))
        return NS_OK;
    if (!lexeme->suffix.tilde && memchr(text.data, '*', text.length) != NULL &&
        ns__look_at(text.data, 0, (uint32_t)text.length, false).wild)
        NS_TRY(NS__NOTE(make, "inside quotes * is a plain character; for a phrase with a pattern "
                              "write export ONEAR/1 contr*"));
    NS_TRY(ns__make_meant(make, false, &node.start, &node.end));
    if (lexeme->suffix.tilde)
        NS_TRY(make_sloppy(make, node, out));
    return *out != NS__NO_NODE ? NS_OK : ns__make_leaf(make, node, out);
}

/* ---- Values and dates ---- */

static ns_status make_value(ns__maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_VALUE};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    if (make->lexeme->suffix.tilde)
        NS_TRY(NS__NOTE(make, "~ says nothing on a value"));
    NS_TRY(ns__make_meant(make, true, &node.start, &node.end));
    return ns__make_leaf(make, node, out);
}

static ns_status make_date(ns__maker *make, uint32_t *out)
{
    ns__node node = {.kind = NS__NODE_DATE};
    node.start = make->lexeme->start;
    node.end = make->lexeme->end;
    ns__span span;
    ns__date_verdict verdict =
        ns__query_date(ns__node_text(make->query, &node), make->setting->options, &span);
    if (verdict == NS__DATE_BAD)
        NS_TRY(NS__NOTE(make,
                        "this is no date that can be read, so nothing matches it; write 2025, "
                        "2025-05, 2025-05-03, 2024-01..2025-03, >2024, today, last-week, "
                        "last-30-days or \"3 May 2025\""));
    if (verdict == NS__DATE_SWAPPED)
        NS_TRY(NS__NOTE(make, "the range ends before it begins and is read the other way round"));
    node.date_from = span.from;
    node.date_to = span.to;
    int16_t east[2];
    ns__query_date_zone(span, make->setting->options, east);
    node.from_east = east[0];
    node.to_east = east[1];
    return ns__make_leaf(make, node, out);
}

/* ---- All of them ---- */

ns_status ns__atom_weigh(ns__query *query, uint32_t node, const ns__suffix *suffix, ns_error *err)
{
    if (!suffix->weighted || node == NS__NO_NODE)
        return NS_OK;
    ns__node *weighed = &query->nodes[node];
    if (ns__tree_is_filter(query, node))
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
    ns__tree_weigh(query, node, weight);
    return NS_OK;
}

ns_status ns__atom(ns__query *query, const ns__lexeme *lexeme, const ns__setting *setting,
                   uint32_t *out, ns_error *err)
{
    ns__maker make = {query, lexeme, setting, err};
    bool quoted = lexeme->kind == NS__LEX_QUOTED;
    *out = NS__NO_NODE;
    if (lexeme->stray)
        NS_TRY(NS__NOTE(&make, "this quote is never closed; it closes at the end of the query"));
    if (quoted && lexeme->start == lexeme->end)
        NS_TRY(lexeme->stray ? NS_OK : NS__NOTE(&make, "these quotes are empty and say nothing"));
    else if (setting->field == NS__FIELD_DATE)
        NS_TRY(make_date(&make, out));
    else if (ns__field_is_value(setting->field))
        NS_TRY(make_value(&make, out));
    else if (quoted)
        NS_TRY(make_phrase(&make, out));
    else
        NS_TRY(ns__make_word(&make, out));
    return ns__atom_weigh(query, *out, &lexeme->suffix, err);
}
