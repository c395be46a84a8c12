/* Queries as things of their own, to be searched with more than once. A query does not change once
 * it is made: any number of threads may use one at the same time. */
#ifndef NS_QUERY_H
#define NS_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ns/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A query. Owned by the caller: ns_query_free. */
typedef struct ns_query ns_query;

/* How text is read as a query. Initialise with ns_query_options_init. */
typedef struct ns_query_options {
    bool all;    /* words side by side are all required, as with AND; default: OR */
    bool words;  /* the text is words only: no operator, quote or field means anything */
    bool strict; /* what is read other than written is an error: NS_ERR_QUERY with its place */
    int64_t now; /* seconds of 1970 that relative dates count from; INT64_MIN, the default: the
                    system's clock */
    int32_t (*utc_offset)(void *context, int64_t local); /* minutes east of UTC of the time zone in
                    which dates are meant, at a local time in seconds; NULL, the default: UTC */
    void *utc_offset_context;                            /* handed to `utc_offset` */
    bool no_headlines; /* it is for an index whose title weight is 0: a note says that title: finds
                          nothing there */
} ns_query_options;

/* Fills *options with the defaults. */
NS_API void ns_query_options_init(ns_query_options *options);

/* Something in a query that was read other than written, or filters that cannot all hold. Borrowed
 * from the query. */
typedef struct ns_query_note {
    size_t start, end;   /* bytes of the query it is about */
    const char *message; /* one line, terminated UTF-8 without control characters */
} ns_query_note;

/* Reads `text`, `length` bytes, in the language of docs/query.md; `options` NULL for the defaults.
 * Returns NS_OK, NS_ERR_LIMIT (beyond 65,536 bytes, as written or as NS_QUERY_LINE, 1,024 words or
 * another limit of that page), NS_ERR_QUERY (only in strict mode), NS_ERR_MEMORY. *out is owned by
 * the caller: ns_query_free. */
NS_API NS_MUST_USE ns_status ns_query_parse(const char *text, size_t length,
                                            const ns_query_options *options, ns_query **out,
                                            ns_error *err);
/* How many notes there are. */
NS_API size_t ns_query_note_count(const ns_query *query);
/* Note `i`, in the order of the query; i < ns_query_note_count. */
NS_API ns_query_note ns_query_note_get(const ns_query *query, size_t i);
/* A note on the first word that is written with a field that there is not, as beat:x is: read as
 * words, as it may well be prose, but worth telling where nothing is found. None (`message` NULL)
 * where there is no such word, or notes tell of something else. Borrowed from the query. */
NS_API ns_query_note ns_query_unknown_field(const ns_query *query);

/* Reads a date or a range in any form that `date:` takes (docs/query.md), such as 2025-05,
 * "3 May 2025" or last-week: `text`, `length` bytes; `options` NULL for the defaults. *from and *to
 * get the seconds of 1970 UTC at which it begins and behind which it ends; where a range is open,
 * INT64_MIN and INT64_MAX; of an empty one, such as `never`, both are the same. From any thread.
 * Returns NS_OK, NS_ERR_QUERY (no date: both are 0). */
NS_API NS_MUST_USE ns_status ns_query_read_date(const char *text, size_t length,
                                                const ns_query_options *options, int64_t *from,
                                                int64_t *to, ns_error *err);

/* How a query is put in words. */
typedef enum ns_query_form {
    NS_QUERY_LINE,   /* one line of the query language, which reads back as the same query (with
                        the default options): spelled out, as it was understood */
    NS_QUERY_OUTLINE /* for people: a line for each part, indented; no line end after the last */
} ns_query_form;

/* The query in `form`, as terminated UTF-8. Returns NS_OK, NS_ERR_ARGUMENT (no such form),
 * NS_ERR_MEMORY. *out is owned by the caller: ns_query_description_free. */
NS_API NS_MUST_USE ns_status ns_query_describe(const ns_query *query, ns_query_form form,
                                               char **out, ns_error *err);
/* Frees what ns_query_describe made, `description`. NULL is fine. */
NS_API void ns_query_description_free(char *description);
/* Frees the query. NULL is fine. */
NS_API void ns_query_free(ns_query *query);

/* ---- Building a query from parts ---- */

/* A query in the making: parts are added one after the other, groups of them are begun and ended.
 * For one thread at a time. Calls that add have no result: the first that fails is remembered,
 * those after it do nothing, and ns_query_builder_finish tells. Owned by the caller:
 * ns_query_builder_free.
 */
typedef struct ns_query_builder ns_query_builder;

/* What a part is to its group. */
typedef enum ns_query_occur {
    NS_QUERY_WANTED,   /* raises the score; one of them at least where nothing is required */
    NS_QUERY_REQUIRED, /* as with + */
    NS_QUERY_EXCLUDED  /* as with - */
} ns_query_occur;

/* Where a part is looked for. */
typedef enum ns_query_field {
    NS_QUERY_ANYWHERE, /* headline and text */
    NS_QUERY_TITLE,    /* the headline */
    NS_QUERY_BODY,     /* the text */
    NS_QUERY_SOURCE,   /* from here on: of ns_query_add_value only */
    NS_QUERY_SECTION,  /* section of the paper */
    NS_QUERY_LANG,     /* code of the language */
    NS_QUERY_AUTHOR,   /* who wrote it */
    NS_QUERY_URL,      /* its address */
    NS_QUERY_ID        /* its id */
} ns_query_field;

/* What a group makes of its parts. */
typedef enum ns_query_group {
    NS_QUERY_LIST,     /* side by side: each as its occur says; values and dates are required */
    NS_QUERY_ALL,      /* all that are not excluded are required, as with AND */
    NS_QUERY_ANY,      /* alternatives, as with OR */
    NS_QUERY_NEAR,     /* words, phrases, patterns and NS_QUERY_ANY of such, near each other */
    NS_QUERY_ONEAR,    /* … in this order */
    NS_QUERY_SENTENCE, /* … in one sentence */
    NS_QUERY_PARAGRAPH /* … in one paragraph */
} ns_query_group;

/* How a part is meant. Initialise with ns_query_part_init; wherever one is taken, NULL stands for
 * the defaults. */
typedef struct ns_query_part {
    ns_query_occur occur; /* default: NS_QUERY_WANTED */
    ns_query_field field; /* default: NS_QUERY_ANYWHERE, which in a group is that of the group */
    bool exact;           /* words and phrases: as written, no stemming; default: false */
    double weight;        /* 0.001 to 1000, in steps of 0.001; default: 1 */
} ns_query_part;

/* Fills *part with the defaults. */
NS_API void ns_query_part_init(ns_query_part *part);

/* An empty builder. Returns NS_OK, NS_ERR_MEMORY. *out is owned by the caller:
 * ns_query_builder_free. */
NS_API NS_MUST_USE ns_status ns_query_builder_open(ns_query_builder **out, ns_error *err);

/* Adds each word of `text`, `length` bytes, as a part of its own, meant as `part` says. Nothing in
 * the text is an operator. */
NS_API void ns_query_add_words(ns_query_builder *builder, const ns_query_part *part,
                               const char *text, size_t length);
/* Adds the phrase `text`, `length` bytes, meant as `part` says. */
NS_API void ns_query_add_phrase(ns_query_builder *builder, const ns_query_part *part,
                                const char *text, size_t length);
/* Adds the words of `text`, `length` bytes, 2 to 8 of them, in any order with at most `distance`
 * (0 to 9,999) other words between, all gaps added up, as "…"~5 does; meant as `part` says. */
NS_API void ns_query_add_slop(ns_query_builder *builder, const ns_query_part *part,
                              uint32_t distance, const char *text, size_t length);
/* Adds the word `text`, `length` bytes, in which * stands for any characters and ? for one; a
 * backslash makes the next character plain; meant as `part` says. A pattern without a letter or
 * digit, such as ???, adds nothing, even if it is required. */
NS_API void ns_query_add_pattern(ns_query_builder *builder, const ns_query_part *part,
                                 const char *text, size_t length);
/* Adds the word `text`, `length` bytes, and all that differ from it by at most `edits` letters: 1
 * or 2, or 0 for what suits its length; meant as `part` says. */
NS_API void ns_query_add_fuzzy(ns_query_builder *builder, const ns_query_part *part, uint32_t edits,
                               const char *text, size_t length);
/* Adds the value `text`, `length` bytes, of the field of `part`; with `wildcards`, * and ? in it
 * are as in ns_query_add_pattern. */
NS_API void ns_query_add_value(ns_query_builder *builder, const ns_query_part *part, bool wildcards,
                               const char *text, size_t length);
/* Adds what is dated from the second `from` of 1970 UTC to before `to`; INT64_MIN and INT64_MAX are
 * open ends; meant as `part` says. */
NS_API void ns_query_add_dates(ns_query_builder *builder, const ns_query_part *part, int64_t from,
                               int64_t to);
/* Adds every article, as * does; meant as `part` says. */
NS_API void ns_query_add_everything(ns_query_builder *builder, const ns_query_part *part);
/* Adds all that `query` asks, as if in parentheses; meant as `part` says. Words, phrases,
 * patterns and NEAR of such in it that have no field get that of `part`, as in title:(…); a field
 * of values is refused then. Words and phrases are exact if the part is. Values, dates and * keep
 * what they have. The query stays as it is and is not needed any longer. */
NS_API void ns_query_add_query(ns_query_builder *builder, const ns_query_part *part,
                               const ns_query *query);

/* Begins a group of the kind `group`, meant as `part` says; what is added from here on is in it.
 * `distance` is the k of NEAR/k, 1 (side by side) to 10,000; the other kinds ignore it. Of NEAR and
 * the like a group has at most 8 parts. */
NS_API void ns_query_begin(ns_query_builder *builder, const ns_query_part *part,
                           ns_query_group group, uint32_t distance);
/* Ends the group begun last. A group without parts says nothing. */
NS_API void ns_query_end(ns_query_builder *builder);

/* Makes the query of what was added, as a list side by side; the builder is empty afterwards.
 * Returns NS_OK, NS_ERR_ARGUMENT (a number out of range, a group not ended, a part that cannot
 * stand where it was added), NS_ERR_LIMIT (as ns_query_parse), NS_ERR_MEMORY. *out is owned by the
 * caller: ns_query_free. */
NS_API NS_MUST_USE ns_status ns_query_builder_finish(ns_query_builder *builder, ns_query **out,
                                                     ns_error *err);
/* Frees the builder. NULL is fine. */
NS_API void ns_query_builder_free(ns_query_builder *builder);

#ifdef __cplusplus
}
#endif
#endif
