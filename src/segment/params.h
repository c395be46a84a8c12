/* What every file of a segment agrees on: the settings that shape its bytes. */
#ifndef NS_SEGMENT_PARAMS_H
#define NS_SEGMENT_PARAMS_H

#include "base/buf.h"
#include "base/error.h"
#include "codec/frame.h"
#include "ns/writer.h"

/* Settings as stored in a manifest and a segment: a fixed list of numbers and strings. */
void ns__settings_pack(const ns_index_settings *settings, ns__buf *out);
/* False when malformed or out of range. */
bool ns__settings_unpack(ns__cur *cur, ns_index_settings *out);
/* NS_ERR_ARGUMENT that names the setting which is out of range. */
ns_status ns__settings_check(const ns_index_settings *settings, ns_error *err);
bool ns__settings_equal(const ns_index_settings *a, const ns_index_settings *b);

/* Kinds of files; names are "<generation, 8 digits>-<8 bytes of the segment id in hex>.<kind>". */
#define NS_KIND_ARTICLES NS_FOURCC('a', 'r', 't', ' ')
#define NS_KIND_TERMS NS_FOURCC('t', 'r', 'm', ' ')
#define NS_KIND_POSTINGS NS_FOURCC('p', 's', 't', ' ')
#define NS_KIND_POSITIONS NS_FOURCC('p', 'o', 's', ' ')
#define NS_KIND_TEXT NS_FOURCC('t', 'x', 't', ' ')
#define NS_KIND_TOMBSTONES NS_FOURCC('d', 'e', 'l', ' ')
#define NS_KIND_MANIFEST NS_FOURCC('m', 'f', 's', 't')

#endif
