/* How writers cut text into words, and find them: the keys, counts and numbers of words. Readers
 * need not know. */
#ifndef NS_CODEC_MODEL_WORDS_H
#define NS_CODEC_MODEL_WORDS_H

#include "codec/model.h"

/* ---- Cutting ---- */

enum { NS__OTHER, NS__SPACE, NS__LETTER, NS__DIGIT, NS__FIRST_OF_TWO, NS__FIRST_OF_THREE };

/* What each byte can begin. */
void ns__model_kinds(uint8_t kinds[256]);

static inline bool ns__continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the letters at text[0 .. left). Letters are those of ASCII and what UTF-8 writes in two
 * bytes (Latin, Greek, Cyrillic, Hebrew, Arabic). */
static inline size_t ns__letters(const uint8_t kinds[256], const uint8_t *text, size_t left)
{
    size_t at = 0;
    while (at < left) {
        uint8_t kind = kinds[text[at]];
        if (kind == NS__LETTER)
            at++;
        else if (kind == NS__FIRST_OF_TWO && at + 1 < left && ns__continues(text[at + 1]))
            at += 2;
        else
            break;
    }
    return at;
}

static inline size_t ns__digits(const uint8_t kinds[256], const uint8_t *text, size_t left)
{
    size_t at = 0;
    while (at < left && kinds[text[at]] == NS__DIGIT)
        at++;
    return at;
}

/* Bytes of the word at text[0], left > 0: letters with the space before them, digits, one character
 * of three bytes, or any byte. */
static inline size_t ns__word_at(const uint8_t kinds[256], const uint8_t *text, size_t left)
{
    size_t run;
    switch (kinds[text[0]]) {
    case NS__SPACE:
        return 1 + ns__letters(kinds, text + 1, left - 1);
    case NS__LETTER:
    case NS__FIRST_OF_TWO:
        run = ns__letters(kinds, text, left);
        return run > 0 ? run : 1;
    case NS__DIGIT:
        return ns__digits(kinds, text, left);
    case NS__FIRST_OF_THREE:
        return left > 2 && ns__continues(text[1]) && ns__continues(text[2]) ? 3 : 1;
    default:
        return 1;
    }
}

/* ---- Keys ---- */

/* A word as two numbers, padded with zeros, and its length. */
typedef struct ns__word_key {
    uint64_t low, high;
} ns__word_key;

/* The key of the word text[0 .. length), 1 .. 16 bytes; `left` bytes can be read. */
static inline ns__word_key ns__word_key_of(const uint8_t *text, size_t length, size_t left)
{
    uint8_t padded[NS_MODEL_WORD_BYTES] = {0};
    ns__word_key key;
    if (left < NS_MODEL_WORD_BYTES)
        text = memcpy(padded, text, length);
    key.low = ns__get_u64(text);
    key.high = ns__get_u64(text + 8);
    if (length <= 8) {
        key.high = 0;
        key.low &= UINT64_MAX >> (64 - 8 * length);
    } else {
        key.high &= UINT64_MAX >> (128 - 8 * length);
    }
    return key;
}

static inline bool ns__word_equal(ns__word_key a, ns__word_key b)
{
    return a.low == b.low && a.high == b.high;
}

static inline uint64_t ns__word_hash(ns__word_key key)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(key.low ^ 0x9e3779b97f4a7c15u) * (key.high ^ 0xd1b54a32d192ed03u);
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    return mixed ^ mixed >> 29;
}

/* ---- Words of a model ---- */

/* A symbol with the context that it is, as coding goes from one to the next. */
typedef struct ns__model_fact {
    uint32_t first, escape; /* of the context: see model_write.h */
    uint32_t code;          /* among all symbols */
    uint16_t symbol;
    uint16_t bits; /* of the context, at least 1 */
} ns__model_fact;

/* A word or a byte with all that finding and coding it takes, in half a cache line: it is rarely in
 * a cache. Until there are codes, only the symbol of the fact is good. */
typedef struct ns__word_slot {
    ns__word_key key;
    ns__model_fact fact; /* bits 0: empty */
} ns__word_slot;

/* Symbol 256 + i is word i; they stand in the order of their bytes. */
typedef struct ns__model_words {
    uint8_t kinds[256];
    uint32_t count;
    ns__word_key *keys;
    uint8_t *lengths;
    ns__word_slot *slots; /* of bytes too; a frequent word stands where it is looked for first */
    size_t mask;
    uint64_t *pieces; /* words of 2 .. 4 bytes: bytes << 32 | symbol; 0: empty */
    uint32_t piece_mask;
    uint64_t *piece_bits; /* most of what is no piece is known without looking there */
} ns__model_words;

enum { NS__LONGEST_PIECE = 4, NS__PIECE_BITS = 1 << 16 };

/* The words of the sample that save more than they cost in text `scale` times as long. `cuts`
 * (empty, or NULL) takes all words of the sample. */
ns_status ns__model_choose(ns__str sample, unsigned scale, ns__model_cuts *cuts,
                           ns__model_words *out, ns_error *err);
void ns__model_words_release(ns__model_words *words);

/* The slot of a word or a byte; an empty one when there is none. */
static inline const ns__word_slot *ns__model_find(const ns__model_words *words, ns__word_key key,
                                                  uint32_t hash)
{
    size_t at = hash & words->mask;
    const ns__word_slot *slot;
    while ((slot = &words->slots[at])->fact.bits != 0 && !ns__word_equal(slot->key, key))
        at = (at + 1) & words->mask;
    return slot;
}

static inline uint32_t ns__model_piece_slot(const ns__model_words *words, uint32_t bytes)
{
    return bytes * 0x9e3779b1u >> 8 & words->piece_mask;
}

static inline uint32_t ns__model_piece_bit(uint32_t bytes)
{
    return bytes * 0x9e3779b1u >> 16 & (NS__PIECE_BITS - 1);
}

/* The symbol of a word of 2 .. 4 bytes, or 0: the same by the smaller table. */
static inline uint32_t ns__model_find_piece(const ns__model_words *words, uint32_t bytes)
{
    uint32_t bit = ns__model_piece_bit(bytes);
    if (!(words->piece_bits[bit / 64] >> bit % 64 & 1))
        return 0;
    uint32_t at = ns__model_piece_slot(words, bytes);
    uint64_t slot;
    while ((slot = words->pieces[at]) != 0 && slot >> 32 != bytes)
        at = (at + 1) & words->piece_mask;
    return (uint32_t)slot;
}

/* The longest piece at text[0] of at most `longest` bytes, 1 <= longest <= left. */
static inline uint32_t ns__model_piece(const ns__model_words *words, const uint8_t *text,
                                       size_t left, size_t longest, size_t *length)
{
    uint32_t bytes = 0;
    if (left >= NS__LONGEST_PIECE)
        bytes = ns__get_u32(text);
    else
        for (size_t i = left; i-- > 0;)
            bytes = bytes << 8 | text[i];
    *length = longest < NS__LONGEST_PIECE ? longest : NS__LONGEST_PIECE;
    for (; *length > 1; --*length) {
        uint32_t symbol =
            ns__model_find_piece(words, bytes & UINT32_MAX >> (32 - 8 * (unsigned)*length));
        if (symbol)
            return symbol;
    }
    return text[0];
}

/* The symbol at text[0], left > 0, and its bytes. `rest` are those of an unknown word still to be
 * spelled, 0 at the beginning. */
static inline uint32_t ns__model_next(const ns__model_words *words, const uint8_t *text,
                                      size_t left, size_t *rest, size_t *length)
{
    size_t longest = *rest;
    if (longest == 0) {
        size_t run = ns__word_at(words->kinds, text, left);
        if (run == 1) {
            *length = 1;
            return text[0];
        }
        if (run <= NS_MODEL_WORD_BYTES) {
            ns__word_key key = ns__word_key_of(text, run, left);
            const ns__word_slot *slot = ns__model_find(words, key, (uint32_t)ns__word_hash(key));
            if (slot->fact.bits != 0) {
                *length = run;
                return slot->fact.symbol;
            }
        }
        *rest = run;
        longest = run - 1;
    }
    uint32_t symbol = ns__model_piece(words, text, left, longest, length);
    *rest -= *length;
    return symbol;
}

#endif
