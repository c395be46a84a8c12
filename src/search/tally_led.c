/* Counting led by a rare word: its postings are looked up in the other lists. */
#include "search/tally.h"
#include "search/match.h"

#include "base/count.h"

static bool in_phrase(const ns__tally *all, uint32_t group)
{
    const ns__plan *plan = all->run->plan;
    if (all->phrase == UINT32_MAX)
        return false;
    for (uint32_t s = 0; s < plan->leaves[all->phrase].slot_count; s++)
        if (plan->leaves[all->phrase].slots[s] == group)
            return true;
    return false;
}

/* As narrow of drive_ask.c: whether the phrase may still stand in the leader's posting `slot`. */
static bool narrow(ns__tally *all, uint32_t group, uint32_t slot, uint32_t at)
{
    ns__starts *starts = &all->starts[slot];
    if (!all->started) {
        ns__starts_begin(all->run, starts);
        if (in_phrase(all, all->leader) &&
            !ns__starts_narrow(all->run, all->phrase, all->leader, all->cursors[all->leader], slot,
                               starts))
            return false;
    }
    return ns__starts_verdict_of(starts) != NS__STARTS_NONE &&
           ns__starts_narrow(all->run, all->phrase, group, all->cursors[group], at, starts) &&
           ns__starts_verdict_of(starts) != NS__STARTS_NONE;
}

/* Of `count` ids from `first` on, which the group has as postings `at`, those in which the phrase
 * may stand; returns how many. */
static uint32_t narrow_found(ns__tally *all, uint32_t group, uint32_t *ids, uint32_t first,
                             uint32_t count, uint32_t *at)
{
    uint32_t kept = first;
    uint32_t *slots = all->slots;
    uint8_t stays[NS_BLOCK_ROOM];
    bool done = false;
    ns__cursor *leader = all->cursors[all->leader], *cursor = all->cursors[group];
    const ns__starts_pairs pairs = {leader, cursor, all->leader, group, slots + first, at, count};
    if (!ns__cursor_load_tfs(cursor) ||
        (!all->started && in_phrase(all, all->leader) &&
         !ns__starts_narrow_pairs(all->run, all->phrase, &pairs, all->starts, stays, &done)))
        return 0;
    cursor->places_soon = leader->places_soon = count;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t slot = slots[first + i];
        const bool stay = done ? stays[i] : narrow(all, group, slot, at[i]);
        ids[kept] = ids[first + i];
        slots[kept] = slot;
        at[kept - first] = at[i];
        kept += stay;
    }
    return kept - first;
}

/* Keeps the ids that a group has (or, not `wanted`, has not): only them. */
static uint32_t sift_ids(ns__tally *all, uint32_t group, bool wanted, uint32_t *ids, uint32_t count)
{
    ns__cursor *cursor = all->cursors[group];
    uint32_t kept = 0, next = ns__cursor_find(cursor, ids[0], cursor->block);
    for (uint32_t from = 0, to; from < count; from = to) {
        const uint32_t block = next;
        const bool behind = block == cursor->list.blocks;
        to = behind ? count : ns__end_of(ids, from, count, ns__plist_last(&cursor->list, block));
        if (to < count) {
            next = ns__cursor_find(cursor, ids[to], block);
            ns__cursor_fetch(cursor, next, false);
        }
        if (behind && wanted)
            break;
        uint32_t stay = to - from;
        if (behind) {
            memmove(ids + kept, ids + from, stay * sizeof *ids);
            return kept + stay;
        }
        cursor->block = block;
        if (!ns__cursor_sift(cursor, all->kernels, block, wanted, ids + from, stay, ids + kept,
                             &stay))
            return 0;
        kept += stay;
    }
    return kept;
}

/* The same with the slot of each in the leader's block; of a word of the phrase those that leave it
 * possible. */
static uint32_t sift(ns__tally *all, uint32_t group, bool wanted, uint32_t *ids, uint32_t count)
{
    uint32_t kept = 0, at[NS_BLOCK_ROOM], *slots = all->slots;
    ns__cursor *cursor = all->cursors[group];
    const bool narrows = wanted && in_phrase(all, group);
    uint32_t next = ns__cursor_find(cursor, ids[0], cursor->block);
    for (uint32_t from = 0, to; from < count; from = to) {
        const uint32_t block = next;
        const bool behind = block == cursor->list.blocks;
        to = behind ? count : ns__end_of(ids, from, count, ns__plist_last(&cursor->list, block));
        if (to < count) {
            next = ns__cursor_find(cursor, ids[to], block);
            ns__cursor_fetch(cursor, next, narrows);
        }
        uint32_t found, first = kept;
        if (behind && wanted)
            break;
        if (behind) {
            memset(at, 0xff, (to - from) * sizeof *at); /* NS_NOWHERE */
        } else {
            cursor->block = block;
            if (!ns__cursor_lookup(cursor, all->kernels, block, ids + from, to - from, at, &found))
                return 0;
            if (found == 0 && wanted)
                continue;
        }
        if (wanted)
            kept += all->kernels->keep_ids(ids + from, slots + from, at, to - from, ids + kept,
                                           slots + kept);
        for (uint32_t i = from; !wanted && i < to; i++) {
            ids[kept] = ids[i];
            slots[kept] = slots[i];
            kept += at[i - from] == NS_NOWHERE;
        }
        if (narrows && kept > first)
            kept = first + narrow_found(all, group, ids, first, kept - first, at);
        if (wanted && all->tfs != NULL)
            ns__tally_keep_tfs(all, group, slots + first, kept - first, at);
        if (ns__exec_failed(all->run))
            return 0;
    }
    all->started |= narrows;
    return kept;
}

bool ns__tally_look_up(ns__tally *all, uint32_t group, const uint32_t *ids, uint32_t count)
{
    uint32_t at[NS_BLOCK_ROOM], slots[NS_BLOCK_ROOM], found, *tfs = all->tfs[group];
    ns__cursor *cursor = all->cursors[group];
    NS_COUNT(TALLY_LOOK_UP);
    for (uint32_t i = 0; i < count; i++)
        tfs[all->slots[i]] = 0;
    for (uint32_t from = 0, to; from < count; from = to) {
        const uint32_t block = ns__cursor_find(cursor, ids[from], cursor->block);
        if (block == cursor->list.blocks)
            break;
        to = ns__end_of(ids, from, count, ns__plist_last(&cursor->list, block));
        cursor->block = block;
        if (!ns__cursor_lookup(cursor, all->kernels, block, ids + from, to - from, at, &found))
            return false;
        uint32_t kept = 0;
        for (uint32_t i = from; i < to; i++) {
            slots[kept] = all->slots[i];
            at[kept] = at[i - from];
            kept += at[i - from] != NS_NOWHERE;
        }
        ns__tally_keep_tfs(all, group, slots, kept, at);
        if (ns__exec_failed(all->run))
            return false;
    }
    return true;
}

bool ns__tally_has_phrases(const ns__plan *plan)
{
    bool any = false;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        any |= plan->leaves[l].occur != NS__SHOULD && plan->leaves[l].slot_count != 1;
    return any;
}

static bool leaves_allow(const ns__tally *all, uint32_t passage, uint32_t slot)
{
    ns__exec *run = all->run;
    for (uint32_t l = 0; l < run->plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &run->plan->leaves[l];
        if (leaf->slot_count == 1 || leaf->occur == NS__SHOULD)
            continue;
        if (l == all->phrase && all->started &&
            ns__starts_verdict_of(&all->starts[slot]) == NS__STARTS_SOME)
            continue;
        if (leaf->occur == NS__MUST ? !ns__leaf_holds(run, l, passage)
                                    : ns__leaf_within(run, l, passage, passage + 1))
            return false;
    }
    return true;
}

/* Rare words first: fewer postings are left for the frequent ones. */
static bool goes_before(const ns__exec *run, const ns__tally_question *a,
                        const ns__tally_question *b)
{
    return a->wanted != b->wanted ? a->wanted : run->lists[a->group].df < run->lists[b->group].df;
}

static void add_question(ns__tally *all, uint32_t group, bool wanted)
{
    const ns__tally_question added = {group, wanted};
    for (uint32_t q = 0; q < all->question_count; q++)
        if (all->questions[q].group == group && all->questions[q].wanted == wanted)
            return;
    uint32_t at = all->question_count++;
    for (; at > 0 && goes_before(all->run, &added, &all->questions[at - 1]); at--)
        all->questions[at] = all->questions[at - 1];
    all->questions[at] = added;
}

/* What the other lists are asked about the leader's postings. */
static bool find_questions(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    const uint32_t most = 2 * plan->group_count; /* each group wanted and excluded */
    all->questions = ns__arena_alloc(all->run->reader->arena, most * sizeof *all->questions);
    if (all->questions == NULL)
        return ns__tally_no_memory(all->run);
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        const bool excluded = leaf->occur == NS__NOT && leaf->slot_count == 1;
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            if (excluded && all->run->lists[leaf->slots[s]].count > 0)
                add_question(all, leaf->slots[s], false);
            else if (leaf->occur == NS__MUST && leaf->slots[s] != all->leader)
                add_question(all, leaf->slots[s], true);
    }
    return true;
}

static bool goes_on(const ns__tally *all)
{
    return (all->offers || ns__exec_counts(all->run)) && !ns__exec_failed(all->run);
}

/* Counts and offers what is left of a block. */
static void count_found(ns__tally *all, uint32_t *ids, uint32_t count)
{
    ns__exec *run = all->run;
    const bool at_once = !all->phrases && ns__exec_counts(run) && !ns__exec_failed(run) &&
                         ns__tally_count_at_once(all, count);
    if (at_once)
        NS_COUNT(TALLY_LED_AT_ONCE);
    if (at_once && !all->offers)
        return;
    if (all->tfs != NULL)
        count = ns__tally_rate(all, ids, count, at_once || !ns__exec_counts(run));
    for (uint32_t i = 0; i < count && goes_on(all); i++) {
        const bool may_enter = all->offers && ns__tally_may_enter(all, i);
        const bool counts = !at_once && ns__exec_counts(run);
        if ((!may_enter && !counts) || !leaves_allow(all, ids[i], all->slots[i]) ||
            ns__exec_failed(run))
            continue;
        if (may_enter)
            ns__tally_offer(all, i, ids[i]);
        if (counts)
            ns__tally_count_passage(all, ids[i]);
    }
}

static void count_block(ns__tally *all, uint32_t block)
{
    ns__exec *run = all->run;
    ns__cursor *cursor = all->cursors[all->leader];
    const bool plain = all->phrase == UINT32_MAX && all->tfs == NULL; /* ids are enough */
    uint32_t ids[NS_BLOCK_ROOM];
    if (ns__exec_expired(run) || !ns__cursor_load(cursor, block) ||
        (!plain && !ns__cursor_load_tfs(cursor)))
        return;
    uint32_t count = cursor->count;
    memcpy(ids, cursor->ids, count * sizeof *ids);
    for (uint32_t i = 0; !plain && i < count; i++)
        all->slots[i] = i;
    all->started = false;
    for (uint32_t q = 0; q < all->question_count && count > 0; q++) {
        const ns__tally_question *of = &all->questions[q];
        count = plain ? sift_ids(all, of->group, of->wanted, ids, count)
                      : sift(all, of->group, of->wanted, ids, count);
    }
    count_found(all, ids, count);
}

/* Decoding comes to much the same either way. */
static bool led_is_faster(const ns__exec *run, uint32_t leader)
{
    /* In units of what it takes to put a posting into a set; a dense list is stored as sets. */
    enum { LOOK_UP = 5, LOOK_UP_DENSE = 2, PASSAGES_OF_SET = 32, DENSE = 8 };
    const ns__plan *plan = run->plan;
    const uint64_t passages = run->segment->articles.passages, of_set = passages / PASSAGES_OF_SET;
    uint64_t look_ups = 0, lists = 0, sets = of_set;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        const bool free = leaf->occur == NS__SHOULD && plan->musts > 0;
        for (uint32_t s = 0; s < leaf->slot_count && !free; s++) {
            const uint64_t df = run->lists[leaf->slots[s]].df;
            const bool dense = df * DENSE >= passages;
            sets += of_set + (dense ? 0 : df);
            look_ups += dense ? LOOK_UP_DENSE : LOOK_UP;
            lists++;
        }
    }
    /* All postings are looked up in the first of the other lists, half of them or less in others.
     */
    const uint64_t each = look_ups / lists;
    return run->lists[leader].df * each * lists / 2 < sets;
}

/* Whether a passage must have the words of a leaf: also of the only one that is wanted, where
 * others are excluded. */
static bool is_needed(const ns__plan *plan, const ns__plan_leaf *leaf)
{
    const bool only = plan->musts == 0 && plan->shoulds == 1 && plan->nots > 0;
    return leaf->occur == NS__MUST || (only && leaf->occur == NS__SHOULD && leaf->slot_count == 1);
}

uint32_t ns__tally_find_leader(const ns__exec *run, bool *nothing)
{
    const ns__plan *plan = run->plan;
    uint32_t leader = UINT32_MAX;
    bool single = true;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        const bool needed = is_needed(plan, leaf);
        *nothing |= needed && leaf->slot_count == 0;
        for (uint32_t s = 0; s < leaf->slot_count && (needed || leaf->occur == NS__NOT); s++) {
            const ns__lists *lists = &run->lists[leaf->slots[s]];
            single &= lists->count <= 1;
            if (!needed)
                continue;
            *nothing |= lists->count == 0;
            if (leader == UINT32_MAX || lists->df < run->lists[leader].df)
                leader = leaf->slots[s];
        }
    }
    return single ? leader : UINT32_MAX;
}

/* In sets a phrase would be asked for afterwards. */
bool ns__tally_leads(const ns__exec *run, uint32_t leader)
{
    return leader != UINT32_MAX &&
           (ns__starts_leaf(run) != UINT32_MAX || led_is_faster(run, leader));
}

static void count_blocks(ns__tally *all)
{
    uint32_t blocks = all->cursors[all->leader]->list.blocks;
    NS_COUNT(TALLY_LED);
    for (uint32_t b = 0; b < blocks && goes_on(all); b++) {
        ns__cursor_fetch(all->cursors[all->leader], b + 1, in_phrase(all, all->leader));
        count_block(all, b);
    }
}

/* Two words, either of which will do, one of them rare: what the other one's df lacks. */
bool ns__tally_count_either(ns__tally *all)
{
    ns__exec *run = all->run;
    const ns__plan *plan = run->plan;
    if (!all->by_bits || plan->leaf_count != 2 || plan->shoulds != 2 || plan->phrases)
        return false;
    uint32_t rare = plan->leaves[0].slots[0], other = plan->leaves[1].slots[0];
    if (run->lists[rare].df > run->lists[other].df) {
        uint32_t swap = rare;
        rare = other;
        other = swap;
    }
    const ns__lists *a = &run->lists[rare], *b = &run->lists[other];
    if (rare == other || a->count != 1 || b->count != 1 || !led_is_faster(run, rare) ||
        !(run->options->count || run->hits->articles + a->df + b->df <= NS_HITS_EXACT))
        return false;
    ns__tally_question lacks = {other, false};
    NS_COUNT(TALLY_EITHER);
    all->leader = rare;
    all->questions = &lacks;
    all->question_count = 1;
    count_blocks(all);
    if (!ns__exec_failed(run))
        (void)ns__tally_count_at_once(all, b->df);
    return true;
}

void ns__tally_count_led(ns__tally *all)
{
    if (find_questions(all) && ns__tally_open_tfs(all))
        count_blocks(all);
}
