/* Counting: which queries, and their windows. */
#include "search/tally.h"

#include "base/count.h"

enum { MOST_PASSAGES = 16 * 1024 }; /* of a window: its bytes stay in the nearest cache */

/* ---- Which queries ---- */

bool ns__tally_by_passage(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    bool alone = run->options->scope == NS_SCOPE_PASSAGE || run->segment->articles.one_passage;
    return alone || (plan->nots == 0 && (plan->musts == 0 || (plan->musts == 1 && !plan->shoulds)));
}

bool ns__tally_can(const ns__exec *run)
{
    return ns__tally_by_passage(run) || ns__tally_units_can(run);
}

bool ns__tally_open_cursors(ns__tally *all)
{
    ns__exec *run = all->run;
    ns__arena *arena = run->reader->arena;
    uint32_t groups = run->plan->group_count;
    all->cursors = ns__arena_alloc(arena, groups * sizeof *all->cursors);
    if (all->cursors == NULL)
        return ns__tally_no_memory(run);
    for (uint32_t g = 0; g < groups; g++) {
        const ns__lists *lists = &run->lists[g];
        all->cursors[g] = ns__arena_alloc(arena, lists->count * sizeof **all->cursors);
        if (all->cursors[g] == NULL)
            return ns__tally_no_memory(run);
        for (uint32_t c = 0; c < lists->count; c++)
            all->cursors[g][c] = ns__cursor_copy(&lists->cursors[c]);
    }
    return true;
}

/* ---- A window ---- */

/* Passages with all that is required, into all->matched. */
static bool find_required(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    const uint64_t *within = NULL;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->leaves[l].occur != NS__MUST)
            continue;
        if (!ns__tally_find_leaf(all, l, within))
            return false;
        uint64_t *swap = all->matched;
        all->matched = all->leaf;
        all->leaf = swap;
        within = all->matched;
        if (ns__tally_is_empty(all, all->matched))
            return true;
    }
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__MUST)
            ns__tally_verify(all, l, all->matched);
    return true;
}

/* Passages with anything that is wanted: words first, phrases where no word is. */
static bool find_wanted(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    memset(all->matched, 0, ((size_t)all->words + 1) * sizeof *all->matched);
    if (!ns__tally_add_groups(all, all->wanted, all->wanted_count, all->matched))
        return false;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->leaves[l].occur != NS__SHOULD || plan->leaves[l].slot_count == 1)
            continue;
        if (!ns__tally_find_leaf(all, l, NULL))
            return false;
        for (uint32_t w = 0; w < all->words; w++)
            all->leaf[w] &= ~all->matched[w];
        ns__tally_verify(all, l, all->leaf);
        for (uint32_t w = 0; w < all->words; w++)
            all->matched[w] |= all->leaf[w];
    }
    return true;
}

static void count_window(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    if (ns__exec_expired(all->run))
        return;
    if (all->units != NULL) {
        ns__tally_units_count(all);
        return;
    }
    if (!(plan->musts > 0 ? find_required(all) : find_wanted(all)))
        return;
    for (uint32_t l = 0; l < plan->leaf_count && plan->nots > 0; l++) {
        if (plan->leaves[l].occur != NS__NOT || ns__tally_is_empty(all, all->matched))
            continue;
        NS_COUNT(TALLY_EXCLUDES);
        if (!ns__tally_find_leaf(all, l, all->matched))
            return;
        ns__tally_verify(all, l, all->leaf);
        for (uint32_t w = 0; w < all->words; w++)
            all->matched[w] &= ~all->leaf[w];
    }
    if (!ns__exec_failed(all->run))
        ns__tally_count_matched(all);
}

static void find_wanted_words(ns__tally *all)
{
    const ns__plan *plan = all->run->plan;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__SHOULD && plan->leaves[l].slot_count == 1)
            all->wanted[all->wanted_count++] = plan->leaves[l].slots[0];
}

static void count_windows(ns__tally *all)
{
    ns__exec *run = all->run;
    uint32_t passages = run->segment->articles.passages;
    ns__arena *arena = run->reader->arena;
    uint64_t window = 4 * (uint64_t)run->segment->postings.window_passages;
    window = window < MOST_PASSAGES ? (window + 63) / 64 * 64 : MOST_PASSAGES;
    all->window = (uint32_t)window;
    all->words = all->window / 64;
    all->matched = ns__arena_alloc(arena, ((size_t)all->words + 1) * sizeof *all->matched);
    all->leaf = ns__arena_alloc(arena, ((size_t)all->words + 1) * sizeof *all->leaf);
    all->slot = ns__arena_alloc(arena, ((size_t)all->words + 1) * sizeof *all->slot);
    all->bytes = ns__arena_alloc(arena, all->window);
    all->wanted = ns__arena_alloc(arena, run->plan->leaf_count * sizeof *all->wanted);
    if (!all->matched || !all->leaf || !all->slot || !all->bytes || !all->wanted) {
        ns__tally_no_memory(run);
        return;
    }
    memset(all->bytes, 0, all->window);
    find_wanted_words(all);
    if (!ns__tally_by_passage(run) && !ns__tally_units_open(all))
        return;
    for (; all->first < passages && ns__exec_counts(run) && !ns__exec_failed(run);
         all->first = all->end) {
        all->end = passages - all->first > all->window ? all->first + all->window : passages;
        count_window(all);
        run->reader->profile->windows++;
    }
    if (all->units != NULL && ns__exec_counts(run) && !ns__exec_failed(run))
        ns__tally_units_end(all);
}

/* One word: its df, where that counts articles. */
static bool count_word(ns__tally *all)
{
    ns__exec *run = all->run;
    const ns__plan *plan = run->plan;
    const ns__plan_leaf *leaf = plan->leaves;
    if (!all->by_bits || plan->nots > 0 || plan->musts + (plan->musts == 0) * plan->shoulds != 1)
        return false;
    while (plan->musts > 0 && leaf->occur != NS__MUST)
        leaf++;
    if (leaf->slot_count != 1)
        return false;
    const ns__lists *lists = &run->lists[leaf->slots[0]];
    if (lists->count > 1 || !ns__tally_count_at_once(all, lists->df))
        return false;
    NS_COUNT(TALLY_WORD);
    return true;
}

void ns__search_tally(ns__exec *run, bool offers)
{
    bool nothing = false;
    uint32_t leader = ns__tally_find_leader(run, &nothing);
    if (!ns__tally_by_passage(run) || (!offers && !ns__tally_leads(run, leader)))
        leader = UINT32_MAX;
    ns__tally all = {.run = run,
                     .leader = leader,
                     .offers = offers,
                     .phrase = leader == UINT32_MAX ? UINT32_MAX : ns__starts_leaf(run),
                     .phrases = ns__tally_has_phrases(run->plan),
                     .kernels = ns__window_kernels_for(run->reader->isa),
                     .article = UINT32_MAX,
                     .by_bits = run->segment->articles.one_passage &&
                                run->segment->deleted == NULL && run->collector == NULL};
    if (nothing || count_word(&all) || !ns__tally_open_cursors(&all))
        return;
    if (all.phrase != UINT32_MAX) {
        all.starts = ns__arena_alloc(run->reader->arena, NS_BLOCK_ROOM * sizeof *all.starts);
        if (all.starts == NULL) {
            ns__tally_no_memory(run);
            return;
        }
    }
    if (leader != UINT32_MAX) {
        ns__tally_count_led(&all);
    } else if (!ns__tally_count_either(&all)) {
        NS_COUNT(TALLY_WINDOWS);
        count_windows(&all);
    }
    ns__tally_end_article(&all);
}
