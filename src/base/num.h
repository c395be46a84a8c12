/* Numbers that are the same on every machine: bit tricks, checked sums, our own logarithm and
 * power of two. */
#ifndef NS_BASE_NUM_H
#define NS_BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

/* Natural logarithm of a positive finite x, within one unit in the last place and identical on
 * every IEEE machine: only additions, multiplications and divisions in a fixed order, no libm. */
double ns__log(double x);

/* 2^x for x <= 0 (0 below about -1074), within one unit in the last place where the result is
 * normal, and identical on every IEEE machine, likewise. */
double ns__exp2(double x);

/* Bits needed to write value: 0 for 0, 32 for UINT32_MAX. */
static inline unsigned ns__bits32(uint32_t value)
{
    return value ? 32u - (unsigned)__builtin_clz(value) : 0;
}

static inline unsigned ns__bits64(uint64_t value)
{
    return value ? 64u - (unsigned)__builtin_clzll(value) : 0;
}

/* How many bits are set in each byte of a word. Not the compiler's own: without an instruction for
 * it, which not every processor has, that is a call and a table. */
static inline uint64_t ns__ones_by_byte(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    return (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
}

/* The bytes of a word added up. */
static inline uint32_t ns__sum_of_bytes(uint64_t word)
{
    word = (word & UINT64_C(0x00ff00ff00ff00ff)) + (word >> 8 & UINT64_C(0x00ff00ff00ff00ff));
    return (uint32_t)(word * UINT64_C(0x0001000100010001) >> 48);
}

static inline uint32_t ns__count_ones(uint64_t word)
{
    return ns__sum_of_bytes(ns__ones_by_byte(word));
}

static inline uint32_t ns__min_u32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static inline uint32_t ns__max_u32(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* a + b or a * b into *out; false when it overflows. */
static inline bool ns__add_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

static inline bool ns__mul_u64(uint64_t a, uint64_t b, uint64_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

#endif
