/* The table of commands. Help, man pages and completions are made from it and from the table of
 * options (options.c). */
#include "cli/cli.h"

#include <string.h>

static const opt_id index_options[] = {OPT_INDEX_HERE,  OPT_FRESH,          OPT_STRICT,
                                       OPT_REJECTS,     OPT_QUIET,          OPT_JSON,
                                       OPT_MEMORY,      OPT_THREADS,        OPT_MAX_RECORD,
                                       OPT_NO_MERGE,    OPT_LANGUAGE,       OPT_PASSAGE_WORDS,
                                       OPT_ONE_PASSAGE, OPT_NO_STEMMING,    OPT_KEEP_DIACRITICS,
                                       OPT_WHITESPACE,  OPT_TITLE_WEIGHT,   OPT_K1,
                                       OPT_B,           OPT_STORE_LEVEL,    OPT_NO_TEXT,
                                       OPT_EXACT,       OPT_BLOCK_POSTINGS, OPT_WINDOW_PASSAGES,
                                       OPT_HELP};
static const opt_id delete_options[] = {OPT_INDEX_HERE, OPT_QUERY, OPT_DRY_RUN,
                                        OPT_QUIET,      OPT_JSON,  OPT_HELP};
static const opt_id merge_options[] = {OPT_INDEX_HERE, OPT_REORDER, OPT_MEMORY, OPT_THREADS,
                                       OPT_QUIET,      OPT_JSON,    OPT_HELP};
static const opt_id query_options[] = {
    OPT_INDEX,      OPT_LIMIT,   OPT_OFFSET,   OPT_ALL_WORDS,  OPT_SORT,          OPT_SINCE,
    OPT_UNTIL,      OPT_RECENCY, OPT_GROUP,    OPT_COPIES,     OPT_PASSAGES,      OPT_SCOPE,
    OPT_COUNT,      OPT_SNIPPET, OPT_FIELDS,   OPT_JSON,       OPT_TSV,           OPT_HTML,
    OPT_TREC,       OPT_TOPIC,   OPT_NOW,      OPT_TZ,         OPT_STRICT_QUERY,  OPT_TIMEOUT,
    OPT_K1,         OPT_B,       OPT_COLOR,    OPT_EXPLAIN,    OPT_EXPLAIN_QUERY, OPT_PROFILE,
    OPT_NO_PRUNING, OPT_RANKING, OPT_FEEDBACK, OPT_EXHAUSTIVE, OPT_KERNELS,       OPT_HELP};
static const opt_id similar_options[] = {
    OPT_INDEX,   OPT_LIMIT,   OPT_OFFSET,  OPT_WORDS,         OPT_SORT,     OPT_SINCE,
    OPT_UNTIL,   OPT_RECENCY, OPT_GROUP,   OPT_COPIES,        OPT_PASSAGES, OPT_COUNT,
    OPT_SNIPPET, OPT_FIELDS,  OPT_JSON,    OPT_TSV,           OPT_HTML,     OPT_TREC,
    OPT_TOPIC,   OPT_NOW,     OPT_TZ,      OPT_TIMEOUT,       OPT_RANKING,  OPT_K1,
    OPT_B,       OPT_COLOR,   OPT_EXPLAIN, OPT_EXPLAIN_QUERY, OPT_HELP};
static const opt_id suggest_options[] = {OPT_INDEX, OPT_SUGGESTIONS, OPT_JSON, OPT_TSV, OPT_HELP};
static const opt_id count_options[] = {
    OPT_INDEX,   OPT_BY,    OPT_MOST,          OPT_ALL_WORDS,  OPT_SINCE, OPT_UNTIL,
    OPT_SCOPE,   OPT_JSON,  OPT_TSV,           OPT_NOW,        OPT_TZ,    OPT_STRICT_QUERY,
    OPT_TIMEOUT, OPT_COLOR, OPT_EXPLAIN_QUERY, OPT_NO_PRUNING, OPT_HELP};
static const opt_id show_options[] = {OPT_INDEX, OPT_JSON, OPT_ALL, OPT_COLOR, OPT_HELP};
static const opt_id analyze_options[] = {OPT_INDEX,       OPT_LANGUAGE,        OPT_JSON,
                                         OPT_NO_STEMMING, OPT_KEEP_DIACRITICS, OPT_WHITESPACE,
                                         OPT_HELP};
static const opt_id stats_options[] = {OPT_INDEX, OPT_JSON, OPT_HELP};
static const opt_id check_options[] = {OPT_INDEX, OPT_JSON, OPT_HELP};
static const opt_id bench_options[] = {
    OPT_INDEX,      OPT_QUERIES,    OPT_PASSES,  OPT_COMMANDS, OPT_K1,      OPT_B,     OPT_RANKING,
    OPT_EXHAUSTIVE, OPT_NO_PRUNING, OPT_KERNELS, OPT_JSON,     OPT_SUMMARY, OPT_COLOR, OPT_HELP};
static const opt_id eval_options[] = {OPT_INDEX,      OPT_TOPICS, OPT_QRELS,   OPT_RUN,
                                      OPT_FROM,       OPT_DEPTH,  OPT_RANKING, OPT_FEEDBACK,
                                      OPT_EXHAUSTIVE, OPT_SYNTAX, OPT_K1,      OPT_B,
                                      OPT_PER_TOPIC,  OPT_JSON,   OPT_HELP};

const cli_command commands[] = {
    {"index", "make an index of articles, or add to one", "[OPTION]… PATH…",
     "Reads every PATH and makes them searchable in one step: until it is complete, readers see\n"
     "what was there before. An article whose id is in the index already replaces it.\n"
     "\n"
     "PATH is a file, a folder (read with everything below it) or - for standard input:\n"
     "JSON lines, a JSON list of records or records over several lines (.jsonl, .ndjson, .json);\n"
     "anything else is one article of plain text (in folders .txt and .text only). Each may be\n"
     "compressed with gzip. The index is ./.ns unless --index or $NS_INDEX names another.\n"
     "\n"
     "Keys of JSON records that are searched: id, title (headline), body (text, content), date\n"
     "(published, publishedAt, pubDate …), source, section, author (authors, byline, creator), "
     "url\n"
     "(permalink, link), lang (language). All others are kept and shown. Dates are 2025, 2025-05,\n"
     "2025-05-03, 2025-05-03T14:30 or 2025-05-03T14:30:15, and Z or +08:00 behind a time.\n"
     "\n"
     "Every run adds a segment; many small ones become one at the end of a run (--no-merge leaves\n"
     "them). ns merge makes one of all.",
     "  ns index articles.jsonl.gz\n"
     "  ns index archive/ more.jsonl\n"
     "  zcat dump.gz | ns index --index /srv/news.ns -\n",
     index_options, run_index},
    {"delete", "delete articles by id or by query", "[OPTION]… [ID…]",
     "Deletes the articles with these ids, and with --query every article that the query finds,\n"
     "in one step. Readers that are open go on with what they see. The room comes back with\n"
     "ns merge; until then deleted articles still count in the statistics of BM25.\n"
     "\n"
     "A query of several words finds articles with any of them: put + before what must be there,\n"
     "and look with --dry-run first. A query that has to be guessed at is refused.\n"
     "\n"
     "Exit status: 0 something was deleted, 1 there was nothing to delete, 2 error.",
     "  ns delete hw-250503-precursor-controls\n"
     "  ns delete --dry-run --query '+tariff +\"working group\"'\n"
     "  ns delete --query '+tariff +\"working group\"'\n",
     delete_options, run_delete},
    {"merge", "make one segment of many", "[OPTION]…",
     "ns index merges small segments by itself. This makes one of all and drops what was deleted "
     "or\n"
     "replaced: queries get faster, the index smaller, and afterwards it is what indexing the\n"
     "articles that are left in their order would have made. Memory stays small; the disk must\n"
     "hold the old files and the new ones for a while. Until it is complete, and if it is\n"
     "interrupted, everything is as before.\n"
     "\n"
     "--reorder also moves articles with the same words together, which takes longer and makes\n"
     "posting lists smaller. Queries find the same in the same order. What is added later is\n"
     "reordered by the next ns merge --reorder; ns merge keeps what there is.",
     "  ns merge\n  ns merge --index /srv/news.ns --memory 64M\n  ns merge --reorder\n",
     merge_options, run_merge},
    {"query", "find passages", "[OPTION]… WORD…",
     "Prints the articles whose passages answer best, each with its best passage.\n"
     "\n"
     "  tariff talks             either word; both is better (--all: both must be there)\n"
     "  +tariff talks            tariff must be in the article, talks is better\n"
     "  tariff -talks            talks must not be in the article\n"
     "  tariff AND (china OR mexico) NOT steel\n"
     "  \"precursor controls\"     side by side (mind the quotes of your shell)\n"
     "  \"controls precursor\"~5   in any order, at most 5 other words between\n"
     "  china NEAR/8 tariff      at most 8 words apart; ONEAR: in this order\n"
     "  SENTENCE(china tariff)   in one sentence; PARAGRAPH( ) in one paragraph\n"
     "  precurs*  *works  wom?n  fentanly~1\n"
     "  title:tariff  body:tariff  =May  tariff^3\n"
     "  source:\"Harbour Wire\"  section:world  author:whitlock  lang:de  id:…\n"
     "  date:2025-05  date:2024-01..2025-03  date:>2024  date:last-30-days\n"
     "\n"
     "Words are found in all their forms, in small and capital letters, with accents or without:\n"
     "talks finds talk. What stands within quotes, NEAR or SENTENCE lies within one passage or\n"
     "headline; all else is decided on the whole article, or with --scope passage on each\n"
     "passage. What cannot be meant as written is read as what was probably meant, and a note\n"
     "says so; --strict refuses it. --explain-query shows how a query is read.\n"
     "\n"
     "Before a word that begins with -, put -- once: ns query -- tariff -steel.\n"
     "\n"
     "Dates are those of the articles; where one is unknown, --sort puts the article last, "
     "--recency\n"
     "halves its score, --since and --until leave it out. --group source and --recency look at "
     "every\n"
     "match, not only at the best, which takes longer.\n"
     "\n"
     "Exit status: 0 found, 1 nothing found, 2 error.",
     "  ns query \"precursor controls\"\n"
     "  ns query '\"precursor controls\" +china'\n"
     "  ns query --json -n 20 tariff talks\n"
     "  ns query --all --sort date --since 2025-05 --until 2025-06-15 tariff talks\n"
     "  ns query --recency 30d --group source tariff talks\n"
     "  ns query --tsv --fields id,date,title -n 100 tariff > found.tsv\n"
     "  ns query -- tariff -steel\n",
     query_options, run_query},
    {"similar", "find articles like one", "[OPTION]… ID",
     "Prints the articles that are most like the one with this id: those that have the words that\n"
     "tell most about it, which are frequent in it and rare elsewhere. Other languages are "
     "others:\n"
     "only articles that share its words are found.\n"
     "\n"
     "Exit status: 0 found, 1 nothing found or no such article, 2 error.",
     "  ns similar hw-250503-precursor-controls\n"
     "  ns similar --group source -n 5 hw-250503-precursor-controls\n"
     "  ns similar --json --since 2025-05 hw-250503-precursor-controls\n",
     similar_options, run_similar},
    {"count", "count articles, by date or source", "[OPTION]… [WORD…]",
     "Prints how many articles match the query, and with --by how many of them each day, month,\n"
     "year, source, section, author or language has: dates in the order of time, others the most\n"
     "frequent first; articles without one last. All counts are exact and add up to the whole.\n"
     "\n"
     "The query is as for ns query, without one it is every article. Mind that a query of several\n"
     "words finds articles with any of them, unless --all or + asks for more.\n"
     "\n"
     "Exit status: 0 found, 1 nothing found, 2 error.",
     "  ns count tariff\n"
     "  ns count --by year\n"
     "  ns count --by month --since 2024 tariff talks\n"
     "  ns count --by source -n 10 --all export controls\n"
     "  ns count --by day --tz Europe/Berlin --tsv tariff > days.tsv\n",
     count_options, run_count},
    {"suggest", "complete a word", "[OPTION]… TEXT…",
     "Prints TEXT with its last word completed by words of the index, those in the most passages\n"
     "first: for completion while somebody is typing. Case and accents do not matter.\n"
     "\n"
     "Exit status: 0 there are completions, 1 there are none, 2 error.",
     "  ns suggest tar\n"
     "  ns suggest export con\n"
     "  ns suggest --json -n 5 tar\n",
     suggest_options, run_suggest},
    {"show", "print whole articles", "[OPTION]… ID…",
     "Prints the article with this id. With --json, exactly the record that was indexed, as one\n"
     "JSON object a line.",
     "  ns show hw-250503-precursor-controls\n"
     "  ns show --all --json > everything.jsonl\n",
     show_options, run_show},
    {"analyze", "show the terms that index and query see", "[OPTION]… TEXT…",
     "Prints each word of TEXT (or of standard input, without TEXT) with its place, its surface\n"
     "form and the term it leads to. Uses the settings of the index if there is one.",
     "  ns analyze -l en \"U.S. officials’ talks\"\n"
     "  ns analyze --language de \"Zölle und Verhandlungen\"\n",
     analyze_options, run_analyze},
    {"stats", "tell what is in the index", "[OPTION]…",
     "Prints counts of articles, passages, terms and tokens, and where the bytes are.",
     "  ns stats\n  ns stats --json\n", stats_options, run_stats},
    {"check", "tell whether every byte of the index is sound", "[OPTION]…",
     "Reads all files of the index: checksums first, then whether the structures agree with each\n"
     "other. Names file and offset of what is damaged.\n"
     "\n"
     "Exit status: 0 sound, 2 damaged or not readable.",
     "  ns check\n  ns check --index /srv/news.ns --json\n", check_options, run_check},
    {"bench", "measure how long queries take", "--queries FILE [OPTION]…",
     "Runs every query of FILE several times in one process and on one thread, and prints, tabs\n"
     "between: command, class, query, hits, best and median microseconds.\n"
     "\n"
     "A line of FILE is a class, a tab and a query; blank lines and lines that begin with # are\n"
     "passed over. Commands: TOP_k fetches the best k articles, TOP_k_COUNT also counts all hits\n"
     "exactly, COUNT only counts. Hits are counted outside of timing.\n"
     "--summary prints mean, median and 99th percentile of the medians of each class.",
     "  ns bench --queries queries.tsv --passes 20\n"
     "  ns bench --queries queries.tsv --commands TOP_10,COUNT --summary\n"
     "  ns bench --queries queries.tsv --no-pruning --json > exhaustive.json\n",
     bench_options, run_bench},
    {"eval", "measure how good the ranking is", "--qrels FILE [OPTION]…",
     "Searches for every topic and prints, by what people judged relevant to it, the measures of\n"
     "trec_eval: mean average precision (map), nDCG of the first 10 (ndcg_cut_10), mean "
     "reciprocal\n"
     "rank (recip_rank), precision of the first 10 (P_10), recall of the first 100 and 1000. "
     "Lines\n"
     "are measure, topic (all: the mean) and value, tabs between, as trec_eval has them.\n"
     "\n"
     "A line of --topics is the topic's name, a tab and a query; a line of --qrels is topic, an\n"
     "iteration (not used), article id and grade, 1 and more being relevant. Means are over the\n"
     "topics that have judgments.",
     "  ns eval --topics topics.tsv --qrels judgments.qrels\n"
     "  ns eval --topics topics.tsv --qrels judgments.qrels --k1 1.2 --b 0.75 --run ns.run\n"
     "  ns eval --from other.run --qrels judgments.qrels --per-topic\n",
     eval_options, run_eval},
};
const size_t command_count = sizeof commands / sizeof *commands;
_Static_assert(sizeof commands / sizeof *commands <= COMMANDS_MOST, "raise COMMANDS_MOST");

const cli_command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}
