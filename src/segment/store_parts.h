/* Stored text as it is on disk, shared by its writer and its reader.
 *
 *   head  u64 length of the stream, u32 bytes of a block before compression, u32 blocks,
 *         u32 codec, u32 id of the dictionary (0: none)
 *   offs  u64[blocks + 1]: where each block's zlib stream begins in data, and where the last ends
 *   data  the streams, one behind the other
 *   word  codec 2 only: the table of words (codec/words.h), which is the dictionary
 *
 * Codec 1: each block is a zlib stream. Codec 2: its words are replaced before. */
#ifndef NS_SEGMENT_STORE_PARTS_H
#define NS_SEGMENT_STORE_PARTS_H

#include "segment/store.h"

#define SECTION_HEAD NS_FOURCC('h', 'e', 'a', 'd')
#define SECTION_OFFSETS NS_FOURCC('o', 'f', 'f', 's')
#define SECTION_DATA NS_FOURCC('d', 'a', 't', 'a')
#define SECTION_WORDS NS_FOURCC('w', 'o', 'r', 'd')

enum { CODEC_ZLIB = 1, CODEC_ZLIB_WORDS = 2, MAX_BLOCK_BYTES = 16 << 20 };

#endif
