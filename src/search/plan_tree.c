/* The nodes of a query as conditions over leaves and filters.
 *
 * Lists within lists become one where that means the same, so that most queries end up flat however
 * they were written: (a OR b) OR c, a AND b AND c, ((a)). */
#include "base/count.h"
#include "search/glob.h"
#include "search/planner.h"

static ns_status add_cond(ns__planner *plan, ns__cond cond, uint32_t *index)
{
    if (NS_RESERVE(plan->conds, plan->cond_capacity, plan->cond_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    cond.child = cond.next = NS__NO_NODE;
    plan->conds[plan->cond_count] = cond;
    *index = (uint32_t)plan->cond_count++;
    return NS_OK;
}

/* A list under construction. */
typedef struct list {
    uint32_t cond, last; /* its condition, and the last child so far */
    ns__context context;
} list;

static void put(ns__planner *plan, list *into, uint32_t cond)
{
    *(into->last == NS__NO_NODE ? &plan->conds[into->cond].child : &plan->conds[into->last].next) =
        cond;
    into->last = cond;
}

static bool is_filter(const ns__node *node)
{
    return node->kind == NS__NODE_VALUE || node->kind == NS__NODE_DATE ||
           node->kind == NS__NODE_ALL;
}

/* A filter, or a list of nothing else but filters and what is excluded. */
static bool is_filter_like(const ns__query *query, const ns__node *node)
{
    if (node->kind != NS__NODE_LIST)
        return is_filter(node);
    for (uint32_t n = node->child; n != NS__NO_NODE; n = query->nodes[n].next)
        if (query->nodes[n].occur != NS__NOT && !is_filter_like(query, &query->nodes[n]))
            return false;
    return true;
}

static ns_status fold_value(ns__planner *plan, const ns__node *node, ns__filter *filter)
{
    ns__str text = ns__node_text(plan->query, node);
    filter->pattern = ns__glob_is_pattern(text);
    if (!filter->pattern) {
        uint8_t *plain = ns__arena_alloc(plan->arena, text.length);
        if (plain == NULL)
            return ns__no_memory(plan->err);
        text = (ns__str){plain, ns__glob_plain(text, plain)};
    }
    ns__folder folder = {0}; /* values are compared without case and diacritics in any index */
    ns_status status = NS_OK;
    if (node->field != NS__FIELD_ID) {
        status = ns__fold_text(&folder, text, plan->err);
        ns__even_blanks(&folder.term);
        text = (ns__str){folder.term.data, folder.term.length};
    }
    const uint8_t *copy =
        status == NS_OK ? ns__arena_copy(plan->arena, text.data, text.length) : NULL;
    ns__folder_release(&folder);
    NS_TRY(status);
    if (copy == NULL)
        return ns__no_memory(plan->err);
    filter->text = (ns__str){copy, text.length};
    return NS_OK;
}

static ns_status add_filter(ns__planner *plan, const ns__node *node, ns__occur occur, list *into)
{
    if (plan->filter_count == NS_MAX_FILTERS)
        return ns__fail(plan->err, NS_ERR_LIMIT, "the query has more than %d values and dates",
                        NS_MAX_FILTERS);
    if (NS_RESERVE(plan->filters, plan->filter_capacity, plan->filter_count + 1) != NS_OK)
        return ns__no_memory(plan->err);
    ns__filter *filter = &plan->filters[plan->filter_count];
    bool positive = into->context.positive != (occur == NS__NOT);
    *filter = (ns__filter){.kind = node->kind,
                           .field = node->field,
                           .from = node->date_from,
                           .to = node->date_to,
                           .occur = positive ? NS__MUST : NS__NOT};
    if (node->kind == NS__NODE_VALUE)
        NS_TRY(fold_value(plan, node, filter));
    uint32_t cond = 0;
    NS_TRY(add_cond(plan,
                    (ns__cond){.kind = NS__COND_FILTER,
                               .occur = occur,
                               .index = (uint32_t)plan->filter_count++},
                    &cond));
    put(plan, into, cond);
    return NS_OK;
}

static ns_status add_leaves(ns__planner *plan, const ns__node *node, ns__occur occur, list *into)
{
    size_t first = plan->leaf_count;
    ns__context context = into->context;
    context.positive = context.positive != (occur == NS__NOT);
    if (node->kind == NS__NODE_NEAR || node->kind == NS__NODE_WITHIN)
        NS_TRY(ns__plan_near(plan, node, context));
    else
        NS_TRY(ns__plan_words(plan, node, context, occur == NS__SHOULD && context.positive));
    for (size_t l = first; l < plan->leaf_count; l++) {
        uint32_t cond = 0;
        NS_TRY(add_cond(
            plan, (ns__cond){.kind = NS__COND_LEAF, .occur = occur, .index = (uint32_t)l}, &cond));
        put(plan, into, cond);
    }
    return NS_OK;
}

/* What there is in a list. */
typedef struct census {
    uint32_t count, shoulds, musts, nots;
    bool requires; /* some MUST is no filter */
} census;

static census count_children(const ns__planner *plan, uint32_t node)
{
    const ns__node *nodes = plan->query->nodes;
    census all = {0};
    for (uint32_t n = nodes[node].child; n != NS__NO_NODE; n = nodes[n].next) {
        all.count++;
        all.shoulds += nodes[n].occur == NS__SHOULD;
        all.musts += nodes[n].occur == NS__MUST;
        all.nots += nodes[n].occur == NS__NOT;
        all.requires |= nodes[n].occur == NS__MUST && !is_filter_like(plan->query, &nodes[n]);
    }
    return all;
}

static ns_status add_children(ns__planner *plan, uint32_t node, list *into, const ns__occur *as);

/* A list within a list: its children take its place where that means the same. */
static ns_status add_list(ns__planner *plan, uint32_t index, ns__occur occur, list *into)
{
    census all = count_children(plan, index);
    bool wanted = all.count == all.shoulds;
    if (all.count == 0)
        return NS_OK;
    if ((all.count == 1 && all.nots == 0) || (wanted && occur != NS__MUST))
        return add_children(plan, index, into, &occur);
    if (occur == NS__MUST && all.shoulds == 0 && all.requires)
        return add_children(plan, index, into, NULL);
    list inner = {.last = NS__NO_NODE, .context = into->context};
    inner.context.positive = inner.context.positive != (occur == NS__NOT);
    NS_TRY(add_cond(plan, (ns__cond){.kind = NS__COND_LIST, .occur = occur}, &inner.cond));
    NS_TRY(add_children(plan, index, &inner, NULL));
    if (inner.last != NS__NO_NODE) /* else nothing was left of its words */
        put(plan, into, inner.cond);
    return NS_OK;
}

/* Children of a list node, each with its own occur or `as` another. Depth is the parser's. */
static ns_status add_children(ns__planner *plan, uint32_t node, list *into, const ns__occur *as)
{
    const ns__node *nodes = plan->query->nodes;
    double outer = into->context.weight;
    into->context.weight *= nodes[node].weight;
    for (uint32_t n = nodes[node].child; n != NS__NO_NODE; n = nodes[n].next) {
        ns__occur occur = as ? *as : nodes[n].occur;
        if (is_filter(&nodes[n]))
            NS_TRY(add_filter(plan, &nodes[n], occur, into));
        else if (nodes[n].kind == NS__NODE_LIST)
            NS_TRY(add_list(plan, n, occur, into));
        else
            NS_TRY(add_leaves(plan, &nodes[n], occur, into));
    }
    into->context.weight = outer;
    return NS_OK;
}

ns_status ns__plan_conditions(ns__planner *plan)
{
    list root = {.last = NS__NO_NODE, .context = {1, true}};
    NS_TRY(add_cond(plan, (ns__cond){.kind = NS__COND_LIST, .occur = NS__MUST}, &root.cond));
    return add_children(plan, 0, &root, NULL);
}

/* ---- Settling ---- */

/* Whether a condition says nothing of words; or, `but_excluded`, of words that must be there. */
static bool is_all_filters(const ns__plan *plan, uint32_t cond, bool but_excluded)
{
    if (plan->conds[cond].kind != NS__COND_LIST)
        return plan->conds[cond].kind == NS__COND_FILTER;
    for (uint32_t c = plan->conds[cond].child; c != NS__NO_NODE; c = plan->conds[c].next)
        if (!(but_excluded && plan->conds[c].occur == NS__NOT) &&
            !is_all_filters(plan, c, but_excluded))
            return false;
    return true;
}

/* Then nothing is found: what is excluded from the excluded counts as wanted where something is
 * asked for, and asks for nothing by itself. */
static bool only_excludes(const ns__plan *out)
{
    for (uint32_t c = out->conds[0].child; c != NS__NO_NODE; c = out->conds[c].next)
        if (out->conds[c].occur != NS__NOT)
            return false;
    return true;
}

/* Takes what holds for the whole query and is about no words out of the root. */
static void take_masks(ns__plan *out)
{
    uint32_t *link = &out->conds[0].child;
    out->masks = NS__NO_NODE;
    while (*link != NS__NO_NODE) {
        uint32_t c = *link;
        if (out->conds[c].occur == NS__SHOULD || !is_all_filters(out, c, false)) {
            link = &out->conds[c].next;
            continue;
        }
        *link = out->conds[c].next;
        out->conds[c].next = out->masks;
        out->masks = c;
    }
}

/* Whether one of a list's SHOULD children must hold: none but filters is required. */
static void find_wants(ns__plan *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool shoulds = false, musts = false;
        for (uint32_t c = out->conds[i].child; c != NS__NO_NODE; c = out->conds[c].next) {
            shoulds |= out->conds[c].occur == NS__SHOULD;
            musts |= out->conds[c].occur == NS__MUST && !is_all_filters(out, c, true);
        }
        out->conds[i].wants = shoulds && !musts;
    }
}

static bool is_flat(const ns__plan *out)
{
    for (uint32_t c = out->conds[0].child; c != NS__NO_NODE; c = out->conds[c].next) {
        const ns__cond *cond = &out->conds[c];
        if (cond->kind != NS__COND_LEAF || out->leaves[cond->index].kind != NS__LEAF_TERMS ||
            out->leaves[cond->index].field != NS__FIELD_ANY ||
            out->leaves[cond->index].literals != NULL)
            return false;
    }
    return true;
}

ns_status ns__plan_settle(ns__planner *plan, ns__plan *out)
{
    out->conds = ns__arena_alloc(plan->arena, plan->cond_count * sizeof *out->conds);
    out->filters = ns__arena_alloc(plan->arena, (plan->filter_count + 1) * sizeof *out->filters);
    if (out->conds == NULL || out->filters == NULL)
        return ns__no_memory(plan->err);
    memcpy(out->conds, plan->conds, plan->cond_count * sizeof *out->conds);
    if (plan->filter_count > 0)
        memcpy(out->filters, plan->filters, plan->filter_count * sizeof *out->filters);
    out->cond_count = (uint32_t)plan->cond_count;
    out->filter_count = (uint32_t)plan->filter_count;
    out->masks = NS__NO_NODE;
    if (only_excludes(out))
        return NS_OK;
    for (uint32_t f = 0; f < out->filter_count; f++)
        out->by_filter |= out->filters[f].occur != NS__NOT;
    find_wants(out, plan->cond_count);
    take_masks(out);
    out->tree = !is_flat(out);
    if (!out->tree)
        for (uint32_t c = out->conds[0].child; c != NS__NO_NODE; c = out->conds[c].next)
            out->leaves[out->conds[c].index].occur = out->conds[c].occur;
    for (uint32_t l = 0; l < out->leaf_count; l++) {
        const ns__plan_leaf *leaf = &out->leaves[l];
        out->musts += leaf->occur == NS__MUST;
        out->shoulds += leaf->occur == NS__SHOULD;
        out->nots += leaf->occur == NS__NOT;
        out->phrases |= leaf->occur != NS__NOT && leaf->slot_count != 1;
    }
    if (out->by_filter && out->musts + out->shoulds == 0)
        out->tree = true; /* whatever the filters leave matches */
    return NS_OK;
}
