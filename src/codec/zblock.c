/* zlib streams by libdeflate: see zblock.h. */
#include "codec/zblock.h"

#include <libdeflate.h>

struct ns__deflater {
    struct libdeflate_compressor *codec;
};

struct ns__inflater {
    struct libdeflate_decompressor *codec;
};

ns_status ns__deflater_open(int level, ns__deflater **out, ns_error *err)
{
    if (level < 1 || level > 12)
        return ns__fail(err, NS_ERR_ARGUMENT, "compression level %d is not in 1..12", level);
    ns__deflater *deflater = ns__zalloc(1, sizeof *deflater);
    if (deflater != NULL)
        deflater->codec = libdeflate_alloc_compressor(level);
    if (deflater == NULL || deflater->codec == NULL) {
        ns__free(deflater);
        return ns__no_memory(err);
    }
    *out = deflater;
    return NS_OK;
}

ns_status ns__deflater_run(ns__deflater *deflater, ns__str bytes, ns__buf *out, ns_error *err)
{
    static const uint8_t nothing[1];
    const uint8_t *data = bytes.length > 0 ? bytes.data : nothing;
    size_t bound = libdeflate_zlib_compress_bound(deflater->codec, bytes.length);
    if (!ns__buf_reserve(out, bound))
        return ns__no_memory(err);
    size_t length = libdeflate_zlib_compress(deflater->codec, data, bytes.length,
                                             out->data + out->length, bound);
    if (length == 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "cannot compress %zu bytes", bytes.length);
    out->length += length;
    return NS_OK;
}

void ns__deflater_close(ns__deflater *deflater)
{
    if (deflater == NULL)
        return;
    libdeflate_free_compressor(deflater->codec);
    ns__free(deflater);
}

ns_status ns__inflater_open(ns__inflater **out, ns_error *err)
{
    ns__inflater *inflater = ns__zalloc(1, sizeof *inflater);
    if (inflater != NULL)
        inflater->codec = libdeflate_alloc_decompressor();
    if (inflater == NULL || inflater->codec == NULL) {
        ns__free(inflater);
        return ns__no_memory(err);
    }
    *out = inflater;
    return NS_OK;
}

bool ns__inflater_run(ns__inflater *inflater, ns__str stream, uint8_t *into, size_t room)
{
    uint8_t nowhere[1];
    size_t used = 0, made = 0;
    if (stream.length == 0)
        return false;
    enum libdeflate_result result = libdeflate_zlib_decompress_ex(
        inflater->codec, stream.data, stream.length, room > 0 ? into : nowhere, room, &used, &made);
    return result == LIBDEFLATE_SUCCESS && used == stream.length && made == room;
}

void ns__inflater_close(ns__inflater *inflater)
{
    if (inflater == NULL)
        return;
    libdeflate_free_decompressor(inflater->codec);
    ns__free(inflater);
}
