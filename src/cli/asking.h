/* What the commands that search have in common: options of queries and of searches. */
#ifndef NS_CLI_ASKING_H
#define NS_CLI_ASKING_H

#include "cli/dates.h"
#include "cli/output.h"

/* How to read and to answer. Not to be moved once filled: the options point into it. */
typedef struct cli_asking {
    cli_zone zone;
    int64_t now; /* of --now, or of the system's clock */
    ns_query_options query;
    ns_search_options search;
} cli_asking;

/* From the options. False after a message on stderr. */
bool asking_init(const cli_args *args, cli_asking *out);
/* The words of the command line joined by spaces, *length bytes: malloc'ed. NULL after a message.
 */
char *asking_words(const cli_args *args, size_t *length);
/* Prints the notes of a query on stderr. */
void asking_tell_notes(const ns_query *query);
/* Whether an index does not search its headlines: the option of ns_query_parse. */
bool asking_no_headlines(const ns_index *index);
/* What the query may have meant, when it found little, and not for want of time: malloc'ed; NULL
 * for nothing. */
char *asking_spelling(const cli_asking *asking, const ns_index *index, const char *text,
                      size_t length, ns_hits hits, bool partial);
/* Reads the words as a query, opens the index and lets `answer` say what it found; or, with
 * --explain-query, prints how the query is read. Returns the exit status. */
int asking_run(const cli_args *args, const cli_asking *asking,
               int (*answer)(void *context, cli_answer *about), void *context);
/* Prints how a query is read, as an outline or with --json. Returns the exit status. */
int asking_explain(const cli_args *args, const ns_query *query, const char *asked, size_t length);

#endif
