/* Files by path, the writer's lock, and input read from front to back. */
#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

ns_status ns__file_stat(const char *path, ns__file_info *out, ns_error *err)
{
    *out = (ns__file_info){.kind = NS__FILE_NONE};
    struct stat info;
    if (stat(path, &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return NS_OK;
        return ns__fail_errno(err, path, "stat");
    }
    out->kind = S_ISREG(info.st_mode)   ? NS__FILE_REGULAR
                : S_ISDIR(info.st_mode) ? NS__FILE_DIRECTORY
                                        : NS__FILE_OTHER;
    out->bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    out->device = (uint64_t)info.st_dev;
    out->inode = (uint64_t)info.st_ino;
    return NS_OK;
}

ns_status ns__file_rename(const char *from, const char *to, ns_error *err)
{
    return rename(from, to) == 0 ? NS_OK : ns__fail_errno(err, from, "rename");
}

ns_status ns__file_remove(const char *path, ns_error *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return NS_OK;
    return ns__fail_errno(err, path, "remove");
}

/* Whether the file at `path` is the one that is open. */
static bool is_there(int descriptor, const char *path)
{
    struct stat held, there;
    return fstat(descriptor, &held) == 0 && stat(path, &there) == 0 &&
           held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

/* NS_DONE: what was locked had been removed meanwhile. */
static ns_status try_lock(const char *path, ns__lock *out, ns_error *err)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0) {
        const bool gone = errno == ENOENT;
        ns_status status = ns__fail_errno(err, path, "open lock file");
        return gone ? NS_NOT_FOUND : status;
    }
    int result;
    do
        result = flock(descriptor, LOCK_EX | LOCK_NB);
    while (result != 0 && errno == EINTR);
    if (result == 0 && is_there(descriptor, path)) {
        *out = (ns__lock){descriptor, getpid()};
        return NS_OK;
    }
    if (result == 0) {
        close(descriptor);
        return NS_DONE;
    }
    ns_status status = errno == EWOULDBLOCK
                           ? ns__fail_at(err, NS_ERR_BUSY, path, NS_NO_OFFSET,
                                         "another writer has this index open; try again when it "
                                         "has finished")
                           : ns__fail_errno(err, path, "lock");
    close(descriptor);
    return status;
}

ns_status ns__lock_take(const char *path, ns__lock *out, ns_error *err)
{
    enum { TRIES = 1000 }; /* a writer that gives up takes its file away once */
    ns_status status = NS_DONE;
    *out = (ns__lock){.descriptor = -1};
    for (int i = 0; i < TRIES && status == NS_DONE; i++)
        status = try_lock(path, out, err);
    if (status == NS_DONE)
        return ns__fail_at(err, NS_ERR_IO, path, NS_NO_OFFSET,
                           "the lock file is another each time it is looked at; this file system "
                           "cannot keep writers apart, have the index on a local one");
    return status;
}

ns_status ns__lock_check(const ns__lock *lock, const char *path, ns_error *err)
{
    if (is_there(lock->descriptor, path))
        return NS_OK;
    return ns__fail_at(err, NS_ERR_IO, path, NS_NO_OFFSET,
                       "the directory was moved or replaced while it was written to; nothing was "
                       "committed, index once more");
}

bool ns__lock_is_inherited(const ns__lock *lock)
{
    return lock->descriptor >= 0 && lock->process != getpid();
}

/* Closing alone would keep it locked as long as a forked process has the file open. */
void ns__lock_release(ns__lock *lock)
{
    if (lock->descriptor >= 0 && !ns__lock_is_inherited(lock))
        (void)flock(lock->descriptor, LOCK_UN);
    if (lock->descriptor >= 0)
        close(lock->descriptor);
    lock->descriptor = -1;
}

struct ns__source_file {
    int descriptor;
    bool borrowed; /* standard input is not ours to close */
    char *path;
};

ns_status ns__source_open(const char *path, ns__source_file **out, ns_error *err)
{
    *out = NULL;
    size_t path_bytes = strlen(path) + 1;
    ns__source_file *source = ns__zalloc(1, sizeof *source);
    char *copy = ns__alloc(path_bytes, 1);
    if (source == NULL || copy == NULL) {
        ns__free(source);
        ns__free(copy);
        return ns__no_memory(err);
    }
    memcpy(copy, path, path_bytes);
    source->path = copy;
    source->borrowed = strcmp(path, "-") == 0;
    source->descriptor = source->borrowed ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (source->descriptor < 0) {
        ns_status status = ns__fail_errno(err, path, "open");
        ns__source_close(source);
        return status;
    }
    if (!source->borrowed)
        (void)posix_fadvise(source->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    *out = source;
    return NS_OK;
}

ns_status ns__source_read(ns__source_file *source, void *into, size_t room, size_t *got,
                          bool *interrupted, ns_error *err)
{
    ssize_t length = read(source->descriptor, into, room);
    *interrupted = length < 0 && errno == EINTR;
    *got = length < 0 ? 0 : (size_t)length;
    return length >= 0 || *interrupted ? NS_OK : ns__fail_errno(err, source->path, "read");
}

bool ns__source_repeats(const ns__source_file *source)
{
    struct stat facts;
    return !source->borrowed && fstat(source->descriptor, &facts) == 0 && S_ISREG(facts.st_mode);
}

ns_status ns__source_rewind(ns__source_file *source, ns_error *err)
{
    if (lseek(source->descriptor, 0, SEEK_SET) != 0)
        return ns__fail_errno(err, source->path, "rewind");
    return NS_OK;
}

void ns__source_close(ns__source_file *source)
{
    if (source == NULL)
        return;
    if (!source->borrowed && source->descriptor >= 0)
        close(source->descriptor);
    ns__free(source->path);
    ns__free(source);
}

char *ns__path_join(const char *directory, const char *name)
{
    size_t head = strlen(directory), tail = strlen(name) + 1;
    bool slash = head > 0 && directory[head - 1] != '/';
    char *path = ns__alloc(head + slash + tail, 1);
    if (path == NULL)
        return NULL;
    memcpy(path, directory, head);
    if (slash)
        path[head] = '/';
    memcpy(path + head + slash, name, tail);
    return path;
}
