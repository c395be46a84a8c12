/* Deleting by id: tombstones in the next commit. */
#include "base/mem.h"
#include "index/writer_parts.h"
#include "os/clock.h"

/* Marks the article in every segment of the last commit that has it alive. */
static ns_status delete_old(ns_writer *writer, ns__str id, bool *found, ns_error *err)
{
    for (uint32_t i = 0; writer->segments && i < writer->manifest.segment_count; i++) {
        ns__old_segment *old = writer->segments[i];
        uint32_t article;
        bool marked;
        ns_status status = ns__id_find(&old->segment.articles, &old->ids, id, &article, err);
        if (status == NS_NOT_FOUND)
            continue;
        NS_TRY(status);
        NS_TRY(ns__old_segment_kill(old, article, &marked, err));
        *found = *found || marked;
    }
    return NS_OK;
}

ns_status ns_writer_delete(ns_writer *writer, const char *id, size_t length, ns_error *err)
{
    NS_TRY(ns__writer_check_usable(writer, err));
    ns__str text = {(const uint8_t *)id, length};
    bool found = false;
    ns_status status = delete_old(writer, text, &found, err);
    if (status == NS_OK) {
        status = ns__ids_remove(&writer->ids, text, err);
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

ns_status ns__writer_drop_removed(ns_writer *writer, ns__old_segment *added, ns_error *err)
{
    const ns__buf *removals = &writer->ids.removals;
    ns__cur cur = ns__cur_of(removals->data, removals->length);
    ns__buf id = {0};
    ns_status status = NS_OK;
    while (cur.at < cur.end && status == NS_OK) {
        uint32_t article = ns__cur_u32(&cur);
        ns__str wanted = ns__cur_str(&cur);
        bool marked;
        status = ns__article_id(&added->segment.articles, article, NULL, &id, err);
        if (status == NS_OK && ns__str_equal(wanted, (ns__str){id.data, id.length}))
            status = ns__old_segment_kill(added, article, &marked, err);
    }
    ns__buf_release(&id);
    return status;
}
