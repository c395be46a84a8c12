#include "query/tree.h"

#include "base/limits.h"

enum { THOUSAND = 1000 };

/* ---- Nodes and chains ---- */

static bool is_inner(ns__node_kind kind)
{
    return kind == NS__NODE_LIST || kind == NS__NODE_NEAR || kind == NS__NODE_WITHIN;
}

static bool is_filter(ns__node_kind kind)
{
    return kind == NS__NODE_VALUE || kind == NS__NODE_DATE;
}

static bool is_spread(ns__node_kind kind)
{
    return kind == NS__NODE_PATTERN || kind == NS__NODE_FUZZY;
}

/* Counts a node to be made. */
static ns_status count_node(ns__query *query, ns__node_kind kind, ns_error *err)
{
    const char *what = NULL;
    int limit = 0;
    if (is_filter(kind) && ++query->filters > NS_MAX_FILTERS) {
        what = "values and dates";
        limit = NS_MAX_FILTERS;
    } else if (is_spread(kind) && ++query->spreads > NS_MAX_SPREADS) {
        what = "patterns and inexact words";
        limit = NS_MAX_SPREADS;
    } else if (!is_inner(kind) && ++query->leaves > NS_MAX_QUERY_LEAVES) {
        what = "words and phrases";
        limit = NS_MAX_QUERY_LEAVES;
    }
    if (what == NULL)
        return NS_OK;
    return ns__fail(err, NS_ERR_LIMIT, "the query has more than %d %s; ask in several queries",
                    limit, what);
}

ns_status ns__tree_node(ns__query *query, ns__node node, uint32_t *out, ns_error *err)
{
    NS_TRY(count_node(query, node.kind, err));
    if (NS_RESERVE(query->nodes, query->capacity, (size_t)query->count + 1) != NS_OK)
        return ns__no_memory(err);
    if (node.weight == 0)
        node.weight = 1;
    if (!is_inner(node.kind))
        node.child = NS__NO_NODE;
    node.next = NS__NO_NODE;
    query->nodes[query->count] = node;
    *out = query->count++;
    return NS_OK;
}

void ns__items_add(ns__query *query, ns__items *items, uint32_t node)
{
    if (node == NS__NO_NODE)
        return;
    query->nodes[node].next = NS__NO_NODE;
    if (items->count++ == 0)
        items->first = node;
    else
        query->nodes[items->last].next = node;
    items->last = node;
}

uint32_t ns__tree_thousandths(double weight)
{
    return (uint32_t)(weight * THOUSAND + 0.5);
}

void ns__tree_weigh(ns__query *query, uint32_t at, uint32_t thousandths)
{
    ns__node *node = &query->nodes[at];
    if (ns__tree_is_filter(query, at))
        return;
    uint64_t product = (uint64_t)ns__tree_thousandths(node->weight) * thousandths;
    uint64_t rounded = (product + THOUSAND / 2) / THOUSAND;
    uint64_t least = ns__tree_thousandths(NS_MIN_WEIGHT),
             most = ns__tree_thousandths(NS_MAX_WEIGHT);
    rounded = rounded < least ? least : rounded > most ? most : rounded;
    node->weight = (double)rounded / THOUSAND;
}

/* ---- Lists ---- */

typedef struct occurs {
    uint32_t should, must, not ;
} occurs;

static occurs count_children(const ns__query *query, uint32_t list)
{
    occurs counts = {0};
    for (uint32_t n = query->nodes[list].child; n != NS__NO_NODE; n = query->nodes[n].next) {
        ns__occur occur = query->nodes[n].occur;
        counts.should += occur == NS__SHOULD;
        counts.must += occur == NS__MUST;
        counts.not += occur == NS__NOT;
    }
    return counts;
}

/* No deeper than parentheses. */
bool ns__tree_is_filter(const ns__query *query, uint32_t node)
{
    const ns__node *nodes = query->nodes;
    if (nodes[node].kind != NS__NODE_LIST)
        return is_filter(nodes[node].kind);
    for (uint32_t n = nodes[node].child; n != NS__NO_NODE; n = nodes[n].next) {
        if (nodes[n].occur != NS__NOT && !ns__tree_is_filter(query, n))
            return false;
    }
    return true;
}

bool ns__tree_only_excludes(const ns__query *query, uint32_t node)
{
    if (node == NS__NO_NODE)
        return false;
    if (query->nodes[node].occur == NS__NOT)
        return true;
    if (query->nodes[node].kind != NS__NODE_LIST)
        return false;
    occurs counts = count_children(query, node);
    return counts.not > 0 && counts.should + counts.must == 0;
}

void ns__tree_prefix(ns__query *query, uint32_t node, ns__occur occur)
{
    if (node == NS__NO_NODE)
        return;
    if (query->nodes[node].occur == NS__NOT)
        occur = occur == NS__NOT ? NS__MUST : NS__NOT;
    query->nodes[node].occur = occur;
}

/* Can the weight of a list be given to each of its children, exactly? */
static bool can_share_weight(const ns__query *query, uint32_t list)
{
    uint64_t weight = ns__tree_thousandths(query->nodes[list].weight);
    for (uint32_t n = query->nodes[list].child; n != NS__NO_NODE; n = query->nodes[n].next) {
        uint64_t product = weight * ns__tree_thousandths(query->nodes[n].weight);
        if (product % THOUSAND != 0 || product < THOUSAND ||
            product > THOUSAND * (uint64_t)ns__tree_thousandths(NS_MAX_WEIGHT))
            return false;
    }
    return true;
}

/* Gives the children of a list its weight and `occur`; returns the last of them. */
static uint32_t release_children(ns__query *query, uint32_t list, ns__occur occur)
{
    uint32_t weight = ns__tree_thousandths(query->nodes[list].weight);
    uint32_t last = NS__NO_NODE;
    for (uint32_t n = query->nodes[list].child; n != NS__NO_NODE; n = query->nodes[n].next) {
        ns__tree_weigh(query, n, weight);
        query->nodes[n].occur = occur;
        last = n;
    }
    return last;
}

/* Do the children of `node` take its place? Then *last gets the last of them. */
static bool dissolve(ns__query *query, uint32_t node, uint32_t *last)
{
    ns__node *list = &query->nodes[node];
    if (list->occur == NS__NOT)
        list->weight = 1; /* what is excluded has none */
    if (list->kind != NS__NODE_LIST)
        return false;
    occurs counts = count_children(query, node);
    if (counts.should + counts.must == 0 && list->occur == NS__NOT) {
        (void)release_children(query, node, NS__SHOULD); /* not (not a and not b) */
        list->occur = NS__MUST;
        return false;
    }
    if (counts.should + counts.must == 0) {
        list->weight = 1;
        *last = release_children(query, node, NS__NOT);
        return true;
    }
    bool only_should = counts.must + counts.not == 0, only_must = counts.should + counts.not == 0;
    if (only_should && list->occur == NS__NOT) {
        *last = release_children(query, node, NS__NOT);
        return true;
    }
    if (!(only_should && list->occur == NS__SHOULD) && !(only_must && list->occur == NS__MUST))
        return false;
    if (!can_share_weight(query, node))
        return false;
    *last = release_children(query, node, list->occur);
    return true;
}

/* The items in normal form: lists among them dissolved where that says the same. */
static ns__items dissolve_all(ns__query *query, ns__items items)
{
    ns__items done = NS__NO_ITEMS;
    for (uint32_t n = items.first, last; n != NS__NO_NODE;) {
        uint32_t next = query->nodes[n].next;
        if (dissolve(query, n, &last)) {
            query->nodes[last].next = next;
            n = query->nodes[n].child;
        } else {
            ns__items_add(query, &done, n);
            n = next;
        }
    }
    return done;
}

/* A node over the items, in which they are children. */
static ns_status put_over(ns__query *query, ns__node over, ns__items items, uint32_t *out,
                          ns_error *err)
{
    over.child = items.first;
    over.from = UINT32_MAX;
    over.to = 0;
    for (uint32_t n = items.first; n != NS__NO_NODE; n = query->nodes[n].next) {
        over.from = query->nodes[n].from < over.from ? query->nodes[n].from : over.from;
        over.to = query->nodes[n].to > over.to ? query->nodes[n].to : over.to;
    }
    return ns__tree_node(query, over, out, err);
}

static ns_status make_list(ns__query *query, ns__items items, uint32_t *out, ns_error *err)
{
    *out = items.first;
    if (items.count < 2)
        return NS_OK;
    items = dissolve_all(query, items);
    return put_over(query, (ns__node){.kind = NS__NODE_LIST}, items, out, err);
}

ns_status ns__tree_any(ns__query *query, ns__items items, uint32_t *out, ns_error *err)
{
    ns__items wanted = NS__NO_ITEMS, excluded = NS__NO_ITEMS;
    if (items.count < 2)
        return make_list(query, items, out, err);
    for (uint32_t n = items.first, next; n != NS__NO_NODE; n = next) {
        next = query->nodes[n].next;
        if (ns__tree_only_excludes(query, n)) {
            ns__items_add(query, &excluded, n);
        } else {
            query->nodes[n].occur = NS__SHOULD;
            ns__items_add(query, &wanted, n);
        }
    }
    uint32_t alternatives;
    NS_TRY(make_list(query, wanted, &alternatives, err));
    ns__items all = NS__NO_ITEMS;
    ns__items_add(query, &all, alternatives);
    for (uint32_t n = excluded.first, next; n != NS__NO_NODE; n = next) {
        next = query->nodes[n].next;
        ns__items_add(query, &all, n);
    }
    return ns__tree_side(query, all, false, out, err);
}

ns_status ns__tree_all(ns__query *query, ns__items items, uint32_t *out, ns_error *err)
{
    for (uint32_t n = items.first; items.count > 1 && n != NS__NO_NODE; n = query->nodes[n].next) {
        if (query->nodes[n].occur != NS__NOT)
            query->nodes[n].occur = NS__MUST;
    }
    return make_list(query, items, out, err);
}

ns_status ns__tree_side(ns__query *query, ns__items items, bool all, uint32_t *out, ns_error *err)
{
    for (uint32_t n = items.first; items.count > 1 && n != NS__NO_NODE; n = query->nodes[n].next) {
        if (query->nodes[n].occur == NS__SHOULD && (all || ns__tree_is_filter(query, n)))
            query->nodes[n].occur = NS__MUST;
    }
    return make_list(query, items, out, err);
}

/* ---- NEAR, SENTENCE, PARAGRAPH ---- */

static bool is_operand(const ns__node *node)
{
    return node->kind == NS__NODE_WORD || node->kind == NS__NODE_PHRASE ||
           node->kind == NS__NODE_PATTERN || node->kind == NS__NODE_FUZZY;
}

/* Takes the field of a leaf in; false when it is another than one before it. */
static bool share_field(const ns__node *node, ns__field *field)
{
    if (node->field == NS__FIELD_ANY || node->field == *field)
        return true;
    bool first = *field == NS__FIELD_ANY;
    *field = node->field;
    return first;
}

bool ns__tree_are_operands(const ns__query *query, ns__items items, ns__field *field)
{
    const ns__node *nodes = query->nodes;
    *field = NS__FIELD_ANY;
    for (uint32_t n = items.first; n != NS__NO_NODE; n = nodes[n].next) {
        if (nodes[n].occur == NS__NOT)
            return false;
        if (is_operand(&nodes[n]) && share_field(&nodes[n], field))
            continue;
        if (nodes[n].kind != NS__NODE_LIST)
            return false;
        for (uint32_t c = nodes[n].child; c != NS__NO_NODE; c = nodes[c].next) {
            if (nodes[c].occur != NS__SHOULD || !is_operand(&nodes[c]) ||
                !share_field(&nodes[c], field))
                return false;
        }
    }
    return true;
}

ns_status ns__tree_near(ns__query *query, ns__node form, ns__items items, uint32_t *out,
                        ns_error *err)
{
    *out = items.first;
    if (items.count < 2)
        return NS_OK;
    if (items.count > NS_MAX_NEAR_OPERANDS)
        return ns__fail(err, NS_ERR_LIMIT, "%s has more than %d operands; write several",
                        form.kind == NS__NODE_NEAR ? "NEAR" : "SENTENCE or PARAGRAPH",
                        NS_MAX_NEAR_OPERANDS);
    for (uint32_t n = items.first; n != NS__NO_NODE; n = query->nodes[n].next) {
        query->nodes[n].occur = NS__MUST;
        if (query->nodes[n].kind != NS__NODE_LIST)
            query->nodes[n].field = form.field;
        for (uint32_t c = query->nodes[n].child; c != NS__NO_NODE; c = query->nodes[c].next)
            query->nodes[c].field = form.field;
    }
    form.occur = NS__SHOULD;
    return put_over(query, form, items, out, err);
}

/* ---- The whole ---- */

typedef struct copier {
    const ns__node *old;
    ns__node *made;
    uint32_t count;
    ns_error *err;
} copier;

/* Copies what hangs under `from`, itself first. */
static ns_status copy(copier *task, uint32_t from, unsigned depth, uint32_t *to)
{
    if (depth > NS_MAX_QUERY_DEPTH)
        return ns__fail(task->err, NS_ERR_LIMIT, "the query is nested more than %d deep",
                        NS_MAX_QUERY_DEPTH);
    uint32_t here = *to = task->count++, last = NS__NO_NODE;
    task->made[here] = task->old[from];
    task->made[here].child = task->made[here].next = NS__NO_NODE;
    for (uint32_t n = task->old[from].child; n != NS__NO_NODE; n = task->old[n].next) {
        uint32_t child;
        NS_TRY(copy(task, n, depth + 1, &child));
        if (last == NS__NO_NODE)
            task->made[here].child = child;
        else
            task->made[last].next = child;
        last = child;
    }
    return NS_OK;
}

static ns_status make_root(ns__query *query, uint32_t top, uint32_t *root, ns_error *err)
{
    ns__items items = NS__NO_ITEMS;
    if (top != NS__NO_NODE) {
        ns__node *node = &query->nodes[top];
        if (node->kind == NS__NODE_LIST && node->occur == NS__SHOULD && node->weight == 1) {
            *root = top;
            return NS_OK;
        }
        if (node->occur == NS__SHOULD && ns__tree_is_filter(query, top))
            node->occur = NS__MUST;
        ns__items_add(query, &items, top);
        items = dissolve_all(query, items);
    }
    return put_over(query, (ns__node){.kind = NS__NODE_LIST}, items, root, err);
}

/* The nodes that hang together, in pre-order, instead of all. */
static ns_status renumber(ns__query *query, uint32_t root, ns_error *err)
{
    uint32_t first;
    if (NS_RESERVE(query->spare, query->spare_capacity, query->count) != NS_OK)
        return ns__no_memory(err);
    copier task = {.old = query->nodes, .made = query->spare, .err = err};
    ns_status status = copy(&task, root, 0, &first);
    const size_t capacity = query->capacity;
    query->spare = query->nodes;
    query->nodes = task.made;
    query->capacity = query->spare_capacity;
    query->spare_capacity = capacity;
    query->count = task.count;
    return status;
}

ns_status ns__tree_finish(ns__query *query, uint32_t top, ns_error *err)
{
    uint32_t root;
    NS_TRY(make_root(query, top, &root, err));
    NS_TRY(renumber(query, root, err));
    query->nodes[0].occur = NS__MUST;
    query->nodes[0].from = 0;
    query->nodes[0].to = query->written;
    if (!ns__tree_only_excludes(query, 0))
        return NS_OK;
    return ns__query_note(
        query, 0, query->written, err,
        "a query that only excludes finds nothing; put a word before it, or * for "
        "all articles");
}
