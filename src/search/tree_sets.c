/* Trees whose leaves are words: a window of passages at a time, which articles match is told by
 * sets of them. The best of those are then found as for any flat query, behind a mask.
 *
 * A set of units has the bit of the last passage of each. A word's passages become its units by one
 * addition: where y has the bits of all passages but the last ones, and x those of them that have
 * the word, x + y carries into the bit of each last passage in front of which x has any. */
#include "base/count.h"
#include "search/chunk.h"
#include "search/drive.h"
#include "search/tally.h"
#include "search/units.h"

typedef struct sets {
    ns__tally all;      /* the window */
    uint64_t *last;     /* last passages of units, in the window */
    uint64_t *any;      /* passages of the segment with a wanted or required word */
    uint64_t *met;      /* units of the segment that match */
    uint8_t *carry;     /* of each condition, out of the window before */
    uint64_t **scratch; /* of each level of the tree two sets */
} sets;

/* ---- Which queries ---- */

static bool is_word(const ns__plan_leaf *leaf)
{
    return leaf->kind == NS__LEAF_TERMS && leaf->field == NS__FIELD_ANY && leaf->slot_count == 1 &&
           leaf->literals == NULL;
}

/* Levels of a condition of nothing but words; 0 when there is something else. */
static uint32_t levels_of(const ns__plan *plan, uint32_t cond)
{
    uint32_t most = 1;
    if (plan->conds[cond].kind == NS__COND_LEAF)
        return is_word(&plan->leaves[plan->conds[cond].index]) ? 1 : 0;
    if (plan->conds[cond].kind != NS__COND_LIST)
        return 0;
    for (uint32_t c = plan->conds[cond].child; c != NS__NO_NODE; c = plan->conds[c].next) {
        const uint32_t levels = levels_of(plan, c);
        if (levels == 0)
            return 0;
        most = levels + 1 > most ? levels + 1 : most;
    }
    return most;
}

/* How many postings lead to all articles that may match, as tree.c goes from one to the next. */
static uint64_t leading(const ns__exec *run, uint32_t cond)
{
    const ns__cond *conds = run->plan->conds;
    uint64_t fewest = UINT64_MAX, wanted = 0;
    if (conds[cond].kind == NS__COND_LEAF)
        return run->lists[run->plan->leaves[conds[cond].index].slots[0]].df;
    for (uint32_t c = conds[cond].child; c != NS__NO_NODE; c = conds[c].next) {
        const uint64_t here = conds[c].occur == NS__NOT ? 0 : leading(run, c);
        wanted += conds[c].occur == NS__SHOULD ? here : 0;
        fewest = conds[c].occur == NS__MUST && here < fewest ? here : fewest;
    }
    return conds[cond].wants && wanted < fewest ? wanted : fewest;
}

/* Whether going through all lists costs less than from article to article. */
static bool pays(const ns__exec *run)
{
    enum { POSTINGS_A_WORD = 512 }; /* as much as asking of one article about it: measured */
    uint64_t all = 0, groups = run->plan->group_count;
    for (uint32_t g = 0; g < groups; g++)
        all += run->lists[g].df;
    const uint64_t lead = leading(run, 0), most = UINT64_MAX / POSTINGS_A_WORD / groups;
    return lead > most ||
           lead * groups * POSTINGS_A_WORD > all / 2 + run->segment->articles.passages;
}

/* ---- Sets ---- */

static uint64_t *new_set(const sets *of, uint32_t words)
{
    const size_t bytes = ((size_t)words + 1) * sizeof(uint64_t);
    uint64_t *set = ns__arena_alloc(of->all.run->reader->arena, bytes);
    if (set != NULL)
        memset(set, 0, bytes);
    return set;
}

static bool open_sets(sets *of, ns__exec *run, uint32_t levels)
{
    enum { MOST = 16 * 1024 }; /* passages: the bytes of a window stay in the nearest cache */
    ns__arena *arena = run->reader->arena;
    const uint64_t wish = (4 * (uint64_t)run->segment->postings.window_passages + 63) / 64;
    const uint32_t part = wish < MOST / 64 ? (uint32_t)wish : MOST / 64;
    const uint32_t words = run->segment->articles.passages / 64 + 1;
    *of = (sets){.all = {.run = run,
                         .kernels = ns__window_kernels_for(run->reader->isa),
                         .window = 64 * part,
                         .words = part}};
    of->last = new_set(of, part);
    of->any = new_set(of, words + part);
    of->met = new_set(of, words + part);
    of->all.bytes = ns__arena_alloc(arena, of->all.window);
    of->carry = ns__arena_alloc(arena, run->plan->cond_count);
    of->scratch = ns__arena_alloc(arena, 2 * (size_t)levels * sizeof *of->scratch);
    bool good = of->last && of->any && of->met && of->all.bytes && of->carry && of->scratch;
    for (uint32_t l = 0; good && l < 2 * levels; l++)
        good = (of->scratch[l] = new_set(of, part)) != NULL;
    if (!good)
        return ns__tally_no_memory(run);
    memset(of->all.bytes, 0, of->all.window);
    memset(of->carry, 0, run->plan->cond_count);
    return ns__tally_open_cursors(&of->all);
}

/* The last passages of the units in the window. */
static void find_last(sets *of)
{
    const ns__articles *articles = &of->all.run->segment->articles;
    const uint32_t first = of->all.first / 64, words = (articles->passages + 63) / 64;
    if (articles->one_passage || of->all.run->options->scope == NS_SCOPE_PASSAGE) {
        const uint32_t size = of->all.end - of->all.first;
        memset(of->last, 0, of->all.words * sizeof *of->last);
        memset(of->last, 0xff, size / 64 * sizeof *of->last);
        if (size % 64 != 0)
            of->last[size / 64] = (UINT64_C(1) << size % 64) - 1;
        return;
    }
    for (uint32_t w = 0; w < of->all.words; w++) {
        const size_t at = (size_t)first + w;
        const uint64_t here = at < words ? ns__get_u64(articles->bits + 8 * at) : 0;
        const uint64_t next = at + 1 < words ? ns__get_u64(articles->bits + 8 * at + 8) : 0;
        of->last[w] = here >> 1 | next << 63;
    }
    const uint32_t end = articles->passages - 1;
    if (end / 64 - first < of->all.words)
        of->last[end / 64 - first] |= UINT64_C(1) << end % 64;
}

/* Makes units of passages. A unit that the window cuts is carried over. */
static void to_units(sets *of, uint32_t cond, uint64_t *set)
{
    uint64_t carry = of->carry[cond];
    for (uint32_t w = 0; w < of->all.words; w++) {
        const uint64_t last = of->last[w], y = ~last, x = set[w] & y;
        const uint64_t sum = x + y, with = sum + carry;
        carry = (sum < y) | (with < sum);
        set[w] = (with | set[w]) & last;
    }
    of->carry[cond] = (uint8_t)carry;
}

/* Adds the passages of a leaf to a set. */
static bool add_leaf(sets *of, uint32_t cond, uint64_t *set)
{
    const ns__plan *plan = of->all.run->plan;
    return ns__tally_add_group(&of->all, plan->leaves[plan->conds[cond].index].slots[0], set);
}

/* Takes passages of a leaf as what a match is made of, unless it is excluded. */
static void take_any(sets *of, uint32_t cond, const uint64_t *set)
{
    const ns__plan *plan = of->all.run->plan;
    uint64_t *any = of->any + of->all.first / 64;
    if (plan->leaves[plan->conds[cond].index].occur != NS__NOT)
        for (uint32_t w = 0; w < of->all.words; w++)
            any[w] |= set[w];
}

static bool find_units(sets *of, uint32_t cond, uint32_t level, uint64_t *out);

/* The units with one of the children that are wanted, into `out`: those that are words are one set
 * of passages. */
static bool find_wanted(sets *of, uint32_t list, uint32_t level, uint64_t *out)
{
    const ns__cond *conds = of->all.run->plan->conds;
    uint64_t *inner = of->scratch[2 * level + 1];
    uint32_t word = NS__NO_NODE;
    memset(out, 0, ((size_t)of->all.words + 1) * sizeof *out);
    for (uint32_t c = conds[list].child; c != NS__NO_NODE; c = conds[c].next)
        if (conds[c].occur == NS__SHOULD && conds[c].kind == NS__COND_LEAF) {
            if (!add_leaf(of, c, out))
                return false;
            word = c;
        }
    if (word != NS__NO_NODE)
        take_any(of, word, out); /* all of them are taken, or none */
    to_units(of, list, out);
    for (uint32_t c = conds[list].child; c != NS__NO_NODE; c = conds[c].next)
        if (conds[c].occur == NS__SHOULD && conds[c].kind == NS__COND_LIST) {
            if (!find_units(of, c, level + 1, inner))
                return false;
            for (uint32_t w = 0; w < of->all.words; w++)
                out[w] |= inner[w];
        }
    return true;
}

static bool find_in_list(sets *of, uint32_t list, uint32_t level, uint64_t *out)
{
    const ns__cond *conds = of->all.run->plan->conds;
    uint64_t *child = of->scratch[2 * level];
    memcpy(out, of->last, of->all.words * sizeof *out);
    if (!find_wanted(of, list, level, child))
        return false;
    for (uint32_t w = 0; conds[list].wants && w < of->all.words; w++)
        out[w] &= child[w];
    for (uint32_t c = conds[list].child; c != NS__NO_NODE; c = conds[c].next) {
        if (conds[c].occur == NS__SHOULD)
            continue;
        if (!find_units(of, c, level + 1, child))
            return false;
        const uint64_t flip = conds[c].occur == NS__NOT ? UINT64_MAX : 0;
        for (uint32_t w = 0; w < of->all.words; w++)
            out[w] &= child[w] ^ flip;
    }
    return true;
}

/* The units in which a condition holds, into `out`. Recursion is as deep as the query. */
static bool find_units(sets *of, uint32_t cond, uint32_t level, uint64_t *out)
{
    if (of->all.run->plan->conds[cond].kind == NS__COND_LIST)
        return find_in_list(of, cond, level, out);
    memset(out, 0, ((size_t)of->all.words + 1) * sizeof *out);
    if (!add_leaf(of, cond, out))
        return false;
    take_any(of, cond, out);
    to_units(of, cond, out);
    return true;
}

static bool find_all(sets *of)
{
    ns__exec *run = of->all.run;
    const uint32_t passages = run->segment->articles.passages;
    for (; of->all.first < passages; of->all.first = of->all.end) {
        of->all.end =
            passages - of->all.first > of->all.window ? of->all.first + of->all.window : passages;
        find_last(of);
        if (ns__exec_expired(run) || !find_units(of, 0, 0, of->met + of->all.first / 64))
            return false;
        run->reader->profile->windows++;
    }
    return !ns__exec_failed(run);
}

/* ---- What matches ---- */

/* Passages of [first, end) that match. */
static uint32_t count_any(const sets *of, uint32_t first, uint32_t end)
{
    uint32_t count = 0;
    for (uint32_t w = first / 64; w * 64 < end; w++) {
        uint64_t bits = of->any[w];
        if (w == first / 64)
            bits &= UINT64_MAX << first % 64;
        if (end - w * 64 < 64)
            bits &= (UINT64_C(1) << (end - w * 64)) - 1;
        count += (uint32_t)ns__count_ones(bits);
    }
    return count;
}

/* Live units that match, as ranges of passages. False when the run failed; *bare when one matches
 * without a word, by what it lacks. */
static bool list_units(const sets *of, ns__units *out, bool *bare)
{
    ns__exec *run = of->all.run;
    const ns__articles *articles = &run->segment->articles;
    const uint32_t words = articles->passages / 64 + 1;
    const bool alone = run->options->scope == NS_SCOPE_PASSAGE;
    size_t count = 1;
    for (uint32_t w = 0; w < words; w++)
        count += ns__count_ones(of->met[w]);
    *out = (ns__units){.first = ns__arena_alloc(run->reader->arena, count * sizeof *out->first),
                       .end = ns__arena_alloc(run->reader->arena, count * sizeof *out->end),
                       .settled = true};
    if (out->first == NULL || out->end == NULL)
        return ns__tally_no_memory(run);
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t rest = of->met[w]; rest != 0; rest &= rest - 1) {
            const uint32_t last = w * 64 + (uint32_t)__builtin_ctzll(rest);
            const uint32_t article = ns__article_of(articles, last);
            const uint32_t first = alone ? last : ns__article_first(articles, article);
            if (ns__segment_deleted(run->segment, article))
                continue;
            if (count_any(of, first, last + 1) == 0) {
                *bare |= run->plan->by_filter;
                continue;
            }
            out->first[out->count] = first;
            out->end[out->count++] = last + 1;
        }
    return true;
}

static void count_units(const sets *of, const ns__units *units)
{
    ns__exec *run = of->all.run;
    const ns__articles *articles = &run->segment->articles;
    for (uint32_t i = 0; i < units->count && ns__exec_counts(run);) {
        const uint32_t article = ns__article_of(articles, units->first[i]);
        const uint32_t end = ns__article_first(articles, article + 1);
        uint32_t passages = 0;
        for (; i < units->count && units->first[i] < end; i++)
            passages += count_any(of, units->first[i], units->end[i]);
        ns__exec_count(run, passages);
    }
}

/* Scores and counts every match, some articles at a time. */
static void report_all(const sets *of, const ns__units *units)
{
    enum { AT_ONCE = 2048 }; /* passages */
    ns__exec *run = of->all.run;
    const ns__articles *articles = &run->segment->articles;
    ns__chunk chunk = {0};
    for (uint32_t i = 0; i < units->count;) {
        const uint32_t begin = i, article = ns__article_of(articles, units->first[i]);
        while (++i < units->count && units->first[i] == units->end[i - 1] &&
               units->end[i] - units->first[begin] <= AT_ONCE)
            ;
        const uint32_t end = ns__article_of(articles, units->first[i - 1]) + 1;
        if (ns__exec_expired(run) || !ns__chunk_gather(run, &chunk, article, end, true))
            return;
        for (uint32_t p = chunk.first; p < chunk.end; p++) {
            const uint64_t bit = of->any[p / 64] >> p % 64 & 1;
            const uint32_t at = p - chunk.first;
            chunk.matched[at / 64] = (at % 64 ? chunk.matched[at / 64] : 0) | bit << at % 64;
        }
        ns__chunk_report(run, &chunk, true);
    }
}

bool ns__search_tree_sets(ns__exec *run, bool score)
{
    const ns__plan *plan = run->plan;
    const uint32_t levels = levels_of(plan, 0);
    const bool drives = ns__drive_can(run) && !ns__exec_wants_most(run);
    ns__units units;
    sets of;
    bool bare = false;
    if (levels == 0 || plan->group_count == 0 || !pays(run) ||
        (!drives && run->options->scope == NS_SCOPE_PASSAGE))
        return false;
    if (!open_sets(&of, run, levels) || !find_all(&of) || !list_units(&of, &units, &bare))
        return true;
    if (bare)
        return false;
    NS_COUNT(TREE_SETS);
    if (score && drives)
        ns__units_score(run, &units);
    else if (score)
        report_all(&of, &units);
    if (!ns__exec_failed(run) && (drives || !score))
        count_units(&of, &units);
    return true;
}
