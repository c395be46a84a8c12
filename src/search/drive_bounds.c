/* What lists can add to the passages of a range, from the bounds of their blocks.
 *
 * Lists of one word, mates, are bounded together. Where each gives a share x = tf / (tf + K) of the
 * word's factor, odds x / (1 - x) = tf / K of them add up as their tfs do: a passage in two lists
 * of share .8 has .89 of the factor, not 1.6. That matters as the lists of a word hardly ever share
 * a passage, but no bound can know that. */
#include "search/drive.h"

/* What rounding may do to shares and odds, and more. */
#define MARGIN (1 + 0x1p-18f)

static float odds_of(float share)
{
    return share < 1 ? share / (1 - share) : INFINITY; /* K may be 0 */
}

/* Of a part of a factor, which may be 0. */
static float odds_of_part(float part, float factor)
{
    return part > 0 ? odds_of(part / factor) : 0;
}

static float share_of(float odds)
{
    return odds < INFINITY ? odds / (1 + odds) * MARGIN : 1;
}

/* The end of the lists of one word that begin at `from`. */
static uint32_t word_end(const ns__drive *drive, uint32_t from)
{
    while (!drive->lists[from].last)
        from++;
    return from + 1;
}

/* The most that a list adds to passages first..last; below 0 when it holds none of them. */
static float bound_of(ns__drive_list *list, uint32_t first, uint32_t last)
{
    ns__cursor *cursor = &list->cursor;
    const ns__plist *of = &cursor->list;
    if (of->decoded) {
        uint32_t at = ns__lower_bound(of->ids, 0, of->df, first);
        return at < of->df && of->ids[at] <= last ? cursor->bounds[0] * list->factor : -1.0f;
    }
    uint32_t block = list->peeked;
    if (of->last[block] < first || (block > 0 && of->last[block - 1] >= first)) {
        block = ns__cursor_find(cursor, first, block);
        if (block == of->blocks)
            return -1.0f;
        list->peeked = block;
    }
    if (block > 0 && of->last[block - 1] + 1 > last)
        return -1.0f;
    int32_t most = 0;
    for (;; block++) {
        most = list->tops[block] > most ? list->tops[block] : most;
        if (of->last[block] >= last || block + 1 == of->blocks)
            return ns__drive_float(most) * list->factor;
    }
}

float ns__drive_left(const ns__drive *drive)
{
    float left = 0, odds = 0;
    for (uint32_t l = 0; l < drive->count; l++) {
        const ns__drive_list *list = &drive->lists[l];
        odds += list->driven ? 0 : odds_of_part(list->most, list->factor);
        if (!list->last)
            continue;
        left += list->factor * share_of(odds);
        odds = 0;
    }
    return left;
}

/* ---- Blocks of the driver ---- */

/* Adds a word of one list, which does not drive. */
static void add_list(ns__drive *drive, ns__drive_list *list)
{
    const ns__cursor *cursor = &drive->lists[drive->driver].cursor;
    float *totals = drive->totals;
    for (uint32_t b = 0; b < cursor->list.blocks; b++) {
        float more = bound_of(list, ns__block_first(cursor, b), ns__plist_last(&cursor->list, b));
        if (more < 0 && list->required)
            totals[b] = 0;
        else if (more > 0 && totals[b] > 0)
            totals[b] += more;
    }
}

/* Adds a word of the lists [from, to), of which one may drive. */
static void add_word(ns__drive *drive, uint32_t from, uint32_t to)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const ns__cursor *cursor = &driver->cursor;
    const uint32_t blocks = cursor->list.blocks;
    const float factor = drive->lists[from].factor;
    const bool drives = driver >= &drive->lists[from] && driver < &drive->lists[to];
    float *totals = drive->totals, *odds = drive->odds;
    for (uint32_t b = 0; b < blocks; b++)
        odds[b] = drives ? odds_of(ns__drive_float(driver->tops[b])) : 0;
    for (uint32_t l = from; l < to; l++)
        for (uint32_t b = 0; ns__drive_asks(drive, l) && b < blocks; b++) {
            float more = bound_of(&drive->lists[l], ns__block_first(cursor, b),
                                  ns__plist_last(&cursor->list, b));
            odds[b] += odds_of_part(more, factor);
        }
    for (uint32_t b = 0; b < blocks; b++)
        totals[b] +=
            factor * share_of(odds[b]) - (drives ? ns__drive_float(driver->tops[b]) * factor : 0);
}

float ns__drive_totals(ns__drive *drive)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    const uint32_t blocks = driver->cursor.list.blocks;
    float largest = 0;
    for (uint32_t b = 0; b < blocks; b++)
        drive->totals[b] = ns__drive_float(driver->tops[b]) * driver->factor;
    for (uint32_t l = 0, end; l < drive->count; l = end) {
        end = word_end(drive, l);
        if (end - l > 1)
            add_word(drive, l, end);
        else if (ns__drive_asks(drive, l))
            add_list(drive, &drive->lists[l]);
    }
    for (uint32_t b = 0; b < blocks; b++)
        largest = drive->totals[b] > largest ? drive->totals[b] : largest;
    return largest;
}

/* ---- Single passages ---- */

/* Adds a word of the lists [from, to) to what each of the passages can have. */
static void add_word_at(ns__drive *drive, uint32_t from, uint32_t to, const uint32_t *passages,
                        uint32_t count, float *totals)
{
    const float factor = drive->lists[from].factor;
    float odds[NS_BLOCK_MAX];
    if (to - from == 1) {
        for (uint32_t i = 0; i < count; i++) {
            const float more = bound_of(&drive->lists[from], passages[i], passages[i]);
            totals[i] += more > 0 ? more : 0;
        }
        return;
    }
    memset(odds, 0, count * sizeof *odds);
    for (uint32_t l = from; l < to; l++)
        for (uint32_t i = 0; i < count; i++)
            odds[i] += odds_of_part(bound_of(&drive->lists[l], passages[i], passages[i]), factor);
    for (uint32_t i = 0; i < count; i++)
        totals[i] += factor * share_of(odds[i]);
}

void ns__drive_totals_at(ns__drive *drive, const uint32_t *passages, uint32_t count, float *totals)
{
    memset(totals, 0, count * sizeof *totals);
    for (uint32_t l = 0, end; l < drive->count; l = end) {
        end = word_end(drive, l);
        add_word_at(drive, l, end, passages, count, totals);
    }
}

/* ---- One block ---- */

/* What the lists [from, to) of a word add that does not drive, each with its mates behind it; below
 * 0 when none holds a passage. */
static float find_word(ns__drive *drive, uint32_t from, uint32_t to, uint32_t first, uint32_t last)
{
    const float factor = drive->lists[from].factor;
    float odds = 0, more = 0, together = -1.0f;
    for (uint32_t l = to; l-- > from;) {
        ns__drive_list *list = &drive->lists[l];
        if (!ns__drive_asks(drive, l))
            continue;
        float here = bound_of(list, first, last);
        list->more = more < factor ? more : factor;
        if (here >= 0) {
            odds += odds_of_part(here, factor);
            more += here;
            together = to - from == 1 ? here : factor * share_of(odds);
        }
        list->here = together > 0 ? together : 0;
    }
    return together;
}

/* What the driver's part must be so that its mates, whose odds are given, can bring it to `reach`;
 * *mates gets what they add at most to such a part. */
static float least_part(float reach, float factor, float odds, float *mates)
{
    const float share = factor > 0 ? reach / factor : 1;
    float need = reach;
    *mates = 0;
    if (odds == 0)
        return reach;
    if (share < 1) {
        const float own = share > 0 ? odds_of(share) - odds : 0;
        if (!(own > 0)) { /* mates alone will do */
            *mates = factor * share_of(odds);
            return reach < 0 ? reach : 0;
        }
        need = factor * (own / (1 + own)) / MARGIN;
    } else {
        need = reach / MARGIN; /* together they stay below the factor, but for rounding */
    }
    *mates = reach - need;
    return need;
}

/* The odds of the driver's mates over a range. */
static float mates_of(ns__drive *drive, uint32_t first, uint32_t last)
{
    const ns__drive_list *driver = &drive->lists[drive->driver];
    float odds = 0;
    for (uint32_t l = 0; l < drive->count; l++) {
        ns__drive_list *list = &drive->lists[l];
        if (list->group != driver->group || !ns__drive_asks(drive, l))
            continue;
        float here = bound_of(list, first, last);
        odds += odds_of_part(here, driver->factor);
    }
    return odds;
}

bool ns__drive_needs(ns__drive *drive, uint32_t first, uint32_t last, float *need)
{
    const bool driven = drive->driver != NS_DRIVE_NONE;
    const uint32_t driving = driven ? drive->lists[drive->driver].group : UINT32_MAX;
    float others = 0;
    for (uint32_t l = 0, end; l < drive->count; l = end) {
        end = word_end(drive, l);
        if (drive->lists[l].group == driving)
            continue;
        float here = find_word(drive, l, end, first, last);
        if (here < 0 && drive->lists[l].of_required)
            return false;
        others += here > 0 ? here : 0;
    }
    const float reach = ns__drive_bar(drive) - others;
    float after = 0, mates = 0;
    *need = reach;
    if (driven)
        *need = least_part(reach, drive->lists[drive->driver].factor, mates_of(drive, first, last),
                           &mates);
    for (uint32_t l = drive->count, from; l > 0; l = from) {
        from = l - 1;
        while (from > 0 && !drive->lists[from - 1].last)
            from--;
        const bool drives = drive->lists[from].group == driving;
        float here = 0;
        for (uint32_t m = l; m-- > from;) {
            ns__drive_list *list = &drive->lists[m];
            if (!ns__drive_asks(drive, m))
                continue;
            list->after = after;
            if (drives) {
                list->more = here; /* the last one asked leaves nothing */
                list->here = mates;
                here = mates;
            } else if (list->here > here) {
                here = list->here;
            }
        }
        after += here;
    }
    return true;
}
