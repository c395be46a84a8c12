/* Options of printing, and the walk through the results that every format shares. */
#include "cli/output.h"

#include <stdio.h>
#include <string.h>

enum { DEFAULT_SNIPPET_WORDS = 60, MOST_SNIPPET_WORDS = 100000, MOST_OFFSET = 100000 };

static const char *const default_fields[] = {
    [FORMAT_TEXT] = "title,date,source,section,id,score,passage",
    [FORMAT_JSON] = "rank,score,id,title,date,source,passage",
    [FORMAT_TSV] = "rank,score,id,date,source,title,passage,copies",
    [FORMAT_TREC] = "id,rank,score",
    [FORMAT_HTML] = "title,date,source,section,id,passage"};

static bool is_none(const cli_args *args)
{
    return args_has(args, OPT_GROUP) && strcmp(args->value[OPT_GROUP], "none") == 0;
}

static bool read_format(const cli_args *args, cli_format *format)
{
    static const opt_id options[] = {OPT_JSON, OPT_TSV, OPT_TREC, OPT_HTML};
    const char *given = NULL;
    *format = FORMAT_TEXT;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!args_has(args, options[i]))
            continue;
        if (given) {
            complain("--%s and --%s: give one of them", given, option_find(options[i])->name);
            return false;
        }
        given = option_find(options[i])->name;
        *format = (cli_format)(FORMAT_JSON + i);
    }
    if (args_has(args, OPT_TOPIC) && *format != FORMAT_TREC) {
        complain("--topic names the topic of --trec");
        return false;
    }
    if (args_has(args, OPT_EXPLAIN) && *format != FORMAT_TEXT && *format != FORMAT_JSON) {
        complain("--explain goes with text and --json");
        return false;
    }
    if (*format == FORMAT_TREC && (args_has(args, OPT_PASSAGES) || is_none(args))) {
        complain("--trec: a run has each article once, not its passages; leave out %s",
                 args_has(args, OPT_PASSAGES) ? "--passages" : "--group none");
        return false;
    }
    if (args_has(args, OPT_FIELDS) && *format == FORMAT_TREC) {
        complain("--fields: lines of --trec have their own fields");
        return false;
    }
    return true;
}

static bool read_topic(const cli_args *args, const char **topic)
{
    *topic = args_has(args, OPT_TOPIC) ? args->value[OPT_TOPIC] : "1";
    if (**topic != 0 && strcspn(*topic, " \t\r\n\v\f") == strlen(*topic))
        return true;
    complain("--topic \"%s\": give a name without white space", *topic);
    return false;
}

bool output_init(const cli_args *args, cli_output *out)
{
    *out = (cli_output){.format = FORMAT_TEXT,
                        .count = args_has(args, OPT_COUNT),
                        .explain = args_has(args, OPT_EXPLAIN)};
    if (!read_format(args, &out->format) ||
        !fields_read(args, default_fields[out->format], &out->fields))
        return false;
    bool short_ones = out->format == FORMAT_TEXT || out->format == FORMAT_HTML;
    out->snippet = short_ones ? DEFAULT_SNIPPET_WORDS : 0;
    return read_topic(args, &out->topic) && term_init(args, &out->term) &&
           args_size(args, OPT_OFFSET, MOST_OFFSET, &out->offset) &&
           args_size(args, OPT_SNIPPET, MOST_SNIPPET_WORDS, &out->snippet);
}

const char *found_text(const cli_found *found, cli_field field, size_t *length)
{
    if (field == FIELD_ID) {
        *length = found->id_length;
        return found->id;
    }
    return ns_article_column(found->article, field_name(field), length);
}

static void begin(cli_output *out, const cli_answer *answer)
{
    if (out->format == FORMAT_TEXT)
        text_begin(out, answer);
    else if (out->format == FORMAT_HTML)
        html_begin(out, answer);
}

static void end(const cli_output *out, const cli_answer *answer)
{
    if (out->format == FORMAT_TEXT)
        text_end(out, answer);
    else if (out->format == FORMAT_JSON)
        json_end_results(out, answer);
    else if (out->format == FORMAT_HTML)
        html_end(out, answer);
    if (out->format == FORMAT_TEXT)
        return; /* it has told all of it */
    tell_field(answer);
    if (out->format == FORMAT_JSON)
        return; /* the rest is in what it prints */
    tell_limits(answer);
    tell_offset(out, answer);
    if (out->count) {
        tell_hits(answer);
        fputc('\n', stderr);
    }
    tell_spelling(answer);
}

static bool print_found(const cli_output *out, const cli_found *found)
{
    switch (out->format) {
    case FORMAT_TEXT:
        return text_result(out, found);
    case FORMAT_JSON:
        return json_result(out, found);
    case FORMAT_TSV:
        return tsv_result(out, found);
    case FORMAT_TREC:
        return trec_result(out, found);
    case FORMAT_HTML:
        break;
    }
    return html_result(out, found);
}

/* Reads of the index what the fields ask for: an id alone costs much less than the article, and
 * that less than its marks. */
static bool print_result(cli_output *out, const cli_answer *answer, size_t i)
{
    ns_error err = {0};
    char id[NS_ID_ROOM];
    cli_found found = {.rank = i + 1, .result = ns_results_get(answer->results, i)};
    ns_shown *shown = NULL;
    ns_article *article = NULL;
    ns_explanation *explanation = NULL;
    bool marks = fields_have(&out->fields, FIELD_TITLE) || fields_have(&out->fields, FIELD_PASSAGE);
    bool columns = false;
    for (int field = FIELD_DATE; field <= FIELD_LANG; field++)
        columns = columns || fields_have(&out->fields, (cli_field)field);
    ns_status status;
    if (marks && out->format == FORMAT_JSON) /* alone in telling where in the body it stands */
        status = ns_results_show(answer->results, i, out->snippet, &shown, &err);
    else if (marks || out->format == FORMAT_TEXT)
        status = ns_results_show_brief(answer->results, i, out->snippet, &shown, &err);
    else if (columns)
        status = ns_article_facts_at(answer->index, found.result.article, &article, &err);
    else
        status = ns_article_id_at(answer->index, found.result.article, id, &found.id_length, &err);
    if (status == NS_OK && out->explain)
        status = ns_results_explain(answer->results, i, &explanation, &err);
    if (status == NS_DONE) { /* the time was up: the result is shown without */
        out->unexplained++;
        status = NS_OK;
    }
    bool fine = status == NS_OK;
    if (fine) {
        found.explanation = explanation;
        found.shown = shown;
        found.article = shown ? ns_shown_article(shown) : article;
        found.id = found.article ? ns_article_id(found.article, &found.id_length) : id;
        fine = print_found(out, &found);
    } else {
        complain_error(&err);
    }
    ns_explanation_free(explanation);
    ns_article_free(article);
    ns_shown_free(shown);
    return fine;
}

static void tell_unexplained(const cli_output *out)
{
    if (out->unexplained > 0)
        fprintf(stderr,
                "the time was up: %zu result%s not explained; a longer --timeout may explain "
                "more\n",
                out->unexplained, out->unexplained == 1 ? " is" : "s are");
}

int output_print(cli_output *out, const cli_answer *answer)
{
    ns_index_settings settings;
    ns_index_get_settings(answer->index, &settings);
    out->keeps_text = !settings.no_text;
    if (out->format == FORMAT_JSON && !json_begin_results(out, answer))
        return EXIT_ERROR;
    begin(out, answer);
    bool fine = true;
    size_t count = ns_results_count(answer->results);
    for (size_t i = out->offset; i < count && fine; i++)
        fine = print_result(out, answer, i);
    end(out, answer);
    tell_unexplained(out);
    if (!fine)
        return EXIT_ERROR;
    return ns_results_hits(answer->results).articles ? EXIT_FOUND : EXIT_NOTHING; /* -n 0 counts */
}
