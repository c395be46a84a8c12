/* Judging the candidates of a window: exact scores, then whether the query really matches. The
 * costly questions, phrases and exclusions, come last and only for what would enter the heap. */
#include "search/window.h"
#include "search/match.h"

#include "base/count.h"

/* The same for the passage's unit, remembered where that is an article. */
static bool allowed(ns__window *win, uint32_t article, uint32_t passage)
{
    if (win->verdicts == NULL)
        return true;
    if (win->run->options->scope == NS_SCOPE_PASSAGE)
        return ns__unit_allowed(win->run, passage);
    if (win->verdicts[article] != NS__UNKNOWN)
        NS_COUNT(JUDGE_REMEMBERED);
    else
        win->verdicts[article] = ns__unit_allowed(win->run, passage) ? NS__ALLOWED : NS__REFUSED;
    return win->verdicts[article] == NS__ALLOWED;
}

static void judge(ns__window *win, const ns__candidate *candidate)
{
    ns__exec *run = win->run;
    uint32_t article, first, end, passage = candidate->passage;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return;
    if (ns__segment_deleted(run->segment, article))
        NS_COUNT(JUDGE_DELETED);
    if (ns__segment_deleted(run->segment, article) ||
        (win->verdicts != NULL && win->verdicts[article] == NS__REFUSED))
        return;
    ns__hit hit = {candidate->bound * win->slack, run->segment_index, ns__exec_number(run, article),
                   passage, false};
    if (!ns__topk_enters(run->top, &hit))
        return; /* not even with a score that it cannot have */
    run->reader->profile->candidates++;
    hit.score = ns__exec_score(run, passage);
    if (!ns__topk_enters(run->top, &hit))
        NS_COUNT(JUDGE_STAYS_OUT);
    else if (!ns__passage_matches(run, passage))
        NS_COUNT(JUDGE_NO_LEAF);
    else if (!allowed(win, article, passage))
        NS_COUNT(JUDGE_NOT_ALLOWED);
    else if (!ns__exec_failed(run))
        ns__topk_put(run->top, &hit);
}

static void swap(float *a, float *b)
{
    float t = *a;
    *a = *b;
    *b = t;
}

/* The `wanted`-th largest of the values (0 for the largest); reorders them. Hoare's selection with
 * the middle value as pivot. */
static float select_largest(float *values, int64_t count, int64_t wanted)
{
    int64_t low = 0, high = count - 1;
    while (low < high) {
        float pivot = values[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (values[i] > pivot)
                i++;
            while (values[j] < pivot)
                j--;
            if (i <= j)
                swap(&values[i++], &values[j--]);
        }
        if (wanted <= j)
            high = j;
        else if (wanted >= i)
            low = i;
        else
            break; /* between the two stand values equal to the pivot */
    }
    return values[wanted];
}

void ns__window_judge(ns__window *win)
{
    enum { FEW = 64 };
    const ns__candidate *candidates = win->candidates;
    uint32_t count = win->candidate_count, limit = win->run->top->limit;
    uint32_t few = limit < FEW ? FEW : limit;
    float cut = -1;
    if (count > 2 * (uint64_t)few) { /* the best ones first raise the bar for the others */
        for (uint32_t i = 0; i < count; i++)
            win->order[i] = candidates[i].bound;
        NS_COUNT(JUDGE_BEST_FIRST);
        cut = select_largest(win->order, count, few - 1);
        for (uint32_t i = 0; i < count; i++)
            if (candidates[i].bound >= cut)
                judge(win, &candidates[i]);
    }
    for (uint32_t i = 0; i < count && !ns__exec_failed(win->run); i++)
        if (cut < 0 || candidates[i].bound < cut)
            judge(win, &candidates[i]);
}
