/* Stop words of English: see stop_words.h. */
#include "text/stop_words.h"

#include <string.h>

enum { LONGEST = 10 };

/* In byte order: words as they are without stemming, and their stems where these are others. */
static const char words[][LONGEST + 1] = {
    "a",          "about",   "abov",      "above",   "after",    "again",    "against",
    "all",        "am",      "an",        "and",     "ani",      "any",      "are",
    "aren't",     "as",      "at",        "be",      "becaus",   "because",  "been",
    "befor",      "before",  "being",     "below",   "between",  "both",     "but",
    "by",         "can't",   "cannot",    "could",   "couldn't", "did",      "didn't",
    "do",         "doe",     "does",      "doesn't", "doing",    "don't",    "down",
    "dure",       "during",  "each",      "few",     "for",      "from",     "further",
    "had",        "hadn't",  "has",       "hasn't",  "have",     "haven't",  "having",
    "he",         "he'd",    "he'll",     "her",     "here",     "hers",     "herself",
    "him",        "himself", "his",       "how",     "i",        "i'd",      "i'll",
    "i'm",        "i'v",     "i've",      "if",      "in",       "into",     "is",
    "isn't",      "it",      "its",       "itself",  "let",      "me",       "more",
    "most",       "mustn't", "my",        "myself",  "no",       "nor",      "not",
    "of",         "off",     "on",        "onc",     "once",     "onli",     "only",
    "or",         "other",   "ought",     "our",     "ours",     "ourselv",  "ourselves",
    "out",        "over",    "own",       "same",    "shan't",   "she",      "she'd",
    "she'll",     "should",  "shouldn't", "so",      "some",     "such",     "than",
    "that",       "the",     "their",     "theirs",  "them",     "themselv", "themselves",
    "then",       "there",   "these",     "they",    "they'd",   "they'll",  "they'r",
    "they're",    "they'v",  "they've",   "this",    "those",    "through",  "to",
    "too",        "under",   "until",     "up",      "veri",     "very",     "was",
    "wasn't",     "we",      "we'd",      "we'll",   "we'r",     "we're",    "we'v",
    "we've",      "were",    "weren't",   "what",    "when",     "where",    "whi",
    "which",      "while",   "who",       "whom",    "why",      "will",     "with",
    "won't",      "would",   "wouldn't",  "you",     "you'd",    "you'll",   "you'r",
    "you're",     "you'v",   "you've",    "your",    "yours",    "yourself", "yourselv",
    "yourselves",
};

bool ns__is_stop_word(ns__str term)
{
    size_t low = 0, high = sizeof words / sizeof *words;
    if (term.length > LONGEST)
        return false;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        const ns__str word = {(const uint8_t *)words[middle], strlen(words[middle])};
        const int order = ns__str_compare(word, term);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}
