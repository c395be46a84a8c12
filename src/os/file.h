/* The only door to files: the header of map.c, sink.c (files that are written), spool.c (temporary
 * files), dir.c (directories and names) and file.c (facts, the lock, input).
 *
 * Nothing outside src/os calls open, mmap, write, fsync, rename or unlink; tests put faults behind
 * these functions by wrapping the system calls at link time. Paths are NUL-terminated bytes. */
#ifndef NS_OS_FILE_H
#define NS_OS_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"

/* A whole file mapped read-only. An empty file has length 0 and a non-NULL `data`. */
typedef struct ns__map {
    const uint8_t *data;
    size_t length;
    void *base; /* what to unmap */
} ns__map;

typedef enum ns__advice { NS__MAP_RANDOM, NS__MAP_SEQUENTIAL } ns__advice;

/* Maps a regular file. NS_NOT_FOUND when it does not exist (nothing is written to *err). */
ns_status ns__map_open(const char *path, ns__advice advice, ns__map *out, ns_error *err);
void ns__map_close(ns__map *map);
/* Gives back the memory that pages of the map take in this process; they are read again when they
 * are needed. For who goes through more than fits. */
void ns__map_forget(const ns__map *map);

/* A new file written once from front to back through a buffer. The file must not exist.
 * Errors are sticky: append calls after a failure do nothing, finish reports the first one.
 * Single-threaded. */
typedef struct ns__sink ns__sink;
ns_status ns__sink_create(const char *path, ns__sink **out, ns_error *err);
/* Lets it write in pieces of 2 MB, which it keeps in memory till then, instead of 256 KB: for files
 * that processes will map. */
ns_status ns__sink_widen(ns__sink *sink, ns_error *err);
/* Lets a thread sync it each time that so many bytes more were written, 0: never. For large files:
 * what is left at the end is less. Failures show later. */
void ns__sink_sync_early(ns__sink *sink, uint64_t bytes);
void ns__sink_append(ns__sink *sink, const void *bytes, size_t length);
uint64_t ns__sink_offset(const ns__sink *sink); /* bytes appended so far */
/* Overwrites bytes [offset, offset + length) that were appended before. */
void ns__sink_patch(ns__sink *sink, uint64_t offset, const void *bytes, size_t length);
/* Writes what is buffered and lets the system begin to bring the file to the disk: what a later
 * sync waits for is less. Failures show then. */
void ns__sink_start_sync(ns__sink *sink);
/* Writes what is buffered, fsyncs when `sync`, closes; frees the sink in every case. On failure
 * the file is left for the caller to remove. */
ns_status ns__sink_finish(ns__sink *sink, bool sync, ns_error *err);
/* Writes what is buffered. */
ns_status ns__sink_flush(ns__sink *sink, ns_error *err);
/* Closes without finishing and removes the file. NULL is fine. */
void ns__sink_abandon(ns__sink *sink);

/* A temporary file: written from front to back, read at any place that was flushed, removed when it
 * is closed. Errors of append show in flush. Only one thread at a time writes; any may read. */
typedef struct ns__spool ns__spool;
ns_status ns__spool_create(const char *path, ns__spool **out, ns_error *err);
uint64_t ns__spool_append(ns__spool *spool, const void *bytes, size_t length); /* its offset */
ns_status ns__spool_flush(ns__spool *spool, ns_error *err);
ns_status ns__spool_read(const ns__spool *spool, uint64_t offset, void *into, size_t length,
                         ns_error *err);
/* The error for bytes that are not those that were written. */
ns_status ns__spool_changed(const ns__spool *spool, ns_error *err);
void ns__spool_close(ns__spool *spool); /* NULL is fine */

/* Directories. */
ns_status ns__dir_make(const char *path, ns_error *err); /* fine if it exists already */
/* The same; *made: it was not there before. */
ns_status ns__dir_make_new(const char *path, bool *made, ns_error *err);
void ns__dir_remove_empty(const char *path);             /* as it is if there is anything in it */
ns_status ns__dir_sync(const char *path, ns_error *err); /* fsync of the directory itself */
/* Names in a directory without "." and "..", in byte order, as malloc'ed strings in a malloc'ed
 * array: free with ns__dir_free_names. NS_NOT_FOUND when there is no such directory. */
ns_status ns__dir_names(const char *path, char ***names, size_t *count, ns_error *err);
void ns__dir_free_names(char **names, size_t count);

typedef enum ns__file_kind {
    NS__FILE_NONE,
    NS__FILE_REGULAR,
    NS__FILE_DIRECTORY,
    NS__FILE_OTHER
} ns__file_kind;

typedef struct ns__file_info {
    ns__file_kind kind;
    uint64_t bytes;
    uint64_t device, inode; /* the same for the same file: finds link loops */
} ns__file_info;

/* Follows links. A missing file gives NS_OK and kind NS__FILE_NONE. */
ns_status ns__file_stat(const char *path, ns__file_info *out, ns_error *err);
ns_status ns__file_rename(const char *from, const char *to, ns_error *err);
ns_status ns__file_remove(const char *path, ns_error *err); /* fine if it is gone already */

/* A lock file held while a writer works: created if missing, locked exclusively without waiting.
 * NS_ERR_BUSY when another holds it. Released by ns__lock_release, and when the last process ends
 * that has it: a process forked from the one that took it has it too. Who
 * holds it may remove the file, which ends what the lock is good for: whoever waits for that one
 * sees that it is gone, and makes another; NS_ERR_IO where that goes on and on, as there are file
 * systems on which no file is the one that was opened. NS_NOT_FOUND when its directory is not
 * there, with *err as for NS_ERR_IO. */
typedef struct ns__lock {
    int descriptor;
    int64_t process; /* that took it */
} ns__lock;
ns_status ns__lock_take(const char *path, ns__lock *out, ns_error *err);
/* Whether the file at `path` is still the one that is locked: NS_ERR_IO when its directory was
 * moved or replaced, so that the lock keeps nobody away from what stands there now. */
ns_status ns__lock_check(const ns__lock *lock, const char *path, ns_error *err);
/* Whether another process took it, from which this one was forked. */
bool ns__lock_is_inherited(const ns__lock *lock);
/* Of an inherited lock nothing but this process's hold on the file. */
void ns__lock_release(ns__lock *lock);

/* Reading input from front to back. `path` "-" is standard input. */
typedef struct ns__source_file ns__source_file;
ns_status ns__source_open(const char *path, ns__source_file **out, ns_error *err);
/* Up to `room` bytes into `into`. *got is 0 at the end, and when a signal came before any byte:
 * then *interrupted is true, and another call goes on. */
ns_status ns__source_read(ns__source_file *source, void *into, size_t room, size_t *got,
                          bool *interrupted, ns_error *err);
/* Whether it is a file that can be read again from the beginning, which rewinding does. */
bool ns__source_repeats(const ns__source_file *source);
ns_status ns__source_rewind(ns__source_file *source, ns_error *err);
void ns__source_close(ns__source_file *source);

/* directory + "/" + name, malloc'ed; NULL when memory is out. */
char *ns__path_join(const char *directory, const char *name);

#endif
