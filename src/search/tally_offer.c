/* Counting and finding the best at once: where bounds of scores would rule out little, and where
 * hits are counted anyway, what is found twice costs more than to score all of it once.
 *
 * Led by a rare word, with the tfs of all words remembered; float sums of a block's hits, made by
 * vectors, say which of them are worth an exact score. */
#include "search/tally.h"

#include "base/count.h"

/* Whether bounds would not pay. Of a phrase hits are few, so that the bar is low, as it is where
 * many are wanted; and of more than two words hardly ever more than the first two are looked at. */
static bool bounds_are_idle(const ns__exec *run, uint32_t phrase, uint32_t leader)
{
    /* One of so many passages with the rarest word is a hit. */
    enum { OF_PHRASE = 16, OF_WORDS = 4 };
    const uint64_t limit = run->top->limit, df = run->lists[leader].df;
    if (phrase == UINT32_MAX)
        return limit * OF_WORDS >= df;
    return run->plan->leaves[phrase].slot_count > 2 || limit * OF_PHRASE >= df;
}

bool ns__tally_offers(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    bool nothing = false;
    const uint32_t phrase = ns__starts_leaf(run);
    const bool words = plan->musts > 1 && plan->shoulds == 0 && plan->run_count == 0 &&
                       !ns__tally_has_phrases(plan);
    if ((phrase == UINT32_MAX && !words) || run->collector != NULL || !ns__tally_by_passage(run))
        return false;
    const uint32_t leader = ns__tally_find_leader(run, &nothing);
    return leader != UINT32_MAX && (run->options->count || bounds_are_idle(run, phrase, leader));
}

bool ns__tally_open_tfs(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    ns__arena *arena = all->run->reader->arena;
    if (!all->offers || plan->run_count > 0 || plan->shoulds > 0)
        return true;
    all->sums = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *all->sums);
    all->lengths = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *all->lengths);
    all->tfs = ns__arena_alloc(arena, plan->group_count * sizeof *all->tfs);
    for (uint32_t g = 0; all->tfs != NULL && g < plan->group_count; g++)
        if ((all->tfs[g] = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof **all->tfs)) == NULL)
            return ns__tally_no_memory(all->run);
    return (all->tfs != NULL && all->sums != NULL && all->lengths != NULL) ||
           ns__tally_no_memory(all->run);
}

void ns__tally_keep_tfs(const ns__tally *all, uint32_t group, const uint32_t *slots, uint32_t count,
                        const uint32_t *at)
{
    uint32_t tfs[NS_BLOCK_ROOM], *of = all->tfs[group];
    if (count == 0 || !ns__cursor_pick_tfs(all->cursors[group], at, count, count, tfs))
        return;
    for (uint32_t i = 0; i < count; i++)
        of[slots[i]] = tfs[i];
}

/* The tfs of a group by postings of the leader. */
static const uint32_t *tfs_of(const ns__tally *all, uint32_t group)
{
    return group == all->leader ? all->cursors[group]->tfs : all->tfs[group];
}

void ns__tally_rate(ns__tally *all, const uint32_t *ids, uint32_t count)
{
    const ns__plan *plan = all->run->plan;
    const ns__lengths *of = &all->run->segment->postings.lengths;
    uint32_t tfs[NS_BLOCK_ROOM];
    float *const lengths = all->lengths, *const sums = all->sums;
    const uint32_t *const slots = all->slots;
    for (uint32_t i = 0; i < count; i++) {
        lengths[i] = (float)ns__length_of(of, ids[i]);
        sums[i] = 0;
    }
    for (uint32_t g = 0; g < plan->group_count; g++) {
        const uint32_t *here = tfs_of(all, g);
        const float factor = (float)(plan->groups[g].factor * (1 + 0x1p-22)); /* not below it */
        if (plan->groups[g].weight == 0)
            continue;
        for (uint32_t i = 0; i < count; i++)
            tfs[i] = here[slots[i]];
        all->kernels->weigh(tfs, lengths, count, factor, (float)plan->bm25.c0, (float)plan->bm25.c1,
                            sums);
    }
}

/* What float sums must reach: they may be a little too low; see drive.h. */
static float need_of(const ns__tally *all)
{
    const float slack = 1 + (float)(all->run->plan->group_count + 16) * 0x1p-22f;
    const float threshold = ns__topk_threshold(all->run->top);
    return threshold > 0 ? threshold / slack : threshold;
}

uint32_t ns__tally_keep(ns__tally *all, uint32_t *ids, uint32_t count)
{
    const ns__alive these = {all->slots, ids, all->sums, all->lengths};
    return all->kernels->keep(&these, count, need_of(all), &these);
}

bool ns__tally_may_enter(const ns__tally *all, uint32_t i)
{
    return all->tfs == NULL || all->sums[i] >= need_of(all);
}

/* As ns__exec_score. */
static float score_of(const ns__tally *all, uint32_t i, uint32_t passage)
{
    ns__exec *run = all->run;
    const ns__plan *plan = run->plan;
    if (all->tfs == NULL)
        return ns__exec_score(run, passage);
    const ns__lengths *lengths = &run->segment->postings.lengths;
    const uint32_t length = ns__length_from(lengths, passage, all->lengths[i]);
    const uint32_t slot = all->slots[i];
    double sum = 0;
    for (uint32_t g = 0; g < plan->group_count; g++)
        if (plan->groups[g].weight > 0)
            sum += ns__bm25_part(&plan->bm25, plan->groups[g].factor, tfs_of(all, g)[slot], length);
    return (float)sum;
}

void ns__tally_offer(const ns__tally *all, uint32_t i, uint32_t passage)
{
    ns__exec *run = all->run;
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end) ||
        ns__segment_deleted(run->segment, article))
        return;
    NS_COUNT(TALLY_OFFERS);
    ns__exec_offer(run, article, passage, score_of(all, i, passage));
}
