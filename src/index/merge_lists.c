/* The dictionaries of a merge and what hangs on them.
 *
 * A heap over the segments gives their terms in byte order; segments that share a term come in
 * their own order, which is the order of the new passage ids. Each list goes through block by
 * block, decoded or, where nothing in it changes, as it is. The same heap then merges the surfaces;
 * headlines follow by the maps of ordinals. */
#include "base/mem.h"
#include "index/merge_parts.h"
#include "index/names.h"

enum { ARENA_BYTES = 1 << 20, POSTING_BYTES = 3 /* of a file, about */ };

typedef struct list_merge {
    ns__merge_job *job;
    ns__name *heap; /* heads: id is the segment's number; text points into its cursor */
    size_t heap_count;
    ns__postings_writer *postings;
    ns__terms_writer *terms;
    ns__arena arena; /* of opened lists */
    ns__buf value;
    const ns__unpack_kernels *kernels;
    uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM], moved[NS_BLOCK_MAX];
    ns__pos_block block;
    uint32_t *positions;
    size_t position_capacity;
} list_merge;

/* ---- The heap ---- */

/* Reads the next head of a source: NS_DONE at its end. */
typedef ns_status read_head_fn(ns__merge_source *source, ns__str *name, ns_error *err);

static ns_status read_term(ns__merge_source *source, ns__str *name, ns_error *err)
{
    ns_status status = ns__term_cursor_next(&source->terms, err);
    *name = (ns__str){source->terms.text, source->terms.length};
    return status;
}

static ns_status read_surface(ns__merge_source *source, ns__str *name, ns_error *err)
{
    ns_status status = ns__surface_cursor_next(&source->surfaces, err);
    *name = (ns__str){source->surfaces.text, source->surfaces.length};
    return status;
}

static ns_status fill_heap(list_merge *all, read_head_fn *read_head, ns_error *err)
{
    all->heap_count = 0;
    for (size_t i = 0; i < all->job->count; i++) {
        ns__str name;
        ns_status status = read_head(&all->job->sources[i], &name, err);
        NS_TRY(status);
        if (status == NS_OK)
            all->heap[all->heap_count++] = ns__name_of(name, (uint32_t)i);
    }
    for (size_t i = all->heap_count; i-- > 0;)
        ns__names_sift(all->heap, all->heap_count, i);
    return NS_OK;
}

/* Replaces the top by the next head of its source. */
static ns_status advance_heap(list_merge *all, read_head_fn *read_head, ns_error *err)
{
    uint32_t source = all->heap[0].id;
    ns__str name;
    ns_status status = read_head(&all->job->sources[source], &name, err);
    NS_TRY(status);
    if (status == NS_OK)
        all->heap[0] = ns__name_of(name, source);
    else
        all->heap[0] = all->heap[--all->heap_count];
    if (all->heap_count > 0)
        ns__names_sift(all->heap, all->heap_count, 0);
    return NS_OK;
}

/* The top as a copy: its text changes when its source moves on. */
static ns__str copy_top(const list_merge *all, uint8_t text[NS_MAX_TERM_BYTES])
{
    ns__str top = all->heap[0].text;
    memcpy(text, top.data, top.length);
    return (ns__str){text, top.length};
}

/* ---- Terms and postings ---- */

/* The positions of the whole block, each posting's ascending, into all->positions. */
static ns_status read_positions(list_merge *all, ns_error *err)
{
    const ns__pos_block *block = &all->block;
    uint32_t total = block->starts[block->count];
    if (NS_RESERVE(all->positions, all->position_capacity, (size_t)total + 1) < 0)
        return ns__no_memory(err);
    if (total > 0 && block->direct) {
        memcpy(all->positions, block->direct, total * sizeof *all->positions);
        return NS_OK;
    }
    if (total > 0)
        ns__values_get(all->kernels, &block->values, 0, total, all->positions);
    for (uint32_t i = 0; i < block->count; i++)
        for (uint32_t p = block->starts[i] + 1; p < block->starts[i + 1]; p++)
            all->positions[p] += all->positions[p - 1];
    return NS_OK;
}

/* Gives the postings of a block their new ids; those of dead articles are dropped. */
static uint32_t renumber(list_merge *all, const ns__merge_source *source)
{
    ns__pos_block *block = &all->block;
    uint32_t kept = 0, end = 0;
    for (uint32_t i = 0; i < block->count; i++) {
        uint32_t id = ns__merge_passage(source, all->ids[i]);
        if (id == NS_MERGE_GONE)
            continue;
        uint32_t start = block->starts[i], count = block->starts[i + 1] - start;
        all->ids[kept] = id;
        all->tfs[kept] = all->tfs[i];
        block->title_tfs[kept++] = block->title_tfs[i];
        if (end != start)
            memmove(all->positions + end, all->positions + start, count * sizeof *all->positions);
        end += count;
    }
    return kept;
}

/* The block that was read last, as it is, unless its ids move apart or begin elsewhere. They are
 * given their new numbers if it is taken. */
static ns_status take_block(list_merge *all, const ns__merge_source *source, const ns__plist *list,
                            uint32_t b, bool alone, bool *taken, ns_error *err)
{
    const uint32_t count = ns__plist_count(list, b), old = all->ids[0];
    const uint32_t first = ns__merge_passage(source, old);
    const uint32_t last = ns__merge_passage(source, all->ids[count - 1]);
    *taken = false;
    /* Nobody between them died if they are as far apart as they were. */
    if (list->decoded || first == NS_MERGE_GONE || last == NS_MERGE_GONE ||
        last - first != all->ids[count - 1] - old || (b == 0 && first != old))
        return NS_OK;
    const uint8_t *bytes = ns__plist_start(list, b), *positions = ns__plist_positions(list, b);
    const ns__coded_block block = {
        .count = count,
        .base = b > 0 ? ns__plist_last(list, b - 1) + (first - old) : UINT32_MAX,
        .passages = all->moved,
        .tfs = all->tfs,
        .bytes = {bytes, (size_t)(ns__plist_start(list, b + 1) - bytes)},
        .positions = {positions, (size_t)(ns__plist_positions(list, b + 1) - positions)},
        .position_count = all->block.starts[count],
        .last = alone && b + 1 == list->blocks,
    };
    for (uint32_t i = 0; i < count; i++)
        all->moved[i] = all->ids[i] + (first - old);
    return ns__postings_copy(all->postings, &block, taken, err);
}

/* An inline or short list that is the term's only one and none of whose ids changes. None does, and
 * nobody between them died, when the first and the last stay. */
static bool stays_whole(const ns__merge_source *source, const ns__plist *list, bool alone)
{
    if (!alone || !list->decoded)
        return false;
    const uint32_t first = list->ids[0], last = list->ids[list->df - 1];
    return ns__merge_passage(source, first) == first && ns__merge_passage(source, last) == last;
}

/* Passes on the live postings of a source's head term; *copied: how many. `alone`: no other source
 * has the term. */
static ns_status copy_postings(list_merge *all, const ns__merge_source *source, bool alone,
                               uint32_t *copied, ns_error *err)
{
    const bool recode = all->job->options->recode;
    const ns__str value = source->terms.term.value;
    ns__plist list;
    NS_TRY(ns__plist_open(&source->segment->postings, value, &all->arena, &list, err));
    *copied = 0;
    const bool whole = !recode && stays_whole(source, &list, alone);
    if (whole) {
        NS_TRY(ns__postings_copy_list(all->postings, &list, value, err));
        *copied = list.df;
    }
    for (uint32_t b = 0; b < list.blocks && !whole; b++) {
        ns__block_place place;
        NS_TRY(ns__plist_ids(&list, all->kernels, b, all->ids, &place, err));
        NS_TRY(ns__plist_tfs(&list, all->kernels, &place, all->tfs, err));
        NS_TRY(ns__plist_positions_open(&list, all->kernels, b, all->tfs, &all->block, err));
        bool taken = false;
        if (!recode)
            NS_TRY(take_block(all, source, &list, b, alone, &taken, err));
        if (taken) {
            *copied += all->block.count;
            all->job->progress.copied_blocks++;
            continue;
        }
        NS_TRY(read_positions(all, err));
        uint32_t kept = renumber(all, source);
        ns__posting_batch batch = {kept, all->ids, all->tfs, all->block.title_tfs, all->positions};
        NS_TRY(ns__postings_add(all->postings, &batch, err));
        *copied += kept;
    }
    if (all->arena.total > ARENA_BYTES)
        ns__arena_release(&all->arena);
    return ns__merge_advance(all->job, (uint64_t)list.df * POSTING_BYTES, err);
}

static bool head_is_form(const ns__merge_source *source)
{
    uint32_t ordinal = source->terms.term.ordinal;
    return source->term_is_form ? source->term_is_form[ordinal / 8] >> (ordinal % 8) & 1
                                : source->terms.term.is_form;
}

/* Whether no other source has the term at the top: one that had would be right below. */
static bool is_alone(const list_merge *all, ns__str term)
{
    for (size_t i = 1; i < 3 && i < all->heap_count; i++)
        if (ns__str_equal(all->heap[i].text, term))
            return false;
    return true;
}

static ns_status merge_term(list_merge *all, ns_error *err)
{
    uint8_t text[NS_MAX_TERM_BYTES];
    ns__str term = copy_top(all, text);
    const bool alone = is_alone(all, term);
    ns__segment_ref *ref = &all->job->output.ref;
    bool is_form = false, lives = false;
    do {
        ns__merge_source *source = &all->job->sources[all->heap[0].id];
        uint32_t copied;
        NS_TRY(copy_postings(all, source, alone, &copied, err));
        is_form = is_form || head_is_form(source);
        if (copied > 0) {
            source->ordinals[source->terms.term.ordinal] = ref->terms;
            lives = true;
        }
        NS_TRY(advance_heap(all, read_term, err));
    } while (all->heap_count > 0 && ns__str_equal(all->heap[0].text, term));
    if (!lives)
        return NS_OK;
    ref->terms++;
    ns__buf_clear(&all->value);
    NS_TRY(ns__postings_end_term(all->postings, &all->value, err));
    return ns__terms_add(all->terms, term, is_form, (ns__str){all->value.data, all->value.length},
                         err);
}

static ns_status merge_terms(list_merge *all, ns_error *err)
{
    ns__str from = {(const uint8_t *)"", 0};
    for (size_t i = 0; i < all->job->count; i++) {
        ns__merge_source *source = &all->job->sources[i];
        NS_TRY(ns__term_cursor_seek(&source->segment->terms, from, &source->terms, err));
    }
    NS_TRY(fill_heap(all, read_term, err));
    while (all->heap_count > 0)
        NS_TRY(merge_term(all, err));
    return NS_OK;
}

/* ---- Surfaces ---- */

/* Puts an ordinal into its place among the few of a surface; twice is once. */
static ns_status add_target(uint32_t *targets, uint32_t *count, uint32_t ordinal, ns_error *err)
{
    uint32_t at = *count;
    while (at > 0 && targets[at - 1] > ordinal)
        at--;
    if (at > 0 && targets[at - 1] == ordinal)
        return NS_OK;
    if (*count == NS_MAX_LANGUAGES)
        return ns__fail(err, NS_ERR_LIMIT, "a surface form leads to more than %d terms",
                        NS_MAX_LANGUAGES);
    memmove(targets + at + 1, targets + at, (*count - at) * sizeof *targets);
    targets[at] = ordinal;
    ++*count;
    return NS_OK;
}

/* Adds where the head surface of a source leads in live articles. */
static ns_status add_targets(const ns__merge_source *source, uint32_t *targets, uint32_t *count,
                             ns_error *err)
{
    const ns__surface_cursor *head = &source->surfaces;
    uint32_t live = source->surface_targets ? source->surface_targets[head->index - 1] : UINT32_MAX;
    bool forgotten = source->dead && source->segment->no_text; /* which forms live articles have */
    for (uint32_t i = 0; i < head->ordinal_count; i++) {
        uint32_t ordinal = source->ordinals[head->ordinals[i]];
        if (!(live >> i & 1) || (forgotten && ordinal == NS_MERGE_GONE))
            continue;
        if (ordinal == NS_MERGE_GONE)
            return ns__frame_corrupt(head->terms->frame, head->terms->surfaces.data.data, err,
                                     "a surface form leads to a term without postings");
        NS_TRY(add_target(targets, count, ordinal, err));
    }
    return NS_OK;
}

static ns_status merge_surface(list_merge *all, ns_error *err)
{
    uint8_t text[NS_MAX_SURFACE_BYTES];
    uint32_t targets[NS_MAX_LANGUAGES], count = 0;
    ns__str surface = copy_top(all, text);
    do {
        NS_TRY(add_targets(&all->job->sources[all->heap[0].id], targets, &count, err));
        NS_TRY(advance_heap(all, read_surface, err));
    } while (all->heap_count > 0 && ns__str_equal(all->heap[0].text, surface));
    if (count == 0)
        return NS_OK;
    all->job->output.ref.surfaces++;
    return ns__terms_add_surface(all->terms, surface, targets, count, err);
}

static ns_status merge_surfaces(list_merge *all, ns_error *err)
{
    ns__str from = {(const uint8_t *)"", 0};
    for (size_t i = 0; i < all->job->count; i++) {
        ns__merge_source *source = &all->job->sources[i];
        NS_TRY(ns__surface_cursor_seek(&source->segment->terms, from, &source->surfaces, err));
    }
    NS_TRY(fill_heap(all, read_surface, err));
    while (all->heap_count > 0)
        NS_TRY(merge_surface(all, err));
    return NS_OK;
}

/* ---- Headlines ---- */

static ns_status map_headlines(list_merge *all, ns_error *err)
{
    uint32_t *out = all->job->headlines;
    for (size_t i = 0; i < all->job->count; i++) {
        const ns__merge_source *source = &all->job->sources[i];
        const ns__articles *articles = &source->segment->articles;
        for (uint32_t a = 0; a < articles->count; a++) {
            const uint32_t *words;
            uint32_t count;
            if (ns__merge_is_dead(source, a))
                continue;
            NS_TRY(ns__article_headline(articles, a, &all->arena, &words, &count, err));
            for (uint32_t w = 0; w < count; w++) {
                if (words[w] >= source->segment->terms.count ||
                    source->ordinals[words[w]] == NS_MERGE_GONE)
                    return ns__frame_corrupt(articles->frame, articles->headlines.data, err,
                                             "a headline has a word without postings");
                *out++ = source->ordinals[words[w]];
            }
            if (all->arena.total > ARENA_BYTES)
                ns__arena_release(&all->arena);
        }
    }
    return NS_OK;
}

/* ---- All of it ---- */

static ns_status merge_all(list_merge *all, ns_error *err)
{
    ns__output *output = &all->job->output;
    ns__lengths lengths = ns__articles_lengths(output->articles);
    NS_TRY(ns__postings_writer_open(output->settings, &lengths,
                                    ns__articles_average(output->articles),
                                    output->frames[NS__FILE_POSTINGS],
                                    output->frames[NS__FILE_POSITIONS], &all->postings, err));
    NS_TRY(ns__terms_writer_open(output->frames[NS__FILE_TERMS], &all->terms, err));
    if (all->job->reorder)
        NS_TRY(ns__reorder_terms(all->job->reorder, all->postings, all->terms, err));
    else
        NS_TRY(merge_terms(all, err));
    ns__postings_writer *postings = all->postings;
    all->postings = NULL;
    NS_TRY(ns__output_end_lists(output, postings, err));
    NS_TRY(merge_surfaces(all, err));
    NS_TRY(all->job->reorder ? ns__reorder_headlines(all->job->reorder, err)
                             : map_headlines(all, err));
    ns__terms_writer *terms = all->terms;
    all->terms = NULL;
    return ns__terms_writer_finish(terms, err);
}

ns_status ns__merge_lists(ns__merge_job *job, ns_error *err)
{
    list_merge *all = ns__zalloc(1, sizeof *all);
    if (all == NULL)
        return ns__no_memory(err);
    all->job = job;
    all->kernels = ns__unpack_kernels_for(ns__cpu_isa());
    all->heap = ns__alloc(job->count, sizeof *all->heap);
    ns_status status = all->heap ? merge_all(all, err) : ns__no_memory(err);
    ns__postings_writer_free(all->postings);
    ns__terms_writer_free(all->terms);
    ns__arena_release(&all->arena);
    ns__buf_release(&all->value);
    ns__free(all->positions);
    ns__free(all->heap);
    ns__free(all);
    return status;
}
