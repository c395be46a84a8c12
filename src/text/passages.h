/* Cutting an article body into passages.
 *
 * A passage is a run of whole sentences of about settings.passage_terms words, preferably ending at
 * a paragraph break, never of more than 255 terms (then cut at clause, word, cluster). The tokens
 * of a passage are exactly what ns__analyzer_run gives for its text alone. Passages joined with the
 * white space between them give the body back: start of the first is 0 or follows white space only,
 * and between end and next start there is white space only. A body without any word is one passage
 * without tokens (start = end = 0 for an empty body). */
#ifndef NS_TEXT_PASSAGES_H
#define NS_TEXT_PASSAGES_H

#include "text/analyzer.h"
#include "text/sentence.h"

typedef struct ns__passage {
    uint32_t start, end;                     /* bytes of the body, white space around trimmed */
    uint32_t first_token, token_count;       /* in ns__passages.tokens */
    uint32_t first_sentence, sentence_count; /* in ns__passages.sentences */
} ns__passage;

/* A sentence of a passage: `token` is the index of its first token within the passage (the first
 * sentence of a passage has 0). Sentences without tokens are left out. */
typedef struct ns__sentence {
    uint32_t token;
    bool paragraph; /* it also begins a paragraph */
} ns__sentence;

typedef struct ns__passages {
    ns__passage *items;
    size_t count, capacity;
    ns__tokens tokens; /* byte ranges refer to the body */
    ns__sentence *sentences;
    size_t sentence_count, sentence_capacity;
    ns__borders borders; /* scratch: sentences, and the tokens of all of them */
    ns__tokens found;
} ns__passages;

/* Replaces the contents of *out (its memory is reused). */
ns_status ns__passages_cut(ns__analyzer *analyzer, ns__lang lang, ns__str body, ns__passages *out,
                           ns_error *err);
void ns__passages_release(ns__passages *passages);

/* Sentence borders alone: byte offsets where sentences of `text` begin (0 first, unless empty),
 * each behind the white space that ends the one before. */
ns_status ns__sentences_find(ns__str text, uint32_t **starts, size_t *count, size_t *capacity,
                             ns_error *err);

#endif
