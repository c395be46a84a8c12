/* ns as one of the engines of bench/compare; bench/peers/README.md has the protocol. Built over the
 * public headers and the static library alone.
 *
 *   ns_peer serve INDEX QUERIES K1 B
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ns/ns.h"

typedef struct command {
    size_t limit;
    bool count;
} command;

typedef struct engine {
    ns_index *index;
    char **queries;
    size_t count;
    double k1, b;
} engine;

static void die(const char *what, const ns_error *err)
{
    fprintf(stderr, "ns_peer: %s: %s\n", what, err ? err->message : "");
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void read_queries(engine *self, const char *path)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        die(path, NULL);
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    while ((got = getline(&line, &room, file)) > 0) {
        line[strcspn(line, "\n")] = 0;
        char *tab = strchr(line, '\t');
        self->queries = realloc(self->queries, (self->count + 1) * sizeof *self->queries);
        if (tab == NULL || self->queries == NULL)
            die(path, NULL);
        self->queries[self->count++] = strdup(tab + 1);
    }
    free(line);
    fclose(file);
}

/* COUNT, TOP_k or TOP_k_COUNT. */
static command command_of(const char *name)
{
    if (strncmp(name, "TOP_", 4) != 0)
        return (command){0, true};
    return (command){strtoul(name + 4, NULL, 10), strstr(name, "_COUNT") != NULL};
}

static ns_results *search(const engine *self, const char *query, command what)
{
    ns_search_options options;
    ns_search_options_init(&options);
    options.limit = what.limit;
    options.count = what.count;
    options.no_hits = !what.count;
    options.k1 = self->k1;
    options.b = self->b;
    ns_results *results;
    ns_error err = {0};
    if (ns_search(self->index, query, strlen(query), &options, &results, &err) != NS_OK)
        die(query, &err);
    return results;
}

/* The number of hits, and the id of every result fetched. */
static uint64_t run(const engine *self, const char *query, command what)
{
    ns_results *results = search(self, query, what);
    uint64_t sum = what.count ? ns_results_hits(results).articles : 0;
    size_t count = ns_results_count(results);
    for (size_t i = 0; i < count; i++) {
        ns_result result = ns_results_get(results, i);
        char id[NS_ID_ROOM];
        if (ns_article_id_at(self->index, result.article, id, NULL, NULL) != NS_OK)
            die("an id", NULL);
        sum += (uint64_t)id[0] + (result.score > 0);
    }
    ns_results_free(results);
    return sum;
}

/* ---- Commands ---- */

static void pass(const engine *self, command what, uint64_t *times)
{
    static volatile uint64_t sink;
    for (size_t i = 0; i < self->count; i++) {
        uint64_t start = now_ns();
        sink += run(self, self->queries[i], what);
        times[i] = now_ns() - start;
    }
    (void)sink;
    for (size_t i = 0; i < self->count; i++)
        printf("%llu ", (unsigned long long)times[i]);
    putchar('\n');
}

static void print_results(const engine *self, command what)
{
    for (size_t i = 0; i < self->count; i++) {
        ns_results *results = search(self, self->queries[i], what);
        for (size_t r = 0; r < ns_results_count(results); r++) {
            ns_result result = ns_results_get(results, r);
            char id[NS_ID_ROOM];
            if (ns_article_id_at(self->index, result.article, id, NULL, NULL) != NS_OK)
                die("an id", NULL);
            printf("%s:%.9g ", id, (double)result.score);
        }
        putchar('\n');
        ns_results_free(results);
    }
}

static void print_counts(const engine *self)
{
    for (size_t i = 0; i < self->count; i++)
        printf("%llu ", (unsigned long long)run(self, self->queries[i], (command){0, true}));
    putchar('\n');
}

/* What the engine did in one pass of TOP_10: blocks decoded, of all, and postings in the lists. */
static void print_work(const engine *self)
{
    for (size_t i = 0; i < self->count; i++) {
        ns_results *results = search(self, self->queries[i], (command){10, false});
        const ns_search_profile *did = ns_results_profile(results);
        printf("%llu:%llu ", (unsigned long long)did->blocks_decoded,
               (unsigned long long)did->blocks_total);
        ns_results_free(results);
    }
    putchar('\n');
}

/* ---- Several threads ---- */

typedef struct worker {
    pthread_t thread;
    const engine *self;
    command what;
    unsigned long passes;
} worker;

static void *work(void *payload)
{
    const worker *own = payload;
    volatile uint64_t sum = 0;
    for (unsigned long p = 0; p < own->passes; p++)
        for (size_t i = 0; i < own->self->count; i++)
            sum += run(own->self, own->self->queries[i], own->what);
    (void)sum;
    return NULL;
}

/* "threads N PASSES": queries a second of N threads that each run all queries so often. */
static void threads(const engine *self, const char *numbers)
{
    char *end;
    unsigned long count = strtoul(numbers, &end, 10), passes = strtoul(end, NULL, 10);
    worker workers[64];
    if (count == 0 || count > 64)
        die("threads", NULL);
    uint64_t start = now_ns();
    for (unsigned long i = 0; i < count; i++) {
        workers[i] = (worker){.self = self, .what = {10, false}, .passes = passes};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            die("pthread_create", NULL);
    }
    for (unsigned long i = 0; i < count; i++)
        pthread_join(workers[i].thread, NULL);
    double seconds = (double)(now_ns() - start) / 1e9;
    printf("%.3f\n", (double)(count * passes * self->count) / seconds);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "version") == 0) {
        printf("ns %s\n", ns_version());
        return 0;
    }
    if (argc != 6 || strcmp(argv[1], "serve") != 0) {
        fprintf(stderr, "usage: ns_peer version | serve INDEX QUERIES K1 B\n");
        return 2;
    }
    engine self = {.k1 = strtod(argv[4], NULL), .b = strtod(argv[5], NULL)};
    ns_error err = {0};
    read_queries(&self, argv[3]);
    if (ns_index_open(argv[2], &self.index, &err) != NS_OK)
        die(argv[2], &err);
    uint64_t *times = calloc(self.count + 1, sizeof *times);
    ns_index_stats stats;
    ns_index_get_stats(self.index, &stats);
    printf("ready %llu\n", (unsigned long long)stats.passages);
    fflush(stdout);
    char line[256];
    while (times != NULL && fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "pass ", 5) == 0)
            pass(&self, command_of(line + 5), times);
        else if (strncmp(line, "results ", 8) == 0)
            print_results(&self, command_of(line + 8));
        else if (strncmp(line, "threads ", 8) == 0)
            threads(&self, line + 8);
        else if (strcmp(line, "count") == 0)
            print_counts(&self);
        else if (strcmp(line, "work") == 0)
            print_work(&self);
        else
            break;
        fflush(stdout);
    }
    for (size_t i = 0; i < self.count; i++)
        free(self.queries[i]);
    free(self.queries);
    free(times);
    ns_index_close(self.index);
    return 0;
}
