/* ns stats and ns check. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/term.h"

enum { STATS_VERSION = 1, CHECK_VERSION = 1 };

static ns_index_settings settings_of(const ns_index *index)
{
    ns_index_settings settings;
    ns_index_get_settings(index, &settings);
    return settings;
}

static void print_stats_json(json *out, const ns_index *index, const ns_index_stats *stats)
{
    json_open(out, NULL);
    json_number(out, "version", STATS_VERSION);
    json_number(out, "articles", stats->articles);
    json_number(out, "passages", stats->passages);
    json_number(out, "terms", stats->terms);
    json_number(out, "tokens", stats->tokens);
    json_number(out, "segments", stats->segments);
    json_number(out, "bytes", stats->bytes);
    json_number(out, "generation", stats->generation);
    json_number(out, "deleted_articles", stats->deleted_articles);
    json_number(out, "deleted_passages", stats->deleted_passages);
    json_number(out, "reordered_articles", stats->reordered_articles);
    json_number(out, "surfaces", stats->surfaces);
    json_number(out, "postings", stats->postings);
    json_number(out, "positions", stats->positions);
    json_double(out, "average_length", stats->average_length, 17);
    json_number(out, "text_bytes", stats->text_bytes);
    json_open(out, "bytes_by_kind");
    json_number(out, "terms", stats->bytes_terms);
    json_number(out, "postings", stats->bytes_postings);
    json_number(out, "positions", stats->bytes_positions);
    json_number(out, "articles", stats->bytes_articles);
    json_number(out, "text", stats->bytes_text);
    json_close(out);
    json_bool(out, "stored_text", !settings_of(index).no_text);
    json_bool(out, "exact", settings_of(index).exact);
    json_number(out, "bytes_exact", stats->bytes_exact);
    json_open(out, "lists");
    json_number(out, "inline", stats->inline_lists);
    json_number(out, "short", stats->short_lists);
    json_number(out, "blocks", stats->block_lists);
    json_close(out);
    json_number(out, "blocks", stats->blocks);
    json_open_array(out, "languages");
    const char *code;
    for (size_t i = 0; (code = ns_index_language(index, i)) != NULL; i++)
        json_text(out, NULL, code[0] ? code : "none");
    json_close_array(out);
    json_close(out);
}

static void line(const char *name, uint64_t value)
{
    printf("%-13s %11llu\n", name, (unsigned long long)value);
}

static void bytes_line(const char *name, uint64_t bytes, uint64_t text_bytes)
{
    printf("%-13s %11llu", name, (unsigned long long)bytes);
    if (text_bytes)
        printf("  %.3f × text", (double)bytes / (double)text_bytes);
    putchar('\n');
}

/* All in one line, on a terminal wrapped under the first. */
static void print_languages(const cli_term *term, const ns_index *index)
{
    enum { INDENT = 14 };
    size_t column = INDENT - 1;
    printf("%-*s", INDENT - 1, "languages");
    const char *code;
    for (size_t i = 0; (code = ns_index_language(index, i)) != NULL; i++) {
        code = code[0] ? code : "none";
        column += 1 + strlen(code);
        if (term->columns > 0 && column > term->columns) {
            printf("\n%*s", INDENT - 1, "");
            column = INDENT + strlen(code);
        }
        printf(" %s", code);
    }
    putchar('\n');
}

static void print_bytes(const ns_index *index, const ns_index_stats *stats)
{
    const ns_index_settings settings = settings_of(index);
    bytes_line("bytes", stats->bytes, stats->text_bytes);
    bytes_line("  terms", stats->bytes_terms, stats->text_bytes);
    bytes_line("  postings", stats->bytes_postings, stats->text_bytes);
    bytes_line("  positions", stats->bytes_positions, stats->text_bytes);
    if (settings.exact)
        bytes_line("    exact", stats->bytes_exact, stats->text_bytes);
    bytes_line("  articles", stats->bytes_articles, stats->text_bytes);
    if (!settings.no_text)
        bytes_line("  stored text", stats->bytes_text, stats->text_bytes);
    else
        printf("%-13s %11s\n", "  stored text", "none");
}

static void print_stats_text(const cli_term *term, const ns_index *index,
                             const ns_index_stats *stats)
{
    line("articles", stats->articles);
    if (stats->deleted_articles)
        line("  deleted", stats->deleted_articles);
    if (stats->reordered_articles)
        line("  reordered", stats->reordered_articles);
    line("passages", stats->passages);
    if (stats->deleted_passages)
        line("  deleted", stats->deleted_passages);
    line("terms", stats->terms);
    line("surface forms", stats->surfaces);
    line("tokens", stats->tokens);
    line("postings", stats->postings);
    line("segments", stats->segments);
    printf("%-13s %11.1f\n", "words/passage", stats->average_length);
    print_bytes(index, stats);
    print_languages(term, index);
}

int run_stats(const cli_args *args)
{
    if (args->word_count)
        return complain("ns stats takes no arguments; name another index with --index");
    cli_term term;
    if (!term_init(args, &term))
        return EXIT_ERROR;
    ns_index *index = index_open(args);
    if (index == NULL)
        return EXIT_ERROR;
    ns_index_stats stats;
    ns_index_get_stats(index, &stats);
    int status = EXIT_FOUND;
    if (args_has(args, OPT_JSON)) {
        json *out = json_begin();
        if (out) {
            print_stats_json(out, index, &stats);
            json_end(out);
        } else {
            status = EXIT_ERROR;
        }
    } else {
        print_stats_text(&term, index, &stats);
    }
    ns_index_close(index);
    return status;
}

/* ---- check ---- */

/* A line of check's answer, on a terminal wrapped at words. */
static void __attribute__((format(printf, 2, 3))) say(const cli_term *term, const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    if (length < 0) {
        complain("out of memory");
        return;
    }
    term_print_lines(term, text, (size_t)length, 0);
    free(text);
}

static bool fault_text(void *payload, const ns_fault *fault)
{
    if (fault->offset == NS_NO_OFFSET)
        say(payload, "%s: %s", fault->file, fault->message);
    else
        say(payload, "%s: byte %llu: %s", fault->file, (unsigned long long)fault->offset,
            fault->message);
    return true;
}

static bool fault_json(void *payload, const ns_fault *fault)
{
    json *out = payload;
    json_open(out, NULL);
    json_text(out, "file", fault->file);
    if (fault->offset == NS_NO_OFFSET)
        json_null(out, "offset");
    else
        json_number(out, "offset", fault->offset);
    json_text(out, "message", fault->message);
    json_close(out);
    return true;
}

static int check_json(const char *directory)
{
    ns_error err = {0};
    ns_check_summary summary = {0};
    json *out = json_begin();
    if (out == NULL)
        return EXIT_ERROR;
    json_open(out, NULL);
    json_number(out, "version", CHECK_VERSION);
    json_open_array(out, "faults");
    ns_status status = ns_index_check(directory, fault_json, out, &summary, &err);
    json_close_array(out);
    json_bool(out, "sound", status == NS_OK && summary.faults == 0);
    json_number(out, "files", summary.files);
    json_number(out, "bytes", summary.bytes);
    json_close(out);
    json_end(out);
    if (status != NS_OK)
        return complain_index(&err, false);
    return summary.faults ? EXIT_ERROR : EXIT_FOUND;
}

static int check_text(const char *directory, cli_term *term)
{
    ns_error err = {0};
    ns_check_summary summary = {0};
    if (ns_index_check(directory, fault_text, term, &summary, &err) != NS_OK)
        return complain_index(&err, false);
    char faults[COUNTED_BYTES], files[COUNTED_BYTES];
    counted(faults, summary.faults, "fault");
    counted(files, summary.files, "file");
    if (summary.faults)
        return complain("%s is damaged: %s in %s; restore it from a copy, or rebuild it with "
                        "ns index --fresh",
                        directory, faults, files);
    say(term, "%s is sound: %s, %llu bytes", directory, files, (unsigned long long)summary.bytes);
    return EXIT_FOUND;
}

int run_check(const cli_args *args)
{
    if (args->word_count)
        return complain("ns check takes no arguments; name another index with --index");
    cli_term term;
    if (!term_init(args, &term))
        return EXIT_ERROR;
    char *directory = index_directory(args, false);
    if (directory == NULL)
        return EXIT_ERROR;
    int status = args_has(args, OPT_JSON) ? check_json(directory) : check_text(directory, &term);
    free(directory);
    return status;
}
