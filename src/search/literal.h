/* Words as they are written: =Apple.
 *
 * Postings know analysed terms alone. At the places of those of a literal word, what the index
 * keeps of how words are written is asked (spelled.c) or, where it keeps nothing, the stored text,
 * cut into words again unless its bytes tell. A word is compared by its surface in the language of
 * the text and, when it has a capital, by what its capitals make of that (ns__fold_written). */
#ifndef NS_SEARCH_LITERAL_H
#define NS_SEARCH_LITERAL_H

#include "search/exec.h"

/* A word of a query and its surfaces in the languages of the index, one at least. */
typedef struct ns__literal_word {
    ns__str raw;
    const ns__literal_form *forms; /* without what is written */
    uint32_t count;
} ns__literal_word;

/* Fills a literal; the bytes are copied to the arena. */
ns_status ns__literal_make(const ns__literal_word *word, ns__folder *folder, ns__arena *arena,
                           ns__literal *out, ns_error *err);

/* Whether literals, one behind the other, are what is written at token `i` of a text in a language:
 * NS_OK or NS_NOT_FOUND, or NS_ERR_MEMORY. */
ns_status ns__literals_at(const ns__literal *literals, uint32_t count, ns__analyzer *analyzer,
                          ns__lang lang, ns__str text, const ns__tokens *tokens, size_t i,
                          ns_error *err);

/* The same of a word that is written like this and has this surface. */
ns_status ns__literal_is(const ns__literal *literal, ns__lang lang, ns__str raw, ns__str surface,
                         ns__folder *folder, ns_error *err);

/* The same for word `i` of the text of a passage or, with its term ordinals, of the headline of its
 * article. Words of the slots, groups of the plan, are known to stand there. False also when the
 * run failed. */
bool ns__literals_stand(ns__exec *run, const ns__literal *literals, const uint32_t *slots,
                        uint32_t count, uint32_t passage, const uint32_t *headline, uint32_t i);

/* Whether a literal, whose word is known to stand in the text of a passage, is written there: told
 * by its bytes, without cutting the text into words, where that is certain. Unsure with no_pruning,
 * where spellings are kept, and when the run failed. */
typedef enum ns__glance { NS__UNSURE, NS__PRESENT, NS__ABSENT } ns__glance;
ns__glance ns__literal_glance(ns__exec *run, const ns__literal *literal, uint32_t passage);

void ns__literal_text_release(ns__literal_text *scratch);

#endif
