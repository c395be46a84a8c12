/* ns merge: one segment of many, without what was deleted. */
#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/report.h"
#include "cli/stop.h"

enum { MERGE_VERSION = 1 };

static bool on_progress(void *payload, const ns_progress *progress)
{
    report_progress(payload, progress);
    return !stop_requested();
}

static void print_summary(const cli_args *args, const ns_merge_summary *summary)
{
    if (args_has(args, OPT_JSON)) {
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
    } else if (!args_has(args, OPT_QUIET)) {
        char segments[COUNTED_BYTES], articles[COUNTED_BYTES], before[COUNTED_BYTES],
            after[COUNTED_BYTES];
        counted(segments, summary->segments, "segment");
        if (!summary->merged)
            fprintf(stderr, "nothing to merge: %s, nothing deleted\n", segments);
        else
            fprintf(stderr, "%s merged: %s, %llu deleted dropped; %s became %s in %.1f s\n",
                    segments, counted(articles, summary->articles, "article"),
                    (unsigned long long)summary->deleted_articles,
                    sized(before, summary->bytes_before), sized(after, summary->bytes_after),
                    summary->seconds);
    }
}

static int merge(const cli_args *args, cli_report *report, const char *directory,
                 const ns_writer_options *options)
{
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_merge_summary summary;
    ns_status status = ns_writer_open(directory, options, &writer, &err);
    if (status != NS_OK)
        return complain_index(&err, true);
    status = args_has(args, OPT_REORDER) ? ns_writer_reorder(writer, &summary, &err)
                                         : ns_writer_merge(writer, &summary, &err);
    ns_writer_close(writer);
    report_clear(report);
    if (status == NS_ERR_CANCELLED) {
        complain("interrupted; %s is as it was before", directory);
        return EXIT_INTERRUPTED;
    }
    if (status != NS_OK)
        return complain_commit(&err, directory);
    print_summary(args, &summary);
    return EXIT_FOUND;
}

int run_merge(const cli_args *args)
{
    cli_report report = {0};
    ns_writer_options options;
    ns_writer_options_init(&options);
    if (args->word_count > 0)
        return complain("ns merge takes no arguments; name the index with --index DIR");
    size_t threads = 0;
    if (!args_bytes(args, OPT_MEMORY, &options.memory_bytes) ||
        !args_size(args, OPT_THREADS, 256, &threads))
        return EXIT_ERROR;
    options.threads = (unsigned)threads;
    heap_suit(options.memory_bytes);
    char *directory = index_directory(args, true);
    if (directory == NULL)
        return EXIT_ERROR;
    report_begin(&report, args);
    options.must_exist = true;
    options.on_progress = on_progress;
    options.payload = &report;
    stop_on_signals();
    int status = merge(args, &report, directory, &options);
    free(directory);
    return status;
}
