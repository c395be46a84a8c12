/* Queries as objects, and reading one: a single pass over its characters, word by word. */
#include "query/query.h"

#include "base/limits.h"
#include "base/mem.h"
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

static ns_status add_node(ns__query *query, ns__node node, ns_error *err)
{
    if (query->count > NS_MAX_QUERY_LEAVES)
        return ns__fail(err, NS_ERR_LIMIT, "the query has more than %d words and phrases",
                        NS_MAX_QUERY_LEAVES);
    if (NS_RESERVE(query->nodes, query->capacity, query->count + 1) != NS_OK)
        return ns__no_memory(err);
    query->nodes[query->count++] = node;
    return NS_OK;
}

static ns_status read_list(ns__query *query, ns_error *err)
{
    scanner scan = {query->text.data, 0, (uint32_t)query->text.length};
    ns__node root = {.kind = NS__NODE_LIST, .occur = NS__MUST, .weight = 1, .to = scan.end};
    root.child = root.next = NS__NO_NODE;
    NS_TRY(add_node(query, root, err));
    for (uint32_t last = NS__NO_NODE;;) {
        ns__node leaf = {.occur = skip_to_leaf(&scan), .weight = 1};
        leaf.child = leaf.next = NS__NO_NODE;
        if (scan.at == scan.end)
            return NS_OK;
        unsigned quote;
        bool phrase = is_quote(peek(&scan, &quote));
        leaf.kind = phrase ? NS__NODE_PHRASE : NS__NODE_WORD;
        leaf.from = scan.at;
        if (phrase)
            scan.at += quote;
        leaf.start = scan.at;
        skip_text(&scan, phrase);
        leaf.end = scan.at;
        if (phrase && scan.at < scan.end) {
            (void)peek(&scan, &quote);
            scan.at += quote;
        }
        leaf.to = scan.at;
        if (leaf.start == leaf.end)
            continue; /* "" says nothing */
        NS_TRY(add_node(query, leaf, err));
        *(last == NS__NO_NODE ? &query->nodes[0].child : &query->nodes[last].next) =
            query->count - 1;
        last = query->count - 1;
    }
}

static ns_status read_query(const char *text, size_t length, ns__query *query, ns_error *err)
{
    if (length > NS_MAX_QUERY_BYTES)
        return ns__fail(err, NS_ERR_LIMIT, "the query has %zu bytes, more than the %u allowed",
                        length, NS_MAX_QUERY_BYTES);
    ns__utf8_sanitise((ns__str){(const uint8_t *)text, length}, &query->text);
    if (query->text.failed)
        return ns__no_memory(err);
    return read_list(query, err);
}

void ns_query_options_init(ns_query_options *options)
{
    *options = (ns_query_options){.now = INT64_MIN};
}

ns_status ns_query_parse(const char *text, size_t length, const ns_query_options *options,
                         ns_query **out, ns_error *err)
{
    (void)options;
    *out = NULL;
    ns_query *query = ns__zalloc(1, sizeof *query);
    if (query == NULL)
        return ns__no_memory(err);
    ns_status status = read_query(text, length, query, err);
    if (status != NS_OK) {
        ns_query_free(query);
        return status;
    }
    *out = query;
    return NS_OK;
}

size_t ns_query_note_count(const ns_query *query)
{
    return query->note_count;
}

ns_query_note ns_query_note_get(const ns_query *query, size_t i)
{
    return query->notes[i];
}

void ns_query_free(ns_query *query)
{
    if (query == NULL)
        return;
    ns__buf_release(&query->text);
    ns__free(query->nodes);
    ns__free(query);
}
