/* From a query to a plan: uses become groups, drafts become leaves. See planner.h. */
#include "search/planner.h"

#include <stdlib.h>

#include "base/count.h"

/* All expansions of one query together: so that a query of many lone clusters stays bounded. */
enum { MAX_ALL_EXPANSIONS = 8 * NS_MAX_EXPANSIONS };

static void find_languages(ns__planner *plan)
{
    uint8_t used[32] = {0};
    for (uint32_t s = 0; s < plan->index->manifest.segment_count; s++)
        for (size_t i = 0; i < sizeof used; i++)
            used[i] |= plan->index->segments[s].articles.langs_used[i];
    for (uint32_t lang = 0; lang < 256 && lang < ns__lang_count(); lang++)
        if ((used[lang / 8] >> (lang % 8) & 1) && plan->lang_count < NS_MAX_LANGUAGES)
            plan->langs[plan->lang_count++] = lang;
    if (plan->lang_count == 0)
        plan->langs[plan->lang_count++] = 0;
}

static int compare_uses(const ns__use *a, const ns__use *b)
{
    for (uint32_t i = 0; i < a->term_count && i < b->term_count; i++) {
        int order = ns__str_compare(a->terms[i], b->terms[i]);
        if (order != 0)
            return order;
    }
    return a->term_count < b->term_count ? -1 : a->term_count > b->term_count;
}

static int by_terms(const void *a, const void *b)
{
    const ns__use *x = *(ns__use *const *)a, *y = *(ns__use *const *)b;
    int order = compare_uses(x, y);
    if (order != 0)
        return order;
    return x < y ? -1 : x > y; /* as written: weights are added up in this order */
}

/* The largest df of the group's terms, each summed over the segments. */
static ns_status find_df(ns__planner *plan, ns__group *group)
{
    for (uint32_t t = 0; t < group->term_count; t++) {
        uint64_t df = 0;
        for (uint32_t s = 0; s < plan->index->manifest.segment_count; s++) {
            const ns__segment *segment = &plan->index->segments[s];
            ns__term term;
            ns_status status = ns__terms_find(&segment->terms, group->terms[t], &term, plan->err);
            NS_TRY(status);
            uint32_t here;
            if (status != NS_OK)
                continue;
            if (!ns__plist_df(term.value, &here) || here > segment->articles.passages)
                return ns__frame_corrupt(segment->terms.frame, term.value.data, plan->err,
                                         "a term's document frequency is out of range");
            df += here;
            group->found = term;
            ns__plist_fetch(&segment->postings, term.value);
        }
        if (df > group->df)
            group->df = df;
    }
    group->looked_up = group->term_count == 1 && plan->index->manifest.segment_count == 1;
    return NS_OK;
}

static void count_group(const ns__group *group)
{
    if (group->weight == 0)
        NS_COUNT(PLAN_ONLY_EXCLUDED);
    else if (group->weight > 1)
        NS_COUNT(PLAN_REPEATED);
    if (group->term_count > 1)
        NS_COUNT(PLAN_SEVERAL_TERMS);
    if (group->df == 0)
        NS_COUNT(PLAN_ABSENT);
}

static ns_status make_groups(ns__planner *plan, ns__plan *out)
{
    ns__use **sorted = ns__arena_alloc(plan->arena, plan->use_count * sizeof(ns__use *));
    out->groups = ns__arena_alloc(plan->arena, plan->use_count * sizeof *out->groups);
    if (sorted == NULL || out->groups == NULL)
        return ns__no_memory(plan->err);
    for (size_t i = 0; i < plan->use_count; i++)
        sorted[i] = &plan->uses[i];
    if (plan->use_count > 1)
        qsort(sorted, plan->use_count, sizeof *sorted, by_terms);
    for (size_t i = 0; i < plan->use_count; i++) {
        if (i == 0 || compare_uses(sorted[i - 1], sorted[i]) != 0)
            out->groups[out->group_count++] =
                (ns__group){.terms = sorted[i]->terms, .term_count = sorted[i]->term_count};
        sorted[i]->group = out->group_count - 1;
        out->groups[out->group_count - 1].weight += sorted[i]->weight > 0;
        out->groups[out->group_count - 1].halves |= sorted[i]->halves;
        out->groups[out->group_count - 1].boost += sorted[i]->weight;
    }
    if (out->group_count > NS_MAX_QUERY_LEAVES)
        return ns__fail(plan->err, NS_ERR_LIMIT, "the query has more than %d different words",
                        NS_MAX_QUERY_LEAVES);
    for (uint32_t g = 0; g < out->group_count; g++) {
        NS_TRY(find_df(plan, &out->groups[g]));
        count_group(&out->groups[g]);
        out->groups[g].factor =
            ns__bm25_factor(&out->bm25, out->groups[g].df, out->groups[g].boost);
    }
    return NS_OK;
}

/* Alternatives get their slots, now that there are some. */
static void place_operands(const ns__draft *draft, const uint32_t *slots)
{
    uint32_t at = 0;
    for (uint32_t o = 0; o < draft->leaf.operand_count; o++)
        for (uint32_t a = 0; a < draft->leaf.operands[o].count; a++)
            draft->leaf.operands[o].items[a].slots = slots + draft->firsts[at++];
}

/* A word like AT&T is a run where it is all of the query. Beside other words it says little more
 * than its parts do: Newcastle 2-1 Bolton asks for both clubs, not for another match with 2-1. */
static void settle_runs(ns__planner *plan)
{
    size_t kept = 0;
    for (size_t i = 0; i < plan->run_count; i++) {
        const ns__draft_run run = plan->runs[i];
        const bool counts = !run.parts || run.count == plan->leaf_count;
        for (size_t later = 1; !counts && later < run.count; later++)
            plan->leaves[run.first_leaf + later].leaf.joined = false;
        plan->runs[kept] = run;
        kept += counts;
    }
    plan->run_count = kept;
}

static ns_status make_leaves(ns__planner *plan, ns__plan *out)
{
    settle_runs(plan);
    size_t all = plan->leaf_count + plan->run_count + plan->leaf_count; /* of lines at most all */
    out->leaves = ns__arena_alloc(plan->arena, all * sizeof *out->leaves);
    uint32_t *slots = ns__arena_alloc(plan->arena, plan->use_count * sizeof *slots);
    if (out->leaves == NULL || slots == NULL)
        return ns__no_memory(plan->err);
    for (size_t i = 0; i < plan->use_count; i++)
        slots[i] = plan->uses[i].group;
    for (size_t i = 0; i < plan->leaf_count; i++) {
        const ns__draft *draft = &plan->leaves[i];
        out->leaves[out->leaf_count] = draft->leaf;
        out->leaves[out->leaf_count++].slots = slots + draft->first_use;
        if (draft->firsts)
            place_operands(draft, slots);
    }
    for (size_t i = 0; i < plan->run_count; i++) {
        const ns__draft_run *draft = &plan->runs[i];
        ns__plan_leaf *leaf = &out->leaves[out->leaf_count + out->run_count++];
        /* Its leaves are words: one use each, one behind the other. */
        *leaf = (ns__plan_leaf){.occur = NS__SHOULD,
                                .slots = slots + plan->leaves[draft->first_leaf].first_use,
                                .slot_count = draft->count};
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            leaf->bonus += out->groups[leaf->slots[s]].factor;
        leaf->bonus *= NS_RUN_BONUS;
    }
    return NS_OK;
}

/* Whether a leaf goes on with a line in which words weigh as much as the use `first`. */
static bool is_in_line(const ns__planner *plan, const ns__plan *out, uint32_t leaf, uint32_t first)
{
    const ns__plan_leaf *of = &out->leaves[leaf];
    const ns__use *uses = plan->uses + plan->leaves[leaf].first_use;
    if (of->occur == NS__NOT || of->kind != NS__LEAF_TERMS || of->field != NS__FIELD_ANY)
        return false;
    for (uint32_t s = 0; s < of->slot_count; s++)
        if (!uses[s].gram || uses[s].weight != plan->uses[first].weight)
            return false;
    return of->slot_count > 0;
}

/* Leaves stand as they are written, and so do their uses. */
static void find_lines(const ns__planner *plan, ns__plan *out)
{
    uint32_t end = 0;
    for (uint32_t l = 0; l < out->leaf_count; l = (end > l ? end : l + 1)) {
        uint32_t count = 0;
        for (end = l; end < out->leaf_count; end++) {
            if (!is_in_line(plan, out, end, plan->leaves[l].first_use))
                break;
            count += out->leaves[end].slot_count;
        }
        if (count < 2 || count > NS_MAX_PHRASE_TERMS)
            continue;
        out->leaves[out->leaf_count + out->run_count + out->line_count++] = (ns__plan_leaf){
            .occur = NS__SHOULD, .slots = out->leaves[l].slots, .slot_count = count};
    }
}

static ns_status make(ns__planner *plan, ns__plan *out)
{
    NS_TRY(ns__plan_spreads(plan));
    if (plan->late)
        return NS_OK;
    NS_TRY(ns__plan_conditions(plan));
    NS_TRY(make_groups(plan, out));
    NS_TRY(make_leaves(plan, out));
    out->cut = plan->cut;
    NS_TRY(ns__plan_settle(plan, out));
    find_lines(plan, out);
    return NS_OK;
}

ns_status ns__plan_make(ns__planner *plan, const ns__query *query, const ns__watch *watch,
                        double k1, double b, ns__arena *arena, ns__plan *out, ns_error *err)
{
    const ns_index *index = plan->index;
    *out = (ns__plan){.bm25 = ns__bm25_of(k1, b, index->passages, index->average)};
    memset(plan, 0, offsetof(ns__planner, index));
    plan->query = query;
    plan->arena = arena;
    plan->err = err;
    plan->watch = watch;
    plan->expansions = MAX_ALL_EXPANSIONS;
    return make(plan, out);
}

/* ---- Planners ---- */

ns_status ns__planner_open(const ns_index *index, ns__planner *out, ns_error *err)
{
    ns_analysis_settings settings = index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* that of records without one: nothing is to be guessed here */
    out->index = index;
    out->folder.keep_diacritics = settings.keep_diacritics;
    out->folder.whitespace = settings.whitespace;
    find_languages(out);
    return ns__analyzer_open(&settings, &out->analyzer, err);
}

void ns__planner_close(ns__planner *plan)
{
    for (uint32_t l = 0; l < plan->lang_count; l++)
        ns__tokens_release(&plan->tokens[l]);
    ns__folder_release(&plan->folder);
    ns__free(plan->uses);
    ns__free(plan->leaves);
    ns__free(plan->runs);
    ns__free(plan->conds);
    ns__free(plan->filters);
    ns__analyzer_close(plan->analyzer);
}

size_t ns__planner_rest(ns__planner *plan)
{
    enum { FORGET_BYTES = 64 << 10 };
    if (ns__analyzer_learnt(plan->analyzer) > FORGET_BYTES)
        ns__analyzer_clear(plan->analyzer);
    size_t tokens = 0;
    for (uint32_t l = 0; l < plan->lang_count; l++)
        tokens += plan->tokens[l].capacity;
    return ns__analyzer_memory(plan->analyzer) + tokens * sizeof(ns__token) +
           plan->folder.code_capacity * sizeof *plan->folder.codes + plan->folder.surface.capacity +
           plan->folder.term.capacity + plan->folder.written.capacity +
           plan->use_capacity * sizeof *plan->uses + plan->leaf_capacity * sizeof *plan->leaves +
           plan->run_capacity * sizeof *plan->runs + plan->cond_capacity * sizeof *plan->conds +
           plan->filter_capacity * sizeof *plan->filters;
}
