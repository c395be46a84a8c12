/* Dates of articles, and their range in each window of passages.
 *
 * Section "date":
 *   i64 earliest known second, u64 unit, u32 kinds, u8 bits of a value, u8 bits of a kind, u16 0
 *   kinds   u32 each, ascending: precision | has offset << 8 | offset in minutes (i16) << 16
 *   the kind of each article, bit-packed
 *   the value of each article, bit-packed: (seconds - earliest) / unit; when that needs more than
 *   32 bits, 64 bits are written and the values are the seconds themselves
 * News dates are mostly whole days or minutes, so the unit is the greatest common divisor of the
 * distances. An unknown date has precision 0 and value 0.
 *
 * Section "dwin": i64 earliest, i64 latest for each window; INT64_MAX, INT64_MIN when none is
 * known. */
#include "segment/articles_parts.h"

#include <stdlib.h>

enum { WINDOW_BYTES = 16, RAW_WIDTH = 64, MAX_PRECISION = 5 };

static const uint32_t UNKNOWN_KIND = 0;

void ns__dates_add(ns__dates_writer *writer, ns__stamp stamp)
{
    uint32_t kind = UNKNOWN_KIND;
    if (stamp.precision == 0)
        stamp.unix_s = INT64_MIN;
    if (stamp.unix_s != INT64_MIN)
        kind = stamp.precision | (stamp.has_offset ? 1u << 8 : 0) |
               (uint32_t)(uint16_t)stamp.offset_minutes << 16;
    ns__buf_u64(&writer->seconds, (uint64_t)stamp.unix_s);
    ns__buf_u32(&writer->kinds, kind);
}

static int64_t seconds_at(const ns__dates_writer *writer, size_t article)
{
    return (int64_t)ns__get_u64(writer->seconds.data + 8 * article);
}

static int compare_u32(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return left < right ? -1 : left > right;
}

/* Sorts and removes repetitions; returns how many are left. */
static uint32_t distinct(uint32_t *values, size_t count)
{
    uint32_t kept = 0;
    qsort(values, count, sizeof *values, compare_u32);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || values[i] != values[i - 1])
            values[kept++] = values[i];
    return kept;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

typedef struct date_scale {
    int64_t earliest;
    uint64_t unit;
    unsigned width;
} date_scale;

static date_scale scale_of(const ns__dates_writer *writer, size_t count)
{
    int64_t earliest = INT64_MAX;
    uint64_t unit = 0, farthest = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t seconds = seconds_at(writer, i);
        if (seconds != INT64_MIN && seconds < earliest)
            earliest = seconds;
    }
    if (earliest == INT64_MAX)
        return (date_scale){0, 1, 0};
    for (size_t i = 0; i < count; i++) {
        int64_t seconds = seconds_at(writer, i);
        if (seconds == INT64_MIN)
            continue;
        uint64_t distance = (uint64_t)seconds - (uint64_t)earliest;
        if (unit != 1)
            unit = common_divisor(distance, unit);
        if (distance > farthest)
            farthest = distance;
    }
    if (unit == 0)
        unit = 1;
    unsigned width = ns__bits64(farthest / unit);
    return width <= 32 ? (date_scale){earliest, unit, width} : (date_scale){earliest, 1, RAW_WIDTH};
}

/* `kinds` and `numbers`: scratch for `count` values each. */
static void write_dates(const ns__dates_writer *writer, size_t count, uint32_t *kinds,
                        uint32_t *numbers, ns__buf *out)
{
    if (count > 0)
        memcpy(kinds, writer->kinds.data, 4 * count);
    uint32_t kind_count = distinct(kinds, count);
    unsigned kind_width = ns__ordinal_width(kind_count);
    date_scale scale = scale_of(writer, count);
    ns__buf_u64(out, (uint64_t)scale.earliest);
    ns__buf_u64(out, scale.unit);
    ns__buf_u32(out, kind_count);
    ns__buf_u8(out, (uint8_t)scale.width);
    ns__buf_u8(out, (uint8_t)kind_width);
    ns__buf_u16(out, 0);
    for (uint32_t k = 0; k < kind_count; k++)
        ns__buf_u32(out, kinds[k]);
    for (size_t i = 0; i < count; i++) {
        uint32_t kind = ns__get_u32(writer->kinds.data + 4 * i);
        const uint32_t *found = bsearch(&kind, kinds, kind_count, sizeof *kinds, compare_u32);
        numbers[i] = (uint32_t)(found - kinds);
    }
    ns__append_packed(out, numbers, count, kind_width);
    for (size_t i = 0; i < count; i++) {
        int64_t seconds = seconds_at(writer, i);
        uint64_t distance = seconds == INT64_MIN ? 0 : (uint64_t)seconds - (uint64_t)scale.earliest;
        if (scale.width == RAW_WIDTH)
            ns__buf_u64(out, seconds == INT64_MIN ? 0 : (uint64_t)seconds);
        else
            numbers[i] = (uint32_t)(distance / scale.unit);
    }
    if (scale.width != RAW_WIDTH)
        ns__append_packed(out, numbers, count, scale.width);
}

ns_status ns__dates_finish(ns__dates_writer *writer, ns__buf *out, ns_error *err)
{
    size_t count = writer->kinds.length / 4;
    uint32_t *kinds = ns__alloc(count, sizeof *kinds);
    uint32_t *numbers = ns__alloc(count, sizeof *numbers);
    if (kinds != NULL && numbers != NULL)
        write_dates(writer, count, kinds, numbers, out);
    bool failed = kinds == NULL || numbers == NULL || out->failed;
    ns__free(kinds);
    ns__free(numbers);
    return failed ? ns__no_memory(err) : NS_OK;
}

void ns__date_windows(const ns__dates_writer *writer, const uint8_t *first, uint32_t count,
                      uint32_t window_passages, ns__buf *out)
{
    uint32_t passages = count ? ns__get_u32(first + 4 * (size_t)count) : 0;
    size_t start = out->length;
    for (uint64_t p = 0; p < passages; p += window_passages) {
        ns__buf_u64(out, (uint64_t)INT64_MAX);
        ns__buf_u64(out, (uint64_t)INT64_MIN);
    }
    if (out->failed)
        return;
    for (uint32_t a = 0; a < count; a++) {
        int64_t seconds = seconds_at(writer, a);
        if (seconds == INT64_MIN)
            continue;
        uint32_t from = ns__get_u32(first + 4 * (size_t)a) / window_passages;
        uint32_t to = (ns__get_u32(first + 4 * ((size_t)a + 1)) - 1) / window_passages;
        for (uint32_t w = from; w <= to; w++) {
            uint8_t *range = out->data + start + WINDOW_BYTES * (size_t)w;
            if (seconds < (int64_t)ns__get_u64(range))
                ns__put_u64(range, (uint64_t)seconds);
            if (seconds > (int64_t)ns__get_u64(range + 8))
                ns__put_u64(range + 8, (uint64_t)seconds);
        }
    }
}

void ns__dates_release(ns__dates_writer *writer)
{
    ns__buf_release(&writer->seconds);
    ns__buf_release(&writer->kinds);
}

/* ---- Reading ---- */

uint32_t ns__articles_windows(const ns__articles *articles)
{
    uint32_t window = articles->window_passages;
    return articles->passages / window + (articles->passages % window != 0);
}

ns_status ns__dates_open(ns__articles *articles, ns_error *err)
{
    ns__str section;
    NS_TRY(ns__frame_find(articles->frame, NS__ART_WINDOWS, &articles->date_windows, err));
    if (articles->date_windows.length != WINDOW_BYTES * (uint64_t)ns__articles_windows(articles))
        return ns__frame_corrupt(articles->frame, articles->date_windows.data, err,
                                 "there is not one range of dates for each window of passages");
    NS_TRY(ns__frame_find(articles->frame, NS__ART_DATES, &section, err));
    ns__cur cur = ns__cur_of(section.data, section.length);
    articles->dates.earliest = (int64_t)ns__cur_u64(&cur);
    articles->dates.unit = ns__cur_u64(&cur);
    articles->dates.kind_count = ns__cur_u32(&cur);
    articles->dates.value_width = ns__cur_u8(&cur);
    articles->dates.kind_width = ns__cur_u8(&cur);
    ns__cur_u16(&cur);
    unsigned width = articles->dates.value_width;
    if (cur.bad || (width > 32 && width != RAW_WIDTH) ||
        articles->dates.kind_width != ns__ordinal_width(articles->dates.kind_count) ||
        articles->dates.kind_count > articles->count)
        return ns__frame_corrupt(articles->frame, section.data, err,
                                 "the head of the dates is malformed");
    size_t count = articles->count;
    articles->dates.kinds = ns__cur_take(&cur, 4 * (size_t)articles->dates.kind_count);
    articles->dates.kind_of =
        ns__cur_take(&cur, ns__packed_bytes(count, articles->dates.kind_width));
    articles->dates.values = ns__cur_take(&cur, ns__packed_bytes(count, width));
    if (cur.bad || ns__cur_left(&cur) != 0)
        return ns__frame_corrupt(articles->frame, section.data, err,
                                 "there is not one date for each article");
    return NS_OK;
}

ns_status ns__article_date(const ns__articles *articles, uint32_t article, ns__stamp *out,
                           ns_error *err)
{
    if (article >= articles->count)
        return ns__fail(err, NS_ERR_ARGUMENT, "there is no article %u", article);
    uint32_t number = ns__packed_get(articles->dates.kind_of, article, articles->dates.kind_width);
    if (number >= articles->dates.kind_count)
        return ns__frame_corrupt(articles->frame, articles->dates.kind_of, err,
                                 "the date of an article is of a kind that is not there");
    uint32_t kind = ns__get_u32(articles->dates.kinds + 4 * (size_t)number);
    if (kind == UNKNOWN_KIND) {
        *out = (ns__stamp){.unix_s = INT64_MIN};
        return NS_OK;
    }
    if ((kind & 0xff) == 0 || (kind & 0xff) > MAX_PRECISION || (kind >> 8 & 0xff) > 1)
        return ns__frame_corrupt(articles->frame, articles->dates.kinds, err,
                                 "a kind of date is malformed");
    out->precision = (uint8_t)kind;
    out->has_offset = (kind >> 8 & 1) != 0;
    out->offset_minutes = (int16_t)(kind >> 16);
    uint64_t seconds;
    if (articles->dates.value_width == RAW_WIDTH)
        seconds = ns__get_u64(articles->dates.values + 8 * (size_t)article);
    else
        seconds = (uint64_t)articles->dates.earliest +
                  articles->dates.unit *
                      ns__packed_get(articles->dates.values, article, articles->dates.value_width);
    out->unix_s = (int64_t)seconds;
    if (out->unix_s == INT64_MIN)
        return ns__frame_corrupt(articles->frame, articles->dates.values, err,
                                 "a known date stands outside of all time");
    return NS_OK;
}

void ns__articles_window_dates(const ns__articles *articles, uint32_t window, int64_t *earliest,
                               int64_t *latest)
{
    const uint8_t *range = articles->date_windows.data + WINDOW_BYTES * (size_t)window;
    *earliest = (int64_t)ns__get_u64(range);
    *latest = (int64_t)ns__get_u64(range + 8);
}
