/* Strings of a prefix and ascending numbers: see numbered.h for the bytes. */
#include "codec/numbered.h"

#include "codec/pfor.h"

enum { MOST_DIGITS = 18 };
static const uint64_t NUMBER_END = 1000000000000000000u; /* 10^18 */

/* ---- Writing ---- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Bytes in front of the digits at the end: zeros that cannot belong to the number included when
 * `plain` (numbers then begin with another digit, or are 0). */
static size_t prefix_of(ns__str text, bool plain)
{
    size_t at = text.length;
    while (at > 0 && text.length - at < MOST_DIGITS && is_digit(text.data[at - 1]))
        at--;
    while (plain && at + 1 < text.length && text.data[at] == '0')
        at++;
    return at;
}

static uint64_t number_of(ns__str text, size_t from)
{
    uint64_t number = 0;
    for (size_t i = from; i < text.length; i++)
        number = 10 * number + (text.data[i] - '0');
    return number;
}

/* Whether all strings have this prefix and a number of `digits` (0: any, without zeros in front)
 * behind it, each larger than the one before. Fills the steps less one. */
static bool read_steps(const ns__str *strings, size_t count, size_t prefix, size_t digits,
                       uint32_t *steps)
{
    uint64_t before = 0;
    for (size_t i = 0; i < count; i++) {
        const ns__str text = strings[i];
        const size_t own = text.length - (text.length < prefix ? text.length : prefix);
        if (own == 0 || own > MOST_DIGITS || (digits > 0 && own != digits) ||
            (prefix > 0 && memcmp(text.data, strings[0].data, prefix) != 0))
            return false;
        for (size_t d = prefix; d < text.length; d++)
            if (!is_digit(text.data[d]))
                return false;
        if (digits == 0 && own > 1 && text.data[prefix] == '0')
            return false;
        const uint64_t number = number_of(text, prefix);
        if (i > 0 && (number <= before || number - before > UINT32_MAX))
            return false;
        steps[i] = (uint32_t)(number - before - 1);
        before = number;
    }
    return true;
}

bool ns__numbered_encode(const ns__str *strings, size_t count, ns__buf *out)
{
    uint32_t steps[NS_NUMBERED_MOST];
    const ns__str first = strings[0];
    size_t prefix = prefix_of(first, false), digits = first.length - prefix;
    if (digits == 0 || !read_steps(strings, count, prefix, digits, steps)) {
        prefix = prefix_of(first, true);
        digits = 0;
        if (prefix == first.length || !read_steps(strings, count, prefix, digits, steps))
            return false;
    }
    ns__buf_varint(out, prefix);
    if (prefix > 0)
        ns__buf_append(out, first.data, prefix);
    ns__buf_u8(out, (uint8_t)digits);
    ns__buf_varint(out, number_of(first, prefix));
    ns__values_encode(steps + 1, count - 1, out);
    return true;
}

/* ---- Reading ---- */

/* What a string is made of: the prefix, and a number of at least so many digits. */
typedef struct parts {
    ns__str prefix;
    uint64_t number;
    size_t digits;
} parts;

/* The sum of the steps up to string `index`. */
static bool sum_steps(ns__str in, size_t count, size_t index, uint64_t *sum)
{
    ns__values values;
    uint32_t steps[NS_NUMBERED_MOST + NS_PACK_SLACK];
    *sum = index;
    const size_t taken = ns__values_open(in.data, in.data + in.length, count - 1, &values);
    if (taken == 0 || taken != in.length)
        return false;
    ns__values_get(ns__unpack_kernels_for(NS__ISA_PORTABLE), &values, 0, index, steps);
    for (size_t i = 0; i < index; i++)
        *sum += steps[i];
    return true;
}

/* Whether the steps have no bits: the numbers count up. */
static inline bool count_up(ns__str in)
{
    return in.length == 1 && in.data[0] == 0;
}

/* Of a number below 10^19. */
static inline size_t digits_of(uint64_t number)
{
    size_t digits = 1;
    for (uint64_t power = 10; number >= power; power *= 10)
        digits++;
    return digits;
}

/* String `index` in its parts. */
static inline bool read_parts(ns__str bytes, size_t count, size_t index, parts *out)
{
    ns__cur in = ns__cur_of(bytes.data, bytes.length);
    const ns__str prefix = ns__cur_str(&in);
    const size_t digits = ns__cur_u8(&in);
    const uint64_t first = ns__cur_varint(&in);
    const ns__str steps = {in.at, ns__cur_left(&in)};
    uint64_t sum = index;
    if (in.bad || digits > MOST_DIGITS || first >= NUMBER_END || count > NS_NUMBERED_MOST ||
        index >= count ||
        (count == 1 ? steps.length != 0
                    : !count_up(steps) && !sum_steps(steps, count, index, &sum)))
        return false;
    const size_t used = digits_of(first + sum);
    *out = (parts){prefix, first + sum, used < digits ? digits : used};
    return true;
}

/* Writes the digits straight to where they belong: what is copied right after it was written in
 * pieces is waited for. */
static inline void write_parts(const parts *all, uint8_t *out)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    uint64_t number = all->number;
    if (all->prefix.length > 0)
        memcpy(out, all->prefix.data, all->prefix.length);
    uint8_t *const start = out + all->prefix.length, *at = start + all->digits;
    for (; at - start >= 2; number /= 100)
        memcpy(at -= 2, pairs + number % 100 * 2, 2);
    if (at > start)
        *start = (uint8_t)('0' + number);
}

bool ns__numbered_get(ns__str in, size_t count, size_t index, ns__buf *into)
{
    parts all;
    if (!read_parts(in, count, index, &all))
        return false;
    const size_t length = all.prefix.length + all.digits;
    if (!ns__buf_reserve(into, length))
        return false;
    write_parts(&all, into->data + into->length);
    into->length += length;
    return true;
}

size_t ns__numbered_copy(ns__str in, size_t count, size_t index, uint8_t *out, size_t room)
{
    parts all;
    if (!read_parts(in, count, index, &all) || all.prefix.length + all.digits > room)
        return 0;
    write_parts(&all, out);
    return all.prefix.length + all.digits;
}
