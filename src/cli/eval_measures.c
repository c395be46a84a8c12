/* Measures of retrieval, as trec_eval 9 defines them (National Institute of Standards and
 * Technology): binary ones take grades of 1 and more as relevant; nDCG takes the grade as gain and
 * discounts it by log2(rank + 1) (Järvelin and Kekäläinen 2002). */
#include "cli/eval.h"

#include <stdlib.h>
#include <string.h>

const char *const eval_names[EVAL_MEASURES] = {"map",  "ndcg_cut_10", "recip_rank",
                                               "P_10", "recall_100",  "recall_1000"};

int eval_word_compare(eval_word a, eval_word b)
{
    size_t shorter = a.length < b.length ? a.length : b.length;
    int order = shorter ? memcmp(a.text, b.text, shorter) : 0;
    return order ? order : (a.length > b.length) - (a.length < b.length);
}

/* The grade of an article, 0 when nobody judged it. `judgments` are sorted by id. */
static int grade_of(const eval_judgment *judgments, size_t count, eval_word id)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = eval_word_compare(judgments[middle].id, id);
        if (order == 0)
            return judgments[middle].grade;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return 0;
}

enum { RANKS = 10 }; /* that nDCG looks at */

/* log2(rank + 1) from rank 1 on. A table, so that no program has to find and bind libm for it. */
static const double DISCOUNTS[RANKS] = {1,
                                        1.5849625007211561,
                                        2,
                                        2.3219280948873622,
                                        2.5849625007211561,
                                        2.8073549220576042,
                                        3,
                                        3.1699250014423122,
                                        3.3219280948873622,
                                        3.4594316186372973};

static double gain(int grade, size_t rank)
{
    return grade > 0 ? grade / DISCOUNTS[rank - 1] : 0;
}

static int compare_grades(const void *a, const void *b) /* largest first */
{
    int x = *(const int *)a, y = *(const int *)b;
    return (x < y) - (x > y);
}

/* The discounted gain of the best ten that could be retrieved. */
static double ideal_gain(const eval_judgment *judgments, size_t count, int *scratch)
{
    for (size_t i = 0; i < count; i++)
        scratch[i] = judgments[i].grade;
    qsort(scratch, count, sizeof *scratch, compare_grades);
    double sum = 0;
    for (size_t i = 0; i < count && i < RANKS; i++)
        sum += gain(scratch[i], i + 1);
    return sum;
}

/* Takes the hit at `rank`, from 1, into the sums. */
static void take_hit(eval_values *out, int grade, size_t rank)
{
    if (rank <= RANKS)
        out->values[EVAL_NDCG_10] += gain(grade, rank);
    if (grade < 1)
        return;
    out->retrieved_relevant++;
    out->values[EVAL_MAP] += (double)out->retrieved_relevant / (double)rank;
    if (out->retrieved_relevant == 1)
        out->values[EVAL_MRR] = 1 / (double)rank;
    out->values[EVAL_P_10] += rank <= 10;
    out->values[EVAL_RECALL_100] += rank <= 100;
    out->values[EVAL_RECALL_1000] += rank <= 1000;
}

bool eval_measure(const eval_judgment *judgments, size_t judgment_count, const eval_hit *hits,
                  size_t hit_count, eval_values *out)
{
    *out = (eval_values){.topics = 1, .retrieved = hit_count};
    int *scratch = malloc((judgment_count + 1) * sizeof *scratch);
    if (scratch == NULL)
        return false;
    double ideal = ideal_gain(judgments, judgment_count, scratch);
    free(scratch);
    for (size_t i = 0; i < judgment_count; i++)
        out->judged_relevant += judgments[i].grade >= 1;
    for (size_t i = 0; i < hit_count; i++)
        take_hit(out, grade_of(judgments, judgment_count, hits[i].id), i + 1);
    double relevant = out->judged_relevant ? (double)out->judged_relevant : 1;
    out->values[EVAL_NDCG_10] /= ideal > 0 ? ideal : 1;
    out->values[EVAL_P_10] /= 10;
    out->values[EVAL_MAP] /= relevant;
    out->values[EVAL_RECALL_100] /= relevant;
    out->values[EVAL_RECALL_1000] /= relevant;
    return true;
}

void eval_values_add(eval_values *sum, const eval_values *topic)
{
    sum->topics += topic->topics;
    sum->judged_relevant += topic->judged_relevant;
    sum->retrieved += topic->retrieved;
    sum->retrieved_relevant += topic->retrieved_relevant;
    for (int m = 0; m < EVAL_MEASURES; m++)
        sum->values[m] += topic->values[m];
}

void eval_values_finish(eval_values *sum)
{
    for (int m = 0; sum->topics && m < EVAL_MEASURES; m++)
        sum->values[m] /= (double)sum->topics;
}
