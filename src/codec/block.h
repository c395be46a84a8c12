/* One block of a posting list: up to 256 passage ids and term frequencies.
 *
 * Each part begins with a tag that names its encoding; the encoder takes the smallest, with a
 * little preference for the faster ones.
 *
 *   ids   run       consecutive ids: nothing more
 *         bits      one bit per id of the span (dense)
 *         packed    gaps - 1 packed in `width` bits each
 *         patched   the same as a patched frame of reference: see pfor.h
 *   tfs   ones      every tf is 1
 *         mask      one bit per posting, set where tf > 1, then packed (tf - 2)
 *         packed    tf - 1 packed
 *         patched   tf - 1 as a patched frame of reference
 *
 * `base` is the last id of the block before (UINT32_MAX before the first block: gaps are taken
 * modulo 2^32, so id 0 after it has gap 1). block.c has the exact bytes. */
#ifndef NS_CODEC_BLOCK_H
#define NS_CODEC_BLOCK_H

#include "base/buf.h"
#include "codec/bitpack.h"

enum {
    NS_BLOCK_MAX = 256,
    NS_BLOCK_ROOM = NS_BLOCK_MAX + NS_UNPACK_ROUND /* values an output array must hold */
};

typedef enum ns__block_tag {
    NS__IDS_RUN = 0,
    NS__IDS_BITS = 1,
    NS__IDS_PACKED = 2,
    NS__IDS_PATCHED = 3,
    NS__TFS_ONES = 4,
    NS__TFS_MASK = 5,
    NS__TFS_PACKED = 6,
    NS__TFS_PATCHED = 7,
    NS__BLOCK_TAGS = 8
} ns__block_tag;

/* ids ascending, count 1..256, ids[0] > base (or base == UINT32_MAX). */
void ns__block_encode_ids(const uint32_t *ids, size_t count, uint32_t base, ns__buf *out);
/* tfs 1 .. 2^31, count 1..256. */
void ns__block_encode_tfs(const uint32_t *tfs, size_t count, ns__buf *out);

/* Decode one part at the front of [in, in_end). NS_PACK_SLACK bytes behind in_end must be readable;
 * `out` has room for `count` values rounded up to NS_UNPACK_ROUND. Returns the number of bytes the
 * part took, or 0 when the bytes contradict the format: then `out` is unspecified but nothing
 * outside it was written. Decoded ids are ascending and > base (unless base is UINT32_MAX), decoded
 * tfs are >= 1, for any input that is accepted. */
size_t ns__block_decode_ids(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t base, uint32_t *out);
size_t ns__block_decode_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t *out);
/* The tfs of single postings: of each i below `n`, that of posting at[i] of a part of `count` ones,
 * or 0 where at[i] is no number below `count`. False when the encoding does not fit. */
bool ns__block_pick_tfs(const ns__unpack_kernels *kernels, const uint8_t *in, const uint8_t *in_end,
                        size_t count, const uint32_t *at, size_t n, uint32_t *out);
/* The tfs of postings [from, from + n) of a part of `count` ones, n at least 1. False when they do
 * not fit, or the bytes contradict the format. */
bool ns__block_range_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                         const uint8_t *in_end, size_t count, size_t from, size_t n, uint32_t *out);
/* The bytes the part takes without decoding it. 0 when it does not fit. */
size_t ns__block_skip_ids(const uint8_t *in, const uint8_t *in_end, size_t count);
size_t ns__block_skip_tfs(const uint8_t *in, const uint8_t *in_end, size_t count);

/* The encoding of a part that begins at `in`. */
static inline ns__block_tag ns__block_ids_tag(const uint8_t *in)
{
    return (ns__block_tag)(*in & 3);
}
static inline ns__block_tag ns__block_tfs_tag(const uint8_t *in)
{
    return (ns__block_tag)(NS__TFS_ONES + (*in & 3));
}

/* The bit set of an ids part of encoding bits, as it stands: bit i is the id first + i. */
typedef struct ns__block_bits {
    const uint8_t *bits;
    size_t bytes;
    uint32_t first;
} ns__block_bits;

/* Returns the bytes the part takes, or 0 when it is of another encoding or does not fit. That
 * `count` bits are set is not checked; no id of a set byte's first bit passes UINT32_MAX. */
size_t ns__block_view_bits(const uint8_t *in, const uint8_t *in_end, uint32_t base,
                           ns__block_bits *out);

/* Room for a bit set that is made: a block that spans more passages is not worth one. */
enum { NS_BITS_WORDS = 32 };
typedef struct ns__bits_room {
    uint64_t words[NS_BITS_WORDS + 1 + 8]; /* NS_PACK_SLACK bytes behind it can be read */
} ns__bits_room;

/* Makes the bit set of a block of which the last id is `last`, when it is a run, or all but a few
 * of its ids follow one another. Returns the bytes that the ids take; 0 for other blocks, and
 * malformed ones. */
size_t ns__block_make_bits(const ns__unpack_kernels *kernels, const uint8_t *in,
                           const uint8_t *in_end, size_t count, uint32_t base, uint32_t last,
                           ns__bits_room *room, ns__block_bits *out);

#ifdef NS_COUNT_TAGS
/* How often each tag was decoded since the start, for coverage reports in tests. */
extern uint64_t ns__block_tag_counts[3][NS__BLOCK_TAGS]; /* [ns__isa][tag] */
#endif

/* Appends `count` values of `width` bits, bit-packed. */
void ns__append_packed(ns__buf *out, const uint32_t *values, size_t count, unsigned width);

/* A PFOR list with random access, for positions: any 32-bit values, any count from 1. values.c
 * has the exact bytes. */
void ns__values_encode(const uint32_t *values, size_t count, ns__buf *out);

typedef struct ns__values {
    const uint8_t *packed;     /* low `width` bits of every value */
    const uint8_t *exceptions; /* indices of the exceptions, ascending, packed */
    const uint8_t *highs;      /* their high bits, packed */
    size_t count;
    unsigned width;
    uint32_t exception_count;
    unsigned exception_width, index_width;
} ns__values;

/* Reads the header at the front of [in, in_end) for `count` values (at least 1). Returns the bytes
 * the whole list takes, or 0 when malformed. NS_PACK_SLACK bytes behind in_end must be readable. */
size_t ns__values_open(const uint8_t *in, const uint8_t *in_end, size_t count, ns__values *out);
/* values[first .. first + n) into out, exactly n of them. The range must lie inside count. Any
 * bytes give some values: damage is found by the checksums of the frame. */
void ns__values_get(const ns__unpack_kernels *kernels, const ns__values *values, size_t first,
                    size_t n, uint32_t *out);
/* All of them; `out` has room for their number rounded up to NS_UNPACK_ROUND. */
void ns__values_all(const ns__unpack_kernels *kernels, const ns__values *values, uint32_t *out);
/* Exceptions [from, from + n), `from` a multiple of 8: their indices and high bits, into arrays
 * with room for n rounded up to NS_UNPACK_ROUND. In damaged bytes indices may be anything. */
void ns__values_exceptions(const ns__unpack_kernels *kernels, const ns__values *values, size_t from,
                           size_t n, uint32_t *indices, uint32_t *highs);

#endif
