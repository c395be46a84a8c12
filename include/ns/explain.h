/* Where the score of a result comes from. Explanations do not change: any number of threads may use
 * one at the same time. */
#ifndef NS_EXPLAIN_H
#define NS_EXPLAIN_H

#include "ns/search.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The parts of a score. */
typedef struct ns_explanation ns_explanation;

/* What a part of a score is for. */
typedef enum ns_part_kind {
    NS_PART_WORD = 0, /* a word of the query that the passage has: age * weight * idf * tf / (tf +
                         k); with NS_RANKING_CASCADE what docs/ranking.md says of it */
    NS_PART_RUN = 1,  /* a word of a script without spaces, or a query like AT&T, that stands there
                         as a  whole */
    NS_PART_LINE = 4, /* words of such scripts, as written in the query, that an article begins with
                         or has in its headline */
    NS_PART_NEAR = 3, /* two words of the query that stand near each other in the article */
    NS_PART_ROUNDING = 2 /* what rounding to 32 bits twice gives or takes, with an age only */
} ns_part_kind;

/* One part. What a kind does not have is 0. */
typedef struct ns_part {
    ns_part_kind kind; /* what it is for */
    const char *terms; /* those of the word that stand in the passage (of a run all of them), blanks
                          between; terminated UTF-8, borrowed from the explanation */
    uint32_t tf;       /* how often they do; in the headline `title_weight` times */
    uint64_t df;       /* passages of the index that have the most frequent term of the word */
    double idf;        /* ln(1 + (passages - df + 0.5) / (df + 0.5)) */
    double weight;     /* of the word: how often the query wants it */
    double value;      /* what the part adds to the score */
} ns_part;

/* What all parts have in common. */
typedef struct ns_explained {
    float score;     /* of the result: all values added up in order, as doubles, rounded to float */
    uint32_t length; /* words of the passage, its headline's included */
    double average;  /* length of a passage of the index */
    uint64_t passages; /* of the index */
    double k1, b;      /* of BM25 */
    double k;          /* k1 * (1 - b + b * length / average) */
    bool cascade;      /* NS_RANKING_CASCADE (docs/ranking.md); else BM25 alone */
    double age;        /* the factor of the article's age; 1 without one */
} ns_explained;

/* Explains the score of result `i`. What the query is opened for stays with the results, for
 * the next one. Where the search had a timeout, all explanations together take about as long again
 * at most, by the same clock (whose context must be there still); the time of all threads counts,
 * and each may take what was left when it began. Returns NS_OK, NS_DONE (that time is up: *out is
 * NULL, *err is left alone), NS_ERR_ARGUMENT (there is no result `i`), NS_ERR_CORRUPT,
 * NS_ERR_MEMORY. *out is owned by the caller: ns_explanation_free. It needs neither results nor
 * index afterwards. Thread-safe. */
NS_API NS_MUST_USE ns_status ns_results_explain(const ns_results *results, size_t i,
                                                ns_explanation **out, ns_error *err);
/* What all parts have in common. */
NS_API ns_explained ns_explanation_about(const ns_explanation *explanation);
/* How many parts there are. */
NS_API size_t ns_explanation_count(const ns_explanation *explanation);
/* Part `i`, in the order they are added in; i < ns_explanation_count. */
NS_API ns_part ns_explanation_get(const ns_explanation *explanation, size_t i);
/* Frees the explanation. NULL is fine. */
NS_API void ns_explanation_free(ns_explanation *explanation);

#ifdef __cplusplus
}
#endif
#endif
