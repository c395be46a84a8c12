/* NEAR, SENTENCE and PARAGRAPH. */
#include "base/limits.h"
#include "query/atoms.h"
#include "query/parser.h"

static bool holds_another(const ns__parser *parse, ns__items operands)
{
    bool found = false;
    for (uint32_t n = operands.first; n != NS__NO_NODE; n = parse->query->nodes[n].next)
        found |= parse->query->nodes[n].kind == NS__NODE_NEAR ||
                 parse->query->nodes[n].kind == NS__NODE_WITHIN;
    return found;
}

/* One NEAR or WITHIN of the operands, or what they come to when they cannot be operands. */
static ns_status join(ns__parser *parse, ns__node form, ns__items operands, const ns__lexeme *about,
                      uint32_t *out)
{
    if (ns__tree_are_operands(parse->query, operands, &form.field))
        return ns__tree_near(parse->query, form, operands, out, parse->err);
    ns__lexeme name = *about;
    name.to -= name.kind == NS__LEX_WITHIN; /* without the parenthesis */
    NS_TRY(ns__note_operator(
        parse, &name,
        holds_another(parse, operands)
            ? "takes no other NEAR, SENTENCE or PARAGRAPH, and the distances of a chain must be "
              "the same; read as AND"
            : "takes words, phrases and (a OR b) in one field; read as AND"));
    return ns__tree_all(parse->query, operands, out, parse->err);
}

/* What stands side by side in SENTENCE( ), up to OR or the end. */
static ns_status read_within_part(ns__parser *parse, const ns__lexeme *within, uint32_t *out)
{
    ns__items all = NS__NO_ITEMS;
    for (bool not = false;;) {
        ns__items items;
        NS_TRY(ns__read_items(parse, &items));
        for (uint32_t n = items.first, next; n != NS__NO_NODE; n = next) {
            next = ns__node_of(parse, n)->next;
            if (not ) /* excludes the one thing behind it */
                ns__tree_prefix(parse->query, n, NS__NOT);
            not = false;
            ns__items_add(parse->query, &all, n);
        }
        not = ns__is_ahead(parse, NS__LEX_NOT);
        if (!not &&!ns__is_ahead(parse, NS__LEX_AND))
            break;
        (void)ns__take(parse);
    }
    ns__node form = {.kind = NS__NODE_WITHIN, .paragraph = within->paragraph};
    return join(parse, form, all, within, out);
}

ns_status ns__read_within(ns__parser *parse, uint32_t *out)
{
    ns__lexeme within = ns__take(parse), close;
    ns__items parts = NS__NO_ITEMS;
    NS_TRY(ns__enter(parse));
    for (;;) {
        uint32_t part;
        NS_TRY(read_within_part(parse, &within, &part));
        ns__items_add(parse->query, &parts, part);
        if (!ns__is_ahead(parse, NS__LEX_OR))
            break;
        ns__lexeme or = ns__take(parse);
        if (part == NS__NO_NODE)
            NS_TRY(ns__note(parse, & or, "OR has nothing before it and is passed over"));
    }
    NS_TRY(ns__leave(parse, &within, &close));
    NS_TRY(ns__tree_any(parse->query, parts, out, parse->err));
    if (*out == NS__NO_NODE)
        return ns__note(parse, &within, "there is nothing to look for in these parentheses");
    ns__widen(parse, *out, within.from, close.to);
    return ns__atom_weigh(parse->query, *out, &close.suffix, parse->err);
}

/* ---- NEAR ---- */

/* Operands that are as far apart as `near` says; a prefix before the first is one of the whole. */
static ns_status join_near(ns__parser *parse, const ns__lexeme *near, ns__items operands,
                           uint32_t *out)
{
    ns__node form = {.kind = NS__NODE_NEAR, .ordered = near->ordered};
    form.distance = (near->distance - 1) * (operands.count - 1);
    ns__occur occur = ns__node_of(parse, operands.first)->occur;
    ns__field field;
    if (occur != NS__SHOULD && operands.count > 1) {
        ns__node_of(parse, operands.first)->occur = NS__SHOULD;
        if (!ns__tree_are_operands(parse->query, operands, &field))
            ns__node_of(parse, operands.first)->occur = occur;
    }
    NS_TRY(join(parse, form, operands, near, out));
    if (ns__node_of(parse, *out)->kind == NS__NODE_NEAR)
        ns__node_of(parse, *out)->occur = occur;
    return NS_OK;
}

static ns_status take_near(ns__parser *parse, ns__lexeme *near)
{
    *near = ns__take(parse);
    if (near->bad_number)
        NS_TRY(ns__query_note(parse->query, near->from, near->to, parse->err,
                              "NEAR/k and ONEAR/k take a k from 1 to %d; read as %u",
                              NS_MAX_NEAR_DISTANCE, near->distance));
    return NS_OK;
}

ns_status ns__read_chain(ns__parser *parse, uint32_t first, uint32_t *out)
{
    ns__items operands = NS__NO_ITEMS;
    ns__lexeme before = {.kind = NS__LEX_END};
    ns__items_add(parse->query, &operands, first);
    while (ns__is_ahead(parse, NS__LEX_NEAR)) {
        ns__lexeme near;
        uint32_t operand;
        NS_TRY(take_near(parse, &near));
        NS_TRY(ns__read_unary(parse, &operand));
        if (operand == NS__NO_NODE) {
            NS_TRY(ns__note_operator(parse, &near, "has nothing behind it and is passed over"));
            continue;
        }
        if (operands.count > 1 &&
            (near.distance != before.distance || near.ordered != before.ordered)) {
            NS_TRY(join_near(parse, &before, operands, out));
            operands = NS__NO_ITEMS;
            ns__items_add(parse->query, &operands, *out);
        }
        if (operands.count == 0)
            NS_TRY(ns__note_operator(parse, &near, "has nothing before it and is passed over"));
        ns__items_add(parse->query, &operands, operand);
        before = near;
    }
    *out = operands.first;
    return operands.count > 1 ? join_near(parse, &before, operands, out) : NS_OK;
}
