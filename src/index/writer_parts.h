/* Inside of ns_writer, shared by writer.c (opening, adding) and commit.c. */
#ifndef NS_INDEX_WRITER_PARTS_H
#define NS_INDEX_WRITER_PARTS_H

#include "index/builder.h"
#include "index/directory.h"
#include "index/ids.h"
#include "ingest/reader.h"

/* A segment that a writer has open: one of the last commit, or the one that the next adds. With the
 * articles that the next commit deletes. */
typedef struct ns__open_segment {
    ns__segment segment;
    uint8_t *dead; /* bit a: article a; NULL: as the segment has it */
    uint32_t dead_articles, dead_passages;
    ns__id_finder ids;
} ns__open_segment;

/* A writer is open, then maybe failed: once a call has failed for good, files may be half written
 * or not synced, and all it can do is close. */
struct ns_writer {
    char *directory;
    ns_writer_options options;
    ns_index_settings settings;
    ns__lock lock;
    ns__manifest manifest; /* of the last commit; generation 0 when there is none */
    uint64_t generation;   /* highest ever used in this directory */
    bool passing;          /* this writer made the directory: without a commit it goes again */
    bool drop_old;         /* the next commit starts anew */
    bool deleted;          /* ns_writer_delete found something since the last commit */
    bool failed;
    bool unopened; /* opening the segments of the last commit failed: the next call tries again */
    bool keep_leftovers; /* closing removes no file: `manifest` may not name all that are needed */
    ns__open_segment **segments; /* manifest.segment_count; pointers, as segments cannot move */
    ns__builder *builder;        /* NULL: nothing added since the last commit */
    ns__ids ids;
    ns__record record;
    ns_commit_summary summary; /* since the last commit */
    uint64_t started_ns;       /* when the first record since the last commit came */
    uint64_t total_articles, total_rejected, total_text; /* since opening, for progress */
    uint64_t input_before, input_now, input_total;       /* bytes of earlier and this add_paths */
    uint64_t next_text, next_articles;                   /* when progress is told next */
};

/* NS_ERR_ARGUMENT after a call that failed for good, and in a process that was forked. Opens the
 * segments of the last commit if they could not be right after it. */
ns_status ns__writer_check_usable(ns_writer *writer, ns_error *err);
/* Those that the manifest names. */
ns_status ns__writer_open_segments(ns_writer *writer, ns_error *err);
void ns__writer_close_segments(ns_writer *writer);
/* Tells progress; NS_ERR_CANCELLED when the caller wants to stop. */
ns_status ns__writer_tell(ns_writer *writer, const char *phase, ns_error *err);
/* Passes a refusal or warning on. */
ns_status ns__writer_reject(ns_writer *writer, const ns_reject *reject, ns_error *err);
/* Marks an article of a segment as deleted by the next commit; *marked: it was not before. */
ns_status ns__open_segment_kill(ns__open_segment *old, uint32_t article, bool *marked,
                                ns_error *err);
ns_status ns__open_segment_open(const ns_writer *writer, const ns__segment_ref *ref,
                                ns__open_segment **out, ns_error *err);
void ns__open_segment_close(ns__open_segment *old);
/* Marks articles that were deleted after they had been added, in the segment that has them now. */
ns_status ns__writer_drop_removed(ns_writer *writer, ns__open_segment *added, ns_error *err);

/* The manifest of the next commit, with room for one segment more than the last, but none yet. */
ns_status ns__writer_next_manifest(const ns_writer *writer, ns__manifest *next, ns_error *err);
/* Adds the first `count` segments of the last commit, but those without a live article. Files of
 * tombstones are written on the way. */
ns_status ns__writer_keep_segments(ns_writer *writer, uint32_t count, ns__manifest *next,
                                   ns_error *err);
/* NS_ERR_IO when another directory stands where the writer's did: nothing may be changed there. */
ns_status ns__writer_check_lock(const ns_writer *writer, ns_error *err);
/* Makes a manifest, whose files are all written and synced, the one that readers see. */
ns_status ns__writer_publish(ns_writer *writer, const ns__manifest *next, ns_error *err);
/* Goes on from the commit just published; takes over *next. */
void ns__writer_adopt(ns_writer *writer, ns__manifest *next);

#endif
