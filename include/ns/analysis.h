/* Text analysis: settings, and looking at what the analyser makes of a text. Functions that take a
 * const ns_tokens may be called from any number of threads. */
#ifndef NS_ANALYSIS_H
#define NS_ANALYSIS_H

#include <stdbool.h>

#include "ns/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How text becomes terms. Stored in the index; fixed once the index has been made. */
typedef struct ns_analysis_settings {
    bool keep_diacritics;   /* false: "Erdogan" finds "Erdoğan" */
    bool no_stemming;       /* false: "talks" finds "talk" */
    bool whitespace;        /* cut at ASCII spaces only, no folding, no stemming: for benchmarks on
                               text that was tokenised before */
    bool one_passage;       /* each record is one passage, however long */
    char language[12];      /* of records that name none: a code such as "en", "" for none, "auto"
                               to guess each record's language */
    uint32_t passage_terms; /* words a passage aims at; 0 for the default of 120 */
} ns_analysis_settings;

/* Fills *settings with the defaults: diacritics folded, stemming on, Unicode words, passages,
 * language "auto". */
NS_API void ns_analysis_settings_init(ns_analysis_settings *settings);

/* One term of an analysed text. Strings are borrowed from the analysis. */
typedef struct ns_token {
    size_t start, end;     /* byte range in the text that was passed in */
    const char *term;      /* what the index holds; UTF-8, terminated, may be a prefix and a hash */
    size_t term_length;    /* bytes */
    const char *surface;   /* the word as written, case-folded; UTF-8, terminated */
    size_t surface_length; /* bytes */
    uint32_t position;     /* words before it in its passage */
    uint32_t passage;      /* passages before its own */
    bool gram;             /* one of the overlapping bigrams of a script without spaces */
} ns_token;

/* An analysed text and its terms. Owned by the caller: ns_tokens_free. */
typedef struct ns_tokens ns_tokens;

/* Analyses `length` bytes of `text` (any bytes; invalid UTF-8 is replaced by U+FFFD and byte ranges
 * then refer to the replaced text, which ns_tokens_text returns) as an article body with `settings`
 * in `language` (a code, "" for none, NULL for the setting).
 * Returns NS_OK, NS_ERR_MEMORY, NS_ERR_LIMIT (a text of 4 GiB or more), NS_ERR_ARGUMENT (unknown
 * language). *out is owned by the caller: ns_tokens_free. Thread-safe. */
NS_API NS_MUST_USE ns_status ns_analyze(const ns_analysis_settings *settings, const char *language,
                                        const char *text, size_t length, ns_tokens **out,
                                        ns_error *err);
/* How many terms the text has. */
NS_API size_t ns_tokens_count(const ns_tokens *tokens);
/* Term `index` in text order; index < ns_tokens_count. Its strings are borrowed. */
NS_API ns_token ns_tokens_get(const ns_tokens *tokens, size_t index);
/* The text that byte ranges refer to, *length bytes: borrowed. */
NS_API const char *ns_tokens_text(const ns_tokens *tokens, size_t *length);
/* The code of the language used, "" for none: borrowed for ever. */
NS_API const char *ns_tokens_language(const ns_tokens *tokens);
/* Frees the analysis and what was borrowed from it. NULL is fine. */
NS_API void ns_tokens_free(ns_tokens *tokens);

#ifdef __cplusplus
}
#endif
#endif
