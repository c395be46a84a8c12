/* ns index: making an index and adding to one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/json.h"

enum { INDEX_VERSION = 1 };

/* Set by Ctrl-C; the next progress call stops the writer, which leaves the last commit as it was.
 */
static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
}

typedef struct index_job {
    const cli_args *args;
    FILE *rejects; /* --rejects, or NULL */
    bool progress; /* draw the bar */
    bool drawn;    /* a bar stands on the current line of stderr */
    double started, last_drawn;
    uint64_t rejected, warnings;
} index_job;

static double now_s(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void clear_bar(index_job *job)
{
    if (job->drawn)
        fputs("\r\033[K", stderr);
    job->drawn = false;
}

static bool on_reject(void *payload, const ns_reject *reject)
{
    index_job *job = payload;
    clear_bar(job);
    const char *kind = reject->warning ? "warning: " : "";
    if (reject->line)
        fprintf(stderr, "ns: %s:%llu: %s%s\n", reject->file, (unsigned long long)reject->line, kind,
                reject->reason);
    else
        fprintf(stderr, "ns: %s: %s%s\n", reject->file, kind, reject->reason);
    if (reject->warning) {
        job->warnings++;
        return true;
    }
    job->rejected++;
    if (job->rejects && reject->text_length) {
        fwrite(reject->text, 1, reject->text_length, job->rejects);
        fputc('\n', job->rejects);
    }
    return !args_has(job->args, OPT_STRICT);
}

static void draw_bar(index_job *job, const ns_progress *progress, double seconds)
{
    enum { WIDTH = 24 };
    char bar[WIDTH + 1] = "";
    double part = 0;
    if (progress->input_total_bytes)
        part = (double)progress->input_bytes / (double)progress->input_total_bytes;
    if (part > 1)
        part = 1;
    memset(bar, '.', WIDTH);
    memset(bar, '#', (size_t)(part * WIDTH));
    bar[WIDTH] = 0;
    fprintf(stderr, "\r\033[K%-8s", progress->phase);
    if (progress->input_total_bytes)
        fprintf(stderr, " [%s] %3.0f %%", bar, part * 100);
    fprintf(stderr, "  %llu articles  %.1f MB/s", (unsigned long long)progress->articles,
            (double)progress->text_bytes / 1e6 / (seconds > 0 ? seconds : 1));
    if (part > 0.02 && part < 1)
        fprintf(stderr, "  %.0f s left", seconds / part * (1 - part));
    fflush(stderr);
    job->drawn = true;
}

static bool on_progress(void *payload, const ns_progress *progress)
{
    index_job *job = payload;
    double now = now_s();
    if (job->progress && now - job->last_drawn > 0.1) {
        draw_bar(job, progress, now - job->started);
        job->last_drawn = now;
    }
    return !interrupted;
}

static bool read_language(const cli_args *args, ns_analysis_settings *analysis)
{
    const char *code = args->value[OPT_LANGUAGE];
    if (code == NULL)
        return true;
    if (strlen(code) >= sizeof analysis->language) {
        complain("--language %s: give a code such as en, or auto, or none", code);
        return false;
    }
    strcpy(analysis->language, strcmp(code, "none") == 0 ? "" : code);
    return true;
}

/* Sets *given when an option that is fixed with the index was named. */
static bool read_settings(const cli_args *args, ns_index_settings *settings, bool *given)
{
    static const opt_id fixed[] = {OPT_LANGUAGE,
                                   OPT_PASSAGE_WORDS,
                                   OPT_ONE_PASSAGE,
                                   OPT_NO_STEMMING,
                                   OPT_KEEP_DIACRITICS,
                                   OPT_WHITESPACE,
                                   OPT_TITLE_WEIGHT,
                                   OPT_K1,
                                   OPT_B,
                                   OPT_STORE_LEVEL,
                                   OPT_BLOCK_POSTINGS,
                                   OPT_WINDOW_PASSAGES};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        *given = *given || args_has(args, fixed[i]);
    ns_index_settings_init(settings);
    size_t words = 0, weight = settings->title_weight, level = (size_t)settings->store_level,
           block = settings->block_postings, window = settings->window_passages;
    if (!read_language(args, &settings->analysis) ||
        !args_size(args, OPT_PASSAGE_WORDS, 255, &words) ||
        !args_size(args, OPT_TITLE_WEIGHT, 255, &weight) ||
        !args_double(args, OPT_K1, 0, 1000, &settings->k1) ||
        !args_double(args, OPT_B, 0, 1, &settings->b) ||
        !args_size(args, OPT_STORE_LEVEL, 12, &level) ||
        !args_size(args, OPT_BLOCK_POSTINGS, 256, &block) ||
        !args_size(args, OPT_WINDOW_PASSAGES, 1 << 20, &window))
        return false;
    settings->analysis.one_passage = args_has(args, OPT_ONE_PASSAGE);
    settings->analysis.no_stemming = args_has(args, OPT_NO_STEMMING);
    settings->analysis.keep_diacritics = args_has(args, OPT_KEEP_DIACRITICS);
    settings->analysis.whitespace = args_has(args, OPT_WHITESPACE);
    settings->analysis.passage_terms = (uint32_t)words;
    settings->title_weight = (uint32_t)weight;
    settings->store_level = (int)level;
    settings->block_postings = (uint32_t)block;
    settings->window_passages = (uint32_t)window;
    return true;
}

static void print_summary(const index_job *job, const char *directory,
                          const ns_commit_summary *summary)
{
    if (args_has(job->args, OPT_QUIET))
        return;
    if (args_has(job->args, OPT_JSON)) {
        json *out = json_begin();
        if (out == NULL)
            return;
        json_open(out, NULL);
        json_number(out, "version", INDEX_VERSION);
        json_text(out, "index", directory);
        json_number(out, "articles", summary->articles_added);
        json_number(out, "replaced", summary->articles_replaced);
        json_number(out, "rejected", summary->rejected);
        json_number(out, "warnings", summary->warnings);
        json_number(out, "replaced_utf8", summary->replaced_utf8);
        json_number(out, "passages", summary->passages);
        json_number(out, "terms", summary->terms);
        json_number(out, "tokens", summary->tokens);
        json_number(out, "text_bytes", summary->text_bytes);
        json_number(out, "index_bytes", summary->index_bytes);
        json_double(out, "seconds", summary->seconds, 6);
        json_close(out);
        json_end(out);
        return;
    }
    double seconds = summary->seconds > 0 ? summary->seconds : 1e-9;
    fprintf(stderr, "%s: %llu articles, %llu passages; %.1f MB of text in %.1f s (%.1f MB/s)\n",
            directory, (unsigned long long)summary->articles_added,
            (unsigned long long)summary->passages, (double)summary->text_bytes / 1e6, seconds,
            (double)summary->text_bytes / 1e6 / seconds);
    if (summary->articles_replaced)
        fprintf(stderr, "%llu articles replaced older ones with the same id\n",
                (unsigned long long)summary->articles_replaced);
    if (summary->replaced_utf8)
        fprintf(stderr, "%llu invalid UTF-8 sequences became U+FFFD\n",
                (unsigned long long)summary->replaced_utf8);
    if (job->rejected)
        fprintf(stderr, "%llu record%s could not be read; everything else was indexed\n",
                (unsigned long long)job->rejected, job->rejected == 1 ? "" : "s");
}

static int write_index(index_job *job, const char *directory, const ns_writer_options *options)
{
    const cli_args *args = job->args;
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_commit_summary summary = {0};
    ns_status status = ns_writer_open(directory, options, &writer, &err);
    if (status == NS_OK)
        status = ns_writer_add_paths(writer, args->words, args->word_count, &err);
    if (status == NS_OK)
        status = ns_writer_commit(writer, &summary, &err);
    ns_writer_close(writer);
    clear_bar(job);
    if (status == NS_ERR_CANCELLED && interrupted) {
        complain("interrupted; %s is as it was before", directory);
        return EXIT_INTERRUPTED;
    }
    if (status == NS_ERR_CANCELLED)
        return complain("stopped at the first record that could not be read (--strict); %s is as "
                        "it was before",
                        directory);
    if (status != NS_OK)
        return complain_error(&err);
    print_summary(job, directory, &summary);
    return job->rejected ? EXIT_NOTHING : EXIT_FOUND;
}

int run_index(const cli_args *args)
{
    index_job job = {.args = args, .started = now_s()};
    ns_writer_options options;
    ns_index_settings settings;
    bool given = false;
    size_t threads = 0;
    ns_writer_options_init(&options);
    if (args->word_count == 0)
        return complain("what should be indexed? For example: ns index articles.jsonl.gz; - reads "
                        "standard input");
    if (!read_settings(args, &settings, &given) ||
        !args_bytes(args, OPT_MEMORY, &options.memory_bytes) ||
        !args_bytes(args, OPT_MAX_RECORD, &options.max_record_bytes) ||
        !args_size(args, OPT_THREADS, 256, &threads))
        return EXIT_ERROR;
    const char *rejects = args->value[OPT_REJECTS];
    if (rejects && (job.rejects = fopen(rejects, "w")) == NULL)
        return complain("%s: cannot be written", rejects);
    char *directory = index_directory(args, true);
    if (directory == NULL) {
        if (job.rejects)
            fclose(job.rejects);
        return EXIT_ERROR;
    }
    job.progress = isatty(STDERR_FILENO) && !args_has(args, OPT_QUIET);
    options.threads = (unsigned)threads;
    options.settings = given ? &settings : NULL;
    options.fresh = args_has(args, OPT_FRESH);
    options.on_reject = on_reject;
    options.on_progress = on_progress;
    options.payload = &job;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    int status = write_index(&job, directory, &options);
    if (job.rejects && fclose(job.rejects) != 0)
        status = complain("%s: cannot be written", rejects);
    free(directory);
    return status;
}
