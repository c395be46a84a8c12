/* Results as a piece of HTML that can stand in any page: sections without styles, scripts or links.
 * All text of documents is escaped; <mark> is ours alone. */
#include <stdio.h>
#include <string.h>
#include <utf8proc.h>

#include "cli/output.h"

/* Control characters, which HTML does not have, and marks that turn the text around them. */
static bool is_replaced(utf8proc_int32_t c)
{
    return (c < 0x20 && c != '\t' && c != '\n') || (c >= 0x7f && c < 0xa0) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || (c & 0xfffe) == 0xfffe ||
           (c >= 0xfdd0 && c <= 0xfdef);
}

static void print_char(const char *text, size_t length, utf8proc_int32_t c)
{
    if (c == '<')
        fputs("&lt;", stdout);
    else if (c == '>')
        fputs("&gt;", stdout);
    else if (c == '&')
        fputs("&amp;", stdout);
    else if (c == '"')
        fputs("&quot;", stdout);
    else if (c == '\'')
        fputs("&#39;", stdout);
    else if (c == '\r')
        putchar(' ');
    else if (is_replaced(c))
        fputs("\xef\xbf\xbd", stdout);
    else
        fwrite(text, 1, length, stdout);
}

/* Text with its marks. They count code points; bytes that are not UTF-8 count one each. */
static void print_marked(ns_marked text)
{
    size_t mark = 0, point = 0;
    for (size_t at = 0, used; at < text.length; at += used, point++) {
        utf8proc_int32_t c;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)text.text + at,
                                                   (utf8proc_ssize_t)(text.length - at), &c);
        used = length > 0 ? (size_t)length : 1;
        if (mark < text.mark_count && text.marks[mark][0] == point)
            fputs("<mark>", stdout);
        print_char(text.text + at, used, length > 0 ? c : 0x80);
        if (mark < text.mark_count && text.marks[mark][1] == point + 1) {
            fputs("</mark>", stdout);
            mark++;
        }
    }
}

static void print_plain(const char *text, size_t length)
{
    print_marked((ns_marked){text, length, NULL, 0});
}

void html_begin(const cli_output *out, const cli_answer *answer)
{
    printf("<ol class=\"ns-results%s\" start=\"%zu\">\n",
           ns_results_partial(answer->results) ? " ns-partial" : "", out->offset + 1);
}

static void print_passage(const cli_found *found)
{
    bool before, after;
    ns_shown_cut(found->shown, &before, &after);
    fputs("<p class=\"ns-passage\">", stdout);
    if (before)
        fputs("… ", stdout);
    print_marked(ns_shown_passage(found->shown));
    if (after)
        fputs(" …", stdout);
    fputs("</p>\n", stdout);
}

static void print_fact(const cli_found *found, cli_field field)
{
    char number[40];
    const char *text = number;
    size_t length = 0;
    if (field == FIELD_RANK)
        length = (size_t)snprintf(number, sizeof number, "%zu", found->rank);
    else if (field == FIELD_SCORE)
        length = (size_t)snprintf(number, sizeof number, "%.9g", (double)found->result.score);
    else
        text = found_text(found, field, &length);
    if (length == 0)
        return;
    printf("<span class=\"ns-%s\">", field_name(field));
    print_plain(text, length);
    fputs("</span>\n", stdout);
}

static void print_copies(const cli_found *found)
{
    if (found->result.copies > 0)
        printf("<p class=\"ns-copies\">and %u more with the same text</p>\n",
               (unsigned)found->result.copies);
}

bool html_result(const cli_output *out, const cli_found *found)
{
    fputs("<li class=\"ns-result\">\n", stdout);
    for (size_t i = 0; i < out->fields.count; i++) {
        cli_field field = out->fields.list[i];
        if (field == FIELD_PASSAGE) {
            print_passage(found);
        } else if (field == FIELD_TITLE) {
            fputs("<h3 class=\"ns-title\">", stdout);
            print_marked(ns_shown_title(found->shown));
            fputs("</h3>\n", stdout);
        } else if (field == FIELD_COPIES) {
            print_copies(found);
        } else {
            print_fact(found, field);
        }
    }
    if (!fields_have(&out->fields, FIELD_COPIES)) /* told in any case */
        print_copies(found);
    fputs("</li>\n", stdout);
    return true;
}

void html_end(const cli_output *out, const cli_answer *answer)
{
    (void)out;
    (void)answer;
    fputs("</ol>\n", stdout);
}
