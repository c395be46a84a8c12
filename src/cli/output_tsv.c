/* Results as lines: fields with tabs between, and the lines of TREC runs. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"

static void print_field(const cli_output *out, const cli_found *found, cli_field field)
{
    ns_marked text = {0};
    if (field == FIELD_RANK)
        printf("%zu", found->rank);
    else if (field == FIELD_SCORE)
        printf("%.9g", (double)found->result.score);
    else if (field == FIELD_COPIES)
        printf("%u", (unsigned)found->result.copies);
    else if (field == FIELD_TITLE)
        text = ns_shown_title(found->shown);
    else if (field == FIELD_PASSAGE)
        text = ns_shown_passage(found->shown);
    else
        text.text = found_text(found, field, &text.length);
    term_print_field(&out->term, text.text, text.length);
}

bool tsv_result(const cli_output *out, const cli_found *found)
{
    for (size_t i = 0; i < out->fields.count; i++) {
        if (i > 0)
            putchar('\t');
        print_field(out, found, out->fields.list[i]);
    }
    putchar('\n');
    return true;
}

bool trec_result(const cli_output *out, const cli_found *found)
{
    if (memchr(found->id, 0, found->id_length) ||
        strcspn(found->id, " \t\r\n\v\f") != found->id_length) {
        complain("the id \"%s\" has white space or NUL in it, which a run cannot hold; --tsv can",
                 found->id);
        return false;
    }
    term_print(&out->term, out->topic, strlen(out->topic), STYLE_PLAIN, false);
    fputs(" Q0 ", stdout);
    term_print_field(&out->term, found->id, found->id_length);
    printf(" %zu %.9g ns\n", found->rank, (double)found->result.score);
    return true;
}
