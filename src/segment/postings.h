/* Posting lists on disk: files .pst (ids, tfs, block metadata) and .pos (positions).
 *
 * A term's list comes in one of three classes, by its df:
 *   inline  df = 1: id, tf, headline tf and positions stand in the dictionary's value itself
 *   short   df <= block_postings / 2: one record with its positions, in .pst or, when it is tiny,
 *           in the dictionary's value; no metadata
 *   blocks  else: blocks of block_postings postings, the last may be shorter. Metadata stands apart
 *           from the payload, as arrays:
 *             last[n]      last passage id of each block, packed in the bits of any
 *             offset[n]    where the block's ids begin, from the payload's start; packed
 *             pos[n]       where the block's positions begin in .pos, from the list's; packed
 *             quant[2n]    u8 for each half block: ceil(255 * max tf/(tf+K)) under the index's
 *                               default k1, b and its avgdl when the segment was written
 *             shortest[2n] u8 for each half block: the code of the shortest length of its passages
 *             pairs        for each half block its Pareto set of (tf, length): facts, not scores,
 *                          at most NS_MAX_BOUND_PAIRS, coarsened upward when there are more
 *           Lists of df > passages / 512 also carry window maxima: one u8 (coded as quant) for
 *           each window of window_passages passages.
 * The tf of a posting is the combined one: tf_body + title_weight * tf_title. Next to the positions
 * of each list stands the headline part (title tf), so that tf_body, the number of positions, is
 * known without the articles. docs/format.md has the exact bytes.
 */
#ifndef NS_SEGMENT_POSTINGS_H
#define NS_SEGMENT_POSTINGS_H

#include "base/mem.h"
#include "base/num.h"
#include "codec/block.h"
#include "codec/frame.h"
#include "segment/params.h"

/* Exact passage lengths (words of the body + title_weight * words of the headline). */
typedef struct ns__lengths {
    const uint8_t *data;
    unsigned width; /* 1, 2 or 4 bytes each */
    uint32_t count;
} ns__lengths;

static inline uint32_t ns__length_of(const ns__lengths *lengths, uint32_t passage)
{
    if (lengths->width == 1)
        return lengths->data[passage];
    if (lengths->width == 2)
        return ns__get_u16(lengths->data + 2 * (size_t)passage);
    return ns__get_u32(lengths->data + 4 * (size_t)passage);
}

/* The same where it was rounded to a float: up to 2^24 that is the length itself, and nothing is
 * read again. */
static inline uint32_t ns__length_from(const ns__lengths *lengths, uint32_t passage, float rounded)
{
    return rounded < 0x1p24f ? (uint32_t)rounded : ns__length_of(lengths, passage);
}

/* A length in a byte, rounded down by at most a sixteenth: those below 32 are exact, above a code
 * has four bits behind the first one, and how many are left out. Longer than 2^19 - 1 is none. */
static inline uint8_t ns__length_code(uint32_t length)
{
    length = length < 1u << 19 ? length : (1u << 19) - 1;
    const unsigned bits = ns__bits32(length), out = bits > 5 ? bits - 5 : 0;
    return (uint8_t)(length < 32 ? length : (out + 1) << 4 | (length >> out & 15));
}
static inline uint32_t ns__length_decode(uint8_t code)
{
    return code < 32 ? code : (uint32_t)(16 | (code & 15)) << (code / 16 - 1);
}

/* ---- Writing ---- */

/* Postings of one term, any number at a time, passages ascending over all calls of one term. */
typedef struct ns__posting_batch {
    size_t count;
    const uint32_t *passages;
    const uint32_t *tfs;       /* combined */
    const uint32_t *title_tfs; /* of the headline, unweighted; NULL when all are 0 */
    const uint32_t *positions; /* ascending within a posting; tf - title_weight * title_tf each */
} ns__posting_batch;

typedef struct ns__postings_writer ns__postings_writer;
struct ns__plist;

/* `lengths` of all passages of the segment, borrowed until the writer is gone; `average` their mean
 * (avgdl). The frames' sections are written by this writer; finishing the frames is the caller's.
 */
ns_status ns__postings_writer_open(const ns_index_settings *settings, const ns__lengths *lengths,
                                   double average, ns__frame_writer *postings,
                                   ns__frame_writer *positions, ns__postings_writer **out,
                                   ns_error *err);
ns_status ns__postings_add(ns__postings_writer *writer, const ns__posting_batch *batch,
                           ns_error *err);

/* A block of another file: all of its postings, with the ids that they have here, and its bytes. It
 * is full, or `last` of its list here as there. */
typedef struct ns__coded_block {
    uint32_t count;
    uint32_t base; /* the id in front of its first, from which its bytes count; UINT32_MAX: none */
    const uint32_t *passages, *tfs;
    ns__str bytes, positions;
    uint64_t position_count;
    bool last;
} ns__coded_block;
/* Adds the block if its bytes are those that it would get here: then *copied. Else nothing happens,
 * and it has to be decoded and added. */
ns_status ns__postings_copy(ns__postings_writer *writer, const ns__coded_block *block, bool *copied,
                            ns_error *err);
/* The postings of a term are those of an inline or short list of another file, value or record too.
 */
ns_status ns__postings_copy_list(ns__postings_writer *writer, const struct ns__plist *list,
                                 ns__str value, ns_error *err);
/* Ends the term: appends its dictionary value to *value. A term without postings is an error. */
ns_status ns__postings_end_term(ns__postings_writer *writer, ns__buf *value, ns_error *err);

typedef struct ns__postings_counts {
    uint64_t postings, positions, inline_lists, short_lists, block_lists, blocks;
} ns__postings_counts;
/* Writes what follows the last term and frees the writer. *counts may be NULL. */
ns_status ns__postings_writer_finish(ns__postings_writer *writer, ns__postings_counts *counts,
                                     ns_error *err);
void ns__postings_writer_free(ns__postings_writer *writer); /* NULL is fine */

/* ---- Reading ---- */

typedef struct ns__postings {
    const ns__frame *frame, *pos_frame;
    const ns__frame *value_frame; /* that of the dictionary's values, for messages; or NULL */
    ns__str lists, positions;     /* the sections */
    ns__lengths lengths;
    uint32_t passages;
    uint32_t block_postings, window_passages, title_weight;
    double k1, b, average;             /* what quant holds for */
    const ns__unpack_kernels *kernels; /* of this processor: for inline and short lists */
} ns__postings;

/* Sections of two open frames, and what the segment's articles say. */
ns_status ns__postings_open(const ns__frame *postings, const ns__frame *positions,
                            const ns_index_settings *settings, const ns__lengths *lengths,
                            double average, ns__postings *out, ns_error *err);

/* A list opened for reading. Inline and short lists are decoded at once into the arena and look
 * like one block. Read-only after opening; decode calls write only to the caller's arrays. */
typedef struct ns__plist {
    const ns__postings *owner;
    uint32_t df, blocks, block_postings;
    bool decoded;   /* inline or short: ids, tfs, … below are filled */
    bool no_places; /* … but only those two: title_tfs and positions are not read */
    uint32_t *ids, *tfs, *title_tfs, *positions, *position_starts; /* decoded lists only */
    const uint32_t *last;                                          /* of each block */
    const uint8_t *offset, *pos; /* packed: read with ns__plist_start and ns__plist_positions */
    unsigned offset_width, pos_width;
    const uint8_t *quant;    /* u8[2 * blocks], NULL for decoded lists */
    const uint8_t *shortest; /* likewise; see ns__length_code */
    const uint8_t *pairs, *pairs_end;
    const uint8_t *windows; /* u8[window_count], or NULL; see ns__quant_bound */
    uint32_t window_count;
    const uint8_t *payload, *payload_end;
    ns__str record; /* of a short list that stands in .pst */
    const uint8_t *positions_start, *positions_end;
} ns__plist;

/* Opens the list whose dictionary value is `value`. Its metadata is unpacked and checked here, so
 * that the inline readers below need no checks: `last` ascending and below the passage count.
 * Offsets are read as they are needed, and checked then: most lists are hardly touched. */
ns_status ns__plist_open(const ns__postings *postings, ns__str value, ns__arena *arena,
                         ns__plist *out, ns_error *err);
/* The same for who only wants to know where its words are and how often: nothing is read of
 * headlines and positions, nor may be. */
ns_status ns__plist_open_words(const ns__postings *postings, ns__str value, ns__arena *arena,
                               ns__plist *out, ns_error *err);
/* Asks for the memory that opening the list will look at first. */
void ns__plist_fetch(const ns__postings *postings, ns__str value);
/* df alone, without opening. False when malformed. */
bool ns__plist_df(ns__str value, uint32_t *df);

static inline uint32_t ns__plist_last(const ns__plist *list, uint32_t block)
{
    if (list->decoded)
        return list->ids[list->df - 1];
    return list->last[block];
}

static inline uint32_t ns__plist_count(const ns__plist *list, uint32_t block)
{
    return block + 1 < list->blocks ? list->block_postings
                                    : list->df - block * list->block_postings;
}

/* Where a block's ids begin, and its positions; for block == blocks, where those of the last one
 * end. In damaged bytes one may begin behind the next, but none outside of its part of the file. */
static inline const uint8_t *ns__plist_start(const ns__plist *list, uint32_t block)
{
    const size_t bytes = (size_t)(list->payload_end - list->payload);
    if (block >= list->blocks)
        return list->payload_end;
    const size_t offset = ns__packed_get(list->offset, block, list->offset_width);
    return list->payload + (offset < bytes ? offset : bytes);
}
static inline const uint8_t *ns__plist_positions(const ns__plist *list, uint32_t block)
{
    const size_t bytes = (size_t)(list->positions_end - list->positions_start);
    if (block >= list->blocks)
        return list->positions_end;
    const size_t offset = ns__packed_get(list->pos, block, list->pos_width);
    return list->positions_start + (offset < bytes ? offset : bytes);
}

/* No passage of this half of a block is shorter. 0 for lists in memory. */
static inline uint32_t ns__plist_shortest(const ns__plist *list, uint32_t block, uint32_t half)
{
    return list->shortest ? ns__length_decode(list->shortest[2 * (size_t)block + half]) : 0;
}

/* Asks for memory, a kilobyte at most. Inlined always: GCC takes calls of a function that does
 * nothing else for superfluous. */
static inline __attribute__((always_inline)) void ns__fetch(const uint8_t *at, const uint8_t *end)
{
    enum { LINE = 64, MOST = 16 * LINE };
    end = end - at < MOST ? end : at + MOST;
    for (; at < end; at += LINE)
        __builtin_prefetch(at);
}

/* Asks for the memory of a block of a list that is not decoded: its ids and tfs. */
static inline __attribute__((always_inline)) void ns__plist_fetch_block(const ns__plist *list,
                                                                        uint32_t block)
{
    ns__fetch(ns__plist_start(list, block), ns__plist_start(list, block + 1));
}
/* Its positions. */
static inline __attribute__((always_inline)) void ns__plist_fetch_positions(const ns__plist *list,
                                                                            uint32_t block)
{
    ns__fetch(ns__plist_positions(list, block), ns__plist_positions(list, block + 1));
}

/* Where the tfs of a decoded block stand: filled by ns__plist_ids. */
typedef struct ns__block_place {
    uint32_t block;
    const uint8_t *tfs;
} ns__block_place;

/* ids into out[NS_BLOCK_ROOM]. NS_ERR_CORRUPT when malformed; ids are ascending, greater than the
 * last of the block before, and end with ns__plist_last(block) for every accepted input. */
ns_status ns__plist_ids(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                        uint32_t *out, ns__block_place *place, ns_error *err);
/* The ids of a block as a bit set, when they are stored as one or, with `room`, are made one there
 * at little cost; false when not. That a set that is stored holds as many as the block should is
 * not checked. */
bool ns__plist_bits(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                    ns__bits_room *room, ns__block_bits *out, ns__block_place *place);
/* Combined tfs of the block that `place` was filled for, into out[NS_BLOCK_ROOM]. */
ns_status ns__plist_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                        const ns__block_place *place, uint32_t *out, ns_error *err);

/* Those of single postings of it, as ns__block_pick_tfs has them; false where that does not fit. */
bool ns__plist_pick_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                        const ns__block_place *place, const uint32_t *at, uint32_t n,
                        uint32_t *out);

/* Those of `n` postings from `from` on, as ns__block_range_tfs has them. */
bool ns__plist_range_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                         const ns__block_place *place, uint32_t from, uint32_t n, uint32_t *out);

/* Positions of one block, opened for random access. Memory is in the struct: reuse it. */
typedef struct ns__pos_block {
    uint32_t block;
    uint32_t count;
    uint32_t starts[NS_BLOCK_MAX + 1]; /* posting i has values starts[i] .. starts[i+1) */
    uint32_t title_tfs[NS_BLOCK_MAX];  /* of the headlines, unweighted */
    ns__values values;
    const uint32_t *direct; /* decoded lists: the positions themselves */
} ns__pos_block;

/* `tfs`: the combined tfs of the block. */
ns_status ns__plist_positions_open(const ns__plist *list, const ns__unpack_kernels *kernels,
                                   uint32_t block, const uint32_t *tfs, ns__pos_block *out,
                                   ns_error *err);
/* Body positions of posting `i` of the block, ascending, into out (room for starts[i+1] - starts[i]
 * rounded up to NS_UNPACK_ROUND); *count gets their number. Values are as stored: not checked
 * against the passage length, and in damaged bytes not even ascending. */
void ns__pos_block_get(const ns__pos_block *positions, const ns__unpack_kernels *kernels,
                       uint32_t i, uint32_t *out, uint32_t *count);

/* What a quantised bound stands for, rounded up: at least q / 255. */
static inline float ns__quant_bound(uint8_t q)
{
    return (float)q * 0x1.010102p-8f; /* the float above 1 / 255 */
}

/* Positions of a block, for few of its postings: where those of one stand is counted when it is
 * asked for. Memory is in the struct: reuse it. */
typedef struct ns__pos_pick {
    uint32_t count, title_weight, total;
    uint32_t tfs[NS_BLOCK_ROOM];
    const uint8_t *titled;        /* postings of words in headlines: … */
    uint32_t titled_count;        /* … their indices, so many; or 0 */
    bool mask;                    /* … or a bit each */
    bool counts;                  /* some stand there more than once: … */
    uint32_t more[NS_BLOCK_ROOM]; /* … so many times more, each of them */
    ns__values values;
} ns__pos_pick;

/* Opens those of a list that is not decoded. False when the block is malformed: what exactly is
 * wrong ns__plist_positions_open says. */
bool ns__plist_pick_open(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                         ns__pos_pick *out);
/* The positions of posting `at` are values [*first, *first + *count), each but the first as the
 * difference to the one before. False when it is no posting of the block, or malformed. */
bool ns__pos_pick_find(const ns__pos_pick *pick, const ns__unpack_kernels *kernels, uint32_t at,
                       uint32_t *first, uint32_t *count);

/* Upper bounds of tf / (tf + k1 * (1 - b + b * length / average)) for each half block (2 * blocks
 * floats; a missing second half repeats the first). Parameters equal to those stored with quant are
 * read from there; where the average alone differs, and not by much, they follow from those; others
 * are computed from the pairs. Never below the true maximum in double
 * arithmetic: rounded up. */
ns_status ns__plist_bounds(const ns__plist *list, double k1, double b, double average, float *out,
                           ns_error *err);

#endif
