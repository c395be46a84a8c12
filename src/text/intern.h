/* Distinct byte strings, numbered from 0 in order of first appearance. */
#ifndef NS_TEXT_INTERN_H
#define NS_TEXT_INTERN_H

#include "base/buf.h"
#include "base/error.h"

typedef struct ns__interned_text {
    size_t at;       /* in bytes */
    uint32_t length; /* below 4 GiB */
    uint32_t hash;
} ns__interned_text;

/* Zero-initialised is empty. */
typedef struct ns__intern {
    ns__buf bytes;
    ns__interned_text *texts;
    size_t count, capacity;
    uint32_t *slots; /* number + 1; 0 is empty */
    size_t slot_count, slot_capacity;
} ns__intern;

/* The number of a string, new or old: *number == the count before means new. */
ns_status ns__intern_add(ns__intern *table, ns__str text, uint32_t *number, ns_error *err);
static inline ns__str ns__intern_text(const ns__intern *table, uint32_t number)
{
    return (ns__str){table->bytes.data + table->texts[number].at, table->texts[number].length};
}
/* Forgets all; memory stays. */
void ns__intern_clear(ns__intern *table);
void ns__intern_release(ns__intern *table);
/* What the strings take. */
size_t ns__intern_bytes(const ns__intern *table);

#endif
