/* Exact scores of what is left of a block: all of it at once, so that no division waits for the one
 * before. */
#include "search/drive.h"

/* Adds what a list gives to the tfs of its word. */
static void add_tfs(const ns__drive *drive, uint32_t which, uint32_t *tfs)
{
    const ns__drive_list *list = &drive->lists[which];
    const uint32_t *from = which == drive->driver ? list->cursor.tfs : list->tfs;
    for (uint32_t i = 0; i < drive->alive; i++)
        tfs[i] += from[drive->slots[i]];
}

/* Of one passage: parts in the order of the plan's groups, as score.h asks. */
static float score_one(const ns__drive *drive, uint32_t at)
{
    const ns__plan *plan = drive->run->plan;
    const ns__lengths *lengths = &drive->run->segment->postings.lengths;
    const uint32_t slot = drive->slots[at];
    const uint32_t length = ns__length_from(lengths, drive->ids[at], drive->lengths[at]);
    double sum = 0;
    for (uint32_t i = 0, tf = 0; i < drive->count; i++) {
        const uint32_t l = drive->canonical[i], group = drive->lists[l].group;
        const ns__drive_list *list = &drive->lists[l];
        if (!list->driven)
            tf += l == drive->driver ? list->cursor.tfs[slot] : list->tfs[slot];
        if (i + 1 < drive->count && drive->lists[drive->canonical[i + 1]].group == group)
            continue;
        if (tf > 0)
            sum += ns__bm25_part(&plan->bm25, plan->groups[group].factor, tf, length);
        tf = 0;
    }
    return (float)sum;
}

/* Of all passages that are alive. */
static void score_all(const ns__drive *drive, float *scores)
{
    const ns__plan *plan = drive->run->plan;
    const ns__lengths *lengths = &drive->run->segment->postings.lengths;
    const uint32_t count = drive->alive;
    double sums[NS_BLOCK_MAX], ks[NS_BLOCK_MAX];
    uint32_t tfs[NS_BLOCK_MAX];
    for (uint32_t i = 0; i < count; i++) {
        ks[i] = ns__bm25_k(&plan->bm25, ns__length_from(lengths, drive->ids[i], drive->lengths[i]));
        sums[i] = 0;
        tfs[i] = 0;
    }
    for (uint32_t l = 0; l < drive->count; l++) {
        const uint32_t which = drive->canonical[l], group = drive->lists[which].group;
        if (!drive->lists[which].driven)
            add_tfs(drive, which, tfs);
        if (l + 1 < drive->count && drive->lists[drive->canonical[l + 1]].group == group)
            continue;
        drive->kernels->score(tfs, ks, count, plan->groups[group].factor, sums);
        memset(tfs, 0, count * sizeof *tfs);
    }
    for (uint32_t i = 0; i < count; i++)
        scores[i] = (float)sums[i];
}

void ns__drive_score(const ns__drive *drive, float *scores)
{
    enum { FEW = 4 };
    drive->run->reader->profile->candidates += drive->alive;
    if (drive->alive >= FEW) {
        score_all(drive, scores);
        return;
    }
    for (uint32_t i = 0; i < drive->alive; i++)
        scores[i] = score_one(drive, i);
}
