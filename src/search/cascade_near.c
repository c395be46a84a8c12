/* How often words of a query stand near each other in an article: in its headline and in each of
 * its passages. */
#include "search/cascade_parts.h"

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

/* The places of a word in a passage. */
static bool find_in_passage(ns__ranker *ranker, uint32_t passage, ns__ranked_word *word)
{
    ns__exec *run = ranker->run;
    ns__positions *places = &ranker->places;
    bool titled = false;
    if (!ns__slot_starts(run, word->group, 0, passage, &titled) ||
        !reserve(ranker, run->slot.count + 1))
        return false;
    word->first = places->count;
    word->count = run->slot.count;
    memcpy(places->items + word->first, run->slot.items, word->count * sizeof *places->items);
    places->count += word->count;
    return true;
}

/* The pairs, of those given, whose words both are in a passage. */
static uint32_t pairs_there(ns__ranker *ranker, uint32_t passage, uint32_t pairs)
{
    uint32_t there = 0;
    for (; pairs != 0; pairs &= pairs - 1) {
        const ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(pairs)];
        if (ns__group_seek(ranker->run, ranker->words[pair->a].group, passage) == passage &&
            ns__group_seek(ranker->run, ranker->words[pair->b].group, passage) == passage)
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

/* Counts pairs in one text: a passage or, `headline` not NULL, that. */
static bool count_text(ns__ranker *ranker, const ns__headline *headline, uint32_t passage,
                       uint32_t pairs)
{
    forget(ranker, pairs);
    for (uint32_t left = pairs; left != 0; left &= left - 1) {
        const ns__ranked_pair *pair = &ranker->pairs[__builtin_ctz(left)];
        for (uint32_t side = 0; side < 2; side++) {
            ns__ranked_word *word = &ranker->words[side ? pair->b : pair->a];
            if (!word->known && !(headline ? find_in_headline(ranker, headline, word)
                                           : find_in_passage(ranker, passage, word)))
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
    if (entry->titled != 0 && !count_text(ranker, &entry->headline, 0, entry->titled))
        return run->reader->status;
    for (uint32_t p = entry->first; entry->pairs != 0 && p < entry->end; p++) {
        uint32_t there = pairs_there(ranker, p, entry->pairs);
        if (there != 0 && !count_text(ranker, NULL, p, there))
            return run->reader->status;
        if (ns__exec_failed(run))
            return run->reader->status;
    }
    return NS_OK;
}
