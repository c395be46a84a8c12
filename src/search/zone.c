/* Dates without a time of day in the zone of a search. */
#include "search/zone.h"

enum { PRECISION_DAY = 3, MOST_MINUTES = 1440, DAY_S = 86400 };

static int64_t shifted(int64_t second, int64_t by)
{
    int64_t sum;
    if (__builtin_add_overflow(second, by, &sum))
        return by < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static bool is_shifted(const ns_search_options *options, const ns__stamp *date)
{
    return options->utc_offset != NULL && date->unix_s != INT64_MIN &&
           date->precision <= PRECISION_DAY;
}

int64_t ns__date_begins(const ns_search_options *options, const ns__stamp *date)
{
    if (!is_shifted(options, date))
        return date->unix_s;
    int32_t minutes = options->utc_offset(options->utc_offset_context, date->unix_s);
    if (minutes < -MOST_MINUTES || minutes > MOST_MINUTES)
        return date->unix_s;
    return shifted(date->unix_s, -(int64_t)minutes * 60);
}

int64_t ns__zone_begins(ns__zone *zone, const ns_search_options *options, const ns__stamp *date)
{
    if (!is_shifted(options, date))
        return date->unix_s;
    size_t slot = (uint64_t)(date->unix_s / DAY_S) % NS_ZONE_DAYS;
    if (!zone->days[slot].known || zone->days[slot].day != date->unix_s) {
        zone->days[slot].day = date->unix_s;
        zone->days[slot].begins = ns__date_begins(options, date);
        zone->days[slot].known = true;
    }
    return zone->days[slot].begins;
}

int64_t ns__zone_earliest(const ns_search_options *options, int64_t second)
{
    return options->utc_offset ? shifted(second, -NS_ZONE_REACH_S) : second;
}

int64_t ns__zone_latest(const ns_search_options *options, int64_t second)
{
    return options->utc_offset ? shifted(second, NS_ZONE_REACH_S) : second;
}
