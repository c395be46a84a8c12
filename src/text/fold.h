/* From a word as written to its surface form and its term: the slow path that each distinct form
 * takes once. */
#ifndef NS_TEXT_FOLD_H
#define NS_TEXT_FOLD_H

#include "base/buf.h"
#include "base/error.h"
#include "text/analyzer.h"
#include "text/language.h"

struct sb_stemmer;

/* Scratch memory and stemmers, reused from form to form. Zero-initialised is empty. */
typedef struct ns__folder {
    bool keep_diacritics, no_stemming, whitespace;
    struct sb_stemmer *stemmers[NS_LANGUAGES]; /* made when first needed */
    int32_t *codes;
    size_t code_capacity;
    ns__buf surface, term; /* results of the last ns__fold_surface and ns__fold_term */
    ns__buf written;       /* result of the last ns__fold_written */
    bool is_acronym;       /* of that surface: it has no stem */
} ns__folder;

/* How a form was met. */
enum {
    NS_FOLD_GRAM = 1, /* a bigram or cluster of a script without spaces */
    NS_FOLD_CAPS = 2  /* in a text all in capitals: "US" may be the pronoun */
};

/* Fills folder->surface. An empty surface means: not a token after all. */
ns_status ns__fold_surface(ns__folder *folder, ns__lang lang, ns__str raw, unsigned how,
                           ns_error *err);
/* Fills folder->term for the surface made last, given the same language and how. Within a language
 * equal surfaces have equal terms, NS_FOLD_GRAM apart. */
ns_status ns__fold_term(ns__folder *folder, ns__lang lang, unsigned how, ns_error *err);
void ns__folder_release(ns__folder *folder);

/* Fills folder->written with the surface of a word as its capitals make it: L'Élysée, of which the
 * surface is élysée, gives Élysée. It is normalised and cut as the surface is; of capitals alone
 * the case is kept. Surfaces of equal words with other capitals are equal, and these are not.
 * Overwrites folder->surface and folder->term. */
ns_status ns__fold_written(ns__folder *folder, ns__str raw, ns__str surface, ns_error *err);

/* Fills folder->term with any text as words are compared that were never stemmed: case folded, and
 * diacritics too unless they are kept. Patterns, values of fields. */
ns_status ns__fold_text(ns__folder *folder, ns__str text, ns_error *err);
/* Is this word ("US", "WHO’s") an acronym that in a text all in capitals is a common word? */
bool ns__fold_depends_on_context(ns__str raw);

#endif
