/* A tree as an outline for people: one line a node. */
#include <stdio.h>

#include "query/dates.h"
#include "query/describe.h"
#include "query/lexer.h"
#include "query/tree.h"

/* Text from outside between quotes, those within it behind a backslash; control characters, which
 * ids may have, as U+FFFD. `glob`: its backslashes make something plain already. */
static void outline_text(ns__str text, bool glob, ns__buf *out)
{
    unsigned length;
    ns__print(out, " \"");
    for (uint32_t at = 0; at < text.length; at += length) {
        uint32_t c = ns__peek(text.data, at, &length);
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            ns__print(out, "\xEF\xBF\xBD");
            continue;
        }
        if (glob && c == '\\' && at + 1 < text.length && text.data[at + 1] > ' ' &&
            text.data[at + 1] < 0x7f)
            length++;
        else
            ns__buf_append(out, "\\", c == '"' || c == '\\');
        ns__buf_append(out, text.data + at, length);
    }
    ns__print(out, "\"");
}

static void outline_number(ns__buf *out, const char *before, uint32_t number, const char *after)
{
    char text[128];
    snprintf(text, sizeof text, "%s%u%s", before, number, after);
    ns__print(out, text);
}

static const char *list_name(const ns__query *query, const ns__node *list)
{
    bool should = false, must = false;
    for (uint32_t n = list->child; n != NS__NO_NODE; n = query->nodes[n].next) {
        should |= query->nodes[n].occur == NS__SHOULD;
        must |= query->nodes[n].occur == NS__MUST;
    }
    return list->child == NS__NO_NODE ? "nothing"
           : must && should           ? "what is required; the more of what is wanted, the better"
           : must                     ? "all of"
           : should                   ? "any of"
                                      : "nothing, because all is excluded";
}

static void outline_date(const ns__node *node, ns__buf *out)
{
    char text[NS__SPAN_ROOM];
    ns__query_date_text((ns__span){node->date_from, node->date_to},
                        (int16_t[2]){node->from_east, node->to_east}, text);
    ns__print(out, "dated ");
    ns__print(out, text);
    if (node->from_east == 0 && node->to_east == 0)
        ns__print(out, " (UTC)");
}

static void outline_kind(const ns__query *query, const ns__node *node, ns__buf *out)
{
    switch (node->kind) {
    case NS__NODE_LIST:
        ns__print(out, list_name(query, node));
        break;
    case NS__NODE_WORD:
        ns__print(out, node->exact ? "word, exactly" : "word");
        break;
    case NS__NODE_PHRASE:
        ns__print(out, node->exact ? "phrase, exactly" : "phrase");
        break;
    case NS__NODE_PATTERN:
        ns__print(out, "pattern");
        break;
    case NS__NODE_FUZZY:
        outline_number(out, "word that differs by up to ", node->distance,
                       node->distance == 1 ? " letter from" : " letters from");
        break;
    case NS__NODE_NEAR:
        outline_number(out, "near: up to ", node->distance, " words between, ");
        ns__print(out, node->ordered ? "in this order" : "in any order");
        break;
    case NS__NODE_WITHIN:
        ns__print(out, node->paragraph ? "in one paragraph" : "in one sentence");
        break;
    case NS__NODE_VALUE:
        ns__print(out, ns__field_name((int)node->field));
        ns__print(out, " is");
        break;
    case NS__NODE_DATE:
        outline_date(node, out);
        break;
    case NS__NODE_ALL:
        ns__print(out, "every article");
        break;
    }
    if (node->end > node->start && node->kind != NS__NODE_DATE)
        outline_text(ns__node_text(query, node),
                     node->kind == NS__NODE_VALUE || node->kind == NS__NODE_PATTERN, out);
}

static void outline_node(const ns__query *query, uint32_t at, const char *occur, unsigned depth,
                         ns__buf *out)
{
    const ns__node *node = &query->nodes[at];
    for (unsigned i = 0; i < depth; i++)
        ns__print(out, "  ");
    ns__print(out, occur);
    outline_kind(query, node, out);
    if (node->kind != NS__NODE_VALUE && node->field != NS__FIELD_ANY) {
        ns__print(out, " in the ");
        ns__print(out, ns__field_name((int)node->field));
    }
    if (node->weight != 1) {
        ns__print(out, ", weight");
        size_t sign = out->length;
        ns__print_weight(node->weight, out);
        if (!out->failed)
            out->data[sign] = ' ';
    }
    bool operands = node->kind == NS__NODE_NEAR || node->kind == NS__NODE_WITHIN;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next) {
        static const char *const OCCURS[] = {"wanted: ", "required: ", "excluded: "};
        ns__print(out, "\n");
        outline_node(query, n, operands ? "" : OCCURS[query->nodes[n].occur], depth + 1, out);
    }
}

void ns__query_outline(const ns__query *query, ns__buf *out)
{
    outline_node(query, 0, "", 0, out);
}
