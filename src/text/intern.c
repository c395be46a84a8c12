/* Numbering distinct strings: see intern.h. */
#include "text/intern.h"

#include "os/random.h"

enum { FIRST_SLOTS = 16 }; /* a power of two, as all later numbers of slots */

/* The slot of a string, or the empty one where it belongs. There are more slots than strings. */
static size_t find_slot(const ns__intern *table, ns__str text)
{
    const size_t mask = table->slot_count - 1;
    size_t at = (size_t)ns__hash_keyed(text.data, text.length, &table->key) & mask;
    while (table->slots[at] != 0 &&
           !ns__str_equal(ns__intern_text(table, table->slots[at] - 1), text))
        at = (at + 1) & mask;
    return at;
}

/* For one more; at most half of the slots are taken. */
static bool make_room(ns__intern *table)
{
    if (NS_RESERVE(table->ends, table->capacity, table->count + 1) < 0)
        return false;
    if (2 * (table->count + 1) <= table->slot_count)
        return true;
    const size_t count = table->slot_count > 0 ? 2 * table->slot_count : FIRST_SLOTS;
    if (NS_RESERVE(table->slots, table->slot_capacity, count) < 0)
        return false;
    table->slot_count = count;
    ns__random_key(&table->key);
    memset(table->slots, 0, count * sizeof *table->slots);
    for (uint32_t i = 0; i < table->count; i++)
        table->slots[find_slot(table, ns__intern_text(table, i))] = i + 1;
    return true;
}

ns_status ns__intern_add(ns__intern *table, ns__str text, uint32_t *number, ns_error *err)
{
    if (!make_room(table))
        return ns__no_memory(err);
    const size_t slot = find_slot(table, text);
    if (table->slots[slot] != 0) {
        *number = table->slots[slot] - 1;
        return NS_OK;
    }
    if (table->count >= UINT32_MAX - 1)
        return ns__fail(err, NS_ERR_LIMIT, "too many different strings at once");
    if (!ns__buf_reserve(&table->bytes, text.length + 1)) /* that there is an address */
        return ns__no_memory(err);
    ns__buf_append(&table->bytes, text.data, text.length);
    *number = (uint32_t)table->count;
    table->ends[table->count++] = table->bytes.length;
    table->slots[slot] = (uint32_t)table->count;
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
    ns__free(table->ends);
    ns__free(table->slots);
    *table = (ns__intern){0};
}

size_t ns__intern_bytes(const ns__intern *table)
{
    return table->bytes.length + table->count * (sizeof *table->ends + 3 * sizeof *table->slots);
}
