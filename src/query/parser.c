/* Reading a query by recursive descent, loosest first:
 *
 *   any  := all { OR all }
 *   all  := { [AND] ( side | NOT near ) }; what follows a NOT near belongs to the side before
 *   side := near { near }
 *   near := unary { (NEAR | ONEAR)[/k] unary }
 *   unary := { + | - } [field:] [=] ( word | "phrase" | ( any ) | SENTENCE( … ) )
 *
 * Nothing is malformed: what has no meaning where it stands is passed over with a note. Each level
 * of parentheses goes five functions deep, and NS_MAX_QUERY_DEPTH bounds the levels. */
#include "query/parser.h"

#include "base/limits.h"
#include "query/atoms.h"
#include "query/capitals.h"

static ns_status read_any(ns__parser *parse, uint32_t *out);

/* ---- Parentheses ---- */

ns_status ns__enter(ns__parser *parse)
{
    if (++parse->lexer.depth > NS_MAX_QUERY_DEPTH)
        return ns__fail(parse->err, NS_ERR_LIMIT,
                        "the query has more than %d parentheses inside each other",
                        NS_MAX_QUERY_DEPTH);
    return NS_OK;
}

ns_status ns__leave(ns__parser *parse, const ns__lexeme *open, ns__lexeme *close)
{
    *close = ns__take(parse);
    parse->lexer.depth--;
    if (close->kind == NS__LEX_CLOSE) {
        if (close->suffix.tilde)
            return ns__note(parse, close, "~ works behind a word or a phrase only");
        return NS_OK;
    }
    return ns__note(parse, open,
                    "this parenthesis is never closed; it closes at the end of the query");
}

void ns__widen(ns__parser *parse, uint32_t node, uint32_t from, uint32_t to)
{
    if (node == NS__NO_NODE)
        return;
    ns__node_of(parse, node)->from = from;
    ns__node_of(parse, node)->to = to;
}

static ns_status read_group(ns__parser *parse, uint32_t *out)
{
    ns__lexeme open = ns__take(parse), close;
    NS_TRY(ns__enter(parse));
    NS_TRY(read_any(parse, out));
    NS_TRY(ns__leave(parse, &open, &close));
    if (*out == NS__NO_NODE)
        return ns__note(parse, &open, "there is nothing to look for in these parentheses");
    ns__tree_prefix(parse->query, *out, NS__SHOULD); /* (+a): required inside, not outside */
    ns__widen(parse, *out, open.from, close.to);
    return ns__atom_weigh(parse->query, *out, &close.suffix, parse->err);
}

/* ---- One thing ---- */

static ns_status read_atom(ns__parser *parse, uint32_t *out)
{
    *out = NS__NO_NODE;
    switch (ns__ahead(parse)->kind) {
    case NS__LEX_OPEN:
        return read_group(parse, out);
    case NS__LEX_WITHIN:
        return ns__read_within(parse, out);
    case NS__LEX_WORD:
    case NS__LEX_QUOTED: {
        ns__lexeme lexeme = ns__take(parse);
        ns__setting setting = {parse->lexer.field, parse->exact, parse->options};
        if (lexeme.kind == NS__LEX_WORD)
            NS_TRY(ns__note_likely(parse, &lexeme));
        return ns__atom(parse->query, &lexeme, &setting, out, parse->err);
    }
    default:
        return NS_OK;
    }
}

/* [field:] [=] and what follows, which keeps them to itself. */
static ns_status read_fielded(ns__parser *parse, uint32_t *out)
{
    int field = parse->lexer.field;
    bool exact = parse->exact;
    uint32_t from = ns__ahead(parse)->from;
    if (ns__is_ahead(parse, NS__LEX_FIELD))
        parse->lexer.field = ns__take(parse).field;
    if (ns__is_ahead(parse, NS__LEX_EXACT)) {
        (void)ns__take(parse);
        parse->exact = true;
    }
    NS_TRY(read_atom(parse, out));
    parse->lexer.field = field;
    parse->exact = exact;
    if (*out != NS__NO_NODE)
        ns__node_of(parse, *out)->from = from;
    return NS_OK;
}

/* "title: " with nothing behind the colon is a word. */
static ns_status read_fieldless(ns__parser *parse, uint32_t *out)
{
    ns__lexeme field = ns__take(parse);
    NS_TRY(ns__note_operator(
        parse, &field, "is read as a word; write what it is to hold directly behind the colon"));
    field.kind = NS__LEX_WORD;
    field.start = field.from;
    field.end = field.to;
    field.stray = false;
    ns__setting setting = {parse->lexer.field, parse->exact, parse->options};
    return ns__atom(parse->query, &field, &setting, out, parse->err);
}

ns_status ns__read_unary(ns__parser *parse, uint32_t *out)
{
    ns__occur occur = NS__SHOULD;
    uint32_t from = ns__ahead(parse)->from;
    *out = NS__NO_NODE;
    while (ns__is_ahead(parse, NS__LEX_PREFIX)) {
        ns__lexeme prefix = ns__take(parse);
        if (prefix.stray)
            NS_TRY(ns__note_operator(
                parse, &prefix,
                "stands alone and is passed over; write it directly before a word"));
        else if (prefix.several)
            NS_TRY(ns__note_operator(parse, &prefix, "has several signs; the last one counts"));
        occur = prefix.stray ? NS__SHOULD : prefix.occur;
        from = prefix.stray ? ns__ahead(parse)->from : prefix.from;
    }
    if (ns__is_ahead(parse, NS__LEX_FIELD) && ns__ahead(parse)->stray)
        NS_TRY(read_fieldless(parse, out));
    else
        NS_TRY(read_fielded(parse, out));
    if (*out != NS__NO_NODE)
        ns__node_of(parse, *out)->from = from;
    ns__tree_prefix(parse->query, *out, occur);
    return NS_OK;
}

/* ---- Side by side ---- */

static ns_status read_near(ns__parser *parse, uint32_t *out)
{
    NS_TRY(ns__read_unary(parse, out));
    if (ns__is_ahead(parse, NS__LEX_NEAR))
        return ns__read_chain(parse, *out, out);
    return NS_OK;
}

static bool begins_item(ns__lexeme_kind kind)
{
    return kind == NS__LEX_OPEN || kind == NS__LEX_NEAR || kind == NS__LEX_PREFIX ||
           kind == NS__LEX_EXACT || kind == NS__LEX_FIELD || kind == NS__LEX_WITHIN ||
           kind == NS__LEX_WORD || kind == NS__LEX_QUOTED;
}

ns_status ns__read_items(ns__parser *parse, ns__items *items)
{
    *items = NS__NO_ITEMS;
    for (;;) {
        uint32_t item;
        if (ns__is_ahead(parse, NS__LEX_CLOSE) && parse->lexer.depth == 0) {
            ns__lexeme close = ns__take(parse);
            NS_TRY(ns__note(parse, &close, "there is no parenthesis that this one closes"));
            continue;
        }
        if (!begins_item(ns__ahead(parse)->kind))
            return NS_OK;
        NS_TRY(read_near(parse, &item));
        ns__items_add(parse->query, items, item);
    }
}

/* Makes one node of the items of a side. */
static ns_status end_side(ns__parser *parse, ns__items items, uint32_t *out)
{
    if (ns__field_is_value(parse->lexer.field))
        return ns__tree_any(parse->query, items, out, parse->err);
    return ns__tree_side(parse->query, items, parse->options->all, out, parse->err);
}

/* Reads what stands side by side from here on to the end of `side`; *read: there was something. */
static ns_status read_side(ns__parser *parse, ns__items *side, bool *read)
{
    ns__items more;
    NS_TRY(ns__read_items(parse, &more));
    *read = more.count > 0;
    for (uint32_t n = more.first, next; n != NS__NO_NODE; n = next) {
        next = ns__node_of(parse, n)->next;
        ns__items_add(parse->query, side, n);
    }
    return NS_OK;
}

/* ---- AND, NOT, OR ---- */

typedef struct operators {
    bool and, not ;
    ns__lexeme last;
} operators;

/* The operators AND and NOT before an operand. */
static ns_status read_operators(ns__parser *parse, bool first, operators *out)
{
    *out = (operators){.and = false};
    while (ns__is_ahead(parse, NS__LEX_AND) || ns__is_ahead(parse, NS__LEX_NOT)) {
        ns__lexeme lexeme = ns__take(parse);
        bool and = lexeme.kind == NS__LEX_AND;
        if (and&&first && !out->and &&!out->not )
            NS_TRY(ns__note(parse, &lexeme, "AND has nothing before it and is passed over"));
        else if (and? out->and || out->not : out->not )
            NS_TRY(ns__note(parse, &lexeme, "there are several operators here; one is enough"));
        out->and |= and;
        out->not |= !and;
        out->last = lexeme;
    }
    return NS_OK;
}

/* Excludes the operand of NOT. A sign before it says the same; what parentheses exclude is required
 * then. */
static ns_status exclude(ns__parser *parse, uint32_t node, bool sign, const ns__lexeme * not )
{
    if (sign)
        return ns__note(parse, not, "NOT and - before the same word; one is enough");
    ns__tree_prefix(parse->query, node, NS__NOT);
    return NS_OK;
}

/* What stands side by side between two ANDs, and what NOT excludes there. */
typedef struct part {
    ns__items side, excluded;
} part;

/* What NOT excludes: the one thing behind it, not all that stands side by side there. */
static ns_status read_excluded(ns__parser *parse, const operators *before, part *into)
{
    uint32_t item = NS__NO_NODE;
    const ns__lexeme *ahead = ns__ahead(parse);
    const bool sign = ahead->kind == NS__LEX_PREFIX && !ahead->stray && ahead->occur == NS__NOT;
    if (begins_item(ahead->kind))
        NS_TRY(read_near(parse, &item));
    if (item == NS__NO_NODE)
        return ns__note_operator(parse, &before->last, "has nothing behind it and is passed over");
    NS_TRY(exclude(parse, item, sign, &before->last));
    ns__items_add(parse->query, &into->excluded, item);
    return NS_OK;
}

static ns_status end_part(ns__parser *parse, part *of, ns__items *items)
{
    uint32_t node;
    if (of->side.count > 0) {
        NS_TRY(end_side(parse, of->side, &node));
        ns__items_add(parse->query, items, node);
    }
    for (uint32_t n = of->excluded.first, next; n != NS__NO_NODE; n = next) {
        next = ns__node_of(parse, n)->next;
        ns__items_add(parse->query, items, n);
    }
    *of = (part){NS__NO_ITEMS, NS__NO_ITEMS};
    return NS_OK;
}

/* What NOT does not take belongs to the side before it: a NOT b c is a c -b. */
static ns_status read_all(ns__parser *parse, uint32_t *out)
{
    ns__items items = NS__NO_ITEMS;
    part now = {NS__NO_ITEMS, NS__NO_ITEMS};
    for (bool first = true, read;; first = false) {
        operators before;
        NS_TRY(read_operators(parse, first, &before));
        if (before.and)
            NS_TRY(end_part(parse, &now, &items));
        if (before.not )
            NS_TRY(read_excluded(parse, &before, &now));
        NS_TRY(read_side(parse, &now.side, &read));
        if (!read && before.and &&!before.not )
            NS_TRY(
                ns__note_operator(parse, &before.last, "has nothing behind it and is passed over"));
        if (!ns__is_ahead(parse, NS__LEX_AND) && !ns__is_ahead(parse, NS__LEX_NOT))
            break;
    }
    NS_TRY(end_part(parse, &now, &items));
    return ns__tree_all(parse->query, items, out, parse->err);
}

/* Notes on operands of OR that do not say what they seem to. */
static ns_status note_operand(ns__parser *parse, uint32_t node)
{
    const ns__node *operand = ns__node_of(parse, node);
    const char *message = NULL;
    if (ns__tree_only_excludes(parse->query, node))
        message = "what is excluded beside OR is excluded from all of it";
    else if (operand->occur == NS__MUST)
        message = "+ says nothing on a single operand of OR";
    if (message == NULL)
        return NS_OK;
    return ns__query_note(parse->query, operand->from, operand->to, parse->err, "%s", message);
}

static ns_status read_any(ns__parser *parse, uint32_t *out)
{
    ns__items items = NS__NO_ITEMS;
    ns__lexeme or = {.kind = NS__LEX_END};
    for (;;) {
        uint32_t operand;
        NS_TRY(read_all(parse, &operand));
        bool more = ns__is_ahead(parse, NS__LEX_OR);
        if (operand == NS__NO_NODE && or.kind == NS__LEX_OR)
            NS_TRY(ns__note(parse, & or, "OR has nothing behind it and is passed over"));
        else if (operand == NS__NO_NODE && more)
            NS_TRY(
                ns__note(parse, ns__ahead(parse), "OR has nothing before it and is passed over"));
        ns__items_add(parse->query, &items, operand);
        if (!more)
            break;
        or = ns__take(parse);
    }
    if (items.count > 1) {
        for (uint32_t n = items.first; n != NS__NO_NODE; n = ns__node_of(parse, n)->next)
            NS_TRY(note_operand(parse, n));
    }
    return ns__tree_any(parse->query, items, out, parse->err);
}

ns_status ns__query_read(ns__query *query, const ns_query_options *options, ns_error *err)
{
    uint32_t top;
    ns__parser parse = {.query = query, .options = options, .err = err};
    query->written = (uint32_t)query->text.length;
    parse.lexer = (ns__lexer){.query = query, .end = query->written};
    ns__lexeme first;
    parse.lexer.headline = !options->words && ns__is_headline(query, options->all, &first);
    if (parse.lexer.headline)
        NS_TRY(ns__note_operator(&parse, &first,
                                 "is a word here, as all of the query is in capitals; parentheses "
                                 "around a word make it an operator, as in A NOT (B)"));
    NS_TRY(read_any(&parse, &top));
    return ns__tree_finish(query, top, err);
}
