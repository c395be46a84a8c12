/* Asking the other lists about what is alive of the driving block, one list after the other. */
#include "search/drive.h"

#include "base/count.h"

/* Where the phrase may begin in the driver's posting `slot`. False when the run failed. */
static bool begin_starts(ns__drive *drive, uint32_t slot)
{
    ns__drive_list *driver = &drive->lists[drive->driver];
    ns__starts *starts = &drive->starts[slot];
    ns__starts_begin(drive->run, starts);
    return !driver->in_phrase || ns__starts_narrow(drive->run, drive->phrase, driver->group,
                                                   &driver->cursor, slot, starts);
}

/* Leaves of the starts in what is alive at `i` those that the list allows with posting `at` of its
 * block. False when none is left. */
static bool narrow(ns__drive *drive, ns__drive_list *list, uint32_t i, uint32_t at)
{
    const uint32_t slot = drive->slots[i];
    ns__starts *starts = &drive->starts[slot];
    if (!drive->started && !begin_starts(drive, slot))
        return false;
    if (list != &drive->lists[drive->driver] && ns__starts_verdict_of(starts) != NS__STARTS_NONE &&
        !ns__starts_narrow(drive->run, drive->phrase, list->group, &list->cursor, at, starts))
        return false;
    return ns__starts_verdict_of(starts) != NS__STARTS_NONE;
}

/* Postings that are alive and whose passages lie in one block of a list that is asked: some that
 * follow one another. */
typedef struct asked {
    ns__drive_list *list;
    uint32_t block; /* of the list; list.blocks behind the last */
    uint32_t first, count;
    float need;   /* what a sum must reach, with nothing but what was asked */
    uint32_t *at; /* of a word of the phrase: the posting that was found of each that is left */
} asked;

/* Finds the postings; *found of them. False when none is left, or the block is damaged. */
static bool find_postings(ns__drive *drive, const asked *all, uint32_t *at, uint32_t *found)
{
    ns__cursor *cursor = &all->list->cursor;
    *found = 0;
    if (all->block == cursor->list.blocks)
        memset(at, 0xff, all->count * sizeof *at); /* NS_NOWHERE */
    else if (!ns__cursor_lookup(cursor, drive->kernels, all->block, drive->ids + all->first,
                                all->count, at, found))
        return false;
    if (*found == 0)
        return !all->list->required;
    return !all->list->in_phrase || ns__cursor_load_tfs(cursor); /* places are read with them */
}

/* Adds what the list gives to `count` postings `at` of the block. False when it is damaged. */
static bool add_parts(ns__drive *drive, const asked *all, const uint32_t *at, uint32_t count,
                      const ns__alive *to, uint32_t *tfs)
{
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    if (!ns__cursor_pick_tfs(&all->list->cursor, at, count, count, tfs))
        return false;
    memset(tfs + count, 0, 8 * sizeof *tfs); /* nothing is added to what stands behind */
    drive->kernels->weigh(tfs, to->lengths, count, all->list->factor, (float)bm25->c0,
                          (float)bm25->c1, to->sums);
    return true;
}

/* Moves those that the required list has, and may still reach the bar, to `kept` and behind;
 * returns the end of that. by_slot[slot] = the posting that was found, of a word of the phrase. */
static uint32_t add_required(ns__drive *drive, const asked *all, uint32_t *at, uint32_t *by_slot,
                             uint32_t kept)
{
    const ns__alive from = ns__drive_alive(drive, all->first), to = ns__drive_alive(drive, kept);
    uint32_t tfs[NS_BLOCK_ROOM];
    const uint32_t count = drive->kernels->keep_found(&from, at, all->count, &to);
    uint32_t *const own = all->list->tfs;
    if (!add_parts(drive, all, at, count, &to, tfs))
        return kept;
    for (uint32_t i = 0; i < count; i++)
        own[to.slots[i]] = tfs[i];
    for (uint32_t i = 0; all->list->in_phrase && i < count; i++)
        by_slot[to.slots[i]] = at[i];
    return kept + drive->kernels->keep(&to, count, all->need, &to);
}

/* The same where the list is not required: few have a posting there as a rule. */
static uint32_t add_wanted(ns__drive *drive, const asked *all, uint32_t *at, uint32_t found,
                           uint32_t kept)
{
    const ns__alive from = ns__drive_alive(drive, all->first), to = ns__drive_alive(drive, kept);
    uint32_t places[NS_BLOCK_ROOM], ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM];
    float sums[NS_BLOCK_ROOM], lengths[NS_BLOCK_ROOM];
    const ns__alive some = {places, ids, sums, lengths};
    uint32_t *const own = all->list->tfs;
    const uint32_t *const slots = from.slots;
    if (found > 0) {
        const ns__alive numbered = {drive->numbers, from.ids, from.sums, from.lengths};
        const uint32_t count = drive->kernels->keep_found(&numbered, at, all->count, &some);
        if (!add_parts(drive, all, at, count, &some, tfs))
            return kept;
        for (uint32_t i = 0; i < count; i++) {
            from.sums[places[i]] = sums[i];
            own[slots[places[i]]] = tfs[i];
        }
    }
    return kept + drive->kernels->keep(&from, all->count, all->need, &to);
}

/* Adds what is found, moves what may still reach the bar to `kept` and behind, and returns the end
 * of that. */
static uint32_t add_found(ns__drive *drive, const asked *all, uint32_t kept)
{
    uint32_t at[NS_BLOCK_ROOM], by_slot[NS_BLOCK_ROOM], found;
    const uint32_t first = kept;
    if (!find_postings(drive, all, at, &found))
        return kept;
    if (all->list->required) {
        kept = add_required(drive, all, at, by_slot, kept);
    } else {
        for (uint32_t i = 0; all->list->in_phrase && i < all->count; i++)
            by_slot[drive->slots[all->first + i]] = at[i];
        kept = add_wanted(drive, all, at, found, kept);
    }
    for (uint32_t i = first; all->list->in_phrase && i < kept; i++)
        all->at[i - first] = by_slot[drive->slots[i]];
    return kept;
}

/* Of the postings [first, end) those that leave a phrase possible; returns their end. */
static uint32_t narrow_found(ns__drive *drive, const asked *all, uint32_t first, uint32_t end)
{
    ns__drive_list *driver = &drive->lists[drive->driver];
    uint32_t kept = first;
    uint8_t stays[NS_BLOCK_ROOM];
    bool done = false;
    const ns__starts_pairs pairs = {&driver->cursor,  &all->list->cursor,   driver->group,
                                    all->list->group, drive->slots + first, all->at,
                                    end - first};
    if (!drive->started && driver->in_phrase &&
        !ns__starts_narrow_pairs(drive->run, drive->phrase, &pairs, drive->starts, stays, &done))
        return first;
    if (done) {
        const ns__alive here = ns__drive_alive(drive, first);
        for (uint32_t i = 0; i < end - first; i++)
            all->at[i] |= (uint32_t)stays[i] - 1; /* NS_NOWHERE for what goes */
        return first + drive->kernels->keep_found(&here, all->at, end - first, &here);
    }
    for (uint32_t i = first; i < end; i++) {
        ns__drive_keep(drive, kept, i);
        kept += narrow(drive, all->list, kept, all->at[i - first]);
    }
    return kept;
}

/* Whether another list of the word holds the posting, of those asked before and the driver. */
static bool is_held(const ns__drive *drive, const ns__drive_list *list, uint32_t slot)
{
    if (drive->lists[drive->driver].group == list->group)
        return true;
    for (; list > drive->lists && list[-1].group == list->group; list--)
        if (list[-1].tfs[slot] > 0)
            return true;
    return false;
}

/* The same for a word with several lists. Nothing is dropped before all of them were asked; where
 * two hold a passage, it is left undecided. */
static void narrow_one_of(ns__drive *drive, const asked *all, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        const uint32_t slot = drive->slots[i], at = all->at[i - first];
        ns__starts *starts = &drive->starts[slot];
        if (!drive->started && !begin_starts(drive, slot))
            return;
        if (at == NS_NOWHERE)
            continue;
        if (is_held(drive, all->list, slot)) {
            NS_COUNT(DRIVE_WORD_TWICE);
            starts->unsure = true;
        } else if (!ns__starts_narrow(drive->run, drive->phrase, all->list->group,
                                      &all->list->cursor, at, starts)) {
            return;
        }
    }
}

/* Rates `count` postings from `first` on that the list has at `at`, now that they are known to be
 * of use. False when the run failed. */
static bool rate_late(ns__drive *drive, const asked *all, uint32_t first, uint32_t count,
                      const uint32_t *at)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const ns__bm25 *bm25 = &drive->run->plan->bm25;
    const ns__lengths *of = &drive->run->segment->postings.lengths;
    const ns__alive to = ns__drive_alive(drive, first);
    uint32_t tfs[NS_BLOCK_ROOM];
    for (uint32_t i = 0; i < count; i++) {
        to.lengths[i] = (float)ns__length_of(of, to.ids[i]);
        tfs[i] = driver->cursor.tfs[to.slots[i]];
        to.sums[i] = 0;
    }
    memset(tfs + count, 0, 8 * sizeof *tfs); /* nothing is added to what stands behind */
    drive->kernels->weigh(tfs, to.lengths, count, driver->factor, (float)bm25->c0, (float)bm25->c1,
                          to.sums);
    drive->run->reader->profile->postings_scored += count;
    if (!add_parts(drive, all, at, count, &to, tfs))
        return false;
    for (uint32_t i = 0; i < count; i++)
        all->list->tfs[to.slots[i]] = tfs[i];
    return true;
}

/* As add_required and narrow_found, of postings that are rated last: few have a phrase. */
static uint32_t add_late(ns__drive *drive, const asked *all, uint32_t kept)
{
    uint32_t at[NS_BLOCK_ROOM], by_slot[NS_BLOCK_ROOM], found;
    if (!find_postings(drive, all, at, &found))
        return kept;
    const ns__alive from = ns__drive_alive(drive, all->first), to = ns__drive_alive(drive, kept);
    uint32_t count = drive->kernels->keep_found(&from, at, all->count, &to);
    if (all->list->in_phrase) {
        for (uint32_t i = 0; i < count; i++)
            by_slot[to.slots[i]] = all->at[i] = at[i];
        all->list->cursor.places_soon = drive->lists[drive->driver].cursor.places_soon = count;
        count = narrow_found(drive, all, kept, kept + count) - kept;
        for (uint32_t i = 0; i < count; i++)
            at[i] = by_slot[to.slots[i]];
    }
    if (count == 0 || !rate_late(drive, all, kept, count, at))
        return kept;
    return kept + drive->kernels->keep(&to, count, all->need, &to);
}

/* Asks one list about what is alive. */
static void ask(ns__drive *drive, ns__drive_list *list)
{
    const ns__plist *of = &list->cursor.list;
    const uint32_t alive = drive->alive;
    uint32_t at[NS_BLOCK_ROOM], kept = 0, block = list->cursor.block;
    asked all = {.list = list, .need = ns__drive_bar(drive) - list->after - list->more, .at = at};
    if (!list->required)
        memset(list->tfs, 0, (drive->slots[alive - 1] + 1) * sizeof *list->tfs);
    block = ns__cursor_find(&list->cursor, drive->ids[0], block);
    for (uint32_t from = 0, to, next; from < alive && !ns__exec_failed(drive->run);
         from = to, block = next) {
        const bool behind = block == of->blocks;
        const uint32_t last = behind ? NS_END : ns__plist_last(of, block), first = kept;
        float bound = list->more;
        bound += behind ? 0 : ns__drive_float(list->tops[block]) * list->factor;
        const float least = all.need + list->more - (bound < list->here ? bound : list->here);
        to = ns__end_of(drive->ids, from, alive, last);
        next = block;
        if (to < alive) {
            next = ns__cursor_find(&list->cursor, drive->ids[to], block);
            ns__cursor_fetch(&list->cursor, next, list->in_phrase);
        }
        const ns__alive here = ns__drive_alive(drive, from);
        all.block = block;
        all.first = from;
        all.count = to - from;
        if (drive->late) {
            kept = add_late(drive, &all, first);
            continue;
        }
        if (least > 0) /* sums are not negative */
            all.count = drive->kernels->keep(&here, to - from, least, &here);
        if (all.count == 0)
            continue;
        kept = add_found(drive, &all, first);
        if (!list->in_phrase || kept == first)
            continue;
        list->cursor.places_soon = drive->lists[drive->driver].cursor.places_soon = kept - first;
        if (list->required)
            kept = narrow_found(drive, &all, first, kept);
        else
            narrow_one_of(drive, &all, first, kept);
    }
    list->cursor.block = block < of->blocks ? block : of->blocks - 1;
    drive->alive = kept;
    drive->started |= list->in_phrase;
}

void ns__drive_start_phrase(ns__drive *drive)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        ns__drive_keep(drive, kept, i);
        kept += narrow(drive, &drive->lists[drive->driver], i, 0);
    }
    drive->alive = kept;
}

/* Drops what no list of the required word holds whose last list is `last`, and where its places
 * leave no phrase. */
static void drop_without(ns__drive *drive, uint32_t last)
{
    uint32_t kept = 0, first = last;
    while (first > 0 && drive->lists[first - 1].group == drive->lists[last].group)
        first--;
    for (uint32_t i = 0; i < drive->alive; i++) {
        bool here = false;
        for (uint32_t l = first; l <= last; l++)
            here |= drive->lists[l].tfs[drive->slots[i]] > 0;
        if (drive->lists[last].in_phrase)
            here &= ns__starts_verdict_of(&drive->starts[drive->slots[i]]) != NS__STARTS_NONE;
        ns__drive_keep(drive, kept, i);
        kept += here;
    }
    drive->alive = kept;
}

void ns__drive_ask_all(ns__drive *drive)
{
    const uint32_t driving =
        drive->driver == NS_DRIVE_NONE ? UINT32_MAX : drive->lists[drive->driver].group;
    for (uint32_t l = 0; l < drive->count && drive->alive > 0; l++) {
        ns__drive_list *list = &drive->lists[l];
        if (!ns__drive_asks(drive, l))
            continue;
        ask(drive, list);
        drive->late = false; /* the first one has rated them */
        if (list->of_required && !list->required && list->last && list->group != driving) {
            NS_COUNT(DRIVE_WORD_OF_LISTS);
            drop_without(drive, l);
        }
    }
}
