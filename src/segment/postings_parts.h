/* What the files of the posting lists share: classes, forms and the parts of a list's bytes.
 * docs/format-postings.md has the exact bytes. */
#ifndef NS_SEGMENT_POSTINGS_PARTS_H
#define NS_SEGMENT_POSTINGS_PARTS_H

#include "base/limits.h"
#include "base/num.h"
#include "segment/list_coder.h"

#define NS_SECTION_PARAMS NS_FOURCC('p', 'a', 'r', 'm')
#define NS_SECTION_LISTS NS_FOURCC('l', 'i', 's', 't')
#define NS_SECTION_POSITIONS NS_FOURCC('p', 'o', 's', 'n')

/* Low two bits of the varint that a dictionary value begins with. */
typedef enum ns__list_class {
    NS__LIST_INLINE = 0,       /* body tf << 3 | has headline tf << 2 | class */
    NS__LIST_SHORT = 1,        /* df << 2 | class; the record is in .pst */
    NS__LIST_BLOCKS = 2,       /* df << 2 | class */
    NS__LIST_SHORT_INLINE = 3, /* df << 2 | class; the record follows in the value */
} ns__list_class;

/* Records up to this size stay in the dictionary. */
enum { NS__SHORT_INLINE_BYTES = 16 };

/* A list more frequent than one passage in this many has window maxima. */
enum { NS__WINDOW_DENSITY = 512 };

static inline bool ns__has_windows(uint32_t df, uint32_t passages)
{
    return df > passages / NS__WINDOW_DENSITY;
}

static inline uint32_t ns__window_count(uint32_t passages, uint32_t window_passages)
{
    return passages / window_passages + (passages % window_passages != 0);
}

/* The bits of a number that is at most `most`. */
static inline unsigned ns__meta_width(uint64_t most)
{
    return ns__bits32((uint32_t)most);
}

/* ---- What all lists of a file hold for (postings_write.c) ---- */

/* block_postings, window_passages, title_weight and passages as u32; k1, b and avgdl as doubles */
enum { NS__PARAMS_BYTES = 4 * 4 + 3 * 8 };

void ns__params_pack(uint8_t *out, const ns_index_settings *settings, uint32_t passages,
                     double average);

/* ---- Inline values and short records (postings_short.c) ---- */

/* Postings in memory: of an inline or short list, or of the block being written. Positions are
 * concatenated; each posting has tf - title_weight * title_tf of them. */
typedef struct ns__posting_run {
    uint32_t count;
    const uint32_t *ids, *tfs, *title_tfs;
    const uint32_t *positions; /* the first of each posting, then differences */
    size_t position_count;
} ns__posting_run;

void ns__inline_encode(const ns__posting_run *run, uint32_t title_weight, ns__buf *value);
void ns__short_encode(const ns__posting_run *run, ns__buf *out);
/* `value` behind its first varint, which was `head`. Fills the decoded part of *list. Returns
 * NULL, or what is wrong; NS_ERR_MEMORY goes to *status. */
const char *ns__inline_decode(ns__plist *list, uint64_t head, ns__cur *value, ns__arena *arena,
                              ns_status *status);
/* list->df is set. At least NS_PACK_SLACK readable bytes must follow the record. */
const char *ns__short_decode(ns__plist *list, ns__cur *record, ns__arena *arena, ns_status *status);

/* ---- Positions of a block (postings_positions.c) ---- */

void ns__positions_encode(const ns__posting_run *run, ns__buf *out);

/* ---- Bounds (postings_bounds.c) ---- */

typedef struct ns__bound_pair {
    uint32_t tf, length;
} ns__bound_pair;

/* The postings that no other one beats: tf and length both strictly ascending. */
typedef struct ns__pareto {
    ns__bound_pair pairs[NS_BLOCK_MAX / 2];
    uint32_t count;
} ns__pareto;

/* Lengths of some passages. */
void ns__lengths_of(const ns__lengths *lengths, const uint32_t *passages, uint32_t count,
                    uint32_t *out);
/* Upper bounds of tf / (tf + k1 * (1 - b + b * length / average)), whatever the order in which a
 * caller evaluates that: above the exact value by less than 2^-39 of it. */
void ns__posting_bounds(const ns__bm25_norm *norm, const uint32_t *tfs, const uint32_t *lengths,
                        uint32_t count, double *out);
void ns__pareto_add(ns__pareto *set, uint32_t tf, uint32_t length);
/* The set of the postings of a half block. */
void ns__pareto_of(const uint32_t *tfs, const uint32_t *lengths, uint32_t count, ns__pareto *out);
uint8_t ns__quantise(double bound);
/* Appends the set, coarsened to NS_MAX_BOUND_PAIRS. */
void ns__pareto_encode(const ns__pareto *set, const ns__bm25_norm *norm, ns__buf *out);
/* The pairs of one half block, at most NS_MAX_BOUND_PAIRS. False when malformed. */
bool ns__pairs_read(ns__cur *cur, ns__bound_pair *pairs, uint32_t *count);

#endif
