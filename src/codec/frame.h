/* The frame of every index file: header, sections at aligned offsets, table of contents,
 * checksums over everything. frame_layout.h has the exact bytes.
 *
 *   header (64 bytes): magic "ns index", kind, format version, segment id, CRC-32
 *   sections, each at a multiple of 64
 *   table of contents: id, offset, length of each section
 *   CRC-32 of each 64 KiB chunk of what stands above
 *   footer (64 bytes): where the two tables are, file length, CRC-32 of tables and footer
 */
#ifndef NS_CODEC_FRAME_H
#define NS_CODEC_FRAME_H

#include "base/bytes.h"
#include "base/error.h"
#include "os/file.h"

#define NS_FORMAT_VERSION 4u
enum { NS_SECTION_ALIGN = 64, NS_FRAME_CHUNK = 65536, NS_FRAME_MAX_SECTIONS = 64 };

/* Four readable letters as a number: kind of file or name of a section. */
#define NS_FOURCC(a, b, c, d)                                                                      \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

typedef struct ns__segment_id {
    uint8_t bytes[16];
} ns__segment_id;

/* ---- Writing ---- */
typedef struct ns__frame_writer ns__frame_writer;

/* Creates the file at `path` (which must not exist). The id may be set any time before finish. */
ns_status ns__frame_create(const char *path, uint32_t kind, ns__frame_writer **out, ns_error *err);
/* As ns__sink_widen. */
ns_status ns__frame_widen(ns__frame_writer *writer, ns_error *err);
/* As ns__sink_sync_early. */
void ns__frame_sync_early(ns__frame_writer *writer, uint64_t bytes);
/* Starts the next section (ends the one before). A section name occurs once in a file. */
void ns__frame_section(ns__frame_writer *writer, uint32_t name);
void ns__frame_append(ns__frame_writer *writer, const void *bytes, size_t length);
/* Bytes of the current section so far. */
uint64_t ns__frame_section_offset(const ns__frame_writer *writer);
/* Lets the system begin to bring what was written to the disk. */
void ns__frame_start_sync(ns__frame_writer *writer);
/* Writes tables and footer, syncs if asked, closes, frees the writer. *bytes (may be NULL) is the
 * file's length and *footer_crc (may be NULL) the CRC in its footer, which through the tables
 * depends on every byte of the file. On failure the file is removed. */
ns_status ns__frame_finish(ns__frame_writer *writer, ns__segment_id id, bool sync, uint64_t *bytes,
                           uint32_t *footer_crc, ns_error *err);
void ns__frame_abandon(ns__frame_writer *writer); /* NULL is fine; removes the file */

/* ---- Reading ---- */
typedef struct ns__frame {
    char *path;
    ns__map map;
    uint32_t kind, version, section_count;
    ns__segment_id id;
    uint32_t footer_crc;
    uint64_t tables_offset; /* where the table of contents begins */
    struct {
        uint32_t name;
        uint64_t offset, length;
    } sections[NS_FRAME_MAX_SECTIONS];
} ns__frame;

/* Maps the file and verifies header, tables and footer (not the chunks). NS_ERR_CORRUPT with the
 * offset of the first thing found wrong, NS_ERR_VERSION for a newer format, NS_NOT_FOUND. */
ns_status ns__frame_open(const char *path, uint32_t kind, ns__frame *out, ns_error *err);
void ns__frame_close(ns__frame *frame);
/* The bytes of a section. NS_ERR_CORRUPT when it is missing. At least 64 readable bytes follow
 * every section inside the map (the tables and the footer stand behind the last one). */
ns_status ns__frame_find(const ns__frame *frame, uint32_t name, ns__str *out, ns_error *err);
/* Verifies every chunk. The first damaged one is reported as NS_ERR_CORRUPT with its offset. */
ns_status ns__frame_verify(const ns__frame *frame, ns_error *err);

/* NS_ERR_CORRUPT for bytes at `at` (which points into the map) of this file. */
ns_status ns__frame_corrupt(const ns__frame *frame, const void *at, ns_error *err, const char *why);
/* ns__blame for bytes at `at` of this file. */
ns_status ns__frame_blame(const ns__frame *frame, const void *at, ns_status status, ns_error *err);

#endif
