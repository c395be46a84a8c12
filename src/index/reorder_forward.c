/* The terms of each article, for the bisection: the posting lists turned over.
 *
 * Terms of very few articles pull nothing together, and those of very many stand everywhere: both
 * are left out. One walk over the dictionary counts; others fill in, each for as many articles as
 * the memory holds: if that is not all, lists go to a temporary file. Only where they are kept
 * depends on the memory. */
#include "index/reorder.h"

#include <stdio.h>

#include "base/mem.h"

enum {
    LEAST_ARTICLES = 4, /* of a term that counts */
    MOST_SHARE = 2,     /* a term of more than this part of the articles does not */
    MEMORY_SHARE = 4,   /* lists may take this part of the memory */
    ARENA_BYTES = 1 << 20,
    POSTING_BYTES = 1 /* of a file, about */
};

typedef struct filler {
    ns__reorder *all;
    ns__term_walk walk;
    ns__arena arena;
    const ns__unpack_kernels *kernels;
    uint32_t *articles; /* of the term: their places */
    uint32_t count;
    uint32_t first, end; /* articles that are filled in */
    uint32_t *next;      /* of each article: numbers it has */
    uint32_t ids[NS_BLOCK_ROOM];
} filler;

/* The articles of a term in one segment: passages of an article are neighbours. */
static ns_status read_articles(filler *fill, const ns__walked *part, ns_error *err)
{
    const ns__merge_source *source = &fill->all->job->sources[part->source];
    const ns__postings *postings = &source->segment->postings;
    ns__plist list;
    NS_TRY(ns__plist_open(postings, part->term.value, &fill->arena, &list, err));
    uint32_t last = NS_MERGE_GONE;
    for (uint32_t b = 0; b < list.blocks; b++) {
        ns__block_place place;
        NS_TRY(ns__plist_ids(&list, fill->kernels, b, fill->ids, &place, err));
        const uint32_t count = ns__plist_count(&list, b);
        for (uint32_t i = 0; i < count; i++) {
            const uint32_t article = source->passages[fill->ids[i]];
            if (article != last && article != NS_MERGE_GONE)
                fill->articles[fill->count++] = article;
            last = article;
        }
    }
    if (fill->arena.total > ARENA_BYTES)
        ns__arena_release(&fill->arena);
    return ns__merge_look(fill->all->job, (uint64_t)list.df * POSTING_BYTES, err);
}

/* Goes on to the next term that counts: NS_OK or NS_DONE. */
static ns_status next_term(filler *fill, ns_error *err)
{
    const uint32_t most = fill->all->job->live / MOST_SHARE;
    for (;;) {
        ns_status status = ns__term_walk_next(&fill->walk, err);
        if (status != NS_OK)
            return status;
        if (fill->walk.df < LEAST_ARTICLES)
            continue;
        fill->count = 0;
        for (uint32_t p = 0; p < fill->walk.part_count; p++)
            NS_TRY(read_articles(fill, &fill->walk.parts[p], err));
        if (fill->count >= LEAST_ARTICLES && fill->count <= most)
            return NS_OK;
    }
}

static ns_status restart(filler *fill, ns_error *err)
{
    ns__term_walk_close(&fill->walk);
    return ns__term_walk_open(fill->all->job, &fill->walk, err);
}

static ns_status count_terms(filler *fill, ns_error *err)
{
    ns__forward *forward = &fill->all->forward;
    ns_status status;
    NS_TRY(restart(fill, err));
    while ((status = next_term(fill, err)) == NS_OK) {
        for (uint32_t i = 0; i < fill->count; i++)
            forward->lengths[fill->articles[i]]++;
        forward->term_count++;
    }
    NS_TRY(status);
    uint64_t start = 0;
    for (uint32_t a = 0; a < forward->documents; a++) {
        forward->starts[a] = start;
        start += forward->lengths[a];
    }
    forward->starts[forward->documents] = start;
    return NS_OK;
}

/* The lists of articles [first, end) into `terms`, which begins with that of the first. */
static ns_status fill_terms(filler *fill, uint32_t *terms, ns_error *err)
{
    const ns__forward *forward = &fill->all->forward;
    const uint64_t base = forward->starts[fill->first];
    ns_status status;
    uint32_t term = 0;
    memset(fill->next, 0, forward->documents * sizeof *fill->next);
    NS_TRY(restart(fill, err));
    while ((status = next_term(fill, err)) == NS_OK) {
        for (uint32_t i = 0; i < fill->count; i++) {
            const uint32_t article = fill->articles[i];
            if (article >= fill->first && article < fill->end)
                terms[forward->starts[article] - base + fill->next[article]++] = term;
        }
        term++;
    }
    return status < 0 ? status : NS_OK;
}

/* Articles that fit the memory, from `first` on; at least one. */
static uint32_t end_of_range(const ns__forward *forward, uint32_t first, uint64_t most)
{
    uint32_t end = first + 1;
    while (end < forward->documents && forward->starts[end + 1] - forward->starts[first] <= most)
        end++;
    return end;
}

static ns_status fill_spool(filler *fill, uint64_t most, ns_error *err)
{
    ns__reorder *all = fill->all;
    ns__forward *forward = &all->forward;
    char *path = ns__path_join(all->job->options->directory, "tmp-reorder-terms");
    ns_status status = path ? ns__spool_create(path, &all->lists, err) : ns__no_memory(err);
    ns__free(path);
    for (fill->end = 0; status == NS_OK && fill->end < forward->documents;) {
        fill->first = fill->end;
        fill->end = end_of_range(forward, fill->first, most);
        const uint64_t count = forward->starts[fill->end] - forward->starts[fill->first];
        uint32_t *terms = ns__alloc(count, sizeof *terms);
        status = terms ? fill_terms(fill, terms, err) : ns__no_memory(err);
        if (status == NS_OK)
            (void)ns__spool_append(all->lists, terms, count * sizeof *terms);
        ns__free(terms);
    }
    NS_TRY(status);
    forward->spool = all->lists;
    return ns__spool_flush(all->lists, err);
}

static ns_status make_lists(filler *fill, ns_error *err)
{
    ns__forward *forward = &fill->all->forward;
    const uint64_t most =
        fill->all->job->options->memory_bytes / MEMORY_SHARE / sizeof *forward->terms;
    NS_TRY(count_terms(fill, err));
    const uint64_t all = forward->starts[forward->documents];
    if (all > most)
        return fill_spool(fill, most, err);
    forward->terms = ns__alloc(all, sizeof *forward->terms);
    if (forward->terms == NULL)
        return ns__no_memory(err);
    fill->end = forward->documents;
    return fill_terms(fill, forward->terms, err);
}

ns_status ns__reorder_forward(ns__reorder *all, ns_error *err)
{
    const uint32_t live = all->job->live;
    filler *fill = ns__zalloc(1, sizeof *fill);
    if (fill == NULL)
        return ns__no_memory(err);
    fill->all = all;
    fill->kernels = ns__unpack_kernels_for(ns__cpu_isa());
    fill->articles = ns__alloc(live, sizeof *fill->articles);
    fill->next = ns__alloc(live, sizeof *fill->next);
    all->forward = (ns__forward){.documents = live};
    all->forward.starts = ns__alloc((size_t)live + 1, sizeof *all->forward.starts);
    all->forward.lengths = ns__zalloc(live, sizeof *all->forward.lengths);
    bool room = fill->articles && fill->next && all->forward.starts && all->forward.lengths;
    ns_status status = room ? make_lists(fill, err) : ns__no_memory(err);
    ns__term_walk_close(&fill->walk);
    ns__arena_release(&fill->arena);
    ns__free(fill->articles);
    ns__free(fill->next);
    ns__free(fill);
    return status;
}

void ns__reorder_forward_close(ns__reorder *all)
{
    ns__free(all->forward.starts);
    ns__free(all->forward.lengths);
    ns__free(all->forward.terms);
    ns__spool_close(all->lists);
    all->forward = (ns__forward){0};
    all->lists = NULL;
}
