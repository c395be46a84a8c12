/* Words of the index for words that it hardly has: what spell.c asks of spell_forms.c, and values
 * of columns, of spell_values.c. */
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
    ns__str shown; /* of a value: the form as an article has it; no data when that is not known */
} ns__misspelt;

/* Finds the best form for each word: near it and in many passages. */
ns_status ns__spell_forms(const ns_index *index, ns__misspelt *words, size_t count,
                          ns__arena *arena, ns_error *err);

/* Finds the value of a column that is near `text`, of which *value gets what was found, articles
 * for passages: no form where an article has it as it is. */
ns_status ns__spell_value(const ns_index *index, ns__column column, ns__str text,
                          ns__misspelt *value, ns__arena *arena, ns_error *err);

#endif
