/* Queries of the whole language: made at random as text and as a tree at once, and judged by brute
 * force. The tree is what the text means by docs/query.md; nothing of src/query or src/search makes
 * it. */
#ifndef NS_TESTS_ORACLE_LANGUAGE_H
#define NS_TESTS_ORACLE_LANGUAGE_H

#include "oracle/compare.h"

typedef enum form { LIST, WORDS, NEAR, UNIT, VALUE, DATE, ALL } form;
typedef enum place { ANYWHERE, TITLE, BODY } place;
typedef enum value_field { SOURCE, SECTION, AUTHOR, LANG, ID, TITLED, URL } value_field;

typedef struct lnode lnode;
struct lnode {
    form form;
    occur occur;
    bool positive; /* under an even number of NOTs */
    place place;
    size_t first_leaf, leaf_count; /* WORDS: in the query's leaves; several when each is wanted */
    lnode *children;               /* LIST; NEAR and UNIT: operands, WORDS or LIST of WORDS */
    size_t count;
    uint32_t distance; /* NEAR */
    bool ordered, paragraph;
    value_field field;
    char value[80];   /* VALUE, may end with * */
    int64_t from, to; /* DATE: local */
};

typedef struct saying {
    lnode root;
    query q; /* all leaves, for scores */
    bool by_filter, failed;
    int64_t zone_s;       /* seconds east of UTC of the zone that dates are meant in */
    int64_t since, until; /* dates that are searched, as the options have them */
    bool halves;          /* some lone cluster stands for bigrams */
    uint32_t forms;       /* of the analyser that the collection's text has brought */
} saying;

/* Makes one; false when it came out too large (release it all the same). */
bool saying_random(collection *c, const vocabulary *v, saying *s, char text[QUERY_TEXT_ROOM]);
void saying_release(saying *s);
/* The answer by brute force. */
void saying_search(model *m, const saying *s, size_t limit, answers *out);
/* Compares the marks of a result with those that follow from the tree. */
bool saying_check_marks(collection *c, const trial *t, const saying *s, const ns_results *results,
                        size_t rank);

/* Words of a text, as they were analysed and as they are written. */
typedef struct words_row {
    const uint32_t *terms, *forms, *starts, *ends;
    const uint8_t *text; /* where starts and ends are */
    size_t count;
    ns__lang lang;
} words_row;
/* Where a leaf stands in some words: starts[] gets at most `room` of them. */
size_t leaf_starts(const model *m, const leaf *l, const words_row *row, uint32_t *starts,
                   size_t room);

/* A place of an operand. */
typedef struct span {
    uint32_t start, end;
} span;
enum { MAX_SPANS = 8192, MAX_OPERANDS = 5 };
typedef struct spans {
    span items[MAX_SPANS];
    size_t count;
} spans;
/* Where an operand stands in some words. */
void operand_spans(const model *m, const saying *s, const lnode *operand, const words_row *row,
                   spans *out);
/* Whether a text has a capital letter. */
bool has_capital(ns__str text);
/* What a word is compared by: its surface, as its capitals make it where these count. */
bool exact_form(const model *m, ns__str raw, uint32_t number, bool cased, char out[64]);
/* Whether places of the operands, one each, make up the NEAR; `used` (may be NULL) marks all places
 * that are part of some choice: used[operand * MAX_SPANS + place]. */
bool near_holds(const lnode *near, const spans *of, bool *used);

#endif
