/* Stems of languages for which Snowball has no stemmer. */
#ifndef NS_TEXT_LIGHT_H
#define NS_TEXT_LIGHT_H

#include "base/buf.h"
#include "text/analyzer.h"

/* Stems a surface form (case folded, composed, without digits) in place; something always stays.
 * Of a language that has no rules here, and of words with signs in them, nothing is changed. */
void ns__light_stem(ns__lang lang, ns__buf *word);

#endif
