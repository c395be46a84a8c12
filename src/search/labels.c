/* Numbers for the distinct values of a column: a table of each segment's values, and one of all. */
#include "search/labels.h"

#include "base/error.h"
#include "os/random.h"

ns_status ns__labels_open(const ns_index *index, ns__column column, ns__labels *out, ns_error *err)
{
    *out = (ns__labels){.index = index, .column = column, .count = 1};
    out->numbers = ns__zalloc(index->manifest.segment_count + 1, sizeof *out->numbers);
    ns__random_key(&out->key);
    ns__buf_u64(&out->ends, 0);
    return out->numbers == NULL || out->ends.failed ? ns__no_memory(err) : NS_OK;
}

void ns__labels_release(ns__labels *labels)
{
    for (uint32_t s = 0; labels->numbers && s < labels->index->manifest.segment_count; s++)
        ns__free(labels->numbers[s]);
    ns__free(labels->numbers);
    ns__free(labels->slots);
    ns__buf_release(&labels->bytes);
    ns__buf_release(&labels->ends);
    *labels = (ns__labels){0};
}

ns__str ns__labels_text(const ns__labels *labels, uint32_t number)
{
    uint64_t end = ns__get_u64(labels->ends.data + 8 * (size_t)number);
    uint64_t start = number ? ns__get_u64(labels->ends.data + 8 * (size_t)number - 8) : 0;
    return (ns__str){labels->bytes.data + start, (size_t)(end - start)};
}

static uint64_t slot_of(const ns__labels *labels, ns__str text)
{
    uint64_t slot = ns__hash_keyed(text.data, text.length, &labels->key) & (labels->slot_count - 1);
    while (labels->slots[slot] != 0 &&
           !ns__str_equal(ns__labels_text(labels, labels->slots[slot]), text))
        slot = (slot + 1) & (labels->slot_count - 1);
    return slot;
}

static bool grow(ns__labels *labels)
{
    enum { FIRST_SLOTS = 64 };
    uint32_t *old = labels->slots;
    uint64_t count = labels->slot_count ? 2 * labels->slot_count : FIRST_SLOTS;
    uint32_t *slots = ns__zalloc(count, sizeof *slots);
    if (slots == NULL)
        return false;
    labels->slots = slots;
    labels->slot_count = count;
    for (uint32_t v = 1; v < labels->count; v++)
        slots[slot_of(labels, ns__labels_text(labels, v))] = v;
    ns__free(old);
    return true;
}

/* It is new when it was not met in another segment. */
ns_status ns__labels_meet(ns__labels *labels, ns__str text, uint32_t *number, ns_error *err)
{
    *number = 0;
    if (text.length == 0)
        return NS_OK;
    if (2 * (uint64_t)labels->count >= labels->slot_count && !grow(labels))
        return ns__no_memory(err);
    uint64_t slot = slot_of(labels, text);
    if (labels->slots[slot] == 0) {
        ns__buf_append(&labels->bytes, text.data, text.length);
        ns__buf_u64(&labels->ends, labels->bytes.length);
        if (labels->bytes.failed || labels->ends.failed)
            return ns__no_memory(err);
        labels->slots[slot] = labels->count++;
    }
    *number = labels->slots[slot];
    return NS_OK;
}

static ns_status meet(ns__labels *labels, const ns__articles *articles, uint32_t ordinal,
                      uint32_t *number, ns_error *err)
{
    const ns__strings *strings = &articles->columns[labels->column].values;
    ns__buf text = {0};
    ns_status status = NS_OK;
    if (!ns__strings_get(strings, ordinal, &text))
        status = text.failed ? ns__no_memory(err)
                             : ns__frame_corrupt(articles->frame, strings->data, err,
                                                 "a value of a column cannot be read");
    *number = 0;
    if (status == NS_OK)
        status = ns__labels_meet(labels, (ns__str){text.data, text.length}, number, err);
    ns__buf_release(&text);
    return status;
}

ns_status ns__labels_number(ns__labels *labels, uint32_t segment, uint32_t article,
                            uint32_t *number, ns_error *err)
{
    const ns__articles *articles = &labels->index->segments[segment].articles;
    const ns__strings *strings = &articles->columns[labels->column].values;
    const ns__str *ordinals = &articles->columns[labels->column].ordinals;
    *number = 0;
    if (strings->count == 0)
        return NS_OK; /* every article has "" */
    uint32_t **numbers = &labels->numbers[segment];
    if (*numbers == NULL)
        *numbers = ns__zalloc(strings->count, sizeof **numbers);
    if (*numbers == NULL)
        return ns__no_memory(err);
    uint32_t ordinal =
        ns__packed_get(ordinals->data, article, articles->columns[labels->column].width);
    if (ordinal >= strings->count)
        return ns__frame_corrupt(articles->frame, ordinals->data, err,
                                 "a value of a column cannot be read");
    if ((*numbers)[ordinal] == 0) {
        NS_TRY(meet(labels, articles, ordinal, number, err));
        (*numbers)[ordinal] = *number + 1;
    }
    *number = (*numbers)[ordinal] - 1;
    return NS_OK;
}
