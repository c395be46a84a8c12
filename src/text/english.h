/* Stems of English words. */
#ifndef NS_TEXT_ENGLISH_H
#define NS_TEXT_ENGLISH_H

#include "base/buf.h"

/* Stems a word in place, as Snowball's English stemmer does, in a quarter of its time. False: not a
 * word of small letters of ASCII, with apostrophes inside or behind, of usual length; it is as it
 * was. */
bool ns__english_stem(ns__buf *word);

#endif
