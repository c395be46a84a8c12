/* Reading a query: one pass over its characters, leaf by leaf. */
#include "query/query.h"

#include "base/limits.h"
#include "text/utf8.h"

typedef struct scanner {
    const uint8_t *text;
    uint32_t at, end;
} scanner;

/* The character at the scanner; *length gets its bytes. */
static uint32_t peek(const scanner *scan, unsigned *length)
{
    if (scan->text[scan->at] < 0x80) {
        *length = 1;
        return scan->text[scan->at];
    }
    return ns__utf8_decode(scan->text + scan->at, length);
}

/* Unicode's White_Space property, and the control characters next to it in ASCII. */
static bool is_space(uint32_t c)
{
    return c <= 0x20 || c == 0x7f || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
           c == 0x205f || c == 0x3000;
}

static bool is_quote(uint32_t c)
{
    return c == '"' || (c >= 0x201c && c <= 0x201f) || c == 0xab || c == 0xbb || c == 0xff02;
}

static bool is_operator(uint32_t c)
{
    return c == '+' || c == '-';
}

/* Skips white space and operators; returns what the operator directly before the next leaf asks
 * for. White space takes an operator's meaning away. */
static ns__occur skip_to_leaf(scanner *scan)
{
    ns__occur occur = NS__SHOULD;
    while (scan->at < scan->end) {
        unsigned length;
        uint32_t c = peek(scan, &length);
        if (is_operator(c))
            occur = c == '+' ? NS__MUST : NS__NOT;
        else if (is_space(c))
            occur = NS__SHOULD;
        else
            break;
        scan->at += length;
    }
    return occur;
}

/* Moves to the next quote or, for a word, the next quote or white space; or the end. */
static void skip_text(scanner *scan, bool phrase)
{
    while (scan->at < scan->end) {
        unsigned length;
        uint32_t c = peek(scan, &length);
        if (is_quote(c) || (!phrase && is_space(c)))
            return;
        scan->at += length;
    }
}

static ns_status add_leaf(ns__query *query, ns__leaf leaf, ns_error *err)
{
    if (leaf.start == leaf.end)
        return NS_OK; /* "" says nothing */
    if (query->count == NS_MAX_QUERY_LEAVES)
        return ns__fail(err, NS_ERR_LIMIT, "the query has more than %d words and phrases",
                        NS_MAX_QUERY_LEAVES);
    if (NS_RESERVE(query->leaves, query->capacity, query->count + 1) != NS_OK)
        return ns__no_memory(err);
    query->leaves[query->count++] = leaf;
    return NS_OK;
}

ns_status ns__query_parse(const char *text, size_t length, ns__query *out, ns_error *err)
{
    *out = (ns__query){0};
    if (length > NS_MAX_QUERY_BYTES)
        return ns__fail(err, NS_ERR_LIMIT, "the query has %zu bytes, more than the %u allowed",
                        length, NS_MAX_QUERY_BYTES);
    ns__utf8_sanitise((ns__str){(const uint8_t *)text, length}, &out->text);
    if (out->text.failed)
        return ns__no_memory(err);
    scanner scan = {out->text.data, 0, (uint32_t)out->text.length};
    for (;;) {
        ns__leaf leaf = {.occur = skip_to_leaf(&scan)};
        if (scan.at == scan.end)
            return NS_OK;
        unsigned quote;
        leaf.phrase = is_quote(peek(&scan, &quote));
        if (leaf.phrase)
            scan.at += quote;
        leaf.start = scan.at;
        skip_text(&scan, leaf.phrase);
        leaf.end = scan.at;
        if (leaf.phrase && scan.at < scan.end) {
            (void)peek(&scan, &quote);
            scan.at += quote;
        }
        NS_TRY(add_leaf(out, leaf, err));
    }
}

void ns__query_release(ns__query *query)
{
    ns__buf_release(&query->text);
    ns__free(query->leaves);
    *query = (ns__query){0};
}
