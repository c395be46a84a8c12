/* Choosing, writing and reading patched frames of reference: see pfor.h for the bytes. */
#include "codec/pfor.h"

#include "base/num.h"

enum { PFOR_CHUNK = 256 }; /* values packed at once: whole bytes at any width */

static size_t varint_bytes(uint64_t value)
{
    return value < 0x80 ? 1 : (ns__bits64(value) + 6) / 7;
}

static unsigned index_width_of(size_t count)
{
    return ns__bits32((uint32_t)(count - 1));
}

void ns__pfor_choose(const uint32_t *values, size_t count, ns__pfor_plan *plain,
                     ns__pfor_plan *patched)
{
    size_t of_width[33] = {0};
    for (size_t i = 0; i < count; i++)
        of_width[ns__bits32(values[i])]++;
    unsigned widest = 32;
    while (widest > 0 && of_width[widest] == 0)
        widest--;
    *plain = (ns__pfor_plan){.width = widest, .bytes = ns__packed_bytes(count, widest)};
    *patched = (ns__pfor_plan){.bytes = SIZE_MAX};
    size_t exceptions = 0;
    /* From the widest down, so that among equal sizes the fewest exceptions win. */
    for (unsigned width = widest; width-- > 0;) {
        exceptions += of_width[width + 1];
        unsigned high_width = widest - width;
        size_t bytes = 1 + varint_bytes(exceptions) + ns__packed_bytes(count, width) +
                       ns__packed_bytes(exceptions, index_width_of(count)) +
                       ns__packed_bytes(exceptions, high_width);
        if (bytes < patched->bytes)
            *patched = (ns__pfor_plan){width, high_width, exceptions, bytes};
    }
}

/* Packs the indices (high_only false) or the high bits of the exceptions. */
static uint8_t *put_exceptions(const uint32_t *values, size_t count, const ns__pfor_plan *plan,
                               bool high_only, uint8_t *at)
{
    const unsigned width = high_only ? plan->high_width : index_width_of(count);
    uint32_t chunk[PFOR_CHUNK];
    size_t held = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t high = values[i] >> plan->width; /* a plan with exceptions has width < 32 */
        if (high == 0)
            continue;
        chunk[held++] = high_only ? high : (uint32_t)i;
        if (held == PFOR_CHUNK) {
            ns__pack(chunk, held, width, at);
            at += ns__packed_bytes(held, width);
            held = 0;
        }
    }
    ns__pack(chunk, held, width, at);
    return at + ns__packed_bytes(held, width);
}

void ns__pfor_encode(const uint32_t *values, size_t count, const ns__pfor_plan *plan, ns__buf *out)
{
    if (!ns__buf_reserve(out, plan->bytes + NS_VARINT_MAX))
        return;
    uint8_t *at = out->data + out->length;
    if (plan->exceptions > 0) {
        *at++ = (uint8_t)plan->high_width;
        at += ns__put_varint(at, plan->exceptions);
    }
    ns__pack(values, count, plan->width, at);
    if (plan->exceptions > 0) {
        at += ns__packed_bytes(count, plan->width);
        at = put_exceptions(values, count, plan, false, at);
        put_exceptions(values, count, plan, true, at);
    }
    out->length += plan->bytes;
}

bool ns__pfor_open(const uint8_t *in, const uint8_t *in_end, size_t count, unsigned width,
                   bool patched, ns__values *out, size_t *length)
{
    if (width > 32 || count == 0 || count > UINT32_MAX)
        return false;
    ns__cur cur = {in, in_end, false};
    *out = (ns__values){.count = count, .width = width};
    if (patched) {
        out->exception_width = ns__cur_u8(&cur);
        out->exception_count = ns__cur_varint32(&cur);
        out->index_width = index_width_of(count);
        if (out->exception_width == 0 || out->exception_width + width > 32 ||
            out->exception_count == 0 || out->exception_count > count)
            return false;
    }
    out->packed = ns__cur_take(&cur, ns__packed_bytes(count, width));
    out->exceptions = ns__cur_take(&cur, ns__packed_bytes(out->exception_count, out->index_width));
    out->highs = ns__cur_take(&cur, ns__packed_bytes(out->exception_count, out->exception_width));
    *length = (size_t)(cur.at - in);
    return !cur.bad;
}

bool ns__pfor_patch(const ns__unpack_kernels *kernels, const ns__values *values, uint32_t *out)
{
    uint32_t indices[NS_BLOCK_ROOM], highs[NS_BLOCK_ROOM];
    const uint32_t n = values->exception_count;
    kernels->unpack32(values->exceptions, n, values->index_width, indices);
    kernels->unpack32(values->highs, n, values->exception_width, highs);
    for (uint32_t i = 0; i < n; i++) {
        if (indices[i] >= values->count)
            return false;
        out[indices[i]] |= highs[i] << values->width;
    }
    return true;
}
