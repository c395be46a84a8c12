/* Words that say how something is said, not what of. */
#ifndef NS_TEXT_STOP_WORDS_H
#define NS_TEXT_STOP_WORDS_H

#include <stdbool.h>

#include "base/bytes.h"

/* Whether a term is one of English, stemmed or not: those of Snowball's list
 * (snowballstem.org/algorithms/english/stop.txt), and "will", which is in Lucene's. */
bool ns__is_stop_word(ns__str term);

#endif
