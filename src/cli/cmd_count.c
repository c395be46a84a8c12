/* ns count: how many articles match, and how they are spread over time, sources, sections. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/json.h"
#include "cli/output.h"
#include "cli/term.h"

enum { JSON_VERSION = 1, MOST_VALUES = 10000000 };

static const char *const facet_names[] = {"day",     "month",  "year", "source",
                                          "section", "author", "lang"};

/* What is printed of what was counted. */
typedef struct table {
    const ns_facets *facets; /* NULL: only hits */
    bool *shown;             /* of each value */
    size_t others;           /* values that are not shown, */
    uint64_t other_articles; /* and what they add up to */
    ns_hits hits;
    bool partial;
} table;

static bool read_facet(const cli_args *args, ns_facets_options *options)
{
    const char *name = args->value[OPT_BY];
    enum { COUNT = sizeof facet_names / sizeof *facet_names };
    if (name == NULL)
        return true;
    for (int i = 0; i < COUNT; i++) {
        if (strcmp(name, facet_names[i]) == 0) {
            options->by = (ns_facet)i;
            return true;
        }
    }
    const char *near = did_you_mean(name, facet_names, COUNT);
    complain("--by %s: %s%s%sgive day, month, year, source, section, author or lang", name,
             near ? "did you mean " : "", near ? near : "", near ? "? Or " : "");
    return false;
}

/* ---- Which values are shown ---- */

typedef struct ranked {
    size_t at;
    uint64_t articles;
} ranked;

static int by_articles(const void *x, const void *y)
{
    const ranked *a = x, *b = y;
    if (a->articles != b->articles)
        return a->articles > b->articles ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

/* The `limit` most frequent values, beside the empty one. */
static bool choose(table *out, size_t limit)
{
    size_t count = ns_facets_count(out->facets), named = 0;
    ranked *list = malloc((count + 1) * sizeof *list);
    out->shown = calloc(count + 1, sizeof *out->shown);
    if (list == NULL || out->shown == NULL) {
        free(list);
        complain("out of memory");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ns_facet_count value = ns_facets_get(out->facets, i);
        if (value.length == 0)
            out->shown[i] = true;
        else
            list[named++] = (ranked){i, value.articles};
    }
    if (named > 1)
        qsort(list, named, sizeof *list, by_articles);
    for (size_t i = 0; i < named; i++) {
        out->shown[list[i].at] = i < limit;
        out->others += i >= limit;
        out->other_articles += i < limit ? 0 : list[i].articles;
    }
    free(list);
    return true;
}

/* ---- Printing ---- */

static void print_json(const table *all, const char *by, const cli_answer *about)
{
    json *out = json_begin();
    if (out == NULL)
        return;
    json_open(out, NULL);
    json_number(out, "version", JSON_VERSION);
    json_string(out, "query", about->asked, about->asked_length);
    json_notes(out, about->query, about->field);
    json_meant(out, about);
    json_open(out, "hits");
    json_number(out, "articles", all->hits.articles);
    json_number(out, "passages", all->hits.passages);
    json_close(out);
    json_bool(out, "partial", all->partial);
    if (by)
        json_text(out, "by", by);
    else
        json_null(out, "by");
    json_open_array(out, "counts");
    for (size_t i = 0; all->facets && i < ns_facets_count(all->facets); i++) {
        ns_facet_count value = ns_facets_get(all->facets, i);
        if (!all->shown[i])
            continue;
        json_open(out, NULL);
        if (value.length)
            json_string(out, "value", value.value, value.length);
        else
            json_null(out, "value");
        json_number(out, "articles", value.articles);
        json_close(out);
    }
    json_close_array(out);
    json_open(out, "others");
    json_number(out, "values", all->others);
    json_number(out, "articles", all->other_articles);
    json_close(out);
    json_close(out);
    json_end(out);
}

static void tell_others(const table *all)
{
    if (all->others > 0)
        fprintf(stderr, "%zu other%s: %llu\n", all->others, all->others == 1 ? "" : "s",
                (unsigned long long)all->other_articles);
}

static void print_tsv(const table *all, const cli_term *term)
{
    for (size_t i = 0; i < ns_facets_count(all->facets); i++) {
        ns_facet_count value = ns_facets_get(all->facets, i);
        if (!all->shown[i])
            continue;
        term_print_field(term, value.value, value.length);
        printf("\t%llu\n", (unsigned long long)value.articles);
    }
    fflush(stdout);
    tell_others(all);
}

typedef struct table_shape {
    size_t name, number, bar; /* columns */
    uint64_t most;
} table_shape;

static size_t digits_of(uint64_t number)
{
    char text[24];
    return (size_t)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
}

static const char *name_of(ns_facet_count value, size_t *length)
{
    static const char none[] = "(none)";
    *length = value.length ? value.length : strlen(none);
    return value.length ? value.value : none;
}

static table_shape shape_of(const table *all, const cli_term *term)
{
    enum { GAP = 2, LEAST_BAR = 5, MOST_BAR = 60 };
    table_shape shape = {0};
    for (size_t i = 0; i < ns_facets_count(all->facets); i++) {
        size_t length;
        ns_facet_count value = ns_facets_get(all->facets, i);
        const char *name = name_of(value, &length);
        if (!all->shown[i])
            continue;
        size_t width = term_columns(name, length), digits = digits_of(value.articles);
        shape.name = width > shape.name ? width : shape.name;
        shape.number = digits > shape.number ? digits : shape.number;
        shape.most = value.articles > shape.most ? value.articles : shape.most;
    }
    size_t most_name = term->columns / 2; /* a longer one has its number in the next line */
    if (term->columns && shape.name > most_name)
        shape.name = most_name;
    size_t used = shape.name + GAP + shape.number + GAP;
    if (term->columns >= used + LEAST_BAR)
        shape.bar = term->columns - used;
    shape.bar = shape.bar < MOST_BAR ? shape.bar : MOST_BAR;
    return shape;
}

static void print_row(const table_shape *shape, const cli_term *term, const char *name,
                      size_t length, uint64_t articles)
{
    ns_marked text = {name, length, NULL, 0};
    size_t width = term_columns(name, length);
    if (width > shape->name) {
        term_print_marked(term, text, STYLE_PLAIN, 0, 0, false, false);
        width = 0;
    } else {
        term_print(term, name, length, STYLE_PLAIN, false);
    }
    printf("%*s  %*llu", (int)(shape->name - width), "", (int)shape->number,
           (unsigned long long)articles);
    size_t eighths =
        (size_t)((double)articles / (double)shape->most * (double)(8 * shape->bar) + 0.5);
    if (shape->bar > 0) {
        fputs("  ", stdout);
        term_print_bar(term, eighths ? eighths : 1);
    }
    putchar('\n');
}

static void print_text(const table *all, const cli_term *term)
{
    table_shape shape = shape_of(all, term);
    for (size_t i = 0; i < ns_facets_count(all->facets); i++) {
        size_t length;
        ns_facet_count value = ns_facets_get(all->facets, i);
        const char *name = name_of(value, &length);
        if (all->shown[i])
            print_row(&shape, term, name, length, value.articles);
    }
    fflush(stdout);
    tell_others(all);
    fprintf(stderr, "%s%llu article%s\n", all->partial ? "at least " : "",
            (unsigned long long)all->hits.articles, all->hits.articles == 1 ? "" : "s");
}

/* ---- Counting ---- */

/* Fills in hits, and with --by facets. False after a message. */
static bool count(const cli_args *args, const cli_asking *asking, const ns_facets_options *options,
                  const ns_index *index, const ns_query *query, ns_facets **facets, table *out)
{
    ns_error err = {0};
    ns_results *results = NULL;
    ns_status status;
    if (args_has(args, OPT_BY)) {
        status = ns_facets_of(index, query, &asking->search, options, facets, &err);
        if (status == NS_OK)
            *out = (table){.facets = *facets,
                           .hits = ns_facets_hits(*facets),
                           .partial = ns_facets_partial(*facets)};
    } else {
        ns_search_options search = asking->search;
        search.limit = 0;
        search.count = true;
        status = ns_search_query(index, query, &search, &results, &err);
        if (status == NS_OK)
            *out =
                (table){.hits = ns_results_hits(results), .partial = ns_results_partial(results)};
        ns_results_free(results);
    }
    if (status != NS_OK)
        complain_error(&err);
    return status == NS_OK;
}

typedef struct counted {
    const cli_args *args;
    const cli_asking *asking;
    const ns_facets_options *options;
} counted;

static int count_and_print(void *context, cli_answer *about)
{
    const counted *of = context;
    const cli_args *args = of->args;
    cli_term term;
    table all = {0};
    ns_facets *facets = NULL;
    size_t limit = MOST_VALUES;
    if (!term_init(args, &term) || !args_size(args, OPT_MOST, MOST_VALUES, &limit))
        return EXIT_ERROR;
    bool fine = count(args, of->asking, of->options, about->index, about->query, &facets, &all);
    if (fine && facets)
        fine = choose(&all, limit);
    char *meant = NULL;
    if (fine && all.hits.articles == 0)
        about->field = ns_query_unknown_field(about->query);
    if (fine)
        about->meant = meant = asking_spelling(of->asking, about->index, about->asked,
                                               about->asked_length, all.hits, all.partial);
    if (fine) {
        if (all.partial)
            fputs("the time was up: there may be more\n", stderr);
        if (args_has(args, OPT_JSON))
            print_json(&all, args->value[OPT_BY], about);
        else if (facets == NULL)
            printf("%llu\n", (unsigned long long)all.hits.articles);
        else if (args_has(args, OPT_TSV))
            print_tsv(&all, &term);
        else
            print_text(&all, &term);
        fflush(stdout);
        tell_field(about);
        if (!args_has(args, OPT_JSON))
            tell_spelling(about);
    }
    free(meant);
    free(all.shown);
    ns_facets_free(facets);
    return !fine ? EXIT_ERROR : all.hits.articles ? EXIT_FOUND : EXIT_NOTHING;
}

int run_count(const cli_args *args)
{
    cli_asking asking;
    ns_facets_options options;
    ns_facets_options_init(&options);
    if (!asking_init(args, &asking) || !read_facet(args, &options))
        return EXIT_ERROR;
    if (asking.query.utc_offset) {
        options.seconds_east = dates_seconds_east;
        options.seconds_east_context = asking.query.utc_offset_context;
    }
    if (args_has(args, OPT_JSON) && args_has(args, OPT_TSV))
        return complain("--json and --tsv: give one of them");
    if (args_has(args, OPT_MOST) && !args_has(args, OPT_BY))
        return complain("--%s: say of what, with --by source, for instance",
                        option_find(OPT_MOST)->name);
    cli_args all = *args;
    const char *everything[] = {"*"};
    if (all.word_count == 0) {
        all.words = everything;
        all.word_count = 1;
    }
    counted about = {args, &asking, &options};
    return asking_run(&all, &asking, count_and_print, &about);
}
