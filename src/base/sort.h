/* Sorting many numbers at a time. */
#ifndef NS_BASE_SORT_H
#define NS_BASE_SORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sorts keys[0 .. count), count < 2^32, by their bits [low, high), high <= 64; what is equal in
 * these keeps its order. As many more are used in `other`. Returns where the sorted keys are: one
 * of both. A radix sort by eight bits at a time (Knuth 5.2.5), insertion where there are few. */
uint64_t *ns__sort_keys(uint64_t *keys, uint64_t *other, size_t count, unsigned low, unsigned high);

#endif
