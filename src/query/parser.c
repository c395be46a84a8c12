/* Reading a query by recursive descent, loosest first:
 *
 *   any  := all { OR all }
 *   all  := [NOT] side { (AND | NOT | AND NOT) side }
 *   side := near { near }
 *   near := unary { (NEAR | ONEAR)[/k] unary }
 *   unary := { + | - } [field:] [=] ( word | "phrase" | ( any ) | SENTENCE( … ) )
 *
 * Nothing is malformed: what has no meaning where it stands is passed over with a note. Each level
 * of parentheses goes five functions deep, and NS_MAX_QUERY_DEPTH bounds the levels. */
#include "base/limits.h"
#include "query/atoms.h"
#include "query/tree.h"

typedef struct parser {
    ns__query *query;
    const ns_query_options *options;
    ns_error *err;
    ns__lexer lexer;
    ns__lexeme ahead; /* the next lexeme, when `peeked` */
    bool peeked;
    bool exact; /* inside =( … ) */
} parser;

static ns_status read_any(parser *parse, uint32_t *out);

static const ns__lexeme *ahead(parser *parse)
{
    if (!parse->peeked)
        parse->ahead =
            parse->options->words ? ns__lex_plain(&parse->lexer) : ns__lex(&parse->lexer);
    parse->peeked = true;
    return &parse->ahead;
}

static bool is_ahead(parser *parse, ns__lexeme_kind kind)
{
    return ahead(parse)->kind == kind;
}

static ns__lexeme take(parser *parse)
{
    ns__lexeme lexeme = *ahead(parse);
    parse->peeked = false;
    return lexeme;
}

static ns_status note(parser *parse, const ns__lexeme *about, const char *message)
{
    return ns__query_note(parse->query, about->from, about->to, parse->err, "%s", message);
}

static ns_status note_operator(parser *parse, const ns__lexeme *about, const char *message)
{
    return ns__query_note(parse->query, about->from, about->to, parse->err, "%.*s %s",
                          (int)(about->to - about->from),
                          (const char *)parse->query->text.data + about->from, message);
}

static ns__node *node_of(parser *parse, uint32_t node)
{
    return &parse->query->nodes[node];
}

/* ---- Parentheses ---- */

/* One level further in, for as long as `field` and `exact` are those. */
static ns_status enter(parser *parse)
{
    if (++parse->lexer.depth > NS_MAX_QUERY_DEPTH)
        return ns__fail(parse->err, NS_ERR_LIMIT,
                        "the query has more than %d parentheses inside each other",
                        NS_MAX_QUERY_DEPTH);
    return NS_OK;
}

/* The closing parenthesis of `open`; *close gets it, or the end of the query. */
static ns_status leave(parser *parse, const ns__lexeme *open, ns__lexeme *close)
{
    *close = take(parse);
    parse->lexer.depth--;
    if (close->kind == NS__LEX_CLOSE) {
        if (close->suffix.tilde)
            return note(parse, close, "~ works behind a word or a phrase only");
        return NS_OK;
    }
    return note(parse, open, "this parenthesis is never closed; it closes at the end of the query");
}

/* What all that was written for a node is. */
static void widen(parser *parse, uint32_t node, uint32_t from, uint32_t to)
{
    if (node == NS__NO_NODE)
        return;
    node_of(parse, node)->from = from;
    node_of(parse, node)->to = to;
}

static ns_status read_group(parser *parse, uint32_t *out)
{
    ns__lexeme open = take(parse), close;
    NS_TRY(enter(parse));
    NS_TRY(read_any(parse, out));
    NS_TRY(leave(parse, &open, &close));
    if (*out == NS__NO_NODE)
        return note(parse, &open, "there is nothing to look for in these parentheses");
    ns__tree_prefix(parse->query, *out, NS__SHOULD); /* (+a): required inside, not outside */
    widen(parse, *out, open.from, close.to);
    return ns__atom_weigh(parse->query, *out, &close.suffix, parse->err);
}

/* ---- NEAR, SENTENCE, PARAGRAPH ---- */

/* One NEAR or UNIT of the operands, or what they come to when they cannot be operands. */
static ns_status join(parser *parse, ns__node form, ns__items operands, const ns__lexeme *about,
                      uint32_t *out)
{
    if (ns__tree_are_operands(parse->query, operands, &form.field))
        return ns__tree_near(parse->query, form, operands, out, parse->err);
    ns__lexeme name = *about;
    name.to -= name.kind == NS__LEX_UNIT; /* without the parenthesis */
    NS_TRY(
        note_operator(parse, &name, "takes words, phrases and (a OR b) in one field; read as AND"));
    return ns__tree_all(parse->query, operands, out, parse->err);
}

/* What stands side by side in SENTENCE( ), up to OR or the end. */
static ns_status read_unit_part(parser *parse, const ns__lexeme *unit, uint32_t *out);

static ns_status read_unit(parser *parse, uint32_t *out)
{
    ns__lexeme unit = take(parse), close;
    ns__items parts = NS__NO_ITEMS;
    NS_TRY(enter(parse));
    for (;;) {
        uint32_t part;
        NS_TRY(read_unit_part(parse, &unit, &part));
        ns__items_add(parse->query, &parts, part);
        if (!is_ahead(parse, NS__LEX_OR))
            break;
        ns__lexeme or = take(parse);
        if (part == NS__NO_NODE)
            NS_TRY(note(parse, & or, "OR has nothing before it and is passed over"));
    }
    NS_TRY(leave(parse, &unit, &close));
    NS_TRY(ns__tree_any(parse->query, parts, out, parse->err));
    if (*out == NS__NO_NODE)
        return note(parse, &unit, "there is nothing to look for in these parentheses");
    widen(parse, *out, unit.from, close.to);
    return ns__atom_weigh(parse->query, *out, &close.suffix, parse->err);
}

/* ---- One thing ---- */

static ns_status read_atom(parser *parse, uint32_t *out)
{
    *out = NS__NO_NODE;
    switch (ahead(parse)->kind) {
    case NS__LEX_OPEN:
        return read_group(parse, out);
    case NS__LEX_UNIT:
        return read_unit(parse, out);
    case NS__LEX_WORD:
    case NS__LEX_QUOTED: {
        ns__lexeme lexeme = take(parse);
        ns__setting setting = {parse->lexer.field, parse->exact, parse->options};
        return ns__atom(parse->query, &lexeme, &setting, out, parse->err);
    }
    default:
        return NS_OK;
    }
}

/* [field:] [=] and what follows, which keeps them to itself. */
static ns_status read_fielded(parser *parse, uint32_t *out)
{
    int field = parse->lexer.field;
    bool exact = parse->exact;
    uint32_t from = ahead(parse)->from;
    if (is_ahead(parse, NS__LEX_FIELD))
        parse->lexer.field = take(parse).field;
    if (is_ahead(parse, NS__LEX_EXACT)) {
        (void)take(parse);
        parse->exact = true;
    }
    NS_TRY(read_atom(parse, out));
    parse->lexer.field = field;
    parse->exact = exact;
    if (*out != NS__NO_NODE)
        node_of(parse, *out)->from = from;
    return NS_OK;
}

/* "title: " with nothing behind the colon is a word. */
static ns_status read_fieldless(parser *parse, uint32_t *out)
{
    ns__lexeme field = take(parse);
    NS_TRY(note_operator(parse, &field,
                         "is read as a word; write what it is to hold directly behind the colon"));
    field.kind = NS__LEX_WORD;
    field.start = field.from;
    field.end = field.to;
    field.stray = false;
    ns__setting setting = {parse->lexer.field, parse->exact, parse->options};
    return ns__atom(parse->query, &field, &setting, out, parse->err);
}

static ns_status read_unary(parser *parse, uint32_t *out)
{
    ns__occur occur = NS__SHOULD;
    uint32_t from = ahead(parse)->from;
    *out = NS__NO_NODE;
    while (is_ahead(parse, NS__LEX_PREFIX)) {
        ns__lexeme prefix = take(parse);
        if (prefix.stray)
            NS_TRY(
                note_operator(parse, &prefix,
                              "stands alone and is passed over; write it directly before a word"));
        else if (prefix.several)
            NS_TRY(note_operator(parse, &prefix, "has several signs; the last one counts"));
        occur = prefix.stray ? NS__SHOULD : prefix.occur;
        from = prefix.stray ? ahead(parse)->from : prefix.from;
    }
    if (is_ahead(parse, NS__LEX_FIELD) && ahead(parse)->stray)
        NS_TRY(read_fieldless(parse, out));
    else
        NS_TRY(read_fielded(parse, out));
    if (*out != NS__NO_NODE)
        node_of(parse, *out)->from = from;
    ns__tree_prefix(parse->query, *out, occur);
    return NS_OK;
}

/* ---- NEAR ---- */

/* Operands that are as far apart as `near` says; a prefix before the first is one of the whole. */
static ns_status join_near(parser *parse, const ns__lexeme *near, ns__items operands, uint32_t *out)
{
    ns__node form = {.kind = NS__NODE_NEAR, .ordered = near->ordered};
    form.distance = (near->distance - 1) * (operands.count - 1);
    ns__occur occur = node_of(parse, operands.first)->occur;
    ns__field field;
    if (occur != NS__SHOULD && operands.count > 1) {
        node_of(parse, operands.first)->occur = NS__SHOULD;
        if (!ns__tree_are_operands(parse->query, operands, &field))
            node_of(parse, operands.first)->occur = occur;
    }
    NS_TRY(join(parse, form, operands, near, out));
    if (node_of(parse, *out)->kind == NS__NODE_NEAR)
        node_of(parse, *out)->occur = occur;
    return NS_OK;
}

static ns_status take_near(parser *parse, ns__lexeme *near)
{
    *near = take(parse);
    if (near->bad_number)
        NS_TRY(ns__query_note(parse->query, near->from, near->to, parse->err,
                              "NEAR/k and ONEAR/k take a k from 1 to %d; read as %u",
                              NS_MAX_NEAR_DISTANCE, near->distance));
    return NS_OK;
}

/* { NEAR unary } behind `first`. */
static ns_status read_chain(parser *parse, uint32_t first, uint32_t *out)
{
    ns__items operands = NS__NO_ITEMS;
    ns__lexeme before = {.kind = NS__LEX_END};
    ns__items_add(parse->query, &operands, first);
    while (is_ahead(parse, NS__LEX_NEAR)) {
        ns__lexeme near;
        uint32_t operand;
        NS_TRY(take_near(parse, &near));
        NS_TRY(read_unary(parse, &operand));
        if (operand == NS__NO_NODE) {
            NS_TRY(note_operator(parse, &near, "has nothing behind it and is passed over"));
            continue;
        }
        if (operands.count > 1 &&
            (near.distance != before.distance || near.ordered != before.ordered)) {
            NS_TRY(join_near(parse, &before, operands, out));
            operands = NS__NO_ITEMS;
            ns__items_add(parse->query, &operands, *out);
        }
        if (operands.count == 0)
            NS_TRY(note_operator(parse, &near, "has nothing before it and is passed over"));
        ns__items_add(parse->query, &operands, operand);
        before = near;
    }
    *out = operands.first;
    return operands.count > 1 ? join_near(parse, &before, operands, out) : NS_OK;
}

static ns_status read_near(parser *parse, uint32_t *out)
{
    NS_TRY(read_unary(parse, out));
    if (is_ahead(parse, NS__LEX_NEAR))
        return read_chain(parse, *out, out);
    return NS_OK;
}

/* ---- Side by side ---- */

static bool begins_item(ns__lexeme_kind kind)
{
    return kind == NS__LEX_OPEN || kind == NS__LEX_NEAR || kind == NS__LEX_PREFIX ||
           kind == NS__LEX_EXACT || kind == NS__LEX_FIELD || kind == NS__LEX_UNIT ||
           kind == NS__LEX_WORD || kind == NS__LEX_QUOTED;
}

/* The items up to an operator or a parenthesis that closes. */
static ns_status read_items(parser *parse, ns__items *items)
{
    *items = NS__NO_ITEMS;
    for (;;) {
        uint32_t item;
        if (is_ahead(parse, NS__LEX_CLOSE) && parse->lexer.depth == 0) {
            ns__lexeme close = take(parse);
            NS_TRY(note(parse, &close, "there is no parenthesis that this one closes"));
            continue;
        }
        if (!begins_item(ahead(parse)->kind))
            return NS_OK;
        NS_TRY(read_near(parse, &item));
        ns__items_add(parse->query, items, item);
    }
}

static ns_status read_side(parser *parse, uint32_t *out)
{
    ns__items items;
    NS_TRY(read_items(parse, &items));
    if (ns__field_is_value(parse->lexer.field))
        return ns__tree_any(parse->query, items, out, parse->err);
    return ns__tree_side(parse->query, items, parse->options->all, out, parse->err);
}

static ns_status read_unit_part(parser *parse, const ns__lexeme *unit, uint32_t *out)
{
    ns__items all = NS__NO_ITEMS;
    for (bool not = false;;) {
        ns__items items;
        NS_TRY(read_items(parse, &items));
        for (uint32_t n = items.first, next; n != NS__NO_NODE; n = next) {
            next = node_of(parse, n)->next;
            if (not )
                ns__tree_prefix(parse->query, n, NS__NOT);
            ns__items_add(parse->query, &all, n);
        }
        not = is_ahead(parse, NS__LEX_NOT);
        if (!not &&!is_ahead(parse, NS__LEX_AND))
            break;
        (void)take(parse);
    }
    ns__node form = {.kind = NS__NODE_UNIT, .paragraph = unit->paragraph};
    return join(parse, form, all, unit, out);
}

/* ---- AND, NOT, OR ---- */

typedef struct operators {
    bool and, not ;
    ns__lexeme last;
} operators;

/* The operators AND and NOT before an operand. */
static ns_status read_operators(parser *parse, bool first, operators *out)
{
    *out = (operators){.and = false};
    while (is_ahead(parse, NS__LEX_AND) || is_ahead(parse, NS__LEX_NOT)) {
        ns__lexeme lexeme = take(parse);
        bool and = lexeme.kind == NS__LEX_AND;
        if (and&&first && !out->and &&!out->not )
            NS_TRY(note(parse, &lexeme, "AND has nothing before it and is passed over"));
        else if (and? out->and || out->not : out->not )
            NS_TRY(note(parse, &lexeme, "there are several operators here; one is enough"));
        out->and |= and;
        out->not |= !and;
        out->last = lexeme;
    }
    return NS_OK;
}

/* Excludes the operand of NOT: what is excluded already stays so. */
static ns_status exclude(parser *parse, uint32_t node, const ns__lexeme * not )
{
    if (node_of(parse, node)->occur != NS__NOT) {
        node_of(parse, node)->occur = NS__NOT;
        return NS_OK;
    }
    return note(parse, not, "NOT and - before the same word; one is enough");
}

static ns_status read_all(parser *parse, uint32_t *out)
{
    ns__items items = NS__NO_ITEMS;
    for (;;) {
        operators before;
        uint32_t side;
        NS_TRY(read_operators(parse, items.count == 0, &before));
        NS_TRY(read_side(parse, &side));
        if (side != NS__NO_NODE && before.not )
            NS_TRY(exclude(parse, side, &before.last));
        else if (side == NS__NO_NODE && (before.and || before.not ))
            NS_TRY(note_operator(parse, &before.last, "has nothing behind it and is passed over"));
        ns__items_add(parse->query, &items, side);
        if (!is_ahead(parse, NS__LEX_AND) && !is_ahead(parse, NS__LEX_NOT))
            break;
    }
    return ns__tree_all(parse->query, items, out, parse->err);
}

/* Notes on operands of OR that do not say what they seem to. */
static ns_status note_operand(parser *parse, uint32_t node)
{
    const ns__node *operand = node_of(parse, node);
    const char *message = NULL;
    if (ns__tree_only_excludes(parse->query, node))
        message = "what is excluded beside OR is excluded from all of it";
    else if (operand->occur == NS__MUST)
        message = "+ says nothing on a single operand of OR";
    if (message == NULL)
        return NS_OK;
    return ns__query_note(parse->query, operand->from, operand->to, parse->err, "%s", message);
}

static ns_status read_any(parser *parse, uint32_t *out)
{
    ns__items items = NS__NO_ITEMS;
    ns__lexeme or = {.kind = NS__LEX_END};
    for (;;) {
        uint32_t operand;
        NS_TRY(read_all(parse, &operand));
        bool more = is_ahead(parse, NS__LEX_OR);
        if (operand == NS__NO_NODE && or.kind == NS__LEX_OR)
            NS_TRY(note(parse, & or, "OR has nothing behind it and is passed over"));
        else if (operand == NS__NO_NODE && more)
            NS_TRY(note(parse, ahead(parse), "OR has nothing before it and is passed over"));
        ns__items_add(parse->query, &items, operand);
        if (!more)
            break;
        or = take(parse);
    }
    if (items.count > 1) {
        for (uint32_t n = items.first; n != NS__NO_NODE; n = node_of(parse, n)->next)
            NS_TRY(note_operand(parse, n));
    }
    return ns__tree_any(parse->query, items, out, parse->err);
}

ns_status ns__query_read(ns__query *query, const ns_query_options *options, ns_error *err)
{
    uint32_t top;
    parser parse = {.query = query, .options = options, .err = err};
    query->written = (uint32_t)query->text.length;
    parse.lexer = (ns__lexer){.query = query, .end = query->written};
    NS_TRY(read_any(&parse, &top));
    return ns__tree_finish(query, top, err);
}
