/* One block of the driving list: filters, exact scores, the last questions. */
#include "search/drive.h"

#include "base/count.h"

/* What the lists behind each list can add over the block; returns the sum of all of them, below 0
 * when a required one holds nothing here. */
static float find_after(ns__drive *drive, uint32_t first, uint32_t last)
{
    float after = 0;
    for (uint32_t l = drive->count; l-- > drive->driver + 1;) {
        ns__drive_list *list = &drive->lists[l];
        float here = ns__drive_bound(list, first, last);
        if (here < 0 && list->required)
            return -1.0f;
        list->after = after;
        after += here > 0 ? here : 0;
    }
    return after;
}

/* Scores the postings [from, to) of the driver and keeps what may reach the bar. */
static void rate(ns__drive *drive, uint32_t from, uint32_t to, float need)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    ns__rate_job job = {.ids = driver->cursor.ids + from,
                        .tfs = driver->cursor.tfs + from,
                        .count = to - from,
                        .lengths = &drive->run->segment->postings.lengths,
                        .factor = driver->factor,
                        .c0 = (float)bm25->c0,
                        .c1 = (float)bm25->c1,
                        .need = need,
                        .parts = drive->sums + from,
                        .length_of = drive->lengths + from};
    uint32_t *out = drive->alive + drive->alive_count;
    uint32_t kept = drive->kernels->rate(&job, out);
    for (uint32_t i = 0; i < kept; i++)
        out[i] += from;
    drive->alive_count += kept;
    drive->run->reader->profile->postings_scored += to - from;
}

/* The index of the first id >= passage from `at` on; the last id is not below it. */
static inline uint32_t find_in(const uint32_t *ids, uint32_t at, uint32_t count, uint32_t passage)
{
    enum { STEP = 32 };
    while (at + STEP < count && ids[at + STEP - 1] < passage)
        at += STEP;
    uint32_t end = at + STEP < count ? at + STEP : count;
    return ns__lower_bound(ids, at, end, passage);
}

/* Asks one list about the slots that are alive. */
static void ask(ns__drive *drive, ns__drive_list *list)
{
    ns__cursor *cursor = &list->cursor;
    const ns__plist *of = &cursor->list;
    const uint32_t *ids = drive->lists[drive->driver].cursor.ids;
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    const float c0 = (float)bm25->c0, c1 = (float)bm25->c1;
    const float need = ns__drive_bar(drive) - list->after;
    uint32_t kept = 0, block = cursor->block, at = 0, last = 0;
    float bound = 0;
    bool known = false; /* block, last and bound */
    for (uint32_t i = 0; i < drive->alive_count; i++) {
        uint32_t slot = drive->alive[i], id = ids[slot], tf = 0;
        if (!known || last < id) {
            block = ns__cursor_find(cursor, id, block);
            at = 0;
            known = true;
            last = block < of->blocks ? ns__plist_last(of, block) : NS_END;
            bound = block < of->blocks ? ns__block_bound(cursor, block) * list->factor : 0;
        }
        if (drive->sums[slot] + bound < need)
            continue;
        if (block < of->blocks) {
            if (cursor->loaded != block && !ns__cursor_load(cursor, block))
                return;
            at = find_in(cursor->ids, at, cursor->count, id);
            if (at < cursor->count && cursor->ids[at] == id) {
                if (!cursor->tfs_loaded && !ns__cursor_load_tfs(cursor))
                    return;
                tf = cursor->tfs[at];
                float tf_float = (float)tf;
                drive->sums[slot] +=
                    list->factor * (tf_float / (tf_float + (c0 + c1 * drive->lengths[slot])));
            }
        }
        if ((tf == 0 && list->required) || drive->sums[slot] < need)
            continue;
        list->tfs[slot] = tf;
        drive->alive[kept++] = slot;
    }
    cursor->block = block < of->blocks ? block : of->blocks - 1;
    drive->alive_count = kept;
}

/* The exact score of a slot: parts in the order of the plan's groups, as score.h asks. */
static float exact(const ns__drive *drive, uint32_t slot, uint32_t passage)
{
    const ns__plan *plan = drive->run->plan;
    uint32_t length = ns__length_of(&drive->run->segment->postings.lengths, passage);
    double sum = 0;
    for (uint32_t i = 0; i < drive->count; i++) {
        uint32_t l = drive->canonical[i];
        const ns__drive_list *list = &drive->lists[l];
        if (l < drive->driver)
            continue;
        uint32_t tf = l == drive->driver ? list->cursor.tfs[slot] : list->tfs[slot];
        if (tf > 0)
            sum += ns__bm25_part(&plan->bm25, plan->groups[list->group].factor, tf, length);
    }
    return (float)sum;
}

/* ---- The last questions, for what would enter the heap ---- */

/* Whether a list that drove before holds the passage: then it was looked at already. */
static bool was_seen(ns__drive *drive, uint32_t passage)
{
    for (uint32_t l = 0; l < drive->driver; l++)
        if (ns__cursor_seek(&drive->lists[l].cursor, passage) == passage)
            return true;
    return false;
}

/* Whether the passage contains what makes it match: all required leaves or, without any, one of
 * those that are wanted: a slot of a phrase alone is none. */
static bool leaves_hold(ns__exec *run, uint32_t passage)
{
    const ns__plan *plan = run->plan;
    if (!plan->phrases)
        return true;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->musts > 0 && plan->leaves[l].occur == NS__MUST &&
            !ns__leaf_holds(run, l, passage))
            return false;
        if (plan->musts == 0 && plan->leaves[l].occur == NS__SHOULD &&
            ns__leaf_within(run, l, passage, passage + 1))
            return true;
    }
    return plan->musts > 0;
}

/* Whether the passage's unit is free of excluded leaves. */
static bool allowed(ns__drive *drive, uint32_t article, uint32_t passage)
{
    ns__exec *run = drive->run;
    bool by_article = run->options->scope == NS_SCOPE_ARTICLE;
    if (run->plan->nots == 0)
        return true;
    if (by_article && drive->judged == article)
        return drive->verdict;
    uint32_t first, end;
    if (!ns__exec_unit(run, passage, &first, &end))
        return false;
    bool free = true;
    for (uint32_t l = 0; l < run->plan->leaf_count && free; l++)
        if (run->plan->leaves[l].occur == NS__NOT)
            free = !ns__leaf_within(run, l, first, end);
    drive->judged = by_article ? article : UINT32_MAX;
    drive->verdict = free;
    return free;
}

static void judge(ns__drive *drive, uint32_t slot)
{
    ns__exec *run = drive->run;
    uint32_t passage = drive->lists[drive->driver].cursor.ids[slot], article, first, end;
    ns__hit hit = {exact(drive, slot, passage), run->segment_index, 0, passage};
    run->reader->profile->candidates++;
    if (hit.score < ns__topk_threshold(run->top) ||
        !ns__exec_article(run, passage, &article, &first, &end))
        return;
    hit.article = run->first_article + article;
    if (!ns__topk_enters(run->top, &hit))
        NS_COUNT(DRIVE_STAYS_OUT);
    else if (ns__segment_deleted(run->segment, article))
        NS_COUNT(DRIVE_DELETED);
    else if (was_seen(drive, passage))
        NS_COUNT(DRIVE_SEEN);
    else if (!leaves_hold(run, passage))
        NS_COUNT(DRIVE_NO_LEAF);
    else if (!allowed(drive, article, passage))
        NS_COUNT(DRIVE_EXCLUDED);
    else if (!ns__exec_failed(run))
        ns__topk_put(run->top, &hit);
}

void ns__drive_block(ns__drive *drive, uint32_t block)
{
    ns__exec *run = drive->run;
    ns__drive_list *driver = &drive->lists[drive->driver];
    ns__cursor *cursor = &driver->cursor;
    run->reader->profile->windows++;
    float after =
        find_after(drive, ns__block_first(cursor, block), ns__plist_last(&cursor->list, block));
    float need = ns__drive_bar(drive) - after;
    drive->alive_count = 0;
    if (after < 0 || !ns__cursor_load(cursor, block) || !ns__cursor_load_tfs(cursor))
        return;
    uint32_t half = cursor->list.decoded ? cursor->count : cursor->list.block_postings / 2;
    for (uint32_t from = 0, i = 0; from < cursor->count; from += half, i++) {
        uint32_t to = cursor->count - from > half ? from + half : cursor->count;
        if (cursor->bounds[2 * (size_t)block + i] * driver->factor >= need)
            rate(drive, from, to, need);
        else
            NS_COUNT(DRIVE_HALF_SKIPPED);
    }
    for (uint32_t l = drive->driver + 1; l < drive->count && drive->alive_count > 0; l++)
        ask(drive, &drive->lists[l]);
    for (uint32_t i = 0; i < drive->alive_count && !ns__exec_failed(run); i++)
        judge(drive, drive->alive[i]);
}
