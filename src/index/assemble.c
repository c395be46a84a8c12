/* Merging runs into the dictionary and the posting lists of a segment.
 *
 * A heap over the runs gives terms in byte order; runs that share a term come in their own order,
 * which is passage order. Only their heads are read here: jobs fetch and code the postings. Then
 * the ranks in what each run has of surfaces and headlines become ordinals of the segment, run
 * after run, and the heap merges the surfaces. */
#include "index/builder_parts.h"

#include "base/limits.h"
#include "base/mem.h"
#include "index/lists.h"
#include "index/names.h"
#include "index/ordinals.h"

enum {
    TICK_TERMS = 1 << 16,
    TEXT_TERMS = 1 << 10,   /* after so many, text that waits is thought of */
    LEAST_BUFFER = 2 << 10, /* of a stream of a spilled run */
    MOST_BUFFER = 128 << 10,
    LEAST_ORDINALS = 256 /* of a run in memory, if not all are */
};

typedef struct run_source {
    ns__run_reader reader;
    ns__ordinals ordinals;
    uint32_t rank; /* of the next term; or surfaces read */
    uint8_t flags; /* of the head term */
    ns__run_piece piece;
    uint32_t target; /* of the head surface: its term's rank, or ordinal once resolved */
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
    NS_TRY(ns__run_need(&source->reader.heads, NS__RUN_HEAD_BYTES, err));
    source->flags = ns__run_head(&source->reader.heads.cur, name, &source->piece);
    return NS_OK;
}

static ns_status read_surface(run_source *source, ns__str *name, bool *more, ns_error *err)
{
    *more = source->rank < source->reader.run->surfaces;
    if (!*more)
        return NS_OK;
    source->rank++;
    NS_TRY(ns__run_need(&source->reader.surfaces, NS__RUN_HEAD_BYTES, err));
    *name = ns__cur_str(&source->reader.surfaces.cur);
    source->target = ns__cur_varint32(&source->reader.surfaces.cur);
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

static ns_status merge_term(assembly *all, ns_error *err)
{
    ns__str term;
    NS_TRY(copy_top(all, &term, err));
    uint32_t ordinal = all->builder->output.ref.terms++;
    bool is_form = false;
    do {
        uint32_t number = all->heap[0].id;
        run_source *source = &all->sources[number];
        if (source->reader.heads.cur.bad)
            return damaged_run(source, err);
        is_form = is_form || source->flags & NS_RUN_IS_FORM;
        NS_TRY(ns__lists_add(&all->lists, number, &source->piece, err));
        NS_TRY(ns__ordinals_add(&source->ordinals, ordinal, all->builder->spool, err));
        source->rank++;
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
        if (all->builder->output.ref.terms % TEXT_TERMS == 0)
            NS_TRY(ns__output_go_on(&all->builder->output, err));
        if (all->builder->output.ref.terms % TICK_TERMS == 0)
            NS_TRY(tick(all, err));
    }
    return ns__lists_finish(&all->lists, err);
}

/* ---- Surfaces and headlines ---- */

/* The surfaces of a run once more, with ordinals for ranks. */
static ns_status resolve_surfaces(const assembly *all, run_source *source, const uint32_t *ordinals,
                                  ns__buf *out, ns_error *err)
{
    ns__run *run = &all->builder->runs[source - all->sources];
    ns__buf_clear(out);
    for (source->rank = 0; source->rank < run->surfaces;) {
        ns__str name;
        bool more;
        NS_TRY(read_surface(source, &name, &more, err));
        if (source->reader.surfaces.cur.bad || source->target >= run->terms)
            return damaged_run(source, err);
        ns__buf_varint(out, name.length);
        ns__buf_append(out, name.data, name.length);
        ns__buf_varint(out, ordinals[source->target]);
    }
    if (out->failed)
        return ns__no_memory(err);
    ns__run_replace_surfaces(&source->reader, out, all->builder->spool);
    return NS_OK;
}

static ns_status resolve_headlines(run_source *source, const uint32_t *ordinals,
                                   uint32_t **headlines, ns_error *err)
{
    ns__run_stream *stream = &source->reader.headlines;
    for (uint32_t left = source->reader.run->headline_terms; left > 0; left--) {
        NS_TRY(ns__run_need(stream, NS__RUN_HEAD_BYTES, err));
        uint32_t rank = ns__cur_varint32(&stream->cur);
        if (stream->cur.bad || rank >= source->reader.run->terms)
            return damaged_run(source, err);
        *(*headlines)++ = ordinals[rank];
    }
    return NS_OK;
}

/* From the ranks of each run to ordinals. */
static ns_status resolve_runs(assembly *all, uint32_t *headlines, ns_error *err)
{
    ns__builder *builder = all->builder;
    uint32_t most = 0;
    for (size_t i = 0; i < all->count; i++)
        most = builder->runs[i].terms > most ? builder->runs[i].terms : most;
    uint32_t *room = ns__alloc(most, sizeof *room);
    ns__buf surfaces = {0};
    ns_status status = room ? NS_OK : ns__no_memory(err);
    if (status == NS_OK && builder->spool)
        status = ns__spool_flush(builder->spool, err);
    for (size_t i = 0; i < all->count && status == NS_OK; i++) {
        run_source *source = &all->sources[i];
        const uint32_t *ordinals = NULL;
        status = ns__ordinals_read(&source->ordinals, builder->spool, room, &ordinals, err);
        if (status == NS_OK)
            status = resolve_headlines(source, ordinals, &headlines, err);
        if (status == NS_OK)
            status = resolve_surfaces(all, source, ordinals, &surfaces, err);
        ns__ordinals_release(&source->ordinals);
        ns__run_stream_release(&source->reader.headlines);
    }
    ns__free(room);
    ns__buf_release(&surfaces);
    if (status == NS_OK && builder->spool)
        status = ns__spool_flush(builder->spool, err);
    return status;
}

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
            if (source->reader.surfaces.cur.bad)
                return damaged_run(source, err);
            NS_TRY(add_target(all, &targets, source->target, err));
            NS_TRY(advance_heap(all, read_surface, err));
        } while (all->heap_count > 0 && ns__str_equal(all->heap[0].text, surface));
        NS_TRY(ns__terms_add_surface(all->terms, surface, all->targets, targets, err));
        all->builder->output.ref.surfaces++;
    }
    return NS_OK;
}

/* ---- All of it ---- */

/* A 32nd of the memory for the buffers of all runs. */
static size_t stream_buffer(const ns__builder *builder)
{
    uint64_t bytes = builder->options.memory_bytes / 32 / builder->run_count;
    return bytes < LEAST_BUFFER ? LEAST_BUFFER : bytes > MOST_BUFFER ? MOST_BUFFER : (size_t)bytes;
}

/* All of them, unless there is a spool and they take more than a 32nd of the memory. */
static uint32_t ordinals_room(const ns__builder *builder)
{
    uint64_t terms = 0;
    for (size_t i = 0; i < builder->run_count; i++)
        terms += builder->runs[i].terms;
    const uint64_t room = builder->options.memory_bytes / 32 / sizeof(uint32_t);
    if (builder->spool == NULL || terms <= room)
        return UINT32_MAX;
    const uint64_t each = room / builder->run_count;
    return each < LEAST_ORDINALS ? LEAST_ORDINALS : (uint32_t)each;
}

static ns_status open_sources(assembly *all, ns_error *err)
{
    ns__builder *builder = all->builder;
    all->sources = ns__zalloc(builder->run_count, sizeof *all->sources);
    all->heap = ns__alloc(builder->run_count, sizeof *all->heap);
    if (all->sources == NULL || all->heap == NULL)
        return ns__no_memory(err);
    if (builder->spool)
        NS_TRY(ns__spool_flush(builder->spool, err));
    const size_t buffer_bytes = stream_buffer(builder);
    const uint32_t room = ordinals_room(builder);
    for (; all->count < builder->run_count; all->count++) {
        const ns__run *run = &builder->runs[all->count];
        run_source *source = &all->sources[all->count];
        ns__run_open(run, builder->spool, buffer_bytes, &source->reader);
        NS_TRY(ns__ordinals_open(run->terms, room, &source->ordinals, err));
    }
    return NS_OK;
}

static ns_status open_assembly(assembly *all, const ns__lengths *lengths, ns_error *err)
{
    ns__builder *builder = all->builder;
    ns__output *output = &builder->output;
    NS_TRY(open_sources(all, err));
    const double average = ns__articles_average(output->articles);
    NS_TRY(ns__postings_writer_open(builder->options.settings, lengths, average,
                                    output->frames[NS__FILE_POSTINGS],
                                    output->frames[NS__FILE_POSITIONS], &all->postings, err));
    NS_TRY(ns__terms_writer_open(output->frames[NS__FILE_TERMS], &all->terms, err));
    const ns__lists_options options = {
        .settings = builder->options.settings,
        .lengths = lengths,
        .average = average,
        .runs = builder->runs,
        .run_count = builder->run_count,
        .spool = builder->spool,
        .pool = builder->pool,
        .memory_bytes = builder->options.memory_bytes,
        .postings = all->postings,
        .terms = all->terms,
    };
    return ns__lists_open(&options, &all->lists, err);
}

/* Lists keep all threads busy, what comes behind them does not: that is when the pool may do what
 * else there is. */
static ns_status merge_all(assembly *all, uint32_t *headlines, ns_error *err)
{
    const bool overlaps = ns__builder_overlaps(all->builder);
    ns__output *output = &all->builder->output;
    NS_TRY(merge_terms(all, err));
    ns__lists_close(&all->lists);
    ns__postings_writer *postings = all->postings;
    all->postings = NULL;
    NS_TRY(ns__output_end_lists(output, postings, err));
    if (overlaps)
        NS_TRY(ns__output_launch_text(output, err));
    NS_TRY(resolve_runs(all, headlines, err));
    if (overlaps)
        NS_TRY(
            ns__output_launch_articles(output, all->builder->headlines, all->builder->pool, err));
    NS_TRY(merge_surfaces(all, err));
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
        ns__ordinals_release(&all->sources[i].ordinals);
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
