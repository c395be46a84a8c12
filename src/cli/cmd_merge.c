/* ns merge: one segment of many, without what was deleted. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"

enum { MERGE_VERSION = 1 };

/* Set by Ctrl-C; the next progress call stops the merge, which leaves the index as it was. */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

typedef struct merge_job {
    const cli_args *args;
    bool progress; /* stderr is a terminal */
    unsigned percent;
} merge_job;

static bool on_progress(void *payload, const ns_progress *progress)
{
    merge_job *job = payload;
    unsigned percent = job->percent;
    if (progress->input_total_bytes > 0)
        percent = (unsigned)(progress->input_bytes * 100 / progress->input_total_bytes);
    percent = percent > 100 ? 100 : percent; /* the bytes of the lists are estimates */
    if (job->progress && percent != job->percent)
        fprintf(stderr, "\r\033[Kmerging  %u %%", percent);
    job->percent = percent;
    return !interrupted;
}

static void print_summary(const merge_job *job, const ns_merge_summary *summary)
{
    if (args_has(job->args, OPT_JSON)) {
        json *out = json_begin();
        if (out == NULL)
            return;
        json_open(out, NULL);
        json_number(out, "version", MERGE_VERSION);
        json_bool(out, "merged", summary->merged);
        json_number(out, "segments", summary->segments);
        json_number(out, "articles", summary->articles);
        json_number(out, "deleted_articles", summary->deleted_articles);
        json_number(out, "text_bytes", summary->text_bytes);
        json_number(out, "bytes_before", summary->bytes_before);
        json_number(out, "bytes_after", summary->bytes_after);
        json_double(out, "seconds", summary->seconds, 6);
        json_close(out);
        json_end(out);
    } else if (!args_has(job->args, OPT_QUIET) && !summary->merged) {
        fprintf(stderr, "nothing to merge: %llu segment%s, nothing deleted\n",
                (unsigned long long)summary->segments, summary->segments == 1 ? "" : "s");
    } else if (!args_has(job->args, OPT_QUIET)) {
        double seconds = summary->seconds > 0 ? summary->seconds : 1e-9;
        fprintf(stderr,
                "%llu segment%s merged: %llu articles, %llu deleted ones dropped; %.1f MB are now "
                "%.1f MB; %.1f MB of text in %.1f s (%.1f MB/s)\n",
                (unsigned long long)summary->segments, summary->segments == 1 ? "" : "s",
                (unsigned long long)summary->articles,
                (unsigned long long)summary->deleted_articles, (double)summary->bytes_before / 1e6,
                (double)summary->bytes_after / 1e6, (double)summary->text_bytes / 1e6, seconds,
                (double)summary->text_bytes / 1e6 / seconds);
    }
}

static int merge(merge_job *job, const char *directory, const ns_writer_options *options)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_merge_summary summary;
    ns_status status = ns_writer_open(directory, options, &writer, &err);
    if (status == NS_OK)
        status = ns_writer_merge(writer, &summary, &err);
    ns_writer_close(writer);
    if (job->progress)
        fputs("\r\033[K", stderr);
    if (status == NS_ERR_CANCELLED) {
        complain("interrupted; %s is as it was before", directory);
        return EXIT_INTERRUPTED;
    }
    if (status != NS_OK)
        return complain_error(&err);
    print_summary(job, &summary);
    return EXIT_FOUND;
}

int run_merge(const cli_args *args)
{
    merge_job job = {.args = args};
    ns_writer_options options;
    ns_writer_options_init(&options);
    if (args->word_count > 0)
        return complain("ns merge takes no arguments; name the index with --index DIR");
    if (!args_bytes(args, OPT_MEMORY, &options.memory_bytes))
        return EXIT_ERROR;
    char *directory = index_directory(args, true);
    if (directory == NULL)
        return EXIT_ERROR;
    job.progress = isatty(STDERR_FILENO) && !args_has(args, OPT_QUIET);
    options.must_exist = true;
    options.on_progress = on_progress;
    options.payload = &job;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    int status = merge(&job, directory, &options);
    free(directory);
    return status;
}
