/* The fast path: words by bit masks (classes.h).
 *
 * A block of 64 bytes gives one bit a byte for letters, digits and underscores (which join each
 * other under UAX #29, so a run of them lies in one segment). Where runs begin and end then falls
 * out of shifts. Only where a run meets punctuation that may join it to the next ("don't", "3.5"),
 * an underscore it begins with, or a character beyond ASCII is the text looked at byte by byte; and
 * where that is not one of a few quotes and dashes, the plain path takes over for one segment. */
#include "text/run.h"

#include "base/limits.h"

enum {
    BLOCK = NS_CLASS_BLOCK,
    CHUNK_BLOCKS = 32,           /* whose masks are made at once */
    BLOCK_TOKENS = BLOCK / 2 + 1 /* at most, that end in one block */
};

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

/* ---- Words ---- */

/* A scan over one text. */
typedef struct word_scan {
    ns__run *run;
    size_t at;   /* everything before is cut, but for the open word */
    size_t open; /* where a word begins that has no end yet, or NONE */
} word_scan;
#define NONE SIZE_MAX

/* Appends a token; there is room for it. */
static inline void push(ns__run *run, size_t start, size_t end)
{
    if (__builtin_expect(end - start == 1, 0) && ns__run_lone_possessive(run, start))
        return;
    run->out->items[run->out->count++] =
        (ns__token){.start = (uint32_t)(run->base + start), .end = (uint32_t)(run->base + end)};
}

static inline ns_status make_room(ns__run *run, size_t tokens)
{
    ns__tokens *out = run->out;
    if (out->capacity - out->count < tokens &&
        NS_RESERVE(out->items, out->capacity, out->count + tokens) != NS_OK)
        return ns__no_memory(run->err);
    return NS_OK;
}

/* The open word ends at `end`, or goes on there behind what joins it to more. */
static ns_status close_word(word_scan *scan, size_t end)
{
    ns__run *run = scan->run;
    size_t start = scan->open;
    scan->open = NONE;
    end = segment_end(run->text, run->length, end);
    if (end == 0 || end - start > NS_MAX_TOKEN_BYTES) {
        scan->at = start; /* only the plain path can tell, or the segment must be cut */
        return ns__run_plain(run, &scan->at);
    }
    scan->at = end;
    return ns__run_emit(run, start, end, 0);
}

/* What stands at `at` is not of a plain word. */
static ns_status take_odd(word_scan *scan, size_t at)
{
    ns__run *run = scan->run;
    if (scan->open != NONE)
        return close_word(scan, at);
    scan->at = at;
    if (is_punctuation(run->text + at, run->length - at)) {
        scan->at += 3;
        return NS_OK;
    }
    return ns__run_plain(run, &scan->at);
}

/* Cuts the block at `base`, of which everything before scan->at is done. `follow`: bytes with one
 * behind them that may go on a segment. Afterwards scan->at is at least the end of the block; if it
 * is before `base`, the scan must go back there. */
static ns_status scan_block(word_scan *scan, size_t base, const ns__word_masks *mask,
                            uint64_t follow)
{
    ns__run *run = scan->run;
    while (scan->at >= base && scan->at - base < BLOCK) {
        uint64_t live = ~(uint64_t)0 << (scan->at - base);
        uint64_t word = mask->word & live;
        uint64_t before = word << 1 | (scan->open != NONE);
        uint64_t starts = word & ~before, ends = before & ~word;
        uint64_t odd =
            (mask->beyond & live) | (ends & mask->join & follow) | (starts & mask->under);
        uint64_t plain = odd ? (odd & -odd) - 1 : ~(uint64_t)0;
        starts &= plain;
        ends &= plain;
        NS_TRY(make_room(run, BLOCK_TOKENS));
        if (ends && scan->open != NONE) {
            push(run, scan->open, base + (size_t)__builtin_ctzll(ends));
            scan->open = NONE;
            ends &= ends - 1;
        }
        for (; ends; ends &= ends - 1, starts &= starts - 1)
            push(run, base + (size_t)__builtin_ctzll(starts), base + (size_t)__builtin_ctzll(ends));
        if (starts)
            scan->open = base + (size_t)__builtin_ctzll(starts);
        if (odd == 0) {
            scan->at = base + BLOCK;
            return NS_OK;
        }
        NS_TRY(take_odd(scan, base + (size_t)__builtin_ctzll(odd)));
    }
    return NS_OK;
}

/* The masks of up to CHUNK_BLOCKS blocks from `base` on; returns how many. */
static size_t make_masks(const ns__run *run, size_t base, ns__word_masks *masks)
{
    size_t left = run->length - base, whole = left / BLOCK;
    if (whole >= CHUNK_BLOCKS) {
        run->analyzer->kernels->words(run->text + base, CHUNK_BLOCKS, masks);
        return CHUNK_BLOCKS;
    }
    run->analyzer->kernels->words(run->text + base, whole, masks);
    if (left % BLOCK == 0)
        return whole;
    uint8_t padded[BLOCK];
    const uint8_t *tail = ns__class_tail(run->text + base + whole * BLOCK, left % BLOCK, padded);
    run->analyzer->kernels->words(tail, 1, masks + whole);
    return whole + 1;
}

/* Cuts the blocks from *base on, as far as their masks are made at once. */
static ns_status scan_chunk(word_scan *scan, size_t *base)
{
    ns__word_masks masks[CHUNK_BLOCKS + 1];
    size_t count = make_masks(scan->run, *base, masks);
    masks[count] = (ns__word_masks){0};
    /* What follows a block is known but for the last one, unless the text ends there. */
    if (*base + count * BLOCK < scan->run->length)
        count--;
    for (size_t b = 0; b < count; b++, *base += BLOCK) {
        if (scan->at - *base >= BLOCK && scan->at >= *base)
            continue;
        const ns__word_masks *next = &masks[b + 1];
        uint64_t follow = (masks[b].word | masks[b].beyond) >> 1 | (next->word | next->beyond)
                                                                       << (BLOCK - 1);
        if (scan->open != NONE && *base - scan->open > NS_MAX_TOKEN_BYTES)
            NS_TRY(close_word(scan, *base));
        else
            NS_TRY(scan_block(scan, *base, &masks[b], follow));
        if (scan->at < *base) {
            *base = scan->at;
            return NS_OK;
        }
    }
    return NS_OK;
}

ns_status ns__run_fast(ns__run *run)
{
    word_scan scan = {run, 0, NONE};
    size_t base = 0;
    for (;;) {
        while (base < run->length)
            NS_TRY(scan_chunk(&scan, &base));
        if (scan.open == NONE)
            return NS_OK;
        NS_TRY(close_word(&scan, run->length));
        base = scan.at; /* a long word was cut */
    }
}

/* ---- White space ---- */

/* A run between white space as tokens: most often as one. */
static ns_status push_run(ns__run *run, size_t start, size_t end)
{
    while (__builtin_expect(end - start > NS_MAX_TOKEN_BYTES, 0)) {
        size_t cut = ns__run_limit(run, start);
        NS_TRY(ns__run_emit(run, start, cut, 0));
        start = cut;
    }
    return ns__run_emit(run, start, end, 0);
}

ns_status ns__run_spaced(ns__run *run)
{
    uint64_t masks[CHUNK_BLOCKS], within = 0;
    size_t base = 0, open = 0;
    while (base < run->length) {
        uint8_t padded[BLOCK];
        size_t left = run->length - base, count = left / BLOCK;
        if (count > CHUNK_BLOCKS)
            count = CHUNK_BLOCKS;
        if (count > 0) {
            run->analyzer->kernels->spaces(run->text + base, count, masks);
        } else {
            run->analyzer->kernels->spaces(ns__class_tail(run->text + base, left, padded), 1,
                                           masks);
            masks[0] |= ~(uint64_t)0 << left;
            count = 1;
        }
        for (size_t b = 0; b < count; b++, base += BLOCK) {
            uint64_t word = ~masks[b], before = word << 1 | within;
            uint64_t starts = word & ~before, ends = before & ~word;
            for (; ends; ends &= ends - 1) {
                if (!within) {
                    open = base + (size_t)__builtin_ctzll(starts);
                    starts &= starts - 1;
                }
                within = 0;
                NS_TRY(push_run(run, open, base + (size_t)__builtin_ctzll(ends)));
            }
            if (starts)
                open = base + (size_t)__builtin_ctzll(starts);
            within = word >> (BLOCK - 1);
        }
    }
    return within ? push_run(run, open, run->length) : NS_OK;
}
