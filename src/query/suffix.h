/* What follows a word, a phrase or a parenthesis: ~2 and ^0.5. */
#ifndef NS_QUERY_SUFFIX_H
#define NS_QUERY_SUFFIX_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ns__suffix {
    bool tilde, numbered, fraction; /* ~, with a number, one with a decimal point */
    bool weighted, bad_weight;      /* ^1.5; ^ with no number that can be meant */
    uint32_t number;                /* behind ~ */
    uint32_t weight;                /* thousandths, not yet within the limits */
} ns__suffix;

/* Digits at `at`, which may be none; the value stops growing at a million. The place behind. */
uint32_t ns__skip_number(const uint8_t *text, uint32_t at, uint32_t end, uint32_t *value);
/* All suffixes at `at`, each kind once, ~ only with `tilde`; the place behind them. */
uint32_t ns__skip_suffixes(const uint8_t *text, uint32_t at, uint32_t end, bool tilde,
                           ns__suffix *suffix);
/* Cuts the suffix that begins at `mark` off a word that ends at `end`, when all that follows is
 * punctuation of a sentence: then *cut becomes `mark`. */
void ns__find_suffix(const uint8_t *text, uint32_t mark, uint32_t end, bool tilde,
                     ns__suffix *suffix, uint32_t *cut);

#endif
