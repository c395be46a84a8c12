/* The input order of what is merged: segments in their order, within each the order that it
 * remembers, the dead left out. */
#include "index/merge_parts.h"

#include "base/mem.h"

static ns_status places_of(ns__merge_job *job, ns__merge_source *source, ns_error *err)
{
    const ns__articles *articles = &source->segment->articles;
    source->places = ns__alloc(articles->count, sizeof *source->places);
    if (source->places == NULL)
        return ns__no_memory(err);
    for (uint32_t p = 0; p < articles->count; p++) {
        uint32_t article;
        NS_TRY(ns__article_at_place(articles, p, &article, err));
        source->places[article] = ns__merge_is_dead(source, article) ? NS_MERGE_GONE : job->live++;
    }
    return NS_OK;
}

ns_status ns__merge_find_places(ns__merge_job *job, ns_error *err)
{
    job->live = 0;
    for (size_t i = 0; i < job->count; i++)
        NS_TRY(places_of(job, &job->sources[i], err));
    return NS_OK;
}

bool ns__merge_is_placed(const ns__merge_job *job)
{
    bool any = false;
    for (size_t i = 0; i < job->count; i++)
        any = any || job->sources[i].segment->articles.order_width > 0;
    return any;
}

static ns_status add_ids_of(ns__merge_job *job, const ns__merge_source *source,
                            ns__zstrings_reader *reader, ns__buf *id, ns_error *err)
{
    const ns__articles *articles = &source->segment->articles;
    for (uint32_t p = 0; p < articles->count; p++) {
        uint32_t article;
        NS_TRY(ns__article_at_place(articles, p, &article, err));
        if (ns__merge_is_dead(source, article))
            continue;
        NS_TRY(ns__article_id_at_place(articles, p, reader, id, err));
        NS_TRY(ns__articles_add_id(job->output.articles, (ns__str){id->data, id->length}, err));
        NS_TRY(ns__merge_look(job, id->length, err));
    }
    return NS_OK;
}

ns_status ns__merge_add_ids(ns__merge_job *job, ns_error *err)
{
    ns__zstrings_reader reader = {0};
    ns__buf id = {0};
    ns_status status = NS_OK;
    for (size_t i = 0; i < job->count && status == NS_OK; i++)
        status = add_ids_of(job, &job->sources[i], &reader, &id, err);
    ns__zstrings_reader_release(&reader);
    ns__buf_release(&id);
    return status;
}

ns_status ns__merge_keep_places(ns__merge_job *job, ns_error *err)
{
    if (!ns__merge_is_placed(job))
        return NS_OK;
    NS_TRY(ns__merge_find_places(job, err));
    job->places = ns__alloc(job->live, sizeof *job->places);
    if (job->places == NULL)
        return ns__no_memory(err);
    uint32_t count = 0;
    for (size_t i = 0; i < job->count; i++) {
        const ns__merge_source *source = &job->sources[i];
        for (uint32_t a = 0; a < source->segment->articles.count; a++)
            if (source->places[a] != NS_MERGE_GONE)
                job->places[count++] = source->places[a];
    }
    ns__output_set_places(&job->output, job->places);
    return ns__merge_add_ids(job, err);
}
