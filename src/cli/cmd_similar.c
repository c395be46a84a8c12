/* ns similar: articles like a given one. */
#include <stdio.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/output.h"

static int answer(const cli_args *args, const ns_query *query, const ns_index *index,
                  const char *id)
{
    cli_asking asking;
    cli_output out;
    ns_error err = {0};
    ns_results *results = NULL;
    if (!asking_init(args, &asking) || !output_init(args, &out))
        return EXIT_ERROR;
    if (ns_search_query(index, query, &asking.search, &results, &err) != NS_OK)
        return complain_error(&err);
    cli_answer about = {.index = index,
                        .results = results,
                        .asked = id,
                        .asked_length = strlen(id),
                        .similar = true};
    about.dated = args_has(args, OPT_SINCE) || args_has(args, OPT_UNTIL);
    int status = output_print(&out, &about);
    ns_results_free(results);
    return status;
}

int run_similar(const cli_args *args)
{
    ns_error err = {0};
    size_t words = 0;
    enum { MOST_WORDS = 256 };
    if (args->word_count != 1)
        return complain("%s; ns query prints ids: ns similar ID",
                        args->word_count ? "give one id" : "similar to what? Give an id");
    if (!args_size(args, OPT_WORDS, MOST_WORDS, &words))
        return EXIT_ERROR;
    if (args_has(args, OPT_WORDS) && words == 0)
        return complain("--words 0: give a whole number from 1 to %d", MOST_WORDS);
    ns_index *index = index_open(args);
    if (index == NULL)
        return EXIT_ERROR;
    const char *id = args->words[0];
    ns_query *query = NULL;
    ns_status status = ns_query_similar(index, id, strlen(id), words, &query, &err);
    int code = EXIT_ERROR;
    if (status == NS_NOT_FOUND) {
        complain("there is no article %s; ns query prints ids", id);
        code = EXIT_NOTHING;
    } else if (status != NS_OK) {
        complain_error(&err);
    } else {
        code = args_has(args, OPT_EXPLAIN_QUERY) ? asking_explain(args, query, id, strlen(id))
                                                 : answer(args, query, index, id);
    }
    ns_query_free(query);
    ns_index_close(index);
    return code;
}
