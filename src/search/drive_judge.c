/* The last questions, about passages that would enter the heap. */
#include "search/drive.h"
#include "search/match.h"

#include "base/count.h"

/* Whether a list that drove before holds the passage: then it was looked at already. */
static bool was_seen(ns__drive *drive, uint32_t passage)
{
    for (uint32_t l = 0; l < drive->count; l++)
        if (drive->lists[l].driven && ns__cursor_seek(&drive->lists[l].cursor, passage) == passage)
            return true;
    return false;
}

/* Whether the passage contains what makes it match: all required leaves or, without any, one of
 * those that are wanted: a slot of a phrase alone is none. */
static bool leaves_hold(const ns__drive *drive, uint32_t passage, uint32_t slot)
{
    ns__exec *run = drive->run;
    const ns__plan *plan = run->plan;
    if (!plan->phrases)
        return true;
    if (drive->verdicts != NULL)
        return ns__passage_matches(run, passage);
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (l == drive->phrase && ns__starts_verdict_of(&drive->starts[slot]) == NS__STARTS_SOME) {
            NS_COUNT(STARTS_SOME);
            continue;
        }
        if (plan->musts > 0 && plan->leaves[l].occur == NS__MUST &&
            !ns__leaf_holds(run, l, passage))
            return false;
        if (plan->musts == 0 && plan->leaves[l].occur == NS__SHOULD &&
            ns__leaf_within(run, l, passage, passage + 1))
            return true;
    }
    return plan->musts > 0;
}

/* The same of the whole unit, remembered. */
static bool unit_allowed(ns__drive *drive, uint32_t article, uint32_t passage)
{
    if (drive->verdicts[article] == NS__UNKNOWN)
        drive->verdicts[article] =
            ns__unit_allowed(drive->run, passage) ? NS__ALLOWED : NS__REFUSED;
    return drive->verdicts[article] == NS__ALLOWED;
}

/* Whether the passage's unit is free of excluded leaves, and has the required ones where it is the
 * article. */
static bool allowed(ns__drive *drive, uint32_t article, uint32_t passage)
{
    ns__exec *run = drive->run;
    bool by_article = run->options->scope == NS_SCOPE_ARTICLE;
    if (drive->verdicts != NULL)
        return unit_allowed(drive, article, passage);
    if (run->plan->nots == 0 || drive->settled || drive->free)
        return true;
    if (by_article && drive->judged == article)
        return drive->verdict;
    const bool free = ns__unit_free(run, passage);
    drive->judged = by_article ? article : UINT32_MAX;
    drive->verdict = free;
    return free;
}

static void judge(ns__drive *drive, uint32_t at, uint32_t article, float score)
{
    ns__exec *run = drive->run;
    const uint32_t passage = drive->ids[at];
    if (score < ns__topk_threshold(run->top))
        return;
    ns__hit hit = {score, run->segment_index, 0, passage, false};
    if (!ns__exec_enter(run, passage, article))
        return;
    if (drive->verdicts != NULL && drive->verdicts[article] == NS__REFUSED) {
        NS_COUNT(DRIVE_REFUSED);
        return;
    }
    hit.article = ns__exec_number(run, article);
    if (!ns__topk_enters(run->top, &hit))
        NS_COUNT(DRIVE_STAYS_OUT);
    else if (ns__segment_deleted(run->segment, article))
        NS_COUNT(DRIVE_DELETED);
    else if (was_seen(drive, passage))
        NS_COUNT(DRIVE_SEEN);
    else if (!leaves_hold(drive, passage, drive->slots[at]))
        NS_COUNT(DRIVE_NO_LEAF);
    else if (!allowed(drive, article, passage))
        NS_COUNT(DRIVE_EXCLUDED);
    else if (!ns__exec_failed(run))
        ns__topk_put(run->top, &hit);
}

void ns__drive_judge(ns__drive *drive, const uint32_t *articles, const float *scores)
{
    for (uint32_t i = 0; i < drive->alive && !ns__exec_failed(drive->run); i++)
        judge(drive, i, articles[i], scores[i]);
}
