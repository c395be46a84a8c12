/* Random queries, each as the text that ns gets and as the leaves that the model gets. */
#ifndef NS_TESTS_ORACLE_QUERIES_H
#define NS_TESTS_ORACLE_QUERIES_H

#include "oracle/collection.h"

/* Words of the collection: ids of the analyser's forms. */
typedef struct vocabulary {
    uint32_t *common, *any; /* in more than a sixteenth of the passages; all */
    size_t common_count, any_count;
} vocabulary;

enum { QUERY_TEXT_ROOM = 16384 };

void vocabulary_make(collection *c, vocabulary *v);
void vocabulary_release(vocabulary *v);
/* Half of the queries hold a word of v->common. Fills q (release it) and its text. */
void query_random(collection *c, const vocabulary *v, query *q, char text[QUERY_TEXT_ROOM]);

#endif
