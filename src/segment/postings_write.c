/* Writing posting lists, one term after the other:
 *
 *   .pst   … payload of a list | its metadata | short record | short record | payload …
 *   .pos   … positions of a list, block after block | positions of the next list …
 *
 * A coder of the writer's own makes the bytes; they go out before there are many, so that a list of
 * any length needs little memory and nothing is written twice. */
#include "segment/list_coder.h"
#include "segment/postings_parts.h"

enum { HELD_BYTES = 1 << 20 }; /* of the writer's own coder */

struct ns__postings_writer {
    ns__frame_writer *postings, *pos;
    uint64_t lists_bytes, pos_bytes; /* written so far */
    ns__postings_counts counts;
    ns__list_coder *coder;
    bool open;   /* it has a list */
    bool copied; /* which is done, as it stood elsewhere */
};

void ns__params_pack(uint8_t *out, const ns_index_settings *settings, uint32_t passages,
                     double average)
{
    const double numbers[3] = {settings->k1, settings->b, average};
    ns__put_u32(out, settings->block_postings);
    ns__put_u32(out + 4, settings->window_passages);
    ns__put_u32(out + 8, settings->title_weight);
    ns__put_u32(out + 12, passages);
    memcpy(out + 16, numbers, sizeof numbers);
}

ns_status ns__postings_writer_open(const ns_index_settings *settings, const ns__lengths *lengths,
                                   double average, ns__frame_writer *postings,
                                   ns__frame_writer *positions, ns__postings_writer **out,
                                   ns_error *err)
{
    *out = NULL;
    ns__postings_writer *writer = ns__zalloc(1, sizeof *writer);
    if (writer == NULL)
        return ns__no_memory(err);
    ns_status status = ns__coder_open(settings, lengths, average, &writer->coder, err);
    if (status < 0) {
        ns__free(writer);
        return status;
    }
    writer->postings = postings;
    writer->pos = positions;
    uint8_t params[NS__PARAMS_BYTES];
    ns__params_pack(params, settings, lengths->count, average);
    ns__frame_section(postings, NS_SECTION_PARAMS);
    ns__frame_append(postings, params, sizeof params);
    ns__frame_section(postings, NS_SECTION_LISTS);
    ns__frame_section(positions, NS_SECTION_POSITIONS);
    *out = writer;
    return NS_OK;
}

/* ---- What coders made ---- */

void ns__postings_take(ns__postings_writer *writer, ns__list_coder *coder)
{
    ns__frame_append(writer->postings, coder->lists.data, coder->lists.length);
    ns__frame_append(writer->pos, coder->positions.data, coder->positions.length);
    writer->lists_bytes += coder->lists.length;
    writer->pos_bytes += coder->positions.length;
    coder->lists_taken += coder->lists.length;
    coder->positions_taken += coder->positions.length;
    ns__buf_clear(&coder->lists);
    ns__buf_clear(&coder->positions);
    const ns__postings_counts *more = &coder->counts;
    writer->counts.postings += more->postings;
    writer->counts.positions += more->positions;
    writer->counts.inline_lists += more->inline_lists;
    writer->counts.short_lists += more->short_lists;
    writer->counts.block_lists += more->block_lists;
    writer->counts.blocks += more->blocks;
    coder->counts = (ns__postings_counts){0};
}

void ns__postings_value(const ns__postings_writer *writer, const ns__list_coder *coder,
                        const ns__coded_list *list, ns__buf *value)
{
    const uint64_t lists_start = writer->lists_bytes - coder->lists_taken;
    const uint64_t pos_start = writer->pos_bytes - coder->positions_taken;
    if (list->list_class == NS__LIST_INLINE || list->list_class == NS__LIST_SHORT_INLINE) {
        ns__buf_append(value, coder->values.data + list->at, list->bytes);
        return;
    }
    ns__buf_varint(value, (uint64_t)list->df << 2 | list->list_class);
    ns__buf_varint(value, lists_start + list->at);
    if (list->list_class == NS__LIST_SHORT)
        return;
    ns__buf_varint(value, list->bytes);
    ns__buf_varint(value, list->pair_bytes);
    ns__buf_varint(value, pos_start + list->pos_at);
    ns__buf_varint(value, list->pos_bytes);
}

/* ---- Postings one by one ---- */

/* One posting into the block; positions become differences. */
static ns_status hold(ns__list_coder *coder, uint32_t id, uint32_t tf, uint32_t title_tf,
                      const uint32_t *positions, ns_error *err)
{
    const uint64_t title = (uint64_t)coder->settings.title_weight * title_tf;
    const bool first = coder->held == 0 && coder->blocks == 0;
    const uint32_t before = coder->held ? coder->ids[coder->held - 1] : coder->last_id;
    if (id >= coder->lengths.count || (!first && id <= before) || tf == 0 || title > tf)
        return ns__fail(err, NS_ERR_ARGUMENT, "posting of passage %u is out of order or range", id);
    const size_t body_tf = tf - (size_t)title;
    /* One more than needed: never NULL, not even for a first posting without positions. */
    if (NS_RESERVE(coder->gaps, coder->gap_capacity, coder->gap_count + body_tf + 1) < 0)
        return ns__no_memory(err);
    uint32_t *gaps = coder->gaps + coder->gap_count;
    for (size_t i = 0; i < body_tf; i++) {
        if (i > 0 && positions[i] <= positions[i - 1])
            return ns__fail(err, NS_ERR_ARGUMENT, "positions in passage %u do not ascend", id);
        gaps[i] = i > 0 ? positions[i] - positions[i - 1] : positions[0];
    }
    coder->gap_count += body_tf;
    coder->ids[coder->held] = id;
    coder->tfs[coder->held] = tf;
    coder->title_tfs[coder->held++] = title_tf;
    return NS_OK;
}

ns_status ns__postings_add(ns__postings_writer *writer, const ns__posting_batch *batch,
                           ns_error *err)
{
    ns__list_coder *coder = writer->coder;
    const uint32_t *positions = batch->positions;
    if (!writer->open)
        ns__coder_begin(coder, UINT32_MAX);
    writer->open = true;
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t title_tf = batch->title_tfs ? batch->title_tfs[i] : 0;
        if (coder->held == coder->settings.block_postings)
            NS_TRY(ns__coder_flush(coder, err));
        NS_TRY(hold(coder, batch->passages[i], batch->tfs[i], title_tf, positions, err));
        positions += batch->tfs[i] - coder->settings.title_weight * title_tf;
    }
    if (coder->lists.length + coder->positions.length > HELD_BYTES)
        ns__postings_take(writer, coder);
    return NS_OK;
}

/* A block counts from the id in front of it, so it has to begin where one begins here, behind the
 * same id. */
static bool fits_here(const ns__list_coder *coder, const ns__coded_block *block)
{
    const uint32_t size = coder->settings.block_postings, held = coder->held;
    if ((block->count != size && !block->last) || (held > 0 && held < size))
        return false;
    if (held == 0 && coder->blocks == 0) /* a short list has no blocks */
        return block->base == UINT32_MAX && block->count > size / 2;
    return block->base == (held > 0 ? coder->ids[held - 1] : coder->last_id);
}

ns_status ns__postings_copy(ns__postings_writer *writer, const ns__coded_block *block, bool *copied,
                            ns_error *err)
{
    ns__list_coder *coder = writer->coder;
    *copied = fits_here(coder, block);
    if (!*copied)
        return NS_OK;
    if (!writer->open)
        ns__coder_begin(coder, UINT32_MAX);
    writer->open = true;
    if (coder->held > 0)
        NS_TRY(ns__coder_flush(coder, err));
    NS_TRY(ns__coder_copy(coder, block, err));
    if (coder->lists.length + coder->positions.length > HELD_BYTES)
        ns__postings_take(writer, coder);
    return NS_OK;
}

ns_status ns__postings_copy_list(ns__postings_writer *writer, const ns__plist *list, ns__str value,
                                 ns_error *err)
{
    if (writer->coder->held + writer->coder->blocks > 0 || !list->decoded || value.length == 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "a list cannot be copied into another");
    writer->open = writer->copied = true;
    return ns__coder_copy_list(writer->coder, list, value, err);
}

ns_status ns__postings_end_term(ns__postings_writer *writer, ns__buf *value, ns_error *err)
{
    ns__list_coder *coder = writer->coder;
    if (!writer->copied)
        NS_TRY(ns__coder_end(coder, err));
    writer->open = writer->copied = false;
    ns__postings_value(writer, coder, &coder->coded[0], value);
    coder->coded_count = 0;
    ns__buf_clear(&coder->values);
    if (coder->lists.length + coder->positions.length > HELD_BYTES)
        ns__postings_take(writer, coder);
    return value->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__postings_writer_finish(ns__postings_writer *writer, ns__postings_counts *counts,
                                     ns_error *err)
{
    const bool open_term = writer->coder->held + writer->coder->blocks > 0;
    ns__postings_take(writer, writer->coder);
    if (counts)
        *counts = writer->counts;
    ns__postings_writer_free(writer);
    return open_term ? ns__fail(err, NS_ERR_ARGUMENT, "the last term was not ended") : NS_OK;
}

void ns__postings_writer_free(ns__postings_writer *writer)
{
    if (writer == NULL)
        return;
    ns__coder_close(writer->coder);
    ns__free(writer);
}
