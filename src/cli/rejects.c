/* The file of --rejects. It must not be among the inputs: what is refused would be read, refused
 * and kept again, without end. */
#include "cli/rejects.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path without links; of a file that is not there yet, that of its folder before its name. */
static bool full_path(const char *path, char full[PATH_MAX])
{
    if (realpath(path, full) != NULL)
        return true;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(name - path) : 1, slash ? path : ".");
    if (realpath(folder, full) == NULL || strlen(full) + strlen(name) + 2 > PATH_MAX)
        return false;
    strcat(full, "/");
    strcat(full, name);
    return true;
}

/* Whether ns index reads the file when it reads the folder: hidden names and names without a suffix
 * are passed over. */
static bool is_read_in(const char *folder, const char *file)
{
    char whole[PATH_MAX], own[PATH_MAX];
    if (realpath(folder, whole) == NULL || !full_path(file, own))
        return false;
    size_t length = strlen(whole);
    if (whole[length - 1] == '/')
        length--; /* the root */
    return strncmp(whole, own, length) == 0 && own[length] == '/' &&
           strstr(own + length, "/.") == NULL && strchr(strrchr(own, '/'), '.') != NULL;
}

static bool is_input(const cli_args *args, const char *file)
{
    for (size_t i = 0; i < args->word_count; i++) {
        if (same_file(args->words[i], file))
            complain("--rejects %s: this file is read itself; name another", file);
        else if (is_read_in(args->words[i], file))
            complain("--rejects %s: this file is in a folder that is read; name one elsewhere, or "
                     "one whose name begins with a dot",
                     file);
        else
            continue;
        return true;
    }
    return false;
}

bool rejects_open(const cli_args *args, FILE **out)
{
    const char *path = args->value[OPT_REJECTS];
    *out = NULL;
    if (path == NULL)
        return true;
    if (strcmp(path, "-") == 0) {
        complain("--rejects -: name a file; /dev/stdout is standard output, and ./- a file of this "
                 "name");
        return false;
    }
    if (is_input(args, path))
        return false;
    *out = fopen(path, "a");
    if (*out == NULL)
        complain("%s: cannot be written: %s", path, strerror(errno));
    return *out != NULL;
}

void rejects_clear(FILE *file)
{
    if (file != NULL && ftruncate(fileno(file), 0) != 0)
        clearerr(file); /* a pipe or a device, which holds nothing */
}
