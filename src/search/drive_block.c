/* One block of the driving list: filters, exact scores, the last questions. */
#include "search/drive.h"

#include "base/count.h"

/* Scores the postings [from, to) of the driver and keeps what may reach the bar. */
static void rate(ns__drive *drive, uint32_t from, uint32_t to, float need)
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
    drive->alive += drive->kernels->rate(&job);
    drive->run->reader->profile->postings_scored += to - from;
}

/* Moves what is alive at `i` to `kept`. */
static inline void keep(ns__drive *drive, uint32_t kept, uint32_t i)
{
    drive->slots[kept] = drive->slots[i];
    drive->ids[kept] = drive->ids[i];
    drive->sums[kept] = drive->sums[i];
    drive->lengths[kept] = drive->lengths[i];
}

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

static inline ns__alive alive_at(ns__drive *drive, uint32_t i)
{
    return (ns__alive){drive->slots + i, drive->ids + i, drive->sums + i, drive->lengths + i};
}

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
    const ns__alive from = alive_at(drive, all->first), to = alive_at(drive, kept);
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
    const ns__alive from = alive_at(drive, all->first), to = alive_at(drive, kept);
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
        const ns__alive here = alive_at(drive, first);
        for (uint32_t i = 0; i < end - first; i++)
            all->at[i] |= (uint32_t)stays[i] - 1; /* NS_NOWHERE for what goes */
        return first + drive->kernels->keep_found(&here, all->at, end - first, &here);
    }
    for (uint32_t i = first; i < end; i++) {
        keep(drive, kept, i);
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
        to = alive;
        if (drive->ids[alive - 1] > last)
            to = ns__end_of(drive->ids, from, alive, last);
        next = block;
        if (to < alive) {
            next = ns__cursor_find(&list->cursor, drive->ids[to], block);
            ns__cursor_fetch(&list->cursor, next, list->in_phrase);
        }
        const ns__alive here = alive_at(drive, from);
        all.block = block;
        all.first = from;
        all.count = to - from;
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

/* A phrase of one word again and again. */
static void start_phrase(ns__drive *drive)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        keep(drive, kept, i);
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
        keep(drive, kept, i);
        kept += here;
    }
    drive->alive = kept;
}

/* Asks all lists that are asked; a word of several lists is there if one of them holds it. */
static void ask_all(ns__drive *drive)
{
    const uint32_t driving =
        drive->driver == NS_DRIVE_NONE ? UINT32_MAX : drive->lists[drive->driver].group;
    for (uint32_t l = 0; l < drive->count && drive->alive > 0; l++) {
        ns__drive_list *list = &drive->lists[l];
        if (!ns__drive_asks(drive, l))
            continue;
        ask(drive, list);
        if (list->of_required && !list->required && list->last && list->group != driving) {
            NS_COUNT(DRIVE_WORD_OF_LISTS);
            drop_without(drive, l);
        }
    }
}

/* ---- The last questions, for what would enter the heap ---- */

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
    if (run->plan->nots == 0 || drive->settled)
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

/* Whether some list holds a posting that was asked about. */
static bool holds_any(const ns__drive *drive, uint32_t slot)
{
    bool any = false;
    for (uint32_t l = 0; l < drive->count; l++)
        any |= drive->lists[l].tfs[slot] > 0;
    return any;
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

/* Drops what the mask lacks. */
static void sift(ns__drive *drive)
{
    const uint64_t *mask = drive->mask;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        keep(drive, kept, i);
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
            keep(drive, i - 1, i);
        drive->alive--;
    }
}

/* Drops what no list holds: where none drives, most of what is asked about. */
static void drop_empty(ns__drive *drive)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < drive->alive; i++) {
        const bool stays = drive->sums[i] > 0 || holds_any(drive, drive->slots[i]);
        keep(drive, kept, i);
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
    ask_all(drive);
    if (drive->driver == NS_DRIVE_NONE)
        drop_empty(drive);
    if (drive->phrase != UINT32_MAX && !drive->started)
        start_phrase(drive);
    if (drive->alive == 0)
        return;
    const ns__alive all = alive_at(drive, 0); /* the bar may be above what was asked for first */
    drive->alive = drive->kernels->keep(&all, drive->alive, ns__drive_bar(drive), &all);
    if (drive->alive == 0)
        return;
    ns__exec_articles(drive->run, drive->kernels, drive->ids, drive->alive, articles);
    ns__drive_score(drive, scores);
    if (best_counts(drive))
        leave_best(drive, articles, scores);
    for (uint32_t i = 0; i < drive->alive && !ns__exec_failed(drive->run); i++)
        judge(drive, i, articles[i], scores[i]);
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
    uint32_t half = cursor->list.decoded ? cursor->count : cursor->list.block_postings / 2;
    for (uint32_t from = 0, i = 0; from < cursor->count; from += half, i++) {
        uint32_t to = cursor->count - from > half ? from + half : cursor->count;
        if (cursor->bounds[2 * (size_t)block + i] * driver->factor >= need)
            rate(drive, from, to, need);
        else
            NS_COUNT(DRIVE_HALF_SKIPPED);
    }
    if (drive->mask != NULL)
        sift(drive);
    if (drive->strays != NULL)
        drop_apart(drive);
    if (!ns__drive_best_first(drive, ns__block_first(cursor, block),
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
