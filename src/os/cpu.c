/* Which vector instructions this processor has, asked once per call: no state is kept. */
#include "os/cpu.h"

/* The C library has asked the processor when the process began. To ask again takes some 20
 * microseconds in a virtual machine, each time that instruction leaves it, and the compiler's own
 * way does so in every process. */
#if defined(__x86_64__) && defined(__has_include)
#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>

#include <stdbool.h>

#define HAS(name, NAME) is_active(x86_cpu_##NAME)

/* As x86_cpu_active of that header, which for a feature in the highest bit, as AVX512VL is, shifts
 * a signed 1 out of its range. */
static bool is_active(unsigned feature)
{
    enum { BITS = 32, REGISTERS = 4 };
    const struct cpuid_feature *leaf = __x86_get_cpuid_feature_leaf(feature / (BITS * REGISTERS));
    return (leaf->active_array[feature / BITS % REGISTERS] >> feature % BITS & 1) != 0;
}
#endif
#endif
#if defined(__x86_64__) && !defined(HAS)
#define HAS(name, NAME) __builtin_cpu_supports(name)
#endif

ns__isa ns__cpu_isa(void)
{
#if defined(__x86_64__)
    if (!HAS("avx2", AVX2) || !HAS("bmi", BMI1) || !HAS("bmi2", BMI2) || !HAS("popcnt", POPCNT))
        return NS__ISA_PORTABLE;
    if (HAS("avx512f", AVX512F) && HAS("avx512bw", AVX512BW) && HAS("avx512vl", AVX512VL) &&
        HAS("avx512dq", AVX512DQ) && HAS("avx512vbmi", AVX512_VBMI) &&
        HAS("avx512vbmi2", AVX512_VBMI2) && HAS("avx512vnni", AVX512_VNNI) &&
        HAS("avx512vpopcntdq", AVX512_VPOPCNTDQ))
        return NS__ISA_AVX512;
    return NS__ISA_AVX2;
#else
    return NS__ISA_PORTABLE;
#endif
}

const char *ns__isa_name(ns__isa isa)
{
    switch (isa) {
    case NS__ISA_PORTABLE:
        return "portable";
    case NS__ISA_AVX2:
        return "avx2";
    case NS__ISA_AVX512:
        return "avx512";
    }
    return "unknown";
}
