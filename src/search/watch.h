/* When a search must end: at its deadline, or as somebody says so. */
#ifndef NS_SEARCH_WATCH_H
#define NS_SEARCH_WATCH_H

#include "ns/search.h"

typedef struct ns__watch {
    const ns_search_options *options;
    uint64_t
        deadline; /* of options->clock; UINT64_MAX: never, but cancelling is asked for; 0: none */
} ns__watch;

/* NS_OK to go on, NS_DONE when the time is up, NS_ERR_CANCELLED. */
ns_status ns__watch_ask(const ns__watch *watch, ns_error *err);

#endif
