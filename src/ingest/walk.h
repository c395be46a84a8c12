/* The files below some paths, in order: paths as given, names of a folder in byte order. */
#ifndef NS_INGEST_WALK_H
#define NS_INGEST_WALK_H

#include <stdbool.h>

#include "base/error.h"

typedef struct ns__walk_frame ns__walk_frame;

typedef struct ns__walk {
    const char *const *paths;
    size_t count, next;
    ns__walk_frame *frames; /* open folders, the innermost last */
    size_t depth, frame_capacity;
    char *path;       /* of the file that was given out last */
    bool named;       /* it is one of `paths`, not found in a folder */
    uint64_t skipped; /* entries of folders that no reader knows, and link loops */
} ns__walk;

/* `paths` must outlive the walk. */
void ns__walk_init(ns__walk *walk, const char *const *paths, size_t count);
/* Steps to the next file: walk->path and walk->named. NS_DONE at the end. An error other than
 * NS_ERR_MEMORY is about walk->path only: the walk can go on. */
ns_status ns__walk_next(ns__walk *walk, ns_error *err);
void ns__walk_release(ns__walk *walk);

/* What the name of a file says, the suffix .gz aside and capitals ignored. */
typedef enum ns__walk_suffix {
    NS__SUFFIX_OTHER,
    NS__SUFFIX_JSONL,
    NS__SUFFIX_TEXT
} ns__walk_suffix;
ns__walk_suffix ns__walk_suffix_of(const char *path);

#endif
