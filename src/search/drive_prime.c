/* A bar before anything was found. */
#include "search/drive.h"

#include "base/count.h"

enum { STEPS = 256 }; /* as many as a quantised bound has */

/* Parts of a score by steps of 1 / 255, rounded down. */
typedef struct parts {
    uint32_t counts[STEPS];
} parts;

/* A quantised bound is the part of the best posting of its half block, rounded up: so some posting
 * has more than one step less. */
static void count_halves(const ns__plist *list, parts *all)
{
    const uint32_t half = list->block_postings / 2, last = list->blocks - 1;
    const size_t halves = 2 * (size_t)last + (ns__plist_count(list, last) > half ? 2 : 1);
    for (size_t i = 0; i < halves; i++)
        all->counts[list->quant[i] > 0 ? list->quant[i] - 1 : 0]++;
}

static void count_postings(const ns__drive *drive, const ns__plist *list, parts *all)
{
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    for (uint32_t i = 0; i < list->df; i++) {
        const uint32_t length = ns__length_of(&list->owner->lengths, list->ids[i]);
        const float part = (float)ns__bm25_part(bm25, 1, list->tfs[i], length);
        all->counts[(uint32_t)(part * (STEPS - 1))]++;
    }
}

/* Whether the bounds are those of the best postings, not of pairs that were joined. A list that was
 * made for a query has none of either. */
static bool are_tight(const ns__drive *drive, const ns__plist *list)
{
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    return bm25->k1 == list->owner->k1 && bm25->b == list->owner->b &&
           bm25->average == list->owner->average;
}

/* What at least as many postings of the list add as results are wanted; 0 when that is not known.
 */
static float kth_part(const ns__drive *drive, const ns__drive_list *of)
{
    const ns__plist *list = &of->cursor.list;
    const uint32_t limit = drive->run->top->limit;
    parts all = {{0}};
    if (list->decoded && list->df >= limit)
        count_postings(drive, list, &all);
    else if (list->quant != NULL && 2 * (uint64_t)list->blocks > limit && are_tight(drive, list))
        count_halves(list, &all);
    else
        return 0;
    uint32_t step = STEPS, found = 0;
    while (found < limit && step > 0)
        found += all.counts[--step];
    return found < limit ? 0 : (float)step / (STEPS - 1);
}

void ns__drive_prime(ns__drive *drive)
{
    const ns__plan *plan = drive->run->plan;
    ns__topk *top = drive->run->top;
    if (!top->passages || top->limit == 0 || drive->run->collector != NULL ||
        drive->run->segment->deleted != NULL || plan->musts > 0 || plan->nots > 0 || plan->phrases)
        return;
    for (uint32_t l = 0; l < drive->count; l++) {
        const ns__drive_list *list = &drive->lists[l];
        if (list->most <= top->bar)
            continue;
        /* less a little for the rounding of scores and of this */
        const float least =
            kth_part(drive, list) * (float)plan->groups[list->group].factor * (1 - 0x1p-20f);
        if (least > top->bar) {
            NS_COUNT(DRIVE_PRIMED);
            top->bar = least;
        }
    }
}
