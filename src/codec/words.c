/* Choosing, replacing and restoring frequent words: see words.h. */
#include "codec/words.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
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

/* Bytes of the word at text[at], with the space before it when it begins there; 0 when there is
 * none, or a longer one than counts. Letters are those of ASCII and what UTF-8 writes in two bytes
 * (Latin, Greek, Cyrillic, Hebrew, Arabic). */
static size_t word_at(const uint8_t *text, size_t length, size_t *run)
{
    size_t at = length > 0 && text[0] == ' ';
    for (;;) {
        if (at < length && (uint8_t)((text[at] | 0x20) - 'a') < 26)
            at++;
        else if (at + 1 < length && text[at] >= 0xc3 && text[at] <= 0xdf &&
                 (text[at + 1] & 0xc0) == 0x80)
            at += 2;
        else
            break;
    }
    *run = at;
    return at > (text[0] == ' ') && at <= NS_WORD_BYTES ? at : 0;
}

static uint64_t hash_word(const uint8_t *text, size_t length)
{
    return ns__hash64(text, length, 0);
}

/* ---- Choosing ---- */

typedef struct counted {
    const uint8_t *text;
    uint32_t length, count;
    uint64_t hash;
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
        if (counter->slots[i].text == NULL)
            continue;
        size_t at = counter->slots[i].hash & (room - 1);
        while (slots[at].text != NULL)
            at = (at + 1) & (room - 1);
        slots[at] = counter->slots[i];
    }
    ns__free(counter->slots);
    counter->slots = slots;
    counter->room = room;
    return true;
}

static bool count_word(word_counter *counter, const uint8_t *text, size_t length)
{
    if (2 * counter->used >= counter->room && !grow_counter(counter))
        return false;
    uint64_t hash = hash_word(text, length);
    size_t at = hash & (counter->room - 1);
    for (;; at = (at + 1) & (counter->room - 1)) {
        counted *slot = &counter->slots[at];
        if (slot->text == NULL) {
            *slot = (counted){text, (uint32_t)length, 0, hash};
            counter->used++;
        }
        if (slot->hash == hash && slot->length == length && memcmp(slot->text, text, length) == 0)
            break;
    }
    counter->slots[at].count++;
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
    return ns__str_compare((ns__str){left->text, left->length},
                           (ns__str){right->text, right->length});
}

struct ns__words_writer {
    byte_classes classes;
    uint32_t count;
    uint32_t ends[NS_WORDS_MAX];
    ns__buf bytes;
    struct {
        uint32_t tag;    /* high bits of the hash */
        uint16_t number; /* of the word, plus 1; 0: empty */
        uint16_t length;
    } slots[SLOT_COUNT];
};

static void add_word(ns__words_writer *words, const counted *word)
{
    size_t at = word->hash & (SLOT_COUNT - 1);
    while (words->slots[at].number != 0)
        at = (at + 1) & (SLOT_COUNT - 1);
    ns__buf_append(&words->bytes, word->text, word->length);
    words->ends[words->count++] = (uint32_t)words->bytes.length;
    words->slots[at].tag = (uint32_t)(word->hash >> 32);
    words->slots[at].number = (uint16_t)words->count;
    words->slots[at].length = (uint16_t)word->length;
}

static bool count_words(word_counter *counter, ns__str sample)
{
    for (size_t at = 0; at < sample.length;) {
        size_t run, length = word_at(sample.data + at, sample.length - at, &run);
        if (length > 0 && !count_word(counter, sample.data + at, length))
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
        if (counter.slots[i].text != NULL && gain(&counter.slots[i]) >= LEAST_GAIN)
            counter.slots[kept++] = counter.slots[i];
    if (good && kept >= FEWEST_WORDS) {
        qsort(counter.slots, kept, sizeof *counter.slots, compare_gains);
        words = ns__zalloc(1, sizeof *words);
        good = words != NULL;
    }
    if (words != NULL) {
        make_classes(&words->classes);
        for (size_t i = 0; i < kept && i < NS_WORDS_MAX; i++)
            add_word(words, &counter.slots[i]);
        good = !words->bytes.failed;
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
    ns__buf_u32(out, words->count);
    for (uint32_t i = 0; i < words->count; i++)
        ns__buf_u32(out, words->ends[i]);
    ns__buf_append(out, words->bytes.data, words->bytes.length);
}

void ns__words_writer_free(ns__words_writer *words)
{
    if (words == NULL)
        return;
    ns__buf_release(&words->bytes);
    ns__free(words);
}

/* ---- Replacing ---- */

/* The number of a word plus 1, or 0. */
static uint32_t find_word(const ns__words_writer *words, const uint8_t *text, size_t length)
{
    uint64_t hash = hash_word(text, length);
    for (size_t at = hash & (SLOT_COUNT - 1);; at = (at + 1) & (SLOT_COUNT - 1)) {
        uint32_t number = words->slots[at].number;
        if (number == 0)
            return 0;
        if (words->slots[at].tag == (uint32_t)(hash >> 32) && words->slots[at].length == length &&
            memcmp(words->bytes.data + words->ends[number - 1] - length, text, length) == 0)
            return number;
    }
}

void ns__words_replace(const ns__words_writer *words, ns__str text, ns__buf *out)
{
    if (!ns__buf_reserve(out, 2 * text.length))
        return;
    uint8_t *into = out->data + out->length;
    for (size_t at = 0; at < text.length;) {
        const uint8_t *from = text.data + at;
        size_t run, length = word_at(from, text.length - at, &run);
        uint32_t number = length > CODE_BYTES ? find_word(words, from, length) : 0;
        if (number > 0) {
            *into++ = words->classes.leads[(number - 1) >> 8];
            *into++ = (uint8_t)(number - 1);
            at += length;
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
