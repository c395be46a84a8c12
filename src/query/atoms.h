/* Words, patterns, phrases, values and dates: what one lexeme becomes. */
#ifndef NS_QUERY_ATOMS_H
#define NS_QUERY_ATOMS_H

#include "query/lexer.h"

/* What stood before the lexeme. */
typedef struct ns__setting {
    int field;
    bool exact;
    const ns_query_options *options;
} ns__setting;

/* The node of a WORD or QUOTED; NS__NO_NODE when it says nothing. The weight is in it, the bytes
 * from … to are the lexeme's. */
ns_status ns__atom(ns__query *query, const ns__lexeme *lexeme, const ns__setting *setting,
                   uint32_t *out, ns_error *err);

/* Multiplies by the weight of a suffix, with notes on what is out of the limits. */
ns_status ns__atom_weigh(ns__query *query, uint32_t node, const ns__suffix *suffix, ns_error *err);

/* A letter or digit anywhere in it? */
bool ns__has_word_character(ns__str text);

#endif
