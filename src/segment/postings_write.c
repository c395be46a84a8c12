/* Writing posting lists, one term after the other.
 *
 * One block of postings is held at a time; its bytes go out as soon as it is full, and the list's
 * metadata, a few bytes a block, is written behind its last block. So a list of any length needs
 * little memory and nothing is written twice:
 *
 *   .pst   … payload of a list | its metadata | short record | short record | payload …
 *   .pos   … positions of a list, block after block | positions of the next list … */
#include "segment/postings_parts.h"

enum { NEVER = UINT32_MAX }; /* no window is open */

struct ns__postings_writer {
    ns_index_settings settings;
    ns__lengths lengths;
    ns__bm25_norm norm;
    ns__frame_writer *postings, *pos;
    uint64_t lists_bytes, pos_bytes; /* written so far */
    ns__postings_counts counts;

    /* the block being filled */
    uint32_t held;
    uint32_t ids[NS_BLOCK_MAX], tfs[NS_BLOCK_MAX], title_tfs[NS_BLOCK_MAX];
    uint32_t *positions;
    size_t position_count, position_capacity;

    /* the list being written */
    uint32_t df, blocks;
    uint32_t last_id;
    uint64_t payload_start, pos_start;
    uint32_t window; /* the one that the next two are of */
    ns__pareto window_best;
    double window_bound; /* of postings that left window_best */
    ns__buf last, offset, pos_offset, quant, windows, pairs;
    ns__buf scratch;
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

static bool settings_are_sound(const ns_index_settings *settings)
{
    return settings->block_postings >= 2 && settings->block_postings <= NS_BLOCK_MAX &&
           settings->block_postings % 2 == 0 && settings->window_passages > 0 &&
           settings->title_weight <= 255;
}

ns_status ns__postings_writer_open(const ns_index_settings *settings, const ns__lengths *lengths,
                                   double average, ns__frame_writer *postings,
                                   ns__frame_writer *positions, ns__postings_writer **out,
                                   ns_error *err)
{
    *out = NULL;
    if (!settings_are_sound(settings))
        return ns__fail(err, NS_ERR_ARGUMENT, "block or window size is out of range");
    ns__postings_writer *writer = ns__zalloc(1, sizeof *writer);
    if (!writer)
        return ns__no_memory(err);
    writer->settings = *settings;
    writer->lengths = *lengths;
    writer->norm = (ns__bm25_norm){settings->k1, settings->b, average};
    writer->postings = postings;
    writer->pos = positions;
    writer->window = NEVER;
    uint8_t params[NS__PARAMS_BYTES];
    ns__params_pack(params, settings, lengths->count, average);
    ns__frame_section(postings, NS_SECTION_PARAMS);
    ns__frame_append(postings, params, sizeof params);
    ns__frame_section(postings, NS_SECTION_LISTS);
    ns__frame_section(positions, NS_SECTION_POSITIONS);
    *out = writer;
    return NS_OK;
}

/* ---- Output ---- */

static void put_lists(ns__postings_writer *writer, const ns__buf *bytes)
{
    ns__frame_append(writer->postings, bytes->data, bytes->length);
    writer->lists_bytes += bytes->length;
}

/* A number of each block, held as u32, packed in the bits of what none is above. */
static void put_numbers(ns__postings_writer *writer, const ns__buf *numbers, uint64_t most)
{
    ns__buf_clear(&writer->scratch);
    ns__append_packed(&writer->scratch, (const uint32_t *)(const void *)numbers->data,
                      numbers->length / sizeof(uint32_t), ns__meta_width(most));
    put_lists(writer, &writer->scratch);
}

/* ---- Blocks ---- */

static void fold_window(ns__postings_writer *writer)
{
    double bound = ns__pareto_bound(&writer->window_best, &writer->norm);
    if (bound > writer->window_bound)
        writer->window_bound = bound;
    writer->window_best.count = 0;
}

static void close_window(ns__postings_writer *writer)
{
    if (writer->window == NEVER)
        return;
    fold_window(writer);
    ns__buf_u8(&writer->windows, ns__quantise(writer->window_bound));
    writer->window_bound = 0;
}

/* Windows between two used ones are 0. */
static void add_to_window(ns__postings_writer *writer, uint32_t id, uint32_t tf, uint32_t length)
{
    const uint32_t window = id / writer->settings.window_passages;
    if (window != writer->window) {
        close_window(writer);
        uint32_t skipped = writer->window == NEVER ? window : window - writer->window - 1;
        while (skipped-- > 0 && !writer->windows.failed)
            ns__buf_u8(&writer->windows, 0);
        writer->window = window;
    }
    if (writer->window_best.count == sizeof writer->window_best.pairs / sizeof(ns__bound_pair))
        fold_window(writer);
    ns__pareto_add(&writer->window_best, tf, length);
}

static void bound_half(ns__postings_writer *writer, uint32_t from, uint32_t to)
{
    ns__pareto best;
    best.count = 0;
    for (uint32_t i = from; i < to; i++) {
        uint32_t length = ns__length_of(&writer->lengths, writer->ids[i]);
        ns__pareto_add(&best, writer->tfs[i], length);
        add_to_window(writer, writer->ids[i], writer->tfs[i], length);
    }
    ns__buf_u8(&writer->quant, ns__quantise(ns__pareto_bound(&best, &writer->norm)));
    ns__pareto_encode(&best, &writer->norm, &writer->pairs);
}

static void bound_block(ns__postings_writer *writer)
{
    const uint32_t half = writer->settings.block_postings / 2;
    bound_half(writer, 0, ns__min_u32(half, writer->held));
    if (writer->held > half)
        bound_half(writer, half, writer->held);
    else if (!writer->quant.failed)
        ns__buf_u8(&writer->quant, writer->quant.data[writer->quant.length - 1]);
}

static ns__posting_run held_run(const ns__postings_writer *writer)
{
    return (ns__posting_run){writer->held,      writer->ids,       writer->tfs,
                             writer->title_tfs, writer->positions, writer->position_count};
}

/* Writes the block that is held. */
static ns_status flush_block(ns__postings_writer *writer, ns_error *err)
{
    if (writer->blocks == 0) {
        writer->payload_start = writer->lists_bytes;
        writer->pos_start = writer->pos_bytes;
    }
    const uint64_t offset = writer->lists_bytes - writer->payload_start;
    const uint64_t pos_offset = writer->pos_bytes - writer->pos_start;
    const uint32_t base = writer->blocks ? writer->last_id : UINT32_MAX;
    const ns__posting_run run = held_run(writer);
    ns__buf *scratch = &writer->scratch;
    ns__buf_clear(scratch);
    ns__block_encode_ids(run.ids, run.count, base, scratch);
    ns__block_encode_tfs(run.tfs, run.count, scratch);
    put_lists(writer, scratch);
    ns__buf_clear(scratch);
    ns__positions_encode(&run, scratch);
    ns__frame_append(writer->pos, scratch->data, scratch->length);
    writer->pos_bytes += scratch->length;
    if (writer->lists_bytes - writer->payload_start > UINT32_MAX ||
        writer->pos_bytes - writer->pos_start > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "one term has more than 4 GB of postings");

    writer->last_id = run.ids[run.count - 1];
    ns__buf_u32(&writer->last, writer->last_id);
    ns__buf_u32(&writer->offset, (uint32_t)offset);
    ns__buf_u32(&writer->pos_offset, (uint32_t)pos_offset);
    bound_block(writer);
    writer->blocks++;
    writer->counts.blocks++;
    writer->held = 0;
    writer->position_count = 0;
    return scratch->failed ? ns__no_memory(err) : NS_OK;
}

/* ---- Adding ---- */

/* One posting into the block; positions become differences. */
static ns_status hold(ns__postings_writer *writer, uint32_t id, uint32_t tf, uint32_t title_tf,
                      const uint32_t *positions, ns_error *err)
{
    const uint64_t title = (uint64_t)writer->settings.title_weight * title_tf;
    const bool first = writer->df == 0;
    const uint32_t before = writer->held ? writer->ids[writer->held - 1] : writer->last_id;
    if (id >= writer->lengths.count || (!first && id <= before) || tf == 0 || title > tf)
        return ns__fail(err, NS_ERR_ARGUMENT, "posting of passage %u is out of order or range", id);
    const size_t body_tf = tf - (size_t)title;
    /* One more than needed: never NULL, not even for a first posting without positions. */
    if (NS_RESERVE(writer->positions, writer->position_capacity,
                   writer->position_count + body_tf + 1) < 0)
        return ns__no_memory(err);
    uint32_t *gaps = writer->positions + writer->position_count;
    for (size_t i = 0; i < body_tf; i++) {
        if (i > 0 && positions[i] <= positions[i - 1])
            return ns__fail(err, NS_ERR_ARGUMENT, "positions in passage %u do not ascend", id);
        gaps[i] = i > 0 ? positions[i] - positions[i - 1] : positions[0];
    }
    writer->position_count += body_tf;
    writer->ids[writer->held] = id;
    writer->tfs[writer->held] = tf;
    writer->title_tfs[writer->held++] = title_tf;
    writer->df++;
    writer->counts.positions += body_tf;
    return NS_OK;
}

ns_status ns__postings_add(ns__postings_writer *writer, const ns__posting_batch *batch,
                           ns_error *err)
{
    const uint32_t *positions = batch->positions;
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t title_tf = batch->title_tfs ? batch->title_tfs[i] : 0;
        if (writer->held == writer->settings.block_postings)
            NS_TRY(flush_block(writer, err));
        NS_TRY(hold(writer, batch->passages[i], batch->tfs[i], title_tf, positions, err));
        positions += batch->tfs[i] - writer->settings.title_weight * title_tf;
    }
    return NS_OK;
}

/* ---- Ending a list ---- */

static void end_short(ns__postings_writer *writer, ns__buf *value)
{
    const ns__posting_run run = held_run(writer);
    ns__buf *record = &writer->scratch;
    ns__buf_clear(record);
    ns__short_encode(&run, record);
    writer->counts.short_lists++;
    if (record->length <= NS__SHORT_INLINE_BYTES) {
        ns__buf_varint(value, (uint64_t)run.count << 2 | NS__LIST_SHORT_INLINE);
        ns__buf_append(value, record->data, record->length);
        return;
    }
    ns__buf_varint(value, (uint64_t)run.count << 2 | NS__LIST_SHORT);
    ns__buf_varint(value, writer->lists_bytes);
    put_lists(writer, record);
}

static ns_status end_blocks(ns__postings_writer *writer, ns__buf *value, ns_error *err)
{
    NS_TRY(flush_block(writer, err));
    close_window(writer);
    const uint64_t payload = writer->lists_bytes - writer->payload_start;
    ns__buf_varint(value, (uint64_t)writer->df << 2 | NS__LIST_BLOCKS);
    ns__buf_varint(value, writer->lists_bytes);
    ns__buf_varint(value, payload);
    ns__buf_varint(value, writer->pairs.length);
    ns__buf_varint(value, writer->pos_start);
    ns__buf_varint(value, writer->pos_bytes - writer->pos_start);
    put_numbers(writer, &writer->last, writer->lengths.count);
    put_numbers(writer, &writer->offset, payload);
    put_numbers(writer, &writer->pos_offset, writer->pos_bytes - writer->pos_start);
    put_lists(writer, &writer->quant);
    if (ns__has_windows(writer->df, writer->lengths.count)) {
        const uint32_t windows =
            ns__window_count(writer->lengths.count, writer->settings.window_passages);
        while (writer->windows.length < windows && !writer->windows.failed)
            ns__buf_u8(&writer->windows, 0);
        put_lists(writer, &writer->windows);
    }
    put_lists(writer, &writer->pairs);
    writer->counts.block_lists++;
    return NS_OK;
}

/* Forgets the list. False when memory was out at some time. */
static bool reset_list(ns__postings_writer *writer)
{
    ns__buf *all[] = {&writer->last,    &writer->offset, &writer->pos_offset, &writer->quant,
                      &writer->windows, &writer->pairs,  &writer->scratch};
    bool good = true;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        good &= !all[i]->failed;
        ns__buf_clear(all[i]);
    }
    writer->held = writer->df = writer->blocks = 0;
    writer->position_count = 0;
    writer->window = NEVER;
    writer->window_best.count = 0;
    writer->window_bound = 0;
    return good;
}

ns_status ns__postings_end_term(ns__postings_writer *writer, ns__buf *value, ns_error *err)
{
    if (writer->df == 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "a term without postings");
    writer->counts.postings += writer->df;
    if (writer->df > writer->settings.block_postings / 2) {
        NS_TRY(end_blocks(writer, value, err));
    } else if (writer->df == 1) {
        const ns__posting_run run = held_run(writer);
        ns__inline_encode(&run, writer->settings.title_weight, value);
        writer->counts.inline_lists++;
    } else {
        end_short(writer, value);
    }
    return reset_list(writer) && !value->failed ? NS_OK : ns__no_memory(err);
}

ns_status ns__postings_writer_finish(ns__postings_writer *writer, ns__postings_counts *counts,
                                     ns_error *err)
{
    const bool open_term = writer->df != 0;
    if (counts)
        *counts = writer->counts;
    ns__postings_writer_free(writer);
    return open_term ? ns__fail(err, NS_ERR_ARGUMENT, "the last term was not ended") : NS_OK;
}

void ns__postings_writer_free(ns__postings_writer *writer)
{
    if (!writer)
        return;
    ns__buf *all[] = {&writer->last,    &writer->offset, &writer->pos_offset, &writer->quant,
                      &writer->windows, &writer->pairs,  &writer->scratch};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ns__buf_release(all[i]);
    ns__free(writer->positions);
    ns__free(writer);
}
