/* The terms of all segments of a merge: see reorder.h. */
#include "index/reorder.h"

#include "base/mem.h"

/* Reads the next term of a source: NS_DONE at its end. */
static ns_status read_term(ns__merge_source *source, ns__str *name, ns_error *err)
{
    ns_status status = ns__term_cursor_next(&source->terms, err);
    *name = (ns__str){source->terms.text, source->terms.length};
    return status;
}

ns_status ns__term_walk_open(ns__merge_job *job, ns__term_walk *walk, ns_error *err)
{
    *walk = (ns__term_walk){.job = job};
    walk->heap = ns__alloc(job->count, sizeof *walk->heap);
    walk->parts = ns__alloc(job->count, sizeof *walk->parts);
    if (walk->heap == NULL || walk->parts == NULL)
        return ns__no_memory(err);
    const ns__str from = {(const uint8_t *)"", 0};
    for (size_t i = 0; i < job->count; i++) {
        ns__merge_source *source = &job->sources[i];
        ns__str name;
        NS_TRY(ns__term_cursor_seek(&source->segment->terms, from, &source->terms, err));
        ns_status status = read_term(source, &name, err);
        NS_TRY(status);
        if (status == NS_OK)
            walk->heap[walk->heap_count++] = ns__name_of(name, (uint32_t)i);
    }
    for (size_t i = walk->heap_count; i-- > 0;)
        ns__names_sift(walk->heap, walk->heap_count, i);
    return NS_OK;
}

/* Takes the top, which has the term of the walk, and moves its source on. */
static ns_status take_top(ns__term_walk *walk, ns_error *err)
{
    const uint32_t number = walk->heap[0].id;
    ns__merge_source *source = &walk->job->sources[number];
    const ns__term term = source->terms.term;
    uint32_t df;
    if (!ns__plist_df(term.value, &df) || df > source->segment->articles.passages)
        return ns__frame_corrupt(source->terms.terms->frame, term.value.data, err,
                                 "the number of postings of a term is malformed");
    walk->parts[walk->part_count++] = (ns__walked){number, term};
    walk->df += df;
    ns__str name;
    ns_status status = read_term(source, &name, err);
    NS_TRY(status);
    if (status == NS_OK)
        walk->heap[0] = ns__name_of(name, number);
    else
        walk->heap[0] = walk->heap[--walk->heap_count];
    if (walk->heap_count > 0)
        ns__names_sift(walk->heap, walk->heap_count, 0);
    return NS_OK;
}

ns_status ns__term_walk_next(ns__term_walk *walk, ns_error *err)
{
    if (walk->heap_count == 0)
        return NS_DONE;
    const ns__str top = walk->heap[0].text;
    memcpy(walk->text, top.data, top.length);
    walk->length = top.length;
    walk->part_count = 0;
    walk->df = 0;
    const ns__str term = {walk->text, walk->length};
    do
        NS_TRY(take_top(walk, err));
    while (walk->heap_count > 0 && ns__str_equal(walk->heap[0].text, term));
    return NS_OK;
}

void ns__term_walk_close(ns__term_walk *walk)
{
    ns__free(walk->heap);
    ns__free(walk->parts);
    *walk = (ns__term_walk){0};
}
