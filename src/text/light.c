/* Light stemmers: endings taken off by tables, longest first, as long as enough of a word stays.
 *
 * Czech: the endings of nouns and adjectives are those of Dolamic and Savoy's light stemmer
 * ("Indexing and stemming approaches for the Czech language", 2009); endings of verbs and of
 * derived words come behind. Icelandic: one ending with or without the article. Of both no more
 * than six letters are kept: words that a language compounds or derives mostly share their
 * beginnings (McNamee and Mayfield, "Character n-gram tokenization for European language text
 * retrieval", 2004). Amharic: letters that sound alike, prefixes and suffixes.
 *
 * The tables are of endings between spaces. */
#include "text/light.h"

#include "text/language.h"
#include "text/utf8.h"

enum { KEPT_LETTERS = 6 };

static size_t letters_of(const uint8_t *text, size_t length)
{
    size_t count = 0;
    for (size_t i = 0; i < length; i++)
        count += (text[i] & 0xc0) != 0x80;
    return count;
}

static bool ends_with(const ns__buf *word, const char *ending, size_t length)
{
    return length <= word->length &&
           (length == 0 || word->data[word->length - 1] == (uint8_t)ending[length - 1]) &&
           memcmp(word->data + word->length - length, ending, length) == 0;
}

/* Of the first of the endings of a table: they are short. */
static inline size_t first_length(const char *endings)
{
    size_t length = 0;
    while (endings[length] != ' ' && endings[length] != '\0')
        length++;
    return length;
}

/* Bytes of the first of the endings that leaves so many letters; 0: there is none. */
static size_t find_ending(const ns__buf *word, const char *endings, size_t least)
{
    size_t letters = letters_of(word->data, word->length);
    while (*endings != '\0') {
        size_t length = first_length(endings);
        if (ends_with(word, endings, length) &&
            letters >= least + letters_of((const uint8_t *)endings, length))
            return length;
        endings += length + (endings[length] == ' ');
    }
    return 0;
}

static bool cut_ending(ns__buf *word, const char *endings, size_t least)
{
    size_t length = find_ending(word, endings, least);
    word->length -= length;
    return length > 0;
}

static bool cut_beginning(ns__buf *word, const char *beginnings, size_t least)
{
    size_t letters = letters_of(word->data, word->length);
    while (*beginnings != '\0') {
        size_t length = first_length(beginnings);
        if (length <= word->length && memcmp(word->data, beginnings, length) == 0 &&
            letters >= least + letters_of((const uint8_t *)beginnings, length)) {
            word->length -= length;
            memmove(word->data, word->data + length, word->length);
            return true;
        }
        beginnings += length + (beginnings[length] == ' ');
    }
    return false;
}

/* Puts an ending in the place of another, which is not shorter. */
static bool change_ending(ns__buf *word, const char *from, const char *to)
{
    size_t length = strlen(from);
    if (!ends_with(word, from, length))
        return false;
    memcpy(word->data + word->length - length, to, strlen(to));
    word->length -= length - strlen(to);
    return true;
}

static void keep_letters(ns__buf *word, size_t most)
{
    size_t at = 0;
    for (size_t letters = 0; at < word->length; at++) {
        letters += (word->data[at] & 0xc0) != 0x80;
        if (letters > most)
            break;
    }
    word->length = at;
}

/* "u.s", "trade_war", "bbc.co.uk" are no words of a language. */
static bool has_sign(const ns__buf *word)
{
    for (size_t i = 0; i < word->length; i++)
        if (word->data[i] < 'a' || (word->data[i] > 'z' && word->data[i] < 0x80))
            return true;
    return false;
}

/* ---- Czech ---- */

static const char czech_cases[] =
    "atech ětem etem atům ech ich ích ého ěmi emi ému ěte ete ěti eti ího iho ími ímu imu ách ata "
    "aty ých ama ami ové ovi ými em es ém ím ům at ám os us ým mi ou a e i o u ů y á é í ý ě";
static const char czech_verbs[] =
    "ovan ován oval ovat ovav ujík ajík nout nul nut uj aj an án al ál at át av áv ýv en ěn el ěl "
    "et ět ík il it in ín";
static const char czech_derived[] = "nost ovsk ost ovn sk ov";

/* The end of the word as it is before other endings: roce is of rok, praze of praha; konec, konce;
 * stůl, stolu. */
static void czech_consonant(ns__buf *word)
{
    if (letters_of(word->data, word->length) < 3 || change_ending(word, "čt", "ck") ||
        change_ending(word, "št", "sk"))
        return;
    if (!change_ending(word, "c", "k") && !change_ending(word, "č", "k") &&
        !change_ending(word, "z", "h"))
        change_ending(word, "ž", "h");
    size_t last = word->length - 1; /* where the last letter begins */
    while ((word->data[last] & 0xc0) == 0x80)
        last--;
    uint8_t *before = word->data + last - 1;
    bool ring = *before == 0xaf && before[-1] == 0xc5; /* ů */
    if (*before != 'e' && !ring)
        return;
    if (ring)
        before[-1] = 'o';
    memmove(before, before + 1, word->length - last);
    word->length--;
}

static void stem_czech(ns__buf *word)
{
    static const char vowels[] = "a e i o u y á é í ó ú ů ý ě";
    cut_beginning(word, "nej", 5); /* superlatives */
    cut_ending(word, czech_cases, 3);
    cut_ending(word, "ov in ův", 4);
    cut_ending(word, "ejš ějš", 3);
    czech_consonant(word);
    cut_ending(word, czech_verbs, 4);
    if (!cut_ending(word, czech_derived, 4) && find_ending(word, "n", 4) > 0) {
        word->length--; /* the n of adjectives is behind a consonant: místní is of místo */
        if (find_ending(word, vowels, 0) > 0)
            word->length++;
    }
    keep_letters(word, KEPT_LETTERS);
}

/* ---- Icelandic ---- */

static const char icelandic_endings[] =
    "arinnar irnir arnir unnar innar arnar irnar urnar urinn inum anum inni anna unni "
    "nnar unum sins ins ana rum ann una inn inu nna num rar nni ina ar ið ra in ri ir ru "
    "ur um st a t i s u n r";

/* The vowel that changes before u: land, löndum. */
static void icelandic_vowel(ns__buf *word)
{
    size_t kept = 0;
    for (size_t i = 0; i < word->length; i++) {
        bool umlaut =
            word->data[i] == 0xc3 && i + 1 < word->length && word->data[i + 1] == 0xb6; /* ö */
        word->data[kept++] = umlaut ? 'a' : word->data[i];
        i += umlaut;
    }
    word->length = kept;
}

static void stem_icelandic(ns__buf *word)
{
    cut_ending(word, icelandic_endings, 3);
    icelandic_vowel(word);
    keep_letters(word, KEPT_LETTERS);
}

/* ---- Amharic ---- */

enum { ETHIOPIC = 0x1200, ETHIOPIC_END = 0x1358, ORDERS = 8, SIXTH = 5 };

static const char amharic_beginnings[] =
    "እንዲ እንደ እንዳ እስከ የማይ እየ ስለ ወደ ያለ የሚ በሚ በየ ከየ ለየ አል አይ ስት ሲ የ በ ለ ከ";
static const char amharic_endings[] = "ዎቻቸው ቻቸው ያቸው ዎች ዎቹ ቸው ኛ ች ቹ ው ዋ ን ና ም ት";

/* Rows of letters that sound like those of another row. */
static const struct {
    uint16_t row, as;
} homophones[] = {{0x1210, 0x1200}, {0x1280, 0x1200}, {0x12b8, 0x1200},
                  {0x1220, 0x1230}, {0x12d0, 0x12a0}, {0x1340, 0x1338}};

/* A letter as it is written in the row that stands for all that sound so. */
static uint32_t amharic_letter(uint32_t code)
{
    for (size_t i = 0; i < sizeof homophones / sizeof *homophones; i++)
        if (code >= homophones[i].row && code < homophones[i].row + (uint32_t)ORDERS - 1)
            code = code - homophones[i].row + homophones[i].as;
    bool fourth = code == 0x1203 || code == 0x12a3; /* of these two the first sounds like it */
    return fourth ? code - 3 : code;
}

static uint32_t letter_at(const ns__buf *word, size_t at)
{
    unsigned length;
    return ns__utf8_decode(word->data + at, &length);
}

/* Writes an Ethiopic letter over another: all have three bytes. */
static void put_letter(ns__buf *word, size_t at, uint32_t code)
{
    word->data[at + 1] = (uint8_t)(0x80 | (code >> 6 & 0x3f));
    word->data[at + 2] = (uint8_t)(0x80 | (code & 0x3f));
}

static bool is_ethiopic(uint32_t code)
{
    return code >= ETHIOPIC && code < ETHIOPIC_END;
}

/* Vowels join suffixes to words: the last letter loses its own. */
static void drop_vowel(ns__buf *word)
{
    if (word->length < 3)
        return;
    size_t at = word->length - 3;
    uint32_t code = letter_at(word, at);
    if (word->data[at] == 0xe1 && is_ethiopic(code))
        put_letter(word, at, code - (code - ETHIOPIC) % ORDERS + SIXTH);
}

static void stem_amharic(ns__buf *word)
{
    for (size_t at = 0; at < word->length;) {
        unsigned length;
        uint32_t code = ns__utf8_decode(word->data + at, &length);
        if (is_ethiopic(code))
            put_letter(word, at, amharic_letter(code));
        at += length;
    }
    for (int i = 0; i < 2 && cut_beginning(word, amharic_beginnings, 2); i++)
        continue;
    for (int i = 0; i < 3 && cut_ending(word, amharic_endings, 3); i++)
        continue;
    drop_vowel(word);
}

void ns__light_stem(ns__lang lang, ns__buf *word)
{
    if (lang < NS_LANG_AMHARIC || lang >= NS_LANGUAGES || has_sign(word))
        return;
    if (lang == NS_LANG_AMHARIC)
        stem_amharic(word);
    else if (lang == NS_LANG_CZECH)
        stem_czech(word);
    else
        stem_icelandic(word);
}
