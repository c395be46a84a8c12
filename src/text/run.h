/* One run of the analyser over one text: shared by the ways of cutting it into tokens. */
#ifndef NS_TEXT_RUN_H
#define NS_TEXT_RUN_H

#include "text/fold.h"
#include "text/forms.h"
#include "text/unicode.h"

struct ns__analyzer {
    ns_analysis_settings settings;
    ns__lang fixed_language; /* of records that name none, unless there is a guesser */
    ns__guesser *guesser;
    ns__forms forms;
    ns__folder folder;
};

typedef struct ns__run {
    ns__analyzer *analyzer;
    ns__lang lang;
    const uint8_t *text;
    size_t length;
    ns__tokens *out;
    ns_error *err;
} ns__run;

/* Appends the token text[start, end). `flags` are NS_TOKEN_GRAM and so on. */
ns_status ns__run_emit(ns__run *run, size_t start, size_t end, uint32_t flags);

/* Handles what begins at *at by Unicode's rules, a segment or a run without spaces, and moves *at
 * behind it. */
ns_status ns__run_plain(ns__run *run, size_t *at);

/* A run of a script without spaces that begins at *at: its bigrams. */
ns_status ns__run_grams(ns__run *run, size_t *at);

/* The whole text, ASCII by bit masks (scan.c). */
ns_status ns__run_fast(ns__run *run);

/* Do the words around text[start, end) say that the text is in capitals? The three words on
 * either side on the same line are looked at, those in capitals without any small letter: all in
 * capitals means that one of them has at least five letters and none has a small one. A word
 * that stands alone, as in a query, is not in such a text. */
bool ns__in_capitals(ns__str text, size_t start, size_t end);

/* The token's form and term again, for the bounds of `text` (a NS_TOKEN_CONTEXT token). */
ns_status ns__run_resolve(ns__run *run, ns__token *token);

#endif
