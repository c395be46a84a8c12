/* Writing stored text.
 *
 * The beginning of the stream is held back as the sample from which words are chosen. Then the
 * stream is cut into groups of blocks, each a job; a ring of them is in flight, written in order.
 * Blocks are cut at fixed places of the stream: the bytes do not depend on who compressed them. */
#include "segment/store_parts.h"

enum {
    SAMPLE_BYTES = 4 << 20,
    GROUP_BYTES = 512 << 10 /* at most, or one block */
};

typedef struct block_group {
    ns__job job; /* first */
    const ns__store_writer *writer;
    ns__deflater *deflater;
    ns__buf plain, coded, compressed;
    ns__buf ends; /* u64 each: where the streams end in compressed */
    ns_status status;
    ns_error error;
} block_group;

struct ns__store_writer {
    ns__frame_writer *frame;
    ns__pool *pool;
    int level;
    uint32_t block_bytes, blocks;
    size_t group_bytes;
    uint64_t length, written;
    ns__buf sample, offsets;
    bool sampled; /* words are chosen */
    ns__words_writer *words;
    block_group *groups;   /* a ring */
    size_t group_count;    /* of the ring */
    size_t oldest, flying; /* flying groups from the oldest on; the next one is filled */
};

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
    writer->block_bytes = block_bytes;
    writer->group_bytes = block_bytes;
    if (block_bytes < GROUP_BYTES)
        writer->group_bytes = GROUP_BYTES / block_bytes * block_bytes;
    writer->group_count = pool ? ns__pool_threads(pool) + 2 : 1;
    writer->groups = ns__zalloc(writer->group_count, sizeof *writer->groups);
    ns_status status = writer->groups ? NS_OK : ns__no_memory(err);
    for (size_t i = 0; i < writer->group_count && status == NS_OK; i++) {
        writer->groups[i].writer = writer;
        status = ns__deflater_open(level, &writer->groups[i].deflater, err);
    }
    if (status < 0) {
        ns__store_writer_free(writer);
        return status;
    }
    ns__frame_section(frame, SECTION_DATA);
    *out = writer;
    return NS_OK;
}

uint64_t ns__store_length(const ns__store_writer *writer)
{
    return writer->length;
}

/* ---- Groups ---- */

static ns_status compress(block_group *group, ns_error *err)
{
    const ns__store_writer *writer = group->writer;
    ns__str left = {group->plain.data, group->plain.length};
    ns__buf_clear(&group->compressed);
    ns__buf_clear(&group->ends);
    while (left.length > 0) {
        size_t length = left.length < writer->block_bytes ? left.length : writer->block_bytes;
        ns__str block = {left.data, length};
        if (writer->words) {
            ns__buf_clear(&group->coded);
            ns__words_replace(writer->words, block, &group->coded);
            block = (ns__str){group->coded.data, group->coded.length};
        }
        if (group->coded.failed)
            return ns__no_memory(err);
        NS_TRY(ns__deflater_run(group->deflater, block, &group->compressed, err));
        ns__buf_u64(&group->ends, group->compressed.length);
        left.data += length;
        left.length -= length;
    }
    return group->ends.failed ? ns__no_memory(err) : NS_OK;
}

static void run_group(ns__job *job, unsigned worker)
{
    (void)worker;
    block_group *group = (block_group *)job;
    group->status = compress(group, &group->error);
}

/* Writes the oldest group. */
static ns_status land_group(ns__store_writer *writer, ns_error *err)
{
    block_group *group = &writer->groups[writer->oldest];
    if (writer->pool)
        ns__pool_wait(writer->pool, &group->job);
    writer->oldest = (writer->oldest + 1) % writer->group_count;
    writer->flying--;
    if (group->status < 0) {
        if (err)
            *err = group->error;
        return group->status;
    }
    uint64_t start = 0;
    for (size_t at = 0; at < group->ends.length; at += 8) {
        ns__buf_u64(&writer->offsets, writer->written + start);
        start = ns__get_u64(group->ends.data + at);
        writer->blocks++;
    }
    ns__frame_append(writer->frame, group->compressed.data, group->compressed.length);
    writer->written += group->compressed.length;
    ns__buf_clear(&group->plain);
    return NS_OK;
}

static block_group *filling(ns__store_writer *writer)
{
    return &writer->groups[(writer->oldest + writer->flying) % writer->group_count];
}

static ns_status launch_group(ns__store_writer *writer, ns_error *err)
{
    block_group *group = filling(writer);
    group->job.run = run_group;
    writer->flying++;
    if (writer->pool)
        ns__pool_submit_first(writer->pool, &group->job);
    else
        run_group(&group->job, 0);
    return writer->flying == writer->group_count ? land_group(writer, err) : NS_OK;
}

static ns_status put(ns__store_writer *writer, ns__str bytes, ns_error *err)
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
            NS_TRY(launch_group(writer, err));
    }
    return NS_OK;
}

/* ---- The stream ---- */

static ns_status end_sample(ns__store_writer *writer, ns_error *err)
{
    ns__str sample = {writer->sample.data, writer->sample.length};
    writer->sampled = true;
    NS_TRY(ns__words_choose(sample, &writer->words, err));
    NS_TRY(put(writer, sample, err));
    ns__buf_release(&writer->sample);
    return NS_OK;
}

ns_status ns__store_append(ns__store_writer *writer, ns__str bytes, ns_error *err)
{
    writer->length += bytes.length;
    if (!writer->sampled) {
        size_t room = SAMPLE_BYTES - writer->sample.length;
        size_t part = bytes.length < room ? bytes.length : room;
        ns__buf_append(&writer->sample, bytes.data, part);
        if (writer->sample.failed)
            return ns__no_memory(err);
        if (part < room)
            return NS_OK;
        NS_TRY(end_sample(writer, err));
        bytes.data += part;
        bytes.length -= part;
    }
    return put(writer, bytes, err);
}

static ns_status finish(ns__store_writer *writer, ns_error *err)
{
    if (!writer->sampled)
        NS_TRY(end_sample(writer, err));
    if (filling(writer)->plain.length > 0)
        NS_TRY(launch_group(writer, err));
    while (writer->flying > 0)
        NS_TRY(land_group(writer, err));
    ns__buf head = {0}, table = {0};
    if (writer->words)
        ns__words_table(writer->words, &table);
    ns__buf_u64(&writer->offsets, writer->written);
    ns__buf_u64(&head, writer->length);
    ns__buf_u32(&head, writer->block_bytes);
    ns__buf_u32(&head, writer->blocks);
    ns__buf_u32(&head, writer->words ? CODEC_ZLIB_WORDS : CODEC_ZLIB);
    ns__buf_u32(&head, writer->words ? ns__words_id((ns__str){table.data, table.length}) : 0);
    bool failed = head.failed || table.failed || writer->offsets.failed;
    if (!failed) {
        ns__frame_section(writer->frame, SECTION_HEAD);
        ns__frame_append(writer->frame, head.data, head.length);
        ns__frame_section(writer->frame, SECTION_OFFSETS);
        ns__frame_append(writer->frame, writer->offsets.data, writer->offsets.length);
    }
    if (!failed && writer->words) {
        ns__frame_section(writer->frame, SECTION_WORDS);
        ns__frame_append(writer->frame, table.data, table.length);
    }
    ns__buf_release(&head);
    ns__buf_release(&table);
    return failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__store_writer_finish(ns__store_writer *writer, ns_error *err)
{
    ns_status status = finish(writer, err);
    ns__store_writer_free(writer);
    return status;
}

void ns__store_writer_free(ns__store_writer *writer)
{
    if (writer == NULL)
        return;
    for (; writer->pool && writer->flying > 0; writer->flying--) {
        ns__pool_wait(writer->pool, &writer->groups[writer->oldest].job);
        writer->oldest = (writer->oldest + 1) % writer->group_count;
    }
    for (size_t i = 0; writer->groups && i < writer->group_count; i++) {
        block_group *group = &writer->groups[i];
        ns__deflater_close(group->deflater);
        ns__buf_release(&group->plain);
        ns__buf_release(&group->coded);
        ns__buf_release(&group->compressed);
        ns__buf_release(&group->ends);
    }
    ns__free(writer->groups);
    ns__words_writer_free(writer->words);
    ns__buf_release(&writer->sample);
    ns__buf_release(&writer->offsets);
    ns__free(writer);
}
