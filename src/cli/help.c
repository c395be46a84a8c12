/* Help, made from the tables of commands and options. On a terminal it fills the width: paragraphs
 * are joined and wrapped, and in lines of two columns the second one is wrapped under itself, or
 * goes below the first where the terminal is too narrow for both. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/term.h"

enum { WIDEST = 100, PARAGRAPH_BYTES = 2048, LEAST_SECOND = 24, NARROW_INDENT = 10 };

static void print_wrapped(const cli_term *term, const char *text, size_t length, size_t indent,
                          size_t begun)
{
    ns_marked plain = {text, length, NULL, 0};
    term_print_marked(term, plain, STYLE_PLAIN, indent, begun, false, false);
}

/* Where the second column of an indented line begins, behind two blanks or more; 0: it has none. */
static size_t second_column(const char *line, size_t length)
{
    size_t at = strspn(line, " ");
    for (; at + 2 < length; at++)
        if (line[at] == ' ' && line[at + 1] == ' ')
            return at + strspn(line + at, " ");
    return 0;
}

static void print_indented(const cli_term *term, const char *line, size_t length)
{
    size_t indent = strspn(line, " "), second = second_column(line, length);
    if (second == 0 || term_columns(line, length) <= term->columns) {
        if (term_columns(line, length) <= term->columns)
            printf("%.*s\n", (int)length, line);
        else
            print_wrapped(term, line + indent, length - indent, indent, 0);
        return;
    }
    size_t first = second;
    while (line[first - 1] == ' ')
        first--;
    size_t columns = term_columns(line, second);
    bool below = columns + LEAST_SECOND > term->columns;
    printf("%.*s", (int)(below ? first : second), line);
    if (below)
        putchar('\n');
    print_wrapped(term, line + second, length - second, below ? NARROW_INDENT : columns,
                  below ? 0 : columns);
}

/* Text of the tables: paragraphs, and indented lines that stay lines. */
static void print_text(const cli_term *term, const char *text)
{
    char paragraph[PARAGRAPH_BYTES];
    size_t used = 0;
    if (term->columns == 0) {
        fputs(text, stdout);
        return;
    }
    while (*text != 0) {
        size_t length = strcspn(text, "\n");
        bool joins = length > 0 && text[0] != ' ' && used + length + 1 < sizeof paragraph;
        if (used > 0 && !joins) {
            print_wrapped(term, paragraph, used, 0, 0);
            used = 0;
        }
        if (joins) {
            if (used > 0)
                paragraph[used++] = ' ';
            memcpy(paragraph + used, text, length);
            used += length;
        } else if (length == 0) {
            putchar('\n');
        } else {
            print_indented(term, text, length);
        }
        text += length + (text[length] == '\n');
    }
    if (used > 0)
        print_wrapped(term, paragraph, used, 0, 0);
}

static void print_head(const cli_term *term, const char *head)
{
    putchar('\n');
    term_print(term, head, strlen(head), STYLE_TITLE, false);
    putchar('\n');
}

static void print_options(const cli_term *term, const cli_command *command)
{
    print_head(term, "Options:");
    for (size_t i = 0;; i++) {
        const option_spec *spec = option_find(command->options[i]);
        char left[48], letter[8] = "    ", line[512];
        if (spec->letter)
            snprintf(letter, sizeof letter, "-%c, ", spec->letter);
        snprintf(left, sizeof left, "%s--%s%s%s", letter, spec->name, spec->value ? " " : "",
                 spec->value ? spec->value : "");
        snprintf(line, sizeof line, "  %-26s %s\n", left, spec->help);
        print_text(term, line);
        if (command->options[i] == OPT_HELP)
            break;
    }
}

static void print_commands(const cli_term *term)
{
    char line[512];
    snprintf(line, sizeof line,
             "ns %s: full-text search for news archives\n\n"
             "Usage: ns COMMAND [OPTION]… [ARGUMENT]…\n",
             ns_version());
    print_text(term, line);
    print_head(term, "Commands:");
    for (size_t i = 0; i < command_count; i++) {
        snprintf(line, sizeof line, "  %-10s %s\n", commands[i].name, commands[i].summary);
        print_text(term, line);
    }
    print_head(term, "Examples:");
    print_text(term,
               "  ns index articles.jsonl.gz more/     make ./.ns from files and folders\n"
               "  ns query \"precursor controls\"        ranked passages, one for each article\n"
               "  ns query --json -n 20 tariff talks   the same for programs\n\n"
               "ns COMMAND --help tells more about each.\n");
}

void help_print(const cli_command *command)
{
    cli_term term;
    const cli_args no_arguments = {0};
    (void)term_init(&no_arguments, &term); /* fails for a value of --color only */
    term.columns = term.columns > WIDEST ? WIDEST : term.columns;
    if (command == NULL) {
        print_commands(&term);
        return;
    }
    printf("Usage: ns %s %s\n\n", command->name, command->usage);
    print_text(&term, command->details);
    if (term.columns == 0)
        putchar('\n');
    print_options(&term, command);
    print_head(&term, "Examples:");
    print_text(&term, command->examples);
}
