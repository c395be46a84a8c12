/* Text as symbols: see model_cut.h. Words are cut 64 bytes at a time by bit masks, a batch of them;
 * then each is compared with what stands in its slot, and one that differs is spelled. */
#include "codec/model_cuts.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { WINDOW = 64 };

/* ---- Words ---- */

typedef struct masks { /* a bit a byte */
    uint64_t space, letter, digit;
    uint64_t two, three, more; /* first bytes of characters of two and three, and all others */
} masks;

#if defined(__SSE2__)
/* Bytes from `first` to `last`, of either half of the 256: one signed comparison of what is shifted
 * so that the range ends at 127. */
static inline __m128i in_range(__m128i bytes, int first, int last)
{
    __m128i shifted = _mm_add_epi8(bytes, _mm_set1_epi8((char)(127 - last)));
    return _mm_cmpgt_epi8(shifted, _mm_set1_epi8((char)(126 - last + first)));
}

static inline uint64_t bits_of(__m128i bytes)
{
    return (uint64_t)(uint32_t)_mm_movemask_epi8(bytes);
}

static masks window_masks(const uint8_t *at)
{
    masks m = {0};
    uint64_t beyond = 0;
    for (unsigned i = 0; i < WINDOW; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        __m128i small = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        m.space |= bits_of(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' '))) << i;
        m.letter |= bits_of(in_range(small, 'a', 'z')) << i;
        m.digit |= bits_of(in_range(bytes, '0', '9')) << i;
        beyond |= bits_of(bytes) << i;
    }
    for (unsigned i = 0; beyond != 0 && i < WINDOW; i += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + i));
        m.two |= bits_of(in_range(bytes, 0xc3, 0xdf)) << i;
        m.three |= bits_of(in_range(bytes, 0xe0, 0xef)) << i;
        m.more |= bits_of(in_range(bytes, 0x80, 0xbf)) << i;
    }
    return m;
}
#else
static masks window_masks(const uint8_t *at)
{
    masks m = {0};
    for (unsigned i = 0; i < WINDOW; i++) {
        uint8_t byte = at[i], small = byte | 0x20;
        m.space |= (uint64_t)(byte == ' ') << i;
        m.letter |= (uint64_t)(small >= 'a' && small <= 'z') << i;
        m.digit |= (uint64_t)(byte >= '0' && byte <= '9') << i;
        m.two |= (uint64_t)(byte >= 0xc3 && byte <= 0xdf) << i;
        m.three |= (uint64_t)(byte >= 0xe0 && byte <= 0xef) << i;
        m.more |= (uint64_t)ns__continues(byte) << i;
    }
    return m;
}
#endif

/* Where words begin in a window that begins with one: everywhere but at a letter behind a letter or
 * a space, a digit behind a digit, and inside of a character (see ns__word_at). What the last bit
 * says may be wrong. */
static inline uint64_t word_starts(const masks *m)
{
    uint64_t two = m->two & m->more >> 1, three = m->three & m->more >> 1 & m->more >> 2;
    uint64_t letter = m->letter | two | two << 1;
    uint64_t inside =
        (letter & (letter | m->space) << 1) | (m->digit & m->digit << 1) | three << 1 | three << 2;
    return ~inside;
}

#define R16 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255
/* Which bytes are a word's, by its length: 16 from BYTES + WINDOW - length on. */
static const uint8_t BYTES[WINDOW + NS_MODEL_WORD_BYTES] = {R16, R16, R16, R16};

/* A word at text[0], `at` of the whole, of at most WINDOW bytes; 16 can be read. */
static inline void add_word(const uint8_t *text, size_t at, size_t length,
                            const ns__cut_target *target, ns__cut_word *out)
{
    const uint8_t *bytes = BYTES + WINDOW - length;
    ns__word_key key = {ns__get_u64(text) & ns__get_u64(bytes),
                        ns__get_u64(text + 8) & ns__get_u64(bytes + 8)};
    if (__builtin_expect(length > NS_MODEL_WORD_BYTES, 0)) {
        key.high = UINT64_MAX;
        length = NS__TOO_LONG;
    }
    const uint32_t hash = (uint32_t)ns__word_hash(key);
    out->key = key;
    out->at = (uint32_t)at;
    out->length = (uint32_t)length;
    out->hash = hash;
    __builtin_prefetch((const char *)target->slots + (hash & target->mask) * target->slot_bytes);
}

/* The same near the end of the text, of any length. */
static void add_last_word(ns__str text, size_t at, size_t length, const ns__cut_target *target,
                          ns__cut_word *out)
{
    uint8_t padded[NS_MODEL_WORD_BYTES] = {0};
    size_t left = text.length - at;
    memcpy(padded, text.data + at, left < sizeof padded ? left : sizeof padded);
    add_word(padded, at, length < WINDOW ? length : WINDOW, target, out);
}

/* Where words begin behind the one at text[at], in the 63 bytes from there: a bit a byte. None: it
 * does not end there. */
static inline uint64_t later_starts(ns__str text, size_t at)
{
    uint8_t padded[WINDOW] = {0};
    const uint8_t *window = text.data + at;
    const size_t left = text.length - at;
    if (__builtin_expect(left < WINDOW, 0))
        window = memcpy(padded, window, left);
    const masks m = window_masks(window);
    uint64_t starts = word_starts(&m) << 1 >> 1; /* all but the last */
    if (left < WINDOW - 1)                       /* nothing begins behind the end */
        starts &= ((uint64_t)2 << left) - 1;
    return starts & ~(uint64_t)1;
}

/* The words that begin and end in the 63 bytes from text[*at], or the one that does not end there:
 * at most 63. Returns how many; *at moves behind them. */
static inline __attribute__((always_inline)) size_t cut_window(const uint8_t kinds[256],
                                                               ns__str text,
                                                               const ns__cut_target *target,
                                                               size_t *at, ns__cut_word *out)
{
    const size_t base = *at, left = text.length - base;
    const ns__cut_word *first = out;
    uint64_t starts = later_starts(text, base);
    unsigned start = 0, end;
    if (__builtin_expect(starts == 0, 0)) {
        const size_t length = ns__word_at(kinds, text.data + base, left);
        add_last_word(text, base, length, target, out);
        *at += length;
        return 1;
    }
    if (__builtin_expect(left >= WINDOW + NS_MODEL_WORD_BYTES, 1)) {
        const uint8_t *window = text.data + base;
        for (; starts != 0; starts &= starts - 1, start = end) {
            end = (unsigned)__builtin_ctzll(starts);
            add_word(window + start, base + start, end - start, target, out++);
        }
    }
    for (; starts != 0; starts &= starts - 1, start = end) {
        end = (unsigned)__builtin_ctzll(starts);
        add_last_word(text, base + start, end - start, target, out++);
    }
    *at += start;
    return (size_t)(out - first);
}

static inline __attribute__((always_inline)) size_t cut_batch(const uint8_t kinds[256],
                                                              ns__str text, ns__cut_target target,
                                                              size_t *at, ns__cut_word *out)
{
    size_t count = 0, place = *at;
    while (place < text.length && count <= NS__CUT_BATCH - WINDOW)
        count += cut_window(kinds, text, &target, &place, out + count);
    *at = place;
    return count;
}

size_t ns__model_cut(const uint8_t kinds[256], ns__str text, const ns__cut_target *target,
                     size_t *at, ns__cut_word out[NS__CUT_BATCH])
{
    if (target->slot_bytes != sizeof(ns__word_slot))
        return cut_batch(kinds, text, *target, at, out);
    const ns__cut_target usual = {target->slots, target->mask, sizeof(ns__word_slot)};
    return cut_batch(kinds, text, usual, at, out); /* by shifting, not multiplying */
}

/* ---- Symbols ---- */

typedef struct symbol_cutter {
    const ns__model_words *words;
    ns__str text;
    ns__take_symbols *take;
    void *payload;
    bool stopped;
    size_t count; /* symbols not taken yet */
    uint16_t symbols[NS__CUT_BATCH];
    ns__cut_word batch[NS__CUT_BATCH];
} symbol_cutter;

static void give(symbol_cutter *c)
{
    c->stopped = c->stopped || !c->take(c->payload, c->symbols, c->count);
    c->count = 0;
}

static inline void add_symbol(symbol_cutter *c, uint32_t symbol)
{
    c->symbols[c->count++] = (uint16_t)symbol;
    if (c->count == NS__CUT_BATCH)
        give(c);
}

/* A word at text[at] of `rest` bytes that the model does not know. */
static void spell(symbol_cutter *c, size_t at, size_t rest)
{
    const ns__model_words *words = c->words;
    ns__str text = {c->text.data + at, c->text.length - at};
    size_t longest, length;
    for (longest = rest - 1; rest > 0 && !c->stopped; longest = rest -= length) {
        add_symbol(c, ns__model_piece(words, text.data, text.length, longest, &length));
        text.data += length;
        text.length -= length;
    }
}

static void resolve(symbol_cutter *c, size_t count)
{
    const ns__model_words *words = c->words;
    for (size_t i = 0; i < count && !c->stopped; i++) {
        const ns__cut_word *word = &c->batch[i];
        const ns__word_slot *slot = &words->slots[word->hash & words->mask];
        if (!ns__word_equal(slot->key, word->key))
            slot = ns__model_find(words, word->key, word->hash);
        size_t length = word->length;
        if (length == NS__TOO_LONG)
            length = ns__word_at(words->kinds, c->text.data + word->at, c->text.length - word->at);
        if (slot->fact.bits != 0)
            add_symbol(c, slot->fact.symbol);
        else
            spell(c, word->at, length);
    }
}

static void start_cutter(symbol_cutter *c, const ns__model_words *words, ns__str text,
                         ns__take_symbols *take, void *payload)
{
    c->words = words;
    c->text = text;
    c->take = take;
    c->payload = payload;
    c->stopped = false;
    c->count = 0;
}

static void end_cutter(symbol_cutter *c)
{
    if (c->count > 0 && !c->stopped)
        give(c);
}

void ns__model_symbols(const ns__model_words *words, ns__str text, ns__take_symbols *take,
                       void *payload)
{
    symbol_cutter c;
    start_cutter(&c, words, text, take, payload);
    const ns__cut_target target = {words->slots, words->mask, sizeof *words->slots};
    size_t at = 0, count;
    while (!c.stopped && (count = ns__model_cut(words->kinds, text, &target, &at, c.batch)) > 0) {
        resolve(&c, count);
    }
    end_cutter(&c);
}

void ns__model_cuts_symbols(const ns__model_cuts *cuts, const ns__model_words *words, ns__str text,
                            ns__take_symbols *take, void *payload)
{
    symbol_cutter c;
    start_cutter(&c, words, text, take, payload);
    for (size_t i = 0, at = 0; i < cuts->count && !c.stopped; i++) {
        const size_t length = ns__cut_length(cuts->words[i], words->kinds, text, at);
        const uint32_t number = cuts->words[i] & NS__CUT_NUMBER;
        if (number != NS__CUT_SPELLED)
            add_symbol(&c, number);
        else
            spell(&c, at, length);
        at += length;
    }
    end_cutter(&c);
}
