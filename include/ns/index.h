/* Reading an index: opening, statistics, articles, checking. All functions but ns_index_close and
 * ns_article_free may be called on one index or article from any number of threads. */
#ifndef NS_INDEX_H
#define NS_INDEX_H

#include "ns/writer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One snapshot of an index: what the last commit before ns_index_open left. Immutable; a later
 * commit is seen by opening again, and takes nothing away from a snapshot that is open. */
typedef struct ns_index ns_index;

/* Whether `directory` holds an index, or cannot be looked into: nothing else of it is read. */
NS_API bool ns_index_exists(const char *directory);
/* Opens the last commit in `directory`. Files are mapped, not read: damage that opening does not
 * see is found by ns_index_check, or by the call that comes upon it. Returns NS_OK,
 * NS_ERR_NO_INDEX, NS_ERR_IO, NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_SETTINGS (the Unicode or
 * stemmer data differ from those the index was made with), NS_ERR_LIMIT (a file too large to map),
 * NS_ERR_MEMORY. *out is owned by the caller: ns_index_close. */
NS_API NS_MUST_USE ns_status ns_index_open(const char *directory, ns_index **out, ns_error *err);
/* Closes the index; its results must have been freed, its articles may live on. NULL is fine. */
NS_API void ns_index_close(ns_index *index);

/* What is in an index. Sums over its segments. */
typedef struct ns_index_stats {
    uint64_t articles, deleted_articles; /* found, and no longer found */
    uint64_t passages, deleted_passages; /* statistics of BM25 count deleted ones until merged */
    uint64_t terms;                      /* distinct; summed over segments */
    uint64_t surfaces;                   /* surface forms that lead to another term */
    uint64_t tokens;                     /* words of bodies and headlines, each once */
    uint64_t postings, positions;        /* pairs of term and passage, and occurrences in them */
    double average_length;               /* of a passage, headline weight included */
    uint64_t segments, generation;       /* generation: number of the commit, from 1 */
    uint64_t bytes;                      /* all files of the commit */
    uint64_t bytes_terms, bytes_postings, bytes_positions, bytes_articles, bytes_text; /* by kind */
    uint64_t text_bytes; /* titles and bodies before compression */
    uint64_t inline_lists, short_lists, block_lists, blocks; /* by posting class */
    uint64_t bytes_exact;        /* of bytes_positions: how words are written; 0 without `exact` */
    uint64_t reordered_articles; /* of `articles`: in segments that do not stand in input order */
} ns_index_stats;

/* Fills *stats; reads no file. */
NS_API void ns_index_get_stats(const ns_index *index, ns_index_stats *stats);
/* Fills *settings with those the index was made with. */
NS_API void ns_index_get_settings(const ns_index *index, ns_index_settings *settings);
/* The languages that articles were analysed in: code of language `i` ("" for none), NULL past the
 * last. Never freed. */
NS_API const char *ns_index_language(const ns_index *index, size_t i);

/* An article as stored. Owned by the caller: ns_article_free. Strings are borrowed from it, UTF-8,
 * terminated, and may hold U+0000. In an index with the setting no_text headline and body are
 * empty, and the record has only id, date, source, section, author, url and lang. */
typedef struct ns_article ns_article;

/* Fetches the article whose external id is the `length` bytes of `id`.
 * Returns NS_OK, NS_NOT_FOUND (there is none, or it was deleted; *err is left alone),
 * NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_MEMORY. *out is owned by the caller: ns_article_free. */
NS_API NS_MUST_USE ns_status ns_article_find(const ns_index *index, const char *id, size_t length,
                                             ns_article **out, ns_error *err);
/* Fetches article `number` of the snapshot, 0 .. articles + deleted_articles - 1 in input order.
 * Returns NS_OK, NS_NOT_FOUND (deleted or past the last; *err is left alone), NS_ERR_CORRUPT,
 * NS_ERR_VERSION, NS_ERR_MEMORY. *out is owned by the caller: ns_article_free. */
NS_API NS_MUST_USE ns_status ns_article_at(const ns_index *index, uint64_t number, ns_article **out,
                                           ns_error *err);
/* Fetches article `number` without the stored text: its id and columns; headline, body and JSON are
 * empty. Faster than the whole article.
 * Returns NS_OK, NS_NOT_FOUND (deleted or past the last; *err is left alone), NS_ERR_CORRUPT,
 * NS_ERR_VERSION, NS_ERR_MEMORY. *out is owned by the caller: ns_article_free. */
NS_API NS_MUST_USE ns_status ns_article_facts_at(const ns_index *index, uint64_t number,
                                                 ns_article **out, ns_error *err);
/* Room for any external id and its terminator: what ns_article_id_at needs. */
enum { NS_ID_ROOM = 4097 };

/* Copies the id alone of article `number`, deleted or not, to id[0 .. NS_ID_ROOM), terminated;
 * *length (may be NULL) is without the terminator. Faster than the whole article.
 * Returns NS_OK, NS_NOT_FOUND (past the last; *err is left alone), NS_ERR_CORRUPT, NS_ERR_MEMORY.
 */
NS_API NS_MUST_USE ns_status ns_article_id_at(const ns_index *index, uint64_t number, char *id,
                                              size_t *length, ns_error *err);
/* The external id, *length bytes: borrowed. */
NS_API const char *ns_article_id(const ns_article *article, size_t *length);
/* The headline, *length bytes, "" when there is none: borrowed. */
NS_API const char *ns_article_title(const ns_article *article, size_t *length);
/* The body, *length bytes, "" when there is none: borrowed. */
NS_API const char *ns_article_body(const ns_article *article, size_t *length);
/* The whole record as one JSON object of *length bytes, its keys in the order of the input, without
 * newline: borrowed. */
NS_API const char *ns_article_json(const ns_article *article, size_t *length);
/* The column called `name`, one of "source", "section", "author", "url", "lang", as given, or
 * "date", as 2025-05-03T14:30+08:00, as far as it was given, *length bytes: borrowed. "" when the
 * article has none, or a date in no form that ns reads, or for any other name. */
NS_API const char *ns_article_column(const ns_article *article, const char *name, size_t *length);
/* How many passages the body was cut into; 0 when there is none. */
NS_API size_t ns_article_passages(const ns_article *article);
/* Byte range [*start, *end) of passage `i` in the body; both 0 past the last passage. */
NS_API void ns_article_passage(const ns_article *article, size_t i, size_t *start, size_t *end);
/* Frees the article and what was borrowed from it. NULL is fine. */
NS_API void ns_article_free(ns_article *article);

/* A fault that ns_index_check found. Strings live for the call. */
typedef struct ns_fault {
    const char *file;    /* name within the directory */
    uint64_t offset;     /* of the damaged bytes, or NS_NO_OFFSET */
    const char *message; /* one line */
} ns_fault;

/* What ns_index_check came upon. */
typedef struct ns_check_summary {
    uint64_t files, bytes; /* of the commit, as far as they were read */
    uint64_t faults;       /* 0: the index is sound */
} ns_check_summary;

/* Reads every byte of the last commit in `directory`: checksums, then that all structures agree
 * with each other. Each fault is passed to `on_fault` (may be NULL; return false to stop) with
 * `payload`, which is not looked at. *summary (may be NULL) is filled in any case. Commits that
 * happen meanwhile do no harm. Thread-safe. Returns NS_OK when the check ran to its end or was
 * stopped, sound or not: look at summary->faults. Else NS_ERR_NO_INDEX, NS_ERR_IO, NS_ERR_VERSION,
 * NS_ERR_LIMIT, NS_ERR_MEMORY: nothing is known. */
NS_API NS_MUST_USE ns_status ns_index_check(const char *directory,
                                            bool (*on_fault)(void *payload, const ns_fault *fault),
                                            void *payload, ns_check_summary *summary,
                                            ns_error *err);

#ifdef __cplusplus
}
#endif
#endif
