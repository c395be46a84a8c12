/* What a reader sees: the open segments of one commit, and the statistics over all of them. */
#ifndef NS_INDEX_SNAPSHOT_H
#define NS_INDEX_SNAPSHOT_H

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
};

#endif
