#include "search/workspace.h"

/* One that has more memory than this, its lists apart, is not kept. */
enum { KEPT_BYTES = 1 << 20 };

static void release(ns__shelved *item)
{
    ns__workspace *work = (ns__workspace *)item;
    ns__query_release(&work->query);
    ns__arena_close(&work->lists);
    ns__planner_close(&work->planner);
    ns__exec_release(&work->run);
    ns__free(work);
}

ns__workspace *ns__workspace_take(const ns_index *index, ns_error *err)
{
    ns__workspace *work = (ns__workspace *)ns__shelf_take(index->workspaces);
    if (work != NULL)
        return work;
    work = ns__zalloc(1, sizeof *work);
    if (work == NULL) {
        (void)ns__no_memory(err);
        return NULL;
    }
    work->shelved.release = release;
    work->lists.keeps = true;
    if (ns__planner_open(index, &work->planner, err) == NS_OK)
        return work;
    release(&work->shelved);
    return NULL;
}

void ns__workspace_return(const ns_index *index, ns__workspace *work, bool keep)
{
    ns__arena_trim(&work->lists);
    if (!keep || ns__planner_rest(&work->planner) + ns__query_clear(&work->query) > KEPT_BYTES)
        release(&work->shelved);
    else
        ns__shelf_put(index->workspaces, &work->shelved);
}
