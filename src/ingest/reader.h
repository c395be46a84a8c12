/* Reading records out of files, folders and standard input, in order.
 *
 * A path may be
 * - a file: .jsonl, .ndjson, .json are JSON lines, lists of records or records over several lines
 *   (elements.h), as the first bytes say; .txt, .text are one article each, unless they
 *   begin with a JSON object (articles.jsonl.txt, as browsers save it); of any other name, JSON
 *   if it begins with "{" or a list of objects, else one article. Each may have the further suffix
 *   .gz; what is gzip is recognised by its magic, never by the name;
 * - a folder: its files with these suffixes, in byte order of names, recursively. Hidden names,
 *   link loops and other files are left out (the last two counted, see ns__reader_skipped): a
 *   README.md beside the articles is not one of them;
 * - "-": standard input, told apart like a file of another name.
 *
 * What is refused is told to the caller and everything else is kept: a line that is no record, a
 * line or text over max_record_bytes (skipped in bounded memory), a file that is binary, vanished
 * or not readable, the rest of a gzip file from the damaged place on (a last line that is cut off
 * there is refused even if it happens to be whole). Blank lines, byte-order marks and CR LF are
 * fine. A JSON list in a file for text, what is packed by others than gzip and other encodings are
 * refused with what converts them (looks.h); a text that looks like a table, a page, a feed or a
 * mailbox, or like Windows-1252, is kept, with a misfit of its record. An empty file has no
 * records; only under a name for text is that refused. */
#ifndef NS_INGEST_READER_H
#define NS_INGEST_READER_H

#include "ingest/input.h"
#include "ingest/record.h"

/* Called for each record that is refused, and for files that cannot be read. `text` is the refused
 * input as far as it is known (may be empty). Return NS_OK to go on, an error to stop. */
typedef ns_status ns__reject_fn(void *payload, const char *origin, uint64_t line,
                                const char *reason, ns__str text);

typedef struct ns__reader_options {
    uint64_t max_record_bytes; /* > 0, at most SIZE_MAX / 16 */
    ns__reject_fn *reject;     /* NULL: the first refusal is an error */
    void *payload;             /* of `reject` */
    ns__pulse pulse;           /* its error ends the reading, with this error */
} ns__reader_options;

typedef struct ns__reader ns__reader;

/* `paths` and the strings in it must outlive the reader. `options` NULL: records of up to
 * NS_MAX_RECORD_BYTES. */
ns_status ns__reader_open(const char *const *paths, size_t count, const ns__reader_options *options,
                          ns__reader **out, ns_error *err);
/* The next record into *record: NS_OK, NS_DONE at the end. */
ns_status ns__reader_next(ns__reader *reader, ns__record *record, ns_error *err);
/* Bytes of input consumed so far (compressed size) and in total (0 when unknown), for progress. */
void ns__reader_progress(const ns__reader *reader, uint64_t *done_bytes, uint64_t *total_bytes);
/* Entries of folders that were left out because no reader knows their suffix, and link loops. */
uint64_t ns__reader_skipped(const ns__reader *reader);
void ns__reader_close(ns__reader *reader); /* NULL is fine */

/* One JSON line (without its newline) into *record. NS_ERR_INPUT with a message that says what is
 * wrong, and an empty record. Used by the reader and by tests. jsonl.c says how the keys of the
 * line become columns and fields. */
ns_status ns__jsonl_parse(ns__str line, const char *origin, uint64_t number, ns__record *record,
                          ns_error *err);

/* The plain way: all by yajl. The same records and errors. */
ns_status ns__jsonl_parse_plain(ns__str line, const char *origin, uint64_t number,
                                ns__record *record, ns_error *err);

/* A whole text file into *record. Its id is the path without ./ and // in it (for "-": made of the
 * text). If the first non-blank line has less than 200 bytes and a blank line and further text
 * follow, it is the title and the rest is the body; else the title is the name of the file without
 * suffixes and the body is the whole text. NS_ERR_INPUT when it is blank. */
ns_status ns__textfile_parse(ns__str text, const char *origin, ns__record *record, ns_error *err);

#endif
