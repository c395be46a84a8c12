/* Deleting by id: tombstones in the next commit. */
#include "base/mem.h"
#include "index/writer_parts.h"
#include "os/clock.h"

/* Marks the article in every segment of the last commit that has it alive. */
static ns_status delete_old(ns_writer *writer, ns__str id, bool *found, ns_error *err)
{
    for (uint32_t i = 0; writer->segments && i < writer->manifest.segment_count; i++) {
        ns__open_segment *old = writer->segments[i];
        uint32_t article;
        bool marked;
        ns_status status = ns__id_find(&old->segment.articles, &old->ids, id, &article, err);
        if (status == NS_NOT_FOUND)
            continue;
        NS_TRY(status);
        NS_TRY(ns__open_segment_kill(old, article, &marked, err));
        *found = *found || marked;
    }
    return NS_OK;
}

static ns_status read_added(void *payload, uint32_t article, ns__buf *into, ns_error *err)
{
    const ns_writer *writer = payload;
    return ns__builder_id(writer->builder, article, into, err);
}

ns_status ns_writer_delete(ns_writer *writer, const char *id, size_t length, ns_error *err)
{
    NS_TRY(ns__writer_check_usable(writer, err));
    ns__str text = {(const uint8_t *)id, length};
    bool found = false;
    ns_status status = delete_old(writer, text, &found, err);
    if (status == NS_OK) {
        const ns__id_source added = {read_added, writer};
        status = ns__ids_remove(&writer->ids, text, &added, err);
        found = found || status == NS_OK;
    }
    if (status < 0) {
        writer->failed = true;
        return status;
    }
    if (!found)
        return NS_NOT_FOUND;
    if (writer->started_ns == 0)
        writer->started_ns = ns__clock_ns();
    writer->deleted = true;
    writer->summary.articles_deleted++;
    return NS_OK;
}

ns_status ns__writer_drop_removed(ns_writer *writer, ns__open_segment *added, ns_error *err)
{
    const ns__buf *removals = &writer->ids.removals;
    ns__cur cur = ns__cur_of(removals->data, removals->length);
    bool marked;
    while (ns__cur_left(&cur) > 0)
        NS_TRY(ns__open_segment_kill(added, ns__cur_u32(&cur), &marked, err));
    return NS_OK;
}
