/* The five files of a segment while they are written.
 *
 * They grow under temporary names. Articles come first, each with its stored text; then the lists
 * (terms, postings, positions) are open for whoever has them in term order; finishing syncs the
 * files and gives them their final names, which hold an id made from settings and records. The
 * builder writes through it, and so does the merge: what the same articles give is the same bytes.
 */
#ifndef NS_INDEX_OUTPUT_H
#define NS_INDEX_OUTPUT_H

#include "base/hash.h"
#include "segment/postings.h"
#include "segment/segment.h"
#include "segment/spellings.h"

/* The article table being written: a job. */
typedef struct ns__output_table {
    ns__job job; /* first */
    struct ns__output *output;
    ns__pool *pool; /* NULL: there is no such job */
    ns_status status;
    ns_error error;
} ns__output_table;

typedef struct ns__output {
    const ns_index_settings *settings; /* borrowed */
    const char *directory;             /* too */
    bool wide;
    ns__segment_ref ref;                         /* sums so far */
    ns__digest digest;                           /* settings and every record */
    bool knows_digest;                           /* of what is being added */
    ns__frame_writer *frames[NS__SEGMENT_FILES]; /* open ones */
    ns__store_writer *store;
    ns__articles_writer *articles;
    ns__spellings_writer *spellings; /* with the setting exact, else NULL: units are added to it
                                        with their articles */
    const uint32_t *headlines;       /* for the table; borrowed */
    ns__output_table table;
    ns__passage_entry *passages; /* without places: scratch when no text is kept */
    size_t passage_capacity;
    uint32_t files_named; /* bit f: file f has been finished and bears its final name */
} ns__output;

/* The stored text of one article. */
typedef struct ns__output_text {
    ns__str title, body, meta;
} ns__output_text;

/* Opens the text. `generation` is that of the commit; `wide`: files may take memory (2 MB each) to
 * be mapped in fewer pages later, see ns__sink_widen. Text is compressed by the pool, which must
 * outlive the output, or by the caller if it is NULL. After a failure of this or any other call:
 * ns__output_abandon. */
ns_status ns__output_open(ns__output *output, const ns_index_settings *settings,
                          const char *directory, uint64_t generation, bool wide, ns__pool *pool,
                          ns_error *err);
/* From now on what can wait is kept in the spool, which outlives the output. */
void ns__output_spool(ns__output *output, ns__spool *spool);
/* Adds an article. Its text_offset and sizes of text are filled in. When the settings say that no
 * text is kept, only the lengths of `text` count, and those of the meta not even. */
ns_status ns__output_add(ns__output *output, ns__article_entry *entry, const ns__output_text *text,
                         ns_error *err);
/* Articles added from now on were the first of a segment and are all that it had: their records are
 * not read for the id, which goes on from that of the segment when it is told. The bytes of text
 * may be NULL as far as they were copied (ns__store_copy_next). */
void ns__output_begin_segment(ns__output *output);
void ns__output_end_segment(ns__output *output, ns__segment_id id);
/* After adding, when it was not in input order: the place in the input of each article, a
 * permutation. Borrowed until the output is finished or abandoned. */
void ns__output_set_places(ns__output *output, const uint32_t *places);
/* Ends adding; opens the frames of terms, postings and positions. Counts of articles and passages
 * and the id stand in the ref from here on; lengths and average in `articles`. */
ns_status ns__output_begin_lists(ns__output *output, ns_error *err);
/* After adding, now and then: lets text go on that waited (ns__store_go_on). */
ns_status ns__output_go_on(ns__output *output, ns_error *err);
/* Behind the last list: ends the writer of postings, frees it, and has them on their way to the
 * disk. */
ns_status ns__output_end_lists(ns__output *output, ns__postings_writer *postings, ns_error *err);
/* After adding: hands the rest of the text to the pool, which works on it until it is ended. */
ns_status ns__output_launch_text(ns__output *output, ns_error *err);
/* Ends the text, and gives its memory back; finishing does so otherwise. */
ns_status ns__output_end_text(ns__output *output, ns_error *err);
/* Lets the pool write the article table, before finishing does. No other call before that reads or
 * writes what it needs, and who shares a spool with it has flushed that and only reads. */
ns_status ns__output_launch_articles(ns__output *output, const uint32_t *headlines, ns__pool *pool,
                                     ns_error *err);
/* After the lists have been written (frames not finished): writes the article table and ends all
 * files under their final names, each synced. The directory is not. `headlines` as
 * ns__articles_finish has them, and as ns__output_launch_articles had them; ref.terms and surfaces
 * are the caller's. */
ns_status ns__output_finish(ns__output *output, const uint32_t *headlines, ns_error *err);
/* Removes every file, finished ones too. Waits for its jobs. */
void ns__output_abandon(ns__output *output);

#endif
