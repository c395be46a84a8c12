/* ns eval: how good the ranking is, by topics and what people judged relevant to them.
 *
 * Topics are searched for one after the other; what was found for one is measured, written to the
 * run if one is wanted, and forgotten. Or the hits come from a run that somebody made. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/eval.h"
#include "cli/json.h"
#include "cli/queries.h"
#include "cli/stop.h"
#include "cli/term.h"
#include "cli/whole.h"

enum { JSON_VERSION = 1, DEFAULT_DEPTH = 1000, MOST_DEPTH = 100000 };

typedef struct eval {
    cli_queries topics;
    eval_qrels qrels;
    ns_search_options options;
    cli_whole run; /* without a file: none wanted */
    const char *run_path;
    bool per_topic;
    bool syntax; /* topics are queries; else words */
    bool feedback;
    size_t depth;  /* hits of a topic that count */
    bool wordless; /* the topic asked last has nothing to look for */
    json *json;    /* NULL: lines */
    eval_values sum;
    size_t not_judged; /* topics that were left out */
} eval;

/* ---- Output ---- */

/* What stands before the value in a line. */
static void print_name(const char *name, const char *topic)
{
    static const cli_term plain = {0};
    printf("%-22s\t", name);
    term_print(&plain, topic, strlen(topic), STYLE_PLAIN, false);
    putchar('\t');
}

static void print_count(const char *name, const char *topic, size_t value)
{
    print_name(name, topic);
    printf("%zu\n", value);
}

static void print_lines(const char *topic, const eval_values *values, bool mean)
{
    if (mean)
        print_count("num_q", topic, values->topics);
    print_count("num_ret", topic, values->retrieved);
    print_count("num_rel", topic, values->judged_relevant);
    print_count("num_rel_ret", topic, values->retrieved_relevant);
    for (int m = 0; m < EVAL_MEASURES; m++) {
        print_name(eval_names[m], topic);
        printf("%.4f\n", values->values[m]);
    }
}

static void print_json_values(json *out, const eval_values *values)
{
    json_number(out, "num_ret", values->retrieved);
    json_number(out, "num_rel", values->judged_relevant);
    json_number(out, "num_rel_ret", values->retrieved_relevant);
    for (int m = 0; m < EVAL_MEASURES; m++)
        json_double(out, eval_names[m], values->values[m], 9);
}

static void print_topic(eval *e, eval_word topic, const eval_values *values)
{
    if (!e->per_topic)
        return;
    if (e->json == NULL) {
        print_lines(topic.text, values, false);
        return;
    }
    json_open(e->json, NULL);
    json_string(e->json, "topic", topic.text, topic.length);
    print_json_values(e->json, values);
    json_close(e->json);
}

static bool begin_output(eval *e, bool wants_json)
{
    if (!wants_json)
        return true;
    e->json = json_begin();
    if (e->json == NULL)
        return false;
    json_open(e->json, NULL);
    json_number(e->json, "version", JSON_VERSION);
    if (e->per_topic)
        json_open_array(e->json, "topics");
    return true;
}

static void end_output(eval *e)
{
    eval_values_finish(&e->sum);
    if (e->json == NULL) {
        print_lines("all", &e->sum, true);
        return;
    }
    if (e->per_topic)
        json_close_array(e->json);
    json_open(e->json, "all");
    json_number(e->json, "num_q", e->sum.topics);
    print_json_values(e->json, &e->sum);
    json_close(e->json);
    json_close(e->json);
}

/* ---- One topic ---- */

/* The judgments of a topic: list[*first], *count of them. */
static void judgments_of(const eval_qrels *qrels, eval_word topic, size_t *first, size_t *count)
{
    size_t low = 0, high = qrels->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (eval_word_compare(qrels->list[middle].topic, topic) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *first = low;
    while (low < qrels->count && eval_word_compare(qrels->list[low].topic, topic) == 0)
        low++;
    *count = low - *first;
}

/* Measures the hits of a topic, which it sorts. */
static bool take_topic(eval *e, eval_word topic, eval_hit *hits, size_t hit_count)
{
    size_t first, count;
    judgments_of(&e->qrels, topic, &first, &count);
    if (count == 0) {
        e->not_judged++;
        return true;
    }
    eval_run_sort(hits, hit_count);
    eval_values values;
    hit_count = hit_count < e->depth ? hit_count : e->depth;
    if (!eval_measure(e->qrels.list + first, count, hits, hit_count, &values)) {
        complain("out of memory");
        return false;
    }
    eval_values_add(&e->sum, &values);
    print_topic(e, topic, &values);
    return true;
}

/* ---- Searching ---- */

/* Lines of a run, best first as ns ranks them. */
static bool write_run(eval *e, const cli_query *topic, const eval_hit *hits, size_t count)
{
    for (size_t i = 0; e->run.file && i < count; i++) {
        if (strcspn(hits[i].id.text, " \t\r\n\v\f") != hits[i].id.length) {
            complain("%s: the id \"%s\" has white space or NUL in it, which a run cannot hold",
                     e->run_path, hits[i].id.text);
            return false;
        }
        fprintf(e->run.file, "%s Q0 %s %zu %.9g ns\n", topic->key, hits[i].id.text, i + 1,
                (double)hits[i].score);
    }
    return e->run.file == NULL || whole_flush(&e->run);
}

/* What was found for a topic. */
typedef struct found {
    eval_hit *hits;
    char **ids; /* what the hits point to */
    size_t count;
} found;

static bool fetch_hit(const ns_index *index, const ns_results *results, size_t i, found *out)
{
    char id[NS_ID_ROOM];
    size_t length;
    ns_error err = {0};
    ns_result result = ns_results_get(results, i);
    if (ns_article_id_at(index, result.article, id, &length, &err) != NS_OK) {
        complain_error(&err);
        return false;
    }
    char *copy = out->ids[i] = malloc(length + 1);
    if (copy == NULL) {
        complain("out of memory");
        return false;
    }
    memcpy(copy, id, length + 1);
    out->hits[i].id = (eval_word){copy, length};
    out->hits[i].score = result.score;
    return true;
}

static bool found_fetch(const ns_index *index, const ns_results *results, eval_word topic,
                        found *out)
{
    out->count = ns_results_count(results);
    out->hits = calloc(out->count + 1, sizeof *out->hits);
    out->ids = calloc(out->count + 1, sizeof *out->ids);
    if (out->hits == NULL || out->ids == NULL) {
        complain("out of memory");
        return false;
    }
    for (size_t i = 0; i < out->count; i++) {
        out->hits[i].topic = topic;
        if (!fetch_hit(index, results, i, out))
            return false;
    }
    return true;
}

static void found_release(found *out)
{
    for (size_t i = 0; out->ids && i < out->count; i++)
        free(out->ids[i]);
    free(out->ids);
    free(out->hits);
}

/* Puts the query that feedback makes in the place of one. */
static ns_status widen(const eval *e, const ns_index *index, ns_query **query, ns_error *err)
{
    ns_query *wider = NULL;
    if (!e->feedback)
        return NS_OK;
    ns_status status = ns_query_feedback(index, *query, &e->options, 0, 0, &wider, err);
    if (status == NS_OK) {
        ns_query_free(*query);
        *query = wider;
    }
    return status;
}

/* What of a topic was read other than written. */
static void tell_notes(const eval *e, const cli_query *topic, const ns_query *query)
{
    for (size_t i = 0; i < ns_query_note_count(query); i++)
        complain("%s:%zu: note: %s", e->topics.file, topic->line,
                 ns_query_note_get(query, i).message);
}

static ns_status find_words(eval *e, const ns_query *query, ns_error *err)
{
    char *line = NULL;
    ns_status status = ns_query_describe(query, NS_QUERY_LINE, &line, err);
    e->wordless = status == NS_OK && line[0] == 0;
    ns_query_description_free(line);
    return status;
}

/* Searches for the first `length` bytes of a topic. */
static ns_status ask(eval *e, const ns_index *index, const cli_query *topic, size_t length,
                     ns_results **results, ns_error *err)
{
    ns_query *query = NULL;
    ns_query_options reading;
    ns_query_options_init(&reading);
    reading.words = !e->syntax;
    ns_status status = ns_query_parse(topic->text, length, &reading, &query, err);
    if (status == NS_OK)
        tell_notes(e, topic, query);
    if (status == NS_OK)
        status = find_words(e, query, err);
    if (status == NS_OK)
        status = widen(e, index, &query, err);
    if (status == NS_OK)
        status = ns_search_query(index, query, &e->options, results, err);
    ns_query_free(query);
    return status;
}

/* A little less of a text, up to white space or at least a whole character. */
static size_t shorten(const char *text, size_t length)
{
    enum { LONGEST_WORD = 256 };
    size_t most = length - length / 16 - 1;
    for (size_t at = most; at > 0 && most - at < LONGEST_WORD; at--)
        if (text[at] == ' ')
            return at;
    while (most > 0 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* Of a topic with more words than a query may have, those that may; a query is not cut. */
static ns_status ask_what_fits(eval *e, const ns_index *index, const cli_query *topic,
                               ns_results **results, ns_error *err)
{
    size_t length = topic->length;
    ns_status status = ask(e, index, topic, length, results, err);
    while (status == NS_ERR_LIMIT && !e->syntax && length > 0) {
        length = shorten(topic->text, length);
        status = ask(e, index, topic, length, results, err);
    }
    if (status == NS_OK && length < topic->length)
        complain("%s:%zu: note: topic %s has more words than a query may have; searched for its "
                 "first %zu bytes of %zu",
                 e->topics.file, topic->line, topic->key, length, topic->length);
    if (status == NS_OK && e->wordless)
        complain("%s:%zu: note: topic %s has no words and finds nothing", e->topics.file,
                 topic->line, topic->key);
    return status;
}

static bool search_topic(eval *e, const ns_index *index, const cli_query *topic)
{
    ns_error err = {0};
    ns_results *results = NULL;
    if (ask_what_fits(e, index, topic, &results, &err) != NS_OK) {
        complain("%s:%zu: %s", e->topics.file, topic->line,
                 err.message[0] ? err.message : ns_status_name(err.status));
        return false;
    }
    eval_word key = {topic->key, strlen(topic->key)};
    found got = {0};
    bool fine = found_fetch(index, results, key, &got) &&
                write_run(e, topic, got.hits, got.count) && take_topic(e, key, got.hits, got.count);
    found_release(&got);
    ns_results_free(results);
    return fine;
}

/* Judgments and runs have fields between white space. */
static bool topics_are_fields(const cli_queries *topics)
{
    for (size_t i = 0; i < topics->count; i++) {
        const cli_query *topic = &topics->list[i];
        if (topic->key[strcspn(topic->key, " \r\v\f")] == 0)
            continue;
        complain("%s:%zu: the topic \"%s\" has white space in it, which judgments cannot name",
                 topics->file, topic->line, topic->key);
        return false;
    }
    return true;
}

/* A topic that stands twice would count twice. */
static int compare_topics(const void *a, const void *b)
{
    const cli_query *x = *(const cli_query *const *)a, *y = *(const cli_query *const *)b;
    int order = strcmp(x->key, y->key);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool topics_once(const cli_queries *topics)
{
    const cli_query **sorted = malloc(topics->count * sizeof *sorted);
    if (sorted == NULL) {
        complain("out of memory");
        return false;
    }
    for (size_t i = 0; i < topics->count; i++)
        sorted[i] = &topics->list[i];
    qsort(sorted, topics->count, sizeof *sorted, compare_topics);
    bool fine = true;
    for (size_t i = 1; fine && i < topics->count; i++) {
        fine = strcmp(sorted[i]->key, sorted[i - 1]->key) != 0;
        if (!fine)
            complain("%s:%zu: topic %s stands in line %zu already", topics->file, sorted[i]->line,
                     sorted[i]->key, sorted[i - 1]->line);
    }
    free(sorted);
    return fine;
}

static bool eval_search(eval *e, const cli_args *args)
{
    if (!queries_read(&e->topics, "--topics") || !topics_are_fields(&e->topics) ||
        !topics_once(&e->topics))
        return false;
    ns_index *index = index_open(args);
    bool fine = index != NULL && (e->run_path == NULL || whole_open(e->run_path, &e->run)) &&
                begin_output(e, args_has(args, OPT_JSON));
    if (e->run.made[0])
        stop_on_signals(); /* and take it away */
    for (size_t i = 0; fine && i < e->topics.count; i++)
        fine = !stop_requested() && search_topic(e, index, &e->topics.list[i]);
    if (stop_requested())
        complain("interrupted; %s is as it was", e->run_path);
    fine = whole_close(&e->run, fine) && fine;
    ns_index_close(index);
    return fine;
}

/* ---- A run that somebody made ---- */

/* Every judged topic, whether the run has it or not. */
static bool take_run(eval *e, const eval_run *run)
{
    size_t hit = 0, in_run = 0;
    for (size_t i = 0; i < e->qrels.count;) {
        eval_word topic = e->qrels.list[i].topic;
        while (hit < run->count && eval_word_compare(run->list[hit].topic, topic) < 0)
            hit++;
        size_t first = hit;
        while (hit < run->count && eval_word_compare(run->list[hit].topic, topic) == 0)
            hit++;
        if (!take_topic(e, topic, run->list + first, hit - first))
            return false;
        in_run += hit > first;
        while (i < e->qrels.count && eval_word_compare(e->qrels.list[i].topic, topic) == 0)
            i++;
    }
    size_t topics = 0;
    for (size_t i = 0; i < run->count; i++)
        topics += i == 0 || eval_word_compare(run->list[i].topic, run->list[i - 1].topic) != 0;
    e->not_judged = topics - in_run;
    return true;
}

/* Whether something was judged for a topic of the run, or there is none in it. */
static bool is_judged(const eval *e, const eval_run *run)
{
    size_t first, count = 0;
    for (size_t i = 0; i < run->count && count == 0; i++)
        if (i == 0 || eval_word_compare(run->list[i].topic, run->list[i - 1].topic) != 0)
            judgments_of(&e->qrels, run->list[i].topic, &first, &count);
    return run->count == 0 || count > 0;
}

static void complain_of_topics(const char *qrels, const char *topics)
{
    complain("%s: no judgment is for any topic of %s: do both number topics alike?", qrels, topics);
}

static bool eval_from(eval *e, const cli_args *args)
{
    eval_run run = {0};
    bool fine = eval_run_read(args->value[OPT_FROM], &run);
    if (fine && !is_judged(e, &run)) {
        complain_of_topics(args->value[OPT_QRELS], args->value[OPT_FROM]);
        fine = false;
    }
    fine = fine && begin_output(e, args_has(args, OPT_JSON)) && take_run(e, &run);
    eval_run_release(&run);
    return fine;
}

/* ---- The command ---- */

static void give_notes(const eval *e)
{
    if (e->not_judged)
        fprintf(stderr, "%zu topic%s left out: nobody judged anything for %s\n", e->not_judged,
                e->not_judged == 1 ? "" : "s", e->not_judged == 1 ? "it" : "them");
    if (e->sum.retrieved && e->sum.retrieved_relevant == 0)
        fputs("nothing that was found is judged relevant: do the judgments name articles by the "
              "ids they have in the index?\n",
              stderr);
}

/* How to search says nothing of a run that was made, and would be passed over in silence. */
static bool searches(const cli_args *args)
{
    static const opt_id OF_SEARCHES[] = {OPT_INDEX,    OPT_K1,         OPT_B,     OPT_RANKING,
                                         OPT_FEEDBACK, OPT_EXHAUSTIVE, OPT_SYNTAX};
    for (size_t i = 0; i < sizeof OF_SEARCHES / sizeof *OF_SEARCHES; i++) {
        if (!args_has(args, OF_SEARCHES[i]))
            continue;
        complain("--%s says how to search, and a run --from a file was made already; leave it out",
                 option_find(OF_SEARCHES[i])->name);
        return true;
    }
    return false;
}

/* Of a run that was made all hits count unless told. */
static bool read_depth(const cli_args *args, eval *e)
{
    if (!args_size(args, OPT_DEPTH, MOST_DEPTH, &e->options.limit))
        return false;
    e->depth = e->topics.file || args_has(args, OPT_DEPTH) ? e->options.limit : SIZE_MAX;
    return true;
}

static bool read_options(const cli_args *args, eval *e)
{
    ns_search_options_init(&e->options);
    e->options.limit = DEFAULT_DEPTH;
    e->options.no_hits = true;
    e->feedback = args_has(args, OPT_FEEDBACK);
    e->syntax = args_has(args, OPT_SYNTAX);
    e->per_topic = args_has(args, OPT_PER_TOPIC);
    e->topics.file = args->value[OPT_TOPICS];
    e->topics.key_name = "topic";
    e->topics.may_be_empty = true;
    e->run_path = args->value[OPT_RUN];
    if (args->word_count)
        complain("ns eval takes no arguments; --topics names the file of queries");
    else if (args->value[OPT_QRELS] == NULL)
        complain("what is relevant? --qrels FILE names lines of topic, iteration, id and grade");
    else if ((e->topics.file == NULL) == (args->value[OPT_FROM] == NULL))
        complain("give --topics FILE to search for them, or --from FILE for a run that was made");
    else if (e->run_path && e->topics.file == NULL)
        complain("--run writes what was found for --topics; a run --from a file exists already");
    else if (e->topics.file == NULL && searches(args))
        return false;
    else if (e->run_path && strcmp(e->run_path, "-") == 0)
        complain("--run -: standard output has the measures; name a file, or a device such as "
                 "/dev/stderr");
    else if (e->run_path && (same_file(e->run_path, args->value[OPT_QRELS]) ||
                             same_file(e->run_path, e->topics.file)))
        complain("--run %s: this file is read itself; name another", e->run_path);
    else
        return read_depth(args, e) && args_double(args, OPT_K1, 0, 1000, &e->options.k1) &&
               args_double(args, OPT_B, 0, 1, &e->options.b) &&
               args_ranking(args, NS_RANKING_CASCADE, &e->options);
    return false;
}

int run_eval(const cli_args *args)
{
    eval e = {0};
    bool fine = read_options(args, &e) && eval_qrels_read(args->value[OPT_QRELS], &e.qrels) &&
                (e.topics.file ? eval_search(&e, args) : eval_from(&e, args));
    if (fine && e.sum.topics == 0) {
        complain_of_topics(args->value[OPT_QRELS], e.topics.file);
        fine = false;
    }
    if (fine) {
        end_output(&e);
        give_notes(&e);
    }
    if (e.json)
        json_end(e.json);
    queries_release(&e.topics);
    eval_qrels_release(&e.qrels);
    return fine ? EXIT_FOUND : stop_requested() ? EXIT_INTERRUPTED : EXIT_ERROR;
}
