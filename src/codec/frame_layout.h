/* Where everything stands in the frame of a file. All numbers are little-endian.
 *
 *   header, 64 bytes at 0            footer, the last 64 bytes
 *      0  "ns index"                    0  u64 offset of the tables (a multiple of 64)
 *      8  u32 kind                      8  u32 number of sections
 *     12  u32 format version           12  u32 number of chunks
 *     16  segment id, 16 bytes         16  u64 length of the file
 *     32  zeros                        24  u32 CRC-32 of the tables, with their padding
 *     60  u32 CRC-32 of bytes 0..59    28  zeros
 *                                      52  "ns foot\n"
 *                                      60  u32 CRC-32 of bytes 0..59
 *
 *   sections, each from the next multiple of 64 after what stands before it; the gaps are zeros
 *
 *   tables: for each section u32 name, u32 zero, u64 offset, u64 length; then for each 64 KiB
 *   chunk of the bytes before the tables (the last may be shorter) its CRC-32 as u32; then zeros
 *   up to the next multiple of 64, where the footer begins
 *
 * Header, gaps and sections are covered by the chunks, the tables by the footer, and header and
 * footer by themselves: no bit of the file is free. The header is the part that no later version
 * may change, as it tells the version. */
#ifndef NS_CODEC_FRAME_LAYOUT_H
#define NS_CODEC_FRAME_LAYOUT_H

#include "codec/frame.h"

enum {
    FRAME_HEADER_BYTES = 64,
    FRAME_FOOTER_BYTES = 64,
    FRAME_SECTION_BYTES = 24,
    FRAME_CRC_AT = 60, /* in header and footer */
    FRAME_MAGIC_BYTES = 8,
    HEADER_KIND = 8,
    HEADER_VERSION = 12,
    HEADER_ID = 16,
    FOOTER_TABLES = 0,
    FOOTER_SECTIONS = 8,
    FOOTER_CHUNKS = 12,
    FOOTER_LENGTH = 16,
    FOOTER_TABLES_CRC = 24,
    FOOTER_MAGIC = 52
};

#define FRAME_MAGIC "ns index"
#define FRAME_FOOTER_MAGIC "ns foot\n"

static inline uint64_t ns__frame_align(uint64_t offset)
{
    return (offset + NS_SECTION_ALIGN - 1) / NS_SECTION_ALIGN * NS_SECTION_ALIGN;
}

static inline uint64_t ns__frame_chunks(uint64_t bytes)
{
    return bytes / NS_FRAME_CHUNK + (bytes % NS_FRAME_CHUNK != 0);
}

#endif
