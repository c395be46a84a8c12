/* The score of a result taken apart: what ns__exec_score adds up, in the same order. */
#include "ns/explain.h"

#include "search/cascade.h"
#include "search/collect.h"
#include "search/match.h"
#include "search/results.h"

struct ns_explanation {
    ns_explained about;
    ns_part *parts;
    size_t count, capacity;
    size_t *terms; /* of each part: where its terms stand in `text` */
    size_t terms_capacity;
    ns__buf text; /* terminated lists of terms */
};

/* A part begins: its terms follow into the text. */
static ns_status begin_part(ns_explanation *out, ns_part part, ns_error *err)
{
    if (NS_RESERVE(out->parts, out->capacity, out->count + 1) != NS_OK ||
        NS_RESERVE(out->terms, out->terms_capacity, out->count + 1) != NS_OK)
        return ns__no_memory(err);
    out->terms[out->count] = out->text.length;
    out->parts[out->count++] = part;
    return NS_OK;
}

static ns_status end_part(ns_explanation *out, ns_error *err)
{
    size_t start = out->terms[out->count - 1];
    if (out->text.length > start) /* a blank stands behind each term */
        out->text.length--;
    ns__buf_u8(&out->text, 0);
    return out->text.failed ? ns__no_memory(err) : NS_OK;
}

static ns_status add_term(ns__exec *run, uint32_t ordinal, ns_explanation *out)
{
    uint8_t text[256];
    size_t length;
    NS_TRY(ns__terms_at(&run->segment->terms, ordinal, text, &length, run->reader->err));
    ns__buf_append(&out->text, text, length);
    ns__buf_u8(&out->text, ' ');
    return NS_OK;
}

/* The terms of a group that stand in a passage; where none does, as the article has it elsewhere,
 * some that the word stands for. */
static ns_status add_terms(ns__exec *run, uint32_t group, uint32_t passage, ns_explanation *out)
{
    enum { MOST_TERMS = 64, SOME_TERMS = 3 };
    const ns__lists *lists = &run->lists[group];
    uint32_t named = 0;
    for (uint32_t c = 0; c < lists->term_count && named < MOST_TERMS; c++) {
        if (ns__cursor_seek(&lists->terms[c], passage) != passage)
            continue;
        NS_TRY(add_term(run, lists->terms[c].ordinal, out));
        named++;
    }
    if (named > 0)
        return run->reader->status;
    for (uint32_t c = 0; c < lists->term_count && c < SOME_TERMS; c++)
        NS_TRY(add_term(run, lists->terms[c].ordinal, out));
    if (lists->term_count > SOME_TERMS)
        ns__buf_append(&out->text, "… ", strlen("… "));
    return run->reader->status;
}

/* Adds what one group gives to the sum; nothing where the passage does not have it. */
static ns_status explain_group(ns__exec *run, uint32_t g, uint32_t passage, double *sum,
                               ns_explanation *out)
{
    const ns__group *group = &run->plan->groups[g];
    const ns__bm25 *bm25 = &run->plan->bm25;
    uint32_t tf = group->weight > 0 ? ns__group_tf(run, g, passage) : 0;
    if (tf == 0)
        return run->reader->status;
    double value = ns__bm25_part(bm25, group->factor, tf, out->about.length);
    *sum += value;
    ns_part part = {.kind = NS_PART_WORD,
                    .tf = tf,
                    .df = group->df,
                    .idf = group->factor / group->boost,
                    .weight = group->boost,
                    .value = value};
    NS_TRY(begin_part(out, part, run->reader->err));
    NS_TRY(add_terms(run, g, passage, out));
    return end_part(out, run->reader->err);
}

static ns_status explain_run(ns__exec *run, uint32_t r, uint32_t passage, double *sum,
                             ns_explanation *out)
{
    const ns__plan_leaf *leaf = &run->plan->leaves[run->plan->leaf_count + r];
    if (!ns__run_holds(run, r, passage))
        return run->reader->status;
    *sum += leaf->bonus;
    ns_part part = {.kind = NS_PART_RUN, .value = leaf->bonus};
    NS_TRY(begin_part(out, part, run->reader->err));
    for (uint32_t s = 0; s < leaf->slot_count; s++)
        NS_TRY(add_terms(run, leaf->slots[s], passage, out));
    return end_part(out, run->reader->err);
}

/* Makes the values add up to a score that an age has lessened: each takes its share, and what is
 * left is rounding. The sum is near the score then, so that their difference is exact. */
static ns_status apply_age(ns_explanation *out, double age, ns_error *err)
{
    double sum = 0;
    out->about.age = age;
    for (size_t i = 0; i < out->count; i++) {
        out->parts[i].value *= age;
        sum += out->parts[i].value;
    }
    if (sum == (double)out->about.score)
        return NS_OK;
    ns_part part = {.kind = NS_PART_ROUNDING, .value = (double)out->about.score - sum};
    NS_TRY(begin_part(out, part, err));
    return end_part(out, err);
}

/* Who collects what the cascade tells. */
typedef struct telling {
    ns__exec *run;
    ns_explanation *out;
    uint32_t passage;
    ns_status status;
} telling;

static ns_status add_told(telling *to, ns__cascade_kind kind, uint32_t a, uint32_t b, double value)
{
    const ns__plan *plan = to->run->plan;
    ns_part part = {.value = value};
    ns_error *err = to->run->reader->err;
    if (kind == NS__CASCADE_WORD) {
        const ns__group *group = &plan->groups[a];
        part.kind = NS_PART_WORD;
        part.tf = ns__group_tf(to->run, a, to->passage);
        part.df = group->df;
        part.idf = group->factor / group->boost;
        part.weight = group->boost;
    } else {
        part.kind = kind == NS__CASCADE_RUN    ? NS_PART_RUN
                    : kind == NS__CASCADE_LINE ? NS_PART_LINE
                                               : NS_PART_NEAR;
    }
    NS_TRY(begin_part(to->out, part, err));
    const ns__plan_leaf *run = &plan->leaves[plan->leaf_count + a];
    const bool whole = kind == NS__CASCADE_RUN || kind == NS__CASCADE_LINE;
    for (uint32_t s = 0; whole && s < run->slot_count; s++)
        NS_TRY(add_terms(to->run, run->slots[s], to->passage, to->out));
    if (!whole)
        NS_TRY(add_terms(to->run, a, to->passage, to->out));
    if (kind == NS__CASCADE_NEAR)
        NS_TRY(add_terms(to->run, b, to->passage, to->out));
    return end_part(to->out, err);
}

static void take_told(void *payload, ns__cascade_kind kind, uint32_t a, uint32_t b, double value)
{
    telling *to = payload;
    if (to->status == NS_OK)
        to->status = add_told(to, kind, a, b, value);
}

static ns_status explain_cascade(ns__exec *run, const ns_results *results, const ns__hit *hit,
                                 ns_explanation *out)
{
    telling to = {run, out, hit->passage, NS_OK};
    out->about.cascade = true;
    NS_TRY(ns__cascade_explain(run, results->index, results->weights, hit, take_told, &to));
    return to.status;
}

static ns_status explain_parts(ns__exec *run, const ns_results *results, const ns__hit *hit,
                               ns_explanation *out)
{
    const ns__plan *plan = run->plan;
    const ns_search_options *options = &results->options;
    ns_error *err = run->reader->err;
    double sum = 0;
    uint32_t passage = hit->passage;
    out->about = (ns_explained){.score = hit->score,
                                .length = ns__length_of(&run->segment->postings.lengths, passage),
                                .average = plan->bm25.average,
                                .passages = plan->bm25.passages,
                                .k1 = plan->bm25.k1,
                                .b = plan->bm25.b,
                                .age = 1};
    out->about.k = plan->bm25.c0 + plan->bm25.c1 * (double)out->about.length;
    if (results->weights)
        NS_TRY(explain_cascade(run, results, hit, out));
    for (uint32_t g = 0; !results->weights && g < plan->group_count; g++)
        NS_TRY(explain_group(run, g, passage, &sum, out));
    for (uint32_t r = 0; !results->weights && r < plan->run_count; r++)
        NS_TRY(explain_run(run, r, passage, &sum, out));
    if (options->half_life > 0) {
        ns__stamp date;
        NS_TRY(
            ns__article_date(&run->segment->articles, ns__hit_article(results, hit), &date, err));
        int64_t begins = ns__date_begins(options, &date);
        NS_TRY(apply_age(out, ns__age_factor(begins, options->now, options->half_life), err));
    }
    for (size_t i = 0; i < out->count; i++)
        out->parts[i].terms = (const char *)out->text.data + out->terms[i];
    return run->reader->status;
}

static ns_status explain(const ns_results *results, const ns__hit *hit, ns_explanation *out,
                         ns_error *err)
{
    ns__arena lists = {0};
    ns_search_profile profile = {0};
    ns__isa isa = results->options.isa < 0 ? ns__cpu_isa() : (ns__isa)results->options.isa;
    ns__reader reader = {.kernels = ns__unpack_kernels_for(isa),
                         .isa = isa,
                         .arena = &lists,
                         .profile = &profile,
                         .err = err};
    ns__exec run = {.plan = &results->plan, .options = &results->options, .reader = &reader};
    ns_status status = ns__exec_open(&run, results->index, hit->segment, false);
    if (status == NS_OK)
        status = reader.status;
    if (status == NS_OK)
        status = explain_parts(&run, results, hit, out);
    ns__exec_release(&run);
    ns__arena_release(&lists);
    return status;
}

ns_status ns_results_explain(const ns_results *results, size_t i, ns_explanation **out,
                             ns_error *err)
{
    *out = NULL;
    if (i >= results->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no result %zu", i);
    ns_explanation *explanation = ns__zalloc(1, sizeof *explanation);
    if (explanation == NULL)
        return ns__no_memory(err);
    ns_status status = explain(results, &results->items[i], explanation, err);
    if (status != NS_OK) {
        ns_explanation_free(explanation);
        return status;
    }
    *out = explanation;
    return NS_OK;
}

ns_explained ns_explanation_about(const ns_explanation *explanation)
{
    return explanation->about;
}

size_t ns_explanation_count(const ns_explanation *explanation)
{
    return explanation->count;
}

ns_part ns_explanation_get(const ns_explanation *explanation, size_t i)
{
    return explanation->parts[i];
}

void ns_explanation_free(ns_explanation *explanation)
{
    if (explanation == NULL)
        return;
    ns__free(explanation->parts);
    ns__free(explanation->terms);
    ns__buf_release(&explanation->text);
    ns__free(explanation);
}
