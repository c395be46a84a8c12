/* The heap of a command: how the C library's should behave, and leaving it behind. */
#include "cli/cli.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

void heap_suit(uint64_t limit)
{
#ifdef __GLIBC__
    enum { LITTLE = 256 << 20, MUCH = 512 << 20 };
    enum { SMALL = 256 << 10, LARGE = 32 << 20, KEPT = 1 << 30 };
    if (limit > 0 && limit < LITTLE) {
        (void)mallopt(M_MMAP_THRESHOLD, SMALL);
        (void)mallopt(M_TRIM_THRESHOLD, SMALL);
    } else if (limit == 0 || limit >= MUCH) {
        (void)mallopt(M_MMAP_THRESHOLD, LARGE);
        (void)mallopt(M_TRIM_THRESHOLD, KEPT);
    }
#else
    (void)limit;
#endif
}

void heap_use_large_page(void)
{
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
    enum { LARGE_PAGE = 2 << 20, PAGE = 4096, EXTRA = 256 << 10, MAPPED = 1 << 20 };
    const uintptr_t begin = (uintptr_t)sbrk(0);
    uintptr_t large = (begin + PAGE + LARGE_PAGE - 1) & ~(uintptr_t)(LARGE_PAGE - 1);
    /* The first allocation writes where the heap begins: that is to be in the page before. */
    if (begin == UINTPTR_MAX || sbrk((intptr_t)(large - PAGE - begin)) == (void *)UINTPTR_MAX)
        return;
    (void)mallopt(M_TOP_PAD, LARGE_PAGE + EXTRA);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * LARGE_PAGE);
    void *volatile first = malloc(1);
    free(first);
    if ((uintptr_t)sbrk(0) >= large + LARGE_PAGE)
        (void)madvise((void *)large, LARGE_PAGE, MADV_HUGEPAGE);
#endif
}

int flush_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return complain("cannot write the output");
    return status;
}

#if defined(__has_feature)
#define NS_HAS_FEATURE(name) __has_feature(name)
#else
#define NS_HAS_FEATURE(name) 0
#endif

int leave(int status)
{
#if !defined(__SANITIZE_ADDRESS__) && !NS_HAS_FEATURE(address_sanitizer)
    exit(flush_output(status));
#endif
    return status;
}
