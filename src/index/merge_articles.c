/* The articles of a merge: entries and stored text are copied in order, passages get new ids. Text
 * that the first segment begins with is not decoded. */
#include "index/merge_parts.h"

#include "base/mem.h"

enum { READ_AHEAD = 1 << 20 };

typedef struct copier {
    ns__merge_job *job;
    ns__forms_filter *filter; /* NULL until a segment needs it */
    ns__article_reader reader;
    ns__spelling_copier spellings;
} copier;

/* Makes bytes [offset, offset + length) of the stored text available, reading ahead: blocks are
 * inflated once, not once for each article. */
static ns_status need_text(ns__article_reader *reader, const ns__store *store, uint64_t offset,
                           uint64_t length, ns_error *err)
{
    uint64_t end;
    if (offset >= reader->text_start && !__builtin_add_overflow(offset, length, &end) &&
        end <= reader->text_start + reader->text.length)
        return NS_OK;
    if (offset > store->length || length > store->length - offset)
        return ns__frame_corrupt(store->frame, store->offsets.data, err,
                                 "a record lies outside of the stored text");
    reader->text_start = offset - offset % store->block_bytes;
    end = offset + length + READ_AHEAD;
    end += store->block_bytes - end % store->block_bytes;
    if (end > store->length)
        end = store->length;
    ns__buf_clear(&reader->text);
    return ns__store_read(store, reader->text_start, end - reader->text_start, &reader->text, err);
}

ns_status ns__article_read_text(ns__article_reader *reader, const ns__store *store, uint64_t offset,
                                uint64_t length, const uint8_t **text, ns_error *err)
{
    static const uint8_t empty[1];
    NS_TRY(need_text(reader, store, offset, length, err));
    *text = reader->text.length ? reader->text.data : empty;
    *text += offset - reader->text_start;
    return NS_OK;
}

void ns__article_reader_start(ns__article_reader *reader)
{
    reader->text_start = 0;
    ns__buf_clear(&reader->text);
}

void ns__article_reader_release(ns__article_reader *reader)
{
    ns__arena_release(&reader->arena);
    ns__buf_release(&reader->text);
    ns__buf_release(&reader->id);
    ns__zstrings_reader_release(&reader->ids);
    for (int c = 0; c < NS__COLUMN_COUNT; c++)
        ns__buf_release(&reader->columns[c]);
}

ns_status ns__article_read_entry(ns__article_reader *reader, const ns__articles *articles,
                                 uint32_t article, ns__article_facts *facts,
                                 ns__article_entry *entry, ns_error *err)
{
    ns__arena_release(&reader->arena);
    NS_TRY(ns__article_facts_get(articles, article, &reader->arena, facts, err));
    NS_TRY(ns__article_id(articles, article, &reader->ids, &reader->id, err));
    *entry = (ns__article_entry){
        .id = {reader->id.data, reader->id.length},
        .date = facts->date,
        .lang = facts->lang,
        .title_terms = facts->title_terms,
        .fingerprint = ns__article_fingerprint(articles, article),
        .passages = facts->passages,
        .passage_count = facts->passage_count,
    };
    for (int c = 0; c < NS__COLUMN_COUNT; c++) {
        NS_TRY(ns__article_column(articles, article, (ns__column)c, entry->id, &reader->columns[c],
                                  err));
        entry->columns[c] = (ns__str){reader->columns[c].data, reader->columns[c].length};
    }
    return NS_OK;
}

/* Text of the first segment that the new one begins with: up to the first dead article. Coded bytes
 * are copied; if none is dead, nobody reads the text. */
static ns_status take_text(copier *copy, const ns__merge_source *source, ns_error *err)
{
    ns__merge_job *job = copy->job;
    const ns__segment *segment = source->segment;
    uint32_t live = 0, parts;
    uint64_t bytes;
    while (live < segment->articles.count && !ns__merge_is_dead(source, live))
        live++;
    NS_TRY(ns__articles_text_bytes(&segment->articles, live, &bytes, err));
    NS_TRY(ns__store_copy_begin(job->output.store, &segment->store, bytes, &parts, err));
    for (; parts > 0; parts--) {
        const uint64_t before = ns__store_copied(job->output.store);
        NS_TRY(ns__store_copy_next(job->output.store, &segment->store, err));
        NS_TRY(ns__merge_look(job, ns__store_copied(job->output.store) - before, err));
    }
    job->progress.copied_text = ns__store_copied(job->output.store);
    return NS_OK;
}

/* Whether the text of a record is needed no more. */
static bool is_copied(const copier *copy, const ns__merge_source *source, uint64_t length)
{
    const ns__store_writer *store = copy->job->output.store;
    return copy->job->output.knows_digest && source->dead == NULL &&
           ns__store_length(store) + length <= ns__store_copied(store);
}

/* Adds an article with its text. */
static ns_status copy_text(copier *copy, ns__merge_source *source, const ns__article_facts *facts,
                           ns__article_entry *entry, ns_error *err)
{
    size_t title = facts->title_bytes, body = facts->body_bytes, meta = facts->meta_bytes;
    const uint64_t length = (uint64_t)title + body + meta;
    if (is_copied(copy, source, length)) {
        ns__output_text text = {{NULL, title}, {NULL, body}, {NULL, meta}};
        return ns__output_add(&copy->job->output, entry, &text, err);
    }
    const uint8_t *at;
    NS_TRY(ns__article_read_text(&copy->reader, &source->segment->store, facts->text_offset, length,
                                 &at, err));
    ns__output_text text = {{at, title}, {at + title, body}, {at + title + body, meta}};
    NS_TRY(ns__output_add(&copy->job->output, entry, &text, err));
    if (source->dead == NULL)
        return NS_OK;
    return ns__forms_filter_add(copy->filter, source, facts, text.title, text.body, err);
}

static ns_status copy_article(copier *copy, ns__merge_source *source, uint32_t article,
                              ns_error *err)
{
    ns__article_facts facts;
    ns__article_entry entry;
    ns__merge_job *job = copy->job;
    NS_TRY(ns__article_read_entry(&copy->reader, &source->segment->articles, article, &facts,
                                  &entry, err));
    size_t title = facts.title_bytes, body = facts.body_bytes;
    if (source->segment->no_text) {
        ns__output_text text = {{NULL, title}, {NULL, body}, {NULL, 0}};
        NS_TRY(ns__output_add(&job->output, &entry, &text, err));
    } else {
        NS_TRY(copy_text(copy, source, &facts, &entry, err));
    }
    if (job->output.spellings)
        NS_TRY(ns__merge_spellings(&copy->spellings, source->segment, article, &facts,
                                   job->output.spellings, err));
    job->headline_terms += facts.title_terms;
    job->progress.articles++;
    job->progress.text_bytes += title + body;
    return NS_OK;
}

/* New ids for the passages of a segment: those of dead articles have none. */
static ns_status map_passages(ns__merge_source *source, uint32_t first, ns_error *err)
{
    const ns__articles *articles = &source->segment->articles;
    source->first_passage = first;
    if (source->dead == NULL)
        return NS_OK;
    source->passages = ns__alloc(articles->passages, sizeof *source->passages);
    if (source->passages == NULL)
        return ns__no_memory(err);
    for (uint32_t a = 0; a < articles->count; a++) {
        bool dead = ns__merge_is_dead(source, a);
        uint32_t end = ns__article_first(articles, a + 1);
        for (uint32_t p = ns__article_first(articles, a); p < end; p++)
            source->passages[p] = dead ? NS_MERGE_GONE : first++;
    }
    return NS_OK;
}

static ns_status copy_segment(copier *copy, ns__merge_source *source, ns_error *err)
{
    ns__merge_job *job = copy->job;
    const ns__segment_ref *ref = &source->segment->ref;
    NS_TRY(map_passages(source, ns__articles_passages(job->output.articles), err));
    ns__article_reader_start(&copy->reader);
    bool filters = source->dead && !source->segment->no_text;
    if (filters && copy->filter == NULL)
        NS_TRY(ns__forms_filter_open(job->options->settings, job->options->memory_bytes,
                                     &copy->filter, err));
    if (filters)
        NS_TRY(ns__forms_filter_start(source, err));
    const bool first = source == job->sources && !job->options->recode;
    const bool whole = first && source->dead == NULL && source->segment->articles.order_width == 0;
    if (first && !source->segment->no_text)
        NS_TRY(take_text(copy, source, err));
    if (whole)
        ns__output_begin_segment(&job->output);
    uint64_t bytes = ref->bytes[NS__FILE_TEXT] + ref->bytes[NS__FILE_ARTICLES];
    uint64_t share = ref->articles ? bytes / ref->articles : 0;
    for (uint32_t a = 0; a < ref->articles; a++) {
        if (!ns__merge_is_dead(source, a))
            NS_TRY(copy_article(copy, source, a, err));
        NS_TRY(ns__merge_advance(job, share, err));
    }
    if (whole)
        ns__output_end_segment(&job->output, ref->id);
    return ns__merge_advance(job, bytes - share * ref->articles, err);
}

ns_status ns__merge_articles(ns__merge_job *job, ns_error *err)
{
    copier copy = {.job = job};
    ns_status status = NS_OK;
    if (ns__merge_is_placed(job))
        ns__articles_ids_apart(job->output.articles);
    for (size_t i = 0; i < job->count && status == NS_OK; i++)
        status = copy_segment(&copy, &job->sources[i], err);
    if (status == NS_OK)
        status = ns__merge_keep_places(job, err);
    ns__forms_filter_close(copy.filter);
    ns__article_reader_release(&copy.reader);
    ns__spelling_copier_release(&copy.spellings);
    return status;
}
