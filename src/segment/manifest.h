/* The manifest: one small file per commit that names the segments of a snapshot.
 *
 * "manifest-<generation, 8 digits>", written under a temporary name, synced and renamed. The
 * snapshot of a directory is the manifest with the highest generation. */
#ifndef NS_SEGMENT_MANIFEST_H
#define NS_SEGMENT_MANIFEST_H

#include "segment/segment.h"

typedef struct ns__manifest {
    uint64_t generation;
    ns_index_settings settings;
    char versions[256]; /* ns__analyzer_versions() of the library that made the index */
    ns__segment_ref *segments;
    uint32_t segment_count;
} ns__manifest;

/* Writes, syncs, renames, syncs the directory: durable on return. */
ns_status ns__manifest_write(const char *directory, const ns__manifest *manifest, ns_error *err);
/* The newest one: NS_OK, NS_NOT_FOUND (no manifest), NS_ERR_CORRUPT, … */
ns_status ns__manifest_read(const char *directory, ns__manifest *out, ns_error *err);
void ns__manifest_release(ns__manifest *manifest);
/* "manifest-00000001" into name[64]. */
void ns__manifest_name(uint64_t generation, char name[64]);

#endif
