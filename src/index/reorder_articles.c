/* Articles of a reordering: out of the segments, and into the new one. */
#include "index/reorder.h"

#include "base/mem.h"

enum { LIST_SHARE = 4 /* part of the memory for lists of terms */ };

ns_status ns__reorder_open(ns__merge_job *job, ns__pool **pool, ns_error *err)
{
    ns__reorder *all = job->reorder = ns__zalloc(1, sizeof *all);
    if (all == NULL)
        return ns__no_memory(err);
    all->job = job;
    NS_TRY(ns__pool_open(job->options->threads, &all->pool, err));
    *pool = all->pool;
    return NS_OK;
}

void ns__reorder_close(ns__reorder *all)
{
    if (all == NULL)
        return;
    ns__pool_close(all->pool);
    ns__reorder_forward_close(all);
    ns__spool_close(all->texts);
    ns__free(all->origins);
    ns__free(all->order);
    ns__free(all);
}

/* ---- Out of the segments ---- */

typedef struct taker {
    ns__reorder *all;
    ns__article_reader reader;
    ns__forms_filter *filter; /* NULL until a segment needs it */
} taker;

/* Appends the record to the temporary file, and finds its forms if articles of its segment died. */
static ns_status take_article(taker *take, ns__merge_source *source, uint32_t article,
                              ns_error *err)
{
    const ns__segment *segment = source->segment;
    ns__article_reader *reader = &take->reader;
    ns__origin *origin = &take->all->origins[source->places[article]];
    *origin = (ns__origin){0, (uint32_t)(source - take->all->job->sources), article};
    if (segment->no_text)
        return NS_OK;
    ns__article_facts facts;
    const uint8_t *text;
    ns__arena_release(&reader->arena);
    NS_TRY(ns__article_facts_get(&segment->articles, article, &reader->arena, &facts, err));
    const size_t title = facts.title_bytes, body = facts.body_bytes;
    const uint64_t length = (uint64_t)title + body + facts.meta_bytes;
    NS_TRY(ns__article_read_text(reader, &segment->store, facts.text_offset, length, &text, err));
    if (source->dead)
        NS_TRY(ns__forms_filter_add(take->filter, source, &facts, (ns__str){text, title},
                                    (ns__str){text + title, body}, err));
    origin->text = ns__spool_append(take->all->texts, text, length);
    return NS_OK;
}

/* Gives each passage the place of its article. */
static ns_status place_passages(ns__merge_source *source, ns_error *err)
{
    const ns__articles *articles = &source->segment->articles;
    source->passages = ns__alloc(articles->passages, sizeof *source->passages);
    if (source->passages == NULL)
        return ns__no_memory(err);
    for (uint32_t a = 0; a < articles->count; a++) {
        const uint32_t end = ns__article_first(articles, a + 1);
        for (uint32_t p = ns__article_first(articles, a); p < end; p++)
            source->passages[p] = source->places[a];
    }
    return NS_OK;
}

static ns_status take_segment(taker *take, ns__merge_source *source, ns_error *err)
{
    ns__merge_job *job = take->all->job;
    const ns__segment_ref *ref = &source->segment->ref;
    NS_TRY(place_passages(source, err));
    ns__article_reader_start(&take->reader);
    const bool filters = source->dead && !source->segment->no_text;
    if (filters && take->filter == NULL)
        NS_TRY(ns__forms_filter_open(job->options->settings, job->options->memory_bytes,
                                     &take->filter, err));
    if (filters)
        NS_TRY(ns__forms_filter_start(source, err));
    const uint64_t bytes = ref->bytes[NS__FILE_TEXT] + ref->bytes[NS__FILE_ARTICLES];
    const uint64_t share = ref->articles ? bytes / ref->articles : 0;
    for (uint32_t a = 0; a < ref->articles; a++) {
        if (!ns__merge_is_dead(source, a))
            NS_TRY(take_article(take, source, a, err));
        NS_TRY(ns__merge_advance(job, share, err));
    }
    return NS_OK;
}

static ns_status take_all(taker *take, ns_error *err)
{
    ns__reorder *all = take->all;
    char *path = ns__path_join(all->job->options->directory, "tmp-reorder-texts");
    ns_status status = path ? ns__spool_create(path, &all->texts, err) : ns__no_memory(err);
    ns__free(path);
    for (size_t i = 0; i < all->job->count && status == NS_OK; i++)
        status = take_segment(take, &all->job->sources[i], err);
    return status == NS_OK ? ns__spool_flush(all->texts, err) : status;
}

/* ---- Into the new one ---- */

typedef struct giver {
    ns__reorder *all;
    ns__article_reader reader;
    ns__spelling_copier spellings;
    uint8_t *text;
    size_t text_capacity;
} giver;

static ns_status give_article(giver *give, const ns__origin *origin, ns_error *err)
{
    ns__merge_job *job = give->all->job;
    const ns__merge_source *source = &job->sources[origin->source];
    const ns__articles *articles = &source->segment->articles;
    ns__article_facts facts;
    ns__article_entry entry;
    NS_TRY(ns__article_read_entry(&give->reader, articles, origin->article, &facts, &entry, err));
    const size_t title = facts.title_bytes, body = facts.body_bytes, meta = facts.meta_bytes;
    const uint32_t first = ns__articles_passages(job->output.articles);
    ns__output_text text = {{NULL, title}, {NULL, body}, {NULL, meta}};
    if (!source->segment->no_text) {
        if (NS_RESERVE(give->text, give->text_capacity, title + body + meta + 1) < 0)
            return ns__no_memory(err);
        const uint8_t *at = give->text;
        NS_TRY(
            ns__spool_read(give->all->texts, origin->text, give->text, title + body + meta, err));
        text = (ns__output_text){{at, title}, {at + title, body}, {at + title + body, meta}};
    }
    NS_TRY(ns__output_add(&job->output, &entry, &text, err));
    if (job->output.spellings)
        NS_TRY(ns__merge_spellings(&give->spellings, source->segment, origin->article, &facts,
                                   job->output.spellings, err));
    const uint32_t old = ns__article_first(articles, origin->article);
    for (uint32_t p = 0; p < facts.passage_count; p++)
        source->passages[old + p] = first + p;
    job->headline_terms += facts.title_terms;
    job->progress.articles++;
    job->progress.text_bytes += title + body;
    return ns__merge_look(job, title + body + meta, err);
}

static ns_status give_all(ns__reorder *all, ns_error *err)
{
    giver give = {.all = all};
    ns_status status = NS_OK;
    ns__articles_ids_apart(all->job->output.articles);
    for (uint32_t a = 0; a < all->job->live && status == NS_OK; a++)
        status = give_article(&give, &all->origins[all->order[a]], err);
    ns__article_reader_release(&give.reader);
    ns__spelling_copier_release(&give.spellings);
    ns__free(give.text);
    return status;
}

/* ---- All of it ---- */

typedef struct bisection_progress {
    ns__merge_job *job;
    uint64_t before, all; /* bytes done before; bytes that the bisection counts as */
} bisection_progress;

static ns_status tell_bisection(void *payload, uint32_t done, ns_error *err)
{
    const bisection_progress *progress = payload;
    ns__merge_job *job = progress->job;
    job->progress.done_bytes =
        progress->before + (uint64_t)((double)progress->all * done / (double)NS__BISECTION_DONE);
    return job->options->tick ? job->options->tick(job->options->payload, &job->progress, err)
                              : NS_OK;
}

static ns_status find_order(ns__reorder *all, ns_error *err)
{
    ns__merge_job *job = all->job;
    all->order = ns__alloc(job->live, sizeof *all->order);
    if (all->order == NULL)
        return ns__no_memory(err);
    NS_TRY(ns__reorder_forward(all, err));
    bisection_progress progress = {job, job->progress.done_bytes, job->progress.total_bytes / 3};
    const ns__bisection_options options = {
        .pool = all->pool,
        .memory_bytes = job->options->memory_bytes / LIST_SHARE,
        .tick = tell_bisection,
        .payload = &progress,
    };
    NS_TRY(ns__bisect(&all->forward, &options, all->order, err));
    ns__reorder_forward_close(all);
    return NS_OK;
}

ns_status ns__reorder_articles(ns__reorder *all, ns_error *err)
{
    taker take = {.all = all};
    NS_TRY(ns__merge_find_places(all->job, err));
    all->origins = ns__alloc(all->job->live, sizeof *all->origins);
    ns_status status = all->origins ? take_all(&take, err) : ns__no_memory(err);
    ns__forms_filter_close(take.filter);
    ns__article_reader_release(&take.reader);
    if (status == NS_OK)
        status = find_order(all, err);
    if (status == NS_OK)
        status = give_all(all, err);
    NS_TRY(status);
    ns__spool_close(all->texts);
    all->texts = NULL;
    ns__output_set_places(&all->job->output, all->order);
    return ns__merge_add_ids(all->job, err);
}

ns_status ns__reorder_headlines(ns__reorder *all, ns_error *err)
{
    ns__merge_job *job = all->job;
    uint32_t *out = job->headlines;
    ns__arena arena = {0};
    ns_status status = NS_OK;
    for (uint32_t a = 0; a < job->live && status == NS_OK; a++) {
        const ns__origin *origin = &all->origins[all->order[a]];
        const ns__merge_source *source = &job->sources[origin->source];
        const ns__articles *articles = &source->segment->articles;
        const uint32_t *words;
        uint32_t count = 0;
        ns__arena_release(&arena);
        status = ns__article_headline(articles, origin->article, &arena, &words, &count, err);
        for (uint32_t w = 0; w < count && status == NS_OK; w++) {
            if (words[w] >= source->segment->terms.count ||
                source->ordinals[words[w]] == NS_MERGE_GONE)
                status = ns__frame_corrupt(articles->frame, articles->headlines.data, err,
                                           "a headline has a word without postings");
            else
                *out++ = source->ordinals[words[w]];
        }
    }
    ns__arena_release(&arena);
    return status;
}
