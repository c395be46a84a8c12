/* A small text file of the user's, read whole and handed out line by line. */
#ifndef NS_CLI_LINES_H
#define NS_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_lines {
    char *text;    /* malloc'ed: the caller's to free; one writable byte stands behind it */
    size_t length; /* bytes */
    size_t at;     /* where the next line begins */
    size_t number; /* of the line handed out last, from 1 */
} cli_lines;

/* Reads `path`, - for standard input. `option` and `wanted` name what the file is for when it
 * cannot be read. False after a message on stderr; `text` is to be freed all the same. */
bool lines_read(cli_lines *out, const char *path, const char *option, const char *wanted);
/* The next line without its end of line, [*start, *end), *end writable. False at the end. */
bool lines_next(cli_lines *lines, char **start, char **end);

#endif
