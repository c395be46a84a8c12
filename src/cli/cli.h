/* What the commands of ns share: the table of commands and options, parsed arguments, exit codes.
 *
 * The command line uses include/ns only. One table of options (options.c) makes parsing and help.
 */
#ifndef NS_CLI_CLI_H
#define NS_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "ns/ns.h"

enum { EXIT_FOUND = 0, EXIT_NOTHING = 1, EXIT_ERROR = 2, EXIT_INTERRUPTED = 130 };

typedef enum opt_id {
    OPT_HELP,
    OPT_VERSION,
    OPT_INDEX,
    OPT_INDEX_HERE, /* of commands that write */
    OPT_JSON,
    OPT_COLOR,
    OPT_QUIET,
    OPT_LIMIT,
    OPT_PASSAGES,
    OPT_SCOPE,
    OPT_K1,
    OPT_B,
    OPT_COUNT,
    OPT_SNIPPET,
    OPT_TIMEOUT,
    OPT_NO_PRUNING,
    OPT_RANKING,
    OPT_FEEDBACK,
    OPT_EXHAUSTIVE,
    OPT_SYNTAX,
    OPT_KERNELS,
    OPT_PROFILE,
    OPT_FRESH,
    OPT_STRICT,
    OPT_REJECTS,
    OPT_LANGUAGE,
    OPT_ONE_PASSAGE,
    OPT_PASSAGE_WORDS,
    OPT_KEEP_DIACRITICS,
    OPT_NO_STEMMING,
    OPT_WHITESPACE,
    OPT_TITLE_WEIGHT,
    OPT_STORE_LEVEL,
    OPT_NO_TEXT,
    OPT_EXACT,
    OPT_MEMORY,
    OPT_THREADS,
    OPT_MAX_RECORD,
    OPT_NO_MERGE,
    OPT_BLOCK_POSTINGS,
    OPT_WINDOW_PASSAGES,
    OPT_ALL,
    OPT_QUERY,
    OPT_DRY_RUN,
    OPT_QUERIES,
    OPT_PASSES,
    OPT_COMMANDS,
    OPT_SUMMARY,
    OPT_TOPICS,
    OPT_QRELS,
    OPT_RUN,
    OPT_FROM,
    OPT_DEPTH,
    OPT_PER_TOPIC,
    OPT_REORDER,
    OPT_OFFSET,
    OPT_TSV,
    OPT_TREC,
    OPT_HTML,
    OPT_TOPIC,
    OPT_FIELDS,
    OPT_ALL_WORDS,
    OPT_STRICT_QUERY,
    OPT_NOW,
    OPT_TZ,
    OPT_SORT,
    OPT_GROUP,
    OPT_COPIES,
    OPT_SINCE,
    OPT_UNTIL,
    OPT_RECENCY,
    OPT_EXPLAIN,
    OPT_SUGGESTIONS,
    OPT_EXPLAIN_QUERY,
    OPT_WORDS,
    OPT_BY,
    OPT_MOST,
    OPT_COUNT_OF_IDS
} opt_id;

typedef struct option_spec {
    opt_id id;
    const char *name;  /* without the dashes */
    char letter;       /* 0: none */
    const char *value; /* NULL: a flag; else the placeholder in the help */
    const char *help;
} option_spec;

/* Parsed arguments of one command. value[id] is "" for a flag that was given, NULL for an option
 * that was not. */
typedef struct cli_args {
    const char *value[OPT_COUNT_OF_IDS];
    const char **words; /* what is not an option */
    size_t word_count;
} cli_args;

typedef struct cli_command {
    const char *name;
    const char *summary;
    const char *usage;     /* behind "ns name " */
    const char *details;   /* paragraphs for the help */
    const char *examples;  /* lines for the help */
    const opt_id *options; /* ends with OPT_HELP, which every command has */
    int (*run)(const cli_args *args);
} cli_command;

enum { COMMANDS_MOST = 32 };
extern const cli_command commands[];
extern const size_t command_count;
const cli_command *command_find(const char *name);

const option_spec *option_find(opt_id id);

/* Parses argv for the command. False after a message on stderr. *help: the user asked for help. */
bool args_parse(const cli_command *command, int argc, char **argv, cli_args *out, bool *help);
void args_release(cli_args *args);

void help_print(const cli_command *command); /* NULL: of ns itself */

/* Numbers of options. False after a message on stderr. `value` keeps its default when not given. */
bool args_size(const cli_args *args, opt_id id, size_t most, size_t *value);
bool args_bytes(const cli_args *args, opt_id id, uint64_t *value); /* 64M, 2G, 500000 */
bool args_double(const cli_args *args, opt_id id, double least, double most, double *value);
/* How to rank: --ranking and --exhaustive; `fallback` unless told, or BM25 with --k1 or --b. False
 * after complaining. */
bool args_ranking(const cli_args *args, ns_ranking fallback, ns_search_options *out);
bool args_kernels(const cli_args *args, int *isa); /* of ns_search_options */
static inline bool args_has(const cli_args *args, opt_id id)
{
    return args->value[id] != NULL;
}

/* "ns: …" on stderr; the second adds what a failed library call said. All return EXIT_ERROR. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
int complain_error(const ns_error *err);
/* The same for an index that could not be opened, with advice where the message has none. */
int complain_index(const ns_error *err, bool writing);
/* The same for a change that failed later than that. */
int complain_commit(const ns_error *err, const char *directory);
/* The candidate nearest to `word` if it is near enough to be a slip of the keyboard, else NULL. */
const char *did_you_mean(const char *word, const char *const *candidates, size_t count);

/* The directory of the index: --index, else $NS_INDEX, else for reading the nearest .ns from the
 * current folder up, for writing ./.ns. malloc'ed; NULL after a message on stderr. */
char *index_directory(const cli_args *args, bool writing);
/* The same for reading, without a message. */
char *index_nearest(const cli_args *args);
/* Whether both name one file on a disk, by whatever paths; "-" is standard input. */
bool same_file(const char *one, const char *other);

/* Under a low memory limit (0: the default, which is not) large blocks go back to the system as
 * soon as they are freed; under a high one the C library keeps them, which is faster. */
void heap_suit(uint64_t limit);
/* For a command that runs for milliseconds: asks at once for the pages that it will use in any
 * case, instead of one by one. Before anything is allocated. */
void heap_prepare(void);
/* What was printed must have arrived: a full disk behind a pipe is an error. Returns the exit
 * status. */
int flush_output(int status);
/* Ends the process, with the exit status that flush_output says, without freeing anything: the
 * system takes it all back at once. Returns only under a checker of memory; then free. */
int leave(int status);
/* Opens it for reading; NULL after a message on stderr. */
ns_index *index_open(const cli_args *args);

int run_index(const cli_args *args);
int run_delete(const cli_args *args);
int run_merge(const cli_args *args);
int run_query(const cli_args *args);
int run_count(const cli_args *args);
int run_similar(const cli_args *args);
int run_suggest(const cli_args *args);
int run_show(const cli_args *args);
int run_analyze(const cli_args *args);
int run_stats(const cli_args *args);
int run_check(const cli_args *args);
int run_bench(const cli_args *args);
int run_eval(const cli_args *args);

#endif
