/* A table of periods. The key of a period is ((year + 1) * 16 + month) * 32 + day, with 0 for what
 * a date does not say; so the order of keys is that of time, "2025" before "2025-01". */
#include "search/periods.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/mem.h"

enum { FIRST_SLOTS = 256, QUARTER_S = 900, DAY_S = 86400, PRECISION_DAY = 3 };

static const uint32_t UNKNOWN = UINT32_MAX;

ns_status ns__periods_open(const ns_facets_options *options, ns__periods *out, ns_error *err)
{
    *out = (ns__periods){.options = *options, .slot_count = FIRST_SLOTS};
    out->slots = ns__zalloc(FIRST_SLOTS, sizeof *out->slots);
    if (options->seconds_east)
        out->offsets = ns__zalloc(NS_OFFSETS, sizeof *out->offsets);
    if (out->slots == NULL || (options->seconds_east && out->offsets == NULL))
        return ns__no_memory(err);
    return NS_OK;
}

void ns__periods_release(ns__periods *periods)
{
    ns__free(periods->offsets);
    ns__free(periods->slots);
    *periods = (ns__periods){0};
}

static int64_t floor_of(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int32_t ask_zone(const ns_facets_options *of, int64_t second)
{
    int32_t seconds = of->seconds_east(of->seconds_east_context, second);
    return seconds > -DAY_S && seconds < DAY_S ? seconds : 0;
}

/* Seconds east of UTC at a moment: that of the quarter of an hour around it, where it does not
 * change. */
static int32_t offset_at(ns__periods *periods, int64_t second)
{
    if (periods->offsets == NULL)
        return 0;
    int64_t quarter = floor_of(second, QUARTER_S);
    ns__offset *kept = &periods->offsets[(uint64_t)quarter % NS_OFFSETS];
    if (!kept->known || kept->quarter != quarter) {
        const ns_facets_options *of = &periods->options;
        const int64_t start = quarter * QUARTER_S;
        *kept = (ns__offset){quarter, ask_zone(of, start), true, false};
        kept->changes = ask_zone(of, start + QUARTER_S - 1) != kept->seconds;
    }
    return kept->changes ? ask_zone(&periods->options, second) : kept->seconds;
}

/* Year, month and day of a day of 1970, by the algorithm of H. Hinnant ("chrono-compatible
 * low-level date algorithms"). */
static void civil_of(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    days += 719468;
    int64_t era = floor_of(days, 146097), in_era = days - era * 146097;
    int64_t year_of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t in_year = in_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * in_year + 2) / 153;
    *day = (unsigned)(in_year - (153 * shifted + 2) / 5 + 1);
    *month = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static uint32_t key_of(ns__periods *periods, const ns__stamp *date)
{
    enum { LEAST_YEAR = -1, MOST_YEAR = 99999, PRECISION_MONTH = 2 };
    const int64_t farthest = INT64_C(1) << 45; /* a million years: sums do not overflow */
    if (date->unix_s < -farthest || date->unix_s > farthest || date->precision == 0)
        return UNKNOWN;
    int64_t seconds = date->unix_s, year;
    unsigned month, day;
    if (date->precision > PRECISION_DAY)
        seconds += offset_at(periods, seconds);
    civil_of(floor_of(seconds, DAY_S), &year, &month, &day);
    if (year < LEAST_YEAR || year > MOST_YEAR)
        return UNKNOWN; /* of damaged bytes */
    if (periods->options.by == NS_FACET_YEAR || date->precision < PRECISION_MONTH)
        month = 0;
    if (periods->options.by != NS_FACET_DAY || date->precision < PRECISION_DAY)
        day = 0;
    return ((uint32_t)(year + 1) * 16 + month) * 32 + day;
}

static size_t slot_of(const ns__period *slots, size_t count, uint32_t key)
{
    size_t slot = (key * UINT32_C(0x9e3779b1)) & (count - 1);
    while (slots[slot].articles != 0 && slots[slot].key != key)
        slot = (slot + 1) & (count - 1);
    return slot;
}

static bool grow(ns__periods *periods)
{
    size_t count = 2 * periods->slot_count;
    ns__period *slots = ns__zalloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t s = 0; s < periods->slot_count; s++)
        if (periods->slots[s].articles != 0)
            slots[slot_of(slots, count, periods->slots[s].key)] = periods->slots[s];
    ns__free(periods->slots);
    periods->slots = slots;
    periods->slot_count = count;
    return true;
}

ns_status ns__periods_add(ns__periods *periods, const ns__stamp *date, ns_error *err)
{
    uint32_t key = key_of(periods, date);
    ns__period *last = &periods->slots[periods->last];
    if (last->articles != 0 && last->key == key) {
        last->articles++;
        return NS_OK;
    }
    if (2 * (periods->count + 1) > periods->slot_count && !grow(periods))
        return ns__no_memory(err);
    periods->last = slot_of(periods->slots, periods->slot_count, key);
    ns__period *period = &periods->slots[periods->last];
    period->key = key;
    periods->count += period->articles++ == 0;
    return NS_OK;
}

static int by_key(const void *x, const void *y)
{
    const ns__period *a = x, *b = y;
    return a->key < b->key ? -1 : a->key > b->key;
}

void ns__periods_sort(ns__periods *periods)
{
    size_t kept = 0;
    for (size_t s = 0; s < periods->slot_count; s++)
        if (periods->slots[s].articles != 0)
            periods->slots[kept++] = periods->slots[s];
    if (kept > 1)
        qsort(periods->slots, kept, sizeof *periods->slots, by_key);
}

size_t ns__period_name(uint32_t key, char name[32])
{
    int year = (int)(key / 512) - 1, month = (int)(key / 32 % 16), day = (int)(key % 32);
    *name = 0;
    if (key == UNKNOWN)
        return 0;
    int length = snprintf(name, 32, "%04d", year);
    if (month > 0)
        length += snprintf(name + length, 32 - (size_t)length, "-%02d", month);
    if (day > 0)
        length += snprintf(name + length, 32 - (size_t)length, "-%02d", day);
    return (size_t)length;
}
