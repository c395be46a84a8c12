/* A list of blocks behind yajl's allocation hooks. */
#include "ingest/yajl_heap.h"

#include "base/mem.h"

/* Stands before the bytes that yajl sees. */
struct ns__yajl_block {
    ns__yajl_block *next, *previous;
};
_Static_assert(sizeof(struct ns__yajl_block) % 16 == 0, "what follows must be aligned");

static void *block_link(ns__yajl_heap *heap, ns__yajl_block *block)
{
    block->previous = NULL;
    block->next = heap->blocks;
    if (heap->blocks != NULL)
        heap->blocks->previous = block;
    heap->blocks = block;
    return block + 1;
}

static void block_unlink(ns__yajl_heap *heap, ns__yajl_block *block)
{
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        heap->blocks = block->next;
    if (block->next != NULL)
        block->next->previous = block->previous;
}

static void heap_free(void *context, void *memory)
{
    ns__yajl_heap *heap = context;
    if (memory == NULL)
        return;
    ns__yajl_block *block = (ns__yajl_block *)memory - 1;
    block_unlink(heap, block);
    ns__free(block);
}

static void *heap_realloc(void *context, void *memory, size_t bytes)
{
    ns__yajl_heap *heap = context;
    ns__yajl_block *old = memory != NULL ? (ns__yajl_block *)memory - 1 : NULL;
    /* Out of the list first: a block that moves must not be reached under its old address. */
    if (old != NULL)
        block_unlink(heap, old);
    ns__yajl_block *block = NULL;
    if (bytes <= SIZE_MAX - sizeof *block)
        block = ns__realloc(old, sizeof *block + bytes, 1);
    if (block != NULL)
        return block_link(heap, block);
    ns__free(old);
    longjmp(heap->out_of_memory, 1);
}

static void *heap_alloc(void *context, size_t bytes)
{
    return heap_realloc(context, NULL, bytes);
}

yajl_alloc_funcs ns__yajl_heap_functions(ns__yajl_heap *heap)
{
    return (yajl_alloc_funcs){heap_alloc, heap_realloc, heap_free, heap};
}

void ns__yajl_heap_release(ns__yajl_heap *heap)
{
    while (heap->blocks != NULL)
        heap_free(heap, heap->blocks + 1);
}
