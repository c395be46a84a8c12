/* ns_search: checks options, plans the query, runs an engine over each segment. */
#include "ns/search.h"

#include <math.h>

#include "base/count.h"
#include "base/limits.h"
#include "os/clock.h"
#include "search/cascade.h"
#include "search/collect.h"
#include "search/copies.h"
#include "search/results.h"
#include "search/exec.h"
#include "search/filter.h"
#include "search/units.h"
#include "search/workspace.h"

void ns_search_options_init(ns_search_options *options)
{
    *options = (ns_search_options){.limit = 10,
                                   .since = INT64_MIN,
                                   .until = INT64_MAX,
                                   .now = INT64_MIN,
                                   .k1 = -1,
                                   .b = -1,
                                   .isa = -1};
}

static ns_status check_options(const ns_search_options *options, ns_error *err)
{
    if (!options->all && options->limit > NS_MAX_RESULTS)
        return ns__fail(err, NS_ERR_LIMIT, "%zu results asked for; at most %d can be had",
                        options->limit, NS_MAX_RESULTS);
    if (options->scope != NS_SCOPE_ARTICLE && options->scope != NS_SCOPE_PASSAGE)
        return ns__fail(err, NS_ERR_ARGUMENT, "unknown scope %d", (int)options->scope);
    if (options->sort < NS_SORT_SCORE || options->sort > NS_SORT_OLDEST)
        return ns__fail(err, NS_ERR_ARGUMENT, "unknown order %d", (int)options->sort);
    if (options->sources && options->passages)
        return ns__fail(err, NS_ERR_ARGUMENT,
                        "results are either passages or one article of each source");
    if (!(options->k1 < 0 || options->k1 <= 1000))
        return ns__fail(err, NS_ERR_ARGUMENT, "k1 must lie between 0 and 1000");
    if (!(options->b < 0 || options->b <= 1))
        return ns__fail(err, NS_ERR_ARGUMENT, "b must lie between 0 and 1");
    if (options->ranking < NS_RANKING_BM25 || options->ranking > NS_RANKING_CASCADE)
        return ns__fail(err, NS_ERR_ARGUMENT, "unknown ranking %d", (int)options->ranking);
    if (options->isa < -1)
        return ns__fail(err, NS_ERR_ARGUMENT, "unknown instruction set %d", options->isa);
    if (options->isa > (int)ns__cpu_isa())
        return ns__fail(err, NS_ERR_ARGUMENT, "this processor lacks the instruction set asked for");
    return NS_OK;
}

/* Whether each passage can be decided alone, and something is required of it. */
static bool by_passage(const ns__exec *run)
{
    const ns__plan *plan = run->plan;
    return plan->musts > 0 &&
           (run->options->scope == NS_SCOPE_PASSAGE || run->segment->articles.one_passage ||
            (plan->musts == 1 && plan->shoulds == 0));
}

bool ns__exec_wants_most(const ns__exec *run)
{
    enum { MANY = 512, FRACTION = 32 };
    uint64_t limit = run->top->limit;
    return limit >= MANY && limit * FRACTION > run->segment->articles.count;
}

/* A list drives and sets count, or sets do both at once. */
static void drive_and_tally(ns__exec *run, bool score)
{
    const bool at_once = score && ns__tally_offers(run);
    if (score && !at_once) {
        NS_COUNT(DRIVE);
        if (run->lone)
            ns__search_lone(run, NULL);
        else
            ns__search_drive(run);
    }
    if ((at_once || ns__exec_counts(run)) && !ns__exec_failed(run))
        ns__search_tally(run, at_once);
}

static void intersect(ns__exec *run)
{
    if (run->options->scope == NS_SCOPE_PASSAGE)
        NS_COUNT(INTERSECTION_PASSAGES);
    else if (run->segment->articles.one_passage)
        NS_COUNT(INTERSECTION_ONE_PASSAGE);
    else
        NS_COUNT(INTERSECTION_ONE_LEAF);
    ns__search_intersection(run);
}

/* One engine for the best, then another for the hits. */
static void find_then_count(ns__exec *run, bool score, bool drive)
{
    if (score && drive)
        ns__search_drive(run);
    else if (score)
        ns__search_disjunction(run);
    if (ns__exec_failed(run))
        return;
    if (ns__exec_counts(run) && ns__tally_can(run))
        ns__search_tally(run, false);
    else if (run->plan->musts > 0)
        ns__search_conjunction(run);
    else
        ns__search_exhaustive(run, false);
}

/* Chooses the engine for a list of words and phrases: docs/query.md says what each is for. The best
 * come before counting, should the time end. Hits are counted in snapshot order whichever it is, so
 * that a lower bound is the same too. */
static void search_pruned(ns__exec *run)
{
    const bool score = run->top->limit > 0;
    const bool drive = ns__drive_can(run), alone = ns__drive_by_passage(run);
    const bool tally = ns__exec_counts(run) && ns__tally_can(run);
    if (drive && alone && (tally || !ns__exec_counts(run)))
        drive_and_tally(run, score);
    else if (!alone && ns__units_pay(run) && ns__search_units(run))
        return; /* all was done: few articles can match */
    else if (!score && tally)
        ns__search_tally(run, false);
    else if (by_passage(run))
        intersect(run);
    else if (ns__exec_wants_most(run))
        ns__search_exhaustive(run, score);
    else
        find_then_count(run, score, drive);
}

/* Whether a mask leaves so few articles that it costs less to ask each of them than to go through
 * the lists of the query: as much as so many postings, or for each word two in each passage. */
static bool left_are_few(const ns__exec *run, uint32_t left)
{
    enum { POSTINGS_AN_ARTICLE = 64, POSTINGS_A_WORD = 2 };
    const ns__articles *articles = &run->segment->articles;
    uint64_t postings = 0;
    if (run->segment != &run->masked)
        return false;
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        postings += run->lists[g].df;
    const uint64_t passages = (uint64_t)left * articles->passages / (articles->count + 1);
    const uint64_t words = passages * run->plan->group_count;
    return (uint64_t)left * POSTINGS_AN_ARTICLE < postings && words * POSTINGS_A_WORD < postings;
}

/* Every match goes to the collector. */
static void search_collected(ns__exec *run)
{
    bool scores = run->collector->scores;
    if (run->plan->tree)
        ns__search_tree(run, scores);
    else if (!scores && !run->options->no_pruning && ns__tally_can(run))
        ns__search_tally(run, false);
    else
        ns__search_exhaustive(run, scores);
    if (run->collector->end_segment)
        run->collector->end_segment(run);
}

static void search_tree(ns__exec *run, bool score, bool pruned)
{
    if (!pruned || !ns__search_tree_sets(run, score))
        ns__search_tree(run, score);
}

static ns_status search_segment(ns__exec *run, const ns_index *index, uint32_t segment)
{
    bool score = run->top->limit > 0;
    bool pruned = !run->options->no_pruning;
    bool bounds = score && pruned && run->collector == NULL;
    run->lone = bounds && ns__lone_can(run->plan, run->options, &index->segments[segment]);
    NS_TRY(ns__exec_open(run, index, segment, bounds && !run->lone));
    if (ns__exec_failed(run))
        return run->reader->status;
    uint32_t left;
    NS_TRY(ns__filters_open(run, &left));
    if (left == 0)
        return run->reader->status;
    if (run->collector)
        search_collected(run);
    else if (pruned && left_are_few(run, left))
        ns__search_tree(run, score);
    else if (run->plan->tree)
        search_tree(run, score, pruned);
    else if (pruned)
        search_pruned(run);
    else
        ns__search_exhaustive(run, score);
    return run->reader->status;
}

/* A query with one positive leaf means the same whether that is wanted or required. Engines do
 * best with a required phrase and a wanted word. */
static void settle_only_leaf(ns__plan *plan)
{
    if (plan->tree || plan->musts + plan->shoulds != 1)
        return;
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        ns__plan_leaf *leaf = &plan->leaves[l];
        if (leaf->occur == NS__NOT)
            continue;
        if (leaf->slot_count != 1)
            NS_COUNT(PLAN_ONLY_PHRASE);
        else if (leaf->occur == NS__MUST)
            NS_COUNT(PLAN_ONLY_REQUIRED_WORD);
        leaf->occur = leaf->slot_count == 1 ? NS__SHOULD : NS__MUST;
        plan->musts = leaf->slot_count != 1;
        plan->shoulds = leaf->slot_count == 1;
    }
}

/* What was found matches, however far hits were counted. */
static void count_found(ns_results *results, size_t found)
{
    ns_hits *hits = &results->hits;
    uint64_t articles = results->options.passages ? found > 0 : found;
    if (results->options.no_hits)
        return;
    hits->articles = hits->articles < articles ? articles : hits->articles;
    hits->passages = hits->passages < found ? found : hits->passages;
}

/* The time was up. Counting comes last. */
static void end_early(ns_results *results, size_t found)
{
    results->partial = true;
    results->hits.exact = false;
    count_found(results, found);
}

/* Searches segment after segment; NS_DONE when the time was up. */
static ns_status run_all(ns__exec *run, const ns_index *index, ns__arena *lists)
{
    ns_status status = NS_OK;
    for (uint32_t s = 0; s < index->manifest.segment_count && status == NS_OK; s++) {
        ns__arena_release(lists);
        status = search_segment(run, index, s);
    }
    return status;
}

/* The results in another order than that of scores. */
static ns_status run_ordered(ns__exec *run, ns_results *results, ns__arena *lists, ns_error *err)
{
    ns__ordering ordering;
    ns_status status =
        ns__ordering_open(results->index, &results->options, run->top->limit, &ordering, err);
    run->collector = &ordering.collector;
    if (status == NS_OK)
        status = run_all(run, results->index, lists);
    if (status >= 0) {
        ns_status finished =
            ns__ordering_finish(&ordering, &results->arena, &results->items, &results->count, err);
        status = finished == NS_OK ? status : finished;
    }
    ns__ordering_release(&ordering);
    return status;
}

/* What was found by NS_RANKING_CASCADE. */
static ns_status rank_again(ns__exec *run, ns_results *results, uint32_t limit)
{
    size_t bytes = ((size_t)run->plan->group_count + 1) * sizeof(double);
    double *weights = ns__arena_alloc(&results->arena, bytes);
    ns__hit *hits = ns__arena_alloc(&results->arena, (results->count + 1) * sizeof *hits);
    if (weights == NULL || hits == NULL)
        return ns__no_memory(run->reader->err);
    for (size_t i = 0; i < results->count; i++)
        hits[i] = results->items[i];
    run->collector = NULL;
    ns_status status =
        ns__cascade(run, results->index, results->page, limit, weights, hits, results->count);
    if (status == NS_OK) {
        results->weights = weights;
        results->items = hits;
    }
    return status;
}

/* Then no two hits are of the same article. */
static bool each_is_one_passage(const ns_index *index)
{
    bool one = true;
    for (uint32_t s = 0; s < index->manifest.segment_count; s++)
        one &= index->segments[s].articles.one_passage;
    return one;
}

/* Whether all that is asked of passages is which words they have, and how often. */
static bool is_of_words(const ns__plan *plan)
{
    bool words = !plan->tree && plan->run_count == 0;
    for (uint32_t l = 0; words && l < plan->leaf_count; l++)
        words = plan->leaves[l].slot_count == 1;
    return words;
}

static ns__isa isa_of(const ns_search_options *options)
{
    return options->isa < 0 ? ns__cpu_isa() : (ns__isa)options->isa;
}

/* What reads lists of this search, into `lists`. */
static ns__reader reader_for(ns_results *results, ns__arena *lists, ns_error *err)
{
    const ns__isa isa = isa_of(&results->options);
    if (isa == NS__ISA_AVX512)
        NS_COUNT(KERNEL_AVX512);
    else if (isa == NS__ISA_AVX2)
        NS_COUNT(KERNEL_AVX2);
    else
        NS_COUNT(KERNEL_PORTABLE);
    return (ns__reader){.kernels = ns__unpack_kernels_for(isa),
                        .isa = isa,
                        .arena = lists,
                        .profile = &results->profile,
                        .err = err};
}

/* Searches all segments for the best, in the order that is asked for. */
static ns_status run_segments(ns_results *results, ns__workspace *work, ns__collector *collector,
                              ns_error *err)
{
    const ns_search_options *options = &results->options;
    const ns_index *index = results->index;
    ns__arena *lists = &work->lists;
    ns__reader reader = reader_for(results, lists, err);
    results->hits = (ns_hits){.exact = !options->no_hits};
    uint64_t most =
        options->passages ? index->passages : index->first_article[index->manifest.segment_count];
    if (options->all && most > UINT32_MAX / 4)
        return ns__fail(err, NS_ERR_LIMIT, "the index is too large to list every result");
    uint32_t limit = (uint32_t)(!options->all && options->limit < most ? options->limit : most);
    ns__topk top;
    bool cascade = collector == NULL && ns__cascade_wanted(options);
    uint32_t depth = cascade ? ns__cascade_depth(options, results->page, limit, most) : limit;
    bool no_copies = options->passages || each_is_one_passage(index);
    if (!ns__topk_init(&top, depth, most, no_copies, &results->arena))
        return ns__no_memory(err);
    ns__exec *run = &work->run;
    ns__exec_begin(run, &results->plan, options, &reader);
    run->top = &top;
    run->collector = collector;
    run->hits = &results->hits;
    run->deadline = results->deadline;
    run->words_only = !cascade && is_of_words(&results->plan);
    bool ordered = limit > 0 && ns__ordering_wanted(options);
    ns_status status = ordered ? run_ordered(run, results, lists, err) : run_all(run, index, lists);
    if (!ordered) {
        if (!ns__topk_finish(&top, &results->arena) && status >= 0)
            status = ns__no_memory(err);
        results->items = top.hits;
        results->count = top.count;
    }
    if (cascade && status == NS_OK)
        status = rank_again(run, results, limit);
    results->complete = results->count < depth;
    if (results->count > limit && !options->distinct)
        results->count = limit;
    ns__exec_end(run);
    ns__arena_release(lists);
    if (status == NS_DONE) {
        end_early(results, results->count);
        status = NS_OK;
    }
    return status;
}

/* Copies of a better result make room for others. They are few: mostly the first list will do. */
static ns_status run_distinct(ns_results *results, ns__workspace *work, ns__collector *collector,
                              ns_error *err)
{
    size_t *limit = &results->options.limit;
    const size_t want = results->options.all ? SIZE_MAX : *limit;
    for (;;) {
        NS_TRY(run_segments(results, work, collector, err));
        bool complete = results->complete || results->options.all || *limit >= NS_MAX_RESULTS;
        NS_TRY(ns__copies_leave_out(results, want, err));
        if (complete || results->count >= want || results->partial)
            break;
        *limit = *limit < NS_MAX_RESULTS / 4 ? 4 * *limit : NS_MAX_RESULTS;
    }
    return ns__copies_count(results, err);
}

static ns_status search(ns_results *results, ns__workspace *work, const ns_query *query,
                        ns__collector *collector, ns_error *err)
{
    const ns_index *index = results->index;
    const ns_search_options *options = &results->options;
    const ns_index_settings *settings = &index->manifest.settings;
    results->profile.kernels = ns__isa_name(isa_of(options));
    const ns__watch watch = {options, results->deadline};
    NS_TRY(ns__plan_make(
        &work->planner, query, &watch, options->k1 < 0 ? settings->k1 : options->k1,
        options->b < 0 ? settings->b : options->b, &results->arena, &results->plan, err));
    if (work->planner.late) { /* what patterns stand for is not known: nothing is found */
        end_early(results, 0);
        return NS_OK;
    }
    settle_only_leaf(&results->plan);
    if (results->plan.musts + results->plan.shoulds == 0 && !results->plan.by_filter) {
        NS_COUNT(PLAN_NOTHING_POSITIVE);
        results->hits.exact = !options->no_hits;
        return NS_OK;
    }
    NS_TRY(options->distinct ? run_distinct(results, work, collector, err)
                             : run_segments(results, work, collector, err));
    count_found(results, results->count);
    return NS_OK;
}

/* When the search must end: see ns__exec. */
static uint64_t deadline_of(const ns_search_options *options, uint64_t start)
{
    if (options->timeout_ns == 0)
        return options->cancelled ? UINT64_MAX : 0;
    if (options->clock)
        start = options->clock(options->clock_context);
    uint64_t deadline = start + options->timeout_ns;
    return deadline < start || deadline == UINT64_MAX ? UINT64_MAX - 1 : deadline;
}

/* What failed has left its workspace as it happened to be: the next one gets another. */
static ns_status search_with(ns__workspace *work, const ns_query *query,
                             const ns_search_options *options, ns__collector *collector,
                             uint64_t start, ns_results *results, ns_error *err)
{
    results->options = *options;
    if (options->now == INT64_MIN)
        results->options.now = ns__clock_unix_s();
    results->deadline = deadline_of(options, start);
    results->page =
        options->offset < options->limit ? options->limit - options->offset : options->limit;
    if (options->all)
        results->page = UINT32_MAX;
    NS_TRY(search(results, work, query, collector, err));
    ns_search_profile *profile = &results->profile;
    if (profile->blocks_decoded < profile->blocks_total)
        profile->blocks_skipped = profile->blocks_total - profile->blocks_decoded;
    profile->took_ns = ns__clock_ns() - start;
    return NS_OK;
}

/* The query, or the text that is one. */
static ns_status search_either(const ns_index *index, const ns_query *query, ns__str text,
                               const ns_search_options *options, ns__collector *collector,
                               ns_results **out, ns_error *err)
{
    const uint64_t start = ns__clock_ns();
    ns_search_options defaults;
    *out = NULL;
    if (options == NULL) {
        ns_search_options_init(&defaults);
        options = &defaults;
    }
    ns__workspace *work = ns__workspace_take(index, err);
    if (work == NULL)
        return NS_ERR_MEMORY;
    ns_status status = NS_OK;
    if (query == NULL) {
        const ns_query_options read = {.now = options->now,
                                       .utc_offset = options->utc_offset,
                                       .utc_offset_context = options->utc_offset_context};
        status = ns__query_parse(&work->query, (const char *)text.data, text.length, &read, err);
        query = &work->query;
    }
    if (status == NS_OK)
        status = check_options(options, err);
    ns_results *results = status == NS_OK ? ns__results_open(index) : NULL;
    if (status == NS_OK && results == NULL)
        status = ns__no_memory(err);
    if (status == NS_OK)
        status = search_with(work, query, options, collector, start, results, err);
    ns__workspace_return(index, work, status == NS_OK);
    if (status == NS_OK)
        *out = results;
    else
        ns_results_free(results);
    return status;
}

ns_status ns_search(const ns_index *index, const char *text, size_t length,
                    const ns_search_options *options, ns_results **out, ns_error *err)
{
    return search_either(index, NULL, (ns__str){(const uint8_t *)text, length}, options, NULL, out,
                         err);
}

ns_status ns_search_query(const ns_index *index, const ns_query *query,
                          const ns_search_options *options, ns_results **out, ns_error *err)
{
    return search_either(index, query, (ns__str){0}, options, NULL, out, err);
}

ns_status ns__search_into(const ns_index *index, const ns_query *query,
                          const ns_search_options *options, ns__collector *collector,
                          ns_results **out, ns_error *err)
{
    return search_either(index, query, (ns__str){0}, options, collector, out, err);
}
