/* Posting lists on their way to bytes, away from the files: several coders may work at once, each
 * on terms of its own. What they made is put behind one another by a postings writer, in the order
 * of the terms; only then is it known where in the files a list stands. */
#ifndef NS_SEGMENT_LIST_CODER_H
#define NS_SEGMENT_LIST_CODER_H

#include "segment/postings.h"

/* A list that is done. */
typedef struct ns__coded_list {
    uint64_t at;     /* of its value in `values`, or of its record or metadata in `lists` */
    uint64_t pos_at; /* blocks: of its positions in `positions` */
    uint32_t df, bytes, pair_bytes, pos_bytes; /* bytes: of the value, or of the payload */
    uint32_t list_class;
} ns__coded_list;

typedef struct ns__bm25_norm {
    double k1, b, average;
} ns__bm25_norm;

typedef struct ns__list_coder {
    ns_index_settings settings;
    ns__lengths lengths;
    ns__bm25_norm norm;

    /* The block that is open. Who has postings puts them here: passages ascending over all blocks
     * of a list; the first position of each posting, then differences. ns__coder_flush checks. */
    uint32_t held;
    uint32_t ids[NS_BLOCK_MAX], tfs[NS_BLOCK_MAX], title_tfs[NS_BLOCK_MAX];
    uint32_t *gaps;
    size_t gap_count, gap_capacity;

    /* the list that is open */
    bool windowed;
    uint32_t blocks, last_id; /* flushed */
    uint32_t missing;         /* postings that the last block, which was copied, has too few */
    uint64_t payload_start, pos_start;
    ns__buf last, offset, pos_offset, quant, shortest, windows, pairs, scratch;

    /* Lists done. `taken`: bytes that stood in front and are in the files. */
    ns__buf lists, positions, values;
    uint64_t lists_taken, positions_taken;
    ns__coded_list *coded;
    size_t coded_count, coded_capacity;
    ns__postings_counts counts;
} ns__list_coder;

/* Parameters as those of ns__postings_writer_open. */
ns_status ns__coder_open(const ns_index_settings *settings, const ns__lengths *lengths,
                         double average, ns__list_coder **out, ns_error *err);
void ns__coder_close(ns__list_coder *coder); /* NULL is fine */
/* Starts a list of at most so many postings. */
void ns__coder_begin(ns__list_coder *coder, uint32_t most_postings);
/* Writes the open block, which has settings.block_postings postings or is the last of its list.
 * NS_ERR_ARGUMENT when the postings contradict each other. */
ns_status ns__coder_flush(ns__list_coder *coder, ns_error *err);
/* Takes a block over as it is coded. The open one is empty. What depends on lengths, and on where
 * the block stands, is made anew. */
ns_status ns__coder_copy(ns__list_coder *coder, const ns__coded_block *block, ns_error *err);
/* A list that is done, as it stands elsewhere: `value` is that of the dictionary there. */
ns_status ns__coder_copy_list(ns__list_coder *coder, const ns__plist *list, ns__str value,
                              ns_error *err);
ns_status ns__coder_end(ns__list_coder *coder, ns_error *err);
/* Forgets everything but the room for it. */
void ns__coder_reset(ns__list_coder *coder);

/* Appends the bytes that the coder holds to the files. */
void ns__postings_take(ns__postings_writer *writer, ns__list_coder *coder);
/* The dictionary value of a list of the coder whose first bytes or all were taken, and nothing of
 * another coder since. */
void ns__postings_value(const ns__postings_writer *writer, const ns__list_coder *coder,
                        const ns__coded_list *list, ns__buf *value);

#endif
