/* Making a plan: what its parts share while words are collected.
 *
 * Words are first collected as they occur ("uses"); sorting the uses by their terms makes equal
 * ones one group, already in the order that scores are added in. plan.c does that; plan_words.c
 * turns texts into uses and leaves, plan_tree.c the nodes of a query into conditions. */
#ifndef NS_SEARCH_PLANNER_H
#define NS_SEARCH_PLANNER_H

#include "base/limits.h"
#include "search/plan.h"
#include "text/analyzer.h"
#include "text/fold.h"

/* One occurrence of a word in the query. */
typedef struct ns__use {
    ns__str *terms; /* ascending, distinct */
    uint32_t term_count;
    double weight;  /* 0: excluded */
    bool gram;      /* of a script without spaces */
    bool halves;    /* a lone cluster: see ns__group */
    uint32_t group; /* filled when groups are made */
} ns__use;

/* A leaf whose slots are uses, which follow each other. Alternatives of its operands know the first
 * of their uses while there are no slots. */
typedef struct ns__draft {
    ns__plan_leaf leaf; /* slot_count: uses */
    uint32_t first_use;
    uint32_t *firsts; /* of NEAR and WITHIN: the first use of each alternative, in order */
} ns__draft;

/* Leaves that are the bigrams or parts of one run. */
typedef struct ns__draft_run {
    size_t first_leaf;
    uint32_t count;
    bool parts; /* not bigrams: such a run counts only where it is all of the query */
} ns__draft_run;

typedef struct ns__planner {
    const ns__query *query;
    ns__arena *arena;
    ns_error *err;
    const ns__watch *watch;
    bool late;              /* the time was up before all was known: there is no plan */
    size_t expansions;      /* terms that words of the query may still stand for */
    ns__spread *spreads;    /* patterns and fuzzy words, in order of the nodes */
    uint32_t *spread_nodes; /* the node of each */
    uint32_t spread_count;
    bool cut; /* some of those stand for more than is allowed */
    size_t use_count, leaf_count, run_count, cond_count, filter_count;

    /* What stays for the next plan: facts about the index, and memory. */
    const ns_index *index;
    ns__analyzer *analyzer;
    ns__folder folder;
    ns__lang langs[NS_MAX_LANGUAGES + 1];
    uint32_t lang_count;
    ns__use *uses;
    ns__draft *leaves;
    ns__draft_run *runs;
    ns__cond *conds;
    ns__filter *filters;
    size_t use_capacity, leaf_capacity, run_capacity, cond_capacity, filter_capacity;
    ns__tokens tokens[NS_MAX_LANGUAGES + 1]; /* of one leaf in each language */
} ns__planner;

/* A planner for any number of plans of one index. It is zeroed before, and closed also when opening
 * fails: NS_ERR_MEMORY. */
ns_status ns__planner_open(const ns_index *index, ns__planner *out, ns_error *err);
void ns__planner_close(ns__planner *plan);
/* Between plans: forgets words when they have become many. Returns the bytes that it still has. */
size_t ns__planner_rest(ns__planner *plan);

/* Analyses a query for the index. Everything in *out lives in the arena. NS_ERR_LIMIT when it has
 * more than NS_MAX_QUERY_LEAVES words after analysis, NS_ERR_CORRUPT, NS_ERR_MEMORY. */
ns_status ns__plan_make(ns__planner *plan, const ns__query *query, const ns__watch *watch,
                        double k1, double b, ns__arena *arena, ns__plan *out, ns_error *err);

/* ---- plan_words.c ---- */

/* What words stand for where they stand. */
typedef struct ns__context {
    double weight; /* product of those above */
    bool positive; /* under an even number of NOTs: they score, and what holds them matches */
} ns__context;

/* Finds what all patterns and fuzzy words of the query stand for. Comes first. */
ns_status ns__plan_spreads(ns__planner *plan);
/* Leaves for a WORD, PHRASE, PATTERN or FUZZY: none when analysis leaves nothing of it, several
 * when it is `loose` (a wanted word that analysis cuts), else one. */
ns_status ns__plan_words(ns__planner *plan, const ns__node *node, ns__context context, bool loose);
/* One leaf for a NEAR or WITHIN node. */
ns_status ns__plan_near(ns__planner *plan, const ns__node *node, ns__context context);

/* ---- plan_tree.c ---- */

/* Conditions, leaves and filters for the whole query. */
ns_status ns__plan_conditions(ns__planner *plan);
/* Hands them over, and decides whether the query is flat. Leaves stand in *out already. */
ns_status ns__plan_settle(ns__planner *plan, ns__plan *out);

#endif
