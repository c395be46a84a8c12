/* A tree as one line of the query language.
 *
 * It has OR between alternatives, AND and NOT between what is required and excluded. Only where
 * something is wanted beside what is required or excluded do words stand side by side: so it is to
 * be read with the default options. */
#include "query/describe.h"

#include <stdio.h>

#include "base/limits.h"
#include "query/dates.h"
#include "query/lexer.h"
#include "query/tree.h"

typedef struct printer {
    const ns__query *query;
    ns__buf *out;
    uint32_t depth, deepest; /* parentheses open now, and at most */
} printer;

/* "(", or what ends with it. */
static void print_open(printer *print, const char *text)
{
    ns__print(print->out, text);
    print->depth++;
    print->deepest = print->depth > print->deepest ? print->depth : print->deepest;
}

static void print_close(printer *print)
{
    ns__print(print->out, ")");
    print->depth--;
}

void ns__print_weight(double weight, ns__buf *out)
{
    char text[16];
    uint32_t thousandths = ns__tree_thousandths(weight);
    if (thousandths == 1000)
        return;
    int length = snprintf(text, sizeof text, "^%u.%03u", thousandths / 1000, thousandths % 1000);
    while (text[length - 1] == '0')
        length--;
    length -= text[length - 1] == '.';
    ns__buf_append(out, text, (size_t)length);
}

static void print_number(printer *print, const char *before, uint32_t number)
{
    char text[16];
    snprintf(text, sizeof text, "%u", number);
    ns__print(print->out, before);
    ns__print(print->out, text);
}

/* ---- Texts ---- */

static void print_quoted(printer *print, ns__str text, bool glob)
{
    unsigned length;
    ns__print(print->out, "\"");
    for (uint32_t at = 0; at < text.length; at += length) {
        uint32_t c = ns__peek(text.data, at, &length);
        if (glob && c == '\\' && at + 1 < text.length)
            length++; /* it escapes already */
        else if (c == '\\' || ns__is_query_quote(c))
            ns__print(print->out, "\\");
        ns__buf_append(print->out, text.data + at, length);
    }
    ns__print(print->out, "\"");
}

/* The colon of text that begins like a field; its length when there is none. */
static size_t colon_of(ns__str text)
{
    size_t colon = 0;
    while (colon < text.length && text.data[colon] != ':')
        colon++;
    if (colon < text.length && ns__field_of((ns__str){text.data, colon}) >= 0)
        return colon;
    return text.length;
}

static bool is_operator(ns__str text)
{
    size_t word = 0;
    while (word < text.length && text.data[word] != '/')
        word++;
    ns__str before = {text.data, word};
    return ns__str_equal(text, NS_STR("AND")) || ns__str_equal(text, NS_STR("OR")) ||
           ns__str_equal(text, NS_STR("NOT")) || ns__str_equal(before, NS_STR("NEAR")) ||
           ns__str_equal(before, NS_STR("ONEAR"));
}

/* A word with backslashes where it would be read otherwise; in a pattern * and ? are meant. */
static void print_word(printer *print, ns__str text, bool pattern)
{
    size_t colon = colon_of(text);
    unsigned length;
    for (uint32_t at = 0; at < text.length; at += length) {
        uint32_t c = ns__peek(text.data, at, &length);
        bool wild = pattern && (c == '*' || c == '?');
        bool special =
            c == '\\' || c == '~' || c == '^' || c == '*' || c == '?' || ns__is_query_quote(c) ||
            ns__is_query_paren(c) || at == colon ||
            (at == 0 && (c == '+' || c == '-' || c == '=' || c == '!' || c == '\'' || c == 0x2018));
        if (special && !wild)
            ns__print(print->out, "\\");
        if (wild && c == '*' && at > 0 && text.data[at - 1] >= '0' && text.data[at - 1] <= '9')
            ns__print(print->out, "*"); /* 5*3 would be a product */
        ns__buf_append(print->out, text.data + at, length);
    }
}

/* Is it read as one value without quotes? */
static bool is_simple_value(ns__str text)
{
    for (size_t i = 0; i < text.length; i++) {
        uint8_t c = text.data[i], small = c | 0x20;
        bool simple = (small >= 'a' && small <= 'z') || (c >= '0' && c <= '9') ||
                      (i > 0 && (c == '-' || c == '_' || c == '.')) || c == '*';
        if (!simple)
            return false;
    }
    return text.length > 0;
}

/* ---- Leaves ---- */

static void print_leaf(printer *print, const ns__node *node)
{
    ns__str text = ns__node_text(print->query, node);
    char date[NS__SPAN_ROOM];
    bool needs_weight = false; /* to be read as it is meant */
    if (node->exact)
        ns__print(print->out, "=");
    switch (node->kind) {
    case NS__NODE_PHRASE:
        print_quoted(print, text, false);
        break;
    case NS__NODE_VALUE:
        if (is_simple_value(text))
            ns__buf_append(print->out, text.data, text.length);
        else
            print_quoted(print, text, true);
        break;
    case NS__NODE_DATE:
        ns__query_date_text((ns__span){node->date_from, node->date_to},
                            (int16_t[2]){node->from_east, node->to_east}, date);
        ns__print(print->out, date);
        break;
    case NS__NODE_ALL:
        ns__print(print->out, "*");
        break;
    case NS__NODE_FUZZY:
        print_word(print, text, false);
        print_number(print, "~", node->distance);
        break;
    case NS__NODE_PATTERN:
        print_word(print, text, true);
        needs_weight = text.data[text.length - 1] == '?'; /* else it would end a question */
        break;
    default:
        print_word(print, text, false);
        needs_weight = is_operator(text); /* else it would be one */
        break;
    }
    if (needs_weight && node->weight == 1)
        ns__print(print->out, "^1");
    ns__print_weight(node->weight, print->out);
}

/* ---- Nodes ---- */

/* Where a node stands decides whether it needs parentheses. */
typedef enum setting {
    AMONG_OPERATORS, /* beside AND, OR, NOT, or alone */
    AMONG_WORDS,     /* side by side, after a prefix, as an operand */
    UNDER_FIELD      /* … of a NEAR or WITHIN, which has the field */
} setting;

static void print_node(printer *print, uint32_t at, setting place);

static void print_children(printer *print, const ns__node *node, const char *between, setting place)
{
    for (uint32_t n = node->child; n != NS__NO_NODE; n = print->query->nodes[n].next) {
        if (n != node->child)
            ns__print(print->out, between);
        print_node(print, n, place);
    }
}

/* a AND b NOT c: no child is merely wanted. */
static void print_required(printer *print, const ns__node *list)
{
    for (uint32_t n = list->child; n != NS__NO_NODE; n = print->query->nodes[n].next) {
        bool first = n == list->child, not = print->query->nodes[n].occur == NS__NOT;
        if (!first)
            ns__print(print->out, not ? " " : " AND ");
        ns__print(print->out, not ? "NOT " : "");
        print_node(print, n, AMONG_OPERATORS);
    }
}

static bool is_date_or_value(const ns__node *node)
{
    return node->kind == NS__NODE_VALUE || node->kind == NS__NODE_DATE;
}

/* Wanted children from `first` on. Values and dates among them would be required if they stood side
 * by side, so all become one (a OR b). Returns what follows. */
static uint32_t print_wanted(printer *print, uint32_t first)
{
    const ns__node *nodes = print->query->nodes;
    bool filters = false;
    uint32_t end = first;
    for (; end != NS__NO_NODE && nodes[end].occur == NS__SHOULD; end = nodes[end].next)
        filters |= ns__tree_is_filter(print->query, end);
    if (filters)
        print_open(print, "(");
    for (uint32_t n = first; n != end; n = nodes[n].next) {
        if (n != first)
            ns__print(print->out, filters ? " OR " : " ");
        print_node(print, n, AMONG_WORDS);
    }
    if (filters)
        print_close(print);
    return end;
}

/* +a b -c */
static void print_mixed(printer *print, const ns__node *list)
{
    const ns__node *nodes = print->query->nodes;
    for (uint32_t n = list->child; n != NS__NO_NODE;) {
        if (n != list->child)
            ns__print(print->out, " ");
        if (nodes[n].occur == NS__SHOULD) {
            n = print_wanted(print, n);
            continue;
        }
        if (nodes[n].occur == NS__NOT || !is_date_or_value(&nodes[n]))
            ns__print(print->out, nodes[n].occur == NS__NOT ? "-" : "+");
        print_node(print, n, AMONG_WORDS);
        n = nodes[n].next;
    }
}

static void print_list(printer *print, const ns__node *list)
{
    bool should = false, must = false, not = false;
    for (uint32_t n = list->child; n != NS__NO_NODE; n = print->query->nodes[n].next) {
        should |= print->query->nodes[n].occur == NS__SHOULD;
        must |= print->query->nodes[n].occur == NS__MUST;
        not |= print->query->nodes[n].occur == NS__NOT;
    }
    bool single =
        list->child != NS__NO_NODE && print->query->nodes[list->child].next == NS__NO_NODE;
    if (should && !must && !not )
        print_children(print, list, " OR ", AMONG_OPERATORS);
    else if (must && !should && !single)
        print_required(print, list);
    else
        print_mixed(print, list);
}

/* "a b c"~5, for operands that are words; false when they are not, or NEAR/k says it. */
static bool print_sloppy(printer *print, const ns__node *near)
{
    const ns__node *nodes = print->query->nodes;
    uint32_t count = 0;
    bool exact = nodes[near->child].exact;
    for (uint32_t n = near->child; n != NS__NO_NODE; n = nodes[n].next, count++) {
        if (nodes[n].kind != NS__NODE_WORD || nodes[n].exact != exact || nodes[n].weight != 1)
            return false;
    }
    if (near->ordered || near->distance % (count - 1) == 0)
        return false;
    ns__print(print->out, exact ? "=\"" : "\"");
    for (uint32_t n = near->child; n != NS__NO_NODE; n = nodes[n].next) {
        ns__str text = ns__node_text(print->query, &nodes[n]);
        unsigned length;
        for (uint32_t at = 0; at < text.length; at += length) {
            uint32_t c = ns__peek(text.data, at, &length);
            if (c == '\\' || ns__is_query_quote(c))
                ns__print(print->out, "\\");
            ns__buf_append(print->out, text.data + at, length);
        }
        ns__print(print->out, nodes[n].next == NS__NO_NODE ? "\"" : " ");
    }
    print_number(print, "~", near->distance);
    return true;
}

static void print_near(printer *print, const ns__node *near, setting place)
{
    if (print_sloppy(print, near)) {
        ns__print_weight(near->weight, print->out);
        return;
    }
    uint32_t gaps = 0;
    for (uint32_t n = near->child; n != NS__NO_NODE; n = print->query->nodes[n].next)
        gaps++;
    gaps--;
    char between[32];
    snprintf(between, sizeof between, " %s/%u ", near->ordered ? "ONEAR" : "NEAR",
             near->distance / gaps + 1);
    bool bare = place == AMONG_OPERATORS && near->weight == 1 && near->field == NS__FIELD_ANY;
    if (!bare)
        print_open(print, "(");
    print_children(print, near, between, UNDER_FIELD);
    if (!bare)
        print_close(print);
    ns__print_weight(near->weight, print->out);
}

static void print_node(printer *print, uint32_t at, setting place)
{
    const ns__node *node = &print->query->nodes[at];
    int field = node->kind == NS__NODE_DATE ? (int)NS__FIELD_DATE : (int)node->field;
    if (place != UNDER_FIELD && field != NS__FIELD_ANY) {
        ns__print(print->out, ns__field_name(field));
        ns__print(print->out, ":");
    }
    switch (node->kind) {
    case NS__NODE_LIST:
        print_open(print, "(");
        if (place == UNDER_FIELD)
            print_children(print, node, " OR ", UNDER_FIELD);
        else
            print_list(print, node);
        print_close(print);
        ns__print_weight(node->weight, print->out);
        break;
    case NS__NODE_NEAR:
        print_near(print, node, place);
        break;
    case NS__NODE_WITHIN:
        print_open(print, node->paragraph ? "PARAGRAPH(" : "SENTENCE(");
        print_children(print, node, " ", UNDER_FIELD);
        print_close(print);
        ns__print_weight(node->weight, print->out);
        break;
    default:
        print_leaf(print, node);
        break;
    }
}

void ns__query_print(const ns__query *query, ns__buf *out)
{
    printer print = {.query = query, .out = out};
    print_list(&print, &query->nodes[0]);
}

ns_status ns__query_check_line(const ns__query *query, ns_error *err)
{
    /* Of each byte a backslash and itself; of a node signs, field, weight, operator, dates. Few
     * nodes are not nested deeply either. */
    enum { NODE_BYTES = 256, FEW_NODES = NS_MAX_QUERY_DEPTH };
    if (query->count <= FEW_NODES &&
        2 * query->text.length + FEW_NODES * NODE_BYTES <= NS_MAX_QUERY_BYTES)
        return NS_OK;
    ns__buf line = {0};
    printer print = {.query = query, .out = &line};
    print_list(&print, &query->nodes[0]);
    const size_t length = line.length;
    const bool failed = line.failed;
    ns__buf_release(&line);
    if (failed)
        return ns__no_memory(err);
    if (length > NS_MAX_QUERY_BYTES)
        return ns__fail(err, NS_ERR_LIMIT,
                        "spelled out, the query has %zu bytes, more than the %u allowed", length,
                        NS_MAX_QUERY_BYTES);
    if (print.deepest > NS_MAX_QUERY_DEPTH)
        return ns__fail(err, NS_ERR_LIMIT,
                        "spelled out, the query has more than %d parentheses inside each other",
                        NS_MAX_QUERY_DEPTH);
    return NS_OK;
}
