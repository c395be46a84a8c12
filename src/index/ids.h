/* The ids added since the last commit, as hashes, to find those that are given twice.
 *
 * Only hashes and places are kept. An article whose id's hash comes again is a suspect; the commit
 * compares the ids themselves in the finished segment, so that a collision drops nothing. */
#ifndef NS_INDEX_IDS_H
#define NS_INDEX_IDS_H

#include "base/buf.h"
#include "base/error.h"

enum { NS__NO_ARTICLE = -1 };

/* Where an article came from is found by its number: see ns__ids_origin. */
typedef struct ns__place {
    uint32_t article; /* of the new segment, or (uint32_t)NS__NO_ARTICLE */
    uint32_t line;    /* 0: unknown, or beyond 32 bits */
} ns__place;

typedef struct ns__suspect {
    ns__place earlier, later;
} ns__suspect;

/* Articles from `article` on are of the file whose name stands at `origin` of the names. */
typedef struct ns__stretch {
    uint32_t article, origin;
} ns__stretch;

typedef struct ns__ids {
    struct ns__id_entry {
        uint64_t hash;
        ns__place place; /* of article NS__NO_ARTICLE: removed */
    } * entries;         /* in order of first appearance */
    size_t count, capacity;
    uint32_t *slots; /* by hash: an entry's number + 1, or 0 */
    size_t room;     /* of slots: 0 or a power of two */
    ns__suspect *suspects;
    size_t suspect_count, suspect_capacity;
    ns__buf origins; /* file names, each with a 0 at its end */
    ns__stretch *stretches;
    size_t stretch_count, stretch_capacity;
    ns__buf removals; /* of ns__ids_remove: u32 article, varint length, id */
} ns__ids;

/* Articles are added in order. */
ns_status ns__ids_add(ns__ids *ids, ns__str id, uint32_t article, const char *origin, uint64_t line,
                      ns_error *err);
/* Removes the article added with this id, if there is one: NS_OK, NS_NOT_FOUND. It is noted in
 * `removals`, for whoever can compare the ids themselves. */
ns_status ns__ids_remove(ns__ids *ids, ns__str id, ns_error *err);
const char *ns__ids_origin(const ns__ids *ids, const ns__place *place);
void ns__ids_clear(ns__ids *ids); /* frees everything; usable again */

#endif
