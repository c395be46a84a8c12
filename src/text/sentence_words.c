/* Words that tell what a full stop means. The lists stand in sentence_lists.h; here they are one
 * hash table, so that a word is looked up in all of them at once. */
#include "text/sentence.h"

#include "text/sentence_lists.h"

/* Up to eight bytes, padded with zeros. */
static inline uint64_t padded(const uint8_t *at, size_t length)
{
    if (length >= 8)
        return ns__get_u64(at);
    if (length >= 4)
        return ns__get_u32(at) | (uint64_t)ns__get_u32(at + length - 4) << 8 * (length - 4);
    uint64_t word = 0;
    for (size_t i = 0; i < length; i++)
        word |= (uint64_t)at[i] << 8 * i;
    return word;
}

/* ASCII capitals of eight bytes as small letters. */
static inline uint64_t small(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t low = word & ~highs;
    uint64_t capital = (low + ones * (128 - 'A')) & ~(low + ones * (127 - 'Z')) & ~word & highs;
    return word | capital >> 2;
}

/* The lists that have the word, or, with `fold`, the word in small letters. */
static unsigned lists_of(ns__str word, bool fold)
{
    if (word.length == 0 || word.length > NS_SENTENCE_WORD)
        return 0;
    uint64_t low = padded(word.data, word.length);
    uint64_t high = word.length > 8 ? padded(word.data + 8, word.length - 8) : 0;
    if (fold) {
        low = small(low);
        high = small(high);
    }
    for (unsigned at = ns__sentence_hash(low, high);; at = (at + 1) % NS_SENTENCE_SLOTS) {
        unsigned number = ns__sentence_index[at];
        if (number == 0)
            return 0;
        const ns__sentence_word *entry = &ns__sentence_words[number - 1];
        if (entry->low == low && entry->high == high)
            return entry->lists;
    }
}

ns__abbreviation ns__abbreviation_of(ns__str word)
{
    unsigned lists = lists_of(word, true);
    if (word.length == 1) /* "p. 12", but "P. Jones" */
        lists = (lists & ~(unsigned)NS_IN_BEFORE_NUMBERS) |
                (lists_of(word, false) & NS_IN_BEFORE_NUMBERS);
    if (lists & NS_IN_TIMES)
        return NS_ABBR_TIME;
    if (lists & NS_IN_TITLES)
        return NS_ABBR_TITLE;
    if (lists & NS_IN_BEFORE_NUMBERS)
        return NS_ABBR_NUMBER;
    if ((lists & NS_IN_STATES) && word.data[0] <= 'Z')
        return NS_ABBR_OTHER;
    return lists & NS_IN_OTHERS ? NS_ABBR_OTHER : NS_ABBR_NONE;
}

bool ns__begins_sentences(ns__str word)
{
    return (lists_of(word, false) & NS_IN_STARTERS) != 0;
}

bool ns__follows_time(ns__str word)
{
    return (lists_of(word, false) & NS_IN_AFTER_TIME) != 0;
}

bool ns__is_lettered(ns__str word)
{
    return (lists_of(word, true) & NS_IN_LETTERED) != 0;
}

bool ns__is_month(ns__str word)
{
    return (lists_of(word, true) & NS_IN_MONTHS) != 0;
}

bool ns__precedes_ordinal(ns__str word)
{
    return (lists_of(word, true) & NS_IN_BEFORE_ORDINALS) != 0;
}

bool ns__is_speech_verb(ns__str word)
{
    return (lists_of(word, false) & NS_IN_SPEECH) != 0;
}
