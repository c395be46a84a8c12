/* Reading files of queries. */
#include "cli/queries.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lines.h"

bool queries_add(cli_queries *queries, cli_query query)
{
    size_t count = queries->count;
    if ((count & (count + 1)) == 0) { /* room is there up to the next power of two, less one */
        cli_query *grown = realloc(queries->list, 2 * (count + 1) * sizeof *grown);
        if (grown == NULL) {
            complain("out of memory");
            return false;
        }
        queries->list = grown;
    }
    queries->list[queries->count++] = query;
    return true;
}

/* A line that is neither blank nor a comment. */
static bool add_line(cli_queries *queries, char *line, char *end, size_t number)
{
    size_t length = (size_t)(end - line);
    char *tab = memchr(line, '\t', length);
    const char *wrong = NULL;
    if (tab == NULL)
        wrong = "there is no tab; a line is a %s, a tab and a query";
    else if (tab == line)
        wrong = "there is no %s before the tab";
    else if (tab + 1 == end && !queries->may_be_empty)
        wrong = "there is no query behind the tab";
    else if (memchr(tab + 1, '\t', (size_t)(end - tab - 1)))
        wrong = "there is a second tab; a line is a %s, a tab and a query";
    else if (memchr(line, 0, length))
        wrong = "there is a NUL byte";
    if (wrong) {
        const char *name = strstr(wrong, "%s");
        complain("%s:%zu: %.*s%s%s", queries->file, number,
                 (int)(name ? name - wrong : (ptrdiff_t)strlen(wrong)), wrong,
                 name ? queries->key_name : "", name ? name + 2 : "");
        return false;
    }
    *tab = 0;
    *end = 0;
    return queries_add(queries, (cli_query){.key = line,
                                            .text = tab + 1,
                                            .length = (size_t)(end - tab - 1),
                                            .line = number});
}

static bool is_blank(const char *line, const char *end)
{
    while (line < end && (*line == ' ' || *line == '\t'))
        line++;
    return line == end;
}

bool queries_read(cli_queries *queries, const char *option)
{
    char wanted[64] = "lines: ";
    strncat(wanted, queries->key_name, 20);
    strcat(wanted, ", tab, query");
    cli_lines lines;
    bool fine = lines_read(&lines, queries->file, option, wanted);
    for (char *at, *end; fine && lines_next(&lines, &at, &end);)
        if (!is_blank(at, end) && *at != '#')
            fine = add_line(queries, at, end, lines.number);
    queries->text = lines.text;
    if (fine && queries->count == 0) {
        complain("%s: holds no queries; a line is a %s, a tab and a query", queries->file,
                 queries->key_name);
        return false;
    }
    return fine;
}

void queries_release(cli_queries *queries)
{
    free(queries->list);
    free(queries->text);
    queries->list = NULL;
    queries->text = NULL;
}
