/* Reading judgments and runs: lines of fields between white space, as TREC writes them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/eval.h"
#include "cli/lines.h"

enum { MOST_FIELDS = 6 };

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts [at, end) into fields, terminated in place; `end` may be written. Returns how many there
 * are, at most MOST_FIELDS + 1. */
static size_t cut_fields(char *at, char *end, eval_word *fields)
{
    size_t count = 0;
    for (;;) {
        while (at < end && is_space(*at))
            at++;
        if (at == end)
            return count;
        char *start = at;
        while (at < end && !is_space(*at))
            at++;
        if (count == MOST_FIELDS)
            return count + 1;
        fields[count++] = (eval_word){start, (size_t)(at - start)};
        if (at < end)
            *at++ = 0;
        else
            *at = 0;
    }
}

static bool bad_line(const char *path, size_t line, const char *wanted)
{
    complain("%s:%zu: %s", path, line, wanted);
    return false;
}

static bool read_grade(eval_word field, int *out)
{
    char *end;
    errno = 0;
    long grade = strtol(field.text, &end, 10);
    *out = (int)grade;
    if (*end == '.' && end > field.text) /* some write 1.0 */
        end += 1 + strspn(end + 1, "0");
    return end > field.text && *end == 0 && errno == 0 && grade >= -1000000 && grade <= 1000000;
}

static bool read_score(eval_word field, float *out)
{
    char *end;
    *out = strtof(field.text, &end);
    return *end == 0 && *out == *out;
}

/* A growing list of equal items. */
static void *grow(void *list, size_t count, size_t size)
{
    if ((count & (count + 1)) != 0) /* room is there up to the next power of two, less one */
        return list;
    void *grown = count < SIZE_MAX / 4 / size ? realloc(list, (2 * count + 1) * size) : NULL;
    if (grown == NULL)
        complain("out of memory");
    return grown;
}

/* ---- Judgments ---- */

static bool add_judgment(eval_qrels *out, const char *path, const eval_word *fields, size_t count,
                         size_t line)
{
    eval_judgment judgment = {.line = line};
    if (count != 4)
        return bad_line(path, line, "a judgment is: topic, iteration, article id, grade");
    judgment.topic = fields[0];
    judgment.id = fields[2];
    if (!read_grade(fields[3], &judgment.grade))
        return bad_line(path, line, "the grade, the fourth field, is no whole number");
    eval_judgment *grown = grow(out->list, out->count, sizeof *grown);
    if (grown == NULL)
        return false;
    out->list = grown;
    out->list[out->count++] = judgment;
    return true;
}

static int compare_judgments(const void *a, const void *b)
{
    const eval_judgment *x = a, *y = b;
    int order = eval_word_compare(x->topic, y->topic);
    order = order ? order : eval_word_compare(x->id, y->id);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool judged_once(const eval_qrels *qrels, const char *path)
{
    for (size_t i = 1; i < qrels->count; i++) {
        const eval_judgment *a = &qrels->list[i - 1], *b = &qrels->list[i];
        if (eval_word_compare(a->topic, b->topic) == 0 && eval_word_compare(a->id, b->id) == 0) {
            complain("%s:%zu: article %s was judged for topic %s in line %zu already", path,
                     b->line, b->id.text, b->topic.text, a->line);
            return false;
        }
    }
    return true;
}

bool eval_qrels_read(const char *path, eval_qrels *out)
{
    cli_lines lines;
    bool fine = lines_read(&lines, path, "--qrels", "judgments: topic, iteration, id, grade");
    eval_word fields[MOST_FIELDS];
    for (char *at, *end; fine && lines_next(&lines, &at, &end);) {
        size_t count = cut_fields(at, end, fields);
        if (count > 0)
            fine = add_judgment(out, path, fields, count, lines.number);
    }
    out->text = lines.text;
    if (fine && out->count == 0) {
        complain("%s: holds no judgments; a line is: topic, iteration, article id, grade", path);
        fine = false;
    }
    if (!fine)
        return false;
    qsort(out->list, out->count, sizeof *out->list, compare_judgments);
    return judged_once(out, path);
}

void eval_qrels_release(eval_qrels *qrels)
{
    free(qrels->list);
    free(qrels->text);
}

/* ---- Runs ---- */

static bool add_hit(eval_run *out, const char *path, const eval_word *fields, size_t count,
                    size_t line)
{
    eval_hit hit = {.line = line};
    if (count != 6)
        return bad_line(path, line, "a line of a run is: topic, Q0, article id, rank, score, tag");
    hit.topic = fields[0];
    hit.id = fields[2];
    if (!read_score(fields[4], &hit.score))
        return bad_line(path, line, "the score, the fifth field, is no number");
    eval_hit *grown = grow(out->list, out->count, sizeof *grown);
    if (grown == NULL)
        return false;
    out->list = grown;
    out->list[out->count++] = hit;
    return true;
}

static int compare_hits(const void *a, const void *b)
{
    const eval_hit *x = a, *y = b;
    int order = eval_word_compare(x->topic, y->topic);
    if (order)
        return order;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return eval_word_compare(y->id, x->id);
}

void eval_run_sort(eval_hit *list, size_t count)
{
    if (count > 0)
        qsort(list, count, sizeof *list, compare_hits);
}

static int compare_ids(const void *a, const void *b)
{
    const eval_hit *x = a, *y = b;
    int order = eval_word_compare(x->topic, y->topic);
    order = order ? order : eval_word_compare(x->id, y->id);
    return order ? order : (x->line > y->line) - (x->line < y->line);
}

static bool retrieved_once(eval_run *run, const char *path)
{
    if (run->count > 0)
        qsort(run->list, run->count, sizeof *run->list, compare_ids);
    for (size_t i = 1; i < run->count; i++) {
        const eval_hit *a = &run->list[i - 1], *b = &run->list[i];
        if (eval_word_compare(a->topic, b->topic) == 0 && eval_word_compare(a->id, b->id) == 0) {
            complain("%s:%zu: article %s stands in line %zu for topic %s already", path, b->line,
                     b->id.text, a->line, b->topic.text);
            return false;
        }
    }
    return true;
}

bool eval_run_read(const char *path, eval_run *out)
{
    cli_lines lines;
    bool fine = lines_read(&lines, path, "--from", "a run: topic, Q0, id, rank, score, tag");
    eval_word fields[MOST_FIELDS];
    for (char *at, *end; fine && lines_next(&lines, &at, &end);) {
        size_t count = cut_fields(at, end, fields);
        if (count > 0)
            fine = add_hit(out, path, fields, count, lines.number);
    }
    out->text = lines.text;
    if (!fine || !retrieved_once(out, path))
        return false;
    eval_run_sort(out->list, out->count);
    return true;
}

void eval_run_release(eval_run *run)
{
    free(run->list);
    free(run->text);
}
