/* The query's characters to lexemes, one at a time. What a character means depends on what stands
 * before it (a prefix, a field) and on the field whose value is being read. */
#ifndef NS_QUERY_LEXER_H
#define NS_QUERY_LEXER_H

#include "query/characters.h"
#include "query/query.h"
#include "query/suffix.h"

typedef enum ns__lexeme_kind {
    NS__LEX_END,
    NS__LEX_OPEN,
    NS__LEX_CLOSE, /* has a suffix */
    NS__LEX_AND,
    NS__LEX_OR,
    NS__LEX_NOT,
    NS__LEX_NEAR,   /* distance: the k of NEAR/k; ordered */
    NS__LEX_PREFIX, /* occur; stray: nothing directly behind it */
    NS__LEX_EXACT,  /* = */
    NS__LEX_FIELD,  /* field: a value stands directly behind it */
    NS__LEX_WITHIN, /* SENTENCE( or PARAGRAPH( */
    NS__LEX_WORD,   /* has a suffix */
    NS__LEX_QUOTED  /* has a suffix; stray: never closed */
} ns__lexeme_kind;

typedef struct ns__lexeme {
    ns__lexeme_kind kind;
    uint32_t from, to;   /* bytes: all of it */
    uint32_t start, end; /* WORD, QUOTED: the text as written, suffix and quotes apart */
    ns__occur occur;
    int field; /* an ns__field or NS__FIELD_DATE */
    uint32_t distance;
    bool ordered, paragraph, stray, several;
    bool bad_number; /* NEAR/0 and the like; `distance` is what is taken instead */
    ns__suffix suffix;
} ns__lexeme;

/* `date:` among the fields: it makes NS__NODE_DATE. */
enum { NS__FIELD_DATE = NS__FIELD_ID + 1 };

/* A field whose words are values or dates. */
static inline bool ns__field_is_value(int field)
{
    return field >= NS__FIELD_SOURCE;
}

typedef struct ns__lexer {
    ns__query *query;
    uint32_t at, end;     /* bytes of query->text; what is appended to it lies behind `end` */
    int field;            /* the reader's: that of the words to come */
    uint32_t depth;       /* the reader's: open parentheses */
    bool headline;        /* the reader's: AND, OR, NOT and NEAR are words */
    ns__lexeme_kind last; /* what was read before */
} ns__lexer;

/* The next lexeme. A word's suffix is read where `field` allows one. */
ns__lexeme ns__lex(ns__lexer *lexer);
/* The next run of anything but white space; a WORD or END. For text that is words only. */
ns__lexeme ns__lex_plain(ns__lexer *lexer);

/* The name of a field, such as "title". */
const char *ns__field_name(int field);
/* The field a name stands for, case ignored; -1 when there is none. */
int ns__field_of(ns__str name);

#endif
