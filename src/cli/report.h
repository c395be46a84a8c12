/* What ns index and ns merge say on standard error while they work: refused records and warnings as
 * they come, a bar on a terminal, and in the end how many were refused for which cause. */
#ifndef NS_CLI_REPORT_H
#define NS_CLI_REPORT_H

#include <stdio.h>

#include "cli/cli.h"
#include "cli/json.h"

enum { REPORT_CAUSES = 32, REPORT_CAUSE_BYTES = 80, REPORT_WARNINGS = 10 };

/* Records refused, or warned of, for one cause: the reason up to its first colon. */
typedef struct report_cause {
    char text[REPORT_CAUSE_BYTES];
    uint64_t count;
} report_cause;

typedef struct report_causes_list {
    size_t count; /* what comes after REPORT_CAUSES different ones is counted with the last */
    report_cause items[REPORT_CAUSES];
} report_causes_list;

/* Zero-initialise, then report_begin. */
typedef struct cli_report {
    bool bar;   /* draw one: standard error is a terminal and --quiet was not given */
    bool drawn; /* one stands on the current line */
    double started, last_drawn;
    bool told;     /* articles were told of */
    FILE *rejects; /* keeps the text of refused records, or NULL; the caller's */
    uint64_t rejected;
    bool files; /* what was refused may be a file: nothing of its text is known */
    report_causes_list causes;
    uint64_t warnings, silent; /* of these only counted, as they are more than REPORT_WARNINGS of
                                  their kind; with a file of refused records none */
    report_causes_list kinds;  /* of warnings */
} cli_report;

void report_begin(cli_report *report, const cli_args *args);
/* Takes the bar away; before anything else is printed. */
void report_clear(cli_report *report);
void report_reject(cli_report *report, const ns_reject *reject);
void report_progress(cli_report *report, const ns_progress *progress);
/* "3 records could not be read; …" and how many for which cause, when there were any. */
void report_causes(const cli_report *report, bool any_indexed);
/* "40 warnings: …" and how many of which kind, when there were any. */
void report_warnings(const cli_report *report);
void report_causes_json(const cli_report *report, json *out);

/* "1 article", "2 articles": a number and its noun into text[]. Returns text. */
enum { COUNTED_BYTES = 64 };
const char *counted(char text[COUNTED_BYTES], uint64_t number, const char *noun);
/* "512 bytes", "1.2 kB", "3.4 MB" into text[]. Returns text. */
const char *sized(char text[COUNTED_BYTES], uint64_t bytes);

#endif
