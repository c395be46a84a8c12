/* ns analyze: the terms of a text. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/cli.h"
#include "cli/json.h"
#include "cli/term.h"

enum { ANALYZE_VERSION = 1, MAX_INPUT = 64 << 20 };

/* All of standard input, *length bytes: malloc'ed. NULL after a message. */
static char *read_input(size_t *length)
{
    size_t capacity = 4096, used = 0;
    char *text = malloc(capacity);
    while (text && !feof(stdin) && !ferror(stdin)) {
        if (used == capacity) {
            char *bigger = capacity < MAX_INPUT ? realloc(text, capacity * 2) : NULL;
            if (bigger == NULL)
                free(text);
            text = bigger;
            if (text == NULL)
                break;
            capacity *= 2;
        }
        used += fread(text + used, 1, capacity - used, stdin);
    }
    if (text == NULL)
        complain("the text is too long to show");
    *length = used;
    return text;
}

/* Settings of the index if one is there, changed by the options. */
static bool read_settings(const cli_args *args, ns_analysis_settings *settings)
{
    ns_analysis_settings_init(settings);
    const char *named_by_user = getenv("NS_INDEX");
    bool named = args_has(args, OPT_INDEX) || (named_by_user && named_by_user[0]);
    char *directory = index_nearest(args);
    ns_index *index;
    ns_error err = {0};
    ns_status status = directory ? ns_index_open(directory, &index, &err) : NS_NOT_FOUND;
    free(directory);
    if (status == NS_OK) {
        ns_index_settings all;
        ns_index_get_settings(index, &all);
        *settings = all.analysis;
        ns_index_close(index);
    } else if (named) {
        complain_error(&err);
        return false;
    }
    if (args_has(args, OPT_NO_STEMMING))
        settings->no_stemming = true;
    if (args_has(args, OPT_KEEP_DIACRITICS))
        settings->keep_diacritics = true;
    if (args_has(args, OPT_WHITESPACE))
        settings->whitespace = true;
    return true;
}

static void print_json(json *out, const ns_tokens *tokens)
{
    json_open(out, NULL);
    json_number(out, "version", ANALYZE_VERSION);
    json_text(out, "language", ns_tokens_language(tokens));
    json_open_array(out, "tokens");
    for (size_t i = 0; i < ns_tokens_count(tokens); i++) {
        ns_token token = ns_tokens_get(tokens, i);
        json_open(out, NULL);
        json_string(out, "term", token.term, token.term_length);
        json_string(out, "surface", token.surface, token.surface_length);
        json_number(out, "start", token.start);
        json_number(out, "end", token.end);
        json_number(out, "position", token.position);
        json_number(out, "passage", token.passage);
        json_close(out);
    }
    json_close_array(out);
    json_close(out);
}

static void print_text(const cli_term *term, const ns_tokens *tokens)
{
    size_t length;
    const char *text = ns_tokens_text(tokens, &length);
    uint32_t passage = 0;
    for (size_t i = 0; i < ns_tokens_count(tokens); i++) {
        ns_token token = ns_tokens_get(tokens, i);
        if (token.passage != passage)
            putchar('\n');
        passage = token.passage;
        printf("%4u  ", token.position);
        term_print(term, text + token.start, token.end - token.start, STYLE_TITLE, false);
        fputs("  ", stdout);
        term_print(term, token.surface, token.surface_length, STYLE_PLAIN, false);
        if (token.surface_length != token.term_length ||
            memcmp(token.surface, token.term, token.term_length) != 0) {
            fputs(" → ", stdout);
            term_print(term, token.term, token.term_length, STYLE_PLAIN, false);
        }
        putchar('\n');
    }
}

/* What --language asks for: a code, "" for none, NULL for the setting. */
static const char *read_language(const cli_args *args)
{
    const char *language = args->value[OPT_LANGUAGE];
    if (language == NULL || strcmp(language, "auto") == 0)
        return NULL;
    return strcmp(language, "none") == 0 ? "" : language;
}

/* Returns the exit status. */
static int print_tokens(const cli_args *args, const cli_term *term, const ns_tokens *tokens)
{
    if (args_has(args, OPT_JSON)) {
        json *out = json_begin();
        if (out == NULL)
            return EXIT_ERROR;
        print_json(out, tokens);
        json_end(out);
    } else {
        print_text(term, tokens);
        fflush(stdout);
    }
    return ns_tokens_count(tokens) > 0 ? EXIT_FOUND : EXIT_NOTHING;
}

int run_analyze(const cli_args *args)
{
    ns_analysis_settings settings;
    cli_term term;
    if (!read_settings(args, &settings) || !term_init(args, &term))
        return EXIT_ERROR;
    size_t length;
    char *text = args->word_count > 0 ? asking_words(args, &length) : read_input(&length);
    if (text == NULL)
        return EXIT_ERROR;
    const char *language = read_language(args);
    ns_tokens *tokens;
    ns_error err = {0};
    ns_status status = ns_analyze(&settings, language, text, length, &tokens, &err);
    free(text);
    if (status != NS_OK)
        return complain_error(&err);
    const bool guessed = language == NULL && !settings.no_stemming && !settings.whitespace;
    const int exit_status = print_tokens(args, &term, tokens);
    if (!args_has(args, OPT_JSON) && guessed && *ns_tokens_language(tokens) == 0)
        fputs("note: the text does not tell its language, so nothing is stemmed; --language "
              "names one (a query is analysed in each language of the index)\n",
              stderr);
    ns_tokens_free(tokens);
    return exit_status;
}
