/* Words of a query as the terms that an index may have for them. */
#include "base/count.h"
#include "search/literal.h"
#include "search/planner.h"
#include "text/utf8.h"

#include <stdlib.h>

static int by_bytes(const void *a, const void *b)
{
    return ns__str_compare(*(const ns__str *)a, *(const ns__str *)b);
}

static size_t sort_distinct(ns__str *terms, size_t count)
{
    if (count > 1)
        qsort(terms, count, sizeof *terms, by_bytes);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || !ns__str_equal(terms[i], terms[kept - 1]))
            terms[kept++] = terms[i];
    return kept;
}

/* Token `t` of the current text in a language. Words are cut the same way in all of them; should
 * they not be, a language that differs does not take part: NULL. */
static const ns__token *token_in(const ns__planner *plan, uint32_t l, size_t t)
{
    const ns__token *base = &plan->tokens[0].items[t];
    if (t >= plan->tokens[l].count)
        return NULL;
    const ns__token *token = &plan->tokens[l].items[t];
    return token->start == base->start && token->end == base->end ? token : NULL;
}

/* Token `t` as a term of each language. Returns how many. */
static size_t terms_in_languages(const ns__planner *plan, size_t t, ns__str *found)
{
    size_t count = 0;
    for (uint32_t l = 0; l < plan->lang_count; l++) {
        const ns__token *token = token_in(plan, l, t);
        if (token != NULL)
            found[count++] = ns__analyzer_term(plan->analyzer, token->term);
    }
    return count;
}

/* The bigrams that a lone cluster stands for. */
static ns_status expand_cluster(ns__planner *plan, ns__str cluster, ns__str **terms, size_t *count)
{
    const size_t room = plan->expansions < NS_MAX_EXPANSIONS ? plan->expansions : NS_MAX_EXPANSIONS;
    NS_TRY(ns__expand_cluster(plan->index, cluster, room, plan->arena, terms, count, plan->err));
    plan->expansions -= *count;
    NS_COUNT(PLAN_CLUSTER);
    if (*count == room)
        NS_COUNT(PLAN_CLUSTER_CUT);
    return NS_OK;
}

/* All terms that token `t` of the current text stands for. */
static ns_status token_terms(ns__planner *plan, size_t t, ns__use *out)
{
    const ns__token *base = &plan->tokens[0].items[t];
    ns__str found[NS_MAX_LANGUAGES + 1], *expanded = NULL;
    const size_t count = terms_in_languages(plan, t, found);
    size_t expanded_count = 0;
    if (base->flags & NS_TOKEN_SINGLE)
        NS_TRY(expand_cluster(plan, found[0], &expanded, &expanded_count));
    out->gram = base->flags & NS_TOKEN_GRAM;
    out->halves = expanded_count > 0;
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

static ns_status new_use(ns__planner *plan, ns__context context, ns__use **out)
{
    if (NS_RESERVE(plan->uses, plan->use_capacity, plan->use_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    *out = &plan->uses[plan->use_count];
    **out = (ns__use){.weight = context.positive ? context.weight : 0};
    return NS_OK;
}

static ns_status add_use(ns__planner *plan, size_t token, ns__context context)
{
    ns__use *added = NULL;
    NS_TRY(new_use(plan, context, &added));
    NS_TRY(token_terms(plan, token, added));
    plan->use_count++;
    return NS_OK;
}

static bool spreads(const ns__node *node)
{
    return node->kind == NS__NODE_PATTERN || node->kind == NS__NODE_FUZZY;
}

static ns_status fold_spread(ns__planner *plan, const ns__node *node, ns__spread *out)
{
    NS_TRY(ns__fold_text(&plan->folder, ns__node_text(plan->query, node), plan->err));
    const ns__buf *folded = &plan->folder.term;
    const uint8_t *copy = ns__arena_copy(plan->arena, folded->data, folded->length);
    if (copy == NULL)
        return ns__no_memory(plan->err);
    *out = (ns__spread){.text = {copy, folded->length},
                        .fuzzy = node->kind == NS__NODE_FUZZY,
                        .edits = node->distance};
    return NS_OK;
}

ns_status ns__plan_spreads(ns__planner *plan)
{
    const ns__query *query = plan->query;
    uint32_t count = 0;
    for (uint32_t n = 0; n < query->count; n++)
        count += spreads(&query->nodes[n]);
    if (count == 0)
        return NS_OK;
    if (count > NS_MAX_SPREADS)
        return ns__fail(plan->err, NS_ERR_LIMIT,
                        "the query has %u patterns and fuzzy words, more than the %d allowed",
                        count, NS_MAX_SPREADS);
    plan->spreads = ns__arena_alloc(plan->arena, count * sizeof *plan->spreads);
    plan->spread_nodes = ns__arena_alloc(plan->arena, count * sizeof *plan->spread_nodes);
    if (plan->spreads == NULL || plan->spread_nodes == NULL)
        return ns__no_memory(plan->err);
    for (uint32_t n = 0; n < query->count; n++)
        if (spreads(&query->nodes[n])) {
            NS_TRY(fold_spread(plan, &query->nodes[n], &plan->spreads[plan->spread_count]));
            plan->spread_nodes[plan->spread_count++] = n;
        }
    ns_status status = ns__expand_forms(plan->index, plan->watch, plan->spreads, count,
                                        plan->expansions, plan->arena, plan->err);
    plan->late = status == NS_DONE;
    if (status != NS_OK)
        return status < 0 ? status : NS_OK;
    for (uint32_t i = 0; i < count; i++) {
        plan->expansions -= plan->spreads[i].count;
        plan->cut |= plan->spreads[i].cut;
    }
    return NS_OK;
}

/* The terms that a pattern or fuzzy word stands for: one use, maybe of no term. */
static ns_status add_spread(ns__planner *plan, const ns__node *node, ns__context context)
{
    uint32_t at = 0;
    while (&plan->query->nodes[plan->spread_nodes[at]] != node)
        at++;
    ns__use *added = NULL;
    NS_TRY(new_use(plan, context, &added));
    added->terms = plan->spreads[at].terms;
    added->term_count = (uint32_t)plan->spreads[at].count;
    plan->use_count++;
    return NS_OK;
}

static ns_status analyse(ns__planner *plan, ns__str text)
{
    for (uint32_t l = 0; l < plan->lang_count; l++) {
        plan->tokens[l].count = 0;
        NS_TRY(ns__analyzer_run(plan->analyzer, plan->langs[l], text, &plan->tokens[l], plan->err));
    }
    return NS_OK;
}

/* The uses of a text that is not cut into leaves; *count of them, 0 for one that says nothing. */
static ns_status add_text(ns__planner *plan, const ns__node *node, ns__context context,
                          uint32_t *count)
{
    ns__str text = ns__node_text(plan->query, node);
    size_t first = plan->use_count;
    if (spreads(node)) {
        NS_TRY(add_spread(plan, node, context));
    } else {
        NS_TRY(analyse(plan, text));
        for (size_t i = 0; i < plan->tokens[0].count && i <= NS_MAX_PHRASE_TERMS; i++)
            NS_TRY(add_use(plan, i, context));
    }
    *count = (uint32_t)(plan->use_count - first);
    return NS_OK;
}

static ns_status add_draft(ns__planner *plan, ns__draft draft)
{
    if (plan->leaf_count == NS_MAX_QUERY_LEAVES)
        return ns__fail(plan->err, NS_ERR_LIMIT, "the query has more than %d words",
                        NS_MAX_QUERY_LEAVES);
    if (NS_RESERVE(plan->leaves, plan->leaf_capacity, plan->leaf_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    if (draft.leaf.slot_count > NS_MAX_PHRASE_TERMS && draft.leaf.kind == NS__LEAF_TERMS) {
        NS_COUNT(PLAN_NEVER);
        draft.leaf.slot_count = 0;
        plan->use_count = draft.first_use;
    }
    plan->leaves[plan->leaf_count++] = draft;
    return NS_OK;
}

static ns__draft new_draft(const ns__planner *plan, const ns__node *node, ns__context context)
{
    return (ns__draft){
        .first_use = (uint32_t)plan->use_count,
        .leaf = {.occur = context.positive ? NS__SHOULD : NS__NOT, .field = node->field}};
}

/* Whether one of the parts of a word is a single letter or digit, which says little by itself, and
 * all are of scripts with spaces. */
static bool is_short_cut(const ns__tokens *tokens, ns__str text)
{
    bool is_short = false;
    for (size_t i = 0; i < tokens->count; i++) {
        const ns__token *token = &tokens->items[i];
        const ns__str part = {text.data + token->start, token->end - token->start};
        is_short |= ns__utf8_count(part) == 1;
        if (token->flags & NS_TOKEN_GRAM)
            return false;
    }
    return is_short;
}

/* Where the run that begins with token i ends. */
static size_t run_end(const ns__tokens *tokens, size_t i)
{
    size_t end = i + 1;
    while (end < tokens->count && (tokens->items[end].flags & NS_TOKEN_JOINED))
        end++;
    return end;
}

/* Notes the runs among the tokens of a wanted word, whose leaves begin with `first`. A word like
 * AT&T or X-Men may be one as a whole: see settle_runs in plan.c. */
static ns_status add_runs(ns__planner *plan, ns__str text, size_t first)
{
    const ns__tokens *tokens = &plan->tokens[0];
    const bool whole = is_short_cut(tokens, text);
    for (size_t i = 0, end; i < tokens->count; i = end) {
        end = whole ? tokens->count : run_end(tokens, i);
        if (end - i < 2 || end - i > NS_MAX_PHRASE_TERMS)
            continue;
        if (NS_RESERVE(plan->runs, plan->run_capacity, plan->run_count + 1) != NS_OK)
            return ns__no_memory(plan->err);
        plan->runs[plan->run_count++] = (ns__draft_run){first + i, (uint32_t)(end - i), whole};
        for (size_t later = i + 1; later < end; later++)
            plan->leaves[first + later].leaf.joined = true;
    }
    return NS_OK;
}

/* A wanted word that analysis cuts into several ("anti-drug", a run of bigrams) wants each. */
static ns_status add_loose(ns__planner *plan, const ns__node *node, ns__context context)
{
    NS_TRY(analyse(plan, ns__node_text(plan->query, node)));
    size_t count = plan->tokens[0].count, first = plan->leaf_count;
    if (count > 1)
        NS_COUNT(PLAN_CUT);
    for (size_t i = 0; i < count; i++) {
        ns__draft draft = new_draft(plan, node, context);
        NS_TRY(add_use(plan, i, context));
        draft.leaf.slot_count = 1;
        NS_TRY(add_draft(plan, draft));
    }
    return context.positive && node->field == NS__FIELD_ANY
               ? add_runs(plan, ns__node_text(plan->query, node), first)
               : NS_OK;
}

static ns_status check_exact(const ns__planner *plan, const ns__node *node)
{
    const ns_index_settings *settings = &plan->index->manifest.settings;
    if (!node->exact || !settings->no_text || settings->exact)
        return NS_OK;
    return ns__fail(plan->err, NS_ERR_QUERY,
                    "this index keeps neither text nor how words are written, which =words need: "
                    "leave out the =, or index anew with --exact");
}

/* Token `t` of the current text as it is written. */
static ns_status make_literal(ns__planner *plan, ns__str text, size_t t, ns__literal *out)
{
    const ns__token *base = &plan->tokens[0].items[t];
    ns__literal_form forms[NS_MAX_LANGUAGES + 1];
    const ns__str raw = {text.data + base->start, base->end - base->start};
    ns__literal_word word = {raw, forms, 0};
    for (uint32_t l = 0; l < plan->lang_count; l++) {
        const ns__token *token = token_in(plan, l, t);
        if (token != NULL)
            forms[word.count++] = (ns__literal_form){
                .lang = plan->langs[l],
                .surface = ns__analyzer_form(plan->analyzer, token->form).surface};
    }
    return ns__literal_make(&word, &plan->folder, plan->arena, out, plan->err);
}

/* The words of an exact node as they are written, when it is one; its text has just been
 * analysed. */
static ns_status add_literals(ns__planner *plan, const ns__node *node, uint32_t count,
                              const ns__literal **literals)
{
    if (!node->exact)
        return NS_OK;
    ns__literal *all = ns__arena_alloc(plan->arena, count * sizeof *all);
    if (all == NULL)
        return ns__no_memory(plan->err);
    for (uint32_t s = 0; s < count; s++)
        NS_TRY(make_literal(plan, ns__node_text(plan->query, node), s, &all[s]));
    *literals = all;
    return NS_OK;
}

ns_status ns__plan_words(ns__planner *plan, const ns__node *node, ns__context context, bool loose)
{
    context.weight *= node->weight;
    NS_TRY(check_exact(plan, node));
    loose = loose && !node->exact;
    if (loose && node->kind == NS__NODE_WORD)
        return add_loose(plan, node, context);
    ns__draft draft = new_draft(plan, node, context);
    NS_TRY(add_text(plan, node, context, &draft.leaf.slot_count));
    if (draft.leaf.slot_count == 0)
        return NS_OK;
    NS_TRY(add_literals(plan, node, draft.leaf.slot_count, &draft.leaf.literals));
    if (draft.leaf.slot_count > 1)
        NS_COUNT(PLAN_PHRASE);
    return add_draft(plan, draft);
}

/* ---- Proximity ---- */

static ns_status add_alternative(ns__planner *plan, const ns__node *node, ns__context context,
                                 ns__operand *operand, uint32_t *firsts, uint32_t *total)
{
    context.weight *= node->weight;
    uint32_t count;
    NS_TRY(check_exact(plan, node));
    firsts[*total] = (uint32_t)plan->use_count;
    NS_TRY(add_text(plan, node, context, &count));
    if (count == 0)
        return NS_OK;
    ns__alternative *out = &operand->items[operand->count++];
    *out = (ns__alternative){.slot_count = count > NS_MAX_PHRASE_TERMS ? 0 : count};
    NS_TRY(add_literals(plan, node, count, &out->literals));
    ++*total;
    return NS_OK;
}

static ns_status add_operand(ns__planner *plan, const ns__node *node, ns__context context,
                             ns__operand *operand, uint32_t *firsts, uint32_t *total)
{
    const ns__node *nodes = plan->query->nodes;
    uint32_t count = 1;
    if (node->kind == NS__NODE_LIST) {
        count = 0;
        for (uint32_t n = node->child; n != NS__NO_NODE; n = nodes[n].next)
            count++;
    }
    *operand = (ns__operand){ns__arena_alloc(plan->arena, (count + 1) * sizeof *operand->items), 0};
    if (operand->items == NULL)
        return ns__no_memory(plan->err);
    if (node->kind != NS__NODE_LIST)
        return add_alternative(plan, node, context, operand, firsts, total);
    context.weight *= node->weight;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = nodes[n].next)
        NS_TRY(add_alternative(plan, &nodes[n], context, operand, firsts, total));
    return NS_OK;
}

/* Where sentences and paragraphs begin stands beside the text; a headline is one of each. */
static ns_status check_within(const ns__planner *plan, const ns__node *node)
{
    if (node->kind != NS__NODE_WITHIN || node->field == NS__FIELD_TITLE ||
        !plan->index->manifest.settings.no_text)
        return NS_OK;
    return ns__fail(plan->err, NS_ERR_QUERY,
                    "this index keeps no text, which %s( ) is decided by: write NEAR/%d instead",
                    node->paragraph ? "PARAGRAPH" : "SENTENCE", node->paragraph ? 60 : 20);
}

/* How many operands a NEAR or WITHIN has, and at most so many alternatives. */
static void count_operands(const ns__planner *plan, const ns__node *node, uint32_t *operands,
                           uint32_t *alternatives)
{
    const ns__node *nodes = plan->query->nodes;
    *operands = *alternatives = 0;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = nodes[n].next) {
        ++*operands;
        ++*alternatives;
        if (nodes[n].kind == NS__NODE_LIST)
            for (uint32_t m = nodes[n].child; m != NS__NO_NODE; m = nodes[m].next)
                ++*alternatives;
    }
}

ns_status ns__plan_near(ns__planner *plan, const ns__node *node, ns__context context)
{
    NS_TRY(check_within(plan, node));
    const ns__node *nodes = plan->query->nodes;
    ns__draft draft = new_draft(plan, node, context);
    uint32_t operands, alternatives, total = 0, kept = 0;
    count_operands(plan, node, &operands, &alternatives);
    ns__operand *items = ns__arena_alloc(plan->arena, (operands + 1) * sizeof *items);
    draft.firsts = ns__arena_alloc(plan->arena, (alternatives + 1) * sizeof *draft.firsts);
    if (items == NULL || draft.firsts == NULL)
        return ns__no_memory(plan->err);
    context.weight *= node->weight;
    for (uint32_t n = node->child; n != NS__NO_NODE; n = nodes[n].next) {
        NS_TRY(add_operand(plan, &nodes[n], context, &items[kept], draft.firsts, &total));
        kept += items[kept].count > 0; /* one that says nothing is passed over */
    }
    if (kept == 0)
        return NS_OK;
    if (kept > NS_MAX_NEAR_OPERANDS && node->kind == NS__NODE_NEAR)
        return ns__fail(plan->err, NS_ERR_LIMIT, "more than %d words are to stand near each other",
                        NS_MAX_NEAR_OPERANDS);
    draft.leaf.kind = node->kind == NS__NODE_NEAR ? NS__LEAF_NEAR : NS__LEAF_WITHIN;
    draft.leaf.ordered = node->ordered;
    draft.leaf.paragraph = node->paragraph;
    draft.leaf.distance = node->distance;
    draft.leaf.operands = items;
    draft.leaf.operand_count = kept;
    draft.leaf.slot_count = (uint32_t)(plan->use_count - draft.first_use);
    return add_draft(plan, draft);
}
