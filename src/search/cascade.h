/* NS_RANKING_CASCADE: the best articles by BM25 of their passages, ranked again by more of what
 * they say.
 *
 * The engines find the m best articles as they do for plain BM25, m = max(100, 10 * page), a page
 * being what is shown of the results (limit less offset); ten times as many while that is fewer
 * than limit. Then the first m, those up to 10 * m and so on are tiers, which are ranked each by
 * itself and stand one behind the other: so no article is on two pages of one size, or on none.
 * Each of them then gets, with the words w of the query that are wanted or required,
 *
 *   score = sum over w of  weight(w) * (part(article) + 0.25 * part(best passage))
 *         + sum over runs that stand in the best passage of  0.5 * sum of their bigrams' weights
 *         + sum over lines that stand in the first passage of  0.5 * sum of their words' weights
 *                                                              * (1 + 8 / (8 + begin))
 *         + sum over pairs of  0.2 * weight(pair) * (part(side by side) + part(within 8))
 *
 *   part(x)   = tf / (tf + K), K = k1 * (1 - b) + k1 * b * length / average, k1 = 1.2, b = 0.75:
 *               of the article, of the passage; the counts of pairs use the article's K
 *   weight(w) = boost * idf * idf / (idf + 2) * sqrt(burst)
 *               of a pair: the mean of its words', without burst
 *   burst     = mean tf of the word in the best passages of the first 100 articles that have it
 *
 * The pairs, words of the query one behind the other, count for a fifth of each tier, the articles
 * that are best without them. docs/ranking.md explains it. Everything is IEEE double in one fixed
 * order; a sum of whole numbers is the only thing that is added up over articles. So the same index
 * gives the same bits, whatever the engine, the instruction set and the segments. */
#ifndef NS_SEARCH_CASCADE_H
#define NS_SEARCH_CASCADE_H

#include "search/exec.h"
#include "search/results.h"

/* How many articles the engines are to find for `limit` results, of which the last `page` will be
 * shown. */
uint32_t ns__cascade_depth(const ns_search_options *options, uint64_t page, uint32_t limit,
                           uint64_t most);
/* Whether options ask for it: articles, best first. */
bool ns__cascade_wanted(const ns_search_options *options);
/* Ranks hits again, best first; weights[0 .. groups) gets weight(w). Lists of run->segment may be
 * open still; the arena of the reader is released when others have to be. NS_DONE when the time was
 * up: then hits are as they were. */
ns_status ns__cascade(ns__exec *run, const ns_index *index, uint64_t page, uint32_t limit,
                      double *weights, ns__hit *hits, size_t count);

typedef enum ns__cascade_kind {
    NS__CASCADE_WORD, /* a and b: the group */
    NS__CASCADE_RUN,  /* a and b: the run */
    NS__CASCADE_LINE, /* a and b: the line, counted behind the runs */
    NS__CASCADE_NEAR  /* a and b: the groups of a pair */
} ns__cascade_kind;
typedef void ns__cascade_tell(void *payload, ns__cascade_kind kind, uint32_t a, uint32_t b,
                              double value);
/* A cascade that explains hits which were ranked with these weights, all of the segment that `run`
 * has open. Run, index and weights stay the caller's and outlive it; after an error it can only be
 * closed. */
typedef struct ns__ranker ns__ranker;
ns_status ns__cascade_open(ns__exec *run, const ns_index *index, const double *weights,
                           ns__ranker **out);
/* Tells the parts of the score of a hit, in the order they are added in. Parts of nothing are not
 * told. */
ns_status ns__cascade_explain(ns__ranker *ranker, const ns__hit *hit, ns__cascade_tell *tell,
                              void *payload);
void ns__cascade_close(ns__ranker *ranker); /* NULL is fine */

#endif
