/* The ids added since the last commit, as hashes, to find those that are given twice.
 *
 * Only hashes and places are kept, and who has the ids is asked for one where it matters. An
 * article whose id's hash comes again is a suspect: the commit compares the ids themselves in the
 * finished segment, and removing does so at once. So a collision neither drops nor hides anything.
 */
#ifndef NS_INDEX_IDS_H
#define NS_INDEX_IDS_H

#include "base/buf.h"
#include "base/error.h"
#include "base/hash.h"

#define NS__NO_ARTICLE UINT32_MAX

/* Where an article came from is found by its number: see ns__ids_origin. */
typedef struct ns__place {
    uint32_t article; /* of the new segment, or NS__NO_ARTICLE */
    uint32_t line;    /* 0: unknown, or beyond 32 bits */
} ns__place;

typedef struct ns__suspect {
    ns__place earlier, later;
    ns__place older; /* the nearest before `later` with its hash that is not removed, or none */
} ns__suspect;

/* Articles from `article` on are of the file whose name stands at `origin` of the names. */
typedef struct ns__stretch {
    uint32_t article, origin;
} ns__stretch;

typedef struct ns__ids {
    ns__hash_key key; /* drawn with the first id */
    struct ns__id_entry {
        uint64_t hash;
        ns__place place; /* of the last such article; NS__NO_ARTICLE: all are removed */
    } * entries;         /* in order of first appearance */
    size_t count, capacity;
    uint32_t *slots;       /* by hash: an entry's number + 1, or 0 */
    size_t room;           /* of slots: 0 or a power of two */
    ns__suspect *suspects; /* in order of their later articles */
    size_t suspect_count, suspect_capacity;
    ns__buf origins; /* file names, each with a 0 at its end */
    ns__stretch *stretches;
    size_t stretch_count, stretch_capacity;
    ns__buf removals; /* of ns__ids_remove: u32 articles */
} ns__ids;

/* Whoever has the ids of the articles. */
typedef struct ns__id_source {
    ns_status (*read)(void *payload, uint32_t article, ns__buf *into, ns_error *err);
    void *payload;
} ns__id_source;

/* Articles are added in order. */
ns_status ns__ids_add(ns__ids *ids, ns__str id, uint32_t article, const char *origin, uint64_t line,
                      ns_error *err);
/* Removes the articles added with this id, if there are any: NS_OK, NS_NOT_FOUND. They are noted in
 * `removals`. The source is asked for the ids of those with its hash, of each once but for
 * collisions. */
ns_status ns__ids_remove(ns__ids *ids, ns__str id, const ns__id_source *source, ns_error *err);
const char *ns__ids_origin(const ns__ids *ids, const ns__place *place);
void ns__ids_clear(ns__ids *ids); /* frees everything; usable again */

#endif
