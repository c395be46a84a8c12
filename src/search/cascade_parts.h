/* Shared by the files of the second step of ranking: see cascade.h.
 *
 * Articles are looked at in *batches*, in the order of their places, and in a batch list by list:
 * so each list is gone through once, from front to back. */
#ifndef NS_SEARCH_CASCADE_PARTS_H
#define NS_SEARCH_CASCADE_PARTS_H

#include "search/cascade.h"

#define NS_CASCADE_K1 1.2
#define NS_CASCADE_B 0.75
#define NS_CASCADE_NEAR_SHARE 0.2
#define NS_CASCADE_LINE_REACH 8.0 /* words */

enum { NS_CASCADE_TITLE_WEIGHT = 3, NS_CASCADE_BATCH = 128, NS_CASCADE_MOST_PAIRS = 32 };

/* Only so many passages of an article are kept as bits. */
enum { NS_CASCADE_BITS = 64 };

/* What an article has of a word. */
typedef struct ns__word_facts {
    uint64_t tf;                /* in the text, and with its weight in the headline */
    uint64_t there;             /* bits of the passages that have it; not of articles with more */
    uint32_t best;              /* in the best passage, as stored */
    uint32_t least;             /* of any passage, as stored; when not known: UINT32_MAX */
    uint32_t title;             /* in the headline */
    uint32_t passages;          /* postings: of several lists, some may be of the same passage */
    uint32_t blocks;            /* in how many blocks that is, of all lists; when in one: */
    uint32_t list, block, from; /* that list and block, and the first posting of the article */
} ns__word_facts;

/* A group that takes part. */
typedef struct ns__ranked_word {
    uint32_t group;
    double idf;    /* damped, with boost; not 0 */
    double weight; /* with burst */
    uint64_t tf_sum, tf_count;
    bool stop;
    bool known;           /* … where it stands in the text that is looked at: */
    size_t first, count;  /* in `places` */
    ns__pos_pick *picked; /* a block of its list, for single postings: in the reader's arena */
    uint32_t picked_of, picked_block; /* which, of which term; UINT32_MAX for none */
} ns__ranked_word;

/* Two words that follow one another in the query. */
typedef struct ns__ranked_pair {
    uint32_t a, b; /* indices of words */
    double weight;
    uint64_t beside, within; /* how often, in the article that is looked at */
} ns__ranked_pair;

/* A hit and where it stood. */
typedef struct ns__ranked {
    ns__hit hit;
    double score, age; /* age: what the score is multiplied by */
    double final;      /* both */
    double length;
    double most_near; /* an upper bound of what nearness can add */
    uint32_t article, first, end;
    uint32_t slot; /* in its batch */
    ns__headline headline;
    uint32_t pairs, titled; /* bits of pairs whose words are both in the article, in the headline */
} ns__ranked;

/* Entries being sorted, with room for twice as many: cascade_sort.c. */
typedef struct ns__ranked_key {
    uint64_t key; /* the lower, the earlier; of those that share one, the lower article */
    ns__ranked *entry;
} ns__ranked_key;

typedef struct ns__ranked_sort {
    ns__ranked_key *items;
    size_t most;
} ns__ranked_sort;

/* Words of the open segment's dictionary, ascending; one may be of several words of the query. */
typedef struct ns__ranked_term {
    uint32_t ordinal, word;
} ns__ranked_term;

typedef struct ns__ranker {
    ns__exec *run;
    const ns_index *index;
    ns__ranked_word *words;
    uint32_t word_count;
    ns__ranked_pair pairs[NS_CASCADE_MOST_PAIRS];
    uint32_t pair_count;
    double average;        /* length of an article */
    ns__word_facts *facts; /* of each word NS_CASCADE_BATCH: of the articles of the batch */
    double *runs; /* of each run and line likewise: what its bonus is multiplied by, 0 where it does
                     not stand */
    ns__ranked_term *terms; /* of the open segment, in the reader's arena */
    uint32_t term_count;
    uint64_t sieve; /* bits of their ordinals modulo 64 */
    bool opened;    /* `terms` are of the open segment */
    size_t batches; /* gathered so far: facts are those of the last */
    ns__positions places;
    ns__ranked_sort sorter;
    ns__cascade_tell *tell; /* NULL: nobody wants to know */
    void *payload;
} ns__ranker;

/* ---- cascade_words.c ---- */

/* Finds the words and pairs of the query. */
ns_status ns__ranker_open(ns__ranker *ranker);
void ns__ranker_release(ns__ranker *ranker);

/* The word of a group; word_count for none. */
uint32_t ns__ranker_word(const ns__ranker *ranker, uint32_t group);
/* The weight of a group: 0 when it takes no part. */
static inline double ns__ranker_weight(const ns__ranker *ranker, uint32_t group)
{
    uint32_t word = ns__ranker_word(ranker, group);
    return word < ranker->word_count ? ranker->words[word].weight : 0;
}

/* ---- cascade_facts.c ---- */

/* Opens a segment unless it is. */
ns_status ns__ranker_segment(ns__ranker *ranker, uint32_t segment);
/* Reads what the scores of some articles are made of: at most NS_CASCADE_BATCH of them, in the
 * order of their segments and passages. */
ns_status ns__ranker_gather(ns__ranker *ranker, ns__ranked *const *entries, size_t count);
static inline ns__word_facts *ns__ranker_facts(const ns__ranker *ranker, uint32_t word)
{
    return ranker->facts + (size_t)word * NS_CASCADE_BATCH;
}

/* ---- cascade_lists.c ---- */

/* Reads what the articles have of a word. False when the run failed. */
bool ns__ranker_read(ns__ranker *ranker, uint32_t word, ns__ranked *const *entries, size_t count,
                     ns__word_facts *facts);

/* ---- cascade_near.c ---- */

/* Counts for each pair how often its words stand near each other in an article, whose segment is
 * open. */
ns_status ns__ranker_near(ns__ranker *ranker, const ns__ranked *entry);

/* ---- cascade_sort.c ---- */

/* For at most `most` entries at once. */
ns_status ns__ranked_sort_open(ns__ranked_sort *sorter, size_t most, ns_error *err);
void ns__ranked_sort_release(ns__ranked_sort *sorter);
/* Sorts by segment and passage; by `final`, the highest first, and articles. */
void ns__ranked_by_place(ns__ranked_sort *sorter, ns__ranked **entries, size_t count);
void ns__ranked_by_score(ns__ranked_sort *sorter, ns__ranked **entries, size_t count);

/* ---- The formula ---- */

static inline double ns__cascade_k(double length, double average)
{
    return NS_CASCADE_K1 * (1 - NS_CASCADE_B) + NS_CASCADE_K1 * NS_CASCADE_B * length / average;
}

static inline double ns__cascade_part(uint64_t tf, double k)
{
    return (double)tf / ((double)tf + k);
}

/* How often the bonus of a line counts that begins at a word of the first passage: up to twice, at
 * its very beginning. */
static inline double ns__cascade_line(uint32_t begin)
{
    if (begin == NS_END)
        return 0;
    return 1 + NS_CASCADE_LINE_REACH / (NS_CASCADE_LINE_REACH + begin);
}

#endif
