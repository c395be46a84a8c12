/* Counting and finding the best at once: where bounds of scores would rule out little, and where
 * hits are counted anyway, what is found twice costs more than to score all of it once.
 *
 * Led by a rare word, with the tfs of all words remembered; float sums of a block's hits, made by
 * vectors, say which of them are worth an exact score. Words that are only wanted are looked up for
 * what may enter the heap with them. */
#include "search/tally.h"

#include "base/count.h"

/* Whether bounds would not pay for a phrase: hits are few, so that the bar is low, as it is where
 * many are wanted; and of more than two words hardly ever more than the first two are looked at. */
static bool phrase_is_idle(const ns__exec *run, uint32_t phrase, uint32_t leader)
{
    enum { OF_PHRASE = 16 }; /* one of so many passages with the rarest word is a hit */
    return run->plan->leaves[phrase].slot_count > 2 ||
           run->top->limit * OF_PHRASE >= run->lists[leader].df;
}

/* The same of words: the fewer hits there are for each result that is wanted, the lower the bar,
 * and the smaller the part that other required words have in scores, the more the bounds of the
 * rest tell. How many hits there are is guessed as if words knew nothing of each other. */
static bool words_are_idle(const ns__exec *run, uint32_t leader, double hits_a_result)
{
    const ns__plan *plan = run->plan;
    double hits = run->lists[leader].df, all = 0, others = 0;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        const uint32_t group = leaf->slots[0];
        if (leaf->occur == NS__NOT)
            continue;
        all += plan->groups[group].factor;
        if (leaf->occur != NS__MUST || group == leader)
            continue;
        others += plan->groups[group].factor;
        hits *= (double)run->lists[group].df / run->segment->articles.passages;
    }
    return hits * all <= hits_a_result * (double)run->top->limit * others;
}

/* Whether all that is wanted beside what is required are words of one list each, or none. */
static bool wants_words(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    bool words = plan->run_count == 0;
    for (uint32_t l = 0; l < plan->leaf_count && words; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur == NS__SHOULD)
            words = leaf->slot_count == 1 && run->lists[leaf->slots[0]].count <= 1;
    }
    return words;
}

bool ns__tally_offers(const ns__exec *run)
{
    enum { HITS = 32, HITS_COUNTED = 128 }; /* of each result; then nothing is found twice */
    const ns__plan *plan = run->plan;
    bool nothing = false;
    const uint32_t phrase = ns__starts_leaf(run);
    const bool words = plan->musts > 1 && wants_words(run) && !ns__tally_has_phrases(plan);
    if ((phrase == UINT32_MAX && !words) || run->collector != NULL || !ns__tally_by_passage(run))
        return false;
    const uint32_t leader = ns__tally_find_leader(run, &nothing);
    if (leader == UINT32_MAX)
        return false;
    const bool counts = run->options->count && ns__tally_leads(run, leader);
    if (phrase != UINT32_MAX)
        return counts || phrase_is_idle(run, phrase, leader);
    return (counts && plan->shoulds == 0) ||
           words_are_idle(run, leader, run->options->count ? HITS_COUNTED : HITS);
}

/* Whether a group is asked about hits: required ones are known. */
static bool is_extra(const ns__tally *all, uint32_t group)
{
    for (uint32_t q = 0; q < all->question_count; q++)
        if (all->questions[q].group == group)
            return false;
    return group != all->leader && all->run->plan->groups[group].weight > 0 &&
           all->run->lists[group].count > 0;
}

bool ns__tally_open_tfs(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    ns__arena *arena = all->run->reader->arena;
    if (!all->offers || !wants_words(all->run))
        return true;
    all->sums = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *all->sums);
    all->lengths = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof *all->lengths);
    all->extras = ns__arena_alloc(arena, plan->group_count * sizeof *all->extras);
    all->tfs = ns__arena_alloc(arena, plan->group_count * sizeof *all->tfs);
    for (uint32_t g = 0; all->tfs != NULL && g < plan->group_count; g++) {
        if ((all->tfs[g] = ns__arena_alloc(arena, NS_BLOCK_ROOM * sizeof **all->tfs)) == NULL)
            return ns__tally_no_memory(all->run);
        memset(all->tfs[g], 0, NS_BLOCK_ROOM * sizeof **all->tfs); /* of words that are nowhere */
    }
    if (!all->tfs || !all->extras || !all->sums || !all->lengths)
        return ns__tally_no_memory(all->run);
    for (uint32_t g = 0; g < plan->group_count; g++)
        if (is_extra(all, g))
            all->extras[all->extra_count++] = g;
    return true;
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

/* Not below what a group gives to a posting, over its tf / (tf + K). */
static float factor_of(const ns__tally *all, uint32_t group)
{
    return (float)(all->run->plan->groups[group].factor * (1 + 0x1p-22));
}

/* Adds what a group gives. */
static void add_group(ns__tally *all, uint32_t group, uint32_t count)
{
    const ns__bm25 *bm25 = &all->run->plan->bm25;
    const uint32_t *here = tfs_of(all, group);
    uint32_t tfs[NS_BLOCK_ROOM];
    for (uint32_t i = 0; i < count; i++)
        tfs[i] = here[all->slots[i]];
    all->kernels->weigh(tfs, all->lengths, count, factor_of(all, group), (float)bm25->c0,
                        (float)bm25->c1, all->sums);
}

/* Lengths, and what required words give. */
static void begin_sums(ns__tally *all, const uint32_t *ids, uint32_t count)
{
    const ns__lengths *lengths = &all->run->segment->postings.lengths;
    for (uint32_t i = 0; i < count; i++) {
        all->lengths[i] = (float)ns__length_of(lengths, ids[i]);
        all->sums[i] = 0;
    }
    add_group(all, all->leader, count);
    for (uint32_t q = 0; q < all->question_count; q++)
        if (all->questions[q].wanted)
            add_group(all, all->questions[q].group, count);
}

/* What float sums must reach: they may be a little too low; see drive.h. */
static float need_of(const ns__tally *all)
{
    const float slack = 1 + (float)(all->run->plan->group_count + 16) * 0x1p-22f;
    const float threshold = ns__topk_threshold(all->run->top);
    return threshold > 0 ? threshold / slack : threshold;
}

/* Keeps what reaches the bar with `more`. */
static uint32_t keep(ns__tally *all, uint32_t *ids, uint32_t count, float more)
{
    const ns__alive these = {all->slots, ids, all->sums, all->lengths};
    return all->kernels->keep(&these, count, need_of(all) - more, &these);
}

/* What the extras from `first` on give at most. */
static float most_from(const ns__tally *all, uint32_t first)
{
    float sum = 0;
    for (uint32_t e = first; e < all->extra_count; e++)
        sum += factor_of(all, all->extras[e]);
    return sum;
}

uint32_t ns__tally_rate(ns__tally *all, uint32_t *ids, uint32_t count, bool keeps)
{
    begin_sums(all, ids, count);
    if (keeps)
        count = keep(all, ids, count, most_from(all, 0));
    for (uint32_t e = 0; e < all->extra_count && count > 0; e++) {
        if (!ns__tally_look_up(all, all->extras[e], ids, count))
            return 0;
        add_group(all, all->extras[e], count);
        if (keeps)
            count = keep(all, ids, count, most_from(all, e + 1));
    }
    return count;
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
    for (uint32_t g = 0; g < plan->group_count; g++) {
        const uint32_t tf = plan->groups[g].weight > 0 ? tfs_of(all, g)[slot] : 0;
        if (tf > 0) /* with k1 0 there is no part of 0 */
            sum += ns__bm25_part(&plan->bm25, plan->groups[g].factor, tf, length);
    }
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
