/* Guessing a text's language: by script, and in the Latin script by frequent words. */
#include "text/guess_latin.h"
#include "text/unicode.h"
#include "text/utf8.h"

/* ---- Scripts ---- */

static bool contains(ns__str text, const char *needle)
{
    return memmem(text.data, text.length, needle, strlen(needle)) != NULL;
}

static bool contains_any(ns__str text, const char *const *needles)
{
    for (; *needles != NULL; needles++)
        if (contains(text, *needles))
            return true;
    return false;
}

static ns__lang guess_cyrillic(ns__str text)
{
    static const char *const serbian[] = {"ј", "љ", "њ", "ћ", "ђ", NULL};
    static const char *const neither[] = {"і", "ї", "є", "ґ", "ў", "қ", "ң", "ү", "ө", "ѓ", NULL};
    if (contains_any(text, serbian))
        return contains(text, "ѓ") || contains(text, "ќ") ? 0 : ns__lang_of("sr");
    if (contains_any(text, neither))
        return 0; /* Ukrainian, Belarusian, Kazakh, … */
    /* Bulgarian has no ы and no э. */
    return contains(text, "ы") || contains(text, "э") || !contains(text, "ъ") ? ns__lang_of("ru")
                                                                              : 0;
}

static ns__lang guess_arabic(ns__str text)
{
    static const char *const others[] = {"پ", "چ", "ژ", "گ", "ٹ", "ڈ", "ے", "ې", "ۇ", NULL};
    return contains_any(text, others) ? 0 : ns__lang_of("ar");
}

static ns__lang guess_devanagari(ns__str text)
{
    static const char *const hindi[] = {"है", "हैं", "में", NULL};
    static const char *const nepali[] = {"छ ", "छ।", "छन्", "गरेको", NULL};
    static const char *const marathi[] = {"आहे", "ळ", NULL};
    if (contains_any(text, marathi))
        return 0;
    if (contains_any(text, nepali) && !contains_any(text, hindi))
        return ns__lang_of("ne");
    return ns__lang_of("hi");
}

static ns__lang guess_hebrew(ns__str text)
{
    static const char *const yiddish[] = {"ײ", "װ", "ױ", "אַ", "אָ", NULL};
    return contains_any(text, yiddish) ? ns__lang_of("yi") : 0;
}

/* Tigrinya has the letters of ቐ, Amharic has not. */
static ns__lang guess_ethiopic(ns__str text)
{
    static const char *const tigrinya[] = {"ቐ", "ቑ", "ቒ", "ቓ", "ቔ", "ቕ", "ቖ", NULL};
    return contains_any(text, tigrinya) ? 0 : ns__lang_of("am");
}

enum {
    LATIN,
    GREEK,
    CYRILLIC,
    ARMENIAN,
    HEBREW,
    ARABIC,
    DEVANAGARI,
    TAMIL,
    ETHIOPIC,
    OTHER,
    SCRIPTS
};

static unsigned script_of(uint32_t code)
{
    static const struct {
        uint16_t end; /* code points below it */
        uint8_t script;
    } borders[] = {{0x300, LATIN},      {0x370, OTHER},  {0x400, GREEK},  {0x530, CYRILLIC},
                   {0x590, ARMENIAN},   {0x600, HEBREW}, {0x780, ARABIC}, {0x900, OTHER},
                   {0x980, DEVANAGARI}, {0xb80, OTHER},  {0xc00, TAMIL},  {0x1200, OTHER},
                   {0x13a0, ETHIOPIC},  {0x1e00, OTHER}, {0x1f00, LATIN}, {0x2000, GREEK}};
    for (size_t i = 0; i < sizeof borders / sizeof *borders; i++)
        if (code < borders[i].end)
            return borders[i].script;
    return OTHER;
}

/* Bytes that are ASCII letters. */
static unsigned count_letters(ns__str text)
{
    unsigned count = 0;
    for (size_t i = 0; i < text.length; i++)
        count += (uint8_t)((text.data[i] | 0x20) - 'a') < 26;
    return count;
}

/* Where the next character beyond ASCII begins, from `at` on. */
static size_t next_beyond(ns__str text, size_t at)
{
    const uint64_t high_bits = UINT64_C(0x8080808080808080);
    while (at + 8 <= text.length && !(ns__get_u64(text.data + at) & high_bits))
        at += 8;
    while (at < text.length && text.data[at] < 0x80)
        at++;
    return at;
}

/* The script that most of the text is written in. */
static unsigned script_of_text(ns__str text)
{
    unsigned counts[SCRIPTS] = {[LATIN] = count_letters(text)}, best = OTHER, bytes;
    for (size_t at = next_beyond(text, 0); at < text.length; at = next_beyond(text, at + bytes)) {
        uint32_t code = ns__utf8_decode(text.data + at, &bytes);
        unsigned properties = ns__unicode(code);
        if (ns__word_class(properties) == NS_WB_NUMERIC || !(properties & NS_UNICODE_ALNUM))
            continue;
        /* A character of Chinese says as much as three letters. */
        counts[script_of(code)] += code >= 0x2e80 ? 3 : 1;
    }
    for (unsigned script = 0; script < SCRIPTS; script++)
        if (counts[script] > counts[best])
            best = script;
    return best;
}

ns__lang ns__guesser_guess(const ns__guesser *guesser, ns__str text)
{
    if (text.length > NS_GUESS_BYTES) {
        text.length = NS_GUESS_BYTES;
        while ((text.data[text.length] & 0xc0) == 0x80)
            text.length--;
    }
    switch (script_of_text(text)) {
    case LATIN:
        return ns__guess_latin(guesser, text);
    case GREEK:
        return ns__lang_of("el");
    case CYRILLIC:
        return guess_cyrillic(text);
    case ARMENIAN:
        return ns__lang_of("hy");
    case HEBREW:
        return guess_hebrew(text);
    case ARABIC:
        return guess_arabic(text);
    case DEVANAGARI:
        return guess_devanagari(text);
    case ETHIOPIC:
        return guess_ethiopic(text);
    case TAMIL:
        return ns__lang_of("ta");
    default:
        return 0;
    }
}

ns__lang ns__lang_guess(ns__str text)
{
    ns__guesser *guesser = ns__guesser_open();
    ns__lang lang = guesser ? ns__guesser_guess(guesser, text) : 0;
    ns__guesser_close(guesser);
    return lang;
}
