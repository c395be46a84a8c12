/* Strings of a prefix and ascending numbers: see numbered.h for the bytes. */
#include "codec/numbered.h"

#include "codec/pfor.h"

enum { MOST_DIGITS = 18, NUMBER_ROOM = MOST_DIGITS + 2 };
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

/* The sum of the steps up to string `index`. */
static bool sum_steps(ns__cur *in, size_t count, size_t index, uint64_t *sum)
{
    ns__values values;
    uint32_t steps[NS_NUMBERED_MOST + NS_PACK_SLACK];
    *sum = index;
    if (ns__cur_left(in) == 1 && *in->at == 0) /* no bits of any: they count up */
        return true;
    const size_t taken = ns__values_open(in->at, in->end, count - 1, &values);
    if (taken == 0 || taken != ns__cur_left(in))
        return false;
    ns__values_get(ns__unpack_kernels_for(NS__ISA_PORTABLE), &values, 0, index, steps);
    for (size_t i = 0; i < index; i++)
        *sum += steps[i];
    return true;
}

/* String `index` in its parts; the digits of its number go to the end of `text`, from *at on. */
static bool read_string(ns__cur in, size_t count, size_t index, ns__str *prefix,
                        uint8_t text[NUMBER_ROOM], size_t *at)
{
    static const char pairs[] =
        "00010203040506070809101112131415161718192021222324252627282930313233"
        "34353637383940414243444546474849505152535455565758596061626364656667"
        "6869707172737475767778798081828384858687888990919293949596979899";
    *prefix = ns__cur_str(&in);
    const size_t digits = ns__cur_u8(&in);
    uint64_t number = ns__cur_varint(&in), sum = 0;
    if (in.bad || digits > MOST_DIGITS || number >= NUMBER_END || count > NS_NUMBERED_MOST ||
        index >= count ||
        (count == 1 ? ns__cur_left(&in) != 0 : !sum_steps(&in, count, index, &sum)))
        return false;
    number += sum;
    size_t from = NUMBER_ROOM;
    for (; number >= 100; number /= 100)
        memcpy(text + (from -= 2), pairs + number % 100 * 2, 2);
    if (number >= 10)
        memcpy(text + (from -= 2), pairs + number * 2, 2);
    else
        text[--from] = (uint8_t)('0' + number);
    const size_t used = NUMBER_ROOM - from;
    if (used < digits)
        memset(text + NUMBER_ROOM - digits, '0', digits - used);
    *at = NUMBER_ROOM - (used < digits ? digits : used);
    return true;
}

bool ns__numbered_get(ns__cur in, size_t count, size_t index, ns__buf *into)
{
    ns__str prefix;
    uint8_t text[NUMBER_ROOM];
    size_t at;
    if (!read_string(in, count, index, &prefix, text, &at))
        return false;
    if (prefix.length > 0)
        ns__buf_append(into, prefix.data, prefix.length);
    ns__buf_append(into, text + at, sizeof text - at);
    return !into->failed;
}

size_t ns__numbered_copy(ns__cur in, size_t count, size_t index, uint8_t *out, size_t room)
{
    ns__str prefix;
    uint8_t text[NUMBER_ROOM];
    size_t at;
    if (!read_string(in, count, index, &prefix, text, &at) ||
        prefix.length + (sizeof text - at) > room)
        return 0;
    if (prefix.length > 0)
        memcpy(out, prefix.data, prefix.length);
    memcpy(out + prefix.length, text + at, sizeof text - at);
    return prefix.length + (sizeof text - at);
}
