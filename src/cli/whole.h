/* A file that a command makes: there is all of it in the end, or what was there before. */
#ifndef NS_CLI_WHOLE_H
#define NS_CLI_WHOLE_H

#include <limits.h>
#include <stdio.h>

#include "cli/cli.h"

typedef struct cli_whole {
    FILE *file;           /* to write to; NULL: none is open */
    const char *path;     /* as it was given, borrowed */
    char place[PATH_MAX]; /* where the file is in the end, behind links */
    char made[PATH_MAX];  /* a file beside it, to be renamed; "": written in place */
} cli_whole;

/* Opens a file beside `path`; a pipe, a device or a file in a folder where none may be made is
 * written in place. False after a message on stderr. */
bool whole_open(const char *path, cli_whole *out);
/* Whether what was written so far could be. False after a message on stderr. */
bool whole_flush(const cli_whole *whole);
/* Ends it: renamed when `keep` says so and all of it was written, else removed. False after a
 * message on stderr; NULL in `file` is fine. */
bool whole_close(cli_whole *whole, bool keep);

#endif
