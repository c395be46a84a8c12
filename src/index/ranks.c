/* Sorting terms by name: a radix sort of the first eight bytes, last byte first, then the few names
 * that are equal so far by all of their bytes. */
#include "index/ranks.h"

#include "base/mem.h"

enum { DIGITS = 8, VALUES = 256 };

bool ns__ranks_reserve(ns__ranks *ranks, size_t terms)
{
    return NS_RESERVE(ranks->terms, ranks->capacity, terms) >= 0;
}

void ns__ranks_forget(ns__ranks *ranks)
{
    ranks->count = ranks->prefix_count = 0;
}

void ns__ranks_release(ns__ranks *ranks)
{
    ns__free(ranks->terms);
    ns__free(ranks->prefixes);
    ns__free(ranks->keys);
    ns__free(ranks->names);
    *ranks = (ns__ranks){0};
}

static unsigned digit_of(uint64_t prefix, unsigned digit)
{
    return prefix >> 8 * digit & (VALUES - 1);
}

/* One pass of the radix sort; false when all keys share the digit: nothing is to be moved. */
static bool sort_digit(const ns__rank_key *from, ns__rank_key *to, size_t count, unsigned digit,
                       const uint32_t *counts)
{
    size_t next[VALUES], sum = 0;
    if (counts[digit_of(from[0].prefix, digit)] == count)
        return false;
    for (unsigned value = 0; value < VALUES; value++) {
        next[value] = sum;
        sum += counts[value];
    }
    for (size_t i = 0; i < count; i++)
        to[next[digit_of(from[i].prefix, digit)]++] = from[i];
    return true;
}

/* Sorts keys[0 .. count) by prefix, using as many behind them; returns where they are then. */
static const ns__rank_key *sort_keys(ns__rank_key *keys, size_t count)
{
    uint32_t counts[DIGITS][VALUES] = {{0}};
    ns__rank_key *from = keys, *to = keys + count;
    for (size_t i = 0; i < count; i++)
        for (unsigned digit = 0; digit < DIGITS; digit++)
            counts[digit][digit_of(keys[i].prefix, digit)]++;
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (!sort_digit(from, to, count, digit, counts[digit]))
            continue;
        ns__rank_key *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* Puts terms of the same prefix in order. */
static bool sort_equal(ns__ranks *ranks, uint32_t *terms, size_t count,
                       const ns__analyzer *analyzer)
{
    if (NS_RESERVE(ranks->names, ranks->name_capacity, 2 * count) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        ranks->names[i] = ns__name_of(ns__analyzer_term(analyzer, terms[i]), terms[i]);
    ns__names_sort(ranks->names, ranks->names + count, count);
    for (size_t i = 0; i < count; i++)
        terms[i] = ranks->names[i].id;
    return true;
}

/* Notes the first bytes of the terms that are new, while they are still in the processor's cache.
 */
static bool note_prefixes(ns__ranks *ranks, const ns__analyzer *analyzer)
{
    size_t count = ns__analyzer_term_count(analyzer);
    if (NS_RESERVE(ranks->prefixes, ranks->prefix_capacity, count) < 0)
        return false;
    for (; ranks->prefix_count < count; ranks->prefix_count++)
        ranks->prefixes[ranks->prefix_count] =
            ns__name_prefix(ns__analyzer_term(analyzer, (uint32_t)ranks->prefix_count));
    return true;
}

bool ns__ranks_sort(ns__ranks *ranks, const ns__analyzer *analyzer)
{
    size_t count = ranks->count;
    if (count == 0)
        return true;
    if (!note_prefixes(ranks, analyzer) ||
        NS_RESERVE(ranks->keys, ranks->key_capacity, 2 * count) < 0)
        return false;
    for (size_t i = 0; i < count; i++)
        ranks->keys[i] = (ns__rank_key){ranks->prefixes[ranks->terms[i]], ranks->terms[i]};
    const ns__rank_key *keys = sort_keys(ranks->keys, count);
    for (size_t i = 0; i < count; i++)
        ranks->terms[i] = keys[i].term;
    for (size_t i = 0, end; i < count; i = end) {
        for (end = i + 1; end < count && keys[end].prefix == keys[i].prefix;)
            end++;
        if (end - i > 1 && !sort_equal(ranks, ranks->terms + i, end - i, analyzer))
            return false;
    }
    return true;
}
