/* Levels of segments by their size. */
#include "index/levels.h"

static unsigned level_of(uint64_t bytes)
{
    unsigned level = 0;
    for (; bytes > NS_LEVEL_LEAST; bytes /= NS_LEVEL_TIMES)
        level++;
    return level;
}

uint32_t ns__levels_from(const uint64_t *bytes, uint32_t count)
{
    uint32_t first = count;
    uint64_t merged = 0; /* of those from `first` on: one segment by now, if there are any */
    const unsigned highest = level_of(UINT64_MAX);
    for (unsigned level = 0; level <= highest; level++) {
        const unsigned own = level_of(merged);
        uint32_t from = first, alike = first < count && own == level;
        if (own > level)
            continue;
        for (; from > 0 && level_of(bytes[from - 1]) <= level; from--)
            alike += level_of(bytes[from - 1]) == level;
        if (alike < NS_LEVEL_ALIKE && first - from + (first < count) < NS_LEVEL_MIXED)
            continue;
        for (; first > from; first--)
            merged += bytes[first - 1];
    }
    return first;
}
