/* Distinct byte strings, numbered from 0 in order of first appearance. */
#ifndef NS_TEXT_INTERN_H
#define NS_TEXT_INTERN_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

/* Zero-initialised is empty. */
typedef struct ns__intern {
    ns__buf bytes;  /* of the strings, one behind the other */
    uint64_t *ends; /* where each ends */
    size_t count, capacity;
    uint32_t *slots; /* number + 1; 0 is empty */
    size_t slot_count, slot_capacity;
    ns__hash_key key;
} ns__intern;

static inline ns__str ns__intern_text(const ns__intern *table, uint32_t number)
{
    const size_t start = number > 0 ? (size_t)table->ends[number - 1] : 0;
    return (ns__str){table->bytes.data + start, (size_t)table->ends[number] - start};
}

/* The number of a string, new or old: *number == the count before means new. */
ns_status ns__intern_add(ns__intern *table, ns__str text, uint32_t *number, ns_error *err);
/* Forgets all; memory stays. */
void ns__intern_clear(ns__intern *table);
void ns__intern_release(ns__intern *table);
/* What the strings take. */
size_t ns__intern_bytes(const ns__intern *table);

#endif
