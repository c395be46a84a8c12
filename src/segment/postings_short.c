/* Lists without blocks: one posting inside the dictionary's value, and short records.
 *
 * A short record is a byte of forms, two bits for each of four lists (gaps of ids, tfs, headline
 * tfs, positions), the first id, and those lists, each in the smaller of two forms. */
#include "segment/postings_parts.h"

typedef enum list_form {
    FORM_ZEROS = 0,   /* all values are 0: nothing is stored */
    FORM_VARINTS = 1, /* one varint each */
    FORM_PACKED = 2   /* ns__values_encode */
} list_form;

enum { GAPS_SHIFT = 0, TFS_SHIFT = 2, TITLES_SHIFT = 4, POSITIONS_SHIFT = 6, FORM_BITS = 3 };

/* ---- Writing ---- */

static list_form put_varints(const uint32_t *values, size_t count, ns__buf *out)
{
    for (size_t i = 0; i < count; i++)
        ns__buf_varint(out, values[i]);
    return FORM_VARINTS;
}

/* Appends the list in its smallest form and returns the form. */
static list_form put_list(const uint32_t *values, size_t count, ns__buf *out)
{
    enum { LEAST_PATCHED = 5 }; /* with exceptions: three bytes of head, an index, high bits */
    uint32_t any = 0;
    size_t varints = count;
    for (size_t i = 0; i < count; i++) {
        any |= values[i];
        varints += (size_t)(values[i] >> 7 != 0) + (values[i] >> 14 != 0) + (values[i] >> 21 != 0) +
                   (values[i] >> 28 != 0);
    }
    if (any == 0)
        return FORM_ZEROS;
    if (varints <= LEAST_PATCHED && varints <= 1 + ns__packed_bytes(count, ns__bits32(any)))
        return put_varints(values, count, out); /* most lists: nothing else is tried */
    const size_t start = out->length;
    ns__values_encode(values, count, out);
    if (out->failed || out->length - start < varints)
        return FORM_PACKED;
    out->length = start;
    return put_varints(values, count, out);
}

void ns__short_encode(const ns__posting_run *run, ns__buf *out)
{
    uint32_t scratch[NS_BLOCK_MAX];
    const size_t forms_at = out->length;
    ns__buf_u8(out, 0);
    ns__buf_varint(out, run->ids[0]);
    for (uint32_t i = 1; i < run->count; i++)
        scratch[i - 1] = run->ids[i] - run->ids[i - 1] - 1;
    unsigned forms = (unsigned)put_list(scratch, run->count - 1, out) << GAPS_SHIFT;
    for (uint32_t i = 0; i < run->count; i++)
        scratch[i] = run->tfs[i] - 1;
    forms |= (unsigned)put_list(scratch, run->count, out) << TFS_SHIFT;
    forms |= (unsigned)put_list(run->title_tfs, run->count, out) << TITLES_SHIFT;
    forms |= (unsigned)put_list(run->positions, run->position_count, out) << POSITIONS_SHIFT;
    if (!out->failed)
        out->data[forms_at] = (uint8_t)forms;
}

void ns__inline_encode(const ns__posting_run *run, uint32_t title_weight, ns__buf *value)
{
    uint32_t title_tf = run->title_tfs[0];
    uint64_t body_tf = run->tfs[0] - (uint64_t)title_weight * title_tf;
    ns__buf_varint(value, body_tf << 3 | (uint64_t)(title_tf != 0) << 2 | NS__LIST_INLINE);
    ns__buf_varint(value, run->ids[0]);
    if (title_tf != 0)
        ns__buf_varint(value, title_tf);
    for (size_t i = 0; i < run->position_count; i++)
        ns__buf_varint(value, run->positions[i]);
}

/* ---- Reading ---- */

static uint32_t *array_of(ns__arena *arena, size_t count)
{
    return ns__arena_alloc(arena, (count + NS_UNPACK_ROUND) * sizeof(uint32_t));
}

static bool reserve_postings(ns__plist *list, ns__arena *arena)
{
    list->ids = array_of(arena, list->df);
    list->tfs = array_of(arena, list->df);
    if (list->no_places)
        return list->ids && list->tfs;
    list->title_tfs = array_of(arena, list->df);
    list->position_starts = array_of(arena, (size_t)list->df + 1);
    return list->ids && list->tfs && list->title_tfs && list->position_starts;
}

/* Differences back to positions. False when they are not strictly ascending 32-bit numbers. */
static bool sum_positions(const ns__plist *list)
{
    bool good = true;
    for (uint32_t i = 0; i < list->df; i++)
        for (uint32_t p = list->position_starts[i] + 1; p < list->position_starts[i + 1]; p++) {
            uint32_t sum = list->positions[p - 1] + list->positions[p];
            good &= sum > list->positions[p - 1];
            list->positions[p] = sum;
        }
    return good;
}

const char *ns__inline_decode(ns__plist *list, uint64_t head, ns__cur *value, ns__arena *arena,
                              ns_status *status)
{
    *status = NS_ERR_CORRUPT;
    const uint64_t body_tf = head >> 3;
    uint32_t id = ns__cur_varint32(value);
    uint32_t title_tf = head >> 2 & 1 ? ns__cur_varint32(value) : 0;
    uint64_t tf = body_tf + (uint64_t)title_tf * list->owner->title_weight;
    if (value->bad || id >= list->owner->passages || tf == 0 || body_tf > ns__cur_left(value) ||
        tf > UINT32_MAX || (head >> 2 & 1) != (title_tf != 0))
        return "malformed inline posting";
    list->positions = list->no_places ? NULL : array_of(arena, (size_t)body_tf);
    if (!reserve_postings(list, arena) || !(list->positions || list->no_places)) {
        *status = NS_ERR_MEMORY;
        return NULL;
    }
    list->ids[0] = id;
    list->tfs[0] = (uint32_t)tf;
    if (list->no_places) {
        *status = NS_OK;
        return NULL;
    }
    list->title_tfs[0] = title_tf;
    list->position_starts[0] = 0;
    list->position_starts[1] = (uint32_t)body_tf;
    for (size_t i = 0; i < body_tf; i++)
        list->positions[i] = ns__cur_varint32(value);
    if (value->bad || value->at != value->end || !sum_positions(list))
        return "malformed positions of an inline posting";
    *status = NS_OK;
    return NULL;
}

/* `count` values in `form` into out, which has room for them. A packed list takes its bytes. */
static bool get_list(const ns__unpack_kernels *kernels, ns__cur *cur, unsigned form, size_t count,
                     uint32_t *out)
{
    ns__values values;
    size_t taken;
    switch (form) {
    case FORM_ZEROS:
        memset(out, 0, count * sizeof *out);
        return true;
    case FORM_VARINTS:
        for (size_t i = 0; i < count; i++)
            out[i] = ns__cur_varint32(cur);
        return !cur->bad;
    case FORM_PACKED:
        taken = count ? ns__values_open(cur->at, cur->end, count, &values) : 0;
        if (taken == 0)
            return false;
        ns__values_get(kernels, &values, 0, count, out);
        cur->at += taken;
        return true;
    default:
        return false;
    }
}

/* Where each posting's positions begin. False when a headline counts for more than its tf. */
static bool find_starts(const ns__plist *list, uint64_t *total)
{
    *total = 0;
    for (uint32_t i = 0; i < list->df; i++) {
        uint64_t title = (uint64_t)list->title_tfs[i] * list->owner->title_weight;
        if (title > list->tfs[i])
            return false;
        list->position_starts[i] = (uint32_t)*total;
        *total += list->tfs[i] - title;
        if (*total > UINT32_MAX)
            return false;
    }
    list->position_starts[list->df] = (uint32_t)*total;
    return true;
}

static bool get_ids(const ns__plist *list, ns__cur *cur, unsigned form)
{
    uint64_t id = ns__cur_varint32(cur);
    if (!get_list(list->owner->kernels, cur, form, list->df - 1, list->ids + 1))
        return false;
    list->ids[0] = (uint32_t)id;
    for (uint32_t i = 1; i < list->df; i++) {
        id += (uint64_t)list->ids[i] + 1;
        list->ids[i] = (uint32_t)id;
    }
    return id < list->owner->passages;
}

static bool get_tfs(const ns__plist *list, ns__cur *cur, unsigned form)
{
    if (!get_list(list->owner->kernels, cur, form, list->df, list->tfs))
        return false;
    bool good = true;
    for (uint32_t i = 0; i < list->df; i++)
        good &= ++list->tfs[i] != 0;
    return good;
}

const char *ns__short_decode(ns__plist *list, ns__cur *record, ns__arena *arena, ns_status *status)
{
    const ns__unpack_kernels *kernels = list->owner->kernels;
    *status = NS_ERR_MEMORY;
    if (!reserve_postings(list, arena))
        return NULL;
    *status = NS_ERR_CORRUPT;
    const unsigned forms = ns__cur_u8(record);
    uint64_t total;
    if (!get_ids(list, record, forms >> GAPS_SHIFT & FORM_BITS))
        return "malformed ids of a short list";
    if (!get_tfs(list, record, forms >> TFS_SHIFT & FORM_BITS))
        return "malformed frequencies of a short list";
    if (list->no_places) {
        *status = NS_OK;
        return NULL;
    }
    if (!get_list(kernels, record, forms >> TITLES_SHIFT & FORM_BITS, list->df, list->title_tfs) ||
        !find_starts(list, &total))
        return "malformed frequencies of a short list";
    /* Only the first position of a posting can be 0, any other value takes a bit at least. */
    if (total > list->df + 8 * (uint64_t)ns__cur_left(record))
        return "more positions than a short list can hold";
    list->positions = array_of(arena, (size_t)total);
    if (!list->positions) {
        *status = NS_ERR_MEMORY;
        return NULL;
    }
    if (!get_list(kernels, record, forms >> POSITIONS_SHIFT & FORM_BITS, (size_t)total,
                  list->positions) ||
        !sum_positions(list))
        return "malformed positions of a short list";
    *status = NS_OK;
    return NULL;
}
