/* A run of ns bench: queries, commands, times (cmd_bench.c), and its tables (bench_print.c). */
#ifndef NS_CLI_BENCH_H
#define NS_CLI_BENCH_H

#include "cli/cli.h"
#include "cli/queries.h"
#include "cli/term.h"

enum { BENCH_MAX_COMMANDS = 16, BENCH_MAX_LIMIT = 100000 };

/* What is asked of the engine: so many results, and the exact number of hits or none. */
typedef struct bench_command {
    char name[32];
    size_t length, limit;
    bool count;
} bench_command;

/* Microseconds of one query over the passes. */
typedef struct bench_time {
    double best, median;
} bench_time;

typedef struct bench {
    cli_queries queries; /* their keys are classes */
    uint64_t *hits;      /* of each query: articles, exact */
    bench_command commands[BENCH_MAX_COMMANDS];
    size_t command_count;
    size_t passes;
    ns_search_options options;
    const char *kernels;
    bench_time *times; /* [command * queries.count + query] */
} bench;

/* Sorts; count > 0. Of an even number the middle between the two middle ones. */
double bench_median(double *sorted, size_t count);

/* A line for each query: command, class, query, hits, best, median; tabs between. */
void bench_print_queries(const bench *run, size_t command, const cli_term *term);
/* A line for each command and class, with bars on a terminal. False after a message on stderr. */
bool bench_print_summary(const bench *run, const cli_term *term);
/* One object; without the queries when only the summary is wanted. False as above. */
bool bench_print_json(const bench *run, bool summary_only);

#endif
