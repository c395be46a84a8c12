/* What a search works with and leaves for the next one of the same index: an analyser that knows
 * words already, memory that is there already. Each search has one to itself; between searches they
 * stand on a shelf of the index. */
#ifndef NS_SEARCH_WORKSPACE_H
#define NS_SEARCH_WORKSPACE_H

#include "search/exec.h"
#include "search/planner.h"

typedef struct ns__workspace {
    ns__shelved shelved;
    ns__query query; /* read for ns_search */
    ns__arena lists; /* of one segment; keeps its chunks */
    ns__planner planner;
    ns__exec run;
} ns__workspace;

/* One that nobody else has; NULL without memory. Goes back with ns__workspace_return; what a search
 * that failed has left of one is not kept. */
ns__workspace *ns__workspace_take(const ns_index *index, ns_error *err);
void ns__workspace_return(const ns_index *index, ns__workspace *work, bool keep);

#endif
