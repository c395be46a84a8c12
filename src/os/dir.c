/* Directories: making, syncing, listing in byte order. */
#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/syncer.h"

ns_status ns__dir_make_new(const char *path, bool *made, ns_error *err)
{
    *made = mkdir(path, 0777) == 0;
    if (*made)
        return NS_OK;
    int reason = errno;
    struct stat info;
    bool exists = stat(path, &info) == 0;
    if (reason == EEXIST && exists && S_ISDIR(info.st_mode))
        return NS_OK;
    if (reason == EEXIST && !exists && lstat(path, &info) == 0 && S_ISLNK(info.st_mode))
        return ns__fail_at(err, NS_ERR_IO, path, NS_NO_OFFSET,
                           "this is a link that leads nowhere; make what it leads to, or name "
                           "another place");
    if (reason == ENOENT)
        return ns__fail_at(err, NS_ERR_IO, path, NS_NO_OFFSET,
                           "the folder that this should be in does not exist; make it first");
    errno = reason;
    return ns__fail_errno(err, path, "make directory");
}

ns_status ns__dir_make(const char *path, ns_error *err)
{
    bool made;
    return ns__dir_make_new(path, &made, err);
}

void ns__dir_remove_empty(const char *path)
{
    (void)!rmdir(path);
}

ns_status ns__dir_sync(const char *path, ns_error *err)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return ns__fail_errno(err, path, "open directory");
    ns_status status = NS_OK;
    /* EINVAL: this file system has no such operation on directories. */
    if (ns__sync(descriptor) != 0 && errno != EINVAL)
        status = ns__fail_errno(err, path, "sync directory");
    close(descriptor);
    return status;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Appends a copy of `name`. */
static ns_status add_name(const char *name, char ***names, size_t *count, size_t *capacity)
{
    size_t bytes = strlen(name) + 1;
    char *copy = ns__alloc(bytes, 1);
    if (copy == NULL || NS_RESERVE(*names, *capacity, *count + 1) != NS_OK) {
        ns__free(copy);
        return NS_ERR_MEMORY;
    }
    memcpy(copy, name, bytes);
    (*names)[(*count)++] = copy;
    return NS_OK;
}

static ns_status read_names(DIR *dir, const char *path, char ***names, size_t *count, ns_error *err)
{
    size_t capacity = 0;
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(dir);
        if (entry == NULL)
            return errno == 0 ? NS_OK : ns__fail_errno(err, path, "list directory");
        const char *name = entry->d_name;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
            continue;
        if (add_name(name, names, count, &capacity) != NS_OK)
            return ns__no_memory(err);
    }
}

ns_status ns__dir_names(const char *path, char ***names, size_t *count, ns_error *err)
{
    *names = NULL;
    *count = 0;
    DIR *dir = opendir(path);
    if (dir == NULL) {
        if (errno == ENOENT || errno == ENOTDIR)
            return NS_NOT_FOUND;
        return ns__fail_errno(err, path, "list directory");
    }
    ns_status status = read_names(dir, path, names, count, err);
    closedir(dir);
    if (status != NS_OK) {
        ns__dir_free_names(*names, *count);
        *names = NULL;
        *count = 0;
    } else if (*count > 1) {
        qsort(*names, *count, sizeof **names, compare_names);
    }
    return status;
}

void ns__dir_free_names(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ns__free(names[i]);
    ns__free(names);
}
