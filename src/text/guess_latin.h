/* The language of a text in the Latin script, by frequent words.
 *
 * Each function word found counts for each language that has it. Languages without a stemmer take
 * part, so that Polish is not read as something else; when one of them wins the answer is 0. */
#ifndef NS_TEXT_GUESS_LATIN_H
#define NS_TEXT_GUESS_LATIN_H

#include "text/language.h"

enum { NS_GUESS_BYTES = 1000 }; /* that a guess looks at */

/* The text has at most NS_GUESS_BYTES. */
ns__lang ns__guess_latin(const ns__guesser *guesser, ns__str text);
/* The same, one character after the other. */
ns__lang ns__guess_latin_plainly(const ns__guesser *guesser, ns__str text);

#endif
