/* A run of ns eval: what people judged (eval_read.c), what was retrieved for each topic
 * (cmd_eval.c), and how good that is (eval_measures.c). The measures are those of trec_eval, to its
 * rules of sorting and averaging, so that its output can be compared digit by digit. */
#ifndef NS_CLI_EVAL_H
#define NS_CLI_EVAL_H

#include <stdbool.h>
#include <stddef.h>

/* What trec_eval calls map, ndcg_cut_10, recip_rank, P_10, recall_100 and recall_1000. */
enum {
    EVAL_MAP,
    EVAL_NDCG_10,
    EVAL_MRR,
    EVAL_P_10,
    EVAL_RECALL_100,
    EVAL_RECALL_1000,
    EVAL_MEASURES
};
extern const char *const eval_names[EVAL_MEASURES];

/* A string of a file, borrowed from its text; terminated. */
typedef struct eval_word {
    const char *text;
    size_t length;
} eval_word;

/* One judgment: how relevant an article is to a topic; 1 and more are relevant. */
typedef struct eval_judgment {
    eval_word topic, id;
    int grade;
    size_t line;
} eval_judgment;

/* A file of judgments (qrels), sorted by topic and id, each pair once. */
typedef struct eval_qrels {
    char *text; /* of the file; words point into it */
    eval_judgment *list;
    size_t count;
} eval_qrels;

/* An article that was retrieved for a topic. */
typedef struct eval_hit {
    eval_word topic, id;
    float score;
    size_t line;
} eval_hit;

/* A run: what was retrieved for each topic; in the order of eval_run_sort. */
typedef struct eval_run {
    char *text; /* of a file, or NULL when it was searched for */
    eval_hit *list;
    size_t count;
} eval_run;

/* Lines `topic iteration id grade`. False after a message on stderr. */
bool eval_qrels_read(const char *path, eval_qrels *out);
void eval_qrels_release(eval_qrels *qrels);
/* Lines `topic Q0 id rank score tag`; ranks do not count. False after a message on stderr. */
bool eval_run_read(const char *path, eval_run *out);
void eval_run_release(eval_run *run);
/* Sorts hits by topic, then best first by trec_eval's rule: of equal scores the larger id. */
void eval_run_sort(eval_hit *list, size_t count);

/* As strcmp, of words that may hold any bytes. */
int eval_word_compare(eval_word a, eval_word b);

/* The measures of one topic, or their means over topics. */
typedef struct eval_values {
    size_t topics;                        /* 1, or how many */
    size_t judged_relevant;               /* articles judged relevant */
    size_t retrieved, retrieved_relevant; /* articles in the run */
    double values[EVAL_MEASURES];
} eval_values;

/* Judgments of one topic and hits for it, sorted as above, either may be none. False when memory
 * runs out. */
bool eval_measure(const eval_judgment *judgments, size_t judgment_count, const eval_hit *hits,
                  size_t hit_count, eval_values *out);
/* Adds a topic to a sum, and makes the sum a mean. */
void eval_values_add(eval_values *sum, const eval_values *topic);
void eval_values_finish(eval_values *sum);

#endif
