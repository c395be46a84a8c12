/* Decoding and sorting of a reordering's lists: see reorder_sort.h. */
#include "index/reorder_sort.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/sort.h"

enum { ARENA_BYTES = 1 << 20 };

/* ---- Columns ---- */

static bool make_room(ns__columns *all, size_t postings, size_t positions)
{
    return NS_RESERVE(all->ids, all->id_capacity, all->count + postings) == NS_OK &&
           NS_RESERVE(all->tfs, all->tf_capacity, all->count + postings) == NS_OK &&
           NS_RESERVE(all->title_tfs, all->title_capacity, all->count + postings) == NS_OK &&
           NS_RESERVE(all->positions, all->position_capacity,
                      all->position_count + positions + NS_UNPACK_ROUND) == NS_OK;
}

void ns__columns_release(ns__columns *all)
{
    ns__free(all->ids);
    ns__free(all->tfs);
    ns__free(all->title_tfs);
    ns__free(all->positions);
    *all = (ns__columns){0};
}

void ns__sorter_release(ns__sorter *work)
{
    ns__arena_release(&work->arena);
    ns__free(work->keys);
    ns__free(work->other_keys);
    ns__columns_release(&work->raw);
}

/* ---- Decoding ---- */

/* Appends the positions of the whole block, each posting's ascending. */
static bool read_positions(ns__sorter *work)
{
    const ns__pos_block *block = &work->block;
    const uint32_t total = block->starts[block->count];
    ns__columns *raw = &work->raw;
    if (!make_room(raw, block->count, total))
        return false;
    uint32_t *out = raw->positions + raw->position_count;
    if (total > 0 && block->direct) {
        memcpy(out, block->direct, total * sizeof *out);
        return true;
    }
    if (total > 0)
        ns__values_get(work->kernels, &block->values, 0, total, out);
    for (uint32_t i = 0; i < block->count; i++)
        for (uint32_t p = block->starts[i] + 1; p < block->starts[i + 1]; p++)
            out[p] += out[p - 1];
    return true;
}

/* Keeps the postings of a block whose new ids are wanted. */
static uint32_t keep_wanted(ns__sorter *work, const ns__merge_source *source,
                            const ns__id_range *wanted)
{
    const ns__pos_block *block = &work->block;
    ns__columns *raw = &work->raw;
    const size_t before = raw->count, base = raw->position_count;
    for (uint32_t i = 0; i < block->count; i++) {
        const uint32_t id = source->passages[work->ids[i]];
        if (id == NS_MERGE_GONE || id < wanted->first || id >= wanted->end)
            continue;
        const uint32_t start = block->starts[i], count = block->starts[i + 1] - start;
        work->keys[raw->count] = (uint64_t)id << 32 | raw->count;
        raw->ids[raw->count] = (uint32_t)raw->position_count;
        raw->tfs[raw->count] = work->tfs[i];
        raw->title_tfs[raw->count++] = block->title_tfs[i];
        if (raw->position_count != base + start)
            memmove(raw->positions + raw->position_count, raw->positions + base + start,
                    count * sizeof *raw->positions);
        raw->position_count += count;
    }
    return (uint32_t)(raw->count - before);
}

ns_status ns__sorter_decode(ns__sorter *work, const ns__walked *from, const ns__id_range *wanted,
                            uint32_t *live, ns_error *err)
{
    const ns__merge_source *source = &work->job->sources[from->source];
    ns__columns *raw = &work->raw;
    ns__plist list;
    *live = 0;
    NS_TRY(ns__plist_open(&source->segment->postings, from->term.value, &work->arena, &list, err));
    for (uint32_t b = 0; b < list.blocks; b++) {
        ns__block_place place;
        NS_TRY(ns__plist_ids(&list, work->kernels, b, work->ids, &place, err));
        NS_TRY(ns__plist_tfs(&list, work->kernels, &place, work->tfs, err));
        NS_TRY(ns__plist_positions_open(&list, work->kernels, b, work->tfs, &work->block, err));
        if (!read_positions(work) ||
            NS_RESERVE(work->keys, work->key_capacity, raw->count + work->block.count) < 0)
            return ns__no_memory(err);
        *live += keep_wanted(work, source, wanted);
        if (raw->count * NS__SORT_POSTING_BYTES + raw->position_count * NS__SORT_POSITION_BYTES >
            wanted->most_bytes)
            return NS_DONE;
    }
    if (work->arena.total > ARENA_BYTES)
        ns__arena_release(&work->arena);
    return NS_OK;
}

/* ---- Sorting ---- */

ns_status ns__sorter_append(ns__sorter *work, ns__columns *out, ns_error *err)
{
    const ns__columns *raw = &work->raw;
    const size_t count = raw->count;
    uint64_t *keys = work->keys;
    if (!make_room(out, count, raw->position_count) ||
        NS_RESERVE(work->other_keys, work->other_capacity, count) < 0)
        return ns__no_memory(err);
    keys = ns__sort_keys(keys, work->other_keys, count, 32,
                         32 + ns__bits32(work->job->output.ref.passages));
    for (size_t i = 0; i < count; i++) {
        const size_t from = (uint32_t)keys[i], next = from + 1;
        const size_t start = raw->ids[from];
        const size_t end = next < count ? raw->ids[next] : raw->position_count;
        out->ids[out->count] = (uint32_t)(keys[i] >> 32);
        out->tfs[out->count] = raw->tfs[from];
        out->title_tfs[out->count++] = raw->title_tfs[from];
        if (end > start)
            memcpy(out->positions + out->position_count, raw->positions + start,
                   (end - start) * sizeof *out->positions);
        out->position_count += end - start;
    }
    return NS_OK;
}
