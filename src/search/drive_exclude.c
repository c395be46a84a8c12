/* Dropping passages with an excluded word many at a time, where each passage tells. What is asked
 * one by one instead, as phrases are, is left to drive_judge.c. */
#include "search/drive.h"

#include "base/count.h"

/* At most: a word that is nowhere has none, and excludes nothing. */
static bool is_word_of_one_list(const ns__exec *run, const ns__plan_leaf *leaf)
{
    return leaf->kind == NS__LEAF_TERMS && leaf->slot_count == 1 && leaf->literals == NULL &&
           run->lists[leaf->slots[0]].count <= 1;
}

/* The lists of excluded words, if they are all that is excluded. */
static void open_excluded(ns__drive *drive)
{
    ns__exec *run = drive->run;
    const ns__plan *plan = run->plan;
    const bool alone =
        run->options->scope == NS_SCOPE_PASSAGE || run->segment->articles.one_passage;
    drive->excludes = true;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__NOT && !is_word_of_one_list(run, &plan->leaves[l]))
            return;
    if (!alone || drive->settled || drive->verdicts != NULL)
        return;
    drive->excluded = ns__arena_alloc(run->reader->arena, plan->nots * sizeof *drive->excluded);
    if (drive->excluded == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return;
    }
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur == NS__NOT && run->lists[leaf->slots[0]].count == 1)
            drive->excluded[drive->excluded_count++] =
                ns__cursor_copy(&run->lists[leaf->slots[0]].cursors[0]);
    }
}

/* Drops what the list has. */
static void drop(ns__drive *drive, ns__cursor *cursor)
{
    uint32_t at[NS_BLOCK_ROOM], found, any = 0;
    const uint32_t *const ids = drive->ids, alive = drive->alive;
    memset(at, 0, alive * sizeof *at);
    for (uint32_t from = 0, to; from < alive; from = to) {
        const uint32_t block = ns__cursor_find(cursor, ids[from], cursor->block);
        if (block == cursor->list.blocks)
            break;
        const uint32_t last = ns__plist_last(&cursor->list, block);
        to = ns__end_of(ids, from, alive, last);
        cursor->block = block;
        if (!ns__cursor_lookup(cursor, drive->kernels, block, ids + from, to - from, at + from,
                               &found))
            return;
        any += found;
        for (uint32_t i = from; i < to; i++) /* NS_NOWHERE for what goes */
            at[i] = at[i] == NS_NOWHERE ? 0 : NS_NOWHERE;
    }
    const ns__alive here = ns__drive_alive(drive, 0);
    if (any > 0)
        drive->alive = drive->kernels->keep_found(&here, at, alive, &here);
}

void ns__drive_exclude(ns__drive *drive)
{
    /* Few are asked one by one in less time, and where few are wanted, few are asked. */
    enum { FEW = 8, FEW_WANTED = 32 };
    drive->free = false;
    if (drive->run->plan->nots == 0 || drive->alive < FEW || drive->run->top->limit <= FEW_WANTED)
        return;
    if (!drive->excludes)
        open_excluded(drive);
    if (drive->excluded_count == 0)
        return;
    NS_COUNT(DRIVE_EXCLUDES);
    for (uint32_t e = 0; e < drive->excluded_count && drive->alive > 0; e++)
        drop(drive, &drive->excluded[e]);
    drive->free = true;
}
