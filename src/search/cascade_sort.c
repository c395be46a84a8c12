/* Orders of articles: by where they stand, by what they score. What is sorted are numbers that say
 * so, with the entries beside them, so that no comparison has to look into those. */
#include "search/cascade_parts.h"

enum { RUN = 8 }; /* so many are sorted by moving them */

ns_status ns__ranked_sort_open(ns__ranked_sort *sorter, size_t most, ns_error *err)
{
    sorter->items = ns__alloc(2 * most + 1, sizeof *sorter->items);
    sorter->most = most;
    return sorter->items == NULL ? ns__no_memory(err) : NS_OK;
}

void ns__ranked_sort_release(ns__ranked_sort *sorter)
{
    ns__free(sorter->items);
}

/* The lower the better: a double that is no NaN. */
static uint64_t key_of_score(double score)
{
    uint64_t bits;
    score += 0.0; /* -0 and 0 are the same */
    memcpy(&bits, &score, sizeof bits);
    return bits >> 63 ? bits : ~bits & INT64_MAX;
}

static inline bool goes_before(const ns__ranked_key *a, const ns__ranked_key *b)
{
    if (a->key == b->key)
        return a->entry->hit.article < b->entry->hit.article;
    return a->key < b->key;
}

/* Sorts runs of a few. */
static void sort_runs(ns__ranked_key *items, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const ns__ranked_key one = items[i];
        size_t at = i;
        for (; at % RUN > 0 && goes_before(&one, &items[at - 1]); at--)
            items[at] = items[at - 1];
        items[at] = one;
    }
}

/* Merges from[0 .. middle) and from[middle .. count). Nobody can foresee which is next. */
static void merge(const ns__ranked_key *from, size_t middle, size_t count, ns__ranked_key *to)
{
    const ns__ranked_key *a = from, *b = from + middle;
    const ns__ranked_key *const a_end = b, *const b_end = from + count;
    while (a < a_end && b < b_end) {
        const bool later = goes_before(b, a);
        *to++ = *(later ? b : a);
        a += !later;
        b += later;
    }
    memcpy(to, a, (size_t)(a_end - a) * sizeof *to);
    memcpy(to + (a_end - a), b, (size_t)(b_end - b) * sizeof *to);
}

static void sort(ns__ranked_sort *sorter, ns__ranked **entries, size_t count)
{
    ns__ranked_key *items = sorter->items, *other = sorter->items + sorter->most;
    sort_runs(items, count);
    for (size_t run = RUN; run < count; run *= 2) {
        for (size_t from = 0; from < count; from += 2 * run) {
            const size_t left = count - from;
            merge(items + from, left < run ? left : run, left < 2 * run ? left : 2 * run,
                  other + from);
        }
        ns__ranked_key *sorted = other;
        other = items;
        items = sorted;
    }
    for (size_t i = 0; i < count; i++)
        entries[i] = items[i].entry;
}

void ns__ranked_by_place(ns__ranked_sort *sorter, ns__ranked **entries, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const ns__hit *hit = &entries[i]->hit;
        sorter->items[i] =
            (ns__ranked_key){(uint64_t)hit->segment << 32 | hit->passage, entries[i]};
    }
    sort(sorter, entries, count);
}

void ns__ranked_by_score(ns__ranked_sort *sorter, ns__ranked **entries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sorter->items[i] = (ns__ranked_key){key_of_score(entries[i]->final), entries[i]};
    sort(sorter, entries, count);
}
