#include "query/usual.h"

#include "base/limits.h"

static bool is_usual(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static uint32_t skip_word(const uint8_t *text, uint32_t at, uint32_t end)
{
    while (at < end && is_usual(text[at]))
        at++;
    return at;
}

/* The words between quotes: where they end, which is `end` when they are unusual. */
static uint32_t skip_words(const uint8_t *text, uint32_t at, uint32_t end)
{
    bool some = false;
    for (; at < end && (is_usual(text[at]) || text[at] == ' '); at++)
        some |= text[at] != ' ';
    return some && at < end && text[at] == '"' ? at : end;
}

/* The item at `at`, which is no space, as a node. False when it is unusual. */
static bool read_item(const uint8_t *text, uint32_t at, uint32_t end, ns__node *out)
{
    *out = (ns__node){
        .kind = NS__NODE_WORD, .weight = 1, .from = at, .child = NS__NO_NODE, .next = NS__NO_NODE};
    if (text[at] == '+' || text[at] == '-') {
        out->occur = text[at] == '+' ? NS__MUST : NS__NOT;
        if (++at == end)
            return false;
    }
    if (text[at] == '"') {
        out->kind = NS__NODE_PHRASE;
        out->start = at + 1;
        out->end = skip_words(text, out->start, end);
        out->to = out->end + 1;
    } else {
        out->start = at;
        out->end = out->to = skip_word(text, at, end);
    }
    return out->start < out->end && out->to <= end && (out->to == end || text[out->to] == ' ');
}

bool ns__query_read_usual(ns__query *query, ns_status *status, ns_error *err)
{
    const uint8_t *text = query->text.data;
    const uint32_t length = (uint32_t)query->text.length;
    uint32_t count = 1, wanted = 0, at = 0;
    *status = NS_OK;
    for (;;) {
        while (at < length && text[at] == ' ')
            at++;
        if (at == length)
            break;
        if (count > NS_MAX_QUERY_LEAVES)
            return false;
        if (NS_RESERVE(query->nodes, query->capacity, (size_t)count + 1) != NS_OK) {
            *status = ns__no_memory(err);
            return true;
        }
        ns__node *node = &query->nodes[count++];
        if (!read_item(text, at, length, node))
            return false;
        wanted += node->occur != NS__NOT;
        node->next = count;
        at = node->to;
    }
    if (wanted == 0) /* nothing, or what only excludes: the parser says so */
        return false;
    query->nodes[count - 1].next = NS__NO_NODE;
    query->nodes[0] = (ns__node){.kind = NS__NODE_LIST,
                                 .occur = NS__MUST,
                                 .weight = 1,
                                 .to = length,
                                 .child = 1,
                                 .next = NS__NO_NODE};
    query->count = count;
    query->leaves = count - 1;
    return true;
}
