/* Reports of the writing commands. */
#include "cli/report.h"

#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "cli/term.h"

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

const char *counted(char text[COUNTED_BYTES], uint64_t number, const char *noun)
{
    snprintf(text, COUNTED_BYTES, "%llu %s%s", (unsigned long long)number, noun,
             number == 1 ? "" : "s");
    return text;
}

const char *sized(char text[COUNTED_BYTES], uint64_t bytes)
{
    if (bytes < 1000)
        snprintf(text, COUNTED_BYTES, "%llu byte%s", (unsigned long long)bytes,
                 bytes == 1 ? "" : "s");
    else if (bytes < 1000000)
        snprintf(text, COUNTED_BYTES, "%.1f kB", (double)bytes / 1e3);
    else
        snprintf(text, COUNTED_BYTES, "%.1f MB", (double)bytes / 1e6);
    return text;
}

void report_begin(cli_report *report, const cli_args *args)
{
    report->started = now_s();
    report->bar = isatty(STDERR_FILENO) && !args_has(args, OPT_QUIET);
}

void report_clear(cli_report *report)
{
    if (report->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr); /* what comes next may go to standard output */
    }
    report->drawn = false;
}

/* ---- Refused records ---- */

/* Returns how often the cause was counted by now. */
static uint64_t count_cause(report_causes_list *list, const char *reason)
{
    size_t length = strcspn(reason, ":");
    if (length >= REPORT_CAUSE_BYTES)
        length = REPORT_CAUSE_BYTES - 1;
    report_cause *cause = list->items, *end = cause + list->count;
    while (cause < end && (strncmp(cause->text, reason, length) != 0 || cause->text[length] != 0))
        cause++;
    if (cause == end && list->count < REPORT_CAUSES) {
        list->count++;
        memcpy(cause->text, reason, length);
        cause->text[length] = 0;
    } else if (cause == end) {
        strcpy((--cause)->text, "other causes");
    }
    return ++cause->count;
}

static void tell(cli_report *report, const ns_reject *reject)
{
    report_clear(report);
    char line[32] = "";
    if (reject->line)
        snprintf(line, sizeof line, ":%llu", (unsigned long long)reject->line);
    complain("%s%s: %s%s", reject->file, line, reject->warning ? "warning: " : "", reject->reason);
}

/* An archive whose records all have the same flaw must not fill the terminal. */
static void take_warning(cli_report *report, const ns_reject *reject)
{
    const uint64_t count = count_cause(&report->kinds, reject->reason);
    report->warnings++;
    if (count <= REPORT_WARNINGS || report->rejects != NULL) {
        tell(report, reject);
        return;
    }
    report->silent++;
    if (count > REPORT_WARNINGS + 1)
        return;
    report_clear(report);
    complain("more warnings like this one are counted, not shown; --rejects FILE shows all");
}

void report_reject(cli_report *report, const ns_reject *reject)
{
    if (reject->warning) {
        take_warning(report, reject);
        return;
    }
    tell(report, reject);
    report->rejected++;
    report->files = report->files || reject->text_length == 0;
    count_cause(&report->causes, reject->reason);
    if (report->rejects && reject->text_length) {
        fwrite(reject->text, 1, reject->text_length, report->rejects);
        fputc('\n', report->rejects);
    }
}

static void print_causes(const report_causes_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        fprintf(stderr, "%8llu  ", (unsigned long long)list->items[i].count);
        term_message(list->items[i].text, strlen(list->items[i].text));
        fputc('\n', stderr);
    }
}

void report_causes(const cli_report *report, bool any_indexed)
{
    if (report->rejected == 0)
        return;
    char text[COUNTED_BYTES];
    counted(text, report->rejected, "record");
    fprintf(stderr, "%s%s could not be read; %s was indexed:\n", text,
            !report->files          ? ""
            : report->rejected == 1 ? " or file"
                                    : " or files",
            any_indexed ? "everything else" : "nothing");
    print_causes(&report->causes);
}

void report_warnings(const cli_report *report)
{
    char text[COUNTED_BYTES];
    if (report->warnings == 0)
        return;
    fputs(counted(text, report->warnings, "warning"), stderr);
    if (report->silent > 0)
        fprintf(stderr, ", %llu of them not shown", (unsigned long long)report->silent);
    fputs(":\n", stderr);
    print_causes(&report->kinds);
}

static void causes_json(const report_causes_list *list, const char *key, json *out)
{
    json_open_array(out, key);
    for (size_t i = 0; i < list->count; i++) {
        json_open(out, NULL);
        json_text(out, "cause", list->items[i].text);
        json_number(out, "records", list->items[i].count);
        json_close(out);
    }
    json_close_array(out);
}

void report_causes_json(const cli_report *report, json *out)
{
    causes_json(&report->causes, "causes", out);
    causes_json(&report->kinds, "warned", out);
}

/* ---- Progress ---- */

static size_t stderr_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

/* "12 s", "3:07" or "1:02:45". */
static void put_seconds(char *text, size_t room, double seconds)
{
    unsigned long long whole = (unsigned long long)(seconds + 0.5);
    if (whole < 60)
        snprintf(text, room, "%llu s", whole);
    else if (whole < 3600)
        snprintf(text, room, "%llu:%02llu", whole / 60, whole % 60);
    else
        snprintf(text, room, "%llu:%02llu:%02llu", whole / 3600, whole / 60 % 60, whole % 60);
}

/* One line that never wraps: where it is too narrow, what comes last is left out, the bar first. */
static void draw(const ns_progress *progress, double seconds)
{
    enum { BAR = 20 };
    size_t columns = stderr_columns();
    char bar[2 * BAR + 8] = "", percent[8] = "", articles[COUNTED_BYTES + 2] = "", rate[32] = "";
    char left[64] = "", number[COUNTED_BYTES];
    double part = -1;
    if (progress->input_total_bytes) {
        part = (double)progress->input_bytes / (double)progress->input_total_bytes;
        part = part > 1 ? 1 : part;
        snprintf(percent, sizeof percent, " %3.0f %%", part * 100);
        size_t full = (size_t)(part * BAR);
        snprintf(bar, sizeof bar, " [%.*s%.*s]", (int)full, "####################",
                 (int)(BAR - full), "....................");
    }
    if (progress->articles)
        snprintf(articles, sizeof articles, "  %s", counted(number, progress->articles, "article"));
    if (progress->text_bytes && seconds > 0)
        snprintf(rate, sizeof rate, "  %.1f MB/s", (double)progress->text_bytes / 1e6 / seconds);
    if (part > 0.02 && part < 1) {
        char time[32];
        put_seconds(time, sizeof time, seconds / part * (1 - part));
        snprintf(left, sizeof left, "  %s left", time);
    }
    char line[256];
    const char *const parts[] = {bar, percent, articles, rate, left};
    size_t length = (size_t)snprintf(line, sizeof line, "%.20s", progress->phase);
    size_t needed = length;
    for (size_t i = 0; i < 5; i++)
        needed += strlen(parts[i]);
    for (size_t i = needed < columns ? 0 : 1; i < 5; i++)
        if (length + strlen(parts[i]) < columns && length + strlen(parts[i]) < sizeof line) {
            strcpy(line + length, parts[i]);
            length += strlen(parts[i]);
        }
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
}

void report_progress(cli_report *report, const ns_progress *progress)
{
    double now = now_s();
    const bool news = progress->articles > 0 && !report->told; /* the first there are, at once */
    if (!report->bar || (now - report->last_drawn < 0.1 && !news))
        return;
    report->told |= news;
    draw(progress, now - report->started);
    report->last_drawn = now;
    report->drawn = true;
}
