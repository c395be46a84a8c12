/* What vector instructions may be used. */
#ifndef NS_OS_CPU_H
#define NS_OS_CPU_H

typedef enum ns__isa { NS__ISA_PORTABLE = 0, NS__ISA_AVX2 = 1, NS__ISA_AVX512 = 2 } ns__isa;

/* The best instruction set of this processor that ns has kernels for. AVX2 means BMI1 and BMI2 too;
 * AVX512 means F, BW, VL, DQ, VBMI, VBMI2 and VNNI together. */
ns__isa ns__cpu_isa(void);
const char *ns__isa_name(ns__isa isa); /* "portable", "avx2", "avx512" */

#endif
