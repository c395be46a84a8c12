/* The manifest: see manifest.h. One section, "mani":
 *
 *   u64 generation, settings (56 bytes), string of versions (varint length, bytes), u32 segments,
 *   then for each segment its ref, 192 bytes: see put_ref. The frame's segment id is the
 *   generation as a u64 and eight zeros. */
#include "segment/manifest.h"

#include <stdio.h>

#include "base/limits.h"

#define SECTION_MANIFEST NS_FOURCC('m', 'a', 'n', 'i')

enum {
    REF_BYTES = 192,
    NAME_DIGITS = 8,
    OPEN_ATTEMPTS = 16 /* a commit may remove the manifest that was just listed */
};

static const char PREFIX[] = "manifest-";

void ns__manifest_name(uint64_t generation, char name[64])
{
    snprintf(name, 64, "%s%0*llu", PREFIX, NAME_DIGITS, (unsigned long long)generation);
}

/* ---- Packing ---- */

static void put_ref(const ns__segment_ref *ref, ns__buf *out)
{
    const ns__postings_counts *counts = &ref->counts;
    ns__buf_u64(out, ref->generation);
    ns__buf_append(out, ref->id.bytes, sizeof ref->id.bytes);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        ns__buf_u64(out, ref->bytes[i]);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        ns__buf_u32(out, ref->crcs[i]);
    ns__buf_u32(out, ref->articles);
    ns__buf_u32(out, ref->passages);
    ns__buf_u64(out, ref->tokens);
    ns__buf_u64(out, ref->total_length);
    ns__buf_u64(out, ref->text_bytes);
    ns__buf_u64(out, counts->postings);
    ns__buf_u64(out, counts->positions);
    ns__buf_u64(out, counts->inline_lists);
    ns__buf_u64(out, counts->short_lists);
    ns__buf_u64(out, counts->block_lists);
    ns__buf_u64(out, counts->blocks);
    ns__buf_u32(out, ref->terms);
    ns__buf_u32(out, ref->surfaces);
    ns__buf_u64(out, ref->tombstone_generation);
    ns__buf_u32(out, ref->deleted_articles);
    ns__buf_u32(out, ref->deleted_passages);
    ns__buf_u32(out, ref->tombstone_crc);
}

static void get_ref(ns__cur *cur, ns__segment_ref *ref)
{
    ns__postings_counts *counts = &ref->counts;
    ref->generation = ns__cur_u64(cur);
    const uint8_t *id = ns__cur_take(cur, sizeof ref->id.bytes);
    if (id != NULL)
        memcpy(ref->id.bytes, id, sizeof ref->id.bytes);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        ref->bytes[i] = ns__cur_u64(cur);
    for (int i = 0; i < NS__SEGMENT_FILES; i++)
        ref->crcs[i] = ns__cur_u32(cur);
    ref->articles = ns__cur_u32(cur);
    ref->passages = ns__cur_u32(cur);
    ref->tokens = ns__cur_u64(cur);
    ref->total_length = ns__cur_u64(cur);
    ref->text_bytes = ns__cur_u64(cur);
    counts->postings = ns__cur_u64(cur);
    counts->positions = ns__cur_u64(cur);
    counts->inline_lists = ns__cur_u64(cur);
    counts->short_lists = ns__cur_u64(cur);
    counts->block_lists = ns__cur_u64(cur);
    counts->blocks = ns__cur_u64(cur);
    ref->terms = ns__cur_u32(cur);
    ref->surfaces = ns__cur_u32(cur);
    ref->tombstone_generation = ns__cur_u64(cur);
    ref->deleted_articles = ns__cur_u32(cur);
    ref->deleted_passages = ns__cur_u32(cur);
    ref->tombstone_crc = ns__cur_u32(cur);
}

/* What is wrong with the ref of a segment, or NULL. */
static const char *ref_fault(const ns__manifest *manifest, uint32_t index)
{
    const ns__segment_ref *ref = &manifest->segments[index];
    bool clean = ref->tombstone_generation == 0;
    if (ref->generation == 0 || ref->generation > manifest->generation ||
        ref->tombstone_generation > manifest->generation)
        return "a segment is newer than the manifest that names it";
    if (ref->articles > ref->passages || ref->passages > NS_MAX_PASSAGES)
        return "a segment has fewer passages than articles, or too many";
    if (ref->deleted_articles > ref->articles || ref->deleted_passages > ref->passages)
        return "a segment has more deleted articles than articles";
    if (clean && (ref->deleted_articles || ref->deleted_passages || ref->tombstone_crc))
        return "a segment has deleted articles but no file that names them";
    for (uint32_t i = 0; i < index; i++)
        if (memcmp(manifest->segments[i].id.bytes, ref->id.bytes, sizeof ref->id.bytes) == 0 &&
            manifest->segments[i].generation == ref->generation)
            return "a segment is named twice";
    return NULL;
}

/* ---- Writing ---- */

static ns_status check_manifest(const ns__manifest *manifest, ns_error *err)
{
    NS_TRY(ns__settings_check(&manifest->settings, err));
    if (manifest->generation == 0 || manifest->generation > NS_MAX_GENERATION)
        return ns__fail(err, NS_ERR_ARGUMENT,
                        "a manifest needs a generation that readers look for");
    if (manifest->segment_count > NS_MAX_SEGMENTS)
        return ns__fail(err, NS_ERR_LIMIT, "an index cannot have %u segments, only %d",
                        manifest->segment_count, NS_MAX_SEGMENTS);
    if (strnlen(manifest->versions, sizeof manifest->versions) == sizeof manifest->versions)
        return ns__fail(err, NS_ERR_ARGUMENT, "the versions of a manifest are not terminated");
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        const char *fault = ref_fault(manifest, i);
        if (fault != NULL)
            return ns__fail(err, NS_ERR_ARGUMENT, "cannot write this manifest: %s", fault);
    }
    return NS_OK;
}

static ns_status write_file(const char *path, const ns__manifest *manifest, ns_error *err)
{
    ns__buf bytes = {0};
    size_t versions = strlen(manifest->versions);
    ns__buf_u64(&bytes, manifest->generation);
    ns__settings_pack(&manifest->settings, &bytes);
    ns__buf_varint(&bytes, versions);
    ns__buf_append(&bytes, manifest->versions, versions);
    ns__buf_u32(&bytes, manifest->segment_count);
    for (uint32_t i = 0; i < manifest->segment_count; i++)
        put_ref(&manifest->segments[i], &bytes);
    ns__frame_writer *frame;
    ns_status status = bytes.failed ? ns__no_memory(err) : NS_OK;
    if (status == NS_OK)
        status = ns__frame_create(path, NS_KIND_MANIFEST, &frame, err);
    if (status == NS_OK) {
        ns__segment_id id = {{0}};
        ns__put_u64(id.bytes, manifest->generation);
        ns__frame_section(frame, SECTION_MANIFEST);
        ns__frame_append(frame, bytes.data, bytes.length);
        status = ns__frame_finish(frame, id, true, NULL, NULL, err);
    }
    ns__buf_release(&bytes);
    return status;
}

/* The name may be there now whatever comes of this. */
static ns_status sync_renamed(const char *directory, ns_error *err)
{
    ns_error why = {0};
    const ns_status status = ns__dir_sync(directory, &why);
    if (status == NS_OK)
        return NS_OK;
    return ns__fail_at(err, status, directory, NS_NO_OFFSET,
                       "%.300s; the new commit may be there or not: ns stats tells", why.message);
}

ns_status ns__manifest_write(const char *directory, const ns__manifest *manifest, ns_error *err)
{
    char name[64], temporary_name[80];
    NS_TRY(check_manifest(manifest, err));
    ns__manifest_name(manifest->generation, name);
    snprintf(temporary_name, sizeof temporary_name, "%s.tmp", name);
    char *path = ns__path_join(directory, name);
    char *temporary = ns__path_join(directory, temporary_name);
    ns__file_info info = {0};
    ns_status status = path && temporary ? NS_OK : ns__no_memory(err);
    if (status == NS_OK)
        status = ns__file_stat(path, &info, err);
    if (status == NS_OK && info.kind != NS__FILE_NONE)
        status = ns__fail_at(err, NS_ERR_ARGUMENT, path, NS_NO_OFFSET,
                             "this commit exists already: a file name is never used twice");
    if (status == NS_OK)
        status = ns__file_remove(temporary, err); /* left by a writer that died */
    if (status == NS_OK)
        status = write_file(temporary, manifest, err);
    if (status == NS_OK) {
        status = ns__file_rename(temporary, path, err);
        if (status == NS_OK)
            status = sync_renamed(directory, err);
    }
    if (status < 0 && temporary != NULL)
        (void)ns__file_remove(temporary, NULL);
    ns__free(path);
    ns__free(temporary);
    return status;
}

/* ---- Reading ---- */

/* The generation in a name, 0 when it is not the name of a manifest. */
static uint64_t generation_of(const char *name)
{
    char same[64];
    uint64_t generation = 0;
    if (strncmp(name, PREFIX, sizeof PREFIX - 1) != 0)
        return 0;
    for (const char *at = name + sizeof PREFIX - 1; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || generation > NS_MAX_GENERATION / 10)
            return 0;
        generation = generation * 10 + (uint64_t)(*at - '0');
    }
    ns__manifest_name(generation, same);
    return strcmp(name, same) == 0 ? generation : 0;
}

static ns_status newest(const char *directory, uint64_t *generation, ns_error *err)
{
    char **names;
    size_t count;
    *generation = 0;
    ns_status status = ns__dir_names(directory, &names, &count, err);
    if (status != NS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        uint64_t found = generation_of(names[i]);
        if (found > *generation)
            *generation = found;
    }
    ns__dir_free_names(names, count);
    return *generation != 0 ? NS_OK : NS_NOT_FOUND;
}

static ns_status parse(const ns__frame *frame, uint64_t generation, ns__manifest *out,
                       ns_error *err)
{
    ns__str bytes;
    NS_TRY(ns__frame_verify(frame, err)); /* small: every byte is verified before it is trusted */
    NS_TRY(ns__frame_find(frame, SECTION_MANIFEST, &bytes, err));
    ns__cur cur = ns__cur_of(bytes.data, bytes.length);
    out->generation = ns__cur_u64(&cur);
    if (out->generation != generation || ns__get_u64(frame->id.bytes) != generation ||
        ns__get_u64(frame->id.bytes + 8) != 0)
        return ns__frame_corrupt(frame, bytes.data, err,
                                 "the manifest has another generation than its name");
    if (!ns__settings_unpack(&cur, &out->settings))
        return ns__frame_corrupt(frame, bytes.data + 8, err,
                                 "the settings of the index are malformed or out of range");
    ns__str versions = ns__cur_str(&cur);
    if (cur.bad || versions.length >= sizeof out->versions ||
        memchr(versions.data, '\0', versions.length) != NULL)
        return ns__frame_corrupt(frame, cur.at, err, "the versions in the manifest are malformed");
    memcpy(out->versions, versions.data, versions.length);
    const uint8_t *list = cur.at;
    uint32_t count = ns__cur_u32(&cur);
    if (cur.bad || count > NS_MAX_SEGMENTS || ns__cur_left(&cur) != (size_t)count * REF_BYTES)
        return ns__frame_corrupt(frame, list, err,
                                 "the manifest does not hold the number of segments it says");
    out->segments = ns__zalloc(count, sizeof *out->segments);
    if (out->segments == NULL)
        return ns__no_memory(err);
    for (; out->segment_count < count; out->segment_count++) {
        const uint8_t *at = cur.at;
        get_ref(&cur, &out->segments[out->segment_count]);
        const char *fault = ref_fault(out, out->segment_count);
        if (fault != NULL)
            return ns__frame_corrupt(frame, at, err, fault);
    }
    return NS_OK;
}

static ns_status read_generation(const char *directory, uint64_t generation, ns__manifest *out,
                                 ns_error *err)
{
    char name[64];
    ns__frame frame;
    ns__manifest_name(generation, name);
    char *path = ns__path_join(directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__frame_open(path, NS_KIND_MANIFEST, &frame, err);
    ns__free(path);
    if (status != NS_OK)
        return status;
    memset(out, 0, sizeof *out);
    status = parse(&frame, generation, out, err);
    ns__frame_close(&frame);
    if (status != NS_OK)
        ns__manifest_release(out);
    return status;
}

ns_status ns__manifest_read(const char *directory, ns__manifest *out, ns_error *err)
{
    ns_status status = NS_NOT_FOUND;
    memset(out, 0, sizeof *out);
    for (int i = 0; i < OPEN_ATTEMPTS && status == NS_NOT_FOUND; i++) {
        uint64_t generation;
        status = newest(directory, &generation, err);
        if (status != NS_OK)
            return status;
        status = read_generation(directory, generation, out, err);
    }
    return status;
}

void ns__manifest_release(ns__manifest *manifest)
{
    ns__free(manifest->segments);
    memset(manifest, 0, sizeof *manifest);
}
