#include "search/watch.h"

#include "base/error.h"
#include "os/clock.h"

ns_status ns__watch_ask(const ns__watch *watch, ns_error *err)
{
    const ns_search_options *options = watch->options;
    if (watch->deadline == 0)
        return NS_OK;
    if (options->cancelled && options->cancelled(options->cancelled_context))
        return ns__fail(err, NS_ERR_CANCELLED, "cancelled");
    if (watch->deadline == UINT64_MAX)
        return NS_OK;
    uint64_t now = options->clock ? options->clock(options->clock_context) : ns__clock_ns();
    return now < watch->deadline ? NS_OK : NS_DONE;
}
