/* Choosing, writing and reading patched frames of reference: see pfor.h for the bytes. */
#include "codec/pfor.h"

#include "base/num.h"

enum {
    PFOR_CHUNK = 256,  /* values packed at once: whole bytes at any width */
    NARROW_ROOM = 4096 /* values that are made bytes */
};

static size_t varint_bytes(uint64_t value)
{
    return value < 0x80 ? 1 : (ns__bits64(value) + 6) / 7;
}

static unsigned index_width_of(size_t count)
{
    return ns__bits32((uint32_t)(count - 1));
}

/* ---- Choosing ---- */

/* How many values need more than so many bits is asked for one width after the other, by loops that
 * compilers make vectors of, many times faster than asking each value for its width. Most values
 * have at most eight bits: they are made bytes first, sixteen of which fit a vector. */
typedef struct wide_counter {
    const uint32_t *values;
    size_t count;
    bool narrow; /* `bytes` have the values */
    uint8_t bytes[NARROW_ROOM];
} wide_counter;

static void narrow_values(wide_counter *counter, unsigned widest)
{
    counter->narrow = widest <= 8 && counter->count <= NARROW_ROOM;
    for (size_t i = 0; counter->narrow && i < counter->count; i++)
        counter->bytes[i] = (uint8_t)counter->values[i];
}

/* At most UINT8_MAX bytes. */
static uint8_t count_above(const uint8_t *bytes, size_t count, uint8_t most)
{
    uint8_t above = 0;
    for (size_t i = 0; i < count; i++)
        above = (uint8_t)(above + (bytes[i] > most));
    return above;
}

/* How many values need more than `width` < 32 bits. */
static uint32_t count_wider(const wide_counter *counter, unsigned width)
{
    enum { PART = 240 }; /* whole vectors, counted in bytes */
    uint32_t wider = 0;
    if (counter->narrow) {
        const uint8_t most = (uint8_t)((1u << width) - 1), *at = counter->bytes;
        size_t left = counter->count;
        for (; left > PART; left -= PART, at += PART)
            wider += count_above(at, PART, most);
        return wider + count_above(at, left, most);
    }
    for (size_t i = 0; i < counter->count; i++)
        wider += counter->values[i] >> width != 0;
    return wider;
}

void ns__pfor_choose(const uint32_t *values, size_t count, ns__pfor_plan *plain,
                     ns__pfor_plan *patched)
{
    uint32_t any = 0;
    for (size_t i = 0; i < count; i++)
        any |= values[i];
    const unsigned widest = ns__bits32(any);
    *plain = (ns__pfor_plan){.width = widest, .bytes = ns__packed_bytes(count, widest)};
    *patched = (ns__pfor_plan){.bytes = SIZE_MAX};
    const unsigned index_width = index_width_of(count);
    wide_counter counter;
    counter.values = values;
    counter.count = count;
    narrow_values(&counter, widest);
    /* From the widest down, so that among equal sizes the fewest exceptions win. */
    for (unsigned width = widest; width-- > 0;) {
        size_t exceptions = count_wider(&counter, width);
        unsigned high_width = widest - width;
        size_t apart =
            ns__packed_bytes(exceptions, index_width) + ns__packed_bytes(exceptions, high_width);
        if (apart >= patched->bytes) /* and more below */
            break;
        size_t bytes = 1 + varint_bytes(exceptions) + ns__packed_bytes(count, width) + apart;
        if (bytes < patched->bytes)
            *patched = (ns__pfor_plan){width, high_width, exceptions, bytes};
    }
}

/* ---- Writing ---- */

/* Exceptions on their way out. */
typedef struct exceptions {
    uint32_t indices[2 * PFOR_CHUNK], highs[2 * PFOR_CHUNK];
    size_t held;
    unsigned index_width, high_width;
    uint8_t *indices_at, *highs_at;
} exceptions;

static void put_chunk(exceptions *all, size_t count)
{
    ns__pack(all->indices, count, all->index_width, all->indices_at);
    ns__pack(all->highs, count, all->high_width, all->highs_at);
    all->indices_at += ns__packed_bytes(count, all->index_width);
    all->highs_at += ns__packed_bytes(count, all->high_width);
    all->held -= count;
    memmove(all->indices, all->indices + count, all->held * sizeof all->indices[0]);
    memmove(all->highs, all->highs + count, all->held * sizeof all->highs[0]);
}

/* Indices and high bits of the exceptions. A plan with exceptions has width < 32. */
static void put_exceptions(const uint32_t *values, size_t count, const ns__pfor_plan *plan,
                           uint8_t *at)
{
    exceptions all;
    all.held = 0;
    all.index_width = index_width_of(count);
    all.high_width = plan->high_width;
    all.indices_at = at;
    all.highs_at = at + ns__packed_bytes(plan->exceptions, all.index_width);
    for (size_t first = 0; first < count; first += PFOR_CHUNK) {
        size_t end = count - first < PFOR_CHUNK ? count : first + PFOR_CHUNK, held = all.held;
        for (size_t i = first; i < end; i++) {
            uint32_t high = values[i] >> plan->width;
            all.indices[held] = (uint32_t)i; /* kept only if there are high bits */
            all.highs[held] = high;
            held += high != 0;
        }
        all.held = held;
        if (held >= PFOR_CHUNK)
            put_chunk(&all, PFOR_CHUNK);
    }
    put_chunk(&all, all.held);
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
        put_exceptions(values, count, plan, at);
    }
    out->length += plan->bytes;
}

/* ---- Reading ---- */

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

ns__patches ns__pfor_patches(const ns__unpack_kernels *kernels, const ns__values *values,
                             uint8_t *indices, uint32_t *highs)
{
    const uint32_t n = values->exception_count;
    kernels->unpack32(values->highs, n, values->exception_width, highs);
    if (values->index_width == 8)
        return (ns__patches){values->exceptions, highs, n};
    for (uint32_t i = 0; i < n; i++)
        indices[i] = (uint8_t)ns__packed_get(values->exceptions, i, values->index_width);
    return (ns__patches){indices, highs, n};
}

bool ns__pfor_patch(const ns__values *values, const ns__patches *patches, uint32_t *out)
{
    for (uint32_t i = 0; i < patches->count; i++) {
        if (patches->indices[i] >= values->count)
            return false;
        out[patches->indices[i]] |= patches->highs[i] << values->width;
    }
    return true;
}
