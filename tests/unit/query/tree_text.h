/* A query's tree as text, for tests: apart from what the library prints, and simpler.
 *
 *   (+a b -c)   a LIST; the root has no parentheses     ==a =="b c"   exact
 *   /colo?r/    PATTERN                                 fentanly~1    FUZZY
 *   near5(a b)  onear0(a b)  sentence(a b)  para(a b)   source:<fox>  VALUE
 *   [0,86400)   DATE                                    *             ALL
 *   title:a     a^2.5                                   fields, weights */
#ifndef TREE_TEXT_H
#define TREE_TEXT_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "query/query.h"

typedef struct tree_text {
    char *out;
    size_t room, at;
} tree_text;

static const char *const FIELD_PREFIX[] = {
    "", "title:", "body:", "source:", "section:", "lang:", "author:", "url:", "id:"};

#define PUT(text, ...)                                                                             \
    ((text)->at +=                                                                                 \
     (size_t)snprintf((text)->out + (text)->at, (text)->room - (text)->at, __VA_ARGS__))

static inline void put_bound(tree_text *text, int64_t bound)
{
    if (bound == INT64_MIN || bound == INT64_MAX)
        PUT(text, "%s", bound == INT64_MIN ? "min" : "max");
    else
        PUT(text, "%" PRId64, bound);
}

static inline void put_node(tree_text *text, const ns__query *query, uint32_t at, bool bare);

static inline void put_children(tree_text *text, const ns__query *query, const ns__node *node,
                                bool occurs)
{
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next) {
        if (n != node->child)
            PUT(text, " ");
        if (occurs)
            PUT(text, "%s", (const char *[]){"", "+", "-"}[query->nodes[n].occur]);
        put_node(text, query, n, false);
    }
}

static inline void put_node(tree_text *text, const ns__query *query, uint32_t at, bool bare)
{
    const ns__node *node = &query->nodes[at];
    ns__str value = ns__node_text(query, node);
    PUT(text, "%s", FIELD_PREFIX[node->field]);
    PUT(text, "%s", node->exact ? "==" : "");
    switch (node->kind) {
    case NS__NODE_LIST:
        PUT(text, "%s", bare ? "" : "(");
        put_children(text, query, node, true);
        PUT(text, "%s", bare ? "" : ")");
        break;
    case NS__NODE_NEAR:
        PUT(text, "%snear%u(", node->ordered ? "o" : "", node->distance);
        put_children(text, query, node, false);
        PUT(text, ")");
        break;
    case NS__NODE_WITHIN:
        PUT(text, "%s(", node->paragraph ? "para" : "sentence");
        put_children(text, query, node, false);
        PUT(text, ")");
        break;
    case NS__NODE_DATE:
        PUT(text, "[");
        put_bound(text, node->date_from);
        PUT(text, ",");
        put_bound(text, node->date_to);
        PUT(text, ")");
        break;
    case NS__NODE_ALL:
        PUT(text, "*");
        break;
    case NS__NODE_VALUE:
        PUT(text, "<%.*s>", (int)value.length, (const char *)value.data);
        break;
    case NS__NODE_WORD:
        PUT(text, "%.*s", (int)value.length, (const char *)value.data);
        break;
    case NS__NODE_PHRASE:
        PUT(text, "\"%.*s\"", (int)value.length, (const char *)value.data);
        break;
    case NS__NODE_PATTERN:
        PUT(text, "/%.*s/", (int)value.length, (const char *)value.data);
        break;
    case NS__NODE_FUZZY:
        PUT(text, "%.*s~%u", (int)value.length, (const char *)value.data, node->distance);
        break;
    }
    if (node->weight != 1)
        PUT(text, "^%g", node->weight);
}

/* Writes the tree into out[room], terminated; what does not fit is cut. */
static inline void write_tree(const ns__query *query, char *out, size_t room)
{
    tree_text text = {out, room, 0};
    out[0] = '\0';
    put_node(&text, query, 0, true);
}

#endif
