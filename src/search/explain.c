/* The score of a result taken apart: what ns__exec_score adds up, in the same order. */
#include "ns/explain.h"

#include "os/clock.h"
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

/* The query opened in one segment: its cursors point to the reader, so it stays where it is. */
typedef struct opened {
    ns__arena lists;
    ns__reader reader;
    ns__exec run;
    ns__ranker *ranker; /* of the cascade; NULL without one */
} opened;

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

/* Whether some term of a group may stand in a passage: one merged list knows it of many. */
static bool may_stand(ns__lists *lists, uint32_t passage)
{
    return lists->count != 1 || ns__cursor_seek(&lists->cursors[0], passage) == passage;
}

/* The terms of a group that stand in a passage; where none does, as the article has it elsewhere,
 * some that the word stands for. */
static ns_status add_terms(ns__exec *run, uint32_t group, uint32_t passage, ns_explanation *out)
{
    enum { MOST_TERMS = 64, SOME_TERMS = 3 };
    const ns__lists *lists = &run->lists[group];
    uint32_t named = 0;
    const bool here = may_stand(&run->lists[group], passage);
    for (uint32_t c = 0; here && c < lists->term_count && named < MOST_TERMS; c++) {
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
    if (tf == 0 || ns__exec_expired(run))
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

/* Where the parts that the cascade tells go. */
typedef struct receiver {
    ns__exec *run;
    ns_explanation *out;
    uint32_t passage;
    ns_status status;
} receiver;

static ns_status add_cascade_part(receiver *to, ns__cascade_kind kind, uint32_t a, uint32_t b,
                                  double value)
{
    const ns__plan *plan = to->run->plan;
    ns_part part = {.value = value};
    ns_error *err = to->run->reader->err;
    if (ns__exec_expired(to->run))
        return to->run->reader->status;
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

static void take_part(void *payload, ns__cascade_kind kind, uint32_t a, uint32_t b, double value)
{
    receiver *to = payload;
    if (to->status == NS_OK)
        to->status = add_cascade_part(to, kind, a, b, value);
}

static ns_status explain_cascade(opened *at, const ns__hit *hit, ns_explanation *out)
{
    receiver to = {&at->run, out, hit->passage, NS_OK};
    out->about.cascade = true;
    NS_TRY(ns__cascade_explain(at->ranker, hit, take_part, &to));
    return to.status;
}

static ns_status explain_parts(opened *at, const ns_results *results, const ns__hit *hit,
                               ns_explanation *out)
{
    ns__exec *run = &at->run;
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
        NS_TRY(explain_cascade(at, hit, out));
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

/* ---- Queries that stay open ---- */

/* What results explained one after the other have in common. Opening a query with many patterns
 * takes much longer than explaining a result. */
struct ns__explainer {
    ns_search_options options; /* those of the results, but nobody is asked whether to go on */
    opened **segments;         /* NULL where it is not open */
    uint32_t segment_count;
    ns_search_profile profile; /* nobody looks at it */
};

static void close_segment(ns__explainer *with, uint32_t segment)
{
    opened *at = with->segments[segment];
    if (at == NULL)
        return;
    ns__cascade_close(at->ranker);
    ns__exec_release(&at->run);
    ns__arena_release(&at->lists);
    ns__free(at);
    with->segments[segment] = NULL;
}

void ns__explainer_free(ns__explainer *with)
{
    if (with == NULL)
        return;
    for (uint32_t s = 0; s < with->segment_count; s++)
        close_segment(with, s);
    ns__free(with->segments);
    ns__free(with);
}

/* What results were explained with before, unless another thread has it just now. */
static ns__explainer *take_explainer(const ns_results *results)
{
    ns__explainer *with = __atomic_exchange_n(results->explainer, NULL, __ATOMIC_ACQ_REL);
    if (with != NULL)
        return with;
    with = ns__zalloc(1, sizeof *with);
    if (with == NULL)
        return NULL;
    with->options = results->options;
    with->options.cancelled = NULL;
    with->segment_count = results->index->manifest.segment_count;
    with->segments = ns__zalloc(with->segment_count + 1, sizeof(opened *));
    if (with->segments != NULL)
        return with;
    ns__free(with);
    return NULL;
}

static void return_explainer(const ns_results *results, ns__explainer *with)
{
    ns__explainer_free(__atomic_exchange_n(results->explainer, with, __ATOMIC_ACQ_REL));
}

/* Closes all segments when their lists have become too many to be kept. */
static void close_many(ns__explainer *with)
{
    const size_t keep_bytes = (size_t)256 << 20;
    size_t total = 0;
    for (uint32_t s = 0; s < with->segment_count; s++)
        total += with->segments[s] ? with->segments[s]->lists.total : 0;
    for (uint32_t s = 0; total > keep_bytes && s < with->segment_count; s++)
        close_segment(with, s);
}

static ns_status open_segment(ns__explainer *with, const ns_results *results, uint32_t segment,
                              uint64_t deadline, ns_error *err)
{
    close_many(with);
    opened *at = ns__zalloc(1, sizeof *at);
    if (at == NULL)
        return ns__no_memory(err);
    with->segments[segment] = at;
    const ns_search_options *options = &with->options;
    ns__isa isa = options->isa < 0 ? ns__cpu_isa() : (ns__isa)options->isa;
    at->reader = (ns__reader){.kernels = ns__unpack_kernels_for(isa),
                              .isa = isa,
                              .arena = &at->lists,
                              .profile = &with->profile,
                              .err = err};
    ns__exec_begin(&at->run, &results->plan, options, &at->reader);
    at->run.deadline = deadline;
    NS_TRY(ns__exec_open(&at->run, results->index, segment, false));
    if (at->reader.status == NS_OK && results->weights)
        NS_TRY(ns__cascade_open(&at->run, results->index, results->weights, &at->ranker));
    return at->reader.status;
}

/* What fails leaves its segment as it happened to be: the next one opens it anew. */
static ns_status explain_until(ns__explainer *with, const ns_results *results, const ns__hit *hit,
                               uint64_t deadline, ns_explanation *out, ns_error *err)
{
    ns_status status = NS_OK;
    if (with->segments[hit->segment] == NULL)
        status = open_segment(with, results, hit->segment, deadline, err);
    if (status == NS_OK) {
        opened *at = with->segments[hit->segment];
        at->reader.err = err;
        at->run.deadline = deadline;
        status = explain_parts(at, results, hit, out);
    }
    if (status != NS_OK)
        close_segment(with, hit->segment);
    return status;
}

static uint64_t clock_of(const ns_search_options *options)
{
    return options->clock ? options->clock(options->clock_context) : ns__clock_ns();
}

/* A timeout is that of a search, and then of all explanations together, whichever thread asks:
 * results may be looked at long after they were found. */
static ns_status explain(ns__explainer *with, const ns_results *results, const ns__hit *hit,
                         ns_explanation *out, ns_error *err)
{
    const ns_search_options *options = &results->options;
    if (options->timeout_ns == 0)
        return explain_until(with, results, hit, 0, out, err);
    const uint64_t spent = __atomic_load_n(results->explained_ns, __ATOMIC_RELAXED);
    if (spent >= options->timeout_ns)
        return NS_DONE;
    const uint64_t start = clock_of(options), left = options->timeout_ns - spent;
    const uint64_t never = UINT64_MAX - 1;
    const uint64_t deadline = left < never - start ? start + left : never;
    ns_status status = explain_until(with, results, hit, deadline, out, err);
    __atomic_fetch_add(results->explained_ns, clock_of(options) - start, __ATOMIC_RELAXED);
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
    ns__explainer *with = take_explainer(results);
    ns_status status =
        with ? explain(with, results, &results->items[i], explanation, err) : ns__no_memory(err);
    return_explainer(results, with);
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
