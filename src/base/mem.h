/* The only door to the heap: checked sizes, arenas, growable arrays.
 *
 * Nothing else in the library calls malloc, so that a test can make the n-th allocation fail. */
#ifndef NS_BASE_MEM_H
#define NS_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ns/status.h"

/* All return NULL when memory is out or count * size overflows. ns__zalloc zeroes. Memory is
 * aligned for any type. Freed with ns__free, which accepts NULL. */
void *ns__alloc(size_t count, size_t size);
void *ns__zalloc(size_t count, size_t size);
void *ns__realloc(void *old, size_t count, size_t size);
void ns__free(void *memory);

/* Aligned to 64 bytes (for vector loads); freed with ns__free too. */
void *ns__alloc64(size_t bytes);

/* Makes room in *array (elements of `size` bytes, *capacity of them) for at least `need`
 * elements, growing by half. On failure the array is unchanged. Use through NS_RESERVE. */
ns_status ns__reserve_more(void **array, size_t *capacity, size_t need, size_t size);
static inline ns_status ns__reserve(void **array, size_t *capacity, size_t need, size_t size)
{
    return need <= *capacity ? NS_OK : ns__reserve_more(array, capacity, need, size);
}
#define NS_RESERVE(array, capacity, need)                                                          \
    ns__reserve((void **)&(array), &(capacity), (need), sizeof *(array))

/* An arena: many small allocations released at once. Zero-initialised is empty. Returned memory
 * is aligned to 64 bytes when `bytes` >= 64, else to 16. */
typedef struct ns__arena_chunk ns__arena_chunk;
typedef struct ns__arena {
    ns__arena_chunk *chunks;
    uint8_t *next, *end;
    size_t total;          /* bytes handed out */
    bool keeps;            /* set by its owner: what is released stays for what comes next */
    ns__arena_chunk *kept; /* … here, */
    size_t kept_count;     /* … so many chunks */
} ns__arena;

void *ns__arena_alloc(ns__arena *arena, size_t bytes);
void *ns__arena_copy(ns__arena *arena, const void *bytes, size_t length);
void ns__arena_release(ns__arena *arena); /* frees all; the arena is empty and usable again */

/* An empty arena begins with memory of its caller, aligned to 64, which stays the caller's. */
void ns__arena_begin(ns__arena *arena, void *memory, size_t bytes);

/* An arena that keeps its chunks is for work that is done again and again: what an allocator gives
 * back to the system at each end costs page faults at the next beginning. Trimming leaves it a
 * mebibyte of them, closing none. */
void ns__arena_trim(ns__arena *arena); /* after a release */
void ns__arena_close(ns__arena *arena);

#endif
