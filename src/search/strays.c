/* Short lists beside longer ones of their word: see strays.h. */
#include "search/strays.h"

#include <stdlib.h>

enum { MOST_STRAYS = 2048 }; /* postings: of more, looking at them costs more than they spoil */

static uint32_t find_longest(const ns__lists *lists)
{
    uint32_t longest = 0;
    for (uint32_t c = 1; c < lists->count; c++)
        if (lists->cursors[c].list.df > lists->cursors[longest].list.df)
            longest = c;
    return longest;
}

static int ascending(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint64_t count_postings(const ns__exec *run, const ns__strays *strays)
{
    uint64_t postings = 0;
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        for (uint32_t c = 0; c < run->lists[g].count; c++)
            if (run->plan->groups[g].weight > 0 && ns__is_stray(strays, run, g, c))
                postings += run->lists[g].cursors[c].list.df;
    return postings;
}

static bool take_list(const ns__cursor *of, ns__strays *out)
{
    ns__cursor cursor = ns__cursor_copy(of);
    for (uint32_t block = 0; block < cursor.list.blocks; block++) {
        if (!ns__cursor_load(&cursor, block))
            return false;
        memcpy(out->passages + out->count, cursor.ids, cursor.count * sizeof *cursor.ids);
        out->count += cursor.count;
    }
    return true;
}

/* Of groups that add to scores: others are in no list that drives. */
static bool take_passages(const ns__exec *run, ns__strays *out)
{
    uint32_t kept = 0;
    for (uint32_t g = 0; g < run->plan->group_count; g++)
        for (uint32_t c = 0; run->plan->groups[g].weight > 0 && c < run->lists[g].count; c++)
            if (ns__is_stray(out, run, g, c) && !take_list(&run->lists[g].cursors[c], out))
                return false;
    qsort(out->passages, out->count, sizeof *out->passages, ascending);
    for (uint32_t i = 0; i < out->count; i++)
        if (kept == 0 || out->passages[kept - 1] != out->passages[i])
            out->passages[kept++] = out->passages[i];
    out->count = kept;
    return true;
}

bool ns__strays_find(ns__exec *run, ns__strays *out)
{
    ns__arena *arena = run->reader->arena;
    const uint32_t groups = run->plan->group_count;
    *out = (ns__strays){.longest = ns__arena_alloc(arena, (groups + 1) * sizeof *out->longest)};
    if (out->longest == NULL)
        return false;
    for (uint32_t g = 0; g < groups; g++)
        out->longest[g] = find_longest(&run->lists[g]);
    const uint64_t postings = count_postings(run, out);
    if (postings == 0 || postings > MOST_STRAYS)
        return true;
    out->passages = ns__arena_alloc(arena, postings * sizeof *out->passages);
    if (out->passages == NULL)
        return false;
    return take_passages(run, out);
}
