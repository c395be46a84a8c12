/* Which vector instructions this processor has, asked once per call: no state is kept. */
#include "os/cpu.h"

ns__isa ns__cpu_isa(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("popcnt"))
        return NS__ISA_PORTABLE;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2") &&
        __builtin_cpu_supports("avx512vnni"))
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
