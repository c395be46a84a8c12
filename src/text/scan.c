/* The fast path: words of ASCII text by bit masks.
 *
 * A window of 64 bytes becomes two masks, one bit a byte: letters, digits and underscores (which
 * join each other under UAX #29, so a run of them lies in one segment), and bytes of other
 * characters. Runs are then picked off with count-trailing-zeros. Only where a run meets
 * punctuation that may join it to the next ("don't", "3.5") or a character beyond ASCII is the
 * text looked at byte by byte; and where that is not one of a few quotes and dashes, the plain
 * path takes over for one segment. Windows begin anywhere; one that ends inside a word is followed
 * by one that begins with that word. */
#include "text/run.h"

#include "base/limits.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { WINDOW = 64 };

/* What a byte may do at the end of a run. The three kinds of ASCII characters inside a word are
 * single bits, and so are the kinds that a connecting character joins. */
enum {
    LETTER = 1,
    DIGIT = 2,
    UNDERSCORE = 4,
    WORD = LETTER | DIGIT | UNDERSCORE,
    JOINS_LETTERS = 8, /* : . ' */
    JOINS_DIGITS = 16, /* , ; . ' */
    BEYOND = 32        /* not ASCII */
};

#define R10(value) value, value, value, value, value, value, value, value, value, value
#define R26(value) R10(value), R10(value), value, value, value, value, value, value
static const uint8_t kinds[256] = {
    ['\''] = JOINS_LETTERS | JOINS_DIGITS,
    [','] = JOINS_DIGITS,
    ['.'] = JOINS_LETTERS | JOINS_DIGITS,
    ['0'] = R10(DIGIT),
    [':'] = JOINS_LETTERS,
    [';'] = JOINS_DIGITS,
    ['A'] = R26(LETTER),
    ['_'] = UNDERSCORE,
    ['a'] = R26(LETTER),
    [128] = R26(BEYOND),
    R26(BEYOND),
    R26(BEYOND),
    R26(BEYOND),
    R10(BEYOND),
    R10(BEYOND),
    BEYOND,
    BEYOND,
    BEYOND,
    BEYOND,
};

typedef struct masks {
    uint64_t word, beyond;
} masks;

#if defined(__SSE2__)
static masks window_masks(const uint8_t *at)
{
    masks result = {0, 0};
    for (unsigned i = 0; i < WINDOW; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        /* Shifted so that the wanted range ends at 127: one signed comparison each. */
        __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        __m128i letter =
            _mm_cmpgt_epi8(_mm_add_epi8(small, _mm_set1_epi8(127 - 'z')), _mm_set1_epi8(127 - 26));
        __m128i digit =
            _mm_cmpgt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8(127 - '9')), _mm_set1_epi8(127 - 10));
        __m128i under = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('_'));
        __m128i word = _mm_or_si128(_mm_or_si128(letter, digit), under);
        result.word |= (uint64_t)(uint32_t)_mm_movemask_epi8(word) << i;
        result.beyond |= (uint64_t)(uint32_t)_mm_movemask_epi8(bytes) << i;
    }
    return result;
}
#else
static masks window_masks(const uint8_t *at)
{
    masks result = {0, 0};
    for (unsigned i = 0; i < WINDOW; i++) {
        result.word |= (uint64_t)((kinds[at[i]] & WORD) != 0) << i;
        result.beyond |= (uint64_t)(at[i] >> 7) << i;
    }
    return result;
}
#endif

/* Third bytes of U+2010 to U+2026 (E2 80 90 to A6): quotes, dashes, bullets, the ellipsis. */
static bool is_punctuation(const uint8_t *at, size_t left)
{
    return left >= 3 && at[0] == 0xe2 && at[1] == 0x80 && at[2] >= 0x90 && at[2] <= 0xa6;
}

/* The segment's end, given that of its first run; 0 when only the plain path can tell. */
static size_t segment_end(const uint8_t *text, size_t length, size_t end)
{
    while (end < length) {
        unsigned kind = kinds[text[end]], width = 1;
        if (kind & BEYOND) {
            if (!is_punctuation(text + end, length - end) || text[end + 2] == 0xa4)
                return 0;
            if (text[end + 2] != 0x98 && text[end + 2] != 0x99)
                return end;
            kind = JOINS_LETTERS | JOINS_DIGITS; /* curly apostrophes */
            width = 3;
        }
        if (!(kind & (JOINS_LETTERS | JOINS_DIGITS)) || end + width >= length)
            return end;
        unsigned before = kinds[text[end - 1]], after = kinds[text[end + width]];
        if (after & BEYOND)
            return 0;
        /* LETTER and DIGIT shifted by three are JOINS_LETTERS and JOINS_DIGITS. */
        if (!(before & after & kind >> 3))
            return end;
        end += width;
        while (end < length && kinds[text[end]] & WORD)
            end++;
    }
    return end;
}

/* The words of one window that begins at *at; moves *at to where the next begins. */
static ns_status scan_window(ns__run *run, size_t *at)
{
    const uint8_t *text = run->text + *at;
    size_t left = run->length - *at;
    uint8_t padded[WINDOW] = {0};
    if (left < WINDOW) {
        memcpy(padded, text, left);
        text = padded;
    }
    masks mask = window_masks(text);
    unsigned done = 0;
    while (done < WINDOW) {
        uint64_t rest = (mask.word | mask.beyond) >> done << done;
        if (rest == 0)
            break;
        unsigned first = (unsigned)__builtin_ctzll(rest);
        size_t start = *at + first, end;
        if (mask.beyond >> first & 1) {
            if (is_punctuation(run->text + start, run->length - start)) {
                done = first + 3;
                continue;
            }
            *at = start;
            return ns__run_plain(run, at);
        }
        uint64_t gap = ~(mask.word >> first);
        unsigned length = gap ? (unsigned)__builtin_ctzll(gap) : WINDOW;
        end = start + length;
        if (first + length >= WINDOW && left > WINDOW) {
            if (first > 0) {
                *at = start;
                return NS_OK;
            }
            while (end < run->length && kinds[run->text[end]] & WORD)
                end++;
        }
        if (end < run->length && kinds[run->text[end]] & (JOINS_LETTERS | JOINS_DIGITS | BEYOND)) {
            end = segment_end(run->text, run->length, end);
            if (end == 0) {
                *at = start;
                return ns__run_plain(run, at);
            }
        }
        if (run->text[start] == '_' || end - start > NS_MAX_TOKEN_BYTES) {
            *at = start; /* the segment may hold no letter, or must be cut */
            return ns__run_plain(run, at);
        }
        NS_TRY(ns__run_emit(run, start, end, 0));
        if (end - *at >= WINDOW) {
            *at = end;
            return NS_OK;
        }
        done = (unsigned)(end - *at);
    }
    *at += left < WINDOW ? left : done > WINDOW ? done : WINDOW;
    return NS_OK;
}

ns_status ns__run_fast(ns__run *run)
{
    size_t at = 0;
    while (at < run->length)
        NS_TRY(scan_window(run, &at));
    return NS_OK;
}
