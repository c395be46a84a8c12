/* ns index: making an index and adding to one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"
#include "cli/rejects.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "cli/term.h"

enum { INDEX_VERSION = 1, ZLIB_BLOCK_BYTES = 32768 };

typedef struct index_job {
    const cli_args *args;
    cli_report report;
    unsigned threads;        /* asked for; 0: as many as there are processors */
    uint64_t articles;       /* read so far */
    ns_merge_summary merged; /* small segments after the commit, … */
    ns_error unmerged;       /* … or why that failed */
} index_job;

static bool on_reject(void *payload, const ns_reject *reject)
{
    index_job *job = payload;
    report_reject(&job->report, reject);
    return reject->warning || !args_has(job->args, OPT_STRICT);
}

static bool on_progress(void *payload, const ns_progress *progress)
{
    index_job *job = payload;
    job->articles = progress->articles;
    report_progress(&job->report, progress);
    return !stop_requested();
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
                                   OPT_NO_TEXT,
                                   OPT_EXACT,
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
    if (level > 0)
        settings->store_block_bytes = ZLIB_BLOCK_BYTES;
    settings->no_text = args_has(args, OPT_NO_TEXT);
    settings->exact = args_has(args, OPT_EXACT);
    settings->block_postings = (uint32_t)block;
    settings->window_passages = (uint32_t)window;
    return true;
}

static void print_json(const index_job *job, const char *directory,
                       const ns_commit_summary *summary)
{
    json *out = json_begin();
    if (out == NULL)
        return;
    json_open(out, NULL);
    json_number(out, "version", INDEX_VERSION);
    json_text(out, "index", directory);
    json_number(out, "articles", summary->articles_added);
    json_number(out, "replaced", summary->articles_replaced);
    json_number(out, "rejected", summary->rejected);
    json_number(out, "passed_over", summary->passed_over);
    json_number(out, "warnings", summary->warnings);
    json_number(out, "replaced_utf8", summary->replaced_utf8);
    json_number(out, "passages", summary->passages);
    json_number(out, "terms", summary->terms);
    json_number(out, "tokens", summary->tokens);
    json_number(out, "text_bytes", summary->text_bytes);
    json_number(out, "index_bytes", summary->index_bytes);
    json_number(out, "merged_segments", job->merged.merged ? job->merged.segments : 0);
    json_double(out, "merge_seconds", job->merged.seconds, 6);
    json_number(out, "threads", summary->threads);
    json_double(out, "seconds", summary->seconds, 6);
    report_causes_json(&job->report, out);
    json_close(out);
    json_end(out);
}

static void print_text(const index_job *job, const char *directory,
                       const ns_commit_summary *summary)
{
    char articles[COUNTED_BYTES], passages[COUNTED_BYTES], text[COUNTED_BYTES];
    term_message(directory, strlen(directory));
    fprintf(stderr, ": %s, %s; %s of text in %.1f s",
            counted(articles, summary->articles_added, "article"),
            counted(passages, summary->passages, "passage"), sized(text, summary->text_bytes),
            summary->seconds);
    if (summary->seconds >= 0.1)
        fprintf(stderr, " (%.1f MB/s)", (double)summary->text_bytes / 1e6 / summary->seconds);
    fputc('\n', stderr);
    if (summary->articles_replaced)
        fprintf(stderr, "%s replaced by newer ones with the same id\n",
                counted(articles, summary->articles_replaced, "article"));
    if (summary->replaced_utf8)
        fprintf(stderr, "%s became U+FFFD\n",
                counted(text, summary->replaced_utf8, "invalid UTF-8 sequence"));
    if (summary->passed_over)
        fprintf(stderr, "%llu passed over in folders: files of other kinds, link loops, indexes\n",
                (unsigned long long)summary->passed_over);
    if (summary->threads && summary->threads < job->threads)
        fprintf(stderr, "%u of %u threads worked: more --memory has room for more, 32 MB each\n",
                summary->threads, job->threads);
    if (job->merged.merged)
        fprintf(stderr, "%s became one in %.1f s\n",
                counted(text, job->merged.segments, "small segment"), job->merged.seconds);
    report_warnings(&job->report);
    report_causes(&job->report, summary->articles_added > 0);
    if (summary->articles_added == 0 && summary->rejected == 0)
        complain("no articles in %s%s; ns help index tells what is read", job->args->words[0],
                 job->args->word_count > 1 ? " and what else was named" : "");
}

/* Whether a commit would put nothing in the place of articles, or of what may be such: a folder
 * that is not mounted tonight must not cost the archive. */
static bool would_empty(const index_job *job, const char *directory)
{
    ns_index *old = NULL;
    ns_index_stats stats = {.articles = 1};
    if (!args_has(job->args, OPT_FRESH) || job->articles > 0 || !ns_index_exists(directory))
        return false;
    if (ns_index_open(directory, &old, NULL) == NS_OK)
        ns_index_get_stats(old, &stats);
    ns_index_close(old);
    return stats.articles > 0;
}

static int refuse_to_empty(const index_job *job, const char *directory)
{
    if (!args_has(job->args, OPT_QUIET))
        report_causes(&job->report, false);
    return complain("no articles in %s%s: %s is as it was before; see whether that is what you "
                    "meant and can be read, or remove the index by hand (rm -r) if it shall go",
                    job->args->words[0],
                    job->args->word_count > 1 ? " and what else was named" : "", directory);
}

/* The articles are committed: whatever happens here does not take them away again. */
static void merge_small(index_job *job, ns_writer *writer, ns_commit_summary *summary)
{
    ns_error *err = &job->unmerged;
    if (args_has(job->args, OPT_NO_MERGE))
        return;
    if (ns_writer_merge_small(writer, &job->merged, err) != NS_OK)
        job->merged.merged = false;
    else if (job->merged.merged)
        summary->index_bytes = job->merged.bytes_after;
}

static void complain_unmerged(const ns_error *err)
{
    if (err->status == NS_OK)
        return;
    complain("what was added is in the index; its small segments could not be merged: %s%s%s; %s",
             err->file, err->file[0] ? ": " : "",
             err->status == NS_ERR_CANCELLED ? "interrupted" : err->message,
             err->status == NS_ERR_CORRUPT ? "ns check tells more"
                                           : "the next ns index tries again");
}

static int write_index(index_job *job, const char *directory, const ns_writer_options *options)
{
    const cli_args *args = job->args;
    ns_error err = {0};
    ns_writer *writer = NULL;
    ns_commit_summary summary = {0};
    ns_status status = ns_writer_open(directory, options, &writer, &err);
    if (status != NS_OK)
        return complain_index(&err, true);
    rejects_clear(job->report.rejects);
    status = ns_writer_add_paths(writer, args->words, args->word_count, &err);
    const bool refused = status == NS_OK && would_empty(job, directory);
    if (status == NS_OK && !refused)
        status = ns_writer_commit(writer, &summary, &err);
    if (status == NS_OK && !refused)
        merge_small(job, writer, &summary);
    ns_writer_close(writer);
    report_clear(&job->report);
    if (refused)
        return refuse_to_empty(job, directory);
    if (status == NS_ERR_CANCELLED && stop_requested()) {
        complain("interrupted; %s is as it was before", directory);
        return EXIT_INTERRUPTED;
    }
    if (status == NS_ERR_CANCELLED)
        return complain("stopped at the first record that could not be read (--strict); %s is as "
                        "it was before",
                        directory);
    if (status != NS_OK)
        return complain_commit(&err, directory);
    if (args_has(args, OPT_JSON) && !args_has(args, OPT_QUIET))
        print_json(job, directory, &summary);
    else if (!args_has(args, OPT_QUIET))
        print_text(job, directory, &summary);
    complain_unmerged(&job->unmerged);
    return job->report.rejected ? EXIT_NOTHING : EXIT_FOUND;
}

int run_index(const cli_args *args)
{
    index_job job = {.args = args};
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
    heap_suit(options.memory_bytes);
    if (!rejects_open(args, &job.report.rejects))
        return EXIT_ERROR;
    char *directory = index_directory(args, true);
    if (directory == NULL) {
        if (job.report.rejects)
            fclose(job.report.rejects);
        return EXIT_ERROR;
    }
    report_begin(&job.report, args);
    job.threads = options.threads = (unsigned)threads;
    options.settings = given ? &settings : NULL;
    options.fresh = args_has(args, OPT_FRESH);
    options.on_reject = on_reject;
    options.on_progress = on_progress;
    options.payload = &job;
    stop_on_signals();
    int status = write_index(&job, directory, &options);
    bool unwritten = job.report.rejects && ferror(job.report.rejects);
    if (job.report.rejects && (fclose(job.report.rejects) != 0 || unwritten))
        status = complain("%s: cannot be written", args->value[OPT_REJECTS]);
    free(directory);
    return status;
}
