/* ns suggest: completions of what is being typed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/asking.h"
#include "cli/json.h"
#include "cli/term.h"

enum { JSON_VERSION = 1, DEFAULT_LIMIT = 10, MOST = 100000 };

static int print_json(const ns_suggestions *found, const char *text, size_t length)
{
    json *out = json_begin();
    if (out == NULL)
        return EXIT_ERROR;
    json_open(out, NULL);
    json_number(out, "version", JSON_VERSION);
    json_string(out, "text", text, length);
    json_open_array(out, "suggestions");
    for (size_t i = 0; i < ns_suggestions_count(found); i++) {
        ns_suggestion one = ns_suggestions_get(found, i);
        json_open(out, NULL);
        json_string(out, "text", one.text, one.length);
        json_number(out, "passages", one.passages);
        json_close(out);
    }
    json_close_array(out);
    json_close(out);
    json_end(out);
    return EXIT_FOUND;
}

static void print_lines(const ns_suggestions *found, const cli_term *term, bool numbers)
{
    for (size_t i = 0; i < ns_suggestions_count(found); i++) {
        ns_suggestion one = ns_suggestions_get(found, i);
        term_print_field(term, one.text, one.length);
        if (numbers)
            printf("\t%llu", (unsigned long long)one.passages);
        putchar('\n');
    }
}

int run_suggest(const cli_args *args)
{
    cli_term term;
    ns_error err = {0};
    size_t limit = DEFAULT_LIMIT, length;
    if (!term_init(args, &term) || !args_size(args, OPT_SUGGESTIONS, MOST, &limit))
        return EXIT_ERROR;
    if (args->word_count == 0)
        return complain("what should be completed? For example: ns suggest tar");
    if (args_has(args, OPT_JSON) && args_has(args, OPT_TSV))
        return complain("--json and --tsv: give one of them");
    char *text = asking_words(args, &length);
    ns_index *index = text ? index_open(args) : NULL;
    ns_suggestions *found = NULL;
    int status = EXIT_ERROR;
    if (index && ns_suggest(index, text, length, limit, &found, &err) != NS_OK) {
        complain_error(&err);
    } else if (index) {
        status = EXIT_FOUND;
        if (args_has(args, OPT_JSON))
            status = print_json(found, text, length);
        else
            print_lines(found, &term, args_has(args, OPT_TSV));
        if (status == EXIT_FOUND && ns_suggestions_count(found) == 0)
            status = EXIT_NOTHING;
    }
    ns_suggestions_free(found);
    ns_index_close(index);
    free(text);
    return status;
}
