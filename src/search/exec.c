/* Opening a query's lists in a segment, and handing over what engines find. */
#include "search/exec.h"

#include "base/count.h"
#include "base/limits.h"
#include "search/filter.h"
#include "search/literal.h"
#include "search/match.h"
#include "search/spelled.h"

static ns_status find_bounds(const ns__exec *run, ns__cursor *cursor)
{
    const ns__bm25 *bm25 = &run->plan->bm25;
    size_t room = 2 * (size_t)cursor->list.blocks * sizeof(float);
    cursor->bounds = ns__arena_alloc(run->reader->arena, room);
    if (cursor->bounds == NULL)
        return ns__no_memory(run->reader->err);
    return ns__plist_bounds(&cursor->list, bm25->k1, bm25->b, bm25->average, cursor->bounds,
                            run->reader->err);
}

static ns_status open_group(ns__exec *run, const ns__group *group, ns__lists *lists, bool bounds)
{
    const ns__segment *segment = run->segment;
    ns__reader *reader = run->reader;
    *lists = (ns__lists){0};
    lists->cursors = ns__arena_alloc(reader->arena, group->term_count * sizeof *lists->cursors);
    if (lists->cursors == NULL)
        return ns__no_memory(reader->err);
    for (uint32_t t = 0; t < group->term_count; t++) {
        ns__term term = group->found;
        ns_status status = group->df > 0 ? NS_OK : NS_NOT_FOUND;
        if (!group->looked_up)
            status = ns__terms_find(&segment->terms, group->terms[t], &term, reader->err);
        NS_TRY(status);
        if (status != NS_OK)
            continue;
        ns__cursor *cursor = &lists->cursors[lists->count];
        NS_TRY(ns__cursor_open(cursor, reader, &segment->postings, term.ordinal, term.value,
                               !run->words_only));
        lists->df += cursor->list.df;
        lists->count++;
    }
    lists->terms = lists->cursors;
    lists->term_count = lists->count;
    bounds = bounds && group->weight > 0;
    if (lists->count >= NS_MERGED_FROM)
        return ns__lists_merge(run, lists, bounds);
    for (uint32_t c = 0; bounds && c < lists->count; c++)
        NS_TRY(find_bounds(run, &lists->cursors[c]));
    return NS_OK;
}

/* Orders the slots of a phrase by how much there is to read; ties in written order. */
static ns_status open_phrase(ns__exec *run, const ns__plan_leaf *leaf, ns__phrase *phrase)
{
    *phrase = (ns__phrase){.article = UINT32_MAX};
    if (leaf->slot_count < 2)
        return NS_OK;
    phrase->order = ns__arena_alloc(run->reader->arena, leaf->slot_count * sizeof(uint32_t));
    if (phrase->order == NULL)
        return ns__no_memory(run->reader->err);
    for (uint32_t s = 0; s < leaf->slot_count; s++) {
        uint32_t at = s;
        uint64_t df = run->lists[leaf->slots[s]].df;
        for (; at > 0 && run->lists[leaf->slots[phrase->order[at - 1]]].df > df; at--)
            phrase->order[at] = phrase->order[at - 1];
        phrase->order[at] = s;
    }
    return NS_OK;
}

ns_status ns__exec_open(ns__exec *run, const ns_index *index, uint32_t segment, bool bounds)
{
    const ns__plan *plan = run->plan;
    run->segment = &index->segments[segment];
    run->segment_index = segment;
    run->article_first = run->article_end = 0;
    run->near.facts_known = run->literal.known = false;
    if (ns__spelled_can(run))
        ns__spelled_forget(&run->spelled);
    run->analysis = &index->manifest.settings.analysis;
    run->first_article = index->first_article[segment];
    run->lists = ns__arena_alloc(run->reader->arena, plan->group_count * sizeof *run->lists);
    uint32_t leaves = plan->leaf_count + plan->run_count + plan->line_count;
    run->phrases = ns__arena_alloc(run->reader->arena, leaves * sizeof *run->phrases);
    run->present = ns__arena_alloc(run->reader->arena, plan->group_count * sizeof *run->present);
    if (run->lists == NULL || run->phrases == NULL || run->present == NULL)
        return ns__no_memory(run->reader->err);
    if (run->segment->postings.lengths.width == 1)
        NS_COUNT(LENGTHS_U8);
    else
        NS_COUNT(LENGTHS_U16);
    for (uint32_t g = 0; g < plan->group_count; g++)
        NS_TRY(open_group(run, &plan->groups[g], &run->lists[g], bounds));
    for (uint32_t l = 0; l < leaves; l++)
        NS_TRY(open_phrase(run, &plan->leaves[l], &run->phrases[l]));
    return NS_OK;
}

void ns__exec_begin(ns__exec *run, const ns__plan *plan, const ns_search_options *options,
                    ns__reader *reader)
{
    memset(run, 0, offsetof(ns__exec, starts));
    run->plan = plan;
    run->options = options;
    run->reader = reader;
}

void ns__exec_end(ns__exec *run)
{
    enum { KEPT_POSITIONS = 4096, KEPT_BYTES = 1 << 16 };
    const size_t positions = run->starts.capacity + run->slot.capacity + run->merged.capacity;
    const bool much = positions > KEPT_POSITIONS || run->headline.total > KEPT_BYTES ||
                      run->near.facts.chunks != NULL || run->plan->filter_count > 0 ||
                      run->plan->tree;
    if (much)
        ns__exec_release(run);
}

void ns__exec_release(ns__exec *run)
{
    ns__free(run->starts.items);
    ns__free(run->slot.items);
    ns__free(run->merged.items);
    run->starts = run->slot = run->merged = (ns__positions){0};
    ns__arena_release(&run->headline);
    ns__free(run->near.places);
    ns__free(run->near.open);
    ns__arena_release(&run->near.facts);
    run->near = (ns__near){0};
    ns__filters_release(run);
    ns__literal_text_release(&run->literal);
    ns__spelled_release(&run->spelled);
}

bool ns__exec_late(ns__exec *run)
{
    const ns__watch watch = {run->options, run->deadline};
    if (ns__exec_failed(run))
        return false;
    run->reader->status = ns__watch_ask(&watch, run->reader->err);
    return run->reader->status != NS_OK;
}

bool ns__exec_corrupt(ns__exec *run)
{
    const ns__articles *articles = &run->segment->articles;
    if (run->reader->status == NS_OK)
        run->reader->status =
            ns__frame_corrupt(articles->frame, articles->first, run->reader->err,
                              "the passages of an article contradict the passage table");
    return false;
}

/* The article of a passage: mostly one of the next few behind the last that was asked for. */
static uint32_t near_article(const ns__exec *run, uint32_t passage)
{
    enum { STEPS = 4 };
    const ns__articles *articles = &run->segment->articles;
    uint32_t article = run->article + 1;
    if (articles->one_passage)
        return passage;
    if (run->article_end > 0 && passage >= run->article_end)
        for (uint32_t i = 0; i < STEPS && article + 1 < articles->count; i++, article++)
            if (passage < ns__article_first(articles, article + 1))
                return article;
    return ns__article_of(articles, passage);
}

/* Looks up the passages of an article, of which one is given. */
static bool enter_article(ns__exec *run, uint32_t passage, uint32_t article)
{
    const ns__articles *articles = &run->segment->articles;
    if (article >= articles->count)
        return ns__exec_corrupt(run);
    uint32_t from = ns__article_first(articles, article);
    uint32_t to = ns__article_first(articles, article + 1);
    if (from > passage || passage >= to || to > articles->passages)
        return ns__exec_corrupt(run);
    run->article = article;
    run->article_first = from;
    run->article_end = to;
    return true;
}

bool ns__exec_article(ns__exec *run, uint32_t passage, uint32_t *article, uint32_t *first,
                      uint32_t *end)
{
    const bool known = passage >= run->article_first && passage < run->article_end;
    if (!known && !enter_article(run, passage, near_article(run, passage)))
        return false;
    *article = run->article;
    *first = run->article_first;
    *end = run->article_end;
    return true;
}

void ns__exec_articles(const ns__exec *run, const ns__window_kernels *kernels,
                       const uint32_t *passages, uint32_t count, uint32_t *out)
{
    const ns__articles *articles = &run->segment->articles;
    if (articles->one_passage) {
        memcpy(out, passages, count * sizeof *out);
        return;
    }
    kernels->articles(articles->bits, articles->ranks, passages, count, out);
    for (uint32_t i = 0; i < count; i++)
        __builtin_prefetch(articles->first + 4 * (size_t)out[i]);
}

bool ns__exec_enter(ns__exec *run, uint32_t passage, uint32_t article)
{
    return (passage >= run->article_first && passage < run->article_end) ||
           enter_article(run, passage, article);
}

bool ns__exec_unit(ns__exec *run, uint32_t passage, uint32_t *first, uint32_t *end)
{
    uint32_t article;
    if (run->options->scope == NS_SCOPE_ARTICLE)
        return ns__exec_article(run, passage, &article, first, end);
    *first = passage;
    *end = passage + 1;
    return true;
}

uint64_t ns__exec_number(ns__exec *run, uint32_t article)
{
    const ns__articles *articles = &run->segment->articles;
    uint32_t place = ns__article_place(articles, article);
    if (place >= articles->count) {
        ns__exec_corrupt(run);
        place = article;
    }
    return run->first_article + place;
}

void ns__exec_offer(ns__exec *run, uint32_t article, uint32_t passage, float score)
{
    ns__hit hit = {score, run->segment_index, ns__exec_number(run, article), passage, false};
    if (run->collector)
        run->collector->take(run, &hit, article);
    else if (ns__topk_enters(run->top, &hit))
        ns__topk_put(run->top, &hit);
}

void ns__exec_count(ns__exec *run, uint32_t passages)
{
    run->hits->articles++;
    run->hits->passages += passages;
    if (run->hits->articles > NS_HITS_EXACT && !run->options->count) {
        run->hits->exact = false;
        run->hits->passages = run->hits->articles; /* does not depend on which came first */
    }
}

float ns__exec_score(ns__exec *run, uint32_t passage)
{
    const ns__plan *plan = run->plan;
    uint32_t length = ns__length_of(&run->segment->postings.lengths, passage);
    double sum = 0;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        if (plan->groups[g].weight == 0)
            continue;
        uint32_t tf = ns__group_tf(run, g, passage);
        if (tf > 0)
            sum += ns__bm25_part(&plan->bm25, plan->groups[g].factor, tf, length);
    }
    for (uint32_t r = 0; r < plan->run_count; r++)
        if (ns__run_holds(run, r, passage))
            sum += plan->leaves[plan->leaf_count + r].bonus;
    return (float)sum;
}

/* The bonuses of runs whose words may all be present. */
static double bonuses_of_present(const ns__exec *run)
{
    const ns__plan_leaf *runs = run->plan->leaves + run->plan->leaf_count;
    double sum = 0;
    for (uint32_t r = 0; r < run->plan->run_count; r++) {
        uint32_t s = 0;
        while (s < runs[r].slot_count && run->present[runs[r].slots[s]])
            s++;
        sum += s == runs[r].slot_count ? runs[r].bonus : 0;
    }
    return sum;
}

bool ns__exec_may_enter(ns__exec *run, uint32_t first, uint32_t end, uint32_t *until)
{
    const ns__plan *plan = run->plan;
    double sum = 0;
    *until = NS_END;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        if (plan->groups[g].weight == 0)
            continue;
        double bound = 0;
        for (uint32_t c = 0; c < run->lists[g].count; c++)
            bound += (double)ns__cursor_bound(&run->lists[g].cursors[c], first, end, until);
        run->present[g] = bound > 0;
        sum += plan->groups[g].factor * (bound < 1 ? bound : 1);
    }
    return sum + bonuses_of_present(run) >= ns__exec_bar(run);
}
