/* Reading an index: opening, statistics, articles, checking. */
#ifndef NS_INDEX_H
#define NS_INDEX_H

#include "ns/writer.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One snapshot of an index: what the last commit before ns_index_open left. Immutable and
 * thread-safe; a later commit is seen by opening again. */
typedef struct ns_index ns_index;

/* Returns NS_OK, NS_ERR_NO_INDEX, NS_ERR_IO, NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_SETTINGS (the
 * Unicode or stemmer data differ from those the index was made with), NS_ERR_MEMORY.
 * *out is owned by the caller. Strings and articles borrowed from an index live until
 * ns_index_close. */
NS_API NS_MUST_USE ns_status ns_index_open(const char *directory, ns_index **out, ns_error *err);
NS_API void ns_index_close(ns_index *index); /* NULL is fine */

typedef struct ns_index_stats {
    uint64_t articles, deleted_articles;
    uint64_t passages, deleted_passages; /* statistics of BM25 count deleted ones until merged */
    uint64_t terms;     /* distinct; summed over segments */
    uint64_t surfaces;  /* surface forms that lead to another term */
    uint64_t tokens;    /* words of bodies and headlines, each once */
    uint64_t postings, positions;
    double average_length; /* of a passage, headline weight included */
    uint64_t segments, generation;
    uint64_t bytes;     /* all files of the commit */
    uint64_t bytes_terms, bytes_postings, bytes_positions, bytes_articles, bytes_text;
    uint64_t text_bytes; /* titles and bodies before compression */
    uint64_t inline_lists, short_lists, block_lists, blocks; /* by posting class */
} ns_index_stats;

NS_API void ns_index_get_stats(const ns_index *index, ns_index_stats *stats);
NS_API void ns_index_get_settings(const ns_index *index, ns_index_settings *settings);
/* The languages that articles were analysed in: code of language `i`, NULL past the last. */
NS_API const char *ns_index_language(const ns_index *index, size_t i);

/* An article as stored. Owned by the caller (ns_article_free); strings live as long as it. */
typedef struct ns_article ns_article;

/* Finds the article with this external id: NS_OK, NS_NOT_FOUND or an error. */
NS_API NS_MUST_USE ns_status ns_article_find(const ns_index *index, const char *id, size_t length,
                                             ns_article **out, ns_error *err);
/* Article `number` of the snapshot, 0 .. articles + deleted - 1 in input order; deleted ones are
 * NS_NOT_FOUND. */
NS_API NS_MUST_USE ns_status ns_article_at(const ns_index *index, uint64_t number, ns_article **out,
                                           ns_error *err);
/* The id alone of article `number`, deleted or not, into id[0 .. NS_ID_ROOM), terminated; *length
 * (may be NULL) without the terminator. Faster than the whole article. */
enum { NS_ID_ROOM = 4097 };
NS_API NS_MUST_USE ns_status ns_article_id_at(const ns_index *index, uint64_t number, char *id,
                                              size_t *length, ns_error *err);
NS_API const char *ns_article_id(const ns_article *article, size_t *length);
NS_API const char *ns_article_title(const ns_article *article, size_t *length);
NS_API const char *ns_article_body(const ns_article *article, size_t *length);
/* The whole record as one JSON object, its keys in the order of the input, without newline. */
NS_API const char *ns_article_json(const ns_article *article, size_t *length);
/* "date", "source", "section", "author", "url", "lang": "" when unknown. */
NS_API const char *ns_article_column(const ns_article *article, const char *name, size_t *length);
NS_API size_t ns_article_passages(const ns_article *article);
/* Byte range of passage `i` in the body. */
NS_API void ns_article_passage(const ns_article *article, size_t i, size_t *start, size_t *end);
NS_API void ns_article_free(ns_article *article);

/* A fault that ns_index_check found. */
typedef struct ns_fault {
    const char *file;   /* name within the directory */
    uint64_t offset;    /* of the damaged bytes, or NS_NO_OFFSET */
    const char *message;
} ns_fault;

typedef struct ns_check_summary {
    uint64_t files, bytes, faults;
} ns_check_summary;

/* Reads every byte of the index: checksums, then that all structures agree with each other.
 * Each fault is passed to on_fault (return false to stop). Returns NS_OK when the check ran to its
 * end, sound or not: look at summary->faults. */
NS_API NS_MUST_USE ns_status ns_index_check(const char *directory,
                                            bool (*on_fault)(void *payload, const ns_fault *fault),
                                            void *payload, ns_check_summary *summary,
                                            ns_error *err);

#ifdef __cplusplus
}
#endif
#endif
