/* What a reader sees: the open segments of one commit, and the statistics over all of them. */
#ifndef NS_INDEX_SNAPSHOT_H
#define NS_INDEX_SNAPSHOT_H

#include "base/shelf.h"
#include "ns/index.h"
#include "segment/manifest.h"
#include "segment/segment.h"

/* The public ns_index. Its inside is shared with search through this header only. */
struct ns_index {
    char *directory;
    ns__manifest manifest;
    ns__segment *segments;   /* manifest.segment_count */
    uint32_t open_segments;  /* the same, once opening has succeeded */
    uint64_t *first_article; /* snapshot number of each segment's first article; count + 1 */
    uint64_t passages;       /* N of BM25: tombstoned ones included */
    double average;          /* avgdl over all segments; 0 when there is no passage */
    uint64_t bytes;
    ns__shelf *workspaces; /* what queries work in: search/workspace.h */
    ns__shelf *results;    /* memory of answers that were freed: search/results.h */
    ns__shelf *id_readers; /* index/article_id.c */
};

/* An article of which only the title and one passage are read of the stored text: body and JSON are
 * empty. NS_NOT_FOUND as ns_article_at gives it. */
ns_status ns__article_outline(const ns_index *index, uint64_t number, uint32_t passage,
                              ns_article **out, ns_error *err);
ns__str ns__article_outlined(const ns_article *article); /* that passage */

/* The segment of an article of the snapshot and its place there. NS_NOT_FOUND past the last. */
ns_status ns__snapshot_place(const ns_index *index, uint64_t number, const ns__segment **segment,
                             uint32_t *place);

/* How many passages have a term, over all segments; deleted ones count. */
ns_status ns__index_df(const ns_index *index, ns__str term, uint64_t *df, ns_error *err);

#endif
