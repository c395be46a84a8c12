/* One portable text for every instruction set: the compiler makes the vectors. */
#include "search/kernels.h"

#define NS_INLINE static inline __attribute__((always_inline))

NS_INLINE void add_generic(const ns__add_job *job)
{
    float part[NS_BLOCK_MAX];
    const uint32_t count = job->count;
    if (job->lengths->width == 1)
        for (uint32_t i = 0; i < count; i++)
            part[i] = (float)job->lengths->data[job->ids[i]];
    else
        for (uint32_t i = 0; i < count; i++)
            part[i] = (float)ns__length_of(job->lengths, job->ids[i]);
    const float factor = job->factor, c0 = job->c0, c1 = job->c1;
    const uint32_t *tfs = job->tfs;
    for (uint32_t i = 0; i < count; i++)
        part[i] = factor * ((float)tfs[i] / ((float)tfs[i] + (c0 + c1 * part[i])));
    for (uint32_t i = 0; i < count; i++)
        job->sums[job->ids[i] - job->first] += part[i];
}

/* Sums and `need` are not negative: such floats compare as their bits do, and the largest of whole
 * numbers is found with vectors where that of floats would need to know about NaN. */
NS_INLINE uint32_t collect_generic(const float *sums, uint32_t from, uint32_t to, float need,
                                   uint32_t *out)
{
    enum { GROUP = 64 };
    uint32_t found = 0;
    int32_t bits;
    memcpy(&bits, &need, sizeof bits);
    for (uint32_t stop; from < to; from = stop) {
        stop = to - from > GROUP ? from + GROUP : to;
        const int32_t *group = (const int32_t *)(const void *)(sums + from);
        const uint32_t count = stop - from;
        int32_t largest = 0;
        if (count == GROUP)
            for (uint32_t i = 0; i < GROUP; i++)
                largest = group[i] > largest ? group[i] : largest;
        else
            largest = INT32_MAX; /* a short one: look at each */
        for (uint32_t i = 0; largest >= bits && i < count; i++)
            if (group[i] >= bits)
                out[found++] = from + i;
    }
    return found;
}

static void add_portable(const ns__add_job *job)
{
    add_generic(job);
}

static uint32_t collect_portable(const float *sums, uint32_t from, uint32_t to, float need,
                                 uint32_t *out)
{
    return collect_generic(sums, from, to, need, out);
}

static const ns__window_kernels portable = {add_portable, collect_portable};

#if defined(__x86_64__)
#define NS_AVX2 __attribute__((target("avx2")))
#define NS_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq")))

NS_AVX2 static void add_avx2(const ns__add_job *job)
{
    add_generic(job);
}

NS_AVX2 static uint32_t collect_avx2(const float *sums, uint32_t from, uint32_t to, float need,
                                     uint32_t *out)
{
    return collect_generic(sums, from, to, need, out);
}

NS_AVX512 static void add_avx512(const ns__add_job *job)
{
    add_generic(job);
}

NS_AVX512 static uint32_t collect_avx512(const float *sums, uint32_t from, uint32_t to, float need,
                                         uint32_t *out)
{
    return collect_generic(sums, from, to, need, out);
}

static const ns__window_kernels avx2 = {add_avx2, collect_avx2};
static const ns__window_kernels avx512 = {add_avx512, collect_avx512};
#endif

const ns__window_kernels *ns__window_kernels_for(ns__isa isa)
{
#if defined(__x86_64__)
    if (isa == NS__ISA_AVX512)
        return &avx512;
    if (isa == NS__ISA_AVX2)
        return &avx2;
#else
    (void)isa;
#endif
    return &portable;
}
