/* Sentence borders of news prose. */
#ifndef NS_TEXT_SENTENCE_H
#define NS_TEXT_SENTENCE_H

#include "base/bytes.h"
#include "base/error.h"
#include "text/unicode.h"

typedef struct ns__border {
    uint32_t start; /* where a sentence begins: behind the white space */
    bool paragraph; /* it begins a paragraph too */
} ns__border;

typedef struct ns__borders {
    ns__border *items;
    size_t count, capacity;
} ns__borders;

/* Replaces the contents of *out by the sentences of `text` (valid UTF-8). The first begins at the
 * first character that is not white space; a text of white space only has none. */
ns_status ns__sentences_scan(ns__str text, ns__borders *out, ns_error *err);

/* Is it white space (Unicode's White_Space)? */
static inline bool ns__is_space(uint32_t code)
{
    if (code < 0x80)
        return code == ' ' || (code >= '\t' && code <= '\r');
    unsigned class = ns__sentence_class(ns__unicode(code));
    return class == NS_SB_SPACE || class == NS_SB_SEP;
}

/* `at` moved behind the white space there; `end` moved back before the white space before it. */
size_t ns__skip_space(ns__str text, size_t at);
size_t ns__trim_space(ns__str text, size_t start, size_t end);

/* ---- What words say about a full stop behind or before them (sentence_words.c) ---- */
typedef enum ns__abbreviation {
    NS_ABBR_NONE,
    NS_ABBR_TITLE,  /* a name follows: never ends a sentence (Mr., Sen., vs.) */
    NS_ABBR_NUMBER, /* no end when a number follows (No. 5, Jan. 5) */
    NS_ABBR_OTHER,  /* ends one only before a word that begins sentences (Inc., Calif.) */
    NS_ABBR_TIME    /* a.m., p.m.: no end before days, months and zones */
} ns__abbreviation;

ns__abbreviation ns__abbreviation_of(ns__str word);
bool ns__begins_sentences(ns__str word); /* The, He, But, Officials … */
bool ns__follows_time(ns__str word);     /* Monday, EST … */
bool ns__is_lettered(ns__str word);      /* group, vitamin …: "vitamin C." is no initial */
bool ns__is_month(ns__str word);         /* German and English */
bool ns__precedes_ordinal(ns__str word); /* German: am 3. …, der 2. … */
bool ns__is_speech_verb(ns__str word);   /* said, asked … */

#endif
