/* Temporary files: see file.h. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"

struct ns__spool {
    ns__sink *sink;
    int descriptor; /* to read from; -1 until something was flushed */
    char *path;
};

ns_status ns__spool_create(const char *path, ns__spool **out, ns_error *err)
{
    *out = NULL;
    size_t path_bytes = strlen(path) + 1;
    ns__spool *spool = ns__zalloc(1, sizeof *spool);
    char *copy = ns__alloc(path_bytes, 1);
    ns_status status = NS_OK;
    if (spool == NULL || copy == NULL)
        status = ns__no_memory(err);
    else
        status = ns__sink_create(path, &spool->sink, err);
    if (status < 0) {
        ns__free(copy);
        ns__free(spool);
        return status;
    }
    spool->path = memcpy(copy, path, path_bytes);
    spool->descriptor = -1;
    *out = spool;
    return NS_OK;
}

uint64_t ns__spool_append(ns__spool *spool, const void *bytes, size_t length)
{
    uint64_t at = ns__sink_offset(spool->sink);
    ns__sink_append(spool->sink, bytes, length);
    return at;
}

ns_status ns__spool_flush(ns__spool *spool, ns_error *err)
{
    NS_TRY(ns__sink_flush(spool->sink, err));
    if (spool->descriptor < 0)
        spool->descriptor = open(spool->path, O_RDONLY | O_CLOEXEC);
    return spool->descriptor < 0 ? ns__fail_errno(err, spool->path, "open") : NS_OK;
}

ns_status ns__spool_read(const ns__spool *spool, uint64_t offset, void *into, size_t length,
                         ns_error *err)
{
    uint8_t *at = into;
    while (length > 0) {
        ssize_t got = pread(spool->descriptor, at, length, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ns__fail_errno(err, spool->path, "read");
        if (got == 0)
            return ns__spool_changed(spool, err);
        at += got;
        offset += (uint64_t)got;
        length -= (size_t)got;
    }
    return NS_OK;
}

ns_status ns__spool_changed(const ns__spool *spool, ns_error *err)
{
    return ns__fail_at(err, NS_ERR_IO, spool->path, NS_NO_OFFSET,
                       "a temporary file was changed while it was needed");
}

void ns__spool_close(ns__spool *spool)
{
    if (spool == NULL)
        return;
    ns__sink_abandon(spool->sink); /* removes the file */
    if (spool->descriptor >= 0)
        close(spool->descriptor);
    ns__free(spool->path);
    ns__free(spool);
}
