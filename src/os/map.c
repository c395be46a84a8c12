/* Whole files mapped read-only. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t NOTHING[1]; /* what the data of an empty file points to */

/* What is not in memory yet is read in large pages where the system knows of such for files, and
 * mapped so. In pages of the usual size a search takes a twentieth longer, or a tenth while others
 * use the processor too; in files of 700 MB phrases do always, and the first queries wait for twice
 * as long. Only files that may well be kept in memory as a whole, as more is read than asked for.
 */
static void advise_large(void *base, size_t length)
{
#if defined(MADV_HUGEPAGE) && defined(_SC_PHYS_PAGES)
    enum { LEAST = 2 << 20, PART = 8 };
    const long pages = sysconf(_SC_PHYS_PAGES), bytes = sysconf(_SC_PAGESIZE);
    if (length < LEAST || pages <= 0 || bytes <= 0 || length / (size_t)bytes > (size_t)pages / PART)
        return;
    (void)madvise(base, length, MADV_HUGEPAGE);
#else
    (void)base;
    (void)length;
#endif
}

static ns_status map_descriptor(int descriptor, const char *path, ns__advice advice, ns__map *out,
                                ns_error *err)
{
    struct stat info;
    if (fstat(descriptor, &info) != 0)
        return ns__fail_errno(err, path, "stat");
    if (!S_ISREG(info.st_mode))
        return ns__fail_at(err, NS_ERR_IO, path, NS_NO_OFFSET, "not a regular file");
    if ((uint64_t)info.st_size > SIZE_MAX / 2)
        return ns__fail_at(err, NS_ERR_LIMIT, path, NS_NO_OFFSET, "too large to map");
    *out = (ns__map){NOTHING, 0, NULL};
    if (info.st_size == 0)
        return NS_OK;
    size_t length = (size_t)info.st_size;
    void *base = mmap(NULL, length, PROT_READ, MAP_SHARED, descriptor, 0);
    if (base == MAP_FAILED)
        return ns__fail_errno(err, path, "map");
    /* Advice only: that it is refused changes nothing. */
    (void)madvise(base, length, advice == NS__MAP_RANDOM ? MADV_RANDOM : MADV_SEQUENTIAL);
    if (advice == NS__MAP_RANDOM)
        advise_large(base, length);
    *out = (ns__map){base, length, base};
    return NS_OK;
}

ns_status ns__map_open(const char *path, ns__advice advice, ns__map *out, ns_error *err)
{
    *out = (ns__map){NOTHING, 0, NULL};
    /* O_NONBLOCK: a named pipe is refused instead of waited for. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return NS_NOT_FOUND;
        return ns__fail_errno(err, path, "open");
    }
    ns_status status = map_descriptor(descriptor, path, advice, out, err);
    close(descriptor); /* the map stays */
    return status;
}

void ns__map_close(ns__map *map)
{
    if (map->base != NULL)
        munmap(map->base, map->length);
    *map = (ns__map){NOTHING, 0, NULL};
}

void ns__map_forget(const ns__map *map)
{
    if (map->base != NULL)
        (void)madvise(map->base, map->length, MADV_DONTNEED);
}
