/* Posting lists decoded and sorted by the new ids of their passages. */
#ifndef NS_INDEX_REORDER_SORT_H
#define NS_INDEX_REORDER_SORT_H

#include "index/reorder.h"

enum {
    NS__SORT_POSTING_BYTES = 64, /* that a posting takes while it is sorted, about, */
    NS__SORT_POSITION_BYTES = 8  /* and each of its positions */
};

/* Postings with their positions, one after the other. */
typedef struct ns__columns {
    uint32_t *ids, *tfs, *title_tfs;
    size_t count, id_capacity, tf_capacity, title_capacity;
    uint32_t *positions;
    size_t position_count, position_capacity;
} ns__columns;

/* What decodes and sorts: one for each thread that does. */
typedef struct ns__sorter {
    const ns__merge_job *job;
    const ns__unpack_kernels *kernels;
    ns__arena arena;             /* of opened lists */
    uint64_t *keys, *other_keys; /* new id << 32 | place in `raw` */
    size_t key_capacity, other_capacity;
    ns__columns raw; /* of one term, as decoded; ids: of the first position */
    uint32_t ids[NS_BLOCK_ROOM], tfs[NS_BLOCK_ROOM];
    ns__pos_block block;
} ns__sorter;

/* The new ids that are wanted, and the memory that they may take. */
typedef struct ns__id_range {
    uint32_t first;
    uint64_t end, most_bytes;
} ns__id_range;

/* Decodes the list of one segment behind what `raw` has; *live: postings that were kept. NS_DONE
 * when there is more than may be. */
ns_status ns__sorter_decode(ns__sorter *work, const ns__walked *from, const ns__id_range *wanted,
                            uint32_t *live, ns_error *err);
/* Appends what `raw` has to `out` in order of the new ids. */
ns_status ns__sorter_append(ns__sorter *work, ns__columns *out, ns_error *err);
void ns__columns_release(ns__columns *all);
void ns__sorter_release(ns__sorter *work);

#endif
