/* Status codes, error details and the export macro: what every other public header needs. The
 * functions here may be called from any thread at any time. */
#ifndef NS_STATUS_H
#define NS_STATUS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NS_API marks what the library exports, NS_MUST_USE results that must be looked at. */
#if defined(__GNUC__)
#define NS_API __attribute__((visibility("default")))
#define NS_MUST_USE __attribute__((warn_unused_result))
#else
#define NS_API
#define NS_MUST_USE
#endif

/* What a call came to. Zero is success, positive values are expected outcomes, negative values
 * are errors. */
typedef enum ns_status {
    NS_OK = 0,             /* done */
    NS_DONE = 1,           /* the time is up: see ns_results_explain */
    NS_NOT_FOUND = 2,      /* the term, article or key is not there */
    NS_ERR_MEMORY = -1,    /* an allocation failed */
    NS_ERR_IO = -2,        /* the system refused a read, write, sync, rename … */
    NS_ERR_CORRUPT = -3,   /* bytes of an index contradict its format or their checksum */
    NS_ERR_VERSION = -4,   /* the index was written in another format version */
    NS_ERR_ARGUMENT = -5,  /* the caller passed something out of range */
    NS_ERR_LIMIT = -6,     /* the input exceeds a limit of docs/api.md */
    NS_ERR_INPUT = -7,     /* a document cannot be read */
    NS_ERR_QUERY = -8,     /* a query cannot be read */
    NS_ERR_BUSY = -9,      /* another writer holds the index */
    NS_ERR_NO_INDEX = -10, /* the directory holds no index */
    NS_ERR_SETTINGS = -11, /* the index was made with other settings or library versions */
    NS_ERR_CANCELLED = -12 /* the caller asked to stop */
} ns_status;

/* Value of ns_error.offset when no place in a file is known. */
#define NS_NO_OFFSET UINT64_MAX

/* Details of the last failure. Owned by the caller, zero-initialised before first use; may be
 * NULL wherever a function takes one. Filled only when a call returns a negative status.
 * `message` is one line in plain English that says what is wrong and, where possible, what to do
 * next; it does not repeat `file`. */
typedef struct ns_error {
    ns_status status;  /* what the call returned */
    uint64_t offset;   /* byte offset in `file`, or NS_NO_OFFSET */
    char file[1024];   /* path the failure is about, or "" */
    char message[512]; /* terminated; of bytes from outside at most an excerpt */
} ns_error;

/* The constant English name of `status`, such as "corrupt index"; "unknown status" for any other
 * number. Never NULL, never freed. */
NS_API const char *ns_status_name(ns_status status);

/* "0.1.0": the version of the library in use. Never freed. */
NS_API const char *ns_version(void);

#ifdef __cplusplus
}
#endif
#endif
