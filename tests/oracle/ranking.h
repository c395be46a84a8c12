/* The default ranking of what the model found: docs/ranking.md by brute force. */
#ifndef NS_TESTS_ORACLE_RANKING_H
#define NS_TESTS_ORACLE_RANKING_H

#include "oracle/compare.h"

/* Now and then asks for the default ranking, instead of plain BM25. */
void ranking_choose(collection *c, trial *t);
/* How many articles the model is to find for what t->o asks. */
size_t ranking_depth(const collection *c, const trial *t);
/* Ranks t->want as t->o asks. */
void ranking_apply(const collection *c, trial *t);

#endif
