/* Posting lists of a reordering: decoded, sorted by the new ids of their passages, written again.
 *
 *   caller   walks the dictionary; terms go into batches of so many postings
 *   jobs     decode and sort a batch, each on its own
 *   caller   writes the batches in order
 *
 * A term that does not fit a batch's memory is left to the caller, who goes over its list once for
 * each range of new ids that does fit. */
#include "index/reorder_sort.h"

#include "base/mem.h"
#include "base/num.h"

enum {
    MEMORY_SHARE = 4, /* batches and parts of lists may take this part of the memory */
    LEAST_POSTINGS = 1 << 12,
    MOST_POSTINGS = 1 << 16, /* of a batch of more than one term */
    FILE_BYTES = 3,          /* of a posting in the files, about */
    BUCKETS = 1 << 12
};

typedef struct batch_term {
    size_t name_end, part_end, posting_end, position_end;
    uint64_t df;
    bool too_large; /* nothing of it is in `sorted` */
} batch_term;

typedef struct batch_part {
    ns__walked from;
    uint32_t live; /* postings: filled by the job */
} batch_part;

typedef struct batch {
    ns__job job; /* first */
    struct rewriter *owner;
    ns__buf names;
    batch_term *terms;
    size_t term_count, term_capacity;
    batch_part *parts;
    size_t part_count, part_capacity;
    uint64_t postings;
    ns__columns sorted;
    bool flying;
    ns_status status;
    ns_error error;
} batch;

typedef struct rewriter {
    ns__reorder *all;
    ns__postings_writer *postings;
    ns__terms_writer *terms;
    const ns__unpack_kernels *kernels;
    uint64_t batch_postings; /* a batch is full with so many */
    uint64_t most_bytes;     /* a term's postings may take while they are sorted */
    ns__sorter *sorters;     /* one for each thread, and the caller's */
    batch *batches;          /* a ring */
    size_t batch_count, oldest, flying;
    ns__columns part; /* of a large term */
    ns__buf value;
} rewriter;

/* ---- Batches ---- */

/* Decodes and sorts one term into batch->sorted, or marks it as too large. */
static ns_status sort_term(batch *here, ns__sorter *work, batch_term *term, size_t first_part)
{
    const rewriter *all = here->owner;
    const ns__id_range everything = {0, UINT32_MAX, all->most_bytes};
    work->raw.count = work->raw.position_count = 0;
    term->too_large = term->df * NS__SORT_POSTING_BYTES > all->most_bytes;
    for (size_t p = first_part; p < term->part_end && !term->too_large; p++) {
        batch_part *part = &here->parts[p];
        ns_status status =
            ns__sorter_decode(work, &part->from, &everything, &part->live, &here->error);
        NS_TRY(status);
        term->too_large = status == NS_DONE;
    }
    if (!term->too_large)
        NS_TRY(ns__sorter_append(work, &here->sorted, &here->error));
    term->posting_end = here->sorted.count;
    term->position_end = here->sorted.position_count;
    return NS_OK;
}

static void run_batch(ns__job *job, unsigned worker)
{
    batch *here = (batch *)job;
    size_t part = 0;
    here->sorted.count = here->sorted.position_count = 0;
    here->status = NS_OK;
    for (size_t t = 0; t < here->term_count && here->status == NS_OK; t++) {
        here->status = sort_term(here, &here->owner->sorters[worker], &here->terms[t], part);
        part = here->terms[t].part_end;
    }
}

/* ---- Writing ---- */

static ns_status add_postings(const rewriter *all, const ns__columns *from, size_t first,
                              size_t end, size_t position, ns_error *err)
{
    const ns__posting_batch these = {end - first, from->ids + first, from->tfs + first,
                                     from->title_tfs + first, from->positions + position};
    return end > first ? ns__postings_add(all->postings, &these, err) : NS_OK;
}

/* What the postings of a large term take, by ranges of new ids. */
static ns_status weigh_term(const rewriter *all, ns__sorter *work, const batch *here,
                            const batch_term *term, size_t first_part, uint64_t *weights,
                            unsigned shift, ns_error *err)
{
    for (size_t p = first_part; p < term->part_end; p++) {
        const ns__walked *from = &here->parts[p].from;
        const ns__merge_source *source = &all->all->job->sources[from->source];
        ns__plist list;
        NS_TRY(
            ns__plist_open(&source->segment->postings, from->term.value, &work->arena, &list, err));
        for (uint32_t b = 0; b < list.blocks; b++) {
            ns__block_place place;
            NS_TRY(ns__plist_ids(&list, all->kernels, b, work->ids, &place, err));
            NS_TRY(ns__plist_tfs(&list, all->kernels, &place, work->tfs, err));
            NS_TRY(ns__plist_positions_open(&list, all->kernels, b, work->tfs, &work->block, err));
            for (uint32_t i = 0; i < work->block.count; i++) {
                const uint32_t id = source->passages[work->ids[i]];
                const uint64_t positions = work->block.starts[i + 1] - work->block.starts[i];
                if (id != NS_MERGE_GONE)
                    weights[id >> shift] +=
                        NS__SORT_POSTING_BYTES + positions * NS__SORT_POSITION_BYTES;
            }
        }
        ns__arena_release(&work->arena);
    }
    return NS_OK;
}

/* Writes the postings of a large term whose new ids are in a range. */
static ns_status write_range(rewriter *all, ns__sorter *work, batch *here, const batch_term *term,
                             size_t first_part, const ns__id_range *wanted, ns_error *err)
{
    work->raw.count = work->raw.position_count = 0;
    all->part.count = all->part.position_count = 0;
    for (size_t p = first_part; p < term->part_end; p++) {
        uint32_t live;
        NS_TRY(ns__sorter_decode(work, &here->parts[p].from, wanted, &live, err));
        here->parts[p].live += live;
    }
    NS_TRY(ns__sorter_append(work, &all->part, err));
    return add_postings(all, &all->part, 0, all->part.count, 0, err);
}

/* Writes a large term range by range: buckets of ids, as many as fit the memory. */
static ns_status write_large(rewriter *all, batch *here, const batch_term *term, size_t first_part,
                             ns_error *err)
{
    const uint32_t passages = all->all->job->output.ref.passages;
    const unsigned bits = ns__bits32(passages - 1), most = ns__bits32(BUCKETS - 1);
    const unsigned shift = bits > most ? bits - most : 0;
    ns__sorter *work = &all->sorters[0]; /* the caller's: no job of its own runs meanwhile */
    uint64_t *weights = ns__zalloc(BUCKETS, sizeof *weights);
    if (weights == NULL)
        return ns__no_memory(err);
    for (size_t p = first_part; p < term->part_end; p++)
        here->parts[p].live = 0;
    ns_status status = weigh_term(all, work, here, term, first_part, weights, shift, err);
    uint32_t bucket = 0;
    const uint32_t buckets = ((passages - 1) >> shift) + 1;
    while (bucket < buckets && status == NS_OK) {
        ns__id_range wanted = {bucket << shift, 0, UINT64_MAX};
        uint64_t bytes = weights[bucket++];
        while (bucket < buckets && bytes + weights[bucket] <= all->most_bytes)
            bytes += weights[bucket++];
        wanted.end = (uint64_t)bucket << shift;
        status = write_range(all, work, here, term, first_part, &wanted, err);
        if (status == NS_OK)
            status = ns__merge_look(all->all->job, bytes / NS__SORT_POSTING_BYTES, err);
    }
    ns__free(weights);
    return status;
}

static bool is_form(const ns__merge_source *source, const ns__term *term)
{
    const uint32_t ordinal = term->ordinal;
    return source->term_is_form ? source->term_is_form[ordinal / 8] >> (ordinal % 8) & 1
                                : term->is_form;
}

/* Ends a term whose postings have been written; one without is left out. */
static ns_status end_term(rewriter *all, const batch *here, ns__str name, const batch_term *term,
                          size_t first_part, ns_error *err)
{
    ns__merge_job *job = all->all->job;
    bool form = false, lives = false;
    for (size_t p = first_part; p < term->part_end; p++) {
        const batch_part *part = &here->parts[p];
        ns__merge_source *source = &job->sources[part->from.source];
        form = form || is_form(source, &part->from.term);
        if (part->live > 0)
            source->ordinals[part->from.term.ordinal] = job->output.ref.terms;
        lives = lives || part->live > 0;
    }
    if (!lives)
        return NS_OK;
    job->output.ref.terms++;
    ns__buf_clear(&all->value);
    NS_TRY(ns__postings_end_term(all->postings, &all->value, err));
    if (all->value.failed)
        return ns__no_memory(err);
    return ns__terms_add(all->terms, name, form, (ns__str){all->value.data, all->value.length},
                         err);
}

static ns_status write_batch(rewriter *all, batch *here, ns_error *err)
{
    size_t name = 0, part = 0, posting = 0, position = 0;
    for (size_t t = 0; t < here->term_count; t++) {
        const batch_term *term = &here->terms[t];
        const ns__str text = {here->names.data + name, term->name_end - name};
        if (term->too_large)
            NS_TRY(write_large(all, here, term, part, err));
        else
            NS_TRY(add_postings(all, &here->sorted, posting, term->posting_end, position, err));
        NS_TRY(end_term(all, here, text, term, part, err));
        name = term->name_end;
        part = term->part_end;
        posting = term->posting_end;
        position = term->position_end;
    }
    return ns__merge_advance(all->all->job, here->postings * FILE_BYTES, err);
}

/* Waits for the oldest batch, writes and empties it. */
static ns_status land(rewriter *all, ns_error *err)
{
    batch *here = &all->batches[all->oldest];
    ns__pool_wait(all->all->pool, &here->job);
    here->flying = false;
    all->oldest = (all->oldest + 1) % all->batch_count;
    all->flying--;
    if (here->status < 0 && err)
        *err = here->error;
    NS_TRY(here->status);
    NS_TRY(write_batch(all, here, err));
    ns__buf_clear(&here->names);
    here->term_count = here->part_count = 0;
    here->postings = 0;
    return NS_OK;
}

/* Hands the open batch in, and makes sure that another one is free. */
static ns_status launch(rewriter *all, ns_error *err)
{
    batch *here = &all->batches[(all->oldest + all->flying) % all->batch_count];
    if (here->term_count == 0)
        return NS_OK;
    here->job.run = run_batch;
    here->owner = all;
    here->flying = true;
    all->flying++;
    ns__pool_submit(all->all->pool, &here->job);
    return all->flying == all->batch_count ? land(all, err) : NS_OK;
}

static ns_status add_term(rewriter *all, const ns__term_walk *walk, ns_error *err)
{
    batch *here = &all->batches[(all->oldest + all->flying) % all->batch_count];
    if (NS_RESERVE(here->terms, here->term_capacity, here->term_count + 1) < 0 ||
        NS_RESERVE(here->parts, here->part_capacity, here->part_count + walk->part_count) < 0)
        return ns__no_memory(err);
    ns__buf_append(&here->names, walk->text, walk->length);
    if (here->names.failed)
        return ns__no_memory(err);
    for (uint32_t p = 0; p < walk->part_count; p++)
        here->parts[here->part_count++] = (batch_part){walk->parts[p], 0};
    here->terms[here->term_count++] =
        (batch_term){.name_end = here->names.length, .part_end = here->part_count, .df = walk->df};
    here->postings += walk->df;
    return here->postings >= all->batch_postings ? launch(all, err) : NS_OK;
}

/* ---- All of it ---- */

static ns_status open_rewriter(rewriter *all, ns_error *err)
{
    const unsigned threads = ns__pool_threads(all->all->pool);
    all->kernels = ns__unpack_kernels_for(ns__cpu_isa());
    all->batch_count = (size_t)threads + 2;
    all->most_bytes =
        all->all->job->options->memory_bytes / MEMORY_SHARE / (all->batch_count + threads);
    all->batch_postings = all->most_bytes / NS__SORT_POSTING_BYTES / 2;
    if (all->batch_postings < LEAST_POSTINGS)
        all->batch_postings = LEAST_POSTINGS;
    if (all->batch_postings > MOST_POSTINGS)
        all->batch_postings = MOST_POSTINGS;
    all->sorters = ns__zalloc(threads, sizeof *all->sorters);
    all->batches = ns__zalloc(all->batch_count, sizeof *all->batches);
    for (unsigned i = 0; all->sorters && i < threads; i++)
        all->sorters[i] = (ns__sorter){.job = all->all->job, .kernels = all->kernels};
    return all->sorters && all->batches ? NS_OK : ns__no_memory(err);
}

static void close_rewriter(rewriter *all)
{
    for (; all->flying > 0; all->flying--) {
        ns__pool_wait(all->all->pool, &all->batches[all->oldest].job);
        all->oldest = (all->oldest + 1) % all->batch_count;
    }
    for (size_t i = 0; all->batches && i < all->batch_count; i++) {
        ns__buf_release(&all->batches[i].names);
        ns__free(all->batches[i].terms);
        ns__free(all->batches[i].parts);
        ns__columns_release(&all->batches[i].sorted);
    }
    for (unsigned i = 0; all->sorters && i < ns__pool_threads(all->all->pool); i++)
        ns__sorter_release(&all->sorters[i]);
    ns__free(all->sorters);
    ns__free(all->batches);
    ns__columns_release(&all->part);
    ns__buf_release(&all->value);
}

static ns_status rewrite(rewriter *all, ns__term_walk *walk, ns_error *err)
{
    NS_TRY(open_rewriter(all, err));
    NS_TRY(ns__term_walk_open(all->all->job, walk, err));
    ns_status status;
    while ((status = ns__term_walk_next(walk, err)) == NS_OK)
        NS_TRY(add_term(all, walk, err));
    NS_TRY(status);
    NS_TRY(launch(all, err));
    while (all->flying > 0)
        NS_TRY(land(all, err));
    return NS_OK;
}

ns_status ns__reorder_terms(ns__reorder *all, ns__postings_writer *postings,
                            ns__terms_writer *terms, ns_error *err)
{
    rewriter work = {.all = all, .postings = postings, .terms = terms};
    ns__term_walk walk = {0};
    ns_status status = rewrite(&work, &walk, err);
    close_rewriter(&work);
    ns__term_walk_close(&walk);
    return status;
}
