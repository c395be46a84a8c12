/* A brute-force search engine to judge the real one by. It shares the analyser (src/text) and the
 * record reader with it and nothing else: plain arrays, no blocks, no bounds, no files.
 *
 * What it says is right by being simple: docs/query.md is the specification. */
#ifndef NS_TESTS_ORACLE_MODEL_H
#define NS_TESTS_ORACLE_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/record.h"
#include "ns/search.h"
#include "text/passages.h"

enum { MAX_LEAVES = 64, MAX_SLOTS = 8 }; /* of a query */

typedef struct posting {
    uint32_t passage, tf;
} posting;

typedef struct term_list {
    posting *items;
    size_t count, capacity;
} term_list;

/* Words as they were written, for =words: kept where keep_words says so. */
typedef struct written {
    uint32_t *forms, *starts, *ends; /* of the analyser; in model.said */
    size_t count, capacity;
} written;

/* What filters ask about. */
typedef struct article_facts {
    int64_t date; /* INT64_MIN: unknown */
    char *source, *section, *author, *lang, *url;
    ns__lang analysed_as;
    bool timed;  /* the date has a time of day */
    bool titled; /* a headline with a word or, where it is not searched, with anything */
} article_facts;

typedef struct model {
    ns__analyzer *analyzer;
    uint32_t title_weight;
    term_list *terms; /* by the analyser's term id */
    size_t term_capacity;
    /* Passages of article a: first_passage[a] .. first_passage[a + 1). */
    uint32_t *first_passage;
    size_t articles, article_capacity, first_capacity;
    uint32_t *article_of, *length, *body_start, *body_count;
    size_t passages, passage_capacity;
    uint32_t *body, *title_start, *title_count, *titles; /* term ids in reading order */
    size_t body_used, body_capacity, titles_used, titles_capacity, title_capacity;
    article_facts *facts; /* by article */
    uint32_t *sentences;  /* token << 1 | begins a paragraph, of passages in order */
    uint32_t *sentence_start, *sentence_count; /* by passage */
    size_t sentences_used, sentences_capacity;
    bool *deleted;   /* by article, or one with the same id came later. Counted in statistics */
    char **ids;      /* by article */
    uint32_t *slots; /* hash table of ids: article + 1 */
    size_t slot_count;
    bool langs[64];
    bool keep_words;
    uint8_t *said; /* the bytes of all words, one behind the other */
    size_t said_used, said_capacity;
    written body_words, title_words; /* as body and titles */
    uint64_t total_length;
    ns__tokens scratch;
    ns__passages cut;
    /* Scratch of searching, made by the first search: after it no article may be added. */
    double *scores;                    /* by passage */
    uint32_t *tfs;                     /* by passage; all 0 between uses */
    uint8_t *wanted;                   /* by term; all 0 between uses */
    uint8_t *contains[MAX_LEAVES + 1]; /* by passage, for each leaf; the last for all together */
} model;

bool model_init(model *m, const ns_index_settings *settings);
/* Adds one article. It replaces one of the same id. */
bool model_add(model *m, const ns__record *record);
/* Whether there is or was an article of that id. */
bool model_knows(const model *m, ns__str id);
/* Deletes the article of that id; it goes on counting in statistics. */
void model_delete(model *m, ns__str id);
void model_release(model *m);
size_t model_df(const model *m, uint32_t term);

/* ---- Queries ---- */
typedef enum occur { SHOULD, MUST, MUST_NOT } occur;

/* Terms that one written word stands for: sorted by their bytes, distinct. */
typedef struct group {
    uint32_t *terms;
    size_t count;
} group;

/* A word that is to stand as it is written. */
typedef struct exact_word {
    char wanted[64][64]; /* in each language: its surface form, with capitals if it is cased */
    bool cased;          /* has a capital */
} exact_word;

/* A word (one slot) or a phrase. */
typedef struct leaf {
    occur occur;
    size_t slots; /* 0: longer than any phrase may be, which nothing matches */
    double weight;
    bool joined; /* a wanted bigram or part of the same run as the leaf before it: ask is_joined */
    bool parts;  /* of a word that is a run only where it is all of the query */
    bool gram;   /* words of scripts without spaces alone, anywhere */
    group groups[MAX_SLOTS];
    exact_word *words; /* of each slot, when they are to stand as written; else NULL */
} leaf;

typedef struct query {
    leaf leaves[MAX_LEAVES];
    size_t count;
    size_t expansions; /* terms that lone clusters have brought in */
    bool passages, passage_scope;
    bool led; /* a rare required word, then frequent ones */
    double k1, b;
} query;

/* Whether the leaf goes on with the run of the one before it. */
static inline bool is_joined(const query *q, size_t which)
{
    if (!q->leaves[which].joined || !q->leaves[which].parts)
        return q->leaves[which].joined;
    for (size_t i = 0; i < q->count; i++)
        if (!q->leaves[i].parts || q->leaves[i].joined != (i > 0))
            return false;
    return true;
}

/* Adds a leaf as it is written, without operator and quotes. False when it is too much for the
 * arrays above: then the query is to be given up. */
bool model_add_leaf(model *m, query *q, occur wish, bool quoted, ns__str text);
void model_query_release(query *q);
/* A group that scores, with the weights of its uses added up. */
typedef struct weighted {
    const group *g;
    double weight, factor;
} weighted;
/* Distinct groups of the positive leaves in byte order of their terms; how many. */
size_t model_groups(const model *m, const query *q, weighted out[MAX_LEAVES * MAX_SLOTS]);
bool model_same_group(const group *a, const group *b);
/* Scores of all passages into m->scores, as far as the query's leaves say. */
void model_score(model *m, const query *q);
/* Into the group, in its place. */
void model_insert_term(const model *m, group *g, uint32_t term);

typedef struct answer {
    uint32_t article, passage; /* passage: index within the model */
    float score;
} answer;

typedef struct answers {
    answer *items; /* best first */
    size_t count, capacity;
    uint64_t articles, passages; /* hits */
} answers;

/* Into the sorted array of the best `limit`. */
void model_keep(answers *out, size_t limit, answer found);

/* Replaces *out; keeps the best `limit`. */
void model_search(model *m, const query *q, size_t limit, answers *out);

#endif
