/* Status names and error details. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *ns_status_name(ns_status status)
{
    switch (status) {
    case NS_OK:
        return "ok";
    case NS_DONE:
        return "done";
    case NS_NOT_FOUND:
        return "not found";
    case NS_ERR_MEMORY:
        return "out of memory";
    case NS_ERR_IO:
        return "input/output error";
    case NS_ERR_CORRUPT:
        return "corrupt index";
    case NS_ERR_VERSION:
        return "another index format";
    case NS_ERR_ARGUMENT:
        return "bad argument";
    case NS_ERR_LIMIT:
        return "limit exceeded";
    case NS_ERR_INPUT:
        return "bad input";
    case NS_ERR_QUERY:
        return "bad query";
    case NS_ERR_BUSY:
        return "index is busy";
    case NS_ERR_NO_INDEX:
        return "no index";
    case NS_ERR_SETTINGS:
        return "index settings differ";
    case NS_ERR_CANCELLED:
        return "cancelled";
    }
    return "unknown status";
}

const char *ns_version(void)
{
    return NS_VERSION_STRING;
}

static ns_status fill(ns_error *err, ns_status status, const char *file, uint64_t offset,
                      const char *format, va_list args)
{
    if (err == NULL)
        return status;
    err->status = status;
    err->offset = offset;
    /* `file` may be err->file itself, passed on by a caller that adds a message. */
    if (file != err->file)
        snprintf(err->file, sizeof err->file, "%s", file ? file : "");
    vsnprintf(err->message, sizeof err->message, format, args);
    return status;
}

ns_status ns__fail(ns_error *err, ns_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, "", NS_NO_OFFSET, format, args);
    va_end(args);
    return status;
}

ns_status ns__fail_at(ns_error *err, ns_status status, const char *file, uint64_t offset,
                      const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, status, file, offset, format, args);
    va_end(args);
    return status;
}

ns_status ns__corrupt(ns_error *err, const char *file, uint64_t offset, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(err, NS_ERR_CORRUPT, file, offset, format, args);
    va_end(args);
    return NS_ERR_CORRUPT;
}

ns_status ns__blame(ns_error *err, ns_status status, const char *file, uint64_t offset)
{
    char why[sizeof err->message] = "";
    if (status != NS_ERR_ARGUMENT)
        return status;
    if (err != NULL)
        memcpy(why, err->message, sizeof why);
    return ns__corrupt(err, file, offset, "%s", why);
}

ns_status ns__fail_errno(ns_error *err, const char *file, const char *doing)
{
    char reason[128];
    const ns_status status = errno == ENOMEM ? NS_ERR_MEMORY : NS_ERR_IO;
    const char *text = strerror_r(errno, reason, sizeof reason);
    return ns__fail_at(err, status, file, NS_NO_OFFSET, "cannot %s: %s", doing, text);
}

ns_status ns__no_memory(ns_error *err)
{
    return ns__fail(err, NS_ERR_MEMORY, "out of memory");
}
