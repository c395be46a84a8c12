/* The default ranking as docs/ranking.md writes it, over texts that are rows of numbers of terms.
 * It knows nothing of how ns does it; the oracle and a unit test of its own compare to the bit. */
#ifndef NS_TESTS_ORACLE_FORMULA_H
#define NS_TESTS_ORACLE_FORMULA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct row {
    const uint32_t *terms;
    size_t count;
} row;

/* A word of the query. */
typedef struct formula_word {
    const uint8_t *member; /* by term: 1 where the word stands for it */
    double boost;          /* its weights, added up */
    uint64_t df;           /* passages with its most frequent term */
    bool stop;
    double idf, weight; /* made by formula_rank */
} formula_word;

/* Words one behind the other (in a script without spaces), by their numbers. */
typedef struct formula_run {
    const size_t *words;
    size_t count;
} formula_run;

typedef struct formula {
    formula_word *words; /* in byte order */
    size_t word_count;
    const size_t *order; /* the words as they were written, again and again where they were */
    const bool *joined; /* of each in `order`: it goes on with the run of the one before; or NULL */
    size_t order_count;
    const formula_run *runs, *lines;
    size_t run_count, line_count;
    uint32_t title_weight;
    uint64_t passages; /* of the index */
    double article_average, passage_average;
} formula;

/* An article that BM25 found. Entries stand in its order. */
typedef struct formula_entry {
    uint64_t article;
    row title;
    const row *passages;
    size_t passage_count, best; /* best: the passage that BM25 chose */
    double score;               /* made by formula_rank */
} formula_entry;

/* How many articles BM25 is to find for a page, and for how many of these pairs count. */
size_t formula_depth(size_t limit, bool exhaustive, size_t articles);
size_t formula_near(size_t limit, bool exhaustive, size_t articles);
/* Ranks the first `tier` entries, best first, behind them those up to ten times as many, and so on;
 * pairs count for `near` of the first tier and a fifth of each other. */
void formula_rank(formula *f, formula_entry *entries, size_t count, size_t tier, size_t near);
/* Whether the word is one of the 33 of Lucene's English analyser. */
bool formula_is_stop_word(const char *text, size_t length);

#endif
