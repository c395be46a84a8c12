/* Snowball's English stemmer ("Porter 2", libstemmer 2.2) for words of ASCII: the same stems, which
 * tests/unit/text/test_light.c holds against libstemmer's. Most words to be stemmed are such
 * words, and stemming was half of what a new word takes.
 *
 * The steps have the names that the algorithm gives them. In each the longest ending that the word
 * has decides, also where what it asks for does not hold. */
#include "text/english.h"

#include "base/bytes.h"

enum {
    PAD = 8, /* zeros in front of a word, so that its last 8 bytes can always be read */
    MOST = 48
};

typedef struct word {
    uint8_t room[PAD + MOST];
    size_t length, r1, r2; /* where the regions R1 and R2 begin */
} word;

/* ---- Letters ---- */

enum { VOWEL = 1, WXY = 2, LI = 4, DOUBLE = 8 };

/* Y stands for a y that is a consonant. */
static const uint8_t LETTERS[128] = {
    ['a'] = VOWEL,      ['b'] = DOUBLE, ['c'] = LI,          ['d'] = LI | DOUBLE,
    ['e'] = VOWEL | LI, ['f'] = DOUBLE, ['g'] = LI | DOUBLE, ['h'] = LI,
    ['i'] = VOWEL,      ['k'] = LI,     ['m'] = LI | DOUBLE, ['n'] = LI | DOUBLE,
    ['o'] = VOWEL,      ['p'] = DOUBLE, ['r'] = LI | DOUBLE, ['t'] = LI | DOUBLE,
    ['u'] = VOWEL,      ['w'] = WXY,    ['x'] = WXY,         ['y'] = VOWEL,
    ['Y'] = WXY,
};

static inline bool is(uint8_t letter, unsigned kinds)
{
    return (LETTERS[letter] & kinds) != 0;
}

static inline uint8_t *text_of(word *w)
{
    return w->room + PAD;
}

/* The letter `back` from the end; 1 is the last, and 0 where there is none. */
static inline uint8_t letter(const word *w, size_t back)
{
    return w->room[PAD + w->length - back];
}

/* Whether there is a vowel among the first `count` letters. */
static bool has_vowel(const word *w, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is(w->room[PAD + i], VOWEL))
            return true;
    return false;
}

/* Whether the first `count` letters end with a short syllable. */
static bool is_short(const word *w, size_t count)
{
    const uint8_t *end = w->room + PAD + count;
    if (count < 2 || !is(end[-2], VOWEL) || is(end[-1], VOWEL))
        return false;
    return count == 2 || (!is(end[-3], VOWEL) && !is(end[-1], WXY));
}

/* ---- Endings ---- */

typedef enum need { NOTHING, AN_L, A_LI, AN_S_OR_T, IN_R2 } need;

typedef struct ending {
    char text[8];
    uint8_t length;
    char put[8]; /* in its place */
    uint8_t put_length;
    need need;
} ending;

#define ENDING(text, put, need)                                                                    \
    {                                                                                              \
        text, sizeof(text) - 1, put, sizeof(put) - 1, need                                         \
    }

/* The first of the endings, the longest of which stand first, that the word has. */
static const ending *find_ending(const word *w, const ending *endings, size_t count)
{
    const uint64_t tail = ns__get_u64(w->room + w->length); /* its last 8 bytes */
    for (const ending *e = endings; e < endings + count; e++)
        if (tail >> (64 - 8 * e->length) == ns__get_u64((const uint8_t *)e->text))
            return e;
    return NULL;
}

#define FIND(w, endings) find_ending(w, endings, sizeof(endings) / sizeof *(endings))

/* The endings of a step by their last letter. */
enum { LETTER_COUNT = 26 };
typedef struct ending_list {
    const ending *endings;
    size_t count;
} ending_list;

#define LIST(endings)                                                                              \
    {                                                                                              \
        endings, sizeof(endings) / sizeof *(endings)                                               \
    }

static const ending *find_of_step(const word *w, const ending_list step[LETTER_COUNT])
{
    const uint8_t last = (uint8_t)(letter(w, 1) - 'a');
    return last < LETTER_COUNT ? find_ending(w, step[last].endings, step[last].count) : NULL;
}

/* Replaces the ending when it stands behind `region` and has before it what it needs. */
static void replace(word *w, const ending *found, size_t region)
{
    if (found == NULL || w->length - found->length < region)
        return;
    const uint8_t before = letter(w, found->length + 1u);
    if ((found->need == AN_L && before != 'l') || (found->need == A_LI && !is(before, LI)) ||
        (found->need == AN_S_OR_T && before != 's' && before != 't') ||
        (found->need == IN_R2 && w->length - found->length < w->r2))
        return;
    w->length -= found->length;
    memcpy(text_of(w) + w->length, found->put, sizeof found->put);
    w->length += found->put_length;
}

/* ---- Words with stems of their own ---- */

static const struct {
    char text[8], stem[8];
    uint8_t length;
} OWN[] = {
    {"skis", "ski", 3},    {"skies", "sky", 3},   {"dying", "die", 3},    {"lying", "lie", 3},
    {"tying", "tie", 3},   {"idly", "idl", 3},    {"gently", "gentl", 5}, {"ugly", "ugli", 4},
    {"early", "earli", 5}, {"only", "onli", 4},   {"singly", "singl", 5}, {"sky", "sky", 3},
    {"news", "news", 4},   {"howe", "howe", 4},   {"atlas", "atlas", 5},  {"cosmos", "cosmos", 6},
    {"bias", "bias", 4},   {"andes", "andes", 5},
};

static bool stem_own(word *w)
{
    enum { LONGEST = 6 };
    if (w->length > LONGEST)
        return false;
    const uint64_t all = ns__get_u64(text_of(w));
    for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++)
        if (all == ns__get_u64((const uint8_t *)OWN[i].text)) {
            memcpy(text_of(w), OWN[i].stem, sizeof OWN[i].stem);
            w->length = OWN[i].length;
            return true;
        }
    return false;
}

/* Words that step 1a leaves and no other step changes. */
static bool is_done(const word *w)
{
    static const char DONE[][8] = {"inning",  "outing",  "canning", "herring",
                                   "earring", "proceed", "exceed",  "succeed"};
    if (w->length != 6 && w->length != 7)
        return false;
    const uint64_t all = ns__get_u64(w->room + PAD) & UINT64_MAX >> (64 - 8 * w->length);
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (all == ns__get_u64((const uint8_t *)DONE[i]))
            return true;
    return false;
}

/* ---- Regions ---- */

static void mark_consonants(word *w)
{
    uint8_t *text = text_of(w);
    if (text[0] == 'y')
        text[0] = 'Y';
    for (size_t i = 1; i < w->length; i++)
        if (text[i] == 'y' && is(text[i - 1], VOWEL))
            text[i] = 'Y';
}

/* Behind the first consonant that follows a vowel from `from` on; else the end. */
static size_t region_from(const word *w, size_t from)
{
    const uint8_t *text = w->room + PAD;
    size_t at = from;
    while (at < w->length && !is(text[at], VOWEL))
        at++;
    while (at < w->length && is(text[at], VOWEL))
        at++;
    return at < w->length ? at + 1 : w->length;
}

static void mark_regions(word *w)
{
    const uint8_t *text = w->room + PAD;
    if (memcmp(text, "gener", 5) == 0 || memcmp(text, "arsen", 5) == 0)
        w->r1 = 5;
    else if (memcmp(text, "commun", 6) == 0)
        w->r1 = 6;
    else
        w->r1 = region_from(w, 0);
    w->r2 = region_from(w, w->r1);
}

/* ---- Steps ---- */

static void step_1a(word *w)
{
    if (letter(w, 1) == '\'')
        w->length -= letter(w, 2) == 's' && letter(w, 3) == '\'' ? 3 : 1;
    else if (letter(w, 1) == 's' && letter(w, 2) == '\'')
        w->length -= 2;
    const uint8_t last = letter(w, 1), before = letter(w, 2), third = letter(w, 3);
    if (before == 'e' && third == 'i' && (last == 's' || last == 'd'))
        w->length -= w->length > 4 ? 2 : 1; /* "ies", "ied" */
    else if (last != 's' || before == 'u' || before == 's')
        return;
    else if (before == 'e' && third == 's' && letter(w, 4) == 's')
        w->length -= 2; /* "sses" */
    else if (w->length > 2 && has_vowel(w, w->length - 2))
        w->length--;
}

/* Behind a stem that lost "ed" or "ing". */
static void mend_stem(word *w)
{
    const uint8_t last = letter(w, 1), before = letter(w, 2);
    if ((last == 't' && before == 'a') || (last == 'l' && before == 'b') ||
        (last == 'z' && before == 'i') || (w->length == w->r1 && is_short(w, w->length)))
        text_of(w)[w->length++] = 'e';
    else if (last == before && is(last, DOUBLE))
        w->length--;
}

static void step_1b(word *w)
{
    static const ending ENDINGS[] = {ENDING("eedly", "ee", NOTHING), ENDING("ingly", "", NOTHING),
                                     ENDING("edly", "", NOTHING),    ENDING("eed", "ee", NOTHING),
                                     ENDING("ing", "", NOTHING),     ENDING("ed", "", NOTHING)};
    const uint8_t last = letter(w, 1);
    if (last != 'd' && last != 'g' && last != 'y')
        return;
    const ending *found = FIND(w, ENDINGS);
    if (found == NULL)
        return;
    if (found->put_length > 0) {
        replace(w, found, w->r1);
    } else if (has_vowel(w, w->length - found->length)) {
        w->length -= found->length;
        mend_stem(w);
    }
}

static void step_1c(word *w)
{
    if ((letter(w, 1) == 'y' || letter(w, 1) == 'Y') && w->length > 2 && !is(letter(w, 2), VOWEL))
        text_of(w)[w->length - 1] = 'i';
}

/* Of step 2. */
static const ending I_2[] = {ENDING("biliti", "ble", NOTHING), ENDING("lessli", "less", NOTHING),
                             ENDING("aliti", "al", NOTHING),   ENDING("entli", "ent", NOTHING),
                             ENDING("fulli", "ful", NOTHING),  ENDING("iviti", "ive", NOTHING),
                             ENDING("ousli", "ous", NOTHING),  ENDING("abli", "able", NOTHING),
                             ENDING("alli", "al", NOTHING),    ENDING("anci", "ance", NOTHING),
                             ENDING("enci", "ence", NOTHING),  ENDING("bli", "ble", NOTHING),
                             ENDING("ogi", "og", AN_L),        ENDING("li", "", A_LI)};
static const ending L_2[] = {ENDING("ational", "ate", NOTHING), ENDING("tional", "tion", NOTHING)};
static const ending M_2[] = {ENDING("alism", "al", NOTHING)};
static const ending N_2[] = {ENDING("ization", "ize", NOTHING), ENDING("ation", "ate", NOTHING)};
static const ending R_2[] = {ENDING("ator", "ate", NOTHING), ENDING("izer", "ize", NOTHING)};
static const ending S_2[] = {ENDING("fulness", "ful", NOTHING), ENDING("iveness", "ive", NOTHING),
                             ENDING("ousness", "ous", NOTHING)};
static const ending_list STEP_2[LETTER_COUNT] = {['i' - 'a'] = LIST(I_2), ['l' - 'a'] = LIST(L_2),
                                                 ['m' - 'a'] = LIST(M_2), ['n' - 'a'] = LIST(N_2),
                                                 ['r' - 'a'] = LIST(R_2), ['s' - 'a'] = LIST(S_2)};

/* Of step 3. */
static const ending E_3[] = {ENDING("alize", "al", NOTHING), ENDING("ative", "", IN_R2),
                             ENDING("icate", "ic", NOTHING)};
static const ending I_3[] = {ENDING("iciti", "ic", NOTHING)};
static const ending L_3[] = {ENDING("ational", "ate", NOTHING), ENDING("tional", "tion", NOTHING),
                             ENDING("ical", "ic", NOTHING), ENDING("ful", "", NOTHING)};
static const ending S_3[] = {ENDING("ness", "", NOTHING)};
static const ending_list STEP_3[LETTER_COUNT] = {['e' - 'a'] = LIST(E_3),
                                                 ['i' - 'a'] = LIST(I_3),
                                                 ['l' - 'a'] = LIST(L_3),
                                                 ['s' - 'a'] = LIST(S_3)};

/* Of step 4. */
static const ending C_4[] = {ENDING("ic", "", NOTHING)};
static const ending E_4[] = {ENDING("able", "", NOTHING), ENDING("ance", "", NOTHING),
                             ENDING("ence", "", NOTHING), ENDING("ible", "", NOTHING),
                             ENDING("ate", "", NOTHING),  ENDING("ive", "", NOTHING),
                             ENDING("ize", "", NOTHING)};
static const ending I_4[] = {ENDING("iti", "", NOTHING)};
static const ending L_4[] = {ENDING("al", "", NOTHING)};
static const ending M_4[] = {ENDING("ism", "", NOTHING)};
static const ending N_4[] = {ENDING("ion", "", AN_S_OR_T)};
static const ending R_4[] = {ENDING("er", "", NOTHING)};
static const ending S_4[] = {ENDING("ous", "", NOTHING)};
static const ending T_4[] = {ENDING("ement", "", NOTHING), ENDING("ment", "", NOTHING),
                             ENDING("ant", "", NOTHING), ENDING("ent", "", NOTHING)};
static const ending_list STEP_4[LETTER_COUNT] = {
    ['c' - 'a'] = LIST(C_4), ['e' - 'a'] = LIST(E_4), ['i' - 'a'] = LIST(I_4),
    ['l' - 'a'] = LIST(L_4), ['m' - 'a'] = LIST(M_4), ['n' - 'a'] = LIST(N_4),
    ['r' - 'a'] = LIST(R_4), ['s' - 'a'] = LIST(S_4), ['t' - 'a'] = LIST(T_4)};

static void step_5(word *w)
{
    const size_t before = w->length - 1;
    if (letter(w, 1) == 'e') {
        if (before >= w->r2 || (before >= w->r1 && !is_short(w, before)))
            w->length = before;
    } else if (letter(w, 1) == 'l' && letter(w, 2) == 'l' && before >= w->r2) {
        w->length = before;
    }
}

/* ---- All of it ---- */

/* Copies the word if it is one that the steps are for. */
static bool take(const ns__buf *from, word *w)
{
    if (from->length == 0 || from->length > MOST - PAD || from->data[0] == '\'')
        return false;
    bool good = true;
    for (size_t i = 0; i < from->length; i++) {
        const uint8_t letter = from->data[i];
        good &= (uint8_t)(letter - 'a') < 26 || letter == '\'';
        text_of(w)[i] = letter;
    }
    w->length = from->length;
    return good;
}

bool ns__english_stem(ns__buf *buf)
{
    enum { LEAST = 3 };
    word w = {.length = 0};
    if (!take(buf, &w))
        return false;
    if (w.length < LEAST)
        return true;
    if (!stem_own(&w)) {
        mark_consonants(&w);
        mark_regions(&w);
        step_1a(&w);
        if (!is_done(&w)) {
            step_1b(&w);
            step_1c(&w);
            replace(&w, find_of_step(&w, STEP_2), w.r1);
            replace(&w, find_of_step(&w, STEP_3), w.r1);
            replace(&w, find_of_step(&w, STEP_4), w.r2);
            step_5(&w);
        }
    }
    for (size_t i = 0; i < w.length; i++)
        buf->data[i] = text_of(&w)[i] == 'Y' ? 'y' : text_of(&w)[i];
    buf->length = w.length;
    return true;
}
