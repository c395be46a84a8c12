/* Compressed stored text: a stream of bytes cut into blocks, each a zlib stream (RFC 1950).
 *
 * Written with libdeflate, readable with zlib. The stream is cut every `block_bytes` bytes
 * whatever stands there; a range is read by inflating the blocks that it touches. */
#ifndef NS_CODEC_ZBLOCK_H
#define NS_CODEC_ZBLOCK_H

#include "base/buf.h"
#include "base/error.h"

typedef struct ns__deflater ns__deflater;
/* level 1..12 (libdeflate's). */
ns_status ns__deflater_open(int level, ns__deflater **out, ns_error *err);
/* Appends one zlib stream of `bytes` to out. */
ns_status ns__deflater_run(ns__deflater *deflater, ns__str bytes, ns__buf *out, ns_error *err);
void ns__deflater_close(ns__deflater *deflater);

typedef struct ns__inflater ns__inflater;
ns_status ns__inflater_open(ns__inflater **out, ns_error *err);
/* Inflates exactly `room` bytes into `into`; false when the stream is damaged or has another
 * length. */
bool ns__inflater_run(ns__inflater *inflater, ns__str stream, uint8_t *into, size_t room);
void ns__inflater_close(ns__inflater *inflater);

#endif
