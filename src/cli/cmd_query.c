/* ns query: results for people and for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/term.h"

enum {
    JSON_VERSION = 1,
    DEFAULT_SNIPPET_WORDS = 60,
    MAX_RESULTS = 100000,
    MAX_TIMEOUT_MS = 86400000
};

/* The words of the command line joined by spaces: one query. */
static char *join_words(const cli_args *args, size_t *length)
{
    size_t total = 1;
    for (size_t i = 0; i < args->word_count; i++)
        total += strlen(args->words[i]) + 1;
    char *query = malloc(total);
    if (query == NULL)
        return NULL;
    size_t at = 0;
    for (size_t i = 0; i < args->word_count; i++) {
        size_t bytes = strlen(args->words[i]);
        if (i > 0)
            query[at++] = ' ';
        memcpy(query + at, args->words[i], bytes);
        at += bytes;
    }
    query[at] = 0;
    *length = at;
    return query;
}

static bool read_options(const cli_args *args, ns_search_options *options, size_t *snippet)
{
    ns_search_options_init(options);
    const char *scope = args->value[OPT_SCOPE];
    if (scope && strcmp(scope, "passage") == 0) {
        options->scope = NS_SCOPE_PASSAGE;
    } else if (scope && strcmp(scope, "article") != 0) {
        complain("--scope %s: give article or passage", scope);
        return false;
    }
    options->passages = args_has(args, OPT_PASSAGES);
    options->count = args_has(args, OPT_COUNT);
    options->no_pruning = args_has(args, OPT_NO_PRUNING);
    size_t timeout = 0;
    if (!args_size(args, OPT_TIMEOUT, MAX_TIMEOUT_MS, &timeout))
        return false;
    options->timeout_ns = (uint64_t)timeout * 1000000;
    return args_size(args, OPT_LIMIT, MAX_RESULTS, &options->limit) &&
           args_size(args, OPT_SNIPPET, 100000, snippet) &&
           args_double(args, OPT_K1, 0, 1000, &options->k1) &&
           args_double(args, OPT_B, 0, 1, &options->b) && args_kernels(args, &options->isa);
}

static void print_marks(json *out, const char *key, ns_marked text)
{
    json_open_array(out, key);
    for (size_t i = 0; i < text.mark_count; i++) {
        json_open_array(out, NULL);
        json_number(out, NULL, text.marks[i][0]);
        json_number(out, NULL, text.marks[i][1]);
        json_close_array(out);
    }
    json_close_array(out);
}

static void print_column(json *out, const ns_article *article, const char *name)
{
    size_t length;
    const char *text = ns_article_column(article, name, &length);
    if (length)
        json_string(out, name, text, length);
    else
        json_null(out, name);
}

static void print_json_result(json *out, size_t rank, ns_result result, const ns_shown *shown)
{
    const ns_article *article = ns_shown_article(shown);
    ns_marked title = ns_shown_title(shown), passage = ns_shown_passage(shown);
    uint64_t start, end;
    ns_shown_range(shown, &start, &end);
    size_t length;
    const char *id = ns_article_id(article, &length);
    json_open(out, NULL);
    json_number(out, "rank", rank);
    json_double(out, "score", (double)result.score, 9);
    json_string(out, "article", id, length);
    json_string(out, "title", title.text, title.length);
    print_column(out, article, "date");
    print_column(out, article, "source");
    json_open(out, "passage");
    json_string(out, "text", passage.text, passage.length);
    json_number(out, "start", start);
    json_number(out, "end", end);
    print_marks(out, "highlights", passage);
    json_close(out);
    print_marks(out, "title_highlights", title);
    json_close(out);
}

static int print_json(const ns_results *results, const char *query, size_t length, size_t snippet,
                      bool text)
{
    ns_error err = {0};
    ns_hits hits = ns_results_hits(results);
    json *out = json_begin();
    if (out == NULL)
        return EXIT_ERROR;
    json_open(out, NULL);
    json_number(out, "version", JSON_VERSION);
    json_string(out, "query", query, length);
    json_number(out, "took_us", ns_results_profile(results)->took_ns / 1000);
    json_open(out, "hits");
    json_number(out, "articles", hits.articles);
    json_number(out, "passages", hits.passages);
    json_bool(out, "exact", hits.exact);
    json_close(out);
    json_bool(out, "stored_text", text);
    json_bool(out, "partial", ns_results_partial(results));
    json_open_array(out, "results");
    size_t count = ns_results_count(results);
    int status = hits.articles ? EXIT_FOUND : EXIT_NOTHING; /* -n 0 only counts */
    for (size_t i = 0; i < count; i++) {
        ns_shown *shown;
        if (ns_results_show(results, i, snippet, &shown, &err) != NS_OK) {
            status = complain_error(&err);
            break;
        }
        print_json_result(out, i + 1, ns_results_get(results, i), shown);
        ns_shown_free(shown);
    }
    json_close_array(out);
    json_close(out);
    json_end(out);
    return status;
}

/* Date, source, section, id and score behind each other; a new line where one does not fit. Without
 * `text` the id stands elsewhere. */
static void print_facts(const cli_term *term, const ns_article *article, float score, bool text)
{
    static const char *const names[] = {"date", "source", "section"};
    enum { INDENT = 3, FACTS = 5, MINUTE_BYTES = 16 };
    struct {
        const char *text;
        size_t length;
    } facts[FACTS];
    char number[32];
    for (size_t i = 0; i < 3; i++)
        facts[i].text = ns_article_column(article, names[i], &facts[i].length);
    if (facts[0].length > MINUTE_BYTES)
        facts[0].length = MINUTE_BYTES;
    facts[3].text = ns_article_id(article, &facts[3].length);
    if (!text)
        facts[3].length = 0; /* it stands in the place of the headline */
    facts[4].text = number;
    facts[4].length = (size_t)snprintf(number, sizeof number, "%.2f", (double)score);
    size_t column = INDENT;
    printf("%*s", INDENT, "");
    for (size_t i = 0; i < FACTS; i++) {
        size_t width = term_columns(facts[i].text, facts[i].length);
        if (facts[i].length == 0)
            continue;
        if (column > INDENT && term->columns > 0 && column + 3 + width > term->columns) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            term_print(term, " · ", strlen(" · "), STYLE_FAINT, false);
            column += 3;
        }
        term_print(term, facts[i].text, facts[i].length, STYLE_FAINT, false);
        column += width;
    }
    putchar('\n');
}

static void print_text_result(const cli_term *term, size_t rank, ns_result result,
                              const ns_shown *shown, bool text)
{
    const ns_article *article = ns_shown_article(shown);
    ns_marked title = ns_shown_title(shown), passage = ns_shown_passage(shown);
    char number[24], place[96];
    int begun = snprintf(number, sizeof number, "%zu. ", rank);
    printf("%s%s", rank > 1 ? "\n" : "", number); /* in the indent of the first line */
    if (!text) {
        title.text = ns_article_id(article, &title.length);
        passage.text = place;
        passage.length =
            (size_t)snprintf(place, sizeof place, "(passage %u of %zu; this index keeps no text)",
                             (unsigned)result.passage + 1, ns_article_passages(article));
    }
    if (title.length == 0)
        title = (ns_marked){"(no headline)", strlen("(no headline)"), NULL, 0};
    term_print_marked(term, title, STYLE_TITLE, 3, (size_t)begun, false, false);
    print_facts(term, article, result.score, text);
    bool before, after;
    ns_shown_cut(shown, &before, &after);
    term_print_marked(term, passage, text ? STYLE_PLAIN : STYLE_FAINT, 3, 0, before, after);
}

/* Whether a query has no words, or only such as must not be there. */
static bool wants_nothing(const char *query)
{
    bool quoted = false, excluded = false, begins = true;
    for (; *query != 0; query++) {
        bool quote = *query == '"', space = strchr(" \t\n", *query) != NULL;
        if (begins && !quoted && *query == '-')
            excluded = true;
        else if (!quote && !space && *query != '+' && !excluded)
            return false;
        quoted = quoted != quote;
        begins = space || (quote && !quoted);
        excluded = excluded && (quoted || !begins);
    }
    return true;
}

static int print_text(const ns_results *results, const cli_term *term, const char *query,
                      size_t snippet, bool text)
{
    ns_error err = {0};
    size_t count = ns_results_count(results);
    ns_hits hits = ns_results_hits(results);
    for (size_t i = 0; i < count; i++) {
        ns_shown *shown;
        if (ns_results_show(results, i, snippet, &shown, &err) != NS_OK)
            return complain_error(&err);
        print_text_result(term, i + 1, ns_results_get(results, i), shown, text);
        ns_shown_free(shown);
    }
    fflush(stdout); /* the summary comes behind the results, also where both go to one place */
    if (ns_results_partial(results))
        fputs("the time was up: these are the best so far, not of all\n", stderr);
    if (hits.articles == 0) {
        if (wants_nothing(query))
            complain("nothing found: the query asks for no word; for example: ns query -- talks "
                     "-tariff");
        else
            complain("nothing found for: %s", query);
        return EXIT_NOTHING;
    }
    fprintf(stderr, "%s%s%llu article%s, %llu passage%s, %.1f ms\n", term->tty ? "\n" : "",
            hits.exact                    ? ""
            : ns_results_partial(results) ? "at least "
                                          : "more than ",
            (unsigned long long)hits.articles, hits.articles == 1 ? "" : "s",
            (unsigned long long)hits.passages, hits.passages == 1 ? "" : "s",
            (double)ns_results_profile(results)->took_ns / 1e6);
    return EXIT_FOUND;
}

static void print_profile(const ns_search_profile *profile)
{
    fprintf(
        stderr,
        "took        %.3f ms, %s kernels\n"
        "blocks      %llu seen, %llu decoded, %llu skipped\n"
        "postings    %llu in the lists, %llu scored\n"
        "windows     %llu, %llu skipped\n"
        "candidates  %llu rescored exactly, %llu phrase checks\n",
        (double)profile->took_ns / 1e6, profile->kernels, (unsigned long long)profile->blocks_total,
        (unsigned long long)profile->blocks_decoded, (unsigned long long)profile->blocks_skipped,
        (unsigned long long)profile->postings_total, (unsigned long long)profile->postings_scored,
        (unsigned long long)profile->windows, (unsigned long long)profile->windows_skipped,
        (unsigned long long)profile->candidates, (unsigned long long)profile->phrase_checks);
}

static int search(const cli_args *args, const ns_index *index, const ns_search_options *options,
                  const cli_term *term, size_t snippet)
{
    ns_error err = {0};
    size_t length;
    char *query = join_words(args, &length);
    if (query == NULL)
        return complain("out of memory");
    ns_results *results = NULL;
    ns_index_settings settings;
    int status;
    ns_index_get_settings(index, &settings);
    if (ns_search(index, query, length, options, &results, &err) != NS_OK)
        status = complain_error(&err);
    else if (args_has(args, OPT_JSON))
        status = print_json(results, query, length, snippet, !settings.no_text);
    else
        status = print_text(results, term, query, snippet, !settings.no_text);
    if (results && args_has(args, OPT_PROFILE))
        print_profile(ns_results_profile(results));
    ns_results_free(results);
    free(query);
    return status;
}

int run_query(const cli_args *args)
{
    ns_search_options options;
    cli_term term;
    size_t snippet = args_has(args, OPT_JSON) ? 0 : DEFAULT_SNIPPET_WORDS;
    if (!read_options(args, &options, &snippet) || !term_init(args, &term))
        return EXIT_ERROR;
    if (args->word_count == 0)
        return complain("what should be found? For example: ns query \"precursor controls\"");
    ns_index *index = index_open(args);
    if (index == NULL)
        return EXIT_ERROR;
    int status = search(args, index, &options, &term, snippet);
    ns_index_close(index);
    return status;
}
