/* The files of an index directory by their names: what is ours, what a commit names, what a dead
 * writer left. */
#ifndef NS_INDEX_DIRECTORY_H
#define NS_INDEX_DIRECTORY_H

#include "segment/manifest.h"

#define NS_LOCK_NAME "lock"

typedef enum ns__name_kind {
    NS__NAME_FOREIGN, /* not made by ns */
    NS__NAME_LOCK,
    NS__NAME_TEMPORARY, /* tmp-… */
    NS__NAME_MANIFEST,  /* manifest-<generation> */
    NS__NAME_SEGMENT    /* <generation>-<id>.<kind> */
} ns__name_kind;

/* *generation (may be NULL) is that of a manifest or segment file, else 0. */
ns__name_kind ns__directory_name_kind(const char *name, uint64_t *generation);

/* Whether the commit names this file. */
bool ns__manifest_names(const ns__manifest *manifest, const char *name);

/* NS_ERR_SETTINGS when the index was made with other Unicode or stemmer data. */
ns_status ns__manifest_check_versions(const char *directory, const ns__manifest *manifest,
                                      ns_error *err);

/* Removes what a writer that died left: temporary files, manifests and segment files that the
 * commit does not name. `manifest` NULL: there is no commit; temporaries_only: whatever is not
 * temporary stays. Only under the lock. */
ns_status ns__directory_sweep(const char *directory, const ns__manifest *manifest,
                              bool temporaries_only, ns_error *err);

/* Looks before anything is written: NS_OK and *exists, *generation (of the newest manifest's name,
 * 0 for none). NS_ERR_ARGUMENT when the directory has files of others and no index. */
ns_status ns__directory_look(const char *directory, bool *exists, uint64_t *generation,
                             ns_error *err);

/* Bytes of all files that the commit names, its manifest included. */
ns_status ns__directory_bytes(const char *directory, const ns__manifest *manifest, uint64_t *bytes,
                              ns_error *err);

#endif
