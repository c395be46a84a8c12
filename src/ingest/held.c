/* Packing the beginning of a long record. */
#include "ingest/held.h"

#include <zlib.h>

#include "base/error.h"
#include "base/mem.h"

enum { FASTEST = 1, STEP_BYTES = 256 * 1024 };

static void *zlib_alloc(void *context, unsigned count, unsigned size)
{
    (void)context;
    return ns__alloc(count, size);
}

static void zlib_free(void *context, void *memory)
{
    (void)context;
    ns__free(memory);
}

void ns__held_release(ns__held *held)
{
    if (held->packer)
        deflateEnd(held->packer);
    ns__free(held->packer);
    ns__buf_release(&held->packed);
    *held = (ns__held){0};
}

static ns_status begin(ns__held *held, ns_error *err)
{
    held->packer = ns__zalloc(1, sizeof *held->packer);
    if (held->packer == NULL)
        return ns__no_memory(err);
    held->packer->zalloc = zlib_alloc;
    held->packer->zfree = zlib_free;
    if (deflateInit(held->packer, FASTEST) == Z_OK)
        return NS_OK;
    ns__free(held->packer);
    held->packer = NULL;
    return ns__no_memory(err);
}

/* Lets the packer write what it has, with Z_FINISH all of it. */
static ns_status pack(ns__held *held, int flush, ns_error *err)
{
    z_stream *zlib = held->packer;
    do {
        if (!ns__buf_reserve(&held->packed, STEP_BYTES))
            return ns__no_memory(err);
        zlib->next_out = held->packed.data + held->packed.length;
        zlib->avail_out = STEP_BYTES;
        (void)deflate(zlib, flush); /* fails by misuse alone */
        held->packed.length += STEP_BYTES - zlib->avail_out;
    } while (zlib->avail_out == 0);
    return NS_OK;
}

ns_status ns__held_add(ns__held *held, const uint8_t *data, size_t length, ns_error *err)
{
    if (held->packer == NULL)
        NS_TRY(begin(held, err));
    while (length > 0) {
        size_t step = length < STEP_BYTES ? length : STEP_BYTES;
        held->packer->next_in = (Bytef *)(uintptr_t)data;
        held->packer->avail_in = (unsigned)step;
        NS_TRY(pack(held, Z_NO_FLUSH, err));
        held->bytes += step;
        data += step;
        length -= step;
    }
    return NS_OK;
}

static ns_status unpack(const ns__held *held, uint8_t *into, ns_error *err)
{
    z_stream zlib = {.zalloc = zlib_alloc, .zfree = zlib_free};
    if (inflateInit(&zlib) != Z_OK)
        return ns__no_memory(err);
    uint64_t done = 0;
    size_t used = 0;
    int result = Z_OK;
    while (result == Z_OK) {
        size_t left = held->packed.length - used;
        uint64_t room = held->bytes - done;
        unsigned in = left < STEP_BYTES ? (unsigned)left : STEP_BYTES;
        unsigned out = room < STEP_BYTES ? (unsigned)room : STEP_BYTES;
        zlib.next_in = held->packed.data + used;
        zlib.avail_in = in;
        zlib.next_out = into + done;
        zlib.avail_out = out;
        result = inflate(&zlib, Z_NO_FLUSH);
        used += in - zlib.avail_in;
        done += out - zlib.avail_out;
    }
    inflateEnd(&zlib);
    /* Our own bytes unpack, or memory was out. */
    return result == Z_STREAM_END && done == held->bytes ? NS_OK : ns__no_memory(err);
}

ns_status ns__held_take(ns__held *held, uint8_t *into, ns_error *err)
{
    ns_status status = pack(held, Z_FINISH, err);
    if (status == NS_OK)
        status = unpack(held, into, err);
    ns__held_release(held);
    return status;
}
