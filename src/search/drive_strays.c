/* The passages that strays hold (strays.h), which no list drives: all lists are asked about those
 * that bounds leave, when the bar is as high as the others made it. */
#include "search/drive.h"

#include "base/count.h"

/* Passages asked about at once: more share what they cost, fewer have closer bounds. */
enum { AT_ONCE = 128 };

/* Moves those of passages[0 .. count) that can reach the bar to drive->ids; returns how many. */
static uint32_t choose(ns__drive *drive, const uint32_t *passages, uint32_t count)
{
    const uint64_t *mask = drive->mask;
    const float bar = ns__drive_bar(drive);
    float totals[AT_ONCE];
    uint32_t kept = 0;
    ns__drive_totals_at(drive, passages, count, totals);
    for (uint32_t i = 0; i < count; i++) {
        drive->ids[kept] = passages[i];
        kept += totals[i] >= bar &&
                (mask == NULL || (mask[passages[i] / 64] >> (passages[i] % 64) & 1));
    }
    if (kept < count)
        NS_COUNT(STRAYS_BOUNDED);
    return kept;
}

void ns__drive_strays(ns__drive *drive, const ns__strays *strays)
{
    for (uint32_t l = 0; l < drive->count; l++)
        drive->lists[l].in_phrase = false;
    drive->phrase = UINT32_MAX; /* few passages come so far: their phrases are looked for at last */
    for (uint32_t from = 0; from < strays->count; from += AT_ONCE) {
        const uint32_t left = strays->count - from;
        if (ns__exec_failed(drive->run) || ns__exec_expired(drive->run))
            return;
        const uint32_t count =
            choose(drive, strays->passages + from, left < AT_ONCE ? left : AT_ONCE);
        if (count > 0)
            ns__drive_passages(drive, count);
    }
}
