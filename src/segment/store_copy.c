/* Stored text that begins as another stream does, as when a merge adds to a large segment: its
 * coded bytes are copied.
 *
 * A block is a function of its text and its model, a model of the text of its section; whether a
 * section has a model of its own depends on the one before. So sections that are full, and all in
 * front of them, come out as they went in. Behind them text is coded with the last of their models,
 * which is made again from the text that it was made of. Should it not be the same, because another
 * version made it, nothing is copied. */
#include "segment/store_parts.h"

uint64_t ns__store_copied(const ns__store_writer *writer)
{
    return writer->copied;
}

/* Blocks of a part: a section, where there are models. */
static uint32_t part_blocks(const ns__store_writer *writer)
{
    return writer->level == 0 ? writer->section_blocks : 1;
}

/* The last section before `end` that has a model of its own. */
static uint32_t last_model(const ns__store *from, uint32_t end)
{
    uint32_t section = end - 1;
    for (; section > 0; section--) {
        const uint64_t item = section * ((uint64_t)from->section_blocks + 1);
        if (ns__store_item_start(from, item) != ns__store_item_start(from, item + 1))
            break;
    }
    return section;
}

/* The model with which the section before `end` was coded, made anew. *same: whether it is the one
 * that stands in the file. */
static ns_status restore_model(ns__store_writer *writer, const ns__store *from, uint32_t end,
                               bool *same, ns_error *err)
{
    const uint32_t section = last_model(from, end);
    const uint64_t item = section * ((uint64_t)from->section_blocks + 1);
    const uint64_t start = ns__store_item_start(from, item),
                   stop = ns__store_item_start(from, item + 1);
    ns__buf sample = {0};
    *same = false;
    if (start > stop || stop > from->data.length)
        return NS_OK; /* who reads it will tell */
    ns_status status = ns__store_read(from, section * ns__store_section_bytes(writer),
                                      writer->sample_bytes, &sample, err);
    if (status == NS_OK)
        status = ns__model_train((ns__str){sample.data, sample.length}, ns__store_scale(writer),
                                 NULL, &writer->model, err);
    ns__buf_release(&sample);
    NS_TRY(status);
    *same = ns__str_equal(ns__model_table(writer->model),
                          (ns__str){from->data.data + start, (size_t)(stop - start)});
    return NS_OK;
}

ns_status ns__store_copy_begin(ns__store_writer *writer, const ns__store *from, uint64_t limit,
                               uint32_t *parts, ns_error *err)
{
    const bool models = writer->level == 0;
    *parts = 0;
    if (writer->length > 0 || from->block_bytes != writer->block_bytes || limit > from->length ||
        models != (from->model_count > 0) ||
        (models && from->section_blocks != writer->section_blocks))
        return NS_OK;
    const uint64_t count = limit / ((uint64_t)part_blocks(writer) * writer->block_bytes);
    if (count == 0 || (models && count > from->model_count))
        return NS_OK;
    bool same = true;
    if (models)
        NS_TRY(restore_model(writer, from, (uint32_t)count, &same, err));
    if (same) {
        *parts = (uint32_t)count;
        return NS_OK;
    }
    ns__model_writer_free(writer->model);
    writer->model = NULL;
    return NS_OK;
}

/* Offsets are the same as they were: all that stands in front was copied too. */
ns_status ns__store_copy_next(ns__store_writer *writer, const ns__store *from, ns_error *err)
{
    const uint64_t blocks = part_blocks(writer), items = blocks + (writer->level == 0);
    const uint64_t first = writer->blocks / blocks * items;
    for (uint64_t i = 0; i < items; i++) {
        const uint64_t start = ns__store_item_start(from, first + i),
                       stop = ns__store_item_start(from, first + i + 1);
        if (start > stop || stop > from->data.length)
            return ns__frame_corrupt(from->frame, from->offsets.data, err,
                                     "a block of stored text lies outside of its section");
        ns__buf_u64(&writer->offsets, start);
    }
    const uint64_t start = ns__store_item_start(from, first),
                   stop = ns__store_item_start(from, first + items);
    ns__frame_append(writer->frame, from->data.data + start, (size_t)(stop - start));
    writer->written = stop;
    writer->blocks += (uint32_t)blocks;
    writer->copied += blocks * writer->block_bytes;
    return writer->offsets.failed ? ns__no_memory(err) : NS_OK;
}
