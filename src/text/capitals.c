/* Is a word in a text all in capitals, where "US" may be the pronoun? The answer depends on the
 * passage or title at hand alone, so that a passage analysed again gives the same terms. */
#include "text/run.h"
#include "text/utf8.h"

enum { WORDS_LOOKED_AT = 3, LONG_WORD = 5 };

typedef struct evidence {
    unsigned words, letters, longest; /* whole words seen; letters of the present one */
    bool small;
} evidence;

/* Takes one code point in; true when enough has been seen. */
static bool look(evidence *seen, uint32_t code)
{
    unsigned class = ns__sentence_class(ns__unicode(code));
    if (class == NS_SB_LOWER)
        seen->small = true;
    if (class == NS_SB_UPPER) {
        seen->letters++;
        if (seen->letters > seen->longest)
            seen->longest = seen->letters;
    } else if (class != NS_SB_EXTEND && seen->letters > 0) {
        seen->letters = 0;
        seen->words++;
    }
    return seen->small || seen->words == WORDS_LOOKED_AT || code == '\n';
}

bool ns__in_capitals(ns__str text, size_t start, size_t end)
{
    evidence left = {0}, right = {0};
    unsigned length;
    for (size_t at = end; at < text.length; at += length)
        if (look(&right, ns__utf8_decode(text.data + at, &length)))
            break;
    for (size_t at = start; at > 0;) {
        do {
            at--;
        } while ((text.data[at] & 0xc0) == 0x80);
        if (look(&left, ns__utf8_decode(text.data + at, &length)))
            break;
    }
    return !left.small && !right.small && (left.longest >= LONG_WORD || right.longest >= LONG_WORD);
}
