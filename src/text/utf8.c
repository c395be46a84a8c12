/* UTF-8: validation, replacement, decoding, counting. ASCII goes many bytes at a time. */
#include "text/utf8.h"

#define HIGH_BITS 0x8080808080808080u

/* Looks at the sequence at `at`. Returns its length when well-formed; otherwise 0, and *bad gets
 * the length of the maximal ill-formed subsequence to replace (1 to 3). */
static unsigned sequence_length(const uint8_t *at, size_t left, unsigned *bad)
{
    uint8_t first = at[0], low = 0x80, high = 0xbf;
    unsigned need;
    *bad = 1;
    if (first < 0x80)
        return 1;
    if (first >= 0xc2 && first <= 0xdf) {
        need = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        need = 3;
        if (first == 0xe0)
            low = 0xa0; /* overlong */
        else if (first == 0xed)
            high = 0x9f; /* surrogates */
    } else if (first >= 0xf0 && first <= 0xf4) {
        need = 4;
        if (first == 0xf0)
            low = 0x90; /* overlong */
        else if (first == 0xf4)
            high = 0x8f; /* above U+10FFFF */
    } else {
        return 0;
    }
    for (unsigned i = 1; i < need; i++) {
        if (i == left || at[i] < low || at[i] > high) {
            *bad = i;
            return 0;
        }
        low = 0x80;
        high = 0xbf;
    }
    return need;
}

/* Whether 32 bytes are ASCII: four words at a time, as vectors where there are some. */
static inline bool is_ascii(const uint8_t *at)
{
    const uint64_t all =
        (ns__get_u64(at) | ns__get_u64(at + 8)) | (ns__get_u64(at + 16) | ns__get_u64(at + 24));
    return (all & HIGH_BITS) == 0;
}

size_t ns__utf8_valid_prefix(ns__str text)
{
    size_t at = 0;
    unsigned bad;
    while (at < text.length) {
        if (text.data[at] < 0x80) {
            while (text.length - at >= 32 && is_ascii(text.data + at))
                at += 32;
            while (text.length - at >= 8 && !(ns__get_u64(text.data + at) & HIGH_BITS))
                at += 8;
            while (at < text.length && text.data[at] < 0x80)
                at++;
            continue;
        }
        unsigned length = sequence_length(text.data + at, text.length - at, &bad);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

size_t ns__utf8_sanitise(ns__str text, ns__buf *out)
{
    size_t replaced = 0;
    for (;;) {
        size_t valid = ns__utf8_valid_prefix(text);
        ns__buf_append(out, text.data, valid);
        if (valid == text.length)
            return replaced;
        unsigned bad;
        sequence_length(text.data + valid, text.length - valid, &bad);
        ns__buf_append(out, "\xef\xbf\xbd", 3);
        replaced++;
        text.data += valid + bad;
        text.length -= valid + bad;
    }
}

uint32_t ns__utf8_decode(const uint8_t *at, unsigned *length)
{
    uint32_t first = at[0];
    if (first < 0x80) {
        *length = 1;
        return first;
    }
    if (first < 0xe0) {
        *length = 2;
        return (first & 0x1f) << 6 | (at[1] & 0x3fu);
    }
    if (first < 0xf0) {
        *length = 3;
        return (first & 0x0f) << 12 | (at[1] & 0x3fu) << 6 | (at[2] & 0x3fu);
    }
    *length = 4;
    return (first & 0x07) << 18 | (at[1] & 0x3fu) << 12 | (at[2] & 0x3fu) << 6 | (at[3] & 0x3fu);
}

size_t ns__utf8_count(ns__str text)
{
    /* Every byte that does not continue a sequence begins one. A continuation has bit 7 set and
     * bit 6 clear. */
    size_t at = 0, continued = 0;
    for (; text.length - at >= 8; at += 8) {
        uint64_t bytes = ns__get_u64(text.data + at);
        continued += (size_t)__builtin_popcountll(bytes & ~(bytes << 1) & HIGH_BITS);
    }
    for (; at < text.length; at++)
        continued += (text.data[at] & 0xc0) == 0x80;
    return text.length - continued;
}
