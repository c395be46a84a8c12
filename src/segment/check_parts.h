/* Shared by the files that check a segment: what has been learnt so far, and how to report. */
#ifndef NS_SEGMENT_CHECK_PARTS_H
#define NS_SEGMENT_CHECK_PARTS_H

#include "segment/articles_parts.h"
#include "segment/segment.h"

typedef struct ns__check_spellings ns__check_spellings;

typedef struct ns__check {
    const ns__segment *segment;
    const ns_index_settings *settings;
    bool (*report)(void *payload, const char *file, uint64_t offset, const char *message);
    void *payload;
    bool stopped; /* the receiver of reports wants no more */
    bool no_memory;
    bool incomplete; /* something could not be read: sums would only repeat that */

    ns__arena arena;           /* emptied after each article or list */
    uint64_t *headline_starts; /* of each article in `headlines`; count + 1 */
    uint32_t *headlines;       /* ordinals, sorted within each article */
    size_t headline_capacity;
    uint64_t *token_starts; /* body words before each passage; passages + 1 */
    uint8_t *tokens_seen;   /* bit: some term has this word; NULL when it would be too large */
    uint64_t *length_sums;  /* of combined tfs, each passage */
    uint64_t *title_sums;   /* of headline tfs, each passage */
    ns__check_spellings *spellings; /* NULL where there are none */
} ns__check;

static inline bool ns__check_goes_on(const ns__check *check)
{
    return !check->stopped && !check->no_memory;
}

/* Reports a fault of the file at `at`, which points into its map (or is NULL). */
void ns__check_fault(ns__check *check, const ns__frame *frame, const void *at, const char *format,
                     ...) __attribute__((format(printf, 4, 5)));
/* Reports what a reader found, or notes that memory was out. `prefix` says whose fault it is. */
void ns__check_error(ns__check *check, ns_status status, const ns_error *error, const char *prefix);

/* `count` zeros of `size` bytes; notes when memory is out. */
void *ns__check_alloc(ns__check *check, uint64_t count, size_t size);

void ns__check_articles(ns__check *check);
void ns__check_text(ns__check *check);
/* How words are written, before the terms: counts, and headlines. */
void ns__check_spellings_open(ns__check *check);
void ns__check_spellings_close(ns__check *check);
/* A word of a passage, where this term stands. */
void ns__check_spelling(ns__check *check, uint32_t article, uint32_t passage, uint32_t word,
                        uint32_t ordinal, const char *name);
void ns__check_terms(ns__check *check);
/* One list against lengths, headlines and its bounds; adds to the sums and to *counts. `name` is
 * the term, for messages. */
void ns__check_list(ns__check *check, const ns__term *term, const char *name,
                    ns__postings_counts *counts);

#endif
