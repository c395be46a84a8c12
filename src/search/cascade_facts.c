/* What the scores of articles are made of: how long they are, how often they have each word. */
#include "search/cascade_parts.h"

#include <stdlib.h>

#include "base/num.h"
#include "search/collect.h"
#include "search/match.h"

static int by_ordinal(const void *a, const void *b)
{
    const ns__ranked_term *x = a, *y = b;
    if (x->ordinal != y->ordinal)
        return x->ordinal < y->ordinal ? -1 : 1;
    return (x->word > y->word) - (x->word < y->word);
}

/* The terms of all words in the open segment. */
static ns_status find_terms(ns__ranker *ranker)
{
    ns__exec *run = ranker->run;
    size_t count = 0;
    for (uint32_t w = 0; w < ranker->word_count; w++)
        count += run->lists[ranker->words[w].group].term_count;
    ranker->terms = ns__arena_alloc(run->reader->arena, (count + 1) * sizeof *ranker->terms);
    if (ranker->terms == NULL)
        return ns__no_memory(run->reader->err);
    ranker->term_count = 0;
    ranker->sieve = 0;
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        const ns__lists *lists = &run->lists[ranker->words[w].group];
        for (uint32_t t = 0; t < lists->term_count; t++) {
            const uint32_t ordinal = lists->terms[t].ordinal;
            ranker->terms[ranker->term_count++] = (ns__ranked_term){ordinal, w};
            ranker->sieve |= UINT64_C(1) << ordinal % 64;
        }
        ranker->words[w].picked = NULL;
        ranker->words[w].picked_block = UINT32_MAX;
    }
    qsort(ranker->terms, ranker->term_count, sizeof *ranker->terms, by_ordinal);
    ranker->opened = true;
    return NS_OK;
}

ns_status ns__ranker_segment(ns__ranker *ranker, uint32_t segment)
{
    ns__exec *run = ranker->run;
    if (run->segment == NULL || run->segment_index != segment) {
        ns__arena_release(run->reader->arena);
        ranker->opened = false;
        NS_TRY(ns__exec_open(run, ranker->index, segment, false));
    }
    if (!ranker->opened)
        NS_TRY(find_terms(ranker));
    return run->reader->status;
}

/* ---- The article ---- */

static uint64_t sum_lengths(const ns__lengths *lengths, uint32_t first, uint32_t end)
{
    uint64_t sum = 0;
    if (lengths->width == 1)
        for (uint32_t p = first; p < end; p++)
            sum += lengths->data[p];
    else
        for (uint32_t p = first; p < end; p++)
            sum += ns__length_of(lengths, p);
    return sum;
}

static ns_status find_age(const ns__ranker *ranker, ns__ranked *entry)
{
    ns__exec *run = ranker->run;
    const ns_search_options *options = run->options;
    ns__stamp date;
    if (options->half_life == 0)
        return NS_OK;
    NS_TRY(ns__article_date(&run->segment->articles, entry->article, &date, run->reader->err));
    entry->age = ns__age_factor(ns__date_begins(options, &date), options->now, options->half_life);
    return NS_OK;
}

/* The article and its passages. What is read next is fetched. */
static bool find_article(ns__exec *run, ns__ranked *entry)
{
    const ns__articles *articles = &run->segment->articles;
    const ns__lengths *lengths = &run->segment->postings.lengths;
    const uint32_t passage = entry->hit.passage;
    uint64_t article = articles->order_width ? ns__article_of(articles, passage)
                                             : entry->hit.article - run->first_article;
    if (article >= articles->count)
        return ns__exec_corrupt(run);
    entry->article = (uint32_t)article;
    entry->first = ns__article_first(articles, entry->article);
    entry->end = ns__article_first(articles, entry->article + 1);
    if (passage < entry->first || passage >= entry->end || entry->end > articles->passages)
        return ns__exec_corrupt(run);
    __builtin_prefetch(lengths->data + (size_t)entry->first * lengths->width);
    return true;
}

static ns_status find_headlines(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    const ns__articles *articles = &ranker->run->segment->articles;
    uint32_t wanted[NS_CASCADE_BATCH] = {0};
    ns__headline headlines[NS_CASCADE_BATCH] = {0};
    for (size_t i = 0; i < count; i++)
        wanted[i] = entries[i]->article;
    if (articles->title_weight > 0)
        NS_TRY(ns__headlines_find(articles, wanted, count, headlines, ranker->run->reader->err));
    for (size_t i = 0; i < count; i++)
        entries[i]->headline = headlines[i];
    return NS_OK;
}

/* What is known of articles apart from the query's words. */
static ns_status find_articles(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    ns__exec *run = ranker->run;
    for (size_t i = 0; i < count; i++)
        if (!find_article(run, entries[i]))
            return run->reader->status;
    NS_TRY(find_headlines(ranker, entries, count));
    for (size_t i = 0; i < count; i++) {
        ns__ranked *entry = entries[i];
        double passages = entry->end - entry->first, title = entry->headline.terms;
        double length =
            (double)sum_lengths(&run->segment->postings.lengths, entry->first, entry->end);
        length -= passages * (run->segment->articles.title_weight * title);
        entry->length = length + NS_CASCADE_TITLE_WEIGHT * title;
        NS_TRY(find_age(ranker, entry));
    }
    return NS_OK;
}

/* ---- Headlines ---- */

/* A headline counts for each passage: so a word that some passage has not is not in it. */
static bool may_be_titled(const ns__ranker *ranker, size_t at)
{
    const uint32_t weight = ranker->run->segment->articles.title_weight;
    for (uint32_t w = 0; w < ranker->word_count; w++)
        if (ns__ranker_facts(ranker, w)[at].least >= weight)
            return true;
    return false;
}

/* A word of the headline: counts it for the words of the query that it is one of. */
static void take_title(const ns__ranker *ranker, uint32_t ordinal, size_t at)
{
    const ns__ranked_term *terms = ranker->terms;
    uint32_t low = 0, high = ranker->term_count, word = UINT32_MAX;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (terms[middle].ordinal < ordinal)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < ranker->term_count && terms[low].ordinal == ordinal; low++) {
        if (terms[low].word != word)
            ns__ranker_facts(ranker, terms[low].word)[at].title++;
        word = terms[low].word;
    }
}

/* Counts the words of a headline, and takes them out of the text, whose passages have it each. */
static void read_headline(const ns__ranker *ranker, const ns__ranked *entry, size_t at)
{
    const ns__articles *articles = &ranker->run->segment->articles;
    for (uint32_t i = 0; i < entry->headline.terms; i++) {
        const uint32_t ordinal = ns__headline_word(articles, &entry->headline, i);
        if (ranker->sieve >> ordinal % 64 & 1)
            take_title(ranker, ordinal, at);
    }
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        ns__word_facts *facts = &ns__ranker_facts(ranker, w)[at];
        uint64_t passages = entry->end - entry->first;
        uint64_t counted = passages * articles->title_weight * facts->title;
        facts->tf = facts->tf > counted ? facts->tf - counted : 0;
        facts->tf += (uint64_t)NS_CASCADE_TITLE_WEIGHT * facts->title;
    }
}

/* ---- All of it ---- */

/* Which runs stand in the best passages, and where lines begin in the first ones. */
static void find_runs(const ns__ranker *ranker, ns__ranked *const *entries, size_t count, size_t at)
{
    ns__exec *run = ranker->run;
    const uint32_t runs = run->plan->run_count;
    for (uint32_t r = 0; r < runs + run->plan->line_count; r++)
        for (size_t i = 0; i < count; i++) {
            double *share = &ranker->runs[(size_t)r * NS_CASCADE_BATCH + at + i];
            if (r < runs)
                *share = ns__run_holds(run, r, entries[i]->hit.passage);
            else
                *share = ns__cascade_line(ns__run_begins(run, r, entries[i]->first));
        }
}

/* Entries of the segment that is open, from `at` of the batch on. */
static ns_status gather(ns__ranker *ranker, ns__ranked *const *entries, size_t count, size_t at)
{
    ns__exec *run = ranker->run;
    if (ns__exec_expired(run))
        return run->reader->status;
    for (size_t i = 0; i < count; i++)
        entries[i]->slot = (uint32_t)(at + i);
    NS_TRY(find_articles(ranker, entries, count));
    for (uint32_t w = 0; w < ranker->word_count; w++)
        if (!ns__ranker_read(ranker, w, entries, count, ns__ranker_facts(ranker, w) + at))
            return run->reader->status;
    for (size_t i = 0; i < count; i++)
        if (entries[i]->headline.terms > 0 && may_be_titled(ranker, at + i))
            read_headline(ranker, entries[i], at + i);
    find_runs(ranker, entries, count, at);
    return run->reader->status;
}

ns_status ns__ranker_gather(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    ranker->batches++;
    for (size_t from = 0, end; from < count; from = end) {
        const uint32_t segment = entries[from]->hit.segment;
        for (end = from + 1; end < count && entries[end]->hit.segment == segment;)
            end++;
        NS_TRY(ns__ranker_segment(ranker, segment));
        NS_TRY(gather(ranker, entries + from, end - from, from));
    }
    return NS_OK;
}
