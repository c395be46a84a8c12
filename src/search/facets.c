/* Counting the articles that match by day, source and the like: one pass over them, looking at one
 * column. */
#include "ns/facets.h"

#include <stdlib.h>

#include "search/labels.h"
#include "search/periods.h"
#include "search/results.h"
#include "text/analyzer.h"

typedef struct value {
    size_t start, length; /* in the text of all */
    const uint8_t *text;  /* the same, once that does not grow any more */
    uint64_t articles;
} value;

struct ns_facets {
    ns__buf text; /* terminated values */
    value *values;
    size_t count, capacity;
    ns_hits hits;
    bool partial;
};

typedef struct counter {
    ns__collector collector; /* first: it is found by it */
    bool dated;
    ns__periods periods;
    ns__labels labels;
    uint64_t *labelled; /* articles of each label */
    size_t label_capacity;
    uint32_t article; /* counted last */
} counter;

void ns_facets_options_init(ns_facets_options *options)
{
    *options = (ns_facets_options){.by = NS_FACET_MONTH};
}

static ns_status count_dated(counter *all, const ns__exec *run, uint32_t article)
{
    ns__stamp date;
    NS_TRY(ns__article_date(&run->segment->articles, article, &date, run->reader->err));
    return ns__periods_add(&all->periods, &date, run->reader->err);
}

/* An article that names no language is of the one that it was analysed in, as filters have it. */
static ns_status guessed_language(counter *all, const ns__exec *run, uint32_t article,
                                  uint32_t *number)
{
    uint8_t lang;
    NS_TRY(ns__article_language(&run->segment->articles, article, &lang, run->reader->err));
    const char *code = ns__lang_code(lang);
    return ns__labels_meet(&all->labels, (ns__str){(const uint8_t *)code, strlen(code)}, number,
                           run->reader->err);
}

static ns_status count_labelled(counter *all, const ns__exec *run, uint32_t article)
{
    uint32_t number;
    NS_TRY(ns__labels_number(&all->labels, run->segment_index, article, &number, run->reader->err));
    if (number == 0 && all->labels.column == NS__COLUMN_LANG)
        NS_TRY(guessed_language(all, run, article, &number));
    size_t had = all->label_capacity;
    if (NS_RESERVE(all->labelled, all->label_capacity, (size_t)number + 1) != NS_OK)
        return ns__no_memory(run->reader->err);
    if (all->label_capacity > had)
        memset(all->labelled + had, 0, (all->label_capacity - had) * sizeof *all->labelled);
    all->labelled[number]++;
    return NS_OK;
}

static void take(ns__exec *run, const ns__hit *hit, uint32_t article)
{
    counter *all = (counter *)run->collector;
    (void)hit;
    if (article == all->article || run->reader->status < 0)
        return;
    all->article = article;
    ns_status status =
        all->dated ? count_dated(all, run, article) : count_labelled(all, run, article);
    if (status != NS_OK && run->reader->status == NS_OK)
        run->reader->status = status;
}

static void end_segment(ns__exec *run)
{
    ((counter *)run->collector)->article = UINT32_MAX;
}

static ns_status add_value(ns_facets *facets, const void *text, size_t length, uint64_t articles,
                           ns_error *err)
{
    if (NS_RESERVE(facets->values, facets->capacity, facets->count + 1) != NS_OK)
        return ns__no_memory(err);
    facets->values[facets->count++] = (value){facets->text.length, length, NULL, articles};
    ns__buf_append(&facets->text, text, length);
    ns__buf_u8(&facets->text, 0);
    return facets->text.failed ? ns__no_memory(err) : NS_OK;
}

static ns_status add_periods(ns_facets *facets, ns__periods *periods, ns_error *err)
{
    ns__periods_sort(periods);
    for (size_t p = 0; p < periods->count; p++) {
        char name[32];
        size_t length = ns__period_name(periods->slots[p].key, name);
        NS_TRY(add_value(facets, name, length, periods->slots[p].articles, err));
    }
    return NS_OK;
}

static int by_articles(const void *x, const void *y)
{
    const value *a = x, *b = y;
    if ((a->length == 0) != (b->length == 0))
        return a->length == 0 ? 1 : -1;
    if (a->articles != b->articles)
        return a->articles > b->articles ? -1 : 1;
    return ns__str_compare((ns__str){a->text, a->length}, (ns__str){b->text, b->length});
}

static ns_status add_labels(ns_facets *facets, const counter *all, ns_error *err)
{
    for (uint32_t n = 0; n < all->labels.count && n < all->label_capacity; n++) {
        ns__str text = ns__labels_text(&all->labels, n);
        if (all->labelled[n] > 0)
            NS_TRY(add_value(facets, text.data, text.length, all->labelled[n], err));
    }
    for (size_t i = 0; i < facets->count; i++)
        facets->values[i].text = facets->text.data + facets->values[i].start;
    if (facets->count > 1)
        qsort(facets->values, facets->count, sizeof *facets->values, by_articles);
    return NS_OK;
}

/* When the time was up, hits were counted a little less far than values. */
static void count_hits(ns_facets *facets)
{
    uint64_t articles = 0;
    for (size_t i = 0; i < facets->count; i++)
        articles += facets->values[i].articles;
    facets->hits.articles = articles;
    if (facets->hits.passages < articles)
        facets->hits.passages = articles;
}

static ns_status open_counter(const ns_index *index, const ns_facets_options *options, counter *all,
                              ns_error *err)
{
    static const ns__column columns[] = {NS__COLUMN_SOURCE, NS__COLUMN_SECTION, NS__COLUMN_AUTHOR,
                                         NS__COLUMN_LANG};
    *all =
        (counter){.collector = {.take = take, .end_segment = end_segment}, .article = UINT32_MAX};
    if (options->by < NS_FACET_DAY || options->by > NS_FACET_LANG)
        return ns__fail(err, NS_ERR_ARGUMENT, "unknown facet %d", (int)options->by);
    all->dated = options->by <= NS_FACET_YEAR;
    if (all->dated)
        return ns__periods_open(options, &all->periods, err);
    return ns__labels_open(index, columns[options->by - NS_FACET_SOURCE], &all->labels, err);
}

static void close_counter(counter *all)
{
    ns__periods_release(&all->periods);
    if (all->labels.index)
        ns__labels_release(&all->labels);
    ns__free(all->labelled);
}

static ns_status count(const ns_index *index, const ns_query *query,
                       const ns_search_options *search, counter *all, ns_facets *facets,
                       ns_error *err)
{
    ns_search_options options = *search;
    options.limit = 0;
    options.all = options.no_hits = false;
    options.count = true;
    ns_results *results = NULL;
    NS_TRY(ns__search_into(index, query, &options, &all->collector, &results, err));
    facets->hits = ns_results_hits(results);
    facets->partial = ns_results_partial(results);
    ns_results_free(results);
    if (all->dated)
        NS_TRY(add_periods(facets, &all->periods, err));
    else
        NS_TRY(add_labels(facets, all, err));
    if (facets->partial)
        count_hits(facets);
    return NS_OK;
}

ns_status ns_facets_of(const ns_index *index, const ns_query *query,
                       const ns_search_options *search, const ns_facets_options *options,
                       ns_facets **out, ns_error *err)
{
    ns_search_options default_search;
    ns_facets_options default_options;
    ns_search_options_init(&default_search);
    ns_facets_options_init(&default_options);
    search = search ? search : &default_search;
    options = options ? options : &default_options;
    *out = NULL;
    ns_facets *facets = ns__zalloc(1, sizeof *facets);
    if (facets == NULL)
        return ns__no_memory(err);
    counter all;
    ns_status status = open_counter(index, options, &all, err);
    if (status == NS_OK)
        status = count(index, query, search, &all, facets, err);
    close_counter(&all);
    if (status != NS_OK) {
        ns_facets_free(facets);
        return status;
    }
    *out = facets;
    return NS_OK;
}

size_t ns_facets_count(const ns_facets *facets)
{
    return facets->count;
}

ns_facet_count ns_facets_get(const ns_facets *facets, size_t i)
{
    const value *of = &facets->values[i];
    return (ns_facet_count){(const char *)facets->text.data + of->start, of->length, of->articles};
}

ns_hits ns_facets_hits(const ns_facets *facets)
{
    return facets->hits;
}

bool ns_facets_partial(const ns_facets *facets)
{
    return facets->partial;
}

void ns_facets_free(ns_facets *facets)
{
    if (facets == NULL)
        return;
    ns__buf_release(&facets->text);
    ns__free(facets->values);
    ns__free(facets);
}
