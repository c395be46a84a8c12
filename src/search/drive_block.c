/* One block of the driving list: scores of its postings, filters, and what becomes of what is left.
 */
#include "search/drive.h"

#include "base/count.h"

/* Scores the postings [from, to) of the driver, whose passages are not shorter than `shortest`, and
 * keeps what may reach the bar. */
static void rate(ns__drive *drive, uint32_t from, uint32_t to, uint32_t shortest, float need)
{
    const ns__cursor *cursor = &drive->lists[drive->driver].cursor;
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    const uint32_t alive = drive->alive;
    ns__rate_job job = {.ids = cursor->ids + from,
                        .tfs = cursor->tfs + from,
                        .count = to - from,
                        .slot = from,
                        .of = &drive->run->segment->postings.lengths,
                        .factor = drive->lists[drive->driver].factor,
                        .c0 = (float)bm25->c0,
                        .c1 = (float)bm25->c1,
                        .need = need,
                        .slots = drive->slots + alive,
                        .kept = drive->ids + alive,
                        .parts = drive->sums + alive,
                        .lengths = drive->lengths + alive};
    job.least = ns__least_tf(&job, shortest);
    drive->alive += drive->kernels->rate(&job);
    drive->run->reader->profile->postings_scored += to - from;
}

/* Drops what the mask lacks. */
static void sift(ns__drive *drive)
{
    const uint64_t *mask = drive->mask;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        ns__drive_keep(drive, kept, i);
        kept += mask[drive->ids[i] / 64] >> (drive->ids[i] % 64) & 1;
    }
    drive->alive = kept;
}

/* Drops what is kept apart: hardly ever more than one of a block. */
static void drop_apart(ns__drive *drive)
{
    const ns__strays *strays = drive->strays;
    if (drive->alive == 0)
        return;
    const uint32_t last = drive->ids[drive->alive - 1];
    for (uint32_t s = ns__strays_from(strays, drive->ids[0]);
         drive->alive > 0 && s < strays->count && strays->passages[s] <= last; s++) {
        const uint32_t from = ns__lower_bound(drive->ids, 0, drive->alive, strays->passages[s]);
        if (from == drive->alive || drive->ids[from] != strays->passages[s])
            continue;
        NS_COUNT(STRAYS_APART);
        for (uint32_t i = from + 1; i < drive->alive; i++)
            ns__drive_keep(drive, i - 1, i);
        drive->alive--;
    }
}

/* Whether some list holds a posting that was asked about. */
static bool holds_any(const ns__drive *drive, uint32_t slot)
{
    bool any = false;
    for (uint32_t l = 0; l < drive->count; l++)
        any |= drive->lists[l].tfs[slot] > 0;
    return any;
}

/* Drops what no list holds: where none drives, most of what is asked about. */
static void drop_empty(ns__drive *drive)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        const bool stays = drive->sums[i] > 0 || holds_any(drive, drive->slots[i]);
        ns__drive_keep(drive, kept, i);
        kept += stays;
    }
    drive->alive = kept;
}

/* Whether all passages of an article match or none does, as far as it was not asked yet: then only
 * the best of them counts. */
static bool best_counts(const ns__drive *drive)
{
    const ns__exec *run = drive->run;
    const ns__plan *plan = run->plan;
    return !run->top->passages && !plan->phrases &&
           (plan->nots == 0 || run->options->scope == NS_SCOPE_ARTICLE);
}

/* Leaves of the passages of an article that stand together the best, the first of equal ones. One
 * that a list before has was looked at already, and its score here is too low: so whoever is not
 * better than that stays out as well. */
static void leave_best(ns__drive *drive, uint32_t *articles, float *scores)
{
    uint32_t kept = 1, article = articles[0];
    float score = scores[0];                      /* of the last one kept */
    for (uint32_t i = 1; i < drive->alive; i++) { /* without branches: nobody can foresee them */
        const bool same = articles[i] == article, better = scores[i] > score;
        kept -= same & better;
        article = articles[i];
        score = (!same | better) ? scores[i] : score;
        articles[kept] = article;
        scores[kept] = scores[i];
        drive->slots[kept] = drive->slots[i];
        drive->ids[kept] = drive->ids[i];
        kept += !same | better;
    }
    if (kept < drive->alive)
        NS_COUNT(DRIVE_WORSE);
    drive->alive = kept;
}

void ns__drive_ask(ns__drive *drive)
{
    float scores[NS_BLOCK_MAX];
    uint32_t articles[NS_BLOCK_MAX];
    drive->started = false;
    ns__drive_ask_all(drive);
    if (drive->driver == NS_DRIVE_NONE)
        drop_empty(drive);
    if (drive->phrase != UINT32_MAX && !drive->started)
        ns__drive_start_phrase(drive);
    if (drive->alive == 0)
        return;
    const ns__alive all =
        ns__drive_alive(drive, 0); /* the bar may be above what was asked for first */
    drive->alive = drive->kernels->keep(&all, drive->alive, ns__drive_bar(drive), &all);
    ns__drive_exclude(drive);
    if (drive->alive == 0)
        return;
    ns__exec_articles(drive->run, drive->kernels, drive->ids, drive->alive, articles);
    ns__drive_score(drive, scores);
    if (best_counts(drive))
        leave_best(drive, articles, scores);
    ns__drive_judge(drive, articles, scores);
}

/* Scores the postings of the driver's block, those of a half that can reach the bar. */
static void rate_halves(ns__drive *drive, uint32_t block, float need)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const ns__cursor *cursor = &driver->cursor;
    const uint32_t half = cursor->list.decoded ? cursor->count : cursor->list.block_postings / 2;
    for (uint32_t from = 0, i = 0; from < cursor->count; from += half, i++) {
        const uint32_t to = cursor->count - from > half ? from + half : cursor->count;
        if (cursor->bounds[2 * (size_t)block + i] * driver->factor >= need)
            rate(drive, from, to, ns__plist_shortest(&cursor->list, block, i), need);
        else
            NS_COUNT(DRIVE_HALF_SKIPPED);
    }
}

/* Takes all of them as they are. */
static void take_all(ns__drive *drive)
{
    const ns__cursor *cursor = &drive->lists[drive->driver].cursor;
    NS_COUNT(DRIVE_LATE);
    memcpy(drive->ids, cursor->ids, cursor->count * sizeof *cursor->ids);
    memcpy(drive->slots, drive->numbers, cursor->count * sizeof *drive->numbers);
    drive->alive = cursor->count;
}

/* Whether postings are rated that have a phrase instead of all: where none can be left out before,
 * and the first list that is asked has to hold them. */
static bool rates_late(const ns__drive *drive, float need)
{
    uint32_t l = 0;
    if (drive->phrase == UINT32_MAX || need > 0)
        return false;
    while (l < drive->count && !ns__drive_asks(drive, l))
        l++;
    return l < drive->count && drive->lists[l].required;
}

void ns__drive_block(ns__drive *drive, uint32_t block)
{
    ns__exec *run = drive->run;
    ns__drive_list *driver = &drive->lists[drive->driver];
    ns__cursor *cursor = &driver->cursor;
    if (ns__exec_expired(run))
        return;
    run->reader->profile->windows++;
    float need;
    drive->alive = 0;
    if (!ns__drive_needs(drive, ns__block_first(cursor, block),
                         ns__plist_last(&cursor->list, block), &need) ||
        !ns__cursor_load(cursor, block) || !ns__cursor_load_tfs(cursor))
        return;
    drive->late = rates_late(drive, need);
    if (drive->late)
        take_all(drive);
    else
        rate_halves(drive, block, need);
    if (drive->mask != NULL)
        sift(drive);
    if (drive->strays != NULL)
        drop_apart(drive);
    if (drive->late || !ns__drive_best_first(drive, ns__block_first(cursor, block),
                                             ns__plist_last(&cursor->list, block)))
        ns__drive_ask(drive);
}

void ns__drive_passages(ns__drive *drive, uint32_t count)
{
    const ns__lengths *lengths = &drive->run->segment->postings.lengths;
    float need;
    drive->run->reader->profile->windows++;
    drive->alive = 0;
    if (!ns__drive_needs(drive, drive->ids[0], drive->ids[count - 1], &need))
        return;
    if (need > 0) {
        NS_COUNT(UNITS_BOUNDED);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        drive->slots[i] = i;
        drive->sums[i] = 0;
        drive->lengths[i] = (float)ns__length_of(lengths, drive->ids[i]);
    }
    drive->alive = count;
    ns__drive_ask(drive);
}
