/* libns: full-text search for news archives. Includes every public header.
 *
 * What holds everywhere, unless a function says otherwise (docs/api.md is the guided tour):
 * - A function that can fail returns ns_status and fills *err; err may be NULL. No other pointer
 *   may be NULL. On failure *out is NULL and there is nothing to free.
 * - `**out` is owned by the caller and freed with the function named; a returned pointer is
 * borrowed from the object asked. Freeing NULL does nothing.
 * - Text goes in as bytes with a length in bytes and comes out as UTF-8 with a length in bytes and
 * a terminator behind it; `length` pointers of getters may be NULL. Paths are terminated bytes.
 * - Different objects may be used by different threads at once. A const object may be shared: any
 *   number of threads may call functions that take it as const. Anything else is for one thread at
 * a time.
 * - Text, queries, records and index files may be hostile: whatever they hold, the answer is a
 *   status, never a crash, and memory stays bounded by the limits in docs/api.md.
 * - The library prints nothing, ends no process and keeps no global state. */
#ifndef NS_NS_H
#define NS_NS_H

#include "ns/analysis.h"
#include "ns/explain.h"
#include "ns/facets.h"
#include "ns/feedback.h"
#include "ns/index.h"
#include "ns/query.h"
#include "ns/search.h"
#include "ns/similar.h"
#include "ns/spell.h"
#include "ns/status.h"
#include "ns/suggest.h"
#include "ns/writer.h"

#endif
