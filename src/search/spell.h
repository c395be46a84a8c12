/* Words of the index for words that it hardly has: what spell.c asks of spell_forms.c. */
#ifndef NS_SEARCH_SPELL_H
#define NS_SEARCH_SPELL_H

#include "index/snapshot.h"

enum { NS_SPELL_WORDS = 8, NS_SPELL_FORMS = 1 << 20 };

/* A word to be put right. */
typedef struct ns__misspelt {
    ns__str word;   /* folded, four code points or more */
    uint32_t edits; /* 1 or 2: how far the form may be */
    uint64_t df;    /* of the word */
    /* What was found: */
    ns__str form; /* in the arena; no data when there is none */
    uint64_t form_df;
} ns__misspelt;

/* Finds the best form for each word: near it and in many passages. */
ns_status ns__spell_forms(const ns_index *index, ns__misspelt *words, size_t count,
                          ns__arena *arena, ns_error *err);

#endif
