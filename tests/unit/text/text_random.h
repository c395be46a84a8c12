/* Random texts for the tests of text/: seeded, printed, repeatable with NS_SEED. */
#ifndef NS_TEST_TEXT_RANDOM_H
#define NS_TEST_TEXT_RANDOM_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <utf8proc.h>

#include "base/buf.h"

typedef struct random_state {
    uint64_t state;
} random_state;

static inline uint64_t random_next(random_state *random)
{
    uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static inline unsigned random_below(random_state *random, unsigned limit)
{
    return (unsigned)(random_next(random) % limit);
}

static inline random_state random_start(const char *name)
{
    const char *given = getenv("NS_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("%s: NS_SEED=%llu\n", name, (unsigned long long)seed);
    return (random_state){seed};
}

/* Code points that the rules of words and sentences care about. */
static const int random_codes[] = {
    0xa0,    0xad,    0xb7,    0xe9,     0xdf,   0x130,  0x131,  0x142,  0x2bc,   0x300,   0x301,
    0x308,   0x345,   0x37e,   0x387,    0x3b1,  0x3c3,  0x410,  0x439,  0x531,   0x55f,   0x5d0,
    0x5f3,   0x5f4,   0x61f,   0x627,    0x64e,  0x660,  0x66b,  0x66c,  0x6d4,   0x915,   0x93c,
    0x94d,   0x964,   0xe01,   0xe33,    0xe40,  0xe50,  0xe81,  0x1000, 0x1780,  0x17d2,  0x1100,
    0x1161,  0x11a8,  0x1362,  0x200b,   0x200c, 0x200d, 0x200e, 0x2013, 0x2014,  0x2018,  0x2019,
    0x201c,  0x201d,  0x2024,  0x2026,   0x2027, 0x2028, 0x2029, 0x203f, 0x2044,  0x20ac,  0x2139,
    0x24c2,  0x2600,  0x3000,  0x3001,   0x3002, 0x300c, 0x300d, 0x3005, 0x3042,  0x3099,  0x30a2,
    0x30fc,  0x3400,  0x4e2d,  0x56fd,   0x65e5, 0xac00, 0xfdfa, 0xfe0f, 0xfeff,  0xff01,  0xff07,
    0xff0c,  0xff0e,  0xff11,  0xff21,   0xff3f, 0xff71, 0xff9e, 0xfffd, 0x1f1e6, 0x1f1fa, 0x1f468,
    0x1f3fb, 0x20000, 0xe0020, 0x10ffff,
};

/* Appends one code point; `ascii` of 8 of them are ASCII. */
static inline void random_code(random_state *random, unsigned ascii, ns__buf *out)
{
    static const char likely[] = "aabbeeSsTtUZz019__..,,''::;;--!?\"\"()  \n\t#@/&US";
    uint8_t bytes[4];
    int code;
    if (random_below(random, 8) < ascii)
        code = random_below(random, 6) ? likely[random_below(random, sizeof likely - 1)]
                                       : (int)random_below(random, 128);
    else
        code = random_codes[random_below(random, sizeof random_codes / sizeof *random_codes)];
    ns__buf_append(out, bytes, (size_t)utf8proc_encode_char(code, bytes));
}

/* News-like words, to be put in random order and damaged. */
static const char *const random_words[] = {
    "The",     "U.S.",    "US",     "officials’", "said",     "on",        "Monday,",   "that",
    "China's", "3.5%",    "Mr.",    "Smith",      "would",    "not",       "“comment”", "1,000",
    "a.m.",    "don’t",   "WHO",    "IT",         "talks.",   "J.",        "K.",        "Rowling",
    "é",       "naïve",   "贸易战", "日本語の",   "カタカナ", "。",        "他说",      "“",
    "”.",      "\n\n",    "\n",     "...",        "—",        "anti-drug", "LEAVE",     "OFFICIALS",
    "ALONE",   "us",      "No.",    "5",          "Inc.",     "?",         "!”",        "العربية",
    "؟",       "ภาษาไทย", "end.",   "“Why?”",     "_x_",      "semi;",     "colon:",    "comma,",
};

static inline void random_prose(random_state *random, size_t words, unsigned damage, ns__buf *out)
{
    enum { WORDS = sizeof random_words / sizeof *random_words };
    for (size_t i = 0; i < words; i++) {
        const char *word = random_words[random_below(random, WORDS)];
        ns__buf_append(out, word, strlen(word));
        if (random_below(random, 100) < damage)
            random_code(random, 5, out);
        if (random_below(random, 8))
            ns__buf_u8(out, ' ');
    }
}

#endif
