/* The languages ns has stemmers for, in a fixed order, and what a language code means. */
#ifndef NS_TEXT_LANGUAGE_H
#define NS_TEXT_LANGUAGE_H

#include "text/analyzer.h"

enum {
    NS_LANG_ENGLISH = 7,
    NS_LANG_AMHARIC = 29, /* the first of those that light.c stems */
    NS_LANG_CZECH,
    NS_LANG_ICELANDIC,
    NS_LANGUAGES /* "none" included */
};

/* Name of the Snowball algorithm; NULL for 0 and where light.c has the rules. */
const char *ns__lang_stemmer(ns__lang lang);

/* Reads a code ("en", "en-GB", "eng", "English"). True when it names a language, even one without
 * a stemmer (then *lang is 0); false when it names none ("", "und", "zxx", "?"). */
bool ns__lang_parse(ns__str code, ns__lang *lang);

/* The language with this two-letter code, which must be one of the table. */
ns__lang ns__lang_of(const char *code);

/* The table of frequent words behind ns__lang_guess, made once for many texts. Open returns NULL
 * when memory is out. */
typedef struct ns__guesser ns__guesser;
ns__guesser *ns__guesser_open(void);
void ns__guesser_close(ns__guesser *guesser); /* NULL is fine */
ns__lang ns__guesser_guess(const ns__guesser *guesser, ns__str text);

#endif
