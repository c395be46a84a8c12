/* One node of the bisection: its documents change sides.
 *
 * By turns: how often each term occurs on either side; what each document would gain by going over;
 * then those with the largest gains change places in pairs, while a pair gains anything.
 *
 * A term that occurs d times among n documents costs about d * log2(n / d) bits of gaps. With two
 * sides of the same n the part of n cancels, and what counts is the sum of -d * log2(d + 1).
 *
 * A term that occurs in one document of a node moves at no gain, so it is dropped from the lists
 * there, and the others are numbered anew: that keeps what is looked at small, and does not change
 * the result. */
#include "index/bisection_parts.h"

#include "base/mem.h"
#include "base/num.h"

enum {
    MOST_TURNS = 16, /* of one node */
    GAIN_BITS = 16,  /* behind the point */
    TABLE_BITS = 14,
    TABLE = 1 << TABLE_BITS, /* steps of d * log2(d + 1) that are known exactly */
    CHUNK = 1024,            /* documents of a job that finds gains */
    ENOUGH = 1024,           /* of so many documents one pair is too few for another turn */
    WINDOW = 1 << 18         /* numbers read from the spool at once */
};

/* ---- Costs ---- */

/* (d + 1) * log2(d + 2) - d * log2(d + 1), for every d; beyond the table it grows as log2 does. */
int32_t *ns__bisection_steps(void)
{
    int32_t *steps = ns__alloc(TABLE, sizeof *steps);
    if (steps == NULL)
        return NULL;
    const double scale = (double)(1 << GAIN_BITS) / ns__log(2);
    for (uint32_t d = 0; d < TABLE; d++) {
        double low = (double)d * ns__log((double)d + 1);
        double high = ((double)d + 1) * ns__log((double)d + 2);
        steps[d] = (int32_t)((high - low) * scale + 0.5);
    }
    return steps;
}

static inline int32_t step(const int32_t *steps, uint32_t d)
{
    unsigned bits = ns__bits32(d);
    unsigned shift = bits > TABLE_BITS ? bits - TABLE_BITS : 0;
    return steps[d >> shift] + (int32_t)(shift << GAIN_BITS);
}

static void find_term_gains(const int32_t *steps, ns__term_state *states, uint32_t count)
{
    for (uint32_t t = 0; t < count; t++) {
        ns__term_state *state = &states[t];
        const uint32_t a = state->degree[0], b = state->degree[1];
        state->gain[0] = a > 0 ? step(steps, b) - step(steps, a - 1) : 0;
        state->gain[1] = b > 0 ? step(steps, a) - step(steps, b - 1) : 0;
    }
}

/* ---- Lists ---- */

ns_status ns__forward_list(const ns__forward *forward, uint32_t document, ns__forward_window *win,
                           const uint32_t **list, ns_error *err)
{
    const uint64_t start = forward->starts[document];
    const uint32_t length = forward->lengths[document];
    if (forward->terms != NULL) {
        *list = forward->terms + start;
        return NS_OK;
    }
    if (length == 0) {
        *list = NULL;
        return NS_OK;
    }
    if (start < win->start || start + length > win->start + win->count) {
        const uint64_t left = forward->starts[forward->documents] - start;
        const uint64_t wanted = length > WINDOW ? length : WINDOW;
        win->start = start;
        win->count = (uint32_t)(left < wanted ? left : wanted);
        if (NS_RESERVE(win->items, win->capacity, win->count) < 0)
            return ns__no_memory(err);
        NS_TRY(ns__spool_read(forward->spool, start * sizeof *win->items, win->items,
                              win->count * sizeof *win->items, err));
    }
    *list = win->items + (start - win->start);
    return NS_OK;
}

/* Counts the terms of a node, whose first half stands on the left. */
static ns_status count_terms(const ns__bisection *all, const ns__bisection_node *here,
                             ns__term_state *states, ns__forward_window *win, ns_error *err)
{
    memset(states, 0, here->term_count * sizeof *states);
    for (uint32_t i = here->first; i < here->first + here->count; i++) {
        const uint8_t side = i - here->first >= here->count / 2;
        const uint32_t *list;
        NS_TRY(ns__forward_list(all->forward, all->order[i], win, &list, err));
        const uint32_t length = all->forward->lengths[all->order[i]];
        for (uint32_t t = 0; t < length; t++)
            states[list[t]].degree[side]++;
        all->side[i] = side ? 3 : 0;
    }
    return NS_OK;
}

/* Counts anew what has changed sides. */
static ns_status count_moved(const ns__bisection *all, const ns__bisection_node *here,
                             ns__term_state *states, ns__forward_window *win, ns_error *err)
{
    for (uint32_t i = here->first; i < here->first + here->count; i++) {
        const uint8_t now = all->side[i] & 1, before = all->side[i] >> 1;
        if (now == before)
            continue;
        const uint32_t *list;
        NS_TRY(ns__forward_list(all->forward, all->order[i], win, &list, err));
        const uint32_t length = all->forward->lengths[all->order[i]];
        for (uint32_t t = 0; t < length; t++) {
            states[list[t]].degree[before]--;
            states[list[t]].degree[now]++;
        }
        all->side[i] = now ? 3 : 0;
    }
    return NS_OK;
}

/* Leaves out terms of one document and numbers the others anew. The lists are in memory; `degree`
 * counts them. */
static void shrink_lists(const ns__bisection *all, ns__bisection_node *here, ns__term_state *states)
{
    uint32_t kept = 0;
    for (uint32_t t = 0; t < here->term_count; t++) {
        const uint32_t total = states[t].degree[0] + states[t].degree[1];
        states[t].gain[0] = total > 1 ? (int32_t)kept++ : -1;
    }
    for (uint32_t i = here->first; i < here->first + here->count; i++) {
        const uint32_t document = all->order[i];
        uint32_t *list = all->forward->terms + all->forward->starts[document];
        uint32_t length = 0;
        for (uint32_t t = 0; t < all->forward->lengths[document]; t++)
            if (states[list[t]].gain[0] >= 0)
                list[length++] = (uint32_t)states[list[t]].gain[0];
        all->forward->lengths[document] = length;
    }
    for (uint32_t t = 0; t < here->term_count; t++) /* downwards: never onto one still needed */
        if (states[t].gain[0] >= 0)
            states[states[t].gain[0]] = states[t];
    here->term_count = kept;
}

/* ---- One turn ---- */

static void find_gains(const ns__bisection *all, const ns__term_state *states, uint32_t first,
                       uint32_t end)
{
    for (uint32_t i = first; i < end; i++) {
        const uint32_t document = all->order[i];
        const uint32_t *list = all->forward->terms + all->forward->starts[document];
        const uint32_t length = all->forward->lengths[document];
        const uint8_t side = all->side[i] & 1;
        int64_t sum = 0;
        for (uint32_t t = 0; t < length; t++)
            sum += states[list[t]].gain[side];
        all->gains[i] = sum;
    }
}

static ns_status find_gains_of_spool(const ns__bisection *all, const ns__bisection_node *here,
                                     const ns__term_state *states, ns__forward_window *win,
                                     ns_error *err)
{
    for (uint32_t i = here->first; i < here->first + here->count; i++) {
        const uint32_t *list;
        NS_TRY(ns__forward_list(all->forward, all->order[i], win, &list, err));
        const uint32_t length = all->forward->lengths[all->order[i]];
        int64_t sum = 0;
        for (uint32_t t = 0; t < length; t++)
            sum += states[list[t]].gain[all->side[i] & 1];
        all->gains[i] = sum;
    }
    return NS_OK;
}

typedef struct gains_job {
    ns__job job; /* first */
    const ns__bisection *all;
    const ns__term_state *states;
    uint32_t first, end;
} gains_job;

static void run_gains(ns__job *job, unsigned worker)
{
    (void)worker;
    const gains_job *part = (const gains_job *)job;
    find_gains(part->all, part->states, part->first, part->end);
}

static ns_status find_gains_together(const ns__bisection *all, const ns__bisection_node *here,
                                     const ns__term_state *states, ns_error *err)
{
    const uint32_t count = (here->count + CHUNK - 1) / CHUNK;
    gains_job *jobs = ns__zalloc(count, sizeof *jobs);
    if (jobs == NULL)
        return ns__no_memory(err);
    const uint32_t stop = here->first + here->count;
    for (uint32_t j = 0; j < count; j++) {
        const uint32_t first = here->first + j * CHUNK;
        jobs[j] = (gains_job){
            {.run = run_gains}, all, states, first, stop - first < CHUNK ? stop : first + CHUNK};
        ns__pool_submit_first(all->options->pool, &jobs[j].job);
    }
    for (uint32_t j = 0; j < count; j++)
        ns__pool_wait(all->options->pool, &jobs[j].job);
    ns__free(jobs);
    return NS_OK;
}

static inline bool goes_before(const ns__mover *a, const ns__mover *b)
{
    return a->gain != b->gain ? a->gain > b->gain : a->at < b->at;
}

static void sift(ns__mover *heap, size_t count, size_t at)
{
    const ns__mover moved = heap[at];
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        child += child + 1 < count && goes_before(&heap[child + 1], &heap[child]);
        if (!goes_before(&heap[child], &moved))
            break;
        heap[at] = heap[child];
    }
    heap[at] = moved;
}

/* The documents of one side as a heap, the largest gain on top. */
static uint32_t heap_side(const ns__bisection *all, const ns__bisection_node *here, uint8_t side,
                          ns__mover *heap)
{
    uint32_t count = 0;
    for (uint32_t i = here->first; i < here->first + here->count; i++)
        if ((all->side[i] & 1) == side)
            heap[count++] = (ns__mover){all->gains[i], i};
    for (size_t i = count / 2; i-- > 0;)
        sift(heap, count, i);
    return count;
}

/* Lets pairs change sides, the largest gains first, while they gain anything. */
static uint32_t swap_pairs(const ns__bisection *all, const ns__bisection_node *here)
{
    ns__mover *left = all->movers + here->first;
    uint32_t lefts = heap_side(all, here, 0, left);
    ns__mover *right = left + lefts;
    uint32_t rights = heap_side(all, here, 1, right), swapped = 0;
    while (lefts > 0 && rights > 0 && left[0].gain + right[0].gain > 0) {
        all->side[left[0].at] ^= 1;
        all->side[right[0].at] ^= 1;
        left[0] = left[--lefts];
        right[0] = right[--rights];
        sift(left, lefts, 0);
        sift(right, rights, 0);
        swapped++;
    }
    return swapped;
}

/* ---- A node ---- */

/* Puts the left side before the right one, both ascending. */
static void part_sides(const ns__bisection *all, const ns__bisection_node *here)
{
    uint32_t *order = all->order + here->first, lefts = 0, rights = 0;
    ns__mover *right = all->movers + here->first;
    for (uint32_t i = 0; i < here->count; i++)
        if (all->side[here->first + i] & 1)
            right[rights++].at = order[i];
        else
            order[lefts++] = order[i];
    for (uint32_t i = 0; i < rights; i++)
        order[lefts + i] = right[i].at;
}

ns_status ns__bisection_split(const ns__bisection *all, ns__bisection_node *here,
                              ns__term_state *states, bool together, ns__forward_window *win,
                              ns_error *err)
{
    const bool in_memory = all->forward->terms != NULL;
    NS_TRY(count_terms(all, here, states, win, err));
    if (in_memory)
        shrink_lists(all, here, states);
    for (int turn = 0; turn < MOST_TURNS; turn++) {
        find_term_gains(all->steps, states, here->term_count);
        if (!in_memory)
            NS_TRY(find_gains_of_spool(all, here, states, win, err));
        else if (together)
            NS_TRY(find_gains_together(all, here, states, err));
        else
            find_gains(all, states, here->first, here->first + here->count);
        if (swap_pairs(all, here) <= here->count / ENOUGH)
            break;
        NS_TRY(count_moved(all, here, states, win, err));
    }
    part_sides(all, here);
    return NS_OK;
}
