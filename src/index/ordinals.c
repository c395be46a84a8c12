/* Ordinals of a run: see ordinals.h. */
#include "index/ordinals.h"

#include "base/mem.h"

ns_status ns__ordinals_open(uint32_t most, uint32_t room, ns__ordinals *out, ns_error *err)
{
    *out = (ns__ordinals){.room = most < room ? most : room};
    out->held = ns__alloc(out->room, sizeof *out->held);
    return out->held ? NS_OK : ns__no_memory(err);
}

ns_status ns__ordinals_add(ns__ordinals *ordinals, uint32_t ordinal, ns__spool *spool,
                           ns_error *err)
{
    if (ordinals->held_count == ordinals->room) {
        if (NS_RESERVE(ordinals->chunks, ordinals->chunk_capacity, ordinals->chunk_count + 1) < 0)
            return ns__no_memory(err);
        ordinals->chunks[ordinals->chunk_count++] =
            ns__spool_append(spool, ordinals->held, ordinals->room * sizeof *ordinals->held);
        ordinals->held_count = 0;
    }
    ordinals->held[ordinals->held_count++] = ordinal;
    return NS_OK;
}

ns_status ns__ordinals_read(const ns__ordinals *ordinals, const ns__spool *spool, uint32_t *into,
                            const uint32_t **out, ns_error *err)
{
    *out = ordinals->held;
    if (ordinals->chunk_count == 0)
        return NS_OK;
    *out = into;
    for (size_t i = 0; i < ordinals->chunk_count; i++, into += ordinals->room)
        NS_TRY(
            ns__spool_read(spool, ordinals->chunks[i], into, ordinals->room * sizeof *into, err));
    memcpy(into, ordinals->held, ordinals->held_count * sizeof *into);
    return NS_OK;
}

void ns__ordinals_release(ns__ordinals *ordinals)
{
    ns__free(ordinals->held);
    ns__free(ordinals->chunks);
    *ordinals = (ns__ordinals){0};
}
