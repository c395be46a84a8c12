/* Ranking again what BM25 found: see cascade.h. */
#include "search/cascade.h"

#include <math.h>
#include <stdlib.h>

#include "base/num.h"

#define CASCADE_K1 1.2
#define CASCADE_B 0.75
#define PASSAGE_SHARE 0.25 /* of a best passage beside its article */
#define NEAR_SHARE 0.2
#define STOP_SHARE 0.25
#define IDF_HALF 2.0

enum {
    LEAST_DEPTH = 100,
    DEPTH_FACTOR = 10,
    BURST_ARTICLES = 100,
    NEAR_PART = 5, /* of the depth */
    TITLE_WEIGHT = 3,
    WINDOW = 8,
    MOST_PAIRS = 32
};

/* Two words that follow one another in the query. */
typedef struct pair {
    uint32_t a, b; /* groups */
    double weight;
} pair;

typedef struct weighed {
    double idf;    /* damped, with boost; 0: takes no part */
    double weight; /* with burst */
    uint64_t tf_sum, tf_count;
    bool stop;
    bool paired;
    size_t first, count; /* its places in `places`, while a text is looked at */
    uint32_t tf, title_tf;
} weighed;

typedef struct cascade {
    ns__exec *run;
    const ns_index *index;
    weighed *words; /* of each group */
    pair pairs[MOST_PAIRS];
    uint32_t pair_count;
    double average; /* length of an article */
    ns__positions places;
    uint64_t near[MOST_PAIRS][2]; /* side by side, within the window */
} cascade;

/* A hit and where it stood. */
typedef struct ranked {
    ns__hit hit;
    double score, length;
    uint32_t rank;
} ranked;

/* The depth for pages of one size is the same for many pages: else an article could be on two. */
static uint64_t depth_of(const ns_search_options *options, uint32_t limit)
{
    size_t passed = options->offset < limit ? options->offset : 0;
    uint64_t depth = (uint64_t)(limit - passed) * DEPTH_FACTOR;
    depth = depth < LEAST_DEPTH ? LEAST_DEPTH : depth;
    while (depth < limit)
        depth *= DEPTH_FACTOR;
    return depth;
}

uint32_t ns__cascade_depth(const ns_search_options *options, uint32_t limit, uint64_t most)
{
    uint64_t depth = depth_of(options, limit);
    if (limit == 0)
        return 0;
    if (options->exhaustive || depth > most)
        depth = most;
    return (uint32_t)(depth < limit ? limit : depth);
}

bool ns__cascade_wanted(const ns_search_options *options)
{
    return options->ranking == NS_RANKING_CASCADE && !options->passages && !options->sources &&
           options->sort == NS_SORT_SCORE && options->half_life == 0;
}

/* ---- Words and pairs ---- */

static bool is_stop_word(ns__str term)
{
    static const char words[][6] = {
        "a",   "an",    "and",  "are",   "as",    "at",   "be",   "but", "by",  "for",  "if",
        "in",  "into",  "is",   "it",    "no",    "not",  "of",   "on",  "or",  "such", "that",
        "the", "their", "then", "there", "these", "they", "this", "to",  "was", "will", "with"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == term.length && memcmp(words[i], term.data, term.length) == 0)
            return true;
    return false;
}

static void weigh_words(cascade *c)
{
    const ns__plan *plan = c->run->plan;
    bool content = false;
    for (uint32_t g = 0; g < plan->group_count; g++) {
        const ns__group *group = &plan->groups[g];
        weighed *word = &c->words[g];
        *word = (weighed){0};
        if (group->weight == 0 || group->df == 0)
            continue;
        double idf = ns__bm25_factor(&plan->bm25, group->df, 1);
        word->idf = group->boost * (idf * idf / (idf + IDF_HALF));
        for (uint32_t t = 0; t < group->term_count; t++)
            word->stop |= is_stop_word(group->terms[t]);
        content |= !word->stop;
    }
    for (uint32_t g = 0; g < plan->group_count; g++) {
        c->words[g].stop &= content;
        if (c->words[g].stop)
            c->words[g].idf *= STOP_SHARE;
    }
}

static void add_pair(cascade *c, uint32_t a, uint32_t b)
{
    for (uint32_t p = 0; p < c->pair_count; p++)
        if (c->pairs[p].a == a && c->pairs[p].b == b)
            return;
    if (a == b || c->pair_count == MOST_PAIRS)
        return;
    c->words[a].paired = c->words[b].paired = true;
    c->pairs[c->pair_count++] = (pair){a, b, (c->words[a].idf + c->words[b].idf) / 2};
}

static void find_pairs(cascade *c)
{
    const ns__plan *plan = c->run->plan;
    uint32_t before = UINT32_MAX;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        const ns__plan_leaf *leaf = &plan->leaves[l];
        for (uint32_t s = 0; leaf->occur != NS__NOT && s < leaf->slot_count; s++) {
            uint32_t group = leaf->slots[s];
            if (c->words[group].idf == 0 || c->words[group].stop)
                continue;
            if (before != UINT32_MAX)
                add_pair(c, before, group);
            before = group;
        }
    }
}

static double article_average(const ns_index *index)
{
    double words = 0, articles = 0;
    for (uint32_t s = 0; s < index->manifest.segment_count; s++) {
        const ns__articles *of = &index->segments[s].articles;
        double titles = of->title_weight ? (double)of->headline_terms : 0;
        words += (double)(of->tokens - of->headline_terms) + TITLE_WEIGHT * titles;
        articles += of->count;
    }
    return words > 0 ? words / articles : 1;
}

/* ---- One article ---- */

static double part(uint64_t tf, double length, double average)
{
    double k = CASCADE_K1 * (1 - CASCADE_B) + CASCADE_K1 * CASCADE_B * length / average;
    return (double)tf / ((double)tf + k);
}

/* Counts pairs in one text, whose places are known. */
static void count_pair(cascade *c, uint32_t p)
{
    const weighed *a = &c->words[c->pairs[p].a], *b = &c->words[c->pairs[p].b];
    const uint32_t *x = c->places.items + a->first, *y = c->places.items + b->first;
    size_t i = 0, j = 0;
    uint32_t last = 0;
    int kind = -1; /* of the place before: 0 of a, 1 of b */
    while (i < a->count || j < b->count) {
        bool first = j == b->count || (i < a->count && x[i] <= y[j]);
        uint32_t at = first ? x[i++] : y[j++];
        if (kind >= 0 && kind != !first && at - last < WINDOW) {
            c->near[p][1]++;
            c->near[p][0] += !first && at - last == 1;
        }
        kind = !first;
        last = at;
    }
}

static bool near_in_passage(cascade *c, uint32_t passage)
{
    ns__exec *run = c->run;
    c->places.count = 0;
    uint32_t present = 0;
    for (uint32_t g = 0; g < run->plan->group_count; g++) {
        weighed *word = &c->words[g];
        word->count = 0;
        present += word->paired && ns__group_seek(run, g, passage) == passage;
    }
    for (uint32_t g = 0; present > 1 && g < run->plan->group_count; g++) {
        weighed *word = &c->words[g];
        bool titled = false;
        if (!word->paired || ns__group_seek(run, g, passage) != passage)
            continue;
        if (!ns__slot_starts(run, g, 0, passage, &titled))
            return false;
        word->first = c->places.count;
        word->count = run->slot.count;
        if (NS_RESERVE(c->places.items, c->places.capacity, word->first + word->count + 1) !=
            NS_OK) {
            run->reader->status = ns__no_memory(run->reader->err);
            return false;
        }
        for (size_t i = 0; i < word->count; i++)
            c->places.items[c->places.count++] = run->slot.items[i];
    }
    for (uint32_t p = 0; present > 1 && p < c->pair_count; p++)
        count_pair(c, p);
    return !ns__exec_failed(run);
}

/* The headline's words, and the pairs in it. */
static bool read_headline(cascade *c, uint32_t article, bool near, uint32_t *length)
{
    ns__exec *run = c->run;
    const uint32_t *ordinals = NULL;
    *length = 0;
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        c->words[g].title_tf = 0;
    if (run->segment->articles.title_weight == 0)
        return true;
    if (!ns__exec_headline(run, article, &ordinals, length))
        return false;
    c->places.count = 0;
    for (uint32_t g = 0; g < run->plan->group_count; g++) {
        weighed *word = &c->words[g];
        word->first = c->places.count;
        for (uint32_t i = 0; word->idf > 0 && i < *length; i++) {
            if (!ns__lists_have(&run->lists[g], ordinals[i]))
                continue;
            word->title_tf++;
            if (NS_RESERVE(c->places.items, c->places.capacity, c->places.count + 1) != NS_OK) {
                run->reader->status = ns__no_memory(run->reader->err);
                return false;
            }
            c->places.items[c->places.count++] = i;
        }
        word->count = c->places.count - word->first;
    }
    for (uint32_t p = 0; near && p < c->pair_count; p++)
        count_pair(c, p);
    return true;
}

static uint64_t article_tf(cascade *c, uint32_t g, uint32_t first, uint32_t end)
{
    ns__exec *run = c->run;
    uint64_t tf = 0, title = (uint64_t)run->segment->articles.title_weight * c->words[g].title_tf;
    for (uint32_t p = ns__group_seek(run, g, first); p < end; p = ns__group_seek(run, g, p + 1)) {
        uint64_t here = ns__group_tf(run, g, p);
        tf += here > title ? here - title : 0;
    }
    return tf + (uint64_t)TITLE_WEIGHT * c->words[g].title_tf;
}

static double score_words(cascade *c, uint32_t first, uint32_t end, uint32_t best, double length)
{
    ns__exec *run = c->run;
    double sum = 0, passage = 0;
    double best_length = ns__length_of(&run->segment->postings.lengths, best);
    for (uint32_t g = 0; g < run->plan->group_count; g++) {
        const weighed *word = &c->words[g];
        if (word->weight == 0)
            continue;
        uint64_t tf = article_tf(c, g, first, end);
        uint64_t here = tf ? ns__group_tf(run, g, best) : 0;
        sum += word->weight * part(tf, length, c->average);
        passage += word->weight * part(here, best_length, run->plan->bm25.average);
    }
    return sum + PASSAGE_SHARE * passage;
}

static double score_runs(cascade *c, uint32_t best)
{
    const ns__plan *plan = c->run->plan;
    double sum = 0;
    for (uint32_t r = 0; r < plan->run_count; r++) {
        const ns__plan_leaf *leaf = &plan->leaves[plan->leaf_count + r];
        double bonus = 0;
        if (!ns__run_holds(c->run, r, best))
            continue;
        for (uint32_t s = 0; s < leaf->slot_count; s++)
            bonus += c->words[leaf->slots[s]].weight;
        sum += NS_RUN_BONUS * bonus;
    }
    return sum;
}

static void score_article(cascade *c, ranked *entry)
{
    ns__exec *run = c->run;
    const ns__hit *hit = &entry->hit;
    uint32_t article, first, end, title;
    if (!ns__exec_article(run, hit->passage, &article, &first, &end) ||
        !read_headline(c, article, false, &title))
        return;
    double length = 0, weight = run->segment->articles.title_weight;
    for (uint32_t p = first; p < end; p++)
        length += (double)ns__length_of(&run->segment->postings.lengths, p) - weight * title;
    length += (double)TITLE_WEIGHT * title;
    entry->length = length;
    entry->score = score_words(c, first, end, hit->passage, length) + score_runs(c, hit->passage);
}

/* What nearness adds. */
static void score_near(cascade *c, ranked *entry)
{
    ns__exec *run = c->run;
    uint32_t article, first, end, title;
    double length = entry->length;
    memset(c->near, 0, sizeof c->near);
    if (!ns__exec_article(run, entry->hit.passage, &article, &first, &end) ||
        !read_headline(c, article, true, &title))
        return;
    for (uint32_t p = first; p < end; p++)
        if (!near_in_passage(c, p))
            return;
    for (uint32_t p = 0; p < c->pair_count; p++)
        entry->score +=
            NEAR_SHARE * c->pairs[p].weight *
            (part(c->near[p][0], length, c->average) + part(c->near[p][1], length, c->average));
}

/* ---- All of them ---- */

static int by_place(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->hit.segment != y->hit.segment)
        return x->hit.segment < y->hit.segment ? -1 : 1;
    return (x->hit.passage > y->hit.passage) - (x->hit.passage < y->hit.passage);
}

static int by_score(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return (x->hit.article > y->hit.article) - (x->hit.article < y->hit.article);
}

static ns_status open_segment(cascade *c, uint32_t segment)
{
    ns__exec *run = c->run;
    if (run->segment != NULL && run->segment_index == segment)
        return run->reader->status;
    ns__arena_release(run->reader->arena);
    NS_TRY(ns__exec_open(run, c->index, segment, false));
    return run->reader->status;
}

static ns_status find_bursts(cascade *c, const ranked *entries, size_t count)
{
    const ns__plan *plan = c->run->plan;
    for (size_t i = 0; i < count; i++) {
        if (entries[i].rank >= BURST_ARTICLES)
            continue;
        NS_TRY(open_segment(c, entries[i].hit.segment));
        for (uint32_t g = 0; g < plan->group_count; g++) {
            weighed *word = &c->words[g];
            uint32_t tf = word->idf > 0 ? ns__group_tf(c->run, g, entries[i].hit.passage) : 0;
            word->tf_sum += tf;
            word->tf_count += tf > 0;
        }
    }
    for (uint32_t g = 0; g < plan->group_count; g++) {
        weighed *word = &c->words[g];
        double mean = word->tf_count ? (double)word->tf_sum / (double)word->tf_count : 1;
        word->weight = word->idf * sqrt(mean);
    }
    return c->run->reader->status;
}

static ns_status rank_again(cascade *c, ranked *entries, size_t count, size_t near)
{
    qsort(entries, count, sizeof *entries, by_place);
    NS_TRY(find_bursts(c, entries, count));
    for (size_t i = 0; i < count; i++) {
        if (ns__exec_expired(c->run))
            return c->run->reader->status;
        NS_TRY(open_segment(c, entries[i].hit.segment));
        score_article(c, &entries[i]);
        NS_TRY(c->run->reader->status);
    }
    qsort(entries, count, sizeof *entries, by_score);
    near = c->pair_count == 0 ? 0 : near < count ? near : count;
    qsort(entries, near, sizeof *entries, by_place);
    for (size_t i = 0; i < near; i++) {
        if (ns__exec_expired(c->run))
            return c->run->reader->status;
        NS_TRY(open_segment(c, entries[i].hit.segment));
        score_near(c, &entries[i]);
        NS_TRY(c->run->reader->status);
    }
    qsort(entries, near, sizeof *entries, by_score);
    return NS_OK;
}

ns_status ns__cascade(ns__exec *run, const ns_index *index, uint32_t limit, ns__hit *hits,
                      size_t count)
{
    cascade c = {.run = run, .index = index, .average = article_average(index)};
    if (count == 0)
        return NS_OK;
    c.words = ns__zalloc(run->plan->group_count, sizeof *c.words);
    ranked *entries = ns__zalloc(count, sizeof *entries);
    uint64_t near = depth_of(run->options, limit) / NEAR_PART;
    near = run->options->exhaustive ? count : near;
    ns_status status = NS_OK;
    if (c.words == NULL || entries == NULL) {
        status = ns__no_memory(run->reader->err);
    } else {
        weigh_words(&c);
        find_pairs(&c);
        for (size_t i = 0; i < count; i++)
            entries[i] = (ranked){.hit = hits[i], .rank = (uint32_t)i};
        status = rank_again(&c, entries, count, near);
        for (size_t i = 0; status == NS_OK && i < count; i++) {
            hits[i] = entries[i].hit;
            hits[i].score = (float)entries[i].score;
        }
    }
    ns__free(entries);
    ns__free(c.words);
    ns__free(c.places.items);
    return status;
}
