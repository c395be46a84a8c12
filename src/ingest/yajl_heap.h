/* The memory of one yajl parser.
 *
 * yajl never looks whether an allocation failed, so a failed one must not return to it: it jumps
 * out of the parse to the place set in `out_of_memory`. Everything the parser had is kept in a
 * list and freed by ns__yajl_heap_release; yajl_free is never called. */
#ifndef NS_INGEST_YAJL_HEAP_H
#define NS_INGEST_YAJL_HEAP_H

#include <setjmp.h>

#include <yajl/yajl_common.h>

typedef struct ns__yajl_block ns__yajl_block;

typedef struct ns__yajl_heap {
    ns__yajl_block *blocks;
    jmp_buf out_of_memory; /* set it with setjmp before the first yajl call */
} ns__yajl_heap;

/* What yajl_alloc is to be given; `heap` must stay where it is. */
yajl_alloc_funcs ns__yajl_heap_functions(ns__yajl_heap *heap);
void ns__yajl_heap_release(ns__yajl_heap *heap);

#endif
