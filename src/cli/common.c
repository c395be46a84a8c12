/* Messages, suggestions, and finding the index. */
#include "cli/cli.h"
#include "cli/term.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int complain(const char *format, ...)
{
    char *text;
    va_list list;
    va_start(list, format);
    int length = vasprintf(&text, format, list);
    va_end(list);
    fputs("ns: ", stderr);
    if (length >= 0) {
        term_message(text, (size_t)length);
        free(text);
    } else {
        fputs("out of memory", stderr);
    }
    fputc('\n', stderr);
    return EXIT_ERROR;
}

int complain_error(const ns_error *err)
{
    if (err->status == NS_ERR_CORRUPT && strchr(err->message, ';') == NULL)
        return complain_index(err, false); /* with advice */
    if (err->file[0] == 0)
        return complain("%s", err->message[0] ? err->message : ns_status_name(err->status));
    if (err->offset == NS_NO_OFFSET)
        return complain("%s: %s", err->file, err->message);
    return complain("%s: byte %llu: %s", err->file, (unsigned long long)err->offset, err->message);
}

/* Whether the message ends with what the system says of one of the codes. */
static bool is_about(const ns_error *err, const int *codes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(err->message, strerror(codes[i])) != NULL)
            return true;
    return false;
}

/* No room, where that is the reason. */
static bool is_full(const ns_error *err)
{
    static const int CODES[] = {ENOSPC, EDQUOT};
    return is_about(err, CODES, sizeof CODES / sizeof *CODES);
}

/* Neither rights nor another name help. */
static bool is_broken(const ns_error *err)
{
    static const int CODES[] = {EIO, EMFILE, ENFILE, ENOLCK};
    return is_about(err, CODES, sizeof CODES / sizeof *CODES);
}

static bool is_directory(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Who names the folder of a project may mean the index in it. */
static bool is_around_index(const char *directory)
{
    char inner[PATH_MAX];
    int length = snprintf(inner, sizeof inner, "%s/.ns", directory);
    return length > 0 && (size_t)length < sizeof inner && is_directory(inner) &&
           ns_index_exists(inner) && !ns_index_exists(directory);
}

int complain_index(const ns_error *err, bool writing)
{
    const char *advice = "";
    if (err->file[0] != 0 && is_around_index(err->file))
        return complain("%s: there is no index here, but in the folder .ns: --index %s/.ns",
                        err->file, err->file);
    if (strchr(err->message, ';') != NULL) /* it says what to do */
        advice = "";
    else if (err->status == NS_ERR_IO && is_full(err))
        advice = "; make room";
    else if (err->status == NS_ERR_IO && is_broken(err))
        advice = "";
    else if (err->status == NS_ERR_IO && writing)
        advice = "; may this user write there? --index names another place";
    else if (err->status == NS_ERR_IO)
        advice = "; may this user read it? --index names another index";
    else if (err->status == NS_ERR_CORRUPT)
        advice = "; ns check tells more; take a copy of the index, or make it anew with ns index "
                 "--fresh";
    ns_error more = *err;
    snprintf(more.message, sizeof more.message, "%.380s%s", err->message, advice);
    return complain_error(&more);
}

int complain_commit(const ns_error *err, const char *directory)
{
    if (err->status == NS_ERR_CORRUPT)
        return complain_index(err, true);
    if (err->status != NS_ERR_IO || strchr(err->message, ';') != NULL)
        return complain_error(err);
    const char *cause = is_full(err) ? "make room" : "mend that";
    ns_error more = *err;
    snprintf(more.message, sizeof more.message, "%.380s; %s and run it again: %s", err->message,
             cause,
             ns_index_exists(directory) ? "the last commit is still there"
                                        : "there is no index yet, and nothing is left of this one");
    return complain_error(&more);
}

/* Edits (insert, delete, replace, swap of neighbours) from a to b, both short: optimal string
 * alignment distance. */
static size_t distance(const char *a, const char *b)
{
    enum { ROOM = 32 };
    size_t la = strlen(a), lb = strlen(b);
    if (la >= ROOM || lb >= ROOM)
        return ROOM;
    size_t d[ROOM][ROOM];
    for (size_t i = 0; i <= la; i++)
        d[i][0] = i;
    for (size_t j = 0; j <= lb; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        for (size_t j = 1; j <= lb; j++) {
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best)
                best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best)
                best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    }
    return d[la][lb];
}

const char *did_you_mean(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) < 4 ? 2 : 3; /* must be below */
    for (size_t i = 0; i < count; i++) {
        size_t edits = distance(word, candidates[i]);
        if (edits < best_distance) {
            best_distance = edits;
            best = candidates[i];
        }
    }
    return best;
}

static int stat_input(const char *path, struct stat *info)
{
    return strcmp(path, "-") == 0 ? fstat(STDIN_FILENO, info) : stat(path, info);
}

bool same_file(const char *one, const char *other)
{
    struct stat a, b;
    return stat_input(one, &a) == 0 && stat_input(other, &b) == 0 && S_ISREG(a.st_mode) &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The nearest .ns from the current folder up; NULL when there is none. */
static char *nearest(void)
{
    char here[PATH_MAX];
    if (getcwd(here, sizeof here - 8) == NULL)
        return NULL;
    for (;;) {
        size_t length = strlen(here);
        strcpy(here + length, length > 1 ? "/.ns" : ".ns");
        if (is_directory(here) && ns_index_exists(here)) /* not what a killed writer left */
            return strdup(here);
        here[length] = 0;
        if (length <= 1)
            return NULL;
        *strrchr(here, '/') = 0;
        if (here[0] == 0)
            strcpy(here, "/");
    }
}

/* --index, else $NS_INDEX, else NULL. */
static const char *given_index(const cli_args *args)
{
    const char *given =
        args->value[OPT_INDEX] ? args->value[OPT_INDEX] : args->value[OPT_INDEX_HERE];
    if (given != NULL)
        return given;
    given = getenv("NS_INDEX");
    return given && given[0] == 0 ? NULL : given;
}

char *index_nearest(const cli_args *args)
{
    const char *given = given_index(args);
    return given ? strdup(given) : nearest();
}

char *index_directory(const cli_args *args, bool writing)
{
    const char *given = given_index(args);
    if (given != NULL && given[0] == 0) {
        complain("--index needs the name of a directory");
        return NULL;
    }
    char *directory = given ? strdup(given) : writing ? strdup(".ns") : nearest();
    if (directory == NULL)
        complain("no index here or in a folder above; make one with: ns index FILE…");
    return directory;
}

ns_index *index_open(const cli_args *args)
{
    char *directory = index_directory(args, false);
    if (directory == NULL)
        return NULL;
    ns_index *index = NULL;
    ns_error err = {0};
    if (ns_index_open(directory, &index, &err) != NS_OK) {
        complain_index(&err, false);
        index = NULL;
    }
    free(directory);
    return index;
}
