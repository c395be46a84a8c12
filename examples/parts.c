/* Makes a query out of parts and searches for a second at most: parts INDEX WORDS LANG DATES */
#include <ns/ns.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_bool stop; /* another thread may set it: the search ends with NS_ERR_CANCELLED */

static bool is_cancelled(void *context)
{
    return atomic_load((atomic_bool *)context);
}

/* WORDS wanted, in the headline three times as much; in LANG, dated in DATES. Nothing in them is
 * an operator. */
static ns_status make(char **argv, ns_query **out, ns_error *err)
{
    int64_t from, to;
    ns_query_builder *builder = NULL;
    ns_query_part title, lang;
    ns_query_part_init(&title);
    title.field = NS_QUERY_TITLE;
    title.weight = 3;
    ns_query_part_init(&lang);
    lang.field = NS_QUERY_LANG;
    ns_status status = ns_query_read_date(argv[4], strlen(argv[4]), NULL, &from, &to, err);
    if (status == NS_OK)
        status = ns_query_builder_open(&builder, err);
    if (status != NS_OK)
        return status;
    ns_query_add_words(builder, NULL, argv[2], strlen(argv[2])); /* NULL: wanted, anywhere */
    ns_query_add_words(builder, &title, argv[2], strlen(argv[2]));
    ns_query_add_value(builder, &lang, false, argv[3], strlen(argv[3]));
    ns_query_add_dates(builder, NULL, from, to);
    status = ns_query_builder_finish(builder, out, err); /* tells what went wrong before, too */
    ns_query_builder_free(builder);
    return status;
}

int main(int argc, char **argv)
{
    ns_error err = {0};
    ns_index *index = NULL;
    ns_query *query = NULL;
    ns_results *results = NULL;
    ns_search_options options;
    ns_search_options_init(&options);
    options.timeout_ns = 1000000000;
    options.cancelled = is_cancelled;
    options.cancelled_context = &stop;
    if (argc != 5)
        return 2;
    ns_status status = make(argv, &query, &err);
    if (status == NS_OK)
        status = ns_index_open(argv[1], &index, &err);
    if (status == NS_OK)
        status = ns_search_query(index, query, &options, &results, &err);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++) {
        ns_article *article = NULL;
        ns_result found = ns_results_get(results, i);
        status = ns_article_facts_at(index, found.article, &article, &err);
        if (status == NS_OK)
            printf("%.3f %s\n", (double)found.score, ns_article_id(article, NULL));
        ns_article_free(article);
    }
    if (status == NS_OK && ns_results_partial(results))
        fputs("the second was up: there may be better ones\n", stderr);
    ns_results_free(results);
    ns_query_free(query);
    ns_index_close(index);
    if (status != NS_OK)
        fprintf(stderr, "%s: %s\n", argv[0], err.message);
    return status == NS_OK ? 0 : 2;
}
