/* Little-endian numbers, varints, string views, and the bounds-checked cursor through which every
 * byte of an index file is read.
 *
 * The cursor never reads past its end. A read past it returns zero and sets `bad`; check `bad`
 * once after a group of reads, before trusting what they gave. */
#ifndef NS_BASE_BYTES_H
#define NS_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes somebody else owns; not terminated. */
typedef struct ns__str {
    const uint8_t *data;
    size_t length;
} ns__str;

#define NS_STR(literal) ((ns__str){(const uint8_t *)(literal), sizeof(literal) - 1})

/* memcmp order, the shorter first among equals. */
static inline int ns__str_compare(ns__str a, ns__str b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = common ? memcmp(a.data, b.data, common) : 0;
    if (order != 0)
        return order;
    return a.length < b.length ? -1 : a.length > b.length;
}

static inline bool ns__str_equal(ns__str a, ns__str b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline uint16_t ns__get_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, 2);
    return value; /* little-endian hosts only: checked when the library is configured */
}

static inline uint32_t ns__get_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return value;
}

static inline uint64_t ns__get_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, 8);
    return value;
}

static inline void ns__put_u16(uint8_t *at, uint16_t value)
{
    memcpy(at, &value, 2);
}

static inline void ns__put_u32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, 4);
}

static inline void ns__put_u64(uint8_t *at, uint64_t value)
{
    memcpy(at, &value, 8);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ns needs a little-endian processor");

/* LEB128: seven bits a byte, low first, high bit set on all but the last. */
enum { NS_VARINT_MAX = 10 };

static inline size_t ns__put_varint(uint8_t *at, uint64_t value)
{
    size_t length = 0;
    while (value >= 0x80) {
        at[length++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    at[length++] = (uint8_t)value;
    return length;
}

typedef struct ns__cur {
    const uint8_t *at, *end;
    bool bad;
} ns__cur;

static inline ns__cur ns__cur_of(const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    /* NULL + 0 is undefined in C17. */
    return (ns__cur){at, length != 0 ? at + length : at, false};
}

static inline size_t ns__cur_left(const ns__cur *cur)
{
    return (size_t)(cur->end - cur->at);
}

/* The next `length` bytes, or NULL and bad. */
static inline const uint8_t *ns__cur_take(ns__cur *cur, size_t length)
{
    if (length > ns__cur_left(cur)) {
        cur->bad = true;
        cur->at = cur->end;
        return NULL;
    }
    const uint8_t *at = cur->at;
    cur->at += length;
    return at;
}

static inline uint8_t ns__cur_u8(ns__cur *cur)
{
    const uint8_t *at = ns__cur_take(cur, 1);
    return at ? *at : 0;
}

static inline uint16_t ns__cur_u16(ns__cur *cur)
{
    const uint8_t *at = ns__cur_take(cur, 2);
    return at ? ns__get_u16(at) : 0;
}

static inline uint32_t ns__cur_u32(ns__cur *cur)
{
    const uint8_t *at = ns__cur_take(cur, 4);
    return at ? ns__get_u32(at) : 0;
}

static inline uint64_t ns__cur_u64(ns__cur *cur)
{
    const uint8_t *at = ns__cur_take(cur, 8);
    return at ? ns__get_u64(at) : 0;
}

static inline uint64_t ns__cur_varint(ns__cur *cur)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (cur->at == cur->end) {
            cur->bad = true;
            return 0;
        }
        uint8_t byte = *cur->at++;
        if (shift == 63 && byte > 1)
            break; /* more than 64 bits */
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    cur->bad = true;
    cur->at = cur->end;
    return 0;
}

/* A varint that must fit 32 bits. */
static inline uint32_t ns__cur_varint32(ns__cur *cur)
{
    uint64_t value = ns__cur_varint(cur);
    if (value > UINT32_MAX) {
        cur->bad = true;
        return 0;
    }
    return (uint32_t)value;
}

/* A string as varint length and bytes; empty and bad when it does not fit. */
static inline ns__str ns__cur_str(ns__cur *cur)
{
    uint64_t length = ns__cur_varint(cur);
    if (length > ns__cur_left(cur)) {
        cur->bad = true;
        return (ns__str){NULL, 0};
    }
    return (ns__str){ns__cur_take(cur, (size_t)length), (size_t)length};
}

#endif
