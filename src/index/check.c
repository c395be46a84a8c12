/* Checking a whole index: every byte against its checksum, every structure against the others.
 *
 * Damage in one file does not hide damage in the next: each file is verified by itself first; only
 * segments whose files are all sound are looked into. Leftovers of a writer that died are not
 * faults: the next writer removes them.
 *
 * A commit may remove the files of the commit before. So all segments that can be opened are,
 * before anything is told, and their maps are what is checked. */
#include <stdio.h>

#include "base/limits.h"
#include "base/mem.h"
#include "index/directory.h"
#include "index/snapshot.h"

static const uint32_t KINDS[NS__SEGMENT_FILES] = {NS_KIND_ARTICLES, NS_KIND_TERMS, NS_KIND_POSTINGS,
                                                  NS_KIND_POSITIONS, NS_KIND_TEXT};

typedef struct check {
    const char *directory;
    bool (*on_fault)(void *payload, const ns_fault *fault);
    void *payload;
    ns_check_summary *summary;
    bool stopped;
} check;

static bool report(void *payload, const char *file, uint64_t offset, const char *message)
{
    check *all = payload;
    const char *slash = strrchr(file, '/');
    ns_fault fault = {slash ? slash + 1 : file, offset, message};
    all->summary->faults++;
    if (!all->stopped && all->on_fault)
        all->stopped = !all->on_fault(all->payload, &fault);
    return !all->stopped;
}

/* What `err` says about a file becomes a fault; memory and cancellation are errors of the check. */
static ns_status report_error(check *all, ns_status status, const char *name, const ns_error *what,
                              ns_error *err)
{
    if (status == NS_ERR_MEMORY)
        return ns__no_memory(err);
    report(all, what->file[0] ? what->file : name, what->offset, what->message);
    return NS_OK;
}

/* ---- One file by itself ---- */

/* What the manifest says of a file. */
typedef struct expected {
    char name[64];
    uint32_t kind, crc;
    ns__segment_id id;
    const uint64_t *bytes; /* NULL: nothing */
} expected;

static ns_status verify(check *all, const ns__frame *frame, const expected *file, ns_error *what)
{
    const ns_status status = ns__frame_verify(frame, what);
    if (status == NS_OK && file->bytes && frame->map.length != *file->bytes)
        report(all, file->name, NS_NO_OFFSET, "the length is not what the manifest says");
    else if (status == NS_OK &&
             (frame->footer_crc != file->crc || memcmp(&frame->id, &file->id, sizeof file->id)))
        report(all, file->name, NS_NO_OFFSET, "this is not the file that the manifest means");
    return status;
}

/* A file of a segment that could not be opened. */
static ns_status open_and_verify(check *all, const expected *file, ns_error *what)
{
    char *path = ns__path_join(all->directory, file->name);
    if (path == NULL)
        return NS_ERR_MEMORY;
    ns__frame frame = {0};
    ns__file_info info = {0};
    ns_status status = ns__file_stat(path, &info, what);
    all->summary->files += status == NS_OK && info.kind != NS__FILE_NONE;
    all->summary->bytes += status == NS_OK ? info.bytes : 0;
    if (status == NS_OK)
        status = ns__frame_open(path, file->kind, &frame, what);
    if (status == NS_OK) {
        status = verify(all, &frame, file, what);
        ns__frame_close(&frame);
    } else if (status == NS_NOT_FOUND) {
        report(all, file->name, NS_NO_OFFSET, "the file is missing");
        status = NS_OK;
    }
    ns__free(path);
    return status;
}

/* *sound: every byte is as it was written, and it is the file that the manifest means. `frame`: the
 * file, when it is open. */
static ns_status check_file(check *all, const expected *file, const ns__frame *frame, bool *sound,
                            ns_error *err)
{
    ns_error what = {.offset = NS_NO_OFFSET};
    const uint64_t faults = all->summary->faults;
    ns_status status;
    if (frame) {
        all->summary->files++;
        all->summary->bytes += frame->map.length;
        status = verify(all, frame, file, &what);
    } else {
        status = open_and_verify(all, file, &what);
    }
    if (status < 0)
        NS_TRY(report_error(all, status, file->name, &what, err));
    *sound = *sound && all->summary->faults == faults;
    return NS_OK;
}

/* The files of a segment, which is NULL when it is not open. */
static ns_status check_files(check *all, const ns__segment_ref *ref, const ns__segment *segment,
                             bool *sound, ns_error *err)
{
    *sound = true;
    for (int i = 0; i < NS__SEGMENT_FILES && !all->stopped; i++) {
        expected file = {"", KINDS[i], ref->crcs[i], ref->id, &ref->bytes[i]};
        ns__segment_file_name(ref, i, file.name);
        NS_TRY(check_file(all, &file, segment ? &segment->frames[i] : NULL, sound, err));
    }
    if (ref->tombstone_generation > 0 && !all->stopped) {
        expected file = {"", NS_KIND_TOMBSTONES, ref->tombstone_crc, ref->id, NULL};
        ns__tombstones_name(ref, ref->tombstone_generation, file.name);
        NS_TRY(check_file(all, &file, segment ? &segment->tombstone_frame : NULL, sound, err));
    }
    return NS_OK;
}

/* ---- Structures ---- */

/* The sums of the manifest against the segment. */
static void check_sums(check *all, const ns__segment *segment)
{
    const ns__segment_ref *ref = &segment->ref;
    const ns__articles *articles = &segment->articles;
    const char *path = segment->frames[NS__FILE_ARTICLES].path;
    if (articles->count != ref->articles || articles->passages != ref->passages)
        report(all, path, NS_NO_OFFSET,
               "articles or passages are not as many as the manifest says");
    if (articles->tokens != ref->tokens || articles->total_length != ref->total_length)
        report(all, path, NS_NO_OFFSET, "the sums of lengths are not what the manifest says");
    if (segment->terms.count != ref->terms || segment->terms.surface_count != ref->surfaces)
        report(all, segment->frames[NS__FILE_TERMS].path, NS_NO_OFFSET,
               "terms or surfaces are not as many as the manifest says");
    uint32_t dead = 0, dead_passages = 0;
    for (uint32_t a = 0; a < articles->count && segment->deleted; a++) {
        if (!ns__segment_deleted(segment, a))
            continue;
        dead++;
        dead_passages += ns__article_first(articles, a + 1) - ns__article_first(articles, a);
    }
    if (dead != ref->deleted_articles || dead_passages != ref->deleted_passages)
        report(all, segment->tombstone_frame.path ? segment->tombstone_frame.path : path,
               NS_NO_OFFSET, "the tombstones are not as many as the manifest says");
}

/* Whether the segment has a living article with this id that is not its article `mine`. What damage
 * keeps from being found is reported with the structures. */
static ns_status has_other(const ns__segment *segment, ns__id_finder *finder, ns__str id,
                           uint32_t mine, bool *other, ns_error *err)
{
    uint32_t found;
    *other = false;
    ns_status status = ns__id_find(&segment->articles, finder, id, &found, NULL);
    if (status == NS_OK)
        *other = found != mine && !ns__segment_deleted(segment, found);
    return status == NS_ERR_MEMORY ? ns__no_memory(err) : NS_OK;
}

/* Whether this segment or a later one has another living article with an id. */
static ns_status check_one_id(check *all, ns__segment *const *segments, ns__id_finder *finders,
                              uint32_t count, uint32_t at, uint32_t article, ns__str id,
                              ns_error *err)
{
    for (uint32_t s = at; s < count; s++) {
        bool other = false;
        if (segments[s] != NULL)
            NS_TRY(has_other(segments[s], &finders[s], id, s == at ? article : UINT32_MAX, &other,
                             err));
        if (other)
            report(all, segments[at]->frames[NS__FILE_ARTICLES].path, NS_NO_OFFSET,
                   "two articles that are not deleted have the same id");
    }
    return NS_OK;
}

/* No two living articles have one id: every living one is what its id finds, here and in no later
 * segment. */
static ns_status check_ids(check *all, ns__segment *const *segments, uint32_t count, uint32_t at,
                           ns_error *err)
{
    const ns__segment *segment = segments[at];
    ns__zstrings_reader reader = {0};
    ns__buf id = {0};
    ns__id_finder *finders = ns__zalloc(count, sizeof *finders);
    ns_status status = finders ? NS_OK : ns__no_memory(err);
    for (uint32_t a = 0; a < segment->articles.count && status == NS_OK && !all->stopped; a++) {
        if (ns__segment_deleted(segment, a))
            continue;
        if (ns__article_id(&segment->articles, a, &reader, &id, NULL) != NS_OK)
            break; /* reported with the structures */
        status =
            check_one_id(all, segments, finders, count, at, a, (ns__str){id.data, id.length}, err);
    }
    if (id.failed)
        status = ns__no_memory(err);
    for (uint32_t s = 0; finders && s < count; s++)
        ns__id_finder_release(&finders[s]);
    ns__free(finders);
    ns__zstrings_reader_release(&reader);
    ns__buf_release(&id);
    return status;
}

/* A segment whose files are sound by themselves; why it was not open then is a fault, too. */
static ns_status check_structures(check *all, const ns__manifest *manifest, uint32_t i,
                                  ns__segment *segment, ns_error *err)
{
    ns_error what = {.offset = NS_NO_OFFSET};
    ns_status status;
    if (segment != NULL) {
        check_sums(all, segment);
        status = ns__segment_check(segment, &manifest->settings, report, all, &what);
    } else {
        ns__segment once;
        status = ns__segment_open(all->directory, &manifest->segments[i], &manifest->settings,
                                  &once, &what);
        if (status == NS_OK)
            ns__segment_close(&once);
    }
    return status < 0 ? report_error(all, status, "", &what, err) : NS_OK;
}

static void close_segment(ns__segment **segment)
{
    if (*segment != NULL)
        ns__segment_close(*segment);
    ns__free(*segment);
    *segment = NULL;
}

static ns_status check_segments(check *all, const ns__manifest *manifest, ns__segment **segments,
                                ns_error *err)
{
    for (uint32_t i = 0; i < manifest->segment_count && !all->stopped; i++) {
        bool sound;
        NS_TRY(check_files(all, &manifest->segments[i], segments[i], &sound, err));
        if (!sound)
            close_segment(&segments[i]);
        else if (!all->stopped)
            NS_TRY(check_structures(all, manifest, i, segments[i], err));
    }
    for (uint32_t i = 0; i < manifest->segment_count && !all->stopped; i++)
        if (segments[i])
            NS_TRY(check_ids(all, segments, manifest->segment_count, i, err));
    return NS_OK;
}

/* ---- The directory ---- */

static ns_status check_names(check *all, ns_error *err)
{
    char **names;
    size_t count;
    ns_status status = ns__dir_names(all->directory, &names, &count, err);
    if (status != NS_OK)
        return status < 0 ? status : NS_OK;
    for (size_t i = 0; i < count && !all->stopped; i++) {
        uint64_t generation = 0;
        const ns__name_kind kind = ns__directory_name_kind(names[i], &generation);
        if (kind == NS__NAME_FOREIGN)
            report(all, names[i], NS_NO_OFFSET, "this file is not part of the index");
        else if (kind == NS__NAME_MANIFEST && generation >= NS_MAX_GENERATION)
            report(all, names[i], NS_NO_OFFSET,
                   "no commit can follow one of this number; make the index anew in another "
                   "directory");
    }
    ns__dir_free_names(names, count);
    return NS_OK;
}

static ns_status count_manifest(check *all, const ns__manifest *manifest, ns_error *err)
{
    char name[64];
    ns__file_info info = {0};
    ns__manifest_name(manifest->generation, name);
    char *path = ns__path_join(all->directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    if (ns__file_stat(path, &info, NULL) == NS_OK) {
        all->summary->files++;
        all->summary->bytes += info.bytes;
    }
    ns__free(path);
    return NS_OK;
}

/* Without a manifest nothing says which files matter: each is verified by its own checksums. */
static ns_status check_orphans(check *all, ns_error *err)
{
    char **names;
    size_t count;
    ns_status status = ns__dir_names(all->directory, &names, &count, err);
    if (status != NS_OK)
        return status < 0 ? status : NS_OK;
    for (size_t i = 0; i < count && status == NS_OK && !all->stopped; i++) {
        static const char *const EXTENSIONS[NS__SEGMENT_FILES] = {".art", ".trm", ".pst", ".pos",
                                                                  ".txt"};
        if (ns__directory_name_kind(names[i], NULL) != NS__NAME_SEGMENT)
            continue;
        uint32_t kind = NS_KIND_TOMBSTONES;
        for (int file = 0; file < NS__SEGMENT_FILES; file++)
            if (strcmp(strrchr(names[i], '.'), EXTENSIONS[file]) == 0)
                kind = KINDS[file];
        char *path = ns__path_join(all->directory, names[i]);
        ns__frame frame = {0};
        ns_error what = {.offset = NS_NO_OFFSET};
        status = path ? ns__frame_open(path, kind, &frame, &what) : NS_ERR_MEMORY;
        if (status == NS_OK) {
            all->summary->files++;
            all->summary->bytes += frame.map.length;
            status = ns__frame_verify(&frame, &what);
            ns__frame_close(&frame);
        }
        ns__free(path);
        status = status < 0 ? report_error(all, status, names[i], &what, err) : NS_OK;
    }
    ns__dir_free_names(names, count);
    return status;
}

/* ---- What there is to check ---- */

static void close_all(const ns__manifest *manifest, ns__segment **segments)
{
    for (uint32_t i = 0; segments && i < manifest->segment_count; i++)
        close_segment(&segments[i]);
    ns__free(segments);
}

/* Opens the segments that can be; *missing: a file of one is not there. */
static ns_status open_segments(const check *all, const ns__manifest *manifest,
                               ns__segment ***segments, bool *missing, ns_error *err)
{
    *missing = false;
    *segments = ns__zalloc(manifest->segment_count, sizeof **segments);
    if (*segments == NULL)
        return ns__no_memory(err);
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        ns__segment *segment = ns__zalloc(1, sizeof *segment);
        ns_status status = NS_ERR_MEMORY;
        if (segment != NULL)
            status = ns__segment_open(all->directory, &manifest->segments[i], &manifest->settings,
                                      segment, NULL);
        *missing = *missing || status == NS_NOT_FOUND;
        if (status == NS_OK)
            (*segments)[i] = segment;
        else
            ns__free(segment);
        if (status == NS_ERR_MEMORY)
            return ns__no_memory(err);
    }
    return NS_OK;
}

/* The newest commit with its segments. Where a file is missing of one that is not the newest any
 * more, the next is taken. */
static ns_status open_newest(const check *all, ns__manifest *manifest, ns__segment ***segments,
                             ns_error *err)
{
    enum { TRIES = 64 };
    uint64_t tried = 0;
    for (int i = 0;; i++) {
        bool missing;
        *segments = NULL;
        ns_status status = ns__manifest_read(all->directory, manifest, err);
        if (status != NS_OK)
            return status;
        status = open_segments(all, manifest, segments, &missing, err);
        if (status != NS_OK || !missing || manifest->generation == tried || i == TRIES)
            return status;
        tried = manifest->generation;
        close_all(manifest, *segments);
        ns__manifest_release(manifest);
    }
}

ns_status ns_index_check(const char *directory,
                         bool (*on_fault)(void *payload, const ns_fault *fault), void *payload,
                         ns_check_summary *summary, ns_error *err)
{
    ns_check_summary unused;
    check all = {directory, on_fault, payload, summary ? summary : &unused, false};
    *all.summary = (ns_check_summary){0};
    ns__manifest manifest = {0};
    ns_error what = {.offset = NS_NO_OFFSET};
    ns__segment **segments = NULL;
    ns_status status = open_newest(&all, &manifest, &segments, &what);
    if (status == NS_NOT_FOUND)
        return ns__fail_at(err, NS_ERR_NO_INDEX, directory, NS_NO_OFFSET,
                           "there is no index here; make one with ns index");
    if (status == NS_ERR_CORRUPT) {
        report(&all, what.file, what.offset, what.message);
        ns__manifest_release(&manifest);
        return check_orphans(&all, err);
    }
    if (status < 0) {
        if (err)
            *err = what;
        close_all(&manifest, segments);
        ns__manifest_release(&manifest);
        return status;
    }
    status = count_manifest(&all, &manifest, err);
    if (status == NS_OK)
        status = check_segments(&all, &manifest, segments, err);
    if (status == NS_OK && !all.stopped)
        status = check_names(&all, err);
    close_all(&manifest, segments);
    ns__manifest_release(&manifest);
    return status;
}
