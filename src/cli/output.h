/* Printing what was found, in one of several formats: a file each. */
#ifndef NS_CLI_OUTPUT_H
#define NS_CLI_OUTPUT_H

#include "cli/fields.h"
#include "cli/json.h"
#include "cli/term.h"

typedef enum cli_format {
    FORMAT_TEXT,
    FORMAT_JSON,
    FORMAT_TSV,
    FORMAT_TREC,
    FORMAT_HTML
} cli_format;

/* How results are printed. */
typedef struct cli_output {
    cli_format format;
    cli_fields fields;
    const char *topic; /* of FORMAT_TREC */
    cli_term term;
    size_t offset;      /* results to pass over */
    size_t snippet;     /* words; 0: whole passages */
    bool count;         /* the number of hits was asked for */
    bool explain;       /* where each score comes from */
    size_t unexplained; /* results for which there was no time: counted by output_print */
    bool keeps_text;    /* the index does: filled in by output_print */
    json *json;         /* of FORMAT_JSON, while printing */
} cli_output;

/* What was asked and found. */
typedef struct cli_answer {
    const ns_index *index;
    const ns_results *results;
    const ns_query *query; /* NULL: results come from no query */
    const char *asked;     /* what the user wrote, terminated */
    size_t asked_length;
    const char *meant;   /* what it may have meant; NULL: nothing else */
    ns_query_note field; /* on one that there is not, where nothing is found; or without message */
    bool dated;          /* --since or --until left articles out */
    bool similar;        /* what was asked for is an id, and results are like that article */
} cli_answer;

/* One result; what no field asks for is NULL. */
typedef struct cli_found {
    size_t rank;
    ns_result result;
    const char *id;
    size_t id_length;
    const ns_article *article;
    const ns_shown *shown;
    const ns_explanation *explanation;
} cli_found;

/* From --json, --tsv, --trec, --html, --fields, --offset, --snippet, --topic, --color. False after
 * a message on stderr. */
bool output_init(const cli_args *args, cli_output *out);
/* Prints all of it. Returns the exit status. */
int output_print(cli_output *out, const cli_answer *answer);

/* The key "notes": what was read other than written, in a query or NULL, and one more, if that has
 * a message. */
void json_notes(json *out, const ns_query *query, ns_query_note more);
/* The key "did_you_mean". */
void json_meant(json *out, const cli_answer *answer);
/* A column of the article, or its id; *length is 0 for none. */
const char *found_text(const cli_found *found, cli_field field, size_t *length);

/* Each format: what stands before the results, a result, what stands behind. The middle one returns
 * false after a message when a result cannot be printed in it. */
void text_begin(const cli_output *out, const cli_answer *answer);
bool text_result(const cli_output *out, const cli_found *found);
/* Says on stderr that time was up, or a pattern stood for too much. */
void tell_limits(const cli_answer *answer);
/* … that --offset leaves no result of those there are. */
void tell_offset(const cli_output *out, const cli_answer *answer);
/* … how many match, without an end of the line. */
void tell_hits(const cli_answer *answer);
/* Says on stderr that a field is none, where nothing was found. */
void tell_field(const cli_answer *answer);
/* … what was probably meant, if anything. */
void tell_spelling(const cli_answer *answer);
void text_end(const cli_output *out, const cli_answer *answer);
bool json_begin_results(cli_output *out, const cli_answer *answer);
bool json_result(const cli_output *out, const cli_found *found);
void json_end_results(const cli_output *out, const cli_answer *answer);
/* The parts of a score: lines of a table, and the key "explain". */
void explain_text(const cli_output *out, const ns_explanation *explanation);
void explain_json(json *out, const ns_explanation *explanation);
bool tsv_result(const cli_output *out, const cli_found *found);
bool trec_result(const cli_output *out, const cli_found *found);
void html_begin(const cli_output *out, const cli_answer *answer);
bool html_result(const cli_output *out, const cli_found *found);
void html_end(const cli_output *out, const cli_answer *answer);

#endif
