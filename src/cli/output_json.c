/* Results as one JSON object: docs/cli.md and docs/schema/query.json. */
#include "cli/output.h"

enum { JSON_VERSION = 1 };

static void print_marks(json *out, const char *key, ns_marked text)
{
    json_open_array(out, key);
    for (size_t i = 0; i < text.mark_count; i++) {
        json_open_array(out, NULL);
        json_number(out, NULL, text.marks[i][0]);
        json_number(out, NULL, text.marks[i][1]);
        json_close_array(out);
    }
    json_close_array(out);
}

static void print_passage(json *out, const ns_shown *shown)
{
    ns_marked passage = ns_shown_passage(shown);
    uint64_t start, end;
    ns_shown_range(shown, &start, &end);
    json_open(out, "passage");
    json_string(out, "text", passage.text, passage.length);
    json_number(out, "start", start);
    json_number(out, "end", end);
    print_marks(out, "highlights", passage);
    json_close(out);
}

static void print_field(json *out, const cli_found *found, cli_field field)
{
    if (field == FIELD_RANK) {
        json_number(out, "rank", found->rank);
    } else if (field == FIELD_SCORE) {
        json_double(out, "score", (double)found->result.score, 9);
    } else if (field == FIELD_ID) {
        json_string(out, "article", found->id, found->id_length);
    } else if (field == FIELD_TITLE) {
        ns_marked title = ns_shown_title(found->shown);
        json_string(out, "title", title.text, title.length);
        print_marks(out, "title_highlights", title);
    } else if (field == FIELD_PASSAGE) {
        print_passage(out, found->shown);
    } else if (field == FIELD_COPIES) {
        json_number(out, "copies", found->result.copies);
    } else {
        size_t length;
        const char *text = found_text(found, field, &length);
        if (length)
            json_string(out, field_name(field), text, length);
        else
            json_null(out, field_name(field));
    }
}

static void print_note(json *out, ns_query_note note)
{
    json_open(out, NULL);
    json_number(out, "start", note.start);
    json_number(out, "end", note.end);
    json_text(out, "message", note.message);
    json_close(out);
}

void json_notes(json *out, const ns_query *query, ns_query_note more)
{
    json_open_array(out, "notes");
    for (size_t i = 0; query && i < ns_query_note_count(query); i++)
        print_note(out, ns_query_note_get(query, i));
    if (more.message != NULL)
        print_note(out, more);
    json_close_array(out);
}

void json_meant(json *out, const cli_answer *answer)
{
    if (answer->meant)
        json_text(out, "did_you_mean", answer->meant);
    else
        json_null(out, "did_you_mean");
}

bool json_begin_results(cli_output *output, const cli_answer *answer)
{
    json *out = output->json = json_begin();
    if (out == NULL)
        return false;
    ns_hits hits = ns_results_hits(answer->results);
    json_open(out, NULL);
    json_number(out, "version", JSON_VERSION);
    json_string(out, "query", answer->asked, answer->asked_length);
    json_notes(out, answer->query, answer->field);
    json_meant(out, answer);
    json_number(out, "took_us", ns_results_profile(answer->results)->took_ns / 1000);
    json_open(out, "hits");
    json_number(out, "articles", hits.articles);
    json_number(out, "passages", hits.passages);
    json_bool(out, "exact", hits.exact);
    json_close(out);
    json_number(out, "offset", output->offset);
    json_bool(out, "stored_text", output->keeps_text);
    json_bool(out, "partial", ns_results_partial(answer->results));
    json_bool(out, "cut", ns_results_cut(answer->results));
    json_open_array(out, "results");
    return true;
}

bool json_result(const cli_output *output, const cli_found *found)
{
    json_open(output->json, NULL);
    for (size_t i = 0; i < output->fields.count; i++)
        print_field(output->json, found, output->fields.list[i]);
    if (found->result.copies > 0 && !fields_have(&output->fields, FIELD_COPIES))
        json_number(output->json, "copies", found->result.copies);
    if (found->explanation)
        explain_json(output->json, found->explanation);
    else if (output->explain)
        json_null(output->json, "explain");
    json_close(output->json);
    return true;
}

void json_end_results(const cli_output *output, const cli_answer *answer)
{
    (void)answer;
    json_close_array(output->json);
    json_close(output->json);
    json_end(output->json);
}
