/* Whether of two words one stands so many places behind the other: for many passages in a row. */
#ifndef NS_SEARCH_PAIRS_H
#define NS_SEARCH_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "codec/bitpack.h"
#include "os/cpu.h"

enum { NS_PLACES_WIDTH = 13 }; /* eight or sixteen places of so many bits are taken at once */

/* Places of a word in the passages of a block. Posting i has values starts[i] up to starts[i + 1]:
 * the first is a place, each other the difference to the one before. They are in `at`, and
 * NS_UNPACK_ROUND more can be read behind them; or else packed in `width` bits each,
 * NS_PLACES_WIDTH at most, less what the highest bits of some are: exceptions, ascending and up to
 * a UINT32_MAX, that have highs. */
typedef struct ns__places {
    const uint32_t *starts, *at;
    const uint8_t *packed;
    unsigned width;
    const uint32_t *exceptions, *highs;
} ns__places;

typedef struct ns__pairs_job {
    ns__places first, other;
    const uint32_t *slots, *postings; /* of each pair: the posting of either word */
    uint32_t count;
    uint32_t ahead; /* the other stands so many places behind the first, modulo 2^32 */
    uint8_t *found; /* 1 for each pair where that is so somewhere, else 0 */
} ns__pairs_job;

typedef void ns__pairs_kernel(const ns__pairs_job *job);

/* That of one instruction set, which this processor must have. */
ns__pairs_kernel *ns__pairs_kernel_for(ns__isa isa);

#endif
