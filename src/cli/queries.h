/* A file of queries: lines of a key, a tab and the text of a query. The key is a class for ns bench
 * and a topic for ns eval. */
#ifndef NS_CLI_QUERIES_H
#define NS_CLI_QUERIES_H

#include <stdbool.h>
#include <stddef.h>

/* Strings are terminated and point into the text of the file. */
typedef struct cli_query {
    const char *key, *text;
    size_t length, line; /* bytes of text; where it stands, from 1 */
} cli_query;

typedef struct cli_queries {
    const char *file;     /* its path, borrowed */
    const char *key_name; /* what the key is called: "class" */
    bool may_be_empty;    /* there need not be anything behind the tab */
    char *text;           /* of the file */
    cli_query *list;
    size_t count;
} cli_queries;

/* Reads queries->file, - for standard input, given with `option`. Blank lines and lines that begin
 * with # are passed over; there must be at least one query. False after a message on stderr;
 * release in any case. */
bool queries_read(cli_queries *queries, const char *option);
/* Adds a query whose strings live as long as the list. False after a message on stderr. */
bool queries_add(cli_queries *queries, cli_query query);
void queries_release(cli_queries *queries);

#endif
