/* A query in the making: shared by builder.c and builder_parts.c. */
#ifndef NS_QUERY_BUILDER_H
#define NS_QUERY_BUILDER_H

#include "base/limits.h"
#include "query/atoms.h"
#include "query/tree.h"

typedef struct ns__group_draft {
    ns_query_group kind;
    ns_query_part part;
    uint32_t distance;
    ns__items items;
} ns__group_draft;

struct ns_query_builder {
    ns__query *query; /* NULL when the first allocation failed */
    ns_status status; /* of the first call that failed, with … */
    ns_error err;
    ns_query_options options;
    ns__group_draft groups[NS_MAX_QUERY_DEPTH + 1]; /* the first is the whole */
    uint32_t depth;
};

/* The part as it is meant in its group, in *room; NULL when something failed before or it is no
 * good. There is a query afterwards. */
const ns_query_part *ns__part_begin(ns_query_builder *builder, const ns_query_part *given,
                                    ns_query_part *room);
/* Puts a node into the group that is open, as the part says; NS__NO_NODE: nothing. */
void ns__part_add(ns_query_builder *builder, const ns_query_part *part, uint32_t node);
/* Remembers that the caller asked for what cannot be. */
void ns__part_fail(ns_query_builder *builder, const char *message);
ns__suffix ns__part_weight(const ns_query_part *part);

#endif
