/* Opening a snapshot, and what can be said about it as a whole.
 *
 * A commit may remove the files of the commit before while they are being opened. Then there is a
 * newer manifest: opening starts over with that. Once open, the maps keep the files' contents. */
#include "index/snapshot.h"

#include "base/mem.h"
#include "index/directory.h"
#include "text/analyzer.h"

enum { OPEN_TRIES = 64 };

void ns_index_close(ns_index *index)
{
    if (index == NULL)
        return;
    for (uint32_t i = 0; index->segments && i < index->open_segments; i++)
        ns__segment_close(&index->segments[i]);
    ns__free(index->segments);
    ns__free(index->first_article);
    ns__shelf_close(index->workspaces);
    ns__shelf_close(index->results);
    ns__shelf_close(index->id_readers);
    ns__manifest_release(&index->manifest);
    ns__free(index->directory);
    ns__free(index);
}

static ns_status no_index(const char *directory, ns_error *err)
{
    return ns__fail_at(err, NS_ERR_NO_INDEX, directory, NS_NO_OFFSET,
                       "there is no index here; make one with ns index");
}

bool ns_index_exists(const char *directory)
{
    bool exists;
    uint64_t generation;
    ns_status status = ns__directory_look(directory, &exists, &generation, NULL);
    if (status == NS_OK)
        return generation > 0;
    return status != NS_ERR_ARGUMENT; /* of files of others alone, or a file */
}

static ns_status open_segments(ns_index *index, ns_error *err)
{
    uint32_t count = index->manifest.segment_count;
    index->segments = ns__zalloc(count, sizeof *index->segments);
    index->first_article = ns__zalloc((size_t)count + 1, sizeof *index->first_article);
    index->workspaces = ns__shelf_open();
    index->results = ns__shelf_open();
    index->id_readers = ns__shelf_open();
    if (index->segments == NULL || index->first_article == NULL || index->workspaces == NULL ||
        index->results == NULL || index->id_readers == NULL)
        return ns__no_memory(err);
    uint64_t total_length = 0;
    for (uint32_t i = 0; i < count; i++) {
        const ns__segment_ref *ref = &index->manifest.segments[i];
        ns_status status = ns__segment_open(index->directory, ref, &index->manifest.settings,
                                            &index->segments[i], err);
        if (status == NS_NOT_FOUND)
            return ns__corrupt(err, index->directory, NS_NO_OFFSET,
                               "a file of the index is missing; ns check says which");
        NS_TRY(status);
        index->open_segments++;
        index->first_article[i + 1] = index->first_article[i] + ref->articles;
        index->passages += ref->passages;
        total_length += ref->total_length;
    }
    index->average = index->passages ? (double)total_length / (double)index->passages : 0;
    return ns__directory_bytes(index->directory, &index->manifest, &index->bytes, err);
}

static ns_status try_open(const char *directory, ns_index **out, ns_error *err)
{
    ns_index *index = *out = ns__zalloc(1, sizeof *index);
    if (index == NULL)
        return ns__no_memory(err);
    index->directory = ns__path_join("", directory); /* a copy */
    if (index->directory == NULL)
        return ns__no_memory(err);
    ns_status status = ns__manifest_read(directory, &index->manifest, err);
    if (status == NS_NOT_FOUND)
        return no_index(directory, err);
    NS_TRY(status);
    NS_TRY(ns__manifest_check_versions(directory, &index->manifest, err));
    return open_segments(index, err);
}

ns_status ns_index_open(const char *directory, ns_index **out, ns_error *err)
{
    ns_status status = NS_OK;
    uint64_t tried = 0;
    for (int i = 0; i < OPEN_TRIES; i++) {
        status = try_open(directory, out, err);
        if (status == NS_OK)
            return NS_OK;
        uint64_t generation = *out ? (*out)->manifest.generation : 0;
        ns_index_close(*out);
        *out = NULL;
        if (status == NS_ERR_MEMORY || status == NS_ERR_NO_INDEX || generation == tried)
            return status; /* the same commit failed twice: no race */
        tried = generation;
    }
    return status;
}

void ns_index_get_settings(const ns_index *index, ns_index_settings *settings)
{
    *settings = index->manifest.settings;
}

const char *ns_index_language(const ns_index *index, size_t i)
{
    for (uint32_t lang = 0; lang < ns__lang_count(); lang++) {
        bool used = false;
        for (uint32_t s = 0; s < index->manifest.segment_count; s++)
            used = used || index->segments[s].articles.langs_used[lang / 8] >> lang % 8 & 1;
        if (used && i-- == 0)
            return ns__lang_code(lang);
    }
    return NULL;
}

void ns_index_get_stats(const ns_index *index, ns_index_stats *stats)
{
    *stats = (ns_index_stats){
        .passages = index->passages,
        .average_length = index->average,
        .segments = index->manifest.segment_count,
        .generation = index->manifest.generation,
        .bytes = index->bytes,
    };
    for (uint32_t i = 0; i < index->manifest.segment_count; i++) {
        const ns__segment_ref *ref = &index->manifest.segments[i];
        stats->articles += ref->articles - ref->deleted_articles;
        stats->deleted_articles += ref->deleted_articles;
        if (index->segments[i].articles.order_width > 0)
            stats->reordered_articles += ref->articles - ref->deleted_articles;
        stats->deleted_passages += ref->deleted_passages;
        stats->terms += ref->terms;
        stats->surfaces += ref->surfaces;
        stats->tokens += ref->tokens;
        stats->postings += ref->counts.postings;
        stats->positions += ref->counts.positions;
        stats->bytes_terms += ref->bytes[NS__FILE_TERMS];
        stats->bytes_postings += ref->bytes[NS__FILE_POSTINGS];
        stats->bytes_positions += ref->bytes[NS__FILE_POSITIONS];
        stats->bytes_exact += ns__spellings_bytes(&index->segments[i].spellings);
        stats->bytes_articles += ref->bytes[NS__FILE_ARTICLES];
        stats->bytes_text += ref->bytes[NS__FILE_TEXT];
        stats->text_bytes += ref->text_bytes;
        stats->inline_lists += ref->counts.inline_lists;
        stats->short_lists += ref->counts.short_lists;
        stats->block_lists += ref->counts.block_lists;
        stats->blocks += ref->counts.blocks;
    }
}

ns_status ns__snapshot_place(const ns_index *index, uint64_t number, const ns__segment **segment,
                             uint32_t *place)
{
    uint32_t low = 0, high = index->manifest.segment_count;
    if (number >= index->first_article[high])
        return NS_NOT_FOUND;
    while (high - low > 1) { /* first_article[low] <= number < first_article[high] */
        uint32_t middle = low + (high - low) / 2;
        if (index->first_article[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    *segment = &index->segments[low];
    *place = (uint32_t)(number - index->first_article[low]);
    return NS_OK;
}

ns_status ns__index_df(const ns_index *index, ns__str term, uint64_t *df, ns_error *err)
{
    *df = 0;
    for (uint32_t s = 0; s < index->manifest.segment_count; s++) {
        const ns__segment *segment = &index->segments[s];
        ns__term found;
        uint32_t here;
        ns_status status = ns__terms_find(&segment->terms, term, &found, err);
        NS_TRY(status);
        if (status != NS_OK)
            continue;
        if (!ns__plist_df(found.value, &here) || here > segment->articles.passages)
            return ns__frame_corrupt(segment->terms.frame, found.value.data, err,
                                     "a term's document frequency is out of range");
        *df += here;
    }
    return NS_OK;
}
