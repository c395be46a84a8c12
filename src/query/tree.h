/* Making the tree: what the reader of text and the builder share.
 *
 * Nodes that are not yet in a list stand in chains (through `next`). A node's `occur` says what it
 * is to become in the list that takes it. A LIST of only NOT children never stays inside another:
 * what takes it in takes over its children. Lists come out in normal form:
 *
 *   - a list inside has two children or more, at least one of them not NOT
 *   - no list of only SHOULD stands as SHOULD or NOT in another, none of only MUST as MUST: their
 *     children take their place. (Unless its weight cannot be given to the children.)
 *
 * So `-(a b)` is `-a -b`, `-(-a)` requires a, and `(a OR b) c` is a OR b OR c. */
#ifndef NS_QUERY_TREE_H
#define NS_QUERY_TREE_H

#include "query/query.h"

typedef struct ns__items {
    uint32_t first, last, count;
} ns__items;
#define NS__NO_ITEMS ((ns__items){NS__NO_NODE, NS__NO_NODE, 0})

/* A new node, alone; counted against the limits unless it is a LIST, NEAR or WITHIN. */
ns_status ns__tree_node(ns__query *query, ns__node node, uint32_t *out, ns_error *err);
void ns__items_add(ns__query *query, ns__items *items, uint32_t node);

/* Each makes one node of the items: NS__NO_NODE of none; of one that node itself, its occur kept.
 * _any: alternatives; what is NOT among them is excluded from all of them. _all: what is not NOT is
 * MUST. _side: as the items say, but values and dates are MUST; with `all`, everything is. */
ns_status ns__tree_any(ns__query *query, ns__items items, uint32_t *out, ns_error *err);
ns_status ns__tree_all(ns__query *query, ns__items items, uint32_t *out, ns_error *err);
ns_status ns__tree_side(ns__query *query, ns__items items, bool all, uint32_t *out, ns_error *err);

/* Can all of the items be operands of one NEAR or WITHIN? *field gets the field they share. */
bool ns__tree_are_operands(const ns__query *query, ns__items items, ns__field *field);
/* A NEAR or WITHIN like `form` of them. One item: that item. */
ns_status ns__tree_near(ns__query *query, ns__node form, ns__items items, uint32_t *out,
                        ns_error *err);

/* Multiplies the node's weight by `thousandths`, within the limits; weights are whole thousandths.
 */
void ns__tree_weigh(ns__query *query, uint32_t node, uint32_t thousandths);
uint32_t ns__tree_thousandths(double weight);

/* Makes of the node, which may exclude by itself, what `occur` says: -(-a) is required.
 * NS__NO_NODE: nothing. */
void ns__tree_prefix(ns__query *query, uint32_t node, ns__occur occur);
/* A value, a date, or a list of nothing else but what is excluded? */
bool ns__tree_is_filter(const ns__query *query, uint32_t node);
/* Excludes what stands in it, and has nothing else? */
bool ns__tree_only_excludes(const ns__query *query, uint32_t node);
/* `top` (or NS__NO_NODE) as the root, everything in pre-order. A note on a query that only
 * excludes. */
ns_status ns__tree_finish(ns__query *query, uint32_t top, ns_error *err);

#endif
