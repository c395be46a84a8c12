/* How often words of a query stand near each other in an article: in its headline and in each of
 * its passages. */
#include "search/cascade_parts.h"
#include "search/match.h"

enum { WINDOW = 8 };

/* Counts a pair in one text, whose places are known. */
static void count_pair(const ns__ranker *ranker, ns__ranked_pair *pair)
{
    const ns__ranked_word *a = &ranker->words[pair->a], *b = &ranker->words[pair->b];
    const uint32_t *x = ranker->places.items + a->first, *y = ranker->places.items + b->first;
    size_t i = 0, j = 0;
    uint32_t last = 0;
    int kind = -1; /* of the place before: 0 of a, 1 of b */
    while (i < a->count || j < b->count) {
        bool first = j == b->count || (i < a->count && x[i] <= y[j]);
        uint32_t at = first ? x[i++] : y[j++];
        if (kind >= 0 && kind != !first && at - last < WINDOW) {
            pair->within++;
            pair->beside += !first && at - last == 1;
        }
        kind = !first;
        last = at;
    }
}

static void count_pairs(ns__ranker *ranker, uint32_t pairs)
{
    for (; pairs != 0; pairs &= pairs - 1) {
        ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(pairs)];
        if (ranker->words[pair->a].count > 0 && ranker->words[pair->b].count > 0)
            count_pair(ranker, pair);
    }
}

static bool reserve(ns__ranker *ranker, size_t more)
{
    ns__positions *places = &ranker->places;
    if (NS_RESERVE(places->items, places->capacity, places->count + more) == NS_OK)
        return true;
    ranker->run->reader->status = ns__no_memory(ranker->run->reader->err);
    return false;
}

/* The places of a word in the headline. */
static bool find_in_headline(ns__ranker *ranker, const ns__headline *headline,
                             ns__ranked_word *word)
{
    const ns__articles *articles = &ranker->run->segment->articles;
    ns__positions *places = &ranker->places;
    if (!reserve(ranker, headline->terms))
        return false;
    word->first = places->count;
    for (uint32_t i = 0; i < headline->terms; i++)
        if (ns__lists_have(&ranker->run->lists[word->group],
                           ns__headline_word(articles, headline, i)))
            places->items[places->count++] = i;
    word->count = places->count - word->first;
    return true;
}

static void append(ns__ranker *ranker, const uint32_t *from, size_t count)
{
    ns__positions *places = &ranker->places;
    memcpy(places->items + places->count, from, count * sizeof *from);
    places->count += count;
}

/* Opens the positions of a block for single postings. False when all of it is needed. */
static bool open_block(ns__ranker *ranker, const ns__cursor *cursor, uint32_t block,
                       ns__ranked_word *word)
{
    ns__exec *run = ranker->run;
    if (word->picked == NULL) {
        word->picked = ns__arena_alloc(run->reader->arena, sizeof *word->picked);
        if (word->picked == NULL) {
            run->reader->status = ns__no_memory(run->reader->err);
            return false;
        }
    }
    if (word->picked_block == block && word->picked_of == cursor->ordinal)
        return true;
    word->picked_block = UINT32_MAX;
    if (!ns__plist_pick_open(&cursor->list, run->reader->kernels, block, word->picked))
        return false;
    word->picked_block = block;
    word->picked_of = cursor->ordinal;
    return true;
}

/* Places of posting `at` of a block. False when it has to be asked for in the usual way. */
static bool pick_places(ns__ranker *ranker, const ns__cursor *cursor, uint32_t block, uint32_t at,
                        ns__ranked_word *word)
{
    ns__positions *places = &ranker->places;
    const ns__plist *list = &cursor->list;
    uint32_t first, count;
    if (list->decoded) {
        first = list->position_starts[at];
        count = list->position_starts[at + 1] - first;
        if (!reserve(ranker, count + 1))
            return false;
        append(ranker, list->positions + first, count);
        return true;
    }
    if (!open_block(ranker, cursor, block, word) ||
        !ns__pos_pick_find(word->picked, ranker->run->reader->kernels, at, &first, &count) ||
        !reserve(ranker, (size_t)count + NS_UNPACK_ROUND))
        return false;
    uint32_t *out = places->items + places->count;
    if (count > 0)
        ns__values_get(ranker->run->reader->kernels, &word->picked->values, first, count, out);
    for (uint32_t i = 1; i < count; i++)
        out[i] += out[i - 1];
    places->count += count;
    return true;
}

/* The places of a word in a passage of an article. */
static bool find_in_passage(ns__ranker *ranker, const ns__ranked *entry, uint32_t passage,
                            uint32_t index)
{
    ns__exec *run = ranker->run;
    ns__ranked_word *word = &ranker->words[index];
    const ns__lists *lists = &run->lists[word->group]; /* merged ones have no positions */
    const ns__word_facts *facts = &ns__ranker_facts(ranker, index)[entry->slot];
    const uint32_t passages = entry->end - entry->first;
    bool titled = false;
    word->first = ranker->places.count;
    if (facts->blocks == 1 && lists->cursors == lists->terms && passages <= NS_CASCADE_BITS) {
        const uint64_t before = (UINT64_C(1) << (passage - entry->first)) - 1;
        const uint32_t at = facts->from + ns__count_ones(facts->there & before);
        if (pick_places(ranker, &lists->cursors[facts->list], facts->block, at, word)) {
            word->count = ranker->places.count - word->first;
            return true;
        }
    }
    if (ns__exec_failed(run) || !ns__slot_starts(run, word->group, 0, passage, &titled) ||
        !reserve(ranker, run->slot.count + 1))
        return false;
    append(ranker, run->slot.items, run->slot.count);
    word->count = run->slot.count;
    return true;
}

/* Whether a word is in a passage of an article. */
static bool stands_in(ns__ranker *ranker, const ns__ranked *entry, uint32_t passage, uint32_t word)
{
    if (entry->end - entry->first > NS_CASCADE_BITS)
        return ns__group_seek(ranker->run, ranker->words[word].group, passage) == passage;
    return ns__ranker_facts(ranker, word)[entry->slot].there >> (passage - entry->first) & 1;
}

/* The pairs, of the article's, whose words both are in a passage. */
static uint32_t pairs_there(ns__ranker *ranker, const ns__ranked *entry, uint32_t passage)
{
    uint32_t there = 0;
    for (uint32_t pairs = entry->pairs; pairs != 0; pairs &= pairs - 1) {
        const ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(pairs)];
        if (stands_in(ranker, entry, passage, pair->a) &&
            stands_in(ranker, entry, passage, pair->b))
            there |= pairs & -pairs;
    }
    return there;
}

/* Forgets the places of the pairs' words. */
static void forget(ns__ranker *ranker, uint32_t pairs)
{
    ranker->places.count = 0;
    for (; pairs != 0; pairs &= pairs - 1) {
        const ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(pairs)];
        ranker->words[pair->a].known = ranker->words[pair->b].known = false;
    }
}

/* Counts pairs in one text: a passage or, where that is UINT32_MAX, the headline. */
static bool count_text(ns__ranker *ranker, const ns__ranked *entry, uint32_t passage,
                       uint32_t pairs)
{
    forget(ranker, pairs);
    for (uint32_t left = pairs; left != 0; left &= left - 1) {
        const ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(left)];
        for (uint32_t side = 0; side < 2; side++) {
            const uint32_t index = side ? pair->b : pair->a;
            ns__ranked_word *word = &ranker->words[index];
            if (!word->known &&
                !(passage == UINT32_MAX ? find_in_headline(ranker, &entry->headline, word)
                                        : find_in_passage(ranker, entry, passage, index)))
                return false;
            word->known = true;
        }
    }
    count_pairs(ranker, pairs);
    return true;
}

ns_status ns__ranker_near(ns__ranker *ranker, const ns__ranked *entry)
{
    ns__exec *run = ranker->run;
    for (uint32_t p = 0; p < ranker->pair_count; p++)
        ranker->pairs[p].beside = ranker->pairs[p].within = 0;
    if (entry->titled != 0 && !count_text(ranker, entry, UINT32_MAX, entry->titled))
        return run->reader->status;
    for (uint32_t p = entry->first; entry->pairs != 0 && p < entry->end; p++) {
        uint32_t there = pairs_there(ranker, entry, p);
        if (there != 0 && !count_text(ranker, entry, p, there))
            return run->reader->status;
        if (ns__exec_failed(run))
            return run->reader->status;
    }
    return NS_OK;
}
