/* Coding text by a model: see model.h.
 *
 * The tables of a model are far larger than a processor's nearest cache, and each symbol is looked
 * up in three of them. So a batch of words goes through one table after the other, and each step
 * asks for the memory that the next one reads:
 *
 *   cut      words, 64 bytes at a time by bit masks    -> slots of the table of words
 *   number   the word that stands in the slot          -> its key
 *   resolve  compared; a word that differs is spelled  -> what comes behind the word before
 *   emit     codes
 */
#include "codec/model_write.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum {
    WINDOW = 64,
    BATCH = 4 * WINDOW,  /* words */
    MOST_CODE_BYTES = 5, /* of a symbol: an escape and a code have 33 bits */
    TOO_LONG = NS_MODEL_WORD_BYTES + 1
};

/* ---- Bits ---- */

/* Codes on their way into bytes, the first bit highest. */
typedef struct bit_writer {
    uint8_t *into;
    uint64_t bits; /* the low `count` of them, < 8 between symbols */
    unsigned count;
} bit_writer;

static inline void put_marked(bit_writer *out, uint32_t marked)
{
    unsigned length = 31u - (unsigned)__builtin_clz(marked);
    out->bits = out->bits << length | (marked ^ (uint32_t)1 << length);
    out->count += length;
}

/* Writes whole bytes; 8 bytes can be written. */
static inline void flush(bit_writer *out)
{
    uint64_t bytes = __builtin_bswap64(out->bits << (63 - out->count) << 1);
    ns__put_u64(out->into, bytes);
    out->into += out->count / 8;
    out->count %= 8;
}

static bool start_writing(bit_writer *writer, size_t length, ns__buf *out)
{
    if (!ns__buf_reserve(out, MOST_CODE_BYTES * length + 8))
        return false;
    *writer = (bit_writer){.into = out->data + out->length};
    return true;
}

static void end_writing(bit_writer *writer, ns__buf *out)
{
    if (writer->count > 0)
        writer->into++; /* the last bits were written by flush */
    out->length = (size_t)(writer->into - out->data);
}

/* ---- The plain way ---- */

/* The marked code of a symbol, looked for from successors[at] on in its context; 0: none. */
static inline uint32_t find_successor(const ns__model_writer *model,
                                      const ns__model_context *context, uint32_t at,
                                      uint32_t symbol)
{
    const uint32_t *slots = model->successors + context->first;
    uint32_t slot;
    for (at -= context->first; (slot = slots[at]) != 0 && slot >> 16 != symbol;)
        at = (at + 1) & context->mask;
    return slot & 0xffff;
}

void ns__model_encode_plain(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    bit_writer writer;
    if (!start_writing(&writer, text.length, out))
        return;
    const ns__model_context *context = &model->contexts[0];
    size_t rest = 0;
    for (size_t at = 0, length; at < text.length; at += length) {
        uint32_t symbol =
            ns__model_next(&model->words, text.data + at, text.length - at, &rest, &length);
        uint32_t slot = context->first + ns__successor_slot(context, symbol);
        uint32_t marked = find_successor(model, context, slot, symbol);
        if (marked) {
            put_marked(&writer, marked);
        } else {
            put_marked(&writer, context->escape);
            put_marked(&writer, model->codes[symbol]);
        }
        flush(&writer);
        context = &model->contexts[model->context_of[symbol]];
    }
    end_writing(&writer, out);
}

/* ---- Cutting ---- */

typedef struct word {
    ns__word_key key;
    uint32_t at;     /* in the text of the batch */
    uint32_t length; /* TOO_LONG: or more */
    uint32_t slot;   /* then the number that stands there */
} word;

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

static inline void add_word(const ns__model_words *words, ns__str text, size_t at, size_t length,
                            word *out)
{
    size_t most = length < TOO_LONG ? length : TOO_LONG;
    size_t part = length < TOO_LONG ? length : NS_MODEL_WORD_BYTES;
    out->key = ns__word_key_of(text.data + at, part, text.length - at);
    out->at = (uint32_t)at;
    out->length = (uint32_t)most;
    out->slot = (uint32_t)(ns__word_hash(out->key) & words->mask);
    __builtin_prefetch(&words->slots[out->slot]);
}

/* The words that begin and end in the 63 bytes from text[*at], or the one that does not end there:
 * at most 63. Returns how many; *at moves behind them. */
static size_t cut_window(const ns__model_words *words, ns__str text, size_t *at, word *out)
{
    uint8_t padded[WINDOW] = {0};
    const uint8_t *window = text.data + *at;
    size_t left = text.length - *at, count = 0;
    if (left < WINDOW)
        window = memcpy(padded, window, left);
    masks m = window_masks(window);
    uint64_t starts = word_starts(&m) << 1 >> 1; /* all but the last */
    starts &= starts - 1;                        /* the first word's is *at */
    if (left < WINDOW - 1)                       /* nothing begins behind the end */
        starts &= ((uint64_t)2 << left) - 1;
    if (starts == 0) {
        size_t length = ns__word_at(words->kinds, text.data + *at, left);
        add_word(words, text, *at, length, out);
        *at += length;
        return 1;
    }
    size_t start = *at, base = *at;
    for (; starts != 0; starts &= starts - 1) {
        size_t end = base + (unsigned)__builtin_ctzll(starts);
        add_word(words, text, start, end - start, &out[count++]);
        start = end;
    }
    *at = start;
    return count;
}

/* ---- Coding ---- */

typedef struct link {
    uint32_t slot; /* in successors, where the search begins */
    uint16_t symbol, context;
} link;

typedef struct coder {
    const ns__model_writer *model;
    bit_writer writer;
    uint16_t context; /* of the next symbol */
    size_t words, links;
    word batch[BATCH];
    link chain[BATCH];
} coder;

static void emit(coder *c)
{
    const ns__model_writer *model = c->model;
    bit_writer writer = c->writer;
    for (size_t i = 0; i < c->links; i++) {
        const link *l = &c->chain[i];
        const ns__model_context *context = &model->contexts[l->context];
        uint32_t marked = find_successor(model, context, l->slot, l->symbol);
        if (marked) {
            put_marked(&writer, marked);
        } else {
            put_marked(&writer, context->escape);
            put_marked(&writer, model->codes[l->symbol]);
        }
        flush(&writer);
    }
    c->writer = writer;
    c->links = 0;
}

static inline void add_symbol(coder *c, uint32_t symbol)
{
    const ns__model_writer *model = c->model;
    const ns__model_context *context = &model->contexts[c->context];
    uint32_t slot = context->first + ns__successor_slot(context, symbol);
    __builtin_prefetch(&model->successors[slot]);
    __builtin_prefetch(&model->codes[symbol]);
    c->chain[c->links++] = (link){slot, (uint16_t)symbol, c->context};
    c->context = model->context_of[symbol];
    if (c->links == BATCH)
        emit(c);
}

/* A word that the model does not know, at text[0]. */
static void spell(coder *c, ns__str text)
{
    const ns__model_words *words = &c->model->words;
    size_t rest = ns__word_at(words->kinds, text.data, text.length), longest = rest - 1, length;
    for (; rest > 0; longest = rest -= length) {
        add_symbol(c, ns__model_piece(words, text.data, text.length, longest, &length));
        text.data += length;
        text.length -= length;
    }
}

static void resolve(coder *c, ns__str text)
{
    const ns__model_words *words = &c->model->words;
    for (size_t i = 0; i < c->words; i++) {
        const word *w = &c->batch[i];
        bool single = w->length == 1;
        bool known = w->slot > 0 && w->length != TOO_LONG &&
                     ns__word_equal(words->keys[w->slot - 1], w->key);
        uint32_t symbol = single ? (uint32_t)w->key.low : w->slot + 255;
        if (__builtin_expect(!known & !single, 0)) /* or it stands in a later slot */
            symbol = w->slot > 0 && w->length != TOO_LONG ? ns__model_find(words, w->key) : 0;
        if (symbol > 0 || single)
            add_symbol(c, symbol);
        else
            spell(c, (ns__str){text.data + w->at, text.length - w->at});
    }
}

static void number(coder *c)
{
    const ns__model_words *words = &c->model->words;
    for (size_t i = 0; i < c->words; i++) {
        word *w = &c->batch[i];
        w->slot = words->slots[w->slot];
        __builtin_prefetch(&words->keys[w->slot ? w->slot - 1 : 0]);
    }
}

void ns__model_encode(const ns__model_writer *model, ns__str text, ns__buf *out)
{
    coder c;
    c.model = model;
    c.context = 0;
    c.words = c.links = 0;
    if (!start_writing(&c.writer, text.length, out))
        return;
    while (text.length > 0) { /* from the beginning of a word on */
        size_t at = 0;
        for (c.words = 0; at < text.length && c.words <= BATCH - WINDOW;)
            c.words += cut_window(&model->words, text, &at, c.batch + c.words);
        number(&c);
        resolve(&c, text);
        text.data += at;
        text.length -= at;
    }
    emit(&c);
    end_writing(&c.writer, out);
}
