/* The table of options, and parsing by it. */
#include "cli/cli.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const option_spec specs[] = {
    {OPT_HELP, "help", 'h', NULL, "show this help"},
    {OPT_VERSION, "version", 'V', NULL, "show the version"},
    {OPT_INDEX, "index", 'i', "DIR", "the index (else $NS_INDEX, else the nearest .ns)"},
    {OPT_INDEX_HERE, "index", 'i', "DIR", "the index (else $NS_INDEX, else .ns in this folder)"},
    {OPT_JSON, "json", 'j', NULL, "print JSON"},
    {OPT_COLOR, "color", 0, "WHEN", "auto, always or never (default: auto)"},
    {OPT_QUIET, "quiet", 'q', NULL, "no progress and no summary"},
    {OPT_LIMIT, "limit", 'n', "N", "show N results (default: 10)"},
    {OPT_PASSAGES, "passages", 'p', NULL, "rank passages, several of one article if they are good"},
    {OPT_SCOPE, "scope", 0, "UNIT", "decide + and - on the whole article or on each passage"},
    {OPT_K1, "k1", 0, "X", "BM25: how soon a repeated word stops counting (default: 0.9)"},
    {OPT_B, "b", 0, "X", "BM25: how much long passages pay for their length (default: 0.4)"},
    {OPT_COUNT, "count", 'c', NULL, "count all hits exactly, however many"},
    {OPT_SNIPPET, "snippet", 0, "WORDS", "show about so many words; 0 for the whole passage"},
    {OPT_TIMEOUT, "timeout", 0, "MS", "search for MS milliseconds at most; show the best so far"},
    {OPT_NO_PRUNING, "no-pruning", 0, NULL, "score every match: the same answer, more slowly"},
    {OPT_RANKING, "ranking", 0, "HOW",
     "default, or bm25: best passages alone (--k1, --b and bench mean that)"},
    {OPT_FEEDBACK, "feedback", 0, NULL,
     "search once more, with the words that the best articles share"},
    {OPT_EXHAUSTIVE, "exhaustive", 0, NULL, "rank every match, not only the best by BM25"},
    {OPT_SYNTAX, "syntax", 0, NULL, "read topics in the language of queries, not as words"},
    {OPT_KERNELS, "kernels", 0, "SET", "portable, avx2 or avx512 (default: the best there is)"},
    {OPT_PROFILE, "profile", 0, NULL, "tell on stderr what the engine did"},
    {OPT_FRESH, "fresh", 0, NULL, "start anew; the old index stays until the new one is complete"},
    {OPT_STRICT, "strict", 0, NULL, "stop at the first record that cannot be read"},
    {OPT_REJECTS, "rejects", 0, "FILE", "keep the records that could not be read in FILE"},
    {OPT_LANGUAGE, "language", 'l', "CODE",
     "of records that name none: en, de, … or auto, none (default: auto)"},
    {OPT_ONE_PASSAGE, "one-passage", 0, NULL, "make each record one passage, however long"},
    {OPT_PASSAGE_WORDS, "passage-words", 0, "N", "words a passage aims at (default: 120)"},
    {OPT_KEEP_DIACRITICS, "keep-diacritics", 0, NULL, "let Erdogan and Erdoğan be two words"},
    {OPT_NO_STEMMING, "no-stemming", 0, NULL, "let talk and talks be two words"},
    {OPT_WHITESPACE, "whitespace", 0, NULL,
     "cut at spaces, change nothing: for text that was tokenised before"},
    {OPT_TITLE_WEIGHT, "title-weight", 0, "N",
     "a headline word counts as N body words (default: 2)"},
    {OPT_STORE_LEVEL, "store-level", 0, "N", "text as models (0, default) or zlib 1 to 12"},
    {OPT_NO_TEXT, "no-text", 0, NULL, "keep no text: articles are found, but not shown"},
    {OPT_EXACT, "exact", 0, NULL, "keep how words are written: =words are fast, even without text"},
    {OPT_MEMORY, "memory", 'm', "SIZE", "memory to work in, such as 512M or 2G (default: 512M)"},
    {OPT_THREADS, "threads", 0, "N", "threads to work with (default: one for each processor)"},
    {OPT_MAX_RECORD, "max-record", 0, "SIZE", "refuse larger records (default: 256M)"},
    {OPT_NO_MERGE, "no-merge", 0, NULL, "leave small segments as they are, however many there are"},
    {OPT_BLOCK_POSTINGS, "block-postings", 0, "N", "postings of a block (default: 256)"},
    {OPT_WINDOW_PASSAGES, "window-passages", 0, "N", "passages of a window (default: 4096)"},
    {OPT_QUERY, "query", 0, "QUERY", "delete every article that this query finds"},
    {OPT_DRY_RUN, "dry-run", 0, NULL, "delete nothing; print the ids that would go"},
    {OPT_ALL, "all", 0, NULL, "show every article"},
    {OPT_QUERIES, "queries", 0, "FILE", "lines of class, tab and query; - for standard input"},
    {OPT_PASSES, "passes", 0, "N", "time every query N times (default: 10)"},
    {OPT_COMMANDS, "commands", 0, "LIST",
     "TOP_10, TOP_100, TOP_1000, TOP_100_COUNT, COUNT, … (default: TOP_10)"},
    {OPT_SUMMARY, "summary", 0, NULL, "print one line for each class, not each query"},
    {OPT_TOPICS, "topics", 0, "FILE", "lines of topic, tab and query; - for standard input"},
    {OPT_QRELS, "qrels", 0, "FILE", "judgments: lines of topic, iteration, article id, grade"},
    {OPT_RUN, "run", 0, "FILE", "write what was found to FILE, as TREC runs are"},
    {OPT_FROM, "from", 0, "FILE", "measure the run in FILE instead of searching"},
    {OPT_DEPTH, "depth", 0, "N", "fetch N articles for a topic (default: 1000)"},
    {OPT_PER_TOPIC, "per-topic", 0, NULL, "print the measures of each topic too"},
    {OPT_REORDER, "reorder", 0, NULL,
     "put articles with the same words together; what is found stays"},
    {OPT_OFFSET, "offset", 0, "N", "pass over the first N results"},
    {OPT_TSV, "tsv", 0, NULL, "print a line a result, fields with tabs between"},
    {OPT_TREC, "trec", 0, NULL, "print a TREC run: topic Q0 id rank score ns"},
    {OPT_HTML, "html", 0, NULL, "print a piece of HTML, matches as <mark>"},
    {OPT_TOPIC, "topic", 0, "NAME", "the topic of --trec (default: 1)"},
    {OPT_FIELDS, "fields", 0, "NAMES",
     "what to print, in which order: rank, score, id, date, source, section, author, url, lang, "
     "title, passage, copies"},
    {OPT_ALL_WORDS, "all", 'a', NULL, "every word must be there, not just any"},
    {OPT_STRICT_QUERY, "strict", 0, NULL, "refuse a query that has to be guessed at"},
    {OPT_NOW, "now", 0, "DATE", "what relative dates and ages count from (default: now)"},
    {OPT_TZ, "tz", 0, "ZONE", "of dates: UTC, local, +02:00, Europe/Berlin (default: UTC)"},
    {OPT_SORT, "sort", 0, "ORDER", "score, date (latest first) or -date (default: score)"},
    {OPT_GROUP, "group", 0, "BY",
     "article (default), source (its first article) or none (passages)"},
    {OPT_COPIES, "copies", 0, NULL, "list articles with the same text one by one"},
    {OPT_SINCE, "since", 0, "DATE", "of this date and later: 2025, 2025-05, 2025-05-03, 30d (ago)"},
    {OPT_UNTIL, "until", 0, "DATE", "until the end of this date"},
    {OPT_RECENCY, "recency", 0, "TIME", "halve the score with each TIME of age: 12h, 30d, 2y"},
    {OPT_EXPLAIN, "explain", 0, NULL, "show where each score comes from"},
    {OPT_EXPLAIN_QUERY, "explain-query", 0, NULL, "show how the query is read; search for nothing"},
    {OPT_SUGGESTIONS, "limit", 'n', "N", "print N completions (default: 10)"},
    {OPT_WORDS, "words", 0, "N", "look for the N words that tell most (default: 40)"},
    {OPT_BY, "by", 0, "WHAT", "day, month, year, source, section, author or lang"},
    {OPT_MOST, "limit", 'n', "N", "show the N most frequent values (default: all)"},
};

const option_spec *option_find(opt_id id)
{
    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
        if (specs[i].id == id)
            return &specs[i];
    return NULL;
}

/* getopt's tables of the options of one command. */
typedef struct getopt_tables {
    struct option longs[OPT_COUNT_OF_IDS + 1];
    char shorts[3 * OPT_COUNT_OF_IDS];
} getopt_tables;

static void tables_fill(const cli_command *command, getopt_tables *tables)
{
    memset(tables, 0, sizeof *tables);
    size_t longs = 0, shorts = 0;
    tables->shorts[shorts++] = ':';
    for (size_t i = 0;; i++) {
        const option_spec *spec = option_find(command->options[i]);
        tables->longs[longs++] = (struct option){
            spec->name, spec->value ? required_argument : no_argument, NULL, 256 + (int)spec->id};
        if (spec->letter) {
            tables->shorts[shorts++] = spec->letter;
            if (spec->value)
                tables->shorts[shorts++] = ':';
        }
        if (command->options[i] == OPT_HELP)
            break;
    }
}

static const option_spec *spec_of(const cli_command *command, int code)
{
    if (code >= 256)
        return option_find((opt_id)(code - 256));
    for (size_t i = 0;; i++) {
        const option_spec *spec = option_find(command->options[i]);
        if (spec->letter == code)
            return spec;
        if (command->options[i] == OPT_HELP)
            return NULL;
    }
}

/* `option` is what there is not, `word` all of the argument that it stands in. */
static bool bad_option(const cli_command *command, const char *option, const char *word)
{
    const char *options[OPT_COUNT_OF_IDS];
    size_t count = 0;
    for (size_t i = 0;; i++) {
        options[count++] = option_find(command->options[i])->name;
        if (command->options[i] == OPT_HELP)
            break;
    }
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(option, "="), option);
    const char *near = strncmp(name, "--", 2) == 0 ? did_you_mean(name + 2, options, count) : NULL;
    const bool asks = strstr(command->usage, "WORD") != NULL; /* -steel may be meant to exclude */
    const bool names = strstr(command->usage, "ID") != NULL;
    if (near)
        complain("ns %s has no option %s; did you mean --%s?", command->name, name, near);
    else if (asks)
        complain("ns %s has no option %s; ns %s --help lists them, and behind -- everything is a "
                 "word: ns %s -- WORD -WORD",
                 command->name, name, command->name, command->name);
    else if (names)
        complain("ns %s has no option %s; ns %s --help lists them, and behind -- everything is an "
                 "id: ns %s -- %s",
                 command->name, name, command->name, command->name, word);
    else
        complain("ns %s has no option %s; ns %s --help lists them", command->name, name,
                 command->name);
    return false;
}

/* Whether getopt is through with the word, as its last letter is what it did not know. */
static bool is_last_letter(const char *word)
{
    const size_t length = strlen(word);
    return length > 1 && word[0] == '-' && word[1] != '-' && word[length - 1] == (char)optopt;
}

bool args_parse(const cli_command *command, int argc, char **argv, cli_args *out, bool *help)
{
    getopt_tables tables;
    tables_fill(command, &tables);
    *out = (cli_args){0};
    *help = false;
    out->words = malloc(((size_t)argc + 1) * sizeof *out->words);
    if (out->words == NULL) {
        complain("out of memory");
        return false;
    }
    opterr = 0;
    optind = 0;
    for (;;) {
        int code = getopt_long(argc, argv, tables.shorts, tables.longs, NULL);
        if (code == -1)
            break;
        if (code == ':') {
            complain("option %s needs a value; ns %s --help tells which", argv[optind - 1],
                     command->name);
            return false;
        }
        const option_spec *spec = code == '?' ? NULL : spec_of(command, code);
        if (spec == NULL && optopt >= 256) {
            complain("option --%s takes no value; ns %s --help tells more",
                     option_find((opt_id)(optopt - 256))->name, command->name);
            return false;
        }
        if (spec == NULL) {
            const char *before = argv[optind - 1];
            if (optopt <= 0 || optopt >= 256)
                return bad_option(command, before, before);
            char letter[3] = {'-', (char)optopt, 0};
            return bad_option(command, letter, is_last_letter(before) ? before : argv[optind]);
        }
        if (spec->id == OPT_HELP)
            *help = true;
        if (spec->id == OPT_QUERY && out->value[OPT_QUERY] != NULL) {
            complain("--query twice: give one; OR and AND join what both ask for");
            return false;
        }
        out->value[spec->id] = spec->value ? optarg : "";
    }
    for (int i = optind; i < argc; i++)
        out->words[out->word_count++] = argv[i];
    return true;
}

void args_release(cli_args *args)
{
    free(args->words);
    args->words = NULL;
}

static bool bad_value(opt_id id, const char *text, const char *wanted)
{
    complain("--%s %s: %s", option_find(id)->name, text, wanted);
    return false;
}

/* The digits that text begins with; *end is behind them, or text when there are none or too many.
 */
static uint64_t read_number(const char *text, const char **end)
{
    char *behind;
    errno = 0;
    unsigned long long number = strtoull(text, &behind, 10);
    bool good = *text >= '0' && *text <= '9' && errno == 0;
    *end = good ? behind : text;
    return number;
}

bool args_size(const cli_args *args, opt_id id, size_t most, size_t *value)
{
    const char *text = args->value[id];
    if (text == NULL)
        return true;
    const char *end;
    uint64_t number = read_number(text, &end);
    if (end == text || *end != 0 || number > most) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "give a whole number up to %zu", most);
        return bad_value(id, text, wanted);
    }
    *value = (size_t)number;
    return true;
}

bool args_bytes(const cli_args *args, opt_id id, uint64_t *value)
{
    const char *text = args->value[id];
    if (text == NULL)
        return true;
    const char *end;
    uint64_t number = read_number(text, &end);
    static const char units[] = "kKmMgG";
    const char *unit = *end != 0 ? strchr(units, *end) : NULL;
    unsigned shift = unit ? (unsigned)((unit - units) / 2 + 1) * 10 : 0;
    const char *rest = end + (unit != NULL);
    if (rest != text && (*rest == 'b' || *rest == 'B'))
        rest++;
    if (end == text || *rest != 0 || number == 0 || number > (UINT64_C(1) << 50) >> shift)
        return bad_value(id, text, "give a size such as 500000, 64M or 2G");
    *value = number << shift;
    return true;
}

bool args_double(const cli_args *args, opt_id id, double least, double most, double *value)
{
    const char *text = args->value[id];
    if (text == NULL)
        return true;
    char *end;
    double number = strtod(text, &end);
    if (end == text || *end != 0 || !(number >= least && number <= most)) {
        char wanted[64];
        snprintf(wanted, sizeof wanted, "give a number from %g to %g", least, most);
        return bad_value(id, text, wanted);
    }
    *value = number;
    return true;
}

bool args_ranking(const cli_args *args, ns_ranking fallback, ns_search_options *out)
{
    const char *given = args->value[OPT_RANKING];
    bool tuned = args_has(args, OPT_K1) || args_has(args, OPT_B); /* of BM25: that is wanted */
    out->ranking = tuned ? NS_RANKING_BM25 : fallback;
    out->exhaustive = args_has(args, OPT_EXHAUSTIVE);
    if (given == NULL)
        return true;
    out->ranking = strcmp(given, "bm25") == 0 ? NS_RANKING_BM25 : NS_RANKING_CASCADE;
    if (out->ranking == NS_RANKING_BM25 || strcmp(given, "default") == 0)
        return true;
    complain("--ranking %s: give default or bm25", given);
    return false;
}

bool args_kernels(const cli_args *args, int *isa)
{
    static const char *const names[] = {"portable", "avx2", "avx512"};
    const char *name = args->value[OPT_KERNELS];
    if (name == NULL)
        return true;
    for (int i = 0; i < 3; i++) {
        if (strcmp(names[i], name) == 0) {
            *isa = i;
            return true;
        }
    }
    complain("--kernels %s: give portable, avx2 or avx512", name);
    return false;
}
