/* "Did you mean": queries with words that an index hardly has. Any number of threads may ask one
 * index, and share what it answered: all functions but the one that frees may be called at the same
 * time. */
#ifndef NS_SPELL_H
#define NS_SPELL_H

#include "ns/index.h"
#include "ns/query.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A query with some words put right. Owned by the caller: ns_spelling_free. */
typedef struct ns_spelling ns_spelling;

/* A word that was put right. */
typedef struct ns_spelling_word {
    size_t start, end;         /* bytes of the corrected text */
    size_t was_start, was_end; /* bytes of the query, as ns_query_note counts them */
    uint64_t passages;     /* of the index that have the word in any form; articles, of a value */
    uint64_t was_passages; /* … that have the word as it was written */
} ns_spelling_word;

/* Looks for words of the query `text`, `length` bytes, that are not in the index or in very few
 * passages, and for words one letter away, of what is in none two, that are in far more; `options`,
 * NULL for the defaults, is how the text is read. Excluded words, patterns, inexact words, =words,
 * words of fewer than four letters or with a digit, and scripts without spaces are left alone, and
 * so are words that are in more than a thousandth of the passages. A source, section or author that
 * no article has becomes one that is one letter away, from six letters on two. Takes milliseconds:
 * at most 8 words of a query are looked for, in at most a million forms. Returns NS_OK,
 * NS_NOT_FOUND (there is nothing to put right, or put right it would be longer than a query may be:
 * *out is NULL), NS_ERR_LIMIT (as ns_query_parse),
 * NS_ERR_CORRUPT, NS_ERR_MEMORY. *out is owned by the caller: ns_spelling_free. It does not need
 * the index afterwards. */
NS_API NS_MUST_USE ns_status ns_spell_query(const ns_index *index, const char *text, size_t length,
                                            const ns_query_options *options, ns_spelling **out,
                                            ns_error *err);
/* The whole query put right, as terminated UTF-8, `length` bytes; borrowed from the spelling. */
NS_API const char *ns_spelling_text(const ns_spelling *spelling, size_t *length);
/* How many words were put right: one at least. */
NS_API size_t ns_spelling_count(const ns_spelling *spelling);
/* Word `i`, in the order of the query; i < ns_spelling_count. */
NS_API ns_spelling_word ns_spelling_get(const ns_spelling *spelling, size_t i);
/* Frees the spelling. NULL is fine. */
NS_API void ns_spelling_free(ns_spelling *spelling);

#ifdef __cplusplus
}
#endif
#endif
