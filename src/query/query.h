/* The query language: text to a tree. docs/query.md has the grammar and the reader's version.
 *
 * A tree is an array of nodes linked by indices, the root first: nothing in it is walked by
 * recursion deeper than NS_MAX_QUERY_DEPTH. AND, OR, NOT, + and - are all lists whose children each
 * have an occur:
 *
 *   a b      LIST(should a, should b)        a AND b   LIST(must a, must b)
 *   +a -b    LIST(must a, not b)             a OR b    LIST(should a, should b)
 *
 * A list holds when every `must` child holds, no `not` child does, and, if it has `should` children
 * and no `must` child but filters, at least one of those does. A filter is a value, a date, * or a
 * list of nothing else but filters and what is excluded. Values, dates and lists of nothing else
 * but those and what is excluded are `must` in a list of words standing side by side, unless they
 * are excluded: tariff date:2025 is about tariff.
 *
 * Lists are in normal form: any but the root has two children or more, not all of them NOT; lists
 * of only SHOULD do not stand as SHOULD or NOT in others, nor lists of only MUST as MUST
 * (query/tree.h). Nodes are in pre-order: a child comes behind its parent, and all are reached from
 * the root.
 *
 * Reading is lenient: what cannot be meant as written is read as what was probably meant, and a
 * note says so. In strict mode the first note is an error. Time is linear in the query's length. */
#ifndef NS_QUERY_QUERY_H
#define NS_QUERY_QUERY_H

#include "base/buf.h"
#include "base/error.h"
#include "ns/query.h"

#define NS__NO_NODE UINT32_MAX

typedef enum ns__occur {
    NS__SHOULD = 0, /* wanted: raises the score */
    NS__MUST = 1,   /* + required */
    NS__NOT = 2     /* - excluded */
} ns__occur;

typedef enum ns__field {
    NS__FIELD_ANY = 0, /* headline and text */
    NS__FIELD_TITLE,
    NS__FIELD_BODY,
    NS__FIELD_SOURCE, /* from here on: of NS__NODE_VALUE only */
    NS__FIELD_SECTION,
    NS__FIELD_LANG,
    NS__FIELD_AUTHOR,
    NS__FIELD_URL,
    NS__FIELD_ID
} ns__field;

typedef enum ns__node_kind {
    NS__NODE_LIST,    /* children, each with its occur */
    NS__NODE_WORD,    /* text: a word as written; `exact` for =word */
    NS__NODE_PHRASE,  /* text: what stood between quotes; `exact` for ="…" */
    NS__NODE_PATTERN, /* text: a word with * (any characters) and ? (one character) */
    NS__NODE_FUZZY,   /* text: a word; `distance` 1 or 2 edits */
    NS__NODE_NEAR,    /* children within one passage or headline; see `distance`, `ordered` */
    NS__NODE_WITHIN,  /* children all within one sentence, or paragraph */
    NS__NODE_VALUE,   /* text: a value of `field`, may hold * and ?; a backslash stands before each
                       *, ? and backslash that is meant as such */
    NS__NODE_DATE,    /* dated from date_from (included) to date_to (excluded) */
    NS__NODE_ALL      /* every article */
} ns__node_kind;

/* Operands of NEAR and WITHIN are WORD, PHRASE, PATTERN, FUZZY, or a LIST of only such `should`
 * children (alternatives); their occur is NS__MUST and says nothing. */
typedef struct ns__node {
    ns__node_kind kind;
    ns__occur occur; /* in its list; of the root: NS__MUST */
    ns__field
        field; /* WORD, PHRASE, PATTERN, FUZZY, NEAR, WITHIN: ANY, TITLE or BODY. VALUE: the rest */
    bool exact, ordered; /* WORD, PHRASE: as written. NEAR: the operands stand in this order */
    bool paragraph;      /* WITHIN: a paragraph, else a sentence */
    uint32_t distance;   /* FUZZY: edits. NEAR: words that may stand between the operands, all gaps
                            added up: 0 side by side. a NEAR/8 b is 7; "a b c"~5 is 5 */
    int16_t from_east, to_east; /* DATE: minutes east of UTC that its ends are written in */
    double weight;       /* of this node and all below it, NS_MIN_WEIGHT .. NS_MAX_WEIGHT, in whole
                            thousandths; 1 of values, dates and what is excluded */
    uint32_t start, end; /* bytes of query->text: the text of WORD, PHRASE, PATTERN, FUZZY, VALUE */
    uint32_t from, to;   /* … all that was written for it, operators included */
    int64_t date_from, date_to; /* seconds of 1970 UTC; INT64_MIN, INT64_MAX: open */
    uint32_t child, next;       /* first child, next sibling: indices or NS__NO_NODE */
} ns__node;

struct ns_query {
    ns__buf text;    /* the query with invalid UTF-8 replaced by U+FFFD; behind it, texts that were
                        written with backslashes; or built texts end to end */
    ns__node *nodes; /* nodes[0] is the root, a LIST; count is at least 1 */
    uint32_t count;
    size_t capacity;
    ns__node *spare; /* what nodes were when they were put in order */
    size_t spare_capacity;
    uint32_t written; /* bytes of `text` that were written, without what is behind it */
    uint32_t leaves,
        filters;          /* how many: nodes that are no LIST, NEAR or WITHIN; values and dates */
    uint32_t spreads;     /* … patterns and inexact words */
    ns_query_note *notes; /* messages are owned */
    size_t note_count, note_capacity;
    ns_query_note unknown; /* of ns_query_unknown_field, with any notes; its message is owned */
};
typedef struct ns_query ns__query;

/* Adds a note on bytes [start, end), in its place among the others; control characters in the
 * message become spaces. Beyond NS_MAX_QUERY_NOTES: nothing. */
ns_status ns__query_note(ns__query *query, uint32_t start, uint32_t end, ns_error *err,
                         const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same for query->unknown, if that has no message yet. */
ns_status ns__query_note_unknown(ns__query *query, uint32_t start, uint32_t end, ns_error *err,
                                 const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Reads query->text, all that it has so far, into nodes and notes. `options` has `now` filled in.
 */
ns_status ns__query_read(ns__query *query, const ns_query_options *options, ns_error *err);

/* Adds notes on values and dates that are required together and cannot all hold, and on values that
 * are none (clash.c). */
ns_status ns__query_note_clashes(ns__query *query, ns_error *err);

/* Adds a note on the first word that is looked for in headlines alone, for where these are not
 * searched. */
ns_status ns__query_note_headlines(ns__query *query, ns_error *err);

/* Reads a text into a query that is zeroed or cleared, as ns_query_parse does. */
ns_status ns__query_parse(ns__query *query, const char *text, size_t length,
                          const ns_query_options *options, ns_error *err);
/* Forgets what was read and keeps the memory: returns the bytes of it. */
size_t ns__query_clear(ns__query *query);
void ns__query_release(ns__query *query);

static inline ns__str ns__node_text(const ns__query *query, const ns__node *node)
{
    return (ns__str){query->text.data + node->start, node->end - node->start};
}

#endif
