/* What making a node of a lexeme takes: shared by atoms.c and words.c alone. */
#ifndef NS_QUERY_MAKE_H
#define NS_QUERY_MAKE_H

#include "query/atoms.h"

typedef struct ns__maker {
    ns__query *query;
    const ns__lexeme *lexeme;
    const ns__setting *setting;
    ns_error *err;
} ns__maker;

#define NS__NOTE(make, ...)                                                                        \
    ns__query_note((make)->query, (make)->lexeme->from, (make)->lexeme->to, (make)->err,           \
                   __VA_ARGS__)

/* What a word looks like from outside. */
typedef struct ns__shape {
    bool letters, wild;
    uint32_t first, last; /* from its first letter, digit or wildcard to behind its last */
} ns__shape;

/* A ? with nothing but punctuation behind it ends a question, unless a suffix follows. */
ns__shape ns__look_at(const uint8_t *text, uint32_t start, uint32_t end, bool suffixed);

/* The range as it is meant, without backslashes and with spaces for control characters, which ids
 * alone keep: itself, or a copy where it was written otherwise.
 * In a `glob`, *, ? and backslash that are meant keep a backslash. */
ns_status ns__make_meant(ns__maker *make, bool glob, uint32_t *start, uint32_t *end);
ns_status ns__make_leaf(ns__maker *make, ns__node node, uint32_t *out);
/* The node or nodes of a word that has no field of values. */
ns_status ns__make_word(ns__maker *make, uint32_t *out);

#endif
