/* Recursive graph bisection: see bisection.h; bisection_split.c has what happens to one node.
 *
 * A node is a range of `order`, its documents ascending. Large nodes are split by the caller, who
 * shares out the documents to the pool; small ones go to the pool with everything below them. Lists
 * in the spool are read through, turn by turn, until a node's fit the memory. */
#include "index/bisection_parts.h"

#include "base/mem.h"

enum {
    LEAF = 16,     /* documents that stay in input order */
    SMALL = 16384, /* documents of a node that is one job, at most */
    SHARES = 64    /* at least as many jobs, when there are documents enough */
};

static ns__bisection_node left_of(const ns__bisection_node *here)
{
    return (ns__bisection_node){here->first, here->count / 2, here->term_count};
}

static ns__bisection_node right_of(const ns__bisection_node *here)
{
    const uint32_t left = here->count / 2;
    return (ns__bisection_node){here->first + left, here->count - left, here->term_count};
}

/* Halvings until a node is a leaf: what a document of it has before it. */
static uint32_t levels_of(uint32_t count)
{
    uint32_t levels = 0;
    for (; count > LEAF; count -= count / 2)
        levels++;
    return levels;
}

static void add_done(ns__bisection *all, uint64_t done)
{
    (void)__atomic_add_fetch(&all->done, done, __ATOMIC_RELAXED);
}

/* ---- Small nodes: jobs ---- */

typedef struct subtree_job {
    ns__job job; /* first */
    ns__bisection *all;
    ns__bisection_node root;
} subtree_job;

/* The lists are in memory, so that nothing can fail. As deep as a number has bits. */
static void split_all(ns__bisection *all, ns__bisection_node here, ns__term_state *states)
{
    if (here.count <= LEAF || __atomic_load_n(&all->stop, __ATOMIC_RELAXED))
        return;
    (void)!ns__bisection_split(all, &here, states, false, NULL, NULL);
    add_done(all, here.count);
    split_all(all, left_of(&here), states);
    split_all(all, right_of(&here), states);
}

static void run_subtree(ns__job *job, unsigned worker)
{
    (void)worker;
    subtree_job *part = (subtree_job *)job;
    if (__atomic_load_n(&part->all->stop, __ATOMIC_RELAXED))
        return;
    ns__term_state *states = ns__alloc(part->root.term_count, sizeof *states);
    if (states == NULL)
        __atomic_store_n(&part->all->no_memory, true, __ATOMIC_RELAXED);
    else
        split_all(part->all, part->root, states);
    ns__free(states);
}

/* ---- Large nodes: the caller ---- */

static ns_status tick(const ns__bisection *all, ns_error *err)
{
    const uint64_t done = __atomic_load_n(&all->done, __ATOMIC_RELAXED);
    if (all->options->tick == NULL || all->all == 0)
        return NS_OK;
    const double share = (double)done / (double)all->all;
    return all->options->tick(all->options->payload, (uint32_t)(share * NS__BISECTION_DONE), err);
}

/* Nodes yet to be split, and jobs handed in. */
typedef struct agenda {
    ns__bisection_node nodes[64]; /* one for each level and one more */
    size_t count;
    subtree_job **jobs;
    size_t job_count, job_capacity;
} agenda;

static ns_status hand_in(ns__bisection *all, agenda *plan, const ns__bisection_node *here,
                         ns_error *err)
{
    if (NS_RESERVE(plan->jobs, plan->job_capacity, plan->job_count + 1) < 0)
        return ns__no_memory(err);
    subtree_job *part = ns__zalloc(1, sizeof *part);
    if (part == NULL)
        return ns__no_memory(err);
    *part = (subtree_job){{.run = run_subtree}, all, *here};
    plan->jobs[plan->job_count++] = part;
    ns__pool_submit(all->options->pool, &part->job);
    return NS_OK;
}

/* Splits the nodes of the agenda until all are handed in. */
static ns_status split_large(ns__bisection *all, agenda *plan, ns__term_state *states,
                             ns_error *err)
{
    const uint32_t documents = all->forward->documents;
    const uint32_t small = documents / SHARES < SMALL ? documents / SHARES : SMALL;
    while (plan->count > 0) {
        ns__bisection_node here = plan->nodes[--plan->count];
        if (here.count <= small || here.count <= LEAF) {
            NS_TRY(hand_in(all, plan, &here, err));
            continue;
        }
        NS_TRY(ns__bisection_split(all, &here, states, true, NULL, err));
        add_done(all, here.count);
        NS_TRY(tick(all, err));
        plan->nodes[plan->count++] = right_of(&here);
        plan->nodes[plan->count++] = left_of(&here);
    }
    return NS_OK;
}

/* Everything below a node whose lists are in memory. */
static ns_status split_in_memory(ns__bisection *all, const ns__bisection_node *root, ns_error *err)
{
    agenda plan = {.nodes = {*root}, .count = 1};
    ns__term_state *states = ns__alloc(root->term_count, sizeof *states);
    ns_status status = states ? split_large(all, &plan, states, err) : ns__no_memory(err);
    if (status < 0)
        __atomic_store_n(&all->stop, true, __ATOMIC_RELAXED);
    for (size_t j = 0; j < plan.job_count; j++) {
        ns__pool_wait(all->options->pool, &plan.jobs[j]->job);
        if (status == NS_OK)
            status = tick(all, err);
        if (status < 0)
            __atomic_store_n(&all->stop, true, __ATOMIC_RELAXED);
        ns__free(plan.jobs[j]);
    }
    ns__free(plan.jobs);
    ns__free(states);
    if (status == NS_OK && all->no_memory)
        status = ns__no_memory(err);
    return status;
}

/* ---- Lists in the spool ---- */

static uint64_t numbers_of(const ns__bisection *all, const ns__bisection_node *here)
{
    uint64_t numbers = 0;
    for (uint32_t i = here->first; i < here->first + here->count; i++)
        numbers += all->forward->lengths[all->order[i]];
    return numbers;
}

/* Reads the lists of a node into memory, as documents 0 .. count - 1. */
static ns_status load_lists(const ns__bisection *all, const ns__bisection_node *here,
                            ns__forward *out, ns_error *err)
{
    ns__forward_window win = {0};
    ns_status status = NS_OK;
    uint64_t at = 0;
    *out = (ns__forward){.documents = here->count, .term_count = here->term_count};
    out->starts = ns__alloc((size_t)here->count + 1, sizeof *out->starts);
    out->lengths = ns__alloc(here->count, sizeof *out->lengths);
    out->terms = ns__alloc(numbers_of(all, here), sizeof *out->terms);
    if (out->starts == NULL || out->lengths == NULL || out->terms == NULL)
        status = ns__no_memory(err);
    for (uint32_t i = 0; i < here->count && status == NS_OK; i++) {
        const uint32_t document = all->order[here->first + i];
        const uint32_t *list;
        status = ns__forward_list(all->forward, document, &win, &list, err);
        out->starts[i] = at;
        out->lengths[i] = all->forward->lengths[document];
        if (status == NS_OK && out->lengths[i] > 0)
            memcpy(out->terms + at, list, out->lengths[i] * sizeof *list);
        at += out->lengths[i];
    }
    ns__free(win.items);
    return status;
}

/* Splits a node with everything below it in memory; the result is the same. */
static ns_status split_loaded(ns__bisection *all, const ns__bisection_node *here, ns_error *err)
{
    ns__forward loaded;
    ns__bisection part = *all;
    uint32_t *order = ns__alloc(here->count, sizeof *order);
    ns_status status = order ? load_lists(all, here, &loaded, err) : ns__no_memory(err);
    if (order == NULL)
        return status;
    for (uint32_t i = 0; i < here->count; i++)
        order[i] = i;
    part.forward = &loaded;
    part.order = order;
    const ns__bisection_node root = {0, here->count, here->term_count};
    if (status == NS_OK)
        status = split_in_memory(&part, &root, err);
    uint32_t *documents = all->order + here->first, *old = ns__alloc(here->count, sizeof *old);
    if (status == NS_OK && old == NULL)
        status = ns__no_memory(err);
    if (status == NS_OK)
        memcpy(old, documents, here->count * sizeof *old);
    for (uint32_t i = 0; i < here->count && status == NS_OK; i++)
        documents[i] = old[order[i]];
    all->done = part.done;
    ns__free(old);
    ns__free(order);
    ns__free(loaded.starts);
    ns__free(loaded.lengths);
    ns__free(loaded.terms);
    return status;
}

static ns_status split_spooled(ns__bisection *all, const ns__bisection_node *root,
                               ns__term_state *states, ns_error *err)
{
    agenda plan = {.nodes = {*root}, .count = 1};
    ns__forward_window win = {0};
    ns_status status = NS_OK;
    while (plan.count > 0 && status == NS_OK) {
        ns__bisection_node here = plan.nodes[--plan.count];
        if (here.count <= LEAF)
            continue;
        if (numbers_of(all, &here) * sizeof *win.items <= all->options->memory_bytes) {
            status = split_loaded(all, &here, err);
            continue;
        }
        status = ns__bisection_split(all, &here, states, false, &win, err);
        add_done(all, here.count);
        if (status == NS_OK)
            status = tick(all, err);
        plan.nodes[plan.count++] = right_of(&here);
        plan.nodes[plan.count++] = left_of(&here);
    }
    ns__free(win.items);
    return status;
}

/* ---- All of it ---- */

static ns_status bisect(ns__bisection *all, ns_error *err)
{
    const ns__forward *forward = all->forward;
    const ns__bisection_node root = {0, forward->documents, forward->term_count};
    all->all = (uint64_t)forward->documents * levels_of(forward->documents);
    if (forward->terms != NULL)
        return split_in_memory(all, &root, err);
    ns__term_state *states = ns__alloc(forward->term_count, sizeof *states);
    ns_status status = states ? split_spooled(all, &root, states, err) : ns__no_memory(err);
    ns__free(states);
    return status;
}

ns_status ns__bisect(ns__forward *forward, const ns__bisection_options *options, uint32_t *order,
                     ns_error *err)
{
    ns__bisection all = {.forward = forward, .options = options, .order = order};
    const uint32_t count = forward->documents;
    for (uint32_t d = 0; d < count; d++)
        order[d] = d;
    if (count <= LEAF || forward->term_count == 0)
        return NS_OK;
    all.side = ns__alloc(count, sizeof *all.side);
    all.gains = ns__alloc(count, sizeof *all.gains);
    all.movers = ns__alloc(count, sizeof *all.movers);
    ns_status status = NS_OK;
    all.steps = ns__bisection_steps();
    if (all.steps == NULL || all.side == NULL || all.gains == NULL || all.movers == NULL)
        status = ns__no_memory(err);
    if (status == NS_OK)
        status = bisect(&all, err);
    ns__free(all.side);
    ns__free(all.gains);
    ns__free(all.movers);
    ns__free(all.steps);
    return status;
}
