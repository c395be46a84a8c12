/* Options of queries and searches. */
#include "cli/asking.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/output.h"

enum { MAX_RESULTS = 100000, MAX_TIMEOUT_MS = 86400000 };

char *asking_words(const cli_args *args, size_t *length)
{
    size_t total = 1;
    for (size_t i = 0; i < args->word_count; i++)
        total += strlen(args->words[i]) + 1;
    char *text = malloc(total);
    if (text == NULL) {
        complain("out of memory");
        return NULL;
    }
    size_t at = 0;
    for (size_t i = 0; i < args->word_count; i++) {
        size_t bytes = strlen(args->words[i]);
        if (i > 0)
            text[at++] = ' ';
        memcpy(text + at, args->words[i], bytes);
        at += bytes;
    }
    text[at] = 0;
    *length = at;
    return text;
}

/* The value of an option that is one of `names`, its place among them in *value. */
static bool read_choice(const cli_args *args, opt_id id, const char *const *names, size_t count,
                        int *value)
{
    const char *given = args->value[id];
    char all[128] = "";
    for (size_t i = 0; i < count; i++) {
        if (given == NULL || strcmp(given, names[i]) == 0) {
            *value = given ? (int)i : *value;
            return true;
        }
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s",
                 i == 0           ? ""
                 : i + 1 == count ? " or "
                                  : ", ",
                 names[i]);
    }
    complain("--%s %s: give %s", option_find(id)->name, given, all);
    return false;
}

static bool read_order(const cli_args *args, ns_search_options *out)
{
    static const char *const scopes[] = {"article", "passage"};
    static const char *const sorts[] = {"score", "date", "-date"};
    static const char *const groups[] = {"article", "source", "none"};
    int scope = NS_SCOPE_ARTICLE, sort = NS_SORT_SCORE, group = 0;
    if (!read_choice(args, OPT_SCOPE, scopes, 2, &scope) ||
        !read_choice(args, OPT_SORT, sorts, 3, &sort) ||
        !read_choice(args, OPT_GROUP, groups, 3, &group))
        return false;
    if (args_has(args, OPT_PASSAGES) && args_has(args, OPT_GROUP) && group != 2) {
        complain("--passages and --group %s: give one of them", groups[group]);
        return false;
    }
    out->scope = (ns_scope)scope;
    out->sort = (ns_sort)sort;
    out->sources = group == 1;
    out->passages = group == 2 || args_has(args, OPT_PASSAGES);
    return true;
}

/* The time zone, now, and what depends on them. */
static bool read_times(const cli_args *args, cli_asking *out)
{
    int64_t until = INT64_MAX, unused;
    out->now = time(NULL);
    if (!dates_zone(args, &out->zone) ||
        !dates_read(args, OPT_NOW, &out->zone, out->now, &out->now, &unused) ||
        !dates_read(args, OPT_SINCE, &out->zone, out->now, &out->search.since, &unused) ||
        !dates_read(args, OPT_UNTIL, &out->zone, out->now, &unused, &until) ||
        !dates_span(args, OPT_RECENCY, &out->search.half_life))
        return false;
    if (!out->zone.fixed || out->zone.minutes != 0) { /* UTC is what holds without */
        out->query.utc_offset = out->search.utc_offset = dates_utc_offset;
        out->query.utc_offset_context = out->search.utc_offset_context = &out->zone;
    }
    out->search.until = until;
    out->search.now = out->query.now = out->now;
    if (out->search.since < until)
        return true;
    complain("--since %s is behind --until %s", args->value[OPT_SINCE], args->value[OPT_UNTIL]);
    return false;
}

bool asking_init(const cli_args *args, cli_asking *out)
{
    ns_search_options *search = &out->search;
    ns_search_options_init(search);
    ns_query_options_init(&out->query);
    out->query.all = args_has(args, OPT_ALL_WORDS);
    out->query.strict = args_has(args, OPT_STRICT_QUERY);
    search->count = args_has(args, OPT_COUNT);
    /* A run for an evaluation has every article. */
    search->distinct = !args_has(args, OPT_COPIES) && !args_has(args, OPT_TREC);
    search->no_pruning = args_has(args, OPT_NO_PRUNING);
    size_t timeout = 0, offset = 0;
    if (!read_order(args, search) || !read_times(args, out) ||
        !args_size(args, OPT_TIMEOUT, MAX_TIMEOUT_MS, &timeout) ||
        !args_size(args, OPT_LIMIT, MAX_RESULTS, &search->limit) ||
        !args_size(args, OPT_OFFSET, MAX_RESULTS, &offset) ||
        !args_double(args, OPT_K1, 0, 1000, &search->k1) ||
        !args_double(args, OPT_B, 0, 1, &search->b) || !args_kernels(args, &search->isa) ||
        !args_ranking(args, NS_RANKING_CASCADE, search))
        return false;
    search->timeout_ns = (uint64_t)timeout * 1000000;
    if (search->limit + offset > MAX_RESULTS) {
        complain("--offset %zu and --limit %zu: no more than the first %d results can be had; "
                 "narrow the query, or cut time into pieces with --since and --until",
                 offset, search->limit, MAX_RESULTS);
        return false;
    }
    search->limit = search->limit > 0 ? search->limit + offset : 0;
    search->offset = offset;
    return true;
}

void asking_tell_notes(const ns_query *query)
{
    for (size_t i = 0; i < ns_query_note_count(query); i++) {
        const char *message = ns_query_note_get(query, i).message;
        fputs("note: ", stderr);
        term_message(message, strlen(message));
        fputc('\n', stderr);
    }
}

bool asking_no_headlines(const ns_index *index)
{
    ns_index_settings settings;
    ns_index_get_settings(index, &settings);
    return settings.title_weight == 0;
}

/* NULL after a message. */
static ns_query *parse(const ns_query_options *reading, const char *text, size_t length)
{
    ns_error err = {0};
    ns_query *query = NULL;
    if (ns_query_parse(text, length, reading, &query, &err) == NS_OK)
        return query;
    complain_error(&err);
    return NULL;
}

/* The query as it is read for an index; the one read without takes its place. */
static ns_query *parse_for(const ns_index *index, const ns_query_options *reading, const char *text,
                           size_t length, ns_query *query)
{
    ns_query_options here = *reading;
    here.no_headlines = asking_no_headlines(index);
    if (!here.no_headlines)
        return query;
    ns_query_free(query);
    return parse(&here, text, length);
}

/* How many articles a query finds, if it is worth to be suggested where `found` were: more than
 * nearly none, ten times as many as few. */
static bool finds_more(const cli_asking *asking, const ns_index *index, const char *text,
                       size_t length, uint64_t found)
{
    enum { NEARLY_NONE = 3, TIMES = 10 };
    ns_search_options search = asking->search;
    ns_query_options lenient = asking->query;
    ns_query *query = NULL;
    ns_results *results = NULL;
    ns_error err = {0};
    uint64_t articles = 0;
    lenient.strict = false;
    search.limit = search.offset = 0;
    search.count = false; /* up to a thousand is enough */
    if (ns_query_parse(text, length, &lenient, &query, &err) == NS_OK &&
        ns_search_query(index, query, &search, &results, &err) == NS_OK)
        articles = ns_results_hits(results).articles;
    ns_results_free(results);
    ns_query_free(query);
    return found < NEARLY_NONE ? articles > found : articles >= TIMES * found;
}

char *asking_spelling(const cli_asking *asking, const ns_index *index, const char *text,
                      size_t length, ns_hits hits, bool partial)
{
    enum { FEW_ARTICLES = 10 };
    ns_spelling *spelling = NULL;
    ns_error err = {0};
    char *copy = NULL;
    size_t bytes;
    if (hits.articles >= FEW_ARTICLES || partial)
        return NULL;
    /* That it fails is no reason not to print what was found. */
    if (ns_spell_query(index, text, length, &asking->query, &spelling, &err) == NS_OK) {
        const char *corrected = ns_spelling_text(spelling, &bytes);
        if (finds_more(asking, index, corrected, bytes, hits.articles))
            copy = malloc(bytes + 1);
        if (copy != NULL) {
            memcpy(copy, corrected, bytes);
            copy[bytes] = 0;
        }
    }
    ns_spelling_free(spelling);
    return copy;
}

/* The line is the same query, or has U+FFFD: a blank in place of a line break would name another
 * id. */
static bool print_reading(const cli_term *term, const char *line, const char *outline)
{
    char *shown = term_shown(line, strlen(line));
    if (shown == NULL)
        return false;
    term_print_lines(term, shown, strlen(shown), 0);
    putchar('\n');
    term_print_lines(term, outline, strlen(outline), 0);
    free(shown);
    return true;
}

int asking_explain(const cli_args *args, const ns_query *query, const char *asked, size_t length)
{
    enum { JSON_VERSION = 1 };
    if (args_has(args, OPT_TSV) || args_has(args, OPT_TREC) || args_has(args, OPT_HTML))
        return complain("--explain-query goes with text and --json");
    ns_error err = {0};
    cli_term term;
    char *line = NULL, *outline = NULL;
    int status = EXIT_FOUND;
    if (!term_init(args, &term))
        return EXIT_ERROR;
    if (ns_query_describe(query, NS_QUERY_LINE, &line, &err) != NS_OK ||
        ns_query_describe(query, NS_QUERY_OUTLINE, &outline, &err) != NS_OK) {
        ns_query_description_free(line);
        return complain_error(&err);
    }
    json *out = args_has(args, OPT_JSON) ? json_begin() : NULL;
    if (out != NULL) {
        json_open(out, NULL);
        json_number(out, "version", JSON_VERSION);
        json_string(out, "query", asked, length);
        json_notes(out, query, (ns_query_note){0});
        json_text(out, "read", line);
        json_text(out, "outline", outline);
        json_close(out);
        json_end(out);
    } else if (!print_reading(&term, line, outline)) {
        status = complain("out of memory");
    }
    ns_query_description_free(line);
    ns_query_description_free(outline);
    return status;
}

int asking_run(const cli_args *args, const cli_asking *asking,
               int (*answer)(void *context, cli_answer *about), void *context)
{
    size_t length;
    char *text = asking_words(args, &length);
    ns_query *query = text ? parse(&asking->query, text, length) : NULL;
    bool explain = args_has(args, OPT_EXPLAIN_QUERY);
    ns_index *index = query && !explain ? index_open(args) : NULL;
    int status = EXIT_ERROR;
    if (index)
        query = parse_for(index, &asking->query, text, length, query);
    if (query)
        asking_tell_notes(query);
    if (query && explain) {
        status = asking_explain(args, query, text, length);
    } else if (query && index) {
        cli_answer about = {.index = index, .query = query, .asked = text, .asked_length = length};
        about.dated = args_has(args, OPT_SINCE) || args_has(args, OPT_UNTIL);
        status = answer(context, &about);
    }
    ns_index_close(index);
    ns_query_free(query);
    free(text);
    return status;
}
