/* Kinds of bytes, one byte at a time, and the choice of kernels. */
#include "text/classes.h"

enum {
    WORD = NS_CLASS_WORD,
    UNDER = NS_CLASS_WORD | NS_CLASS_UNDER,
    JOIN = NS_CLASS_JOIN,
    SPACE = NS_CLASS_SPACE,
    STOP = NS_CLASS_STOP,
    BEYOND = NS_CLASS_BEYOND,
    LEAD = NS_CLASS_BEYOND | NS_CLASS_STOP
};

#define R10(value) value, value, value, value, value, value, value, value, value, value
#define R16(value) R10(value), value, value, value, value, value, value
#define R26(value) R16(value), R10(value)

/* Leads of the terminators beyond ASCII: Armenian, Arabic, Urdu, Syriac, Devanagari, Ethiopic and
 * other East, general punctuation, ideographic, full width. */
const uint8_t ns__byte_classes[256] = {
    ['\t'] = SPACE,
    ['\n'] = SPACE | STOP,
    ['\v'] = SPACE,
    ['\f'] = SPACE,
    ['\r'] = SPACE,
    [' '] = SPACE,
    ['!'] = STOP,
    ['\''] = JOIN,
    [','] = JOIN,
    ['.'] = JOIN | STOP,
    ['0'] = R10(WORD),
    [':'] = JOIN,
    [';'] = JOIN,
    ['?'] = STOP,
    ['A'] = R26(WORD),
    ['_'] = UNDER,
    ['a'] = R26(WORD),
    [0x80] = R16(BEYOND),
    [0x90] = R16(BEYOND),
    [0xa0] = R16(BEYOND),
    [0xb0] = R16(BEYOND),
    [0xc0] = R16(BEYOND),
    /* 0xd0 */ BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    LEAD,
    BEYOND,
    /* 0xd8 */ LEAD,
    BEYOND,
    BEYOND,
    LEAD,
    LEAD,
    BEYOND,
    BEYOND,
    BEYOND,
    /* 0xe0 */ LEAD,
    LEAD,
    LEAD,
    LEAD,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    /* 0xe8 */ BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
    LEAD,
    [0xf0] = R16(BEYOND),
};

static inline uint64_t mask_of(const uint8_t *text, unsigned class)
{
    uint64_t mask = 0;
    for (unsigned i = 0; i < NS_CLASS_BLOCK; i++)
        mask |= (uint64_t)((ns__byte_classes[text[i]] & class) != 0) << i;
    return mask;
}

static void words(const uint8_t *text, size_t blocks, ns__word_masks *out)
{
    for (size_t b = 0; b < blocks; b++, text += NS_CLASS_BLOCK)
        out[b] = (ns__word_masks){mask_of(text, NS_CLASS_WORD), mask_of(text, NS_CLASS_UNDER),
                                  mask_of(text, NS_CLASS_JOIN), mask_of(text, NS_CLASS_BEYOND)};
}

static void spaces(const uint8_t *text, size_t blocks, uint64_t *out)
{
    for (size_t b = 0; b < blocks; b++)
        out[b] = mask_of(text + b * NS_CLASS_BLOCK, NS_CLASS_SPACE);
}

static void stops(const uint8_t *text, size_t blocks, uint64_t *out)
{
    for (size_t b = 0; b < blocks; b++)
        out[b] = mask_of(text + b * NS_CLASS_BLOCK, NS_CLASS_STOP);
}

static const ns__class_kernels portable = {words, spaces, stops};

const ns__class_kernels *ns__class_kernels_for(ns__isa isa)
{
#if defined(__x86_64__)
    if (isa == NS__ISA_AVX512)
        return &ns__class_avx512;
    if (isa == NS__ISA_AVX2)
        return &ns__class_avx2;
#endif
    (void)isa;
    return &portable;
}
