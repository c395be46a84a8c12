/* Indexes two articles, asks a question, prints the passages: search DIRECTORY QUERY */
#include <ns/ns.h>
#include <stdio.h>
#include <string.h>

static const char *const RECORDS[] = {
    "{\"id\": \"a\", \"lang\": \"en\", \"date\": \"2025-05-03\","
    " \"body\": \"Officials talked about tariffs again.\"}",
    "{\"id\": \"b\", \"lang\": \"en\", \"body\": \"The harbour café was closed by fog.\"}"};

int main(int argc, char **argv)
{
    const char *directory = argc > 1 ? argv[1] : "news.ns", *query = argc > 2 ? argv[2] : "talks";
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_index *index = NULL;
    ns_results *results = NULL;
    ns_status status = ns_writer_open(directory, NULL, &writer, &err);
    for (size_t i = 0; status == NS_OK && i < 2; i++)
        status = ns_writer_add_json(writer, RECORDS[i], strlen(RECORDS[i]), &err);
    if (status == NS_OK)
        status = ns_writer_commit(writer, NULL, &err);
    ns_writer_close(writer); /* NULL is fine in every close and free */
    if (status == NS_OK)
        status = ns_index_open(directory, &index, &err);
    if (status == NS_OK)
        status = ns_search(index, query, strlen(query), NULL, &results, &err);
    for (size_t i = 0; status == NS_OK && i < ns_results_count(results); i++) {
        ns_shown *shown = NULL;
        status = ns_results_show(results, i, 30, &shown, &err);
        if (status == NS_OK)
            printf("%s: %s\n", ns_article_id(ns_shown_article(shown), NULL),
                   ns_shown_passage(shown).text);
        ns_shown_free(shown);
    }
    ns_results_free(results);
    ns_index_close(index);
    if (status != NS_OK)
        fprintf(stderr, "%s: %s\n", err.file, err.message);
    return status == NS_OK ? 0 : 2;
}
