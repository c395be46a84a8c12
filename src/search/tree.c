/* The engine for queries that are more than a list: conditions are asked article by article.
 *
 * A walk over the conditions finds the next article that may satisfy them, by the lists of its
 * words alone: required parts in step, alternatives by the nearest. Bounds of blocks rule out
 * articles that cannot enter, then the conditions are asked in full, then passages are scored.
 * Recursion is as deep as the query, which is limited. */
#include "search/exec.h"

#include "base/count.h"
#include "search/filter.h"
#include "search/match.h"

/* ---- The next article that may match ---- */

/* What was found for a condition: no passage of [from, next) is in an article that may satisfy it,
 * and `next` is, or is the end. from > next: nothing is known. It holds until the search has passed
 * it: else an alternative to something rare would look for that again from each of its articles. */
struct ns__next_known {
    uint32_t from, next;
};

static uint32_t next_by(ns__exec *run, uint32_t cond, uint32_t passage);

/* The next article at or behind that of `passage` for which a filter holds, as its first passage.
 */
static uint32_t next_by_filter(ns__exec *run, const ns__cond *cond, uint32_t passage)
{
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return NS_END;
    const ns__articles *articles = &run->segment->articles;
    for (; article < articles->count; article++) {
        if (ns__exec_failed(run) || (article % 4096 == 0 && ns__exec_expired(run)))
            return NS_END;
        if (!ns__segment_deleted(run->segment, article) &&
            ns__filter_holds(run, cond->index, article)) {
            uint32_t found = ns__article_first(articles, article);
            return found > passage ? found : passage;
        }
    }
    return NS_END;
}

static uint32_t next_wanted(ns__exec *run, const ns__cond *list, uint32_t passage)
{
    const ns__cond *conds = run->plan->conds;
    uint32_t found = NS_END;
    for (uint32_t c = list->child; c != NS__NO_NODE; c = conds[c].next) {
        if (conds[c].occur != NS__SHOULD)
            continue;
        uint32_t here = next_by(run, c, passage);
        found = here < found ? here : found;
    }
    return found;
}

/* The first passage at or behind `passage` whose article may have all that a list requires. */
static uint32_t next_in_list(ns__exec *run, const ns__cond *list, uint32_t passage)
{
    const ns__cond *conds = run->plan->conds;
    for (bool moved = true; moved && passage != NS_END;) {
        uint32_t article, first, end, before = passage;
        if (!ns__exec_article(run, passage, &article, &first, &end))
            return NS_END;
        /* Of an article any passage will do for any of its parts. */
        for (uint32_t c = list->child; c != NS__NO_NODE && passage < end; c = conds[c].next)
            if (conds[c].occur == NS__MUST) {
                uint32_t here = next_by(run, c, first);
                passage = here > passage ? here : passage;
            }
        if (list->wants && passage < end) {
            uint32_t here = next_wanted(run, list, first);
            passage = here > passage ? here : passage;
        }
        moved = passage >= end && passage != before;
        if (!moved)
            return before;
        if (ns__exec_expired(run))
            return NS_END;
    }
    return passage;
}

static uint32_t next_by(ns__exec *run, uint32_t cond, uint32_t passage)
{
    const ns__cond *of = &run->plan->conds[cond];
    if (passage >= run->segment->articles.passages)
        return NS_END;
    if (of->kind == NS__COND_LEAF)
        return ns__leaf_seek(run, of->index, passage); /* whose cursors know where they are */
    ns__next_known *known = &run->known[cond];
    if (known->from <= passage && passage <= known->next)
        return known->next;
    const uint32_t next = of->kind == NS__COND_FILTER ? next_by_filter(run, of, passage)
                                                      : next_in_list(run, of, passage);
    if (!ns__exec_failed(run))
        *known = (ns__next_known){passage, next};
    return next;
}

/* Whether looking for the next passed over the passages [first, end) of a live article, … */
static bool was_passed(const ns__exec *run, uint32_t cond, uint32_t first, uint32_t end)
{
    return run->known[cond].from <= first && end <= run->known[cond].next;
}

/* … or stopped there. */
static bool was_found(const ns__exec *run, uint32_t cond, uint32_t first, uint32_t end)
{
    const ns__next_known *known = &run->known[cond];
    return known->from <= first && first <= known->next && known->next < end;
}

/* ---- Whether a unit satisfies a condition ---- */

static bool holds(ns__exec *run, uint32_t cond, uint32_t first, uint32_t end);

static bool list_holds(ns__exec *run, const ns__cond *list, uint32_t first, uint32_t end)
{
    const ns__cond *conds = run->plan->conds;
    for (uint32_t c = list->child; c != NS__NO_NODE; c = conds[c].next)
        if (conds[c].occur == NS__MUST && !holds(run, c, first, end))
            return false;
    if (list->wants) {
        bool some = false;
        for (uint32_t c = list->child; c != NS__NO_NODE && !some; c = conds[c].next)
            some = conds[c].occur == NS__SHOULD && holds(run, c, first, end);
        if (!some)
            return false;
    }
    for (uint32_t c = list->child; c != NS__NO_NODE; c = conds[c].next)
        if (conds[c].occur == NS__NOT && holds(run, c, first, end))
            return false;
    return true;
}

static bool holds(ns__exec *run, uint32_t cond, uint32_t first, uint32_t end)
{
    const ns__cond *of = &run->plan->conds[cond];
    uint32_t article, from, to;
    if (of->kind == NS__COND_LEAF)
        return ns__leaf_within(run, of->index, first, end);
    if (was_passed(run, cond, first, end))
        return false;
    if (of->kind == NS__COND_LIST)
        return list_holds(run, of, first, end);
    if (was_found(run, cond, first, end))
        return true;
    return ns__exec_article(run, first, &article, &from, &to) &&
           ns__filter_holds(run, of->index, article);
}

/* ---- What matches ---- */

static bool contains_leaf(ns__exec *run, uint32_t passage)
{
    const ns__plan *plan = run->plan;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur != NS__NOT && ns__leaf_within(run, l, passage, passage + 1))
            return true;
    return false;
}

typedef struct found {
    uint32_t passages, best; /* that match; the best of them */
    float score;
} found;

static void take(ns__exec *run, uint32_t article, uint32_t passage, bool score, found *all)
{
    all->passages++;
    if (!score)
        return;
    float value = ns__exec_score(run, passage);
    run->reader->profile->candidates++;
    if (run->options->passages)
        ns__exec_offer(run, article, passage, value);
    if (all->passages == 1 || value > all->score) {
        all->best = passage;
        all->score = value;
    }
}

/* The passages of a unit that satisfies the conditions: those that contain a leaf; or else, where a
 * filter may be what it was found by, its first. */
static void match_unit(ns__exec *run, uint32_t article, uint32_t first, uint32_t end, bool score,
                       found *all)
{
    if (!holds(run, 0, first, end))
        return;
    uint32_t before = all->passages;
    for (uint32_t p = first; p < end && !ns__exec_failed(run); p++)
        if (contains_leaf(run, p))
            take(run, article, p, score, all);
    if (all->passages == before && run->plan->by_filter)
        take(run, article, first, score, all);
}

static void match_article(ns__exec *run, uint32_t article, uint32_t first, uint32_t end, bool score)
{
    found all = {0};
    if (run->options->scope == NS_SCOPE_ARTICLE)
        match_unit(run, article, first, end, score, &all);
    else
        for (uint32_t p = first; p < end; p++)
            match_unit(run, article, p, p + 1, score, &all);
    if (all.passages == 0 || ns__exec_failed(run))
        return;
    if (score && !run->options->passages)
        ns__exec_offer(run, article, all.best, all.score);
    else if (!score && run->collector)
        ns__exec_offer(run, article, first, 0);
    if (ns__exec_counts(run))
        ns__exec_count(run, all.passages);
}

/* The first passage at or behind `passage` of an article that is not deleted or masked. */
static uint32_t next_live(ns__exec *run, uint32_t passage)
{
    const ns__articles *articles = &run->segment->articles;
    uint32_t article, first, end;
    if (run->segment->deleted == NULL || !ns__exec_article(run, passage, &article, &first, &end))
        return passage;
    if (!ns__segment_deleted(run->segment, article))
        return passage;
    for (article++; article < articles->count && ns__segment_deleted(run->segment, article);)
        article += article % 8 == 0 && run->segment->deleted[article / 8] == 0xff ? 8 : 1;
    return article < articles->count ? ns__article_first(articles, article) : NS_END;
}

/* Whether some leaf takes longer to decide than a score does: where words stand is looked at. */
static bool is_slow(const ns__plan *plan)
{
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].literals != NULL || plan->leaves[l].kind != NS__LEAF_TERMS)
            return true;
    return false;
}

/* Whether no passage scores enough to enter, whichever of them match. */
static bool is_outscored(ns__exec *run, uint32_t first, uint32_t end)
{
    const double bar = ns__exec_bar(run);
    if (bar < 0)
        return false;
    for (uint32_t p = first; p < end; p++)
        if ((double)ns__exec_score(run, p) >= bar)
            return false;
    return true;
}

static bool forget_next(ns__exec *run)
{
    const uint32_t count = run->plan->cond_count;
    run->known = ns__arena_alloc(run->reader->arena, count * sizeof *run->known);
    if (run->known == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return false;
    }
    for (uint32_t c = 0; c < count; c++)
        run->known[c] = (ns__next_known){.from = 1};
    return true;
}

void ns__search_tree(ns__exec *run, bool score)
{
    const ns__articles *articles = &run->segment->articles;
    bool bounded = score && !run->options->no_pruning && run->collector == NULL;
    const bool slow = bounded && is_slow(run->plan);
    NS_COUNT(TREE);
    if (!forget_next(run))
        return;
    for (uint32_t passage = 0; passage < articles->passages && (score || ns__exec_counts(run));) {
        uint32_t article, first, end, until;
        passage = next_by(run, 0, next_live(run, passage));
        if (passage >= articles->passages || ns__exec_expired(run) || ns__exec_failed(run) ||
            !ns__exec_article(run, passage, &article, &first, &end))
            return;
        passage = end;
        if (ns__segment_deleted(run->segment, article)) {
            NS_COUNT(TREE_DELETED);
        } else if (bounded && !ns__exec_counts(run) &&
                   !ns__exec_may_enter(run, first, end, &until)) {
            NS_COUNT(TREE_BOUNDED);
            if (until == NS_END)
                return;
            if (until > end && until < articles->passages &&
                ns__exec_article(run, until, &article, &first, &end))
                passage = first > passage ? first : passage;
            else if (until >= articles->passages)
                return;
        } else if (slow && !ns__exec_counts(run) && is_outscored(run, first, end)) {
            NS_COUNT(TREE_OUTSCORED);
        } else {
            match_article(run, article, first, end, score);
        }
    }
}
