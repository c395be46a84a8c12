/* Writing stored text: groups of blocks.
 *
 * The stream is cut into groups of blocks, each a job; a ring of them is in flight, written in
 * order. Blocks are cut at fixed places of the stream, as sections are (store_sections.c): the
 * bytes do not depend on who coded them. */
#include "segment/store_parts.h"

#include <libdeflate.h>

enum {
    SECTION_BYTES = 8 << 20, /* about, and at most of a sample */
    LEAST_BYTES = 256 << 10, /* shorter streams are not worth a model */
    GROUP_BYTES = 512 << 10, /* at most, or one block */
    MOST_GROUPS = 64,        /* that wait, unless there are more threads */
    FALLBACK_LEVEL = 6       /* of blocks that the model does not suit */
};

typedef struct ns__block_group {
    ns__job job; /* first */
    const ns__store_writer *writer;
    ns__deflater *deflater; /* or NULL */
    ns__buf plain, coded;
    const ns__store_training *sample; /* whose text [start, end) it codes; NULL: plain is coded */
    size_t start, end;
    ns__cut_place place;
    ns__buf ends; /* u64 each: where the blocks end in coded */
    bool begins_section;
    ns_status status;
    ns_error error;
} block_group;

static ns_status open_groups(ns__store_writer *writer, size_t count, ns_error *err)
{
    ns__free(writer->groups);
    writer->group_count = count;
    writer->groups = ns__zalloc(count, sizeof *writer->groups);
    if (writer->groups == NULL)
        return ns__no_memory(err);
    for (size_t i = 0; i < count; i++)
        writer->groups[i].writer = writer;
    return NS_OK;
}

ns_status ns__store_writer_open(ns__frame_writer *frame, int level, uint32_t block_bytes,
                                ns__pool *pool, ns__store_writer **out, ns_error *err)
{
    if (block_bytes == 0 || block_bytes > MAX_BLOCK_BYTES)
        return ns__fail(err, NS_ERR_ARGUMENT, "stored text cannot have blocks of %u bytes",
                        block_bytes);
    ns__store_writer *writer = ns__zalloc(1, sizeof *writer);
    if (writer == NULL)
        return ns__no_memory(err);
    writer->frame = frame;
    writer->pool = pool;
    writer->level = level;
    writer->sampling = level == 0;
    writer->block_bytes = block_bytes;
    uint32_t blocks = block_bytes < SECTION_BYTES ? SECTION_BYTES / block_bytes : 1;
    uint32_t sample = block_bytes < SECTION_BYTES ? blocks * block_bytes : SECTION_BYTES;
    ns__store_writer_cut(writer, blocks, sample, LEAST_BYTES);
    writer->group_bytes = block_bytes;
    if (block_bytes < GROUP_BYTES)
        writer->group_bytes = GROUP_BYTES / block_bytes * block_bytes;
    ns_status status = open_groups(writer, pool ? ns__pool_threads(pool) + 2 : 1, err);
    if (status < 0) {
        ns__store_writer_free(writer);
        return status;
    }
    ns__frame_section(frame, SECTION_DATA);
    *out = writer;
    return NS_OK;
}

ns_status ns__store_writer_queue(ns__store_writer *writer, uint64_t bytes, ns_error *err)
{
    uint64_t count = bytes / (2 * writer->group_bytes); /* as they are and coded */
    count = count < MOST_GROUPS ? count : MOST_GROUPS;
    writer->queue_bytes = writer->waiting_room = bytes;
    if (writer->pool == NULL || ns__pool_threads(writer->pool) == 1 || count <= writer->group_count)
        return NS_OK;
    return open_groups(writer, (size_t)count, err);
}

void ns__store_writer_cut(ns__store_writer *writer, uint32_t section_blocks, uint32_t sample_bytes,
                          uint32_t least_bytes)
{
    writer->section_blocks = section_blocks;
    writer->sample_bytes = sample_bytes;
    writer->least_bytes = least_bytes;
}

uint64_t ns__store_length(const ns__store_writer *writer)
{
    return writer->length;
}

/* ---- Groups ---- */

static ns_status deflate_block(block_group *group, ns__str block, ns_error *err)
{
    int level = group->writer->level ? group->writer->level : FALLBACK_LEVEL;
    if (group->deflater == NULL)
        NS_TRY(ns__deflater_open(level, &group->deflater, err));
    return ns__deflater_run(group->deflater, block, &group->coded, err);
}

static void encode(block_group *group, ns__str part, ns__buf *out)
{
    const ns__model_writer *model = group->writer->model;
    const ns__store_training *from = group->sample;
    if (from == NULL || from->cuts.count == 0) {
        ns__model_encode(model, part, out);
        return;
    }
    const ns__str sample = {from->sample.data, from->sample.length};
    const size_t start = (size_t)(part.data - sample.data);
    ns__model_encode_cuts(model, sample, &from->cuts, start, start + part.length, &group->place,
                          out);
}

/* The sizes of the parts' codes but the last's, and the codes. */
static void encode_parts(block_group *group, ns__str block, ns__buf *out)
{
    const size_t sizes = out->length, parts = (block.length - 1) / PART_BYTES + 1;
    for (size_t i = 0; i + 1 < parts; i++)
        ns__buf_u16(out, 0);
    for (size_t i = 0; i < parts && !out->failed; i++) {
        const size_t start = i * PART_BYTES, left = block.length - start, before = out->length;
        encode(group, (ns__str){block.data + start, left < PART_BYTES ? left : PART_BYTES}, out);
        if (i + 1 < parts && !out->failed)
            ns__put_u16(out->data + sizes + 2 * i, (uint16_t)(out->length - before));
    }
}

static ns_status code_block(block_group *group, ns__str block, ns_error *err)
{
    const ns__model_writer *model = group->writer->model;
    ns__buf *out = &group->coded;
    if (model == NULL)
        return deflate_block(group, block, err);
    size_t start = out->length;
    ns__buf_u8(out, BLOCK_MODEL);
    ns__buf_u32(out, 0);
    encode_parts(group, block, out);
    if (out->failed)
        return ns__no_memory(err);
    size_t length = out->length - start;
    const uint8_t *codes = out->data + start + BLOCK_HEAD;
    ns__put_u32(out->data + start + 1, libdeflate_crc32(0, codes, length - BLOCK_HEAD));
    if (length <= block.length * 3 / 5 + BLOCK_HEAD)
        return NS_OK;
    size_t end = out->length; /* perhaps text of another kind than the sample: nearer to the half, a
                                 zlib stream is shorter for one block in three, by little */
    ns__buf_u8(out, BLOCK_ZLIB);
    NS_TRY(deflate_block(group, block, err));
    size_t deflated = out->length - end;
    if (deflated < length) {
        memmove(out->data + start, out->data + end, deflated);
        length = deflated;
    }
    out->length = start + length;
    return NS_OK;
}

static ns_status code_blocks(block_group *group, ns_error *err)
{
    const ns__store_writer *writer = group->writer;
    ns__str left = {group->plain.data, group->plain.length};
    if (group->sample != NULL)
        left = (ns__str){group->sample->sample.data + group->start, group->end - group->start};
    ns__buf_clear(&group->coded);
    ns__buf_clear(&group->ends);
    while (left.length > 0) {
        size_t length = left.length < writer->block_bytes ? left.length : writer->block_bytes;
        NS_TRY(code_block(group, (ns__str){left.data, length}, err));
        ns__buf_u64(&group->ends, group->coded.length);
        left.data += length;
        left.length -= length;
    }
    return group->ends.failed ? ns__no_memory(err) : NS_OK;
}

static void run_group(ns__job *job, unsigned worker)
{
    (void)worker;
    block_group *group = (block_group *)job;
    group->status = code_blocks(group, &group->error);
}

/* Writes the oldest group. */
static ns_status land_group(ns__store_writer *writer, ns_error *err)
{
    block_group *group = &writer->groups[writer->oldest];
    if (writer->pool)
        ns__pool_wait_first(writer->pool, &group->job);
    writer->oldest = (writer->oldest + 1) % writer->group_count;
    writer->flying--;
    if (group->status < 0) {
        if (err)
            *err = group->error;
        return group->status;
    }
    if (group->begins_section)
        ns__buf_u64(&writer->offsets, writer->written);
    group->begins_section = false;
    uint64_t start = 0;
    for (size_t at = 0; at < group->ends.length; at += 8) {
        ns__buf_u64(&writer->offsets, writer->written + start);
        start = ns__get_u64(group->ends.data + at);
        writer->blocks++;
    }
    ns__frame_append(writer->frame, group->coded.data, group->coded.length);
    writer->written += group->coded.length;
    ns__buf_clear(&group->plain);
    group->sample = NULL;
    return NS_OK;
}

static block_group *filling(const ns__store_writer *writer)
{
    return &writer->groups[(writer->oldest + writer->flying) % writer->group_count];
}

ns_status ns__store_launch_group(ns__store_writer *writer, ns_error *err)
{
    block_group *group = filling(writer);
    if (group->plain.length == 0 && group->sample == NULL)
        return NS_OK;
    group->job.run = run_group;
    writer->flying++;
    if (writer->pool)
        ns__pool_submit_first(writer->pool, &group->job);
    else
        run_group(&group->job, 0);
    return writer->flying == writer->group_count ? land_group(writer, err) : NS_OK;
}

ns_status ns__store_put(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    while (bytes.length > 0) {
        block_group *group = filling(writer);
        size_t room = writer->group_bytes - group->plain.length;
        size_t part = bytes.length < room ? bytes.length : room;
        ns__buf_append(&group->plain, bytes.data, part);
        if (group->plain.failed)
            return ns__no_memory(err);
        bytes.data += part;
        bytes.length -= part;
        if (group->plain.length == writer->group_bytes)
            NS_TRY(ns__store_launch_group(writer, err));
    }
    return NS_OK;
}

ns_status ns__store_put_sample(ns__store_writer *writer, ns_error *err)
{
    const ns__store_training *training = &writer->training;
    const ns__str sample = {training->sample.data, training->sample.length};
    ns__cut_place place = {0};
    for (size_t start = 0, end; start < sample.length; start = end) {
        block_group *group = filling(writer);
        const size_t left = sample.length - start;
        end = start + (left < writer->group_bytes ? left : writer->group_bytes);
        ns__model_move(&training->cuts, sample, start, &place);
        group->sample = training;
        group->start = start;
        group->end = end;
        group->place = place;
        NS_TRY(ns__store_launch_group(writer, err));
    }
    return NS_OK;
}

ns_status ns__store_land_groups(ns__store_writer *writer, ns_error *err)
{
    NS_TRY(ns__store_launch_group(writer, err));
    while (writer->flying > 0)
        NS_TRY(land_group(writer, err));
    return NS_OK;
}

void ns__store_begin_section(ns__store_writer *writer)
{
    filling(writer)->begins_section = true;
}

void ns__store_writer_free(ns__store_writer *writer)
{
    if (writer == NULL)
        return;
    for (; writer->pool && writer->flying > 0; writer->flying--) {
        ns__pool_wait_first(writer->pool, &writer->groups[writer->oldest].job);
        writer->oldest = (writer->oldest + 1) % writer->group_count;
    }
    ns__store_drop_training(writer);
    for (size_t i = 0; writer->groups && i < writer->group_count; i++) {
        block_group *group = &writer->groups[i];
        if (group->deflater)
            ns__deflater_close(group->deflater);
        ns__buf_release(&group->plain);
        ns__buf_release(&group->coded);
        ns__buf_release(&group->ends);
    }
    ns__free(writer->groups);
    ns__model_writer_free(writer->model);
    ns__buf_release(&writer->sample);
    ns__buf_release(&writer->waiting);
    ns__buf_release(&writer->offsets);
    ns__free(writer);
}
