/* Opening a segment: five frames, each compared with what the manifest says of it. */
#include "segment/segment.h"

#include <stdio.h>

static const struct {
    uint32_t kind;
    const char *extension;
} FILES[NS__SEGMENT_FILES] = {
    [NS__FILE_ARTICLES] = {NS_KIND_ARTICLES, "art"},
    [NS__FILE_TERMS] = {NS_KIND_TERMS, "trm"},
    [NS__FILE_POSTINGS] = {NS_KIND_POSTINGS, "pst"},
    [NS__FILE_POSITIONS] = {NS_KIND_POSITIONS, "pos"},
    [NS__FILE_TEXT] = {NS_KIND_TEXT, "txt"},
};

static void file_name(uint64_t generation, const ns__segment_id *id, const char *extension,
                      char name[64])
{
    char hex[17];
    for (int i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02x", id->bytes[i]);
    snprintf(name, 64, "%08llu-%s.%s", (unsigned long long)generation, hex, extension);
}

void ns__segment_file_name(const ns__segment_ref *ref, int file, char name[64])
{
    file_name(ref->generation, &ref->id, FILES[file].extension, name);
}

void ns__tombstones_name(const ns__segment_ref *ref, uint64_t generation, char name[64])
{
    file_name(generation, &ref->id, "del", name);
}

static ns_status open_file(const char *directory, const ns__segment_ref *ref, int file,
                           ns__frame *out, ns_error *err)
{
    char name[64];
    ns__frame frame;
    ns__segment_file_name(ref, file, name);
    char *path = ns__path_join(directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__frame_open(path, FILES[file].kind, &frame, err);
    ns__free(path);
    if (status != NS_OK)
        return status;
    *out = frame;
    if (memcmp(frame.id.bytes, ref->id.bytes, sizeof ref->id.bytes) != 0)
        return ns__frame_corrupt(out, out->map.data, err,
                                 "this file belongs to another segment than its name says");
    if (frame.map.length != ref->bytes[file] || frame.footer_crc != ref->crcs[file])
        return ns__frame_corrupt(out, out->map.data, err,
                                 "this file does not belong to this commit: it was exchanged or "
                                 "written anew");
    return NS_OK;
}

/* The counts in a manifest are what statistics are made of: they must be the files' own. Each file
 * is compared before the next is opened, so that the one that is wrong gets the blame. */
static ns_status compare(bool same, const ns__frame *frame, ns_error *err)
{
    if (same)
        return NS_OK;
    return ns__frame_corrupt(frame, frame->map.data, err,
                             "this file holds another number of things than the manifest says, or "
                             "was written under other settings");
}

static ns_status open_articles(const ns_index_settings *settings, ns__segment *out, ns_error *err)
{
    const ns__segment_ref *ref = &out->ref;
    const ns__articles *articles = &out->articles;
    NS_TRY(ns__articles_open(&out->frames[NS__FILE_ARTICLES], &out->articles, err));
    out->articles.headlines_kept = ns__zalloc(1, sizeof(ns__headlines_kept));
    if (articles->headlines_kept == NULL)
        return ns__no_memory(err);
    return compare(articles->count == ref->articles && articles->passages == ref->passages &&
                       articles->tokens == ref->tokens &&
                       articles->total_length == ref->total_length &&
                       articles->title_weight == settings->title_weight &&
                       articles->window_passages == settings->window_passages,
                   articles->frame, err);
}

static ns_status open_terms(ns__segment *out, ns_error *err)
{
    const ns__terms *terms = &out->terms;
    NS_TRY(ns__terms_open(&out->frames[NS__FILE_TERMS], &out->terms, err));
    return compare(terms->count == out->ref.terms && terms->surface_count == out->ref.surfaces,
                   terms->frame, err);
}

static ns_status open_spellings(const ns_index_settings *settings, ns__segment *out, ns_error *err)
{
    const ns__frame *frame = &out->frames[NS__FILE_POSITIONS];
    NS_TRY(ns__spellings_open(frame, out->ref.articles, out->ref.passages, &out->spellings, err));
    return compare(ns__spellings_are_kept(&out->spellings) == settings->exact, frame, err);
}

static ns_status open_text(ns__segment *out, ns_error *err)
{
    NS_TRY(ns__store_open(&out->frames[NS__FILE_TEXT], &out->store, err));
    bool same = out->no_text ? out->store.length == 0 : out->store.length >= out->ref.text_bytes;
    return compare(same, out->store.frame, err);
}

static ns_status open_parts(const char *directory, const ns_index_settings *settings,
                            ns__segment *out, ns_error *err)
{
    ns__frame *frames = out->frames;
    for (int i = 0; i < NS__SEGMENT_FILES; i++) {
        ns_status status = open_file(directory, &out->ref, i, &frames[i], err);
        if (status != NS_OK)
            return status;
    }
    NS_TRY(open_articles(settings, out, err));
    NS_TRY(open_terms(out, err));
    NS_TRY(ns__postings_open(&frames[NS__FILE_POSTINGS], &frames[NS__FILE_POSITIONS], settings,
                             &out->articles.lengths, out->articles.average, &out->postings, err));
    out->postings.value_frame = &frames[NS__FILE_TERMS];
    NS_TRY(open_spellings(settings, out, err));
    NS_TRY(open_text(out, err));
    return out->ref.tombstone_generation ? ns__tombstones_open(directory, out, err) : NS_OK;
}

ns_status ns__segment_open(const char *directory, const ns__segment_ref *ref,
                           const ns_index_settings *settings, ns__segment *out, ns_error *err)
{
    memset(out, 0, sizeof *out);
    out->ref = *ref;
    out->no_text = settings->no_text;
    ns_status status = open_parts(directory, settings, out, err);
    if (status != NS_OK)
        ns__segment_close(out);
    return status;
}

void ns__segment_close(ns__segment *segment)
{
    ns__store_close(&segment->store);
    ns__headlines_forget(&segment->articles);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        if (segment->frames[i].path != NULL)
            ns__frame_close(&segment->frames[i]);
    if (segment->tombstone_frame.path != NULL)
        ns__frame_close(&segment->tombstone_frame);
    memset(segment, 0, sizeof *segment);
}
