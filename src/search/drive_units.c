/* Queries whose + and - hold of whole articles, where those that match are found first (units.h).
 * Of few of them each passage is asked about, a block at a time, and no list drives; of more a mask
 * tells which passages of a driving list matter. */
#include "search/drive.h"

#include "base/count.h"
#include "search/chunk.h"
#include "search/units.h"

/* Passages asked about at once: more share what they cost, fewer have closer bounds. */
enum { AT_ONCE = 128 };

/* Bits of the passages of units. */
static const uint64_t *make_mask(ns__exec *run, const ns__units *units)
{
    const size_t words = (size_t)run->segment->articles.passages / 64 + 1;
    uint64_t *mask = ns__arena_alloc(run->reader->arena, words * sizeof *mask);
    if (mask == NULL) {
        run->reader->status = ns__no_memory(run->reader->err);
        return NULL;
    }
    memset(mask, 0, words * sizeof *mask);
    for (uint32_t i = 0; i < units->count; i++)
        for (uint32_t p = units->first[i]; p < units->end[i]; p++)
            mask[p / 64] |= UINT64_C(1) << (p % 64);
    return mask;
}

/* Whether so few are left that each passage is asked about: else lists drive as they do otherwise,
 * and the mask tells what to drop. With fewer articles than are wanted no bound would drop any. */
static bool are_few(const ns__exec *run, const ns__units *units)
{
    enum { FEW = 256 }; /* parts of all passages: measured */
    const uint32_t few = run->segment->articles.passages / FEW;
    uint64_t passages = 0;
    for (uint32_t i = 0; i < units->count && passages <= few; i++)
        passages += units->end[i] - units->first[i];
    return passages <= few;
}

static void ask_each(ns__drive *drive, const ns__units *units)
{
    ns__units_walk walk = {units, 0, 0};
    for (uint32_t count; (count = ns__units_take(&walk, drive->ids, AT_ONCE)) > 0;) {
        if (ns__exec_failed(drive->run) || ns__exec_expired(drive->run))
            return;
        ns__drive_passages(drive, count);
    }
}

/* The best passages of the units. */
void ns__units_score(ns__exec *run, const ns__units *units)
{
    if (units->count == 0)
        return;
    if (are_few(run, units) || units->count <= run->top->limit) {
        ns__drive drive;
        NS_COUNT(UNITS_FEW);
        if (ns__drive_open(&drive, run, units->settled, NULL))
            ask_each(&drive, units);
        return;
    }
    NS_COUNT(UNITS_MASK);
    const uint64_t *mask = make_mask(run, units);
    if (mask != NULL)
        ns__drive_search(run, units->settled, mask);
}

/* Scores and counts few units where lists cannot drive. */
static void report_each(ns__exec *run, const ns__units *units)
{
    ns__chunk chunk = {0};
    NS_COUNT(UNITS_CHUNKS);
    for (uint32_t i = 0; i < units->count && !ns__exec_failed(run); i++) {
        const uint32_t article = ns__article_of(&run->segment->articles, units->first[i]);
        if (ns__exec_expired(run) || !ns__chunk_gather(run, &chunk, article, article + 1, true))
            return;
        ns__chunk_match(run, &chunk);
        ns__chunk_report(run, &chunk, true);
    }
}

static void count_units(ns__exec *run, const ns__units *units, bool few)
{
    if (few && units->settled)
        ns__units_count(run, units);
    else if (ns__tally_can(run))
        ns__search_tally(run, false);
    else
        ns__search_conjunction(run);
}

bool ns__search_units(ns__exec *run)
{
    const bool score = run->top->limit > 0, drives = ns__drive_can(run);
    ns__units units;
    if (!ns__units_find(run, &units) || units.count == 0)
        return true;
    const bool few = are_few(run, &units);
    if (score && !drives) {
        if (few)
            report_each(run, &units);
        return few;
    }
    if (score)
        ns__units_score(run, &units);
    if (!ns__exec_failed(run) && ns__exec_counts(run))
        count_units(run, &units, few);
    return true;
}
