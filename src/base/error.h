/* Filling a caller-owned ns_error. All corruption goes through ns__corrupt: one breakpoint. */
#ifndef NS_BASE_ERROR_H
#define NS_BASE_ERROR_H

#include "ns/status.h"

/* Fills *err (which may be NULL) and returns `status`. */
ns_status ns__fail(ns_error *err, ns_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the file it is about; offset may be NS_NO_OFFSET. */
ns_status ns__fail_at(ns_error *err, ns_status status, const char *file, uint64_t offset,
                      const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Damaged index bytes: NS_ERR_CORRUPT with file and offset. */
ns_status ns__corrupt(ns_error *err, const char *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What came of bytes of an index file or directory: NS_ERR_ARGUMENT of who was handed them becomes
 * NS_ERR_CORRUPT with the same message. Any other status stays. */
ns_status ns__blame(ns_error *err, ns_status status, const char *file, uint64_t offset);

/* NS_ERR_IO, or NS_ERR_MEMORY for ENOMEM, with the text of errno; `doing` completes "cannot …",
 * such as "open". */
ns_status ns__fail_errno(ns_error *err, const char *file, const char *doing);

ns_status ns__no_memory(ns_error *err);

/* Forwards a failure: returns from the calling function. */
#define NS_TRY(expression)                                                                         \
    do {                                                                                           \
        ns_status ns_try_status_ = (expression);                                                   \
        if (ns_try_status_ < 0)                                                                    \
            return ns_try_status_;                                                                 \
    } while (0)

#endif
