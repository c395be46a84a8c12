/* A search engine of a few hundred lines that shares only the text layer with the real one: every
 * passage is analysed and kept as term numbers, every query looks at all of them. */
#ifndef NS_TEST_BRUTE_H
#define NS_TEST_BRUTE_H

#include "ns/ns.h"
#include "text/passages.h"

enum { BRUTE_MAX_PASSAGES = 4096, BRUTE_MAX_TERMS = 8192, BRUTE_MAX_LEAVES = 12 };

typedef struct brute_words {
    uint32_t *terms; /* numbers of terms in reading order */
    uint32_t count;
} brute_words;

typedef struct brute_passage {
    uint32_t article;
    brute_words body;
} brute_passage;

typedef struct brute_article {
    brute_words title;
    bool deleted;
    uint32_t first, end; /* passages */
} brute_article;

typedef struct brute {
    ns__analyzer *analyzer;
    uint32_t title_weight;
    ns__str terms[BRUTE_MAX_TERMS]; /* terminated copies */
    bool gram[BRUTE_MAX_TERMS];     /* a bigram of a script without spaces */
    uint32_t term_count;
    brute_article articles[1024];
    uint32_t article_count;
    brute_passage passages[BRUTE_MAX_PASSAGES];
    uint32_t passage_count;
    bool langs[64];
} brute;

/* A leaf of a query as the test made it. */
typedef struct brute_leaf {
    char occur; /* ' ', '+' or '-' */
    bool quoted;
    const char *text;
} brute_leaf;

typedef struct brute_hit {
    float score;
    uint32_t article, passage; /* passage within the article */
} brute_hit;

typedef struct brute_answer {
    brute_hit hits[BRUTE_MAX_PASSAGES]; /* all of them, best first */
    uint32_t count;
    uint32_t articles, passages; /* that match */
} brute_answer;

void brute_open(brute *all, const ns_index_settings *settings);
void brute_close(brute *all);
/* Adds an article in a language the analyser knows ("" for none). */
void brute_add(brute *all, const char *lang, const char *title, const char *body);
void brute_search(brute *all, const brute_leaf *leaves, uint32_t count,
                  const ns_search_options *options, brute_answer *answer);

#endif
