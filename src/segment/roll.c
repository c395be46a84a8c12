/* Rolls: see roll.h. */
#include "segment/roll.h"

#include "base/mem.h"

/* Moves whole chunks from memory to the spool. */
static void spill(ns__roll *roll)
{
    ns__buf *held = &roll->held;
    size_t done = 0;
    for (; held->length - done >= NS__ROLL_CHUNK; done += NS__ROLL_CHUNK) {
        if (NS_RESERVE(roll->chunks, roll->chunk_capacity, roll->chunk_count + 1) < 0) {
            held->failed = true;
            break;
        }
        roll->chunks[roll->chunk_count++] =
            ns__spool_append(roll->spool, held->data + done, NS__ROLL_CHUNK);
    }
    ns__buf rest = {.failed = held->failed};
    ns__buf_append(&rest, held->data + done, held->length - done);
    ns__buf_release(held); /* it may have been large before there was a spool */
    *held = rest;
}

void ns__roll_append(ns__roll *roll, const void *bytes, size_t length)
{
    ns__buf_append(&roll->held, bytes, length);
    if (roll->spool && roll->held.length >= NS__ROLL_CHUNK && !roll->held.failed)
        spill(roll);
}

ns_status ns__roll_chunk(const ns__roll *roll, uint64_t n, uint8_t into[NS__ROLL_CHUNK],
                         ns__str *out, ns_error *err)
{
    if (n < roll->chunk_count) {
        *out = (ns__str){into, NS__ROLL_CHUNK};
        return ns__spool_read(roll->spool, roll->chunks[n], into, NS__ROLL_CHUNK, err);
    }
    const uint64_t start = (n - roll->chunk_count) * NS__ROLL_CHUNK;
    *out = (ns__str){into, 0};
    if (start >= roll->held.length)
        return NS_OK;
    const size_t left = roll->held.length - (size_t)start;
    *out = (ns__str){roll->held.data + start, left < NS__ROLL_CHUNK ? left : NS__ROLL_CHUNK};
    return NS_OK;
}

void ns__roll_release(ns__roll *roll)
{
    ns__buf_release(&roll->held);
    ns__free(roll->chunks);
    *roll = (ns__roll){0};
}
