/* Where scores come from: --explain. */
#include <stdio.h>
#include <string.h>

#include "cli/output.h"

/* Enough to give back a double. */
enum { DIGITS = 17 };

static const char *name_of(ns_part_kind kind)
{
    switch (kind) {
    case NS_PART_WORD:
        return "word";
    case NS_PART_RUN:
        return "run";
    case NS_PART_LINE:
        return "line";
    case NS_PART_NEAR:
        return "near";
    case NS_PART_ROUNDING:
        break;
    }
    return "rounding";
}

void explain_json(json *out, const ns_explanation *explanation)
{
    ns_explained about = ns_explanation_about(explanation);
    json_open(out, "explain");
    json_number(out, "length", about.length);
    json_double(out, "average", about.average, DIGITS);
    json_number(out, "passages", about.passages);
    json_double(out, "k1", about.k1, DIGITS);
    json_double(out, "b", about.b, DIGITS);
    json_double(out, "k", about.k, DIGITS);
    json_double(out, "age", about.age, DIGITS);
    json_open_array(out, "parts");
    for (size_t i = 0; i < ns_explanation_count(explanation); i++) {
        ns_part part = ns_explanation_get(explanation, i);
        json_open(out, NULL);
        json_text(out, "kind", name_of(part.kind));
        json_text(out, "terms", part.terms);
        json_number(out, "tf", part.tf);
        json_number(out, "df", part.df);
        json_double(out, "idf", part.idf, DIGITS);
        json_double(out, "weight", part.weight, DIGITS);
        json_double(out, "value", part.value, DIGITS);
        json_close(out);
    }
    json_close_array(out);
    json_close(out);
}

static void print_line(const cli_output *out, const char *text)
{
    enum { INDENT = 3 };
    ns_marked line = {text, strlen(text), NULL, 0};
    term_print_marked(&out->term, line, STYLE_FAINT, INDENT, 0, false, false);
}

/* Bytes of terms that a line has room for, which end with a character. */
static int fitting(const char *terms)
{
    enum { MOST = 200 };
    size_t length = strlen(terms);
    if (length > MOST)
        for (length = MOST; length > 0 && ((unsigned char)terms[length] & 0xc0) == 0x80;)
            length--;
    return (int)length;
}

void explain_text(const cli_output *out, const ns_explanation *explanation)
{
    char line[512];
    ns_explained about = ns_explanation_about(explanation);
    snprintf(line, sizeof line, "%.6f = the sum of", (double)about.score);
    print_line(out, line);
    for (size_t i = 0; i < ns_explanation_count(explanation); i++) {
        ns_part part = ns_explanation_get(explanation, i);
        char age[40] = "";
        if (about.age < 1)
            snprintf(age, sizeof age, "age %.4f × ", about.age);
        if (part.kind == NS_PART_WORD && about.cascade)
            snprintf(line, sizeof line, "%.6f %.*s: weight %g, idf %.4f, %u in its best passage",
                     part.value, fitting(part.terms), part.terms, part.weight, part.idf,
                     (unsigned)part.tf);
        else if (part.kind == NS_PART_WORD)
            snprintf(line, sizeof line, "%.6f %.*s: %sweight %g × idf %.4f × %u / (%u + %.4f)",
                     part.value, fitting(part.terms), part.terms, age, part.weight, part.idf,
                     (unsigned)part.tf, (unsigned)part.tf, about.k);
        else
            snprintf(line, sizeof line, "%.6f %s %.*s", part.value, name_of(part.kind),
                     fitting(part.terms), part.terms);
        print_line(out, line);
    }
    if (about.cascade)
        return;
    snprintf(
        line, sizeof line,
        "with k = %.4f = %g × (1 - %g + %g × %u words / %.2f), idf = ln(1 + (%llu - df + 0.5) / "
        "(df + 0.5))",
        about.k, about.k1, about.b, about.b, (unsigned)about.length, about.average,
        (unsigned long long)about.passages);
    print_line(out, line);
}
