/* The best of a block first, as long as the heap is not full.
 *
 * Before there is a bar, all postings of the first block would be looked up in all other lists:
 * each in a block of its own, where these are long. Those that the driver gives most are asked
 * about first, somewhat more than results are wanted. With the bar that they leave, few of the
 * others are asked about at all. */
#include "search/drive.h"

#include "base/count.h"

/* Postings that are asked about later. */
typedef struct later {
    uint32_t count;
    uint32_t slots[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM];
    float sums[NS_BLOCK_ROOM], lengths[NS_BLOCK_ROOM];
} later;

/* Which part of the driver's postings is in all other lists that have to hold them, as far as that
 * is by chance. 0 with phrases, which nobody can foresee. */
static double expected(const ns__drive *drive)
{
    double part = 1;
    if (drive->phrase != UINT32_MAX)
        return 0;
    for (uint32_t l = 0; l < drive->count; l++)
        if (l != drive->driver && drive->lists[l].required)
            part *= (double)drive->lists[l].cursor.list.df / drive->run->segment->postings.passages;
    return part;
}

/* What about `wanted` of the postings that are alive reach, or a few more. */
static float sum_of_best(const ns__drive *drive, uint32_t wanted)
{
    enum { STEPS = 64 };
    const float *sums = drive->sums;
    float least = sums[0], most = sums[0];
    uint16_t counts[STEPS] = {0};
    for (uint32_t i = 1; i < drive->alive; i++) {
        least = sums[i] < least ? sums[i] : least;
        most = sums[i] > most ? sums[i] : most;
    }
    if (!(most > least))
        return least;
    const float scale = (STEPS - 1) / (most - least);
    for (uint32_t i = 0; i < drive->alive; i++)
        counts[(uint32_t)((sums[i] - least) * scale)]++;
    uint32_t step = STEPS, found = 0;
    while (step > 0 && found < wanted)
        found += counts[--step];
    return least + (float)step / scale;
}

/* What the other lists may add to a posting here that they mostly do not: how far the bar will stay
 * behind what the best can have. */
static float unlikely(const ns__drive *drive)
{
    const uint32_t passages = drive->run->segment->postings.passages;
    float sum = 0;
    for (uint32_t l = 0; l < drive->count; l++) {
        const ns__drive_list *list = &drive->lists[l];
        if (ns__drive_asks(drive, l) && !list->of_required)
            sum += list->here * (1 - (float)list->cursor.list.df / (float)passages);
    }
    return sum;
}

/* Whether a good part of what is alive will be left out when the best have set the bar. */
static bool pays(const ns__drive *drive, float least)
{
    const float bar = least - unlikely(drive);
    uint32_t below = 0;
    for (uint32_t i = 0; i < drive->alive; i++)
        below += drive->sums[i] < bar;
    return below * 4 >= drive->alive;
}

/* Leaves those of at least `least`; the others are for later. */
static void put_off(ns__drive *drive, float least, later *rest)
{
    uint32_t kept = 0, off = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        const bool stays = drive->sums[i] >= least;
        rest->slots[off] = drive->slots[i];
        rest->ids[off] = drive->ids[i];
        rest->sums[off] = drive->sums[i];
        rest->lengths[off] = drive->lengths[i];
        drive->slots[kept] = drive->slots[i];
        drive->ids[kept] = drive->ids[i];
        drive->sums[kept] = drive->sums[i];
        drive->lengths[kept] = drive->lengths[i];
        kept += stays;
        off += !stays;
    }
    drive->alive = kept;
    rest->count = off;
}

/* How many to begin with; 0 where that does not help. */
static uint32_t how_many(const ns__drive *drive)
{
    const ns__topk *top = drive->run->top;
    if (drive->in_vain || top->count >= top->limit || drive->alive <= top->limit)
        return 0;
    const double wanted = top->limit * 1.25 / expected(drive); /* may be infinite */
    return wanted * 2 <= drive->alive ? (uint32_t)wanted : 0;
}

bool ns__drive_best_first(ns__drive *drive, uint32_t first, uint32_t last)
{
    const uint32_t wanted = how_many(drive);
    later rest;
    float need;
    if (wanted == 0)
        return false;
    const float least = sum_of_best(drive, wanted);
    if (!pays(drive, least))
        return false;
    NS_COUNT(DRIVE_BEST_FIRST);
    put_off(drive, least, &rest);
    ns__drive_ask(drive);
    drive->in_vain = drive->run->top->count < drive->run->top->limit;
    if (ns__exec_failed(drive->run) || !ns__drive_needs(drive, first, last, &need))
        return true;
    const ns__alive from = {rest.slots, rest.ids, rest.sums, rest.lengths};
    const ns__alive to = {drive->slots, drive->ids, drive->sums, drive->lengths};
    drive->alive = drive->kernels->keep(&from, rest.count, need, &to);
    ns__drive_ask(drive);
    return true;
}
