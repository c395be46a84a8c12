/* Coding posting lists: see list_coder.h.
 *
 * One block of postings is held at a time; its bytes are made as soon as it is full, and the list's
 * metadata, a few bytes a block, stands behind its last block. */
#include "segment/list_coder.h"

#include "segment/postings_parts.h"

static bool settings_are_sound(const ns_index_settings *settings)
{
    return settings->block_postings >= 2 && settings->block_postings <= NS_BLOCK_MAX &&
           settings->block_postings % 2 == 0 && settings->window_passages > 0 &&
           settings->title_weight <= 255;
}

ns_status ns__coder_open(const ns_index_settings *settings, const ns__lengths *lengths,
                         double average, ns__list_coder **out, ns_error *err)
{
    *out = NULL;
    if (!settings_are_sound(settings))
        return ns__fail(err, NS_ERR_ARGUMENT, "block or window size is out of range");
    ns__list_coder *coder = ns__zalloc(1, sizeof *coder);
    if (coder == NULL)
        return ns__no_memory(err);
    coder->settings = *settings;
    coder->lengths = *lengths;
    coder->norm = (ns__bm25_norm){settings->k1, settings->b, average};
    *out = coder;
    return NS_OK;
}

void ns__coder_close(ns__list_coder *coder)
{
    if (coder == NULL)
        return;
    ns__buf *all[] = {&coder->last,     &coder->offset,    &coder->pos_offset, &coder->quant,
                      &coder->shortest, &coder->windows,   &coder->pairs,      &coder->scratch,
                      &coder->lists,    &coder->positions, &coder->values};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ns__buf_release(all[i]);
    ns__free(coder->gaps);
    ns__free(coder->coded);
    ns__free(coder);
}

/* ---- Bounds ---- */

/* The largest bound of each window, over what is there. */
static void bound_windows(ns__list_coder *coder, const double *bounds)
{
    const uint32_t size = coder->settings.window_passages;
    for (uint32_t i = 0; i < coder->held;) {
        const uint32_t window = coder->ids[i] / size;
        const uint64_t end = ((uint64_t)window + 1) * size;
        double best = bounds[i++];
        for (; i < coder->held && coder->ids[i] < end; i++)
            best = bounds[i] > best ? bounds[i] : best;
        const uint8_t quant = ns__quantise(best);
        if (quant > coder->windows.data[window])
            coder->windows.data[window] = quant;
    }
}

static void bound_half(ns__list_coder *coder, const double *bounds, const uint32_t *lengths,
                       uint32_t from, uint32_t to)
{
    double best = bounds[from];
    uint32_t shortest = lengths[from];
    for (uint32_t i = from + 1; i < to; i++)
        best = bounds[i] > best ? bounds[i] : best;
    for (uint32_t i = from + 1; i < to; i++)
        shortest = lengths[i] < shortest ? lengths[i] : shortest;
    ns__buf_u8(&coder->quant, ns__quantise(best));
    ns__buf_u8(&coder->shortest, ns__length_code(shortest));
    ns__pareto set;
    ns__pareto_of(coder->tfs + from, lengths + from, to - from, &set);
    ns__pareto_encode(&set, &coder->norm, &coder->pairs);
}

/* A missing second half has the bounds of the first. */
static void repeat_half(ns__list_coder *coder)
{
    if (coder->quant.failed || coder->shortest.failed)
        return;
    ns__buf_u8(&coder->quant, coder->quant.data[coder->quant.length - 1]);
    ns__buf_u8(&coder->shortest, coder->shortest.data[coder->shortest.length - 1]);
}

static void bound_block(ns__list_coder *coder)
{
    const uint32_t half = coder->settings.block_postings / 2;
    uint32_t lengths[NS_BLOCK_MAX];
    double bounds[NS_BLOCK_MAX];
    ns__lengths_of(&coder->lengths, coder->ids, coder->held, lengths);
    ns__posting_bounds(&coder->norm, coder->tfs, lengths, coder->held, bounds);
    bound_half(coder, bounds, lengths, 0, ns__min_u32(half, coder->held));
    if (coder->held > half)
        bound_half(coder, bounds, lengths, half, coder->held);
    else
        repeat_half(coder);
    if (coder->windowed)
        bound_windows(coder, bounds);
}

/* ---- Blocks ---- */

/* That ids ascend and are passages, and that there are as many positions as the tfs say. */
static bool block_is_sound(const ns__list_coder *coder)
{
    const uint32_t count = coder->held, *ids = coder->ids, *tfs = coder->tfs;
    bool good = count > 0 && ids[count - 1] < coder->lengths.count &&
                (coder->blocks == 0 || ids[0] > coder->last_id);
    uint64_t positions = 0;
    uint32_t titled = 0, wrong = 0; /* numbers, of which compilers make vectors */
    for (uint32_t i = 0; i < count; i++) {
        titled |= coder->title_tfs[i];
        wrong |= tfs[i] == 0;
        positions += tfs[i];
    }
    for (uint32_t i = 1; i < count; i++)
        wrong |= ids[i] <= ids[i - 1];
    for (uint32_t i = 0; titled != 0 && i < count; i++) {
        const uint64_t title = (uint64_t)coder->title_tfs[i] * coder->settings.title_weight;
        wrong |= title > tfs[i];
        positions -= title;
    }
    return good && wrong == 0 && positions == coder->gap_count;
}

static ns_status check_block(const ns__list_coder *coder, ns_error *err)
{
    if (block_is_sound(coder))
        return NS_OK;
    return ns__fail(err, NS_ERR_ARGUMENT, "postings are out of order or range");
}

static ns__posting_run held_run(const ns__list_coder *coder)
{
    return (ns__posting_run){coder->held,      coder->ids,  coder->tfs,
                             coder->title_tfs, coder->gaps, coder->gap_count};
}

static uint64_t lists_end(const ns__list_coder *coder)
{
    return coder->lists_taken + coder->lists.length;
}

static uint64_t positions_end(const ns__list_coder *coder)
{
    return coder->positions_taken + coder->positions.length;
}

/* All windows empty. */
static void begin_windows(ns__list_coder *coder)
{
    const uint32_t windows =
        ns__window_count(coder->lengths.count, coder->settings.window_passages);
    coder->windowed = ns__buf_reserve(&coder->windows, windows); /* the list's end tells */
    if (!coder->windowed)
        return;
    memset(coder->windows.data, 0, windows);
    coder->windows.length = windows;
}

/* Notes where the bytes of the next block will stand. */
static void begin_block(ns__list_coder *coder)
{
    if (coder->blocks == 0) {
        coder->payload_start = lists_end(coder);
        coder->pos_start = positions_end(coder);
        if (coder->windowed)
            begin_windows(coder);
    }
    ns__buf_u32(&coder->offset, (uint32_t)(lists_end(coder) - coder->payload_start));
    ns__buf_u32(&coder->pos_offset, (uint32_t)(positions_end(coder) - coder->pos_start));
}

/* What is told of the block beside its bytes. */
static ns_status end_block(ns__list_coder *coder, uint64_t positions, ns_error *err)
{
    if (lists_end(coder) - coder->payload_start > UINT32_MAX ||
        positions_end(coder) - coder->pos_start > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "one term has more than 4 GB of postings");
    coder->last_id = coder->ids[coder->held - 1];
    ns__buf_u32(&coder->last, coder->last_id);
    bound_block(coder);
    coder->blocks++;
    coder->counts.blocks++;
    coder->counts.positions += positions;
    coder->held = 0;
    coder->gap_count = 0;
    return coder->lists.failed || coder->positions.failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__coder_flush(ns__list_coder *coder, ns_error *err)
{
    NS_TRY(check_block(coder, err));
    if (coder->missing > 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "postings behind the last block of a list");
    begin_block(coder);
    const uint32_t base = coder->blocks ? coder->last_id : UINT32_MAX;
    const ns__posting_run run = held_run(coder);
    ns__block_encode_ids(run.ids, run.count, base, &coder->lists);
    ns__block_encode_tfs(run.tfs, run.count, &coder->lists);
    ns__positions_encode(&run, &coder->positions);
    return end_block(coder, run.position_count, err);
}

ns_status ns__coder_copy(ns__list_coder *coder, const ns__coded_block *block, ns_error *err)
{
    const uint32_t count = block->count, *ids = block->passages;
    const uint32_t size = coder->settings.block_postings;
    if (coder->held > 0 || coder->missing > 0 || count == 0 || count > size ||
        (count < size && !block->last) || ids[count - 1] >= coder->lengths.count ||
        (coder->blocks > 0 && ids[0] <= coder->last_id))
        return ns__fail(err, NS_ERR_ARGUMENT, "a block of postings is out of its place");
    begin_block(coder);
    memcpy(coder->ids, ids, count * sizeof *ids);
    memcpy(coder->tfs, block->tfs, count * sizeof *block->tfs);
    coder->held = count;
    coder->missing = size - count;
    ns__buf_append(&coder->lists, block->bytes.data, block->bytes.length);
    ns__buf_append(&coder->positions, block->positions.data, block->positions.length);
    return end_block(coder, block->position_count, err);
}

/* ---- Lists ---- */

void ns__coder_begin(ns__list_coder *coder, uint32_t most_postings)
{
    coder->windowed = ns__has_windows(most_postings, coder->lengths.count);
}

static void end_inline(ns__list_coder *coder, ns__coded_list *done)
{
    const ns__posting_run run = held_run(coder);
    done->list_class = NS__LIST_INLINE;
    ns__inline_encode(&run, coder->settings.title_weight, &coder->values);
    coder->counts.inline_lists++;
}

/* Small records stay in the value. */
static void end_short(ns__list_coder *coder, ns__coded_list *done)
{
    const ns__posting_run run = held_run(coder);
    ns__buf *lists = &coder->lists, *values = &coder->values;
    const size_t start = lists->length;
    done->list_class = NS__LIST_SHORT;
    done->at = lists_end(coder);
    ns__short_encode(&run, lists);
    coder->counts.short_lists++;
    if (lists->failed || lists->length - start > NS__SHORT_INLINE_BYTES)
        return;
    done->list_class = NS__LIST_SHORT_INLINE;
    done->at = values->length;
    ns__buf_varint(values, (uint64_t)run.count << 2 | NS__LIST_SHORT_INLINE);
    ns__buf_append(values, lists->data + start, lists->length - start);
    lists->length = start;
}

/* A number of each block, held as u32, packed in the bits of what none is above. */
static void put_numbers(ns__list_coder *coder, const ns__buf *numbers, uint64_t most)
{
    ns__append_packed(&coder->lists, (const uint32_t *)(const void *)numbers->data,
                      numbers->length / sizeof(uint32_t), ns__meta_width(most));
}

static ns_status end_blocks(ns__list_coder *coder, ns__coded_list *done, ns_error *err)
{
    if (coder->held > 0)
        NS_TRY(ns__coder_flush(coder, err));
    done->list_class = NS__LIST_BLOCKS;
    done->at = lists_end(coder);
    done->bytes = (uint32_t)(done->at - coder->payload_start);
    done->pair_bytes = (uint32_t)coder->pairs.length;
    done->pos_at = coder->pos_start;
    done->pos_bytes = (uint32_t)(positions_end(coder) - coder->pos_start);
    put_numbers(coder, &coder->last, coder->lengths.count);
    put_numbers(coder, &coder->offset, done->bytes);
    put_numbers(coder, &coder->pos_offset, done->pos_bytes);
    ns__buf_append(&coder->lists, coder->quant.data, coder->quant.length);
    ns__buf_append(&coder->lists, coder->shortest.data, coder->shortest.length);
    if (ns__has_windows(done->df, coder->lengths.count))
        ns__buf_append(&coder->lists, coder->windows.data, coder->windows.length);
    ns__buf_append(&coder->lists, coder->pairs.data, coder->pairs.length);
    coder->counts.block_lists++;
    return NS_OK;
}

/* Forgets the list. False when memory was out at some time. */
static bool reset_list(ns__list_coder *coder)
{
    ns__buf *all[] = {&coder->last,     &coder->offset,  &coder->pos_offset, &coder->quant,
                      &coder->shortest, &coder->windows, &coder->pairs};
    bool good = !coder->lists.failed && !coder->positions.failed && !coder->values.failed;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        good &= !all[i]->failed;
        ns__buf_clear(all[i]);
    }
    coder->held = coder->blocks = coder->missing = 0;
    coder->gap_count = 0;
    coder->windowed = false;
    return good;
}

ns_status ns__coder_copy_list(ns__list_coder *coder, const ns__plist *list, ns__str value,
                              ns_error *err)
{
    if (NS_RESERVE(coder->coded, coder->coded_capacity, coder->coded_count + 1) < 0)
        return ns__no_memory(err);
    ns__coded_list *done = &coder->coded[coder->coded_count++];
    *done = (ns__coded_list){.df = list->df, .list_class = value.data[0] & 3};
    ns__buf *into = done->list_class == NS__LIST_SHORT ? &coder->lists : &coder->values;
    const ns__str bytes = done->list_class == NS__LIST_SHORT ? list->record : value;
    done->at = into == &coder->lists ? lists_end(coder) : into->length;
    done->bytes = (uint32_t)bytes.length;
    ns__buf_append(into, bytes.data, bytes.length);
    coder->counts.postings += list->df;
    coder->counts.positions += list->position_starts[list->df];
    coder->counts.inline_lists += done->list_class == NS__LIST_INLINE;
    coder->counts.short_lists += done->list_class != NS__LIST_INLINE;
    return into->failed ? ns__no_memory(err) : NS_OK;
}

ns_status ns__coder_end(ns__list_coder *coder, ns_error *err)
{
    const uint32_t block = coder->settings.block_postings;
    const uint64_t df = (uint64_t)coder->blocks * block - coder->missing + coder->held;
    if (df == 0)
        return ns__fail(err, NS_ERR_ARGUMENT, "a term without postings");
    if (NS_RESERVE(coder->coded, coder->coded_capacity, coder->coded_count + 1) < 0)
        return ns__no_memory(err);
    ns__coded_list *done = &coder->coded[coder->coded_count++];
    *done = (ns__coded_list){.at = coder->values.length, .df = (uint32_t)df};
    coder->counts.postings += df;
    if (df > block / 2) {
        NS_TRY(end_blocks(coder, done, err));
    } else {
        NS_TRY(check_block(coder, err));
        coder->counts.positions += coder->gap_count;
        if (df == 1)
            end_inline(coder, done);
        else
            end_short(coder, done);
    }
    if (done->list_class == NS__LIST_INLINE || done->list_class == NS__LIST_SHORT_INLINE)
        done->bytes = (uint32_t)(coder->values.length - done->at);
    return reset_list(coder) ? NS_OK : ns__no_memory(err);
}

void ns__coder_reset(ns__list_coder *coder)
{
    (void)reset_list(coder);
    ns__buf_clear(&coder->lists);
    ns__buf_clear(&coder->positions);
    ns__buf_clear(&coder->values);
    coder->lists_taken = coder->positions_taken = 0;
    coder->coded_count = 0;
    coder->counts = (ns__postings_counts){0};
}
