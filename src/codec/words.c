/* Choosing, replacing and restoring frequent words: see words.h. */
#include "codec/words.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum {
    FEWEST_WORDS = 16,  /* fewer are not worth a table */
    LEAST_GAIN = 64,    /* bytes that a word must save in the sample */
    SLOT_COUNT = 32768, /* of the finished words; more than three times NS_WORDS_MAX */
    CODE_BYTES = 2
};

/* What a byte of coded text is: the number of a lead, or one of these. */
enum { PLAIN = 255, ESCAPE = 254 };

static uint8_t class_of(unsigned byte)
{
    if (byte == 0)
        return ESCAPE;
    if (byte >= 0xf5)
        return (uint8_t)(byte - 0xf5);
    if (byte == 0xc0 || byte == 0xc1)
        return (uint8_t)(11 + byte - 0xc0);
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r')
        return PLAIN;
    return (uint8_t)(byte < 9 ? 12 + byte : byte < 13 ? 10 + byte : 9 + byte);
}

typedef struct byte_classes {
    uint8_t of[256];
    uint8_t leads[NS_WORDS_LEADS];
} byte_classes;

static void make_classes(byte_classes *classes)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        classes->of[byte] = class_of(byte);
        if (classes->of[byte] < NS_WORDS_LEADS)
            classes->leads[classes->of[byte]] = (uint8_t)byte;
    }
}

/* ---- Words ---- */

/* A word as two numbers, padded with zeros. */
typedef struct word_key {
    uint64_t low, high;
} word_key;

enum { NO_LETTER, LETTER, FIRST_OF_TWO };

/* Letters are those of ASCII and what UTF-8 writes in two bytes (Latin, Greek, Cyrillic, Hebrew,
 * Arabic). */
static void make_letters(uint8_t letters[256])
{
    memset(letters, NO_LETTER, 256);
    for (unsigned byte = 'a'; byte <= 'z'; byte++)
        letters[byte] = letters[byte - 'a' + 'A'] = LETTER;
    for (unsigned byte = 0xc3; byte <= 0xdf; byte++)
        letters[byte] = FIRST_OF_TWO;
}

/* Bytes of the letters at text[0], with the space before them if it begins with one. */
static inline size_t letters_at(const uint8_t letters[256], const uint8_t *text, size_t length)
{
    size_t at = length > 0 && text[0] == ' ';
    while (at < length) {
        uint8_t kind = letters[text[at]];
        if (kind == LETTER)
            at++;
        else if (kind == FIRST_OF_TWO && at + 1 < length && (text[at + 1] & 0xc0) == 0x80)
            at += 2;
        else
            break;
    }
    return at;
}

static inline bool is_word(const uint8_t *text, size_t run)
{
    return run > (size_t)(text[0] == ' ') && run <= NS_WORD_BYTES;
}

/* The key of the word text[0 .. length), 1 .. 16 bytes; `left` bytes can be read. */
static inline word_key key_of(const uint8_t *text, size_t length, size_t left)
{
    uint8_t padded[NS_WORD_BYTES] = {0};
    word_key key;
    if (left < NS_WORD_BYTES)
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

static inline bool key_equal(word_key a, word_key b)
{
    return a.low == b.low && a.high == b.high;
}

static inline uint64_t hash_key(word_key key)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(key.low ^ 0x9e3779b97f4a7c15u) * (key.high ^ 0xd1b54a32d192ed03u);
    uint64_t mixed = (uint64_t)product ^ (uint64_t)(product >> 64);
    return mixed ^ mixed >> 29;
}

/* ---- Choosing ---- */

typedef struct counted {
    word_key key;
    uint32_t length, count; /* count 0: an empty slot */
} counted;

typedef struct word_counter {
    counted *slots;
    size_t room, used;
} word_counter;

static bool grow_counter(word_counter *counter)
{
    size_t room = counter->room ? 2 * counter->room : 4096;
    counted *slots = ns__zalloc(room, sizeof *slots);
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < counter->room; i++) {
        if (counter->slots[i].count == 0)
            continue;
        size_t at = hash_key(counter->slots[i].key) & (room - 1);
        while (slots[at].count != 0)
            at = (at + 1) & (room - 1);
        slots[at] = counter->slots[i];
    }
    ns__free(counter->slots);
    counter->slots = slots;
    counter->room = room;
    return true;
}

static bool count_word(word_counter *counter, word_key key, size_t length)
{
    if (2 * counter->used >= counter->room && !grow_counter(counter))
        return false;
    size_t at = hash_key(key) & (counter->room - 1);
    while (counter->slots[at].count != 0 && !key_equal(counter->slots[at].key, key))
        at = (at + 1) & (counter->room - 1);
    counted *slot = &counter->slots[at];
    if (slot->count == 0)
        counter->used++;
    *slot = (counted){key, (uint32_t)length, slot->count + 1};
    return true;
}

static uint64_t gain(const counted *word)
{
    return word->length > CODE_BYTES ? (uint64_t)word->count * (word->length - CODE_BYTES) : 0;
}

/* The largest gain first, equal ones in byte order. */
static int compare_gains(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    uint64_t left_gain = gain(left), right_gain = gain(right);
    if (left_gain != right_gain)
        return left_gain > right_gain ? -1 : 1;
    uint64_t left_low = __builtin_bswap64(left->key.low);
    uint64_t right_low = __builtin_bswap64(right->key.low);
    if (left_low != right_low)
        return left_low < right_low ? -1 : 1;
    uint64_t left_high = __builtin_bswap64(left->key.high);
    uint64_t right_high = __builtin_bswap64(right->key.high);
    return left_high < right_high ? -1 : left_high > right_high;
}

struct ns__words_writer {
    byte_classes classes;
    uint8_t letters[256];
    uint32_t count;
    word_key keys[NS_WORDS_MAX];
    uint8_t lengths[NS_WORDS_MAX];
    uint16_t slots[SLOT_COUNT]; /* number of the word plus 1; 0: empty */
};

static void add_word(ns__words_writer *words, const counted *word)
{
    size_t at = hash_key(word->key) & (SLOT_COUNT - 1);
    while (words->slots[at] != 0)
        at = (at + 1) & (SLOT_COUNT - 1);
    words->keys[words->count] = word->key;
    words->lengths[words->count] = (uint8_t)word->length;
    words->slots[at] = (uint16_t)++words->count;
}

static bool count_words(word_counter *counter, ns__str sample)
{
    uint8_t letters[256];
    make_letters(letters);
    for (size_t at = 0; at < sample.length;) {
        const uint8_t *text = sample.data + at;
        size_t left = sample.length - at, run = letters_at(letters, text, left);
        if (is_word(text, run) && !count_word(counter, key_of(text, run, left), run))
            return false;
        at += run > 0 ? run : 1;
    }
    return true;
}

ns_status ns__words_choose(ns__str sample, ns__words_writer **out, ns_error *err)
{
    word_counter counter = {0};
    ns__words_writer *words = NULL;
    *out = NULL;
    bool good = count_words(&counter, sample);
    size_t kept = 0;
    for (size_t i = 0; good && i < counter.room; i++)
        if (counter.slots[i].count > 0 && gain(&counter.slots[i]) >= LEAST_GAIN)
            counter.slots[kept++] = counter.slots[i];
    if (good && kept >= FEWEST_WORDS) {
        qsort(counter.slots, kept, sizeof *counter.slots, compare_gains);
        words = ns__zalloc(1, sizeof *words);
        good = words != NULL;
    }
    if (words != NULL) {
        make_classes(&words->classes);
        make_letters(words->letters);
        for (size_t i = 0; i < kept && i < NS_WORDS_MAX; i++)
            add_word(words, &counter.slots[i]);
    }
    ns__free(counter.slots);
    if (!good) {
        ns__words_writer_free(words);
        return ns__no_memory(err);
    }
    *out = words;
    return NS_OK;
}

void ns__words_table(const ns__words_writer *words, ns__buf *out)
{
    uint32_t end = 0;
    ns__buf_u32(out, words->count);
    for (uint32_t i = 0; i < words->count; i++)
        ns__buf_u32(out, end += words->lengths[i]);
    for (uint32_t i = 0; i < words->count; i++) {
        uint8_t bytes[NS_WORD_BYTES];
        ns__put_u64(bytes, words->keys[i].low);
        ns__put_u64(bytes + 8, words->keys[i].high);
        ns__buf_append(out, bytes, words->lengths[i]);
    }
}

void ns__words_writer_free(ns__words_writer *words)
{
    ns__free(words);
}

/* ---- Replacing ---- */

/* The number of a word plus 1, or 0. */
static inline uint32_t find_word(const ns__words_writer *words, word_key key)
{
    size_t at = hash_key(key) & (SLOT_COUNT - 1);
    uint32_t number;
    while ((number = words->slots[at]) != 0 && !key_equal(words->keys[number - 1], key))
        at = (at + 1) & (SLOT_COUNT - 1);
    return number;
}

void ns__words_replace(const ns__words_writer *words, ns__str text, ns__buf *out)
{
    if (!ns__buf_reserve(out, 2 * text.length))
        return;
    uint8_t *into = out->data + out->length;
    for (size_t at = 0; at < text.length;) {
        const uint8_t *from = text.data + at;
        size_t left = text.length - at, run = letters_at(words->letters, from, left);
        uint32_t number = 0;
        if (is_word(from, run) && run > CODE_BYTES)
            number = find_word(words, key_of(from, run, left));
        if (number > 0) {
            *into++ = words->classes.leads[(number - 1) >> 8];
            *into++ = (uint8_t)(number - 1);
            at += run;
        } else if (run > 1 && *from != ' ') {
            memcpy(into, from, run); /* letters are never escaped */
            into += run;
            at += run;
        } else { /* a word may do without the space before it */
            if (words->classes.of[*from] != PLAIN)
                *into++ = 0;
            *into++ = *from;
            at++;
        }
    }
    out->length = (size_t)(into - out->data);
}

/* ---- Restoring ---- */

uint32_t ns__words_id(ns__str table)
{
    return libdeflate_crc32(0, table.data, table.length);
}

bool ns__words_open(ns__str table, ns__words *out)
{
    ns__cur cur = ns__cur_of(table.data, table.length);
    uint32_t count = ns__cur_u32(&cur), before = 0;
    if (cur.bad || count > NS_WORDS_MAX || ns__cur_left(&cur) < 4 * (size_t)count)
        return false;
    *out = (ns__words){.count = count};
    out->ends = (ns__str){cur.at, 4 * (size_t)count};
    out->bytes = (ns__str){cur.at + 4 * (size_t)count, ns__cur_left(&cur) - 4 * (size_t)count};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t end = ns__get_u32(out->ends.data + 4 * (size_t)i);
        if (end <= before || end - before > NS_WORD_BYTES || end > out->bytes.length)
            return false;
        before = end;
    }
    return before == out->bytes.length;
}

bool ns__words_restore(const ns__words *words, ns__str coded, uint8_t *into, size_t room, bool all)
{
    byte_classes classes;
    make_classes(&classes);
    const uint8_t *at = coded.data, *end = at + coded.length;
    uint8_t *stop = into + room;
    while (into < stop) {
        if (at == end)
            return false;
        uint8_t class = classes.of[*at];
        if (class == PLAIN) {
            *into++ = *at++;
            continue;
        }
        if (end - at < 2)
            return false;
        if (class == ESCAPE) {
            *into++ = at[1];
        } else {
            uint32_t number = (uint32_t) class << 8 | at[1];
            if (number >= words->count)
                return false;
            const uint8_t *entry = words->ends.data + 4 * (size_t)number;
            uint32_t start = number > 0 ? ns__get_u32(entry - 4) : 0;
            size_t length = ns__get_u32(entry) - start;
            if (length > (size_t)(stop - into)) {
                if (all)
                    return false;
                length = (size_t)(stop - into);
            }
            memcpy(into, words->bytes.data + start, length);
            into += length;
        }
        at += 2;
    }
    return !all || at == end;
}
