/* Patched frame of reference (PFOR: Zukowski, Heman, Nes, Boncz 2006): most values in few bits,
 * the others as exceptions whose high bits stand apart.
 *
 * The body of such a list, after whoever embeds it has named `width` and whether exceptions exist:
 *
 *   without   packed values                                  ceil(count * width / 8) bytes
 *   with      u8 high width (1 .. 32 - width)
 *             varint number of exceptions (1 .. count)
 *             packed low `width` bits of all values          ceil(count * width / 8)
 *             packed indices, ascending, of bits(count - 1)  ceil(n * index width / 8)
 *             packed high bits of the exceptions             ceil(n * high width / 8)
 */
#ifndef NS_CODEC_PFOR_H
#define NS_CODEC_PFOR_H

#include "codec/block.h"

typedef struct ns__pfor_plan {
    unsigned width, high_width;
    size_t exceptions;
    size_t bytes; /* of the body */
} ns__pfor_plan;

/* The smallest body without exceptions and the smallest one with some (bytes is SIZE_MAX when no
 * width makes any). */
void ns__pfor_choose(const uint32_t *values, size_t count, ns__pfor_plan *plain,
                     ns__pfor_plan *patched);

/* Appends the body that `plan` describes. */
void ns__pfor_encode(const uint32_t *values, size_t count, const ns__pfor_plan *plan, ns__buf *out);

/* Reads the front of a body into *out and finds its end, *length bytes on. False when it does
 * not fit [in, in_end) or contradicts itself. */
bool ns__pfor_open(const uint8_t *in, const uint8_t *in_end, size_t count, unsigned width,
                   bool patched, ns__values *out, size_t *length);

/* The exceptions of such a list of at most NS_PATCH_MOST values; the arrays have room for
 * NS_BLOCK_ROOM each. Indices may be those that stand in the list: they are bytes there when it has
 * most values. */
ns__patches ns__pfor_patches(const ns__unpack_kernels *kernels, const ns__values *values,
                             uint8_t *indices, uint32_t *highs);

/* Adds the high bits of every exception to the unpacked low bits of the whole list, which has at
 * most NS_BLOCK_MAX values. False when an index is not below `count`. */
bool ns__pfor_patch(const ns__values *values, const ns__patches *patches, uint32_t *out);

#endif
