/* Heap, growable arrays and arenas. */
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void *ns__alloc(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count * size;
    return malloc(bytes ? bytes : 1);
}

void *ns__zalloc(size_t count, size_t size)
{
    return calloc(count ? count : 1, size ? size : 1);
}

void *ns__realloc(void *old, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    size_t bytes = count * size;
    return realloc(old, bytes ? bytes : 1);
}

void ns__free(void *memory)
{
    free(memory);
}

void *ns__alloc64(size_t bytes)
{
    if (bytes > SIZE_MAX - 64)
        return NULL;
    size_t rounded = (bytes + 63) & ~(size_t)63;
    return aligned_alloc(64, rounded ? rounded : 64);
}

ns_status ns__reserve_more(void **array, size_t *capacity, size_t need, size_t size)
{
    size_t grown = *capacity + *capacity / 2 + 16;
    if (grown < need)
        grown = need;
    void *bigger = ns__realloc(*array, grown, size);
    if (bigger == NULL)
        return NS_ERR_MEMORY;
    *array = bigger;
    *capacity = grown;
    return NS_OK;
}

struct ns__arena_chunk {
    ns__arena_chunk *next;
    size_t room;
    void *memory;        /* that it is part of */
    uint8_t padding[40]; /* keeps the data behind it aligned to 64 */
};

/* Chunks grow from the first size to the last; those that are kept all have the last one. */
enum { FIRST_CHUNK_BYTES = 4 * 1024, CHUNK_BYTES = 64 * 1024, KEPT_CHUNKS = 16 };

static size_t chunk_room(const ns__arena *arena, size_t bytes)
{
    size_t room = arena->chunks ? 4 * arena->chunks->room : FIRST_CHUNK_BYTES;
    if (arena->keeps || room > CHUNK_BYTES)
        room = CHUNK_BYTES;
    return bytes > room / 4 ? bytes : room;
}

/* Aligned to 64 by hand: asking the C library for it costs ten times as much as plain memory. */
static ns__arena_chunk *new_chunk(size_t room)
{
    uint8_t *memory = ns__alloc(1, sizeof(ns__arena_chunk) + room + 63);
    if (memory == NULL)
        return NULL;
    ns__arena_chunk *chunk = (void *)(memory + (-(uintptr_t)memory & 63));
    chunk->memory = memory;
    chunk->room = room;
    return chunk;
}

static ns__arena_chunk *take_chunk(ns__arena *arena, size_t bytes)
{
    size_t room = chunk_room(arena, bytes);
    ns__arena_chunk *chunk = arena->kept;
    if (room == CHUNK_BYTES && chunk != NULL) {
        arena->kept = chunk->next;
        arena->kept_count--;
        return chunk;
    }
    return new_chunk(room);
}

void *ns__arena_alloc(ns__arena *arena, size_t bytes)
{
    size_t align = bytes >= 64 ? 64 : 16;
    uintptr_t at = ((uintptr_t)arena->next + align - 1) & ~(uintptr_t)(align - 1);
    if (arena->next == NULL || at > (uintptr_t)arena->end || bytes > (uintptr_t)arena->end - at) {
        if (bytes > SIZE_MAX / 2)
            return NULL;
        ns__arena_chunk *chunk = take_chunk(arena, bytes);
        if (chunk == NULL)
            return NULL;
        chunk->next = arena->chunks;
        arena->chunks = chunk;
        arena->next = (uint8_t *)(chunk + 1);
        arena->end = arena->next + chunk->room;
        at = (uintptr_t)arena->next;
    }
    arena->next = (uint8_t *)at + bytes;
    arena->total += bytes;
    return (void *)at;
}

void *ns__arena_copy(ns__arena *arena, const void *bytes, size_t length)
{
    void *copy = ns__arena_alloc(arena, length ? length : 1);
    if (copy != NULL && length != 0)
        memcpy(copy, bytes, length);
    return copy;
}

static void free_chunks(ns__arena_chunk *chunk)
{
    while (chunk != NULL) {
        ns__arena_chunk *next = chunk->next;
        ns__free(chunk->memory);
        chunk = next;
    }
}

void ns__arena_release(ns__arena *arena)
{
    ns__arena_chunk *chunk = arena->chunks, *next;
    ns__arena left = {.keeps = arena->keeps, .kept = arena->kept, .kept_count = arena->kept_count};
    for (; chunk != NULL; chunk = next) {
        next = chunk->next;
        if (left.keeps && chunk->room == CHUNK_BYTES) {
            chunk->next = left.kept;
            left.kept = chunk;
            left.kept_count++;
        } else {
            ns__free(chunk->memory);
        }
    }
    *arena = left;
}

void ns__arena_begin(ns__arena *arena, void *memory, size_t bytes)
{
    arena->next = memory;
    arena->end = arena->next + bytes;
}

void ns__arena_trim(ns__arena *arena)
{
    if (arena->kept_count <= KEPT_CHUNKS)
        return;
    ns__arena_chunk **end = &arena->kept;
    for (int i = 0; i < KEPT_CHUNKS; i++)
        end = &(*end)->next;
    free_chunks(*end);
    *end = NULL;
    arena->kept_count = KEPT_CHUNKS;
}

void ns__arena_close(ns__arena *arena)
{
    ns__arena_release(arena);
    free_chunks(arena->kept);
    *arena = (ns__arena){0};
}
