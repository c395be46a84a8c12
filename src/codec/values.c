/* Lists of values with random access: positions.
 *
 *   u8      width (0..32) in the low six bits; 64 when exceptions exist; 128 is never set
 *   body    see pfor.h
 *
 * Worked bytes: 1 2 3 0 1 2 3 0 1 2 3 1000 is 42 | 08 01 | 39 39 39 | 0b | fa: width 2 with
 * exceptions, of 8 high bits, one of them; the low bits; its index 11 in four bits; 1000 >> 2. */
#include "codec/pfor.h"

enum { WIDTH_BITS = 0x3f, HAS_EXCEPTIONS = 0x40 };

/* Below this many values single loads beat setting up a vector kernel. */
enum { SMALL_RANGE = 16 };

void ns__append_packed(ns__buf *out, const uint32_t *values, size_t count, unsigned width)
{
    size_t bytes = ns__packed_bytes(count, width);
    if (bytes == 0 || !ns__buf_reserve(out, bytes))
        return;
    ns__pack(values, count, width, out->data + out->length);
    out->length += bytes;
}

void ns__values_encode(const uint32_t *values, size_t count, ns__buf *out)
{
    if (count == 0)
        return;
    ns__pfor_plan plain, patched;
    ns__pfor_choose(values, count, &plain, &patched);
    /* Exceptions make access some nanoseconds slower: only where they save a thirty-second. */
    bool patch = patched.bytes < plain.bytes - plain.bytes / 32;
    const ns__pfor_plan *plan = patch ? &patched : &plain;
    ns__buf_u8(out, (uint8_t)(plan->width | (patch ? HAS_EXCEPTIONS : 0)));
    ns__pfor_encode(values, count, plan, out);
}

size_t ns__values_open(const uint8_t *in, const uint8_t *in_end, size_t count, ns__values *out)
{
    if (in >= in_end || (*in & ~(WIDTH_BITS | HAS_EXCEPTIONS)) != 0)
        return 0;
    size_t length;
    if (!ns__pfor_open(in + 1, in_end, count, *in & WIDTH_BITS, (*in & HAS_EXCEPTIONS) != 0, out,
                       &length))
        return 0;
    return 1 + length;
}

/* The first exception whose index is not below `first`. */
static uint32_t find_exception(const ns__values *values, size_t first)
{
    uint32_t low = 0, high = values->exception_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (ns__packed_get(values->exceptions, middle, values->index_width) < first)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void get_low(const ns__unpack_kernels *kernels, const ns__values *values, size_t first,
                    size_t n, uint32_t *out)
{
    const uint8_t *packed = values->packed;
    const unsigned width = values->width;
    size_t i = 0;
    if (n >= SMALL_RANGE) {
        /* Kernels begin at a byte: walk to a multiple of eight, and let the kernel take whole
         * steps only, so that nothing is written behind the last value. */
        for (; (first + i) % 8 != 0; i++)
            out[i] = ns__packed_get(packed, first + i, width);
        size_t steps = (n - i) / NS__KERNEL_STEP * NS__KERNEL_STEP;
        kernels->unpack32(packed + (first + i) / 8 * width, steps, width, out + i);
        i += steps;
    }
    for (; i < n; i++)
        out[i] = ns__packed_get(packed, first + i, width);
}

void ns__values_get(const ns__unpack_kernels *kernels, const ns__values *values, size_t first,
                    size_t n, uint32_t *out)
{
    get_low(kernels, values, first, n, out);
    if (values->exception_count == 0)
        return;
    for (uint32_t i = find_exception(values, first); i < values->exception_count; i++) {
        size_t index = ns__packed_get(values->exceptions, i, values->index_width);
        if (index - first >= n) /* behind the range, or out of order in damaged bytes */
            break;
        out[index - first] |= ns__packed_get(values->highs, i, values->exception_width)
                              << values->width;
    }
}

void ns__values_exceptions(const ns__unpack_kernels *kernels, const ns__values *values, size_t from,
                           size_t n, uint32_t *indices, uint32_t *highs)
{
    kernels->unpack32(values->exceptions + from / 8 * values->index_width, n, values->index_width,
                      indices);
    kernels->unpack32(values->highs + from / 8 * values->exception_width, n,
                      values->exception_width, highs);
}

/* The high bits of all exceptions, some at a time. */
static void add_highs(const ns__unpack_kernels *kernels, const ns__values *values, uint32_t *out)
{
    uint32_t indices[NS_BLOCK_ROOM], highs[NS_BLOCK_ROOM];
    for (size_t from = 0; from < values->exception_count; from += NS_BLOCK_MAX) {
        const size_t left = values->exception_count - from;
        const size_t n = left < NS_BLOCK_MAX ? left : NS_BLOCK_MAX;
        ns__values_exceptions(kernels, values, from, n, indices, highs);
        for (size_t i = 0; i < n; i++)
            if (indices[i] < values->count) /* not so in damaged bytes */
                out[indices[i]] |= highs[i] << values->width;
    }
}

void ns__values_all(const ns__unpack_kernels *kernels, const ns__values *values, uint32_t *out)
{
    kernels->unpack32(values->packed, values->count, values->width, out);
    add_highs(kernels, values, out);
}
