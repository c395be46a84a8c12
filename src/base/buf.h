/* A growable byte buffer with a sticky error: append as often as you like, check once.
 *
 * After the first failed growth every append is a no-op and `failed` stays true. `data` may be
 * NULL while `length` is 0. Zero-initialised is empty. */
#ifndef NS_BASE_BUF_H
#define NS_BASE_BUF_H

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"
#include "base/mem.h"

typedef struct ns__buf {
    uint8_t *data;
    size_t length, capacity;
    bool failed;
} ns__buf;

void ns__buf_trim(ns__buf *buf); /* gives back the room that is not used */
void ns__buf_release(ns__buf *buf);
bool ns__buf_grow(ns__buf *buf, size_t extra); /* what ns__buf_reserve does where room is short */

/* Makes room for `extra` more bytes; false once memory was out. */
static inline bool ns__buf_reserve(ns__buf *buf, size_t extra)
{
    return (extra <= buf->capacity - buf->length && !buf->failed) || ns__buf_grow(buf, extra);
}

static inline void ns__buf_append(ns__buf *buf, const void *bytes, size_t length)
{
    if (length == 0 || !ns__buf_reserve(buf, length))
        return;
    memcpy(buf->data + buf->length, bytes, length);
    buf->length += length;
}

/* LEB128, as ns__cur_varint reads it. */
static inline void ns__buf_varint(ns__buf *buf, uint64_t value)
{
    if (ns__buf_reserve(buf, NS_VARINT_MAX))
        buf->length += ns__put_varint(buf->data + buf->length, value);
}

static inline void ns__buf_clear(ns__buf *buf)
{
    buf->length = 0;
}

static inline void ns__buf_u8(ns__buf *buf, uint8_t value)
{
    if (buf->length < buf->capacity || ns__buf_reserve(buf, 1))
        buf->data[buf->length++] = value;
}

static inline void ns__buf_u16(ns__buf *buf, uint16_t value)
{
    if (ns__buf_reserve(buf, 2)) {
        ns__put_u16(buf->data + buf->length, value);
        buf->length += 2;
    }
}

static inline void ns__buf_u32(ns__buf *buf, uint32_t value)
{
    if (ns__buf_reserve(buf, 4)) {
        ns__put_u32(buf->data + buf->length, value);
        buf->length += 4;
    }
}

static inline void ns__buf_u64(ns__buf *buf, uint64_t value)
{
    if (ns__buf_reserve(buf, 8)) {
        ns__put_u64(buf->data + buf->length, value);
        buf->length += 8;
    }
}

#endif
