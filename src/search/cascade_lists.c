/* What the lists of a word have of some articles: a list is gone through once, from front to back,
 * and of its blocks only what is asked for is read. */
#include "search/cascade_parts.h"

/* The postings that a block has of an article: they stand one behind the other. */
typedef struct stretch {
    uint32_t from, count;
    uint32_t best;  /* the posting of the best passage; NS_NOWHERE when it is not among them */
    uint64_t there; /* bits of the passages, as in ns__word_facts */
} stretch;

/* `count` bits from `at` on, at most 64; nine bytes from there are readable. */
static uint64_t bits_at(const uint8_t *bits, uint64_t at, uint64_t count)
{
    const unsigned shift = at % 8;
    if (count == 0)
        return 0;
    uint64_t word = ns__get_u64(bits + at / 8) >> shift;
    if (shift > 0)
        word |= (uint64_t)bits[at / 8 + 8] << (64 - shift);
    return word & UINT64_MAX >> (64 - count);
}

/* From a bit set. False when the block is none, or malformed. */
static bool stretch_of_bits(const ns__cursor *cursor, uint32_t block, const ns__ranked *entry,
                            ns__block_place *place, stretch *out)
{
    const ns__unpack_kernels *kernels = cursor->reader->kernels;
    ns__block_bits view;
    if (cursor->loaded == block ||
        !ns__plist_bits(&cursor->list, kernels, block, NULL, &view, place))
        return false;
    const uint64_t bits = (uint64_t)view.bytes * 8, start = view.first;
    uint64_t low = entry->first > start ? entry->first - start : 0, high = entry->end - start;
    uint64_t best = (uint64_t)entry->hit.passage - start; /* huge when it stands before */
    high = high < bits ? high : bits;
    low = low < high ? low : high;
    if (high - low > NS_CASCADE_BITS)
        return false;
    const uint64_t word = bits_at(view.bits, low, high - low);
    *out = (stretch){0, ns__count_ones(word), NS_NOWHERE, 0};
    if (word == 0)
        return true;
    out->from = (uint32_t)kernels->count_bits(view.bits, low);
    if (best < high && word >> (best - low) & 1)
        out->best = out->from + ns__count_ones(word & ((UINT64_C(1) << (best - low)) - 1));
    if (entry->end - entry->first <= NS_CASCADE_BITS)
        out->there = word << (start + low - entry->first);
    return out->from + out->count <= ns__plist_count(&cursor->list, block);
}

/* The first of the ids of a block at or behind `passage`: nothing waits for another, unlike in a
 * search by halves. */
static uint32_t first_from(const uint32_t *ids, uint32_t count, uint32_t passage)
{
    enum { GROUP = 16 };
    uint32_t before = 0, group = 0;
    for (uint32_t i = GROUP - 1; i < count; i += GROUP)
        group += ids[i] < passage;
    ids += group * GROUP;
    const uint32_t left = count - group * GROUP;
    if (left >= GROUP) /* mostly, and then the loop has no end to wait for */
        for (uint32_t i = 0; i < GROUP; i++)
            before += ids[i] < passage;
    else
        for (uint32_t i = 0; i < left; i++)
            before += ids[i] < passage;
    return group * GROUP + before;
}

/* The postings from `at` on of passages before the article's end; none stands before it. */
static stretch stretch_from(const uint32_t *ids, uint32_t at, uint32_t count,
                            const ns__ranked *entry)
{
    const uint32_t first = entry->first, end = entry->end, passage = entry->hit.passage;
    uint32_t best = NS_NOWHERE, stop = at;
    uint64_t there = 0;
    for (; stop < count && ids[stop] < end; stop++) {
        best = ids[stop] == passage ? stop : best;
        there |= UINT64_C(1) << (ids[stop] - first) % NS_CASCADE_BITS;
    }
    return (stretch){at, stop - at, best, there};
}

static stretch stretch_of_ids(const ns__cursor *cursor, const ns__ranked *entry)
{
    const uint32_t *ids = cursor->ids, count = cursor->count;
    return stretch_from(ids, first_from(ids, count, entry->first), count, entry);
}

static void add_tfs(const stretch *of, const uint32_t *tfs, ns__word_facts *facts)
{
    uint64_t sum = facts->tf;
    uint32_t least = facts->least;
    for (uint32_t i = 0; i < of->count; i++) {
        sum += tfs[i];
        least = tfs[i] < least ? tfs[i] : least;
    }
    facts->tf = sum;
    facts->least = least;
    if (of->best != NS_NOWHERE)
        facts->best += tfs[of->best - of->from];
}

/* Reads the tfs of a stretch. `place`: where those of the block stand, when it is not loaded. */
static bool read_tfs(ns__cursor *cursor, uint32_t block, const ns__block_place *place,
                     const stretch *of, ns__word_facts *facts)
{
    uint32_t tfs[NS_BLOCK_ROOM];
    const bool loaded = place == NULL;
    if (!(loaded && cursor->tfs_loaded) &&
        ns__plist_range_tfs(&cursor->list, cursor->reader->kernels, loaded ? &cursor->place : place,
                            of->from, of->count, tfs)) {
        add_tfs(of, tfs, facts);
        return true;
    }
    if (!ns__cursor_load(cursor, block) || !ns__cursor_load_tfs(cursor))
        return false;
    add_tfs(of, cursor->tfs + of->from, facts);
    return true;
}

/* Adds a stretch, whose tfs are added elsewhere. */
static void add_stretch(const stretch *of, uint32_t list, uint32_t block, ns__word_facts *facts)
{
    facts->there |= of->there;
    facts->passages += of->count;
    facts->blocks++;
    facts->list = list;
    facts->block = block;
    facts->from = of->from;
}

/* Adds what one block has of an article. False when it is damaged. */
static bool read_block(ns__cursor *cursor, uint32_t list, uint32_t block, const ns__ranked *entry,
                       ns__word_facts *facts)
{
    ns__block_place place;
    stretch of;
    bool bits = stretch_of_bits(cursor, block, entry, &place, &of);
    if (!bits && !ns__cursor_load(cursor, block))
        return false;
    if (!bits)
        of = stretch_of_ids(cursor, entry);
    if (of.count == 0)
        return true;
    add_stretch(&of, list, block, facts);
    return read_tfs(cursor, block, bits ? &place : NULL, &of, facts);
}

/* A list with fewer postings than there are articles: they are looked up among those. */
static void read_short_list(const ns__cursor *cursor, uint32_t list, ns__ranked *const *entries,
                            size_t count, ns__word_facts *facts)
{
    const ns__plist *of = &cursor->list;
    for (uint32_t at = 0; at < of->df;) {
        size_t low = 0, high = count; /* the first article that ends behind this passage */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (entries[middle]->end <= of->ids[at])
                low = middle + 1;
            else
                high = middle;
        }
        if (low == count)
            return;
        const ns__ranked *entry = entries[low];
        while (at < of->df && of->ids[at] < entry->first)
            at++;
        const stretch here = stretch_from(of->ids, at, of->df, entry);
        at += here.count;
        if (here.count == 0)
            continue;
        add_stretch(&here, list, 0, &facts[low]);
        add_tfs(&here, of->tfs + here.from, &facts[low]);
    }
}

/* The block in which to begin with each article. Their ids are fetched. */
static void find_blocks(const ns__cursor *cursor, ns__ranked *const *entries, size_t count,
                        uint32_t *blocks)
{
    uint32_t block = 0;
    for (size_t i = 0; i < count; i++) {
        block = ns__cursor_find(cursor, entries[i]->first, block);
        blocks[i] = block;
        if (block < cursor->list.blocks && cursor->list.ids == NULL)
            __builtin_prefetch(ns__plist_start(&cursor->list, block));
    }
}

static bool read_list(ns__cursor *cursor, uint32_t list, ns__ranked *const *entries, size_t count,
                      ns__word_facts *facts)
{
    uint32_t blocks[NS_CASCADE_BATCH];
    if (cursor->list.decoded && cursor->list.df < count) {
        read_short_list(cursor, list, entries, count, facts);
        return true;
    }
    find_blocks(cursor, entries, count, blocks);
    for (size_t i = 0; i < count; i++)
        for (uint32_t b = blocks[i];
             b < cursor->list.blocks && ns__block_first(cursor, b) < entries[i]->end; b++)
            if (!read_block(cursor, list, b, entries[i], &facts[i]))
                return false;
    return true;
}

/* What is known of the least tf: 0 where some passage has none; of several lists no more. */
static void settle_least(const ns__lists *lists, const ns__ranked *entry, ns__word_facts *facts)
{
    const uint32_t passages = entry->end - entry->first;
    bool all = lists->count > 0 && facts->passages >= passages;
    if (passages <= NS_CASCADE_BITS)
        all = facts->there == UINT64_MAX >> (64 - passages);
    if (!all)
        facts->least = 0;
    else if (lists->count > 1)
        facts->least = UINT32_MAX;
}

bool ns__ranker_read(ns__ranker *ranker, uint32_t word, ns__ranked *const *entries, size_t count,
                     ns__word_facts *facts)
{
    ns__exec *run = ranker->run;
    ns__lists *lists = &run->lists[ranker->words[word].group];
    for (size_t i = 0; i < count; i++)
        facts[i] = (ns__word_facts){.least = UINT32_MAX};
    for (uint32_t c = 0; c < lists->count; c++) {
        if (ns__exec_expired(run) || !read_list(&lists->cursors[c], c, entries, count, facts))
            return false;
        lists->cursors[c].id = lists->cursors[c].asked = NS_END; /* it stands anywhere */
    }
    for (size_t i = 0; i < count; i++)
        settle_least(lists, entries[i], &facts[i]);
    return true;
}
