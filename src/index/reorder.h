/* Reordering: a merge that puts articles with the same words side by side, which makes lists
 * smaller and lets queries skip more. The passages of an article stay together, and the input order
 * of the articles is remembered: what a query gives does not change.
 *
 *   texts      reorder_articles.c   records, once through, into a temporary file
 *   lists      reorder_forward.c    the frequent terms of each article, from the posting lists
 *   order      bisection.c
 *   articles   reorder_articles.c   records from the temporary file, in the new order
 *   postings   reorder_postings.c   each list decoded, sorted by the new ids, written
 *
 * What a merge calls of it stands in merge_parts.h; this header is for these files alone.
 *
 * The order is a function of the live articles in input order alone: not of the segments they came
 * from, of threads or of memory. While it is looked for, some 60 bytes an article and 4 a passage
 * are kept, before there is anything of what a merge keeps; lists of terms that do not fit the
 * memory go into a temporary file, posting lists are sorted part by part.
 */
#ifndef NS_INDEX_REORDER_H
#define NS_INDEX_REORDER_H

#include "index/bisection.h"
#include "index/merge_parts.h"
#include "index/names.h"

/* Where an article comes from, by its place in the input. */
typedef struct ns__origin {
    uint64_t text; /* in the temporary file */
    uint32_t source, article;
} ns__origin;

struct ns__reorder {
    ns__merge_job *job;
    ns__pool *pool;
    ns__origin *origins; /* job->live */
    ns__spool *texts;
    ns__spool *lists; /* terms of articles; NULL when they fit the memory */
    ns__forward forward;
    uint32_t *order; /* order[new article]: its place in the input */
};

/* reorder_forward.c: fills all->forward. The sources' `passages` hold the place of each passage's
 * article. */
ns_status ns__reorder_forward(ns__reorder *all, ns_error *err);
void ns__reorder_forward_close(ns__reorder *all);

/* ---- reorder_walk.c: the terms of all segments, once each, in byte order ---- */

typedef struct ns__walked {
    uint32_t source;
    ns__term term;
} ns__walked;

typedef struct ns__term_walk {
    ns__merge_job *job;
    ns__name *heap; /* of sources */
    size_t heap_count;
    uint8_t text[NS_MAX_TERM_BYTES]; /* the term */
    size_t length;
    ns__walked *parts; /* the segments that have it, in their order */
    uint32_t part_count;
    uint64_t df; /* passages, dead ones included */
} ns__term_walk;

/* Only one walk at a time: it uses the sources' cursors. */
ns_status ns__term_walk_open(ns__merge_job *job, ns__term_walk *walk, ns_error *err);
/* NS_OK or, behind the last term, NS_DONE. */
ns_status ns__term_walk_next(ns__term_walk *walk, ns_error *err);
void ns__term_walk_close(ns__term_walk *walk);

#endif
