/* News particulars. Everything here works on normalised bytes with plain apostrophes, case-folded
 * or with their capitals. */
#include "text/particulars.h"

#include "text/language.h"

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* A letter of ASCII in its small form; anything else as it is. */
static uint8_t small(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

static bool is_letter(uint8_t c)
{
    return (small(c) >= 'a' && small(c) <= 'z') || c >= 0x80;
}

/* Removes `count` bytes at the front. */
static void drop_front(ns__buf *word, size_t count)
{
    memmove(word->data, word->data + count, word->length - count);
    word->length -= count;
}

static void trim_edges(ns__buf *word)
{
    size_t front = 0;
    while (word->length > 0 && !is_digit(word->data[word->length - 1]) &&
           !is_letter(word->data[word->length - 1]))
        word->length--;
    while (front < word->length && !is_digit(word->data[front]) && !is_letter(word->data[front]))
        front++;
    if (front > 0)
        drop_front(word, front);
}

/* ---- Apostrophes ---- */

static void cut_possessive(ns__lang lang, ns__buf *word)
{
    size_t length = word->length;
    if (length > 2 && word->data[length - 2] == '\'' && small(word->data[length - 1]) == 's') {
        word->length -= 2;
    } else if (lang != 0 && lang == ns__lang_of("tr")) {
        const uint8_t *apostrophe = memchr(word->data, '\'', length);
        if (apostrophe != NULL && apostrophe - word->data >= 2)
            word->length = (size_t)(apostrophe - word->data);
    }
}

static const struct {
    const char *lang, *articles; /* before the apostrophe, between spaces */
} elisions[] = {
    {"fr", " l d j m t s n c qu jusqu lorsqu puisqu quoiqu quelqu presqu "},
    {"it", " l un d c s m t n v all dall dell nell sull coll quell quest bell sant anch "
           "tutt mezz "},
    {"ca", " l d m t s n "},
};

static void cut_elision(ns__lang lang, ns__buf *word)
{
    if (lang == 0)
        return;
    const uint8_t *apostrophe = word->length ? memchr(word->data, '\'', word->length) : NULL;
    size_t length = apostrophe ? (size_t)(apostrophe - word->data) : 0;
    char article[12] = " ";
    if (length == 0 || length > sizeof article - 3 || length + 1 == word->length)
        return;
    for (size_t i = 0; i < length; i++)
        article[i + 1] = (char)small(word->data[i]);
    article[length + 1] = ' ';
    article[length + 2] = '\0';
    for (size_t i = 0; i < sizeof elisions / sizeof *elisions; i++)
        if (strcmp(elisions[i].lang, ns__lang_code(lang)) == 0 &&
            strstr(elisions[i].articles, article) != NULL)
            drop_front(word, length + 1);
}

/* ---- Acronyms ---- */

/* Common English words that a dotted acronym could be taken for. */
static const char common_words[] =
    " a i ad am an and are as at be but by can do for go had has he her his if in is it its may me "
    "my no not of off on or our out so the to up us was we who you ";

/* In capitals, and in a text that is not, these are the acronym. (Words written in capitals for
 * emphasis are why the list is short.) */
static const char *const capitals[] = {"US", "IT", "WHO", "IS", "AM"};

static bool is_common_word(const char *word, size_t length)
{
    char spaced[12] = " ";
    if (length > sizeof spaced - 3)
        return false;
    memcpy(spaced + 1, word, length);
    spaced[length + 1] = ' ';
    spaced[length + 2] = '\0';
    return strstr(common_words, spaced) != NULL;
}

/* Letters with a dot after each but the last, or doubled ones: u.s, N.A.T.O, ee.uu */
static bool is_dotted(ns__str word)
{
    size_t parts = 0, at = 0;
    for (;;) {
        if (at == word.length || small(word.data[at]) < 'a' || small(word.data[at]) > 'z')
            return false;
        at += at + 1 < word.length && small(word.data[at + 1]) == small(word.data[at]) ? 2 : 1;
        parts++;
        if (at == word.length)
            return parts > 1;
        if (word.data[at++] != '.')
            return false;
    }
}

/* True when the acronym has kept its dots. */
static bool undot(ns__buf *word)
{
    if (word->length < 3 || !is_dotted((ns__str){word->data, word->length}))
        return false;
    char plain[8];
    size_t length = 0;
    if (word->length <= sizeof plain) {
        for (size_t i = 0; i < word->length; i++)
            if (word->data[i] != '.')
                plain[length++] = (char)small(word->data[i]);
        if (is_common_word(plain, length))
            return true;
    }
    length = 0;
    for (size_t i = 0; i < word->length; i++)
        if (word->data[i] != '.')
            word->data[length++] = word->data[i];
    word->length = length;
    return false;
}

/* Length of `raw` without 's, ’s. */
static size_t without_possessive(ns__str raw)
{
    if (raw.length > 2 && (raw.data[raw.length - 1] | 0x20) == 's') {
        if (raw.data[raw.length - 2] == '\'')
            return raw.length - 2;
        if (raw.length > 4 && memcmp(raw.data + raw.length - 4, "\xe2\x80\x99", 3) == 0)
            return raw.length - 4;
    }
    return raw.length;
}

bool ns__is_capital_acronym(ns__str raw)
{
    if (raw.length < 2 || raw.data[0] < 'A' || raw.data[0] > 'Z')
        return false; /* as nearly always */
    size_t length = without_possessive(raw);
    for (size_t i = 0; i < sizeof capitals / sizeof *capitals; i++)
        if (strlen(capitals[i]) == length && memcmp(capitals[i], raw.data, length) == 0)
            return true;
    return false;
}

void ns__capital_acronym(ns__str raw, ns__buf *out)
{
    size_t length = without_possessive(raw);
    for (size_t i = 0; i < length; i++) {
        if (i > 0)
            ns__buf_u8(out, '.');
        ns__buf_u8(out, raw.data[i] | 0x20);
    }
}

/* ---- Numbers ---- */

/* Length of a number with well-formed thousands separators at the front of the word ("1,250" of
 * "1,250.5m"); 0 when there is none. */
static size_t grouped_digits(ns__str word)
{
    size_t at = 0, groups = 0;
    while (at < word.length && is_digit(word.data[at]))
        at++;
    if (at == 0 || at > 3)
        return 0;
    while (at + 3 < word.length && word.data[at] == ',' && is_digit(word.data[at + 1]) &&
           is_digit(word.data[at + 2]) && is_digit(word.data[at + 3])) {
        at += 4;
        groups++;
    }
    if (groups == 0 || (at < word.length && (is_digit(word.data[at]) || word.data[at] == ',')))
        return 0;
    return at;
}

static void ungroup(ns__buf *word)
{
    size_t end = grouped_digits((ns__str){word->data, word->length}), kept = 0;
    if (end == 0)
        return;
    for (size_t i = 0; i < word->length; i++)
        if (i >= end || word->data[i] != ',')
            word->data[kept++] = word->data[i];
    word->length = kept;
}

bool ns__particulars(ns__lang lang, ns__buf *word)
{
    trim_edges(word);
    if (word->length > 0 && memchr(word->data, '\'', word->length) != NULL) {
        cut_possessive(lang, word);
        cut_elision(lang, word);
        trim_edges(word);
    }
    bool acronym = undot(word);
    if (!acronym)
        ungroup(word);
    return acronym;
}
