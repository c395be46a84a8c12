/* Opening posting lists and decoding their blocks.
 *
 * Everything that a list's metadata promises is checked when the list is opened; what a block
 * promises is checked when it is decoded. */
#include "segment/postings_parts.h"

#include "base/count.h"

/* ---- The two files ---- */

ns_status ns__postings_open(const ns__frame *postings, const ns__frame *positions,
                            const ns_index_settings *settings, const ns__lengths *lengths,
                            double average, ns__postings *out, ns_error *err)
{
    ns__str params;
    *out = (ns__postings){.frame = postings,
                          .pos_frame = positions,
                          .lengths = *lengths,
                          .passages = lengths->count,
                          .block_postings = settings->block_postings,
                          .window_passages = settings->window_passages,
                          .title_weight = settings->title_weight,
                          .k1 = settings->k1,
                          .b = settings->b,
                          .average = average,
                          .kernels = ns__unpack_kernels_for(ns__cpu_isa())};
    NS_TRY(ns__frame_find(postings, NS_SECTION_PARAMS, &params, err));
    NS_TRY(ns__frame_find(postings, NS_SECTION_LISTS, &out->lists, err));
    NS_TRY(ns__frame_find(positions, NS_SECTION_POSITIONS, &out->positions, err));
    uint8_t expected[NS__PARAMS_BYTES];
    ns__params_pack(expected, settings, lengths->count, average);
    if (params.length != sizeof expected || memcmp(params.data, expected, sizeof expected) != 0)
        return ns__frame_corrupt(postings, params.data, err,
                                 "posting lists were written under other settings");
    return NS_OK;
}

/* ---- Opening a list ---- */

bool ns__plist_df(ns__str value, uint32_t *df)
{
    ns__cur cur = ns__cur_of(value.data, value.length);
    uint64_t head = ns__cur_varint(&cur);
    *df = (head & 3) == NS__LIST_INLINE ? 1 : (uint32_t)(head >> 2);
    return !cur.bad && *df != 0 && ((head & 3) == NS__LIST_INLINE || head >> 2 <= UINT32_MAX);
}

void ns__plist_fetch(const ns__postings *postings, ns__str value)
{
    enum { LINE = 64, LINES = 4 };
    ns__cur cur = ns__cur_of(value.data, value.length);
    const unsigned class = (unsigned)ns__cur_varint(&cur) & 3;
    const uint64_t at = ns__cur_varint(&cur);
    if (cur.bad || at >= postings->lists.length ||
        (class != NS__LIST_BLOCKS && class != NS__LIST_SHORT))
        return;
    for (int i = 0; i < LINES; i++)
        __builtin_prefetch(postings->lists.data + at + LINE * i);
}

/* A record in the dictionary is copied, so that kernels may read behind its end. */
static const char *open_short_inline(ns__plist *list, const ns__cur *value, ns__arena *arena,
                                     ns_status *status)
{
    uint8_t copy[NS__SHORT_INLINE_BYTES + NS_PACK_SLACK] = {0};
    const size_t length = ns__cur_left(value);
    *status = NS_ERR_CORRUPT;
    if (length > NS__SHORT_INLINE_BYTES)
        return "inline record of a short list is too long";
    memcpy(copy, value->at, length);
    ns__cur record = ns__cur_of(copy, length);
    const char *why = ns__short_decode(list, &record, arena, status);
    if (!why && *status == NS_OK && record.at != record.end && !list->no_places) {
        *status = NS_ERR_CORRUPT;
        why = "inline record of a short list has a tail";
    }
    return why;
}

static const char *open_short(ns__plist *list, ns__cur *value, ns__arena *arena, ns_status *status)
{
    const ns__str lists = list->owner->lists;
    uint64_t offset = ns__cur_varint(value);
    *status = NS_ERR_CORRUPT;
    if (value->bad || value->at != value->end || offset >= lists.length)
        return "short list lies outside the file";
    list->payload = lists.data + offset; /* for messages */
    ns__cur record = ns__cur_of(lists.data + offset, lists.length - (size_t)offset);
    const char *why = ns__short_decode(list, &record, arena, status);
    list->record = (ns__str){list->payload, (size_t)(record.at - list->payload)};
    return why;
}

/* Values that ascend strictly and stay below `end`. */
static bool ascends_below(const uint32_t *values, size_t count, uint64_t end)
{
    bool good = values[count - 1] < end;
    for (size_t i = 1; i < count; i++)
        good &= values[i] > values[i - 1];
    return good;
}

/* The last passages of the blocks. NULL when they do not fit, or memory is out. */
static const uint32_t *take_last(const ns__plist *list, ns__cur *cur, ns__arena *arena,
                                 ns_status *status)
{
    const size_t n = list->blocks;
    const unsigned width = ns__meta_width(list->owner->passages);
    const uint8_t *packed = ns__cur_take(cur, ns__packed_bytes(n, width));
    uint32_t *numbers =
        packed ? ns__arena_alloc(arena, (n + NS__KERNEL_STEP) * sizeof *numbers) : NULL;
    if (numbers)
        list->owner->kernels->unpack32(packed, n, width, numbers);
    else if (packed)
        *status = NS_ERR_MEMORY;
    return numbers;
}

/* A number for each block that is at most `most`, left as it is. */
static const uint8_t *take_numbers(const ns__plist *list, ns__cur *cur, ptrdiff_t most,
                                   unsigned *width)
{
    *width = ns__meta_width((uint64_t)most);
    return ns__cur_take(cur, ns__packed_bytes(list->blocks, *width));
}

/* The metadata arrays from `cur` on. False when they do not fit, or memory is out. */
static bool take_metadata(ns__plist *list, ns__cur *cur, uint64_t pair_bytes, ns__arena *arena,
                          ns_status *status)
{
    const size_t n = list->blocks;
    list->last = take_last(list, cur, arena, status);
    list->offset = take_numbers(list, cur, list->payload_end - list->payload, &list->offset_width);
    list->pos =
        take_numbers(list, cur, list->positions_end - list->positions_start, &list->pos_width);
    list->quant = ns__cur_take(cur, 2 * n);
    list->shortest = ns__cur_take(cur, 2 * n);
    if (ns__has_windows(list->df, list->owner->passages)) {
        NS_COUNT(LIST_WINDOWS);
        list->window_count = ns__window_count(list->owner->passages, list->owner->window_passages);
        list->windows = ns__cur_take(cur, list->window_count);
    }
    if (cur->bad || *status == NS_ERR_MEMORY || pair_bytes > ns__cur_left(cur))
        return false;
    list->pairs = ns__cur_take(cur, (size_t)pair_bytes);
    list->pairs_end = list->pairs + pair_bytes;
    return true;
}

static const char *open_blocks(ns__plist *list, ns__cur *value, ns__arena *arena, ns_status *status)
{
    const ns__postings *owner = list->owner;
    uint64_t meta = ns__cur_varint(value);
    uint32_t payload = ns__cur_varint32(value);
    uint32_t pair_bytes = ns__cur_varint32(value);
    uint64_t pos = ns__cur_varint(value);
    uint32_t pos_bytes = ns__cur_varint32(value);
    if (value->bad || value->at != value->end)
        return "malformed dictionary value of a list";
    if (meta > owner->lists.length || payload > meta)
        return "metadata of a list lies outside the file";
    if (pos > owner->positions.length || pos_bytes > owner->positions.length - pos)
        return "positions of a list lie outside the file";
    list->blocks = 1 + (list->df - 1) / list->block_postings;
    list->payload_end = owner->lists.data + meta;
    list->payload = list->payload_end - payload;
    list->positions_start = owner->positions.data + pos;
    list->positions_end = list->positions_start + pos_bytes;
    ns__cur cur = ns__cur_of(list->payload_end, owner->lists.length - (size_t)meta);
    if (!take_metadata(list, &cur, pair_bytes, arena, status))
        return *status == NS_ERR_MEMORY ? NULL : "metadata of a list does not fit";
    return ascends_below(list->last, list->blocks, owner->passages)
               ? NULL
               : "metadata of a list contradicts itself";
}

static void count_class(unsigned class)
{
    (void)class;
    if (class == NS__LIST_BLOCKS)
        NS_COUNT(LIST_BLOCKS);
    else if (class == NS__LIST_SHORT)
        NS_COUNT(LIST_SHORT);
    else if (class == NS__LIST_SHORT_INLINE)
        NS_COUNT(LIST_SHORT_INLINE);
    else
        NS_COUNT(LIST_INLINE);
}

/* Names the place in the lists where this one was found, else that of its value in the dictionary.
 */
static ns_status malformed(const ns__plist *list, ns__str value, ns_error *err, const char *why)
{
    const ns__postings *owner = list->owner;
    const uint8_t *found = list->payload_end ? list->payload_end : list->payload;
    if (found)
        return ns__frame_corrupt(owner->frame, found, err, why);
    return ns__frame_corrupt(owner->value_frame ? owner->value_frame : owner->frame, value.data,
                             err, why);
}

static ns_status open_list(const ns__postings *postings, ns__str value, bool places,
                           ns__arena *arena, ns__plist *out, ns_error *err)
{
    ns__cur cur = ns__cur_of(value.data, value.length);
    *out = (ns__plist){.owner = postings,
                       .blocks = 1,
                       .block_postings = postings->block_postings,
                       .no_places = !places};
    const uint64_t head = ns__cur_varint(&cur);
    const unsigned class = head & 3;
    ns_status status = NS_ERR_CORRUPT;
    const char *why = "number of postings is out of range";
    if (ns__plist_df(value, &out->df) && out->df <= postings->passages &&
        (class == NS__LIST_BLOCKS) == (out->df > postings->block_postings / 2)) {
        out->decoded = class != NS__LIST_BLOCKS;
        count_class(class);
        if (class == NS__LIST_BLOCKS)
            why = open_blocks(out, &cur, arena, &status);
        else if (class == NS__LIST_SHORT)
            why = open_short(out, &cur, arena, &status);
        else if (class == NS__LIST_SHORT_INLINE)
            why = open_short_inline(out, &cur, arena, &status);
        else
            why = ns__inline_decode(out, head, &cur, arena, &status);
    }
    if (why)
        return malformed(out, value, err, why);
    return status == NS_ERR_MEMORY ? ns__no_memory(err) : NS_OK;
}

ns_status ns__plist_open(const ns__postings *postings, ns__str value, ns__arena *arena,
                         ns__plist *out, ns_error *err)
{
    return open_list(postings, value, true, arena, out, err);
}

ns_status ns__plist_open_words(const ns__postings *postings, ns__str value, ns__arena *arena,
                               ns__plist *out, ns_error *err)
{
    return open_list(postings, value, false, arena, out, err);
}

/* ---- Decoding a block ---- */

static void count_block(const ns__plist *list, uint32_t block, uint32_t count)
{
    (void)count;
    if (block + 1 < list->blocks)
        NS_COUNT(BLOCK_MIDDLE);
    else if (count == 1)
        NS_COUNT(BLOCK_LAST_ONE);
    else if (count < list->block_postings)
        NS_COUNT(BLOCK_LAST_PART);
    else
        NS_COUNT(BLOCK_LAST_FULL);
}

ns_status ns__plist_ids(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                        uint32_t *out, ns__block_place *place, ns_error *err)
{
    *place = (ns__block_place){.block = block};
    if (list->decoded) {
        memcpy(out, list->ids, list->df * sizeof *out);
        return NS_OK;
    }
    const uint8_t *start = ns__plist_start(list, block);
    const uint32_t count = ns__plist_count(list, block);
    const uint32_t base = block == 0 ? UINT32_MAX : ns__plist_last(list, block - 1);
    count_block(list, block, count);
    size_t taken =
        ns__block_decode_ids(kernels, start, ns__plist_start(list, block + 1), count, base, out);
    if (taken == 0 || out[count - 1] != ns__plist_last(list, block))
        return ns__frame_corrupt(list->owner->frame, start, err, "malformed ids of a block");
    place->tfs = start + taken;
    return NS_OK;
}

bool ns__plist_bits(const ns__plist *list, const ns__unpack_kernels *kernels, uint32_t block,
                    ns__bits_room *room, ns__block_bits *out, ns__block_place *place)
{
    if (list->ids != NULL) /* in memory */
        return false;
    const uint8_t *start = ns__plist_start(list, block);
    if (start >= list->payload_end)
        return false;
    const bool stored = ns__block_ids_tag(start) == NS__IDS_BITS;
    if (!stored && (room == NULL || *start >> 2 != 0)) /* with low bits */
        return false;
    const uint8_t *end = ns__plist_start(list, block + 1);
    const uint32_t base = block == 0 ? UINT32_MAX : ns__plist_last(list, block - 1);
    size_t taken;
    if (stored)
        taken = ns__block_view_bits(start, end, base, out);
    else
        taken = ns__block_make_bits(kernels, start, end, ns__plist_count(list, block), base,
                                    ns__plist_last(list, block), room, out);
    if (taken == 0)
        return false;
    *place = (ns__block_place){block, start + taken};
    return (ns__plist_last(list, block) - out->first) / 8 + 1 == out->bytes;
}

ns_status ns__plist_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                        const ns__block_place *place, uint32_t *out, ns_error *err)
{
    if (list->decoded) {
        memcpy(out, list->tfs, list->df * sizeof *out);
        return NS_OK;
    }
    const uint8_t *end = ns__plist_start(list, place->block + 1);
    const uint32_t count = ns__plist_count(list, place->block);
    size_t taken = ns__block_decode_tfs(kernels, place->tfs, end, count, out);
    if (taken == 0 || taken != (size_t)(end - place->tfs))
        return ns__frame_corrupt(list->owner->frame, place->tfs, err,
                                 "malformed frequencies of a block");
    return NS_OK;
}

bool ns__plist_pick_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                        const ns__block_place *place, const uint32_t *at, uint32_t n, uint32_t *out)
{
    const uint8_t *end = ns__plist_start(list, place->block + 1);
    return ns__block_pick_tfs(kernels, place->tfs, end, ns__plist_count(list, place->block), at, n,
                              out);
}

bool ns__plist_range_tfs(const ns__plist *list, const ns__unpack_kernels *kernels,
                         const ns__block_place *place, uint32_t from, uint32_t n, uint32_t *out)
{
    const uint8_t *end = ns__plist_start(list, place->block + 1);
    return ns__block_range_tfs(kernels, place->tfs, end, ns__plist_count(list, place->block), from,
                               n, out);
}
