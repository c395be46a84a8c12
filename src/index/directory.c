/* Which files of a directory belong to an index. */
#include "index/directory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "os/file.h"
#include "text/analyzer.h"

static const char *const EXTENSIONS[] = {"art", "trm", "pst", "pos", "txt", "del"};
enum { EXTENSION_COUNT = sizeof EXTENSIONS / sizeof *EXTENSIONS };

/* Eight or more decimal digits that fit 64 bits; *end is what follows. */
static bool read_generation(const char *text, uint64_t *generation, const char **end)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*at - '0'), &value))
            return false;
    *generation = value;
    *end = at;
    return at - text >= 8;
}

static bool is_segment_tail(const char *tail)
{
    if (*tail++ != '-')
        return false;
    for (int i = 0; i < 16; i++, tail++)
        if (!((*tail >= '0' && *tail <= '9') || (*tail >= 'a' && *tail <= 'f')))
            return false;
    if (*tail++ != '.')
        return false;
    for (int i = 0; i < EXTENSION_COUNT; i++)
        if (strcmp(tail, EXTENSIONS[i]) == 0)
            return true;
    return false;
}

static bool ends_with(const char *name, const char *tail)
{
    size_t length = strlen(name), tail_length = strlen(tail);
    return length > tail_length && strcmp(name + length - tail_length, tail) == 0;
}

ns__name_kind ns__directory_name_kind(const char *name, uint64_t *generation)
{
    uint64_t value = 0;
    const char *end;
    bool temporary = strncmp(name, "tmp-", 4) == 0 ||
                     (strncmp(name, "manifest-", 9) == 0 && ends_with(name, ".tmp"));
    ns__name_kind kind = NS__NAME_FOREIGN;
    if (strcmp(name, NS_LOCK_NAME) == 0)
        kind = NS__NAME_LOCK;
    else if (temporary)
        kind = NS__NAME_TEMPORARY;
    else if (strncmp(name, "manifest-", 9) == 0 && read_generation(name + 9, &value, &end) &&
             *end == '\0')
        kind = NS__NAME_MANIFEST;
    else if (read_generation(name, &value, &end) && is_segment_tail(end))
        kind = NS__NAME_SEGMENT;
    if (generation)
        *generation = kind == NS__NAME_MANIFEST || kind == NS__NAME_SEGMENT ? value : 0;
    return kind;
}

bool ns__manifest_names(const ns__manifest *manifest, const char *name)
{
    char ours[64];
    uint64_t generation;
    if (ns__directory_name_kind(name, &generation) == NS__NAME_MANIFEST)
        return generation == manifest->generation;
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        const ns__segment_ref *ref = &manifest->segments[i];
        if (ref->generation != generation && ref->tombstone_generation != generation)
            continue;
        for (int file = 0; file < NS__SEGMENT_FILES; file++) {
            ns__segment_file_name(ref, file, ours);
            if (strcmp(name, ours) == 0)
                return true;
        }
        if (ref->tombstone_generation == 0)
            continue;
        ns__tombstones_name(ref, ref->tombstone_generation, ours);
        if (strcmp(name, ours) == 0)
            return true;
    }
    return false;
}

ns_status ns__manifest_check_versions(const char *directory, const ns__manifest *manifest,
                                      ns_error *err)
{
    if (ns__analyzer_can_read(manifest->versions))
        return NS_OK;
    return ns__fail_at(err, NS_ERR_SETTINGS, directory, NS_NO_OFFSET,
                       "made with %.160s; this ns has %.160s; rebuild with ns index --fresh",
                       manifest->versions, ns__analyzer_versions());
}

ns_status ns__directory_sweep(const char *directory, const ns__manifest *manifest,
                              bool temporaries_only, ns_error *err)
{
    char **names;
    size_t count;
    ns_status status = ns__dir_names(directory, &names, &count, err);
    if (status != NS_OK)
        return status < 0 ? status : NS_OK;
    for (size_t i = 0; i < count && status == NS_OK; i++) {
        ns__name_kind kind = ns__directory_name_kind(names[i], NULL);
        bool leftover = kind == NS__NAME_TEMPORARY;
        if (!temporaries_only && (kind == NS__NAME_MANIFEST || kind == NS__NAME_SEGMENT))
            leftover = manifest == NULL || !ns__manifest_names(manifest, names[i]);
        if (!leftover)
            continue;
        char *path = ns__path_join(directory, names[i]);
        status = path ? ns__file_remove(path, err) : ns__no_memory(err);
        ns__free(path);
    }
    ns__dir_free_names(names, count);
    return status;
}

ns_status ns__directory_look(const char *directory, bool *exists, uint64_t *generation,
                             ns_error *err)
{
    *generation = 0;
    ns__file_info info;
    NS_TRY(ns__file_stat(directory, &info, err));
    *exists = info.kind != NS__FILE_NONE;
    if (!*exists)
        return NS_OK;
    if (info.kind != NS__FILE_DIRECTORY)
        return ns__fail_at(err, NS_ERR_ARGUMENT, directory, NS_NO_OFFSET,
                           "this is not a directory; name another place for the index");
    char **names;
    size_t count;
    NS_TRY(ns__dir_names(directory, &names, &count, err));
    bool is_index = false;
    const char *foreign = NULL;
    for (size_t i = 0; i < count; i++) {
        uint64_t number;
        ns__name_kind kind = ns__directory_name_kind(names[i], &number);
        if (kind == NS__NAME_FOREIGN)
            foreign = foreign ? foreign : names[i];
        if (kind == NS__NAME_MANIFEST) {
            is_index = true;
            *generation = number > *generation ? number : *generation;
        }
    }
    ns_status status = NS_OK;
    if (foreign && !is_index)
        status = ns__fail_at(err, NS_ERR_ARGUMENT, directory, NS_NO_OFFSET,
                             "this directory has other files (such as \"%.100s\") and no index; "
                             "name an empty or a new one",
                             foreign);
    ns__dir_free_names(names, count);
    return status;
}

static ns_status add_file_bytes(const char *directory, const char *name, uint64_t *bytes,
                                ns_error *err)
{
    ns__file_info info = {0};
    char *path = ns__path_join(directory, name);
    if (path == NULL)
        return ns__no_memory(err);
    ns_status status = ns__file_stat(path, &info, err);
    ns__free(path);
    *bytes += info.bytes;
    return status;
}

ns_status ns__directory_bytes(const char *directory, const ns__manifest *manifest, uint64_t *bytes,
                              ns_error *err)
{
    char name[64];
    *bytes = 0;
    ns__manifest_name(manifest->generation, name);
    NS_TRY(add_file_bytes(directory, name, bytes, err));
    for (uint32_t i = 0; i < manifest->segment_count; i++) {
        const ns__segment_ref *ref = &manifest->segments[i];
        for (int file = 0; file < NS__SEGMENT_FILES; file++)
            *bytes += ref->bytes[file];
        if (ref->tombstone_generation == 0)
            continue;
        ns__tombstones_name(ref, ref->tombstone_generation, name);
        NS_TRY(add_file_bytes(directory, name, bytes, err));
    }
    return NS_OK;
}
