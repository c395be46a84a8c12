/* Levels of segments by their size. */
#include "index/levels.h"

static unsigned level_of(uint64_t bytes)
{
    unsigned level = 0;
    for (; bytes > NS_LEVEL_LEAST; bytes /= NS_LEVEL_TIMES)
        level++;
    return level;
}

/* Where those begin at the end of which ALIKE are of one level; `count` for nowhere. */
static uint32_t find_alike(const uint64_t *bytes, uint32_t count)
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
        if (alike < NS_LEVEL_ALIKE)
            continue;
        for (; first > from; first--)
            merged += bytes[first - 1];
    }
    return first;
}

/* Where those begin that take the fewest bytes to write for each segment that goes. */
static uint32_t find_cheapest(const uint64_t *bytes, uint32_t count)
{
    uint32_t best = count - 2;
    double sum = (double)bytes[count - 1], least = 0;
    for (uint32_t from = count - 1; from-- > 0;) {
        sum += (double)bytes[from];
        const double each = sum / (count - 1 - from);
        if (from == count - 2 || each < least) {
            best = from;
            least = each;
        }
    }
    return best;
}

uint32_t ns__levels_from(const uint64_t *bytes, uint32_t count)
{
    const uint32_t first = find_alike(bytes, count);
    return first == count && count >= NS_LEVEL_MOST ? find_cheapest(bytes, count) : first;
}
