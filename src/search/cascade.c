/* Ranking again what BM25 found: see cascade.h. */
#include "search/cascade.h"

#include <math.h>

#include "search/cascade_parts.h"

#define PASSAGE_SHARE 0.25 /* of a best passage beside its article */

enum {
    LEAST_DEPTH = 100,
    DEPTH_FACTOR = 10,
    BURST_ARTICLES = 100,
    NEAR_PART = 5 /* of the depth */
};

/* How many articles the first tier has. It depends on the size of a page alone, so that an article
 * has the same place for all pages of one size. */
static uint64_t tier_of(uint64_t page)
{
    const uint64_t depth = page * DEPTH_FACTOR;
    return depth < LEAST_DEPTH ? LEAST_DEPTH : depth;
}

uint32_t ns__cascade_depth(const ns_search_options *options, uint64_t page, uint32_t limit,
                           uint64_t most)
{
    uint64_t depth = tier_of(page);
    if (limit == 0)
        return 0;
    while (depth < limit)
        depth *= DEPTH_FACTOR;
    if (options->exhaustive || depth > most)
        depth = most;
    return (uint32_t)(depth < limit ? limit : depth);
}

bool ns__cascade_wanted(const ns_search_options *options)
{
    return options->ranking == NS_RANKING_CASCADE && !options->passages && !options->sources &&
           options->sort == NS_SORT_SCORE;
}

/* ---- One article ---- */

/* Adds a part to a score, and tells who wants to know. */
static void add_part(ns__ranker *ranker, ns__ranked *entry, ns__cascade_kind kind, uint32_t a,
                     uint32_t b, double value)
{
    entry->score += value;
    if (ranker->tell && value != 0)
        ranker->tell(ranker->payload, kind, a, b, value);
}

static void score_words(ns__ranker *ranker, ns__ranked *entry, double k)
{
    const ns__exec *run = ranker->run;
    const ns__lengths *lengths = &ranker->index->segments[entry->hit.segment].postings.lengths;
    double best_length = ns__length_of(lengths, entry->hit.passage);
    double best_k = ns__cascade_k(best_length, run->plan->bm25.average);
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        const ns__ranked_word *word = &ranker->words[w];
        const ns__word_facts *facts = &ns__ranker_facts(ranker, w)[entry->slot];
        if (facts->tf == 0)
            continue;
        double article = ns__cascade_part(facts->tf, k);
        double passage = ns__cascade_part(facts->best, best_k);
        add_part(ranker, entry, NS__CASCADE_WORD, word->group, word->group,
                 word->weight * (article + PASSAGE_SHARE * passage));
    }
}

static void score_runs(ns__ranker *ranker, ns__ranked *entry)
{
    const ns__plan *plan = ranker->run->plan;
    for (uint32_t r = 0; r < plan->run_count + plan->line_count; r++) {
        const ns__cascade_kind kind = r < plan->run_count ? NS__CASCADE_RUN : NS__CASCADE_LINE;
        const ns__plan_leaf *leaf = &plan->leaves[plan->leaf_count + r];
        const double share = ranker->runs[(size_t)r * NS_CASCADE_BATCH + entry->slot];
        double bonus = 0;
        if (share == 0)
            continue;
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            bonus += ns__ranker_weight(ranker, leaf->slots[s]);
        add_part(ranker, entry, kind, r, r, NS_RUN_BONUS * bonus * share);
    }
}

/* Which pairs an article has the words of, and what they can add at most: each place has two
 * neighbours and is beside one, and no text has more neighbours than places. */
static void bound_near(const ns__ranker *ranker, ns__ranked *entry, double k)
{
    entry->pairs = entry->titled = 0;
    entry->most_near = 0;
    for (uint32_t p = 0; p < ranker->pair_count; p++) {
        const ns__ranked_pair *pair = &ranker->pairs[p];
        const ns__word_facts *a = &ns__ranker_facts(ranker, pair->a)[entry->slot];
        const ns__word_facts *b = &ns__ranker_facts(ranker, pair->b)[entry->slot];
        if (a->tf == 0 || b->tf == 0)
            continue;
        const uint64_t less = a->tf < b->tf ? a->tf : b->tf, all = a->tf + b->tf - 1;
        double beside = ns__cascade_part(less, k);
        double within = ns__cascade_part(2 * less < all ? 2 * less : all, k);
        entry->pairs |= UINT32_C(1) << p;
        entry->titled |= (uint32_t)(a->title > 0 && b->title > 0) << p;
        entry->most_near += NS_CASCADE_NEAR_SHARE * pair->weight * (beside + within);
    }
}

static void score_article(ns__ranker *ranker, ns__ranked *entry)
{
    double k = ns__cascade_k(entry->length, ranker->average);
    entry->score = 0;
    score_words(ranker, entry, k);
    score_runs(ranker, entry);
    bound_near(ranker, entry, k);
    entry->final = entry->score * entry->age;
}

static ns_status score_near(ns__ranker *ranker, ns__ranked *entry)
{
    double k = ns__cascade_k(entry->length, ranker->average);
    NS_TRY(ns__ranker_segment(ranker, entry->hit.segment));
    NS_TRY(ns__ranker_near(ranker, entry));
    for (uint32_t p = 0; p < ranker->pair_count; p++) {
        const ns__ranked_pair *pair = &ranker->pairs[p];
        double beside = ns__cascade_part(pair->beside, k);
        double within = ns__cascade_part(pair->within, k);
        add_part(ranker, entry, NS__CASCADE_NEAR, ranker->words[pair->a].group,
                 ranker->words[pair->b].group,
                 NS_CASCADE_NEAR_SHARE * pair->weight * (beside + within));
    }
    entry->hit.near = true;
    entry->final = entry->score * entry->age;
    return NS_OK;
}

/* ---- All of them ---- */

/* Weights from the articles of the first batch. */
static void find_bursts(ns__ranker *ranker, size_t count)
{
    for (uint32_t w = 0; w < ranker->word_count; w++) {
        ns__ranked_word *word = &ranker->words[w];
        const ns__word_facts *facts = ns__ranker_facts(ranker, w);
        for (size_t i = 0; i < count; i++) {
            word->tf_sum += facts[i].best;
            word->tf_count += facts[i].best > 0;
        }
        double mean = word->tf_count ? (double)word->tf_sum / (double)word->tf_count : 1;
        word->weight = word->idf * sqrt(mean);
    }
}

/* The articles that bursts are counted in come first, in a batch of their own. */
static ns_status score_all(ns__ranker *ranker, ns__ranked **entries, size_t count)
{
    const size_t first = count < BURST_ARTICLES ? count : BURST_ARTICLES;
    ns__ranked_by_place(&ranker->sorter, entries, first);
    ns__ranked_by_place(&ranker->sorter, entries + first, count - first);
    for (size_t from = 0, end = first; from < count; from = end, end += NS_CASCADE_BATCH) {
        end = end < count ? end : count;
        NS_TRY(ns__ranker_gather(ranker, entries + from, end - from));
        if (from == 0)
            find_bursts(ranker, end);
        for (size_t i = from; i < end; i++)
            score_article(ranker, entries[i]);
    }
    return NS_OK;
}

/* Adds nearness to the scores of some articles, in the order of their places. Facts of all but the
 * last batch are gone. */
static ns_status add_near(ns__ranker *ranker, ns__ranked *const *entries, size_t count)
{
    if (ranker->batches > 1)
        NS_TRY(ns__ranker_gather(ranker, entries, count));
    for (size_t i = 0; i < count; i++) {
        if (ns__exec_expired(ranker->run))
            return ranker->run->reader->status;
        NS_TRY(score_near(ranker, entries[i]));
    }
    return ranker->run->reader->status;
}

/* The same for those that can reach `bar` by it. */
static ns_status add_near_from(ns__ranker *ranker, ns__ranked **entries, size_t count, double bar)
{
    ns__ranked *some[NS_CASCADE_BATCH];
    size_t used = 0;
    ns__ranked_by_place(&ranker->sorter, entries, count);
    for (size_t i = 0; i < count; i++) {
        if ((entries[i]->score + entries[i]->most_near) * entries[i]->age >= bar)
            some[used++] = entries[i];
        if (used < NS_CASCADE_BATCH && i + 1 < count)
            continue;
        NS_TRY(add_near(ranker, some, used));
        used = 0;
    }
    return NS_OK;
}

/* Of the best `near` articles, only the order of the first `shown` matters: what those score that
 * are the first without nearness, the others have to reach. Bounds are sums in another order: so
 * without the last bits. */
static ns_status rank_near(ns__ranker *ranker, ns__ranked **entries, size_t near, size_t shown)
{
    double bar = HUGE_VAL;
    NS_TRY(add_near_from(ranker, entries, shown, -1));
    for (size_t i = 0; i < shown; i++)
        bar = entries[i]->final < bar ? entries[i]->final : bar;
    NS_TRY(add_near_from(ranker, entries + shown, near - shown, bar * (1 - 0x1p-30)));
    ns__ranked_by_score(&ranker->sorter, entries, near);
    return NS_OK;
}

/* Orders the articles of a tier, the first `limit` of which matter: nearness counts for the best
 * `near` without it. */
static ns_status rank_tier(ns__ranker *ranker, ns__ranked **entries, size_t count, uint64_t near,
                           uint64_t limit)
{
    const ns_search_options *options = ranker->run->options;
    ns__ranked_by_score(&ranker->sorter, entries, count);
    if (ranker->pair_count == 0)
        return NS_OK;
    near = near < count ? near : count;
    /* Where copies are left out, those behind the first are shown too. */
    bool some = !options->distinct && !options->no_pruning && limit < near;
    return rank_near(ranker, entries, (size_t)near, (size_t)(some ? limit : near));
}

static ns_status rank_all(ns__ranker *ranker, ns__ranked *all, ns__ranked **entries, size_t count,
                          uint64_t page, uint64_t limit)
{
    const bool exhaustive = ranker->run->options->exhaustive;
    uint64_t end = exhaustive ? count : tier_of(page), from = 0;
    for (size_t i = 0; i < count; i++)
        entries[i] = &all[i];
    NS_TRY(score_all(ranker, entries, count));
    for (size_t i = 0; i < count; i++) /* as BM25 has them once more: tiers go by that */
        entries[i] = &all[i];
    for (; from < count && from < limit; from = end, end *= DEPTH_FACTOR) {
        const uint64_t near = exhaustive ? count : (end - from) / NEAR_PART;
        end = end < count ? end : count;
        NS_TRY(rank_tier(ranker, entries + from, (size_t)(end - from), near, limit - from));
    }
    return NS_OK;
}

ns_status ns__cascade(ns__exec *run, const ns_index *index, uint64_t page, uint32_t limit,
                      double *weights, ns__hit *hits, size_t count)
{
    ns__ranker ranker = {.run = run, .index = index};
    if (count == 0)
        return NS_OK;
    ns__ranked *all = ns__alloc(count, sizeof *all);
    ns__ranked **entries = ns__alloc(count, sizeof(ns__ranked *));
    ns_status status = NS_OK;
    if (all == NULL || entries == NULL)
        status = ns__no_memory(run->reader->err);
    for (size_t i = 0; status == NS_OK && i < count; i++)
        all[i] = (ns__ranked){.hit = hits[i], .age = 1};
    if (status == NS_OK)
        status = ns__ranker_open(&ranker);
    if (status == NS_OK)
        status = ns__ranked_sort_open(&ranker.sorter, count, run->reader->err);
    if (status == NS_OK)
        status = rank_all(&ranker, all, entries, count, page, limit);
    if (status == NS_OK) /* NS_TRY goes on when the time was up */
        status = run->reader->status;
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        weights[g] = ns__ranker_weight(&ranker, g);
    for (size_t i = 0; status == NS_OK && i < count; i++) {
        hits[i] = entries[i]->hit;
        hits[i].score = (float)entries[i]->final;
    }
    ns__free(all);
    ns__free(entries);
    ns__ranker_release(&ranker);
    return status;
}

ns_status ns__cascade_open(ns__exec *run, const ns_index *index, const double *weights,
                           ns__ranker **out)
{
    ns__ranker *ranker = ns__zalloc(1, sizeof *ranker);
    *out = ranker;
    if (ranker == NULL)
        return ns__no_memory(run->reader->err);
    ranker->run = run;
    ranker->index = index;
    NS_TRY(ns__ranker_open(ranker));
    for (uint32_t w = 0; w < ranker->word_count; w++)
        ranker->words[w].weight = weights[ranker->words[w].group];
    return NS_OK;
}

ns_status ns__cascade_explain(ns__ranker *ranker, const ns__hit *hit, ns__cascade_tell *tell,
                              void *payload)
{
    ns__ranked entry = {.hit = *hit, .age = 1}, *entries = &entry;
    ranker->tell = tell;
    ranker->payload = payload;
    NS_TRY(ns__ranker_gather(ranker, &entries, 1));
    score_article(ranker, &entry);
    if (hit->near)
        NS_TRY(score_near(ranker, &entry));
    return ranker->run->reader->status;
}

void ns__cascade_close(ns__ranker *ranker)
{
    if (ranker == NULL)
        return;
    ns__ranker_release(ranker);
    ns__free(ranker);
}
