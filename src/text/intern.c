/* Numbering distinct strings: see intern.h. */
#include "text/intern.h"

#include "base/hash.h"

enum { FIRST_SLOTS = 1024 }; /* a power of two, as all later numbers of slots */

static void put_slot(ns__intern *table, uint32_t hash, uint32_t number)
{
    const size_t mask = table->slot_count - 1;
    size_t at = hash & mask;
    while (table->slots[at] != 0)
        at = (at + 1) & mask;
    table->slots[at] = number + 1;
}

/* At most half of the slots are taken. */
static bool make_room(ns__intern *table)
{
    if (NS_RESERVE(table->texts, table->capacity, table->count + 1) < 0)
        return false;
    if (2 * (table->count + 1) <= table->slot_count)
        return true;
    const size_t count = table->slot_count > 0 ? 2 * table->slot_count : FIRST_SLOTS;
    if (NS_RESERVE(table->slots, table->slot_capacity, count) < 0)
        return false;
    table->slot_count = count;
    memset(table->slots, 0, count * sizeof *table->slots);
    for (size_t i = 0; i < table->count; i++)
        put_slot(table, table->texts[i].hash, (uint32_t)i);
    return true;
}

ns_status ns__intern_add(ns__intern *table, ns__str text, uint32_t *number, ns_error *err)
{
    const uint32_t hash = (uint32_t)ns__hash64(text.data, text.length, 0);
    const size_t mask = table->slot_count - 1;
    for (size_t at = hash & mask; table->slot_count > 0 && table->slots[at] != 0;
         at = (at + 1) & mask) {
        const uint32_t found = table->slots[at] - 1;
        const ns__interned_text *known = &table->texts[found];
        if (known->hash == hash && ns__str_equal(ns__intern_text(table, found), text)) {
            *number = found;
            return NS_OK;
        }
    }
    if (table->count >= UINT32_MAX - 1 || text.length > UINT32_MAX)
        return ns__fail(err, NS_ERR_LIMIT, "too many different words at once");
    if (!ns__buf_reserve(&table->bytes, text.length + 1) || !make_room(table))
        return ns__no_memory(err);
    *number = (uint32_t)table->count;
    table->texts[table->count++] =
        (ns__interned_text){table->bytes.length, (uint32_t)text.length, hash};
    ns__buf_append(&table->bytes, text.data, text.length);
    put_slot(table, hash, *number);
    return NS_OK;
}

void ns__intern_clear(ns__intern *table)
{
    table->count = 0;
    table->bytes.length = 0;
    if (table->slot_count > 0)
        memset(table->slots, 0, table->slot_count * sizeof *table->slots);
}

void ns__intern_release(ns__intern *table)
{
    ns__buf_release(&table->bytes);
    ns__free(table->texts);
    ns__free(table->slots);
    *table = (ns__intern){0};
}

size_t ns__intern_bytes(const ns__intern *table)
{
    return table->bytes.length + table->count * (sizeof *table->texts + 3 * sizeof *table->slots);
}
