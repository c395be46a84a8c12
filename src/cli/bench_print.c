/* The tables of ns bench: a line for each query, a summary of each class, JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench.h"
#include "cli/json.h"

enum { JSON_VERSION = 1 };

/* The medians of one class's queries under one command, microseconds. */
typedef struct class_row {
    const char *command, *class;
    size_t queries;
    double mean, median, p99;
} class_row;

void bench_print_queries(const bench *run, size_t command, const cli_term *term)
{
    for (size_t i = 0; i < run->queries.count; i++) {
        const cli_query *query = &run->queries.list[i];
        bench_time time = run->times[command * run->queries.count + i];
        printf("%s\t", run->commands[command].name);
        term_print(term, query->key, strlen(query->key), STYLE_PLAIN, false);
        putchar('\t');
        term_print(term, query->text, query->length, STYLE_PLAIN, false);
        printf("\t%llu\t%.1f\t%.1f\n", (unsigned long long)run->hits[i], time.best, time.median);
    }
}

/* ---- Summary ---- */

/* The queries of one class, in the order of the file. */
typedef struct query_class {
    const cli_query **queries;
    size_t count;
} query_class;

static int by_key(const void *a, const void *b)
{
    const cli_query *x = *(const cli_query *const *)a, *y = *(const cli_query *const *)b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x > y) - (x < y);
}

static int by_first(const void *a, const void *b)
{
    const query_class *x = a, *y = b;
    return (*x->queries > *y->queries) - (*x->queries < *y->queries);
}

/* Cuts queries, which it sorts, into classes; these in the order of the file. Returns how many. */
static size_t find_classes(const cli_query **queries, size_t count, query_class *classes)
{
    size_t found = 0;
    qsort(queries, count, sizeof *queries, by_key);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(queries[i]->key, queries[i - 1]->key) != 0)
            classes[found++] = (query_class){queries + i, 0};
        classes[found - 1].count++;
    }
    qsort(classes, found, sizeof *classes, by_first);
    return found;
}

/* The row of some queries. `scratch` has room for a number each. */
static class_row summarise(const bench *run, size_t command, const char *name, query_class of,
                           double *scratch)
{
    const bench_time *times = run->times + command * run->queries.count;
    class_row row = {.command = run->commands[command].name, .class = name, .queries = of.count};
    for (size_t i = 0; i < of.count; i++) {
        scratch[i] = times[of.queries[i] - run->queries.list].median;
        row.mean += scratch[i];
    }
    row.mean /= (double)row.queries;
    row.median = bench_median(scratch, row.queries); /* sorts */
    row.p99 = scratch[(row.queries * 99 + 99) / 100 - 1];
    return row;
}

/* All rows: for each command its classes in the order of the file, then "all". malloc'ed. */
static class_row *make_rows(const bench *run, size_t *count)
{
    const size_t queries = run->queries.count;
    double *scratch = malloc(queries * sizeof *scratch);
    const cli_query **sorted = malloc(queries * sizeof *sorted);
    query_class *classes = malloc(queries * sizeof *classes);
    class_row *rows = malloc(run->command_count * (queries + 1) * sizeof *rows);
    *count = 0;
    if (scratch && sorted && classes && rows) {
        for (size_t i = 0; i < queries; i++)
            sorted[i] = &run->queries.list[i];
        const size_t found = find_classes(sorted, queries, classes);
        for (size_t c = 0; c < run->command_count; c++) {
            for (size_t i = 0; i < found; i++)
                rows[(*count)++] =
                    summarise(run, c, classes[i].queries[0]->key, classes[i], scratch);
            rows[(*count)++] = summarise(run, c, "all", (query_class){sorted, queries}, scratch);
        }
    } else {
        complain("out of memory");
        free(rows);
        rows = NULL;
    }
    free(scratch);
    free(sorted);
    free(classes);
    return rows;
}

/* Lines with tabs between. */
static void print_rows(const cli_term *term, const class_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        printf("%s\t", rows[i].command);
        term_print(term, rows[i].class, strlen(rows[i].class), STYLE_PLAIN, false);
        printf("\t%zu\t%.1f\t%.1f\t%.1f\n", rows[i].queries, rows[i].mean, rows[i].median,
               rows[i].p99);
    }
}

static void print_repeated(const cli_term *term, const char *glyph, size_t count, cli_style style)
{
    char text[4 * 256];
    size_t bytes = strlen(glyph), used = 0;
    for (size_t i = 0; i < count && used + bytes <= sizeof text; i++, used += bytes)
        memcpy(text + used, glyph, bytes);
    term_print(term, text, used, style, false);
}

/* A bar to the median, going on more faintly to the 99th percentile. */
static void print_bar(const cli_term *term, const class_row *row, double most, size_t width)
{
    size_t median = (size_t)(row->median / most * (double)width + 0.5);
    size_t p99 = (size_t)(row->p99 / most * (double)width + 0.5);
    median = median ? median : 1;
    print_repeated(term, "█", median, STYLE_MARK);
    print_repeated(term, "░", p99 > median ? p99 - median : 0, STYLE_FAINT);
}

/* Widths of the columns of the table. */
typedef struct table_shape {
    size_t command, class, queries,
        number;  /* command 0: it is a line of its own, for narrow ones */
    size_t bar;  /* 0: no room for one */
    double most; /* microseconds of the longest bar */
} table_shape;

static table_shape shape_of(const cli_term *term, const class_row *rows, size_t count)
{
    enum { LEAST_BAR = 10, MOST_BAR = 60, GAP = 2 };
    table_shape shape = {strlen("command"), strlen("class"), 8, 11, 0, 0};
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(rows[i].command),
               width = term_columns(rows[i].class, strlen(rows[i].class));
        shape.command = length > shape.command ? length : shape.command;
        shape.class = width > shape.class ? width : shape.class;
        shape.most = rows[i].p99 > shape.most ? rows[i].p99 : shape.most;
    }
    size_t used = shape.command + GAP + shape.class + shape.queries + 3 * shape.number;
    if (used > term->columns) {
        shape.command = 0;
        shape.queries = 5;
        shape.number = 8;
        const size_t numbers = shape.queries + 3 * shape.number;
        const size_t most = term->columns > numbers ? term->columns - numbers : 0;
        if (shape.class > most) /* a longer one has its numbers in the next line */
            shape.class = most > strlen("class") ? most : strlen("class");
        used = shape.class + numbers;
    }
    if (term->columns >= used + GAP + LEAST_BAR)
        shape.bar = term->columns - used - GAP;
    shape.bar = shape.bar < MOST_BAR ? shape.bar : MOST_BAR;
    return shape;
}

static void print_heads(const table_shape *shape)
{
    bool narrow = shape->command == 0;
    if (!narrow)
        printf("%-*s  ", (int)shape->command, "command");
    printf("%-*s%*s%*s%*s%*s\n", (int)shape->class, "class", (int)shape->queries,
           narrow ? "n" : "queries", (int)shape->number, narrow ? "mean" : "mean us",
           (int)shape->number, narrow ? "median" : "median us", (int)shape->number, "p99 us");
}

static void print_table(const cli_term *term, const class_row *rows, size_t count)
{
    table_shape shape = shape_of(term, rows, count);
    print_heads(&shape);
    for (size_t i = 0; i < count; i++) {
        const class_row *row = &rows[i];
        size_t length = strlen(row->class);
        if (shape.command > 0) {
            printf("%-*s  ", (int)shape.command, row->command);
        } else if (i == 0 || strcmp(row->command, rows[i - 1].command) != 0) {
            term_print(term, row->command, strlen(row->command), STYLE_TITLE, false);
            putchar('\n');
        }
        size_t width = term_columns(row->class, length);
        term_print(term, row->class, length, STYLE_PLAIN, false);
        if (width > shape.class) {
            putchar('\n');
            width = 0;
        }
        printf("%*s%*zu%*.1f%*.1f%*.1f", (int)(shape.class - width), "", (int)shape.queries,
               row->queries, (int)shape.number, row->mean, (int)shape.number, row->median,
               (int)shape.number, row->p99);
        if (shape.bar > 0) {
            fputs("  ", stdout);
            print_bar(term, row, shape.most, shape.bar);
        }
        putchar('\n');
    }
}

bool bench_print_summary(const bench *run, const cli_term *term)
{
    size_t count;
    class_row *rows = make_rows(run, &count);
    if (rows == NULL)
        return false;
    if (term->tty) {
        print_table(term, rows, count);
    } else {
        print_rows(term, rows, count);
    }
    free(rows);
    return true;
}

/* ---- JSON ---- */

static void print_json_queries(json *out, const bench *run)
{
    json_open_array(out, "queries");
    for (size_t c = 0; c < run->command_count; c++) {
        for (size_t i = 0; i < run->queries.count; i++) {
            const cli_query *query = &run->queries.list[i];
            bench_time time = run->times[c * run->queries.count + i];
            json_open(out, NULL);
            json_text(out, "command", run->commands[c].name);
            json_text(out, "class", query->key);
            json_string(out, "query", query->text, query->length);
            json_number(out, "hits", run->hits[i]);
            json_double(out, "best_us", time.best, 6);
            json_double(out, "median_us", time.median, 6);
            json_close(out);
        }
    }
    json_close_array(out);
}

static void print_json_rows(json *out, const class_row *rows, size_t count)
{
    json_open_array(out, "summary");
    for (size_t i = 0; i < count; i++) {
        json_open(out, NULL);
        json_text(out, "command", rows[i].command);
        json_text(out, "class", rows[i].class);
        json_number(out, "queries", rows[i].queries);
        json_double(out, "mean_us", rows[i].mean, 6);
        json_double(out, "median_us", rows[i].median, 6);
        json_double(out, "p99_us", rows[i].p99, 6);
        json_close(out);
    }
    json_close_array(out);
}

bool bench_print_json(const bench *run, bool summary_only)
{
    size_t count;
    class_row *rows = make_rows(run, &count);
    json *out = rows ? json_begin() : NULL;
    if (out == NULL) {
        free(rows);
        return false;
    }
    json_open(out, NULL);
    json_number(out, "version", JSON_VERSION);
    json_number(out, "passes", run->passes);
    json_text(out, "kernels", run->kernels);
    json_bool(out, "pruning", !run->options.no_pruning);
    if (!summary_only)
        print_json_queries(out, run);
    print_json_rows(out, rows, count);
    json_close(out);
    json_end(out);
    free(rows);
    return true;
}
