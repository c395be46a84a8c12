/* ns_writer_merge, ns_writer_reorder and ns_writer_merge_small: segments of an index become one in
 * a commit of its own. */
#include "base/limits.h"
#include "base/mem.h"
#include "index/merge.h"
#include "index/levels.h"
#include "index/writer_parts.h"
#include "os/clock.h"

static const uint8_t *dead_of(const ns__open_segment *old)
{
    return old->dead ? old->dead : old->segment.deleted;
}

static uint32_t dead_count(const ns__open_segment *old)
{
    return old->dead ? old->dead_articles : old->segment.ref.deleted_articles;
}

static ns_status tell_as(ns_writer *writer, const char *phase, const ns__merge_progress *progress,
                         ns_error *err)
{
    writer->total_articles = progress->articles;
    writer->total_text = progress->text_bytes;
    writer->input_now = progress->done_bytes;
    writer->input_total = progress->total_bytes;
    return ns__writer_tell(writer, phase, err);
}

static ns_status tell_merging(void *payload, const ns__merge_progress *progress, ns_error *err)
{
    return tell_as(payload, "merging", progress, err);
}

static ns_status tell_reordering(void *payload, const ns__merge_progress *progress, ns_error *err)
{
    return tell_as(payload, "reordering", progress, err);
}

/* Those from `first` on. */
static ns_status merge_files(ns_writer *writer, uint32_t first, bool reorder, ns__segment_ref *ref,
                             ns_error *err)
{
    uint32_t count = writer->manifest.segment_count - first;
    ns__open_segment *const *segments = writer->segments + first;
    ns__merge_input *inputs = ns__alloc(count, sizeof *inputs);
    if (inputs == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < count; i++)
        inputs[i] = (ns__merge_input){&segments[i]->segment, dead_of(segments[i])};
    ns__merge_options options = {
        .settings = &writer->settings,
        .directory = writer->directory,
        .generation = writer->generation + 1,
        .memory_bytes = writer->options.memory_bytes,
        .tick = reorder ? tell_reordering : tell_merging,
        .payload = writer,
        .reorder = reorder,
        .threads = writer->options.threads,
    };
    ns_status status = ns__merge(&options, inputs, count, ref, err);
    ns__free(inputs);
    return status;
}

/* A commit in which those from `first` on are one, or none when no article of them is left. */
static ns_status merge_and_publish(ns_writer *writer, uint32_t first, bool any, bool reorder,
                                   ns_error *err)
{
    ns__manifest next = {0};
    ns__open_segment *merged = NULL;
    ns_status status = ns__writer_next_manifest(writer, &next, err);
    if (status == NS_OK)
        status = ns__writer_keep_segments(writer, first, &next, err);
    ns__segment_ref *ref = &next.segments[next.segment_count];
    if (status == NS_OK && any) {
        status = merge_files(writer, first, reorder, ref, err);
        next.segment_count += status == NS_OK;
    }
    if (status == NS_OK && any) /* a last look, as a reader will */
        status = ns__open_segment_open(writer, ref, &merged, err);
    ns__open_segment_close(merged);
    if (status == NS_OK)
        status = ns__writer_publish(writer, &next, err);
    if (status == NS_OK)
        ns__writer_adopt(writer, &next);
    else
        writer->failed = true;
    ns__manifest_release(&next);
    return status;
}

static void count_work(const ns_writer *writer, uint32_t first, ns_merge_summary *out)
{
    out->segments = writer->manifest.segment_count - first;
    (void)!ns__directory_bytes(writer->directory, &writer->manifest, &out->bytes_before, NULL);
    out->bytes_after = out->bytes_before;
    for (uint32_t i = first; i < writer->manifest.segment_count; i++) {
        uint32_t dead = dead_count(writer->segments[i]);
        out->deleted_articles += dead;
        out->articles += writer->segments[i]->segment.ref.articles - dead;
    }
}

/* The first segment that is merged as levels have it; their number for none. */
static ns_status find_small(const ns_writer *writer, uint32_t *first, ns_error *err)
{
    const ns__manifest *manifest = &writer->manifest;
    uint64_t passages = 0, *bytes = ns__zalloc(manifest->segment_count, sizeof *bytes);
    if (bytes == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        for (int file = 0; file < NS__SEGMENT_FILES; file++)
            bytes[i] += manifest->segments[i].bytes[file];
    const uint32_t from = ns__levels_from(bytes, manifest->segment_count);
    ns__free(bytes);
    for (*first = manifest->segment_count; *first > from; --*first) { /* what one can hold */
        passages += manifest->segments[*first - 1].passages;
        if (passages > NS_MAX_PASSAGES)
            break;
    }
    return NS_OK;
}

/* Whether a merge may begin; clears *summary. */
static ns_status begin(ns_writer *writer, ns_merge_summary *summary, ns_error *err)
{
    if (summary)
        *summary = (ns_merge_summary){0};
    NS_TRY(ns__writer_check_usable(writer, err));
    if (writer->builder == NULL && !writer->drop_old)
        return NS_OK;
    return ns__fail_at(err, NS_ERR_ARGUMENT, writer->directory, NS_NO_OFFSET,
                       "something was added and not committed; commit it, then merge");
}

/* Those from `first` on. *summary may be NULL. */
static ns_status merge(ns_writer *writer, uint32_t first, bool reorder, ns_merge_summary *summary,
                       ns_error *err)
{
    ns_merge_summary unused = {0};
    uint64_t started = ns__clock_ns();
    summary = summary ? summary : &unused;
    count_work(writer, first, summary);
    bool one = summary->segments == 1 && summary->deleted_articles == 0;
    if (summary->segments == 0 || (one && !reorder))
        return NS_OK;
    NS_TRY(merge_and_publish(writer, first, summary->articles > 0, reorder, err));
    for (uint32_t i = 0; i < writer->manifest.segment_count; i++)
        summary->text_bytes += writer->manifest.segments[i].text_bytes;
    (void)!ns__directory_bytes(writer->directory, &writer->manifest, &summary->bytes_after, NULL);
    summary->merged = true;
    summary->seconds = (double)(ns__clock_ns() - started) / 1e9;
    return NS_OK;
}

ns_status ns_writer_merge(ns_writer *writer, ns_merge_summary *summary, ns_error *err)
{
    NS_TRY(begin(writer, summary, err));
    return merge(writer, 0, false, summary, err);
}

ns_status ns_writer_reorder(ns_writer *writer, ns_merge_summary *summary, ns_error *err)
{
    NS_TRY(begin(writer, summary, err));
    return merge(writer, 0, true, summary, err);
}

ns_status ns_writer_merge_small(ns_writer *writer, ns_merge_summary *summary, ns_error *err)
{
    uint32_t first = 0;
    NS_TRY(begin(writer, summary, err));
    NS_TRY(find_small(writer, &first, err));
    if (writer->manifest.segment_count - first < 2)
        return NS_OK;
    return merge(writer, first, false, summary, err);
}
