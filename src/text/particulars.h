/* News particulars of a normalised word: possessives, elisions, acronyms, numbers. */
#ifndef NS_TEXT_PARTICULARS_H
#define NS_TEXT_PARTICULARS_H

#include "base/buf.h"
#include "text/analyzer.h"

/* Changes a normalised word, case-folded or not, in place, in this order:
 *   1. punctuation at its edges goes: _italic_
 *   2. a possessive goes: china's -> china; Turkish: all behind the apostrophe
 *   3. an elided article goes in French, Italian, Catalan: l'homme -> homme
 *   4. an acronym loses its dots: u.k -> uk, ee.uu -> eeuu; but one that would become a common
 *      word keeps them: u.s, w.h.o
 *   5. a number loses its thousands separators: 1,000 -> 1000, 1,250.5m -> 1250.5m
 * True when the result is an acronym that kept its dots: it has no stem. */
bool ns__particulars(ns__lang lang, ns__buf *word);

/* Is `raw` one of US, IT, WHO, IS, AM in capitals, perhaps with a possessive? */
bool ns__is_capital_acronym(ns__str raw);
/* Appends its dotted form: US -> u.s */
void ns__capital_acronym(ns__str raw, ns__buf *out);

#endif
