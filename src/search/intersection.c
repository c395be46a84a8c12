/* The engine for queries decided on each passage alone: all words of the required leaves must stand
 * in it. The rarest leads; block bounds tell how far ahead nothing can enter the heap; positions
 * are read last and only for passages whose score would enter.
 *
 * It serves NS_SCOPE_PASSAGE, indexes whose articles are single passages, and queries with one
 * required leaf and nothing else positive: there the passages that match are those of that leaf. */
#include "search/exec.h"
#include "search/match.h"

#include "base/count.h"

typedef struct intersection {
    ns__exec *run;
    uint32_t *groups; /* of all slots of required leaves, the rarest first */
    uint32_t count;
    uint32_t article; /* whose matching passages are being counted */
    uint32_t matches;
    uint32_t judged;  /* the article whose verdict is known; UINT32_MAX for none */
    uint64_t bounded; /* how often bounds were asked */
    bool verdict;     /* nothing excluded is in it */
} intersection;

static bool open_groups(intersection *all)
{
    const ns__exec *run = all->run;
    const ns__plan *plan = run->plan;
    all->groups = ns__arena_alloc(run->reader->arena, plan->group_count * sizeof *all->groups);
    uint8_t *taken = ns__arena_alloc(run->reader->arena, plan->group_count);
    if (all->groups == NULL || taken == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return false;
    }
    memset(taken, 0, plan->group_count);
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur != NS__MUST)
            continue;
        if (leaf->slot_count == 0)
            return false; /* matches nothing */
        for (uint32_t s = 0; s < leaf->slot_count; s++) {
            uint32_t group = leaf->slots[s], at = all->count;
            if (taken[group])
                continue;
            taken[group] = 1;
            for (; at > 0 && run->lists[all->groups[at - 1]].df > run->lists[group].df; at--)
                all->groups[at] = all->groups[at - 1];
            all->groups[at] = group;
            all->count++;
        }
    }
    return true;
}

/* The first passage at or behind `passage` with all groups that can matter. */
static uint32_t next_candidate(intersection *all, uint32_t passage)
{
    ns__exec *run = all->run;
    uint32_t agreed = 0, clear = 0; /* bounds up to `clear` (excluded) let passages pass */
    while (agreed < all->count) {
        uint32_t id = ns__group_seek(run, all->groups[agreed], passage);
        if (id == NS_END)
            return NS_END;
        if (id != passage) {
            passage = id;
            agreed = agreed == 0;
        } else {
            agreed++;
        }
        if (agreed != 1 || passage < clear || ns__exec_counts(run))
            continue;
        if (all->bounded++ % 64 == 0 && ns__exec_expired(run))
            return NS_END;
        if (!ns__exec_may_enter(run, passage, passage + 1, &clear)) {
            NS_COUNT(INTERSECTION_BOUNDED);
            run->reader->profile->windows_skipped++;
            if (clear == NS_END)
                return NS_END;
            passage = clear;
            agreed = 0;
        }
    }
    return passage;
}

static bool phrases_hold(ns__exec *run, uint32_t passage)
{
    for (uint32_t l = 0; l < run->plan->leaf_count; l++)
        if (run->plan->leaves[l].occur == NS__MUST && !ns__leaf_holds(run, l, passage)) {
            NS_COUNT(INTERSECTION_PHRASE_FAILS);
            return false;
        }
    return true;
}

/* Whether the passage's unit is free of excluded leaves. */
static bool allowed(intersection *all, uint32_t article, uint32_t passage)
{
    ns__exec *run = all->run;
    bool by_article = run->options->scope == NS_SCOPE_ARTICLE;
    if (run->plan->nots == 0)
        return true;
    if (by_article && all->judged == article)
        return all->verdict;
    const bool free = ns__unit_free(run, passage);
    if (!free)
        NS_COUNT(INTERSECTION_EXCLUDED);
    all->judged = by_article ? article : UINT32_MAX;
    all->verdict = free;
    return free;
}

/* Counts what the last article had and goes on to another one. */
static void count_article(intersection *all, uint32_t next)
{
    if (all->matches > 0 && ns__exec_counts(all->run))
        ns__exec_count(all->run, all->matches);
    all->matches = 0;
    all->article = next;
}

static void judge(intersection *all, uint32_t passage)
{
    ns__exec *run = all->run;
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return;
    if (ns__segment_deleted(run->segment, article)) {
        NS_COUNT(INTERSECTION_DELETED);
        return;
    }
    if (article != all->article)
        count_article(all, article);
    if (run->reader->profile->candidates++ % 64 == 0 && ns__exec_expired(run))
        return;
    ns__hit hit = {0, run->segment_index, ns__exec_number(run, article), passage, false};
    if (run->top->limit > 0)
        hit.score = ns__exec_score(run, passage);
    bool enters = ns__topk_enters(run->top, &hit);
    if ((!enters && !ns__exec_counts(run)) || !phrases_hold(run, passage) ||
        !allowed(all, article, passage) || ns__exec_failed(run))
        return;
    all->matches++;
    if (enters)
        ns__topk_put(run->top, &hit);
}

void ns__search_intersection(ns__exec *run)
{
    intersection all = {.run = run, .judged = UINT32_MAX};
    if (!open_groups(&all))
        return;
    uint32_t passage = 0;
    while (!ns__exec_failed(run) && (run->top->limit > 0 || ns__exec_counts(run))) {
        passage = next_candidate(&all, passage);
        if (passage == NS_END)
            break;
        judge(&all, passage++);
    }
    count_article(&all, 0);
}
