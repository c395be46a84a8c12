/* Inside of a merge, shared by merge.c (order of work), merge_articles.c, merge_forms.c and
 * merge_lists.c and merge_spellings.c. */
#ifndef NS_INDEX_MERGE_PARTS_H
#define NS_INDEX_MERGE_PARTS_H

#include "index/merge.h"
#include "index/output.h"

#define NS_MERGE_GONE UINT32_MAX /* a passage, article or term that is left out */

typedef struct ns__forms_filter ns__forms_filter;
typedef struct ns__reorder ns__reorder;

/* One segment that is merged. */
typedef struct ns__merge_source {
    const ns__segment *segment;
    const uint8_t *dead;    /* as in ns__merge_input */
    uint32_t first_passage; /* new id of its first live passage */
    uint32_t *passages;     /* new id of each; NULL: nothing is dead, first_passage + old id */
    uint32_t *ordinals;     /* new ordinal of each term; filled by merging the terms */
    uint32_t *places;       /* of each article among the live ones of all segments in input order;
                               NULL: not asked for */
    /* Which forms occur in live articles; NULL: nothing is dead, or there is no text to find them
     * in: all that the dictionary has. */
    uint8_t *term_is_form;     /* bit t: term t is itself a form */
    uint32_t *surface_targets; /* by surface; bit i: it leads to its i-th ordinal */
    ns__term_cursor terms;
    ns__surface_cursor surfaces;
} ns__merge_source;

typedef struct ns__merge_job {
    const ns__merge_options *options;
    ns__merge_source *sources;
    size_t count;
    ns__output output;
    ns__spool *spool; /* of the article table, when memory is little; or NULL */
    uint64_t headline_terms;
    uint32_t *headlines;  /* new ordinals, of all articles in order */
    uint64_t mapped;      /* bytes of maps read since they were last let go */
    uint64_t untold;      /* and since `tick` was last called */
    uint32_t live;        /* articles; filled with the places */
    uint32_t *places;     /* of the new articles, where they do not stand in input order */
    ns__reorder *reorder; /* NULL: they keep the order in which they stand */
    ns__merge_progress progress;
} ns__merge_job;

static inline bool ns__merge_is_dead(const ns__merge_source *source, uint32_t article)
{
    return source->dead && (source->dead[article / 8] >> (article % 8) & 1);
}

static inline uint32_t ns__merge_passage(const ns__merge_source *source, uint32_t passage)
{
    return source->passages ? source->passages[passage] : source->first_passage + passage;
}

/* Tells that `bytes` of the segments' files were read: lets maps go when they hold much memory,
 * tells progress. */
ns_status ns__merge_advance(ns__merge_job *job, uint64_t bytes, ns_error *err);
/* The same for bytes that count for no progress. */
ns_status ns__merge_look(ns__merge_job *job, uint64_t bytes, ns_error *err);

/* merge_order.c: the places of all articles in the input, into the sources. */
ns_status ns__merge_find_places(ns__merge_job *job, ns_error *err);
/* For articles that keep the order in which they stand: tells the output of their places, if some
 * segment had been reordered. */
ns_status ns__merge_keep_places(ns__merge_job *job, ns_error *err);

/* Whether some segment was reordered. */
bool ns__merge_is_placed(const ns__merge_job *job);
/* Ids of the live articles in input order, where the articles are not added in it. Their places
 * have been found. */
ns_status ns__merge_add_ids(ns__merge_job *job, ns_error *err);

/* What is needed to read one article after the other. Zero-initialised. */
typedef struct ns__article_reader {
    ns__buf text; /* bytes [text_start, …) of the segment's stored text, whole blocks */
    uint64_t text_start;
    ns__arena arena; /* of the facts */
    ns__zstrings_reader ids;
    ns__buf id, columns[NS__COLUMN_COUNT];
} ns__article_reader;
/* Facts and entry, valid until the next call. */
ns_status ns__article_read_entry(ns__article_reader *reader, const ns__articles *articles,
                                 uint32_t article, ns__article_facts *facts,
                                 ns__article_entry *entry, ns_error *err);
/* Bytes of the stored text, read ahead. Valid until the next call; of length 0: not NULL. */
ns_status ns__article_read_text(ns__article_reader *reader, const ns__store *store, uint64_t offset,
                                uint64_t length, const uint8_t **text, ns_error *err);
/* Before the first text of another segment. */
void ns__article_reader_start(ns__article_reader *reader);
void ns__article_reader_release(ns__article_reader *reader);

/* What the spellings of a chunk are for who writes them. */
typedef struct ns__spelling_copied {
    uint32_t stamp, number; /* the number holds if the stamp is that of the copier */
} ns__spelling_copied;

/* Zero-initialised. */
typedef struct ns__spelling_copier {
    const ns__spellings *of; /* whose chunk is open, or NULL */
    ns__spelling_chunk chunk;
    ns__spelling_copied *map;
    size_t capacity, zeroed;
    uint32_t stamp, epoch;
} ns__spelling_copier;
/* Adds headline and passages of an article. */
ns_status ns__merge_spellings(ns__spelling_copier *copier, const ns__segment *segment,
                              uint32_t article, const ns__article_facts *facts,
                              ns__spellings_writer *writer, ns_error *err);
void ns__spelling_copier_release(ns__spelling_copier *copier);

/* Copies articles and stored text, gives passages their new ids, finds the live forms. */
ns_status ns__merge_articles(ns__merge_job *job, ns_error *err);
/* Merges terms with their postings, then surfaces; fills headlines. */
ns_status ns__merge_lists(ns__merge_job *job, ns_error *err);

/* ---- What a reordering does in place of steps of a plain merge: see reorder.h ---- */

/* Into job->reorder; *pool is its own. */
ns_status ns__reorder_open(ns__merge_job *job, ns__pool **pool, ns_error *err);
/* Finds the order and writes articles and stored text; gives passages their new ids. */
ns_status ns__reorder_articles(ns__reorder *all, ns_error *err);
/* Writes terms and postings; fills source->ordinals and ref.terms. */
ns_status ns__reorder_terms(ns__reorder *all, ns__postings_writer *postings,
                            ns__terms_writer *terms, ns_error *err);
/* Fills job->headlines. */
ns_status ns__reorder_headlines(ns__reorder *all, ns_error *err);
void ns__reorder_close(ns__reorder *all); /* NULL is fine */

/* ---- merge_forms.c ---- */

/* Which forms occur in the live articles of a segment is stored nowhere: their text is analysed
 * once more. Only segments with dead articles need it. Where no text is kept, every form stays that
 * leads to a term which is still there: no query asks for forms. */
ns_status ns__forms_filter_open(const ns_index_settings *settings, uint64_t memory_bytes,
                                ns__forms_filter **out, ns_error *err);
void ns__forms_filter_close(ns__forms_filter *filter); /* NULL is fine */
/* Starts a segment: gives it its arrays, all zero. */
ns_status ns__forms_filter_start(ns__merge_source *source, ns_error *err);
/* Marks the forms of one live article. */
ns_status ns__forms_filter_add(ns__forms_filter *filter, ns__merge_source *source,
                               const ns__article_facts *facts, ns__str title, ns__str body,
                               ns_error *err);

#endif
