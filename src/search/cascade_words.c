/* The words of a query that the second step of ranking looks at, their weights, and which of them
 * follow one another. */
#include "base/num.h"
#include "search/cascade_parts.h"
#include "text/stop_words.h"

#define STOP_SHARE 0.25
#define IDF_HALF 2.0

static void find_words(ns__ranker *ranker)
{
    const ns__plan *plan = ranker->run->plan;
    bool content = false;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        const ns__group *group = &plan->groups[g];
        if (group->weight == 0 || group->df == 0)
            continue;
        double idf = ns__bm25_factor(&plan->bm25, group->df, 1);
        ns__ranked_word word = {.group = g};
        word.idf = group->boost * (idf * idf / (idf + IDF_HALF));
        for (uint32_t t = 0; t < group->term_count; t++)
            word.stop |= ns__is_stop_word(group->terms[t]);
        content |= !word.stop;
        if (word.idf != 0)
            ranker->words[ranker->word_count++] = word;
    }
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        ranker->words[w].stop &= content;
        if (ranker->words[w].stop)
            ranker->words[w].idf *= STOP_SHARE;
    }
}

static void add_pair(ns__ranker *ranker, uint32_t a, uint32_t b)
{
    for (uint32_t p = 0; p < ranker->pair_count; p++)
        if (ranker->pairs[p].a == a && ranker->pairs[p].b == b)
            return;
    if (a == b || ranker->pair_count == NS_CASCADE_MOST_PAIRS)
        return;
    double weight = (ranker->words[a].idf + ranker->words[b].idf) / 2;
    ranker->pairs[ranker->pair_count++] = (ns__ranked_pair){.a = a, .b = b, .weight = weight};
}

uint32_t ns__ranker_word(const ns__ranker *ranker, uint32_t group)
{
    uint32_t low = 0, high = ranker->word_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ranker->words[middle].group < group)
            low = middle + 1;
        else
            high = middle;
    }
    bool here = low < ranker->word_count && ranker->words[low].group == group;
    return here ? low : ranker->word_count;
}

static void find_pairs(ns__ranker *ranker)
{
    const ns__plan *plan = ranker->run->plan;
    uint32_t before = UINT32_MAX;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        for (uint32_t s = 0; leaf->occur != NS__NOT && s < leaf->slot_count; s++) {
            uint32_t word = ns__ranker_word(ranker, leaf->slots[s]);
            if (word == ranker->word_count || ranker->words[word].stop)
                continue;
            if (before != UINT32_MAX && !leaf->joined) /* a run says as much by itself */
                add_pair(ranker, before, word);
            before = word;
        }
    }
}

/* The mean length of an article. */
static double article_average(const ns_index *index)
{
    double words = 0, articles = 0;
    for (uint32_t s = 0; s < index->manifest.segment_count; s++) {
        const ns__articles *of = &index->segments[s].articles;
        double titles = of->title_weight ? (double)of->headline_terms : 0;
        words += (double)(of->tokens - of->headline_terms) + NS_CASCADE_TITLE_WEIGHT * titles;
        articles += of->count;
    }
    return words > 0 ? words / articles : 1;
}

ns_status ns__ranker_open(ns__ranker *ranker)
{
    const ns__plan *plan = ranker->run->plan;
    ranker->average = article_average(ranker->index);
    ranker->words = ns__alloc((size_t)plan->group_count + 1, sizeof *ranker->words);
    if (ranker->words == NULL)
        return ns__no_memory(ranker->run->reader->err);
    find_words(ranker);
    find_pairs(ranker);
    size_t facts = (size_t)ranker->word_count * NS_CASCADE_BATCH;
    ranker->facts = ns__alloc(facts + 1, sizeof *ranker->facts);
    size_t runs = (size_t)(plan->run_count + plan->line_count) * NS_CASCADE_BATCH;
    ranker->runs = ns__alloc(runs + 1, sizeof *ranker->runs);
    if (ranker->facts == NULL || ranker->runs == NULL)
        return ns__no_memory(ranker->run->reader->err);
    return NS_OK;
}

void ns__ranker_release(ns__ranker *ranker)
{
    ns__free(ranker->words);
    ns__free(ranker->facts);
    ns__free(ranker->runs);
    ns__free(ranker->places.items);
    ns__ranked_sort_release(&ranker->sorter);
}
