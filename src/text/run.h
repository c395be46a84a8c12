/* One run of the analyser over one text: shared by the ways of cutting it into tokens. */
#ifndef NS_TEXT_RUN_H
#define NS_TEXT_RUN_H

#include "text/classes.h"
#include "text/fold.h"
#include "text/forms.h"
#include "text/unicode.h"

struct ns__analyzer {
    ns_analysis_settings settings;
    ns__lang fixed_language; /* of records that name none, unless there is a guesser */
    ns__guesser *guesser;
    ns__forms forms;
    ns__folder folder;
    const ns__class_kernels *kernels;
};

/* Cutting comes first and notes where tokens stand; ns__run_look_up then finds what they are, many
 * at once, so that the processor waits for the memory of several tables' entries together. */
typedef struct ns__run {
    ns__analyzer *analyzer;
    ns__lang lang;
    const uint8_t *text;
    size_t length;
    size_t base; /* added to the bounds of the tokens that are cut */
    ns__tokens *out;
    ns_error *err;
    bool context; /* a NS_TOKEN_CONTEXT token was looked up */
} ns__run;

/* Appends the token text[start, end), not looked up yet. `flags` are NS_TOKEN_GRAM and so on. */
ns_status ns__run_emit(ns__run *run, size_t start, size_t end, uint32_t flags);

/* Is text[start] the s of "1990's" and "U.S.'s", which UAX #29 cuts off where it keeps that of
 * "China's"? */
bool ns__run_lone_possessive(const ns__run *run, size_t start);

/* Handles what begins at *at by Unicode's rules, a segment or a run without spaces, and moves *at
 * behind it. */
ns_status ns__run_plain(ns__run *run, size_t *at);

/* Where a segment that begins at `at` must end at the latest. */
size_t ns__run_limit(const ns__run *run, size_t at);

/* A run of a script without spaces that begins at *at: its bigrams. */
ns_status ns__run_grams(ns__run *run, size_t *at);

/* The whole text, ASCII by bit masks (scan.c). */
ns_status ns__run_fast(ns__run *run);
/* The whole text, cut at white space. */
ns_status ns__run_spaced(ns__run *run);

/* Looks the tokens from number `first` on up; their bounds are those of run->text. What turns out
 * to be no token after all is taken out. */
ns_status ns__run_look_up(ns__run *run, size_t first);

/* Do the words around text[start, end) say that the text is in capitals? The three words on
 * either side on the same line are looked at, those in capitals without any small letter: all in
 * capitals means that one of them has at least five letters and none has a small one. A word
 * that stands alone, as in a query, is not in such a text. */
bool ns__in_capitals(ns__str text, size_t start, size_t end);

/* The token's form and term again, for the bounds of `text` (a NS_TOKEN_CONTEXT token). */
ns_status ns__run_resolve(ns__run *run, ns__token *token);

#endif
