/* Merging: the live articles of some segments become one segment.
 *
 * What comes out is what the builder would make of the same articles in the same order, byte for
 * byte. Nothing is held in memory that grows with the postings: lists go through block by block.
 * Kept are about 20 bytes an article, 16 a passage (little of both when memory is little: the rest
 * waits in a file), and 4 for each term of each segment and for each headline word.
 *
 * Segments that were reordered keep the order in which their articles stand, and remember the order
 * of the input. */
#ifndef NS_INDEX_MERGE_H
#define NS_INDEX_MERGE_H

#include "segment/segment.h"

typedef struct ns__merge_input {
    const ns__segment *segment;
    const uint8_t *dead; /* bit a: article a is left out; NULL: none is */
} ns__merge_input;

/* How far it is, in bytes of the segments' files. */
typedef struct ns__merge_progress {
    uint64_t articles, text_bytes, done_bytes, total_bytes;
    uint64_t copied_blocks, copied_text; /* blocks of postings, bytes of text taken over as coded */
} ns__merge_progress;

typedef struct ns__merge_options {
    const ns_index_settings *settings; /* of all inputs */
    const char *directory;
    uint64_t generation;   /* of the commit */
    uint64_t memory_bytes; /* > 0: what maps and tables of words may take */
    /* Called now and then; an error stops. */
    ns_status (*tick)(void *payload, const ns__merge_progress *progress, ns_error *err);
    void *payload;
    bool recode;      /* take nothing over as it is: the plain way, for tests; the same bytes */
    bool reorder;     /* put articles with the same words together: see reorder.h */
    unsigned threads; /* for that; > 0 */
} ns__merge_options;

/* Writes the files of the new segment under their final names, each synced (the directory is not).
 * Every byte of the inputs is verified first: damage is not copied under new checksums. Postings,
 * terms and articles that contradict each other all the same are NS_ERR_CORRUPT. At least one
 * article must be live. On failure no file is left. */
ns_status ns__merge(const ns__merge_options *options, const ns__merge_input *inputs, size_t count,
                    ns__segment_ref *ref, ns_error *err);

#endif
