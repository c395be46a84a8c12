/* Growable byte buffer. */
#include "base/buf.h"

bool ns__buf_grow(ns__buf *buf, size_t extra)
{
    if (buf->failed)
        return false;
    if (extra > SIZE_MAX - buf->length ||
        ns__reserve((void **)&buf->data, &buf->capacity, buf->length + extra, 1) != NS_OK) {
        buf->failed = true;
        return false;
    }
    return true;
}

void ns__buf_trim(ns__buf *buf)
{
    uint8_t *smaller = ns__realloc(buf->data, buf->length, 1);
    if (smaller == NULL)
        return;
    buf->data = smaller;
    buf->capacity = buf->length ? buf->length : 1;
}

void ns__buf_release(ns__buf *buf)
{
    ns__free(buf->data);
    *buf = (ns__buf){0};
}
