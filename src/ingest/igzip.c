/* igzip: see igzip.h. */
#include "ingest/igzip.h"

#include "base/mem.h"

#if defined(NS_ISAL)

#include <isa-l/igzip_lib.h>

#include "os/library.h"

static const char LIBRARY[] = "libisal.so.2"; /* whose header this is compiled with */

struct ns__igzip {
    void (*init)(struct inflate_state *state);
    int (*inflate)(struct inflate_state *state);
    struct inflate_state state;
};

ns_status ns__igzip_open(ns__igzip **out, ns_error *err)
{
    ns__wanted_function wanted[] = {{"isal_inflate_init", NULL}, {"isal_inflate", NULL}};
    *out = NULL;
    if (!ns__library_find(LIBRARY, wanted, sizeof wanted / sizeof *wanted))
        return NS_OK;
    ns__igzip *igzip = *out = ns__alloc(1, sizeof *igzip);
    if (igzip == NULL)
        return ns__no_memory(err);
    igzip->init = (void (*)(struct inflate_state *))wanted[0].found;
    igzip->inflate = (int (*)(struct inflate_state *))wanted[1].found;
    return NS_OK;
}

void ns__igzip_begin(ns__igzip *igzip)
{
    igzip->init(&igzip->state);
    igzip->state.crc_flag = ISAL_GZIP;
}

ns__igzip_state ns__igzip_step(ns__igzip *igzip, ns__str *in, uint8_t *into, size_t room,
                               size_t *got)
{
    struct inflate_state *state = &igzip->state;
    if (room > UINT32_MAX)
        room = UINT32_MAX;
    state->next_in = (uint8_t *)(uintptr_t)in->data; /* read only */
    state->avail_in = (uint32_t)in->length;
    state->next_out = into;
    state->avail_out = (uint32_t)room;
    int result = igzip->inflate(state);
    *got = room - state->avail_out;
    if (result != ISAL_DECOMP_OK || state->next_in < in->data)
        return NS__IGZIP_DAMAGED;
    in->length -= (size_t)(state->next_in - in->data);
    in->data = state->next_in;
    return state->block_state == ISAL_BLOCK_FINISH ? NS__IGZIP_ENDED : NS__IGZIP_GOES_ON;
}

void ns__igzip_close(ns__igzip *igzip)
{
    ns__free(igzip);
}

#else

ns_status ns__igzip_open(ns__igzip **out, ns_error *err)
{
    (void)err;
    *out = NULL;
    return NS_OK;
}

void ns__igzip_begin(ns__igzip *igzip)
{
    (void)igzip;
}

ns__igzip_state ns__igzip_step(ns__igzip *igzip, ns__str *in, uint8_t *into, size_t room,
                               size_t *got)
{
    (void)igzip;
    (void)in;
    (void)into;
    (void)room;
    *got = 0;
    return NS__IGZIP_DAMAGED;
}

void ns__igzip_close(ns__igzip *igzip)
{
    (void)igzip;
}

#endif
