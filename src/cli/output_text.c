/* Results for people. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"

enum { INDENT = 3 };

/* A date to the minute, with its offset if it is not UTC: "2025-05-04T09:00+08:00". */
static size_t shorten_date(const char *text, size_t length, char out[32])
{
    enum { MINUTE_BYTES = 16, OFFSET_BYTES = 6 };
    if (length <= MINUTE_BYTES)
        return (size_t)snprintf(out, 32, "%s", text);
    const char *offset = text + length - OFFSET_BYTES;
    bool has = length >= MINUTE_BYTES + OFFSET_BYTES && (*offset == '+' || *offset == '-');
    return (size_t)snprintf(out, 32, "%.*s%s", MINUTE_BYTES, text, has ? offset : "");
}

static size_t count_copies(uint32_t copies, char *text, size_t room)
{
    if (copies == 0)
        return (size_t)snprintf(text, room, "no copies");
    return (size_t)snprintf(text, room, "%u cop%s", (unsigned)copies, copies == 1 ? "y" : "ies");
}

/* The facts of a result behind each other; a new line where one does not fit. `begun` columns of
 * the first line are there already. */
static void print_facts(const cli_output *out, const cli_found *found, size_t begun)
{
    const cli_term *term = &out->term;
    char number[32];
    size_t column = INDENT;
    for (size_t i = 0; i < out->fields.count; i++) {
        cli_field field = out->fields.list[i];
        const char *text = number;
        size_t length = 0;
        if (field == FIELD_SCORE)
            length = (size_t)snprintf(number, sizeof number, "%.2f", (double)found->result.score);
        else if (field == FIELD_COPIES)
            length = count_copies(found->result.copies, number, sizeof number);
        else if (field >= FIELD_ID && field <= FIELD_LANG)
            text = found_text(found, field, &length);
        if (field == FIELD_DATE && length > 0) {
            length = shorten_date(text, length, number);
            text = number;
        }
        if (field == FIELD_ID && !out->keeps_text && fields_have(&out->fields, FIELD_TITLE))
            length = 0; /* it stands in the place of the headline */
        if (length == 0)
            continue;
        size_t width = term_columns(text, length);
        if (column == INDENT)
            printf("%*s", begun < INDENT ? (int)(INDENT - begun) : 0, "");
        if (column > INDENT && term->columns > 0 && column + 3 + width > term->columns) {
            printf("\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            term_print(term, " · ", strlen(" · "), STYLE_FAINT, false);
            column += 3;
        }
        term_print(term, text, length, STYLE_FAINT, false);
        column += width;
    }
    if (column > INDENT || begun > 0) /* the line that was begun ends, whatever is in it */
        putchar('\n');
}

void text_begin(const cli_output *out, const cli_answer *answer)
{
    (void)out;
    (void)answer;
}

/* The headline, or what stands for it, in the line that the rank begins. */
static void print_head(const cli_output *out, const cli_found *found, size_t begun)
{
    ns_marked title = ns_shown_title(found->shown);
    if (!out->keeps_text)
        title = (ns_marked){found->id, found->id_length, NULL, 0};
    if (title.length == 0)
        title = (ns_marked){"(no headline)", strlen("(no headline)"), NULL, 0};
    term_print_marked(&out->term, title, STYLE_TITLE, INDENT, begun, false, false);
}

static void print_passage(const cli_output *out, const cli_found *found)
{
    char place[96];
    ns_marked passage = ns_shown_passage(found->shown);
    bool before, after;
    ns_shown_cut(found->shown, &before, &after);
    if (!out->keeps_text) {
        passage.text = place;
        passage.length = (size_t)snprintf(
            place, sizeof place, "(passage %u of %zu; this index keeps no text)",
            (unsigned)found->result.passage + 1, ns_article_passages(found->article));
    }
    term_print_marked(&out->term, passage, out->keeps_text ? STYLE_PLAIN : STYLE_FAINT, INDENT, 0,
                      before, after);
}

/* What copies of the article there are, unless it is a fact that was asked for. */
static void print_copies(const cli_output *out, const cli_found *found)
{
    char text[64];
    if (found->result.copies == 0 || fields_have(&out->fields, FIELD_COPIES))
        return;
    int length = snprintf(text, sizeof text, "%*sand %u more with the same text\n", INDENT, "",
                          (unsigned)found->result.copies);
    term_print(&out->term, text, (size_t)length, STYLE_FAINT, true);
}

bool text_result(const cli_output *out, const cli_found *found)
{
    char number[24];
    int begun = snprintf(number, sizeof number, "%zu. ", found->rank);
    bool titled = fields_have(&out->fields, FIELD_TITLE);
    bool passage = fields_have(&out->fields, FIELD_PASSAGE);
    bool apart = (titled || passage) && found->rank > out->offset + 1; /* else a line a result */
    printf("%s%s", apart ? "\n" : "", number); /* in the first line's indent */
    if (titled)
        print_head(out, found, (size_t)begun);
    print_facts(out, found, titled ? 0 : (size_t)begun);
    print_copies(out, found);
    if (passage)
        print_passage(out, found);
    if (found->explanation)
        explain_text(out, found->explanation);
    return true;
}

/* Whether a query has nothing to look for, or only what must not be there: its outline says so. */
static bool wants_nothing(const ns_query *query)
{
    static const char nothing[] = "nothing";
    char *outline = NULL;
    ns_error err = {0};
    if (ns_query_describe(query, NS_QUERY_OUTLINE, &outline, &err) != NS_OK)
        return false;
    bool is = strncmp(outline, nothing, strlen(nothing)) == 0;
    ns_query_description_free(outline);
    return is;
}

void tell_spelling(const cli_answer *answer)
{
    if (answer->meant == NULL)
        return;
    fputs("did you mean: ", stderr);
    term_message(answer->meant, strlen(answer->meant));
    fputc('\n', stderr);
}

/* Of a long query the beginning is enough to know it by. */
static void complain_nothing(const char *asked, bool dated)
{
    enum { MOST = 200 };
    size_t length = strlen(asked);
    bool cut = length > MOST;
    if (cut)
        for (length = MOST; length > 0 && ((unsigned char)asked[length] & 0xc0) == 0x80;)
            length--;
    complain("nothing found for: %.*s%s%s", (int)length, asked, cut ? "…" : "",
             dated ? " (dated within --since and --until)" : "");
}

void tell_field(const cli_answer *answer)
{
    if (answer->field.message == NULL)
        return;
    fflush(stdout); /* behind what was found, where both go to one place */
    fputs("note: ", stderr);
    term_message(answer->field.message, strlen(answer->field.message));
    fputc('\n', stderr);
}

void tell_limits(const cli_answer *answer)
{
    fflush(stdout); /* what is told comes behind the results, also where both go to one place */
    if (ns_results_partial(answer->results))
        fputs("the time was up: these are the best so far, not of all\n", stderr);
    if (ns_results_cut(answer->results))
        fputs(
            "note: a pattern stands for more than 1,024 words: the most frequent were looked for\n",
            stderr);
}

void tell_offset(const cli_output *out, const cli_answer *answer)
{
    size_t count = ns_results_count(answer->results);
    if (out->offset > 0 && out->offset >= count && count > 0)
        complain("there %s %zu result%s; --offset %zu leaves none", count == 1 ? "is" : "are",
                 count, count == 1 ? "" : "s", out->offset);
}

void tell_hits(const cli_answer *answer)
{
    ns_hits hits = ns_results_hits(answer->results);
    bool partial = ns_results_partial(answer->results);
    /* The first beyond what is counted, unless there are as many results. */
    const bool more = !hits.exact && !partial && hits.articles > ns_results_count(answer->results);
    fprintf(stderr, "%s%llu article%s, %llu passage%s",
            more         ? "more than "
            : hits.exact ? ""
                         : "at least ",
            (unsigned long long)hits.articles - more, hits.articles == 1 ? "" : "s",
            (unsigned long long)hits.passages - more, hits.passages == 1 ? "" : "s");
}

void text_end(const cli_output *out, const cli_answer *answer)
{
    ns_hits hits = ns_results_hits(answer->results);
    bool partial = ns_results_partial(answer->results);
    tell_limits(answer);
    if (hits.articles == 0) {
        if (partial)
            complain("nothing found so far; a longer --timeout may find something");
        else if (answer->query && wants_nothing(answer->query))
            complain("nothing found: the query asks for no word; for example: ns query -- talks "
                     "-tariff");
        else if (answer->similar && !answer->dated)
            complain("nothing is like %s: no other article has a word of it", answer->asked);
        else
            complain_nothing(answer->asked, answer->dated);
        tell_field(answer);
        tell_spelling(answer);
        return;
    }
    tell_offset(out, answer);
    fputs(out->term.tty ? "\n" : "", stderr);
    tell_hits(answer);
    fprintf(stderr, ", %.1f ms\n", (double)ns_results_profile(answer->results)->took_ns / 1e6);
    tell_spelling(answer);
}
