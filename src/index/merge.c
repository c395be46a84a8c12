/* The order of a merge: verify, articles, lists, files. See merge.h. */
#include "base/mem.h"
#include "index/merge_parts.h"

/* Maps may hold this part of the memory before they are let go, and some bytes of the smallest: a
 * call of the system for each posting would take longer than the merge. */
static const uint64_t MAP_SHARE = 16;
static const uint64_t MAP_LEAST = 1 << 20;
static const uint64_t LITTLE_MEMORY = 256ull << 20; /* below, the article table waits in a file */

static void let_maps_go(const ns__merge_job *job)
{
    for (size_t i = 0; i < job->count; i++)
        for (int file = 0; file < NS__SEGMENT_FILES; file++)
            ns__map_forget(&job->sources[i].segment->frames[file].map);
}

ns_status ns__merge_look(ns__merge_job *job, uint64_t bytes, ns_error *err)
{
    const ns__merge_options *options = job->options;
    job->mapped += bytes;
    job->untold += bytes;
    if (job->untold < options->memory_bytes / MAP_SHARE)
        return NS_OK;
    job->untold = 0;
    if (job->mapped >= MAP_LEAST) {
        let_maps_go(job);
        job->mapped = 0;
    }
    return options->tick ? options->tick(options->payload, &job->progress, err) : NS_OK;
}

ns_status ns__merge_advance(ns__merge_job *job, uint64_t bytes, ns_error *err)
{
    job->progress.done_bytes += bytes;
    return ns__merge_look(job, bytes, err);
}

/* Reads every file once against its checksums. */
static ns_status verify(ns__merge_job *job, ns_error *err)
{
    for (size_t i = 0; i < job->count; i++)
        for (int file = 0; file < NS__SEGMENT_FILES; file++) {
            const ns__frame *frame = &job->sources[i].segment->frames[file];
            NS_TRY(ns__frame_verify(frame, err));
            NS_TRY(ns__merge_advance(job, frame->map.length, err));
        }
    return NS_OK;
}

static ns_status open_sources(ns__merge_job *job, const ns__merge_input *inputs, ns_error *err)
{
    /* Verified and merged; a bisection counts like a third reading. All of it is known before
     * anything is told, so that no bar goes back. */
    const uint64_t readings = job->options->reorder ? 3 : 2;
    for (size_t i = 0; i < job->count; i++) {
        ns__merge_source *source = &job->sources[i];
        source->segment = inputs[i].segment;
        source->dead = inputs[i].dead;
        for (int file = 0; file < NS__SEGMENT_FILES; file++)
            job->progress.total_bytes += readings * source->segment->ref.bytes[file];
    }
    for (size_t i = 0; i < job->count; i++) {
        ns__merge_source *source = &job->sources[i];
        source->ordinals = ns__alloc(source->segment->terms.count, sizeof *source->ordinals);
        if (source->ordinals == NULL)
            return ns__no_memory(err);
        memset(source->ordinals, 0xff, source->segment->terms.count * sizeof *source->ordinals);
    }
    return NS_OK;
}

/* What was needed to read the segments. */
static void release_sources(ns__merge_job *job)
{
    for (size_t i = 0; i < job->count; i++) {
        ns__free(job->sources[i].passages);
        ns__free(job->sources[i].places);
        ns__free(job->sources[i].ordinals);
        ns__free(job->sources[i].term_is_form);
        ns__free(job->sources[i].surface_targets);
    }
    ns__free(job->sources);
    job->sources = NULL;
    job->count = 0;
}

static void close_job(ns__merge_job *job)
{
    ns__output_abandon(&job->output); /* waits for its jobs */
    ns__reorder_close(job->reorder);
    ns__spool_close(job->spool);
    release_sources(job);
    ns__free(job->headlines);
    ns__free(job->places);
}

static ns_status open_spool(ns__merge_job *job, ns_error *err)
{
    const bool little = job->options->memory_bytes < LITTLE_MEMORY;
    if (!little && job->output.spellings == NULL)
        return NS_OK;
    char *path = ns__path_join(job->options->directory, "tmp-runs");
    ns_status status = path ? ns__spool_create(path, &job->spool, err) : ns__no_memory(err);
    ns__free(path);
    if (status == NS_OK && little)
        ns__output_spool(&job->output, job->spool);
    else if (status == NS_OK) /* they grow with the postings */
        ns__spellings_writer_spool(job->output.spellings, job->spool);
    return status;
}

static ns_status run(ns__merge_job *job, const ns__merge_input *inputs, ns_error *err)
{
    const ns__merge_options *options = job->options;
    NS_TRY(open_sources(job, inputs, err));
    NS_TRY(verify(job, err));
    ns__pool *pool = NULL;
    if (options->reorder)
        NS_TRY(ns__reorder_open(job, &pool, err));
    NS_TRY(ns__output_open(&job->output, options->settings, options->directory, options->generation,
                           options->memory_bytes >= LITTLE_MEMORY, pool, err));
    NS_TRY(open_spool(job, err));
    if (job->reorder)
        NS_TRY(ns__reorder_articles(job->reorder, err));
    else
        NS_TRY(ns__merge_articles(job, err));
    NS_TRY(ns__output_begin_lists(&job->output, err));
    NS_TRY(ns__output_end_text(&job->output, err));
    job->headlines = ns__alloc((size_t)job->headline_terms, sizeof *job->headlines);
    if (job->headlines == NULL)
        return ns__no_memory(err);
    NS_TRY(ns__merge_lists(job, err));
    let_maps_go(job); /* the tables of the new segment want the room */
    release_sources(job);
    return ns__output_finish(&job->output, job->headlines, err);
}

ns_status ns__merge(const ns__merge_options *options, const ns__merge_input *inputs, size_t count,
                    ns__segment_ref *ref, ns_error *err)
{
    ns__merge_job job = {.options = options, .count = count};
    job.sources = ns__zalloc(count, sizeof *job.sources);
    if (job.sources == NULL)
        return ns__no_memory(err);
    /* Who writes calls a bad argument what contradicts itself; here it comes from segments. Where
     * postings of several are put together nobody knows of which: the directory is named. */
    ns_status status = ns__blame(err, run(&job, inputs, err), options->directory, NS_NO_OFFSET);
    if (status == NS_OK) {
        *ref = job.output.ref;
        job.output.files_named = 0; /* they stay */
    }
    close_job(&job);
    return status;
}
