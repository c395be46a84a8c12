/* Proximity: see proximity.h. */
#include "search/proximity.h"

#include <stdlib.h>

#include "base/count.h"
#include "search/literal.h"
#include "search/match.h"

/* ---- Choosing among places ---- */

static int by_start(const void *x, const void *y)
{
    const ns__place *a = x, *b = y;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    if (a->end != b->end)
        return a->end < b->end ? -1 : 1;
    return a->operand < b->operand ? -1 : a->operand > b->operand;
}

void ns__places_sort(ns__place *places, size_t count)
{
    if (count > 1)
        qsort(places, count, sizeof *places, by_start);
}

/* A chain is a set of operands placed one behind the other. Its value is the words between them so
 * far less where the last one ends: adding the start of the next operand gives the words between
 * again, so the least value of each set is all that needs to be known of what has ended. */
enum { NONE = 1 << NS_MAX_NEAR_OPERANDS };

typedef struct chains {
    int64_t least[NONE]; /* of each set that ended at or before the place looked at */
    ns__near *scratch;
    size_t open;
} chains;

/* Chains that ended by `start` may go on there. */
static void close_chains(chains *all, uint32_t start)
{
    size_t kept = 0;
    for (size_t i = 0; i < all->open; i++) {
        const ns__near_end *chain = &all->scratch->open[i];
        if (chain->end > start)
            all->scratch->open[kept++] = *chain;
        else if (chain->value < all->least[chain->mask])
            all->least[chain->mask] = chain->value;
    }
    all->open = kept;
}

/* Several may be alike but for their value: closing them finds the least, looking here would cost
 * more than it saves. */
static bool open_chain(chains *all, ns__near_end chain)
{
    ns__near *scratch = all->scratch;
    if (NS_RESERVE(scratch->open, scratch->open_capacity, all->open + 1) != NS_OK)
        return false;
    scratch->open[all->open++] = chain;
    return true;
}

/* Puts a place at the end of every chain that may take it; *done when one is complete. */
static bool extend(chains *all, const ns__plan_leaf *leaf, const ns__place *place, bool *done)
{
    uint32_t bit = 1u << place->operand, full = (1u << leaf->operand_count) - 1;
    for (uint32_t mask = 0; mask <= full; mask++) {
        if (mask & bit || (leaf->ordered && mask != bit - 1))
            continue;
        int64_t between = mask == 0 ? 0 : all->least[mask];
        if (mask != 0) {
            if (between == INT64_MAX)
                continue;
            between += place->start;
        }
        if (between > leaf->distance)
            continue;
        if ((mask | bit) == full) {
            *done = true;
            return true;
        }
        if (!open_chain(all, (ns__near_end){place->end, mask | bit, between - place->end}))
            return false;
    }
    return true;
}

bool ns__places_near(const ns__plan_leaf *leaf, const ns__place *places, size_t count,
                     const ns__place *through, ns__near *scratch, ns_status *status)
{
    chains all = {.scratch = scratch};
    for (uint32_t mask = 0; mask < NONE; mask++)
        all.least[mask] = INT64_MAX;
    bool done = false;
    for (size_t i = 0; i < count && !done; i++) {
        if (through != NULL && places[i].operand == through->operand &&
            (places[i].start != through->start || places[i].end != through->end))
            continue;
        close_chains(&all, places[i].start);
        if (!extend(&all, leaf, &places[i], &done)) {
            *status = NS_ERR_MEMORY;
            return false;
        }
    }
    return done;
}

size_t ns__places_before(const ns__place *places, size_t count, size_t from, uint32_t end)
{
    while (from < count && places[from].start < end)
        from++;
    return from;
}

bool ns__places_within(const ns__plan_leaf *leaf, const ns__place *places, size_t count,
                       uint32_t first, uint32_t end)
{
    for (uint32_t o = 0; o < leaf->operand_count; o++) {
        bool found = false;
        for (size_t i = 0; i < count && !found; i++)
            found = places[i].operand == o && places[i].start >= first && places[i].end <= end;
        if (!found)
            return false;
    }
    return true;
}

/* ---- Candidates ---- */

/* The first passage in [passage, end) with all slots of an alternative. */
static uint32_t seek_alternative(ns__exec *run, const ns__alternative *of, uint32_t passage,
                                 uint32_t end)
{
    if (of->slot_count == 0)
        return NS_END;
    for (uint32_t s = 0; s < of->slot_count && passage < end;) {
        uint32_t id = ns__group_seek(run, of->slots[s], passage);
        s = id == passage ? s + 1 : 0;
        passage = id;
    }
    return passage;
}

static uint32_t seek_operand(ns__exec *run, const ns__operand *of, uint32_t passage, uint32_t end)
{
    uint32_t found = NS_END;
    for (uint32_t a = 0; a < of->count; a++) {
        uint32_t id = seek_alternative(run, &of->items[a], passage, found < end ? found : end);
        found = id < found ? id : found;
    }
    return found;
}

uint32_t ns__near_seek(ns__exec *run, uint32_t leaf, uint32_t passage, uint32_t end)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    for (uint32_t o = 0; o < of->operand_count && passage < end;) {
        uint32_t id = seek_operand(run, &of->operands[o], passage, end);
        o = id == passage ? o + 1 : 0;
        passage = id;
    }
    return passage;
}

/* ---- Places in texts and headlines ---- */

static bool out_of_memory(ns__exec *run)
{
    if (run->reader->status == NS_OK)
        run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

static bool add_place(ns__exec *run, uint32_t start, uint32_t length, uint32_t operand)
{
    ns__near *near = &run->near;
    if (NS_RESERVE(near->places, near->capacity, near->count + 1) != NS_OK)
        return out_of_memory(run);
    near->places[near->count++] = (ns__place){start, start + length, operand};
    return true;
}

static bool alternative_in_body(ns__exec *run, const ns__alternative *of, uint32_t operand,
                                uint32_t passage)
{
    for (uint32_t s = 0; s < of->slot_count; s++)
        if (ns__group_seek(run, of->slots[s], passage) != passage)
            return true;
    for (uint32_t s = 0; s < of->slot_count; s++) {
        bool titled = false;
        if (!ns__slot_narrow(run, of->slots[s], s, passage, s == 0, &titled))
            return !ns__exec_failed(run);
    }
    for (size_t i = 0; of->slot_count > 0 && i < run->starts.count; i++) {
        uint32_t start = run->starts.items[i];
        if (of->literals && !ns__literals_stand(run, of->literals, of->slots, of->slot_count,
                                                passage, NULL, start)) {
            if (ns__exec_failed(run))
                return false;
            continue;
        }
        if (!add_place(run, start, of->slot_count, operand))
            return false;
    }
    return true;
}

static bool alternative_in_headline(ns__exec *run, const ns__alternative *of, uint32_t operand,
                                    const uint32_t *ordinals, uint32_t count)
{
    for (uint32_t i = 0;
         of->slot_count > 0 && count >= of->slot_count && i <= count - of->slot_count; i++) {
        uint32_t s = 0;
        while (s < of->slot_count && ns__lists_have(&run->lists[of->slots[s]], ordinals[i + s]))
            s++;
        bool stands = s == of->slot_count &&
                      (of->literals == NULL || ns__literals_stand(run, of->literals, of->slots, s,
                                                                  run->article_first, ordinals, i));
        if (ns__exec_failed(run) || (stands && !add_place(run, i, s, operand)))
            return false;
    }
    return true;
}

const ns__article_facts *ns__exec_facts(ns__exec *run, uint32_t passage)
{
    enum { SCRATCH_BYTES = 256 * 1024 };
    ns__near *near = &run->near;
    uint32_t article, first, end;
    if (!ns__exec_article(run, passage, &article, &first, &end))
        return NULL;
    if (!near->facts_known || near->facts_of != article) {
        if (near->facts.total > SCRATCH_BYTES)
            ns__arena_release(&near->facts);
        near->facts_known = false;
        ns_status status = ns__article_facts_get(&run->segment->articles, article, &near->facts,
                                                 &near->article, run->reader->err);
        if (status < 0 && run->reader->status == NS_OK)
            run->reader->status = status;
        if (status < 0)
            return NULL;
        near->facts_of = article;
        near->facts_known = true;
    }
    if (passage - first < near->article.passage_count)
        return &near->article;
    ns__exec_corrupt(run);
    return NULL;
}

/* Whether some sentence or paragraph of the passage has all operands. */
static bool within_holds(ns__exec *run, const ns__plan_leaf *of, uint32_t passage)
{
    enum { FEW = 64 }; /* are sooner looked at each time than sorted */
    const ns__near *near = &run->near;
    const bool sorted = near->count > FEW;
    size_t from = 0, to = near->count;
    const ns__article_facts *facts = ns__exec_facts(run, passage);
    if (facts == NULL)
        return false;
    if (sorted)
        ns__places_sort(near->places, near->count);
    const ns__passage_entry *entry = &facts->passages[passage - run->article_first];
    uint32_t start = 0;
    for (uint32_t i = 1; i <= entry->sentence_count; i++) {
        bool last = i == entry->sentence_count;
        if (!last && of->paragraph && !(entry->sentences[i] & 1))
            continue;
        uint32_t end = last ? UINT32_MAX : entry->sentences[i] >> 1;
        if (sorted)
            to = ns__places_before(near->places, near->count, from, end);
        if (ns__places_within(of, near->places + from, to - from, start, end))
            return true;
        from = sorted ? to : 0;
        start = end;
    }
    return false;
}

static bool near_holds(ns__exec *run, const ns__plan_leaf *of)
{
    ns__near *near = &run->near;
    ns_status status = NS_OK;
    ns__places_sort(near->places, near->count);
    bool holds = ns__places_near(of, near->places, near->count, NULL, near, &status);
    return status < 0 ? out_of_memory(run) : holds;
}

static bool same_operand(const ns__operand *a, const ns__operand *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++) {
        const ns__alternative *x = &a->items[i], *y = &b->items[i];
        if (x->slot_count != y->slot_count || x->literals != y->literals ||
            memcmp(x->slots, y->slots, x->slot_count * sizeof *x->slots) != 0)
            return false;
    }
    return true;
}

/* The places of an operand; those of an equal one before it are not looked for again. */
static bool operand_in_body(ns__exec *run, const ns__plan_leaf *of, uint32_t o, uint32_t passage)
{
    for (uint32_t p = 0; p < o; p++) {
        size_t count = run->near.count;
        if (!same_operand(&of->operands[p], &of->operands[o]))
            continue;
        for (size_t i = 0; i < count; i++) {
            ns__place place = run->near.places[i];
            if (place.operand == p && !add_place(run, place.start, place.end - place.start, o))
                return false;
        }
        return true;
    }
    for (uint32_t a = 0; a < of->operands[o].count; a++)
        if (!alternative_in_body(run, &of->operands[o].items[a], o, passage))
            return false;
    return true;
}

bool ns__near_body(ns__exec *run, uint32_t leaf, uint32_t passage)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    run->near.count = 0;
    for (uint32_t o = 0; o < of->operand_count; o++) {
        size_t before = run->near.count;
        if (!operand_in_body(run, of, o, passage) || run->near.count == before)
            return false;
    }
    return of->kind == NS__LEAF_WITHIN ? within_holds(run, of, passage) : near_holds(run, of);
}

bool ns__near_headline(ns__exec *run, uint32_t leaf, uint32_t article)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    const uint32_t *ordinals;
    uint32_t count;
    if (!ns__exec_headline(run, article, &ordinals, &count))
        return false;
    run->near.count = 0;
    for (uint32_t o = 0; o < of->operand_count; o++) {
        size_t before = run->near.count;
        for (uint32_t a = 0; a < of->operands[o].count; a++)
            if (!alternative_in_headline(run, &of->operands[o].items[a], o, ordinals, count))
                return false;
        if (run->near.count == before)
            return false;
    }
    return of->kind == NS__LEAF_WITHIN || near_holds(run, of); /* a headline is one sentence */
}
