/* ns bench: how long queries take, in this process, on one thread.
 *
 * Every query is answered once outside of timing, which counts its hits and brings its lists into
 * memory. Then, for each command, all queries run one after the other in each of the passes: a
 * query never runs twice in a row, so that what the previous one left in the processor's caches
 * does not flatter it. A time runs from the query's text to the end of freeing its results, each of
 * which is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/bench.h"

enum { DEFAULT_PASSES = 10, MAX_PASSES = 1000000 };

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* ---- Commands ---- */

/* TOP_10, TOP_100_COUNT, COUNT, … for any number. */
static bool command_parse(const char *name, size_t length, bench_command *out)
{
    *out = (bench_command){.length = length};
    if (length >= sizeof out->name)
        return false;
    memcpy(out->name, name, length);
    if (strcmp(out->name, "COUNT") == 0) {
        out->count = true;
        return true;
    }
    if (strncmp(out->name, "TOP_", 4) != 0 || out->name[4] < '1' || out->name[4] > '9')
        return false;
    char *end;
    out->limit = strtoul(out->name + 4, &end, 10);
    out->count = strcmp(end, "_COUNT") == 0;
    return out->limit <= BENCH_MAX_LIMIT && (*end == 0 || out->count);
}

/* False after a message on stderr. */
static bool commands_parse(const char *list, bench *out)
{
    if (list == NULL)
        list = "TOP_10";
    for (const char *at = list;; at++) {
        size_t length = strcspn(at, ",");
        if (out->command_count == BENCH_MAX_COMMANDS) {
            complain("--commands: at most %d at a time", (int)BENCH_MAX_COMMANDS);
            return false;
        }
        if (!command_parse(at, length, &out->commands[out->command_count++])) {
            complain("--commands %s: give TOP_10, TOP_100, TOP_1000, TOP_100_COUNT or COUNT, "
                     "separated by commas",
                     list);
            return false;
        }
        at += length;
        if (*at == 0)
            return true;
    }
}

/* ---- Running ---- */

/* Outside of timing: exact hits, and whether the query can be read at all. */
static bool count_hits(bench *run, const ns_index *index)
{
    ns_search_options options = run->options;
    options.limit = 0;
    options.count = true;
    options.no_pruning = false;
    for (size_t i = 0; i < run->queries.count; i++) {
        const cli_query *query = &run->queries.list[i];
        ns_results *results;
        ns_error err = {0};
        if (ns_search(index, query->text, query->length, &options, &results, &err) != NS_OK) {
            complain("%s:%zu: %s", run->queries.file, query->line,
                     err.message[0] ? err.message : ns_status_name(err.status));
            return false;
        }
        run->hits[i] = ns_results_hits(results).articles;
        run->kernels = ns_results_profile(results)->kernels;
        ns_results_free(results);
    }
    return true;
}

/* Nanoseconds of one search; 0 after a message on stderr. */
static uint64_t time_search(const cli_query *query, const ns_index *index,
                            const ns_search_options *options, uint64_t *consumed)
{
    ns_error err = {0};
    ns_results *results;
    uint64_t start = now_ns();
    if (ns_search(index, query->text, query->length, options, &results, &err) != NS_OK) {
        complain_error(&err);
        return 0;
    }
    size_t count = ns_results_count(results);
    uint64_t sum = ns_results_hits(results).articles;
    for (size_t i = 0; i < count; i++) {
        ns_result result = ns_results_get(results, i);
        sum += result.article + result.passage + (result.score > 0);
    }
    ns_results_free(results);
    uint64_t took = now_ns() - start;
    *consumed += sum;
    return took ? took : 1;
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *sorted, size_t count)
{
    qsort(sorted, count, sizeof *sorted, compare_doubles);
    return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

/* times[query * passes + pass] in microseconds. */
static bool run_passes(bench *run, const ns_index *index, const bench_command *command,
                       double *times)
{
    static volatile uint64_t sink; /* the compiler cannot leave out what ends here */
    ns_search_options options = run->options;
    options.limit = command->limit;
    options.count = command->count;
    options.no_hits = !command->count;
    uint64_t consumed = 0;
    for (size_t pass = 0; pass < run->passes; pass++) {
        for (size_t i = 0; i < run->queries.count; i++) {
            uint64_t took = time_search(&run->queries.list[i], index, &options, &consumed);
            if (took == 0)
                return false;
            times[i * run->passes + pass] = (double)took / 1000;
        }
    }
    sink = consumed;
    (void)sink;
    return true;
}

static bool run_command(bench *run, const ns_index *index, size_t c, double *times)
{
    if (!run_passes(run, index, &run->commands[c], times))
        return false;
    for (size_t i = 0; i < run->queries.count; i++) {
        double *own = times + i * run->passes;
        double median = bench_median(own, run->passes); /* sorts */
        run->times[c * run->queries.count + i] = (bench_time){own[0], median};
    }
    return true;
}

static int run_all(bench *run, const ns_index *index, const cli_term *term, bool summary, bool json)
{
    double *times = NULL;
    if (run->queries.count <= SIZE_MAX / sizeof *times / run->passes)
        times = malloc(run->queries.count * run->passes * sizeof *times);
    run->times = calloc(run->command_count * run->queries.count, sizeof *run->times);
    bool fine = times != NULL && run->times != NULL;
    if (!fine)
        complain("out of memory: fewer --passes need less");
    for (size_t c = 0; fine && c < run->command_count; c++) {
        fine = run_command(run, index, c, times);
        if (fine && !summary && !json)
            bench_print_queries(run, c, term);
    }
    free(times);
    if (!fine)
        return EXIT_ERROR;
    if (json)
        return bench_print_json(run, summary) ? EXIT_FOUND : EXIT_ERROR;
    if (summary && !bench_print_summary(run, term))
        return EXIT_ERROR;
    return EXIT_FOUND;
}

static int bench_index(bench *run, const cli_args *args, const cli_term *term)
{
    ns_index *index = index_open(args);
    if (index == NULL)
        return EXIT_ERROR;
    int status = EXIT_ERROR;
    run->hits = calloc(run->queries.count, sizeof *run->hits);
    if (run->hits == NULL)
        complain("out of memory");
    else if (count_hits(run, index))
        status = run_all(run, index, term, args_has(args, OPT_SUMMARY), args_has(args, OPT_JSON));
    ns_index_close(index);
    return status;
}

int run_bench(const cli_args *args)
{
    bench run = {.queries = {.file = args->value[OPT_QUERIES], .key_name = "class"},
                 .passes = DEFAULT_PASSES};
    ns_search_options_init(&run.options);
    run.options.no_pruning = args_has(args, OPT_NO_PRUNING);
    cli_term term;
    if (args->word_count)
        return complain("ns bench takes no arguments; name the file of queries with --queries");
    if (run.queries.file == NULL)
        return complain("which queries? --queries FILE names lines of class, tab and query");
    if (!args_size(args, OPT_PASSES, MAX_PASSES, &run.passes) ||
        !args_double(args, OPT_K1, 0, 1000, &run.options.k1) ||
        !args_double(args, OPT_B, 0, 1, &run.options.b) || !args_kernels(args, &run.options.isa) ||
        !args_ranking(args, NS_RANKING_BM25, &run.options) ||
        !commands_parse(args->value[OPT_COMMANDS], &run) || !term_init(args, &term))
        return EXIT_ERROR;
    if (run.passes == 0)
        return complain("--passes 0: give at least 1");
    int status =
        queries_read(&run.queries, "--queries") ? bench_index(&run, args, &term) : EXIT_ERROR;
    queries_release(&run.queries);
    free(run.hits);
    free(run.times);
    return status;
}
