/* Files that are whole or not there: written under another name, then renamed. */
#include "cli/whole.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Who may read what is there, or a new file. */
static mode_t mode_for(const char *place)
{
    struct stat now;
    if (stat(place, &now) == 0)
        return now.st_mode & 0777;
    mode_t hidden = umask(0);
    umask(hidden);
    return 0666 & ~hidden;
}

/* The path behind links, and whether a file can stand there: a new one or one on a disk. */
static bool find_place(const char *path, char place[PATH_MAX])
{
    struct stat now;
    if (realpath(path, place) != NULL)
        return stat(place, &now) == 0 && S_ISREG(now.st_mode) && access(place, W_OK) == 0;
    int length = snprintf(place, PATH_MAX, "%s", path);
    return errno == ENOENT && lstat(path, &now) != 0 && length < PATH_MAX; /* no link to nowhere */
}

static FILE *open_beside(cli_whole *out)
{
    int length = snprintf(out->made, sizeof out->made, "%s.XXXXXX", out->place);
    int file = length < (int)sizeof out->made ? mkstemp(out->made) : -1;
    if (file < 0)
        return NULL;
    (void)!fchmod(file, mode_for(out->place)); /* else it stays our own */
    FILE *stream = fdopen(file, "wb");
    if (stream == NULL) {
        close(file);
        unlink(out->made);
    }
    return stream;
}

bool whole_open(const char *path, cli_whole *out)
{
    *out = (cli_whole){.path = path};
    if (find_place(path, out->place))
        out->file = open_beside(out);
    if (out->file != NULL)
        return true;
    out->made[0] = 0;
    out->file = fopen(path, "wbe");
    if (out->file == NULL)
        complain("%s: cannot be written: %s", path, strerror(errno));
    return out->file != NULL;
}

static bool fail(const cli_whole *whole)
{
    complain("%s: cannot be written: %s%s", whole->path, strerror(errno),
             whole->made[0] ? "; it is as it was" : "");
    return false;
}

bool whole_flush(const cli_whole *whole)
{
    return fflush(whole->file) == 0 || fail(whole);
}

bool whole_close(cli_whole *whole, bool keep)
{
    if (whole->file == NULL)
        return true;
    bool fine = !keep || whole_flush(whole);
    if (fclose(whole->file) != 0 && fine && keep)
        fine = fail(whole);
    whole->file = NULL;
    if (fine && keep && whole->made[0] && rename(whole->made, whole->place) != 0)
        fine = fail(whole);
    if (whole->made[0] && !(fine && keep))
        unlink(whole->made);
    return fine;
}
