/* One list in memory in place of the many of a group: a lone cluster stands for up to a thousand
 * bigrams, and asking each of their lists about each passage would cost far more than reading all
 * of them once.
 *
 * The passages are gone through in strips; the tfs of a strip's passages are summed in an array
 * that stays in the processor's cache. The list that comes out has its ids and tfs as arrays and is
 * cut in blocks like one on disk, so that bounds of blocks rule out as much. */
#include "base/bytes.h"
#include "search/exec.h"

enum { STRIP = 32 * 1024 };

typedef struct strip {
    uint32_t first, end;
    uint32_t *tfs;    /* of passages first .. end */
    uint64_t *marked; /* set of those with a posting */
} strip;

static bool open_strip(strip *at, ns__arena *arena)
{
    *at = (strip){.tfs = ns__arena_alloc(arena, STRIP * sizeof *at->tfs),
                  .marked = ns__arena_alloc(arena, STRIP / 8)};
    if (at->tfs == NULL || at->marked == NULL)
        return false;
    memset(at->tfs, 0, STRIP * sizeof *at->tfs);
    memset(at->marked, 0, STRIP / 8);
    return true;
}

/* Adds up what the lists have in a strip. */
static void read_strip(ns__lists *lists, const strip *at)
{
    for (uint32_t c = 0; c < lists->count; c++) {
        ns__span span;
        while (ns__cursor_span(&lists->cursors[c], at->end, true, &span))
            for (uint32_t i = 0; i < span.count; i++) {
                uint32_t p = span.ids[i] - at->first;
                at->tfs[p] += span.tfs[i];
                at->marked[p / 64] |= UINT64_C(1) << (p % 64);
            }
    }
}

/* Moves what the strip gathered to the end of the list and clears it. */
static void take_strip(ns__plist *list, const strip *at)
{
    for (uint32_t w = 0; w < STRIP / 64; w++) {
        for (uint64_t rest = at->marked[w]; rest != 0; rest &= rest - 1) {
            uint32_t p = w * 64 + (uint32_t)__builtin_ctzll(rest);
            list->ids[list->df] = at->first + p;
            list->tfs[list->df++] = at->tfs[p];
            at->tfs[p] = 0;
        }
        at->marked[w] = 0;
    }
}

/* The last passages of the blocks. */
static bool cut_blocks(ns__plist *list, uint32_t size, ns__arena *arena)
{
    list->block_postings = size;
    list->blocks = list->df / size + (list->df % size != 0);
    uint32_t *last = ns__arena_alloc(arena, list->blocks * sizeof *last);
    if (last == NULL)
        return false;
    for (uint32_t b = 0; b < list->blocks; b++)
        last[b] = list->ids[(size_t)b * size + ns__plist_count(list, b) - 1];
    list->last = last;
    return true;
}

/* Upper bounds of tf / (tf + K) of each block, the same for both halves. */
static bool find_bounds(const ns__exec *run, ns__cursor *cursor)
{
    const ns__plist *list = &cursor->list;
    const ns__lengths *lengths = &run->segment->postings.lengths;
    cursor->bounds = ns__arena_alloc(run->reader->arena, 2 * (size_t)list->blocks * sizeof(float));
    if (cursor->bounds == NULL)
        return false;
    for (uint32_t b = 0; b < list->blocks; b++) {
        size_t first = (size_t)b * list->block_postings;
        double most = 0;
        for (size_t i = first; i < first + ns__plist_count(list, b); i++) {
            double part = ns__bm25_part(&run->plan->bm25, 1, list->tfs[i],
                                        ns__length_of(lengths, list->ids[i]));
            most = part > most ? part : most;
        }
        float bound = (float)(most * (1 + 0x1p-22)); /* not below it */
        cursor->bounds[2 * (size_t)b] = cursor->bounds[2 * (size_t)b + 1] = bound;
    }
    return true;
}

/* Ids and tfs of all lists together, up to where the time was up. */
static ns_status add_up(ns__exec *run, ns__lists *lists, ns__plist *out)
{
    ns__reader *reader = run->reader;
    ns__arena *arena = reader->arena;
    const uint32_t passages = run->segment->articles.passages;
    const size_t room = (size_t)(lists->df < passages ? lists->df : passages);
    strip at;
    *out = (ns__plist){.owner = lists->cursors[0].list.owner,
                       .ids = ns__arena_alloc(arena, (room + NS_UNPACK_ROUND) * sizeof *out->ids),
                       .tfs = ns__arena_alloc(arena, room * sizeof *out->tfs)};
    if (!open_strip(&at, arena) || out->ids == NULL || out->tfs == NULL)
        return ns__no_memory(reader->err);
    for (uint32_t c = 0; c < lists->count; c++)
        ns__cursor_seek(&lists->cursors[c], 0);
    for (; at.first < passages && reader->status == NS_OK; at.first = at.end) {
        if (ns__exec_expired(run))
            break;
        at.end = passages - at.first > STRIP ? at.first + STRIP : passages;
        read_strip(lists, &at);
        take_strip(out, &at);
    }
    return reader->status;
}

ns_status ns__lists_merge(ns__exec *run, ns__lists *lists, bool bounds)
{
    ns__reader *reader = run->reader;
    ns__plist list;
    NS_TRY(add_up(run, lists, &list));
    if (list.df == 0) { /* the time was up at once: nothing will be read of it */
        lists->count = 0;
        lists->df = 0;
        return NS_OK;
    }
    ns__cursor *merged = ns__arena_alloc(reader->arena, sizeof *merged);
    if (merged == NULL || !cut_blocks(&list, run->segment->postings.block_postings, reader->arena))
        return ns__no_memory(reader->err);
    *merged = (ns__cursor){.reader = reader, .list = list, .ordinal = UINT32_MAX};
    *merged = ns__cursor_copy(merged);
    if (bounds && !find_bounds(run, merged))
        return ns__no_memory(reader->err);
    lists->cursors = merged;
    lists->count = 1;
    lists->df = list.df;
    return NS_OK;
}
