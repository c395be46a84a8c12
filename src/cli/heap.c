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

void heap_prepare(void)
{
#if defined(__GLIBC__) && defined(MADV_POPULATE_WRITE)
    enum { PAGE = 4096, USED = 192 << 10, KEPT = 1 << 20 };
    (void)mallopt(M_TOP_PAD, KEPT);
    (void)mallopt(M_MMAP_THRESHOLD, KEPT);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * KEPT);
    const uintptr_t begin = ((uintptr_t)sbrk(0) + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
    void *volatile first = malloc(1);
    free(first);
    if ((uintptr_t)sbrk(0) >= begin + USED)
        (void)madvise((void *)begin, USED, MADV_POPULATE_WRITE); /* that it is refused is no harm */
#endif
}

int flush_output(int status)
{
    bool fine = fflush(stdout) == 0 && !ferror(stdout);
    if (fine || status == EXIT_INTERRUPTED) /* a signal ends writes, too */
        return status;
    return complain("cannot write the output");
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
