/* Completing what is being typed. Any number of threads may ask one index, and share what it
 * suggested: all functions but the one that frees may be called at the same time. */
#ifndef NS_SUGGEST_H
#define NS_SUGGEST_H

#include "ns/index.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Completions of a text. Owned by the caller: ns_suggestions_free. */
typedef struct ns_suggestions ns_suggestions;

/* A completion. Borrowed from the suggestions. */
typedef struct ns_suggestion {
    const char *text;  /* the text with its last word or value completed, terminated UTF-8 */
    size_t length;     /* bytes */
    uint64_t passages; /* of the index that have the word in any form, or of articles that have the
                          value; deleted ones among them */
} ns_suggestion;

/* Completes the last word of `text`, `length` bytes, with words of the index, case and diacritics
 * aside: at most `limit`, those that are in the most passages first, one form of each word. Behind
 * source:, section:, author: and lang:, and in parentheses behind them, with values of articles, in
 * quotes where they need them; behind date:, url: and id: with nothing.
 * Else a text that ends with a blank, or with a number of the query's syntax (tariff~1, tariff^2,
 * NEAR/3), or is empty has no last word, and no completions. Returns
 * NS_OK, NS_ERR_LIMIT (more than 65,536 bytes), NS_ERR_CORRUPT, NS_ERR_MEMORY. *out is owned by the
 * caller: ns_suggestions_free. It does not need the index afterwards. */
NS_API NS_MUST_USE ns_status ns_suggest(const ns_index *index, const char *text, size_t length,
                                        size_t limit, ns_suggestions **out, ns_error *err);
/* How many completions there are. */
NS_API size_t ns_suggestions_count(const ns_suggestions *suggestions);
/* Completion `i`; i < ns_suggestions_count. */
NS_API ns_suggestion ns_suggestions_get(const ns_suggestions *suggestions, size_t i);
/* Frees the suggestions. NULL is fine. */
NS_API void ns_suggestions_free(ns_suggestions *suggestions);

#ifdef __cplusplus
}
#endif
#endif
