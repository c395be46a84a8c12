/* The commit: files, tombstones, directory synced, then the manifest in one rename.
 *
 * Up to the rename nothing that a reader sees has changed; after it the commit is done, and only
 * old files are removed. */
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "index/writer_parts.h"
#include "os/clock.h"

enum { TELL_SUSPECTS = 256 };

/* Names both places of an id that was given twice. */
static ns_status warn_of_repeat(ns_writer *writer, const ns__suspect *suspect, ns__str id,
                                ns_error *err)
{
    char reason[1400];
    const char *earlier = ns__ids_origin(&writer->ids, &suspect->earlier);
    if (suspect->earlier.line > 0)
        snprintf(reason, sizeof reason, "replaces an earlier article with this id: %s%s%llu",
                 earlier, *earlier ? ":" : "line ", (unsigned long long)suspect->earlier.line);
    else
        snprintf(reason, sizeof reason, "replaces an earlier article with this id%s%s",
                 *earlier ? ": " : "", earlier);
    ns_reject reject = {ns__ids_origin(&writer->ids, &suspect->later),
                        suspect->later.line,
                        reason,
                        (const char *)id.data,
                        id.length,
                        true};
    return ns__writer_reject(writer, &reject, err);
}

/* Of articles with the same id in the new segment all but the last are deleted: those that a
 * lookup of their own id does not lead to. */
static ns_status drop_repeats(ns_writer *writer, ns__open_segment *added, ns_error *err)
{
    ns__zstrings_reader earlier = {0}; /* apart from the last ones' reader: each keeps its block */
    ns__buf id = {0};
    ns_status status = NS_OK;
    for (size_t i = 0; i < writer->ids.suspect_count && status == NS_OK; i++) {
        const ns__suspect *suspect = &writer->ids.suspects[i];
        uint32_t last;
        bool marked = false;
        if (i % TELL_SUSPECTS == 0)
            status = ns__writer_tell(writer, "writing", err);
        if (status == NS_OK)
            status = ns__article_id(&added->segment.articles, suspect->earlier.article, &earlier,
                                    &id, err);
        ns__str text = {id.data, id.length};
        if (status == NS_OK)
            status = ns__id_find(&added->segment.articles, &added->ids, text, &last, err);
        if (status == NS_OK && last != suspect->earlier.article)
            status = ns__open_segment_kill(added, suspect->earlier.article, &marked, err);
        if (status == NS_OK && marked) {
            writer->summary.articles_replaced++;
            writer->summary.articles_added--; /* it was counted twice */
            status = warn_of_repeat(writer, suspect, text, err);
        }
    }
    ns__zstrings_reader_release(&earlier);
    ns__buf_release(&id);
    return status == NS_NOT_FOUND ? ns__fail(err, NS_ERR_CORRUPT,
                                             "the id table just written does "
                                             "not find an id")
                                  : status;
}

/* Nobody can find anything in such a segment: the commit leaves it out. So the same files may be
 * indexed every night. It also keeps names apart: tombstones are named after their commit and the
 * segment's id, which the same articles give again; only the last segment with an id can have
 * articles that live. */
static bool is_dead(const ns__open_segment *old)
{
    const ns__segment_ref *ref = &old->segment.ref;
    return (old->dead ? old->dead_articles : ref->deleted_articles) == ref->articles;
}

/* The ref as the next manifest has it: with a new tombstone file when articles died. */
static ns_status bury(ns_writer *writer, ns__open_segment *old, uint64_t generation,
                      ns__segment_ref *ref, ns_error *err)
{
    *ref = old->segment.ref;
    if (old->dead == NULL)
        return NS_OK;
    ref->tombstone_generation = generation;
    ref->deleted_articles = old->dead_articles;
    ref->deleted_passages = old->dead_passages;
    return ns__tombstones_write(writer->directory, ref, generation, old->dead, ref->articles,
                                &ref->tombstone_crc, err);
}

ns_status ns__writer_next_manifest(const ns_writer *writer, ns__manifest *next, ns_error *err)
{
    next->generation = writer->generation + 1;
    next->settings = writer->settings;
    snprintf(next->versions, sizeof next->versions, "%s", ns__analyzer_versions());
    next->segments = ns__zalloc((size_t)writer->manifest.segment_count + 1, sizeof *next->segments);
    return next->segments ? NS_OK : ns__no_memory(err);
}

ns_status ns__writer_keep_segments(ns_writer *writer, uint32_t count, ns__manifest *next,
                                   ns_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        if (is_dead(writer->segments[i]))
            continue;
        ns__segment_ref *ref = &next->segments[next->segment_count++];
        NS_TRY(bury(writer, writer->segments[i], next->generation, ref, err));
    }
    return NS_OK;
}

/* The manifest of this commit: old segments with live articles unless dropped, then the new one
 * (may be NULL). */
static ns_status list_segments(ns_writer *writer, ns__open_segment *added, ns__manifest *next,
                               ns_error *err)
{
    uint32_t kept = writer->drop_old ? 0 : writer->manifest.segment_count;
    NS_TRY(ns__writer_next_manifest(writer, next, err));
    NS_TRY(ns__writer_keep_segments(writer, kept, next, err));
    if (added && !is_dead(added))
        NS_TRY(bury(writer, added, next->generation, &next->segments[next->segment_count++], err));
    return NS_OK;
}

/* What the builder left is opened as a reader will: a last look before it becomes visible. */
static ns_status finish_segment(ns_writer *writer, ns__open_segment **added, ns_error *err)
{
    ns__segment_ref ref;
    ns__builder *builder = writer->builder;
    writer->builder = NULL;
    writer->summary.threads = ns__builder_threads(builder);
    NS_TRY(ns__builder_finish(builder, &ref, err));
    NS_TRY(ns__open_segment_open(writer, &ref, added, err));
    writer->summary.passages = ref.passages;
    writer->summary.terms = ref.terms;
    writer->summary.tokens = ref.tokens;
    NS_TRY(drop_repeats(writer, *added, err)); /* first: a repeat counts even if it is removed */
    return ns__writer_drop_removed(writer, *added, err);
}

void ns__writer_adopt(ns_writer *writer, ns__manifest *next)
{
    writer->summary = (ns_commit_summary){0};
    writer->started_ns = 0;
    writer->deleted = false;
    writer->drop_old = false;
    ns__ids_clear(&writer->ids);
    ns__writer_close_segments(writer);
    ns__manifest_release(&writer->manifest);
    writer->manifest = *next;
    *next = (ns__manifest){0};
    writer->generation = writer->manifest.generation;
    (void)!ns__writer_open_segments(writer, NULL); /* the commit stands: the next call tells */
}

ns_status ns__writer_publish(ns_writer *writer, const ns__manifest *next, ns_error *err)
{
    NS_TRY(ns__dir_sync(writer->directory, err));
    NS_TRY(ns__writer_tell(writer, "writing", err));
    NS_TRY(ns__writer_check_lock(writer, err));
    writer->keep_leftovers = true; /* if that fails, the commit may have become visible or not */
    NS_TRY(ns__manifest_write(writer->directory, next, err));
    writer->keep_leftovers = false;
    /* Done: what fails from here on is tidied up by the next writer. */
    (void)!ns__directory_sweep(writer->directory, next, false, NULL);
    return NS_OK;
}

static ns_status commit(ns_writer *writer, ns__manifest *next, ns__open_segment **added,
                        ns_error *err)
{
    NS_TRY(ns__writer_check_lock(writer, err)); /* before files are written there */
    if (writer->builder)
        NS_TRY(finish_segment(writer, added, err));
    NS_TRY(list_segments(writer, *added, next, err));
    NS_TRY(ns__writer_publish(writer, next, err));
    if (writer->started_ns > 0)
        writer->summary.seconds = (double)(ns__clock_ns() - writer->started_ns) / 1e9;
    (void)!ns__directory_bytes(writer->directory, next, &writer->summary.index_bytes, NULL);
    return NS_OK;
}

ns_status ns_writer_commit(ns_writer *writer, ns_commit_summary *summary, ns_error *err)
{
    if (summary)
        *summary = (ns_commit_summary){0};
    NS_TRY(ns__writer_check_usable(writer, err));
    bool is_new = writer->manifest.generation == 0;
    if (writer->builder == NULL && !writer->drop_old && !is_new && !writer->deleted) {
        if (summary)
            *summary = writer->summary; /* records may have been refused */
        writer->summary = (ns_commit_summary){0};
        return NS_OK;
    }
    ns__manifest next = {0};
    ns__open_segment *added = NULL;
    ns_status status = commit(writer, &next, &added, err);
    ns__open_segment_close(added);
    if (status == NS_OK) {
        if (summary)
            *summary = writer->summary;
        ns__writer_adopt(writer, &next);
    } else {
        writer->failed = true;
    }
    ns__manifest_release(&next);
    return status;
}
