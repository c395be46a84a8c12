#include "query/capitals.h"

#include "query/make.h"
#include "text/unicode.h"

enum { LEAST_WORDS = 5 }; /* so many few queries have, and most headlines */

/* What a query in capitals has. */
typedef struct census {
    uint32_t words, nots, others; /* operators: NOT and not */
    bool ors;                     /* OR is among them */
    bool beside;                  /* some words stand side by side */
    ns__lexeme first;             /* operator */
} census;

static bool has_small(const ns__query *query)
{
    for (uint32_t i = 0; i < query->written; i++)
        if (query->text.data[i] >= 'a' && query->text.data[i] <= 'z')
            return true;
    return false;
}

/* Whether all letters are capitals; not in scripts that have none. *some: there are letters. */
static bool is_capital(const uint8_t *text, uint32_t start, uint32_t end, bool *some)
{
    unsigned length;
    for (uint32_t at = start; at < end; at += length) {
        const unsigned class = ns__sentence_class(ns__unicode(ns__peek(text, at, &length)));
        if (class == NS_SB_LOWER || class == NS_SB_LETTER)
            return false;
        *some |= class == NS_SB_UPPER;
    }
    return true;
}

static bool is_operator(const ns__lexeme *lexeme)
{
    if (lexeme->kind == NS__LEX_NEAR) /* without a number */
        return lexeme->to - lexeme->from == (lexeme->ordered ? strlen("ONEAR") : strlen("NEAR"));
    return lexeme->kind == NS__LEX_AND || lexeme->kind == NS__LEX_OR || lexeme->kind == NS__LEX_NOT;
}

/* A word that says nothing but itself, or a sign that stands alone. */
static bool is_plain(const uint8_t *text, const ns__lexeme *lexeme, ns__shape *seen)
{
    *seen = (ns__shape){0};
    if (lexeme->kind != NS__LEX_WORD)
        return (lexeme->kind == NS__LEX_PREFIX || lexeme->kind == NS__LEX_FIELD) && lexeme->stray;
    *seen = ns__look_at(text, lexeme->start, lexeme->end, false);
    return lexeme->end == lexeme->to && !seen->wild;
}

/* False when the query is not in capitals, or has other signs of the language. */
static bool count(ns__query *query, census *all)
{
    const uint8_t *text = query->text.data;
    ns__lexer lexer = {.query = query, .end = query->written};
    bool capitals = false, after_word = false;
    *all = (census){0};
    if (has_small(query))
        return false;
    for (ns__lexeme here = ns__lex(&lexer); here.kind != NS__LEX_END; here = ns__lex(&lexer)) {
        ns__shape seen;
        if (is_operator(&here)) {
            if (all->nots + all->others == 0)
                all->first = here;
            all->nots += here.kind == NS__LEX_NOT;
            all->others += here.kind != NS__LEX_NOT;
            all->ors |= here.kind == NS__LEX_OR;
            after_word = false;
        } else if (!is_plain(text, &here, &seen) ||
                   !is_capital(text, here.from, here.to, &capitals)) {
            return false;
        } else if (seen.letters) {
            all->words++;
            all->beside |= after_word;
            after_word = true;
        }
    }
    return capitals && all->nots + all->others > 0;
}

bool ns__is_headline(ns__query *query, bool required, ns__lexeme *first)
{
    census all;
    if (!count(query, &all) || all.words < LEAST_WORDS || !all.beside || (required && all.ors))
        return false;
    *first = all.first;
    return true;
}

ns_status ns__query_note_capitals(ns__query *query, ns_error *err)
{
    census all;
    if (!count(query, &all) || all.words < 2 || all.words >= LEAST_WORDS || all.nots != 1 ||
        all.others > 0)
        return NS_OK;
    return ns__query_note(query, all.first.from, all.first.to, err,
                          "NOT excludes the word behind it; if it is a word of a headline, write "
                          "it in small letters");
}
