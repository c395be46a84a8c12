/* What kind each byte of a text is, 64 bytes at a time: one bit a byte, the first byte lowest.
 *
 * Words, white space and sentence ends are found by these masks, so that most bytes are never
 * looked at one by one. All kernels give the same masks. */
#ifndef NS_TEXT_CLASSES_H
#define NS_TEXT_CLASSES_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "os/cpu.h"

enum { NS_CLASS_BLOCK = 64 };

typedef struct ns__word_masks {
    uint64_t word;   /* ASCII letters, digits, underscores */
    uint64_t under;  /* underscores */
    uint64_t join;   /* ' , . : ; which may stand inside a word */
    uint64_t beyond; /* not ASCII */
} ns__word_masks;

/* Each reads exactly blocks * NS_CLASS_BLOCK bytes. */
typedef struct ns__class_kernels {
    void (*words)(const uint8_t *text, size_t blocks, ns__word_masks *out);
    /* Space, tab, line feed, vertical tab, form feed, carriage return. */
    void (*spaces)(const uint8_t *text, size_t blocks, uint64_t *out);
    /* First bytes of what may end a sentence: see ns__class_stops. */
    void (*stops)(const uint8_t *text, size_t blocks, uint64_t *out);
} ns__class_kernels;

/* The kernels of one instruction set, which this processor must have. */
const ns__class_kernels *ns__class_kernels_for(ns__isa isa);

/* One byte: the kinds above as bits, the plain way. */
enum {
    NS_CLASS_WORD = 1,
    NS_CLASS_UNDER = 2,
    NS_CLASS_JOIN = 4,
    NS_CLASS_BEYOND = 8,
    NS_CLASS_SPACE = 16,
    NS_CLASS_STOP = 32
};
extern const uint8_t ns__byte_classes[256];

/* A block of masks of the end of a text: `left` (1 to 63) bytes, as if zero bytes followed. */
static inline const uint8_t *ns__class_tail(const uint8_t *text, size_t left,
                                            uint8_t padded[NS_CLASS_BLOCK])
{
    memset(padded, 0, NS_CLASS_BLOCK);
    memcpy(padded, text, left);
    return padded;
}

#if defined(__x86_64__)
extern const ns__class_kernels ns__class_avx2, ns__class_avx512;
#endif

#endif
