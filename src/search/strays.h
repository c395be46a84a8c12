/* Lists that hardly matter, and make all else slow.
 *
 * A word has a list for each language that gives it a term of its own. Mostly one of them is long,
 * and the others are of a few pages that are, or seem to be, in other languages. But a bound of a
 * word has to allow for each of its lists, wherever one of them has a posting near: blocks are read
 * for what they might have together. So short lists beside a longer one of their word, *strays*,
 * are left out, the passages that they hold are kept *apart*, and both are looked at in the end. */
#ifndef NS_SEARCH_STRAYS_H
#define NS_SEARCH_STRAYS_H

#include "search/exec.h"

typedef struct ns__strays {
    uint32_t *passages; /* kept apart: `count` of them, ascending, each once; in the arena */
    uint32_t count;
    uint32_t *longest; /* of each group: its list that is none, whatever the others are */
} ns__strays;

/* Finds them; count is 0 when there are none, or too many. False without memory. */
bool ns__strays_find(ns__exec *run, ns__strays *out);

/* Whether list `which` of a group is one beside the longest. */
static inline bool ns__is_stray(const ns__strays *strays, const ns__exec *run, uint32_t group,
                                uint32_t which)
{
    enum { SHARE = 8 }; /* of the longest */
    const ns__cursor *cursors = run->lists[group].cursors;
    const uint32_t longest = strays->longest[group];
    return which != longest && (uint64_t)cursors[which].list.df * SHARE <= cursors[longest].list.df;
}

/* Whether it is left out. */
static inline bool ns__strays_has(const ns__strays *strays, const ns__exec *run, uint32_t group,
                                  uint32_t which)
{
    return strays->count > 0 && ns__is_stray(strays, run, group, which);
}

/* The place of the first that is not below a passage; count for none. */
static inline uint32_t ns__strays_from(const ns__strays *strays, uint32_t passage)
{
    return ns__lower_bound(strays->passages, 0, strays->count, passage);
}

static inline bool ns__strays_hold(const ns__strays *strays, uint32_t passage)
{
    const uint32_t at = ns__strays_from(strays, passage);
    return at < strays->count && strays->passages[at] == passage;
}

#endif
