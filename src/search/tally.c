/* Counting without scores, for queries that are decided passage by passage.
 *
 * A window of passages at a time, every word is a bit set: + are intersections, - differences, the
 * rest unions. Blocks that are stored as bit sets are taken as they are. Where the rarest required
 * word is rare, its postings are looked up in the other lists instead, a block at a time and the
 * rarer lists first. Phrases are checked where all of their words, and all else that is required,
 * stand. */
#include "search/exec.h"
#include "search/kernels.h"
#include "search/starts.h"

#include "base/count.h"

enum { MOST_PASSAGES = 16 * 1024 }; /* of a window: its bytes stay in the nearest cache */

/* Led: passages with the group are kept or, not `wanted`, dropped. */
typedef struct question {
    uint32_t group;
    bool wanted;
} question;

typedef struct tally {
    ns__exec *run;
    const ns__window_kernels *kernels;
    ns__cursor **cursors;            /* copies of those of each group */
    uint32_t window, words;          /* passages of a full window; 64 of them a word */
    uint32_t first, end;             /* passages of the window looked at */
    uint64_t *matched, *leaf, *slot; /* words + 1 each */
    uint8_t *bytes;                  /* one a passage; all 0 between uses */
    bool offers;                     /* scores what it counts and offers it to the heap */
    uint32_t article, matches;       /* what is being counted */
    bool counted;                    /* the last article was, where the next window begins */
    /* Led: the phrase that starts are kept for, or UINT32_MAX; of each id, its posting in the
     * leader's block and the starts, once some other word narrowed them. */
    uint32_t phrase, leader, question_count;
    question *questions;
    ns__starts *starts;
    uint32_t slots[NS_BLOCK_ROOM];
    bool started;
    bool phrases; /* some leaf that is required or excluded is one */
    bool by_bits; /* articles are passages, none is deleted and nobody wants to know which they are:
                     bits are counted as they are */
} tally;

/* ---- Which queries ---- */

bool ns__tally_can(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    bool alone = run->options->scope == NS_SCOPE_PASSAGE || run->segment->articles.one_passage;
    return alone || (plan->nots == 0 && (plan->musts == 0 || (plan->musts == 1 && !plan->shoulds)));
}

static bool no_memory(ns__exec *run)
{
    if (run->reader->status == NS_OK)
        run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

static bool open_cursors(tally *all)
{
    ns__exec *run = all->run;
    ns__arena *arena = run->reader->arena;
    uint32_t groups = run->plan->group_count;
    all->cursors = ns__arena_alloc(arena, groups * sizeof *all->cursors);
    if (all->cursors == NULL)
        return no_memory(run);
    for (uint32_t g = 0; g < groups; g++) {
        const ns__lists *lists = &run->lists[g];
        all->cursors[g] = ns__arena_alloc(arena, lists->count * sizeof **all->cursors);
        if (all->cursors[g] == NULL)
            return no_memory(run);
        for (uint32_t c = 0; c < lists->count; c++)
            all->cursors[g][c] = ns__cursor_copy(&lists->cursors[c]);
    }
    return true;
}

/* ---- Counting ---- */

static void end_article(tally *all)
{
    if (all->matches > 0 && ns__exec_counts(all->run))
        ns__exec_count(all->run, all->matches);
    all->matches = 0;
}

static void count_passage(tally *all, uint32_t passage)
{
    ns__exec *run = all->run;
    uint32_t article, first, end;
    if (all->by_bits) {
        ns__exec_count(run, 1);
        return;
    }
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return;
    if (ns__segment_deleted(run->segment, article)) {
        NS_COUNT(TALLY_DELETED);
        return;
    }
    if (article != all->article)
        end_article(all);
    all->article = article;
    all->matches++;
    if (run->collector)
        ns__exec_offer(run, article, passage, 0);
}

/* Counts so many passages at once, where nothing is to be asked of each. */
static bool count_at_once(const tally *all, uint64_t passages)
{
    ns__exec *run = all->run;
    if (!all->by_bits || !(run->options->count || run->hits->articles + passages <= NS_HITS_EXACT))
        return false;
    run->hits->articles += passages;
    run->hits->passages += passages;
    return true;
}

/* How many articles that were not counted yet have a passage in 64 of them; `starts`: which begin
 * an article. *counted: whether the last article before them was, and then the last one of them. */
static uint32_t count_starts(uint64_t matched, uint64_t starts, bool *counted)
{
    uint64_t rest = matched;
    uint32_t articles = 0;
    if (*counted) /* on from the first start */
        rest &= starts ? ~((starts & -starts) - 1) : 0;
    while (rest != 0) {
        const uint64_t found = rest & -rest, behind = starts & ~(found | (found - 1));
        articles++;
        rest &= behind ? ~((behind & -behind) - 1) : 0;
    }
    if (starts != 0)
        *counted = matched >> (63 - __builtin_clzll(starts)) != 0;
    else
        *counted |= matched != 0;
    return articles;
}

/* Counts articles of several passages by the bits of where they begin, when none is deleted and
 * nobody wants to know which they are. */
static bool count_articles(tally *all)
{
    ns__exec *run = all->run;
    const ns__articles *articles = &run->segment->articles;
    const size_t words = (all->end - all->first + 63) / 64;
    const uint8_t *starts = articles->bits + all->first / 8;
    uint64_t found = 0, passages = 0;
    if (articles->one_passage || run->segment->deleted != NULL || run->collector != NULL)
        return false;
    NS_COUNT(TALLY_STARTS);
    for (size_t w = 0; w < words; w++)
        found += count_starts(all->matched[w], ns__get_u64(starts + 8 * w), &all->counted);
    passages = run->reader->kernels->count_bits((const uint8_t *)all->matched, words * 64);
    ns_hits *hits = run->hits;
    if (run->options->count || hits->articles + found <= NS_HITS_EXACT) {
        hits->articles += found;
        hits->passages += passages;
    } else { /* as if they were counted one by one */
        hits->articles = hits->passages = NS_HITS_EXACT + 1;
        hits->exact = false;
    }
    return true;
}

static void count_matched(tally *all)
{
    ns__exec *run = all->run;
    if (count_articles(all))
        return;
    uint64_t bits = run->reader->kernels->count_bits((const uint8_t *)all->matched, all->window);
    if (count_at_once(all, bits)) {
        NS_COUNT(TALLY_BITS);
        return;
    }
    for (uint32_t w = 0; w < all->words && ns__exec_counts(run) && !ns__exec_failed(run); w++)
        for (uint64_t rest = all->matched[w]; rest != 0 && ns__exec_counts(run); rest &= rest - 1)
            count_passage(all, all->first + w * 64 + (uint32_t)__builtin_ctzll(rest));
}

/* ---- Sets ---- */

/* Adds the bits of a block that lie in the window. */
static void add_bits(const tally *all, const ns__block_bits *view, uint64_t *set)
{
    const uint8_t *bits = view->bits;
    size_t bytes = view->bytes;
    uint32_t place = view->first - all->first;
    if (view->first < all->first) { /* from the byte on that holds the window's first bit */
        const size_t before = (all->first - view->first) / 8;
        if (before >= bytes)
            return;
        bits += before;
        bytes -= before;
        place = (uint32_t)(view->first + before * 8 - all->first); /* 0 .. 7 below 0 */
        if ((int32_t)place < 0) {
            set[0] |= (uint64_t)(*bits++ >> -place);
            bytes--;
            place += 8;
        }
    }
    const size_t most = (all->end - all->first - place + 7) / 8; /* what lies behind is cut off */
    bytes = bytes < most ? bytes : most;
    set += place / 64;
    const unsigned shift = place % 64;
    uint64_t carry = 0;
    for (; bytes >= 8; bytes -= 8, bits += 8) {
        const uint64_t word = ns__get_u64(bits);
        *set++ |= word << shift | carry;
        carry = word >> 1 >> (63 - shift);
    }
    const uint64_t word = bytes > 0 ? ns__get_u64(bits) & ((UINT64_C(1) << 8 * bytes) - 1) : 0;
    *set++ |= word << shift | carry;
    carry = word >> 1 >> (63 - shift);
    if (carry != 0)
        *set |= carry;
}

/* Adds a block's ids one by one: as bytes where they are close together, since bits of one word
 * would wait for each other. */
static bool add_ids(const tally *all, ns__cursor *cursor, uint32_t block, uint64_t *set,
                    bool *bytes)
{
    if (!ns__cursor_load(cursor, block))
        return false;
    const uint32_t *ids = cursor->ids;
    uint32_t from = 0, to = cursor->count;
    if (ids[0] < all->first)
        from = ns__lower_bound(ids, 0, to, all->first);
    if (ids[to - 1] >= all->end)
        to = ns__lower_bound(ids, from, to, all->end);
    if (from >= to)
        return true;
    if ((ids[to - 1] - ids[from]) / 32 < to - from) {
        *bytes = true;
        all->kernels->mark(ids + from, to - from, all->first, all->bytes);
    } else {
        for (uint32_t i = from; i < to; i++)
            set[(ids[i] - all->first) / 64] |= UINT64_C(1) << ((ids[i] - all->first) % 64);
    }
    return true;
}

/* Adds the passages of a group to a set. */
static bool add_group(tally *all, uint32_t group, uint64_t *set)
{
    bool bytes = false;
    for (uint32_t c = 0; c < all->run->lists[group].count; c++) {
        ns__cursor *cursor = &all->cursors[group][c];
        uint32_t block = ns__cursor_find(cursor, all->first, cursor->block);
        for (; block < cursor->list.blocks && ns__block_first(cursor, block) < all->end; block++) {
            ns__block_bits view;
            ns__block_place place;
            if (cursor->loaded != block && ns__plist_bits(&cursor->list, block, &view, &place)) {
                NS_COUNT(TALLY_BIT_BLOCK);
                add_bits(all, &view, set);
            } else if (!add_ids(all, cursor, block, set, &bytes)) {
                return false;
            }
        }
        cursor->block = block > 0 ? block - 1 : 0;
    }
    if (bytes)
        all->kernels->pack(all->bytes, all->window, set);
    uint32_t size = all->end - all->first; /* a damaged block's bits may lie behind */
    set[all->words] = 0;
    if (size < all->window) {
        set[size / 64] &= (UINT64_C(1) << (size % 64)) - 1;
        memset(set + size / 64 + 1, 0, (all->words - size / 64) * sizeof *set);
    }
    return true;
}

static bool is_empty(const tally *all, const uint64_t *set)
{
    uint64_t any = 0;
    for (uint32_t w = 0; w < all->words; w++)
        any |= set[w];
    return any == 0;
}

/* Of `within` (NULL for all), the passages with every word of a leaf, into all->leaf. */
static bool find_leaf(tally *all, uint32_t leaf, const uint64_t *within)
{
    const ns__plan_leaf *of = &all->run->plan->leaves[leaf];
    memset(all->leaf, 0, ((size_t)all->words + 1) * sizeof *all->leaf);
    for (uint32_t s = 0; s < of->slot_count; s++) {
        uint32_t slot = s;
        if (all->run->phrases[leaf].order != NULL)
            slot = all->run->phrases[leaf].order[s];
        uint64_t *set = s == 0 ? all->leaf : all->slot;
        if (s > 0)
            memset(all->slot, 0, ((size_t)all->words + 1) * sizeof *all->slot);
        if (!add_group(all, of->slots[slot], set))
            return false;
        if (s == 0 && within == NULL)
            continue;
        const uint64_t *also = s == 0 ? within : all->slot;
        for (uint32_t w = 0; w < all->words; w++)
            all->leaf[w] &= also[w];
        if (is_empty(all, all->leaf))
            break;
    }
    return true;
}

/* Takes out of `set` the passages where the phrase does not stand. */
static void verify(tally *all, uint32_t leaf, uint64_t *set)
{
    if (all->run->plan->leaves[leaf].slot_count == 1)
        return;
    for (uint32_t w = 0; w < all->words; w++)
        for (uint64_t rest = set[w]; rest != 0; rest &= rest - 1) {
            uint32_t bit = (uint32_t)__builtin_ctzll(rest);
            if (ns__exec_failed(all->run))
                return;
            if (!ns__leaf_holds(all->run, leaf, all->first + w * 64 + bit))
                set[w] &= ~(UINT64_C(1) << bit);
        }
}

/* ---- A window ---- */

/* Passages with all that is required, into all->matched. */
static bool find_required(tally *all)
{
    const ns__plan *plan = all->run->plan;
    const uint64_t *within = NULL;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->leaves[l].occur != NS__MUST)
            continue;
        if (!find_leaf(all, l, within))
            return false;
        uint64_t *swap = all->matched;
        all->matched = all->leaf;
        all->leaf = swap;
        within = all->matched;
        if (is_empty(all, all->matched))
            return true;
    }
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__MUST)
            verify(all, l, all->matched);
    return true;
}

/* Passages with anything that is wanted: words first, phrases where no word is. */
static bool find_wanted(tally *all)
{
    const ns__plan *plan = all->run->plan;
    memset(all->matched, 0, ((size_t)all->words + 1) * sizeof *all->matched);
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__SHOULD && plan->leaves[l].slot_count == 1 &&
            !add_group(all, plan->leaves[l].slots[0], all->matched))
            return false;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->leaves[l].occur != NS__SHOULD || plan->leaves[l].slot_count == 1)
            continue;
        if (!find_leaf(all, l, NULL))
            return false;
        for (uint32_t w = 0; w < all->words; w++)
            all->leaf[w] &= ~all->matched[w];
        verify(all, l, all->leaf);
        for (uint32_t w = 0; w < all->words; w++)
            all->matched[w] |= all->leaf[w];
    }
    return true;
}

static void count_window(tally *all)
{
    const ns__plan *plan = all->run->plan;
    if (ns__exec_expired(all->run) || !(plan->musts > 0 ? find_required(all) : find_wanted(all)))
        return;
    for (uint32_t l = 0; l < plan->leaf_count && plan->nots > 0; l++) {
        if (plan->leaves[l].occur != NS__NOT || is_empty(all, all->matched))
            continue;
        NS_COUNT(TALLY_EXCLUDES);
        if (!find_leaf(all, l, all->matched))
            return;
        verify(all, l, all->leaf);
        for (uint32_t w = 0; w < all->words; w++)
            all->matched[w] &= ~all->leaf[w];
    }
    if (!ns__exec_failed(all->run))
        count_matched(all);
}

static void count_windows(tally *all)
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
    if (!all->matched || !all->leaf || !all->slot || !all->bytes) {
        no_memory(run);
        return;
    }
    memset(all->bytes, 0, all->window);
    for (; all->first < passages && ns__exec_counts(run) && !ns__exec_failed(run);
         all->first = all->end) {
        all->end = passages - all->first > all->window ? all->first + all->window : passages;
        count_window(all);
        run->reader->profile->windows++;
    }
}

/* ---- Led by a rare word ---- */

static bool in_phrase(const tally *all, uint32_t group)
{
    const ns__plan *plan = all->run->plan;
    if (all->phrase == UINT32_MAX)
        return false;
    for (uint32_t s = 0; s < plan->leaves[all->phrase].slot_count; s++)
        if (plan->leaves[all->phrase].slots[s] == group)
            return true;
    return false;
}

/* As narrow of drive_block.c: whether the phrase may still stand in the leader's posting `slot`. */
static bool narrow(tally *all, uint32_t group, uint32_t slot, uint32_t at)
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

/* Keeps the ids that a group has (or, not `wanted`, has not). */
static uint32_t sift(tally *all, uint32_t group, bool wanted, uint32_t *ids, uint32_t count)
{
    uint32_t kept = 0, at[NS_BLOCK_MAX];
    ns__cursor *cursor = all->cursors[group];
    const bool narrows = wanted && in_phrase(all, group), plain = all->phrase == UINT32_MAX;
    for (uint32_t from = 0, to; from < count; from = to) {
        uint32_t block = ns__cursor_find(cursor, ids[from], cursor->block);
        bool behind = block == cursor->list.blocks;
        uint32_t last = behind ? NS_END : ns__plist_last(&cursor->list, block);
        for (to = from + 1; to < count && ids[to] <= last;)
            to++;
        if (behind && wanted)
            break;
        if (plain) { /* only ids are kept */
            uint32_t stay = to - from;
            memmove(ids + kept, ids + from, stay * sizeof *ids);
            cursor->block = behind ? cursor->block : block;
            if (!behind &&
                !ns__cursor_sift(cursor, all->kernels, block, wanted, ids + kept, stay, &stay))
                return 0;
            kept += stay;
            continue;
        }
        if (!behind) {
            cursor->block = block;
            uint32_t found;
            if (!ns__cursor_lookup(cursor, all->kernels, block, ids + from, to - from, at,
                                   &found) ||
                (narrows && found > 0 && !ns__cursor_load_tfs(cursor)))
                return 0;
            if (narrows && found > 0)
                cursor->places_soon = all->cursors[all->leader]->places_soon = found;
        }
        for (uint32_t i = from; i < to; i++) {
            bool keep = (!behind && at[i - from] != NS_NOWHERE) == wanted;
            if (keep && narrows)
                keep = narrow(all, group, all->slots[i], at[i - from]);
            ids[kept] = ids[i];
            all->slots[kept] = all->slots[i];
            kept += keep;
        }
    }
    all->started |= narrows;
    return kept;
}

static bool has_phrases(const ns__plan *plan)
{
    bool any = false;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        any |= plan->leaves[l].occur != NS__SHOULD && plan->leaves[l].slot_count != 1;
    return any;
}

static bool leaves_allow(const tally *all, uint32_t passage, uint32_t slot)
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

static void offer_passage(ns__exec *run, uint32_t passage)
{
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end) ||
        ns__segment_deleted(run->segment, article))
        return;
    NS_COUNT(TALLY_OFFERS);
    ns__exec_offer(run, article, passage, ns__exec_score(run, passage));
}

/* Rare words first: fewer postings are left for the frequent ones. */
static bool goes_before(const ns__exec *run, const question *a, const question *b)
{
    return a->wanted != b->wanted ? a->wanted : run->lists[a->group].df < run->lists[b->group].df;
}

static void add_question(tally *all, uint32_t group, bool wanted)
{
    const question added = {group, wanted};
    for (uint32_t q = 0; q < all->question_count; q++)
        if (all->questions[q].group == group && all->questions[q].wanted == wanted)
            return;
    uint32_t at = all->question_count++;
    for (; at > 0 && goes_before(all->run, &added, &all->questions[at - 1]); at--)
        all->questions[at] = all->questions[at - 1];
    all->questions[at] = added;
}

/* What the other lists are asked about the leader's postings. */
static bool find_questions(tally *all)
{
    const ns__plan *plan = all->run->plan;
    const uint32_t most = 2 * plan->group_count; /* each group wanted and excluded */
    all->questions = ns__arena_alloc(all->run->reader->arena, most * sizeof *all->questions);
    if (all->questions == NULL)
        return no_memory(all->run);
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

static void count_block(tally *all, uint32_t block)
{
    ns__exec *run = all->run;
    ns__cursor *cursor = all->cursors[all->leader];
    uint32_t ids[NS_BLOCK_ROOM];
    if (ns__exec_expired(run) || !ns__cursor_load(cursor, block) ||
        (all->phrase != UINT32_MAX && !ns__cursor_load_tfs(cursor)))
        return;
    uint32_t count = cursor->count;
    memcpy(ids, cursor->ids, count * sizeof *ids);
    for (uint32_t i = 0; i < count; i++)
        all->slots[i] = i;
    all->started = false;
    for (uint32_t q = 0; q < all->question_count && count > 0; q++)
        count = sift(all, all->questions[q].group, all->questions[q].wanted, ids, count);
    if (!all->phrases && !ns__exec_failed(run) && count_at_once(all, count)) {
        NS_COUNT(TALLY_LED_AT_ONCE);
        return;
    }
    for (uint32_t i = 0; i < count && ns__exec_counts(run) && !ns__exec_failed(run); i++)
        if (leaves_allow(all, ids[i], all->slots[i]) && !ns__exec_failed(run)) {
            if (all->offers)
                offer_passage(run, ids[i]);
            count_passage(all, ids[i]);
        }
}

/* Whether reading the leader's postings and looking them up in the other lists takes less than
 * making all of them bit sets. Decoding comes to much the same either way. */
static bool led_is_faster(const ns__exec *run, uint32_t leader)
{
    /* In units of what it takes to put a posting into a set; a dense list is stored as sets. */
    enum { LOOK_UP = 8, LOOK_UP_DENSE = 3, PASSAGES_OF_SET = 32, DENSE = 8 };
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

/* The rarest required group, when that is rare enough to lead; UINT32_MAX for none. *nothing is set
 * when a required word is nowhere. */
static uint32_t find_leader(const ns__exec *run, bool *nothing)
{
    const ns__plan *plan = run->plan;
    uint32_t leader = UINT32_MAX;
    bool single = true;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        *nothing |= leaf->occur == NS__MUST && leaf->slot_count == 0;
        for (uint32_t s = 0; s < leaf->slot_count && leaf->occur != NS__SHOULD; s++) {
            const ns__lists *lists = &run->lists[leaf->slots[s]];
            single &= lists->count <= 1;
            if (leaf->occur != NS__MUST)
                continue;
            *nothing |= lists->count == 0;
            if (leader == UINT32_MAX || lists->df < run->lists[leader].df)
                leader = leaf->slots[s];
        }
    }
    /* A phrase is decided on the way there; in sets it would be asked for afterwards. */
    if (leader == UINT32_MAX || !single ||
        (ns__starts_leaf(run) == UINT32_MAX && !led_is_faster(run, leader)))
        return UINT32_MAX;
    return leader;
}

/* One word: its df, where that counts articles. */
static bool count_word(tally *all)
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
    if (lists->count > 1 || !count_at_once(all, lists->df))
        return false;
    NS_COUNT(TALLY_WORD);
    return true;
}

static void count_led(tally *all)
{
    const ns__exec *run = all->run;
    uint32_t blocks = all->cursors[all->leader]->list.blocks;
    NS_COUNT(TALLY_LED);
    for (uint32_t b = 0; b < blocks && ns__exec_counts(run) && !ns__exec_failed(run); b++)
        count_block(all, b);
}

/* Two words, either of which will do, one of them rare: what the other one's df lacks. */
static bool count_either(tally *all)
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
    question lacks = {other, false};
    NS_COUNT(TALLY_EITHER);
    all->leader = rare;
    all->questions = &lacks;
    all->question_count = 1;
    count_led(all);
    if (!ns__exec_failed(run))
        (void)count_at_once(all, b->df);
    return true;
}

bool ns__tally_offers(const ns__exec *run)
{
    bool nothing = false;
    return run->options->count && ns__starts_leaf(run) != UINT32_MAX &&
           find_leader(run, &nothing) != UINT32_MAX;
}

void ns__search_tally(ns__exec *run, bool offers)
{
    bool nothing = false;
    uint32_t leader = find_leader(run, &nothing);
    tally all = {.run = run,
                 .leader = leader,
                 .offers = offers,
                 .phrase = leader == UINT32_MAX ? UINT32_MAX : ns__starts_leaf(run),
                 .phrases = has_phrases(run->plan),
                 .kernels = ns__window_kernels_for(run->reader->isa),
                 .article = UINT32_MAX,
                 .by_bits = run->segment->articles.one_passage && run->segment->deleted == NULL &&
                            run->collector == NULL};
    if (nothing || count_word(&all) || !open_cursors(&all))
        return;
    if (all.phrase != UINT32_MAX) {
        all.starts = ns__arena_alloc(run->reader->arena, NS_BLOCK_ROOM * sizeof *all.starts);
        if (all.starts == NULL) {
            no_memory(run);
            return;
        }
    }
    if (leader != UINT32_MAX) {
        if (find_questions(&all))
            count_led(&all);
    } else if (!count_either(&all)) {
        NS_COUNT(TALLY_WINDOWS);
        count_windows(&all);
    }
    end_article(&all);
}
