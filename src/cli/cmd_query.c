/* ns query: results for people and for programs. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/asking.h"
#include "cli/output.h"

static void print_profile(const ns_search_profile *profile)
{
    fprintf(stderr,
            "took        %.3f ms, %s kernels\n"
            "blocks      %llu seen, %llu decoded, %llu skipped\n"
            "postings    %llu in the lists, %llu scored\n"
            "windows     %llu, %llu skipped\n"
            "candidates  %llu rescored exactly, %llu phrase checks\n"
            "filters     asked of %llu articles\n",
            (double)profile->took_ns / 1e6, profile->kernels,
            (unsigned long long)profile->blocks_total, (unsigned long long)profile->blocks_decoded,
            (unsigned long long)profile->blocks_skipped,
            (unsigned long long)profile->postings_total,
            (unsigned long long)profile->postings_scored, (unsigned long long)profile->windows,
            (unsigned long long)profile->windows_skipped, (unsigned long long)profile->candidates,
            (unsigned long long)profile->phrase_checks, (unsigned long long)profile->filtered);
}

typedef struct asked {
    const cli_args *args;
    const cli_asking *asking;
    cli_output *out;
} asked;

static int answer(void *context, cli_answer *about)
{
    const asked *of = context;
    const cli_args *args = of->args;
    const cli_asking *asking = of->asking;
    ns_error err = {0};
    ns_results *results = NULL;
    ns_query *wider = NULL;
    ns_status found = NS_OK;
    if (args_has(args, OPT_FEEDBACK))
        found = ns_query_feedback(about->index, about->query, &asking->search, 0, 0, &wider, &err);
    if (found == NS_OK)
        found = ns_search_query(about->index, wider ? wider : about->query, &asking->search,
                                &results, &err);
    ns_query_free(wider);
    if (found != NS_OK)
        return complain_error(&err);
    about->results = results;
    if (ns_results_hits(results).articles == 0)
        about->field = ns_query_unknown_field(about->query);
    char *meant = asking_spelling(asking, about->index, about->asked, about->asked_length,
                                  ns_results_hits(results), ns_results_partial(results));
    about->meant = meant;
    int status = output_print(of->out, about);
    free(meant);
    if (args_has(args, OPT_PROFILE))
        print_profile(ns_results_profile(results));
    leave(status);
    ns_results_free(results);
    return status;
}

int run_query(const cli_args *args)
{
    cli_asking asking;
    cli_output out;
    if (!asking_init(args, &asking) || !output_init(args, &out))
        return EXIT_ERROR;
    if (args->word_count == 0)
        return complain(
            "what should be found? For example: ns query \"precursor controls\"; '*' stands for "
            "every article");
    asked about = {args, &asking, &out};
    return asking_run(args, &asking, answer, &about);
}
