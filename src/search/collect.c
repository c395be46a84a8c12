/* Collecting by date, age and source. */
#include "search/collect.h"

#include <stdlib.h>

static const int64_t UNKNOWN = INT64_MIN;
static const double UNKNOWN_FACTOR = 0.5;

double ns__age_factor(int64_t date, int64_t now, uint64_t half_life)
{
    if (date == UNKNOWN)
        return UNKNOWN_FACTOR;
    if (date >= now)
        return 1;
    uint64_t age = (uint64_t)now - (uint64_t)date; /* the difference always fits */
    return ns__exp2(-((double)age / (double)half_life));
}

static bool comes_before(const ns__collected *a, const ns__collected *b)
{
    return a->key != b->key ? a->key > b->key : ns__hit_better(&a->hit, &b->hit);
}

static int by_order(const void *a, const void *b)
{
    return comes_before(a, b) ? -1 : comes_before(b, a);
}

static void fail(ns__exec *run, ns_status status)
{
    if (run->reader->status == NS_OK)
        run->reader->status = status;
}

/* Keeps the first `limit`. */
static void cut(ns__ordering *all)
{
    if (all->count > 1)
        qsort(all->items, all->count, sizeof *all->items, by_order);
    if (all->count >= all->limit) {
        all->count = (size_t)all->limit;
        all->bar = all->items[all->count - 1].key; /* the limit is above 0 */
        all->full = true;
    }
}

static ns_status put(ns__ordering *all, const ns__collected *item, ns_error *err)
{
    if (!all->options->sources && all->count >= 2 * all->limit)
        cut(all);
    if (NS_RESERVE(all->items, all->capacity, all->count + 1) != NS_OK)
        return ns__no_memory(err);
    all->items[all->count++] = *item;
    return NS_OK;
}

/* Keeps the item if it is the first of its source. */
static ns_status put_source(ns__ordering *all, const ns__collected *item, uint32_t article,
                            ns_error *err)
{
    uint32_t number;
    NS_TRY(ns__labels_number(&all->sources, item->hit.segment, article, &number, err));
    size_t had = all->place_capacity;
    if (NS_RESERVE(all->places, all->place_capacity, (size_t)number + 1) != NS_OK)
        return ns__no_memory(err);
    if (all->place_capacity > had)
        memset(all->places + had, 0, (all->place_capacity - had) * sizeof *all->places);
    if (all->places[number] == 0) {
        NS_TRY(put(all, item, err));
        all->places[number] = (uint32_t)all->count;
        return NS_OK;
    }
    ns__collected *old = &all->items[all->places[number] - 1];
    if (comes_before(item, old))
        *old = *item;
    return NS_OK;
}

/* Keeps one that may have copies, in this segment or another, for the end. */
static ns_status put_copy(ns__ordering *all, const ns__collected *item, uint32_t article,
                          uint64_t fingerprint, ns_error *err)
{
    if (NS_RESERVE(all->copies, all->copy_capacity, all->copy_count + 1) != NS_OK)
        return ns__no_memory(err);
    all->copies[all->copy_count++] = (ns__collected_copy){*item, fingerprint, article};
    return NS_OK;
}

static int by_fingerprint(const void *a, const void *b)
{
    const ns__collected_copy *x = a, *y = b;
    if (x->fingerprint != y->fingerprint)
        return x->fingerprint < y->fingerprint ? -1 : 1;
    return by_order(&x->item, &y->item);
}

/* The first of each text stands for its copies. */
static ns_status settle_copies(ns__ordering *all, ns_error *err)
{
    if (all->copy_count > 1)
        qsort(all->copies, all->copy_count, sizeof *all->copies, by_fingerprint);
    for (size_t i = 0; i < all->copy_count; i++) {
        const ns__collected_copy *copy = &all->copies[i];
        if (i == 0 || copy->fingerprint != copy[-1].fingerprint)
            NS_TRY(put_source(all, &copy->item, copy->article, err));
    }
    return NS_OK;
}

static ns_status place(ns__exec *run, const ns__collected *item, uint32_t article)
{
    ns__ordering *all = (ns__ordering *)run->collector;
    const ns__articles *articles = &run->segment->articles;
    ns_error *err = run->reader->err;
    if (!all->options->sources)
        return put(all, item, err);
    const uint64_t fingerprint =
        all->options->distinct ? ns__article_fingerprint(articles, article) : 0;
    const bool alone = all->sources.index->manifest.segment_count == 1 &&
                       ns__article_unrepeated(articles, article);
    if (fingerprint == 0 || alone)
        return put_source(all, item, article, err);
    return put_copy(all, item, article, fingerprint, err);
}

/* The best passage of an article is known: gives it its place in the order. */
static void settle(ns__exec *run)
{
    ns__ordering *all = (ns__ordering *)run->collector;
    const ns_search_options *options = all->options;
    ns__collected item = {all->best, 0};
    if (!all->pending || run->reader->status < 0) /* a run that was out of time goes on */
        return;
    all->pending = false;
    if (options->sort != NS_SORT_SCORE || options->half_life > 0) {
        ns__stamp date;
        ns_status status =
            ns__article_date(&run->segment->articles, all->best_article, &date, run->reader->err);
        if (status != NS_OK) {
            fail(run, status);
            return;
        }
        int64_t begins = ns__zone_begins(&all->zone, options, &date);
        if (options->half_life > 0)
            item.hit.score = (float)((double)item.hit.score *
                                     ns__age_factor(begins, options->now, options->half_life));
        if (options->sort == NS_SORT_NEWEST)
            item.key = begins;
        else if (options->sort == NS_SORT_OLDEST)
            item.key = begins == UNKNOWN ? UNKNOWN : ~begins;
    }
    ns_status status = place(run, &item, all->best_article);
    if (status != NS_OK)
        fail(run, status);
}

static void take(ns__exec *run, const ns__hit *hit, uint32_t article)
{
    ns__ordering *all = (ns__ordering *)run->collector;
    if (all->pending && all->best_article == article && !all->options->passages) {
        if (ns__hit_better(hit, &all->best))
            all->best = *hit;
        return;
    }
    settle(run);
    all->best = *hit;
    all->best_article = article;
    all->pending = true;
}

/* The best key that an article with passages in a window may have. */
static bool rank_window(ns__exec *run, uint32_t window, int64_t *rank)
{
    const ns__ordering *all = (const ns__ordering *)run->collector;
    int64_t earliest, latest;
    ns__articles_window_dates(&run->segment->articles, window, &earliest, &latest);
    *rank = UNKNOWN;
    if (earliest <= latest)
        *rank = all->options->sort == NS_SORT_NEWEST ? ns__zone_latest(all->options, latest)
                                                     : ~ns__zone_earliest(all->options, earliest);
    return !all->full || *rank >= all->bar; /* of one date the score decides */
}

bool ns__ordering_wanted(const ns_search_options *options)
{
    return options->sort != NS_SORT_SCORE || options->sources || options->half_life > 0;
}

ns_status ns__ordering_open(const ns_index *index, const ns_search_options *options, uint64_t limit,
                            ns__ordering *out, ns_error *err)
{
    /* With groups the first of each is wanted, however late it comes. */
    bool dated = options->sort != NS_SORT_SCORE && !options->sources;
    *out = (ns__ordering){.collector = {.take = take,
                                        .end_segment = settle,
                                        .rank_window = dated ? rank_window : NULL,
                                        .scores = true},
                          .options = options,
                          .limit = limit};
    return options->sources ? ns__labels_open(index, NS__COLUMN_SOURCE, &out->sources, err) : NS_OK;
}

void ns__ordering_release(ns__ordering *ordering)
{
    if (ordering->sources.index)
        ns__labels_release(&ordering->sources);
    ns__free(ordering->places);
    ns__free(ordering->items);
    ns__free(ordering->copies);
    *ordering = (ns__ordering){0};
}

ns_status ns__ordering_finish(ns__ordering *ordering, ns__arena *arena, const ns__hit **hits,
                              size_t *count, ns_error *err)
{
    NS_TRY(settle_copies(ordering, err));
    cut(ordering);
    ns__hit *out = ns__arena_alloc(arena, ordering->count * sizeof *out);
    if (out == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < ordering->count; i++)
        out[i] = ordering->items[i].hit;
    *hits = out;
    *count = ordering->count;
    return NS_OK;
}
