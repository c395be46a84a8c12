/* Unicode character properties (Unicode 15.0, see tools/gen_unicode_tables.py). */
#ifndef NS_TEXT_UNICODE_H
#define NS_TEXT_UNICODE_H

#include <stdbool.h>
#include <stdint.h>

#define NS_UNICODE_VERSION "15.0.0"

/* Word_Break, UAX #29. */
enum {
    NS_WB_OTHER,
    NS_WB_CR,
    NS_WB_LF,
    NS_WB_NEWLINE,
    NS_WB_EXTEND,
    NS_WB_ZWJ,
    NS_WB_FORMAT,
    NS_WB_REGIONAL,
    NS_WB_KATAKANA,
    NS_WB_HEBREW,
    NS_WB_LETTER,
    NS_WB_SINGLE_QUOTE,
    NS_WB_DOUBLE_QUOTE,
    NS_WB_MID_NUM_LET,
    NS_WB_MID_LETTER,
    NS_WB_MID_NUM,
    NS_WB_NUMERIC,
    NS_WB_EXTEND_NUM_LET,
    NS_WB_SPACE
};

/* Sentence_Break, UAX #29. */
enum {
    NS_SB_OTHER,
    NS_SB_CR,
    NS_SB_LF,
    NS_SB_SEP,
    NS_SB_EXTEND,
    NS_SB_FORMAT,
    NS_SB_SPACE,
    NS_SB_LOWER,
    NS_SB_UPPER,
    NS_SB_LETTER,
    NS_SB_NUMERIC,
    NS_SB_ATERM,
    NS_SB_STERM,
    NS_SB_CLOSE,
    NS_SB_CONTINUE
};

/* The 16 bits of a code point: word break in bits 0-4, sentence break in 5-8, flags. */
enum {
    NS_UNICODE_PICTOGRAPH = 1 << 9, /* Extended_Pictographic */
    NS_UNICODE_ALNUM = 1 << 10,     /* a letter or number: makes a segment a word */
    NS_UNICODE_GRAM = 1 << 11,      /* a letter of a script without spaces */
    NS_UNICODE_MARK = 1 << 12
};

extern const uint16_t ns__unicode_values[];
extern const uint8_t ns__unicode_stage1[];
extern const uint8_t ns__unicode_stage2[];

/* code <= 0x10ffff */
static inline unsigned ns__unicode(uint32_t code)
{
    unsigned block = ns__unicode_stage1[code >> 7];
    return ns__unicode_values[ns__unicode_stage2[block << 7 | (code & 127)]];
}

static inline unsigned ns__word_class(unsigned properties)
{
    return properties & 31;
}

static inline unsigned ns__sentence_class(unsigned properties)
{
    return properties >> 5 & 15;
}

#endif
