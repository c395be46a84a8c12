/* Exact evaluation of a run of articles: words of all its passages by sets, phrases by match.h, and
 * scores added group by group in the plan's order, as score.h asks. */
#include "search/chunk.h"
#include "search/match.h"

#include "base/count.h"

static bool out_of_memory(ns__exec *run)
{
    if (run->reader->status == NS_OK)
        run->reader->status = ns__no_memory(run->reader->err);
    return false;
}

/* Makes room for `passages`; old contents are not kept. */
static bool reserve(ns__exec *run, ns__chunk *chunk, uint32_t passages)
{
    chunk->words = (passages + 63) / 64;
    if (passages <= chunk->capacity)
        return true;
    ns__arena *arena = run->reader->arena;
    uint64_t room = (uint64_t)chunk->capacity * 2;
    room = room > passages ? room : passages;
    room = room > UINT32_MAX ? UINT32_MAX : room;
    size_t words = (size_t)(room + 63) / 64;
    size_t sets = (size_t)run->plan->group_count + 3;
    chunk->groups = ns__arena_alloc(arena, sets * words * sizeof(uint64_t));
    chunk->scores = ns__arena_alloc(arena, (size_t)room * sizeof *chunk->scores);
    chunk->tfs = ns__arena_alloc(arena, (size_t)room * sizeof *chunk->tfs);
    if (chunk->groups == NULL || chunk->scores == NULL || chunk->tfs == NULL)
        return out_of_memory(run);
    chunk->leaf = chunk->groups + (sets - 3) * words;
    chunk->allowed = chunk->groups + (sets - 2) * words;
    chunk->matched = chunk->groups + (sets - 1) * words;
    chunk->capacity = (uint32_t)room;
    chunk->word_capacity = (uint32_t)words;
    return true;
}

static uint64_t *group_set(const ns__chunk *chunk, uint32_t group)
{
    return chunk->groups + (size_t)group * chunk->word_capacity;
}

/* The next member of a set at or behind `at`; `end` when there is none before it. */
static uint32_t next_member(const uint64_t *set, uint32_t at, uint32_t end)
{
    while (at < end) {
        uint64_t rest = set[at / 64] >> (at % 64);
        if (rest != 0) {
            at += (uint32_t)__builtin_ctzll(rest);
            return at < end ? at : end;
        }
        at = (at / 64 + 1) * 64;
    }
    return end;
}

/* Removes [from, to) from a set. */
static void remove_range(uint64_t *set, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to;) {
        uint32_t stop = (at / 64 + 1) * 64;
        stop = stop < to ? stop : to;
        uint64_t mask = UINT64_MAX >> (64 - (stop - at));
        set[at / 64] &= ~(mask << (at % 64));
        at = stop;
    }
}

/* Adds what one term's postings give to the scores: the arithmetic of ns__bm25_part, split into
 * loops that a compiler turns into vector instructions. */
static void score_span(const ns__exec *run, ns__chunk *chunk, double factor, const ns__span *span)
{
    double k[NS_BLOCK_MAX];
    const ns__bm25 *bm25 = &run->plan->bm25;
    const ns__lengths *lengths = &run->segment->postings.lengths;
    for (uint32_t from = 0; from < span->count; from += NS_BLOCK_MAX) {
        uint32_t count = span->count - from < NS_BLOCK_MAX ? span->count - from : NS_BLOCK_MAX;
        const uint32_t *ids = span->ids + from, *tfs = span->tfs + from;
        for (uint32_t i = 0; i < count; i++)
            k[i] = (double)ns__length_of(lengths, ids[i]);
        for (uint32_t i = 0; i < count; i++)
            k[i] = factor * ((double)tfs[i] / ((double)tfs[i] + (bm25->c0 + bm25->c1 * k[i])));
        for (uint32_t i = 0; i < count; i++)
            chunk->scores[ids[i] - chunk->first] += k[i];
    }
}

static void mark_span(const ns__chunk *chunk, const ns__span *span, uint64_t *set)
{
    for (uint32_t i = 0; i < span->count; i++) {
        const uint32_t at = span->ids[i] - chunk->first;
        set[at / 64] |= UINT64_C(1) << (at % 64);
    }
}

static void add_tfs(ns__chunk *chunk, const ns__span *span)
{
    for (uint32_t i = 0; i < span->count; i++)
        chunk->tfs[span->ids[i] - chunk->first] += span->tfs[i];
}

/* Adds what a group gives to the scores of a set of passages, whose tfs were added up. */
static void score_sums(const ns__exec *run, ns__chunk *chunk, double factor, const uint64_t *set)
{
    const ns__lengths *lengths = &run->segment->postings.lengths;
    const uint32_t size = chunk->end - chunk->first;
    for (uint32_t at = next_member(set, 0, size); at < size; at = next_member(set, at + 1, size))
        chunk->scores[at] += ns__bm25_part(&run->plan->bm25, factor, chunk->tfs[at],
                                           ns__length_of(lengths, chunk->first + at));
}

/* The passages with a group, into its set, and their scores. One term is scored as it is read; the
 * tfs of several are added up first, as they are one word. */
static void gather_group(ns__exec *run, ns__chunk *chunk, uint32_t group, bool score)
{
    const ns__lists *lists = &run->lists[group];
    const double factor = run->plan->groups[group].factor;
    const bool several = lists->count > 1;
    uint64_t *set = group_set(chunk, group);
    memset(set, 0, chunk->words * sizeof *set);
    if (several)
        NS_COUNT(CHUNK_SEVERAL_TERMS);
    else
        NS_COUNT(CHUNK_ONE_TERM);
    if (score && several)
        memset(chunk->tfs, 0, (chunk->end - chunk->first) * sizeof *chunk->tfs);
    for (uint32_t c = 0; c < lists->count; c++) {
        ns__span span;
        ns__cursor_seek(&lists->cursors[c], chunk->first);
        while (ns__cursor_span(&lists->cursors[c], chunk->end, score, &span)) {
            mark_span(chunk, &span, set);
            if (!score)
                continue;
            if (several)
                add_tfs(chunk, &span);
            else
                score_span(run, chunk, factor, &span);
            run->reader->profile->postings_scored += span.count;
        }
    }
    if (score && several)
        score_sums(run, chunk, factor, set);
}

/* The passages that contain a leaf, into chunk->leaf. */
static void find_leaf(ns__exec *run, ns__chunk *chunk, uint32_t leaf)
{
    const ns__plan_leaf *of = &run->plan->leaves[leaf];
    uint64_t *set = chunk->leaf;
    memset(set, of->slot_count == 0 ? 0 : 0xff, chunk->words * sizeof *set);
    for (uint32_t s = 0; s < of->slot_count; s++) {
        const uint64_t *slot = group_set(chunk, of->slots[s]);
        for (uint32_t w = 0; w < chunk->words; w++)
            set[w] &= slot[w];
    }
    uint32_t size = chunk->end - chunk->first;
    if (of->slot_count < 2)
        return;
    for (uint32_t at = next_member(set, 0, size); at < size; at = next_member(set, at + 1, size))
        if (!ns__leaf_holds(run, leaf, chunk->first + at))
            remove_range(set, at, at + 1);
}

/* Adds the bonuses of runs where they stand as phrases. */
static void score_runs(ns__exec *run, ns__chunk *chunk)
{
    const ns__plan *plan = run->plan;
    uint32_t size = chunk->end - chunk->first;
    for (uint32_t l = plan->leaf_count; l < plan->leaf_count + plan->run_count; l++) {
        find_leaf(run, chunk, l);
        for (uint32_t at = next_member(chunk->leaf, 0, size); at < size;
             at = next_member(chunk->leaf, at + 1, size))
            chunk->scores[at] += plan->leaves[l].bonus;
    }
}

bool ns__chunk_gather(ns__exec *run, ns__chunk *chunk, uint32_t article, uint32_t article_end,
                      bool score)
{
    const ns__articles *articles = &run->segment->articles;
    chunk->article = article;
    chunk->article_end = article_end;
    chunk->first = ns__article_first(articles, article);
    chunk->end = ns__article_first(articles, article_end);
    if (!reserve(run, chunk, chunk->end - chunk->first))
        return false;
    if (score)
        memset(chunk->scores, 0, (chunk->end - chunk->first) * sizeof *chunk->scores);
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        if (run->plan->groups[g].weight > 0)
            gather_group(run, chunk, g, score);
    if (score)
        score_runs(run, chunk);
    return !ns__exec_failed(run);
}

/* Allows only the units that hold the required leaf in chunk->leaf. */
static void require(const ns__exec *run, ns__chunk *chunk)
{
    if (run->options->scope == NS_SCOPE_PASSAGE) {
        for (uint32_t w = 0; w < chunk->words; w++)
            chunk->allowed[w] &= chunk->leaf[w];
        return;
    }
    uint32_t from = 0, size = chunk->end - chunk->first;
    for (uint32_t a = chunk->article; a < chunk->article_end && from < size; a++) {
        uint32_t to = ns__article_first(&run->segment->articles, a + 1) - chunk->first;
        to = to < from ? from : to > size ? size : to;
        if (next_member(chunk->leaf, from, to) == to) {
            NS_COUNT(CHUNK_REQUIRED_ABSENT);
            remove_range(chunk->allowed, from, to);
        }
        from = to;
    }
}

/* Takes units that hold an excluded leaf out of the matched passages. */
static void exclude(ns__exec *run, ns__chunk *chunk, uint32_t leaf)
{
    uint32_t size = chunk->end - chunk->first;
    for (uint32_t at = next_member(chunk->matched, 0, size); at < size;) {
        uint32_t first, end;
        if (!ns__exec_unit(run, chunk->first + at, &first, &end))
            return;
        end = end > chunk->end ? chunk->end : end;
        if (ns__leaf_within(run, leaf, first, end)) {
            NS_COUNT(CHUNK_EXCLUDED);
            remove_range(chunk->matched, at, end - chunk->first);
        }
        at = next_member(chunk->matched, end - chunk->first, size);
    }
}

void ns__chunk_match(ns__exec *run, ns__chunk *chunk)
{
    const ns__plan *plan = run->plan;
    memset(chunk->matched, 0, chunk->words * sizeof *chunk->matched);
    memset(chunk->allowed, 0xff, chunk->words * sizeof *chunk->allowed);
    for (uint32_t l = 0; l < plan->leaf_count; l++) {
        if (plan->leaves[l].occur == NS__NOT)
            continue;
        find_leaf(run, chunk, l);
        for (uint32_t w = 0; w < chunk->words; w++)
            chunk->matched[w] |= chunk->leaf[w];
        if (plan->leaves[l].occur == NS__MUST)
            require(run, chunk);
    }
    for (uint32_t w = 0; w < chunk->words; w++)
        chunk->matched[w] &= chunk->allowed[w];
    for (uint32_t l = 0; l < plan->leaf_count; l++)
        if (plan->leaves[l].occur == NS__NOT)
            exclude(run, chunk, l);
}

/* What matched in one live article, its passages [from, to) of the chunk. */
static void report_article(ns__exec *run, const ns__chunk *chunk, uint32_t article, uint32_t from,
                           uint32_t to, bool score)
{
    uint32_t passages = 0, best = to;
    for (uint32_t at = next_member(chunk->matched, from, to); at < to;
         at = next_member(chunk->matched, at + 1, to)) {
        passages++;
        if (!score && passages == 1 && run->collector)
            ns__exec_offer(run, article, chunk->first + at, 0);
        if (!score)
            continue;
        if (run->options->passages)
            ns__exec_offer(run, article, chunk->first + at, (float)chunk->scores[at]);
        else if (best == to || (float)chunk->scores[at] > (float)chunk->scores[best])
            best = at;
    }
    if (passages == 0)
        return;
    run->reader->profile->candidates += score ? passages : 0;
    if (best < to)
        ns__exec_offer(run, article, chunk->first + best, (float)chunk->scores[best]);
    if (ns__exec_counts(run))
        ns__exec_count(run, passages);
}

void ns__chunk_report(ns__exec *run, const ns__chunk *chunk, bool score)
{
    uint32_t size = chunk->end - chunk->first;
    for (uint32_t at = next_member(chunk->matched, 0, size); at < size;) {
        uint32_t article, first, end;
        if (!ns__exec_article(run, chunk->first + at, &article, &first, &end))
            return;
        end = end > chunk->end ? chunk->end : end;
        if (ns__segment_deleted(run->segment, article))
            NS_COUNT(CHUNK_DELETED);
        else
            report_article(run, chunk, article, at, end - chunk->first, score);
        at = next_member(chunk->matched, end - chunk->first, size);
    }
}
