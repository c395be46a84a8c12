/* Walking folders without recursion.
 *
 * A folder is entered once per way to it, but never below itself: the device and inode of each
 * open folder are compared. Inside folders, hidden names and files with a suffix that no reader
 * knows are left out; the latter are counted. So is an index, whatever its name. A named file is
 * always given out. */
#include "ingest/walk.h"

#include <strings.h>

#include "base/mem.h"
#include "os/file.h"

struct ns__walk_frame {
    char *path;
    char **names;
    size_t count, next;
    uint64_t device, inode;
};

void ns__walk_init(ns__walk *walk, const char *const *paths, size_t count)
{
    *walk = (ns__walk){.paths = paths, .count = count};
}

static void pop_frame(ns__walk *walk)
{
    ns__walk_frame *frame = &walk->frames[--walk->depth];
    ns__dir_free_names(frame->names, frame->count);
    ns__free(frame->path);
}

void ns__walk_release(ns__walk *walk)
{
    while (walk->depth > 0)
        pop_frame(walk);
    ns__free(walk->frames);
    ns__free(walk->path);
    *walk = (ns__walk){0};
}

static bool is_open(const ns__walk *walk, const ns__file_info *info)
{
    for (size_t i = 0; i < walk->depth; i++)
        if (walk->frames[i].device == info->device && walk->frames[i].inode == info->inode)
            return true;
    return false;
}

/* Whether the files of a folder are those of an index: its lock, and a commit or what will be one.
 */
static bool is_index(char *const *names, size_t count)
{
    bool lock = false, commit = false;
    for (size_t i = 0; i < count; i++) {
        lock = lock || strcmp(names[i], "lock") == 0;
        commit = commit || strncmp(names[i], "manifest-0", 10) == 0 ||
                 strncmp(names[i], "tmp-segment.", 12) == 0;
    }
    return lock && commit;
}

/* Opens the folder at walk->path, which moves into the new frame. */
static ns_status push_frame(ns__walk *walk, const ns__file_info *info, ns_error *err)
{
    if (NS_RESERVE(walk->frames, walk->frame_capacity, walk->depth + 1) != NS_OK)
        return ns__no_memory(err);
    ns__walk_frame frame = {.device = info->device, .inode = info->inode};
    ns_status status = ns__dir_names(walk->path, &frame.names, &frame.count, err);
    if (status == NS_NOT_FOUND)
        return ns__fail_at(err, NS_ERR_IO, walk->path, NS_NO_OFFSET, "the folder vanished");
    if (status != NS_OK)
        return status;
    if (is_index(frame.names, frame.count)) {
        ns__dir_free_names(frame.names, frame.count);
        walk->skipped++;
        return NS_OK;
    }
    frame.path = walk->path;
    walk->path = NULL;
    walk->frames[walk->depth++] = frame;
    return NS_OK;
}

/* The next path, folders included, into walk->path. */
static ns_status next_path(ns__walk *walk, ns_error *err)
{
    ns__free(walk->path);
    walk->path = NULL;
    while (walk->depth > 0) {
        ns__walk_frame *frame = &walk->frames[walk->depth - 1];
        if (frame->next == frame->count) {
            pop_frame(walk);
            continue;
        }
        const char *name = frame->names[frame->next++];
        if (name[0] == '.')
            continue;
        walk->named = false;
        walk->path = ns__path_join(frame->path, name);
        return walk->path != NULL ? NS_OK : ns__no_memory(err);
    }
    if (walk->next == walk->count)
        return NS_DONE;
    walk->named = true;
    walk->path = ns__path_join("", walk->paths[walk->next++]);
    return walk->path != NULL ? NS_OK : ns__no_memory(err);
}

ns_status ns__walk_next(ns__walk *walk, ns_error *err)
{
    for (;;) {
        ns_status status = next_path(walk, err);
        if (status != NS_OK)
            return status;
        if (walk->named && strcmp(walk->path, "-") == 0)
            return NS_OK;
        ns__file_info info;
        NS_TRY(ns__file_stat(walk->path, &info, err));
        bool known = walk->named || ns__walk_suffix_of(walk->path) != NS__SUFFIX_OTHER;
        if (info.kind == NS__FILE_DIRECTORY) {
            if (is_open(walk, &info))
                walk->skipped++;
            else
                NS_TRY(push_frame(walk, &info, err));
        } else if (info.kind == NS__FILE_NONE && known) {
            return ns__fail_at(err, NS_ERR_IO, walk->path, NS_NO_OFFSET, "no such file or folder");
        } else if (known && (walk->named || info.kind == NS__FILE_REGULAR)) {
            return NS_OK;
        } else {
            walk->skipped++;
        }
    }
}

/* Whether `name` of `length` bytes ends with `suffix`, which is taken off. */
static bool take_suffix(const char *name, size_t *length, const char *suffix)
{
    size_t bytes = strlen(suffix);
    if (*length <= bytes || strncasecmp(name + *length - bytes, suffix, bytes) != 0)
        return false;
    *length -= bytes;
    return true;
}

ns__walk_suffix ns__walk_suffix_of(const char *path)
{
    static const struct {
        const char *suffix;
        ns__walk_suffix kind;
    } KNOWN[] = {
        {".jsonl", NS__SUFFIX_JSONL}, {".ndjson", NS__SUFFIX_JSONL}, {".json", NS__SUFFIX_JSONL},
        {".txt", NS__SUFFIX_TEXT},    {".text", NS__SUFFIX_TEXT},
    };
    size_t length = strlen(path);
    (void)take_suffix(path, &length, ".gz");
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
        if (take_suffix(path, &length, KNOWN[i].suffix))
            return KNOWN[i].kind;
    return NS__SUFFIX_OTHER;
}
