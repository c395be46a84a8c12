/* Stored text as it is on disk, shared by its writer and its reader.
 *
 *   head  u64 length of the stream, u32 bytes of a block before compression, u32 blocks,
 *         u32 codec, u32 blocks of a section (codec 1: 0)
 *   data  the blocks, one behind the other; codec 5: before those of a section stands its model, or
 *         nothing where the one before goes on
 *   offs  codec 1: u64 each: where each block begins in data, and where the last ends
 *         codec 5: u64 each: where each section begins in data, and where the last ends; then u32
 *         each: where each block begins in its section
 *
 * Codec 1: each block is a zlib stream. Codec 5: u8 0, u32 CRC-32 of what follows, u16 bytes of
 * each part's codes but the last's, the parts' codes (codec/model.h); or u8 1 and a zlib stream. A
 * part is 1 KiB of text, the last one perhaps less: a reader begins with the part that it wants. */
#ifndef NS_SEGMENT_STORE_PARTS_H
#define NS_SEGMENT_STORE_PARTS_H

#include "segment/store.h"

#define SECTION_HEAD NS_FOURCC('h', 'e', 'a', 'd')
#define SECTION_OFFSETS NS_FOURCC('o', 'f', 'f', 's')
#define SECTION_DATA NS_FOURCC('d', 'a', 't', 'a')

enum {
    CODEC_ZLIB = 1,
    CODEC_OLD_MODEL = 3,
    CODEC_OLD_BLOCKS = 4,
    CODEC_MODEL = 5,
    MAX_BLOCK_BYTES = 16 << 20
};
enum { BLOCK_MODEL = 0, BLOCK_ZLIB = 1, BLOCK_HEAD = 5, PART_BYTES = 1024 };

/* A model in the making: a job. */
typedef struct ns__store_training {
    ns__job job;                    /* first */
    const ns__model_writer *before; /* or NULL */
    ns__buf sample;
    unsigned scale;
    bool is_job;     /* else it was made at once */
    bool keeps_cuts; /* the words of the sample, for coding it */
    ns__model_cuts cuts;
    bool is_section;         /* the sample: nothing is between it and the next section */
    ns__model_writer *model; /* NULL: the one before will do */
    ns_status status;
    ns_error error;
} ns__store_training;

struct ns__store_writer {
    ns__frame_writer *frame;
    ns__pool *pool;
    int level; /* 0: models */
    uint32_t block_bytes, blocks, section_blocks, sample_bytes, least_bytes;
    size_t group_bytes;
    uint64_t length, written;
    uint64_t copied;         /* bytes of the stream that are there before they are appended */
    uint64_t section_length; /* so far */
    bool sampling;           /* the section's beginning */
    bool lent;               /* the sample in training: groups read it */
    bool trains;             /* a model is in the making */
    uint64_t queue_bytes;    /* that may wait to be coded */
    uint64_t waiting_room;   /* bytes that may wait for a model */
    ns__buf waiting;         /* text, while a model is in the making, */
    size_t taken;            /* of which so much no longer does */
    ns__store_training training;
    ns__buf sample;
    ns__buf offsets; /* u64 each: of the models and blocks */
    ns__model_writer *model;
    struct ns__block_group *groups; /* a ring */
    size_t group_count;             /* of the ring */
    size_t oldest, flying;          /* flying groups from the oldest on; the next one is filled */
};

static inline uint64_t ns__store_section_bytes(const ns__store_writer *writer)
{
    return (uint64_t)writer->section_blocks * writer->block_bytes;
}

/* Where the item begins in data: a model or a block, in their order; behind the last one the end.
 */
uint64_t ns__store_item_start(const ns__store *store, uint64_t item);

/* How much more text than the sample a model is for. */
unsigned ns__store_scale(const ns__store_writer *writer);

/* ---- Groups of blocks (store_write.c) ---- */

/* Coded by the model of the writer. */
ns_status ns__store_put(ns__store_writer *writer, ns__str bytes, ns_error *err);
/* The same of the sample in training, by its cuts, at the beginning of a section. It must stay
 * until the groups are landed. */
ns_status ns__store_put_sample(ns__store_writer *writer, ns_error *err);
/* The next group, which is empty, is the first of a section without a model of its own. */
void ns__store_begin_section(ns__store_writer *writer);
/* Hands what was put so far to the pool. */
ns_status ns__store_launch_group(ns__store_writer *writer, ns_error *err);
/* The same, and writes all of it. */
ns_status ns__store_land_groups(ns__store_writer *writer, ns_error *err);

/* ---- Sections (store_sections.c) ---- */

void ns__store_drop_training(ns__store_writer *writer);

/* For tests: other sections and samples, before anything is appended. sample_bytes is at most what
 * a section has; streams shorter than least_bytes have no model. */
void ns__store_writer_cut(ns__store_writer *writer, uint32_t section_blocks, uint32_t sample_bytes,
                          uint32_t least_bytes);

#endif
