/* One block of a posting list: up to 256 passage ids and term frequencies.
 *
 * The first byte of each part is a tag that names its encoding; the encoder takes the smallest.
 *
 *   ids   run       consecutive ids: nothing more
 *         bits      span in bytes, then one bit per id of the span (dense)
 *         packed    width, gaps - 1 packed in `width` bits each
 *         patched   width, count of exceptions, packed low bits, exception indices (u8), their
 *                   high bits packed (PFOR: Zukowski et al. 2006)
 *   tfs   ones      every tf is 1
 *         mask      one bit per posting, set where tf > 1, then packed (tf - 2)
 *         packed    width, tf - 1 packed
 *         patched   as above on tf - 1
 *
 * `base` is the last id of the block before (UINT32_MAX before the first block: gaps are taken
 * modulo 2^32, so id 0 after it has gap 1). docs/format.md has the exact bytes. */
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
/* tfs >= 1. */
void ns__block_encode_tfs(const uint32_t *tfs, size_t count, ns__buf *out);

/* Decode one part at the front of [in, in_end); `slack_end` >= in_end is the end of readable
 * memory (at least NS_PACK_SLACK behind in_end, or the decoder copies). Returns the number of bytes
 * the part took, or 0 when the bytes contradict the format: then `out` is unspecified but nothing
 * outside it was written. Decoded ids are ascending and > base for any input that is accepted. */
size_t ns__block_decode_ids(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t base, uint32_t *out);
size_t ns__block_decode_tfs(const ns__unpack_kernels *kernels, const uint8_t *in,
                            const uint8_t *in_end, size_t count, uint32_t *out);
/* The bytes the ids part takes without decoding it: how to find the tfs. 0 when malformed. */
size_t ns__block_skip_ids(const uint8_t *in, const uint8_t *in_end, size_t count);

/* How often each tag was decoded since the start, for coverage reports in tests. Only counted when
 * the library is built with NS_COUNT_TAGS. */
extern uint64_t ns__block_tag_counts[NS__BLOCK_TAGS];

/* A general PFOR list, used for positions: any 32-bit values, any count (grouped by 256 inside).
 * Positions of one block of postings: width byte, exceptions, packed values; value `index` can be
 * read alone. */
void ns__values_encode(const uint32_t *values, size_t count, ns__buf *out);

typedef struct ns__values {
    const uint8_t *packed;     /* low bits */
    const uint8_t *exceptions; /* index deltas and high bits: see block.c */
    size_t count;
    unsigned width;
    uint32_t exception_count;
    unsigned exception_width, index_width;
} ns__values;

/* Reads the header at the front of [in, in_end) for `count` values. Returns the bytes the whole
 * list takes, or 0 when malformed. */
size_t ns__values_open(const uint8_t *in, const uint8_t *in_end, size_t count, ns__values *out);
/* values[first .. first + n) into out (room for n rounded up to NS_UNPACK_ROUND). The range must
 * lie inside count. */
void ns__values_get(const ns__unpack_kernels *kernels, const ns__values *values, size_t first,
                    size_t n, uint32_t *out);

#endif
