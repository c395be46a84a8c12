/* Latency of whole processes: `ns query` for each query of a file, beside another program that does
 * nothing, in turn. See bench/README.md.
 *
 *   ns_bench_process NS INDEX QUERIES.tsv [ROUNDS]     lines of `class TAB query`
 *
 * A process is timed from before posix_spawn until it has been waited for; its output goes to
 * /dev/null. Prints Markdown: mean, median and 99th percentile of each class over all rounds, and
 * of the means how much is more than the empty program took in the same rounds. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { QUERIES_MOST = 4096, LINE_BYTES = 1024, WARM_ROUNDS = 2, ROUNDS = 20 };

static const char EMPTY_PROGRAM[] = "/bin/true";
extern char **environ;

typedef struct query {
    char class[32], text[LINE_BYTES];
    uint32_t *times; /* microseconds of each round */
} query;

static query *queries;
static size_t query_count; /* the last one stands for the empty program */

static void die(const char *what)
{
    fprintf(stderr, "process: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void read_queries(const char *path)
{
    char line[LINE_BYTES];
    FILE *file = fopen(path, "r");
    queries = calloc(QUERIES_MOST + 1, sizeof *queries);
    if (file == NULL || queries == NULL)
        die(path);
    while (query_count < QUERIES_MOST && fgets(line, sizeof line, file)) {
        query *q = &queries[query_count];
        char *tab = strchr(line, '\t');
        if (line[0] == '#' || tab == NULL)
            continue;
        line[strcspn(line, "\n")] = 0;
        snprintf(q->class, sizeof q->class, "%.*s", (int)(tab - line), line);
        snprintf(q->text, sizeof q->text, "%s", tab + 1);
        query_count++;
    }
    fclose(file);
    snprintf(queries[query_count].class, sizeof queries->class, "%s", EMPTY_PROGRAM);
    query_count++;
}

static uint32_t time_process(const char *program, char *const *args)
{
    posix_spawn_file_actions_t actions;
    struct timespec from, to;
    pid_t child;
    int status;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    clock_gettime(CLOCK_MONOTONIC, &from);
    errno = posix_spawn(&child, program, &actions, NULL, args, environ);
    if (errno != 0)
        die(program);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            die("waitpid");
    clock_gettime(CLOCK_MONOTONIC, &to);
    posix_spawn_file_actions_destroy(&actions);
    if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        fprintf(stderr, "process: %s failed on %s\n", program, args[4] ? args[4] : "");
        exit(2);
    }
    return (uint32_t)((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000);
}

/* The empty program runs as often as all queries together: one after each. */
static void run_round(char *ns, char *index, size_t round, size_t rounds)
{
    static char query_word[] = "query", index_word[] = "--index", empty_word[] = "true";
    uint32_t *empty = queries[query_count - 1].times;
    for (size_t i = 0; i + 1 < query_count; i++) {
        char *const args[] = {ns, query_word, index_word, index, queries[i].text, NULL};
        char *const nothing[] = {empty_word, NULL, NULL, NULL, NULL};
        queries[i].times[round % rounds] = time_process(ns, args);
        empty[(round % rounds) * (query_count - 1) + i] = time_process(EMPTY_PROGRAM, nothing);
    }
}

static int by_value(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static double mean_of(const uint32_t *times, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += times[i];
    return count ? sum / (double)count : 0;
}

static void print_row(const char *name, size_t members, uint32_t *times, size_t count, double empty)
{
    qsort(times, count, sizeof *times, by_value);
    double mean = mean_of(times, count);
    printf("| %s | %zu | %.2f | %.2f | %.2f | %.2f |\n", name, members, mean / 1000,
           times[count / 2] / 1000.0, times[count - 1 - count / 100] / 1000.0,
           (mean - empty) / 1000);
}

/* The times of a class, or of all queries when it is NULL. */
static void print_class(const char *class, size_t rounds, uint32_t *room, double empty)
{
    size_t count = 0, members = 0;
    for (size_t i = 0; i + 1 < query_count; i++) {
        if (class && strcmp(queries[i].class, class) != 0)
            continue;
        memcpy(room + count, queries[i].times, rounds * sizeof *room);
        count += rounds;
        members++;
    }
    if (count > 0)
        print_row(class ? class : "**all**", members, room, count, empty);
}

static void print_table(size_t rounds)
{
    uint32_t *empty_times = queries[query_count - 1].times;
    size_t all = rounds * (query_count - 1);
    uint32_t *room = calloc(all, sizeof *room);
    if (room == NULL)
        die("results");
    double empty = mean_of(empty_times, all);
    printf("| class | queries | mean ms | median ms | p99 ms | mean less %s |\n"
           "| --- | ---: | ---: | ---: | ---: | ---: |\n",
           EMPTY_PROGRAM);
    for (size_t i = 0; i + 1 < query_count; i++) {
        size_t first = 0;
        while (strcmp(queries[first].class, queries[i].class) != 0)
            first++;
        if (first == i)
            print_class(queries[i].class, rounds, room, empty);
    }
    print_class(NULL, rounds, room, empty);
    print_row(EMPTY_PROGRAM, 0, empty_times, all, empty);
    free(room);
}

int main(int argc, char **argv)
{
    size_t rounds = argc > 4 ? strtoul(argv[4], NULL, 10) : ROUNDS;
    if (argc < 4 || rounds == 0) {
        fprintf(stderr, "usage: ns_bench_process NS INDEX QUERIES.tsv [ROUNDS]\n");
        return 2;
    }
    read_queries(argv[3]);
    for (size_t i = 0; i < query_count; i++) {
        size_t share = i + 1 == query_count ? query_count : 1;
        queries[i].times = calloc(rounds * share, sizeof *queries->times);
        if (queries[i].times == NULL)
            die("times");
    }
    for (size_t round = 0; round < WARM_ROUNDS; round++) /* overwritten */
        run_round(argv[1], argv[2], round, rounds);
    for (size_t round = 0; round < rounds; round++)
        run_round(argv[1], argv[2], round, rounds);
    print_table(rounds);
    for (size_t i = 0; i < query_count; i++)
        free(queries[i].times);
    free(queries);
    return 0;
}
