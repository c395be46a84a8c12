/* Reading a small file of lines. */
#include "cli/lines.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"

static bool read_all(cli_lines *out, FILE *file)
{
    size_t room = 0;
    for (;;) {
        if (room - out->length < 2) {
            room = room ? 2 * room : 65536;
            char *grown = room > out->length ? realloc(out->text, room) : NULL;
            if (grown == NULL) {
                complain("out of memory");
                return false;
            }
            out->text = grown;
        }
        size_t got = fread(out->text + out->length, 1, room - out->length - 1, file);
        if (got == 0)
            return true;
        out->length += got;
    }
}

bool lines_read(cli_lines *out, const char *path, const char *option, const char *wanted)
{
    *out = (cli_lines){0};
    bool standard = strcmp(path, "-") == 0;
    FILE *file = standard ? stdin : fopen(path, "rbe");
    if (file == NULL) {
        complain("%s: cannot be opened: %s; %s wants a file of %s", path, strerror(errno), option,
                 wanted);
        return false;
    }
    bool fine = read_all(out, file);
    if (fine && ferror(file)) {
        complain("%s: cannot be read; %s wants a file of %s", path, option, wanted);
        fine = false;
    }
    if (!standard)
        fclose(file);
    static const char mark[] = "\xef\xbb\xbf"; /* of byte order: no part of the first field */
    if (out->length >= 3 && memcmp(out->text, mark, 3) == 0)
        out->at = 3;
    return fine;
}

bool lines_next(cli_lines *lines, char **start, char **end)
{
    if (lines->at == lines->length)
        return false;
    *start = lines->text + lines->at;
    char *line_end = memchr(*start, '\n', lines->length - lines->at);
    lines->at = line_end ? (size_t)(line_end - lines->text) + 1 : lines->length;
    *end = line_end ? line_end : lines->text + lines->length;
    if (*end > *start && (*end)[-1] == '\r')
        --*end;
    lines->number++;
    return true;
}
