/* Articles by what stands anywhere in them: see units.h. */
#include "search/units.h"

#include "base/count.h"

/* ---- What is asked ---- */

static bool is_word(const ns__plan_leaf *leaf)
{
    return leaf->kind == NS__LEAF_TERMS && leaf->field == NS__FIELD_ANY && leaf->slot_count == 1 &&
           leaf->literals == NULL;
}

/* How many articles would have all required words if these stood anywhere by chance. */
static double expected_articles(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    const double articles = run->segment->articles.count;
    double expected = articles;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        for (uint32_t s = 0; plan->leaves[l].occur == NS__MUST && s < plan->leaves[l].slot_count;
             s++) {
            const double df = (double)run->lists[plan->leaves[l].slots[s]].df;
            expected *= df < articles ? df / articles : 1;
        }
    return expected;
}

bool ns__units_pay(const ns__exec *run)
{
    /* parts of the articles, for scores and when others would count: measured */
    enum { LEAD = 6, EXPECTED = 12, COUNT_LEAD = 48, COUNT_EXPECTED = 512 };
    const uint32_t articles = run->segment->articles.count;
    const bool score = run->top->limit > 0;
    uint64_t lead;
    if (run->options->scope != NS_SCOPE_ARTICLE || run->segment->articles.one_passage ||
        run->plan->musts == 0)
        return false;
    (void)ns__exec_leader(run, &lead);
    return lead <= articles / (score ? LEAD : COUNT_LEAD) ||
           expected_articles(run) <= articles / (score ? EXPECTED : COUNT_EXPECTED);
}

/* A word that articles must have, or must not. */
typedef struct question {
    uint32_t group;
    bool wanted;
    uint64_t df;
} question;

/* The questions that words decide, the rarest required one first, excluded ones last. A word of a
 * phrase has to be there as well. Returns how many; *settled when nothing else decides. */
static uint32_t list_questions(const ns__exec *run, question *out, bool *settled)
{
    const ns__plan *plan = run->plan;
    uint32_t count = 0;
    *settled = !plan->phrases;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        *settled = *settled && is_word(leaf);
        if (leaf->occur == NS__SHOULD || (leaf->occur == NS__NOT && !is_word(leaf)))
            continue;
        for (uint32_t s = 0; s < leaf->slot_count; s++) {
            const question asked = {leaf->slots[s], leaf->occur == NS__MUST,
                                    run->lists[leaf->slots[s]].df};
            uint32_t at = count++;
            for (; at > 0 &&
                   (out[at - 1].wanted ? asked.wanted && asked.df < out[at - 1].df : asked.wanted);
                 at--)
                out[at] = out[at - 1];
            out[at] = asked;
        }
    }
    return count;
}

/* ---- Looking up ---- */

/* Marks the articles of a list. */
static bool mark_articles(ns__exec *run, ns__cursor *cursor, uint64_t *set)
{
    const ns__articles *articles = &run->segment->articles;
    const ns__window_kernels *kernels = ns__window_kernels_for(run->reader->isa);
    uint32_t found[NS_BLOCK_MAX];
    for (uint32_t block = 0; block < cursor->list.blocks; block++) {
        if (ns__exec_expired(run) || !ns__cursor_load(cursor, block))
            return false;
        for (uint32_t from = 0, count; from < cursor->count; from += count) {
            const uint32_t left = cursor->count - from;
            count = left < NS_BLOCK_MAX ? left : NS_BLOCK_MAX;
            kernels->articles(articles->bits, articles->ranks, cursor->ids + from, count, found);
            uint32_t most = 0;
            for (uint32_t i = 0; i < count; i++)
                most = found[i] > most ? found[i] : most;
            if (most >= articles->count)
                return ns__exec_corrupt(run);
            for (uint32_t i = 0; i < count; i++)
                set[found[i] / 64] |= UINT64_C(1) << (found[i] % 64);
        }
    }
    return true;
}

/* Live articles of a set as ranges. */
static bool take_articles(ns__exec *run, const uint64_t *set, ns__units *out)
{
    const ns__articles *articles = &run->segment->articles;
    const uint32_t words = articles->count / 64 + 1;
    uint32_t count = 0, before = 0;
    for (uint32_t w = 0; w < words; w++)
        count += (uint32_t)ns__count_ones(set[w]);
    out->first = ns__arena_alloc(run->reader->arena, ((size_t)count + 1) * sizeof *out->first);
    out->end = ns__arena_alloc(run->reader->arena, ((size_t)count + 1) * sizeof *out->end);
    if (out->first == NULL || out->end == NULL)
        return false;
    for (uint32_t w = 0; w < words; w++)
        for (uint64_t rest = set[w]; rest != 0; rest &= rest - 1) {
            const uint32_t article = w * 64 + (uint32_t)__builtin_ctzll(rest);
            const uint32_t first = ns__article_first(articles, article);
            const uint32_t end = ns__article_first(articles, article + 1);
            if (first < before || first >= end || end > articles->passages)
                return ns__exec_corrupt(run); /* all that looks passages up wants them ascending */
            before = end;
            if (ns__segment_deleted(run->segment, article))
                continue;
            out->first[out->count] = first;
            out->end[out->count++] = end;
        }
    return true;
}

/* The articles of the rarest word. */
static bool find_leading(ns__exec *run, uint32_t group, ns__units *out)
{
    const ns__lists *lists = &run->lists[group];
    const size_t bytes = ((size_t)run->segment->articles.count / 64 + 1) * sizeof(uint64_t);
    uint64_t *set = ns__arena_alloc(run->reader->arena, bytes);
    if (set == NULL)
        return false;
    memset(set, 0, bytes);
    for (uint32_t c = 0; c < lists->count; c++) {
        ns__cursor cursor = ns__cursor_copy(&lists->cursors[c]);
        if (!mark_articles(run, &cursor, set))
            return false;
    }
    return take_articles(run, set, out);
}

/* Whether some bit of passages [first, end) is set. */
static bool any_bit(const ns__block_bits *view, uint32_t first, uint32_t end)
{
    const uint64_t bits = 8 * (uint64_t)view->bytes;
    uint64_t from = first > view->first ? first - view->first : 0;
    uint64_t to = end > view->first ? end - view->first : 0;
    to = to < bits ? to : bits;
    for (; from < to; from = from / 8 * 8 + 8) {
        unsigned byte = (unsigned)view->bits[from / 8] >> from % 8;
        if (to - from < 8)
            byte &= (1u << (to - from)) - 1;
        if (byte != 0)
            return true;
    }
    return false;
}

/* Marks the units in which a list has a posting. */
static bool mark_held(ns__exec *run, ns__cursor *cursor, const ns__units *units, uint8_t *held)
{
    const ns__plist *list = &cursor->list;
    uint32_t block = 0, viewed = UINT32_MAX, at = 0;
    ns__block_bits view;
    ns__bits_room room;
    ns__block_place place;
    bool bits = false;
    for (uint32_t i = 0; i < units->count; i++) {
        const uint32_t first = units->first[i], end = units->end[i];
        if (held[i])
            continue;
        block = ns__cursor_find(cursor, first, block);
        if (block == list->blocks)
            break;
        if (!list->decoded && ns__plist_last(list, block) < end) {
            held[i] = 1;
            continue;
        }
        if (ns__block_first(cursor, block) >= end)
            continue;
        if (block != viewed) {
            if (ns__exec_expired(run))
                return false;
            viewed = block;
            at = 0;
            bits = list->ids == NULL &&
                   ns__plist_bits(list, run->reader->kernels, block, &room, &view, &place);
        }
        if (bits) {
            held[i] = any_bit(&view, first, end);
            continue;
        }
        if (!ns__cursor_load(cursor, block))
            return false;
        at = ns__lower_bound(cursor->ids, at, cursor->count, first);
        held[i] = at < cursor->count && cursor->ids[at] < end;
    }
    return !ns__exec_failed(run);
}

/* Leaves the units that have the word or, not wanted, lack it. */
static bool keep_units(ns__exec *run, const question *asked, ns__units *units)
{
    const ns__lists *lists = &run->lists[asked->group];
    uint8_t *held = ns__arena_alloc(run->reader->arena, (size_t)units->count + 1);
    uint32_t kept = 0;
    if (held == NULL)
        return false;
    memset(held, 0, units->count);
    for (uint32_t c = 0; c < lists->count; c++) {
        ns__cursor cursor = ns__cursor_copy(&lists->cursors[c]);
        if (!mark_held(run, &cursor, units, held))
            return false;
    }
    for (uint32_t i = 0; i < units->count; i++) {
        units->first[kept] = units->first[i];
        units->end[kept] = units->end[i];
        kept += (held[i] != 0) == asked->wanted;
    }
    units->count = kept;
    return true;
}

bool ns__units_find(ns__exec *run, ns__units *out)
{
    const ns__plan *plan = run->plan;
    *out = (ns__units){0};
    uint32_t slots = 1;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        slots += plan->leaves[l].slot_count;
    question *questions = ns__arena_alloc(run->reader->arena, slots * sizeof *questions);
    if (questions == NULL)
        goto no_memory;
    const uint32_t count = list_questions(run, questions, &out->settled);
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__MUST && plan->leaves[l].slot_count == 0)
            return true; /* matches nothing */
    if (count == 0 || !questions[0].wanted)
        return true;
    bool done = find_leading(run, questions[0].group, out);
    for (uint32_t q = 1; done && q < count && out->count > 0; q++)
        done = keep_units(run, &questions[q], out);
    if (done || run->reader->status != NS_OK)
        return done;
no_memory:
    run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

/* ---- Their passages ---- */

uint32_t ns__units_take(ns__units_walk *walk, uint32_t *ids, uint32_t most)
{
    const ns__units *units = walk->units;
    uint32_t count = 0;
    for (; walk->unit < units->count; walk->unit++, walk->passage = 0) {
        const uint32_t end = units->end[walk->unit];
        if (walk->passage < units->first[walk->unit])
            walk->passage = units->first[walk->unit];
        for (; walk->passage < end && count < most; walk->passage++)
            ids[count++] = walk->passage;
        if (count == most && walk->passage < end)
            break;
    }
    return count;
}

/* Marks which of ids[0 .. count), ascending, a list has. */
static bool mark_matches(ns__exec *run, ns__cursor *cursor, const ns__window_kernels *kernels,
                         const uint32_t *ids, uint32_t count, uint8_t *matches)
{
    uint32_t at[NS_BLOCK_ROOM], found, block = cursor->block;
    for (uint32_t from = 0, to; from < count; from = to) {
        block = ns__cursor_find(cursor, ids[from], block);
        if (block == cursor->list.blocks)
            break;
        const uint32_t last = ns__plist_last(&cursor->list, block);
        to = ids[count - 1] > last ? ns__lower_bound(ids, from, count, last + 1) : count;
        if (!ns__cursor_lookup(cursor, kernels, block, ids + from, to - from, at, &found))
            return false;
        for (uint32_t i = from; found > 0 && i < to; i++)
            matches[i] |= at[i - from] != NS_NOWHERE;
    }
    cursor->block = block < cursor->list.blocks ? block : cursor->list.blocks - 1;
    return !ns__exec_failed(run);
}

/* Copies of the cursors of required and wanted words; NULL without memory. */
static ns__cursor *open_words(ns__exec *run, uint32_t *count)
{
    const ns__plan *plan = run->plan;
    size_t lists = 1;
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        lists += run->lists[plan->leaves[l].slots[0]].count;
    ns__cursor *cursors = ns__arena_alloc(run->reader->arena, lists * sizeof *cursors);
    *count = 0;
    for (uint32_t l = 0; cursors != NULL && l < plan->leaf_count; l++) {
        const ns__lists *of = &run->lists[plan->leaves[l].slots[0]];
        for (uint32_t c = 0; plan->leaves[l].occur != NS__NOT && c < of->count; c++)
            cursors[(*count)++] = ns__cursor_copy(&of->cursors[c]);
    }
    if (cursors == NULL)
        run->reader->status = ns__no_memory(run->reader->err);
    return cursors;
}

void ns__units_count(ns__exec *run, const ns__units *units)
{
    enum { AT_ONCE = 16 }; /* more is no faster: passages of several articles */
    const ns__window_kernels *kernels = ns__window_kernels_for(run->reader->isa);
    ns__units_walk walk = {units, 0, 0};
    uint32_t ids[NS_BLOCK_ROOM], lists, count, unit = 0, here = 0;
    uint8_t matches[AT_ONCE];
    ns__cursor *cursors = open_words(run, &lists);
    if (cursors == NULL)
        return;
    while (ns__exec_counts(run) && (count = ns__units_take(&walk, ids, AT_ONCE)) > 0) {
        memset(matches, 0, count);
        for (uint32_t l = 0; l < lists; l++)
            if (ns__exec_expired(run) ||
                !mark_matches(run, &cursors[l], kernels, ids, count, matches))
                return;
        for (uint32_t i = 0; i < count && ns__exec_counts(run); i++) {
            here += matches[i];
            if (ids[i] + 1 < units->end[unit])
                continue;
            NS_COUNT(UNITS_COUNTED);
            ns__exec_count(run, here);
            unit++;
            here = 0;
        }
    }
}
