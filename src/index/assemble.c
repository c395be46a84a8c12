/* Merging runs into the dictionary and the posting lists of a segment.
 *
 * A heap over the runs gives terms in byte order; runs that share a term come in their own order,
 * which is passage order. Postings are written by a job while the next ones are read. The same heap
 * then merges the surfaces. Each run keeps a map from its ranks to the segment's ordinals. */
#include "index/builder_parts.h"

#include "base/limits.h"
#include "base/mem.h"
#include "index/lists.h"
#include "index/names.h"

enum {
    TICK_TERMS = 1 << 16,
    LEAST_BUFFER = 4 << 10, /* of a stream of a spilled run */
    MOST_BUFFER = 128 << 10,
    HEAD_BYTES = 1024,   /* more than a head and its name take */
    POSTING_BYTES = 256, /* more than a posting with FEW_POSITIONS takes */
    FEW_POSITIONS = 40
};

typedef struct run_source {
    ns__run_reader reader;
    uint32_t *ordinals; /* by rank */
    uint32_t rank;      /* of the next term; or surfaces read */
    uint8_t flags;      /* of the head term */
    uint32_t head_rank; /* of the head surface's term */
} run_source;

typedef struct assembly {
    ns__builder *builder;
    run_source *sources;
    size_t count;
    ns__name *heap; /* heads: id is the run's number */
    size_t heap_count;
    ns__postings_writer *postings;
    ns__terms_writer *terms;
    ns__lists lists;
    ns__buf name;
    uint32_t *targets; /* ordinals of one surface */
    size_t target_capacity;
} assembly;

/* ---- The heap ---- */

/* Reads the head of a source: *more is false at its end. The name is good until the source is read
 * on. */
typedef ns_status read_head_fn(run_source *source, ns__str *name, bool *more, ns_error *err);

static ns_status read_term(run_source *source, ns__str *name, bool *more, ns_error *err)
{
    *more = source->rank < source->reader.run->terms;
    if (!*more)
        return NS_OK;
    NS_TRY(ns__run_need(&source->reader.terms, HEAD_BYTES, err));
    source->flags = ns__cur_u8(&source->reader.terms.cur);
    *name = ns__cur_str(&source->reader.terms.cur);
    return NS_OK;
}

static ns_status read_surface(run_source *source, ns__str *name, bool *more, ns_error *err)
{
    *more = source->rank < source->reader.run->surfaces;
    if (!*more)
        return NS_OK;
    source->rank++;
    NS_TRY(ns__run_need(&source->reader.surfaces, HEAD_BYTES, err));
    *name = ns__cur_str(&source->reader.surfaces.cur);
    source->head_rank = ns__cur_varint32(&source->reader.surfaces.cur);
    return NS_OK;
}

static ns_status fill_heap(assembly *all, read_head_fn *read_head, ns_error *err)
{
    all->heap_count = 0;
    for (size_t i = 0; i < all->count; i++) {
        ns__str name;
        bool more;
        all->sources[i].rank = 0;
        NS_TRY(read_head(&all->sources[i], &name, &more, err));
        if (more)
            all->heap[all->heap_count++] = ns__name_of(name, (uint32_t)i);
    }
    for (size_t i = all->heap_count; i-- > 0;)
        ns__names_sift(all->heap, all->heap_count, i);
    return NS_OK;
}

/* Replaces the top by the next head of its source. */
static ns_status advance_heap(assembly *all, read_head_fn *read_head, ns_error *err)
{
    uint32_t source = all->heap[0].id;
    ns__str name;
    bool more;
    NS_TRY(read_head(&all->sources[source], &name, &more, err));
    if (more)
        all->heap[0] = ns__name_of(name, source);
    else
        all->heap[0] = all->heap[--all->heap_count];
    if (all->heap_count > 0)
        ns__names_sift(all->heap, all->heap_count, 0);
    return NS_OK;
}

/* A copy of the name on top, as reading on takes the original away. */
static ns_status copy_top(assembly *all, ns__str *name, ns_error *err)
{
    ns__buf_clear(&all->name);
    ns__buf_append(&all->name, all->heap[0].text.data, all->heap[0].text.length);
    *name = (ns__str){all->name.data, all->name.length};
    return all->name.failed ? ns__no_memory(err) : NS_OK;
}

/* ---- Terms and postings ---- */

static ns_status damaged_run(const run_source *source, ns_error *err)
{
    return ns__spool_changed(source->reader.spool, err);
}

/* One varint; the usual single byte first. */
static inline uint32_t read_u32(ns__cur *cur)
{
    if (cur->at < cur->end && *cur->at < 0x80)
        return *cur->at++;
    return ns__cur_varint32(cur);
}

/* Reads the positions of a posting, ascending. */
static inline void read_positions(ns__cur *cur, uint32_t tf, uint32_t *out)
{
    uint32_t position = 0;
    for (uint32_t i = 0; i < tf; i++)
        out[i] = position += read_u32(cur);
}

/* Passes a posting of one run's head term on, the one behind *passage. */
static ns_status copy_posting(assembly *all, run_source *source, uint32_t *passage, ns_error *err)
{
    ns__run_stream *stream = &source->reader.terms;
    ns__cur *cur = &stream->cur;
    NS_TRY(ns__run_need(stream, POSTING_BYTES, err));
    uint64_t head = ns__cur_varint(cur);
    uint32_t tf = head & NS_RUN_TF_ONE ? 1 : read_u32(cur);
    uint32_t title_tf = head & NS_RUN_TITLE ? read_u32(cur) : 0;
    *passage += (uint32_t)(head >> 2);
    if (tf > FEW_POSITIONS)
        NS_TRY(ns__run_need(stream, (size_t)tf * 5, err));
    if (tf > ns__cur_left(cur))
        return damaged_run(source, err);
    NS_TRY(ns__lists_need(&all->lists, tf, err));
    ns__sheaf *sheaf = all->lists.open;
    sheaf->passages[sheaf->count] = *passage;
    sheaf->tfs[sheaf->count] = tf + all->builder->options.settings->title_weight * title_tf;
    sheaf->title_tfs[sheaf->count++] = title_tf;
    read_positions(cur, tf, sheaf->positions + sheaf->position_count);
    sheaf->position_count += tf;
    return NS_OK;
}

static ns_status copy_postings(assembly *all, run_source *source, ns_error *err)
{
    const ns__cur *cur = &source->reader.terms.cur;
    uint32_t passage = source->reader.run->first_passage;
    uint32_t end = passage + source->reader.run->passages;
    uint32_t df = ns__cur_u32(&source->reader.terms.cur);
    for (uint32_t done = 0; done < df && !cur->bad; done++) {
        NS_TRY(copy_posting(all, source, &passage, err));
        if (passage >= end)
            return damaged_run(source, err);
    }
    return cur->bad ? damaged_run(source, err) : NS_OK;
}

static ns_status merge_term(assembly *all, ns_error *err)
{
    ns__str term;
    NS_TRY(copy_top(all, &term, err));
    uint32_t ordinal = all->builder->output.ref.terms++;
    bool is_form = false;
    do {
        run_source *source = &all->sources[all->heap[0].id];
        if (source->reader.terms.cur.bad)
            return damaged_run(source, err);
        is_form = is_form || source->flags & NS_RUN_IS_FORM;
        NS_TRY(copy_postings(all, source, err));
        source->ordinals[source->rank++] = ordinal;
        NS_TRY(advance_heap(all, read_term, err));
    } while (all->heap_count > 0 && ns__str_equal(all->heap[0].text, term));
    return ns__lists_end_term(&all->lists, term, is_form, err);
}

static ns_status tick(assembly *all, ns_error *err)
{
    const ns__builder_options *options = &all->builder->options;
    return options->tick ? options->tick(options->payload, "merging", err) : NS_OK;
}

static ns_status merge_terms(assembly *all, ns_error *err)
{
    NS_TRY(fill_heap(all, read_term, err));
    while (all->heap_count > 0) {
        NS_TRY(merge_term(all, err));
        if (all->builder->output.ref.terms % TICK_TERMS == 0)
            NS_TRY(tick(all, err));
    }
    return ns__lists_finish(&all->lists, err);
}

/* ---- Surfaces and headlines ---- */

/* Puts an ordinal into its place among the few of a surface. */
static ns_status add_target(assembly *all, size_t *count, uint32_t ordinal, ns_error *err)
{
    size_t at = *count;
    while (at > 0 && all->targets[at - 1] > ordinal)
        at--;
    if (at > 0 && all->targets[at - 1] == ordinal)
        return NS_OK;
    if (NS_RESERVE(all->targets, all->target_capacity, *count + 1) < 0)
        return ns__no_memory(err);
    memmove(all->targets + at + 1, all->targets + at, (*count - at) * sizeof *all->targets);
    all->targets[at] = ordinal;
    ++*count;
    return NS_OK;
}

static ns_status merge_surfaces(assembly *all, ns_error *err)
{
    NS_TRY(fill_heap(all, read_surface, err));
    while (all->heap_count > 0) {
        ns__str surface;
        NS_TRY(copy_top(all, &surface, err));
        size_t targets = 0;
        do {
            run_source *source = &all->sources[all->heap[0].id];
            if (source->reader.surfaces.cur.bad || source->head_rank >= source->reader.run->terms)
                return damaged_run(source, err);
            NS_TRY(add_target(all, &targets, source->ordinals[source->head_rank], err));
            NS_TRY(advance_heap(all, read_surface, err));
        } while (all->heap_count > 0 && ns__str_equal(all->heap[0].text, surface));
        NS_TRY(ns__terms_add_surface(all->terms, surface, all->targets, targets, err));
        all->builder->output.ref.surfaces++;
    }
    return NS_OK;
}

static ns_status map_headlines(assembly *all, uint32_t *headlines, ns_error *err)
{
    for (size_t i = 0; i < all->count; i++) {
        run_source *source = &all->sources[i];
        for (uint32_t left = source->reader.run->headline_terms; left > 0; left--) {
            NS_TRY(ns__run_need(&source->reader.headlines, HEAD_BYTES, err));
            uint32_t rank = ns__cur_varint32(&source->reader.headlines.cur);
            if (source->reader.headlines.cur.bad || rank >= source->reader.run->terms)
                return damaged_run(source, err);
            *headlines++ = source->ordinals[rank];
        }
    }
    return NS_OK;
}

/* ---- All of it ---- */

/* A sixteenth of the memory for the buffers of all runs. */
static size_t stream_buffer(const ns__builder *builder)
{
    uint64_t bytes = builder->options.memory_bytes / 16 / 3 / (builder->run_count + 1);
    return bytes < LEAST_BUFFER ? LEAST_BUFFER : bytes > MOST_BUFFER ? MOST_BUFFER : (size_t)bytes;
}

static ns_status open_assembly(assembly *all, const ns__lengths *lengths, ns_error *err)
{
    ns__builder *builder = all->builder;
    all->sources = ns__zalloc(builder->run_count, sizeof *all->sources);
    all->heap = ns__alloc(builder->run_count, sizeof *all->heap);
    if (all->sources == NULL || all->heap == NULL)
        return ns__no_memory(err);
    if (builder->spool)
        NS_TRY(ns__spool_finish(builder->spool, err));
    size_t buffer_bytes = stream_buffer(builder);
    for (size_t i = 0; i < builder->run_count; i++) {
        run_source *source = &all->sources[i];
        ns__run_open(&builder->runs[i], builder->spool, buffer_bytes, &source->reader);
        all->count++;
        source->ordinals = ns__alloc(builder->runs[i].terms, sizeof *source->ordinals);
        if (source->ordinals == NULL)
            return ns__no_memory(err);
    }
    NS_TRY(ns__postings_writer_open(
        builder->options.settings, lengths, ns__articles_average(builder->output.articles),
        builder->output.frames[NS__FILE_POSTINGS], builder->output.frames[NS__FILE_POSITIONS],
        &all->postings, err));
    NS_TRY(ns__terms_writer_open(builder->output.frames[NS__FILE_TERMS], &all->terms, err));
    return ns__lists_open(builder->pool, all->postings, all->terms, &all->lists, err);
}

static ns_status merge_all(assembly *all, uint32_t *headlines, ns_error *err)
{
    NS_TRY(merge_terms(all, err));
    NS_TRY(merge_surfaces(all, err));
    NS_TRY(map_headlines(all, headlines, err));
    ns__postings_writer *postings = all->postings;
    all->postings = NULL;
    NS_TRY(ns__postings_writer_finish(postings, &all->builder->output.ref.counts, err));
    ns__terms_writer *terms = all->terms;
    all->terms = NULL;
    return ns__terms_writer_finish(terms, err);
}

static void close_assembly(assembly *all)
{
    ns__lists_close(&all->lists);
    ns__postings_writer_free(all->postings);
    ns__terms_writer_free(all->terms);
    for (size_t i = 0; i < all->count; i++) {
        ns__run_reader_close(&all->sources[i].reader);
        ns__free(all->sources[i].ordinals);
    }
    ns__free(all->sources);
    ns__free(all->heap);
    ns__buf_release(&all->name);
    ns__free(all->targets);
    ns__free(all);
}

ns_status ns__builder_assemble(ns__builder *builder, ns_error *err)
{
    assembly *all = ns__zalloc(1, sizeof *all);
    if (all == NULL)
        return ns__no_memory(err);
    all->builder = builder;
    builder->headlines = ns__alloc((size_t)builder->headline_terms, sizeof *builder->headlines);
    ns__lengths lengths = ns__articles_lengths(builder->output.articles);
    ns_status status = builder->headlines ? open_assembly(all, &lengths, err) : ns__no_memory(err);
    if (status == NS_OK)
        status = merge_all(all, builder->headlines, err);
    close_assembly(all);
    return status;
}
