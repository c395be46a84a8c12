/* A scanner of JSON: see json_scan.h. Strings, nearly all of a record, are searched and copied
 * sixteen bytes at a time. */
#include "ingest/json_scan.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { STEP = 16, MOST_DEPTH = 64 };

typedef struct scanner {
    const uint8_t *at, *end;
    const yajl_callbacks *on;
    void *context;
    uint8_t *unescaped; /* room for the text and a step more */
    uint64_t maps;      /* a bit for each open container, the last one lowest: is it an object? */
    unsigned depth;
    ns__json_outcome outcome; /* why a step failed */
} scanner;

static bool fail(scanner *s, ns__json_outcome outcome)
{
    s->outcome = outcome;
    return false;
}

static bool unusual(scanner *s)
{
    return fail(s, NS__JSON_UNUSUAL);
}

static bool told(scanner *s, int go_on)
{
    return go_on || fail(s, NS__JSON_STOPPED);
}

/* ---- Strings ---- */

static inline bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* How many of the next 16 bytes, which are there, are plain up to the first that is not. They are
 * copied to `into`, all of them. */
static inline unsigned plain_step(const uint8_t *at, uint8_t *into)
{
#if defined(__SSE2__)
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    _mm_storeu_si128((__m128i *)(void *)into, bytes);
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i slash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i found = _mm_or_si128(control, _mm_or_si128(quote, slash));
    return (unsigned)__builtin_ctz((unsigned)_mm_movemask_epi8(found) | 1u << STEP);
#else
    unsigned count = 0;
    memcpy(into, at, STEP);
    while (count < STEP && is_plain(at[count]))
        count++;
    return count;
#endif
}

/* Copies plain bytes from s->at on; returns where the next go. */
static inline uint8_t *copy_plain(scanner *s, uint8_t *into)
{
    unsigned count = STEP;
    while (count == STEP && s->end - s->at >= STEP) {
        count = plain_step(s->at, into);
        s->at += count;
        into += count;
    }
    if (count == STEP)
        while (s->at < s->end && is_plain(*s->at))
            *into++ = *s->at++;
    return into;
}

/* The unit of \uXXXX at `at`, or -1. */
static int32_t unit_at(const scanner *s, const uint8_t *at)
{
    int32_t unit = 0;
    if (s->end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return -1;
    for (unsigned i = 2; i < 6; i++) {
        uint8_t lower = at[i] | 0x20;
        if (at[i] >= '0' && at[i] <= '9')
            unit = unit * 16 + (at[i] - '0');
        else if (lower >= 'a' && lower <= 'f')
            unit = unit * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

static uint8_t *put_utf8(uint8_t *into, uint32_t point)
{
    static const uint8_t FIRST[] = {0, 0, 0xc0, 0xe0, 0xf0};
    unsigned length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (unsigned i = length; i-- > 1; point >>= 6)
        into[i] = (uint8_t)(0x80 | (point & 0x3f));
    into[0] = (uint8_t)(FIRST[length] | point);
    return into + length;
}

/* The character of \uXXXX, two of which may make one; UINT32_MAX for what is no character. */
static uint32_t take_point(scanner *s)
{
    int32_t unit = unit_at(s, s->at);
    if (unit < 0 || unit >> 10 == 0xdc00 >> 10)
        return UINT32_MAX;
    s->at += 6;
    if (unit >> 10 != 0xd800 >> 10)
        return (uint32_t)unit;
    int32_t low = unit_at(s, s->at);
    if (low < 0 || low >> 10 != 0xdc00 >> 10)
        return UINT32_MAX;
    s->at += 6;
    return 0x10000 + (((uint32_t)unit & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
}

/* Unescapes what begins with the backslash at s->at; NULL when that is unusual. */
static uint8_t *take_escape(scanner *s, uint8_t *into)
{
    static const char LETTERS[] = "\"\\/bfnrt", MEANT[] = "\"\\/\b\f\n\r\t";
    if (s->end - s->at < 2)
        return NULL;
    if (s->at[1] == 'u') {
        uint32_t point = take_point(s);
        return point == UINT32_MAX ? NULL : put_utf8(into, point);
    }
    const char *letter = memchr(LETTERS, s->at[1], sizeof LETTERS - 1);
    if (letter == NULL)
        return NULL;
    s->at += 2;
    *into = (uint8_t)MEANT[letter - LETTERS];
    return into + 1;
}

/* The string whose opening quote is at s->at. */
static bool take_string(scanner *s, ns__str *out)
{
    uint8_t *into = s->unescaped;
    s->at++;
    for (;;) {
        into = copy_plain(s, into);
        if (s->at == s->end || *s->at < 0x20)
            return unusual(s);
        if (*s->at == '"')
            break;
        into = take_escape(s, into);
        if (into == NULL)
            return unusual(s);
    }
    s->at++;
    *out = (ns__str){s->unescaped, (size_t)(into - s->unescaped)};
    return true;
}

/* ---- Other values ---- */

static void skip_blanks(scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
}

static bool take_byte(scanner *s, uint8_t byte)
{
    skip_blanks(s);
    if (s->at == s->end || *s->at != byte)
        return false;
    s->at++;
    return true;
}

static bool take_digits(scanner *s)
{
    const uint8_t *start = s->at;
    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return s->at > start;
}

static bool next_is(const scanner *s, char one, char other)
{
    return s->at < s->end && (*s->at == (uint8_t)one || *s->at == (uint8_t)other);
}

static bool take_number(scanner *s)
{
    const uint8_t *start = s->at;
    if (*s->at == '-')
        s->at++;
    const uint8_t *first = s->at;
    bool good = take_digits(s) && (*first != '0' || s->at == first + 1);
    if (good && next_is(s, '.', '.')) {
        s->at++;
        good = take_digits(s);
    }
    if (good && next_is(s, 'e', 'E')) {
        s->at++;
        if (next_is(s, '+', '-'))
            s->at++;
        good = take_digits(s);
    }
    if (!good)
        return unusual(s);
    return told(s, s->on->yajl_number(s->context, (const char *)start, (size_t)(s->at - start)));
}

static bool take_word(scanner *s, const char *word)
{
    size_t length = strlen(word);
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, word, length) != 0)
        return unusual(s);
    s->at += length;
    return *word == 'n' ? told(s, s->on->yajl_null(s->context))
                        : told(s, s->on->yajl_boolean(s->context, *word == 't'));
}

static bool take_scalar(scanner *s)
{
    ns__str text;
    switch (*s->at) {
    case '"':
        return take_string(s, &text) &&
               told(s, s->on->yajl_string(s->context, text.data, text.length));
    case 't':
        return take_word(s, "true");
    case 'f':
        return take_word(s, "false");
    case 'n':
        return take_word(s, "null");
    default:
        return take_number(s);
    }
}

/* ---- Objects and lists ---- */

static bool in_map(const scanner *s)
{
    return s->maps & 1;
}

static bool open_container(scanner *s, bool map)
{
    if (s->depth == MOST_DEPTH)
        return unusual(s);
    s->at++;
    s->depth++;
    s->maps = s->maps << 1 | map;
    return told(s, map ? s->on->yajl_start_map(s->context) : s->on->yajl_start_array(s->context));
}

static bool close_container(scanner *s)
{
    bool map = in_map(s);
    s->depth--;
    s->maps >>= 1;
    return told(s, map ? s->on->yajl_end_map(s->context) : s->on->yajl_end_array(s->context));
}

static bool take_key(scanner *s)
{
    ns__str key;
    skip_blanks(s);
    if (!next_is(s, '"', '"'))
        return unusual(s);
    return take_string(s, &key) && told(s, s->on->yajl_map_key(s->context, key.data, key.length)) &&
           (take_byte(s, ':') || unusual(s));
}

/* The next item of the open container; *opened: it is a container itself. */
static bool take_item(scanner *s, bool *opened)
{
    if (in_map(s) && !take_key(s))
        return false;
    skip_blanks(s);
    if (s->at == s->end)
        return unusual(s);
    *opened = *s->at == '{' || *s->at == '[';
    return *opened ? open_container(s, *s->at == '{') : take_scalar(s);
}

static bool scan(scanner *s)
{
    bool empty = true; /* nothing stands in the open container yet */
    skip_blanks(s);
    if (!next_is(s, '{', '{'))
        return unusual(s);
    if (!open_container(s, true))
        return false;
    while (s->depth > 0) {
        if (take_byte(s, in_map(s) ? '}' : ']')) {
            if (!close_container(s))
                return false;
            empty = false;
        } else if ((!empty && !take_byte(s, ',') && !unusual(s)) || !take_item(s, &empty)) {
            return false;
        }
    }
    skip_blanks(s);
    return s->at == s->end || unusual(s);
}

ns__json_outcome ns__json_scan(ns__str text, const yajl_callbacks *on, void *context,
                               ns__buf *scratch)
{
    ns__buf_clear(scratch);
    if (!ns__buf_reserve(scratch, text.length + STEP))
        return NS__JSON_NO_MEMORY;
    scanner s = {.at = text.data,
                 .end = text.data + text.length,
                 .on = on,
                 .context = context,
                 .unescaped = scratch->data};
    return scan(&s) ? NS__JSON_DONE : s.outcome;
}
