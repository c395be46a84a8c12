/* One immutable segment: its five files opened together, and checked together. */
#ifndef NS_SEGMENT_SEGMENT_H
#define NS_SEGMENT_SEGMENT_H

#include "segment/articles.h"
#include "segment/postings.h"
#include "segment/spellings.h"
#include "segment/store.h"
#include "segment/terms.h"

enum {
    NS__FILE_ARTICLES,
    NS__FILE_TERMS,
    NS__FILE_POSTINGS,
    NS__FILE_POSITIONS,
    NS__FILE_TEXT,
    NS__SEGMENT_FILES
};

/* A segment as a manifest names it. */
typedef struct ns__segment_ref {
    uint64_t generation; /* of the commit that wrote it: part of its file names */
    ns__segment_id id;
    uint64_t bytes[NS__SEGMENT_FILES];
    uint32_t crcs[NS__SEGMENT_FILES]; /* footer CRCs: catches exchanged files */
    uint32_t articles, passages;
    uint64_t tokens, total_length;
    uint64_t text_bytes; /* titles and bodies */
    ns__postings_counts counts;
    uint32_t terms, surfaces;
    uint64_t tombstone_generation; /* of its tombstone file; 0 for none */
    uint32_t deleted_articles, deleted_passages;
    uint32_t tombstone_crc;
} ns__segment_ref;

/* "00000001-0123456789abcdef.pst" into name[64]. */
void ns__segment_file_name(const ns__segment_ref *ref, int file, char name[64]);
/* The same for its tombstones as of a commit: "00000007-0123456789abcdef.del". */
void ns__tombstones_name(const ns__segment_ref *ref, uint64_t generation, char name[64]);

typedef struct ns__segment {
    ns__segment_ref ref;
    ns__frame frames[NS__SEGMENT_FILES];
    ns__articles articles;
    ns__terms terms;
    ns__postings postings;
    ns__spellings spellings; /* of words, if the setting exact had them kept */
    ns__store store;
    ns__frame tombstone_frame;
    const uint8_t *deleted; /* bit a: article a is deleted; NULL when none is */
    bool no_text;           /* the store is empty, whatever the articles had */
} ns__segment;

/* Opens and maps all files, and compares them with the ref: ids, sizes, footer CRCs, counts. The
 * chunk CRCs are not verified (ns__frame_verify does that): readers check what they read.
 * Returns NS_OK, NS_NOT_FOUND (a file is gone: another commit may have removed it; nothing is
 * written to *err), NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_IO, NS_ERR_MEMORY.
 * The segment must not be moved after opening: its parts point to each other. */
ns_status ns__segment_open(const char *directory, const ns__segment_ref *ref,
                           const ns_index_settings *settings, ns__segment *out, ns_error *err);
void ns__segment_close(ns__segment *segment);

static inline bool ns__segment_deleted(const ns__segment *segment, uint32_t article)
{
    return segment->deleted && (segment->deleted[article / 8] >> (article % 8) & 1);
}

/* Every structure against every other (checksums are the frame's business): order of terms and
 * surfaces, every list decoded and compared with df, tf sums with lengths, bounds with postings,
 * headlines with title tfs, ids with their hash table, stored text readable. Each fault is passed
 * on; `report` returns false to stop. */
ns_status ns__segment_check(const ns__segment *segment, const ns_index_settings *settings,
                            bool (*report)(void *payload, const char *file, uint64_t offset,
                                           const char *message),
                            void *payload, ns_error *err);

/* Tombstones of one segment as a file "<generation>-<id>.del": one bit an article. Written and
 * synced; the directory is not. *crc is what the ref's tombstone_crc must be. */
ns_status ns__tombstones_write(const char *directory, const ns__segment_ref *ref,
                               uint64_t generation, const uint8_t *bits, uint32_t articles,
                               uint32_t *crc, ns_error *err);
/* Opens the file that ref->tombstone_generation names into segment->tombstone_frame and ->deleted;
 * the articles must be open. */
ns_status ns__tombstones_open(const char *directory, ns__segment *segment, ns_error *err);

#endif
