/* What the parts of the parser share: parser.c and near.c. */
#ifndef NS_QUERY_PARSER_H
#define NS_QUERY_PARSER_H

#include "query/lexer.h"
#include "query/tree.h"

typedef struct ns__parser {
    ns__query *query;
    const ns_query_options *options;
    ns_error *err;
    ns__lexer lexer;
    ns__lexeme ahead; /* the next lexeme, when `peeked` */
    bool peeked;
    bool exact; /* inside =( … ) */
} ns__parser;

static inline const ns__lexeme *ns__ahead(ns__parser *parse)
{
    if (!parse->peeked)
        parse->ahead =
            parse->options->words ? ns__lex_plain(&parse->lexer) : ns__lex(&parse->lexer);
    parse->peeked = true;
    return &parse->ahead;
}

static inline bool ns__is_ahead(ns__parser *parse, ns__lexeme_kind kind)
{
    return ns__ahead(parse)->kind == kind;
}

static inline ns__lexeme ns__take(ns__parser *parse)
{
    ns__lexeme lexeme = *ns__ahead(parse);
    parse->peeked = false;
    return lexeme;
}

static inline ns_status ns__note(ns__parser *parse, const ns__lexeme *about, const char *message)
{
    return ns__query_note(parse->query, about->from, about->to, parse->err, "%s", message);
}

static inline ns_status ns__note_operator(ns__parser *parse, const ns__lexeme *about,
                                          const char *message)
{
    const uint32_t most = 40, length = about->to - about->from; /* of a row of signs */
    return ns__query_note(parse->query, about->from, about->to, parse->err, "%.*s %s",
                          (int)(length < most ? length : most),
                          (const char *)parse->query->text.data + about->from, message);
}

static inline ns__node *ns__node_of(ns__parser *parse, uint32_t node)
{
    return &parse->query->nodes[node];
}

/* ---- parser.c ---- */

/* One level further in, for as long as `field` and `exact` are those. */
ns_status ns__enter(ns__parser *parse);
/* The closing parenthesis of `open`; *close gets it, or the end of the query. */
ns_status ns__leave(ns__parser *parse, const ns__lexeme *open, ns__lexeme *close);
/* Says what all that was written for a node is. */
void ns__widen(ns__parser *parse, uint32_t node, uint32_t from, uint32_t to);
ns_status ns__read_unary(ns__parser *parse, uint32_t *out);
/* The items up to an operator or a parenthesis that closes. */
ns_status ns__read_items(ns__parser *parse, ns__items *items);

/* ---- likely.c ---- */

/* Notes on a word, just taken, that looks like something else. */
ns_status ns__note_likely(ns__parser *parse, const ns__lexeme *word);

/* ---- near.c ---- */

/* SENTENCE( … ) or PARAGRAPH( … ). */
ns_status ns__read_within(ns__parser *parse, uint32_t *out);
/* { NEAR unary } behind `first`. */
ns_status ns__read_chain(ns__parser *parse, uint32_t first, uint32_t *out);

#endif
