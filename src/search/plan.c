/* From a query as written to groups and leaves: analysis in every language of the index.
 *
 * Words are first collected as they occur ("uses"); sorting the uses by their terms makes equal
 * ones one group, already in the order that scores are added in. */
#include "search/plan.h"

#include <stdlib.h>

#include "base/count.h"
#include "base/limits.h"
#include "text/analyzer.h"

/* One occurrence of a word in the query. */
typedef struct use {
    ns__str *terms; /* ascending, distinct */
    uint32_t term_count;
    bool counted;   /* adds to the group's weight */
    uint32_t group; /* filled when groups are made */
} use;

typedef struct draft_leaf {
    ns__occur occur;
    uint32_t first_use, use_count;
    bool never; /* too long a phrase */
} draft_leaf;

/* Leaves that are the bigrams of one run. */
typedef struct draft_run {
    size_t first_leaf;
    uint32_t count;
} draft_run;

typedef struct planner {
    const ns_index *index;
    const ns__query *query;
    ns__arena *arena;
    ns_error *err;
    ns__analyzer *analyzer;
    ns__lang langs[NS_MAX_LANGUAGES + 1];
    uint32_t lang_count;
    ns__tokens tokens[NS_MAX_LANGUAGES + 1]; /* of one leaf in each language */
    size_t expansions;                       /* terms that lone clusters may still stand for */
    use *uses;
    size_t use_count, use_capacity;
    draft_leaf *leaves;
    size_t leaf_count, leaf_capacity;
    draft_run *runs;
    size_t run_count, run_capacity;
} planner;

/* All expansions of one query together: so that a query of many lone clusters stays bounded. */
enum { MAX_ALL_EXPANSIONS = 8 * NS_MAX_EXPANSIONS };

static void find_languages(planner *plan)
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

static int by_bytes(const void *a, const void *b)
{
    return ns__str_compare(*(const ns__str *)a, *(const ns__str *)b);
}

static size_t sort_distinct(ns__str *terms, size_t count)
{
    qsort(terms, count, sizeof *terms, by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !ns__str_equal(terms[i], terms[kept - 1]))
            terms[kept++] = terms[i];
    return kept;
}

/* The terms of token `t` of the current leaf over all languages. Words are cut the same way in each
 * of them; should they not be, a language that differs does not take part. */
static ns_status token_terms(planner *plan, size_t t, use *out)
{
    const ns__token *base = &plan->tokens[0].items[t];
    ns__str found[NS_MAX_LANGUAGES + 1];
    size_t count = 0;
    for (uint32_t l = 0; l < plan->lang_count; l++) {
        if (t >= plan->tokens[l].count)
            continue;
        const ns__token *token = &plan->tokens[l].items[t];
        if (token->start == base->start && token->end == base->end)
            found[count++] = ns__analyzer_term(plan->analyzer, token->term);
    }
    ns__str *expanded = NULL;
    size_t expanded_count = 0;
    if (base->flags & NS_TOKEN_SINGLE) {
        size_t room = plan->expansions < NS_MAX_EXPANSIONS ? plan->expansions : NS_MAX_EXPANSIONS;
        NS_TRY(ns__expand_cluster(plan->index, found[0], room, plan->arena, &expanded,
                                  &expanded_count, plan->err));
        plan->expansions -= expanded_count;
        NS_COUNT(PLAN_CLUSTER);
        if (expanded_count == room)
            NS_COUNT(PLAN_CLUSTER_CUT);
    }
    out->terms = ns__arena_alloc(plan->arena, (count + expanded_count) * sizeof *out->terms);
    if (out->terms == NULL)
        return ns__no_memory(plan->err);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *copy = ns__arena_copy(plan->arena, found[i].data, found[i].length);
        if (copy == NULL)
            return ns__no_memory(plan->err);
        out->terms[i] = (ns__str){copy, found[i].length};
    }
    if (expanded_count > 0)
        memcpy(out->terms + count, expanded, expanded_count * sizeof *expanded);
    out->term_count = (uint32_t)sort_distinct(out->terms, count + expanded_count);
    return NS_OK;
}

static ns_status add_use(planner *plan, size_t token, bool counted)
{
    if (NS_RESERVE(plan->uses, plan->use_capacity, plan->use_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    use *added = &plan->uses[plan->use_count];
    *added = (use){.counted = counted};
    NS_TRY(token_terms(plan, token, added));
    plan->use_count++;
    return NS_OK;
}

/* A leaf of `count` slots from token `first` of the current leaf text on. */
static ns_status add_leaf(planner *plan, ns__occur occur, size_t first, size_t count)
{
    if (plan->leaf_count == NS_MAX_QUERY_LEAVES)
        return ns__fail(plan->err, NS_ERR_LIMIT, "the query has more than %d words",
                        NS_MAX_QUERY_LEAVES);
    if (NS_RESERVE(plan->leaves, plan->leaf_capacity, plan->leaf_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    draft_leaf leaf = {occur, (uint32_t)plan->use_count, (uint32_t)count, false};
    if (count > NS_MAX_PHRASE_TERMS) {
        NS_COUNT(PLAN_NEVER);
        leaf.never = true;
        leaf.use_count = 0;
    }
    for (size_t i = 0; i < leaf.use_count; i++)
        NS_TRY(add_use(plan, first + i, occur != NS__NOT));
    plan->leaves[plan->leaf_count++] = leaf;
    return NS_OK;
}

/* Notes the runs among the tokens of a wanted word, whose leaves begin with `first`. */
static ns_status add_runs(planner *plan, size_t first)
{
    const ns__tokens *tokens = &plan->tokens[0];
    for (size_t i = 0, end; i < tokens->count; i = end) {
        for (end = i + 1; end < tokens->count && (tokens->items[end].flags & NS_TOKEN_JOINED);)
            end++;
        if (end - i < 2 || end - i > NS_MAX_PHRASE_TERMS)
            continue;
        if (NS_RESERVE(plan->runs, plan->run_capacity, plan->run_count + 1) != NS_OK)
            return ns__no_memory(plan->err);
        plan->runs[plan->run_count++] = (draft_run){first + i, (uint32_t)(end - i)};
    }
    return NS_OK;
}

/* One leaf as written. A word without operator that analysis cuts into several ("anti-drug", a run
 * of bigrams) wants each of them; with an operator or in quotes it is a phrase. */
static ns_status add_written(planner *plan, const ns__node *written)
{
    ns__str text = ns__node_text(plan->query, written);
    for (uint32_t l = 0; l < plan->lang_count; l++) {
        plan->tokens[l].count = 0;
        NS_TRY(ns__analyzer_run(plan->analyzer, plan->langs[l], text, &plan->tokens[l], plan->err));
    }
    size_t count = plan->tokens[0].count;
    if (count == 0)
        return NS_OK;
    if (written->kind == NS__NODE_PHRASE || written->occur != NS__SHOULD) {
        if (count > 1)
            NS_COUNT(PLAN_PHRASE);
        return add_leaf(plan, written->occur, 0, count);
    }
    if (count > 1)
        NS_COUNT(PLAN_CUT);
    size_t first = plan->leaf_count;
    for (size_t i = 0; i < count; i++)
        NS_TRY(add_leaf(plan, NS__SHOULD, i, 1));
    return add_runs(plan, first);
}

static int compare_uses(const use *a, const use *b)
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
    return compare_uses(*(use *const *)a, *(use *const *)b);
}

/* The largest df of the group's terms, each summed over the segments. */
static ns_status find_df(planner *plan, ns__group *group)
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

static ns_status make_groups(planner *plan, ns__plan *out)
{
    use **sorted = ns__arena_alloc(plan->arena, plan->use_count * sizeof(use *));
    out->groups = ns__arena_alloc(plan->arena, plan->use_count * sizeof *out->groups);
    if (sorted == NULL || out->groups == NULL)
        return ns__no_memory(plan->err);
    for (size_t i = 0; i < plan->use_count; i++)
        sorted[i] = &plan->uses[i];
    if (plan->use_count > 0)
        qsort(sorted, plan->use_count, sizeof *sorted, by_terms);
    for (size_t i = 0; i < plan->use_count; i++) {
        if (i == 0 || compare_uses(sorted[i - 1], sorted[i]) != 0)
            out->groups[out->group_count++] =
                (ns__group){.terms = sorted[i]->terms, .term_count = sorted[i]->term_count};
        sorted[i]->group = out->group_count - 1;
        out->groups[out->group_count - 1].weight += sorted[i]->counted;
    }
    if (out->group_count > NS_MAX_QUERY_LEAVES)
        return ns__fail(plan->err, NS_ERR_LIMIT, "the query has more than %d different words",
                        NS_MAX_QUERY_LEAVES);
    for (uint32_t g = 0; g < out->group_count; g++) {
        NS_TRY(find_df(plan, &out->groups[g]));
        count_group(&out->groups[g]);
        out->groups[g].factor =
            ns__bm25_factor(&out->bm25, out->groups[g].df, out->groups[g].weight);
    }
    return NS_OK;
}

static ns_status make_leaves(planner *plan, ns__plan *out)
{
    size_t all = plan->leaf_count + plan->run_count;
    out->leaves = ns__arena_alloc(plan->arena, all * sizeof *out->leaves);
    uint32_t *slots = ns__arena_alloc(plan->arena, plan->use_count * sizeof *slots);
    if (out->leaves == NULL || slots == NULL)
        return ns__no_memory(plan->err);
    for (size_t i = 0; i < plan->use_count; i++)
        slots[i] = plan->uses[i].group;
    for (size_t i = 0; i < plan->leaf_count; i++) {
        const draft_leaf *draft = &plan->leaves[i];
        out->leaves[out->leaf_count++] =
            (ns__plan_leaf){draft->occur, slots + draft->first_use, draft->use_count, 0};
        out->musts += draft->occur == NS__MUST;
        out->shoulds += draft->occur == NS__SHOULD;
        out->nots += draft->occur == NS__NOT;
        out->phrases |= draft->occur != NS__NOT && draft->use_count != 1;
    }
    for (size_t i = 0; i < plan->run_count; i++) {
        const draft_run *draft = &plan->runs[i];
        ns__plan_leaf *leaf = &out->leaves[out->leaf_count + out->run_count++];
        /* Its leaves are words: one use each, one behind the other. */
        *leaf = (ns__plan_leaf){NS__SHOULD, slots + plan->leaves[draft->first_leaf].first_use,
                                draft->count, 0};
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            leaf->bonus += out->groups[leaf->slots[s]].factor;
        leaf->bonus *= NS_RUN_BONUS;
    }
    return NS_OK;
}

static ns_status make(planner *plan, ns__plan *out)
{
    ns_analysis_settings settings = plan->index->manifest.settings.analysis;
    settings.language[0] = '\0'; /* that of records without one: nothing is to be guessed here */
    NS_TRY(ns__analyzer_open(&settings, &plan->analyzer, plan->err));
    find_languages(plan);
    const ns__node *nodes = plan->query->nodes;
    for (uint32_t n = nodes[0].child; n != NS__NO_NODE; n = nodes[n].next)
        NS_TRY(add_written(plan, &nodes[n]));
    NS_TRY(make_groups(plan, out));
    return make_leaves(plan, out);
}

ns_status ns__plan_make(const ns_index *index, const ns__query *query, double k1, double b,
                        ns__arena *arena, ns__plan *out, ns_error *err)
{
    *out = (ns__plan){.bm25 = ns__bm25_of(k1, b, index->passages, index->average)};
    planner plan = {.index = index,
                    .query = query,
                    .arena = arena,
                    .err = err,
                    .expansions = MAX_ALL_EXPANSIONS};
    ns_status status = make(&plan, out);
    for (size_t l = 0; l < sizeof plan.tokens / sizeof *plan.tokens; l++)
        ns__tokens_release(&plan.tokens[l]);
    ns__free(plan.uses);
    ns__free(plan.leaves);
    ns__free(plan.runs);
    ns__analyzer_close(plan.analyzer);
    return status;
}
