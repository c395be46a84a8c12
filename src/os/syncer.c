/* Syncing beside writing: see syncer.h. */
#include "os/syncer.h"

#include <errno.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/thread.h"

struct ns__syncer {
    int descriptor;
    ns__thread thread;
    ns__mutex mutex; /* guards what follows */
    ns__cond wake;
    bool asked, closing;
    int failed_errno;
};

int ns__sync(int descriptor)
{
    int result;
    do
        result = fsync(descriptor);
    while (result != 0 && errno == EINTR);
    return result;
}

static void work(void *payload)
{
    ns__syncer *syncer = payload;
    ns__mutex_lock(&syncer->mutex);
    while (syncer->asked || !syncer->closing) {
        if (!syncer->asked) {
            ns__cond_wait(&syncer->wake, &syncer->mutex);
            continue;
        }
        syncer->asked = false;
        ns__mutex_unlock(&syncer->mutex);
        const int failed = ns__sync(syncer->descriptor) != 0 ? errno : 0;
        ns__mutex_lock(&syncer->mutex);
        if (syncer->failed_errno == 0)
            syncer->failed_errno = failed;
    }
    ns__mutex_unlock(&syncer->mutex);
}

static ns_status start(ns__syncer *syncer, ns_error *err)
{
    NS_TRY(ns__mutex_init(&syncer->mutex, err));
    ns_status status = ns__cond_init(&syncer->wake, err);
    if (status == NS_OK) {
        status = ns__thread_start(&syncer->thread, work, syncer, err);
        if (status != NS_OK)
            ns__cond_release(&syncer->wake);
    }
    if (status != NS_OK)
        ns__mutex_release(&syncer->mutex);
    return status;
}

ns_status ns__syncer_open(int descriptor, ns__syncer **out, ns_error *err)
{
    *out = NULL;
    ns__syncer *syncer = ns__zalloc(1, sizeof *syncer);
    if (syncer == NULL)
        return ns__no_memory(err);
    syncer->descriptor = descriptor;
    const ns_status status = start(syncer, err);
    if (status != NS_OK) {
        ns__free(syncer);
        return status;
    }
    *out = syncer;
    return NS_OK;
}

void ns__syncer_ask(ns__syncer *syncer)
{
    ns__mutex_lock(&syncer->mutex);
    syncer->asked = true;
    ns__cond_signal(&syncer->wake);
    ns__mutex_unlock(&syncer->mutex);
}

int ns__syncer_close(ns__syncer *syncer)
{
    if (syncer == NULL)
        return 0;
    ns__mutex_lock(&syncer->mutex);
    syncer->closing = true;
    ns__cond_signal(&syncer->wake);
    ns__mutex_unlock(&syncer->mutex);
    ns__thread_join(syncer->thread);
    ns__cond_release(&syncer->wake);
    ns__mutex_release(&syncer->mutex);
    const int failed = syncer->failed_errno;
    ns__free(syncer);
    return failed;
}
