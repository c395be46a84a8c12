/* Making and changing an index. A writer is used by one thread at a time. */
#ifndef NS_WRITER_H
#define NS_WRITER_H

#include "ns/analysis.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is fixed when an index is made. Later writers take it from the index. */
typedef struct ns_index_settings {
    ns_analysis_settings analysis; /* how text becomes terms */
    uint32_t title_weight; /* a headline word counts as this many body words; 0..255, default 2;
                              0: headlines are stored but not searched */
    double k1, b;          /* BM25 parameters that the stored score bounds hold for; 0..1000 and
                              0..1, default 0.9 and 0.4 */
    int store_level;       /* of stored text. 0, the default: models of its words; 1 (fast) .. 12
                              (small): zlib streams, half as large again */
    uint32_t store_block_bytes; /* of text before compression; 16..2^24, default 4096. A reader
                                 unpacks whole blocks; zlib streams are smaller in larger ones */
    bool no_text;               /* keep no titles, bodies and other keys: articles are found and
                                   ranked, and have their id, date and columns, but no text */
    bool exact;                 /* keep how each word is written, so that =words are answered
                                   without text, and faster: about 3 bits a word */
    uint32_t block_postings;    /* of a list; a power of two, 2..256, default 256. Small values make
                                   every border occur in tests */
    uint32_t window_passages;   /* that are searched together; a power of two, 16..2^20, default
                                   4096 */
} ns_index_settings;

/* Fills *settings with the defaults. */
NS_API void ns_index_settings_init(ns_index_settings *settings);

/* A record that was refused, or a warning about one that was kept. Strings live for the call. */
typedef struct ns_reject {
    const char *file;   /* where it came from; "-" for standard input */
    uint64_t line;      /* 1-based, 0 when the file has no lines or all of it is meant */
    const char *reason; /* one line; up to its first colon a cause, the same for all of its kind */
    const char *text;   /* the refused input as far as known, any bytes; may be NULL; not
                           terminated */
    size_t text_length; /* bytes */
    bool warning;       /* the article was kept all the same */
} ns_reject;

/* How far a writer is since it was opened. Strings live for the call. */
typedef struct ns_progress {
    uint64_t articles, rejected; /* records added, records refused */
    uint64_t input_bytes;        /* read so far: compressed where the input is */
    uint64_t input_total_bytes;  /* 0 when unknown */
    uint64_t text_bytes;         /* titles and bodies */
    const char *phase;           /* "reading", "merging", "writing", "reordering" */
} ns_progress;

/* How to write. Initialise with ns_writer_options_init, then change what should differ. */
typedef struct ns_writer_options {
    const ns_index_settings *settings; /* for a new index; NULL for defaults. An existing index
                                          keeps its own: others given are NS_ERR_SETTINGS. Looked at
                                          by ns_writer_open only */
    bool fresh;                        /* start anew: the old contents are gone after the commit */
    bool must_exist;                   /* make no new index: NS_ERR_NO_INDEX where there is none */
    uint64_t memory_bytes;     /* 0 for the default of 512 MB. The index is the same for any */
    uint64_t max_record_bytes; /* larger records are refused; 0 for the default of 256 MB */
    unsigned threads;          /* that work at once, the caller's among them; 0: one for each
                                  processor. The index is the same for any number. At most one for
                                  each 32 MB of memory_bytes, or two; at most 256; fewer where the
                                  system gives no more */
    /* Both may be NULL. Returning false stops the writer with NS_ERR_CANCELLED. Called from the
     * thread that called the writer. */
    bool (*on_reject)(void *payload, const ns_reject *reject);
    bool (*on_progress)(void *payload, const ns_progress *progress);
    void *payload; /* passed to both as it is */
} ns_writer_options;

/* Fills *options with the defaults: nothing is told, defaults of everything else. */
NS_API void ns_writer_options_init(ns_writer_options *options);

/* Adds articles to one index, whose lock it holds. It belongs to the process that opened it. Owned
 * by the caller: ns_writer_close. */
typedef struct ns_writer ns_writer;

/* Opens `directory` for writing, creating it (one level) when it is missing. `options` NULL for the
 * defaults. At most one writer at a time: NS_ERR_BUSY. Leftovers of a writer that died are removed.
 * Nothing that readers see changes before ns_writer_commit; a directory that it made is removed
 * again by ns_writer_close if there was no commit. Returns NS_OK, NS_ERR_MEMORY, NS_ERR_IO,
 * NS_ERR_BUSY, NS_ERR_CORRUPT, NS_ERR_VERSION, NS_ERR_SETTINGS, NS_ERR_ARGUMENT (a setting out of
 * range, or a directory with other files), NS_ERR_NO_INDEX (with must_exist), NS_ERR_LIMIT. *out is
 * owned by the caller: ns_writer_close. */
NS_API NS_MUST_USE ns_status ns_writer_open(const char *directory, const ns_writer_options *options,
                                            ns_writer **out, ns_error *err);

/* Adds every record of `count` paths: files, folders, "-" for standard input (see docs/cli.md).
 * An article whose id exists already replaces it. Records that cannot be read are told to on_reject
 * and left out; the others are kept. NS_ERR_IO, with nothing added, when a path does not exist;
 * after any other error the writer can only be closed. Returns NS_OK, NS_ERR_IO, NS_ERR_CANCELLED,
 * NS_ERR_LIMIT, NS_ERR_CORRUPT (of the index), NS_ERR_MEMORY, NS_ERR_ARGUMENT (an earlier error).
 */
NS_API NS_MUST_USE ns_status ns_writer_add_paths(ns_writer *writer, const char *const *paths,
                                                 size_t count, ns_error *err);

/* Adds one record: `json`, an object of `length` bytes with the same keys as a line of JSON lines.
 * Returns NS_OK, NS_ERR_INPUT (the record is refused and counted, on_reject is not called; the
 * writer stays usable); after any other
 * error the writer can only be closed: NS_ERR_IO, NS_ERR_CANCELLED, NS_ERR_LIMIT, NS_ERR_CORRUPT,
 * NS_ERR_MEMORY, NS_ERR_ARGUMENT (an earlier error). */
NS_API NS_MUST_USE ns_status ns_writer_add_json(ns_writer *writer, const char *json, size_t length,
                                                ns_error *err);

/* Deletes the article whose id is the `length` bytes of `id`: it is found no more after the next
 * commit. An article added since the last commit is deleted too; one added with this id later on is
 * not.
 * Returns NS_OK, NS_NOT_FOUND (there is none; nothing changes); after any other error the writer
 * can only be closed: NS_ERR_CORRUPT, NS_ERR_IO, NS_ERR_LIMIT, NS_ERR_MEMORY, NS_ERR_ARGUMENT (an
 * earlier error). */
NS_API NS_MUST_USE ns_status ns_writer_delete(ns_writer *writer, const char *id, size_t length,
                                              ns_error *err);

/* What a commit made visible. Counts since the commit before it. */
typedef struct ns_commit_summary {
    uint64_t articles_added, articles_replaced, articles_deleted; /* by id, each once */
    uint64_t rejected, warnings;                                  /* records */
    uint64_t passed_over;   /* in folders: files of kinds that are not read, link loops, indexes */
    uint64_t replaced_utf8; /* invalid sequences that became U+FFFD */
    uint64_t passages, terms, tokens;              /* of what was added */
    uint64_t text_bytes, input_bytes, index_bytes; /* index_bytes: the whole directory */
    unsigned threads; /* that worked on what was added: fewer than asked for where memory_bytes has
                         no room for more, or the system gives no more; 0 when nothing was added */
    double seconds;   /* since the first record */
} ns_commit_summary;

/* Makes everything added so far visible and durable in one step; once it returns NS_OK neither a
 * crash nor a power cut undoes it. With nothing to commit it does nothing. *summary may be NULL.
 * After an error readers see the commit before it (or this one, when the last sync of the directory
 * was what failed), and the writer can only be closed. When the directory was moved, or another put
 * in its place, what stands there stays as it is: NS_ERR_IO. Returns NS_OK, NS_ERR_IO,
 * NS_ERR_CANCELLED, NS_ERR_LIMIT, NS_ERR_CORRUPT, NS_ERR_MEMORY, NS_ERR_ARGUMENT (an earlier
 * error). */
NS_API NS_MUST_USE ns_status ns_writer_commit(ns_writer *writer, ns_commit_summary *summary,
                                              ns_error *err);

/* What a merge did. */
typedef struct ns_merge_summary {
    bool merged;                                    /* false: there was nothing to do */
    uint64_t segments;                              /* that became one */
    uint64_t articles;                              /* live, in those */
    uint64_t deleted_articles;                      /* that took room there until now */
    uint64_t text_bytes, bytes_before, bytes_after; /* of the whole index, and its directory */
    double seconds;                                 /* that it took */
} ns_merge_summary;

/* Makes one segment of all, without what was deleted, and commits it (with deletions not yet
 * committed, if there are any): afterwards the index is what it would be had the live articles been
 * indexed anew in their order, to the byte (with no_text but for forms of words that only deleted
 * articles had: they stay in the dictionary as long as others have the word). Memory does not grow
 * with the postings; the disk must hold the old and the new files at once. Progress is told as
 * "merging"; input_bytes then counts bytes of the index. With at most one segment and nothing
 * deleted it does nothing. Returns NS_OK; NS_ERR_ARGUMENT (articles were added and not committed),
 * NS_ERR_CORRUPT (a file of the index is damaged: nothing was changed), NS_ERR_LIMIT (more passages
 * than a segment can hold), NS_ERR_IO, NS_ERR_MEMORY, NS_ERR_CANCELLED. *summary may be NULL. */
NS_API NS_MUST_USE ns_status ns_writer_merge(ns_writer *writer, ns_merge_summary *summary,
                                             ns_error *err);

/* The same, and puts articles with the same words side by side (recursive graph bisection), which
 * makes posting lists smaller. What queries find, its order and the numbers of the
 * articles stay as they are. The index depends on the live articles and their order of input alone.
 * Works on a single segment too. Looking for the order takes some 60 bytes an article and 4 a
 * passage, and room on the disk for temporary files as large as the text. Progress is told as
 * "reordering". A later ns_writer_merge keeps the order in which the articles of each segment then
 * stand. Returns NS_OK; NS_ERR_ARGUMENT (articles were added and not committed), NS_ERR_CORRUPT (a
 * file of the index is damaged: nothing was changed), NS_ERR_LIMIT (more passages than a segment
 * can hold), NS_ERR_IO, NS_ERR_MEMORY, NS_ERR_CANCELLED. *summary may be NULL. */
NS_API NS_MUST_USE ns_status ns_writer_reorder(ns_writer *writer, ns_merge_summary *summary,
                                               ns_error *err);

/* Keeps an index to which little is added again and again from having many segments: where the
 * newest ten are of one level (up to 1 MB, ten times as much in each above), with smaller ones
 * between them, they become one as ns_writer_merge has it; else, where there are fifty, those of
 * the newest that cost least. The others stay as they are. Called after each commit, an index has
 * less than fifty segments, and a large one is written again only when about as much has come
 * behind it. What queries find and its order do not change, but that articles deleted in those
 * segments count no more in the statistics of BM25. Mostly there is nothing to do: then
 * summary->merged is false, and deletions wait for a commit. After an error the writer can only be
 * closed; the last commit stands. Returns NS_OK; NS_ERR_ARGUMENT (articles were added and not
 * committed), NS_ERR_CORRUPT (a file of the index is damaged: nothing was changed), NS_ERR_LIMIT
 * (commits have no number left), NS_ERR_IO, NS_ERR_MEMORY, NS_ERR_CANCELLED. *summary may be NULL.
 */
NS_API NS_MUST_USE ns_status ns_writer_merge_small(ns_writer *writer, ns_merge_summary *summary,
                                                   ns_error *err);

/* Discards what was not committed and frees the writer. NULL is fine. In a process forked from the
 * one that opened the writer, this leaves the index alone and frees memory only, but for what the
 * writer's threads work on; all other calls there are NS_ERR_ARGUMENT. */
NS_API void ns_writer_close(ns_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
