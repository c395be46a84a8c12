/* ns as an engine of the search-benchmark-game: queries of standard input, each answered by a line.
 *
 *   do_query INDEX
 *
 * A line is a command, a tab and a query. COUNT and TOP_k_COUNT are answered by the number of
 * documents that match, TOP_k by 1, any other command by UNSUPPORTED. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ns/ns.h"

enum { MOST = 100000 }; /* results that one search may give */

static int fail(const char *what, const ns_error *err)
{
    fprintf(stderr, "do_query: %s: %s\n", what, err->message);
    return 1;
}

/* False when there is no such command. */
static bool command_parse(const char *name, ns_search_options *options)
{
    ns_search_options_init(options);
    options->count = true;
    options->limit = 0;
    if (strcmp(name, "COUNT") == 0)
        return true;
    if (strncmp(name, "TOP_", 4) != 0 || name[4] < '1' || name[4] > '9')
        return false;
    char *end;
    options->limit = strtoul(name + 4, &end, 10);
    options->count = strcmp(end, "_COUNT") == 0;
    options->no_hits = !options->count;
    return options->limit <= MOST && (*end == 0 || options->count);
}

/* Answers one query on standard output. */
static ns_status answer(const ns_index *index, const char *query, const ns_search_options *options,
                        ns_error *err)
{
    ns_results *results;
    ns_status status = ns_search(index, query, strlen(query), options, &results, err);
    if (status != NS_OK)
        return status;
    volatile float best = 0; /* results are looked at, as a user would */
    for (size_t i = 0; i < ns_results_count(results); i++)
        best += ns_results_get(results, i).score;
    (void)best;
    printf("%llu\n", options->count ? (unsigned long long)ns_results_hits(results).articles : 1);
    ns_results_free(results);
    return NS_OK;
}

int main(int argc, char **argv)
{
    ns_error err = {0};
    ns_index *index;
    if (argc != 2) {
        fprintf(stderr, "usage: do_query INDEX\n");
        return 2;
    }
    if (ns_index_open(argv[1], &index, &err) != NS_OK)
        return fail(argv[1], &err);
    char *line = NULL;
    size_t room = 0;
    ns_status status = NS_OK;
    while (status == NS_OK && getline(&line, &room, stdin) > 0) {
        line[strcspn(line, "\r\n")] = 0;
        char *tab = strchr(line, '\t');
        ns_search_options options;
        if (tab)
            *tab = 0;
        if (tab && command_parse(line, &options))
            status = answer(index, tab + 1, &options, &err);
        else
            puts("UNSUPPORTED");
        fflush(stdout);
    }
    free(line);
    ns_index_close(index);
    return status == NS_OK ? 0 : fail("search", &err);
}
