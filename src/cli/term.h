/* Text for people: colour, width, wrapping, and keeping a document's control characters away from
 * the terminal, also from one behind a pipe. */
#ifndef NS_CLI_TERM_H
#define NS_CLI_TERM_H

#include "cli/cli.h"

typedef struct cli_term {
    bool tty; /* stdout is a terminal */
    bool color;
    size_t columns; /* to wrap at; 0: do not wrap */
} cli_term;

/* From --color, NO_COLOR, TERM and the terminal. False after a message on stderr. */
bool term_init(const cli_args *args, cli_term *out);

typedef enum cli_style { STYLE_PLAIN, STYLE_TITLE, STYLE_MARK, STYLE_FAINT } cli_style;

/* Prints text on one line or wrapped, with matches marked (in colour, else between ** **), each
 * line indented by `indent` columns, the first one less the `begun` columns that stand there
 * already. Line breaks of the text become spaces. Ends with a newline. `cut_before` and `cut_after`
 * put an ellipsis where text was left out. */
void term_print_marked(const cli_term *term, ns_marked text, cli_style base, size_t indent,
                       size_t begun, bool cut_before, bool cut_after);
/* Prints a part of a message on standard error, control characters replaced. */
void term_message(const char *text, size_t length);
/* Columns that text fills on a terminal. */
size_t term_columns(const char *text, size_t length);
/* Prints lines of text, those too long for the terminal wrapped at words and indented by `indent`
 * columns as are all. */
void term_print_lines(const cli_term *term, const char *text, size_t length, size_t indent);
/* Whether term_print and term_message print text as it is. */
bool term_is_shown(const char *text, size_t length);
/* A copy with U+FFFD for every character that is not shown as it is, also where term_print has a
 * blank: malloc'ed, with a NUL behind it. NULL when memory is out. */
char *term_shown(const char *text, size_t length);
/* Prints text as a field of a line: line breaks, tabs and other control characters become blanks,
 * in a pipe too. */
void term_print_field(const cli_term *term, const char *text, size_t length);
/* Prints a piece of JSON, with what may do something to a terminal as \u escapes: the same JSON. No
 * character may be cut at its ends. */
void term_print_json(const char *text, size_t length);
/* Prints a bar of so many eighths of a column. */
void term_print_bar(const cli_term *term, size_t eighths);
/* Prints text without marks; `keep_lines` keeps its line breaks and, but on a terminal, its tabs.
 * No newline is added. */
void term_print(const cli_term *term, const char *text, size_t length, cli_style style,
                bool keep_lines);

#endif
