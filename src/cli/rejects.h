/* The file of --rejects. */
#ifndef NS_CLI_REJECTS_H
#define NS_CLI_REJECTS_H

#include <stdio.h>

#include "cli/cli.h"

/* Opens the file of --rejects, if there is one: *out is NULL without. What it held stays until
 * rejects_clear. False, after a message, when it cannot be written or is read as input. */
bool rejects_open(const cli_args *args, FILE **out);
void rejects_clear(FILE *file);

#endif
